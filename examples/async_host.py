"""partman inside an asyncio program: a pass runs in a thread, the loop goes on.

    python examples/async_host.py postgresql://localhost/scratch

The engine opens its own connections and keeps nothing between two calls, so any
thread may run it.  Cancelling the task does not stop a pass that has begun: it ends
by itself, and what it leaves undone the next one does.
"""

from __future__ import annotations

import asyncio
import os
import sys

import psycopg

from partman_core import Engine

TABLE = "partman_example.readings"
CREATE = """
CREATE SCHEMA IF NOT EXISTS partman_example;
CREATE TABLE IF NOT EXISTS partman_example.readings (
    at    timestamptz      NOT NULL,
    value double precision NOT NULL
) PARTITION BY RANGE (at)
"""


async def serve(beats: list[float]) -> None:
    """Stand for the requests that your program answers meanwhile."""
    loop = asyncio.get_running_loop()
    while True:
        beats.append(loop.time())
        await asyncio.sleep(0.005)


async def main(dsn: str) -> int:
    async with await psycopg.AsyncConnection.connect(dsn) as conn:
        await conn.execute(CREATE)
    engine = Engine(dsn)
    await asyncio.to_thread(
        engine.register, TABLE, partition_interval="1 hour", partition_count=48
    )

    beats: list[float] = []
    serving = asyncio.create_task(serve(beats))
    report = await asyncio.to_thread(engine.maintain, TABLE)
    serving.cancel()

    print(report)
    print(f"The event loop went round {len(beats)} times meanwhile.")
    return report.exit_code


if __name__ == "__main__":
    dsn = sys.argv[1] if sys.argv[1:] else os.environ.get("PARTMAN_DSN", "")
    sys.exit(asyncio.run(main(dsn)))

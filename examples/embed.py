"""partman inside a program of yours: declare, look, do, tell.

    python examples/embed.py postgresql://localhost/scratch

Run it as often as you like: what is there already is not made again.
"""

from __future__ import annotations

import os
import sys

import psycopg

from partman_core import Engine, PartmanError

TABLE = "partman_example.visits"
CREATE = """
CREATE SCHEMA IF NOT EXISTS partman_example;
CREATE TABLE IF NOT EXISTS partman_example.visits (
    at   timestamptz NOT NULL,
    page text        NOT NULL
) PARTITION BY RANGE (at)
"""


def main(dsn: str) -> int:
    with psycopg.connect(dsn) as conn:
        conn.execute(CREATE)  # the table is yours; partman takes care of its partitions

    engine = Engine(dsn)  # nothing is opened before it is needed
    engine.register(
        TABLE,
        partition_by="at",
        partition_interval="1 day",
        partition_count=7,  # today's, and six days ahead
        retention_period="30 days",
    )

    plan = engine.plan(TABLE)  # a value: it only says what would be done, and why
    print(plan)

    report = engine.maintain(TABLE)  # or apply(plan): that and nothing else
    print(report)
    for partition in engine.partitions(TABLE):
        print(partition.name, partition.bounds)
    return report.exit_code


if __name__ == "__main__":
    try:
        dsn = sys.argv[1] if sys.argv[1:] else os.environ.get("PARTMAN_DSN", "")
        sys.exit(main(dsn))
    except PartmanError as error:  # a sentence, and the way out
        print(error.message, error.hint or "", sep="\n", file=sys.stderr)
        sys.exit(error.exit_code)

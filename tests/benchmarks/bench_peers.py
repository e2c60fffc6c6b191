"""Put partman beside plain SQL and other partition managers: ``make bench-peers``.

Four clients insert and select as fast as they can, a reader holds long transactions;
meanwhile partitions are made, then retired.  The tables show what the clients felt:
transactions a second, and that as a part of what it was before the work; latencies;
the longest time in which nothing at all was finished; what was lost, in seconds of
undisturbed work; how long a round took, and how much was done in time, at least.
``--quick`` shows that it runs.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve
from peers import provision
from peers.application import CLIENTS, Habits
from peers.contenders import BestSql, Partman, PlainSql
from peers.partsmith import Partsmith
from peers.pg_partman import PgPartman
from peers.racing import Racecourse, Sizes
from peers.report import as_json, by_kind, shown
from peers.scene import Kind
from rich.console import Console
from run import RESULTS, machine

from partman_core.pg.embedded import embedded_server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from peers.contenders import Contender

SERVER = {
    "shared_buffers": "512MB",
    "max_wal_size": "16GB",
    "checkpoint_timeout": "1h",
    "max_connections": "40",
}
WIDTH = 120
"""Columns, at least: the tables are wide, and logs are not folded."""

SERVERS = {18: None, 15: provision.DEBIAN}
CONTENDERS: tuple[type[Contender], ...] = (
    Partman, BestSql, PlainSql, PgPartman, Partsmith,
)  # fmt: skip
NEEDED = {PgPartman: provision.pg_partman, Partsmith: provision.partsmith}
KINDS = (
    Kind("without DEFAULT"),
    Kind("with DEFAULT", default=True),
    Kind("with a foreign key", reference=True),
)
QUICK = (Kind("with DEFAULT and a foreign key", default=True, reference=True),)
SMALL = Sizes(work=3, warm_up=0.2, quiet=0.5, limit=10.0, rounds=1)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure all that is asked for."""
    given = _parser().parse_args(arguments)
    console = Console(soft_wrap=True)
    console.width = max(console.width, WIDTH)
    try:
        contenders = _gather(given)
    except provision.MissingError as missing:
        sys.exit(str(missing))
    found = [_raced(major, contenders, given, console) for major in given.server]
    path = given.output / f"peers-{time.strftime('%Y%m%d-%H%M%S')}.json"
    given.output.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1) + "\n")
    console.print(f"All numbers: {path}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    add, names = parser.add_argument, [who.name for who in CONTENDERS]
    add("--without", action="append", default=[], choices=names, metavar="NAME",
        help=f"leave one out: {', '.join(names)}")  # fmt: skip
    add("--server", action="append", type=int, choices=list(SERVERS),
        help="only on this PostgreSQL")  # fmt: skip
    add("--rounds", type=int, help="of each, at most")
    add("--reader", choices=["today", "whole"], default="today",
        help="what the long transactions read")  # fmt: skip
    add("--quick", action="store_true", help="small, once")
    add("--output", type=Path, default=RESULTS, help="a directory")
    return parser


def _gather(given: argparse.Namespace) -> list[type[Contender]]:
    """Return who takes part, with all that it takes in place."""
    given.server = given.server or list(SERVERS)
    there = [who for who in CONTENDERS if who.name not in given.without]
    there = [who for who in there if set(who.servers) & set(given.server)]
    if 15 in given.server:
        provision.debian_server()
    for who in there:
        if who in NEEDED:
            NEEDED[who]()
    return there


def _raced(
    major: int,
    contenders: Sequence[type[Contender]],
    given: argparse.Namespace,
    console: Console,
) -> dict[str, Any]:
    """Let them race on one server, show it, and return all numbers."""
    sizes = SMALL if given.quick else Sizes()
    sizes = evolve(sizes, rounds=given.rounds or sizes.rounds)
    stay = 0.3 if given.quick else 2.0
    habits = Habits(stay=stay, whole=given.reader == "whole")
    there = [who for who in contenders if major in who.servers]
    with embedded_server(settings=SERVER, bin_dir=SERVERS[major]) as server:
        course = Racecourse(server.dsn, major, habits, sizes, console.print)
        standings = course.run(there, QUICK if given.quick else KINDS)
        told = machine(server.dsn)
    for kind, some in by_kind(standings).items():
        title = f"PostgreSQL {told['postgresql']}, {CLIENTS} clients, {kind.name}"
        console.print(shown(title, some, sizes.work, judged=not given.quick))
    return {"machine": told, "standings": [as_json(each) for each in standings]}


if __name__ == "__main__":
    main()

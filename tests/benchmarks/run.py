"""Measure partman against plain SQL: ``make bench``, or ``--quick`` to see it run.

The server is an embedded one with fsync on.  The table shows the best and the middle
time, CPU seconds of client and server together, what that is compared with the first
way of the case, and the round trips, those that open a connection counted.  All
samples are written to a file as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from attrs import asdict
from cases import Bench, Case, Sizes, Target
from latency import delayed
from measuring import Measured, Server
from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.table import Table
from scenes import Databases

from partman_core import __version__
from partman_core.pg.embedded import embedded_server

if TYPE_CHECKING:
    from collections.abc import Sequence

RESULTS = Path(__file__).with_name("results")
SERVER = {
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "autovacuum": "off",
    "max_connections": "20",
}
CASES = ("create", "noop", "retire", "tenants", "startup")
QUICK, FULL = Sizes(12, 3, 1), Sizes(1000, 100, 3)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the cases that are asked for."""
    given = _parser().parse_args(arguments)
    console = Console(soft_wrap=True)
    with (
        embedded_server(settings=SERVER) as running,
        delayed(running.dsn, given.latency / 1000) as far,
    ):
        dsn = far if given.latency else running.dsn
        bench = Bench(Databases(dsn), Server(running.pid), _sizes(given))
        found = []
        for name in given.cases or CASES:
            for case in getattr(bench, name)():
                console.print(shown(case))
                found.append(case)
        written = write(found, given.output, running.dsn)
    console.print(f"All samples: {written}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    names = ", ".join(CASES)
    parser.add_argument("cases", nargs="*", type=_case, metavar="CASE", help=names)
    parser.add_argument("--partitions", type=int, help="of the large table")
    parser.add_argument("--tables", type=int, help="each with as many partitions")
    parser.add_argument("--runs", type=int, help="of each way; small ones 5 times that")
    late = "milliseconds that are added to each round trip"
    parser.add_argument("--latency", type=float, default=0.0, metavar="MS", help=late)
    parser.add_argument("--quick", action="store_true", help="small, once")
    parser.add_argument("--output", type=Path, default=RESULTS, help="a directory")
    return parser


def _case(name: str) -> str:
    if name not in CASES:
        raise argparse.ArgumentTypeError(f"there is no case {name!r}")
    return name


def _sizes(given: argparse.Namespace) -> Sizes:
    usual = QUICK if given.quick else FULL
    return Sizes(
        given.partitions or usual.partitions,
        given.tables or usual.tables,
        given.runs or usual.runs,
    )


def shown(case: Case) -> Group:
    """Return a case as a table, one row for each way, with its targets below."""
    table = Table(title=case.title, title_justify="left", box=SIMPLE_HEAD)
    table.add_column("way", min_width=30)
    for heading in ("best", "median", "x", "CPU s", "x", "trips"):
        table.add_column(heading, justify="right")
    base = case.measured[0]
    for way in case.measured:
        table.add_row(
            way.way,
            _time(way.best),
            _time(way.median),
            f"{way.best / base.best:.2f}",
            "-" if way.cpu is None else f"{way.cpu:.3f}",
            _cpu_ratio(way, base),
            _trips(case, way),
        )
    return Group(table, *(_verdict(case, target) for target in case.targets), "")


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


def _cpu_ratio(way: Measured, base: Measured) -> str:
    return f"{way.cpu / base.cpu:.2f}" if way.cpu and base.cpu else "-"


def _trips(case: Case, way: Measured) -> str:
    if way.round_trips is None:
        return "-"
    if case.things == 1:
        return str(way.round_trips)
    return f"{way.round_trips / case.things:.2f} each"


def _verdict(case: Case, target: Target) -> str:
    """Say how a way does against what it is held to."""
    ratio, trips = _reached(case, target)
    told = f"{target.way}: {ratio:.2f} x {target.baseline}, at most {target.ratio:g} x"
    met = ratio <= target.ratio
    if target.round_trips is not None and trips is not None:
        told += f"; {trips:.2g} round trips, at most {target.round_trips:g}"
        met = met and trips <= target.round_trips
    return f"{'met     ' if met else '[bold]MISSED[/]  '}{told}"


def _reached(case: Case, target: Target) -> tuple[float, float | None]:
    found = {measured.way: measured for measured in case.measured}
    way, base = found[target.way], found[target.baseline]
    trips = None if way.round_trips is None else way.round_trips / case.things
    return way.best / base.best, trips


def write(found: Sequence[Case], directory: Path, dsn: str) -> Path:
    """Write all samples; return the file."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
    told = {"machine": machine(dsn), "cases": [_as_json(case) for case in found]}
    path.write_text(json.dumps(told, indent=1) + "\n")
    return path


def machine(dsn: str) -> dict[str, Any]:
    """Say what it was measured on."""
    with psycopg.connect(dsn) as conn:
        version = conn.info.parameter_status("server_version")
    return {
        "partman": __version__,
        "python": platform.python_version(),
        "postgresql": version,
        "libpq": psycopg.pq.__impl__,
        "system": f"{platform.system()} {platform.machine()}",
        "cpus": os.cpu_count(),
        "load": os.getloadavg(),
    }


def _as_json(case: Case) -> dict[str, Any]:
    told = asdict(case)
    for target, value in zip(case.targets, told["targets"], strict=True):
        value["reached"], value["round_trips_reached"] = _reached(case, target)
    return told


if __name__ == "__main__":
    main()

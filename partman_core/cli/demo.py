"""``partman demo``: a true story on real data, on a PostgreSQL of its own."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from partman_core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import psycopg

    from partman_core.cli.output import Output
    from partman_core.cli.state import State
    from partman_core.engine import Engine
    from partman_core.pg.embedded import EmbeddedServer
    from partman_core.report import Report

TABLE = "public.flights"
BY_CARRIER = "public.flights_by_carrier"
TENANTS = {
    "tenant_column": "carrier",
    "tenants_query": "SELECT DISTINCT carrier FROM public.flights",
}
BAR = 40


@click.command()
@click.option("--keep", is_flag=True, help="Leave the server running at the end.")
@click.pass_obj
def demo(state: State, keep: bool) -> None:
    """Tell a true story on a PostgreSQL of its own.

    Nothing of it is left behind, unless you --keep it.  Takes less than a minute;
    --dsn and the settings file do not matter here.
    """
    with _server(keep=keep) as server:
        from partman_core.pg.session import connect

        with connect(server.dsn) as conn:
            engine = state.engine_for(server.dsn)
            Story(state.out, engine, conn, server.directory).tell()
        _farewell(state.out, server if keep else None)


@contextmanager
def _server(*, keep: bool) -> Iterator[EmbeddedServer]:
    """Yield a running server; it ends with an error, or unless it is kept."""
    from partman_core.pg.embedded import THROWAWAY, EmbeddedServer

    server = EmbeddedServer(settings=THROWAWAY, outlive=keep)
    server.start()
    told = False
    try:
        yield server
        told = True
    finally:
        if not (keep and told):
            server.stop()


class Story:
    """The demo, step by step.

    :param out: what it is told with.
    :param engine: works on the demo's server.
    :param conn: to the demo's server, in autocommit.
    :param place: where the server is.
    """

    def __init__(
        self,
        out: Output,
        engine: Engine,
        conn: psycopg.Connection[Any],
        place: Path,
    ) -> None:
        self._out = out
        self._place = place
        self._engine = engine
        self._conn = conn
        self._today = datetime.now(UTC).date()
        self._steps = 0

    def tell(self) -> None:
        """Tell all of it."""
        self._make_table()
        self._register()
        self._maintain()
        self._load()
        self._retain()
        self._apply()
        self._part_by_carrier()
        self._look()

    def _step(self, title: str, *calls: str) -> None:
        self._steps += 1
        self._out.say()
        self._out.say(self._out.paint(f"{self._steps}. {title}", "strong"))
        for call in calls:
            self._out.say(self._out.paint(f"   {call}", "quiet"))

    def _lines(self, lines: Iterator[str]) -> None:
        for line in lines:
            self._out.say(f"   {line}".rstrip())

    def _make_table(self) -> None:
        from partman_core.pg import demo as database

        version = database.version(self._conn)
        self._out.say(f"PostgreSQL {version} of its own is up, in {self._place}.")
        self._step("A partitioned table, in plain SQL. It has no partitions yet.")
        self._lines(iter(database.CREATE.splitlines()))
        database.create(self._conn)

    def _settings(self) -> dict[str, Any]:
        from partman_core.cli.flights import first_hour

        return {
            "partition_by": "time_hour",
            "partition_interval": "1 month",
            "partition_count": 3,
            "start": f"{first_hour(self._today):%Y-%m-%d %H:%M+00}",
        }

    def _register(self) -> None:
        from partman_core.cli.registrations import registration_lines

        settings = self._settings()
        self._step(
            "Register it: a partition a month, from the first flight on, 3 ahead.",
            *_call(settings),
        )
        done = self._engine.register(TABLE, **settings)
        self._lines(registration_lines(done, self._out))

    def _maintain(self) -> None:
        self._step("Maintain it: what is missing is made.", "partman maintain")
        self._tell(self._engine.maintain())

    def _tell(self, report: Report) -> None:
        """Say in one line what a run did; a story goes on only if all went well."""
        from partman_core.cli.words import report_lines, tally_done

        body = report.to_json()
        if report.interrupted:
            raise KeyboardInterrupt
        if report.exit_code:
            self._lines(report_lines(body, self._out.paint))
            raise Refused("the demo cannot go on: its run did not end well")
        self._out.say(f"   {tally_done(body)}")

    def _load(self) -> None:
        from partman_core.cli.flights import flights
        from partman_core.pg import demo as database

        self._step(
            "Load all flights that left New York City in 2013, as if they were of the "
            "last 12 months.",
            f"COPY {TABLE} FROM STDIN",
        )
        began = time.monotonic()
        with _progress(self._out) as progress, flights(self._today, progress) as rows:
            loaded = database.load(self._conn, rows)
        took = time.monotonic() - began
        self._out.say(f"   {loaded:,} rows in {took:.1f} s:")
        self._show_counts(database.counts(self._conn))

    def _show_counts(self, counts: Mapping[str, int]) -> None:
        most = max(counts.values())
        for name, rows in counts.items():
            self._out.say(
                f"   {name}  {rows:>7,}  {'=' * (rows * BAR // most)}".rstrip()
            )
        self._out.say(f"   {'total':<{len(name)}}  {sum(counts.values()):>7,}")

    def _retain(self) -> None:
        from partman_core.cli.registrations import registration_lines

        settings = self._settings() | {"retention_period": "9 months"}
        self._step(
            "Keep 9 months from now on. What retires more has to be confirmed.",
            f'engine.register("{TABLE}", ...,',
            '    retention_period="9 months", confirm=True)',
        )
        done = self._engine.register(TABLE, confirm=True, **settings)
        self._lines(registration_lines(done, self._out))

    def _apply(self) -> None:
        from partman_core.cli.words import plan_lines
        from partman_core.pg import demo as database

        self._step("See first what that means. A plan changes nothing.", "partman plan")
        plan = self._engine.plan()
        self._lines(plan_lines(plan.to_json(), self._out.paint))
        self._step("Do exactly this.", "partman apply")
        self._tell(self._engine.apply(plan))
        self._show_counts(database.counts(self._conn))

    def _part_by_carrier(self) -> None:
        from partman_core.pg import demo as database

        self._step(
            "The same flights, each carrier's apart: a tenant each, with its months.",
        )
        self._lines(iter(database.CREATE_BY_CARRIER.splitlines()))
        settings = self._settings() | {"retention_period": "9 months"} | TENANTS
        for line in _call(settings, BY_CARRIER):
            self._out.say(self._out.paint(f"   {line}", "quiet"))
        database.create_by_carrier(self._conn)
        self._engine.register(BY_CARRIER, **settings)
        self._tell(self._engine.maintain())
        self._show_counts(database.fill_by_carrier(self._conn))

    def _look(self) -> None:
        from partman_core.cli.status import health_json, status_lines

        self._step("How is it?", "partman status")
        found = list(map(health_json, self._engine.check()))
        self._lines(status_lines(found, self._out.paint))


def _call(settings: Mapping[str, Any], table: str = TABLE) -> Iterator[str]:
    """Write the call that registers a table, in lines of a fitting length."""
    yield f'engine.register("{table}",'
    said = [f"{key}={_quoted(value)}" for key, value in settings.items()]
    lines = [", ".join(said[place : place + 2]) for place in range(0, len(said), 2)]
    for line in lines[:-1]:
        yield f"    {line},"
    yield f"    {lines[-1]})"


def _quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


@contextmanager
def _progress(out: Output) -> Iterator[Callable[[float], None]]:
    """Yield what takes the part that is done; shown where stderr is a terminal."""
    if not out.live:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("   flights", total=1.0)
        yield lambda part: bar.update(task, completed=part)


def _farewell(out: Output, kept: EmbeddedServer | None) -> None:
    out.say()
    if kept is None:
        out.say("The server ends now, and nothing of it is left. What to try next:")
        out.say("   partman demo --keep       leaves it running, to play with")
        out.say("   partman register --help   for a table of your own")
        return
    out.say("The server goes on. What to try next:")
    _show_pages(out, kept)
    out.say(f"   export PARTMAN_DSN='{kept.dsn}'")
    out.say("   partman status; partman partitions flights; partman history")
    out.say("   partman tenants list flights_by_carrier")
    out.say("   partman plan --now 2030-01-01 --sql --locks")
    out.say("It ends, and nothing of it is left, with:")
    out.say(f"   {kept.how_to_stop()}")


def _show_pages(out: Output, kept: EmbeddedServer) -> None:
    """Say where the pages are; a demo without them is one all the same."""
    from partman_core.cli import demo_pages

    if not demo_pages.are_installed():
        out.say("   pip install 'partman[webui]'; partman ui    shows it in a browser")
        return
    link = demo_pages.show(kept.dsn, kept.directory)
    if link is None:
        out.say(f"   partman ui    (it did not start: {kept.directory / 'pages.log'})")
        return
    out.say("   open this in a browser (once, within 10 minutes; later: partman ui):")
    out.say(f"   {link}")

"""What retention would take, and somebody keeps: the bin, the way back, holds."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from partman_core.bounds import clause
from partman_core.naming import Name
from partman_core.planner.holds import ENDLESS, is_held
from partman_webui import planned, shaped, shapes
from partman_webui.api.plans import moment
from partman_webui.api.runs import begun
from partman_webui.app import Route
from partman_webui.deeds import Wanted, is_on
from partman_webui.problems import problem
from partman_webui.shapes import FieldProblem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from partman_core.engine import InBin, Stop
    from partman_core.engine.reading import Sight
    from partman_core.engine.telling import Asker
    from partman_core.keys import Codec
    from partman_core.report import Report
    from partman_webui.answers import Answer
    from partman_webui.api.served import Served
    from partman_webui.app import Asked
    from partman_webui.database import Database


def routes(served: Served) -> Iterator[Route]:
    """Yield the addresses."""
    yield Route("GET", "/api/v1/bin", partial(bin_, served))
    yield Route(
        "POST", "/api/v1/bin/attach", partial(attach, served), needs="apply",
        action="attach",
    )  # fmt: skip
    rule = "/api/v1/holds"
    yield Route("GET", rule, partial(holds, served))
    yield Route("POST", rule, partial(hold, served), needs="apply", action="hold")
    yield Route(
        "DELETE", rule, partial(release, served), needs="apply", action="release"
    )


def bin_(served: Served, asked: Asked) -> shapes.Bin:
    """Return what retention took out and nobody has dropped yet."""
    table = asked.query.get("table")
    items = [_binned(one) for one in served.database(asked).bin().value]
    return shapes.Bin(items=[one for one in items if table in {None, "", one.table}])


def attach(served: Served, asked: Asked) -> Answer:
    """Bring a partition back from the bin, in a run."""
    wanted = asked.read(shapes.AttachAsked)
    database, name = served.database(asked), _named(wanted.partition, "/partition")
    engine = database.engine
    made = engine.attach(name, dry_run=True, hold=wanted.hold)
    (part,) = made.tables
    table = str(part.table)
    if (on := database.deeds.of(table)) is not None:
        raise is_on(table, on.run)
    shown = planned.plan(made, engine.explain(made))

    def work(asker: Asker, _word: Stop) -> Report:
        return engine.attach(name, hold=wanted.hold, asker=asker)

    return begun(
        served, asked, work,
        Wanted(
            table=table,
            actor=asked.actor.name,
            reason=f"bring {name} back",
            locks=planned.strongest(shown),
            planned=len(made.operations),
        ),
        action="attach",
    )  # fmt: skip


def holds(served: Served, asked: Asked) -> shapes.Holds:
    """Return what is on hold."""
    return _holds(served.database(asked))


def _holds(database: Database) -> shapes.Holds:
    look, contents = database.look().value, database.bin().value
    return shapes.Holds(items=_held_now(look.sight, contents, look.codecs))


def hold(served: Served, asked: Asked) -> shapes.Holds:
    """Put a partition on hold."""
    wanted = asked.read(shapes.HoldAsked)
    database, name = served.database(asked), _named(wanted.partition, "/partition")
    until = None if wanted.until is None else moment(wanted.until, "/until")
    made = database.engine.hold(name, reason=wanted.reason, until=until)
    served.record(asked, "hold", str(made.partition), made.reason)
    database.reads.forget()
    return _holds(database)


def release(served: Served, asked: Asked) -> shapes.Holds:
    """Let a partition go."""
    database = served.database(asked)
    name = _named(asked.query.get("partition", ""), "?partition")
    if database.engine.release(name) is not None:
        served.record(asked, "release", str(name))
    database.reads.forget()
    return _holds(database)


def _named(text: str, pointer: str) -> Name:
    """Read a partition's name.

    :raises ProblemError: ``validation``: it is none.
    """
    try:
        return Name.parse(text)
    except ValueError as error:
        detail = f"{error}" if text else "name a partition here, as SQL writes it"
        raise problem(
            "validation",
            f"What was sent is not right at {pointer}: {detail}.",
            errors=[FieldProblem(pointer=pointer, detail=detail)],
        ) from error


def _binned(one: InBin) -> shapes.Binned:
    """Return what is in the bin."""
    return shapes.Binned(
        name=str(one.partition),
        table="" if one.table is None else str(one.table),
        bounds=clause(one.bounds),
        action=one.action,
        retired_at=shaped.iso(one.retired_at),
        due=shaped.iso_or_none(one.due),
        rows=one.rows,
        bytes=one.bytes,
        hold_until=shaped.iso_or_none(one.hold_until),
        hold_reason=one.hold_reason,
    )


def _held_now(
    sight: Sight, contents: Iterable[InBin], codecs: Mapping[str, Codec]
) -> list[shapes.Held]:
    """Return what is on hold, in tables and in the bin."""
    found = []
    for seen in sight.tables:
        kept = {
            name
            for one in seen.health.findings
            if one.code == "held"
            for name in one.data.get("partitions", ())
        }
        for one in shaped.places(seen.view, codecs):
            part = one.partition
            if is_held(part, sight.now):
                table, name = str(seen.view.declared.name), str(part.name)
                found.append(
                    _held(name, table, part.hold_until, part.hold_reason, kept)
                )
    for binned_one in contents:
        if binned_one.hold_until is not None:
            whose = None if binned_one.table is None else str(binned_one.table)
            over = {str(binned_one.partition)} if binned_one.overdue else set()
            found.append(
                _held(
                    str(binned_one.partition), whose, binned_one.hold_until,
                    binned_one.hold_reason, over,
                )
            )  # fmt: skip
    return found


def _held(
    name: str,
    table: str | None,
    until: datetime | None,
    why: str | None,
    overdue: set[str],
) -> shapes.Held:
    endless = until is None or until >= ENDLESS
    return shapes.Held(
        partition=name,
        table=table,
        until=None if endless else shaped.iso_or_none(until),
        reason=why,
        overdue=name in overdue,
    )

"""``partman migrate-from``: take over from another partition manager."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click
from attrs import evolve

from partman_core.bounds import DefaultBounds
from partman_core.cli import options, words
from partman_core.cli.adopt import adoption_json, adoption_lines
from partman_core.cli.registrations import change_lines, registration_json
from partman_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partman_core.adopt import Adoption
    from partman_core.cli.output import Output
    from partman_core.cli.state import State
    from partman_core.engine import Taken, Takeover
    from partman_core.errors import PartmanError

MOST_NAMED = 12
"""Partitions that are named one by one."""

PEERS = ("pg_partman", "go_partman", "gopartman", "pg-partsmith")


@click.command()
@click.argument("peer", metavar="PEER", type=click.Choice(PEERS))
@options.tables_argument
@click.option("--schema", help="Where PEER keeps its tables.  [default: found]")
@click.option(
    "--document",
    type=click.Path(dir_okay=False),
    help="The file with pg-partsmith's settings.",
)
@click.option("--timezone", help="In whose calendar its periods begin.  [default: UTC]")
@options.dry_run_option
@options.yes_option("Take over what is shown.")
@options.json_option
@click.pass_obj
def migrate_from(  # noqa: PLR0913 - one for each flag
    state: State,
    /,
    *,
    peer: str,
    tables: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    as_json: bool,
    **where: Any,
) -> int:
    """Take over the tables of PEER: its settings and the partitions that it made.

    PEER is pg_partman, go_partman, gopartman or pg-partsmith.  What would be written
    is shown first.  It is refused while PEER still maintains; its own tables are only
    read.  What is no longer kept is left alone: `partman adopt` asks for it.
    """

    def take(*, dry_run: bool = False, confirm: bool = False) -> Takeover:
        return state.engine.migrate_from(
            peer, *tables, dry_run=dry_run, confirm=confirm, **where
        )

    if not (dry_run or yes or as_json) and sys.stdin.isatty():
        shown = take(dry_run=True)
        _say(state.out, shown)
        if shown.fit and not shown.busy:
            options.ask("Take these over?")
            yes = True
    done = take(dry_run=dry_run, confirm=yes)
    if as_json:
        state.out.envelope("migrate-from", _body(done))
    else:
        _say(state.out, done)
    return done.exit_code


def _say(out: Output, done: Takeover) -> None:
    for line in takeover_lines(done, out):
        out.say(line)


def _body(done: Takeover) -> dict[str, Any]:
    return {
        "peer": done.peer,
        "schema": done.schema,
        "dry_run": done.dry_run,
        "warnings": list(done.warnings),
        "tables": [_entry(one, dry_run=done.dry_run) for one in done.tables],
    }


def _entry(one: Taken, *, dry_run: bool) -> dict[str, Any]:
    proposal, error = one.proposal, one.error
    return {
        "table": str(one.table),
        "is_ours": one.is_ours,
        "settings": dict(proposal.settings),
        "tenants": {tenant: dict(own) for tenant, own in proposal.tenants.items()},
        "notes": list(proposal.notes),
        "obstacle": proposal.obstacle,
        "busy": proposal.busy,
        "stop": proposal.stop,
        "error": None if error is None else _failure(error),
        "registration": registration_json(made) if (made := one.registration) else None,
        "adoption": (
            adoption_json(found, dry_run=dry_run) if (found := one.adoption) else None
        ),
        "plan": None if one.plan is None else one.plan.to_json(),
    }


def _failure(error: PartmanError) -> dict[str, Any]:
    several = list(error.mistakes) if isinstance(error, ConfigError) else []
    return {
        "code": error.code,
        "message": str(error),
        "hint": error.hint,
        "mistakes": several or [str(error)],
    }


def takeover_lines(done: Takeover, out: Output) -> Iterator[str]:
    """Say what was, or would be, taken over."""
    where = f", in the schema {done.schema}" if done.schema else ""
    yield f"{done.peer}{where}: {_tables(len(done.tables))}"
    for one in done.tables:
        yield ""
        yield from _table_lines(one, out, dry_run=done.dry_run)
    for warning in done.warnings:
        yield ""
        yield f"! {warning}"
    yield from _last_lines(done)


def _last_lines(done: Takeover) -> Iterator[str]:
    """Say how it ended, and what comes next."""
    taken, busy = len(done.fit), len(done.busy)
    if done.dry_run or taken:
        yield ""
    if done.dry_run:
        yield f"{_tables(taken)} can be taken over. Nothing was written."
        if busy:
            verb = "is" if busy == 1 else "are"
            yield (
                f"{_tables(busy)} {verb} still maintained by {done.peer}: stop that "
                "first, by what stands behind `try`; until then it is refused."
            )
    elif taken:
        whose = "is partman's now" if taken == 1 else "are partman's now"
        yield (
            f"{_tables(taken)} {whose}; what {done.peer} has written down is as it was."
        )
        yield "Next: `partman plan` shows what is due, `partman maintain` does it."


def _tables(number: int) -> str:
    return "1 table" if number == 1 else f"{number} tables"


def _table_lines(one: Taken, out: Output, *, dry_run: bool) -> Iterator[str]:
    name, proposal = out.paint(str(one.table), "strong"), one.proposal
    if one.is_ours:
        yield f"{name}: partman manages it already"
        return
    if proposal.obstacle:
        yield f"{name}: {out.paint('left', 'change')}: {proposal.obstacle}"
        return
    if one.error is not None:
        yield f"{name}: {out.paint('left', 'change')}: {one.error}"
        several = one.error.mistakes if isinstance(one.error, ConfigError) else ()
        if len(several) > 1:
            yield from (f"    - {mistake}" for mistake in several)
        if one.error.hint:
            yield f"    = try: {one.error.hint}"
        return
    if proposal.busy:
        yield f"{name}: {out.paint('still maintained', 'bad')}: {proposal.busy}"
        if proposal.stop:
            yield f"    = try: {proposal.stop}"
    yield from _written_lines(one, out, dry_run=dry_run)


def _written_lines(one: Taken, out: Output, *, dry_run: bool) -> Iterator[str]:
    """Say which settings are, or would be, written, and what is adopted."""
    if one.registration is not None:
        yield from change_lines(one.registration, out)
    if one.proposal.tenants:
        yield f"  tenants: {', '.join(one.proposal.tenants)}"
    for note in one.proposal.notes:
        yield f"  {out.paint('!', 'change')} {note}"
    if one.adoption is not None:
        yield from _adopted_lines(one.adoption, out, dry_run=dry_run)
    due = one.plan
    if due is None and one.registration is not None:
        due = one.registration.plan
    if due is not None:
        yield f"  due now: {words.tally(due.to_json())}"


def _adopted_lines(done: Adoption, out: Output, *, dry_run: bool) -> Iterator[str]:
    """Say what is, or would be, adopted: the first few, and how many more."""
    others = tuple(
        one
        for one in done.refused
        if not isinstance(one.partition.bounds, DefaultBounds)
    )
    lines = list(adoption_lines(evolve(done, refused=others), out, dry_run=dry_run))
    number = len(done.accepted)
    yield from lines[:number][:MOST_NAMED]
    if number > MOST_NAMED:
        yield f"    and {number - MOST_NAMED} more, which --json names"
    yield from lines[number:]
    if defaults := len(done.refused) - len(others):
        what = "1 DEFAULT partition stays as it is"
        if defaults > 1:
            what = f"{defaults} DEFAULT partitions stay as they are"
        yield f"  {what}: retention never touches them"

"""``partman tenants``: who has partitions of their own in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from partman_core.cli import flags, options

if TYPE_CHECKING:
    from collections.abc import Callable

    from partman_core.cli.output import Output
    from partman_core.cli.state import State
    from partman_core.engine import TenantChange, TenantInfo

TENANTS = click.argument("names", metavar="TENANT...", nargs=-1, required=True)


def changing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what all commands have that change a table's tenants."""
    command = options.json_option(click.pass_obj(command))
    agree = "Agree to a change that retires more than before."
    command = options.dry_run_option(options.yes_option(agree)(command))
    return options.table_argument(TENANTS(command))


def declaration(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the same, and the flags of what can be a tenant's own."""
    command, either = changing(command), flags.TextOrNumber()
    for flag, kind, meaning in (
        ("--retention-period", either, "How long its rows are kept."),
        ("--partition-count", int, "Periods to keep ready, this one counted."),
        ("--partition-interval", either, "Width of its partitions."),
    ):
        text = f"{meaning}  [default: the table's]"
        command = click.option(flag, type=kind, help=text)(command)
    return command


@click.group("tenants")
def tenants() -> None:
    """Say who has partitions of their own in a table, and what is another for them."""


@tenants.command("list")
@options.table_argument
@options.json_option
@click.pass_obj
def show(state: State, table: str, as_json: bool) -> None:
    """List the tenants of TABLE: registered, found, or with partitions only."""
    found = state.engine.tenants(table)
    if as_json:
        state.out.envelope("tenants", {"tenants": [_entry(one) for one in found]})
        return
    if not found:
        state.out.note(f"{table} has no tenants yet")
    state.out.table(
        ("TENANT", "PARTITIONS", "ROWS", "SIZE", "OWN SETTINGS", "KNOWN"),
        map(_row, found),
        right="PARTITIONS ROWS SIZE",
        spare="SIZE KNOWN",
        fold="OWN SETTINGS",
    )


@tenants.command()
@declaration
def add(state: State, /, **given: Any) -> None:
    """Have partitions made in TABLE for each TENANT, from the next run on.

    This is a full declaration: what is not given is as the table has it.
    """
    _declare(state, **given)


@tenants.command("set")
@declaration
def change(
    state: State, /, *, table: str, names: tuple[str, ...], **given: Any
) -> None:
    """Change what is another for each TENANT than for TABLE.

    This is a full declaration: what is not given is as the table has it.
    """
    from partman_core.errors import ConfigError

    tried = state.engine.register_tenants(table, names, confirm=True, dry_run=True)
    if tried.added:
        raise ConfigError(
            f"{tried.table} has no registered tenant {tried.added[0]!r}",
            hint="`partman tenants add` registers one",
            code="unknown-tenant",
        )
    _declare(state, table=table, names=names, **given)


@tenants.command()
@changing
def remove(  # noqa: PLR0913 - one for each flag
    state: State,
    /,
    *,
    table: str,
    names: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Make no more partitions in TABLE for each TENANT; what there is stays.

    Retention goes on for that, by the settings of the table.
    """
    _consented(
        state, "tenants remove",
        lambda confirm: state.engine.remove_tenants(
            table, names, confirm=confirm, dry_run=dry_run
        ),
        yes=yes, as_json=as_json,
    )  # fmt: skip


def _declare(  # noqa: PLR0913 - one for each flag
    state: State,
    *,
    table: str,
    names: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    as_json: bool,
    **own: Any,
) -> None:
    _consented(
        state, "tenants",
        lambda confirm: state.engine.register_tenants(
            table, dict.fromkeys(names, own), confirm=confirm, dry_run=dry_run
        ),
        yes=yes, as_json=as_json,
    )  # fmt: skip


def _consented(
    state: State,
    command: str,
    change: Callable[[bool], TenantChange],
    *,
    yes: bool,
    as_json: bool,
) -> None:
    """Make a change, after a question where it retires more, and tell of it."""
    from partman_core.cli.registrations import with_consent

    _tell(state.out, command, with_consent(change, yes=yes), as_json=as_json)


def _tell(out: Output, command: str, done: TenantChange, *, as_json: bool) -> None:
    if as_json:
        out.envelope(command, _described(done))
        return
    out.say(f"{out.paint(str(done.table), 'strong')}: {_headline(done)}")
    from partman_core.cli import words
    from partman_core.naming import as_typed

    body = done.plan.to_json()
    if done.dry_run:
        for line in words.plan_lines(body, out.paint):
            out.say(line)
        out.say("Nothing was written (--dry-run).")
    elif done.plan:
        again = f"partman plan {as_typed(done.table)}"
        out.say(f"  due now: {words.tally(body)}; try: {again}")


def _headline(done: TenantChange) -> str:
    parts = [
        f"{', '.join(map(repr, some))} {what}"
        for some, what in (
            (done.added, "added"),
            (done.changed, "changed"),
            (done.removed, "removed; what they have stays"),
        )
        if some
    ]
    return "; ".join(parts) or "nothing changed"


def _described(done: TenantChange) -> dict[str, Any]:
    return {
        "table": str(done.table),
        "added": list(done.added),
        "changed": list(done.changed),
        "removed": list(done.removed),
        "dry_run": done.dry_run,
        "plan": done.plan.to_json(),
    }


def _entry(one: TenantInfo) -> dict[str, Any]:
    return {
        "tenant": one.tenant,
        "registered": one.registered,
        "known": one.known,
        "settings": dict(one.own),
        "partitions": one.partitions,
        "rows": one.rows,
        "bytes": one.bytes,
    }


def _row(one: TenantInfo) -> tuple[str, ...]:
    from partman_core.cli import words

    own = ", ".join(f"{key} = {value}" for key, value in one.own.items())
    known = "registered" if one.registered else "found" if one.known else "no"
    return (
        one.tenant,
        str(one.partitions),
        words.count(one.rows),
        words.size(one.bytes),
        own,
        known,
    )

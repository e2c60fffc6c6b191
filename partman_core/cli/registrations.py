"""What ``register``, ``unregister`` and ``sync`` share: consent, and the difference."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeVar

from partman_core.cli import failing, options, words
from partman_core.errors import PartmanError
from partman_core.naming import as_typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from partman_core.cli.output import Output
    from partman_core.engine import Registration

T = TypeVar("T")

NEEDS_CONSENT = "needs-confirmation"
"""Code of the engine's error about a change that retires more than before."""


def with_consent(change: Callable[[bool], T], *, yes: bool) -> T:
    """Make a change; ask the person at the terminal if it needs their consent.

    :param change: takes whether the change is confirmed.
    :raises PartmanError: nobody is there to be asked.
    :raises Declined: the answer was no, or none.
    """
    try:
        return change(yes)
    except PartmanError as error:
        if not may_ask(error):
            raise
        failing.tell(error)
    options.ask("Do it?")
    return change(True)


def may_ask(error: PartmanError) -> bool:
    """Say whether a person at the terminal could consent to what was refused."""
    return error.code == NEEDS_CONSENT and sys.stdin.isatty()


def show_registrations(
    out: Output, command: str, done: Sequence[Registration], *, as_json: bool
) -> int:
    """Print what registrations changed, and what maintenance would do now."""
    if as_json:
        out.envelope(command, {"tables": [registration_json(one) for one in done]})
        return 0
    for one in done:
        for line in registration_lines(one, out):
            out.say(line)
    return 0


def registration_json(one: Registration) -> dict[str, Any]:
    """Return a registration as plain JSON."""
    return {
        "table": str(one.table),
        "created": one.created,
        "dry_run": one.dry_run,
        "changes": [
            {"key": change.key, "before": change.before, "after": change.after}
            for change in one.changes
        ],
        "plan": one.plan.to_json(),
    }


def registration_lines(one: Registration, out: Output) -> Iterator[str]:
    """Say what a registration changed, and what maintenance would do now."""
    yield from change_lines(one, out)
    body = one.plan.to_json()
    for table in body["tables"]:
        yield from words.finding_lines(table["findings"], out.paint)
    if one.dry_run:
        yield from words.plan_lines(body, out.paint)
        yield "Nothing was written (--dry-run)."
    elif one.plan:
        yield f"  due now: {words.tally(body)}; try: partman plan {as_typed(one.table)}"


def change_lines(one: Registration, out: Output) -> Iterator[str]:
    """Say what a registration changed, setting by setting."""
    yield f"{out.paint(str(one.table), 'strong')}: {_headline(one)}"
    wide = max((len(change.key) for change in one.changes), default=0)
    for change in one.changes:
        before = "" if change.before is None else f"{_said(change.before)} → "
        yield f"  {change.key:<{wide}}  {before}{_said(change.after)}"


def _headline(one: Registration) -> str:
    if one.created:
        return "would be registered" if one.dry_run else "registered"
    if not one.changes:
        return "registered already, nothing changed"
    return "would be changed" if one.dry_run else "changed"


def _said(value: Any) -> str:
    if value is None:
        return "(default)"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)

"""``partman status``: say how the tables are, in sentences."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from partman_core.cli import options, words
from partman_core.errors import gravest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from partman_core.cli.state import State
    from partman_core.health import Health
    from partman_core.model import Run

STATES = {"ok": ("●", "good"), "warning": ("▲", "change"), "error": ("■", "bad")}


@click.command()
@options.tables_argument
@options.now_option
@options.json_option
@click.pass_obj
def status(
    state: State, tables: tuple[str, ...], now: datetime | None, as_json: bool
) -> int:
    """Say how the tables are: how long inserts have partitions, what is wrong.

    Exits with 2 while work is waiting, with 3 if a person has to look.
    """
    found = state.engine.check(*tables, now=now)
    last = next(iter(state.engine.runs(limit=1)), None)
    differences = _differences(state)
    if as_json:
        body = {
            "tables": [health_json(one) for one in found],
            "last_run": last and _run_json(last),
            "file": {"path": state.file and str(state.file), "differs": differences},
        }
        state.out.envelope("status", body)
    else:
        for line in status_lines(list(map(health_json, found)), state.out.paint):
            state.out.say(line)
        if last is not None:
            state.out.say(run_line(last))
        for sentence in differences:
            state.out.say(f"! {sentence}\n  = try: partman sync --dry-run")
    return exit_code(found)


def run_line(run: Run) -> str:
    """Say how the last run ended, or that it has not."""
    if run.finished_at is None:
        since = words.moment(run.started_at)
        return f"Last run: {run.id}, on since {since}, by {run.actor}"
    ended = words.moment(run.finished_at)
    return f"Last run: {run.id} {run.result} {ended} by {run.actor}"


def _run_json(run: Run) -> dict[str, Any]:
    return {
        "run": run.id,
        "actor": run.actor,
        "command": run.command,
        "started_at": run.started_at.isoformat(),
        "finished_at": run.finished_at and run.finished_at.isoformat(),
        "result": run.result,
        "message": run.message,
    }


def exit_code(found: Sequence[Health]) -> int:
    """3 with findings that a person has to handle, 2 with work, else 0."""
    codes = [finding.exit_code for one in found for finding in one.findings]
    return gravest([*codes, 2 if any(one.pending for one in found) else 0])


def _differences(state: State) -> list[str]:
    from partman_core.cli.declared import differing

    if state.settings is None or not state.settings.tables:
        return []
    return differing(state, state.engine.managed_tables())


def health_json(one: Health) -> dict[str, Any]:
    """Return a table's health as plain JSON, with the sentence about its runway."""
    from partman_core.health import runway_sentence

    # the moment it was judged at; where there is no end, the sentence needs none
    ends, left = one.runway_until, one.runway
    now = ends - left if ends and left is not None else datetime.now(UTC)
    return one.to_json() | {"runway": runway_sentence(one, now)}


def status_lines(entries: Sequence[words.Entry], paint: words.Paint) -> Iterator[str]:
    """Say the health of tables (as JSON), the worst first."""
    urgency = list(reversed(STATES))
    for entry in sorted(entries, key=lambda one: urgency.index(one["state"])):
        sign, style = STATES[entry["state"]]
        head = paint(f"{sign} {entry['state']:<7}", style)
        yield f"{head} {paint(entry['table'], 'strong')}  {entry['runway']}"
        yield f"  {_figures(entry)}"
        yield from words.finding_lines(entry["findings"], paint)
        yield ""
    yield _summary(entries)


def _figures(entry: words.Entry) -> str:
    held = f"{entry['partitions']} partitions, {words.count(entry['rows'], ' rows')}"
    waits = entry["pending"]
    waiting = "1 operation waits" if waits == 1 else f"{waits} operations wait"
    work = f"{waiting}: partman plan" if waits else "no work is waiting"
    return f"{held}, {words.size(entry['bytes'])}; {work}"


def _summary(entries: Sequence[words.Entry]) -> str:
    if not entries:
        return "No managed tables yet. Try: partman register TABLE --help"
    states = [entry["state"] for entry in entries]
    counted = [f"{states.count(s)} {s}" for s in reversed(STATES) if s in states]
    tables = "1 table" if len(entries) == 1 else f"{len(entries)} tables"
    return f"{tables}: {', '.join(counted)}."

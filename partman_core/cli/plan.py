"""``partman plan``: say what maintenance would do now, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from partman_core.cli import options

if TYPE_CHECKING:
    from datetime import datetime

    from partman_core.cli.state import State
    from partman_core.engine import Engine
    from partman_core.plan import Plan

KINDS = (
    "reopen", "create", "discard", "settle", "finalize", "detach", "move", "drop",
)  # fmt: skip


@click.command()
@options.tables_argument
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Save the plan, for `partman apply --plan`.",
)
@click.option("--sql", is_flag=True, help="Show the statements of each operation.")
@click.option("--locks", is_flag=True, help="Show the locks that they take.")
@click.option("--only", metavar="KIND,...", help=f"Only these: {', '.join(KINDS)}.")
@click.option("--check", is_flag=True, help="Exit with 2 while work is waiting.")
@options.max_drops_option
@options.now_option
@options.json_option
@click.pass_obj
def plan(  # noqa: PLR0913 - one for each flag
    state: State,
    /,
    *,
    tables: tuple[str, ...],
    output: Path | None,
    only: str | None,
    now: datetime | None,
    max_drops: int | None,
    **show: bool,
) -> int:
    """Say what maintenance would do now, and why.

    Only reads.  Without TABLE it speaks of all managed tables.
    """
    kinds = _kinds(only)
    if output and now:
        raise click.UsageError(
            "a plan of another moment cannot be applied: give -o or --now, not both"
        )
    made = state.engine.plan(*tables, now=now, max_drops=max_drops, only=kinds)
    if output:
        _save(made, output)
    body = _with_steps(made, state.engine, sql=show["sql"], locks=show["locks"])
    _print(state, body, output, as_json=show["as_json"])
    found = [entry.exit_code for entry in made.findings]
    return made.exit_code if show["check"] else max(found, default=0)


def _kinds(only: str | None) -> tuple[str, ...]:
    kinds = [kind.strip() for kind in (only or "").split(",") if kind.strip()]
    if strange := [kind for kind in kinds if kind not in KINDS]:
        known = ", ".join(KINDS)
        raise click.UsageError(f"--only knows no {strange[0]!r}; it knows {known}")
    return tuple(kinds)


def _save(plan: Plan, output: Path) -> None:
    try:
        output.write_text(json.dumps(plan.to_json(), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{output}: {error.strerror}") from error


def _with_steps(
    plan: Plan, engine: Engine, *, sql: bool, locks: bool
) -> dict[str, Any]:
    """Return the plan as JSON, each operation with its steps where wanted."""
    body = plan.to_json()
    if not (sql or locks):
        return body
    steps = {id(one.operation): one.steps for one in engine.explain(plan)}
    entries = [entry for table in body["tables"] for entry in table["operations"]]
    for entry, operation in zip(entries, plan.operations, strict=True):
        entry["steps"] = []
        for step in steps.get(id(operation), ()):
            told: dict[str, Any] = {"sql": step.text()} if sql else {}
            if locks:
                told["locks"] = [
                    {"relation": lock.relation, "mode": lock.mode}
                    for lock in step.locks
                ]
                told["waits"] = step.waits
            entry["steps"].append(told)
    return body


def _print(
    state: State, body: dict[str, Any], output: Path | None, *, as_json: bool
) -> None:
    from partman_core.cli.words import plan_lines

    if as_json:
        state.out.envelope("plan", body)
        return
    for line in plan_lines(body, state.out.paint):
        state.out.say(line)
    if output:
        state.out.say(f"Saved; this and nothing else: partman apply --plan {output}")

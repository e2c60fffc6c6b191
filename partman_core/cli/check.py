"""``partman check``: one line per problem, for monitors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partman_core.cli import options

if TYPE_CHECKING:
    from partman_core.cli.state import State


@click.command()
@options.tables_argument
@options.json_option
@click.pass_obj
def check(state: State, tables: tuple[str, ...], as_json: bool) -> int:
    """Print one line per problem; exits with 3 if there is one.

    What is merely worth knowing (severity info) is left to `partman status`.
    """
    from partman_core.cli.words import SEVERITIES
    from partman_core.plan import found_json

    found = [
        finding
        for one in state.engine.check(*tables)
        for finding in one.findings
        if finding.exit_code
    ]
    if as_json:
        state.out.envelope("check", {"problems": [found_json(one) for one in found]})
    else:
        for one in found:
            severity = state.out.paint(one.severity, SEVERITIES[one.severity])
            message = " ".join(one.message.split())
            state.out.say(f"{severity}[{one.code}] {one.table}: {message}")
    return max((one.exit_code for one in found), default=0)

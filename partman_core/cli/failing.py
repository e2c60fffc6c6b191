"""The one place where errors become words on stderr and an exit code.

With ``--json`` they are for programs: each is one line of JSON on stderr, and stdout
has nothing but results::

    {"error": {"code": "...", "message": "...", "hint": "..." or null, "exit_code": 4}}

Where a settings file has several mistakes, ``mistakes`` has each of them; with ``-v``
a bug has its ``traceback``.
"""

from __future__ import annotations

import os
import sys
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import click

from partman_core import cli
from partman_core.errors import PartmanError

if TYPE_CHECKING:
    from collections.abc import Callable

USAGE, INTERRUPTED, BROKEN_PIPE = 64, 130, 141
GLOBAL_FLAGS = frozenset({"--config", "--dsn", "--schema", "--without", "--color"})

for_programs: ContextVar[bool] = ContextVar("for_programs", default=False)
"""Whether errors are told as JSON."""


class Declined(click.Abort):
    """The answer to a question was no, or none.

    :param outcome: what has become of it all, to be told.
    """

    def __init__(self, outcome: str = "nothing was changed") -> None:
        super().__init__(outcome)
        self.outcome = outcome


def exit_code_of(run: Callable[[], Any], *, as_json: bool = False) -> int:
    """Run a command and return the exit code of the process.

    :param run: returns the exit code, or None for 0.
    :param as_json: whether errors are for programs.
    """
    token = for_programs.set(as_json)
    try:
        return _exit_code_of(run)
    finally:
        for_programs.reset(token)


def _exit_code_of(run: Callable[[], Any]) -> int:
    try:
        code = run()
        sys.stdout.flush()
    except BrokenPipeError:
        return nobody_reads()
    except (click.Abort, KeyboardInterrupt) as error:
        return _tell_stopped(error)
    except click.ClickException as error:
        _tell_usage(error)
        return USAGE
    except PartmanError as error:
        tell(error)
        return error.exit_code
    except Exception as error:  # noqa: BLE001
        _tell_unexpected(error)
        return 1
    return code if isinstance(code, int) else 0


def nobody_reads() -> int:
    """Go silent and return the exit code of a process whose reader went away."""
    # Python's own flush at exit must not complain either
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    return BROKEN_PIPE


def stop_code() -> int:
    """Return the exit code of a run that was told to stop."""
    return 128 + cli.stopped_by[-1] if cli.stopped_by else INTERRUPTED


def tell(error: PartmanError) -> None:
    """Write an error to stderr: what, one mistake a line, and the way out."""
    mistakes = getattr(error, "mistakes", None) or (error.message,)
    if for_programs.get():
        more = {"mistakes": list(mistakes)} if len(mistakes) > 1 else {}
        _tell_json(error.code, error.message, error.hint, error.exit_code, **more)
        return
    for mistake in mistakes:
        _tell(f"error[{error.code}]: {mistake}")
    if error.hint and not any(error.hint in mistake for mistake in mistakes):
        first, *more_lines = error.hint.splitlines()
        _tell(f"  = hint: {first}")
        for line in more_lines:
            _tell(f"    {line}")


def _tell(line: str) -> None:
    from partman_core.cli.output import emit

    emit(line, sys.stderr)


def _tell_json(
    code: str, message: str, hint: str | None, exit_code: int, **more: Any
) -> None:
    import json

    body = {"code": code, "message": message, "hint": hint, "exit_code": exit_code}
    _tell(json.dumps({"error": body | more}))


def _tell_stopped(error: BaseException) -> int:
    message = "stopped"
    if isinstance(error, Declined):
        message = f"stopped: {error.outcome}"
    code = stop_code()
    if for_programs.get():
        _tell_json("stopped", message, None, code)
    else:
        _tell(f"{message}.")
    return code


def _tell_usage(error: click.ClickException) -> None:
    ctx = getattr(error, "ctx", None)
    message = error.format_message().rstrip(".")
    message, hint = f"{message[:1].lower()}{message[1:]}", None
    if getattr(error, "option_name", None) in GLOBAL_FLAGS:
        hint = "this option stands before the command: partman OPTION COMMAND"
    elif ctx is not None:
        hint = f"{ctx.command_path} --help"
    if for_programs.get():
        _tell_json("usage", message, hint, USAGE)
        return
    if isinstance(error, click.exceptions.NoArgsIsHelpError) and ctx is not None:
        _tell(ctx.get_help())
        return
    if ctx is not None:
        _tell(ctx.get_usage())
    _tell(f"error[usage]: {message}")
    if hint:
        _tell(f"  = hint: {hint}")


def _tell_unexpected(error: Exception) -> None:
    import logging
    import traceback

    message = f"{type(error).__name__}: {error}"
    # -v is the level of partman's own log, see State
    verbose = logging.getLogger("partman").isEnabledFor(logging.DEBUG)
    hint = "this is a bug; run it again with -v and report what it prints"
    trace = ""
    if verbose:
        hint = "this is a bug in partman or a plugin; please report all of it"
        trace = "".join(traceback.format_exception(error)).rstrip()
    if for_programs.get():
        more = {"traceback": trace} if trace else {}
        _tell_json("unexpected", message, hint, 1, **more)
        return
    _tell(f"unexpected: {message}")
    if trace:
        _tell(trace)
    _tell(f"  = hint: {hint}")

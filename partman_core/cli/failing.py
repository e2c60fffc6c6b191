"""The one place where errors become words on stderr and an exit code."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

import click

from partman_core import cli
from partman_core.errors import PartmanError

if TYPE_CHECKING:
    from collections.abc import Callable

USAGE, INTERRUPTED, BROKEN_PIPE = 64, 130, 141
GLOBAL_FLAGS = frozenset({"--config", "--dsn", "--schema", "--without", "--color"})


def exit_code_of(run: Callable[[], Any]) -> int:
    """Run a command and return the exit code of the process.

    :param run: returns the exit code, or None for 0.
    """
    try:
        code = run()
        sys.stdout.flush()
    except BrokenPipeError:
        return nobody_reads()
    except (click.Abort, KeyboardInterrupt):
        _tell("stopped.")
        return stop_code()
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
    for mistake in mistakes:
        _tell(f"error[{error.code}]: {mistake}")
    if error.hint and not any(error.hint in mistake for mistake in mistakes):
        first, *more = error.hint.splitlines()
        _tell(f"  = hint: {first}")
        for line in more:
            _tell(f"    {line}")


def _tell(line: str) -> None:
    from partman_core.cli.output import emit

    emit(line, sys.stderr)


def _tell_usage(error: click.ClickException) -> None:
    ctx = getattr(error, "ctx", None)
    if isinstance(error, click.exceptions.NoArgsIsHelpError) and ctx is not None:
        _tell(ctx.get_help())
        return
    if ctx is not None:
        _tell(ctx.get_usage())
    message = error.format_message().rstrip(".")
    _tell(f"error[usage]: {message[:1].lower()}{message[1:]}")
    if getattr(error, "option_name", None) in GLOBAL_FLAGS:
        _tell("  = hint: this option stands before the command: partman OPTION COMMAND")
    elif ctx is not None:
        _tell(f"  = hint: {ctx.command_path} --help")


def _tell_unexpected(error: Exception) -> None:
    _tell(f"unexpected: {type(error).__name__}: {error}")
    # -v is the level of partman's own log, see State
    if logging.getLogger("partman").isEnabledFor(logging.DEBUG):
        _tell("".join(traceback.format_exception(error)).rstrip())
        _tell("  = hint: this is a bug in partman or a plugin; please report all of it")
    else:
        _tell("  = hint: this is a bug; run it again with -v and report what it prints")

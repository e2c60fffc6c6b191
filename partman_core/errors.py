"""What can go wrong, said so that the reader knows what to do next.

Every error has a sentence, a short stable code for machines, a hint with the
way out, and the exit code of the command line::

    PartmanError          1   unexpected; also the base that callers catch
    ├── ConfigError       4   settings, tables, privileges, versions, libpq
    │   └── PluginError   4   a plugin is broken, missing, or in conflict
    ├── Unreachable       5   no connection to the server
    ├── Refused           3   the server or a hook refused during a run
    ├── Blocked           8   somebody else's locks; run again
    ├── Claimed           6   another engine works on this table now
    └── Stale             2   the plan that was to be applied no longer holds
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable

SEVERITY = (1, 5, 4, 3, 8, 7, 6, 2, 0)
"""Exit codes, the gravest first: the one that a run ends with wins by this."""


def gravest(codes: Iterable[int]) -> int:
    """Return the exit code that stands for all of *codes* (0 if there are none)."""
    return min(codes, key=SEVERITY.index, default=0)


class PartmanError(Exception):
    """Something that partman can explain.

    :param message: one sentence that names what, where and why.
    :param hint: the way out.
    :param code: a short, stable, kebab-case name of this kind of error.
    """

    exit_code: ClassVar[int] = 1
    default_code: ClassVar[str] = "unexpected"

    def __init__(
        self, message: str, *, hint: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.default_code
        if hint:
            self.add_note(f"hint: {hint}")


class ConfigError(PartmanError):
    """The settings, the table or the server cannot work as they are.

    :param mistakes: every single mistake, one sentence each, where there are
        several (a settings file is checked whole before anything runs).
    """

    exit_code = 4
    default_code = "config"

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        code: str | None = None,
        mistakes: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.mistakes = mistakes or (message,)


class PluginError(ConfigError):
    """A plugin is broken, missing, or in conflict with another."""

    default_code = "plugin"


class Unreachable(PartmanError):
    """The server does not answer, or does not let us in."""

    exit_code = 5
    default_code = "unreachable"


class Refused(PartmanError):
    """The server or a hook refused a step of a run.

    :param sqlstate: PostgreSQL's code of the refusal, where it was the server's.
    """

    exit_code = 3
    default_code = "refused"

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        code: str | None = None,
        sqlstate: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.sqlstate = sqlstate


class Blocked(Refused):
    """Somebody else's locks did not give way in time; run again."""

    exit_code = 8
    default_code = "blocked"


class Claimed(PartmanError):
    """Another engine is at work on this table."""

    exit_code = 6
    default_code = "claimed"


class Stale(PartmanError):
    """The plan that was to be applied no longer holds."""

    exit_code = 2
    default_code = "plan-stale"


class Stopped(KeyboardInterrupt):
    """The run was told to end, as Ctrl-C tells a person's."""

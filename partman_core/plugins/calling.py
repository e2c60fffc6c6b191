"""How one implementation of a hook is called: named when it raises, checked."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import define, frozen

from partman_core.errors import PartmanError, PluginError, Refused
from partman_core.plan import Finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from partman_core.model import Table

Kinds = type[Any] | tuple[type[Any], ...]


def outcome_of(implementation: Any, given: Mapping[str, Any]) -> Any:
    """Call an implementation, and let it raise what it raises.

    :param implementation: as the plugin manager has it.
    :param given: all arguments of the hook; it gets those that it names.
    """
    with _no_exit():
        return implementation.function(
            *(given[name] for name in implementation.argnames)
        )


@contextmanager
def _no_exit() -> Iterator[None]:
    """Take ``sys.exit()`` for what it is in a hook: a failure of that plugin."""
    try:
        yield
    except SystemExit as error:
        raise RuntimeError(f"it called sys.exit({error.code!r})") from error


def offer(implementation: Any, hook: str) -> Any:
    """Call an implementation while its plugin is loaded.

    :returns: what it gave; a list of what it yielded, if that was an iterator.
    :raises PluginError: it raised; whoever loads the plugin names it.
    """
    try:
        answer = outcome_of(implementation, {})
        with _no_exit():
            return list(answer) if isinstance(answer, Iterator) else answer
    except Exception as error:
        raise PluginError(f"{hook} failed: {_told(error)}") from error


def items(
    implementation: Any, hook: str, given: Mapping[str, Any], kinds: Kinds
) -> list[Any]:
    """Call an implementation that gives several things.

    :param kinds: what they have to be.
    :raises PluginError: it raised, or gave something else, and is named.
    """
    name = implementation.plugin_name
    found: list[Any] | None = None
    try:
        answer = outcome_of(implementation, given)
        if answer is None:
            return []
        if isinstance(answer, Iterable) and not isinstance(answer, str | Mapping):
            # What a generator raises, it raises here.
            with _no_exit():
                found = list(answer)
    except Exception as error:
        raise failed(name, hook, error) from error
    if found is None:
        raise wrong(name, hook, answer, "a list")
    for item in found:
        if not isinstance(item, kinds):
            raise wrong(name, hook, item, _named(kinds))
    return found


def _named(kinds: Kinds) -> str:
    several = kinds if isinstance(kinds, tuple) else (kinds,)
    return "a " + " or a ".join(kind.__name__ for kind in several)


def failed(name: str, hook: str, error: Exception) -> PluginError:
    """Return the error for a plugin that raised.

    :param name: the plugin's.
    :param hook: the one that was called.
    :param error: what it raised.
    """
    return PluginError(
        f"plugin {name!r} failed in {hook}: {_told(error)}",
        hint=f"repair it, or leave it out with --without {name}",
        code="plugin-broken",
    )


def wrong(name: str, hook: str, answer: object, wanted: str) -> PluginError:
    """Return the error for a plugin that gave something else than is wanted.

    :param name: the plugin's.
    :param hook: the one that was called.
    :param wanted: with its article, as in ``a list``.
    """
    return PluginError(
        f"plugin {name!r} gave {answer!r} for {hook}, which is not {wanted}",
        hint=f"repair it, or leave it out with --without {name}",
        code="plugin-broken",
    )


def refusal(name: str, hook: str, error: Exception) -> Refused:
    """Return the error for a plugin that says no to a step of a run.

    :param error: what it raised.
    """
    return Refused(
        f"plugin {name!r} refused in {hook}: {_told(error)}",
        hint=error.hint if isinstance(error, PartmanError) else None,
        code="hook-refused",
        sqlstate=getattr(error, "sqlstate", None),
    )


def _told(error: Exception) -> str:
    """Return an error as a part of a sentence."""
    lines = str(error).strip().splitlines()
    if isinstance(error, PartmanError | RuntimeError) and lines:
        return lines[0]
    kind = type(error).__name__
    return f"{kind}: {lines[0]}" if lines else kind


def _clock(answer: object) -> object:
    if not callable(answer):
        raise PluginError(f"partman_clock gives {answer!r}, not a callable")
    return answer


def _logger(answer: object) -> object:
    if not all(callable(getattr(answer, method, None)) for method in LOG_METHODS):
        raise PluginError(
            f"partman_logger gives {answer!r}, which is not like logging.Logger"
        )
    return answer


LOG_METHODS = ("debug", "info", "warning", "error", "exception")

ONCE: Mapping[str, Callable[[object], object]] = {
    "partman_clock": _clock,
    "partman_logger": _logger,
}
"""The hooks that are asked once an engine, and what checks a plugin's answer."""


@define
class CheckedClock:
    """A plugin's clock, with its answers checked.

    Once it has failed it is not asked again: moments of two clocks would be mixed up.

    :param name: the plugin's.
    :param clock: what its hook gave.
    :param tell: hears of the failure.
    """

    name: str
    clock: Callable[[], Any]
    tell: Callable[[str, PluginError], None]
    error: PluginError | None = None

    def __call__(self) -> datetime:
        """Return the moment, aware.

        :raises PluginError: the plugin fails, or gives something else.
        """
        if self.error is not None:
            raise self.error
        try:
            with _no_exit():
                now = self.clock()
        except Exception as error:
            raise self._failed(failed(self.name, "partman_clock", error)) from error
        if not isinstance(now, datetime) or now.utcoffset() is None:
            wanted = "a time with its zone"
            raise self._failed(wrong(self.name, "partman_clock", now, wanted))
        return now

    def _failed(self, error: PluginError) -> PluginError:
        self.error = error
        self.tell(self.name, error)
        return error


@frozen
class CheckedLog:
    """A plugin's logger: what it fails to write goes to the usual one.

    :param name: the plugin's.
    :param log: what its hook gave.
    :param tell: hears of the failure.
    """

    _name: str
    _log: Any
    _tell: Callable[[str, str, Exception], object]

    def __getattr__(self, method: str) -> Any:
        """Return a method of the plugin's logger, made safe where it writes."""
        if method not in LOG_METHODS:
            return getattr(self._log, method)
        return partial(self._write, method)

    def _write(self, method: str, *args: Any, **more: Any) -> None:
        try:
            with _no_exit():
                getattr(self._log, method)(*args, **more)
        except Exception as error:  # noqa: BLE001 - told, and written elsewhere
            self._tell(self._name, "partman_logger", error)
            getattr(logging.getLogger("partman"), method)(*args, **more)


def finding(code: str, table: Table, error: PluginError, more: str = "") -> Finding:
    """Return what is wrong with a plugin as a finding about a table.

    :param more: what follows from it.
    """
    return Finding(
        code=code,
        severity="error",
        table=table.name,
        message=f"{error.message}; {more}" if more else error.message,
        hint=error.hint,
    )

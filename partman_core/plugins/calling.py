"""How one implementation of a hook is called: named when it raises, checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

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
    return implementation.function(*(given[name] for name in implementation.argnames))


def outcome(implementation: Any, hook: str, given: Mapping[str, Any]) -> Any:
    """Call an implementation.

    :raises PluginError: it raised, and is named.
    """
    try:
        return outcome_of(implementation, given)
    except Exception as error:
        raise failed(implementation.plugin_name, hook, error) from error


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


def checked_clock(name: str, clock: Callable[[], Any]) -> Callable[[], datetime]:
    """Return a plugin's clock, with its answers checked.

    :param name: the plugin's.
    :param clock: what its hook gave.
    :returns: a clock that gives an aware moment, or raises :class:`PluginError` where
        the plugin fails or gives something else.
    """

    def read() -> datetime:
        try:
            now = clock()
        except Exception as error:
            raise failed(name, "partman_clock", error) from error
        if not isinstance(now, datetime) or now.utcoffset() is None:
            raise wrong(name, "partman_clock", now, "a time with its zone")
        return now

    return read


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

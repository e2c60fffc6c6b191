"""The plain values of settings: read strictly, shown as people write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from partman_core.interval import Interval
from partman_core.settings import Parameters

_LONGEST_SHOWN = 60


def shown(value: Any) -> str:
    """Return *value* as people write it in settings, cut where it is long."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    if len(text) <= _LONGEST_SHOWN:
        return text
    return text[: _LONGEST_SHOWN - 3] + "..."


def wrong(value: Any, wanted: str, hint: str | None = None) -> ValueError:
    """Return the error for a value that is not what is wanted.

    :param wanted: with its article, as in ``a list``.
    :param hint: how to write it.
    """
    error = ValueError(f"{shown(value)} is not {wanted}")
    if hint:
        error.add_note(f"hint: {hint}")
    return error


def _exactly(kind: type[Any], wanted: str) -> Callable[[Any, Any], Any]:
    """Return a reader that takes a type's own values only: True is no number."""

    def read(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise wrong(value, wanted)
        return value

    return read


def _float(value: Any, _: Any) -> float:
    if type(value) not in (int, float):
        raise wrong(value, "a number")
    return float(value)


def _interval(value: Any, _: Any) -> Interval:
    if type(value) is int:
        return Interval.parse(str(value))
    if not isinstance(value, str | timedelta | Interval):
        raise wrong(value, "an interval", 'write it as "15 minutes", "1 day" or "P1M"')
    return Interval.parse(value)


_MOMENT_HINT = "write it as 2026-01-31 or 2026-01-31T12:00:00+01:00"


def _datetime(value: Any, _: Any) -> datetime:
    """Read a moment; one without a zone stays so, to be read in the table's zone."""
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value.strip())
        if not isinstance(value, date):
            raise wrong(value, "a date or a time", _MOMENT_HINT)
        if not isinstance(value, datetime):
            return datetime.combine(value, time())
        if value.utcoffset() is None:
            return value.replace(tzinfo=None, fold=0)
        return value.astimezone(UTC).replace(fold=0)
    except OverflowError:
        raise wrong(value, "within the years 1 to 9999") from None
    except ValueError as error:
        if getattr(error, "__notes__", None):
            raise
        raise wrong(value, "a date or a time", _MOMENT_HINT) from None


def _date(value: Any, _: Any) -> date:
    moment = _datetime(value, datetime)
    if moment.tzinfo or moment.time() != time():
        raise wrong(value, "a date", "write it as 2026-01-31")
    return moment.date()


def iso(value: date) -> str:
    """Return a date or a moment as text; a midnight without a zone as its date."""
    if isinstance(value, datetime) and not value.tzinfo and value.time() == time():
        value = value.date()
    return value.isoformat()


def _path(value: Any, _: Any) -> Path:
    if not isinstance(value, str | Path):
        raise wrong(value, "a path")
    return Path(value)


def _parameters(value: Any, _: Any) -> Parameters:
    """Read storage parameters: numbers and booleans as PostgreSQL prints them."""
    if not isinstance(value, Mapping):
        raise wrong(value, "a table", "write it as { fillfactor = 90 }")
    read = Parameters()
    for key, inner in value.items():
        if not isinstance(inner, str | int | float):
            raise wrong(inner, f"a value of the storage parameter {key!r}")
        read[str(key)] = inner if isinstance(inner, str) else shown(inner)
    return read


READERS: dict[Any, Callable[[Any, Any], Any]] = {
    bool: _exactly(bool, "true or false"),
    int: _exactly(int, "a whole number"),
    str: _exactly(str, "text"),
    float: _float,
    Interval: _interval,
    datetime: _datetime,
    date: _date,
    Path: _path,
    Parameters: _parameters,
}
"""What reads the values of each type; every one takes the value and the type."""

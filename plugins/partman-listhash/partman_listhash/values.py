"""Key values: as settings have them, as PostgreSQL prints them, and in names.

PostgreSQL prints the same value in one way, whoever wrote it and however; people do
not.  Values are compared by what they mean, and written as they are written already.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeAlias
from uuid import UUID

Value: TypeAlias = str | bool | float | int | None
"""A key value in settings."""

_BOOLEANS = {
    word: truth
    for truth, words in (("true", "true t yes y on 1"), ("false", "false f no n off 0"))
    for word in words.split()
}
_INTEGER = re.compile(r"[+-]?[0-9]+")
_BITS = {"smallint": 15, "integer": 31, "bigint": 63}


def text_of(value: Value) -> str | None:
    """Return a value of the settings as text; None is NULL."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def spelled(text: str | None, kind: str) -> str | None:
    """Return a value as PostgreSQL prints it, as far as that is known.

    :param kind: the column's type, as ``format_type`` names it.
    :returns: as it is, where it is no value of the type: PostgreSQL will say so.
    """
    try:
        return _spelled(text, kind)
    except ValueError:
        return text


def is_value(text: str | None, kind: str) -> bool:
    """Say whether a text is a value of a type, as far as that is known."""
    try:
        _spelled(text, kind)
    except ValueError:
        return False
    return True


def _spelled(text: str | None, kind: str) -> str | None:
    if text is None or kind not in _SPELLINGS:
        return text
    try:
        return _SPELLINGS[kind](text.strip())
    except InvalidOperation:
        raise ValueError(text) from None


def meaning(text: str | None, kind: str) -> str | None:
    """Return what is the same for two texts that mean the same value.

    :param text: as in :func:`spelled`, or as PostgreSQL prints it.
    """
    found = spelled(text, kind)
    if found is None:
        return None
    if kind == "character":  # padded with blanks, which do not count
        return found.rstrip(" ")
    if kind == "numeric" and "." in found:
        return found.rstrip("0").rstrip(".")
    return found


def _integer(kind: str) -> Callable[[str], str]:
    limit = 1 << _BITS[kind]

    def read(text: str) -> str:
        if not _INTEGER.fullmatch(text) or not -limit <= int(text) < limit:
            raise ValueError(text)
        return str(int(text))

    return read


def _boolean(text: str) -> str:
    if text.lower() not in _BOOLEANS:
        raise ValueError(text)
    return _BOOLEANS[text.lower()]


def _moment(text: str) -> str:
    return datetime.fromisoformat(text).replace(tzinfo=None).isoformat(" ")


def _instant(text: str) -> str:
    moment = datetime.fromisoformat(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(tzinfo=None).isoformat(" ") + "+00"


_SPELLINGS: dict[str, Callable[[str], str]] = {
    **{kind: _integer(kind) for kind in _BITS},
    "boolean": _boolean,
    "uuid": lambda text: str(UUID(text)),
    "numeric": lambda text: f"{Decimal(text):f}",
    "date": lambda text: date.fromisoformat(text).isoformat(),
    "timestamp without time zone": _moment,
    "timestamp with time zone": _instant,
}

_ODD = re.compile(r"[^\w]+")
_LONGEST = 40
"""Characters of a suffix that are still read by anybody."""


def suffix_of(values: Iterable[str | None]) -> str:
    """Return what names a partition by its values.

    Small letters, digits and underscores only, so that it is typed without quotes;
    the core sees to it that two partitions never have one name.
    """
    words = (_word(value) for value in values)
    return "_".join(words)[:_LONGEST].strip("_") or "other"


def _word(value: str | None) -> str:
    if value is None:
        return "null"
    minus = "m" if re.fullmatch(r"-[0-9.]+", value) else ""
    return minus + (_ODD.sub("_", value.lower()).strip("_") or "other")


def shown(values: Iterable[str | None], most: int = 5) -> str:
    """Return values as people read them: ``'de', 'fr', NULL and 3 more``."""
    words = ["NULL" if value is None else _quoted(value) for value in values]
    rest = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + rest


def _quoted(value: str) -> str:
    text = value if len(value) <= _LONGEST else value[: _LONGEST - 3] + "..."
    return "'" + text.replace("'", "''") + "'"

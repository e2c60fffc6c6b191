"""Names: read and written as SQL does, and made for partitions.

A name is never the identity of anything.  It only has to be valid, legible and
free, so a partition's name may be shortened or get a hash when the plain one is
too long or taken.
"""

from __future__ import annotations

import re
import shlex
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from itertools import count
from typing import TYPE_CHECKING

from attrs import Attribute, field, frozen

from partman_core.interval import Interval

if TYPE_CHECKING:
    from collections.abc import Container

MAX_BYTES = 63
"""PostgreSQL cuts longer names silently."""

_KEYWORDS = frozenset(
    """
    all analyse analyze and any array as asc asymmetric authorization between
    bigint binary bit boolean both case cast char character check coalesce
    collate collation column concurrently constraint create cross
    current_catalog current_date current_role current_schema current_time
    current_timestamp current_user dec decimal default deferrable desc distinct
    do else end except exists extract false fetch float for foreign freeze from
    full grant greatest group grouping having ilike in initially inner inout int
    integer intersect interval into is isnull join json json_array json_arrayagg
    json_exists json_object json_objectagg json_query json_scalar json_serialize
    json_table json_value lateral leading least left like limit localtime
    localtimestamp merge_action national natural nchar none normalize not
    notnull null nullif numeric offset on only or order out outer overlaps
    overlay placing position precision primary real references returning right
    row select session_user setof similar smallint some substring symmetric
    system_user table tablesample then time timestamp to trailing treat trim
    true union unique user using values varchar variadic verbose when where
    window with xmlattributes xmlconcat xmlelement xmlexists xmlforest
    xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
    """.split()  # noqa: SIM905 - words are easier to check than a list
)
"""What PostgreSQL 15 to 18 would not read as a plain name everywhere."""

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_BLANK = " \t\n\r\f\v"
_PART = re.compile(
    rf"""[{_BLANK}]*
    (?: "(?P<quoted>[^"]*(?:""[^"]*)*)"
      | (?P<bare>[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_$\x80-\U0010ffff]*) )
    [{_BLANK}]*(?P<end>\.|\Z)""",
    re.VERBOSE,
)
_UPPER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def fold(text: str) -> str:
    """Return *text* as PostgreSQL folds an unquoted name: A to Z become small."""
    return text.translate(_UPPER)


def quote_ident(text: str) -> str:
    """Return the name *text* as SQL, in quotes where it needs them."""
    if _PLAIN.fullmatch(text) and text not in _KEYWORDS:
        return text
    return '"' + text.replace('"', '""') + '"'


_IMPOSSIBLE = re.compile("[\0\ud800-\udfff]")
"""What no identifier can hold: NUL, and halves of a surrogate pair."""


@frozen
class Name:
    """A relation's name, as the catalog has it.

    :param schema: None to go by the search path.
    """

    schema: str | None = field()
    relation: str = field()

    @schema.validator
    @relation.validator
    def _possible(self, attribute: Attribute[str | None], value: str | None) -> None:
        if value is None:
            return
        if not value:
            raise ValueError(f"the name of a {attribute.name} cannot be empty")
        if _IMPOSSIBLE.search(value):
            raise ValueError(f"no {attribute.name} can be named {value!r}")

    @classmethod
    def parse(cls, text: str) -> Name:
        """Read a name as SQL does.

        :param text: ``relation`` or ``schema.relation``; what is not in double
            quotes is folded to small letters.
        :raises ValueError: it is none; a note says the way out.
        """
        *schemas, relation = _parts(text)
        if len(schemas) > 1:
            error = ValueError(f"{text!r} has {len(schemas) + 1} parts")
            error.add_note("hint: a name is relation or schema.relation")
            raise error
        return cls(schemas[0] if schemas else None, relation)

    def __str__(self) -> str:
        if self.schema is None:
            return quote_ident(self.relation)
        return f"{quote_ident(self.schema)}.{quote_ident(self.relation)}"


def as_typed(name: Name) -> str:
    """Write a name as it is typed on a command line, where the shell eats quotes."""
    return shlex.quote(str(name))


def _parts(text: str) -> list[str]:
    parts: list[str] = []
    at = 0
    while match := _PART.match(text, at):
        quoted = match["quoted"]
        part = fold(match["bare"]) if quoted is None else quoted.replace('""', '"')
        parts.append(part)
        if match["end"] != ".":
            return parts
        at = match.end()
    error = ValueError(f"{text!r} is not a name of a relation")
    error.add_note("""hint: put special characters in double quotes: "my table\"""")
    raise error


_TIME_SUFFIXES = (
    "%Y",
    "%Y%m",
    "%Y%m%d",
    "%Y%m%d_%H",
    "%Y%m%d_%H%M",
    "%Y%m%d_%H%M%S",
    "%Y%m%d_%H%M%S_%f",
)
"""One for each unit, from years to microseconds."""

_UNIT_MICROSECONDS = (86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000)


def suffix_for(lower: datetime | int, interval: Interval | int) -> str:
    """Return what tells a partition from its neighbours, for its name.

    :param lower: the lower bound; of a time, as it reads on the table's wall clock.
    :param interval: how long a period is.
    :returns: a time to the unit that the interval or the bound itself needs:
        "2026", "202611", "20261122", "20261122_09", "20261122_0915"; or a number,
        "1000000", "m1000" if it is negative.
    """
    if not isinstance(lower, datetime):
        return f"m{-lower}" if lower < 0 else str(lower)
    unit = _unit_of_time(lower)
    if isinstance(interval, Interval):
        unit = max(unit, _unit_of_interval(interval))
    # strftime does not pad years with zeros everywhere.
    pattern = _TIME_SUFFIXES[unit].replace("%Y", f"{lower.year:04d}")
    return lower.strftime(pattern)


def _unit_of_time(lower: datetime) -> int:
    """Return the index of the finest unit of which *lower* has any."""
    rests = (
        lower.month - 1,
        lower.day - 1,
        lower.hour,
        lower.minute,
        lower.second,
        lower.microsecond,
    )
    return max((unit for unit, rest in enumerate(rests, 1) if rest), default=0)


def _unit_of_interval(interval: Interval) -> int:
    if interval.microseconds:
        sizes = enumerate(_UNIT_MICROSECONDS, 2)
        fitting = (unit for unit, size in sizes if not interval.microseconds % size)
        return next(fitting, len(_TIME_SUFFIXES) - 1)
    return 1 if interval.months % 12 else 0


DEFAULT_TEMPLATE = "{table}_p{suffix}"
_HASH_BYTES = 4
_FIELD = re.compile(r"\{[^{}]*\}?|\}")


@lru_cache
def validate_template(template: str) -> None:
    """Check how partitions are to be named.

    :param template: ``{suffix}`` once, ``{table}`` once or not at all, and text.
    :raises ValueError: it has something else in braces, or lacks ``{suffix}``.
    """
    fields = _FIELD.findall(template)
    for found in fields:
        if found not in ("{table}", "{suffix}"):
            error = ValueError(f"the template {template!r} has {found!r}")
            error.add_note("hint: it can have {table} and {suffix}")
            raise error
        if fields.count(found) > 1:
            raise ValueError(f"the template {template!r} has {found} twice")
    if "{suffix}" not in fields:
        error = ValueError(f"the template {template!r} lacks {{suffix}}")
        error.add_note(f"hint: as in {DEFAULT_TEMPLATE!r}")
        raise error
    if "\0" in template:
        raise ValueError(f"no name can have a NUL character, as {template!r} has")


def partition_name(
    table: str,
    suffix: str,
    *,
    template: str = DEFAULT_TEMPLATE,
    taken: Container[str] = (),
    salt: str = "",
) -> str:
    """Return a free name for a partition, of at most 63 bytes.

    :param table: the parent's bare name.
    :param suffix: what tells it from its neighbours, see :func:`suffix_for`.
    :param template: see :func:`validate_template`.
    :param taken: names that it cannot have: all relations of its schema.
    :param salt: what else sets the partition apart, such as its bounds: two with the
        same plain name then get different hashes.
    :returns: always the same for the same arguments; with a short hash where the
        plain name is too long or taken.
    :raises ValueError: the template does not serve.
    """
    validate_template(template)
    plain = _filled(template, table, suffix)
    if _size(plain) <= MAX_BYTES and plain not in taken:
        return plain
    marks = (_hash(table, suffix, template, salt, str(n)) for n in count())
    names = (_marked(template, table, suffix, mark) for mark in marks)
    return next(name for name in names if name not in taken)


def _filled(template: str, table: str, suffix: str) -> str:
    values = {"{table}": table, "{suffix}": suffix}
    return _FIELD.sub(lambda match: values[match[0]], template)


def _marked(template: str, table: str, suffix: str, mark: str) -> str:
    """Put *mark* behind the table's part, cutting that as far as is needed.

    Without a table's part, or where all the rest is too long, the whole is cut.
    """
    whole = _filled(template, f"{table}_{mark}", suffix)
    room = _size(table) - max(0, _size(whole) - MAX_BYTES)
    if "{table}" in template and room > 0:
        return _filled(template, f"{_cut(table, room)}_{mark}", suffix)
    plain = _filled(template, table, suffix)
    return f"{_cut(plain, MAX_BYTES - len(mark) - 1)}_{mark}"


def _cut(text: str, size: int) -> str:
    """Return the start of *text* that fits in *size* bytes, in whole characters."""
    return text.encode()[:size].decode(errors="ignore")


def _size(text: str) -> int:
    return len(text.encode())


def _hash(*parts: str) -> str:
    text = "\0".join(parts)
    return blake2b(text.encode(), digest_size=_HASH_BYTES).hexdigest()

"""Hypothesis strategies for keys, levels, the partitions that are there, and tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count, islice
from typing import TYPE_CHECKING, Any

from attrs import evolve
from hypothesis import assume
from hypothesis import strategies as st

from partman_core.bounds import HashBounds, ListBounds, RangeBounds
from partman_core.keys import CODECS, Codec, Column, Key
from partman_core.model import Partition, Table, Tree
from partman_core.naming import Name
from partman_core.planner.coverage import in_order, span_of, uncovered
from partman_core.strategy import Level
from partman_core.testing import times, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partman_core.bounds import Bounds
    from partman_core.strategy import Strategy, Wanted

EARLIEST = datetime(1975, 1, 1, tzinfo=UTC)
LATEST = datetime(2060, 1, 1, tzinfo=UTC)
"""Between which runs take place: identifiers with a time in them begin in 1970."""

TYPES = tuple(sorted({kind for codec in CODECS for kind in codec.types}))
"""The types that partman's own codecs serve, as PostgreSQL names them."""

_FOREIGN = ("boolean", "inet", "interval", "jsonb", "money", "point", "bytea")
_FURTHEST = 10**12
_MONTHS_OF_DAYS = 400
_OIDS = count(100)


def codecs(axis: str | None = None) -> st.SearchStrategy[Codec]:
    """Draw codecs of partman's own.

    :param axis: ``time`` or ``number``; None: either.
    """
    return st.sampled_from([c for c in CODECS if axis in (None, c.axis)])


def columns(types: Sequence[str] = TYPES + _FOREIGN) -> st.SearchStrategy[Column]:
    """Draw columns of a key, and expressions in place of columns.

    :param types: of which they are, as PostgreSQL names them.
    """
    return st.builds(
        Column,
        st.none() | words.identifiers(),
        st.sampled_from(types),
        collation=st.none() | st.sampled_from(["C", "en_US.utf8"]),
        not_null=st.booleans(),
        expression=st.none() | st.just("lower(name)"),
    )


def keys(method: str | None = None) -> st.SearchStrategy[Key]:
    """Draw partition keys: of any method, over one to three columns of any type.

    :param method: ``range``, ``list`` or ``hash``; None: any.
    """
    methods = ("range", "list", "hash") if method is None else (method,)
    several = st.lists(columns(), min_size=1, max_size=3).map(tuple)
    return st.builds(Key, st.sampled_from(methods), several).filter(
        lambda key: key.method != "list" or len(key.columns) == 1
    )


def codec_for_any(key: Key) -> Codec | None:
    """Return the codec of any key by the column's type; None where there is none."""
    if key.method != "range" or len(key.columns) != 1:
        return None
    kind = key.columns[0].type
    serving = (codec for codec in CODECS if kind in codec.types and codec.by_default)
    return next(serving, None)


def key_of(codec: Codec) -> Key:
    """Return a key by range over one column that *codec* serves."""
    return Key("range", (Column("at", min(codec.types), collation="C"),))


def hashes(modulus: int) -> tuple[HashBounds, ...]:
    """Return all partitions of a modulus."""
    return tuple(HashBounds(modulus, remainder) for remainder in range(modulus))


@st.composite
def levels(draw: st.DrawFn, *, key: Key, codec: Codec | None = None) -> Level:
    """Draw levels of a table that has no partitions yet.

    :param key: of the level.
    :param codec: of the key; None where it has no axis.
    :returns: at any moment, near changes of the clocks above all, in any zone; with
        some tenants and values, a position on a number axis, and a limit by age.
    """
    timezone = draw(times.zones())
    now = draw(times.moments(timezone=timezone))
    assume(EARLIEST < now < LATEST)
    position, kept_since = None, None
    if codec is not None and codec.axis == "number":
        position = draw(st.integers(0, _FURTHEST) | st.integers(0, 100))
    elif codec is not None and draw(st.booleans()):
        days = draw(st.integers(0, _MONTHS_OF_DAYS) | st.integers(0, 3))
        hours = draw(st.integers(0, 23))
        kept_since = max(EARLIEST, now - timedelta(days=days, hours=hours))
    some = st.lists(words.values().filter(bool), max_size=4, unique=True)
    texts = st.lists(st.none() | words.values(), max_size=4, unique=True)
    return Level(
        key=key,
        codec=codec,
        existing=(),
        now=now,
        timezone=timezone,
        position=position,
        kept_since=kept_since,
        tenants=tuple(sorted(draw(some))),
        values=tuple(draw(texts)) if key.method == "list" else (),
    )


@st.composite
def partitions(
    draw: st.DrawFn,
    *,
    level: Level,
    wanted: Sequence[Wanted],
    any_modulus: bool = False,
) -> tuple[Partition, ...]:
    """Draw what may be there of a level already: some of what is wanted, and others.

    Ranges along an axis may be of any width, off the grid, and of the past; some
    partitions were made by somebody else.

    :param wanted: what the strategy wants of the level.
    :param any_modulus: whether the parts of a hash may be of another modulus.
    """
    kept = [each.bounds for each in wanted if draw(st.integers(0, 2)) > 0]
    held: list[Bounds] = kept if draw(st.booleans()) else []
    if level.codec is not None and wanted:
        held = held + draw(_odd_ranges(level.codec, held, wanted))
    elif level.key.method == "list":
        held = draw(_odd_lists(held, level))
    elif level.key.method == "hash" and any_modulus and draw(st.booleans()):
        every = hashes(draw(st.integers(1, 9)))
        held = draw(st.lists(st.sampled_from(every), unique=True))
    return tuple(_partition(bounds, draw(st.booleans())) for bounds in held)


def _partition(bounds: Bounds, ours: bool) -> Partition:
    oid = next(_OIDS)
    name = Name("public", f"there_{oid}")
    return Partition(oid=oid, name=name, bounds=bounds, ours=ours)


@st.composite
def _odd_ranges(
    draw: st.DrawFn, codec: Codec, held: Sequence[Bounds], wanted: Sequence[Wanted]
) -> list[Bounds]:
    """Draw ranges of any width where nothing is held, from long before what is wanted.

    A range is left out where the codec has no value for its ends.
    """
    found: list[Bounds] = []
    for _ in range(draw(st.integers(0, 5))):
        near = span_of(codec, draw(st.sampled_from(wanted)).bounds)
        if near is None:
            continue
        unit = int(near[1] - near[0]) // 4 or 1
        begin = int(near[0] // 1) + unit * draw(st.integers(-40, 8))
        end = begin + unit * draw(st.integers(1, 10))
        free = uncovered((begin, end), in_order(codec, [*held, *found]))
        for lower, upper in free[:1] if begin >= 0 else ():
            try:
                texts = codec.literal(int(lower)), codec.literal(int(upper))
            except ValueError:
                continue
            found.append(RangeBounds(texts[:1], texts[1:]))
    return found


@st.composite
def _odd_lists(draw: st.DrawFn, held: Sequence[Bounds], level: Level) -> list[Bounds]:
    """Draw lists of the same values, put together in another way, and of others."""
    lists = [bounds.values for bounds in held if isinstance(bounds, ListBounds)]
    values = [value for values in lists for value in values]
    values += draw(st.lists(st.sampled_from(level.values or [""]), max_size=2))
    found: list[Bounds] = []
    rest = list(dict.fromkeys(values))
    while rest:
        some = draw(st.integers(1, len(rest)))
        found.append(ListBounds(tuple(rest[:some])))
        rest = rest[some:]
    return found


@st.composite
def histories(
    draw: st.DrawFn, *, level: Level, strategy: Strategy, most: int = 8
) -> tuple[Partition, ...]:
    """Draw what earlier runs have made of a level, with what others added.

    :param level: as it is now.
    :param strategy: whose it is.
    :param most: how many runs there were, at most.
    """
    codec, held = level.codec, list[Any]()
    now = tuple(islice(strategy.wanted(level), 1))
    width = span_of(codec, now[0].bounds) if now else None
    if codec is None or width is None:
        return draw(partitions(level=level, wanted=tuple(strategy.wanted(level))))
    for back in range(draw(st.integers(0, most)), 0, -1):
        then = _earlier(level, codec, back * int(width[1] - width[0]))
        for each in islice(strategy.wanted(then), 2) if then else ():
            span = span_of(codec, each.bounds)
            if span and uncovered(span, in_order(codec, held)) == [span]:
                held.append(each.bounds)
    mine = tuple(_partition(bounds, ours=True) for bounds in held)
    others = draw(_odd_ranges(codec, held, now))
    return mine + tuple(_partition(bounds, draw(st.booleans())) for bounds in others)


def _earlier(level: Level, codec: Codec, back: int) -> Level | None:
    """Return a level as it was when its axis had not come as far."""
    if codec.axis == "number":
        position = (level.position or 0) - back
        return evolve(level, position=position) if position >= 0 else None
    local = level.now.replace(tzinfo=None) if codec.wall else level.now
    then = codec.moment(codec.at(local) - back)
    if then is None:
        return None
    then = then.replace(tzinfo=UTC)
    return evolve(level, now=then, kept_since=None) if then > EARLIEST else None


def tree_of(level: Level, name: Name | None = None) -> Tree:
    """Return what the database would hold of a table that is at *level*.

    :param name: of the table.
    """
    return Tree(
        oid=1,
        name=name or Name("public", "events"),
        key=level.key,
        owner="app",
        partitions=level.existing,
        tenants=level.tenants,
        position=level.position,
        values=level.values,
    )


@st.composite
def tables(
    draw: st.DrawFn, *, strategy: Strategy, sections: dict[str, object] | None = None
) -> Table:
    """Draw managed tables: with any name, in any zone.

    :param strategy: of their level.
    :param sections: the settings of plugins, by section name.
    """
    return Table(
        name=Name("public", draw(words.identifiers())),
        strategy=strategy,
        timezone=draw(times.zones()),
        default_partition=draw(st.booleans()),
        sections=sections or {},
    )

"""Which partitions a table lacks: where they begin and end, why, and their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from partman_core.bounds import (
    DefaultBounds,
    HashBounds,
    ListBounds,
    RangeBounds,
    shares,
)
from partman_core.naming import Name, partition_name
from partman_core.plan import Create, Finding
from partman_core.planner.coverage import in_order, overlaps, pieces, span_of
from partman_core.planner.lanes import lanes
from partman_core.planner.places import last_position, shown, suffix
from partman_core.strategy import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from partman_core.bounds import Bounds, Edge
    from partman_core.keys import Codec, Position
    from partman_core.model import Partition, Table, Tree
    from partman_core.planner.coverage import Piece, Span
    from partman_core.strategy import Level


def axis(level: Level) -> Codec | None:
    """Return the codec along which the partitions of *level* can be compared.

    :returns: None where they are only equal or not: lists, hashes, several columns.
    """
    single = level.key.method == "range" and len(level.key.columns) == 1
    return level.codec if single else None


def usable(tree: Tree) -> tuple[Partition, ...]:
    """Return the partitions that take rows: all but the half-detached ones."""
    there = tree.partitions
    if any(partition.pending for partition in there):
        return tuple(partition for partition in there if not partition.pending)
    return there


def creations(
    table: Table, tree: Tree, level: Level, taken: Iterable[Name] = ()
) -> list[Create]:
    """Return the creation of everything that *level* wants and lacks, in order.

    Who made what exists does not matter: only what it leaves uncovered is created.

    :param taken: names that other relations have.
    """
    lacking = list(_by_lane(level, usable(tree)))
    if table.default_partition and tree.default is None:
        default = Wanted(bounds=DefaultBounds(), suffix="default")
        lacking.append((default, "takes what no other partition does"))
    if not lacking:
        return []
    return list(_named(table, tree, level, lacking, taken))


def _by_lane(
    level: Level, there: tuple[Partition, ...]
) -> Iterator[tuple[Wanted, str]]:
    """Yield what is to be created, and why, lane by lane where the level has lanes."""
    for lane in lanes(evolve(level, existing=there)):
        own = lane.level
        for wanted, reason in _lacking(own, [part.bounds for part in own.existing]):
            if level.laned is None or lane.tenant is None:
                yield wanted, reason
            else:
                lifted = level.laned.lift(level.key, lane.tenant, wanted.bounds)
                named = wanted.suffix
                yield Wanted(bounds=lifted, suffix=named, tenant=lane.tenant), reason


def _is_ahead(level: Level, bounds: Bounds) -> bool:
    """Say whether a range begins more than its own length after now."""
    codec = axis(level)
    if level.laned is not None:
        placed = level.laned.lane(level.key, bounds)
        codec, bounds = level.codec, placed[1] if placed else bounds
    found = span_of(codec, bounds)
    if codec is None or found is None:
        return False
    here = last_position(codec, level.now, level.timezone, level.position)
    lower, upper = found
    return here is not None and lower > here + (upper - lower)


def _lacking(
    level: Level, there: Sequence[Bounds | None]
) -> Iterator[tuple[Wanted, str]]:
    """Yield what is to be created, and why."""
    held = set(there)
    missing = [wanted for wanted in level.wanted if wanted.bounds not in held]
    if not missing:
        return
    codec = axis(level)
    if codec is None:
        yield from _apart(missing, there)
    else:
        yield from _along(codec, missing, there, level)


def _apart(
    missing: Iterable[Wanted], there: Iterable[Bounds | None]
) -> Iterator[tuple[Wanted, str]]:
    """Take off what other lists hold, and leave out hashes that others exclude.

    Anything else is compared as a whole.
    """
    lists = (bounds for bounds in there if isinstance(bounds, ListBounds))
    taken = {value for bounds in lists for value in bounds.values}
    hashes = [bounds for bounds in there if isinstance(bounds, HashBounds)]
    for wanted in missing:
        bounds = wanted.bounds
        if isinstance(bounds, ListBounds):
            rest = tuple(value for value in bounds.values if value not in taken)
            if not rest:
                continue
            bounds = ListBounds(rest)
        elif isinstance(bounds, HashBounds) and not _stands(bounds, hashes):
            continue
        yield evolve(wanted, bounds=bounds), "is wanted and not there"


def _stands(bounds: HashBounds, there: Iterable[HashBounds]) -> bool:
    """Say whether PostgreSQL would take a hash partition beside others.

    Of two moduli one has to be a multiple of the other.
    """
    return not any(
        shares(bounds, other)
        or max(bounds.modulus, other.modulus) % min(bounds.modulus, other.modulus)
        for other in there
    )


def _along(
    codec: Codec,
    missing: Sequence[Wanted],
    there: Sequence[Bounds | None],
    level: Level,
) -> Iterator[tuple[Wanted, str]]:
    """Take off what other ranges hold."""
    placed = [(w, s) for w in missing if (s := span_of(codec, w.bounds))]
    spans = [found for _, found in placed]
    taken = in_order(codec, there)
    # A neighbour's own text wins: the same place can be written in several ways.
    texts = dict(_edges(codec, (w.bounds for w in missing)))
    texts |= dict(_edges(codec, there))
    for piece in pieces(spans, taken):
        lower, upper = texts[piece.lower], texts[piece.upper]
        wanted, period = placed[piece.period]
        named = wanted.suffix
        if piece.lower != period[0]:
            usual = suffix(codec, period[0], period, level.timezone)
            begins = suffix(codec, piece.lower, period, level.timezone)
            # Whose it is stands before it, where the strategy says so.
            named = named.removesuffix(usual) + begins if usual in named else begins
        bounds = RangeBounds((lower,), (upper,))
        made = Wanted(bounds=bounds, suffix=named, tenant=wanted.tenant)
        yield made, _reason(codec, piece, taken, level)


def _edges(
    codec: Codec, held: Iterable[Bounds | None]
) -> Iterator[tuple[Position, str | Edge]]:
    for bounds in held:
        if isinstance(bounds, RangeBounds) and (found := span_of(codec, bounds)):
            yield found[0], bounds.lower[0]
            yield found[1], bounds.upper[0]


def _reason(codec: Codec, piece: Piece, taken: Sequence[Span], level: Level) -> str:
    here = last_position(codec, level.now, level.timezone, level.position)
    if here is None:
        return "is wanted and not there"
    if piece.lower <= here < piece.upper:
        return "holds what is inserted now"
    if piece.upper <= here:
        return "is wanted of the past"
    later = taken and taken[-1][1] >= piece.upper
    return "closes a gap ahead" if later else "is kept ready ahead of time"


def _named(
    table: Table,
    tree: Tree,
    level: Level,
    lacking: Iterable[tuple[Wanted, str]],
    others: Iterable[Name],
) -> Iterator[Create]:
    """Make operations of it: with what is built already, or under a free name."""
    built = {partition.bounds: partition for partition in reversed(tree.built)}
    every, schema = (*_names(tree), *others), tree.name.schema
    taken = {name.relation for name in every if name.schema == schema}
    for wanted, reason in lacking:
        ready = built.get(wanted.bounds)
        name = ready.name if ready else _free_name(table, tree, wanted, taken)
        taken.add(name.relation)
        yield Create(
            table=table.name,
            name=name,
            bounds=wanted.bounds,
            reason=reason if ready is None else f"{reason}; it is built already",
            tenant=wanted.tenant,
            built=ready.oid if ready else None,
            ahead=_is_ahead(level, wanted.bounds),
        )


def _free_name(table: Table, tree: Tree, wanted: Wanted, taken: set[str]) -> Name:
    relation = partition_name(
        tree.name.relation,
        wanted.suffix,
        template=table.name_template,
        taken=taken,
        salt=str(wanted.bounds),
    )
    return Name(tree.name.schema, relation)


def _names(tree: Tree) -> Iterator[Name]:
    yield tree.name
    if tree.default is not None:
        yield tree.default.name
    yield from (partition.name for partition in (*tree.partitions, *tree.built))
    yield from (retired.name for retired in tree.bin)


def blockers(made: Create, level: Level, pending: Iterable[Partition]) -> set[Name]:
    """Name the half-detached partitions that hold what *made* is to hold.

    PostgreSQL refuses an overlap until their detach is finished.
    """
    codec = axis(level)
    wanted = span_of(codec, made.bounds)
    if wanted is None:
        return {part.name for part in pending if shares(part.bounds, made.bounds)}
    there = ((part.name, span_of(codec, part.bounds)) for part in pending)
    return {name for name, found in there if found and overlaps(wanted, [found])}


def off_grid(table: Table, level: Level, made: Iterable[Create]) -> Iterator[Finding]:
    """Tell of new partitions that do not begin or end with a wanted range."""
    codec = axis(level)
    spans = {span_of(codec, wanted.bounds) for wanted in level.wanted}
    odd = [c for c in made if (s := span_of(codec, c.bounds)) and s not in spans]
    if codec is None or not odd:
        return
    first, *_ = odd
    count = "1 new partition does" if len(odd) == 1 else f"{len(odd)} new partitions do"
    yield Finding(
        code="off-grid",
        severity="info",
        table=table.name,
        message=(
            f"{count} not lie on the grid, as a neighbour does not: "
            f"{first.name.relation} holds {extent(codec, first.bounds, level)}."
        ),
        data={"partitions": [str(operation.name) for operation in odd]},
    )


def extent(codec: Codec, bounds: Bounds | None, level: Level) -> str:
    """Return how a range reads to a person: ``2013-01-01 to 2013-02-01``."""
    found = span_of(codec, bounds)
    if found is None:
        return str(bounds)
    return " to ".join(shown(codec, place, level.timezone) for place in found)

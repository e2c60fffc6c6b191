"""What is checked of a declaration against the table that it is about."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from partman_core import config, planner
from partman_core.engine.axes import axis
from partman_core.engine.declared import typed
from partman_core.errors import ConfigError, PartmanError
from partman_core.naming import Name
from partman_core.pg import facts, trials
from partman_core.planner import nesting
from partman_core.planner.axes import unfit
from partman_core.planner.lanes import Nothing
from partman_core.strategy import Along, Laned, Nesting, Sparing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from partman_core.engine.opening import Session
    from partman_core.keys import Key
    from partman_core.model import Table, Tree
    from partman_core.pg.registry import Declared
    from partman_core.plugins import Plugins

METHODS = frozenset({"range", "list", "hash"})


@frozen
class Mistake:
    """Why a declaration cannot work: its kind, a sentence, the way out."""

    code: str
    sentence: str
    hint: str | None = None


def refuse_what_cannot_work(
    table: Table, tree: Tree, opened: Session, plugins: Plugins
) -> None:
    """Refuse a declaration that does not go with its table, or with the server.

    :raises ConfigError: a sentence for each mistake.
    """
    columns = facts.columns(opened.conn, tree.oid)
    mistakes = [*_strategy(table, tree.key), *_key(table, tree.key, columns)]
    if not mistakes:
        mistakes = list(_wishes(table, tree, opened.now, plugins))
    if not mistakes:
        mistakes = list(_below(table, tree, opened, plugins))
    if not mistakes:
        mistakes = list(_idle(table, tree, plugins))
    mistakes += [
        Mistake(doubt.setting.replace("_", "-"), doubt.sentence, doubt.hint)
        for doubt in trials.doubts(opened.conn, tree.oid, table)
    ]
    if mistakes:
        sentences = tuple(f"{table.name}: {mistake.sentence}" for mistake in mistakes)
        raise ConfigError(
            sentences[0],
            hint=mistakes[0].hint,
            code=mistakes[0].code,
            mistakes=sentences,
        )


def _strategy(table: Table, key: Key) -> Iterator[Mistake]:
    kind = table.strategy.kind
    if kind in METHODS and kind != key.method:
        yield Mistake(
            "other-strategy",
            f"it is partitioned by {key}, not by {kind}",
            f'leave partition_type out, or set it to "{key.method}"',
        )


def _wishes(
    table: Table, tree: Tree, now: datetime, plugins: Plugins
) -> Iterator[Mistake]:
    """Say why the strategy cannot serve the table, or wants too much of it."""
    strategy, codec = table.strategy, axis(table, tree, plugins)
    problems = [*unfit(table, tree.key, codec), *strategy.problems(tree.key, codec)]
    for sentence in problems:
        yield Mistake("cannot-work", sentence)
    if problems or not isinstance(strategy, Sparing):
        return
    bare = planner.as_it_is(evolve(table, strategy=Nothing()), tree, codec, now)
    if excess := strategy.excess(bare):
        yield Mistake("too-many", excess)


def _below(
    table: Table, tree: Tree, opened: Session, plugins: Plugins
) -> Iterator[Mistake]:
    """Say why partitions cannot be partitioned again as it is wanted."""
    nests = tree.key.method == "list" and isinstance(table.strategy, Nesting)
    if nests and nesting.below(table, tree.key) is None:
        yield Mistake(
            "missing-setting",
            "partition_by is missing: the column by which the partitions of each "
            "tenant are partitioned",
            'as in partition_by = "created_at"',
        )
    for lower, inside in _levels_below(table, tree):
        key, codec = inside.key, axis(lower, inside, plugins)
        problems = [*unfit(lower, key, codec), *lower.strategy.problems(key, codec)]
        for sentence in problems:
            yield Mistake("cannot-work", f"partitions by {key}: {sentence}")
        if why := trials.split(opened.conn, tree.name, key):
            yield Mistake(
                "subpartition",
                f"its partitions cannot be partitioned by {key}: {why}",
                "a primary key or a unique constraint needs the key columns of all "
                "levels",
            )


def _levels_below(table: Table, tree: Tree) -> Iterator[tuple[Table, Tree]]:
    """Yield the levels below the first: the table as it is there, and an empty tree."""
    while (lower := nesting.below(table, tree.key)) is not None:
        key = nesting.key_below(table, tree)
        table, tree = lower, evolve(tree, key=key, partitions=(), subtrees={})
        yield table, tree


def _idle(table: Table, tree: Tree, plugins: Plugins) -> Iterator[Mistake]:
    """Say which settings would do nothing, as no level has the axis for them."""
    levels = ((table, tree), *_levels_below(table, tree))
    codecs = (axis(each, there, plugins) for each, there in levels)
    axes = frozenset(codec.axis for codec in codecs if codec is not None)
    for section in table.sections.values():
        if isinstance(section, Along):
            for sentence in section.idle_along(axes):
                yield Mistake("no-axis", sentence)


def _key(table: Table, key: Key, columns: Sequence[str]) -> Iterator[Mistake]:
    """Say how the declared key differs from the table's own."""
    declared = table.partition_by
    if isinstance(table.strategy, Laned):
        yield from _axis(table, columns)
        return
    if declared is None or _plain(declared) == _plain(_written(key)):
        return
    try:
        names = [Name.parse(part).relation for part in _parts(declared)]
    except ValueError as error:
        yield Mistake("bad-name", f"partition_by {declared!r} names no column: {error}")
        return
    missing = [name for name in names if name not in columns]
    for name in missing:
        yield Mistake(
            "missing-column",
            f"it has no column {Name(None, name)}",
            _meant(name, columns),
        )
    if not missing and names != [column.name for column in key.columns]:
        yield Mistake(
            "other-key",
            f"it is partitioned by {key}, not by {declared}",
            f'set partition_by to "{_written(key)}", or leave it out',
        )


def _axis(table: Table, columns: Sequence[str]) -> Iterator[Mistake]:
    """Say which columns a strategy is told of that there are not.

    Its key has several, or is that of a level below: it says so itself.
    """
    told = (table.partition_by, getattr(table.strategy, "tenant_column", None))
    for written in filter(None, told):
        name = Name.parse(written).relation
        if name not in columns:
            yield Mistake(
                "missing-column",
                f"it has no column {Name(None, name)}",
                _meant(name, columns),
            )


def _written(key: Key) -> str:
    return ", ".join(
        column.expression or str(Name(None, column.name or ""))
        for column in key.columns
    )


def _plain(text: str) -> str:
    return "".join(text.split()).strip("()")


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.strip().strip("()").split(",")]


def _meant(name: str, columns: Sequence[str]) -> str:
    same = [column for column in columns if column.lower() == name.lower()]
    near = same or get_close_matches(name, columns, n=1)
    if near:
        return f"did you mean {Name(None, near[0])}?"
    return f"it has {', '.join(str(Name(None, column)) for column in columns[:8])}"


def refuse_without_consent(
    before: Declared | None, table: Table, tree: Tree, plugins: Plugins
) -> None:
    """Ask for a word more where more is retired than before.

    :raises ConfigError: it is, code ``needs-confirmation``.
    """
    if why := config.tightens(_known(before, table, tree, plugins), table):
        raise ConfigError(
            f"{table.name}: {why}",
            hint="say so once more: confirm=True, or --yes on the command line",
            code="needs-confirmation",
        )


def _known(
    before: Declared | None, table: Table, tree: Tree, plugins: Plugins
) -> Table | None:
    """Return the declaration to compare with; None: nothing is partman's to retire.

    One that cannot be read, or was taken back, is taken for one that kept everything.
    """
    if before is not None:
        try:
            return typed(before, plugins)
        except PartmanError:
            return evolve(table, sections={}, requires=before.requires)
    if any(partition.ours for partition in tree.partitions):
        return evolve(table, sections={}, requires=())
    return None

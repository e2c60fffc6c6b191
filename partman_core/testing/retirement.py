"""The laws of a retention policy, held against anybody's implementation."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen
from hypothesis import assume
from hypothesis import strategies as st

from partman_core import hookimpl, planner
from partman_core.config import structure
from partman_core.errors import PluginError
from partman_core.keys import Column, Key
from partman_core.model import Partition, Retire, Section, Table
from partman_core.naming import Name
from partman_core.planner.coverage import span_of
from partman_core.testing import levels, offering, repeating
from partman_core.testing.laws import (
    EXAMPLES,
    Draw,
    LawBroken,
    codec_of,
    drawn,
    hold,
    sentences,
    shown,
    told,
)
from partman_core.testing.placing import is_over

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from partman_core.keys import Codec
    from partman_core.model import Keep
    from partman_core.plugins import Plugins
    from partman_core.strategy import Level, Strategy

    Verdicts = list[Retire | Keep]

BY_TIME = Key("range", (Column("at", "timestamp with time zone"),))
"""The key of a table that a policy is asked about, unless it is said."""


def check_retirement(  # noqa: PLR0913 - all that a policy may depend on
    hook: object,
    *,
    section: Any = None,
    settings: Mapping[str, Any] | None = None,
    strategy: Strategy | Iterable[Strategy] | st.SearchStrategy[Strategy] | None = None,
    key: Key = BY_TIME,
    codec: Codec | str | None = None,
    examples: int = EXAMPLES,
) -> None:
    """Hold a retention policy against what partman relies on, over many histories.

    - It gives :class:`~partman_core.model.Retire` and :class:`~partman_core.model.Keep`
      of partitions of the level, each with a reason; a schema and a grace only where
      they mean something.
    - It gives the same for the same level, and does not go by names.
    - It never retires what the strategy wants, nor what is not over.
    - Once what is planned is done, nothing more is planned at the same moment.
    - Its settings are read back as they were written, and keep no less than themselves.

    :param hook: an implementation of ``partman_retire``, or a plugin that has one: a
        module or an object.
    :param section: the settings that it reads, of a class that the plugin offers; one,
        several, or a Hypothesis strategy that draws them.
    :param settings: more of the table's settings, as :meth:`Engine.register` takes
        them: ``{"retention_period": "7 days"}`` for a policy that keeps some of what
        retention would retire.
    :param strategy: of the table, likewise; None: as the settings have it, by default
        ranges of a day, or of 1,000.
    :param key: of the table; where tenants have ranges of their own, of one's part.
    :param codec: of the key's axis, or its name; None: by the column's type.
    :param examples: how many histories are tried.
    :raises LawBroken: with a sentence that names the law, and the smallest example.
    :raises ConfigError: *settings* are wrong.
    :raises ValueError: there is no such codec, or none for the type of the key.
    """
    axis = codec_of(key, codec)
    numbers = axis is not None and axis.axis == "number"
    declared = {"partition_interval": 1000 if numbers else "1 day", **(settings or {})}
    base = structure(declared, offering.NAME, offering.plugins_of())
    policy = _Policy(_plugin(hook), key=key, codec=axis, base=base)
    strategies = base.strategy if strategy is None else strategy
    hold(lambda draw: policy.check(draw, strategies, section), examples=examples)


def _plugin(hook: Any) -> object:
    if callable(getattr(hook, "partman_retire", None)):
        return hook
    if not callable(hook):
        raise LawBroken(f"{hook!r} does not implement partman_retire")
    module: Any = ModuleType(getattr(hook, "__name__", "policy"))
    marked = hasattr(hook, "partman_impl")
    module.partman_retire = (
        hook if marked else hookimpl(hook, specname="partman_retire")
    )
    return module


@frozen
class _Policy:
    """The laws that are held against a plugin's word on retiring.

    :param base: a table with the settings that do not vary.
    """

    plugin: object
    key: Key
    codec: Codec | None
    base: Table
    _plugins: dict[type, Plugins] = field(factory=dict, init=False, eq=False)

    @property
    def name(self) -> str:
        return str(getattr(self.plugin, "__name__", type(self.plugin).__name__))

    def check(self, draw: Draw, strategies: Any, sections: Any) -> None:
        """Hold the laws at some level of a table that has a history."""
        strategy, section = draw(drawn(strategies)), draw(drawn(sections))
        plugins = self._offered(section)
        table = self._table(strategy, section, plugins, sections)
        level = draw(levels.levels(key=self.key, codec=self.codec))
        level = evolve(level, kept_since=None)
        there = draw(levels.histories(level=level, strategy=strategy))
        hidden = Partition(oid=1, name=Name("public", "hidden"), bounds=None)
        more = draw(st.sampled_from([()] * 9 + [(hidden,)]))
        level = evolve(level, existing=(*there, *more))
        self._check_at(plugins, evolve(table, timezone=level.timezone), level)

    def _offered(self, section: object) -> Plugins:
        """Return the plugin with the built-in ones, and its section if need be."""
        kind = type(section)
        if kind not in self._plugins:
            found = offering.plugins_of(self.plugin)
            known = {each.kind for each in found.sections().values()}
            if section is not None and kind not in known:
                own = Section(name="policy", kind=kind)
                found = offering.plugins_of(self.plugin, offering.Offer(sections=[own]))
            self._plugins[kind] = found
        return self._plugins[kind]

    def _table(
        self, strategy: Strategy, section: Any, plugins: Plugins, given: Any
    ) -> Table:
        table = evolve(self.base, strategy=strategy)
        if section is None:
            return table
        problems, what = getattr(section, "problems", None), f"{section!r}: problems"
        if callable(problems):
            why = sentences(what, told(what, lambda: problems(strategy)))
            if why and not isinstance(given, st.SearchStrategy):
                raise LawBroken(f"{section!r} refuses {strategy!r}: {why[0]}")
            assume(not why)
        own = offering.check_section(strategy, section, plugins)
        return evolve(table, sections={**self.base.sections, **own})

    def _check_at(self, plugins: Plugins, table: Table, level: Level) -> None:
        tree, where = levels.tree_of(level), shown(level)
        seen = planner.level(table, tree, self.codec, level.now)
        said = self._asked(plugins, table, seen)
        if said != self._asked(plugins, table, seen):
            raise LawBroken(
                f"{self.name} is not pure: asked twice of the same level, it says "
                "something else the second time",
                where,
            )
        for each in said:
            self._sensible(each, seen, where)
        self._by_bounds(plugins, table, seen, said)
        repeating.check_plans(table, level, lambda t, s: self._asked(plugins, t, s))

    def _asked(self, plugins: Plugins, table: Table, seen: Level) -> Verdicts:
        try:
            return plugins.verdicts(table, seen)
        except PluginError as error:
            raise LawBroken(error.message, shown(seen)) from error

    def _sensible(self, said: Retire | Keep, seen: Level, where: str) -> None:
        """Hold one word against the laws."""
        known = {one.oid: one for one in seen.existing}
        if said.partition.oid not in known:
            raise LawBroken(
                f"{self.name} speaks of {said.partition.name}, which is no partition "
                "of the level",
                where,
            )
        if not said.reason.strip():
            raise LawBroken(
                f"{self.name} gives no reason for {said.partition.name}", where
            )
        if not isinstance(said, Retire):
            return
        if (said.action == "move") is (said.schema is None):
            raise LawBroken(
                f"{self.name} says {said.action!r} with the schema {said.schema!r}: a "
                "schema is for 'move', which needs one",
                where,
            )
        if said.grace and said.action != "drop":
            raise LawBroken(
                f"{self.name} says {said.action!r} with a grace, which is how long a "
                "drop waits",
                where,
            )
        self._timely(known[said.partition.oid], seen, where)

    def _timely(self, partition: Partition, seen: Level, where: str) -> None:
        """Hold that what is retired may be retired."""
        bounds = partition.bounds
        if bounds is None:
            raise LawBroken(
                f"{self.name} retires {partition.name}, whose bounds nobody can read "
                "at the moment",
                where,
            )
        if bounds in {wanted.bounds for wanted in seen.wanted}:
            raise LawBroken(
                f"{self.name} retires what the strategy wants: {bounds}", where
            )
        span = span_of(self.codec, bounds)
        if self.codec is None or span is None:
            return
        if self.codec.axis == "number":
            over = seen.position is not None and span[1] <= seen.position
        else:
            over = is_over(self.codec, span[1], seen.now, seen.timezone)
        if not over:
            raise LawBroken(
                f"{self.name} retires what is not over yet: {bounds}", where
            )

    def _by_bounds(
        self, plugins: Plugins, table: Table, seen: Level, said: Verdicts
    ) -> None:
        """Hold that names play no part."""
        renamed = tuple(
            evolve(one, name=Name("public", f"y{1990 + number}"))
            for number, one in enumerate(seen.existing)
        )
        again = self._asked(plugins, table, evolve(seen, existing=renamed))
        meant = [(type(each), each.partition.oid) for each in said]
        if meant != [(type(each), each.partition.oid) for each in again]:
            raise LawBroken(
                f"{self.name} goes by the names of partitions, and they can lie: with "
                "other names it says something else",
                shown(seen),
            )

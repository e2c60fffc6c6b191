"""What plugins offer may raise as well: the plugin is named, and one table pays."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from attrs import frozen

from partman_core import hookimpl
from partman_core.errors import PartmanError, PluginError
from partman_core.keys.numbers import Epochs
from partman_core.model import Section

from .helpers import DAY, Clock, a_table, an_engine, by_table, children, daily

faulty: set[str] = set()
"""The methods that raise, of the classes below."""


def perhaps(method: str) -> None:
    if method in faulty:
        raise KeyError("on fire")


@frozen(kw_only=True)
class Silly:
    """A strategy with all that one may have."""

    kind: ClassVar[str] = "silly"
    size: int = 1

    def problems(self, _key, _codec):
        perhaps("Silly.problems")
        return ()

    def wanted(self, _level):
        perhaps("Silly.wanted")
        return iter(())

    def fits(self, _level, _bounds):
        perhaps("Silly.fits")

    def excess(self, _level):
        perhaps("Silly.excess")

    def told(self, _level):
        perhaps("Silly.told")
        return ()

    def beneath(self, _table, _key):
        perhaps("Silly.beneath")


@frozen(kw_only=True)
class Sillier:
    """A section with all that one may have."""

    days: int = 1

    def problems(self, _strategy):
        perhaps("Sillier.problems")
        return ()

    def tightens(self, _before):
        perhaps("Sillier.tightens")
        return ()

    def kept_since(self, _now, _timezone):
        perhaps("Sillier.kept_since")


class Tenths(Epochs):
    """A codec that stumbles."""

    def position(self, text):
        perhaps("Tenths.position")
        return super().position(text)

    def literal(self, position):
        perhaps("Tenths.literal")
        return super().literal(position)

    def at(self, moment):
        perhaps("Tenths.at")
        return super().at(moment)

    def moment(self, position):
        perhaps("Tenths.moment")
        return super().moment(position)


class Offers:
    @hookimpl
    def partman_strategies(self):
        return [Silly]

    @hookimpl
    def partman_sections(self):
        return [Section(name="sillier", kind=Sillier)]

    @hookimpl
    def partman_key_codecs(self):
        return [Tenths("tenths", 10, frozenset({"bigint"}))]


METHODS = [
    f"{kind.__name__}.{name}"
    for kind in (Silly, Sillier, Tenths)
    for name, value in vars(kind).items()
    if callable(value) and not name.startswith("_")
]


@pytest.fixture
def engine(database, pg) -> Any:
    """Have three tables, two of them with what may raise, and the plugin's engine."""
    faulty.clear()
    for table in ("events", "others"):
        a_table(pg, table)
    a_table(pg, "numbers", columns="at bigint NOT NULL", key="RANGE (at)")
    clock = Clock()
    made = an_engine(database, clock, plugins=[Offers()])
    made.register("events", partition_type="silly", sillier={"days": 1})
    daily(made, "numbers", count=2, key="tenths")
    daily(made, "others", count=2)
    made.maintain()
    pg.execute(
        "CREATE TABLE strange PARTITION OF events"
        " FOR VALUES FROM ('2020-01-01') TO ('2020-02-01')"
    )
    clock.now += DAY
    yield made
    faulty.clear()


@pytest.mark.parametrize("method", METHODS)
def test_one_that_raises_is_named_and_the_other_tables_are_served(
    engine, database, pg, method
):
    faulty.add(method)
    said: list[str] = []

    def tell(what: Any) -> None:
        said.append(str(what))

    for deed in (
        lambda: engine.register("events", partition_type="silly", sillier={"days": 2}),
        lambda: daily(engine, "numbers", count=3, key="tenths", dry_run=True),
        lambda: engine.import_existing_partitions("events", dry_run=True),
        engine.managed_tables,
        lambda: engine.partitions("events"),
    ):
        try:
            deed()
        except PluginError as error:
            tell(error)
    tell(engine.plan())
    for health in engine.check():
        tell(health)
        assert health.table.relation != "others" or health.runway
    report = engine.maintain()
    tell(report)
    assert len(children(pg, "others")) == 3
    assert by_table(report)["others"].exit_code == 0
    named = f"Offers' failed in {method}: KeyError: 'on fire'"
    assert any(named in each for each in said), "\n".join(said)


def test_a_bug_of_ours_is_not_blamed_on_a_plugin(engine, monkeypatch):
    monkeypatch.setattr("partman_core.pg.registry.runs", divmod)
    with pytest.raises(TypeError):
        engine.runs()


def test_what_a_plugin_says_in_words_of_ours_is_left_as_it_is(database, pg):
    @frozen(kw_only=True)
    class Strict(Silly):
        """Refuses with a hint."""

        kind: ClassVar[str] = "strict"

        def problems(self, _key, _codec):
            raise PartmanError("not like this", hint="like that")

    class Offer:
        @hookimpl
        def partman_strategies(self):
            return [Strict]

    a_table(pg)
    engine = an_engine(database, plugins=[Offer()])
    with pytest.raises(PartmanError, match="not like this"):
        engine.register("events", partition_type="strict")

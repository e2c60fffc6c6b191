"""A name to leave out that nobody knows is refused before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from partman_core import hookimpl
from partman_core.errors import PluginError

from .helpers import a_table, an_engine, children, daily, registered, told, value

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]

FILE = '[[tables]]\nname = "events"\npartition_interval = "1 day"\n'

DEEDS = {
    "register": lambda engine, _: daily(engine, count=9),
    "register, dry": lambda engine, _: daily(engine, dry_run=True),
    "sync": lambda engine, path: engine.sync(path),
    "maintain": lambda engine, _: engine.maintain(),
    "plan": lambda engine, _: engine.plan(),
    "check": lambda engine, _: engine.check(),
}


class Keeper:
    @hookimpl
    def partman_pre_drop(self):
        """Have a say."""


@pytest.mark.parametrize("managed", [False, True])
@pytest.mark.parametrize("deed", DEEDS)
def test_a_name_to_leave_out_that_nobody_knows_is_refused(
    database, pg, tmp_path, deed, managed
):
    a_table(pg)
    path = tmp_path / "partman.toml"
    path.write_text(FILE, "utf-8")
    if managed:
        an_engine(database, plugins=[Keeper()]).sync(path)
    engine = an_engine(database, without=["archiv_export"])
    with pytest.raises(
        PluginError, match="no plugin 'archiv_export' to leave"
    ) as error:
        DEEDS[deed](engine, path)
    assert error.value.exit_code == 4
    assert error.value.hint == "`partman plugins` lists them"
    assert registered(pg) == managed
    assert not children(pg)
    if managed:
        assert value(pg, "SELECT count(*) FROM partman.maintenance_runs") == 0
        count = (
            "SELECT settings ->> 'partition_count' FROM partman.partition_management"
        )
        assert value(pg, count) is None


def test_apply_refuses_it_as_well(database, pg):
    a_table(pg)
    engine = an_engine(database)
    daily(engine)
    with pytest.raises(PluginError, match="no plugin 'archiv_export' to leave out"):
        an_engine(database, without=["archiv_export"]).apply(engine.plan())
    assert not children(pg)


def test_what_a_table_asks_for_may_be_left_out_though_it_is_not_here(database, pg):
    a_table(pg)
    daily(an_engine(database, plugins=[Keeper()]))
    a_table(pg, "others")
    [name] = an_engine(database).managed_tables()[0].requires
    engine = an_engine(database, without=[name])
    daily(engine, "others")
    assert len(told(engine.maintain())) == 6
    daily(engine, confirm=True)
    with pytest.raises(PluginError, match="to leave out"):
        engine.plan()


def test_the_name_that_was_meant_is_guessed_from_what_tables_ask_for(database, pg):
    a_table(pg)
    daily(an_engine(database, plugins=[Keeper()]))
    [name] = an_engine(database).managed_tables()[0].requires
    with pytest.raises(PluginError, match=f"did you mean '{name}'"):
        an_engine(database, without=[f"{name}s"]).maintain()

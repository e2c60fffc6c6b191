"""What is declared comes back as it was given, whatever becomes of the table."""

from __future__ import annotations

from datetime import timedelta

import pytest

from partman_core.naming import Name
from partman_core.pg import registry

from .flights import (
    FLIGHTS,
    NOW,
    SCHEMA,
    SETTINGS,
    a_parent,
    recorded,
)

LATER = NOW + timedelta(hours=1)


def save(conn, oid, settings=SETTINGS, **changes):
    options = {"origin": "file", "requires": ["archive"], "now": NOW, **changes}
    return registry.save(conn, SCHEMA, oid, FLIGHTS, settings, **options)


def test_a_declaration_comes_back_as_it_was_given(ready):
    oid = a_parent(ready)
    number = save(ready, oid)
    (found,) = registry.declared(ready, SCHEMA)
    assert found == registry.Declared(
        id=number,
        oid=oid,
        name=FLIGHTS,
        missing=False,
        settings=SETTINGS,
        origin="file",
        paused=False,
        requires=("archive",),
        created_at=NOW,
        updated_at=NOW,
    )


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"partition_interval": 1000, "retention_period": 5000},
        {"partition_interval": "1 day", "retention_count": 3},
        {"start": None, "name_template": "{table}_%s_{suffix}"},
        {"archive": {}},
    ],
)
def test_settings_keep_their_types(ready, settings):
    save(ready, a_parent(ready), settings)
    (found,) = registry.declared(ready, SCHEMA)
    assert found.settings == settings


def test_what_people_look_for_has_its_column(ready):
    save(ready, a_parent(ready))
    row = ready.execute(
        "SELECT relation::text, schema_name, table_name, partition_interval,"
        " retention_period, partition_count, timezone, tenant_column"
        " FROM partman.partition_management"
    ).fetchone()
    assert row == (
        *("flights", "public", "flights", "1 month", "9 months", 12),
        *("Europe/Madrid", "carrier"),
    )


def test_a_declaration_replaces_the_one_before(ready):
    oid = a_parent(ready)
    number = save(ready, oid)
    changed = {"partition_interval": "1 day"}
    assert save(ready, oid, changed, origin="api", paused=True, requires=(), now=LATER)
    (found,) = registry.declared(ready, SCHEMA)
    assert (found.id, found.settings, found.origin) == (number, changed, "api")
    assert (found.paused, found.requires) == (True, ())
    assert (found.created_at, found.updated_at) == (NOW, LATER)


def test_a_managed_table_keeps_its_declaration_when_it_is_renamed(ready):
    oid = a_parent(ready)
    save(ready, oid)
    ready.execute('ALTER TABLE flights RENAME TO "Journeys"')
    ready.execute("CREATE SCHEMA travel")
    ready.execute('ALTER TABLE "Journeys" SET SCHEMA travel')
    (found,) = registry.declared(ready, SCHEMA)
    assert (found.oid, found.name) == (oid, Name("travel", "Journeys"))


def test_a_dropped_table_is_missing_until_its_namesake_is_declared(ready):
    save(ready, a_parent(ready))
    ready.execute("DROP TABLE flights")
    (found,) = registry.declared(ready, SCHEMA)
    assert (found.missing, found.name) == (True, FLIGHTS)
    again = a_parent(ready)
    save(ready, again)
    (found,) = registry.declared(ready, SCHEMA)
    assert (found.missing, found.oid) == (False, again)


def test_a_removed_table_is_not_declared_but_its_partitions_stay_ours(ready):
    oid = a_parent(ready)
    save(ready, oid)
    recorded(ready, oid, "p1")
    assert registry.remove(ready, SCHEMA, oid)
    assert not registry.remove(ready, SCHEMA, oid)
    assert registry.declared(ready, SCHEMA) == []
    assert ready.execute("SELECT count(*) FROM partman.managed_partitions").fetchone()[
        0
    ]

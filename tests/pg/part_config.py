"""The tables of pg_partman 5, as its last version has them, made by hand.

The extension itself is taken over in tests/peers, as Debian has it; that is version 4.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

LEVEL = """
    control text NOT NULL, time_encoder text, time_decoder text,
    partition_interval text NOT NULL, partition_type text NOT NULL,
    premake int NOT NULL DEFAULT 4,
    automatic_maintenance text NOT NULL DEFAULT 'on',
    template_table text, retention text, retention_schema text,
    retention_keep_index boolean NOT NULL DEFAULT true,
    retention_keep_table boolean NOT NULL DEFAULT true,
    epoch text NOT NULL DEFAULT 'none', constraint_cols text[],
    optimize_constraint int NOT NULL DEFAULT 30,
    infinite_time_partitions boolean NOT NULL DEFAULT false,
    jobmon boolean NOT NULL DEFAULT true,
    inherit_privileges boolean DEFAULT false,
    constraint_valid boolean NOT NULL DEFAULT true,
    ignore_default_data boolean NOT NULL DEFAULT true,
    date_trunc_interval text, maintenance_order int,
    retention_keep_publication boolean NOT NULL DEFAULT false,
    detach_before_drop boolean DEFAULT false,
    maintenance_role text DEFAULT current_user"""
"""What both tables have; in the second one the names begin with ``sub_``."""

TOP = """
    parent_table text PRIMARY KEY, datetime_string text,
    sub_partition_set_full boolean NOT NULL DEFAULT false,
    undo_in_progress boolean NOT NULL DEFAULT false,
    maintenance_last_run timestamptz, async_partitioning_in_progress text,
    child_table_prefix text NOT NULL DEFAULT '_p'"""

SUB = """
    sub_parent text PRIMARY KEY REFERENCES {schema}.part_config
        ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
    sub_default_table boolean DEFAULT true,
    sub_control_not_null boolean DEFAULT true"""


def install(pg: psycopg.Connection[Any], schema: str = "extensions") -> None:
    """Make the tables in a schema of their own."""
    columns = [column.strip() for column in LEVEL.split(",\n")]
    columns = [part.strip() for column in columns for part in column.split(", ")]
    below = ", ".join(f"sub_{column}" for column in columns)
    pg.execute(
        f"CREATE SCHEMA {schema};"
        f"CREATE TABLE {schema}.part_config ({TOP}, {LEVEL});"
        f"CREATE TABLE {schema}.part_config_sub ({SUB.format(schema=schema)}, {below})"
    )


def keep(
    pg: psycopg.Connection[Any], table: str = "public.events", **columns: Any
) -> None:
    """Have it keep a table, by the day where nothing else is said."""
    given = {
        "parent_table": table, "control": "at", "partition_interval": "1 day",
        "partition_type": "range", "automatic_maintenance": "off",
        "infinite_time_partitions": True, **columns,
    }  # fmt: skip
    _insert(pg, "part_config", given)


def keep_inside(pg: psycopg.Connection[Any], table: str, **columns: Any) -> None:
    """Have it partition the partitions of a table again.

    :param columns: without the ``sub_`` before their names.
    """
    given = {"partition_type": "range", **columns}
    named = {f"sub_{column}": value for column, value in given.items()}
    _insert(pg, "part_config_sub", {"sub_parent": table, **named})


def _insert(pg: psycopg.Connection[Any], table: str, given: dict[str, Any]) -> None:
    names = ", ".join(given)
    pg.execute(
        f"INSERT INTO extensions.{table} ({names}) SELECT {names}"
        f" FROM jsonb_populate_record(NULL::extensions.{table}, %s)",
        [json.dumps(given)],
    )

"""The databases that the pages are looked at with: one in trouble, one very large."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from .conftest import Site

DAY = timedelta(days=1)


def in_trouble(site: Site, now: datetime) -> None:
    """Make three tables: one is well, one has too much to keep, one fails soon.

    Of ``events`` the next day is missing while DEFAULT has rows; ``visits`` keeps what
    it should have dropped; ``flights`` has a tenant for each carrier.
    """
    for name in ("events", "visits"):
        site.sql(
            f"CREATE TABLE {name} (at timestamptz NOT NULL, note text)"
            " PARTITION BY RANGE (at)"
        )
    early = type(site.engine)(site.dsn, clock=lambda: now - 9 * DAY)
    start = f"{now - 9 * DAY:%Y-%m-%d}"
    daily: dict[str, Any] = {"partition_interval": "1 day", "partition_count": 10}
    early.register("events", start=start, default_partition=True, **daily)
    early.register("visits", start=start, **{**daily, "partition_count": 20})
    early.maintain()
    for name in ("events", "visits"):
        site.sql(
            f"INSERT INTO {name} SELECT at, 'x' FROM generate_series(%s::timestamptz,"
            " %s, '1 hour') at",
            now - 8 * DAY,
            now,
        )
    site.sql("INSERT INTO events VALUES (%s, 'late'), (%s, 'late')", now + 2 * DAY,
             now + 2 * DAY)  # fmt: skip
    site.engine.register(
        "visits", retention_period="5 days", start=start, confirm=True,
        **{**daily, "partition_count": 20},
    )  # fmt: skip
    tenants(site, now)
    site.sql("ANALYZE")


def with_a_gap(site: Site, now: datetime) -> str:
    """Make ``events`` with one partition missing; return which, as it was called."""
    site.sql("CREATE TABLE events (at timestamptz NOT NULL) PARTITION BY RANGE (at)")
    site.engine.register("events", partition_interval="1 day", partition_count=10)
    site.engine.maintain()
    name = f"events_p{now + 3 * DAY:%Y%m%d}"
    assert [name] in [[row[0]] for row in site.sql(CHILDREN)]
    site.sql(f"DROP TABLE {name}")
    return name


CHILDREN = "SELECT inhrelid::regclass::text FROM pg_inherits"


def tenants(site: Site, now: datetime) -> None:
    """Make ``flights``: LIST (carrier), then a month each, all well."""
    site.sql(
        "CREATE TABLE flights (carrier text NOT NULL, at timestamptz NOT NULL)"
        " PARTITION BY LIST (carrier)"
    )
    site.engine.register(
        "flights", tenant_column="carrier", partition_by="at",
        partition_interval="1 month", partition_count=3,
    )  # fmt: skip
    site.engine.register_tenants("flights", ["UA", "DL", "o'brien & söhne"])
    site.engine.create_future_partitions("flights")


def large(site: Site, each: int = 200, lists: int = 60) -> None:
    """Make ``many``: lists of partitions of a day, two hundred below each.

    So many below one parent, or with a TOAST table for each, would take minutes.
    """
    site.sql(
        "CREATE TABLE many (who varchar(20) NOT NULL, at timestamptz NOT NULL)"
        " PARTITION BY LIST (who)"
    )
    with ThreadPoolExecutor(2) as hands:
        made = [BELOW.format(number=number, each=each) for number in range(lists)]
        assert len(list(hands.map(site.sql, made))) == lists
    site.engine.register(
        "many", tenant_column="who", partition_by="at",
        partition_interval="1 day", partition_count=2,
    )  # fmt: skip


BELOW = """
DO $$ BEGIN
  CREATE TABLE many_{number} (LIKE many) PARTITION BY RANGE (at);
  FOR n IN 0..{each} - 1 LOOP
    EXECUTE format('CREATE TABLE many_{number}_%s PARTITION OF many_{number}'
      ' FOR VALUES FROM (%L) TO (%L)', n, date '2024-06-01' + n,
      date '2024-06-01' + n + 1);
  END LOOP;
  ALTER TABLE many ATTACH PARTITION many_{number} FOR VALUES IN ('who {number}');
END $$"""

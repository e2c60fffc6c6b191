"""The table that is worked on: daily partitions, most of them old, some current."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import psycopg
from attrs import frozen
from psycopg.conninfo import make_conninfo

DAY = timedelta(days=1)
KEPT = 5
"""Days before today that are kept."""
AHEAD = 5
"""Days that are ready when the work begins, today counted."""
WRITTEN = 5
"""Days that the application uses, today counted."""
DEVICES = 1000
SECONDS = 90
"""Between two rows of a partition; there are none in the future."""

TABLES = """
CREATE TABLE devices (id integer PRIMARY KEY, seen bigint NOT NULL DEFAULT 0);
INSERT INTO devices SELECT generate_series(1, {devices});
CREATE TABLE events (
    id bigint NOT NULL, at timestamptz NOT NULL, device integer NOT NULL {reference},
    payload text, PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX ON events (device, at);"""

PARTITION = """
CREATE TABLE {name} PARTITION OF events FOR VALUES FROM ('{lower}') TO ('{upper}');"""

FILL = """
INSERT INTO events
SELECT n, %(first)s::timestamptz + n * %(every)s * interval '1 second',
       1 + n %% %(devices)s, md5(n::text)
  FROM generate_series(0, %(days)s * 86400 / %(every)s - 1) n"""

PRESENT = """
SELECT count(*) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
 WHERE i.inhparent = 'events'::regclass AND NOT i.inhdetachpending
   AND pg_get_expr(c.relpartbound, c.oid) = ANY (%s)"""

LEFT = """
SELECT count(*) FROM pg_class
 WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
   AND relname = ANY (%s)"""


@frozen
class Kind:
    """What kind of table it is."""

    name: str
    default: bool = False
    reference: bool = False


@frozen
class Scene:
    """One database with its table, as it is worked on once.

    :param dsn: of the database, without a user.
    :param work: so many are made, then so many retired.
    :param naming: how the partitions are named, a format of :func:`time.strftime`.
    """

    dsn: str
    kind: Kind
    work: int
    naming: str
    today: date

    @property
    def worker(self) -> str:
        """The DSN that the work is done with."""
        return make_conninfo(self.dsn, user="worker")

    @property
    def application(self) -> str:
        """The DSN that the application uses."""
        return make_conninfo(self.dsn, user="application")

    @property
    def first(self) -> date:
        """The oldest partition's day."""
        return self.today - (KEPT + self.work) * DAY

    @property
    def old(self) -> list[date]:
        """The days that are no longer kept."""
        return [self.first + n * DAY for n in range(self.work)]

    @property
    def wanted(self) -> list[date]:
        """The days that are to be made."""
        return [self.today + (AHEAD + n) * DAY for n in range(self.work)]

    def name(self, day: date) -> str:
        """Return the name of a day's partition."""
        return day.strftime(self.naming)

    def made(self) -> int:
        """Return how many of those that are wanted are there."""
        return self._count(PRESENT, [bound(day) for day in self.wanted])

    def retired(self) -> int:
        """Return how many of the old ones are gone, their tables too."""
        return self.work - self._count(LEFT, [self.name(day) for day in self.old])

    def detached(self) -> int:
        """Return how many of the old ones are out of the table."""
        return self.work - self._count(PRESENT, [bound(day) for day in self.old])

    def _count(self, query: str, these: list[str]) -> int:
        with psycopg.connect(self.dsn, autocommit=True) as conn:
            row = conn.execute(query, [these]).fetchone()
        return int(row[0]) if row else 0

    def prepare(self) -> None:
        """Make the tables, all partitions but those wanted, and their rows."""
        reference = "REFERENCES devices" if self.kind.reference else ""
        past = KEPT + self.work + 1
        filling = {
            "first": self.first, "days": past, "every": SECONDS, "devices": DEVICES
        }  # fmt: skip
        with psycopg.connect(self.dsn) as conn:
            conn.execute(TABLES.format(devices=DEVICES, reference=reference))
            for day in (self.first + n * DAY for n in range(past + AHEAD - 1)):
                conn.execute(partition(self.name(day), day))
            if self.kind.default:
                conn.execute("CREATE TABLE events_default PARTITION OF events DEFAULT")
            conn.execute(FILL, filling)
        with psycopg.connect(self.dsn, autocommit=True) as conn:
            conn.execute("VACUUM ANALYZE")
            conn.execute("CHECKPOINT")


def partition(name: str, day: date) -> str:
    """Return the statement that makes a day's partition in place."""
    return PARTITION.format(name=name, lower=day, upper=day + DAY)


def bound(day: date) -> str:
    """Return a day's bounds as PostgreSQL, in UTC, shows them."""
    return f"FOR VALUES FROM ('{_moment(day)}') TO ('{_moment(day + DAY)}')"


def _moment(day: date) -> str:
    return f"{day} 00:00:00+00"


def today() -> date:
    """Return the day that it is in UTC."""
    return datetime.now(UTC).date()

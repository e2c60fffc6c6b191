"""Carriers as tenants: every flight of 2013 where it belongs, in all three layouts."""

from __future__ import annotations

from collections import Counter

import pytest

LAYOUTS = {
    "range of both": "RANGE (carrier, time_hour)",
    "list, then range": "LIST (carrier)",
    "range, then list": "RANGE (time_hour)",
}
CREATE = """
CREATE TABLE flights (
    time_hour timestamptz NOT NULL, carrier text NOT NULL, flight integer NOT NULL,
    origin text NOT NULL, dest text NOT NULL, dep_delay integer
) PARTITION BY {}"""
PLACES = """
SELECT tableoid::regclass::text, carrier, to_char(time_hour, 'YYYY-MM'), count(*)
  FROM flights GROUP BY 1, 2, 3"""
OVER = {f"2013-{number:02}" for number in range(1, 9)}
"""The months that ended three months before the last day of the year."""


@pytest.fixture
def flown(data):
    """Count the flights of each carrier and month in UTC."""
    _, *lines = data.splitlines()
    split = (line.decode().split(",") for line in lines)
    return Counter((carrier, stamp[:7]) for stamp, carrier, *_ in split)


@pytest.fixture(params=LAYOUTS)
def loaded(request, partman, pg, data, flown):
    """Register the table and its carriers, make the partitions, load all flights."""
    pg.execute(CREATE.format(LAYOUTS[request.param]))
    partman.register("--tenant-column", "carrier")
    partman("tenants", "add", "flights", *sorted({carrier for carrier, _ in flown}))
    partman("maintain")
    with (
        pg.cursor() as cursor,
        cursor.copy("COPY flights FROM STDIN (FORMAT csv, HEADER)") as copy,
    ):
        copy.write(data)
    return pg


def places(pg):
    """Return what each partition holds: carrier, month, and how many rows."""
    found = {}
    for name, carrier, month, rows in pg.execute(PLACES):
        assert name not in found, f"{name} holds rows of several carriers or months"
        found[name] = (carrier, month, rows)
    return found


def counted(pg):
    return Counter({(c, m): rows for c, m, rows in places(pg).values()})


def test_each_carrier_and_month_has_a_partition_with_all_its_flights(
    loaded, flown, partman
):
    assert counted(loaded) == flown
    assert sum(flown.values()) == 336_776
    assert "nothing to do" in partman("plan", "--check").stdout
    listed = partman.json("tenants", "list", "flights")["tenants"]
    assert {one["tenant"]: one["partitions"] for one in listed} == dict.fromkeys(
        sorted({carrier for carrier, _ in flown}), 13
    )


def test_one_carrier_is_kept_for_a_shorter_time(loaded, flown, partman, clock):
    change = ("tenants", "set", "flights", "UA", "--retention-period", "3 months")
    partman(*change, code=4)
    partman(*change, "--yes")
    partman("maintain", "--max-drops", "100")
    kept = {
        place: rows
        for place, rows in flown.items()
        if place[0] != "UA" or place[1] not in OVER
    }
    assert counted(loaded) == kept
    assert sum(flown.values()) - sum(kept.values()) == sum(
        rows for (carrier, month), rows in flown.items()
        if carrier == "UA" and month in OVER
    )  # fmt: skip
    assert "nothing to do" in partman("plan", "--check").stdout
    clock("2014-01-01T12:00+00:00")
    partman("maintain", "--max-drops", "100")
    assert counted(loaded) == {p: n for p, n in kept.items() if p != ("UA", "2013-09")}
    assert "nothing to do" in partman("plan", "--check").stdout

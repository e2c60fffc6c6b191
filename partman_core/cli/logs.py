"""The log on stderr, one line an event: for people, or JSON for programs."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from partman_core.cli.output import legible

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMS = ("text", "json")

PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every record has; all else was handed over with the event."""


class Text(logging.Formatter):
    """Lines for people: when, how grave, what."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one line; a bug's traceback stands below it."""
        said = " ".join(record.getMessage().split())
        line = f"{_at(record):%Y-%m-%dT%H:%M:%SZ} {record.levelname:<7} {said}"
        return legible(line + _traceback(record, "\n"), sys.stderr)


class Lines(logging.Formatter):
    """Lines for programs: each is an object of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one line."""
        more = {key: vars(record)[key] for key in vars(record).keys() - PLAIN}
        body: dict[str, Any] = {
            "at": _at(record).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": " ".join(record.getMessage().split()),
            **dict(sorted(more.items())),
        }
        if found := _traceback(record):
            body["traceback"] = found
        return json.dumps(body, default=str)


def _at(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _traceback(record: logging.LogRecord, before: str = "") -> str:
    error = record.exc_info and record.exc_info[1]
    if not error:
        return ""
    return before + "".join(traceback.format_exception(error)).rstrip()


@contextmanager
def shown(form: str, *, quiet: bool = False) -> Iterator[None]:
    """Show partman's log on stderr for as long as the block runs.

    :param form: ``text`` or ``json``.
    :param quiet: warnings and errors only.
    """
    log, handler = logging.getLogger("partman"), logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines() if form == "json" else Text())
    before = log.level, log.propagate
    log.addHandler(handler)
    log.propagate = False  # with -v the root shows it, too
    if log.level != logging.DEBUG:
        log.setLevel(logging.WARNING if quiet else logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before[0])
        log.propagate = before[1]

"""Cron expressions: when something is due by the calendar, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

FIELDS = 5

NAMED = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
"""The short words of cron."""


@frozen
class Cron:
    """A cron expression, read in UTC: there no hour is skipped, and none comes twice.

    :param expression: minute, hour, day of the month, month, day of the week; as
        Debian's cron reads them.
    """

    expression: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an expression, or a word such as ``@hourly``.

        :raises ValueError: it is none, or never comes.
        """
        from cronsim import CronSimError

        words = text.split()
        fields = NAMED.get(text.strip().lower(), text).split()
        if len(fields) != FIELDS:
            count = "1 field" if len(words) == 1 else f"{len(words)} fields"
            raise _error(f"{text!r} has {count}, and cron has {FIELDS}")
        found = cls(" ".join(words))
        try:
            next(found._from(datetime.now(UTC)))
        except CronSimError as error:
            why = str(error).removeprefix("Bad ")
            raise _error(f"{text!r} is not right about the {why}") from error
        except StopIteration:
            raise _error(f"{text!r} never comes") from None
        return found

    def after(self, moment: datetime) -> datetime:
        """Return the first moment after *moment* at which it is due.

        :param moment: aware.
        :returns: in UTC.
        """
        return next(self._from(moment.astimezone(UTC)))

    def _from(self, moment: datetime) -> Iterator[datetime]:
        from cronsim import CronSim

        return CronSim(NAMED.get(self.expression.lower(), self.expression), moment)

    def __str__(self) -> str:
        """Write it as :meth:`parse` reads it."""
        return self.expression


def _error(sentence: str) -> ValueError:
    error = ValueError(sentence)
    error.add_note('hint: write it as "15 * * * *" for a quarter past each hour, UTC')
    return error

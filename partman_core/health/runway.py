"""How long inserts find a partition: the first question of whoever is on call."""

from __future__ import annotations

from math import ceil, inf
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from partman_core.planner.coverage import reach
from partman_core.planner.creating import axis
from partman_core.planner.places import instant, shown, spelled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from partman_core.keys import Codec, Position
    from partman_core.planner.coverage import Span
    from partman_core.strategy import Level

State = Literal["ends", "endless", "complete", "failing", "later", "unknown"]


@frozen(kw_only=True)
class Runway:
    """Where the unbroken chain of partitions ends that begins now.

    :param state: ``ends`` somewhere, is ``endless``, is ``complete`` where there is no
        axis and all that is wanted of a list or a hash is there, there is none
        (``failing``), begins ``later`` because the settings say so, or is
        ``unknown``: a number axis whose position is not known, for example.
    :param place: how the place reads where it ends (``ends``), which no partition
        holds (``failing``), or where partitions begin (``later``).
    :param what: without an axis, what has partitions (``complete``), or what has none
        (``failing``).
    :param until: its moment, aware, UTC; None where there is none.
    :param left: how many positions are left on a number axis.
    :param end: the position where it ends.
    :param default: whether rows fall into a DEFAULT partition then.
    :param whose: the tenant that it is about; None: the whole table.
    """

    state: State
    place: str = ""
    what: str = ""
    until: datetime | None = None
    left: int | None = None
    end: Position | None = None
    default: bool = False
    whose: str | None = None

    def sentence(self, now: datetime) -> str:
        """Say it to a person.

        :param now: aware.
        """
        match self.state:
            case "ends":
                then = ", then rows fall into DEFAULT" if self.default else ""
                rest = f" ({self._rest(now)})" if self._rest(now) else ""
                return (
                    f"Inserts{self._of()} have partitions until {self.place}"
                    f"{rest}{then}."
                )
            case "endless":
                return f"Inserts{self._of()} have partitions without end."
            case "complete" if self.what:
                return f"Inserts{self._of()} have partitions for {self.what}."
            case "complete":
                return f"Rows{self._of()} fall into DEFAULT: no more is wanted."
            case "failing" if self.default:
                return f"Rows{self._of()} fall into DEFAULT NOW: {self._lack()}."
            case "failing":
                return f"Inserts{self._of()} fail NOW: {self._lack()}."
            case "later":
                return f"Partitions are wanted from {self.place} on."
        return "How long inserts have partitions is not known."

    def _of(self) -> str:
        return "" if self.whose is None else f" of {self.whose!r}"

    def _lack(self) -> str:
        if not (self.place or self.what):
            return "there is no partition for them"
        return f"no partition holds {self.place or self.what}"

    def _rest(self, now: datetime) -> str:
        if self.left is not None:
            return f"{self.left:,} left"
        return spelled(self.until - now) if self.until else ""


def runway(
    level: Level,
    here: int | None,
    wanted: Sequence[Span],
    there: Sequence[Span],
    *,
    default: bool,
) -> Runway:
    """Find out how long inserts into *level* find a partition of their own.

    :param here: the last position that does not lie in the future; None: unknown.
    :param wanted: the places of what is wanted, in order.
    :param there: the places of what exists, in order.
    :param default: whether the table has a DEFAULT partition.
    """
    codec = axis(level)
    if codec is None or here is None:
        return Runway(state="unknown", default=default)
    end = reach(here, there)
    if end is None:
        return _nothing_now(codec, level, here, wanted, default=default)
    if _is_endless(codec, end):
        return Runway(state="endless", end=end, default=default)
    return Runway(
        state="ends",
        place=shown(codec, end, level.timezone),
        until=instant(codec, end, level.timezone),
        left=ceil(end) - here - 1 if codec.axis == "number" else None,
        end=end,
        default=default,
    )


def _nothing_now(
    codec: Codec, level: Level, here: int, wanted: Sequence[Span], *, default: bool
) -> Runway:
    if wanted and wanted[0][0] > here:
        begins = wanted[0][0]
        return Runway(
            state="later",
            place=shown(codec, begins, level.timezone),
            until=instant(codec, begins, level.timezone),
            default=default,
        )
    place = shown(codec, here, level.timezone, to_minutes=True)
    return Runway(state="failing", place=place, until=level.now, default=default)


def _is_endless(codec: Codec, end: Position) -> bool:
    """Say whether *end* is infinite, or beyond the years that Python knows."""
    return end == inf or (codec.axis == "time" and codec.moment(end) is None)

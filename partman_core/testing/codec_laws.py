"""What has to be true of a codec at a position, of a text, and at a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import inf
from typing import TYPE_CHECKING, Any

from hypothesis import reject

from partman_core.testing.laws import LawBroken, told

if TYPE_CHECKING:
    from partman_core.keys import Codec
    from partman_core.pg.comparing import Comparison

    Place = int | Fraction


class Laws:
    """The laws that are held against a codec at a place or a moment."""

    def __init__(self, codec: Codec) -> None:
        self.codec = codec
        self.name = f"codec {codec.name!r}"

    def round_trip(self, one: int, other: int) -> None:
        """Hold that the value at a position leads back to it, and to no other."""
        text = self._literal(one)
        if text is None:
            return
        if text != self._literal(one):
            raise LawBroken(
                f"{self.name}: literal is another the second time", f"at {one}"
            )
        where = f"at {one}: {text!r}"
        found = told(f"{self.name}: position", lambda: self.codec.position(text), where)
        if found != one:
            raise LawBroken(
                f"{self.name}: the value at a position leads to another position",
                where,
                f"which lies at {found}",
            )
        if one != other and text == self._literal(other):
            raise LawBroken(
                f"{self.name}: two positions have the same value",
                where,
                f"and at {other}",
            )

    def _literal(self, place: Place) -> str | None:
        """Return the value at a place; None: there is none."""
        try:
            found: Any = self.codec.literal(place)
        except ValueError:
            return None
        except Exception as error:
            raise LawBroken(
                f"{self.name}: literal raises {type(error).__name__}, where ValueError "
                f"says that there is no value: {error}",
                f"at {place}",
            ) from error
        if not isinstance(found, str):
            raise LawBroken(
                f"{self.name}: literal gives {found!r}, no text", f"at {place}"
            )
        return found

    def read(self, text: str) -> None:
        """Hold that a text is a value that is printed as one, or is refused."""
        try:
            place: Any = self.codec.position(text)
        except ValueError:
            return
        except Exception as error:
            raise LawBroken(
                f"{self.name}: position raises {type(error).__name__}, where "
                f"ValueError says that it is no value: {error}",
                repr(text),
            ) from error
        if not isinstance(place, int | Fraction):
            raise LawBroken(
                f"{self.name}: position gives {place!r}, and no exact number",
                repr(text),
            )
        printed = self._literal(place)
        if printed is not None and self.codec.position(printed) != place:
            raise LawBroken(
                f"{self.name}: a value is printed as another one",
                f"{text!r} lies at {place}",
                f"where {printed!r} is printed, which lies elsewhere",
            )

    def served(self, kind: str, compare: Comparison, one: int, other: int) -> None:
        """Hold that a server prints and orders values as the codec does.

        :param kind: the type that they are of.
        """
        texts = self._literal(one), self._literal(other)
        said = compare(texts[0], texts[1]) if texts[0] and texts[1] else None
        if said is None:
            reject()
        *printed, less = said
        for text, shown in zip(texts, printed, strict=True):
            if text != shown:
                raise LawBroken(
                    f"{self.name} prints {text!r}, and PostgreSQL prints {shown!r}",
                    f"as {kind}",
                )
        if less is not (one < other):
            first = texts[0] if less else texts[1]
            raise LawBroken(
                f"{self.name} orders values otherwise than PostgreSQL",
                f"{texts[0]!r} lies at {one}, {texts[1]!r} at {other}",
                f"and as {kind}, {first!r} comes first",
            )

    def timeless(self, place: int, moment: datetime) -> None:
        """Hold that numbers have no moments."""
        for each in (place, inf, -inf):
            if self.codec.moment(each) is not None:
                raise LawBroken(
                    f"{self.name} is of a number axis, and has a moment", f"at {each}"
                )
        self._refuses(moment, "is of a number axis, and has a position for a moment")

    def _refuses(self, moment: datetime, what: str) -> None:
        try:
            self.codec.at(moment)
        except ValueError:
            return
        except Exception as error:
            raise LawBroken(
                f"{self.name}: at raises {type(error).__name__}, not ValueError: "
                f"{error}",
                str(moment),
            ) from error
        raise LawBroken(f"{self.name} {what}", str(moment))

    def in_order(self, *moments: datetime) -> None:
        """Hold that later is further, and what ``at`` gives the first not before."""
        early, late = sorted(moments)
        one, other = self._at(early), self._at(late)
        if one > other:
            raise LawBroken(
                f"{self.name}: a later moment has an earlier position",
                f"{early} lies at {one}",
                f"{late} lies at {other}",
            )
        zone = UTC if self.codec.wall else None
        self._refuses(early.replace(tzinfo=zone), "takes a moment of the wrong sort")
        here, before = self._moment(one), self._moment(one - 1)
        if here is not None and here < early:
            raise LawBroken(
                f"{self.name}: at gives a position before the moment",
                f"{early} lies at {one}, which is {here}",
            )
        none = self._literal(one - 1) is None
        if before is not None and before >= early and not none:
            raise LawBroken(
                f"{self.name}: at gives not the first position that is not before the "
                "moment",
                f"{early} lies at {one}, and {one - 1} is {before}",
            )

    def _at(self, moment: datetime) -> int:
        return told(f"{self.name}: at", lambda: self.codec.at(moment), str(moment))

    def _moment(self, place: Place | float) -> datetime | None:
        what = f"{self.name}: moment"
        found = told(what, lambda: self.codec.moment(place), f"at {place}")
        if found is None:
            return None
        offset = found.utcoffset()
        if (offset is None) is not self.codec.wall or offset:
            how = "naive, on a wall clock" if self.codec.wall else "aware, in UTC"
            raise LawBroken(f"{what} gives {found!r}, and not one {how}", f"at {place}")
        return found

    def back(self, place: int) -> None:
        """Hold that the moment of a position is the last that is not after it."""
        for end in (inf, -inf):
            if self._moment(end) is not None:
                raise LawBroken(
                    f"{self.name} has a moment beyond all values", f"at {end}"
                )
        moment = self._moment(place)
        if moment is None:
            return
        after = self._at(moment)
        if after > place:
            raise LawBroken(
                f"{self.name}: the moment of a position is after it",
                f"{place} is {moment}, which lies at {after}",
            )
        later = moment + timedelta(microseconds=1)
        if self._at(later) <= place:
            raise LawBroken(
                f"{self.name}: the moment of a position is not the last one that is "
                "not after it",
                f"{place} is {moment}, and {later} is not after it either",
            )

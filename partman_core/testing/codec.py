"""The laws of a key codec, held against anybody's."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from partman_core.keys import Column, codec_for
from partman_core.pg import session
from partman_core.pg.comparing import Comparison
from partman_core.testing import offering, times, words
from partman_core.testing.codec_laws import Laws
from partman_core.testing.laws import EXAMPLES, Draw, LawBroken, hold, sentences, told
from partman_core.testing.levels import EARLIEST, LATEST, TYPES

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from partman_core.keys import Codec

_WIDE = 10**15
_NEAR = 2000


def check_key_codec(
    codec: Codec,
    *,
    texts: st.SearchStrategy[str] | None = None,
    database: str | None = None,
    examples: int = EXAMPLES,
) -> None:
    """Hold a codec against what partman relies on.

    - It can be offered and chosen by its name, and is hashed.
    - The value at a position lies at that position, and is the same each time; other
      positions have other values.
    - Later moments have later positions; ``at`` is the first position that is not
      before a moment, and ``moment`` the last microsecond not after a position; both
      in UTC, or on a wall clock where ``wall`` says so.
    - On a number axis there are no moments.
    - What is no value is refused with ValueError, and nothing else is raised.
    - ``problems`` has a sentence for columns of other types, and none for its own.

    - With a database: PostgreSQL prints and orders the values just so, in every type
      that the codec serves, text by its bytes.

    :param codec: the codec, as ``partman_key_codecs`` offers it.
    :param texts: draws values of the key as PostgreSQL prints them; None: any text,
        most of which is none.
    :param database: DSN of a database to ask, as the fixture ``partman_database`` has
        one; None: nobody is asked.
    :param examples: how many are tried of each law.
    :raises LawBroken: with a sentence that names the law, and the smallest example.
    """
    _check_offer(codec)
    _check_columns(codec)
    laws, moments, places = Laws(codec), _moments(codec), _places(codec)
    drawing = words.values() if texts is None else texts
    hold(lambda draw: laws.round_trip(places(draw), places(draw)), examples=examples)
    hold(lambda draw: laws.read(draw(drawing)), examples=examples)
    if database is not None:
        _check_server(codec, database, examples)
    if codec.axis == "number":
        hold(lambda draw: laws.timeless(places(draw), draw(moments)), examples=examples)
        return
    hold(lambda draw: laws.in_order(draw(moments), draw(moments)), examples=examples)
    hold(lambda draw: laws.back(places(draw)), examples=examples)


def _check_server(codec: Codec, database: str, examples: int) -> None:
    """Hold a codec against what a server says of its values."""
    places, laws = _places(codec), Laws(codec)
    with session.connect(database) as conn:
        for kind in sorted(codec.types):
            compare = Comparison.of(conn, kind)
            if compare is None:
                raise LawBroken(f"codec {codec.name!r} serves {kind}: no type there")
            served = partial(laws.served, kind, compare)
            hold(
                lambda draw, served=served: served(places(draw), places(draw)),  # type: ignore[misc]
                examples=examples,
            )


def _moments(codec: Codec) -> st.SearchStrategy[datetime]:
    usual = times.moments().filter(lambda moment: EARLIEST < moment < LATEST)
    return usual.map(lambda moment: _on_its_clock(codec, moment))


def _on_its_clock(codec: Codec, moment: datetime) -> datetime:
    return moment.replace(tzinfo=None) if codec.wall else moment


def _places(codec: Codec) -> Callable[[Draw], int]:
    """Return what draws positions: those of moments, and near them; or any numbers."""
    offsets = st.just(0) | st.integers(-_NEAR, _NEAR)
    numbers = st.integers(-_NEAR, _NEAR) | st.integers(-_WIDE, _WIDE)

    def near(draw: Draw) -> int:
        if codec.axis == "number":
            return draw(numbers)
        moment = draw(_moments(codec))
        found = told(f"codec {codec.name!r}: at", lambda: codec.at(moment), str(moment))
        if not isinstance(found, int):
            raise LawBroken(
                f"codec {codec.name!r}: at gives {found!r}, and no whole number",
                str(moment),
            )
        return found + draw(offsets)

    return near


def _check_offer(codec: Codec) -> None:
    plugins = offering.plugins_of()
    if plugins.codecs().get(getattr(codec, "name", "")) is not codec:
        plugins = offering.plugins_of(offering.Offer(codecs=[codec]))
    name = f"codec {codec.name!r}"
    if hash(codec) != hash(codec) or codec != codec:  # noqa: PLR0124 - they may differ
        raise LawBroken(f"{name} is not equal to itself, or not hashed the same twice")
    if not codec.types or not all(isinstance(each, str) for each in codec.types):
        raise LawBroken(f"{name} serves no types: {codec.types!r}")
    for word in ("wall", "by_default"):
        if not isinstance(getattr(codec, word), bool):
            raise LawBroken(
                f"{name}: {word} is {getattr(codec, word)!r}, not a boolean"
            )
    column = _column(min(codec.types))
    chosen = told(name, lambda: codec_for(column, codec.name, plugins.codecs()))
    if chosen is not codec:
        raise LawBroken(f"{name} is not found by its name, but {chosen!r} is")


def _column(kind: str) -> Column:
    return Column("id", kind, collation="C")


def _check_columns(codec: Codec) -> None:
    name = f"codec {codec.name!r}: problems"
    for kind in sorted({*codec.types, *TYPES, "boolean", "a_type_of_nobody"}):
        column = _column(kind)
        answer = told(name, lambda c=column: codec.problems(c), kind)  # type: ignore[misc]
        found = sentences(name, answer, kind)
        if found and kind in codec.types:
            raise LawBroken(
                f"{name} refuses {kind}, which is one of its types: {found[0]}"
            )
        if not found and kind not in codec.types:
            raise LawBroken(
                f"{name} has nothing against {kind}, which is none of its types"
            )

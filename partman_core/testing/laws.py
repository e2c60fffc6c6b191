"""How a law is held against a plugin: what breaks it is one sentence, and an example.

Hypothesis looks for an example and makes it as small as it can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky, Unsatisfiable

from partman_core.keys import CODECS, codec_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from partman_core.keys import Codec, Key
    from partman_core.strategy import Level

C = TypeVar("C")


class Draw(Protocol):
    """What draws an example of a Hypothesis strategy."""

    def __call__(self, strategy: st.SearchStrategy[C]) -> C:
        """Draw one."""


EXAMPLES = 100
"""How many examples are tried, unless it is said."""


class LawBroken(AssertionError):
    """A plugin breaks a law.

    :param sentence: says which, and what was done against it.
    :param example: lines that show where.
    """

    def __init__(self, sentence: str, *example: str) -> None:
        super().__init__("\n  ".join([sentence, *filter(None, example)]))
        self.sentence = sentence


def hold(law: Callable[[Draw], None], *, examples: int) -> None:
    """Hold *law* against many examples.

    What plugins do is done in here and not in a Hypothesis strategy, where much is
    forbidden that they may do.

    :param law: draws what it needs, and raises :class:`LawBroken` if that breaks it.
    :param examples: how many are tried.
    :raises LawBroken: for the smallest example that was found.
    """
    seen: list[LawBroken] = []

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def attempt(data: st.DataObject) -> None:
        try:
            law(data.draw)
        except LawBroken as broken:
            seen.append(broken)
            raise

    try:
        attempt()
    except Flaky:
        # Broken only now and then: what has been seen is true all the same.
        if not seen:
            raise
        raise seen[-1] from None
    except Unsatisfiable:
        raise LawBroken(
            "nothing that was drawn could be used: is it refused?"
        ) from None


def told(kind: str, call: Callable[[], C], *example: str) -> C:
    """Call a plugin's method.

    :param kind: what is called, in words.
    :param example: lines that show with what.
    :raises LawBroken: it raised.
    """
    try:
        return call()
    except Exception as error:
        raise LawBroken(
            f"{kind} raises {type(error).__name__}: {error}", *example
        ) from error


def sentences(kind: str, answer: Any, *example: str) -> list[str]:
    """Return what should be sentences.

    :param kind: what was called, in words.
    :raises LawBroken: they are none.
    """
    wrong = isinstance(answer, str) or not hasattr(answer, "__iter__")
    found = [] if wrong else told(kind, lambda: list(answer), *example)
    if wrong or any(not isinstance(each, str) or not each.strip() for each in found):
        shown = found or answer
        raise LawBroken(f"{kind} gives {shown!r}, and not sentences", *example)
    return found


def codec_of(key: Key, codec: Codec | str | None) -> Codec | None:
    """Return the codec of a key, as an engine chooses it.

    :param codec: a codec; or the name of one of partman's own; None: by the column's
        type.
    :returns: None where the key has no axis.
    :raises ValueError: no codec of that name, or none for the type.
    """
    if codec is not None and not isinstance(codec, str):
        return codec
    if key.method != "range" or len(key.columns) != 1:
        return None
    return codec_for(key.columns[0], codec, {each.name: each for each in CODECS})


def drawn(given: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for what may be one, a value, or several values."""
    if isinstance(given, st.SearchStrategy):
        return given
    if isinstance(given, list | tuple | set | frozenset):
        return st.sampled_from(list(given))
    return st.just(given)


def shown(level: Level) -> str:
    """Return a level in a line or a few."""
    facts = [f"{level.key} at {level.now.isoformat(' ')}", f"zone {level.timezone}"]
    if level.codec is not None:
        facts.append(f"codec {level.codec.name}")
    if level.position is not None:
        facts.append(f"position {level.position}")
    if level.kept_since is not None:
        facts.append(f"kept since {level.kept_since.isoformat(' ')}")
    if level.tenants:
        facts.append(f"tenants {level.tenants!r}")
    if level.values:
        facts.append(f"values {level.values!r}")
    there = [str(partition.bounds) for partition in level.existing]
    return ", ".join(facts) + "".join(f"\n    there: {each}" for each in there)


def listed(bounds: Iterable[object], most: int = 6) -> str:
    """Return bounds, a line each, not more than are read."""
    lines = [f"wanted: {each}" for each in bounds]
    rest = [f"and {len(lines) - most} more"] if len(lines) > most else []
    return "\n    ".join(["", *lines[:most], *rest]).strip()

"""What is wrong with settings: all of it at once, a sentence and a place each."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from partman_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

_CLOSE = 0.6
"""How alike two words are, from 0 to 1, for one to be a slip of the other."""

_LESS = 0.95
"""What it counts when only the start or the end of a word is alike."""


@frozen(str=False)
class Place:
    """Where in which settings something stands.

    :param file: the settings' file; empty for keywords and flags.
    :param path: as in ``tables[0].archive``.
    """

    file: str = ""
    path: str = ""

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read a place: ``tables[0]``, or ``partman.toml: tables[0]``."""
        file, _, path = text.rpartition(": ")
        return cls(file, path)

    def __str__(self) -> str:
        return f"{self.file}: {self.path}" if self.file else self.path

    def at(self, key: str | int) -> Place:
        """Return the place of a key or an item here."""
        if isinstance(key, int):
            return evolve(self, path=f"{self.path}[{key}]")
        return evolve(self, path=f"{self.path}.{key}" if self.path else key)

    def says(self, sentence: str) -> str:
        """Return *sentence* with the file before it and the path behind it."""
        before = f"{self.file}: " if self.file else ""
        behind = f" @ {self.path}" if self.path else ""
        return f"{before}{sentence}{behind}"


@frozen
class Mistakes:
    """The mistakes found so far.

    :param found: sentence and hint of each; the sentence has its place.
    """

    found: list[tuple[str, str | None]] = field(factory=list)

    def add(self, place: Place, sentence: str, hint: str | None = None) -> None:
        """Remember a mistake."""
        entry = (place.says(sentence), hint)
        if entry not in self.found:
            self.found.append(entry)

    def add_error(
        self, place: Place, error: Exception, hint: str | None = None
    ) -> None:
        """Remember a mistake that was raised.

        :param hint: for an error that has none in its notes.
        """
        # Validators of attrs put more than the sentence into their errors.
        sentence = str(error.args[0]) if error.args else type(error).__name__
        self.add(place, sentence, hint_of(error) or hint)

    def __bool__(self) -> bool:
        return bool(self.found)

    def refuse(self, what: str) -> None:
        """Raise all mistakes as one error, if there are any.

        :param what: what they are mistakes of.
        """
        if not self.found:
            return
        lines = tuple(
            f"{sentence} (hint: {hint})" if hint else sentence
            for sentence, hint in self.found
        )
        if len(lines) == 1:
            sentence, hint = self.found[0]
            raise ConfigError(sentence, hint=hint, code="settings", mistakes=lines)
        error = ConfigError(
            f"{len(lines)} mistakes in {what}", code="settings", mistakes=lines
        )
        for line in lines:
            error.add_note(f"- {line}")
        raise error


def hint_of(error: BaseException) -> str | None:
    """Return the hint among an error's notes."""
    for note in getattr(error, "__notes__", ()):
        if note.startswith("hint: "):
            return str(note.removeprefix("hint: "))
    return None


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return what was probably meant by *word*.

    A slip may concern the whole word or its beginning or end: ``retentoin`` is a
    slip of ``retention_period``, although much of that is missing.  Of words equally
    alike the first wins.
    """
    best, alike = None, _CLOSE
    for candidate in known:
        likeness = _likeness(word.casefold().replace("-", "_"), candidate.casefold())
        if likeness > alike:
            best, alike = candidate, likeness
    return best


def _likeness(word: str, candidate: str) -> float:
    parts = candidate.split("_")
    pieces = {"_".join(parts[:n]) for n in range(1, len(parts))}
    pieces |= {"_".join(parts[n:]) for n in range(1, len(parts))}
    return max(
        _ratio(word, candidate),
        *(_LESS * _ratio(word, piece) for piece in pieces),
        0.0,
    )


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence about a misspelt word; empty if nothing is near."""
    near = nearest(word, known)
    return f"; did you mean {near!r}?" if near else ""

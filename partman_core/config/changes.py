"""What a new declaration of a table changes, and whether somebody has to confirm it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from partman_core.config.reading import as_written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partman_core.model import Table


@frozen
class Change:
    """One setting that is not as it was.

    :param key: a section's keys are named ``section.key``.
    :param before: None: not declared, so as by default.
    :param after: likewise.
    """

    key: str
    before: Any
    after: Any

    def __str__(self) -> str:
        before, after = map(_written, (self.before, self.after))
        return f"{self.key}: {before} → {after}"


def _written(value: Any) -> str:
    return "default" if value is None else as_written(value)


def difference(
    before: Mapping[str, Any] | None, after: Mapping[str, Any]
) -> tuple[Change, ...]:
    """Return what differs between two settings of a table, canonical ones.

    :param before: None: there were none.
    """
    was, is_now = dict(_flat(before or {})), dict(_flat(after))
    names = dict.fromkeys([*is_now, *was])
    return tuple(
        Change(key, was.get(key), is_now.get(key))
        for key in names
        if was.get(key) != is_now.get(key)
    )


def _flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in settings.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def tightens(before: Table | None, after: Table) -> str | None:
    """Say whether a change retires more, or destroys what was kept before.

    Sections speak for themselves: one that limits what is kept has a method
    ``tightens(before)``, which yields a sentence for each way in which it keeps
    less than the section that was there before (None: there was none).

    :param before: None: it was not managed, so nothing of it was partman's to keep.
    :returns: a sentence for the person who has to confirm it; None if it does not.
    """
    if before is None:
        return None
    sentences = []
    for name, section in after.sections.items():
        compare = getattr(section, "tightens", None)
        if callable(compare):
            sentences += compare(before.sections.get(name))
    gone = [name for name in before.requires if name not in after.requires]
    if gone:
        names = " and ".join(map(repr, gone))
        sentences.append(f"{names} no longer has a say in what is destroyed")
    return "; ".join(sentences) or None

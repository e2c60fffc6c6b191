"""From plain values (TOML, JSON, flags, keywords) to typed ones, and back.

Strict: nothing is guessed.  ``"no"`` is no boolean and ``7`` no text.  What is read
is written back in one canonical spelling, from which the same value is read again.
"""

from __future__ import annotations

from collections import abc
from contextlib import suppress
from datetime import date, datetime
from enum import Enum
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

import attrs
from cattrs import ClassValidationError, Converter, IterableValidationError
from cattrs.errors import ForbiddenExtraKeysError, IterableValidationNote
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn

from partman_core.config.mistakes import did_you_mean
from partman_core.config.scalars import READERS, iso, shown, wrong
from partman_core.interval import Interval
from partman_core.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from partman_core.config.mistakes import Mistakes, Place

_ITEMS = (list, tuple, set, frozenset, abc.Sequence, abc.Collection, abc.Iterable)
_TABLES = (dict, abc.Mapping, abc.MutableMapping)


def structure(value: Any, kind: Any) -> Any:
    """Return *value* as a value of the type *kind*.

    :raises Exception: it is none; :func:`remember` makes sentences of it.
    """
    return _converter().structure(value, kind)


def plain(value: Any) -> Any:
    """Return *value* as plain JSON, without what is as it is by default."""
    return _converter().unstructure(value)


def remember(
    error: Exception, place: Place, mistakes: Mistakes, hint: str | None = None
) -> None:
    """Remember what :func:`structure` raised, a sentence for each mistake.

    :param place: of the value as a whole.
    :param hint: for errors that have none.
    """
    if isinstance(error, ClassValidationError | IterableValidationError):
        noted, others = error.group_exceptions()
        for inner, note in noted:
            if isinstance(note, IterableValidationNote):
                remember(inner, place.at(note.index), mistakes)
            elif isinstance(inner, KeyError):
                mistakes.add(place, f"{note.name!r} is required")
            else:
                remember(inner, place.at(note.name), mistakes)
        for inner in others:
            remember(inner, place, mistakes)
    elif isinstance(error, ForbiddenExtraKeysError):
        known = settings_of(error.cl)
        for key in sorted(error.extra_fields):
            mistakes.add(place, f"no setting {key!r}{did_you_mean(key, known)}")
    else:
        mistakes.add_error(place, error, hint)


@cache
def _converter() -> Converter:
    made = Converter(detailed_validation=True, omit_if_default=True)
    for kind, read in READERS.items():
        made.register_structure_hook(kind, read)
    for matches, compound in _COMPOUNDS:
        made.register_structure_hook_func(matches, compound)
    made.register_structure_hook_factory(attrs.has, _class_reader)
    made.register_unstructure_hook_factory(attrs.has, _class_writer)
    made.register_unstructure_hook(Interval, str)
    for kind in (datetime, date):
        made.register_unstructure_hook(kind, iso)
    made.register_unstructure_hook_func(_is_path, str)
    made.register_unstructure_hook_func(
        lambda kind: _origin(kind) in (set, frozenset, abc.Set),
        lambda values: sorted(map(made.unstructure, values)),
    )
    made.register_unstructure_hook_func(
        lambda kind: _origin(kind) is tuple,
        lambda values: list(map(made.unstructure, values)),
    )
    return made


def _is_path(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Path)


def _origin(kind: Any) -> Any:
    return get_origin(kind) or kind


def _union(value: Any, kind: Any) -> Any:
    """Read what may be of several types: whole numbers only as such."""
    kinds = get_args(kind)
    if value is None and NoneType in kinds:
        return None
    if type(value) is int and int in kinds:
        return value
    first, *others = [each for each in kinds if each not in (NoneType, int)] or [int]
    try:
        return structure(value, first)
    except Exception:
        for each in others:
            with suppress(Exception):
                return structure(value, each)
        raise


def _literal(value: Any, kind: Any) -> Any:
    choices = get_args(kind)
    for choice in choices:
        if type(choice) is type(value) and choice == value:
            return value
    words = [str(choice) for choice in choices]
    guess = did_you_mean(value, words) if isinstance(value, str) else ""
    raise wrong(value, f"one of {', '.join(map(shown, choices))}{guess}")


def _enum(value: Any, kind: type[Enum]) -> Enum:
    if isinstance(value, kind):
        return value
    return kind(_literal(value, Literal[tuple(each.value for each in kind)]))


def _items(value: Any, kind: Any) -> Any:
    """Read a list, a tuple or a set."""
    if not isinstance(value, abc.Sequence | abc.Set) or isinstance(value, str):
        raise wrong(value, "a list")
    inner = get_args(kind) or (Any,)
    kinds = [inner[0]] * len(value)
    if _origin(kind) is tuple and inner[-1] is not Ellipsis and get_args(kind):
        if len(inner) != len(value):
            raise wrong(value, f"a list of {len(inner)}")
        kinds = list(inner)
    pairs = zip(enumerate(value), kinds, strict=True)
    read = _each(((index, item, each) for (index, item), each in pairs), kind)
    made = _origin(kind)
    return made(read) if made in (tuple, set, frozenset) else read


def _table(value: Any, kind: Any) -> dict[Any, Any]:
    if not isinstance(value, abc.Mapping):
        raise wrong(value, "a table")
    keys, values = get_args(kind) or (Any, Any)
    read = _each(((str(key), item, values) for key, item in value.items()), kind)
    return dict(zip([structure(key, keys) for key in value], read, strict=True))


def _each(items: abc.Iterable[tuple[int | str, Any, Any]], kind: Any) -> list[Any]:
    """Read every item, and raise what is wrong with any, with its place."""
    read, errors = [], []
    for index, item, inner in items:
        try:
            read.append(structure(item, inner))
        except Exception as error:  # noqa: BLE001 - raised below, all together
            error.add_note(IterableValidationNote(f"at {index!r}", index, inner))
            errors.append(error)
    if errors:
        raise IterableValidationError("wrong items", errors, kind)
    return read


def _class_reader(kind: type[Any], made: Converter) -> Callable[[Any, Any], Any]:
    """Return what reads an attrs class from a table, or takes it ready-made.

    :param made: reads the fields.
    """
    read = make_dict_structure_fn(
        kind, made, _cattrs_forbid_extra_keys=True, _cattrs_use_alias=True
    )

    def checked(value: Any, _: Any) -> Any:
        if isinstance(value, kind):
            return value
        if not isinstance(value, abc.Mapping):
            raise wrong(value, "a table")
        return read(value, kind)

    return checked


def _class_writer(kind: type[Any], made: Converter) -> Callable[[Any], Any]:
    """Return what writes an attrs class as a table, without its defaults."""
    return make_dict_unstructure_fn(
        kind, made, _cattrs_omit_if_default=True, _cattrs_use_alias=True
    )


_COMPOUNDS: tuple[tuple[Callable[[Any], bool], Callable[[Any, Any], Any]], ...] = (
    (lambda kind: _origin(kind) in _ITEMS, _items),
    (lambda kind: _origin(kind) in _TABLES, _table),
    (lambda kind: isinstance(kind, type) and issubclass(kind, Enum), _enum),
    (lambda kind: get_origin(kind) is Literal, _literal),
    (lambda kind: get_origin(kind) in (Union, UnionType), _union),
)

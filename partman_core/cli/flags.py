"""The settings of a table as flags: each is named as its key, with dashes.

The list is fixed, so that ``--help`` needs no plugin; settings of other plugins are
given with ``--set``.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

TEXTS = {
    "partition_by": "Key column, as a check.  [default: the parent's]",
    "partition_type": "Strategy.  [default: the parent's own]",
    "key": "Codec of the key: epoch_s, epoch_ms, uuid7, ulid ...  [default: by type]",
    "partition_until": "Keep partitions ready up to this date.",
    "tenant_column": "Column that says whose a row is.  [default: no tenants]",
    "tenants_query": "SQL that finds the tenants, one a row.",
    "timezone": "Zone of the grid.  [default: UTC]",
    "name_template": "Names of partitions.  [default: {table}_p{suffix}]",
    "tablespace": "Tablespace of new partitions.  [default: the parent's]",
    "retention_action": "drop, detach or move.  [default: drop]",
    "retention_schema": "Schema that partitions are moved to.",
    "grace_period": "How long detached partitions wait for their drop.",
    "max_stall": "Longest wait that queries may suffer from us.  [default: 100 ms]",
    "lock_patience": "How long to try for locks.  [default: 30 seconds]",
    "hook_timeout": "How long a pre-drop hook may take.  [default: 1 hour]",
}
NUMBERS = {
    "partition_count": "Periods to keep ready, this one counted.  [default: 10]",
    "retention_count": "Keep this many partitions.",
    "max_drops": "Retire at most so many in a run.  [default: half of them]",
}
EITHER = {
    "partition_interval": "Width of a partition: '1 month', or 1000000 on ids.",
    "start": "First moment or id that needs a partition.  [default: now]",
    "anchor": "A point of the grid.  [default: 2001-01-01, or 0]",
    "retention_period": "Keep what is younger, e.g. '30 days'.  [default: for ever]",
}
ORDER = (
    "partition_by", "partition_type", "key", "partition_interval", "partition_count",
    "tenant_column", "tenants_query",
    "partition_until", "start", "anchor", "timezone", "name_template",
    "tablespace", "retention_period", "retention_count", "retention_action",
    "retention_schema", "grace_period", "max_drops", "max_stall", "lock_patience",
    "hook_timeout",
)  # fmt: skip
_INTEGER = re.compile(r"[+-]?\d+")


class TextOrNumber(click.ParamType[str | int]):
    """An integer for number axes, or else a text: config says which one fits."""

    name = "text|integer"

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,  # noqa: ARG002
        ctx: click.Context | None,  # noqa: ARG002
    ) -> str | int:
        """Read it."""
        if isinstance(value, str) and _INTEGER.fullmatch(value):
            return int(value)
        return str(value)


def settings_flags(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give *command* a flag for each setting; they arrive by their keys."""
    decorated = click.option(
        "--set",
        "extra",
        multiple=True,
        metavar="KEY=VALUE",
        help="Any other setting; a plugin's as SECTION.KEY=VALUE.",
    )(command)
    decorated = click.option(
        "--storage",
        multiple=True,
        metavar="KEY=VALUE",
        help="Storage parameter of new partitions.",
    )(decorated)
    decorated = click.option(
        "--default-partition/--no-default-partition",
        default=None,
        help="Keep a DEFAULT partition.  [default: no]",
    )(decorated)
    for key in reversed(ORDER):
        decorated = _flag(key)(decorated)
    return decorated


def _flag(key: str) -> Callable[[Any], Any]:
    name = f"--{key.replace('_', '-')}"
    if key in NUMBERS:
        return click.option(name, key, type=int, help=NUMBERS[key])
    if key in EITHER:
        return click.option(name, key, type=TextOrNumber(), help=EITHER[key])
    return click.option(name, key, help=TEXTS[key])


def collected(
    given: Mapping[str, Any], storage: Iterable[str], extra: Iterable[str]
) -> dict[str, Any]:
    """Return the settings that were given, as a settings file would have them.

    :param given: flags by key; None where a flag was not given.
    :param storage: storage parameters as ``KEY=VALUE``.
    :param extra: settings as ``KEY=VALUE`` or ``SECTION.KEY=VALUE``.
    :raises click.UsageError: one of them is not of that form.
    """
    settings = {key: value for key, value in given.items() if value is not None}
    if parameters := dict(_pair(text, "--storage") for text in storage):
        settings["storage"] = parameters
    for text in extra:
        path, value = _pair(text, "--set")
        *sections, key = path.split(".")
        place = settings
        for section in sections:
            place = place.setdefault(section, {})
            if not isinstance(place, dict):
                raise click.UsageError(f"--set {text}: {section!r} is no section")
        place[key] = _value(value)
    return settings


def _pair(text: str, flag: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not (key.strip() and sign):
        raise click.UsageError(f"{flag} takes KEY=VALUE, not {text!r}")
    return key.strip(), value


def _value(text: str) -> Any:
    """Read *text* as TOML would, so that 3, true and [..] are what they say."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text

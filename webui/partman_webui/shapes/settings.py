"""What is told of settings, and how they are changed."""

from __future__ import annotations

from typing import Any, Literal

from attrs import frozen

from partman_webui.shapes.plans import PlanShown


@frozen(kw_only=True)
class SettingsShown:
    """The settings of a table.

    :param editable: whether this login may change them, and they come from no file.
    :param why_not: the sentence that says why they cannot be changed here.
    :param schema: JSON Schema of *settings*, with the installed plugins.
    """

    table: str
    origin: Literal["api", "file"]
    editable: bool
    why_not: str | None
    settings: dict[str, Any]
    schema: dict[str, Any]


@frozen(kw_only=True)
class SettingsAsked:
    """Body of ``PUT .../settings`` and ``POST .../settings/preview``: all of them.

    :param confirm: the table's id, where more is retired than before.
    """

    settings: dict[str, Any]
    confirm: str | None = None


@frozen(kw_only=True)
class Mistake:
    """What is wrong with one setting.

    :param pointer: a JSON pointer into the settings, such as ``/retention_period``.
    """

    pointer: str
    text: str
    hint: str | None = None


@frozen(kw_only=True)
class SettingsPreview:
    """What settings would change.

    :param retires_more: a confirmation is needed, and why.
    """

    mistakes: list[Mistake]
    changes: list[str]
    retires_more: str | None
    plan: PlanShown | None

"""Tables for terminals: as wide as there is room, names never cut."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from partman_core.cli.output import legible

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

PADDING = 2
FOLDED = 16
"""The least width of a column whose cells may take several lines."""


def draw(  # noqa: PLR0913 - all that a table depends on
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Container[str],
    spare: Sequence[str],
    fold: Container[str],
    *,
    coloured: bool,
) -> None:
    """Draw a table on stdout.

    :param right: columns whose cells are aligned to the right.
    :param spare: columns that a narrow terminal does without, in that order.
    :param fold: columns whose cells may take several lines.
    """
    console = Console(highlight=False, color_system="auto" if coloured else None)
    widths = _widths(columns, rows, fold)
    left_out: set[str] = set()
    for column in spare:
        if _width(widths, left_out) > console.width:
            left_out.add(column)
    made = Table(box=box.SIMPLE_HEAD, header_style="bold")
    for column in columns:
        if column not in left_out:
            made.add_column(
                column,
                justify="right" if column in right else "left",
                no_wrap=column not in fold,
                overflow="fold",
            )
    for row in rows:
        cells = zip(columns, row, strict=True)
        shown = (cell for column, cell in cells if column not in left_out)
        made.add_row(*(Text(legible(cell, sys.stdout)) for cell in shown))
    console.width = max(console.width, _width(widths, left_out))
    console.print(made)


def _widths(
    columns: Sequence[str], rows: Sequence[Sequence[str]], fold: Container[str]
) -> dict[str, int]:
    widths = {}
    for column, cells in zip(columns, zip(columns, *rows, strict=True), strict=True):
        width = max(map(cell_len, cells))
        widths[column] = min(width, FOLDED) if column in fold else width
    return widths


def _width(widths: dict[str, int], left_out: Container[str]) -> int:
    kept = [width for column, width in widths.items() if column not in left_out]
    return sum(kept) + (len(kept) + 1) * PADDING + len(kept)

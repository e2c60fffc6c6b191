"""How results reach a terminal, a pipe or a program.

Results go to stdout, everything else to stderr.  Signs carry the meaning and
colour repeats it; where the stream cannot encode a sign, ASCII stands for it.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ASCII = str.maketrans(
    {"…": "..", "≈": "~", "×": "x", "–": "-", "—": "-", "·": "-", "→": "->",
     "●": "*", "▲": "!", "■": "#", "✓": "v", "✗": "x", "≤": "<="},
)  # fmt: skip

STYLES: Mapping[str, Mapping[str, Any]] = {
    "good": {"fg": "green"},
    "change": {"fg": "yellow"},
    "bad": {"fg": "red"},
    "strong": {"bold": True},
    "quiet": {"dim": True},
}


def legible(text: str, stream: TextIO) -> str:
    """Return *text* in signs that *stream* can encode."""
    encoding = stream.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        plain = text.translate(ASCII)
        return plain.encode(encoding, "backslashreplace").decode(encoding)
    return text


def emit(text: str, stream: TextIO) -> None:
    """Write a line to *stream* in signs that it can encode."""
    stream.write(f"{legible(text, stream)}\n")


def wants_colour(choice: str, stream: TextIO) -> bool:
    """Say whether to colour what goes to *stream*.

    :param choice: ``always``, ``never``, or ``auto``: on a terminal, unless
        NO_COLOR, CLICOLOR=0 or TERM=dumb say no, or FORCE_COLOR says yes.
    """
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("CLICOLOR") == "0":
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


class Output:
    """What commands print with.

    :param colour: ``auto``, ``always`` or ``never``.
    :param quiet: say nothing on stderr but errors.
    """

    def __init__(self, colour: str = "auto", *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.coloured = wants_colour(colour, sys.stdout)
        self.live = sys.stderr.isatty() and not quiet

    def say(self, text: str = "") -> None:
        """Write a line of the result."""
        emit(text, sys.stdout)

    def note(self, text: str) -> None:
        """Write a line that is not part of the result, unless told to be quiet."""
        if not self.quiet:
            emit(text, sys.stderr)

    def paint(self, text: str, style: str) -> str:
        """Colour *text*, where colours are wanted."""
        return click.style(text, **STYLES[style]) if self.coloured else text

    def envelope(self, command: str, body: Mapping[str, Any]) -> None:
        """Write a result for programs, with what every result has."""
        head = {
            "version": 1,
            "command": command,
            "generated_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        readable = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        self.say(json.dumps(head | dict(body), indent=2, ensure_ascii=not readable))

    def table(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        right: str = "",
        spare: str = "",
        fold: str = "",
    ) -> None:
        """Write a table: with lines for a terminal, with tabs for programs.

        Columns are named with spaces between them:

        :param right: whose cells are aligned to the right.
        :param spare: what a narrow terminal does without, in that order.
        :param fold: whose cells may take several lines; names never do.
        """
        if sys.stdout.isatty():
            from partman_core.cli.drawing import draw

            words = (right.split(), spare.split(), fold.split())
            draw(columns, [[*row] for row in rows], *words, coloured=self.coloured)
            return
        self.say("\t".join(columns))
        for row in rows:
            self.say("\t".join(row))

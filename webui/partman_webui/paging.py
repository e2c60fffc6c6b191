"""Pages of long lists: a cursor says after which entry the next page begins.

What is in a cursor is nobody's business but ours, so it is written in a way that nobody
takes it for something else.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any, TypeVar

from partman_webui.problems import ProblemError, problem

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


def written(kind: str, place: Any) -> str:
    """Write a cursor.

    :param kind: of the list, so that a cursor of another one is refused.
    :param place: of the last entry of the page, in plain JSON.
    """
    text = json.dumps([kind, place], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def place(kind: str, cursor: str | None) -> Any:
    """Read a cursor; None: from the beginning.

    :raises ProblemError: it is none of this list.
    """
    if not cursor:
        return None
    try:
        text = base64.b64decode(
            cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True
        )
        found = json.loads(text)
    except (binascii.Error, ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or len(found) != 2 or found[0] != kind:  # noqa: PLR2004
        raise refused()
    return found[1]


def page(
    kind: str, items: Sequence[T], cursor: str | None, limit: int
) -> tuple[list[T], str | None]:
    """Return a page of a list that is at hand, and the cursor of the next one."""
    start = place(kind, cursor)
    if start is None:
        start = 0
    if not isinstance(start, int) or isinstance(start, bool) or start < 0:
        raise refused()
    end = start + limit
    return list(items[start:end]), written(kind, end) if end < len(items) else None


def before(kind: str, cursor: str | None) -> int | None:
    """Read a cursor of a list that is sorted by numbers, the largest first.

    :raises ProblemError: it is none of this list.
    """
    found = place(kind, cursor)
    if found is None:
        return None
    if not isinstance(found, int) or isinstance(found, bool) or not 0 < found < 2**63:
        raise refused()
    return found


def refused() -> ProblemError:
    """Return the refusal of a cursor that no list has given."""
    return problem(
        "bad-request",
        "The cursor is none that this list has given.",
        hint="Begin without a cursor.",
    )

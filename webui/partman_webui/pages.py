"""The pages themselves: read once, answered from memory.

Every address that is no file and no part of the API is a page, and all pages are
index.html, with the prefix and a few settings written into it.  No path of a request
is ever looked up on disk.
"""

from __future__ import annotations

import html
import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from partman_webui.answers import Response, etag
from partman_webui.problems import problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from partman_webui.received import Received

INDEX = "index.html"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
HASHED = "assets/"
"""Where files have their content's hash in their names."""

_BOOT = re.compile(
    r'(<script type="application/json" id="boot">).*?(</script>)', re.DOTALL
)


@frozen
class Pages:
    """The bundle.

    :param files: their bytes, by their paths.
    :param poll: seconds between two readings of a page.
    :param database: what is shown where an address names no database.
    :param ways: the ways to log in.
    """

    files: Mapping[str, bytes] = field(repr=False)
    poll: int
    database: str
    ways: tuple[str, ...]

    def answer(self, asked: Received) -> Response:
        """Answer with a file, or a page.

        :raises ProblemError: ``method-not-allowed``, ``not-found`` or
            ``not-acceptable``.
        """
        if asked.method not in {"GET", "HEAD"}:
            raise problem(
                "method-not-allowed",
                f"{asked.path[:200]} can be read, and nothing else.",
                headers={"Allow": "GET, HEAD"},
            )
        name = asked.path.removeprefix("/")
        if name in self.files and name != INDEX:
            return self._file(name)
        steps = name.split("/")
        if _is_file(steps) or {".", ".."}.intersection(steps) or "" in steps[:-1]:
            raise problem("not-found", f"There is no file {asked.path[:200]!r}.")
        return self.page(asked)

    def page(self, asked: Received, status: int = 200, **notice: Any) -> Response:
        """Answer with index.html.

        :param notice: more for the pages to know.
        :raises ProblemError: ``not-acceptable``: HTML is not wanted; ``not-found``:
            this installation has no pages.
        """
        if not asked.accepts("text/html"):
            raise problem(
                "not-acceptable",
                f"{asked.path[:200]} is a page, and so it is HTML.",
                hint="What programs read is below /api/v1.",
                headers={"Vary": "Accept"},
            )
        if INDEX not in self.files:
            raise problem(
                "not-found",
                "This installation has no pages: static/index.html is missing.",
                hint="In a checkout: `npm ci && npm run build` in webui/frontend.",
            )
        headers = {
            "Content-Type": TYPES[".html"],
            "Cache-Control": "no-cache",
            "Vary": "Accept",
        }
        body = self._index(asked.prefix, tuple(sorted(notice.items())))
        return Response(status=status, headers=headers, body=body)

    def _file(self, name: str) -> Response:
        hashed = name.startswith(HASHED)
        age = "public, max-age=31536000, immutable" if hashed else "no-cache"
        suffix = name[name.rfind(".") :]
        body = self.files[name]
        headers = {
            "Content-Type": TYPES.get(suffix, "application/octet-stream"),
            "Cache-Control": age,
            "ETag": _tag(body),
        }
        return Response(status=200, headers=headers, body=body)

    def _index(self, prefix: str, notice: tuple[tuple[str, Any], ...]) -> bytes:
        boot = {
            "prefix": prefix,
            "database": self.database,
            "poll": self.poll,
            "ways": list(self.ways),
            **dict(notice),
        }
        # so that nothing in it ends the element that it stands in
        text = json.dumps(boot).replace("<", "\\u003c")
        page = self.files[INDEX].decode("utf-8")
        page = page.replace('="./', f'="{html.escape(prefix)}/')
        return _BOOT.sub(lambda found: found[1] + text + found[2], page).encode()


def read(static: Path) -> dict[str, bytes]:
    """Read the files of a bundle, by their paths in it; none that lies elsewhere."""
    root = static.resolve()
    return {
        path.relative_to(static).as_posix(): path.read_bytes()
        for path in sorted(static.rglob("*"))
        if path.is_file() and path.resolve().is_relative_to(root)
    }


def _is_file(steps: list[str]) -> bool:
    """Say whether a path is that of a file: names of tables have dots, too."""
    if steps == [INDEX]:
        return False
    return steps[0] == HASHED.rstrip("/") or (len(steps) == 1 and "." in steps[0])


@lru_cache(maxsize=256)
def _tag(body: bytes) -> str:
    return etag(body)

"""Which handler answers an address: Bottle's router, with our kinds of parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bottle  # type: ignore[import-untyped]

from partman_webui.problems import problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partman_webui.app import Route

_NAME = r'(?:"(?:[^"]|"")*"|[^/"])+'
"""A name as SQL writes it: a slash can only stand between quotes."""

_NUMBER = r"[0-9]{1,18}"


class Routes:
    """All routes.

    :param routes: those with more steps are tried first.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self._router = bottle.Router()
        self._router.add_filter("table", lambda _: (_NAME, None, None))
        self._router.add_filter("int", lambda _: (_NUMBER, int, str))
        every = sorted(routes, key=lambda route: -route.rule.count("/"))
        for route in every:
            self._router.add(route.rule, route.method, route)

    def match(self, method: str, path: str) -> tuple[Route, dict[str, Any]]:
        """Return the route of a request, and the parts of its address.

        :raises ProblemError: ``not-found``, or ``method-not-allowed``.
        """
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path}
        try:
            route, parts = self._router.match(environ)
        except bottle.HTTPError as error:
            raise _refused(method, path, error) from None
        return route, parts


def _refused(method: str, path: str, error: bottle.HTTPError) -> Exception:
    if error.status_code != problem("method-not-allowed", "").status:
        return problem("not-found", f"There is nothing at {path[:200]}.")
    taken = set(error.headers.get("Allow", "").split(","))
    if "GET" in taken:
        taken.add("HEAD")
    allow = ", ".join(sorted(taken))
    return problem(
        "method-not-allowed",
        f"{path[:200]} does not take {method[:20]}, but {allow}.",
        headers={"Allow": allow},
    )

"""The WSGI application: every request goes through here, one gate after the other."""

from __future__ import annotations

import logging
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from partman_webui import answers, guard
from partman_webui.answers import Response
from partman_webui.asking import Asked, not_allowed
from partman_webui.limits import too_often
from partman_webui.login.door import nobody
from partman_webui.pages import INDEX
from partman_webui.problems import is_unexpected, numbered, translated
from partman_webui.received import Received

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from partman_webui.app import App, Route
    from partman_webui.asking import Actor
    from partman_webui.limits import Limits
    from partman_webui.login.door import Door
    from partman_webui.pages import Pages
    from partman_webui.problems import ProblemError
    from partman_webui.readiness import Readiness
    from partman_webui.routing import Routes
    from partman_webui.scrubbing import Scrubber

LOG = logging.getLogger("partman.webui")

REFUSALS = frozenset({
    "auth-required",
    "confirm-needed",
    "cross-site",
    "host-not-allowed",
    "json-only",
    "login-failed",
    "not-allowed",
    "rate-limited",
    "too-large",
})  # fmt: skip
"""Codes that go into the history, where they refuse a change or a login."""


@frozen(kw_only=True)
class Application:
    """The pages and their API, as WSGI has it.

    :param door: who is asking.
    :param routes: of the API.
    :param pages: everything else.
    """

    app: App
    door: Door
    limits: Limits
    routes: Routes
    pages: Pages
    readiness: Readiness
    scrubber: Scrubber

    def __call__(
        self, environ: Mapping[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer one request."""
        request_id = secrets.token_hex(8)
        asked: Received | None = None
        try:
            asked = Received.of(environ, self.app.options)
            made = self._answer(asked, request_id)
            made = answers.conditional(made, asked.method, asked.headers)
        except Exception as error:  # noqa: BLE001 - an answer to everything
            made = self._failed(error, environ, asked, request_id)
        if asked is not None:
            made = answers.packed(made, asked.headers)
        return self._send(made, environ, start_response, request_id)

    def close(self, patience: float = 30.0) -> bool:
        """End streams and runs; say whether all have ended."""
        return self.app.close(patience)

    def _answer(self, asked: Received, request_id: str) -> Response:
        if asked.path in {"/healthz", "/readyz"}:
            return self.readiness.answer(asked)
        guard.check_host(asked, self.app.options)
        if not asked.path:
            return _with_slash(asked)
        if asked.path == "/api" or asked.path.startswith("/api/"):
            return self._of_api(asked, request_id)
        if asked.path == "/login" and "token" in asked.query:
            return self._by_link(asked)
        return self.pages.answer(asked)

    def _of_api(self, asked: Received, request_id: str) -> Response:
        route, parts = self.routes.match(asked.method, asked.path)
        now = self.app.options.clock()
        actor = asked.actor = self.door.who(asked, now)
        shown = asked.header("authorization", "")[:7].lower() == "bearer "
        by_token = shown and actor is not None and actor.method == "token"
        guard.check_origin(asked, by_token=by_token)
        self._check_may(route, actor, asked, now)
        body = guard.body_of(asked, self.app.options.body_limit)
        database = asked.query.get("database") or self.app.default
        given = Asked(
            actor=actor or self.door.stranger(asked),
            engine=self.app.engine(database),
            database=database,
            method=asked.method,
            path=asked.path,
            query=asked.query,
            body=body,
            headers=asked.headers,
            prefix=asked.prefix,
            request_id=request_id,
            received=asked,
        )
        return answers.response(route.function(given, **parts))

    def _check_may(
        self, route: Route, actor: Actor | None, asked: Received, now: float
    ) -> None:
        """Refuse who is not logged in, may not do that, or does it too often."""
        if route.needs is not None:
            if actor is None:
                raise nobody(asked, self.app.options)
            if route.needs not in actor.can:
                raise not_allowed(actor, route.needs)
        if asked.method not in guard.SAFE:
            who = actor.name if actor else f"nobody at {asked.address}"
            planning = route.needs == "plan"
            limit = self.limits.plans if planning else self.limits.writes
            if wait := limit.take(who, now):
                raise too_often("requests of this kind by this login", wait)

    def _by_link(self, asked: Received) -> Response:
        """Log in by the link that was printed at the start."""
        headers = {"Cache-Control": "no-store"}
        if asked.method != "GET":  # whoever looks at a link first must not use it up
            return Response(status=204, headers=headers)
        now = self.app.options.clock()
        try:
            actor = self.door.by_link(asked.query["token"], asked, now)
        except Exception as error:
            if not asked.accepts("text/html") or INDEX not in self.pages.files:
                raise
            told = translated(error)
            self._record(told, asked)
            made = self.pages.page(asked, told.status, notice=told.problem.detail)
            return evolve(made, headers={**made.headers, **headers})
        headers["Location"] = "./"
        headers["Set-Cookie"] = self.door.sessions.begin(actor, asked, now)
        self.app.record(actor, "login", None, allowed=True)
        return Response(status=303, headers=headers)

    def _failed(
        self,
        error: Exception,
        environ: Mapping[str, Any],
        asked: Received | None,
        request_id: str,
    ) -> Response:
        told = translated(error)
        if is_unexpected(error):
            asked_for = f"{environ.get('REQUEST_METHOD')} {environ.get('PATH_INFO')}"
            self._log(f"{asked_for} failed", error, request_id)
        if asked is not None:
            self._record(told, asked)
        return answers.failure(
            self.scrubber.problem(numbered(told, request_id)), told.headers
        )

    def _log(self, what: str, error: Exception, request_id: str) -> None:
        """Tell the log all about an error, but for passwords."""
        LOG.error(
            "%s (request %s): %s",
            what,
            request_id,
            self.scrubber.told(error),
            exc_info=error if self.scrubber.is_clean(error) else None,
            extra={"request_id": request_id},
        )

    def _record(self, told: ProblemError, asked: Received) -> None:
        """Keep a refusal in the history, unless there are too many of them."""
        changes = asked.method not in guard.SAFE
        if told.code not in REFUSALS or not (changes or told.code == "login-failed"):
            return
        now = self.app.options.clock()
        if self.limits.refusals.take(asked.address or "", now):
            return
        self.app.record(
            asked.actor or self.door.stranger(asked),
            f"{asked.method} {asked.path[:200]}",
            None,
            allowed=False,
            detail=f"{told.code}: {told.problem.detail}",
        )

    def _send(
        self,
        made: Response,
        environ: Mapping[str, Any],
        start_response: Callable[..., Any],
        request_id: str,
    ) -> Iterable[bytes]:
        status = HTTPStatus(made.status)
        headers = {**made.headers, **guard.SECURITY, "X-Request-Id": request_id}
        if made.chunks is None and made.status not in {204, 304}:
            headers["Content-Length"] = str(len(made.body))
            headers.setdefault("Content-Type", "text/plain; charset=utf-8")
        start_response(f"{made.status} {status.phrase}", list(headers.items()))
        if environ.get("REQUEST_METHOD") == "HEAD" or made.status in {204, 304}:
            _close(made.chunks)
            return []
        if made.chunks is not None:
            return self._stream(made.chunks, request_id)
        return [made.body]

    def _stream(self, chunks: Iterable[bytes], request_id: str) -> Iterator[bytes]:
        try:
            yield from chunks
        except Exception as error:  # noqa: BLE001 - the status is long sent
            self._log("a stream failed", error, request_id)
        finally:
            _close(chunks)


def _with_slash(asked: Received) -> Response:
    """Send a browser from ``/prefix`` to ``/prefix/``, wherever a proxy has that."""
    query = asked.environ.get("QUERY_STRING", "")
    last = asked.prefix.rpartition("/")[2]
    location = f"./{last}/" + (f"?{query}" if query else "")
    headers = {"Location": location, "Cache-Control": "no-store"}
    return Response(status=307, headers=headers)


def _close(chunks: Iterable[bytes] | None) -> None:
    close = getattr(chunks, "close", None)
    if close is not None:
        close()

"""Whether the process lives, and whether its databases answer: for who watches it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from attrs import define, field

from partman_webui.answers import Response, encoded, failure
from partman_webui.problems import ProblemError, problem, translated

if TYPE_CHECKING:
    from partman_webui.app import App
    from partman_webui.received import Received

GOOD_FOR = 5.0
"""Seconds for which an answer is given again: anybody may ask, and often."""


@define
class Readiness:
    """Answers ``/healthz`` and ``/readyz``, without a login and by any name."""

    app: App
    _until: float = 0.0
    _why_not: ProblemError | None = None
    _lock: threading.Lock = field(factory=threading.Lock)

    def answer(self, asked: Received) -> Response:
        """Answer either of them.

        :raises ProblemError: ``method-not-allowed``.
        """
        if asked.method not in {"GET", "HEAD"}:
            raise problem(
                "method-not-allowed",
                f"{asked.path} can be read, and nothing else.",
                headers={"Allow": "GET, HEAD"},
            )
        why_not = self._ready() if asked.path == "/readyz" else None
        headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        if why_not is None:
            body = encoded({"status": "ok"})
            return Response(status=200, headers=headers, body=body)
        return failure(why_not.problem, {"Retry-After": "5"})

    def _ready(self) -> ProblemError | None:
        """Return why the databases cannot be worked with; None: they can."""
        with self._lock:
            now = self.app.options.clock()
            if not self._until - GOOD_FOR <= now < self._until:
                self._why_not = self._look()
                self._until = self.app.options.clock() + GOOD_FOR
            return self._why_not

    def _look(self) -> ProblemError | None:
        for name, engine in self.app.engines.items():
            try:
                engine.runs(limit=1)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is not ready
                code = translated(error).code
                # who asks here is not logged in, so that no more is told
                return problem("db-unreachable", f"{name} does not answer: {code}.")
        return None

"""From a value to an answer: JSON, a weak ETag, 304 where nothing changed, gzip.

A handler returns a shape, or an :class:`Answer` with a status and headers, or a
:class:`Stream`.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from attrs import evolve, field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from partman_webui.shapes import Problem

JSON = "application/json"
PROBLEM = "application/problem+json"

WORTH_PACKING = 1024
"""Bytes from which on an answer is compressed."""

WORTH_KEEPING = 4 * 1024 * 1024
"""Bytes up to which an answer is kept as it was compressed."""


@frozen(kw_only=True)
class Answer:
    """What a handler answers, where that is more than a shape.

    :param shape: written as JSON; bytes are JSON already; None: no body.
    :param headers: such as ``Location``, or an ``ETag`` of the handler's own.
    """

    shape: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class Stream:
    """An answer that goes on: its chunks are sent as they come.

    :param chunks: the first one comes at once; it is closed when nobody listens.
    """

    chunks: Iterable[bytes]
    type: str = "text/event-stream"
    status: int = 200
    headers: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class Response:
    """What is sent: a body, or chunks of one."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    chunks: Iterable[bytes] | None = None


def encoded(shape: Any) -> bytes:
    """Write a shape as JSON."""
    return shape if isinstance(shape, bytes) else msgspec.json.encode(shape)


def etag(body: bytes) -> str:
    """Return the weak ETag of a body."""
    return f'W/"{hashlib.sha256(body).hexdigest()[:16]}"'


def response(given: Any) -> Response:
    """Return how what a handler gave is sent."""
    if isinstance(given, Stream):
        headers = {"Content-Type": given.type, "Cache-Control": "no-store"}
        # a proxy that waits for the end would hold every event back
        headers |= {"X-Accel-Buffering": "no", **given.headers}
        return Response(status=given.status, headers=headers, chunks=given.chunks)
    answer = given if isinstance(given, Answer) else Answer(shape=given)
    headers = {"Cache-Control": "private, no-cache"}
    if answer.shape is None:
        return Response(status=answer.status, headers=headers | dict(answer.headers))
    headers |= {"Content-Type": JSON, **answer.headers}
    body = encoded(answer.shape)
    return Response(status=answer.status, headers=headers, body=body)


def failure(told: Problem, headers: Mapping[str, str]) -> Response:
    """Return how a problem is sent."""
    every = {"Content-Type": PROBLEM, "Cache-Control": "no-store", **headers}
    return Response(status=told.status, headers=every, body=encoded(told))


def conditional(made: Response, method: str, asked: Mapping[str, str]) -> Response:
    """Tag what was read, and answer 304 to who has it already.

    :param asked: the request's headers, by their names in lower case.
    """
    if (
        method not in {"GET", "HEAD"}
        or made.status != HTTPStatus.OK
        or made.chunks is not None
    ):
        return made
    tag = made.headers.get("ETag") or etag(made.body)
    tagged = evolve(made, headers={**made.headers, "ETag": tag})
    if not _has(asked.get("if-none-match", ""), tag):
        return tagged
    kept = {k: v for k, v in tagged.headers.items() if k != "Content-Type"}
    return evolve(tagged, status=304, headers=kept, body=b"")


def _has(known: str, tag: str) -> bool:
    """Say whether ``If-None-Match`` names a tag; weak and strong are the same here."""
    names = {name.strip().removeprefix("W/") for name in known.split(",")}
    return "*" in names or tag.removeprefix("W/") in names


def packed(made: Response, asked: Mapping[str, str]) -> Response:
    """Compress a long answer for who takes that.

    :param asked: the request's headers, by their names in lower case.
    """
    if made.chunks is not None or not made.body:
        return made
    if "Content-Encoding" in made.headers or len(made.body) < WORTH_PACKING:
        return made
    headers = {**made.headers, "Vary": _with(made.headers.get("Vary", ""))}
    if not takes_gzip(asked.get("accept-encoding", "")):
        return evolve(made, headers=headers)
    headers["Content-Encoding"] = "gzip"
    kept = len(made.body) <= WORTH_KEEPING
    body = _kept(made.body) if kept else _gzip(made.body)
    return evolve(made, headers=headers, body=body)


def takes_gzip(accepted: str) -> bool:
    """Say whether ``Accept-Encoding`` takes gzip."""
    for one in accepted.lower().split(","):
        name, _, weight = one.partition(";")
        if name.strip() in {"gzip", "*"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, 5, mtime=0)


@lru_cache(maxsize=16)
def _kept(body: bytes) -> bytes:
    """Compress what many ask for, once."""
    return _gzip(body)


def _with(vary: str) -> str:
    return f"{vary}, Accept-Encoding" if vary else "Accept-Encoding"

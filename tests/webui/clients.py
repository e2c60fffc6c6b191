"""A client that calls a WSGI application as a server would, in this process."""

from __future__ import annotations

import gzip
import io
import json as jsons
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

from attrs import define, field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


@frozen(kw_only=True)
class Reply:
    """What came back.

    :param headers: by their names in lower case.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text, unpacked."""
        packed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.body) if packed else self.body).decode()

    def json(self) -> Any:
        """The body as JSON."""
        return jsons.loads(self.text)

    @property
    def code(self) -> str | None:
        """The code of a problem; None: it is no problem."""
        is_problem = self.headers.get("content-type") == "application/problem+json"
        return self.json()["code"] if is_problem else None

    @property
    def cookie(self) -> str | None:
        """What a browser would send back of the cookie that was set."""
        given = self.headers.get("set-cookie")
        return given and given.partition(";")[0]


@define
class Client:
    """Calls an application.

    :param application: the WSGI application.
    :param headers: that go with every request.
    :param environ: what the server says of every request.
    """

    application: Any
    headers: dict[str, str] = field(factory=dict)
    environ: dict[str, Any] = field(factory=dict)

    def get(self, path: str, **more: Any) -> Reply:
        """Read something."""
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> Reply:
        """Send something; *json* is the body."""
        return self.request("POST", path, **{"json": {}, **more})

    def put(self, path: str, **more: Any) -> Reply:
        """Send something; *json* is the body."""
        return self.request("PUT", path, **{"json": {}, **more})

    def delete(self, path: str, **more: Any) -> Reply:
        """Remove something."""
        return self.request("DELETE", path, **more)

    def request(
        self, method: str, path: str, *, valid: bool = True, **more: Any
    ) -> Reply:
        """Send a request and read all of the answer.

        :param path: as it stands in the request's first line, with the query.
        :param valid: whether what is sent, and so what comes back, keeps to WSGI.
        """
        started: list[Any] = []
        environ = self.environ_of(method, path, **more)
        called = validator(self.application) if valid else self.application
        given = called(environ, _start(started))
        try:
            body = b"".join(given)
        finally:
            if close := getattr(given, "close", None):
                close()
        status, headers = started
        return Reply(status=status, headers=headers, body=body)

    def environ_of(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        body: bytes | None = None,
        environ: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return what a server would hand over."""
        raw, _, query = path.partition("?")
        every = {"Host": "localhost:8131", **self.headers}
        if json is not None and body is None:
            body = jsons.dumps(json).encode()
            every["Content-Type"] = "application/json"
        every |= headers or {}
        found: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(raw).decode("latin-1"),
            "QUERY_STRING": query,
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.input": io.BytesIO(body or b""),
        }
        if body is not None:
            found["CONTENT_LENGTH"] = str(len(body))
        for name, value in every.items():
            key = name.upper().replace("-", "_")
            found[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        found |= {**self.environ, **(environ or {})}
        setup_testing_defaults(found)
        return found


def _start(started: list[Any]) -> Callable[..., Any]:
    def start(status: str, headers: Iterable[tuple[str, str]], *_: Any) -> Any:
        names = [name.lower() for name, _ in headers]
        assert len(names) == len(set(names)), "a header is there twice"
        started[:] = [int(status[:3]), {k.lower(): v for k, v in headers}]
        return lambda _: None

    return start

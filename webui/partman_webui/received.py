"""A request as it came in: its address, its headers, and what of them can be believed.

What a proxy adds (``X-Forwarded-...``) counts only where the proxy is a trusted one.
The prefix is where the pages are mounted: what a host application says
(``SCRIPT_NAME``), what a trusted proxy says that strips it, or what the options say of
one that keeps it.
"""

from __future__ import annotations

import ipaddress
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote

from attrs import define

from partman_webui.options import is_prefix
from partman_webui.problems import problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partman_webui.asking import Actor
    from partman_webui.options import Options

_CHUNK = 65_536


@define(slots=False)
class Received:
    """One request.

    :param environ: as WSGI has it.
    :param options: which proxies are believed.
    :param path: below the prefix; empty where even the slash after that is missing.
    :param prefix: where the pages are mounted, without a slash at its end.
    :param actor: who asks, once that is known.
    """

    environ: Mapping[str, Any]
    options: Options
    path: str
    prefix: str
    actor: Actor | None = None

    @classmethod
    def of(cls, environ: Mapping[str, Any], options: Options) -> Received:
        """Read what a server hands over.

        :raises ProblemError: ``bad-request``: the address is no text.
        """
        trusted = options.trusts(environ.get("REMOTE_ADDR"))
        path = _text(environ.get("PATH_INFO", ""))
        mount = _text(environ.get("SCRIPT_NAME", "")).rstrip("/")
        outer = options.prefix
        told = environ.get("HTTP_X_FORWARDED_PREFIX", "").rstrip("/")
        if trusted and is_prefix(told):
            outer = told or outer
        if _below(mount, outer) is not None:
            outer = ""  # the server knows it already
        if outer and (kept := _below(path, outer)) is not None:
            path = kept
        prefix = outer + quote(mount)
        if not path and not prefix:
            path = "/"
        return cls(environ, options, path, prefix)

    @property
    def behind_proxy(self) -> bool:
        """Whether it came by a proxy that is believed."""
        return self.options.trusts(self._peer)

    @property
    def method(self) -> str:
        """The method, in upper case."""
        return str(self.environ.get("REQUEST_METHOD", "GET")).upper()

    def header(self, name: str, default: Any = None) -> Any:
        """Return a header.

        :param name: in lower case.
        """
        key = name.upper().replace("-", "_")
        if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            key = f"HTTP_{key}"
        return self.environ.get(key) or default

    @cached_property
    def headers(self) -> dict[str, str]:
        """All headers, by their names in lower case."""
        found = {
            key.removeprefix("HTTP_").replace("_", "-").lower(): value
            for key, value in self.environ.items()
            if key.startswith("HTTP_")
        }
        if type_ := self.environ.get("CONTENT_TYPE"):
            found["content-type"] = type_
        return found

    @cached_property
    def query(self) -> dict[str, str]:
        """The parameters of the address; of one that is given twice, the last.

        :raises ProblemError: ``bad-request``: they are no text.
        """
        try:
            pairs = parse_qsl(
                self.environ.get("QUERY_STRING", ""),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=100,
            )
        except (ValueError, UnicodeError):
            raise _no_text() from None
        if any("\0" in name + value for name, value in pairs):
            raise _no_text()
        return dict(pairs)

    @cached_property
    def address(self) -> str | None:
        """Where it comes from: of proxies that are believed, the last one's client."""
        if not self.behind_proxy:
            return self._peer
        told = str(self.header("x-forwarded-for", "")).split(",")
        named = [one.strip() for one in told if one.strip()]
        for one in reversed(named):
            if not self.options.trusts(one):
                return one[:100]
        return named[0] if named else self._peer

    @property
    def _peer(self) -> str | None:
        return self.environ.get("REMOTE_ADDR") or None

    @property
    def is_loopback(self) -> bool:
        """Whether it comes from this very machine."""
        try:
            return ipaddress.ip_address(self._peer or "").is_loopback
        except ValueError:
            return False

    @property
    def scheme(self) -> str:
        """``http`` or ``https``, as the browser has it."""
        told = self._forwarded("x-forwarded-proto")
        if told in {"http", "https"}:
            return str(told)
        return str(self.environ.get("wsgi.url_scheme", "http"))

    @property
    def host(self) -> str:
        """The name that the server was called by, with the port if it was given."""
        told = self._forwarded("x-forwarded-host") or self.environ.get("HTTP_HOST")
        if told is None:
            named = self.environ.get("SERVER_NAME", "")
            told = f"{named}:{self.environ.get('SERVER_PORT', '')}"
        return str(told).strip()

    def _forwarded(self, name: str) -> str | None:
        """Return what the nearest proxy says, if it is believed."""
        if not self.behind_proxy:
            return None
        said = str(self.header(name, "")).rpartition(",")[2].strip()
        return said or None

    def accepts(self, type_: str) -> bool:
        """Say whether ``Accept`` takes a type, such as ``text/html``."""
        accepted = self.header("accept", "*/*").lower()
        kinds = {type_, f"{type_.partition('/')[0]}/*", "*/*"}
        for one in accepted.split(","):
            name, *more = one.split(";")
            if name.strip() in kinds and not any(_is_zero(part) for part in more):
                return True
        return False

    def body(self, limit: int) -> bytes:
        """Return what was sent.

        :param limit: bytes that it may have.
        :raises ProblemError: ``too-large``, or ``bad-request`` if it was cut short.
        """
        text = self.environ.get("CONTENT_LENGTH") or ""
        if not text:
            endless = self.environ.get("wsgi.input_terminated") or self.header(
                "transfer-encoding"
            )
            sent = self._read(limit + 1) if endless else b""
            if len(sent) > limit:
                raise _too_large(limit)
            return sent
        if not (text.isascii() and text.isdigit()):
            raise problem("bad-request", "Content-Length is no number.")
        if len(text) > len(str(limit)) or int(text) > limit:
            raise _too_large(limit)
        if len(sent := self._read(int(text))) < int(text):
            raise problem("bad-request", "What was sent is shorter than it said.")
        return sent

    def _read(self, most: int) -> bytes:
        parts, left, stream = [], most, self.environ["wsgi.input"]
        while left and (part := stream.read(min(left, _CHUNK))):
            parts.append(part)
            left -= len(part)
        return b"".join(parts)


def _text(raw: str) -> str:
    """Return a path as text: WSGI hands over bytes that look like Latin-1."""
    try:
        text = raw.encode("latin-1").decode("utf-8")
    except UnicodeError:
        raise _no_text() from None
    if "\0" in text:
        raise _no_text()
    return text


def _no_text() -> Exception:
    return problem("bad-request", "The address is no text in UTF-8.")


def _too_large(limit: int) -> Exception:
    return problem("too-large", f"A request may have at most {limit:,} bytes.")


def _below(path: str, prefix: str) -> str | None:
    """Return the rest of a path that begins with a prefix; None: it does not."""
    if not prefix:
        return None
    rest = path.removeprefix(prefix)
    return rest if rest != path and rest[:1] in {"", "/"} else None


def _is_zero(parameter: str) -> bool:
    name, _, value = parameter.replace(" ", "").partition("=")
    return name == "q" and not value.strip("0.")

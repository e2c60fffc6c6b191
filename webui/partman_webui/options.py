"""What can be chosen about the pages: one frozen value, checked when it is made."""

from __future__ import annotations

import ipaddress
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from attrs import Factory, field, frozen

from partman_core.errors import ConfigError
from partman_webui.asking import ALWAYS, Ability

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from partman_webui.login import Way

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MEGABYTE = 1024 * 1024
LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")
STATIC = Path(__file__).parent / "static"

_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)*")


def is_prefix(text: str) -> bool:
    """Say whether a path is one that pages can be mounted under; empty is."""
    steps = text.split("/")
    return bool(_PREFIX.fullmatch(text)) and not {".", ".."}.intersection(steps)


def _prefix(given: str) -> str:
    text = given.rstrip("/")
    text = f"/{text}" if text and not text.startswith("/") else text
    if not is_prefix(text):
        raise ConfigError(
            f"{given!r} is no prefix that pages can be mounted under",
            hint="a prefix is a path such as /ops/partitions",
            code="webui",
        )
    return text


def _abilities(given: Iterable[str]) -> frozenset[Ability]:
    asked = frozenset(given)
    if unknown := asked - set(get_args(Ability)):
        raise ConfigError(
            f"nobody can be allowed to {', '.join(sorted(unknown))}",
            hint="what can be allowed is apply, destructive and settings",
            code="webui",
        )
    return ALWAYS | asked  # type: ignore[operator]  # all of them are abilities


def _networks(given: Iterable[Any]) -> tuple[Network, ...]:
    return tuple(map(_network, given))


def _network(given: Any) -> Network:
    try:
        return ipaddress.ip_network(given)
    except ValueError as error:
        raise ConfigError(
            f"{given!r} is no address of a proxy: {error}",
            hint="name one as 10.0.0.7, or a network as 10.0.0.0/24",
            code="webui",
        ) from None


def _hosts(given: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(host.lower() for host in given)


@frozen(kw_only=True)
class Options:
    """How the pages are served, and to whom.

    :param allow: what every login may do besides reading and planning: ``apply``,
        ``destructive``, ``settings``.
    :param auth: the ways to log in; none: whoever asks from this very machine, by its
        own name and through no proxy, may read and plan as *allow* has it.
    :param anyone: whoever asks is let in, from wherever: no login is needed.
    :param allowed_hosts: names by which the server may be called, with their port or
        without; None: any (the host application's duty), but without *auth* this
        machine's own names only.
    :param prefix: where a proxy that keeps it has the pages.
    :param trusted_proxies: addresses and networks whose ``X-Forwarded-...`` headers
        are believed.
    :param poll: seconds between two readings of a page.
    :param body_limit: bytes of a request.
    :param failed_logins: of one address in a minute.
    :param writes: of one login in a minute.
    :param plans: of one login in a minute, and looks at what settings would change.
    :param session_seconds: how long a login holds.
    :param key: that sessions are signed with, the same in every process that serves
        the pages; None: one that is made now.
    :param static: the directory of the pages.
    :param clock: gives seconds since 1970.
    """

    allow: frozenset[Ability] = field(default=ALWAYS, converter=_abilities)
    auth: tuple[Way, ...] = field(default=(), converter=tuple)
    anyone: bool = False
    allowed_hosts: tuple[str, ...] | None = field(default=None, converter=_hosts)
    prefix: str = field(default="", converter=_prefix)
    trusted_proxies: tuple[Network, ...] = field(default=(), converter=_networks)
    poll: int = 15
    body_limit: int = MEGABYTE
    failed_logins: int = 10
    writes: int = 60
    plans: int = 300
    session_seconds: int = 12 * 3600
    key: bytes | None = field(default=None, repr=False)
    static: Path = field(default=STATIC, converter=Path)
    clock: Callable[[], float] = Factory(lambda: time.time)

    @property
    def is_local(self) -> bool:
        """Whether only this very machine is served, for want of a way to log in."""
        return not self.auth and not self.anyone

    @property
    def hosts(self) -> tuple[str, ...] | None:
        """The names by which the server may be called; None: any."""
        if self.is_local:
            return (*LOCAL_HOSTS, *(self.allowed_hosts or ()))
        return self.allowed_hosts

    def trusts(self, address: str | None) -> bool:
        """Say whether an address is that of a proxy that is believed."""
        try:
            asked = ipaddress.ip_address((address or "").partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(asked, "ipv4_mapped", None) or asked
        return any(mapped in network for network in self.trusted_proxies)

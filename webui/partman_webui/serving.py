"""Serving the pages: waitress, and an end in good order when a signal comes."""

from __future__ import annotations

import ipaddress
import logging
import os
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from attrs import frozen

from partman_core import cli
from partman_core.cli import failing
from partman_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from partman_webui.application import Application

THREADS = 16
CONNECTIONS = 100
HEADER_LIMIT = 65_536
ENDS_WITHIN = 30.0
"""Seconds that runs which were started here have to end in good order."""

ANSWERS_WITHIN = 1.0
"""Seconds that answers have to end, when all else has."""


@frozen
class Address:
    """Where to listen.

    :param host: a name or an address of this machine.
    :param port: 0: any that is free.
    """

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this very machine can ask there."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host.lower() == "localhost"

    @property
    def spelt(self) -> str:
        """The host as addresses of pages have it."""
        return f"[{self.host}]" if ":" in self.host else self.host


def listen(application: Application, address: Address) -> Any:
    """Open the port; return waitress' server, which answers once it runs.

    :raises ConfigError: the port cannot be had.
    """
    from waitress import create_server  # type: ignore[import-untyped]

    # Its threads are few on purpose, so that it says of every burst that one waits.
    logging.getLogger("waitress").setLevel(logging.ERROR)
    try:
        return create_server(
            application,
            listen=f"{address.spelt}:{address.port}",
            threads=THREADS,
            channel_timeout=60,
            connection_limit=CONNECTIONS,
            # we refuse what is too large ourselves, and say so as JSON
            max_request_body_size=8 * application.app.options.body_limit,
            max_request_header_size=HEADER_LIMIT,
            ident=None,
            clear_untrusted_proxy_headers=False,  # whom to believe is our decision
        )
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"nothing can be served on {address.spelt}:{address.port}: {error}",
            hint="another port is chosen by --port, any free one by --port 0",
            code="webui",
        ) from None


def port_of(server: Any) -> int:
    """Return the port that a server listens on."""
    listens: Any = getattr(server, "effective_listen", None)
    return int(listens[0][1] if listens else server.effective_port)


def serve(application: Application, server: Any, ready: Callable[[], None]) -> int:
    """Answer until a signal comes.

    A second signal does not wait for anything.

    :param ready: is called once requests are answered.
    :returns: the exit code, which tells the signal.
    """
    with _signalled() as told:
        threading.Thread(target=server.run, name="partman-ui", daemon=True).start()
        ready()
        told.wait()
        ended = application.close(ENDS_WITHIN)
        server.task_dispatcher.shutdown(timeout=ANSWERS_WITHIN)
    code = failing.stop_code()
    if not ended:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # else Python would wait for the runs that do not end
    return code


@contextmanager
def _signalled() -> Iterator[threading.Event]:
    """Yield what is set when SIGTERM or SIGINT comes."""
    told = threading.Event()

    def tell(number: int, _frame: object) -> None:
        cli.stopped_by.append(number)
        if told.is_set():
            os._exit(128 + number)
        told.set()

    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, tell) for number in numbers}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""``partman ui``: show the pages of a database in a browser."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
import webbrowser
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import frozen

from partman_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partman_core.cli.state import State
    from partman_webui.application import Application
    from partman_webui.login import Way
    from partman_webui.serving import Address

WAYS = ("link", "token", "basic", "header")
EVERYWHERE = frozenset({"", "*", "0.0.0.0", "::"})  # noqa: S104 - names of all, bound to by none
TOKEN = "PARTMAN_UI_TOKEN"  # noqa: S105 - the name of a variable


class _Words(click.ParamType[tuple[str, ...]]):
    """Words with commas between them."""

    name = "words"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Read them."""
        if isinstance(value, tuple):
            return value
        found = tuple(word.strip() for word in str(value).split(",") if word.strip())
        if unknown := set(found) - {"apply", "destructive", "settings"}:
            self.fail(
                f"nobody can be allowed {min(unknown)!r}; "
                "choose of apply, destructive and settings",
                param,
                ctx,
            )
        return found


@frozen(kw_only=True)
class Chosen:
    """What was asked for on the command line."""

    host: str
    port: int
    open_: bool
    allow: tuple[tuple[str, ...], ...]
    auth: tuple[str, ...]
    users: Path | None
    user_header: str
    trusted_proxy: tuple[str, ...]
    allowed_host: tuple[str, ...]
    prefix: str
    insecure_no_auth: bool
    log_format: str

    @property
    def address(self) -> Address:
        """Where to listen."""
        from partman_webui.serving import Address

        return Address(self.host, self.port)

    @property
    def name(self) -> str:
        """What to call the server in an address that a person can open."""
        if self.host not in EVERYWHERE:
            return self.address.spelt
        return self.allowed_host[0] if self.allowed_host else socket.gethostname()


@click.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    envvar="PARTMAN_UI_HOST",
    help="Address to listen on; one that others reach needs --auth.",
)
@click.option(
    "--port",
    default=8131,
    show_default=True,
    envvar="PARTMAN_UI_PORT",
    type=click.IntRange(0, 65535),
    help="Port; 0 takes a free one.",
)
@click.option("--open", "open_", is_flag=True, help="Open a browser, logged in.")
@click.option(
    "--allow",
    multiple=True,
    type=_Words(),
    metavar="WORDS",
    envvar="PARTMAN_UI_ALLOW",
    help="Allow more than to read and plan: apply,destructive,settings.",
)
@click.option(
    "--auth",
    multiple=True,
    type=click.Choice(WAYS),
    envvar="PARTMAN_UI_AUTH",
    help="A way to log in; repeatable. "
    f"[default: link]  token: from ${TOKEN}, else one is made.",
)
@click.option(
    "--users",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="PARTMAN_UI_USERS",
    help="File for --auth basic; lines as --hash-password makes them.",
)
@click.option(
    "--hash-password", metavar="USER", help="Print a line of --users, and end."
)
@click.option(
    "--user-header",
    default="X-Forwarded-User",
    show_default=True,
    help="For --auth header: what a trusted proxy names the user in.",
)
@click.option(
    "--trusted-proxy",
    multiple=True,
    metavar="ADDRESS",
    envvar="PARTMAN_UI_TRUSTED_PROXY",
    help="Believe the X-Forwarded headers of this address or network.",
)
@click.option(
    "--allowed-host",
    multiple=True,
    metavar="NAME",
    envvar="PARTMAN_UI_ALLOWED_HOST",
    help="A name that the server is called by, besides localhost.",
)
@click.option(
    "--prefix",
    default="",
    metavar="PATH",
    envvar="PARTMAN_UI_PREFIX",
    help="Where a proxy that keeps it has the pages.",
)
@click.option("--insecure-no-auth", is_flag=True, help="Let in whoever asks.")
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    envvar="PARTMAN_LOG_FORMAT",
    help="The log on stderr.",
)
@click.pass_obj
def ui(state: State, /, *, hash_password: str | None, **chosen: Any) -> int:
    """Show the tables in a browser: how they are, why, and what to do.

    Whoever logs in may read and plan; --allow opens more.  By default only this
    machine can ask, and a link that logs in once is printed.
    """
    _check_installed()
    if hash_password is not None:
        return _hash_password(state, hash_password)
    from partman_core.cli import logs
    from partman_webui import serving

    picked = Chosen(**chosen)
    ways, said = _ways(picked)
    application = _application(state, picked, ways)
    server = serving.listen(application, picked.address)
    url = f"http://{picked.name}:{serving.port_of(server)}"
    url += application.app.options.prefix
    ready = partial(_tell, state, ways, url, said, open_=picked.open_)
    with logs.shown(picked.log_format, quiet=state.out.quiet):
        return serving.serve(application, server, ready)


def _application(state: State, chosen: Chosen, ways: Sequence[Way]) -> Application:
    from partman_webui import create_app

    names = {chosen.address.spelt, *chosen.allowed_host} - EVERYWHERE - {"[::]"}
    return create_app(
        state.engine,
        auth=ways,
        anyone=chosen.insecure_no_auth,
        allow={word for words in chosen.allow for word in words},
        allowed_hosts=("127.0.0.1", "localhost", "[::1]", *sorted(names)),
        trusted_proxies=chosen.trusted_proxy,
        prefix=chosen.prefix,
    )


def _check_installed() -> None:
    try:
        import bottle  # type: ignore[import-untyped]  # noqa: F401
        import waitress  # type: ignore[import-untyped]  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            f"partman ui needs {error.name}, which is not installed",
            hint="pip install 'partman[webui]'",
            code="webui",
        ) from None


def _ways(chosen: Chosen) -> tuple[list[Way], list[str]]:
    """Return the ways to log in, and what is to be said of them at the start.

    :raises ConfigError: others could ask, and nobody would have to log in; or a way
        lacks something.
    """
    if chosen.insecure_no_auth:
        if chosen.auth:
            raise click.UsageError("give --auth or --insecure-no-auth, not both")
        return [], ["WARNING: whoever reaches this address is let in."]
    if not chosen.auth and not chosen.address.is_loopback:
        raise ConfigError(
            f"on {chosen.host} others can ask, and nobody would have to log in",
            hint="choose how: --auth token, --auth basic --users FILE, --auth header "
            "--trusted-proxy ADDRESS, or --auth link; or leave out --host",
            code="webui-open",
        )
    ways: list[Way] = []
    said: list[str] = []
    for name in dict.fromkeys(chosen.auth or ("link",)):
        way, *words = _way(name, chosen)
        ways.append(way)
        said += words
    return ways, said


def _way(name: str, chosen: Chosen) -> tuple[Any, ...]:
    from partman_core.engine.telling import actor
    from partman_webui.login import Basic, Bearer, Link, Proxied
    from partman_webui.login.basic import read_users

    if name == "link":
        return (Link(actor=actor()),)
    if name == "token":
        if given := os.environ.get(TOKEN):
            return (Bearer.of(given),)
        made = secrets.token_urlsafe(32)
        return (Bearer.of(made), f"The token, until this ends: {made}")
    if name == "basic":
        if chosen.users is None:
            raise ConfigError(
                "--auth basic needs the users' file",
                hint="partman ui --hash-password USER >> FILE, then --users FILE",
                code="webui",
            )
        return (Basic(read_users(chosen.users)),)
    if not chosen.trusted_proxy:
        raise ConfigError(
            "--auth header believes what a proxy says, but none is trusted",
            hint="name it: --trusted-proxy ADDRESS",
            code="webui",
        )
    return (Proxied(chosen.user_header),)


def _tell(
    state: State, ways: Sequence[Way], url: str, said: Sequence[str], *, open_: bool
) -> None:
    """Say where the pages are, and how to log in."""
    from partman_webui.login import Link

    state.out.say(f"The pages are at {url}/")
    place = f"{url}/"
    for way in ways:
        if isinstance(way, Link):
            place = f"{url}/login?token={way.issue(time.time())}"
            state.out.say(f"Log in by this link, once, within 10 minutes:\n  {place}")
    for line in said:
        state.out.say(line)
    state.out.say("Ctrl-C ends it.")
    if open_:
        threading.Thread(target=webbrowser.open, args=[place], daemon=True).start()


def _hash_password(state: State, user: str) -> int:
    from partman_webui.login.basic import hashed

    if not user or ":" in user:
        raise click.UsageError("the name of a user is not empty and has no colon")
    password = click.prompt(
        "Password", hide_input=True, confirmation_prompt=True, err=True
    )
    state.out.say(f"{user}:{hashed(password)}")
    return 0

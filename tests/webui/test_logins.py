"""Ways to log in, sessions, what a login may do, and how often."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
from http.cookies import SimpleCookie

import pytest

from partman_core.errors import ConfigError
from partman_webui import Actor, Basic, Bearer, Hosted, Link, Options, Token
from partman_webui.login.basic import hashed, is_right, read_users
from partman_webui.login.link import MINUTES

from .clients import Client
from .doors import SECRET, USERS

OURS = {"Sec-Fetch-Site": "same-origin"}
PLANS = "/api/v1/tables/public.events/plans"


class Hands:
    """A clock that stands still until it is set."""

    now = 2_000_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def hands():
    return Hands()


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


def basic(user, password):
    text = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {text}"}


def test_a_link_logs_in_once_and_the_session_holds_for_its_time(make, hands):
    link = Link(actor="mia@host")
    client = Client(make(auth=[link], clock=hands))
    secret = link.issue(hands.now)
    assert len(base64.urlsafe_b64decode(secret + "=")) == 32
    reply = client.get(f"/login?token={secret}")
    assert (reply.status, reply.headers["location"]) == (303, "./")
    cookie = SimpleCookie(reply.headers["set-cookie"])["partman_s"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (
        True, "Strict", "/",
    )  # fmt: skip
    client.headers["Cookie"] = reply.cookie
    me = client.get("/api/v1/me").json()
    assert (me["actor"], me["method"], me["can"]) == (
        "mia@host", "link", ["read", "plan"],
    )  # fmt: skip
    hands.now += 12 * 3600 - 1
    assert client.get("/api/v1/me").status == 200
    hands.now += 1
    assert client.get("/api/v1/me").status == 401


def test_a_link_that_is_too_old_logs_nobody_in(make, hands):
    link = Link()
    client, secret = Client(make(auth=[link], clock=hands)), link.issue(hands.now)
    hands.now += MINUTES * 60
    assert client.get(f"/login?token={secret}").status == 401


def test_logging_out_ends_the_session_and_not_only_the_cookie(make):
    link = Link()
    client = Client(make(auth=[link]))
    cookie = client.get(f"/login?token={link.issue(2e9)}").cookie
    client.headers["Cookie"] = cookie
    reply = client.post("/api/v1/logout", headers=OURS)
    assert (reply.status, reply.cookie) == (204, "partman_s=")
    assert client.get("/api/v1/me").status == 401


def test_the_login_page_takes_what_the_ways_to_log_in_take(make):
    client = Client(make(auth=[Bearer.of(SECRET), Basic(USERS)]))
    for sent in [{"token": SECRET}, {"user": "mia", "password": SECRET}]:
        reply = client.post("/api/v1/login", json=sent, headers=OURS)
        assert reply.status == 204
        cookie = {"Cookie": reply.cookie}
        assert client.get("/api/v1/me", headers=cookie).status == 200
    for sent in [{}, {"token": "x" * 40}, {"user": "mia", "password": "no"},
                 {"user": "nobody", "password": SECRET},
                 {"password": SECRET}]:  # fmt: skip
        reply = client.post("/api/v1/login", json=sent, headers=OURS)
        assert (reply.status, reply.code) == (401, "login-failed")
        assert "set-cookie" not in reply.headers
    reply = client.post("/api/v1/login", json={"tokn": SECRET}, headers=OURS)
    assert (reply.status, reply.json()["errors"][0]["pointer"]) == (422, "/tokn")


def test_logins_stand_in_the_history_and_their_secrets_do_not(make, engine):
    ui = make(auth=[Bearer.of(SECRET), Basic(USERS)])
    client = Client(ui, environ={"REMOTE_ADDR": "192.0.2.1"})
    sent = {"user": "mia", "password": SECRET}
    cookie = client.post("/api/v1/login", json=sent, headers=OURS).cookie
    client.post("/api/v1/logout", headers=OURS | {"Cookie": cookie})
    client.get("/api/v1/me", headers=bearer("a wrong one"))
    ui.app.recorder.settle()
    refused, out, into = engine.actions()
    assert (into.actor, into.method, into.action, into.allowed, into.address) == (
        "mia", "basic", "login", True, "192.0.2.1",
    )  # fmt: skip
    assert (out.actor, out.action, out.allowed) == ("mia", "logout", True)
    assert (refused.actor, refused.action, refused.allowed) == (
        "nobody", "GET /api/v1/me", False,
    )  # fmt: skip
    told = repr((refused, out, into)) + repr(ui)
    assert SECRET not in told
    assert "a wrong one" not in told


def test_a_token_is_kept_as_its_hash_and_may_be_given_as_one(make):
    digest = hashlib.sha256(SECRET.encode()).hexdigest()
    for given in (SECRET, f"sha256:{digest}"):
        way = Bearer.of(given)
        assert way.tokens[0].sha256 == digest
        assert SECRET not in repr(way) + repr(make(auth=[way]))
        client = Client(make(auth=[way]))
        assert client.get("/api/v1/me", headers=bearer(SECRET)).status == 200
        assert client.get("/api/v1/me", headers=bearer(digest)).status == 401
    with pytest.raises(ConfigError, match="at least 16 characters"):
        Bearer.of("short")


def test_a_token_may_have_an_end_and_limits_of_its_own(make, hands):
    digest = Token.of(SECRET).sha256
    token = Token(
        name="ci", sha256=digest, can=frozenset({"read", "apply"}), until=hands.now + 60
    )
    ui = make(auth=[Bearer([token])], allow=["apply", "destructive"], clock=hands)
    client = Client(ui, headers=bearer(SECRET))
    me = client.get("/api/v1/me").json()
    assert (me["actor"], me["can"]) == ("ci", ["read", "apply"])
    assert client.post(PLANS).code == "not-allowed"
    hands.now += 60
    assert client.get("/api/v1/me").code == "login-failed"


def test_the_host_says_who_may_do_what_within_what_is_allowed(make):
    def ask(environ):
        everything = frozenset({"read", "plan", "apply", "destructive"})
        return Actor(name=environ["HTTP_X_U"], method="sso", can=everything)

    client = Client(make(auth=[Hosted(ask)], allow=["apply"]))
    me = client.get("/api/v1/me", headers={"X-U": "léa"}).json()
    assert me["can"] == ["read", "plan", "apply"]


def test_ten_wrong_logins_a_minute_and_then_right_ones_wait_as_well(make, hands):
    ui = make(auth=[Bearer.of(SECRET)], clock=hands)
    client = Client(ui, environ={"REMOTE_ADDR": "192.0.2.1"})
    for _ in range(10):
        assert client.get("/api/v1/me", headers=bearer("wrong")).status == 401
        hands.now += 1
    reply = client.get("/api/v1/me", headers=bearer(SECRET))
    assert (reply.status, reply.code) == (429, "rate-limited")
    assert reply.headers["retry-after"] == "50"
    sent = client.post("/api/v1/login", json={"token": SECRET}, headers=OURS)
    assert sent.status == 429
    assert client.get("/login?token=x", headers={"Accept": "text/html"}).status == 429
    other = {"REMOTE_ADDR": "192.0.2.2"}
    assert client.get("/api/v1/me", headers=bearer(SECRET), environ=other).status == 200
    hands.now += 50
    assert client.get("/api/v1/me", headers=bearer(SECRET)).status == 200


def test_sixty_changes_a_minute_and_no_more_by_one_login(make, hands):
    one, other = Token.of(SECRET, "one"), Token.of(f"{SECRET} too", "other")
    ui = make(auth=[Bearer([one, other])], allow=["apply"], clock=hands, writes=3)
    client, stop = Client(ui), "/api/v1/runs/99/stop"
    for _ in range(3):
        assert client.post(stop, headers=bearer(SECRET)).code == "run-unknown"
    reply = client.post(stop, headers=bearer(SECRET))
    assert (reply.status, reply.headers["retry-after"]) == (429, "60")
    assert client.post(stop, headers=bearer(f"{SECRET} too")).code == "run-unknown"
    assert client.get("/api/v1/me", headers=bearer(SECRET)).status == 200
    assert client.post(PLANS, headers=bearer(SECRET)).status == 200
    hands.now += 60
    assert client.post(stop, headers=bearer(SECRET)).code == "run-unknown"
    assert (Options().writes, Options().failed_logins) == (60, 10)


def test_who_is_refused_again_and_again_does_not_fill_the_history(make, engine, hands):
    ui = make(auth=[Bearer.of(SECRET)], clock=hands, failed_logins=1000)
    client = Client(ui)
    for _ in range(40):
        client.get("/api/v1/me", headers=bearer("wrong"))
    ui.app.recorder.settle()
    assert len(engine.actions()) == 30


def test_a_browser_is_not_told_to_open_a_window_over_the_pages(make):
    client = Client(make(auth=[Basic(USERS)]))
    told = client.get("/api/v1/me").headers["www-authenticate"]
    assert told.startswith("Basic ")
    told = client.get("/api/v1/me", headers=OURS).headers["www-authenticate"]
    assert told.startswith("Bearer ")
    assert client.get("/api/v1/me", headers=basic("mia", SECRET)).status == 200
    assert client.get("/api/v1/me", headers=basic("mia", SECRET)).status == 200
    for wrong in [basic("mia", "x"), basic("x", SECRET), {"Authorization": "Basic é"}]:
        assert client.get("/api/v1/me", headers=wrong).status == 401


def test_passwords_are_kept_as_what_scrypt_makes_of_them(tmp_path):
    kept = hashed("pässword")
    assert kept.startswith("scrypt$")
    assert is_right("pässword", kept)
    assert not is_right("password", kept)
    assert hashed("pässword") != kept
    file = tmp_path / "users"
    file.write_text(f"# who may log in\n\nmia:{kept}\n")
    assert read_users(file) == {"mia": kept}
    file.write_text("mia:pässword\n")
    with pytest.raises(ConfigError, match=r"line 1 of .* is no user"):
        read_users(file)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_users(tmp_path / "none")


def test_without_a_way_to_log_in_only_this_machine_is_answered(make):
    client = Client(make())
    assert client.get("/api/v1/me").json()["can"] == ["read", "plan"]
    for afar in [
        {"environ": {"REMOTE_ADDR": "192.0.2.1"}},
        {"environ": {"REMOTE_ADDR": ""}},
        {"headers": {"X-Forwarded-For": "192.0.2.1"}},
        {"headers": {"Via": "1.1 proxy"}},
        {"headers": {"X-Real-IP": "127.0.0.1"}},
    ]:
        reply = client.get("/api/v1/me", **afar)
        assert (reply.status, reply.code) == (401, "auth-required")
        assert "--auth" in reply.json()["hint"]
    assert client.get("/api/v1/me", headers={"Host": "ui.example"}).status == 421
    anyone = Client(make(anyone=True), environ={"REMOTE_ADDR": "192.0.2.1"})
    reply = anyone.get("/api/v1/me", headers={"Host": "ui.example"})
    assert "There is no login here" in reply.json()["warning"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"allow": ["fly"]}, "nobody can be allowed to fly"),
        ({"prefix": "/a/../b"}, "is no prefix"),
        ({"prefix": "//evil"}, "is no prefix"),
        ({"trusted_proxies": ["nginx"]}, "is no address of a proxy"),
    ],
)
def test_options_that_cannot_be_say_so(make, options, said):
    with pytest.raises(ConfigError, match=said):
        make(**options)


def test_the_way_in_is_imported_without_a_database_driver_or_bottle():
    program = (
        "import sys, partman_webui\n"
        "print([m for m in ('bottle', 'waitress') if m in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )  # fmt: skip
    assert said.stdout == "[]\n"

"""Pages and their files: answered from memory, whatever the address."""

from __future__ import annotations

import gzip
import json
import re

import pytest

from .clients import Client

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PAGES = ["/", "/tables/public.events", "/tables/a%2Fb", "/tables/%22a.b%22.%22%2F%22",
         "/runs/7", "/login", "/index.html", "/plugins/", "/no/such/page"]  # fmt: skip


def boot_of(text):
    """Return what a page was told."""
    return json.loads(re.search(r'id="boot">(.*?)</script>', text)[1])


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_the_same_page(client, path):
    reply = client.get(path, headers=HTML)
    assert (reply.status, reply.headers["content-type"]) == (
        200, "text/html; charset=utf-8",
    )  # fmt: skip
    assert boot_of(reply.text) == {
        "prefix": "", "database": "default", "poll": 15, "ways": ["token"],
    }  # fmt: skip
    assert 'src="/assets/index-abc.js"' in reply.text
    assert "Accept" in reply.headers["vary"]
    assert reply.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("accept", ["application/json", "text/html;q=0", "image/*"])
def test_a_page_is_not_given_to_who_cannot_read_it(client, accept):
    reply = client.get("/tables/public.events", headers={"Accept": accept})
    assert (reply.status, reply.code) == (406, "not-acceptable")
    assert reply.headers["vary"] == "Accept"


@pytest.mark.parametrize("accept", ["*/*", "text/*", "", "TEXT/HTML"])
def test_who_takes_anything_takes_a_page(client, accept):
    assert client.get("/", headers={"Accept": accept}).status == 200


def test_files_with_a_hash_in_their_names_are_kept_for_a_year(client):
    reply = client.get("/assets/index-abc.js")
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert reply.headers["content-type"] == "text/javascript; charset=utf-8"
    assert client.get("/icon.svg").headers["cache-control"] == "no-cache"


def test_pages_and_files_need_no_login(make):
    from partman_webui import Link

    client = Client(make(auth=[Link()]))
    assert client.get("/", headers=HTML).status == 200
    assert client.get("/assets/index-abc.js").status == 200
    assert client.get("/api/v1/tables").status == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
@pytest.mark.parametrize("path", ["/", "/icon.svg", "/healthz"])
def test_pages_can_be_read_and_nothing_else(client, method, path):
    reply = client.request(method, path)
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")


def test_head_is_get_without_the_body(client):
    for path in ["/", "/icon.svg", "/api/v1/me", "/healthz", "/api/v1/no"]:
        head, get = client.request("HEAD", path), client.get(path)
        assert (head.status, head.body) == (get.status, b"")
        assert head.headers["content-length"] == get.headers["content-length"]


def test_what_was_read_and_has_not_changed_is_not_sent_again(client):
    for path in ["/", "/assets/index-abc.js", "/api/v1/tables"]:
        first = client.get(path)
        tag = first.headers["etag"]
        assert re.fullmatch(r'W/"[0-9a-f]{16}"', tag)
        for known in [tag, f'"x", {tag}', tag.removeprefix("W/"), "*"]:
            again = client.get(path, headers={"If-None-Match": known})
            assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
            assert "content-type" not in again.headers
        assert client.get(path, headers={"If-None-Match": 'W/"0"'}).status == 200


def test_long_answers_are_packed_for_who_takes_that(client):
    plain = client.get("/assets/index-abc.js")
    assert "content-encoding" not in plain.headers
    for accepted in ["gzip", "br, gzip;q=0.5", "*"]:
        packed = client.get(
            "/assets/index-abc.js", headers={"Accept-Encoding": accepted}
        )
        assert packed.headers["content-encoding"] == "gzip"
        assert gzip.decompress(packed.body) == plain.body
        assert packed.headers["content-length"] == str(len(packed.body))
        assert "Accept-Encoding" in packed.headers["vary"]
    for refused in ["gzip;q=0", "identity", "br"]:
        reply = client.get("/assets/index-abc.js", headers={"Accept-Encoding": refused})
        assert "content-encoding" not in reply.headers
    short = client.get("/icon.svg", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in short.headers


def test_links_out_of_the_bundle_are_not_followed(make, static):
    (static / "assets" / "out.js").symlink_to(static.parent / "secret.txt")
    reply = Client(make()).get("/assets/out.js")
    assert reply.status == 404


def test_without_pages_the_api_still_answers(make, tmp_path):
    client = Client(make(static=tmp_path / "nothing"))
    reply = client.get("/", headers=HTML)
    assert (reply.status, reply.code) == (404, "not-found")
    assert "npm run build" in reply.json()["hint"]
    assert client.get("/api/v1/tables").status == 200


def test_what_a_page_is_told_cannot_end_its_element(make, engine):
    client = Client(make({"</script><b>": engine}))
    page = client.get("/", headers=HTML).text
    assert boot_of(page)["database"] == "</script><b>"
    assert page.count("</script>") == 2

"""The pages below a path of somebody else's site, and in many tabs at once."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager

from playwright.sync_api import expect
from waitress.server import create_server

from partman_webui import create_app

from .conftest import EVERYTHING
from .seeing import opened, panel, row_of, settled, table

TABS = 8


@contextmanager
def mounted(application, prefix):
    """Serve an application below a path, as another site mounts it."""

    def outside(environ, start_response):
        path = environ["PATH_INFO"]
        if not path.startswith(f"{prefix}/"):
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"the site around it"]
        below = {"SCRIPT_NAME": prefix, "PATH_INFO": path[len(prefix) :]}
        return application({**environ, **below}, start_response)

    server = create_server(outside, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}{prefix}/"
    application.close()
    server.close()
    thread.join(10)


def test_mounted_under_a_prefix_everything_works(site, page):
    site.sql("CREATE TABLE events (at timestamptz NOT NULL) PARTITION BY RANGE (at)")
    site.engine.register("events", partition_interval="1 day", partition_count=3)
    pages = create_app(site.engine, allow=EVERYTHING)
    with mounted(pages, "/ops/partitions") as url:
        opened(page, url, table("public.events", "plan"))
        expect(panel(page, "3 operations")).to_be_visible()
        page.reload()
        expect(panel(page, "3 operations")).to_be_visible()
        page.get_by_role("button", name=re.compile("^Apply")).click()
        expect(page.get_by_text(re.compile("^.?Done: 3 operations"))).to_be_visible()
        assert page.url.startswith(f"{url}runs/")
        page.reload()
        expect(page.get_by_text(re.compile("^.?Done: 3 operations"))).to_be_visible()
        page.get_by_role("link", name="Tables", exact=True).first.click()
        expect(row_of(page, "public.events")).to_contain_text("ok")
        page.go_back()
        expect(page.locator("h1")).to_contain_text("Run ")


def test_eight_tabs_at_once_all_load_and_all_see_a_run(site, context, complaints):
    site.sql("CREATE TABLE events (at timestamptz NOT NULL) PARTITION BY RANGE (at)")
    site.engine.register("events", partition_interval="1 day", partition_count=3)
    site.serve(allow=EVERYTHING)
    tabs = [context.new_page() for _ in range(TABS)]
    for tab in tabs:
        complaints.listen(tab)
        tab.goto(site.url, wait_until="commit")
    for tab in tabs:
        expect(row_of(tab, "public.events")).to_be_visible()
    first = tabs[0]
    opened(first, site.url, table("public.events", "plan"))
    first.get_by_role("button", name=re.compile("^Apply")).click()
    expect(first).to_have_url(re.compile(r"/runs/\d+"))
    for tab in tabs[1:]:
        tab.goto(first.url, wait_until="commit")
    for tab in tabs:
        settled(tab)
        expect(tab.get_by_text(re.compile("^.?Done: 3 operations"))).to_be_visible()

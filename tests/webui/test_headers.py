"""What every answer has: headers that keep browsers careful, and no others."""

from __future__ import annotations

import pytest

EVERY = ["/", "/tables/public.events", "/icon.svg", "/api/v1/me", "/api/v1/nothing",
         "/healthz", "/readyz", "/assets/gone.js", "/login"]  # fmt: skip


@pytest.mark.parametrize("path", EVERY)
def test_every_answer_tells_browsers_to_be_careful(client, path):
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("path", EVERY)
@pytest.mark.parametrize("method", ["GET", "OPTIONS", "POST"])
def test_no_answer_lets_other_sites_read_it_or_tells_what_serves_it(
    client, path, method
):
    headers = client.request(
        method, path, headers={"Origin": "https://evil.example"}
    ).headers
    assert not [name for name in headers if name.startswith("access-control")]
    assert "server" not in headers

"""Whatever is sent, the answer is as the document says, and never a fault of ours."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from partman_webui import openapi

from .calling import EVENTS, a_client, with_events

EXAMPLES = 8
"""For each operation."""


@pytest.fixture(scope="module")
def client(server_dsn, template_db):
    """A client that may read and plan: nothing that is sent changes anything."""
    import psycopg

    from partman_core.pg import scratch

    name = f"{template_db}_fuzzed"
    with scratch.database(server_dsn, name, template_db) as dsn:
        with psycopg.connect(dsn, autocommit=True) as pg:
            engine, _ = with_events(dsn, pg)
        yield a_client(engine)


def operations():
    schema = schemathesis.openapi.from_dict(openapi.document())
    return [found.ok() for found in schema.get_all_operations()]


@pytest.mark.parametrize("operation", operations(), ids=lambda one: one.label)
def test_whatever_is_sent_is_answered_as_the_document_says(client, operation):
    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def sent(data):
        case = data.draw(operation.as_strategy())
        parameters = dict(case.path_parameters or {})
        if "id" in parameters and data.draw(st.booleans()):
            parameters["id"] = EVENTS
        path = filled(operation.path, parameters)
        body = case.body if isinstance(case.body, dict | list | str | int) else None
        query = {
            name: value
            for name, value in (case.query or {}).items()
            if isinstance(value, str | int) and name != "database"
        }
        found = client(operation.method.upper(), path, body, **query)
        assert found.status < 500, found.body

    sent()


def filled(path, parameters):
    """Put parameters into a path, percent-encoded."""
    from urllib.parse import quote

    for name, value in parameters.items():
        path = path.replace(f"{{{name}}}", quote(str(value), safe="") or "x")
    return path


@pytest.mark.parametrize("sent", [[], "x", 1, None, [{}], {"settings": []}])
def test_a_body_of_another_kind_is_refused(client, sent):
    for path in ("/plans", "/settings/preview"):
        found = client("POST", f"/api/v1/tables/{EVENTS}{path}", sent)
        assert found.status in {200, 422}
        assert found.status == 422 or (path, sent) == ("/plans", None)

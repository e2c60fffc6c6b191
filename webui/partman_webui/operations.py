"""The addresses of the API, each with what it takes and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from partman_webui import shapes
from partman_webui.login.asked import LoginAsked

if TYPE_CHECKING:
    from collections.abc import Sequence

SEED = "The frozen interface of the system that partman follows."


@frozen(kw_only=True)
class Parameter:
    """Something that an address takes.

    :param where: ``query``, ``path`` or ``header``.
    """

    name: str
    text: str
    schema: dict[str, Any]
    where: str = "query"
    required: bool = False


@frozen(kw_only=True)
class Operation:
    """What one address does with one method.

    :param answer: the shape of its answer; None: plain JSON.
    :param body: the shape of what is sent; None: nothing is.
    :param also: types of the answer besides JSON.
    :param refusals: statuses of the problems that are its own.
    """

    method: str
    path: str
    text: str
    answer: type[Any] | None
    status: int = 200
    body: type[Any] | None = None
    parameters: Sequence[Parameter] = ()
    also: Sequence[str] = ()
    refusals: Sequence[int] = ()
    tags: Sequence[str] = field(default=("v1",))


EMPTY = 204
"""The status of an answer without a body."""


def _integer(low: int, high: int | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "integer", "minimum": low}
    return found if high is None else found | {"maximum": high}


TEXT = {"type": "string"}
DATABASE = Parameter(
    name="database", text="The database, by its name; the first one if none.",
    schema=TEXT,
)  # fmt: skip
TABLE = Parameter(
    name="id", text="The table's name as SQL writes it.", schema=TEXT, where="path",
    required=True,
)  # fmt: skip
RUN = Parameter(
    name="n", text="The run's number.", schema=_integer(1), where="path", required=True
)
CURSOR = Parameter(
    name="cursor", text="Where the next page begins, as the last one said.",
    schema=TEXT,
)  # fmt: skip


def _limit(most: int, usual: int) -> Parameter:
    schema = _integer(1, most) | {"default": usual}
    return Parameter(name="limit", text="At most so many.", schema=schema)


V1 = (
    Operation(
        method="post", path="/api/v1/login", text="Log in; the answer has a cookie.",
        answer=None, status=EMPTY, body=LoginAsked, refusals=(401, 422),
    ),
    Operation(
        method="post", path="/api/v1/logout", text="End the session.", answer=None,
        status=EMPTY, body=None,
    ),
    Operation(
        method="get", path="/api/v1/databases", text="The databases of these pages.",
        answer=shapes.Databases,
    ),
    Operation(
        method="get", path="/api/v1/me", text="Who is asking, and what they may do.",
        answer=shapes.Me,
    ),
    Operation(
        method="get", path="/api/v1/plugins", text="The plugins.",
        answer=shapes.Plugins,
    ),
    Operation(
        method="get", path="/api/v1/findings", text="The findings of all tables.",
        answer=shapes.Findings,
    ),
    Operation(
        method="get", path="/api/v1/tables",
        text="The managed tables, the most urgent first.", answer=shapes.Tables,
        parameters=(
            Parameter(
                name="health", text="Only tables that are so, with commas between.",
                schema=TEXT,
            ),
            Parameter(name="q", text="Only names with this in them.", schema=TEXT),
            Parameter(name="schema", text="Only of this schema.", schema=TEXT),
            _limit(1000, 200),
            CURSOR,
        ),
        refusals=(400,),
    ),
    Operation(
        method="get", path="/api/v1/tables/{id}", text="One table.",
        answer=shapes.TableSummary, parameters=(TABLE,), refusals=(404,),
    ),
    Operation(
        method="get", path="/api/v1/tables/{id}/partitions",
        text="A table's partitions, and what its timeline is drawn with.",
        answer=shapes.Partitions,
        parameters=(TABLE, _limit(50_000, 1000), CURSOR), refusals=(400, 404),
    ),
    Operation(
        method="get", path="/api/v1/tables/{id}/tenants", text="A table's tenants.",
        answer=shapes.Tenants, parameters=(TABLE,), refusals=(404, 422),
    ),
    Operation(
        method="post", path="/api/v1/tables/{id}/tenants",
        text="Add tenants, set what is their own, or let them go.",
        answer=shapes.TenantsChanged, body=shapes.TenantsAsked, parameters=(TABLE,),
        refusals=(404, 409, 422),
    ),
    Operation(
        method="get", path="/api/v1/tables/{id}/settings",
        text="A table's settings, and the JSON Schema of them.",
        answer=shapes.SettingsShown, parameters=(TABLE,), refusals=(404,),
    ),
    Operation(
        method="put", path="/api/v1/tables/{id}/settings",
        text="Declare all settings of a table.", answer=shapes.SettingsShown,
        body=shapes.SettingsAsked,
        parameters=(
            TABLE,
            Parameter(
                name="If-Match", text="The ETag of the settings that were changed.",
                schema=TEXT, where="header",
            ),
        ),
        refusals=(404, 409, 412, 422, 428),
    ),
    Operation(
        method="post", path="/api/v1/tables/{id}/settings/preview",
        text="What settings would change; nothing is written.",
        answer=shapes.SettingsPreview, body=shapes.SettingsAsked, parameters=(TABLE,),
        refusals=(404,),
    ),
    Operation(
        method="post", path="/api/v1/tables/{id}/plans",
        text="What would be done with a table; nothing is kept.",
        answer=shapes.PlanShown, body=shapes.PlanAsked, parameters=(TABLE,),
        refusals=(404, 422),
    ),
    Operation(
        method="get", path="/api/v1/tables/{id}/days",
        text="What becomes due today and in the next seven days.", answer=shapes.Days,
        parameters=(TABLE,), refusals=(404, 422),
    ),
    Operation(
        method="get", path="/api/v1/bin",
        text="What retention took out and nobody has dropped yet.", answer=shapes.Bin,
        parameters=(Parameter(name="table", text="Only of this.", schema=TEXT),),
    ),
    Operation(
        method="post", path="/api/v1/bin/attach",
        text="Bring a partition back from the bin, in a run.", answer=shapes.RunShown,
        status=202, body=shapes.AttachAsked, refusals=(404, 409, 422),
    ),
    Operation(
        method="get", path="/api/v1/holds", text="What is on hold.",
        answer=shapes.Holds,
    ),
    Operation(
        method="post", path="/api/v1/holds", text="Put a partition on hold.",
        answer=shapes.Holds, body=shapes.HoldAsked, refusals=(404, 409, 422),
    ),
    Operation(
        method="delete", path="/api/v1/holds", text="Let a partition go.",
        answer=shapes.Holds,
        parameters=(
            Parameter(
                name="partition", text="Its name as SQL writes it.", schema=TEXT,
                required=True,
            ),
        ),
        refusals=(404, 409, 422),
    ),
    Operation(
        method="get", path="/api/v1/runs", text="The runs, the newest first.",
        answer=shapes.Runs,
        parameters=(
            Parameter(name="table", text="Only runs that did something with it.",
                      schema=TEXT),
            _limit(500, 50),
            CURSOR,
        ),
        refusals=(400, 404),
    ),
    Operation(
        method="post", path="/api/v1/runs",
        text="Do what a plan says, if it still holds.", answer=shapes.RunShown,
        status=202, body=shapes.RunAsked, refusals=(404, 409, 422),
    ),
    Operation(
        method="get", path="/api/v1/runs/{n}", text="One run.",
        answer=shapes.RunShown, parameters=(RUN,), refusals=(404,),
    ),
    Operation(
        method="post", path="/api/v1/runs/{n}/stop",
        text="Ask a run to end in good order.", answer=shapes.RunShown,
        parameters=(RUN,), refusals=(404, 409),
    ),
    Operation(
        method="get", path="/api/v1/runs/{n}/events",
        text="What happened in a run; as a stream if that is asked for.",
        answer=shapes.RunEvents, also=("text/event-stream",),
        parameters=(
            RUN,
            Parameter(
                name="after", text="Only events after this one.", schema=_integer(0)
            ),
        ),
        refusals=(400, 404),
    ),
    Operation(
        method="get", path="/api/v1/actions",
        text="What was done and refused through these pages.", answer=shapes.Actions,
        parameters=(_limit(500, 100), CURSOR), refusals=(400,),
    ),
    Operation(
        method="get", path="/api/v1/openapi.json", text="This document.", answer=None
    ),
)  # fmt: skip

_SCHEMA = Parameter(name="schema", text="The table's schema.", schema=TEXT)
SEEDS = (
    Operation(
        method="get", path="/api/tables", text="The managed tables. " + SEED,
        answer=shapes.SeedTables, tags=("seed",),
    ),
    Operation(
        method="get", path="/api/partitions", text="A table's partitions. " + SEED,
        answer=shapes.SeedPartitions, tags=("seed",),
        parameters=(
            Parameter(name="table", text="As /api/tables prints it.", schema=TEXT,
                      required=True),
            _SCHEMA,
            _limit(1000, 10),
            Parameter(name="offset", text="After so many.", schema=_integer(0)),
        ),
        refusals=(400, 404),
    ),
)  # fmt: skip
OPERATIONS = (*SEEDS, *V1)

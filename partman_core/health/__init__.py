"""Whether a managed table is well: one judgement for every reader.

The command line, the exit code, the pages and the metrics all show this; none of
them judges for itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from attrs import evolve, frozen

from partman_core.errors import PartmanError, gravest
from partman_core.health.depth import shortest
from partman_core.health.rules import RULES
from partman_core.health.runway import Runway, runway
from partman_core.health.scene import Scene
from partman_core.keys import CODECS, Codec
from partman_core.plan import Finding, found_json
from partman_core.planner import as_it_is
from partman_core.planner.coverage import in_order
from partman_core.planner.creating import axis
from partman_core.planner.nesting import leaves
from partman_core.planner.places import last_position

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, timedelta

    from partman_core.model import Run, Table, Tree
    from partman_core.naming import Name
    from partman_core.plan import TablePlan

State = Literal["ok", "warning", "error"]

_OWN_CODECS: Mapping[str, Codec] = {codec.name: codec for codec in CODECS}
_GRAVITY = ("error", "warning", "info")


@frozen(kw_only=True)
class Health:
    """How one table is.

    :param sentence: what to read if only one thing is read.
    :param runway: how long inserts find a partition; zero if they do not now; None
        without an end, or on a number axis.
    :param runway_until: the moment it ends, aware, UTC.
    :param next_upper: how the place reads where it ends, also on a number axis.
    :param ends: all about the runway.
    :param findings: the gravest first.
    :param pending: how many operations the next run would do.
    :param partitions: how many there are, DEFAULT included.
    :param rows: estimate; None if no partition was ever analysed.
    :param bytes: estimate.
    """

    table: Name
    state: State
    sentence: str
    runway: timedelta | None
    runway_until: datetime | None
    next_upper: str | None
    ends: Runway
    findings: tuple[Finding, ...]
    pending: int
    partitions: int
    rows: int | None
    bytes: int

    @property
    def exit_code(self) -> int:
        """3 with findings that a person has to handle, else 0."""
        return gravest(found.exit_code for found in self.findings)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        until = self.runway_until
        return {
            "table": str(self.table),
            "state": self.state,
            "sentence": self.sentence,
            "runway_seconds": _seconds(self.runway),
            "runway_until": until and until.isoformat(),
            "next_upper": self.next_upper,
            "pending": self.pending,
            "partitions": self.partitions,
            "rows": self.rows,
            "bytes": self.bytes,
            "findings": [found_json(found) for found in self.findings],
        }


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else int(length.total_seconds())


def health(  # noqa: PLR0913 - all that a judgement depends on
    table: Table,
    tree: Tree,
    codec: Codec | None,
    plan: TablePlan,
    now: datetime,
    *,
    last_run: Run | None = None,
    last_success: datetime | None = None,
    default_rows: bool | None = None,
    unidentified: tuple[Name, ...] = (),
    extra: Sequence[Finding] = (),
    codecs: Mapping[str, Codec] = _OWN_CODECS,
) -> Health:
    """Judge one table.

    :param codec: of the key; None where it has no axis.
    :param plan: what maintenance would do now.
    :param now: aware.
    :param last_run: the last run that had to do with the table.
    :param last_success: when a run last ended well, aware; None: never.
    :param default_rows: whether there are rows in DEFAULT; None: nobody looked.
    :param unidentified: see :class:`~partman_core.health.scene.Scene`.
    :param extra: findings of plugins and about plugins.
    :param codecs: all there are, by name: for the levels below.
    """
    scene = _scene(table, tree, codec, plan, now, codecs=codecs)
    scene = evolve(
        scene,
        last_run=last_run,
        last_success=last_success,
        default_rows=default_rows,
        unidentified=unidentified,
    )
    return _judged(scene, _findings(scene, extra))


def _scene(  # noqa: PLR0913 - all that the rules look at
    table: Table,
    tree: Tree,
    codec: Codec | None,
    plan: TablePlan,
    now: datetime,
    *,
    codecs: Mapping[str, Codec],
) -> Scene:
    seen = as_it_is(table, tree, codec, now)
    along = axis(seen)
    here = last_position(along, now, table.timezone, tree.position)
    wanted = in_order(along, (wanted.bounds for wanted in seen.wanted))
    there = in_order(along, (part.bounds for part in seen.existing))
    if along is not None:
        chain = runway(seen, here, wanted, there, default=tree.default is not None)
    else:
        chain = shortest(table, tree, codec, now, codecs)
    return Scene(
        table=table,
        tree=tree,
        level=seen,
        wanted=wanted,
        there=there,
        here=here,
        plan=plan,
        runway=chain,
        now=now,
    )


def _judged(scene: Scene, findings: tuple[Finding, ...]) -> Health:
    tree, ends = scene.tree, scene.runway
    state = _state(findings)
    until = None if ends.state == "later" else ends.until
    every = [*leaves(tree), *([tree.default] if tree.default else [])]
    estimates = [part.rows for part in every if part.rows is not None]
    well = ends.sentence(scene.now)
    return Health(
        table=scene.table.name,
        state=state,
        sentence=well if state == "ok" else findings[0].message,
        runway=until - scene.now if until else None,
        runway_until=until,
        next_upper=ends.place or None,
        ends=ends,
        findings=findings,
        pending=len(scene.plan.operations),
        partitions=len(every),
        rows=sum(estimates) if estimates else None,
        bytes=sum(part.bytes for part in every),
    )


def unknown(table: Name, error: PartmanError | None) -> Health:
    """Return the health of a table that could not be looked at.

    :param error: why not.
    """
    message = str(error) if error else f"{table} could not be looked at."
    found = Finding(
        code=error.code if error else "unreadable",
        severity="error",
        table=table,
        message=message,
        hint=error.hint if error else None,
    )
    return Health(
        table=table,
        state="error",
        sentence=message,
        runway=None,
        runway_until=None,
        next_upper=None,
        ends=Runway(state="unknown"),
        findings=(found,),
        pending=0,
        partitions=0,
        rows=None,
        bytes=0,
    )


def runway_sentence(health: Health, now: datetime) -> str:
    """Say how long inserts have partitions.

    :param now: aware; the moment from which the rest is counted.
    """
    return health.ends.sentence(now)


def runway_of(  # noqa: PLR0913 - all that it depends on
    table: Table,
    tree: Tree,
    codec: Codec | None,
    plan: TablePlan,
    now: datetime,
    *,
    codecs: Mapping[str, Codec] = _OWN_CODECS,
) -> str:
    """Say how long inserts have partitions, without judging anything else.

    :param codec: of the key; None where it has no axis.
    :param plan: what maintenance would do now.
    :param now: aware; the moment from which the rest is counted.
    :returns: the sentence that :func:`runway_sentence` gives of :func:`health`.
    """
    return _scene(table, tree, codec, plan, now, codecs=codecs).runway.sentence(now)


def _findings(scene: Scene, extra: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return what the plan found, what the rules find and *extra*, gravest first.

    Where a rule and the plan speak of the same thing, the plan's word is enough.
    """
    planned = list(scene.plan.findings)
    told = {found.code for found in planned}
    ruled = (found for rule in RULES for found in rule(scene))
    every = [*(f for f in ruled if f.code not in told), *planned, *extra]
    return tuple(sorted(every, key=lambda found: _GRAVITY.index(found.severity)))


def _state(findings: Iterable[Finding]) -> State:
    severities = {found.severity for found in findings}
    if "error" in severities:
        return "error"
    return "warning" if "warning" in severities else "ok"

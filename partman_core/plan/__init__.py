"""What would be done now, as values: shown, compared, refused, applied.

Operations carry no SQL; :mod:`partman_core.pg.ddl` writes it.  A plan is
identified by a hash of what it would do, not of how big things are, so that the
same decision has the same name a minute later.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from attrs import field, frozen

from partman_core.bounds import clause
from partman_core.errors import gravest
from partman_core.plan.operations import (
    SIGNS,
    Attach,
    Create,
    Detach,
    Discard,
    Drop,
    Finalize,
    Move,
    Operation,
    Reopen,
    Settle,
    described,
    summary,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from partman_core.naming import Name

__all__ = [
    "SIGNS",
    "Attach",
    "Create",
    "Detach",
    "Discard",
    "Drop",
    "Finalize",
    "Finding",
    "Move",
    "Operation",
    "Plan",
    "Reopen",
    "Settle",
    "Severity",
    "TablePlan",
    "described",
    "found_json",
    "summary",
]

Severity = Literal["info", "warning", "error"]


@frozen(kw_only=True)
class Finding:
    """Something true about a table that a person should know.

    :param code: short, stable, kebab-case.
    :param message: a sentence with the numbers in it.
    :param hint: what to do, with the command where there is one.
    :param data: the numbers, for machines.
    """

    code: str
    severity: Severity
    table: Name | None
    message: str
    hint: str | None = None
    data: Mapping[str, Any] = field(factory=dict)

    @property
    def exit_code(self) -> int:
        """3 where a person has to act, else 0."""
        return 0 if self.severity == "info" else 3


_IDENTITY = (
    "kind", "table", "parent", "partition", "clause", "split", "inner",
    "target_schema", "way", "action",
)  # fmt: skip


@frozen(kw_only=True)
class TablePlan:
    """One table's part of a plan.

    :param operations: in the order in which they would be done.
    """

    table: Name
    operations: tuple[Operation, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def hash(self) -> str:
        """What this part would do, as twelve hexadecimal digits."""
        entries = [
            {key: entry[key] for key in _IDENTITY if key in entry}
            for entry in map(described, self.operations)
        ]
        text = json.dumps([str(self.table), entries], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


@frozen(kw_only=True)
class Plan:
    """What maintenance would do at one moment.

    :param now: the moment, aware.
    :param only: the kinds of operations it was made of; empty: all.
    """

    now: datetime
    tables: tuple[TablePlan, ...] = ()
    only: tuple[str, ...] = ()

    @property
    def operations(self) -> tuple[Operation, ...]:
        """All operations, table by table."""
        return tuple(op for part in self.tables for op in part.operations)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, table by table."""
        return tuple(found for part in self.tables for found in part.findings)

    @property
    def hash(self) -> str:
        """What the plan would do, as twelve hexadecimal digits."""
        text = " ".join(sorted(f"{part.table}={part.hash}" for part in self.tables))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def destroys(self) -> bool:
        """Whether something would be taken out or dropped."""
        return any(operation.destroys for operation in self.operations)

    @property
    def exit_code(self) -> int:
        """3 with findings that a person has to handle, 2 with work, else 0."""
        codes = [found.exit_code for found in self.findings]
        return gravest([*codes, 2 if self.operations else 0])

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.operations)

    def __str__(self) -> str:
        """Return the plan as a person reads it, without colours."""
        return "\n".join(_lines(self))

    def to_json(self) -> dict[str, Any]:
        """Return the plan as plain JSON, the same for files, ``--json`` and HTTP."""
        return {
            "version": 1,
            "now": self.now.isoformat(),
            "hash": self.hash,
            "only": list(self.only),
            "tables": [
                {
                    "table": str(part.table),
                    "hash": part.hash,
                    "operations": [described(op) for op in part.operations],
                    "findings": [found_json(found) for found in part.findings],
                }
                for part in self.tables
            ],
        }


def found_json(found: Finding) -> dict[str, Any]:
    """Return a finding as plain JSON."""
    return {
        "code": found.code,
        "severity": found.severity,
        "table": None if found.table is None else str(found.table),
        "message": found.message,
        "hint": found.hint,
        "data": dict(found.data),
    }


def _lines(plan: Plan) -> Iterable[str]:
    for part in plan.tables:
        yield str(part.table)
        for operation in part.operations:
            where = "" if operation.bounds is None else clause(operation.bounds)
            yield (
                f"  {SIGNS[operation.kind]} {operation.kind:<8} {operation.name}"
                f"  {where}  {operation.reason}".rstrip()
            )
        for found in part.findings:
            yield f"  ! {found.severity}[{found.code}]: {found.message}"
    yield f"Plan {plan.hash}: {summary(plan.operations)}."

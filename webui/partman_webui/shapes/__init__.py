"""What ``/api/v1`` answers, as values: the one place that says how JSON looks.

The OpenAPI document is made from these classes, the answers are these classes written
out, and the pages' TypeScript types follow the document.  Moments are ISO 8601 in UTC
(``2026-12-01T00:00:00+00:00``), lengths are seconds, sizes are bytes.  ``None`` means
"not known" or "there is none", never zero.
"""

from __future__ import annotations

from partman_webui.shapes.about import (
    Databases,
    DatabaseShown,
    FieldProblem,
    Me,
    Plugins,
    PluginShown,
    Problem,
)
from partman_webui.shapes.kept import (
    AttachAsked,
    Bin,
    Binned,
    Held,
    HoldAsked,
    Holds,
    TenantRow,
    Tenants,
    TenantsAsked,
    TenantsChanged,
)
from partman_webui.shapes.plans import (
    Day,
    Days,
    LockTaken,
    PlanAsked,
    PlannedOperation,
    PlannedTable,
    PlanShown,
)
from partman_webui.shapes.runs import (
    Actions,
    ActionShown,
    RunAsked,
    RunEvent,
    RunEvents,
    Runs,
    RunShown,
)
from partman_webui.shapes.seed import (
    SeedParent,
    SeedPartition,
    SeedPartitions,
    SeedTable,
    SeedTables,
)
from partman_webui.shapes.settings import (
    Mistake,
    SettingsAsked,
    SettingsPreview,
    SettingsShown,
)
from partman_webui.shapes.tables import (
    Counted,
    DefaultPart,
    Findings,
    Gap,
    HealthWord,
    LastRun,
    PartitionRow,
    Partitions,
    Reason,
    RetentionState,
    Runway,
    Tables,
    TableSummary,
)

__all__ = [
    "ActionShown",
    "Actions",
    "AttachAsked",
    "Bin",
    "Binned",
    "Counted",
    "DatabaseShown",
    "Databases",
    "Day",
    "Days",
    "DefaultPart",
    "FieldProblem",
    "Findings",
    "Gap",
    "HealthWord",
    "Held",
    "HoldAsked",
    "Holds",
    "LastRun",
    "LockTaken",
    "Me",
    "Mistake",
    "PartitionRow",
    "Partitions",
    "PlanAsked",
    "PlanShown",
    "PlannedOperation",
    "PlannedTable",
    "PluginShown",
    "Plugins",
    "Problem",
    "Reason",
    "RetentionState",
    "RunAsked",
    "RunEvent",
    "RunEvents",
    "RunShown",
    "Runs",
    "Runway",
    "SeedParent",
    "SeedPartition",
    "SeedPartitions",
    "SeedTable",
    "SeedTables",
    "SettingsAsked",
    "SettingsPreview",
    "SettingsShown",
    "TableSummary",
    "Tables",
    "TenantRow",
    "Tenants",
    "TenantsAsked",
    "TenantsChanged",
]

"""The engine: everything partman does, behind one object.

Making one does no I/O.  Each method opens a session of its own and closes it;
nothing is kept in between but the plugins.
"""

from __future__ import annotations

# before psycopg itself, to say in one sentence what that lacks
import partman_core.pg.driver  # noqa: F401

# isort: split
from partman_core.engine.acting import Acting
from partman_core.engine.background import InBackground
from partman_core.engine.binned import InBin
from partman_core.engine.explanation import Explained
from partman_core.engine.holding import Hold
from partman_core.engine.keeping import Keeping
from partman_core.engine.registration import Registration, Sync
from partman_core.engine.takeover import Taken, Takeover, TakingOver
from partman_core.engine.tenancy import TenantChange, TenantInfo
from partman_core.executor.stopping import Stop

__all__ = [
    "Engine",
    "Explained",
    "Hold",
    "InBin",
    "Registration",
    "Stop",
    "Sync",
    "Taken",
    "Takeover",
    "TenantChange",
    "TenantInfo",
]


class Engine(Acting, TakingOver, Keeping, InBackground):
    """Keeps the partitioned tables of one database healthy.

    :param target: a DSN, or a callable that opens a psycopg connection which is
        the engine's own.
    :param plugins: objects, modules or dotted names, besides those installed.
    :param without: names of plugins to leave out.
    :param clock: gives the time, aware; None: as plugins say, else the server's.
    :param logger: like :class:`logging.Logger`; None: as plugins say.
    :param schema: where partman keeps its own tables.
    :param pooler: "session" or "transaction": for how long a pooler before the
        database lends a backend; None: it is found out.
    """

"""Faults: what may befall an engine between any two of its round trips.

An engine that is given :meth:`Fault.connect` as its way to the server has every round
trip of every one of its sessions counted.  At one of them the fault strikes.
"""

from __future__ import annotations

import inspect
import re
import socket
import threading
from enum import Enum
from typing import TYPE_CHECKING, Any

import psycopg
from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Connection = psycopg.Connection[Any]

ONLOOKER = "partman stop"
"""The thread that asks now and then whether a run is to end: when, is a matter of luck,
so its questions are not counted."""

NAMED: dict[str, Any] = {"application_name": "partman", "autocommit": True}

ENDED_WITHIN = 20_000
"""Milliseconds within which a backend that is told to end has ended."""


class Mode(Enum):
    """What befalls the engine, or one of its sessions."""

    DIES = "the client dies before it"
    LOST = "the connection is cut before it"
    UNHEARD = "the connection is cut after it, and its answer is lost"
    TERMINATED = "the backend is terminated before it"

    def strikes(self, points: Sequence[str]) -> Iterator[int]:
        """Yield the numbers of the round trips at which this is a fault of its own.

        Where nothing is changed, it is the same whether the connection is cut before
        or after; and a client that dies there leaves what it left a moment before.
        """
        changes = [is_change(what) for what in points]
        for at, changing in enumerate(changes):
            match self:
                case Mode.DIES:
                    strikes = at == 0 or changing or changes[at - 1]
                case Mode.UNHEARD:
                    strikes = changing
                case _:
                    strikes = True
            if strikes:
                yield at


@define
class Fault:
    """One fault, which strikes once, at one round trip of one engine.

    A client that dies after one round trip dies before its next.

    :param dsn: of the engine's database.
    :param hand: a session there that is nobody's and is spared.
    :param at: number of the round trip, from 0; None: never.
    :param seen: what the round trips were about, as far as they came.
    :param struck: whether it has come to pass.
    """

    dsn: str
    hand: Connection
    mode: Mode = Mode.DIES
    at: int | None = None
    seen: list[str] = field(factory=list)
    struck: bool = False
    is_dead: bool = False
    _turn: threading.RLock = field(factory=threading.RLock)
    _opened: list[Faulty] = field(factory=list)

    def connect(self) -> Connection:
        """Open one of the engine's sessions: that is a round trip as well."""
        if threading.current_thread().name == ONLOOKER:
            return psycopg.connect(self.dsn, **NAMED)
        with self._turn:
            if self._is_due("connect") and self.mode is Mode.DIES:
                self._die()
            elif self._is_struck_now():
                self.struck = True
                raise psycopg.OperationalError("the server did not answer")
            if self.is_dead:
                raise psycopg.OperationalError("the client is dead")
            conn = Faulty.connect(self.dsn, **NAMED)
            conn.fault = self
            self._opened.append(conn)
            return conn

    def before(self, conn: Faulty, what: str) -> bool:
        """Count a round trip, and strike where it is due before it.

        :returns: whether it is due after it.
        """
        with self._turn:
            if not self._is_due(what):
                return False
            match self.mode:
                case Mode.DIES:
                    self._die()
                case Mode.LOST:
                    cut(conn)
                case Mode.TERMINATED:
                    terminate(self.hand, conn.info.backend_pid)
            self.struck = True
            return self.mode is Mode.UNHEARD

    def _is_due(self, what: str) -> bool:
        self.seen.append(what)
        return self._is_struck_now()

    def _is_struck_now(self) -> bool:
        return not self.struck and len(self.seen) - 1 == self.at

    def _die(self) -> None:
        self.struck = self.is_dead = True
        for conn in self._opened:
            cut(conn)


class Faulty(Connection):
    """A connection whose every round trip is counted."""

    fault: Fault | None = None

    def wait(self, gen: Any, *args: Any, **kwargs: Any) -> Any:
        if self.fault is None or self.closed:
            return super().wait(gen, *args, **kwargs)
        unheard = self.fault.before(self, sense(gen))
        try:
            return super().wait(gen, *args, **kwargs)
        finally:
            if unheard:
                self._lose_the_answer()

    def _lose_the_answer(self) -> None:
        """Do as if what the server has done and told had never been heard of."""
        cut(self)
        self.pgconn.exec_(b"")
        raise psycopg.OperationalError(self.pgconn.get_error_message())


def cut(conn: Connection) -> None:
    """End a connection as the death of one of its ends does."""
    if conn.closed:
        return
    with socket.socket(fileno=conn.fileno()) as ours:
        try:
            ours.shutdown(socket.SHUT_RDWR)
        except OSError:  # the other end has gone already
            pass
        finally:
            ours.detach()


def terminate(hand: Connection, pid: int) -> None:
    """Have the server end one of its backends, and wait until it has."""
    hand.execute("SELECT pg_terminate_backend(%s, %s)", [pid, ENDED_WITHIN])


KINDS = re.compile(
    r"\b(?:(?:ATTACH|DETACH) PARTITION|(?:CREATE|DROP|LOCK) (?:TABLE|SCHEMA)|SET SCHEMA"
    r"|(?:ADD|DROP|VALIDATE) CONSTRAINT|FINALIZE|COMMIT|pg_(?:try_)?advisory\w+"
    r"|(?:INSERT INTO|UPDATE|DELETE FROM) \"?\w+\"?(?:\.\w+| VALUES| SELECT))"
)
"""What says most about a string of statements."""

READING = re.compile(r"connect|set_autocommit|rollback|SELECT |SET |RESET |pg_")
"""How round trips begin that change nothing for others; all others may."""


def is_change(what: str) -> bool:
    """Say whether a round trip may change something, by its :func:`sense`."""
    return READING.match(what) is None


def sense(gen: Any) -> str:
    """Say in a few words what a round trip is about."""
    asked = inspect.getgeneratorlocals(gen).get("query")
    if asked is None:
        return str(gen.__name__).strip("_").removesuffix("_gen")
    text = asked if isinstance(asked, str) else _written(asked)
    kinds = list(dict.fromkeys(KINDS.findall(text)))
    return ", ".join(kinds) or " ".join(text.split())[:60]


def _written(asked: Any) -> str:
    text = asked if isinstance(asked, bytes) else asked.as_bytes(None)
    return text.decode()

"""Who asks, and what: the values that a handler gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

import msgspec
from attrs import field, fields_dict, frozen

from partman_webui.problems import problem
from partman_webui.shapes import FieldProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partman_core import Engine
    from partman_webui.received import Received

Ability = Literal["read", "plan", "apply", "destructive", "settings"]

ABILITIES: tuple[Ability, ...] = ("read", "plan", "apply", "destructive", "settings")
"""What a login may be able to do, the mildest first."""

ALWAYS: frozenset[Ability] = frozenset({"read", "plan"})
"""What every login may do."""

EVERYTHING: frozenset[Ability] = frozenset(ABILITIES)
"""What a way to log in says where it has no limits of its own."""

T = TypeVar("T")


@frozen(kw_only=True)
class Actor:
    """Who asks.

    :param name: as the history has it.
    :param method: how they logged in: ``link``, ``token``, ``basic``, ``header``,
        ``wsgi``, or ``none``.
    :param address: where they ask from, as far as it can be trusted.
    :param can: what they may do.
    """

    name: str
    method: str
    address: str | None = None
    can: frozenset[Ability] = ALWAYS


@frozen(kw_only=True)
class Asked:
    """One request.

    :param query: the parameters of the address; of one given twice, the last.
    :param body: what was sent as JSON; None: nothing.
    :param headers: by their names in lower case.
    :param database: the name of the engine that is asked, and the engine.
    :param prefix: where the pages are mounted, without a slash at the end.
    :param request_id: the number that the log has it under.
    :param received: the request as it came in, for logging in and out.
    """

    actor: Actor
    engine: Engine
    database: str
    method: str = "GET"
    path: str = "/"
    query: Mapping[str, str] = field(factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(factory=dict)
    prefix: str = ""
    request_id: str = ""
    received: Received = field(kw_only=True, repr=False)

    def may(self, ability: Ability) -> bool:
        """Say whether who asks may do that."""
        return ability in self.actor.can

    def require(self, ability: Ability) -> None:
        """Refuse who may not do that.

        :raises ProblemError: ``not-allowed``.
        """
        if not self.may(ability):
            raise not_allowed(self.actor, ability)

    def read(self, shape: type[T]) -> T:
        """Return what was sent as a shape.

        :raises ProblemError: ``validation``, with the place of what is wrong.
        """
        sent = {} if self.body is None else self.body
        if not isinstance(sent, dict):
            raise _invalid("", "an object is expected here")
        known = fields_dict(cast("type[Any]", shape))
        for name in sent:
            if name not in known:
                raise _invalid(f"/{_escaped(name)}", "there is no such field")
        try:
            return msgspec.convert(sent, shape)
        except msgspec.ValidationError as error:
            text, _, place = str(error).partition(" - at `")
            raise _invalid(_pointer(place.rstrip("`")), text) from None

    def number(self, name: str, default: int, *, least: int = 1, most: int) -> int:
        """Return a whole number among the parameters of the address.

        :raises ProblemError: ``validation``: it is none, or out of *least* to *most*.
        """
        text = self.query.get(name)
        if text is None:
            return default
        digits = text.isascii() and text.isdigit() and len(text) <= len(str(most))
        if not digits or not least <= int(text) <= most:
            detail = f"{name} is a whole number from {least} to {most}"
            raise problem(
                "validation",
                f"{detail}, not {text[:40]!r}.",
                errors=[FieldProblem(pointer=f"?{name}", detail=detail)],
            )
        return int(text)


def not_allowed(actor: Actor, ability: Ability) -> Exception:
    """Return the refusal of what a login may not do."""
    return problem(
        "not-allowed",
        f"{actor.name} may {_listed(actor.can)} here, but this needs {ability!r}.",
        hint=f"Whoever runs these pages can allow it: partman ui --allow {ability}",
    )


def _listed(can: frozenset[Ability]) -> str:
    return " and ".join(ability for ability in ABILITIES if ability in can) or "nothing"


def _invalid(pointer: str, detail: str) -> Exception:
    place = f" at {pointer}" if pointer else ""
    return problem(
        "validation",
        f"What was sent is not right{place}: {detail}.",
        errors=[FieldProblem(pointer=pointer, detail=detail)],
    )


def _pointer(path: str) -> str:
    """Return msgspec's ``$.tables[0].name`` as a JSON pointer."""
    parts = path.removeprefix("$").replace("[", ".").replace("]", "").split(".")
    return "".join(f"/{part}" for part in parts if part)


def _escaped(name: object) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")

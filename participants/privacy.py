"""What upper floors do when two records of one person are joined: each app registers what it moves, and how it parts again.

No signals: the movers are called one after another, in the order of ``MOVERS``, in the transaction of the joining. Every
foreign key to a person is either moved by one of them or declared as staying; a test walks the models and holds that.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from participants.models import Person, User

# What a mover moved: label → numbers of rows; what its ``undo`` reads again. Ids only: the journal holds no personal data.
Moved = dict[str, list[int]]


@dataclass(frozen=True)
class Joining:
    """One joining as the movers see it: both records are locked, and so are the events of their live sign-ups."""

    kept: Person
    gone: Person
    actor: User
    at: datetime


@dataclass(frozen=True)
class Foreseen:
    """What a joining would do, in words for the page that asks: numbers of what comes over, and how conflicts are decided."""

    counts: dict[str, int] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Mover:
    """What one app does in a joining; ``relations`` are the foreign keys it sees to, as "app.Model.field".

    ``lock`` is called before the people are locked, for containers that come first in the house's order of locks.
    ``check`` raises RuleBroken when the joining is not for this account or these two. ``undo`` moves back what is still
    where ``move`` left it, and leaves alone what life has changed since.
    """

    name: str
    relations: frozenset[str]
    move: Callable[[Joining], Moved]
    undo: Callable[[Joining, Moved], None]
    foresee: Callable[[Person, Person], Foreseen]
    lock: Callable[[Person, Person], None] | None = None
    check: Callable[[Person, Person, User], None] | None = None


# The order is a rule: photos before consents, so that a withdrawal hides those of both; consents before the rest, so that
# it ends letters before they come over; events last, under all locks.
MOVERS = ("photos", "consents", "messages", "programme", "sign-ups")

_movers: dict[str, Mover] = {}
_staying: dict[str, str] = {}


def on_merge(mover: Mover) -> None:
    """Registers what an app does when two records are joined; its name stands in ``MOVERS``."""
    if mover.name not in MOVERS:
        raise ValueError(f"say in participants.privacy.MOVERS when the mover “{mover.name}” comes")
    _movers[mover.name] = mover


def stays(relation: str, why: str) -> None:
    """Declares a foreign key to a person that a joining leaves alone, and why."""
    _staying[relation] = why


def movers() -> list[Mover]:
    """The registered movers in their order; undoing goes through them from the last to the first."""
    return [_movers[name] for name in MOVERS if name in _movers]


def seen_to() -> set[str]:
    """The foreign keys to a person somebody has thought of."""
    return {relation for mover in movers() for relation in mover.relations} | set(_staying)

"""The learning journey: minutes of each module somebody was present for, and how far they are from a certificate (domain.md 4.1).

Presence alone counts: a place noted as "came" at a published event of the project with a module, once the event is over.
The time is that of the clock, so the night the clocks change is an hour longer or shorter.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from active_citizens.core.text import plain
from events.models import Certificate, Event, Seat
from participants.models import Person
from projects.models import Module, Project

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Step:
    """One module: minutes planned (None: nobody said), minutes that make it whole, minutes one was present for."""

    number: int
    title: str
    planned: int | None
    whole: int
    minutes: int = 0

    @property
    def counted(self) -> int:
        """What counts towards the certificate: more than the whole of one module does not stand in for another."""
        return min(self.minutes, self.whole)


@dataclass(frozen=True)
class Journey:
    """All modules of a project as one person went through them."""

    steps: tuple[Step, ...]
    threshold: int | None

    @property
    def minutes(self) -> int:
        return sum(step.minutes for step in self.steps)

    @property
    def whole(self) -> int:
        return sum(step.whole for step in self.steps)

    @property
    def counted(self) -> int:
        return sum(step.counted for step in self.steps)

    @property
    def percent(self) -> int:
        """Rounded down, so that nobody reads a threshold they have not reached."""
        return self.counted * 100 // self.whole if self.whole else 0

    @property
    def is_enough(self) -> bool:
        """Whether the project's threshold is reached; never without one, nor where nothing was planned or held."""
        return self.threshold is not None and self.whole > 0 and self.counted * 100 >= self.threshold * self.whole


@dataclass(frozen=True)
class Traveller:
    """Somebody on the journey, as a line of a list shows them."""

    person_id: int
    name: str
    journey: Journey


def hours_of(person: Person, project: Project, at: datetime | None = None) -> Journey:
    """The person's journey through the project; every module is there, also with no minutes. At most three queries."""
    found = travellers(project, [person], at)
    return found[0].journey if found else Journey(tuple(_steps(project, at or timezone.now())), project.certificate_threshold)


def travellers(project: Project, people: Iterable[Person] | QuerySet[Person], at: datetime | None = None) -> list[Traveller]:
    """Those of the people who were present at a module at all, in Polish order of their names.

    At most three queries whatever the number of people; what is read grows with the places of the project's modules.
    """
    now = at or timezone.now()
    steps = _steps(project, now)
    names: dict[int, tuple[str, str]] = {}
    minutes: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for person_id, name, order, module, length in _presences(project, people, now):
        names[person_id] = (order, name)
        minutes[person_id][module] += length
    return [
        Traveller(person_id, name, _journey(project, steps, minutes[person_id]))
        for person_id, (_order, name) in sorted(names.items(), key=lambda item: (item[1][0], item[0]))
    ]


def panel_context(person: Person, at: datetime | None = None) -> dict[str, Any]:
    """What ``admin/_journey.html`` and the resident's own page show: each project's journey with its certificates."""
    certificates: dict[int, list[Certificate]] = defaultdict(list)
    for certificate in Certificate.objects.filter(person=person).order_by("-pk"):
        certificates[certificate.project_id].append(certificate)
    came = Seat.objects.filter(registration__person=person, attendance=Seat.Attendance.CAME, event__module__isnull=False)
    known = {*came.values_list("event__project", flat=True).distinct(), *certificates}
    projects = Project.objects.filter(pk__in=known).order_by("-starts_on", "pk")
    walked = [(project, hours_of(person, project, at), certificates[project.pk]) for project in projects]
    return {
        "journeys": [
            {"project": project, "journey": found, "certificates": given} for project, found, given in walked if found.minutes or given
        ]
    }


def _journey(project: Project, steps: list[Step], minutes: dict[int, int]) -> Journey:
    walked = tuple(Step(step.number, step.title, step.planned, step.whole, minutes.get(step.number, 0)) for step in steps)
    return Journey(walked, project.certificate_threshold)


def _steps(project: Project, now: datetime) -> list[Step]:
    """The modules; one without planned minutes is whole with what was held of it where most was held."""
    modules = list(Module.objects.filter(project=project).order_by("number"))
    held = _held(project, now) if any(module.planned_minutes is None for module in modules) else {}
    return [
        Step(module.number, module.title, module.planned_minutes, module.planned_minutes or held.get(module.number, 0))
        for module in modules
    ]


def _held(project: Project, now: datetime) -> dict[int, int]:
    """Minutes held of each module in the neighbourhood that had most: nobody can be present on three estates at once."""
    sums: dict[tuple[int, int | None], int] = defaultdict(int)
    events = _events(project, now).values_list("module__number", "neighbourhoods", "starts_at", "ends_at")
    for number, place, starts_at, ends_at in events:
        sums[number, place] += _length(starts_at, ends_at)
    most: dict[int, int] = {}
    for (number, _place), minutes in sums.items():
        most[number] = max(most.get(number, 0), minutes)
    return most


def _events(project: Project, now: datetime) -> QuerySet[Event]:
    return Event.objects.filter(project=project, module__project=F("project"), status=Event.Status.PUBLISHED, ends_at__lte=now)


def _presences(project: Project, people: Iterable[Person] | QuerySet[Person], now: datetime) -> Iterable[tuple[int, str, str, int, int]]:
    """(person, name, order of the name, module's number, minutes) of every event somebody was at, each event once.

    A place is the contact's own when it carries their name; children and friends of a party are names without a person.
    """
    seats = Seat.objects.filter(
        attendance=Seat.Attendance.CAME, status=Seat.Status.CONFIRMED, event__in=_events(project, now), registration__person__in=people
    )
    seen: set[tuple[int, int]] = set()
    for person_id, seat, name, order, event, number, starts_at, ends_at in seats.values_list(
        "registration__person", "name", "registration__person__name", "registration__person__name_order",
        "event", "event__module__number", "event__starts_at", "event__ends_at",
    ):  # fmt: skip
        if (person_id, event) not in seen and _folded(seat) == _folded(name):
            seen.add((person_id, event))
            yield person_id, name, order, number, _length(starts_at, ends_at)


def _folded(name: str) -> str:
    return plain(" ".join(name.split()))


def _length(starts_at: datetime, ends_at: datetime) -> int:
    return (ends_at - starts_at) // MINUTE

"""What the trainings of facilitators come to: how many people, how many hours (domain.md 4.2, 8.3)."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from active_citizens.core.text import plain
from events.models import Training, TrainingPerson
from projects.models import Project


@dataclass(frozen=True)
class Trained:
    """Figures without names: trainings, different people trained, hours held, and hours times people."""

    trainings: int
    people: int
    minutes: int
    person_minutes: int


def trained(project: Project | None = None, first: date | None = None, last: date | None = None) -> Trained:
    """The figures of trainings that began from the first to the last day, both included; three queries.

    An account counts once however many trainings it went through; so does a name without an account.
    """
    chosen = Q()
    for part in (project and Q(project=project), first and Q(held_on__gte=first), last and Q(held_on__lte=last)):
        chosen &= part or Q()
    found = Training.objects.filter(chosen)
    sums = found.aggregate(trainings=Count("pk"), minutes=Coalesce(Sum("minutes"), 0))
    people = TrainingPerson.objects.filter(training__in=found)
    persons = {user or plain(" ".join(name.split())) for user, name in people.values_list("user", "name")}
    spent = people.aggregate(minutes=Coalesce(Sum("training__minutes"), 0))["minutes"]
    return Trained(sums["trainings"], len(persons), sums["minutes"], spent)

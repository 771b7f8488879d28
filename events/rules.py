"""Who may what with events and sign-ups: role × neighbourhood × state. Lists and predicates must agree."""

from datetime import date

from django.db.models import QuerySet

from events.models import Event, Registration
from participants.models import User
from projects.rules import own_neighbourhoods, runs_any, sees_everywhere


def may_manage_event(user: User, event: Event, on: date | None = None) -> bool:
    """Whether the account makes, changes and runs the event: it touches one of its neighbourhoods."""
    return runs_any(user, event.neighbourhoods.all(), on)


def manageable_events(user: User, on: date | None = None) -> QuerySet[Event]:
    """The list to go with ``may_manage_event``."""
    if sees_everywhere(user, on):
        return Event.objects.all()
    return Event.objects.in_neighbourhoods(own_neighbourhoods(user, on))


def manageable_registrations(user: User, on: date | None = None) -> QuerySet[Registration]:
    """Sign-ups of the events one manages."""
    return Registration.objects.filter(event__in=manageable_events(user, on))

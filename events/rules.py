"""Who may what with events and sign-ups: role × neighbourhood × state. Lists and predicates must agree."""

from datetime import date

from django.db.models import Q, QuerySet

from events.models import Event, EventHelper, Registration, Series, Survey, Training
from participants.models import User
from projects.rules import is_staff, own_neighbourhoods, runs_any, sees_everywhere


def may_manage_event(user: User, event: Event, on: date | None = None) -> bool:
    """Whether the account makes, changes and runs the event: it touches one of its neighbourhoods."""
    return runs_any(user, event.neighbourhoods.all(), on)


def manageable_events(user: User, on: date | None = None) -> QuerySet[Event]:
    """The list to go with ``may_manage_event``."""
    if sees_everywhere(user, on):
        return Event.objects.all()
    return Event.objects.in_neighbourhoods(own_neighbourhoods(user, on))


def may_note_attendance(user: User, event: Event, on: date | None = None) -> bool:
    """Whether the account ticks who came: it runs the event, or helps with it on the day."""
    return may_manage_event(user, event, on) or helped_events(user, on).filter(pk=event.pk).exists()


def helped_events(user: User, on: date | None = None) -> QuerySet[Event]:
    """Those the account helps with on the day; with ``manageable_events`` the list to go with ``may_note_attendance``."""
    if not user.is_authenticated:
        return Event.objects.none()
    return Event.objects.filter(pk__in=EventHelper.objects.of_day(user, on).values("event"), status=Event.Status.PUBLISHED)


def manageable_registrations(user: User, on: date | None = None) -> QuerySet[Registration]:
    """Sign-ups of the events one manages."""
    return Registration.objects.filter(event__in=manageable_events(user, on))


def may_manage_survey(user: User, survey: Survey, on: date | None = None) -> bool:
    """Whether the account sees what a survey brought and types papers in: it manages the event, or one date of the series."""
    return manageable_surveys(user, on).filter(pk=survey.pk).exists()


def manageable_surveys(user: User, on: date | None = None) -> QuerySet[Survey]:
    """The list to go with ``may_manage_survey``."""
    if sees_everywhere(user, on):
        return Survey.objects.all()
    own = manageable_events(user, on)
    return Survey.objects.filter(Q(event__in=own) | Q(series__in=Series.objects.filter(events__in=own)))


def may_issue_certificates(user: User, on: date | None = None) -> bool:
    """Whoever of the team sees the person; the hours decide, not the one who presses the button."""
    return is_staff(user, on)


def may_annul_certificates(user: User, on: date | None = None) -> bool:
    """Taking back what was given is the office's."""
    return sees_everywhere(user, on)


def may_record_trainings(user: User, on: date | None = None) -> bool:
    return sees_everywhere(user, on)


def visible_trainings(user: User, on: date | None = None) -> QuerySet[Training]:
    """All for the office; an animator sees the own ones."""
    if sees_everywhere(user, on):
        return Training.objects.all()
    return Training.objects.filter(people__user=user)

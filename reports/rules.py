"""Who may see and take out what city hall counts. Seeing and taking out are two rights (REP-05)."""

from datetime import date

from django.db.models import QuerySet

from events.models import Event
from events.rules import manageable_events
from participants.models import User
from projects.models import Initiative, Neighbourhood
from projects.rules import Role, manageable_initiatives, own_neighbourhoods, roles

SEE = {Role.ANIMATOR, Role.OFFICER, Role.COORDINATOR}
EXPORT = {Role.ANIMATOR, Role.OFFICER, Role.COORDINATOR}


def may_see_reports(user: User, on: date | None = None) -> bool:
    """Whether the reports open at all; what is in them is said by the lists below."""
    return bool(roles(user, on) & SEE)


def may_export(user: User, on: date | None = None) -> bool:
    """Whether the account may take a report out as a file: of its own neighbourhoods, or of all."""
    return bool(roles(user, on) & EXPORT)


def reported_neighbourhoods(user: User, on: date | None = None) -> QuerySet[Neighbourhood]:
    """Those the account may ask about; none for whom the reports do not open."""
    return own_neighbourhoods(user, on)


def reported_events(user: User, on: date | None = None) -> QuerySet[Event]:
    """The events that count: published or cancelled, of the neighbourhoods the account works for."""
    return manageable_events(user, on).exclude(status=Event.Status.DRAFT)


def reported_initiatives(user: User, on: date | None = None) -> QuerySet[Initiative]:
    """The register in every state, for the neighbourhoods the account works for."""
    return manageable_initiatives(user, on)

"""What the caller says, by the message a call stands for."""

from django.db.models import BigIntegerField, Exists, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from events.models import EventChange, Registration
from projects.models import CallTask

MOVED_SINCE = _("The event has been moved: say the new date first.")
REASONS = {
    "registration_held": _("Ask whether they come: the place is held for them."),
    "registration_promoted": _("A place has come free for them. Ask whether they come."),
    "registration_offered": _("A place has come free and is kept for them a while. Ask whether they come."),
    "registration_first_answer": _("A place is free, and whoever answers first gets it. Ask whether they come."),
    "guardian_asked": _("A young person in their care has signed up. Ask whether they agree."),
    "announcement": _("The team has a message for them: read it out."),
    "access_answer": _("Say whether what they asked for is arranged; it stands at the sign-up."),
    "access_late": _("Say that we are late with an answer about what they need, and ask what they cannot do without."),
    "registration_again": _("Somebody typed this number a second time. Ask what they need."),
    "event_cancelled": _("The event has been cancelled."),
    "event_moved": _("The event has been moved. Say the new date and ask whether they come."),
}


def with_news(calls: QuerySet[CallTask]) -> QuerySet[CallTask]:
    """Adds ``event_title``, and ``moved_since``: whether the event has been moved after the call was put on the list."""
    about = Cast(KeyTextTransform("registration", "context"), BigIntegerField())
    moves = EventChange.objects.filter(kind=EventChange.Kind.MOVED, event__registrations=OuterRef("about"), at__gte=OuterRef("created_at"))
    title = Registration.objects.filter(pk=OuterRef("about")).values("event__title_pl")
    return calls.annotate(about=about, moved_since=Exists(moves), event_title=Subquery(title))


def reason_of(call: CallTask) -> str:
    """The sentence to say; needs ``with_news`` to add that the event has been moved meanwhile."""
    said = str(REASONS.get(call.reason, call.reason))
    return f"{MOVED_SINCE} {said}" if getattr(call, "moved_since", False) else said

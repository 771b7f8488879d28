"""Helpers at the door: let in for one event on its day, by whoever runs it."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from events import rules
from events.domain import noting, queue
from events.models import Event, EventHelper
from participants.domain import access_log, messages
from participants.domain.people import addressee
from participants.models import AccessLog, User
from projects.domain import assignments
from projects.models import Assignment
from projects.rules import own_neighbourhoods


def let_help(event: Event, email: str, name: str, authorisation: str, *, actor: User, at: datetime | None = None) -> EventHelper:
    """Let somebody note attendance at the event on its day; the account is made when missing, and a mail leads to the door page.

    Locks the event. Raises RuleBroken: ``not_allowed``, ``cancelled``, ``not_published``, ``over``, ``already_helps``.
    """
    if not rules.may_manage_event(actor, event):
        raise RuleBroken("not_allowed", _("Only whoever runs the event lets somebody help with it."))
    with transaction.atomic():
        event = queue.lock(event)
        now = at or timezone.now()
        if event.is_cancelled:
            raise RuleBroken("cancelled", _("This event has been cancelled."))
        if not event.is_published:
            raise RuleBroken("not_published", _("This event is not published."))
        if noting.is_after(event, now):
            raise RuleBroken("over", _("The day of the event is over: nobody can help at its door any more."))
        day = noting.day_of(event)
        if event.helpers.filter(ended_at=None, assignment__user__email__iexact=email, assignment__starts_on=day).exists():
            raise RuleBroken("already_helps", _("This account helps with the event already."), field="email")
        place = (event.neighbourhoods.all() & own_neighbourhoods(actor)).order_by("name_order").first()
        role = assignments.appoint(
            email, Assignment.Role.HELPER, authorisation=authorisation, granted_by=actor, neighbourhood=place, name=name,
            starts_on=day, ends_on=day, at=now,
        )  # fmt: skip
        helper = EventHelper.objects.create(event=event, assignment=role)
        messages.book("helper_invitation", addressee(role.user), {"helper": helper.pk}, at=now)
    return helper


def end_help(helper: EventHelper, *, actor: User, at: datetime | None = None) -> None:
    """Close the door page to the helper at once; asking twice gives the same answer. Locks the event.

    The role stays in the list as what was; without its event it opens nothing. Raises RuleBroken ``not_allowed``.
    """
    if not rules.may_manage_event(actor, helper.event):
        raise RuleBroken("not_allowed", _("Only whoever runs the event ends the help with it."))
    with transaction.atomic():
        queue.lock(helper.event)
        now = at or timezone.now()
        if EventHelper.objects.filter(pk=helper.pk, ended_at=None).update(ended_at=now, updated_at=now):
            detail = {"ended": "helper", "event": helper.event_id}
            access_log.record(AccessLog.Action.RIGHTS, "assignment", actor=actor, ids=[helper.assignment_id], detail=detail, at=now)

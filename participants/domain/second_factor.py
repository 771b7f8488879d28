"""A lost second factor: taken off by somebody who made sure who asks, so that a new one can be set up."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from participants.domain import access_log, messages
from participants.domain.people import addressee
from participants.models import AccessLog, User


def restore(user: User, *, actor: User | None, at: datetime | None = None) -> None:
    """Take every second factor off the account and sign it out everywhere; the panel then asks for a new one.

    ``actor`` None is the operator's command line; else the caller answers for the right. The person is told by mail, so
    that whoever did not ask notices. Locks the account. Raises RuleBroken: ``own_factor``, ``no_factor``.
    """
    if actor is not None and actor.pk == user.pk:
        raise RuleBroken("own_factor", _("Nobody restores their own second factor: ask another coordinator, or the operator."))
    now = at or timezone.now()
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        factors = Authenticator.objects.filter(user=user)
        kinds = sorted(factors.values_list("type", flat=True))
        if not kinds:
            raise RuleBroken("no_factor", _("This account has no second factor: it can set one up now."))
        factors.delete()
        detail = {"factors": kinds, "sessions": _sign_out(user, now)}
        access_log.record(AccessLog.Action.RIGHTS, "second_factor", actor=actor, ids=[user.pk], detail=detail, at=now)
        messages.book("second_factor_restored", addressee(user), {"user": user.pk}, at=now)


def _sign_out(user: User, now: datetime) -> int:
    """End the account's sessions; only people who signed in have one, so looking through all of them is short."""
    live = Session.objects.filter(expire_date__gt=now).iterator()
    own = [session.session_key for session in live if session.get_decoded().get(SESSION_KEY) == str(user.pk)]
    Session.objects.filter(pk__in=own).delete()
    return len(own)

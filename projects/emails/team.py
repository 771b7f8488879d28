"""Mails of the programme: to members of the team, to addresses that asked for the weekly letter, to leaders of the network."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from participants.letters import Letter, NoLongerNeeded, letter
from participants.models import Message, User
from projects.models import Assignment, Project, Subscription


@letter("staff_invitation")
def staff_invitation(message: Message) -> Letter:
    """Which role, where, from when; the way in is a password of one's own or a mailed code."""
    assignment = (
        Assignment.objects.select_related("user", "neighbourhood", "stands_in_for__user").filter(pk=message.context["assignment"]).first()
    )
    if assignment is None:
        raise NoLongerNeeded("the role is gone")
    context = {
        "assignment": assignment,
        "project": Project.objects.current(),
        "has_password": assignment.user.has_usable_password(),
        "panel_url": settings.SITE_URL + reverse("admin:index"),
        "code_url": settings.SITE_URL + reverse("account_request_login_code"),
        "password_url": settings.SITE_URL + reverse("account_reset_password"),
    }
    return Letter(_("You have been given a role in the team"), context)


@letter("substitution_told", name=pgettext_lazy("kind of mail", "somebody stands in"))
def substitution_told(message: Message) -> Letter:
    """To the animator who is away: who does the work meanwhile, and until when."""
    made = (
        Assignment.objects.select_related("user", "neighbourhood", "stands_in_for__user").filter(pk=message.context["assignment"]).first()
    )
    if made is None:
        raise NoLongerNeeded("the substitution is gone")
    return Letter(_("Somebody stands in for you"), {"made": made})


@letter("substitution_ended", name=pgettext_lazy("kind of mail", "a substitution ended"))
def substitution_ended(message: Message) -> Letter:
    """To both: the animator is back, or somebody else helps."""
    absent = Assignment.objects.select_related("user", "neighbourhood").get(pk=message.context["absent"])
    return Letter(_("The substitution has ended"), {"absent": absent, "substitute": User.objects.get(pk=message.context["substitute"])})


@letter("subscription_confirm", name=pgettext_lazy("kind of mail", "confirm the weekly letter"))
def subscription_confirm(message: Message) -> Letter:
    """Everything the address asked for and has not confirmed; when it gets all of it already, just that, so that nobody waits in vain."""
    asked = Subscription.objects.filter(pk=message.context["subscription"], ended_at=None).first()
    if asked is None:
        raise NoLongerNeeded("nobody wants it any more")
    rows = Subscription.objects.filter(email=asked.email, ended_at=None).with_subjects()
    waiting = [row for row in rows if not row.is_live]
    page = "newsletter_confirm" if waiting else "newsletter_end"
    key = waiting[0].key if waiting else asked.key
    context = {
        "waiting": waiting,
        "standing": [row for row in rows if row.is_live],
        "project": Project.objects.current(),
        "url": settings.SITE_URL + reverse(page, args=[key]),
    }
    return Letter(_("Confirm the weekly letter") if waiting else _("You get the weekly letter already"), context)


# --- The leaders' network ---------------------------------------------------------------------------------------------------

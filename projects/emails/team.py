"""Mails of the programme: to members of the team, to addresses that asked for the weekly letter, to leaders of the network."""

from email.utils import formataddr

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from participants import links
from participants.letters import Letter, NoLongerNeeded, letter
from participants.models import Message, User
from projects.models import Assignment, LeaderProfile, Project, Subscription


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
    rows = Subscription.objects.filter(email=asked.email, ended_at=None).select_related("neighbourhood")
    rows = rows.order_by("neighbourhood__name_order", "pk")
    waiting = [row for row in rows if not row.is_live]
    page = "newsletter_confirm" if waiting else "newsletter_end"
    key = waiting[0].key if waiting else asked.key
    context = {
        "waiting": [row.neighbourhood for row in waiting],
        "standing": [row.neighbourhood for row in rows if row.is_live],
        "project": Project.objects.current(),
        "url": settings.SITE_URL + reverse(page, args=[key]),
    }
    return Letter(_("Confirm the weekly letter") if waiting else _("You get the weekly letter already"), context)


# --- The leaders' network ---------------------------------------------------------------------------------------------------


@letter("leader_renewal", name=pgettext_lazy("kind of mail", "the year in the leaders’ network ends"))
def leader_renewal(message: Message) -> Letter:
    """Until when the page is shown, and the one button that keeps it for a year; whoever does nothing is shown no more."""
    profile = LeaderProfile.objects.public().filter(pk=message.context["leader"]).first()
    if profile is None or profile.reminders == 0:
        raise NoLongerNeeded("the page is gone, or another year has begun")
    context = {
        "leader": profile,
        "project": Project.objects.current(),
        "action_url": settings.SITE_URL + reverse("leader_own"),
        "action_label": _("See your page in the network"),
    }
    return Letter(_("Are you staying in the leaders’ network?"), context)


@letter("leader_hidden", name=pgettext_lazy("kind of mail", "a page in the leaders’ network was hidden"))
def leader_hidden(message: Message) -> Letter:
    """To the leader: that the team has hidden the page, and why."""
    profile = LeaderProfile.objects.filter(pk=message.context["leader"], hidden_at__isnull=False, ended_at=None).first()
    if profile is None:
        raise NoLongerNeeded("the page is gone, or seen again")
    return Letter(_("Your page in the leaders’ network is hidden"), {"leader": profile, "project": Project.objects.current()})


LEADER_MESSAGE = "leader_message"


@letter(LEADER_MESSAGE, name=pgettext_lazy("kind of mail", "a letter to a leader of the network"))
def leader_message(message: Message) -> Letter:
    """Asked for only when the sealed text is gone: then there is nothing to send."""
    raise NoLongerNeeded("the text is gone")


def leader_message_content(leader: LeaderProfile, name: str, email: str, text: str) -> dict[str, str]:
    """The mail as it will be sealed, in the leader's language; answering writes to the neighbour."""
    with translation.override(leader.person.language):
        subject = _("%(name)s writes to you through the portal") % {"name": name}
        context = {
            "subject": subject, "language": leader.person.language, "site_url": settings.SITE_URL, "project": Project.objects.current(),
            "leader": leader, "name": name, "email": email, "paragraphs": text.split("\n\n"),
            "consents_url": links.consents_footer(leader.person),
        }  # fmt: skip
        return {
            "subject": subject,
            "text": render_to_string("emails/leader_message.txt", context),
            "html": render_to_string("emails/leader_message.html", context),
            "reply_to": formataddr((name, email)),
        }


def _role(message: Message) -> Assignment | None:
    roles = Assignment.objects.select_related("user", "neighbourhood", "stands_in_for__user")
    return roles.filter(pk=message.context["assignment"]).first()

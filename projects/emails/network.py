"""What leaders of the network are told, and what neighbours write to them."""

from email.utils import formataddr

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from participants import links
from participants.letters import Letter, NoLongerNeeded, letter
from participants.models import Message
from projects.models import LeaderProfile, Project


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

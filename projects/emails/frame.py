"""How a letter about an initiative is built: a few paragraphs around one link, in the templates ``emails/told``."""

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from participants.letters import Letter
from participants.models import Message
from projects.models import Initiative, InitiativeMember


def told(
    initiative: Initiative, subject: str, paragraphs: Iterable[str], action: tuple[str, str] | None = None, afterwards: Iterable[str] = ()
) -> Letter:
    """The letter: ``paragraphs`` that say something, the button (address, label), and what stands below it.

    The subject names the initiative: somebody may be behind several, or follow more. Not one that was taken down: its title
    may be what had to go.
    """
    if initiative.taken_down_at is None and initiative.title not in subject:
        subject = _("%(subject)s – “%(title)s”") % {"subject": subject, "title": initiative.title}
    url, label = action or ("", "")
    context = {
        "initiative": initiative,
        "project": initiative.project,
        "paragraphs": [paragraph for paragraph in paragraphs if paragraph],
        "afterwards": list(afterwards),
        "action_url": url,
        "action_label": label,
    }
    return Letter(subject, context, template="told")


def own_action(message: Message, initiative: Initiative, label: str) -> tuple[str, str] | None:
    """The button to the authors' page, for whoever is behind the initiative when the letter is written; else none.

    A letter may have waited while somebody else took over: the new key is not for those who led before.
    """
    leads = initiative.members.filter(role=InitiativeMember.Role.LEADER, person=message.person_id)
    is_behind = message.person_id is not None and (initiative.proposed_by_id == message.person_id or leads.exists())
    return (own_url(initiative), label) if is_behind else None


def own_url(initiative: Initiative) -> str:
    """The page of those behind the initiative, which its key opens."""
    return settings.SITE_URL + reverse("own_initiative", args=[initiative.own_key])

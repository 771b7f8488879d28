"""What those whose words were taken down are told: what went and why, who decided, how to object; and that it is back."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from participants.letters import Letter, NoLongerNeeded, letter
from participants.models import Message
from projects.domain import takedown
from projects.emails.frame import own_action, told
from projects.emails.questions import mistaken
from projects.models import Initiative, TakeDown

ASKED = ("projects.question", "projects.answer")


@letter("taken_down", name=pgettext_lazy("kind of mail", "something is taken down"))
def taken_down(message: Message) -> Letter:
    """The statement of reasons of art. 17 of Regulation (EU) 2022/2065. The words themselves are not repeated: they may harm."""
    initiative, act = _about(message, TakeDown.Act.DOWN)
    paragraphs = [
        _("On %(day)s we took this off the portal: %(what)s (initiative no. %(number)s). Nobody sees it there now. It is not deleted.")
        % _named(initiative, act),
        _("The reason: %(reason)s") % {"reason": f"{act.get_why_display()}. {act.sentence}"},
        _("Somebody of the team decided this, no machine did. The basis is the terms of the portal."),
        _("If you think that this is wrong, ring us or write to us: the coordinator looks at it again. You may also go to court."),
    ]
    terms = settings.SITE_URL + reverse("terms"), _("Read the terms of the portal")
    # Whoever asks types an address that nobody has confirmed.
    afterwards = [mistaken()] if act.label in ASKED and own_action(message, initiative, "") is None else []
    return told(initiative, _("Taken off the portal: %(what)s") % _named(initiative, act), paragraphs, terms, afterwards)


@letter("put_back", name=pgettext_lazy("kind of mail", "something is shown again"))
def put_back(message: Message) -> Letter:
    initiative, act = _about(message, TakeDown.Act.RESTORED)
    paragraphs = [_("What we had taken off the portal is there again: %(what)s (initiative no. %(number)s).") % _named(initiative, act)]
    return told(initiative, _("On the portal again: %(what)s") % _named(initiative, act), paragraphs)


def _about(message: Message, act: str) -> tuple[Initiative, TakeDown]:
    """The initiative and the act, while that is still how it stands."""
    initiative = Initiative.objects.select_related("project").filter(pk=message.context["initiative"]).first()
    found = TakeDown.objects.newest_acts().filter(pk=message.context["act"], act=act).first()
    if initiative is None or found is None:
        raise NoLongerNeeded("something else has been decided meanwhile")
    return initiative, found


def _named(initiative: Initiative, act: TakeDown) -> dict[str, str]:
    return {
        "what": takedown.kind_of(act),
        "number": initiative.reference_shown,
        "day": date_format(timezone.localtime(act.at)),
    }

"""What those behind an initiative are told when something promised comes later."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from participants.letters import Letter, NoLongerNeeded, letter
from participants.models import Message
from projects.emails.frame import own_action, told
from projects.models import MilestoneDelay


@letter("promise_put_off", name=pgettext_lazy("kind of mail", "a promise was put off"))
def promise_put_off(message: Message) -> Letter:
    """What was promised, why it comes later, and the new day."""
    delay = MilestoneDelay.objects.select_related("milestone__initiative__project").filter(pk=message.context["delay"]).first()
    if delay is None:
        raise NoLongerNeeded("the promise is gone")
    promised = delay.milestone
    paragraphs = [
        _("Something promised to your initiative “%(title)s” will be done later: %(what)s") % {
            "title": promised.initiative.title, "what": promised.what,
        },
        _("Promised by: %(owner)s.") % {"owner": promised.get_owner_display()},
        _("The reason: %(reason)s") % {"reason": delay.reason},
        _("The new day: %(after)s (it was to be %(before)s).") % {
            "after": date_format(delay.due_after), "before": date_format(delay.due_before),
        },
    ]  # fmt: skip
    subject = _("A promise comes later: %(title)s") % {"title": promised.initiative.title}
    return told(promised.initiative, subject, paragraphs, own_action(message, promised.initiative, _("Open the page of your initiative")))

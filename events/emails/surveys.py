"""The one mail that asks how it was: an address that is the same for everybody, so that an answer leads back to nobody."""

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.emails.frame import reply_to
from events.models import Moment, Survey
from participants.letters import Letter, NoLongerNeeded, letter
from participants.models import Message


@letter("survey", name=gettext_lazy("survey"))
def survey(message: Message) -> Letter:
    """What is asked about, how long it takes, till when; nothing when the survey has closed meanwhile."""
    asked = Survey.objects.select_related("event", "series", "questionnaire__project").filter(pk=message.context["survey"]).first()
    if asked is None or asked.closes_at <= timezone.now():
        raise NoLongerNeeded("the survey is closed")
    project = asked.questionnaire.project
    context = {
        "survey": asked,
        "about": asked.about,
        "is_before": asked.moment == Moment.BEFORE,
        "project": project,
        "action_url": settings.SITE_URL + asked.get_absolute_url(),
        "action_label": _("Answer the questions"),
    }
    return Letter(_("Three minutes: %(about)s") % {"about": asked.about}, context, reply_to=reply_to(project))

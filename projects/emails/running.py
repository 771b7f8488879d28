"""What those behind an initiative are told while it runs and when it ends: a new leader, the report, a story that was taken in."""

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from participants import links
from participants.letters import Letter, NoLongerNeeded, letter
from participants.models import Message
from projects.emails.frame import own_action, told
from projects.models import ChangeStory, Initiative, InitiativeReport, LeaderChange


def _action(message: Message, initiative: Initiative) -> tuple[str, str] | None:
    return own_action(message, initiative, _("Open the page of your initiative"))


@letter("leader_changed", name=pgettext_lazy("kind of mail", "somebody else leads an initiative"))
def leader_changed(message: Message) -> Letter:
    """To the new leader with the new key, to the former one without: their link does not open the page any more."""
    change = LeaderChange.objects.select_related("initiative__project").filter(pk=message.context["leader_change"]).first()
    if change is None:
        raise NoLongerNeeded("the change is gone")
    initiative = change.initiative
    if change.after_id == message.person_id:
        paragraphs = [
            _("You lead the initiative “%(title)s” from now on.") % {"title": initiative.title},
            _("By the link you open its page: the plan, spending, hours and the report. Do not pass it on."),
        ]
        return told(initiative, _("You lead the initiative now"), paragraphs, _action(message, initiative))
    paragraphs = [
        _("Somebody else leads the initiative “%(title)s” from now on. You stay in its team.") % {"title": initiative.title},
        _("The reasons: %(reason)s") % {"reason": change.reason},
        _("Your link to the page of the initiative does not work any more. Thank you for what you did!"),
    ]
    return told(initiative, _("Somebody else leads the initiative now"), paragraphs)


@letter("report_due", name=pgettext_lazy("kind of mail", "a report is due"))
def report_due(message: Message) -> Letter:
    """To those behind an initiative: by when the report is owed, or since when; nothing once it has been handed in."""
    initiative = Initiative.objects.select_related("project", "agreement", "report").filter(pk=message.context["initiative"]).first()
    due = initiative.report_due_on if initiative else None
    if initiative is None or due is None or getattr(getattr(initiative, "report", None), "handed_in_at", None):
        raise NoLongerNeeded("the report is here, or is not owed")
    paragraphs = [
        _("The report of the initiative “%(title)s” is due on %(day)s.") % {"title": initiative.title, "day": date_format(due)},
        _("It takes a few sentences, a few numbers and the receipts. Each step is kept, you can write it bit by bit."),
        _("If something stands in the way, ring us: we help."),
    ]
    return told(initiative, _("The report of your initiative"), paragraphs, _action(message, initiative))


@letter("report_asked_again", name=pgettext_lazy("kind of mail", "a report is to be changed"))
def report_asked_again(message: Message) -> Letter:
    """To those behind an initiative: what the team asks to change in the report."""
    report = InitiativeReport.objects.select_related("initiative__project").filter(pk=message.context["report"]).first()
    if report is None or report.handed_in_at is not None:
        raise NoLongerNeeded("the report has been handed in again")
    initiative = report.initiative
    paragraphs = [
        _("We have read the report of the initiative “%(title)s”. Something is to be changed.") % {"title": initiative.title},
        report.asked_again,
        _("Change it and hand it in again; what you have written is kept."),
    ]
    return told(initiative, _("Please change the report"), paragraphs, _action(message, initiative))


@letter("story_received", name=pgettext_lazy("kind of mail", "a story was received"))
def story_received(message: Message) -> Letter:
    """To whoever told a story: the team reads it first, and by this link it can be withdrawn at any time."""
    story = ChangeStory.objects.select_related("initiative__project", "person").filter(pk=message.context["story"]).first()
    if story is None or story.person is None or story.withdrawn_at is not None:
        raise NoLongerNeeded("the story is gone")
    initiative = story.initiative
    page = settings.SITE_URL + reverse("initiative_detail", args=[initiative.slug])
    paragraphs = [
        _("Thank you for your story about the initiative “%(title)s”.") % {"title": initiative.title},
        _("The team reads it before everybody can: on %(page)s.") % {"page": page},
        _("You may change your mind at any time. By the link you withdraw your consent, and the story disappears at once."),
    ]
    mistaken = _("If you have not told us a story, somebody mistyped their address: withdraw the consent, or do nothing.")
    return told(
        initiative, _("Thank you for your story"), paragraphs, (links.consents_url(story.person), _("See your consents")), [mistaken]
    )

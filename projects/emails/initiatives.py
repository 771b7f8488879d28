"""What those behind an initiative are told about it."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from active_citizens.core.amounts import zloty
from participants.letters import Letter, NoLongerNeeded, letter
from participants.models import Message
from projects.domain.telling import MEANING
from projects.emails.frame import own_action, told
from projects.models import Filing, Initiative, StatusChange

Status = Initiative.Status
# After these the letter says that they are no administrative decision.
OUTCOMES = frozenset({Status.RETURNED, Status.ACCEPTED, Status.NOT_CHOSEN})
NO_DECISION = gettext_lazy("This is an outcome of the programme, not an administrative decision.")


@letter("initiative_received", name=pgettext_lazy("kind of mail", "an idea was received"))
def initiative_received(message: Message) -> Letter:
    """To whoever gave an idea: its number, by when we answer, and the page where to look."""
    initiative = Initiative.objects.select_related("project").filter(pk=message.context["initiative"]).first()
    if initiative is None:
        raise NoLongerNeeded("the idea is gone")
    due = initiative.answer_due_on
    paragraphs = [
        _("We have your idea: “%(title)s”.") % {"title": initiative.title},
        _("Its number is %(number)s.") % {"number": initiative.reference},
        _("We answer by %(day)s.") % {"day": date_format(due)} if due else "",
        _("By the link you can see at any time what has become of it. Do not pass it on: whoever has it can change your plan."),
    ]
    mistaken = _("If you have not sent us an idea, somebody mistyped their address: ring us or do nothing.")
    return told(initiative, _("Thank you for your idea"), paragraphs, own_action(message, initiative, _("See your idea")), [mistaken])


@letter("initiative_moved", name=pgettext_lazy("kind of mail", "an initiative moved on"))
def initiative_moved(message: Message) -> Letter:
    """To those behind an initiative: what has become of it, why, and what they can do now."""
    change = StatusChange.objects.select_related("initiative__project").filter(pk=message.context["change"]).first()
    if change is None:
        raise NoLongerNeeded("the move is gone")
    initiative = change.initiative
    last = initiative.complete_by if change.after == initiative.status else None
    paragraphs = [
        _("News of your initiative “%(title)s”.") % {"title": initiative.title},
        str(MEANING.get(Status(change.after), "")),
        _("It gets %(money)s.") % {"money": zloty(granted)} if (granted := change.granted) else "",
        _("The reasons: %(reason)s") % {"reason": change.reason} if change.reason else "",
        _outcome(change),
        _("Complete it by %(day)s.") % {"day": date_format(last)} if last else "",
        str(NO_DECISION) if change.after in OUTCOMES else "",
    ]
    subject = _("Your initiative: %(state)s") % {"state": change.get_after_display()}
    return told(initiative, subject, paragraphs, own_action(message, initiative, _("Open the page of your initiative")))


def _outcome(change: StatusChange) -> str:
    """What the office wrote about a statutory initiative, with the move that follows from it."""
    filing = Filing.objects.filter(initiative=change.initiative_id).exclude(outcome="").first()
    if filing is None or filing.decided_on is None or change.after not in (Status.ACCEPTED, Status.NOT_CHOSEN):
        return ""
    return _("Outcome of %(day)s: %(outcome)s") % {"day": date_format(filing.decided_on), "outcome": filing.outcome}


@letter("initiative_joined", name=pgettext_lazy("kind of mail", "two ideas were joined"))
def initiative_joined(message: Message) -> Letter:
    """To both authors: the same idea came twice, and one initiative goes on with both."""
    gone = Initiative.objects.select_related("joined_to__project").filter(pk=message.context["initiative"]).first()
    if gone is None or gone.joined_to is None:
        raise NoLongerNeeded("the ideas are not joined any more")
    into = gone.joined_to
    paragraphs = [
        _("Two people had the same idea: “%(gone)s” and “%(kept)s”.") % {"gone": gone.title, "kept": into.title},
        _("They go on as one initiative, “%(kept)s”, with both of you in its team and everybody’s support counted together.")
        % {"kept": into.title},
        _("The team gets in touch about how you share the work."),
    ]
    action = own_action(message, into, _("Open the page of your initiative"))
    return told(into, _("Your idea goes on together with another one"), paragraphs, action)


@letter("initiative_key_renewed", name=pgettext_lazy("kind of mail", "a new link to an initiative"))
def initiative_key_renewed(message: Message) -> Letter:
    """To those who lead on after somebody left the team: the new link, since the old one does not open any more."""
    initiative = Initiative.objects.select_related("project").filter(pk=message.context["initiative"]).first()
    if initiative is None:
        raise NoLongerNeeded("the initiative is gone")
    paragraphs = [
        _("Somebody has left the team of the initiative “%(title)s”, so its page has a new link.") % {"title": initiative.title},
        _("The old link does not open it any more. Do not pass the new one on."),
    ]
    action = own_action(message, initiative, _("Open the page of your initiative"))
    return told(initiative, _("A new link to your initiative"), paragraphs, action)

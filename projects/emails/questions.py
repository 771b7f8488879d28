"""What whoever asked is told about their question, and the group about what is asked."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from participants.letters import Letter, NoLongerNeeded, letter
from participants.models import Message
from projects.emails.frame import told
from projects.models import Answer, Question


@letter("question_shown", name=pgettext_lazy("kind of mail", "a question is shown"))
def question_shown(message: Message) -> Letter:
    """To whoever asked: everybody can read the question now."""
    question = _question(message, shown=True)
    paragraphs = [_about(question), _("Everybody can read it now. We write to you when somebody answers.")]
    return told(question.initiative, _("Your question is shown"), paragraphs, _own(question), [mistaken()])


@letter("question_hidden", name=pgettext_lazy("kind of mail", "a question is hidden"))
def question_hidden(message: Message) -> Letter:
    """To whoever asked: why others do not read it, and the right to reply."""
    question = _question(message, shown=False)
    paragraphs = [
        _about(question),
        _("Others do not see it. The reason: %(reason)s") % {"reason": question.hidden_reason},
        _("You may reply once: the team reads it and looks at the matter again."),
    ]
    return told(question.initiative, _("Your question is not shown"), paragraphs, _own(question), [mistaken()])


@letter("question_answered", name=pgettext_lazy("kind of mail", "a question is answered"))
def question_answered(message: Message) -> Letter:
    """To whoever asked: who answered, and what."""
    question, answer = _question(message, shown=True), _answer(message)
    if not answer.is_shown:
        raise NoLongerNeeded("the answer is not shown any more")
    paragraphs = [
        _about(question),
        question.text,
        _("The answer (%(who)s):") % {"who": answer.get_by_display()},
        answer.text,
        _("You may reply once on the page of your question."),
    ]
    return told(question.initiative, _("Your question is answered"), paragraphs, _own(question), [mistaken()])


@letter("reply_hidden", name=pgettext_lazy("kind of mail", "a reply is hidden"))
def reply_hidden(message: Message) -> Letter:
    """To whoever asked: why others do not read their reply."""
    question, answer = _question(message), _answer(message)
    if not answer.is_hidden:
        raise NoLongerNeeded("the reply is shown again")
    paragraphs = [_about(question), _("Others do not see your reply. The reason: %(reason)s") % {"reason": answer.hidden_reason}]
    return told(question.initiative, _("Your reply is not shown"), paragraphs, _own(question), [mistaken()])


@letter("question_asked", name=pgettext_lazy("kind of mail", "somebody asks about an initiative"))
def question_asked(message: Message) -> Letter:
    """To the group: the question, and the page where they answer."""
    question = _question(message, shown=True)
    paragraphs = [
        _("Somebody asks about your initiative “%(title)s”:") % {"title": question.initiative.title},
        question.text,
        _("You may answer; the team looks at your answer before it is shown. You need not: the team answers, too."),
    ]
    return told(question.initiative, _("A question about your initiative"), paragraphs, _group(question))


@letter("answer_hidden", name=pgettext_lazy("kind of mail", "the group’s answer is hidden"))
def answer_hidden(message: Message) -> Letter:
    """To the group: why their answer is not read."""
    question, answer = _question(message), _answer(message)
    if not answer.is_hidden:
        raise NoLongerNeeded("the answer is shown again")
    paragraphs = [
        _("Your answer to a question about “%(title)s” is not shown.") % {"title": question.initiative.title},
        _("The reason: %(reason)s") % {"reason": answer.hidden_reason},
    ]
    return told(question.initiative, _("Your answer is not shown"), paragraphs, _group(question))


def _question(message: Message, shown: bool | None = None) -> Question:
    """The question, in the state the letter is about; None takes any."""
    found = Question.objects.select_related("initiative__project").filter(pk=message.context["question"]).first()
    if found is None or not found.initiative.is_public:
        raise NoLongerNeeded("the question is gone")
    if (shown is True and not found.is_shown) or (shown is False and not found.is_hidden):
        raise NoLongerNeeded("something else has been decided meanwhile")
    return found


def _answer(message: Message) -> Answer:
    found = Answer.objects.filter(pk=message.context["answer"]).first()
    if found is None:
        raise NoLongerNeeded("the answer is gone")
    return found


def _about(question: Question) -> str:
    return _("You asked about the initiative “%(title)s”.") % {"title": question.initiative.title}


def _own(question: Question) -> tuple[str, str]:
    return settings.SITE_URL + reverse("own_question", args=[question.key]), _("Open the page of your question")


def _group(question: Question) -> tuple[str, str]:
    return settings.SITE_URL + reverse("own_questions", args=[question.initiative.own_key]), _("See the questions")


def mistaken() -> str:
    return _("If you have not asked anything, somebody mistyped their address: do nothing.")

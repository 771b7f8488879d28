"""Questions and answers about an initiative: everybody may ask, the team looks first, and whoever asked has a word back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar, cast
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, Window
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from participants.domain.people import person_of
from participants.models import Person, User
from projects.domain import telling
from projects.domain.cautions import held_why, worded
from projects.models import Answer, Initiative, Question

Status = Question.Status
By = Answer.By
# So many stand on the initiative's own page; the rest is one click away.
ON_PAGE = 5
Words = TypeVar("Words", Question, Answer)


# --- Asking -----------------------------------------------------------------------------------------------------------------


def is_open(initiative: Initiative) -> bool:
    """Whether something may be asked: the initiative is public and alive, and its project takes questions."""
    return initiative.is_public and initiative.status != Initiative.Status.HISTORICAL and initiative.project.questions_open


def ask(
    initiative: Initiative,
    text: str,
    *,
    email: str = "",
    language: str = "pl",
    user: User | None = None,
    key: UUID | None = None,
    at: datetime | None = None,
) -> Question:
    """Take the question in; it waits until the team has looked at it. The same form sent twice is the same question.

    Raises RuleBroken: ``not_public``, ``closed`` (the project takes no questions), ``empty``, ``too_many``: so many of one
    contact wait already (QUESTIONS_PER_CONTACT). Locks nothing.
    """
    now = at or timezone.now()
    if key is not None and (found := Question.objects.filter(entry_key=key).first()):
        return found
    try:
        with transaction.atomic():
            return _ask(initiative, text, email.strip().lower(), language, user, key, now)
    except IntegrityError:
        # Sent twice in one moment: the first has just been taken in.
        if key is not None and (found := Question.objects.filter(entry_key=key).first()):
            return found
        raise


def _ask(initiative: Initiative, text: str, email: str, language: str, user: User | None, key: UUID | None, now: datetime) -> Question:
    _check_public(initiative)
    if not is_open(initiative):
        raise RuleBroken("closed", _("Questions about this initiative are not taken now. Ring us instead."))
    said = _said(text)
    _check_number(user.email.lower() if user is not None else email)
    return Question.objects.create(
        initiative=initiative, person=_asker(email, language, user, now), text=said, lang=language, held_why=held_why(said), entry_key=key
    )


def _asker(email: str, language: str, user: User | None, now: datetime) -> Person | None:
    """Typing somebody's e-mail never touches an existing person: a new one is made; without an e-mail there is nobody to tell."""
    if user is not None:
        return person_of(user, now)
    if not email:
        return None
    return Person.objects.create(name=email.partition("@")[0], email=email, language=language)


def _check_number(email: str) -> None:
    if not email:
        return
    waiting = Question.objects.filter(person__email__iexact=email, status=Status.WAITING).count()
    if waiting >= settings.QUESTIONS_PER_CONTACT:
        raise RuleBroken("too_many", _("Several questions of yours wait already. Wait for the answer to them, or ring us."))


# --- What the team does ---------------------------------------------------------------------------------------------------


def show(said: Words, *, actor: User, at: datetime | None = None) -> Words:
    """Let everybody read what waited, and tell those it is for. Locks the question.

    Raises RuleBroken: ``already_shown``, ``hidden`` (restore it instead), ``taken_down``, ``not_public``, ``question_hidden``.
    """
    now = at or timezone.now()
    with transaction.atomic():
        locked = _lock(said)
        if locked.is_shown:
            raise RuleBroken("already_shown", _("Everybody can read it already."))
        if locked.is_hidden:
            raise RuleBroken("hidden", _("It has been hidden meanwhile. Restore it if it should be read."))
        _let_read(locked, actor, now)
    return locked


def hide(said: Words, *, reason: str, actor: User, at: datetime | None = None) -> Words:
    """Take it out of sight, or never show it, and tell whose words they are why. Locks the question.

    Raises RuleBroken: ``needs_reason``, ``already_hidden``.
    """
    now = at or timezone.now()
    if not reason.strip():
        raise RuleBroken("needs_reason", _("Write why: whoever wrote it will read it."), field="reason")
    with transaction.atomic():
        locked = _lock(said)
        if locked.is_hidden:
            raise RuleBroken("already_hidden", _("It is hidden already."))
        _decide(locked, Status.HIDDEN, actor, now, reason.strip())
        if isinstance(locked, Question):
            _tell_asker(locked, "question_hidden", f"{locked.pk}:{now:%Y%m%d%H%M%S%f}", now)
        elif locked.by == By.GROUP:
            about = {"initiative": locked.question.initiative_id, "question": locked.question_id, "answer": locked.pk}
            telling.tell_authors(locked.question.initiative, "answer_hidden", about, key=f"{locked.pk}:{now:%Y%m%d%H%M%S%f}", at=now)
        elif locked.by == By.ASKER:
            _tell_asker(locked.question, "reply_hidden", f"{locked.pk}:{now:%Y%m%d%H%M%S%f}", now, answer=locked.pk)
    return locked


def restore(said: Words, *, actor: User, at: datetime | None = None) -> Words:
    """Let everybody read what was hidden. Locks the question. Raises RuleBroken: ``not_hidden``, ``taken_down``, ``not_public``,
    ``question_hidden``.
    """
    now = at or timezone.now()
    with transaction.atomic():
        locked = _lock(said)
        if not locked.is_hidden:
            raise RuleBroken("not_hidden", _("It is not hidden any more."))
        _let_read(locked, actor, now)
    return locked


def _let_read(locked: Question | Answer, actor: User | None, now: datetime, *, tells_asker: bool = True) -> None:
    """Show what is locked; the group hears of a question once, whoever asked of every step."""
    question = locked if isinstance(locked, Question) else locked.question
    _check_public(question.initiative)
    if locked.taken_down_at is not None:
        raise RuleBroken("taken_down", _("It has been taken down. Restore it first, if it should be read."))
    if isinstance(locked, Answer) and not question.is_shown:
        raise RuleBroken("question_hidden", _("The question itself is not shown. Show it first."))
    _decide(locked, Status.SHOWN, actor, now)
    if isinstance(locked, Question):
        if tells_asker:
            _tell_asker(locked, "question_shown", f"{locked.pk}:{now:%Y%m%d%H%M%S%f}", now)
        about = {"initiative": locked.initiative_id, "question": locked.pk}
        telling.tell_authors(locked.initiative, "question_asked", about, key=str(locked.pk), at=now)
    elif locked.by != By.ASKER:
        _tell_asker(question, "question_answered", str(locked.pk), now, answer=locked.pk)


# --- Answers ----------------------------------------------------------------------------------------------------------------


def answer(question: Question, text: str, *, by: str, actor: User | None = None, at: datetime | None = None) -> Answer:
    """Answer a question. The team's and the office's words stand at once, and show the question with them; the group's wait.

    Locks the question. Raises RuleBroken: ``empty``, ``not_public``, ``question_hidden``, ``not_shown`` (the group answers
    what everybody reads), ``already_waits``, ``already_said``.
    """
    now = at or timezone.now()
    said = _said(text)
    with transaction.atomic():
        locked = _lock(question)
        _check_public(locked.initiative)
        if locked.is_hidden:
            raise RuleBroken("question_hidden", _("The question itself is not shown. Show it first."))
        if locked.answers.filter(by=by, text=said).exclude(status=Status.HIDDEN).exists():
            raise RuleBroken("already_said", _("This answer is there already."), field="text")
        made = Answer(question=locked, text=said, lang=_language(by, locked), by=by, author=actor, held_why=held_why(said))
        if by == By.GROUP:
            _check_group(locked)
            made.save()
            return made
        made.held_why = ""
        made.save()
        if locked.is_waiting:
            # One letter says both: that it is read, and what the answer is.
            _let_read(locked, actor, now, tells_asker=False)
        _let_read(made, actor, now)
    return made


def _check_group(question: Question) -> None:
    if not question.is_shown:
        raise RuleBroken("not_shown", _("The team looks at this question first."))
    if question.answers.filter(by=By.GROUP, status=Status.WAITING).exists():
        raise RuleBroken("already_waits", _("Your answer waits to be looked at. You can write another one after that."))


def may_reply(question: Question) -> bool:
    """Whether whoever asked has a word back now: once, to the hiding or to an answer."""
    answers = list(question.answers.all())
    if any(each.by == By.ASKER for each in answers):
        return False
    return question.is_hidden or (question.is_shown and any(each.is_shown for each in answers))


def reply(key: str, text: str, *, at: datetime | None = None) -> Answer:
    """The one word back of whoever asked, to the hiding or to an answer; the team looks at it as at the question.

    Locks the question. Raises RuleBroken: ``no_such_question``, ``empty``, ``already_replied``, ``too_early``.
    """
    question = by_key(key)
    said = _said(text)
    with transaction.atomic():
        locked = _lock(question)
        if locked.answers.filter(by=By.ASKER).exists():
            raise RuleBroken("already_replied", _("You have replied already."))
        if not may_reply(locked):
            raise RuleBroken("too_early", _("There is nothing to reply to yet."))
        return Answer.objects.create(question=locked, text=said, lang=locked.lang, by=By.ASKER, held_why=held_why(said))


def by_key(key: str) -> Question:
    """The question behind a mailed link. Raises RuleBroken ``no_such_question``."""
    found = Question.objects.select_related("initiative__project", "person").filter(key=key).first()
    if found is None:
        raise RuleBroken("no_such_question", _("There is no such question any more."))
    return found


# --- Reading --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """The newest questions of an initiative's page, how many there are in all, and whether another may be asked."""

    rows: Sequence[Question]
    total: int
    is_open: bool

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


def asked_about(initiative: Initiative) -> Asked:
    """What everybody reads about the initiative; two queries, or one when nothing was asked."""
    shown = initiative.questions.shown().with_shown_answers().annotate(total=Window(Count("pk")))
    rows = list(shown.order_by("-created_at", "-pk")[:ON_PAGE])
    return Asked(rows, rows[0].total if rows else 0, is_open(initiative))


# --- What all of them do ------------------------------------------------------------------------------------------------------


def _said(text: str) -> str:
    said = worded(text)
    if not said:
        raise RuleBroken("empty", _("Write something."), field="text")
    return said


def _check_public(initiative: Initiative) -> None:
    if not initiative.is_public:
        raise RuleBroken("not_public", _("This initiative has no public page now."))


def _language(by: str, question: Question) -> str:
    """The team writes Polish; the group answers in the language of its initiative."""
    return question.initiative.lang if by == By.GROUP else settings.LANGUAGE_CODE


def _lock(said: Words) -> Words:
    """The words as they are now; the question is locked first, whatever is decided about it or below it."""
    number = said.pk if isinstance(said, Question) else said.question_id
    rows = Question.objects.select_for_update(no_key=True, of=("self",)).select_related("initiative__project", "person")
    question = rows.get(pk=number)
    if isinstance(said, Question):
        return cast(Words, question)
    found = Answer.objects.select_for_update(no_key=True).get(pk=said.pk)
    found.question = question
    return cast(Words, found)


def _decide(locked: Question | Answer, status: str, actor: User | None, now: datetime, reason: str = "") -> None:
    locked.status, locked.hidden_reason = status, reason
    locked.decided_by, locked.decided_at = actor, now
    locked.save(update_fields=["status", "hidden_reason", "decided_by", "decided_at", "updated_at"])


def _tell_asker(question: Question, kind: str, key: str, now: datetime, **more: int) -> None:
    """Whoever left an e-mail hears of it; nobody is rung about a question."""
    if question.person is not None:
        about = {"initiative": question.initiative_id, "question": question.pk, **more}
        telling.tell([question.person], question.initiative, kind, about, key=key, at=now, rings=False)

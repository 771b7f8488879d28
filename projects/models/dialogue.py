import secrets

from django.conf import settings
from django.db import models
from django.db.models import Exists, ExpressionWrapper, OuterRef, Prefetch, Q
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import CanBeTakenDown, Timestamped


def new_question_key() -> str:
    return secrets.token_urlsafe(24)


class Support(models.Model):
    """Somebody who is for an initiative: counted, never named in public; it replaces no signature under the statutory initiative."""

    initiative = models.ForeignKey("projects.Initiative", verbose_name=_("initiative"), on_delete=models.CASCADE, related_name="supports")
    person = models.ForeignKey("participants.Person", verbose_name=_("person"), on_delete=models.CASCADE, related_name="supports")
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("support")
        verbose_name_plural = _("supports")
        constraints = [models.UniqueConstraint(fields=["initiative", "person"], name="support_once")]

    def __str__(self) -> str:
        return f"{self.initiative}, {self.at:%Y-%m-%d}"


class Said(Timestamped, CanBeTakenDown):
    """Words of somebody about an initiative that the team looks at before everybody reads them."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waits to be looked at")
        SHOWN = "shown", _("shown")
        HIDDEN = "hidden", _("hidden")

    text = models.TextField(_("text"))
    lang = models.CharField(_("language of the text"), max_length=5, choices=settings.LANGUAGES, default="pl")
    status = models.CharField(_("state"), max_length=8, choices=Status, default=Status.WAITING, editable=False)
    # Why it did not appear at once although it would have: links, say.
    held_why = models.CharField(_("why held"), max_length=20, blank=True, editable=False)
    hidden_reason = models.CharField(_("why hidden"), max_length=300, blank=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("looked at by"), null=True, blank=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    decided_at = models.DateTimeField(_("looked at"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_shown(self) -> bool:
        """Whether anybody may read it where the initiative is public."""
        return self.status == self.Status.SHOWN and self.taken_down_at is None

    @property
    def is_hidden(self) -> bool:
        return self.status == self.Status.HIDDEN

    @property
    def is_waiting(self) -> bool:
        return self.status == self.Status.WAITING


class QuestionQuerySet(models.QuerySet["Question"]):
    def shown(self) -> "QuestionQuerySet":
        """What anybody may read where the initiative is public."""
        return self.filter(status=Question.Status.SHOWN, taken_down_at=None)

    def to_look_at(self) -> "QuestionQuerySet":
        """Those the team has not looked at yet, and those something new was said to."""
        return self.filter(_waits())

    def waits_first(self) -> "QuestionQuerySet":
        """Adds ``waits``: whether the team has something to look at, for an order that begins with it."""
        return self.annotate(waits=ExpressionWrapper(_waits(), models.BooleanField()))

    def with_shown_answers(self) -> "QuestionQuerySet":
        """What everybody reads below each, as ``answers_shown``."""
        return self.prefetch_related(Prefetch("answers", Answer.objects.shown(), to_attr="answers_shown"))


def _waits() -> Q:
    said = Answer.objects.filter(question=OuterRef("pk"), status=Answer.Status.WAITING)
    return Q(status=Question.Status.WAITING) | Q(Exists(said))


class Question(Said):
    """Something somebody asks about an initiative („Zapytaj”)."""

    initiative = models.ForeignKey("projects.Initiative", verbose_name=_("initiative"), on_delete=models.CASCADE, related_name="questions")
    person = models.ForeignKey(
        "participants.Person", verbose_name=_("asked by"), null=True, blank=True, on_delete=models.SET_NULL, related_name="questions"
    )
    # The address of its own page, mailed to whoever asked: what became of it, and the right to reply.
    key = models.CharField(_("key"), max_length=40, unique=True, default=new_question_key, editable=False)
    # The key of the form it came from: sent twice, it is the same question.
    entry_key = models.UUIDField(_("key of the form"), null=True, blank=True, unique=True, editable=False)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["created_at", "pk"]
        indexes = [models.Index(fields=["created_at"], name="question_waiting", condition=Q(status="waiting"))]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="question_says_something"),
            models.CheckConstraint(condition=Q(status="hidden") | Q(hidden_reason=""), name="question_hidden_has_reason_only_then"),
            models.CheckConstraint(condition=~Q(status="hidden") | ~Q(hidden_reason=""), name="question_hidden_says_why"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class AnswerQuerySet(models.QuerySet["Answer"]):
    def shown(self) -> "AnswerQuerySet":
        """What anybody may read where the question is shown."""
        return self.filter(status=Answer.Status.SHOWN, taken_down_at=None)


class Answer(Said):
    """An answer to a question, or a word back from whoever asked („Odpowiedź”)."""

    class By(models.TextChoices):
        TEAM = "team", _("the team")
        OFFICE = "office", _("the city office")
        GROUP = "group", _("the group")
        ASKER = "asker", _("whoever asked")

    question = models.ForeignKey(Question, verbose_name=_("question"), on_delete=models.CASCADE, related_name="answers")
    by = models.CharField(_("who answers"), max_length=8, choices=By)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("account"), null=True, blank=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip

    objects = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="answer_says_something"),
            models.CheckConstraint(condition=Q(status="hidden") | Q(hidden_reason=""), name="answer_hidden_has_reason_only_then"),
            models.CheckConstraint(condition=~Q(status="hidden") | ~Q(hidden_reason=""), name="answer_hidden_says_why"),
            # Whoever asked has one word back; the group's next answer comes after its last one was looked at.
            models.UniqueConstraint(fields=["question"], condition=Q(by="asker"), name="answer_one_word_back"),
            models.UniqueConstraint(fields=["question"], condition=Q(by="group", status="waiting"), name="answer_group_waits_once"),
        ]

    def __str__(self) -> str:
        return self.text[:60]

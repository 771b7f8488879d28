from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from active_citizens.core.models import CanBeTakenDown, Timestamped

# How people were reached, as British Council counts them (domain.md 4.3).
CHANNELS = ("face_to_face", "at_events", "online", "in_print")


class ReportQuerySet(models.QuerySet["InitiativeReport"]):
    def with_story(self) -> "ReportQuerySet":
        """Those whose story anybody may read where the initiative is public."""
        return self.filter(story_published_at__isnull=False, taken_down_at=None)


class InitiativeReport(Timestamped, CanBeTakenDown):
    """What a group says about its initiative when it is over: in words, in money, in numbers (sprawozdanie)."""

    initiative = models.OneToOneField("projects.Initiative", verbose_name=_("initiative"), on_delete=models.CASCADE, related_name="report")
    done = models.TextField(_("What was done?"), blank=True)
    worked = models.TextField(_("What went well?"), blank=True)
    failed = models.TextField(_("What did not work, and why?"), blank=True)
    face_to_face = models.PositiveIntegerField(_("people met face to face"), null=True, blank=True)
    at_events = models.PositiveIntegerField(_("people at festivals and exhibitions"), null=True, blank=True)
    online = models.PositiveIntegerField(_("people reached on-line"), null=True, blank=True)
    in_print = models.PositiveIntegerField(_("people reached in print and broadcasts"), null=True, blank=True)
    money_note = models.TextField(_("about the money"), blank=True, help_text=_("What was spent otherwise than planned, and why."))
    handed_in_at = models.DateTimeField(_("handed in"), null=True, blank=True, editable=False)
    # What the team asked to change when it gave the report back; empty again when it is handed in.
    asked_again = models.TextField(_("what is to be changed"), blank=True, editable=False)
    story = models.TextField(
        _("story for everybody"), blank=True, help_text=_("A few paragraphs anybody likes to read. No names without consent.")
    )
    story_published_at = models.DateTimeField(_("story published"), null=True, blank=True, editable=False)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report of an initiative")
        verbose_name_plural = _("reports of initiatives")
        constraints = [
            models.CheckConstraint(condition=Q(story_published_at=None) | ~Q(story=""), name="report_published_story_says_something"),
            models.CheckConstraint(condition=Q(handed_in_at=None) | ~Q(done=""), name="report_handed_in_says_what_was_done"),
            models.CheckConstraint(condition=Q(handed_in_at=None) | Q(asked_again=""), name="report_handed_in_waits_for_the_team"),
            models.CheckConstraint(
                condition=Q(story_published_at=None) | Q(handed_in_at__isnull=False), name="report_published_story_was_handed_in"
            ),
        ]

    def __str__(self) -> str:
        return str(self.initiative)

    @property
    def story_shown(self) -> str:
        """The story as far as anybody may read it."""
        return self.story if self.story_published_at and self.taken_down_at is None else ""


class ChangeStoryQuerySet(models.QuerySet["ChangeStory"]):
    def published(self) -> "ChangeStoryQuerySet":
        return self.filter(published_at__isnull=False, withdrawn_at=None, taken_down_at=None)

    def waiting(self) -> "ChangeStoryQuerySet":
        """What was told and the team has not looked at yet."""
        return self.filter(published_at=None, withdrawn_at=None)


class ChangeStory(Timestamped, CanBeTakenDown):
    """The most significant change, as somebody tells it (domain.md 4.3): shown with their consent, which can be withdrawn."""

    initiative = models.ForeignKey("projects.Initiative", verbose_name=_("initiative"), on_delete=models.CASCADE, related_name="stories")
    person = models.ForeignKey(
        "participants.Person", verbose_name=_("who tells it"), null=True, blank=True, on_delete=models.CASCADE, related_name="stories"
    )
    told_as = models.CharField(_("how they are called in it"), max_length=80, blank=True, help_text=_("For example: resident of Azory."))
    before = models.TextField(_("How was it before?"))
    change = models.TextField(_("What changed?"))
    why = models.TextField(_("Why does it matter most?"))
    lang = models.CharField(_("language of the text"), max_length=5, default="pl")
    paper_reference = models.CharField(_("paper consent"), max_length=80, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True, editable=False)
    # The key of the form it came from: sent twice, it is the same story.
    entry_key = models.UUIDField(_("key of the form"), null=True, blank=True, unique=True, editable=False)

    objects = ChangeStoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("change story")
        verbose_name_plural = _("change stories")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(person__isnull=False) | ~Q(paper_reference=""), name="change_story_has_consent"),
            models.CheckConstraint(condition=Q(published_at=None) | Q(withdrawn_at=None), name="change_story_withdrawn_is_down"),
        ]

    def __str__(self) -> str:
        return self.change[:60]

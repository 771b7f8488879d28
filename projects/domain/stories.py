"""Stories of a change: told by somebody it happened to, shown while they agree, gone the moment they do not (GDPR-04)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from participants.domain import consents
from participants.domain.people import person_of
from participants.models import ConsentText, Person, User
from projects.domain import telling
from projects.models import ChangeStory, Initiative

STORY = ConsentText.Purpose.STORY
Status = Initiative.Status
# What has begun can have changed something.
TELLS = frozenset({Status.RUNNING, Status.REPORTING, Status.FINISHED, Status.PARTLY_FINISHED})


@dataclass(frozen=True)
class Told:
    """The three answers, and what whoever tells it wants to be called."""

    before: str
    change: str
    why: str
    told_as: str = ""
    lang: str = "pl"


def takes_stories(initiative: Initiative) -> bool:
    return initiative.status in TELLS


def tell(initiative: Initiative, told: Told, teller: Person | User, *, key: UUID | None = None, at: datetime | None = None) -> ChangeStory:
    """Take the story in with the consent to show it, and send its teller the way to withdraw; sent twice, it is one story.

    ``teller`` is an account, or somebody unsaved: typing somebody's e-mail never touches an existing person. Nobody reads
    it before the team has. Raises RuleBroken ``not_begun``, ``no_text``.
    """
    now = at or timezone.now()
    if key is not None and (found := ChangeStory.objects.filter(entry_key=key).first()):
        return found
    _check_begun(initiative)
    try:
        with transaction.atomic():
            person = person_of(teller, now) if isinstance(teller, User) else teller
            if person.pk is None:
                person.save()
            story = ChangeStory.objects.create(initiative=initiative, person=person, entry_key=key, **vars(told))
            consents.give(person, STORY, scope=scope_of(story), language=told.lang, at=now)
            telling.tell([person], initiative, "story_received", {"story": story.pk}, key=str(story.pk), at=now, rings=False)
    except IntegrityError:
        # Sent twice in one moment: the first has just been taken in.
        if key is not None and (found := ChangeStory.objects.filter(entry_key=key).first()):
            return found
        raise
    return story


def from_paper(initiative: Initiative, told: Told, paper_reference: str) -> ChangeStory:
    """Enter a story somebody wrote or said to the team, who signed for it. Raises RuleBroken ``not_begun``, ``no_consent``."""
    _check_begun(initiative)
    if not paper_reference.strip():
        raise RuleBroken("no_consent", _("Write where the paper with the consent is."), field="paper_reference")
    return ChangeStory.objects.create(initiative=initiative, paper_reference=paper_reference.strip(), **vars(told))


def publish(story: ChangeStory, *, at: datetime | None = None) -> ChangeStory:
    """Let everybody read the story; out already, it stays as it was. Locks the person, then the story.

    Raises RuleBroken ``taken_down``, ``withdrawn``, ``no_consent``.
    """
    with transaction.atomic():
        if story.person_id is not None:
            # A withdrawal locks the person too: whichever comes second sees the other.
            Person.objects.select_for_update(no_key=True).get(pk=story.person_id)
        row = ChangeStory.objects.select_for_update(no_key=True, of=("self",)).select_related("person").get(pk=story.pk)
        if row.taken_down_at is not None:
            raise RuleBroken("taken_down", _("The story has been taken down. Restore it first, if it should be read."))
        if row.withdrawn_at is not None:
            raise RuleBroken("withdrawn", _("Whoever told this story has withdrawn it."))
        if not row.paper_reference and not (row.person and consents.holds(row.person, STORY, scope_of(row))):
            raise RuleBroken("no_consent", _("Whoever told this story does not agree any more, so it cannot be shown."))
        if row.published_at is None:
            row.published_at = at or timezone.now()
            row.save(update_fields=["published_at", "updated_at"])
    return row


def withdraw(story: ChangeStory, *, actor: User | None = None, at: datetime | None = None) -> None:
    """Note that its teller does not agree any more, told to the team; for good. The ledger says so too where it has the consent.

    Locks the person, where there is one.
    """
    now = at or timezone.now()
    with transaction.atomic():
        if story.person is not None:
            consents.withdraw(story.person, STORY, scope=scope_of(story), actor=actor, at=now)
        _gone(ChangeStory.objects.filter(pk=story.pk), now)


def scope_of(story: ChangeStory) -> str:
    return f"story:{story.pk}"


@consents.on_withdrawal(STORY)
def take_down_withdrawn(person: Person, scope: str, at: datetime) -> None:
    """A story goes in the transaction of the withdrawal, wherever that happened."""
    number = scope.removeprefix("story:")
    if number.isdecimal():
        _gone(ChangeStory.objects.filter(pk=int(number), person=person), at)


@consents.scopes_of(STORY)
def _stories() -> dict[str, str]:
    """A consent of this purpose stands for one story each."""
    told = ChangeStory.objects.filter(person__isnull=False).values_list("pk", "initiative__title")
    return {f"story:{pk}": title for pk, title in told}


def _gone(stories: QuerySet[ChangeStory], at: datetime) -> None:
    stories.filter(withdrawn_at=None).update(published_at=None, withdrawn_at=at, updated_at=at)


def _check_begun(initiative: Initiative) -> None:
    if not takes_stories(initiative):
        raise RuleBroken("not_begun", _("This initiative has not begun yet, so it has not changed anything."))

"""Emergency take-down: something public vanishes at once, with a reason in a journal, and may be restored.

Every noun that can be taken down registers itself here: what of it is public, whose it is, at which addresses it stands, and
how it is hidden. Its column ``taken_down_at`` keeps it out of lists, feeds, the sitemap and search (``published()``), and its
addresses answer 410 (``gone``).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import QuerySet
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from active_citizens.core.refusal import RuleBroken
from participants.models import Person, User
from projects import rules
from projects.domain import telling
from projects.models import Answer, ChangeStory, Initiative, InitiativeReport, Question, TakeDown


def hide_row(row: Any, at: datetime) -> None:
    """What hides most nouns: their ``published()`` leaves out what has the column filled."""
    row.taken_down_at = at
    row.save(update_fields=["taken_down_at", "updated_at"])


def restore_row(row: Any) -> None:
    row.taken_down_at = None
    row.save(update_fields=["taken_down_at", "updated_at"])


@dataclass(frozen=True)
class Writers:
    """Whose words they are and about which initiative: who is told why they went. Without an e-mail they are rung if ``rings``."""

    initiative: Initiative
    people: Sequence[Person]
    rings: bool = True


def nobody(row: Any) -> Writers | None:
    """Words of the team."""
    return None


@dataclass(frozen=True)
class Noun:
    """How one kind of thing is taken down and restored.

    ``public`` is what anybody may see, ``own`` what the account may take down, ``address`` where one row stands.
    ``pages`` says for each named address of the kind how its arguments lead to the row: ``{"news_detail": {"slug": "slug"}}``
    is the column ``slug`` from the argument of that name. ``is_file`` for what a browser shows inside a page. ``writers`` are
    told. Words that stand on the page of an initiative lead to it by ``of``. ``parts`` go and come back with it.
    ``stands_with`` is the row whose page in the panel shows it; ``called`` says what it is, where the model is more than that.
    """

    label: str
    public: Callable[[], QuerySet[Any]]
    own: Callable[[User], QuerySet[Any]]
    address: Callable[[Any], str]
    pages: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    hide: Callable[[Any, datetime], None] = hide_row
    restore: Callable[[Any], None] = restore_row
    is_file: bool = False
    writers: Callable[[Any], Writers | None] = nobody
    of: str = ""
    parts: Callable[[Any], Iterable[Any]] = lambda row: ()
    stands_with: Callable[[Any], models.Model] = lambda row: row
    called: Any = ""

    @property
    def model(self) -> type[models.Model]:
        return apps.get_model(self.label)

    @property
    def name(self) -> str:
        return str(self.called or self.model._meta.verbose_name)

    def row_at(self, match: ResolverMatch) -> Any:
        """The row whose page that is, shown or not; None for pages of something else."""
        columns = self.pages.get(match.url_name or "")
        if columns is None or match.namespace:
            return None
        wanted = {column: match.kwargs.get(argument) for column, argument in columns.items()}
        return self.model._default_manager.filter(**wanted).first()


_nouns: dict[str, Noun] = {}


def takes_down(noun: Noun) -> None:
    """Registers how a kind of thing is taken down; under its label, as "content.news"."""
    _nouns[noun.label] = noun


def nouns() -> dict[str, Noun]:
    return dict(_nouns)


def noun_of(row: models.Model) -> Noun | None:
    return _nouns.get(row._meta.label_lower)


def find(address: str) -> tuple[Noun, Any] | None:
    """What stands at an address of the portal, as somebody copies it from their browser; None when it is nothing of ours."""
    try:
        path = urlsplit(address.strip()).path
        with translation.override(translation.get_language_from_path(path) or settings.LANGUAGE_CODE):
            return at_match(resolve(path))
    except (ValueError, Resolver404):
        return None


def at_match(match: ResolverMatch) -> tuple[Noun, Any] | None:
    """What a resolved address shows, if it is of a kind that can be taken down."""
    for noun in _nouns.values():
        row = noun.row_at(match)
        if row is not None:
            return noun, row
    return None


def take_down(row: Any, *, why: str, sentence: str, actor: User, at: datetime | None = None) -> TakeDown:
    """Let it vanish from every page and cache, write down why and tell its writers; taken down already, it stays as it was.

    Its parts go with it. The letter states the reasons and how to object (art. 17 of Regulation (EU) 2022/2065). Locks the row.
    Raises RuleBroken ``needs_reason`` without words, ``not_public`` for what nobody sees anyway.
    """
    noun, sentence = _nouns[row._meta.label_lower], sentence.strip()
    with transaction.atomic():
        locked = _lock(noun, row)
        newest = _newest(locked)
        if newest is not None and newest.act == TakeDown.Act.DOWN:
            return newest
        if not sentence:
            raise RuleBroken("needs_reason", _("Write in a sentence what is wrong with it: the journal keeps it."), field="sentence")
        if not is_shown(locked):
            raise RuleBroken("not_public", _("Nobody sees this on the portal now, so there is nothing to take down."))
        now = at or timezone.now()
        act = _take_down(noun, locked, newest, actor=actor, at=now, why=why, sentence=sentence)
        _tell(noun, locked, act, "taken_down")
    return act


def _take_down(noun: Noun, locked: Any, newest: TakeDown | None, *, at: datetime, **said: Any) -> TakeDown:
    """The row with its parts, each with an act of its own in the journal."""
    for part in noun.parts(locked):
        of_part = _nouns[part._meta.label_lower]
        own = _lock(of_part, part)
        if is_shown(own):
            _take_down(of_part, own, _newest(own), at=at, **said)
    noun.hide(locked, at)
    return _write(locked, newest, TakeDown.Act.DOWN, at=at, **said)


def restore(row: Any, *, sentence: str, actor: User, at: datetime | None = None) -> TakeDown:
    """Show again what was taken down, write down why and tell its writers; shown again already, it stays so. Locks the row.

    What is hidden for another reason stays so, and nobody is told. Raises RuleBroken ``needs_reason`` without words,
    ``not_down`` for what never was, and what the noun refuses.
    """
    noun, sentence = _nouns[row._meta.label_lower], sentence.strip()
    with transaction.atomic():
        locked = _lock(noun, row)
        newest = _newest(locked)
        if newest is None:
            raise RuleBroken("not_down", _("This has not been taken down."))
        if newest.act == TakeDown.Act.RESTORED:
            return newest
        if not sentence:
            raise RuleBroken("needs_reason", _("Write in a sentence why it may be seen again: the journal keeps it."), field="sentence")
        act = _restore(noun, locked, newest, actor=actor, at=at or timezone.now(), sentence=sentence)
        if is_shown(locked):
            _tell(noun, locked, act, "put_back")
    return act


def _restore(noun: Noun, locked: Any, newest: TakeDown, **said: Any) -> TakeDown:
    """The row, and those of its parts that went with it."""
    noun.restore(locked)
    for part in noun.parts(locked):
        of_part, with_it = _nouns[part._meta.label_lower], standing(part)
        if with_it is not None and with_it.at == newest.at:
            _restore(of_part, _lock(of_part, part), with_it, **said)
    return _write(locked, newest, TakeDown.Act.RESTORED, **said)


def is_shown(row: Any) -> bool:
    """Whether anybody may see it now."""
    return _nouns[row._meta.label_lower].public().filter(pk=row.pk).exists()


def standing(row: Any) -> TakeDown | None:
    """The act that took it down, while it is down."""
    newest = _newest(row)
    return newest if newest is not None and newest.act == TakeDown.Act.DOWN else None


def kind_of(act: TakeDown) -> str:
    """What kind of thing the act is about, in words."""
    noun = _nouns.get(act.label)
    return noun.name if noun else act.kind


def titles(acts: list[TakeDown]) -> dict[tuple[str, int], str]:
    """What the things of the journal are called now, in one query for each kind; what is gone has no title.

    Words are called by their initiative: the journal does not repeat them.
    """
    found: dict[tuple[str, int], str] = {}
    for label in {act.label for act in acts} & set(_nouns):
        rows = _nouns[label].model._default_manager.filter(pk__in=[act.object_id for act in acts if act.label == label])
        of = _nouns[label].of
        named = rows.values_list("pk", f"{of}__title") if of else ((row.pk, str(row)) for row in rows)
        found |= {(label, pk): title for pk, title in named}
    return found


def _lock(noun: Noun, row: Any) -> Any:
    return noun.model._default_manager.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)


def _newest(row: Any) -> TakeDown | None:
    return TakeDown.objects.of(row).order_by("-number").first()


def _tell(noun: Noun, row: Any, act: TakeDown, kind: str) -> None:
    writers = noun.writers(row)
    if writers is not None:
        about = {"initiative": writers.initiative.pk, "act": act.pk}
        telling.tell(writers.people, writers.initiative, kind, about, key=str(act.pk), at=act.at, rings=writers.rings)


def _write(row: Any, newest: TakeDown | None, act: str, **said: Any) -> TakeDown:
    number = newest.number + 1 if newest else 1
    return TakeDown.objects.create(label=row._meta.label_lower, object_id=row.pk, number=number, act=act, **said)


# --- What is taken down here --------------------------------------------------------------------------------------------------


def _of_authors(initiative: Initiative) -> Writers:
    return Writers(initiative, telling.authors_of(initiative))


def _of_asker(question: Question) -> Writers:
    """Whoever asks leaves an e-mail or nothing: nobody is rung about a question."""
    return Writers(question.initiative, [question.person] if question.person else [], rings=False)


def _of_answer(answer: Answer) -> Writers | None:
    whose = {Answer.By.GROUP: _of_authors(answer.question.initiative), Answer.By.ASKER: _of_asker(answer.question)}
    return whose.get(Answer.By(answer.by))


def _where(row: Any) -> str:
    return str(row.initiative.get_absolute_url())


def _public() -> QuerySet[Initiative]:
    return Initiative.objects.published()


def _own(user: User) -> QuerySet[Initiative]:
    return rules.manageable_initiatives(user).order_by()


NOUNS = (
    Noun(
        "projects.initiative",
        public=Initiative.objects.published,
        own=rules.manageable_initiatives,
        address=Initiative.get_absolute_url,
        pages={"initiative_detail": {"slug": "slug"}},
        writers=_of_authors,
    ),
    Noun(
        "projects.initiativereport",
        of="initiative",
        public=lambda: InitiativeReport.objects.with_story().filter(initiative__in=_public()),
        own=lambda user: InitiativeReport.objects.filter(initiative__in=_own(user)),
        address=_where,
        writers=lambda report: _of_authors(report.initiative),
        stands_with=lambda report: report.initiative,
        called=gettext_lazy("story of an initiative"),
    ),
    Noun(
        "projects.changestory",
        of="initiative",
        public=lambda: ChangeStory.objects.published().filter(initiative__in=_public()),
        own=lambda user: ChangeStory.objects.filter(initiative__in=_own(user)),
        address=_where,
        writers=lambda story: Writers(story.initiative, [story.person] if story.person else []),
    ),
    Noun(
        "projects.question",
        of="initiative",
        public=lambda: Question.objects.shown().filter(initiative__in=_public()),
        own=rules.manageable_questions,
        address=lambda question: reverse("question_list", args=[question.initiative.slug]),
        writers=_of_asker,
    ),
    Noun(
        "projects.answer",
        of="question__initiative",
        public=lambda: Answer.objects.shown().filter(question__in=Question.objects.shown(), question__initiative__in=_public()),
        own=lambda user: Answer.objects.filter(question__in=rules.manageable_questions(user).order_by()),
        address=lambda answer: reverse("question_list", args=[answer.question.initiative.slug]),
        writers=_of_answer,
        stands_with=lambda answer: answer.question,
    ),
)
for noun in NOUNS:
    takes_down(noun)

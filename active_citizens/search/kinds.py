"""What may be found: each kind as its own pages show it, no more, and what a line of the results says of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import Case, DateField, Exists, F, Model, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat, TruncDate
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy
from modeltranslation.manager import MultilingualQuerySet

from active_citizens.content.models import News, Page
from active_citizens.core.search_words import Word, words_of
from events.models import Event, StudyTrip
from participants.models import Organisation
from projects.models import HistoryItem, Initiative, Neighbourhood

LANGUAGES = ("pl", "en", "uk")
# The pages of text that have addresses of their own.
PAGES = {
    "regulamin": "terms",
    "pomoc": "help",
    "kontakt": "contact",
    "prywatnosc": "privacy",
    "standardy-ochrony-maloletnich": "child_protection",
    "standardy-ochrony-maloletnich-dla-dzieci": "child_protection_children",
}


def translated(*names: str) -> dict[str, tuple[str, ...]]:
    """Columns of staff's texts by language."""
    return {language: tuple(f"{name}_{language}" for name in names) for language in LANGUAGES}


@dataclass(frozen=True)
class Kind:
    """One kind of what may be found."""

    code: str
    many: str | Promise
    one: str | Promise
    published: Callable[[datetime], "QuerySet[Any]"]
    # The address, from what ``key`` says of the row.
    address: Callable[[str], str]
    titles: dict[str, tuple[str, ...]]
    texts: dict[str, tuple[str, ...]]
    key: Combinable = field(default_factory=lambda: F("slug"))
    # Which rows belong to some neighbourhoods; None: those of this kind belong to the whole programme.
    within: Callable[[Any], Q] | None = None
    # Whether its rows are the neighbourhoods themselves: whoever types the name of one looks for its page first.
    is_place: bool = False
    # Which rows are of the sort a word names: „warsztaty” are also those whose title does not say so.
    named: Callable[[Word], Q | None] = lambda word: None
    # The numbers of a row's neighbourhoods, as a subquery.
    places: Callable[[], "QuerySet[Any]"] | None = None
    day: Combinable = field(default_factory=lambda: Cast(Value(None), DateField()))
    # Where the day is better said in words.
    day_in_words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    # The column with the language of residents' own words.
    lang: Combinable = field(default_factory=lambda: Value(""))
    state: Combinable = field(default_factory=lambda: Value(""))
    states: dict[str, str | Promise] = field(default_factory=dict)

    def rows(self, at: datetime) -> "QuerySet[Any]":
        """What may be seen, in no order, with columns named by language as they are named here."""
        rows = self.published(at).order_by()
        return rows.rewrite(False) if isinstance(rows, MultilingualQuerySet) else rows


def _links(model: type[Model]) -> tuple["QuerySet[Any]", str]:
    through = model._meta.get_field("neighbourhoods").remote_field.through._default_manager  # type: ignore[union-attr]
    return through.filter(**{str(model._meta.model_name): OuterRef("pk")}), "neighbourhood"


def _on_estates(model: type[Model]) -> dict[str, Any]:
    """``within`` and ``places`` of a model with neighbourhoods."""
    links, name = _links(model)
    return {
        "within": lambda places: Q(Exists(links.filter(**{f"{name}__in": places}))),
        "places": lambda: links.values(name),
    }


def _done_there(places: Any) -> Q:
    """Organisations that have done something there that anybody may see."""
    done = (Initiative.objects.published(), Event.objects.published())
    initiatives, events = (rows.filter(neighbourhoods__in=places, organisations=OuterRef("pk")) for rows in done)
    return Q(Exists(initiatives)) | Q(Exists(events))


@cache
def _event_sorts() -> dict[str, frozenset[str]]:
    """The words that name each sort of events, in all languages."""
    sorts: dict[str, set[str]] = {sort: set() for sort in Event.Kind.values}
    for language in LANGUAGES:
        with override(language):
            for sort, label in Event.Kind.choices:
                sorts[sort] |= {word.heard for word in words_of(str(label))}
    return {sort: frozenset(names) for sort, names in sorts.items()}


def _event_sort(word: Word) -> Q | None:
    sorts = [sort for sort, names in _event_sorts().items() if any(word.is_in(name) for name in names)]
    return Q(kind__in=sorts) if sorts else None


def _history_address(key: str) -> str:
    project, _sign, item = key.partition("#")
    return f"{reverse('project_detail', args=[project])}#{item}"


EVENT = Kind(
    "event", _("Events"), pgettext_lazy("found", "event"),
    lambda at: Event.objects.published(), lambda key: reverse("event_detail", args=[key]),
    translated("title"), translated("summary", "description"), named=_event_sort,
    day=TruncDate("starts_at"), state=F("status"), states={Event.Status.CANCELLED: Event.Status.CANCELLED.label}, **_on_estates(Event),
)  # fmt: skip
INITIATIVE = Kind(
    "initiative", _("Initiatives"), pgettext_lazy("found", "initiative"),
    lambda at: Initiative.objects.published(), lambda key: reverse("initiative_detail", args=[key]),
    {"": ("title",)}, {"": ("summary", "place")}, lang=F("lang"),
    # Of what only sources tell, nobody knows the day of its last move.
    day=Case(When(status=Initiative.Status.HISTORICAL, then=F("starts_on")), default=TruncDate("status_since"), output_field=DateField()),
    day_in_words={"pl": ("date_note",)}, state=F("status"),
    states={state: state.label for state in Initiative.PUBLIC}, **_on_estates(Initiative),
)  # fmt: skip
NEWS = Kind(
    "news", _("News"), pgettext_lazy("found", "piece of news"),
    News.objects.published, lambda key: reverse("news_detail", args=[key]),
    translated("title"), translated("lead", "body"), day=TruncDate("published_at"), **_on_estates(News),
)  # fmt: skip
HISTORY = Kind(
    "history", _("History"), pgettext_lazy("found", "from history"),
    lambda at: HistoryItem.objects.published(), _history_address,
    translated("title"), translated("note", "place", "organiser"),
    key=Concat("project__slug", Value("#"), "slug", output_field=TextField()), day=F("happened_on"),
    day_in_words=translated("date_text"), **_on_estates(HistoryItem),
)  # fmt: skip
ORGANISATION = Kind(
    "organisation", _("Organisations"), pgettext_lazy("found", "organisation"),
    lambda at: Organisation.objects.published(), lambda key: f"{reverse('organisation_list')}#{key}",
    {"pl": ("name",)}, translated("about"), within=_done_there,
)  # fmt: skip
PAGE = Kind(
    "page", pgettext_lazy("kind of what is searched", "Pages of the portal"), pgettext_lazy("found", "page of the portal"),
    lambda at: Page.objects.published().filter(slug__in=PAGES), lambda key: reverse(PAGES[key]),
    translated("title"), translated("lead", "body"),
)  # fmt: skip
ESTATE = Kind(
    "estate", _("Neighbourhoods"), pgettext_lazy("found", "neighbourhood"),
    lambda at: Neighbourhood.objects.published(), lambda key: reverse("neighbourhood_detail", args=[key]),
    {"pl": ("name",)}, translated("summary", "description", "streets_note", "district"), within=lambda places: Q(pk__in=places),
    is_place=True,
)  # fmt: skip
TRIP = Kind(
    "trip", _("Study trips"), pgettext_lazy("found", "study trip"),
    lambda at: StudyTrip.objects.published(), lambda key: reverse("trip_detail", args=[key]),
    translated("title"), translated("summary", "known", "unknown", "destination", "host"),
    day=F("starts_on"), day_in_words=translated("date_note"),
)  # fmt: skip
KINDS = {kind.code: kind for kind in (EVENT, INITIATIVE, NEWS, ESTATE, HISTORY, TRIP, ORGANISATION, PAGE)}

"""News of the neighbourhoods: drafts come out now or on a day, may be taken back, and what was out is kept version by version."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.content.domain.pages import KEPT
from active_citizens.content.models import News, Page, Photo, Revision
from active_citizens.content.models.news import NewsQuerySet
from active_citizens.core.refusal import RuleBroken
from active_citizens.core.text import first_free, slug_of
from participants.models import User
from projects.models import Project, TakeDown

# Two drafts made at once do not choose the same address.
SLUG_LOCK = 0x6E657773


def metka_of(user: User, project: Project | None) -> dict[str, str]:
    """Who answers for a new piece of news, until somebody says otherwise: the body of the newest text, and its author."""
    texts = (News.objects.order_by("-pk"), Page.objects.order_by("-pk"))
    bodies = (found.values_list("publisher", flat=True).first() for found in texts)
    publisher = next((body for body in bodies if body), None) or (project.title if project else "") or str(_("Active Citizens"))
    return {"publisher": publisher, "author": str(user), "entered_by": str(user)}


def save_new(news: News) -> News:
    """Save a draft under an address with its day, free of clashes: ``sasiedzkie-sadzenie-2026-11-29``."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SLUG_LOCK])
        title = news.title_pl or news.title  # type: ignore[attr-defined]
        dated = f"{slug_of(title, 90, 'aktualnosc')}-{news.made_on:%Y-%m-%d}"
        news.slug = first_free(dated, lambda slug: News.objects.filter(slug=slug).exists())
        news.save()
    return news


def publish(news: News, *, on: datetime | None = None, actor: User | None = None, at: datetime | None = None) -> News:
    """Let everybody read it: now, or from ``on`` when that is still to come; out already, it stays as it is. Locks the row.

    Raises RuleBroken ``taken_down``, ``no_neighbourhood``, ``no_text``, and ``past`` for a moment that has gone by.
    """
    now = at or timezone.now()
    with transaction.atomic():
        row = _lock(news)
        if row.taken_down_at is not None:
            raise RuleBroken("taken_down", _("This was taken down: it can be published when it is restored."))
        if row.is_out(now):
            return row
        if on is not None and on <= now:
            raise RuleBroken("past", _("Choose a moment still to come, or publish now."), field="on")
        if not row.neighbourhoods.exists():
            raise RuleBroken("no_neighbourhood", _("Choose the neighbourhoods the news is for."), field="neighbourhoods")
        if not (row.title_pl and row.body_pl):  # type: ignore[attr-defined]
            raise RuleBroken("no_text", _("Write the title and the text first."), field="body_pl")
        row.published_at = on or now
        row.save(update_fields=["published_at", "updated_at"])
        if on is None:
            _keep(row, actor, now)
    return row


def take_back(news: News, *, at: datetime | None = None) -> News:
    """Make it a draft again; what was out stays among the versions. Locks the row."""
    now = at or timezone.now()
    with transaction.atomic():
        row = _lock(news)
        if row.published_at is None:
            return row
        _keep_if_out(row, now)
        row.published_at = None
        row.save(update_fields=["published_at", "updated_at"])
    return row


def before_change(news: News, *, at: datetime | None = None) -> None:
    """Keep what everybody reads now, before it is changed; in the transaction of the change."""
    _keep_if_out(_lock(news), at or timezone.now())


def after_change(news: News, *, actor: User | None = None, at: datetime | None = None) -> None:
    """Keep the new version when it is out; a draft or something scheduled has none."""
    now = at or timezone.now()
    with transaction.atomic():
        row = _lock(news)
        if row.is_out(now):
            _keep(row, actor, now)


def keep_due(at: datetime | None = None, batch: int = 50) -> int:
    """Keep the first version of what came out by its schedule; says how many. The page itself waits for nobody."""
    now = at or timezone.now()
    with transaction.atomic():
        due = _unkept(now).select_for_update(skip_locked=True, no_key=True, of=("self",))[:batch]
        rows = list(due)
        for row in rows:
            _keep_if_out(row, now)
    return len(rows)


def versions(news: News) -> list[Revision]:
    """What has been out, the newest first."""
    return list(Revision.objects.filter(news=news).select_related("actor").order_by("-number"))


def public_versions(news: News) -> list[Revision]:
    """Those anybody may read. What came out before the news was taken down stays with the team, also when it is restored."""
    downs = TakeDown.objects.of(news).filter(act=TakeDown.Act.DOWN, at__gte=OuterRef("at"))
    return list(Revision.objects.filter(~Exists(downs), news=news).order_by("-number"))


def photos_of(news: News) -> list[Photo]:
    """The photos anybody may see, in their order."""
    return list(Photo.objects.shown().filter(placed_in_news__news=news).order_by("placed_in_news__position", "placed_in_news__pk"))


def _unkept(now: datetime) -> NewsQuerySet:
    since = Revision.objects.filter(news=OuterRef("pk"), at__gte=OuterRef("published_at"))
    return News.objects.filter(~Exists(since), published_at__lte=now).order_by("published_at", "pk")


def _lock(news: News) -> News:
    return News.objects.select_for_update(no_key=True).get(pk=news.pk)


def _keep_if_out(row: News, now: datetime) -> None:
    """The version that came out by its schedule, when nobody has kept it yet."""
    if row.is_out(now) and row.published_at and not Revision.objects.filter(news=row, at__gte=row.published_at).exists():
        _keep(row, None, row.published_at)


def _keep(row: News, actor: User | None, at: datetime) -> Revision:
    last = Revision.objects.filter(news=row).order_by("-number").values_list("number", flat=True).first()
    photos = list(row.placed_photos.values_list("photo_id", flat=True))
    fields = {**{name: getattr(row, name) for name in KEPT}, "made_on": row.made_on.isoformat(), "photos": photos}
    return Revision.objects.create(news=row, number=(last or 0) + 1, fields=fields, actor=actor, at=at)

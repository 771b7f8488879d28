"""Pages: what is published is kept, version by version."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from active_citizens.content.models import Page, Revision
from participants.models import User

KEPT = (
    "slug",
    "publisher",
    "author",
    "entered_by",
    *(f"{name}_{code}" for name in ("title", "lead", "body") for code in ("pl", "en", "uk")),
)


def publish_page(page: Page, *, actor: User | None = None, at: datetime | None = None) -> Revision:
    """Save the page as everybody sees it from now on, and keep this version for good (BIP-02)."""
    now = at or timezone.now()
    with transaction.atomic():
        # The lock lets two publications get two numbers, and keeps what was taken down meanwhile.
        before = Page.objects.select_for_update(no_key=True).filter(pk=page.pk).first()
        page.published_at = page.published_at or now
        page.taken_down_at = before.taken_down_at if before else None
        page.save()
        last = Revision.objects.filter(page=page).order_by("-number").values_list("number", flat=True).first()
        fields = {**{name: getattr(page, name) for name in KEPT}, "made_on": page.made_on.isoformat()}
        return Revision.objects.create(page=page, number=(last or 0) + 1, fields=fields, actor=actor, at=now)

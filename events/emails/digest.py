"""The weekly letter of the neighbourhoods and the initiatives an address wants to hear from."""

from django.conf import settings
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from active_citizens.core.moments import kept
from events.domain import digest
from events.emails.frame import reply_to
from participants.letters import Letter, NoLongerNeeded, letter
from participants.models import Message
from projects.domain import subscriptions
from projects.domain.following import Happening
from projects.models import Project


@letter("weekly_digest", name=pgettext_lazy("kind of mail", "weekly letter"))
def weekly_digest(message: Message) -> Letter:
    """What is new at the moment of sending, of everything the address wants now; overtaken by the end of its week."""
    now = timezone.now()
    if message.context["week"] != digest.week_of(now):
        raise NoLongerNeeded("its week is over")
    standing = subscriptions.standing_for(message.recipient)
    if not standing:
        raise NoLongerNeeded("nobody wants it any more")
    places = [row.neighbourhood for row in standing if row.neighbourhood is not None]
    followed = digest.followed(standing, now)
    sections = once_each([section for place in places if (section := digest.section_of(place, now))], followed)
    if not sections and not followed:
        raise NoLongerNeeded("nothing is new any more")
    project = kept("current-project", Project.objects.current)
    url = settings.SITE_URL + reverse("newsletter_end", args=[standing[0].key])
    context = {
        "sections": sections,
        "followed": followed,
        "several": len(places) > 1,
        "project": project,
        "unsubscribe_url": url,
        "switches_url": settings.SITE_URL + reverse("newsletter"),
    }
    about = [section.neighbourhood.name for section in sections] + [each.initiative.title for each in followed]
    names = Truncator(", ".join(about)).chars(120)
    # RFC 8058: the mail program's own button posts there, without cookies and without asking further.
    headers = {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return Letter(_("What is on: %(names)s") % {"names": names}, context, reply_to=reply_to(project) if project else [], headers=headers)


def once_each(sections: list[digest.Section], followed: list[digest.Followed]) -> list[digest.Section]:
    """What concerns several neighbourhoods stands under the first of them, a followed initiative by itself; an empty section is gone."""
    seen: set[object] = {row.key for each in followed for row in each.happenings}

    def fresh(rows: list) -> list:  # type: ignore[type-arg]
        left = [row for row in rows if _which(row) not in seen]
        seen.update(_which(row) for row in left)
        return left

    told = [
        digest.Section(
            section.neighbourhood,
            fresh(section.changes),
            fresh(section.events),
            fresh(section.happenings),
        )
        for section in sections
    ]
    return [section for section in told if section]


def _which(row: Happening | Model) -> object:
    return row.key if isinstance(row, Happening) else (type(row), row.pk)

"""The weekly letter of the silence list: on Mondays, to animators their rows, to the office totals alone; none when nobody waits."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from active_citizens.core.days import at_clock
from active_citizens.panel.silence import Silence, lines, silences, totals
from events.domain.digest import week_of
from participants.domain import messages
from participants.domain.people import addressee
from participants.letters import Letter, NoLongerNeeded, letter
from participants.models import Message, User
from projects.models import Assignment, Project
from projects.rules import sees_everywhere

KIND = "silence_weekly"
ROLES = (Assignment.Role.ANIMATOR, Assignment.Role.OFFICER, Assignment.Role.COORDINATOR)
# Monday, eight o'clock by the clocks of Kraków: before the week is planned.
WEEKDAY, HOUR = 1, time(8)
# So many rows stand in the letter; all of them stand on the page.
MOST = 20


def goes_out_at(at: datetime) -> datetime:
    """From when the letter of that week is sent."""
    today = timezone.localtime(at, timezone.get_default_timezone()).date()
    return at_clock(today + timedelta(days=WEEKDAY - today.isoweekday()), HOUR)


def book_due(at: datetime | None = None, batch: int = 50) -> int:
    """Book this week's letter of each member of the team who has none yet; says how many.

    The key of the week keeps two workers to one letter. Whether anybody waits is asked when the letter is written, so the
    row of a quiet week is dropped then, and nobody is asked again till the next Monday.
    """
    now = at or timezone.now()
    if now < goes_out_at(now):
        return 0
    week = week_of(now)
    live = Assignment.objects.live(timezone.localdate(now)).filter(role__in=ROLES)
    team = User.objects.filter(pk__in=live.values("user")).exclude(email="").order_by("pk")
    keys = {f"{KIND}:{user.pk}:{week}": user for user in team}
    booked = set(Message.objects.filter(key__in=keys).values_list("key", flat=True))
    to_book = [key for key in keys if key not in booked][:batch]
    for key in to_book:
        user = keys[key]
        messages.book(KIND, addressee(user), {"user": user.pk}, key=key, at=now, priority=Message.Priority.BULK)
    return len(to_book)


@letter(KIND, name=pgettext_lazy("kind of mail", "who waits too long"))
def silence_weekly(message: Message) -> Letter:
    """As it stands when it is sent; who has lost the role meanwhile, and a list with nobody on it, get none."""
    user = User.objects.filter(pk=message.context["user"]).first()
    now = timezone.now()
    if user is None or not Assignment.objects.live(timezone.localdate(now)).filter(user=user, role__in=ROLES).exists():
        raise NoLongerNeeded("the role has ended")
    found = silences(user, now)
    if not found:
        raise NoLongerNeeded("nobody waits too long")
    count = len(found)
    first = ngettext("%(count)s matter waits too long for a person.", "%(count)s matters wait too long for a person.", count)
    rows = _totals(found, now) if sees_everywhere(user) else _rows(found, user, now)
    context = {
        "project": Project.objects.current(),
        "paragraphs": [first % {"count": count}, *rows],
        "action_url": settings.SITE_URL + reverse("admin:silence"),
        "action_label": _("Open the silence list"),
        "afterwards": [_("The letter comes on Mondays while somebody waits. The public does not see the list.")],
    }
    return Letter(_("Who waits too long: %(count)s") % {"count": count}, context, template="told")


def _rows(found: list[Silence], user: User, now: datetime) -> list[str]:
    """The animator's rows, longest first, and how many more there are."""
    words = [f"{line.kind.capitalize()}: {line.what} ({_waits(line.days)}; {line.places})" for line in lines(found[:MOST], user, now)]
    more = len(found) - MOST
    return [*words, *([_("and %(more)s more") % {"more": more}] if more > 0 else [])]


def _totals(found: list[Silence], now: datetime) -> list[str]:
    """One paragraph for each neighbourhood, a line for each kind; no titles, no names."""
    told = []
    for place in totals(found, now):
        kinds = [f"{total.label}: {total.count} ({_waits(total.longest, longest=True)})" for total in place.totals]
        told.append("\n".join([f"{place.name}: {place.count}", *kinds]))
    return told


def _waits(days: int, *, longest: bool = False) -> str:
    if longest:
        return ngettext("the longest waits %(days)s day", "the longest waits %(days)s days", days) % {"days": days}
    return ngettext("waits %(days)s day", "waits %(days)s days", days) % {"days": days}

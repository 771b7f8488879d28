"""Who leads an event, and whether children may come (GDPR-16)."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from active_citizens.core.refusal import RuleBroken
from events.models import Event, EventLeader
from projects.domain import vetting


def missing_for_minors(event: Event) -> list[tuple[str, str]]:
    """What keeps an event open to minors from being held so: (field, sentence) pairs, empty when nothing does.

    Everybody who leads or helps must have a check in the register that counts on every day of the event; a guest
    without an account has none. Act of 13 May 2016, art. 21.
    """
    if not event.open_to_minors:
        return []
    leaders = list(EventLeader.objects.filter(event=event).select_related("user"))
    missing: list[tuple[str, str]] = []
    if not any(leader.user_id and leader.role == EventLeader.Role.LEADS for leader in leaders):
        missing.append(("open_to_minors", _("Name who leads: children may come only to somebody checked in the register.")))
    checked = _checked_throughout(event, {leader.user_id for leader in leaders if leader.user_id})
    for leader in leaders:
        if leader.user_id is None:
            sentence = _(
                "%(name)s has no account here and so no check in the register: such a guest cannot lead an event open to children."
            )
        elif leader.user_id not in checked:
            sentence = _("%(name)s has no check in the register that counts on the day of the event. Ask the office for one.")
        else:
            continue
        missing.append(("open_to_minors", sentence % {"name": leader}))
    return missing


def check(event: Event) -> None:
    """Raises RuleBroken ``not_vetted`` when a published event open to minors is led by somebody who may not."""
    missing = missing_for_minors(event) if event.is_published else []
    if missing:
        raise RuleBroken("not_vetted", " ".join(sentence for _field, sentence in missing), field="open_to_minors", missing=missing)


def _checked_throughout(event: Event, users: set[int]) -> set[int]:
    """Those whose check counts on each day of the event; looked up for every day, since checks follow one another."""
    day, last = timezone.localdate(event.starts_at), timezone.localdate(event.ends_at)
    checked = vetting.vetted(users, day) if users else set()
    while checked and day < last:
        day += timedelta(days=1)
        checked = vetting.vetted(checked, day)
    return checked

"""What the year of a leader brings by itself: two reminders, a page that shows no more, a row that goes."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from participants.domain import bounces, consents, messages
from participants.models import Person, PersonMerge
from projects.domain import calls
from projects.domain.network import LEADERS, RENEWAL
from projects.models import LeaderProfile
from projects.models.leaders import KEPT_AFTER

# So long before the end the person is asked whether they stay, once each.
FIRST, LAST = timedelta(days=30), timedelta(days=7)
BATCH = 50


def remind_due(at: datetime | None = None) -> int:
    """The worker's: ask those whose year ends in 30 and in 7 days, by mail or by a call; says how many were asked."""
    now = at or timezone.now()
    today = timezone.localdate(now)
    due = Q(reminders=0, valid_until__lte=today + FIRST) | Q(reminders__lt=2, valid_until__lte=today + LAST)
    with transaction.atomic():
        found = LeaderProfile.objects.public(today).filter(due).select_related("person").order_by("valid_until", "pk")
        profiles = list(found.select_for_update(no_key=True, skip_locked=True, of=("self",))[:BATCH])
        for profile in profiles:
            number = 2 if profile.valid_until <= today + LAST else 1
            _ask(profile, number, now)
            LeaderProfile.objects.filter(pk=profile.pk).update(reminders=number, updated_at=now)
    return len(profiles)


def _ask(profile: LeaderProfile, number: int, now: datetime) -> None:
    person = profile.person
    if person.email and not bounces.is_stopped(person.email):
        key = f"{RENEWAL}:{profile.pk}:{profile.valid_until}:{number}"
        messages.book(RENEWAL, person, {"leader": profile.pk}, key=key, at=now)
        return
    place = profile.neighbourhoods.order_by("pk").values_list("pk", flat=True).first()
    calls.put_on_list([calls.News(person, RENEWAL, {"leader": profile.pk}, now + LAST, neighbourhood_id=place)])


def forget_lapsed(at: datetime | None = None) -> int:
    """The worker's: a month after the year ran out the consent is noted as ended and the row goes; says how many went.

    So does what was left behind with a record that was joined to another, once that can no longer be undone.
    """
    now = at or timezone.now()
    emptied = PersonMerge.objects.standing().filter(emptied_at__isnull=False).values("gone")
    lapsed = LeaderProfile.objects.filter(Q(valid_until__lt=timezone.localdate(now) - KEPT_AFTER) | Q(person__in=emptied))
    return sum(_forget(pk, lapsed, now) for pk in lapsed.order_by("pk").values_list("person", flat=True)[:BATCH])


def _forget(person_pk: int, lapsed: QuerySet[LeaderProfile], now: datetime) -> bool:
    with transaction.atomic():
        # Under the person's lock, as renewing is: whoever renews at this moment stays.
        person = Person.objects.select_for_update(no_key=True).get(pk=person_pk)
        if not lapsed.filter(person=person).exists():
            return False
        consents.withdraw(person, LEADERS, at=now)
        # What was hidden has nothing more to guard.
        LeaderProfile.objects.filter(person=person).delete()
    return True

"""Taking the demo away: the edition and all that was tried out with it, before a city goes on-line."""

from collections import Counter
from typing import Any

from allauth.account.models import EmailAddress
from django.db import connection, models, transaction
from django.db.models import ProtectedError, Q

from active_citizens.content.models import News, Page, Photo
from active_citizens.programmes.loader import HERE, read
from events.models import Certificate, Event, Questionnaire, Registration, Series, StudyTrip, Survey, SurveySheet, Training
from participants.models import Consent, Message, Organisation, Person, User
from projects.domain import takedown
from projects.models import (
    AnswerTemplate,
    Assignment,
    ChangeStory,
    Expense,
    GrantCall,
    Initiative,
    ListImport,
    Membership,
    Project,
    TakeDown,
    Venue,
    Vetting,
)

FILE = HERE / "demo.toml"


def remove() -> Counter[str]:
    """Remove the demo edition, its people and its accounts in one transaction, and say how many rows of each kind went.

    An account that stays named by rows that must stay (the access log above all) is emptied and switched off instead.
    Raises ProtectedError when rows outside the demo still need one of its rows; then nothing is removed.
    """
    with transaction.atomic():
        gone = remove_edition()
        accounts = User.objects.filter(email__in=[entry["email"] for entry in read(FILE)["account"]])
        gone += _remove_lists(accounts)
        Message.objects.filter(recipient__in=accounts.values("email")).delete()
        gone += _delete(Consent.objects.filter(person__is_demo=True))
        gone += _delete(Person.objects.filter(is_demo=True))
        gone += _delete(Vetting.objects.filter(user__in=accounts))
        roles = Assignment.objects.filter(Q(is_demo=True) | Q(user__in=accounts))
        gone += _delete(Assignment.objects.filter(stands_in_for__in=roles))
        gone += _delete(roles)
        for user in accounts:
            gone["participants.User"] += 1
            _remove_account(user)
    return +gone


def remove_edition() -> Counter[str]:
    """Remove all that hangs on the demo project, whoever made it, and the people nothing else knows; accounts stay."""
    with connection.cursor() as cursor:
        # The histories of seats and initiatives refuse deletion; this transaction is a purge.
        cursor.execute("SET LOCAL portal.purge = 'on'")
    demo = Q(is_demo=True) | Q(project__is_demo=True)
    events = Event.objects.filter(demo)
    initiatives = Initiative.objects.filter(demo)
    tried_out = Q(registrations__event__in=events) | Q(questions__initiative__in=initiatives)
    tried_out |= Q(initiatives__in=initiatives) | Q(teams__initiative__in=initiatives) | Q(subscriptions__initiative__in=initiatives)
    visitors = list(Person.objects.filter(tried_out, user=None, is_demo=False).values_list("pk", flat=True))
    helpers = list(Assignment.objects.filter(event_help__event__in=events).values_list("pk", flat=True))
    gone = _remove_answers(demo, events) + _remove_take_downs(demo, events)
    gone += _delete(Certificate.objects.filter(project__is_demo=True))
    gone += _delete(Training.objects.filter(demo))
    gone += _delete(News.objects.filter(demo))
    gone += _remove_photos(demo, events)
    gone += _delete(Registration.objects.filter(event__in=events))
    gone += _delete(events)
    gone += _delete(Assignment.objects.filter(pk__in=helpers))
    gone += _delete(Series.objects.filter(demo))
    gone += _delete(StudyTrip.objects.filter(demo))
    gone += _remove_initiatives(Initiative.objects.filter(demo))
    gone += _delete(GrantCall.objects.filter(demo))
    gone += _delete(AnswerTemplate.objects.filter(is_demo=True))
    gone += _delete(Venue.objects.filter(is_demo=True))
    gone += _delete(Organisation.objects.filter(is_demo=True))
    gone += _delete(Page.objects.filter(is_demo=True))
    gone += _delete(Project.objects.filter(is_demo=True))
    # A visitor known from nothing but a try-out goes too; whoever is known otherwise stays.
    lonely = Person.objects.filter(pk__in=visitors, registrations=None, consents=None, initiatives=None, teams=None, questions=None)
    for people in (Person.objects.filter(pk__in=list(lonely.values_list("pk", flat=True))), Person.objects.filter(is_demo=True, user=None)):
        gone += _delete(Message.objects.filter(person__in=people))
        gone += _delete(Consent.objects.filter(person__in=people))
        gone += _delete(people)
    return gone


def _remove_answers(demo: Q, events: models.QuerySet[Event]) -> Counter[str]:
    """Questionnaires of the demo, what was asked with them, and the answers."""
    asked = Survey.objects.filter(Q(event__in=events) | Q(series__in=Series.objects.filter(demo)) | Q(questionnaire__project__is_demo=True))
    gone = _delete(SurveySheet.objects.filter(survey__in=asked))
    return gone + _delete(asked) + _delete(Questionnaire.objects.filter(demo))


def _remove_take_downs(demo: Q, events: models.QuerySet[Event]) -> Counter[str]:
    """The acts of the journal on what goes with the demo."""
    initiatives = Initiative.objects.filter(demo)
    rows: list[models.QuerySet[Any]] = [News.objects.filter(demo), initiatives, Page.objects.filter(is_demo=True)]
    rows += [noun.model._default_manager.filter(**{f"{noun.of}__in": initiatives}) for noun in takedown.nouns().values() if noun.of]
    gone: Counter[str] = Counter()
    for going in (*rows, _photos(demo, events)):
        gone += _delete(TakeDown.objects.filter(label=going.model._meta.label_lower, object_id__in=going.values("pk")))
    return gone


def _photos(demo: Q, events: models.QuerySet[Event]) -> models.QuerySet[Photo]:
    """Photos of the demo, and those that its visitors put on closing cards and into diaries."""
    tried_out = Q(placed_in_closings__closing__event__in=events) | Q(diary_entries__initiative__in=Initiative.objects.filter(demo))
    return Photo.objects.filter(Q(is_demo=True) | tried_out).distinct()


def _remove_photos(demo: Q, events: models.QuerySet[Event]) -> Counter[str]:
    """The files go with the commit."""
    photos = _photos(demo, events)
    for photo in photos:
        photo.drop_files()
    return _delete(Photo.objects.filter(pk__in=[photo.pk for photo in photos]))


def _remove_initiatives(initiatives: models.QuerySet[Initiative]) -> Counter[str]:
    """With the pictures of their receipts, and whoever told a story about one and is known from nothing else."""
    for expense in Expense.objects.filter(initiative__in=initiatives).exclude(receipt=""):
        expense.drop_receipt()
    told = ChangeStory.objects.filter(initiative__in=initiatives)
    tellers = Person.objects.filter(pk__in=list(told.values_list("person", flat=True)), user=None, is_demo=False)
    lonely = list(tellers.filter(registrations=None, initiatives=None, teams=None).values_list("pk", flat=True))
    gone = _delete(initiatives)
    Message.objects.filter(person__in=lonely).delete()
    gone += _delete(Consent.objects.filter(person__in=lonely))
    return gone + _delete(Person.objects.filter(pk__in=lonely))


def _remove_lists(accounts: models.QuerySet[User]) -> Counter[str]:
    """Lists that demo accounts brought from files, with the people known from nothing else."""
    lists = ListImport.objects.filter(uploaded_by__in=accounts)
    known = Person.objects.filter(
        memberships__list_import__in=lists, user=None, registrations=None, consents=None, initiatives=None, teams=None
    )
    gone = _delete(Person.objects.filter(pk__in=list(known.values_list("pk", flat=True))))
    Membership.objects.filter(list_import__in=lists).update(list_import=None)
    return gone + _delete(lists)


def _remove_account(user: User) -> None:
    try:
        with transaction.atomic():
            user.delete()
    except ProtectedError:
        EmailAddress.objects.filter(user=user).delete()
        user.email, user.name, user.is_active = f"konto-{user.pk}@demo.invalid", "", False
        user.set_unusable_password()
        user.save()


def _delete(rows: models.QuerySet[Any]) -> Counter[str]:
    _total, by_model = rows.delete()
    return Counter(by_model)

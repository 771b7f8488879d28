"""Which people, messages and calls exist for a member of the team: those of the sign-ups they manage, and of their lists."""

from django.db.models import BigIntegerField, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from events.models import Certificate
from events.rules import manageable_registrations
from participants.models import Message, Person, User
from projects.models import CallTask, Membership
from projects.rules import own_neighbourhoods, sees_everywhere


def visible_people(user: User) -> QuerySet[Person]:
    """The contacts of the sign-ups one manages, and those a list from a file brought to one's neighbourhoods."""
    people = Person.objects.unmerged()
    if sees_everywhere(user):
        return people
    listed = Membership.objects.filter(list_import__isnull=False, neighbourhood__in=own_neighbourhoods(user))
    # One set of numbers rather than two conditions, each of which would be asked of every person there is.
    return people.filter(pk__in=manageable_registrations(user).values("person").union(listed.values("person")))


def visible_messages(user: User) -> QuerySet[Message]:
    """Mails about the sign-ups one manages; one person's mails about another neighbourhood are not among them."""
    if sees_everywhere(user):
        return Message.objects.all()
    about = Cast(KeyTextTransform("registration", "context"), BigIntegerField())
    own = manageable_registrations(user)
    return Message.objects.filter(person__in=own.values("person")).annotate(about=about).filter(about__in=own.values("pk"))


def visible_calls(user: User) -> QuerySet[CallTask]:
    """Calls to make for one's own neighbourhoods; those of no neighbourhood belong to those who see everywhere.

    A row is its first matter's: what comes later from another neighbourhood is said in the same call.
    """
    if sees_everywhere(user):
        return CallTask.objects.all()
    return CallTask.objects.filter(neighbourhood__in=own_neighbourhoods(user))


def visible_certificates(user: User) -> QuerySet[Certificate]:
    """Those of the people one sees."""
    if sees_everywhere(user):
        return Certificate.objects.all()
    return Certificate.objects.filter(person__in=visible_people(user))

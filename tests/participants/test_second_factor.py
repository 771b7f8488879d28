"""A lost phone: the second factor is taken off by somebody else, and everybody can see that it was."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from active_citizens.core.refusal import RuleBroken
from participants import letters
from participants.domain.second_factor import restore
from participants.models import AccessLog, Message, User
from tests.makers import a_coordinator, a_user

pytestmark = pytest.mark.django_db


def with_factor(user: User) -> User:
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data={})
    return user


def test_factors_go_sessions_end_the_log_and_the_person_know() -> None:
    user, other, coordinator = with_factor(a_user()), with_factor(a_user()), a_coordinator()
    own, others = Client(), Client()
    own.force_login(user)
    others.force_login(other)

    restore(user, actor=coordinator)

    assert list(Authenticator.objects.values_list("user", flat=True).distinct()) == [other.pk]
    assert [client.get(reverse("my_page")).status_code for client in (own, others)] == [302, 200]
    line = AccessLog.objects.get(action="rights")
    assert (line.actor, line.subject, line.subject_ids) == (coordinator, "second_factor", [user.pk])
    assert line.detail == {"factors": ["recovery_codes", "totp"], "sessions": 1}
    message = Message.objects.get()
    assert (message.recipient, letters.build(message).context["user"]) == (user.email, user)


def test_nobody_restores_their_own() -> None:
    coordinator = with_factor(a_coordinator())
    with pytest.raises(RuleBroken) as broken:
        restore(coordinator, actor=coordinator)
    assert (broken.value.code, Authenticator.objects.count()) == ("own_factor", 2)


def test_there_is_nothing_to_restore_without_one() -> None:
    with pytest.raises(RuleBroken) as broken:
        restore(a_user(), actor=a_coordinator())
    assert broken.value.code == "no_factor"


def test_the_operator_does_it_by_a_command() -> None:
    user = with_factor(a_user("jedyna@example.org"))
    call_command("restore_second_factor", "JEDYNA@example.org", stdout=StringIO())
    assert not Authenticator.objects.filter(user=user).exists()
    assert AccessLog.objects.get().actor is None
    for wrong in ("nikt@example.org", "jedyna@example.org"):
        with pytest.raises(CommandError):
            call_command("restore_second_factor", wrong)

"""Who works here: substitutions the office grants, and a lost second factor."""

from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from participants.models import Message, User
from projects.models import Assignment
from tests.makers import a_coordinator, a_user, an_animator, an_officer
from tests.panel.conftest import signed_in


def test_the_form_of_roles_offers_no_helper() -> None:
    page = signed_in(a_coordinator()).get(reverse("admin:projects_assignment_add"))
    offered = [value for value, _label in page.context["adminform"].form.fields["role"].choices]
    assert "helper" not in offered
    assert "animator" in offered


def test_an_officer_grants_and_ends_a_substitution_and_sees_no_other_role(animator: User, ugorek: Any) -> None:
    officer, coordinator = an_officer(), a_coordinator()
    client = signed_in(officer)
    role = animator.assignments.get()
    html = client.get(reverse("admin:substitutions")).content.decode()
    assert [str(user) in html for user in (animator, coordinator)] == [True, False]
    assert reverse("admin:substitutions") in client.get(reverse("admin:index")).content.decode()
    typed = {"email": "zast@example.org", "name": "Jan Zastępca", "starts_on": timezone.localdate(), "authorisation": "UM/7"}
    address = reverse("admin:projects_assignment_substitute", args=[role.pk])
    assert list(client.post(address, typed).context["form"].errors) == ["ends_on"]
    assert client.post(address, typed | {"ends_on": "2099-01-01"}).context["form"].errors["ends_on"]
    last = timezone.localdate() + timedelta(days=3)
    assert client.post(address, typed | {"ends_on": last}).headers["Location"] == reverse("admin:substitutions")
    made = role.substitutions.get()
    assert "Jan Zastępca" in client.get(reverse("admin:substitutions")).content.decode()
    client.post(reverse("admin:projects_assignment_end_substitution", args=[made.pk]))
    made.refresh_from_db()
    assert made.ends_on == timezone.localdate()
    for other in (coordinator.assignments.get(), made):
        assert client.get(reverse("admin:projects_assignment_substitute", args=[other.pk])).status_code == 404


def test_thirty_animators_cost_as_many_queries_as_one(ugorek: Any) -> None:
    client = signed_in(an_officer())
    counts = []
    for more in (1, 29):
        for _number in range(more):
            role = an_animator(ugorek).assignments.get()
            stands_in = {"role": role.role, "neighbourhood": ugorek, "authorisation": "T", "ends_on": timezone.localdate()}
            Assignment.objects.create(user=a_user(), stands_in_for=role, **stands_in)
        client.get(reverse("admin:substitutions"))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("admin:substitutions"))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 8


def test_a_lost_second_factor_is_taken_off_once_the_person_is_known(animator: User) -> None:
    coordinator = a_coordinator()
    client = signed_in(coordinator)
    role = animator.assignments.get()
    page = reverse("admin:projects_assignment_change", args=[role.pk])
    address = reverse("admin:projects_assignment_second_factor", args=[role.pk])
    assert address not in client.get(page).content.decode()
    Authenticator.objects.create(user=animator, type="totp", data={})
    assert address in client.get(page).content.decode()
    assert list(client.post(address).context["form"].errors) == ["checked"]
    assert Authenticator.objects.count() == 1
    assert client.post(address, {"checked": "on"}).headers["Location"] == page
    assert (Authenticator.objects.count(), Message.objects.get().recipient) == (0, animator.email)


def test_a_coordinator_does_not_take_off_their_own(animator: User) -> None:
    coordinator = a_coordinator()
    Authenticator.objects.create(user=coordinator, type="totp", data={})
    address = reverse("admin:projects_assignment_second_factor", args=[coordinator.assignments.get().pk])
    answer = signed_in(coordinator).post(address, {"checked": "on"})
    assert answer.context["form"].non_field_errors()
    assert Authenticator.objects.count() == 1

"""Being for an initiative: a number without names, once for an account, while it changes something."""

from typing import Any

import pytest
from django.test import Client

from active_citizens.core.refusal import RuleBroken
from projects.domain import teams
from projects.models import Initiative, Support
from tests.makers import a_person, a_user, an_initiative

pytestmark = pytest.mark.django_db


def test_an_account_counts_once_and_takes_it_back(client: Client) -> None:
    initiative, user = an_initiative(paper_supporters=4), a_user(name="Ewa Nienazwana")
    client.force_login(user)
    address = f"/inicjatywy/{initiative.slug}/poparcie/"
    for _twice in range(2):
        assert client.post(address, {"act": "for"}).status_code == 302
    page = client.get(initiative.get_absolute_url()).content.decode()
    assert "5 osób" in page
    assert Support.objects.get().person.user == user
    assert "Cofnij" in client.get(address).content.decode()
    client.post(address, {"act": "back"})
    assert teams.supporters(initiative) == 4


def test_a_visitor_signs_in_first_and_comes_back(client: Client) -> None:
    initiative = an_initiative()
    answer = client.post(f"/inicjatywy/{initiative.slug}/poparcie/", {"act": "for"})
    assert answer.status_code == 302
    assert f"next=/inicjatywy/{initiative.slug}/poparcie/" in answer.headers["Location"]
    assert not Support.objects.exists()


@pytest.mark.parametrize("status", list(Initiative.Status))
def test_support_is_counted_from_the_choice_until_the_work_is_over(client: Client, status: str) -> None:
    initiative, user = an_initiative(status=status), a_user()
    if status in teams.SUPPORTABLE:
        teams.support(initiative, user)
        assert teams.supporters(initiative) == 1
        return
    with pytest.raises(RuleBroken) as refused:
        teams.support(initiative, user)
    assert refused.value.code == "not_supportable"
    client.force_login(user)
    expected = 409 if status in Initiative.PUBLIC else 404
    assert client.post(f"/inicjatywy/{initiative.slug}/poparcie/", {"act": "for"}).status_code == expected


def test_support_comes_too_late_for_what_has_ended_since_the_page_was_opened() -> None:
    seen = an_initiative(status="running")
    Initiative.objects.filter(pk=seen.pk).update(status="finished")
    with pytest.raises(RuleBroken) as refused:
        teams.support(seen, a_user())
    assert refused.value.code == "not_supportable"


def test_a_statutory_one_says_that_signatures_stay_on_paper(client: Client) -> None:
    page = client.get(an_initiative(kind="statutory", status="accepted").get_absolute_url()).content.decode()
    assert "nie zastępuje podpisów" in page


def test_names_of_supporters_are_nowhere(client: Client) -> None:
    initiative = an_initiative()
    person = a_person(name="Zdzisława Popierająca")
    Support.objects.create(initiative=initiative, person=person, at=initiative.status_since)
    assert "Popierająca" not in client.get(initiative.get_absolute_url()).content.decode()


def test_looking_counts_nobody(client: Client) -> None:
    initiative: Any = an_initiative()
    client.force_login(a_user())
    client.get(f"/inicjatywy/{initiative.slug}/poparcie/?act=for")
    assert not Support.objects.exists()


def test_my_page_lists_what_one_is_behind(client: Client) -> None:
    user = a_user()
    mine, other = an_initiative(status="idea", proposed_by=a_person(user=user)), an_initiative(title="Cudza")
    client.force_login(user)
    page = client.get("/moje/").content.decode()
    assert f"/moje/inicjatywy/{mine.own_key}/" in page
    assert other.own_key not in page

"""An idea in four fields: taken once, from anybody, told with its number and day; two of the same become one."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from active_citizens.core.refusal import RuleBroken
from events import own_links
from participants.domain import messages
from participants.models import Message, Person
from projects.domain import ideas
from projects.domain.ideas import Idea, join_twins, propose, title_of
from projects.models import CallMatter, Initiative, Support
from tests.makers import a_neighbourhood, a_person, a_user, an_animator, an_initiative, the_project

pytestmark = pytest.mark.django_db
WHAT = "Ławka przy klubie. W środy ktoś na niej siedzi i słucha."


def an_idea(**fields: Any) -> Idea:
    return Idea(**{"what": WHAT, "where": a_neighbourhood("Ugorek"), "who": "Anna Przykładna", "email": "anna@example.org", **fields})


def test_an_idea_is_taken_in_and_its_author_told_once() -> None:
    made = propose(an_idea(), the_project(), key=uuid4())

    assert (made.status, made.title, made.summary) == ("idea", "Ławka przy klubie", WHAT)
    assert (made.slug, made.proposed_by.name, made.proposed_by.verified_at) == ("lawka-przy-klubie", "Anna Przykładna", None)
    assert [place.name for place in made.neighbourhoods.all()] == ["Ugorek"]
    assert [(member.person, member.role) for member in made.members.all()] == [(made.proposed_by, "leader")]
    assert [(change.before, change.after) for change in made.changes.all()] == [("", "idea")]
    while messages.deliver_due():
        pass
    assert [letter.to for letter in mail.outbox] == [["anna@example.org"]]
    assert made.reference in mail.outbox[0].body
    assert f"/moje/inicjatywy/{made.own_key}/" in mail.outbox[0].body


def test_the_same_form_sent_twice_is_one_idea() -> None:
    key = uuid4()
    assert propose(an_idea(), the_project(), key=key) == propose(an_idea(), the_project(), key=key)
    assert Message.objects.filter(template="initiative_received").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_twice_in_one_moment_is_one_idea() -> None:
    key, project = uuid4(), the_project()
    idea = an_idea()

    def send(_number: int) -> int:
        try:
            return propose(idea, project, key=key).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, range(4)))) == 1
    assert Message.objects.count() == Person.objects.count() == 1


def test_typing_somebodys_email_never_touches_them() -> None:
    known = a_person(name="Anna Prawdziwa", email="anna@example.org")
    made = propose(an_idea(), the_project())
    assert made.proposed_by != known
    known.refresh_from_db()
    assert known.name == "Anna Prawdziwa"


def test_an_account_proposes_as_its_own_person() -> None:
    user = a_user(name="Ewa")
    made = propose(an_idea(who="", email=""), the_project(), user=user)
    assert (made.proposed_by.user, made.changes.get().actor) == (user, user)


def test_somebody_with_a_phone_only_is_not_rung_just_to_hear_that_we_have_it() -> None:
    made = propose(an_idea(email="", phone="+48600100200"), the_project())
    assert made.proposed_by.preferred_channel == "phone"
    assert not CallMatter.objects.exists()


def test_one_contact_has_so_many_unanswered_ideas_and_no_more(settings: Any) -> None:
    settings.IDEAS_PER_CONTACT = 2
    for _each in range(2):
        propose(an_idea(), the_project())
    with pytest.raises(RuleBroken) as refused:
        propose(an_idea(email="ANNA@example.org"), the_project())
    assert refused.value.code == "too_many"
    assert Person.objects.count() == 2
    propose(an_idea(email="inna@example.org"), the_project())


@pytest.mark.parametrize(
    ("what", "title"),
    [
        ("Ławka. Reszta", "Ławka"),
        ("Ławka\nReszta", "Ławka"),
        ("  Kino pod blokiem!  Co piątek.", "Kino pod blokiem!"),
        ("Ul. Fiołkowa bez dziur", "Ul. Fiołkowa bez dziur"),
        ("słowo " * 40, " ".join(["słowo"] * 13) + "…"),
    ],
)
def test_the_first_sentence_is_the_title(what: str, title: str) -> None:
    assert title_of(what) == title
    assert len(title_of(what)) <= ideas.TITLE_LENGTH


def test_addresses_are_free_and_none_is_taken_by_the_portal() -> None:
    assert ideas.free_slug("Zgłoś") == "zglos-2"
    an_initiative(slug="kino")
    assert ideas.free_slug("Kino") == "kino-2"
    assert ideas.free_slug("???") == "inicjatywa"


# --- Twins ------------------------------------------------------------------------------------------------------------------


def test_twins_become_one_and_both_authors_are_told_once() -> None:
    actor = an_animator(a_neighbourhood("Ugorek"))
    kept, gone = propose(an_idea(), the_project()), propose(an_idea(email="jan@example.org", who="Jan"), the_project())
    fan, both = a_person(), a_person()
    for initiative, person in ((gone, fan), (gone, both), (kept, both)):
        Support.objects.create(initiative=initiative, person=person, at=timezone.now())
    Initiative.objects.filter(pk=gone.pk).update(paper_supporters=7)

    join_twins(gone, kept, actor=actor)

    gone, kept = Initiative.objects.get(pk=gone.pk), Initiative.objects.get(pk=kept.pk)
    assert (gone.status, gone.joined_to) == ("withdrawn", kept)
    assert sorted((member.person.name, member.role) for member in kept.members.all()) == [("Anna Przykładna", "leader"), ("Jan", "member")]
    assert (kept.supports.count(), gone.supports.count(), kept.paper_supporters) == (2, 0, 7)
    told = Message.objects.exclude(template="initiative_received").values_list("template", "recipient")
    assert sorted(told) == [("initiative_joined", "anna@example.org"), ("initiative_joined", "jan@example.org")]
    while messages.deliver_due():
        pass
    links = {
        letter.to[0]: f"/{kept.own_key}/" in letter.body for letter in mail.outbox if kept.title in letter.body and "Dwie" in letter.body
    }
    # The key changes the plan, so whoever only came into the team does not get it.
    assert links == {"anna@example.org": True, "jan@example.org": False}


@pytest.mark.parametrize(("gone_in", "into_in", "code"), [("submitted", "idea", "not_joinable"), ("idea", "finished", "not_joinable")])
def test_only_what_is_young_is_joined_and_only_to_what_goes_on(gone_in: str, into_in: str, code: str) -> None:
    gone, into = an_initiative(kind="mini_project", status=gone_in), an_initiative(kind="mini_project", status=into_in)
    with pytest.raises(RuleBroken) as refused:
        join_twins(gone, into, actor=a_user())
    assert refused.value.code == code


def test_an_idea_is_not_joined_to_itself() -> None:
    initiative = an_initiative(status="idea")
    with pytest.raises(RuleBroken) as refused:
        join_twins(initiative, initiative, actor=a_user())
    assert refused.value.code == "same"


# --- The page -----------------------------------------------------------------------------------------------------------------


def sent(client: Client, **fields: str) -> Any:
    page = client.get("/inicjatywy/zglos/").content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key is not None
    values = {"what": WHAT, "where": "ugorek", "who": "Anna Przykładna", "contact": "anna@example.org", "key": str(UUID(key[1]))}
    return client.post("/inicjatywy/zglos/", {**values, **fields})


@pytest.fixture
def ugorek() -> Any:
    the_project()
    return a_neighbourhood("Ugorek")


def test_the_form_leads_to_the_page_of_the_idea(client: Client, ugorek: Any) -> None:
    answer = sent(client)
    made = Initiative.objects.get()
    assert answer.headers["Location"] == f"/moje/inicjatywy/{made.own_key}/"
    page = client.get(answer.headers["Location"])
    assert made.reference_shown in page.content.decode()
    assert "Dziękujemy, mamy Państwa pomysł" in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    assert client.get(f"/inicjatywy/{made.slug}/").status_code == 404


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"what": "Nic"}, "what"),
        ({"where": "nowa-huta"}, "where"),
        ({"who": "12"}, "who"),
        ({"contact": ""}, "contact"),
        ({"contact": "anna@"}, "contact"),
        ({"contact": "anna"}, "contact"),
        ({"contact": "12 34"}, "contact"),
        ({"website": "http://spam.example"}, None),
        ({"key": "x"}, "key"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(client: Client, ugorek: Any, fields: dict[str, str], wrong: str | None) -> None:
    answer = sent(client, **fields)
    assert answer.status_code == 200
    assert (set(answer.context["form"].errors) - {"__all__"} or {None}) == {wrong}
    assert "przy klubie" in answer.content.decode() or "what" in fields
    assert not Initiative.objects.exists()


@pytest.mark.parametrize("contact", ["600 100 200", "+48 600-100-200", "Anna@Example.org"])
def test_an_email_or_a_phone_is_enough(client: Client, ugorek: Any, contact: str) -> None:
    assert sent(client, contact=contact).status_code == 302
    person = Initiative.objects.get().proposed_by
    assert (person.email, person.phone) in {("anna@example.org", ""), ("", "+48600100200")}


def test_somewhere_else_is_an_answer(client: Client, ugorek: Any) -> None:
    assert sent(client, where="elsewhere").status_code == 302
    assert not Initiative.objects.get().neighbourhoods.exists()


def test_an_account_is_asked_neither_name_nor_contact(client: Client, ugorek: Any) -> None:
    client.force_login(a_user())
    page = client.get("/inicjatywy/zglos/").content.decode()
    assert 'name="contact"' not in page
    assert 'name="who"' not in page
    assert sent(client).status_code == 302


def test_too_many_from_one_place_is_429(client: Client, ugorek: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projects.views.ideas.PER_VISITOR", 1)
    assert sent(client).status_code == 302
    answer = sent(client)
    assert answer.status_code == 429
    assert "przy klubie" in answer.content.decode()


def test_a_lost_link_is_found_by_the_mailbox(client: Client, ugorek: Any) -> None:
    """„Moje zapisy” mails one link to everything under an address; ideas stand there, others' do not."""
    sent(client)
    mine, others = Initiative.objects.get(), an_initiative(proposed_by=a_person())
    page = client.get(f"/moje-zapisy/wszystkie/{own_links.token('anna@example.org')}/").content.decode()
    assert f"/moje/inicjatywy/{mine.own_key}/" in page
    assert others.own_key not in page


@pytest.mark.django_db(transaction=True)
def test_two_ideas_that_begin_alike_come_in_at_once() -> None:
    project = the_project()
    place = a_neighbourhood("Ugorek")

    def send(number: int) -> int:
        try:
            return propose(an_idea(where=place, email=f"osoba{number}@example.org"), project, key=uuid4()).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, range(4)))) == 4


def test_an_idea_without_words_has_a_title() -> None:
    assert title_of("............") == title_of("……………………") == "Nowy pomysł"

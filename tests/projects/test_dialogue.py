"""„Zapytaj / Odpowiedź”: what each verb refuses, who is told and how often, and what everybody reads."""

import re
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import gettext, override

from active_citizens.core.refusal import RuleBroken
from participants.domain import messages
from participants.domain.people import person_of
from participants.models import Message, Person
from projects import rules
from projects.domain import cautions, dialogue
from projects.models import Answer, CallMatter, Initiative, Project, Question
from tests import makers
from tests.makers import a_question, an_officer, an_open_initiative

pytestmark = pytest.mark.django_db
By, Status = Answer.By, Question.Status
EMAIL = "pytajaca@example.org"


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).replace("\N{NO-BREAK SPACE}", " ").split())


def pl(text: str) -> str:
    with override("pl"):
        return gettext(text)


def told() -> list[tuple[str, str]]:
    return list(Message.objects.order_by("pk").values_list("template", "recipient"))


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(RuleBroken) as refused:
        act()
    return refused.value.code


# --- Every verb in every state --------------------------------------------------------------------------------------------

VERBS: dict[str, Callable[[Question, Any], object]] = {
    "show": lambda question, officer: dialogue.show(question, actor=officer),
    "hide": lambda question, officer: dialogue.hide(question, reason="Reklama.", actor=officer),
    "restore": lambda question, officer: dialogue.restore(question, actor=officer),
    "team": lambda question, officer: dialogue.answer(question, "W maju.", by=By.TEAM, actor=officer),
    "group": lambda question, _officer: dialogue.answer(question, "W maju.", by=By.GROUP),
    "reply": lambda question, _officer: dialogue.reply(question.key, "Dziękuję."),
}
# State → verb → the state afterwards, or the code of what refuses.
OUTCOMES = {
    "waiting": {"show": "shown", "hide": "hidden", "restore": "not_hidden", "team": "shown", "group": "not_shown", "reply": "too_early"},
    "shown": {"show": "already_shown", "hide": "hidden", "restore": "not_hidden", "team": "shown", "group": "shown", "reply": "too_early"},
    "hidden": {
        "show": "hidden", "hide": "already_hidden", "restore": "shown", "team": "question_hidden", "group": "question_hidden",
        "reply": "hidden",
    },
}  # fmt: skip


@pytest.mark.parametrize("state", OUTCOMES)
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_in_every_state(state: str, verb: str) -> None:
    officer, question = an_officer(), a_question(shown=state == "shown")
    if state == "hidden":
        dialogue.hide(question, reason="Dane osoby.", actor=officer)
    expected = OUTCOMES[state][verb]
    # A verb that refuses says so by a word that is no state, except where the state is its reason.
    refuses = expected not in Status.values or (state, verb) == ("hidden", "show")
    if refuses:
        assert code_of(lambda: VERBS[verb](question, officer)) == expected
    else:
        VERBS[verb](question, officer)
    question.refresh_from_db()
    assert question.status == (state if refuses else expected)


def test_what_was_shown_and_answered_can_be_replied_to_once() -> None:
    question = a_question(shown=True)
    dialogue.answer(question, "W maju.", by=By.TEAM, actor=an_officer())
    dialogue.reply(question.key, "A dokładnie?")
    assert code_of(lambda: dialogue.reply(question.key, "Halo?")) == "already_replied"
    assert [(each.by, each.status) for each in question.answers.all()] == [(By.TEAM, Status.SHOWN), (By.ASKER, Status.WAITING)]


@pytest.mark.parametrize(
    ("code", "change", "text"),
    [
        ("closed", lambda initiative: Project.objects.update(questions_open=False), "Kiedy?"),
        ("not_public", lambda initiative: setattr(initiative, "status", Initiative.Status.WITHDRAWN), "Kiedy?"),
        ("closed", lambda initiative: setattr(initiative, "status", Initiative.Status.HISTORICAL), "Kiedy?"),
        ("empty", lambda initiative: None, " \n\u200e "),
    ],
)
def test_what_cannot_be_asked(code: str, change: Callable[[Initiative], object], text: str) -> None:
    initiative = an_open_initiative()
    change(initiative)
    if code == "closed":
        initiative.project.refresh_from_db()
    assert code_of(lambda: dialogue.ask(initiative, text)) == code
    assert not Question.objects.exists()


def test_nothing_appears_under_an_initiative_that_is_gone() -> None:
    officer, question = an_officer(), a_question()
    Initiative.objects.update(status="withdrawn")
    assert code_of(lambda: dialogue.show(question, actor=officer)) == "not_public"
    assert code_of(lambda: dialogue.answer(question, "Tak.", by=By.TEAM, actor=officer)) == "not_public"
    assert not Answer.objects.exists()


def test_hiding_needs_a_reason_and_answers_words() -> None:
    officer, question = an_officer(), a_question(shown=True)
    assert code_of(lambda: dialogue.hide(question, reason="  ", actor=officer)) == "needs_reason"
    assert code_of(lambda: dialogue.answer(question, " ", by=By.TEAM, actor=officer)) == "empty"
    dialogue.answer(question, "Tak.", by=By.TEAM, actor=officer)
    assert code_of(lambda: dialogue.answer(question, "Tak.", by=By.TEAM, actor=officer)) == "already_said"
    dialogue.answer(question, "Będzie.", by=By.GROUP)
    assert code_of(lambda: dialogue.answer(question, "Naprawdę.", by=By.GROUP)) == "already_waits"


def test_an_answer_below_a_hidden_question_is_not_shown() -> None:
    officer, question = an_officer(), a_question()
    dialogue.hide(question, reason="Nie na temat.", actor=officer)
    reply = dialogue.reply(question.key, "Jest na temat.")
    assert code_of(lambda: dialogue.show(reply, actor=officer)) == "question_hidden"
    dialogue.restore(question, actor=officer)
    assert dialogue.show(reply, actor=officer).is_shown


def test_one_contact_has_so_many_questions_waiting(settings: Any) -> None:
    settings.QUESTIONS_PER_CONTACT = 2
    initiative = an_open_initiative()
    first = dialogue.ask(initiative, "Raz?", email=EMAIL)
    dialogue.ask(initiative, "Dwa?", email=EMAIL.upper())
    assert code_of(lambda: dialogue.ask(initiative, "Trzy?", email=EMAIL)) == "too_many"
    dialogue.show(first, actor=an_officer())
    dialogue.ask(initiative, "Trzy?", email=EMAIL)


# --- Who asks -------------------------------------------------------------------------------------------------------------


def test_typing_an_e_mail_never_touches_the_person_who_has_it() -> None:
    known = makers.a_person(email=EMAIL, name="Znana Osoba")
    asked = dialogue.ask(an_open_initiative(), "Kiedy?", email=EMAIL, language="uk")
    assert asked.person is not None
    assert asked.person != known
    assert (asked.person.verified_at, asked.person.language) == (None, "uk")


def test_without_an_e_mail_nobody_is_made_and_an_account_is_itself() -> None:
    initiative, user = an_open_initiative(), makers.a_user()
    before = Person.objects.count()
    assert dialogue.ask(initiative, "Kiedy?").person is None
    assert Person.objects.count() == before
    assert dialogue.ask(initiative, "Kiedy?", user=user).person == person_of(user)


def test_the_same_form_twice_is_the_same_question() -> None:
    initiative, key = an_open_initiative(), uuid.uuid4()
    assert dialogue.ask(initiative, "Kiedy?", key=key) == dialogue.ask(initiative, "Kiedy?", key=key)
    assert Question.objects.count() == 1


# --- What the team is pointed to ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "held", "private"),
    [
        ("Kiedy zaczynacie? Pytam o godz. 12.30.", "", 0),
        ("Zobaczcie https://przyklad.example/x", "links", 0),
        ("Tanie kredyty na szybka-kasa.pl", "links", 0),
        ("WWW.przyklad.example", "links", 0),
        ("Piszcie na ala@example.org", "", 1),
        ("Mój numer 600 100 200, proszę dzwonić", "", 1),
        ("Mój numer +48 12 616-55-55 albo ala@example.org", "", 2),
        ("Zebraliśmy 1 200 zł w 2014 r.", "", 0),
    ],
)
def test_links_and_private_data_are_pointed_out(text: str, held: str, private: int) -> None:
    asked = a_question(text=text)
    assert (asked.held_why, asked.status) == (held, Status.WAITING)
    assert len(cautions.private_in(asked.text)) == private


def test_marks_that_turn_text_round_are_taken_out() -> None:
    assert a_question(text="Kiedy\u202e?\r\n\r\n\r\n\r\nI gdzie?\x00").text == "Kiedy?\n\nI gdzie?"


# --- Who is told ----------------------------------------------------------------------------------------------------------


def test_each_step_is_told_once(mailoutbox: list[Any]) -> None:
    officer, author = an_officer(), makers.a_person()
    initiative = an_open_initiative(proposed_by=author)
    question = dialogue.ask(initiative, "Kiedy zaczynacie?", email=EMAIL)
    assert told() == []
    dialogue.show(question, actor=officer)
    assert told() == [("question_shown", EMAIL), ("question_asked", author.email)]
    dialogue.hide(question, reason="Dane osoby.", actor=officer)
    dialogue.restore(question, actor=officer)
    dialogue.answer(question, "W maju.", by=By.OFFICE, actor=officer)
    ours = dialogue.answer(question, "W maju o 10.", by=By.GROUP)
    assert told()[2:] == [("question_hidden", EMAIL), ("question_shown", EMAIL), ("question_answered", EMAIL)]
    dialogue.show(ours, actor=officer)
    dialogue.hide(ours, reason="Godzina się zmieniła.", actor=officer)
    dialogue.restore(ours, actor=officer)
    assert told()[5:] == [("question_answered", EMAIL), ("answer_hidden", author.email)]
    while messages.deliver_due():
        pass
    assert all(letter.subject.endswith(f" – „{initiative.title}”") for letter in mailoutbox), "the subject names the initiative"
    bodies = {letter.subject.split(" – ")[0]: letter.body.replace("\N{NO-BREAK SPACE}", " ") for letter in mailoutbox}
    assert pl("Your question is not shown") not in bodies
    assert "W maju o 10." in bodies[pl("Your question is answered")]
    assert "Kiedy zaczynacie?" in bodies[pl("Your question is answered")]
    assert question.key in bodies[pl("Your question is shown")]
    assert initiative.own_key in bodies[pl("A question about your initiative")]
    assert not any("{" in body or "%(" in body for body in bodies.values())


def test_the_reason_of_hiding_is_mailed_and_the_text_is_not(mailoutbox: list[Any]) -> None:
    question = dialogue.ask(an_open_initiative(), "Numer sąsiada to 600100200.", email=EMAIL)
    dialogue.hide(question, reason="W pytaniu są dane sąsiada.", actor=an_officer())
    messages.deliver_due()
    (letter,) = mail.outbox
    assert "dane sąsiada" in letter.body
    assert "600100200" not in letter.body


def test_an_author_without_e_mail_is_rung_once() -> None:
    officer, author = an_officer(), makers.a_person(email="", phone="+48600100200")
    question = a_question(an_open_initiative(proposed_by=author), shown=True)
    dialogue.hide(question, reason="Dane.", actor=officer)
    dialogue.restore(question, actor=officer)
    assert [matter.reason for matter in CallMatter.objects.all()] == ["question_asked"]


def test_a_teams_answer_shows_the_question_with_one_letter() -> None:
    question = dialogue.ask(an_open_initiative(), "Kiedy?", email=EMAIL)
    dialogue.answer(question, "W maju.", by=By.TEAM, actor=an_officer())
    question.refresh_from_db()
    assert question.is_shown
    assert told() == [("question_answered", EMAIL)]


@pytest.mark.django_db(transaction=True)
def test_of_four_who_show_a_question_at_once_one_is_heard() -> None:
    officer = an_officer()
    question = dialogue.ask(an_open_initiative(), "Kiedy?", email=EMAIL)

    def show(_number: int) -> str:
        try:
            dialogue.show(question, actor=officer)
        except RuleBroken as broken:
            return broken.code
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(4) as team:
        assert sorted(team.map(show, range(4))) == ["", "already_shown", "already_shown", "already_shown"]
    assert told() == [("question_shown", EMAIL)]


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_four_times_at_once_is_one_question() -> None:
    initiative, key = an_open_initiative(), uuid.uuid4()

    def ask(_number: int) -> int:
        try:
            return dialogue.ask(initiative, "Kiedy?", email=EMAIL, key=key).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as team:
        assert len(set(team.map(ask, range(4)))) == 1
    assert (Question.objects.count(), Person.objects.count()) == (1, 1)


# --- The pages ------------------------------------------------------------------------------------------------------------


def asked_by_form(client: Client, initiative: Initiative, **typed: Any) -> Any:
    data = {"text": "Kiedy zaczynacie malować?", "email": EMAIL, "key": str(uuid.uuid4()), "website": "", **typed}
    return client.post(reverse("question_ask", args=[initiative.slug]), data)


def test_asking_leads_to_the_page_of_the_question(client: Client) -> None:
    initiative = an_open_initiative()
    answer = asked_by_form(client, initiative)
    question = Question.objects.get()
    assert answer.headers["Location"] == reverse("own_question", args=[question.key])
    page = client.get(answer.headers["Location"])
    assert pl("It waits to be looked at by the team. Nobody else sees it yet.") in words(page.content.decode())
    assert "Kiedy zaczynacie malować?" not in client.get(initiative.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("typed", "status"), [({"text": ""}, 200), ({"website": "http://x"}, 200), ({"key": "x"}, 200), ({"email": "to nie adres"}, 200)]
)
def test_what_is_wrong_stays_typed(client: Client, typed: dict[str, str], status: int) -> None:
    answer = asked_by_form(client, an_open_initiative(), **typed)
    assert answer.status_code == status
    assert EMAIL in answer.content.decode() or "email" in typed
    assert 'class="error-summary' in answer.content.decode()
    assert not Question.objects.exists()


def test_too_many_from_one_contact_and_from_one_visitor_are_429(client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.QUESTIONS_PER_CONTACT = 100
    initiative = an_open_initiative()
    assert [asked_by_form(client, initiative).status_code for _each in range(7)] == [302] * 6 + [429]
    monkeypatch.setattr("projects.views.questions.PER_VISITOR", 8)
    assert [asked_by_form(client, initiative, email="").status_code for _each in range(2)] == [302, 429]
    settings.QUESTIONS_PER_CONTACT = 0
    monkeypatch.setattr("projects.views.questions.PER_VISITOR", 80)
    assert asked_by_form(client, initiative, email="inna@example.org").status_code == 429


def test_the_form_is_not_there_where_nothing_is_asked(client: Client) -> None:
    closed, idea = makers.an_initiative(), makers.an_initiative(status="idea")
    for initiative in (closed, idea):
        assert client.get(reverse("question_ask", args=[initiative.slug])).status_code == 404
    assert asked_by_form(client, idea).status_code == 404
    assert asked_by_form(client, closed).status_code == 409
    assert reverse("question_ask", args=[closed.slug]) not in client.get(closed.get_absolute_url()).content.decode()


def test_everybody_reads_what_is_shown_as_plain_text_without_names(client: Client) -> None:
    officer, initiative = an_officer(), an_open_initiative()
    question = dialogue.ask(initiative, "Zobaczcie <b>https://przyklad.example/x</b>", user=makers.a_user(name="Ktoś Pytający"))
    waiting = dialogue.ask(initiative, "Jeszcze nikt nie czytał?")
    dialogue.answer(question, "W maju. https://przyklad.example/y", by=By.OFFICE, actor=officer)
    dialogue.answer(question, "Czekamy na zgodę.", by=By.GROUP)
    for address in (initiative.get_absolute_url(), reverse("question_list", args=[initiative.slug])):
        response = client.get(address)
        page = response.content.decode().replace("\N{NO-BREAK SPACE}", " ")
        assert "&lt;b&gt;https://przyklad.example/x&lt;/b&gt;" in page
        assert 'href="https://przyklad' not in page
        assert "W maju." in page
        assert pl("the city office").capitalize() in words(page)
        for unseen in (waiting.text, "Czekamy na zgodę", "Ktoś Pytający", officer.name):
            assert unseen not in page
        assert not response.cookies


def test_the_page_of_an_initiative_asks_no_more_for_many_questions(client: Client) -> None:
    officer, initiative = an_officer(), an_open_initiative()

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(initiative.get_absolute_url()).status_code == 200
        return len(caught)

    for number in range(2):
        dialogue.answer(a_question(initiative, f"Pytanie {number}?"), "Tak.", by=By.TEAM, actor=officer)
    few = queries()
    for number in range(10):
        dialogue.answer(a_question(initiative, f"Następne {number}?"), "Tak.", by=By.TEAM, actor=officer)
    assert queries() == few
    assert few <= 12
    page = words(client.get(initiative.get_absolute_url()).content.decode())
    assert page.count("Następne") == dialogue.ON_PAGE
    with CaptureQueriesContext(connection) as caught:
        assert client.get(reverse("question_list", args=[initiative.slug])).content.decode().count("dialogue-row") == 12
    assert len(caught) <= 8


def test_whoever_asked_replies_from_their_page(client: Client) -> None:
    officer, question = an_officer(), a_question()
    address = reverse("own_question", args=[question.key])
    assert 'name="text"' not in client.get(address).content.decode()
    dialogue.hide(question, reason="Nie na temat.", actor=officer)
    assert "Nie na temat." in client.get(address).content.decode()
    assert client.post(address, {"text": ""}).status_code == 200
    assert client.post(address, {"text": "Jest na temat."}).status_code == 302
    again = client.post(address, {"text": "Halo?"})
    assert (again.status_code, "Halo?" in again.content.decode()) == (409, True)
    assert [(each.by, each.status) for each in question.answers.all()] == [(By.ASKER, Status.WAITING)]
    assert client.get(reverse("own_question", args=["nie-ma"])).status_code == 404


def test_the_group_answers_from_its_page_and_waits(client: Client) -> None:
    initiative = an_open_initiative()
    question, elsewhere, waiting = a_question(initiative, shown=True), a_question(shown=True), a_question(initiative, "Nieczytane?")
    own = reverse("own_questions", args=[initiative.own_key])
    assert own in client.get(reverse("own_initiative", args=[initiative.own_key])).content.decode()
    page = client.get(own).content.decode()
    assert question.text in page
    assert waiting.text not in page
    address = reverse("own_answer", args=[initiative.own_key, question.pk])
    assert client.post(address, {"text": "W maju."}).headers["Location"] == own
    refused = client.post(address, {"text": "W czerwcu."})
    assert (refused.status_code, "W czerwcu." in refused.content.decode()) == (409, True)
    assert pl("Your answer waits to be looked at.") in words(client.get(own).content.decode())
    assert "W maju." not in client.get(initiative.get_absolute_url()).content.decode()
    for other in (elsewhere, waiting):
        assert client.post(reverse("own_answer", args=[initiative.own_key, other.pk]), {"text": "X"}).status_code == 404


def test_list_and_predicate_agree() -> None:
    ugorek, azory = makers.a_neighbourhood("Ugorek"), makers.a_neighbourhood("Azory")
    here, there = a_question(an_open_initiative(ugorek)), a_question(an_open_initiative(azory))
    users = [makers.a_user(), makers.an_animator(ugorek), makers.a_former_animator(ugorek), an_officer(), makers.a_coordinator()]
    for user in users:
        may = {each for each in (here, there) if rules.may_moderate(user, each)}
        assert set(rules.manageable_questions(user)) == may

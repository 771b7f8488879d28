"""Pytania in the panel: what waits comes first, of one's own neighbourhoods only; each button does one thing."""

import pytest
from django.urls import reverse

from active_citizens.panel.work import work_of
from participants.models import AccessLog
from projects.domain import dialogue
from projects.models import Answer, Question
from tests.makers import a_coordinator, a_question, an_officer, an_open_initiative
from tests.panel.conftest import signed_in

LIST = reverse("admin:projects_question_changelist")


def page_of(question):
    return reverse("admin:projects_question_change", args=[question.pk])


@pytest.fixture
def asked(ugorek):
    return a_question(an_open_initiative(ugorek), "Piszcie do mnie: ala@example.org, www.przyklad.example")


def test_what_waits_comes_first_and_only_ones_own(panel, ugorek, azory):
    initiative = an_open_initiative(ugorek)
    shown, hidden, waiting = (a_question(initiative, text) for text in ("Pierwsze?", "Drugie?", "Trzecie?"))
    officer = an_officer()
    dialogue.show(shown, actor=officer)
    dialogue.hide(hidden, reason="Reklama.", actor=officer)
    a_question(an_open_initiative(azory), "Cudze?")
    page = panel.get(LIST).content.decode()
    assert page.index("Trzecie?") < page.index("Pierwsze?") < page.index("Drugie?")
    assert "Cudze?" not in page
    dialogue.reply(hidden.key, "To nie reklama.")
    assert [each.pk for each in panel.get(LIST, {"show": "waiting"}).context["cl"].result_list] == [hidden.pk, waiting.pk]
    assert [each.pk for each in panel.get(LIST, {"show": "unanswered"}).context["cl"].result_list] == [shown.pk]


def test_the_first_screen_counts_what_waits(animator, ugorek, azory):
    a_question(an_open_initiative(ugorek))
    a_question(an_open_initiative(azory))
    assert (work_of(animator).questions, work_of(an_officer()).questions) == (1, 2)
    assert LIST in signed_in(animator).get(reverse("admin:index")).content.decode()


def test_private_data_and_links_are_pointed_out(panel, asked):
    page = panel.get(page_of(asked)).content.decode()
    assert page.count('class="panel-note"') == 2
    assert 'href="http' not in page.split("panel-aloud")[1].split("</section>")[0]
    assert AccessLog.objects.filter(action="read", subject="projects.question", subject_ids=[asked.pk]).exists()


@pytest.mark.parametrize(
    ("sent", "status", "state", "answers"),
    [
        ({"act": "show", "said": "question"}, 302, "shown", 0),
        ({"act": "hide", "said": "question", "reason": "Dane."}, 302, "hidden", 0),
        ({"act": "hide", "said": "question", "reason": " "}, 409, "waiting", 0),
        ({"act": "hide", "said": "question", "reason": "x" * 301}, 200, "waiting", 0),
        ({"act": "restore", "said": "question"}, 409, "waiting", 0),
        ({"act": "answer", "text": "W maju."}, 302, "shown", 1),
        ({"act": "answer", "text": ""}, 409, "waiting", 0),
        ({"act": "kasuj"}, 409, "waiting", 0),
        ({}, 409, "waiting", 0),
    ],
)
def test_each_button_does_one_thing(panel, asked, sent, status, state, answers):
    assert panel.post(page_of(asked), sent).status_code == status
    asked.refresh_from_db()
    assert (asked.status, asked.answers.count()) == (state, answers)


def test_what_was_typed_stays(panel, asked):
    dialogue.hide(asked, reason="Dane.", actor=an_officer())
    refused = panel.post(page_of(asked), {"act": "answer", "text": "Moja długa odpowiedź"})
    assert refused.status_code == 409
    dialogue.restore(asked, actor=an_officer())
    long = "y" * 301
    assert long in panel.post(page_of(asked), {"act": "hide", "said": "question", "reason": long}).content.decode()


def test_replies_and_the_groups_answers_are_looked_at(panel, asked):
    dialogue.show(asked, actor=an_officer())
    ours = dialogue.answer(asked, "W maju.", by=Answer.By.GROUP)
    assert panel.post(page_of(asked), {"act": "show", "said": str(ours.pk)}).status_code == 302
    ours.refresh_from_db()
    assert ours.is_shown
    assert panel.post(page_of(asked), {"act": "hide", "said": str(ours.pk), "reason": "Nieaktualne."}).status_code == 302
    ours.refresh_from_db()
    asked.refresh_from_db()
    assert (ours.is_hidden, asked.is_shown) == (True, True)


@pytest.mark.parametrize(("who", "voice"), [("animator", "team"), ("officer", "office"), ("coordinator", "team")])
def test_in_whose_name_somebody_answers(asked, animator, who, voice):
    user = {"animator": lambda: animator, "officer": an_officer, "coordinator": a_coordinator}[who]()
    signed_in(user).post(page_of(asked), {"act": "answer", "text": "W maju."})
    assert [(each.by, each.author) for each in asked.answers.all()] == [(voice, user)]


def test_somebody_elses_question_is_not_found(panel, azory):
    question = a_question(an_open_initiative(azory))
    assert panel.get(page_of(question)).status_code == 404
    assert panel.post(page_of(question), {"act": "show", "said": "question"}).status_code == 404
    assert Question.objects.get().is_waiting

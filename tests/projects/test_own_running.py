"""The pages below the authors' own one: receipts, hours, the report in steps; and where a resident tells a story of a change."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from active_citizens.core import scans
from active_citizens.core.pictures import take_in
from projects.domain import reporting, running
from projects.models import ChangeStory, Expense, Initiative, InitiativeReport
from projects.models.outcomes import CHANNELS
from projects.views import own_running
from tests.makers import a_consent_text, a_person, a_picture, an_initiative, ready
from tests.scans import LOCKED, a_pdf

pytestmark = pytest.mark.django_db
WHOLE: dict[str, Any] = {"done": "Ławka.", "worked": "Sąsiedzi.", "failed": "Deszcz.", **dict.fromkeys(CHANNELS, 3)}


@pytest.fixture
def initiative() -> Initiative:
    return an_initiative(kind="mini_project", proposed_by=a_person())


def at(initiative: Initiative, name: str, *more: Any) -> str:
    return reverse(name, args=[initiative.own_key, *more])


def receipt(**fields: Any) -> dict[str, Any]:
    day = timezone.localdate().isoformat()
    return {"paid_on": day, "what": "Farby", "grosze": "45,50", "receipt_number": "FV 1", "key": str(uuid.uuid4()), "website": "", **fields}


def test_a_receipt_is_written_down_with_its_picture_and_shown_to_the_key_alone(initiative: Initiative) -> None:
    page = at(initiative, "own_spending")
    answer = Client().post(page, receipt(picture=a_picture()))
    assert (answer.status_code, answer.headers["Location"]) == (302, page)
    expense = Expense.objects.get()
    assert (expense.grosze, expense.receipt.name.split("/")[0]) == (4_550, "paragony")
    shown = Client().get(at(initiative, "own_receipt", expense.pk))
    assert shown.headers["Content-Type"] == "image/webp"
    assert "no-store" in shown.headers["Cache-Control"]
    stranger = an_initiative()
    assert Client().get(at(stranger, "own_receipt", expense.pk)).status_code == 404
    assert "45,50" in Client().get(page).content.decode()


BOMB = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (lambda: SimpleUploadedFile("p.jpg", b""), "pust"), (lambda: SimpleUploadedFile("p.jpg", b"MZ" + b"\x00" * 99), "zdjęci"),
        (lambda: SimpleUploadedFile("p.svg", b"<svg onload='x()'>"), "SVG"), (lambda: SimpleUploadedFile("p.png", BOMB), "obraz"),
    ],
)  # fmt: skip
def test_a_refused_file_gets_its_sentence_and_nothing_is_stored(initiative: Initiative, file: Any, words: str) -> None:
    before = default_storage.listdir("")[0] if default_storage.exists("") else []
    answer = Client().post(at(initiative, "own_spending"), receipt(picture=file()))
    assert answer.status_code == 200
    assert answer.context["form"].errors["picture"]
    assert "FV 1" in answer.content.decode()
    assert not Expense.objects.exists()
    assert before == (default_storage.listdir("")[0] if default_storage.exists("") else [])


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"grosze": "0"}, "grosze"), ({"grosze": "dużo"}, "grosze"), ({"receipt_number": ""}, "receipt_number"), ({"what": ""}, "what"),
        ({"paid_on": (timezone.localdate() + timedelta(days=2)).isoformat()}, "paid_on"), ({"website": "http://spam"}, "__all__"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(initiative: Initiative, fields: dict[str, str], field: str) -> None:
    answer = Client().post(at(initiative, "own_spending"), receipt(**fields, picture=a_picture()))
    assert field in answer.context["form"].errors
    assert ("picture" in answer.context["form"].errors) is (field != "__all__"), "browsers do not send the file again"
    assert not Expense.objects.exists()
    assert "FV 1" in answer.content.decode() or field == "receipt_number"


def test_a_mistyped_receipt_is_taken_off(initiative: Initiative) -> None:
    day = timezone.localdate()
    expense = running.spend(initiative, running.Spent(day, "Farby", 100, "1"), picture=take_in(a_picture()))
    assert Client().get(at(initiative, "own_expense_off", expense.pk)).status_code == 405
    assert Client().post(at(initiative, "own_expense_off", expense.pk)).status_code == 302
    assert not Expense.objects.exists()


def test_an_invoice_in_pdf_is_kept_as_a_picture(initiative: Initiative) -> None:
    sent = SimpleUploadedFile("faktura.pdf", a_pdf(), content_type="application/pdf")
    assert Client().post(at(initiative, "own_spending"), receipt(picture=sent)).status_code == 302
    shown = Client().get(at(initiative, "own_receipt", Expense.objects.get().pk))
    assert b"".join(shown.streaming_content)[8:12] == b"WEBP"
    locked = SimpleUploadedFile("faktura.pdf", a_pdf(trailer=LOCKED), content_type="application/pdf")
    assert "hasłem" in Client().post(at(initiative, "own_spending"), receipt(picture=locked)).content.decode()


def test_a_file_is_not_even_looked_at_when_it_cannot_be_kept(initiative: Initiative, monkeypatch: pytest.MonkeyPatch) -> None:
    expense = running.spend(initiative, running.Spent(timezone.localdate(), "Farby", 100, "FV 1"))
    drawn: list[bytes] = []
    monkeypatch.setattr(scans, "_drawn", lambda pdf: drawn.append(pdf) or picture_bytes())
    monkeypatch.setattr(own_running, "RECEIPTS_PER_KEY", 1)
    pages = [at(initiative, "own_spending"), at(initiative, "own_expense", expense.pk)]

    def sent(page: str) -> Any:
        return Client().post(page, receipt(receipt_number="FV 9", picture=SimpleUploadedFile("faktura.pdf", a_pdf())))

    assert sent(pages[0]).status_code == 302
    assert [sent(page).status_code for page in pages] == [429, 429]
    caches["counters"].clear()
    Initiative.objects.update(status="finished")
    answers = [sent(page) for page in pages]
    assert [answer.status_code for answer in answers] == [409, 409]
    assert "FV 9" in answers[0].content.decode(), "what was typed stays"
    assert len(drawn) == 1


def picture_bytes() -> bytes:
    return a_picture(kind="PNG").read()


def test_a_receipt_is_put_right_in_the_form_that_stands_filled_in(initiative: Initiative) -> None:
    line = initiative.budget.create(what="Malowanie", grosze=10_000)
    expense = running.spend(initiative, running.Spent(timezone.localdate(), "Farby", 4_550, "FV 1", line))
    page = at(initiative, "own_expense", expense.pk)
    assert page in Client().get(at(initiative, "own_spending")).content.decode()
    shown = Client().get(page)
    assert [word for word in ("Farby", "45,5", "FV 1", "selected") if word not in shown.content.decode()] == []
    assert "FV 2" in Client().post(page, receipt(what="", receipt_number="FV 2")).content.decode(), "what was typed stays"
    answer = Client().post(page, receipt(what="Pędzle", grosze="12"))
    assert (answer.status_code, answer.headers["Location"]) == (302, at(initiative, "own_spending"))
    expense.refresh_from_db()
    assert (expense.what, expense.grosze, expense.budget_line) == ("Pędzle", 1_200, None)
    assert Client().get(at(an_initiative(), "own_expense", expense.pk)).status_code == 404


def test_hours_are_put_right(initiative: Initiative) -> None:
    row = running.note_work(initiative, done_on=timezone.localdate(), people=3, minutes=450, what="Malowanie")
    page = at(initiative, "own_work", row.pk)
    assert page in Client().get(at(initiative, "own_hours")).content.decode()
    assert "7,5" in Client().get(page).content.decode()
    typed = {"done_on": timezone.localdate().isoformat(), "people": "2", "minutes": "1", "what": "Sprzątanie"}
    assert Client().post(page, typed).status_code == 302
    row.refresh_from_db()
    assert (row.people, row.minutes, row.what) == (2, 60, "Sprzątanie")
    Initiative.objects.update(status="finished")
    assert Client().post(page, typed).status_code == 409
    assert 'name="what"' not in Client().get(page).content.decode()


def test_hours_are_written_down_and_taken_off(initiative: Initiative) -> None:
    page = at(initiative, "own_hours")
    typed = {"done_on": timezone.localdate().isoformat(), "people": "3", "minutes": "7,5", "what": "Malowanie"}
    assert Client().post(page, typed).status_code == 302
    row = initiative.volunteer_work.get()
    assert (row.people, row.minutes) == (3, 450)
    assert "Malowanie" in Client().get(page).content.decode()
    assert "minutes" in Client().post(page, {**typed, "minutes": "0"}).context["form"].errors
    Client().post(at(initiative, "own_work_off", row.pk))
    assert not initiative.volunteer_work.exists()


@pytest.mark.parametrize("status", ["plan", "finished"])
def test_nothing_is_written_down_when_it_does_not_run(initiative: Initiative, status: str) -> None:
    Initiative.objects.update(status=status)
    typed = {"done_on": timezone.localdate().isoformat(), "people": "3", "minutes": "7,5", "what": "Malowanie"}
    assert Client().post(at(initiative, "own_spending"), receipt()).status_code == 409
    assert Client().post(at(initiative, "own_hours"), typed).status_code == 409
    assert Client().post(at(initiative, "own_work_off", 1)).status_code == 409
    assert 'name="what"' not in Client().get(at(initiative, "own_hours")).content.decode()


def test_the_report_is_written_in_steps_and_handed_in(initiative: Initiative) -> None:
    Initiative.objects.update(status="reporting")
    client, page = Client(), at(initiative, "own_report")
    assert "report" in client.get(at(initiative, "own_initiative")).context
    first = at(initiative, "own_report_step", "co-sie-udalo")
    sent = client.post(first, {"done": "Ławka.", "worked": "", "failed": "", "then": "next"})
    assert sent.headers["Location"] == at(initiative, "own_report_step", "ludzie")
    assert InitiativeReport.objects.get().done == "Ławka."
    refused = client.post(page)
    assert (refused.status_code, InitiativeReport.objects.get().handed_in_at) == (409, None)
    client.post(first, {"done": "Ławka.", "worked": "Sąsiedzi.", "failed": "Deszcz."})
    wrong = client.post(at(initiative, "own_report_step", "ludzie"), {**dict.fromkeys(CHANNELS, "3"), "online": "-1"})
    assert wrong.context["form"].errors["online"]
    assert 'value="-1"' in wrong.content.decode()
    client.post(at(initiative, "own_report_step", "ludzie"), {**dict.fromkeys(CHANNELS, "3"), "online": "0"})
    assert client.post(page).headers["Location"] == page
    assert InitiativeReport.objects.get().handed_in_at
    assert client.post(first, {"done": "Inaczej."}).status_code == 409
    read = client.get(first).content.decode()
    assert ("Sąsiedzi." in read, "<textarea" in read) == (True, False)
    assert client.get(at(initiative, "own_report_step", "ludzie")).content.decode().count("<p>0</p>") == 1
    assert client.get(at(initiative, "own_report_step", "nie-ma")).status_code == 404


@pytest.mark.parametrize("name", ["own_initiative", "own_spending", "own_hours", "own_report", "own_diary"])
def test_own_pages_ask_few_questions_however_much_there_is(initiative: Initiative, name: str, django_assert_max_num_queries: Any) -> None:
    ready(initiative)
    InitiativeReport.objects.update(handed_in_at=None)
    Initiative.objects.update(status="reporting")
    day = timezone.localdate()
    for number in range(7):
        line = initiative.budget.create(what=f"Pozycja {number}", grosze=100)
        running.spend(initiative, running.Spent(day, f"Farby {number}", 100, "1", line))
        running.note_work(initiative, done_on=day, people=1, minutes=60 + number, what="Praca")
    with django_assert_max_num_queries(16 if name == "own_initiative" else 8):
        answer = Client().get(at(initiative, name))
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]


# --- Stories ----------------------------------------------------------------------------------------------------------------


def story(**fields: Any) -> dict[str, Any]:
    return {
        "before": "Cisza.", "change": "Rozmowy.", "why": "Mam do kogo pójść.", "told_as": "sąsiad", "who": "Osoba Przykładna",
        "contact": "ktos@example.org", "agree": "on", "key": str(uuid.uuid4()), "website": "", **fields,
    }  # fmt: skip


def test_a_resident_tells_a_story_and_the_page_waits_for_the_team(initiative: Initiative) -> None:
    a_consent_text("story")
    page, key = reverse("story_tell", args=[initiative.slug]), str(uuid.uuid4())
    client = Client()
    assert "Zgoda story, wersja 1." in client.get(page).content.decode()
    for _twice in range(2):
        assert client.post(page, story(key=key)).headers["Location"] == reverse("story_thanks", args=[initiative.slug])
    told = ChangeStory.objects.get()
    assert (told.change, told.told_as, told.published_at) == ("Rozmowy.", "sąsiad", None)
    public = initiative.get_absolute_url()
    assert "Rozmowy." not in client.get(public).content.decode()
    ChangeStory.objects.update(published_at=timezone.now())
    assert "Rozmowy." in client.get(public).content.decode()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"agree": ""}, "agree"), ({"change": ""}, "change"), ({"contact": ""}, "contact"), ({"who": ""}, "who"),
        ({"website": "x"}, "__all__"), ({"before": "x" * 3001}, "before"),
    ],
)  # fmt: skip
def test_a_story_without_what_it_needs_is_not_taken(initiative: Initiative, fields: dict[str, str], field: str) -> None:
    a_consent_text("story")
    answer = Client().post(reverse("story_tell", args=[initiative.slug]), story(**fields))
    assert field in answer.context["form"].errors
    assert not ChangeStory.objects.exists()


def test_too_many_stories_from_one_address_are_braked(initiative: Initiative, monkeypatch: pytest.MonkeyPatch) -> None:
    caches["counters"].clear()
    monkeypatch.setattr("projects.views.stories.PER_VISITOR", 1)
    a_consent_text("story")
    page = reverse("story_tell", args=[initiative.slug])
    assert [Client().post(page, story()).status_code for _each in range(2)] == [302, 429]
    caches["counters"].clear()


@pytest.mark.parametrize(("status", "found"), [("idea", 404), ("accepted", 404), ("running", 200), ("finished", 200), ("withdrawn", 404)])
def test_stories_are_asked_for_where_something_can_have_changed(initiative: Initiative, status: str, found: int) -> None:
    Initiative.objects.update(status=status)
    for name in ("story_tell", "story_thanks"):
        assert Client().get(reverse(name, args=[initiative.slug])).status_code == found


# --- The public page --------------------------------------------------------------------------------------------------------


def test_the_public_page_shows_the_story_first_and_the_results(initiative: Initiative, django_assert_max_num_queries: Any) -> None:
    ready(initiative)
    InitiativeReport.objects.all().delete()
    Initiative.objects.update(status="reporting")
    reporting.write(initiative, {**WHOLE, "story": "Była zima, a my malowaliśmy."})
    reporting.hand_in(initiative)
    public = initiative.get_absolute_url()
    assert "malowaliśmy" not in Client().get(public).content.decode()
    reporting.publish_story(initiative)
    Initiative.objects.update(status="finished")
    for number in range(4):
        ChangeStory.objects.create(
            initiative=initiative, paper_reference="1", before="a", change=f"Zmiana {number}", why="c", published_at=timezone.now()
        )
    with django_assert_max_num_queries(12):
        shown = Client().get(public).content.decode()
    assert shown.index("malowaliśmy") < shown.index("Zmiana 0")
    assert 'id="results"' in shown

"""The panel's pages of what runs and what ends: receipts, hours, leaders, reports, stories, diaries."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from active_citizens.content.domain import diary
from active_citizens.core.pictures import take_in
from participants.models import AccessLog
from projects.domain import reporting, running, stories
from projects.models import ChangeStory, Expense, Initiative, InitiativeMember, InitiativeReport
from projects.models.outcomes import CHANNELS
from tests.makers import a_consent_text, a_person, a_picture, a_stranger, an_animator, an_initiative, today
from tests.panel.conftest import signed_in

WHOLE: dict[str, Any] = {"done": "Ławka.", "worked": "Sąsiedzi.", "failed": "Deszcz.", **dict.fromkeys(CHANNELS, 3)}


@pytest.fixture
def initiative(ugorek: Any) -> Initiative:
    made = an_initiative(ugorek, kind="mini_project", proposed_by=a_person())
    InitiativeMember.objects.create(initiative=made, person=made.proposed_by, role="leader")
    return made


def at(initiative: Initiative, name: str, *more: Any) -> str:
    return reverse(f"admin:projects_initiative_{name}", args=[initiative.pk, *more])


def test_the_team_writes_down_receipts_and_hours(panel: Any, initiative: Initiative) -> None:
    sent = {"paid_on": today().isoformat(), "what": "Farby", "grosze": "45", "receipt_number": "1", "key": str(uuid.uuid4())}
    assert panel.post(at(initiative, "running_spend"), {**sent, "picture": a_picture()}).status_code == 302
    expense = Expense.objects.get()
    shown = panel.get(at(initiative, "running_receipt", expense.pk))
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/webp")
    assert "no-store" in shown.headers["Cache-Control"]
    hours = {"done_on": today().isoformat(), "people": "2", "minutes": "3", "what": "Malowanie"}
    assert panel.post(at(initiative, "running_hours"), hours).status_code == 302
    page = panel.get(at(initiative, "running")).content.decode()
    assert "Farby" in page
    assert "Malowanie" in page
    right = at(initiative, "running_expense", expense.pk)
    assert right in page
    assert "Farby" in panel.get(right).content.decode()
    answer = panel.post(
        right, {"paid_on": today().isoformat(), "what": "Pędzle", "grosze": "9", "receipt_number": "FV 2", "key": str(uuid.uuid4())}
    )
    assert answer.status_code == 302
    assert panel.post(at(initiative, "running_work", initiative.volunteer_work.get().pk), {**hours, "people": "5"}).status_code == 302
    assert (Expense.objects.get().what, initiative.volunteer_work.get().people) == ("Pędzle", 5)
    assert panel.post(at(initiative, "running_expense_off", expense.pk)).status_code == 302
    assert panel.post(at(initiative, "running_hours_off", initiative.volunteer_work.get().pk)).status_code == 302
    assert not Expense.objects.exists()
    assert panel.get(at(initiative, "running_expense_off", 999)).status_code == 404


PAGES = ["running", "running_spend", "running_hours", "running_leader", "running_ask_again", "running_story"]


@pytest.mark.parametrize("name", PAGES)
def test_an_animator_from_elsewhere_finds_none_of_it(name: str, initiative: Initiative, azory: Any) -> None:
    elsewhere = signed_in(an_animator(azory))
    assert elsewhere.get(at(initiative, name)).status_code == 404
    expense = running.spend(initiative, running.Spent(today(), "Farby", 100, "1"), picture=take_in(a_picture()))
    assert elsewhere.get(at(initiative, "running_receipt", expense.pk)).status_code == 404


def test_the_page_asks_few_questions(panel: Any, initiative: Initiative, django_assert_max_num_queries: Any) -> None:
    def fill(number: int) -> None:
        for each in range(number):
            line = initiative.budget.create(what=f"Pozycja {each}", grosze=100)
            running.spend(initiative, running.Spent(today(), "Farby", 100, "1", line))
            running.note_work(initiative, done_on=today(), people=1 + each, minutes=60, what="Praca")

    fill(1)
    panel.get(at(initiative, "running"))
    fill(8)
    with django_assert_max_num_queries(12):
        panel.get(at(initiative, "running"))


def test_the_leader_changes_by_a_form_and_looks_are_logged(panel: Any, initiative: Initiative) -> None:
    heir, key = a_person(), initiative.own_key
    InitiativeMember.objects.create(initiative=initiative, person=heir, role="member")
    outsider = a_person()
    page = at(initiative, "running_leader")
    assert "errorlist" in panel.post(page, {"to": outsider.pk, "reason": "Tak."}).content.decode()
    before = AccessLog.objects.count()
    assert panel.post(page, {"to": heir.pk, "reason": "Przeprowadzka."}).status_code == 302
    assert AccessLog.objects.count() > before
    assert Initiative.objects.get(pk=initiative.pk).own_key != key
    assert "Przeprowadzka." in panel.get(at(initiative, "running")).content.decode()


def test_the_report_is_given_back_and_the_story_published(panel: Any, initiative: Initiative) -> None:
    Initiative.objects.update(status="reporting")
    assert panel.get(at(initiative, "running")).status_code == 200
    reporting.write(initiative, {**WHOLE, "story": "Malowaliśmy zimą."})
    reporting.hand_in(initiative)
    assert panel.post(at(initiative, "running_ask_again"), {"reason": "Brakuje rachunku."}).status_code == 302
    assert InitiativeReport.objects.get().asked_again == "Brakuje rachunku."
    assert panel.post(at(initiative, "running_story")).status_code == 200, "not handed in: the sentence is shown"
    reporting.hand_in(initiative)
    assert panel.post(at(initiative, "running_story")).status_code == 302
    assert InitiativeReport.objects.get().story_published_at


@pytest.mark.parametrize(("state", "listed"), [("overdue", [True, False]), ("to_read", [False, True])])
def test_the_list_shows_whose_report_is_late_and_whose_is_to_be_read(
    panel: Any, initiative: Initiative, ugorek: Any, state: str, listed: list[bool]
) -> None:
    Initiative.objects.update(status="reporting", ends_on=today() - timedelta(days=60), title="Spóźniona")
    other = an_initiative(ugorek, kind="mini_project", status="reporting", ends_on=today() - timedelta(days=60), title="Oddana")
    InitiativeReport.objects.create(initiative=other, done="Tak.", handed_in_at=timezone.now())
    shown = panel.get(reverse("admin:projects_initiative_changelist"), {"report": state}).content.decode()
    assert ["Spóźniona" in shown, "Oddana" in shown] == listed


def test_diaries_are_looked_at_shown_and_hidden(panel: Any, initiative: Initiative, azory: Any) -> None:
    entry = diary.write(initiative, "Malujemy.", on=today())
    listed = panel.get(reverse("admin:content_diaryentry_changelist"), {"state": "waiting"}).content.decode()
    assert "Malujemy." in listed
    assert panel.get(reverse("admin:content_diaryentry_change", args=[entry.pk])).status_code == 200
    panel.post(reverse("admin:content_diaryentry_show", args=[entry.pk]))
    assert diary.public_diary(initiative)["entries"] == [entry]
    panel.post(reverse("admin:content_diaryentry_hide", args=[entry.pk]))
    assert diary.public_diary(initiative)["entries"] == []
    write = reverse("admin:content_diaryentry_write", args=[initiative.pk])
    sent = {"on": today().isoformat(), "text": "Byliśmy.", "key": str(uuid.uuid4()), "picture_1": a_picture(), "alt_1": "My.",
            "people_1": "recognisable"}  # fmt: skip
    assert panel.post(write, sent).status_code == 200, "no paper named"
    assert panel.post(write, {**sent, "paper_reference_1": "karta 1", "picture_1": a_picture()}).status_code == 302
    assert [found.text for found in diary.public_diary(initiative)["entries"]] == ["Byliśmy."]
    elsewhere = signed_in(an_animator(azory))
    for name in ("change", "show", "hide"):
        assert elsewhere.get(reverse(f"admin:content_diaryentry_{name}", args=[entry.pk])).status_code == 404
    assert elsewhere.get(write).status_code == 404


def test_stories_are_published_withdrawn_and_entered_from_paper(panel: Any, initiative: Initiative, azory: Any) -> None:
    a_consent_text("story")
    story = stories.tell(initiative, stories.Told("a", "Znamy się.", "c"), a_stranger())
    assert "Znamy się." in panel.get(reverse("admin:projects_changestory_changelist"), {"state": "waiting"}).content.decode()
    for name, public in (("publish", True), ("withdraw", False)):
        assert panel.post(reverse(f"admin:projects_changestory_{name}", args=[story.pk])).status_code == 302
        assert ChangeStory.objects.published().exists() is public
    assert panel.post(reverse("admin:projects_changestory_publish", args=[story.pk])).status_code == 200, "withdrawn for good"
    write = reverse("admin:projects_changestory_write", args=[initiative.pk])
    paper = {"before": "a", "change": "b", "why": "c", "paper_reference": "karta 7"}
    assert panel.post(write, {**paper, "paper_reference": ""}).status_code == 200
    assert panel.post(write, paper).status_code == 302
    assert ChangeStory.objects.get(person=None).paper_reference == "karta 7"
    elsewhere = signed_in(an_animator(azory))
    assert elsewhere.get(write).status_code == 404
    for name in ("change", "publish", "withdraw"):
        assert elsewhere.get(reverse(f"admin:projects_changestory_{name}", args=[story.pk])).status_code == 404

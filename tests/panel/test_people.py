"""A person in the panel: the card, two records joined, the journal, and lists from files."""

import io
import re
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from active_citizens.core.sealed import seal
from events.admin.cards import card_of
from events.domain import access
from events.models import Registration, Seat
from events.visibility import visible_people
from participants.domain import consents, merging
from participants.models import AccessLog, Person, PersonMerge
from projects.domain import lists
from projects.models import InitiativeMember, ListImport
from tests.makers import (
    a_call,
    a_consent_text,
    a_coordinator,
    a_list,
    a_person,
    an_animator,
    an_event,
    an_initiative,
    an_officer,
    signed_up,
)
from tests.panel.conftest import fields_of, signed_in


def address(view: str, row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{view}", args=[row.pk])


# --- The card -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def anna(ugorek, azory):
    """Somebody with one of everything on Ugorek, and one of everything on Azory."""
    person = a_person(name="Anna Przykładna", phone="+48600000001", birth_year=1950)
    for text in ("image", "needs"):
        a_consent_text(text)
    consents.give(person, "image")
    for place, need in ((ugorek, "loop"), (azory, "quiet")):
        registration = signed_up(an_event(place, title=f"Spotkanie {place}"), person)
        access.ask(registration, [need], "", f"powód {place}", True)
        idea = an_initiative(place, title=f"Inicjatywa {place}")
        InitiativeMember.objects.create(initiative=idea, person=person)
        a_call(registration, "event_moved", of=place)
    return person


def told(person: Person, user: Any) -> dict[str, list[str]]:
    card = card_of(person, user)
    return {
        "sign-ups": sorted(str(registration.event) for registration in card.registrations),
        "to prepare": sorted(request.arrangements_shown for request in card.arrangements),
        "consents": sorted(consent.text.purpose for consent in card.consents),
        "calls": sorted(matter.event_title for matter in card.calls),
        "initiatives": sorted(map(str, card.initiatives)),
        "mails": sorted({mail.context["registration"] for mail in card.mails}),
    }


def test_each_animator_sees_of_a_person_what_is_theirs_and_the_office_all(anna, ugorek, azory):
    first, second = Registration.objects.order_by("pk")
    seen = {
        "Ugorek": told(anna, an_animator(ugorek)), "Azory": told(anna, an_animator(azory)), "office": told(anna, an_officer()),
    }  # fmt: skip

    assert seen["Ugorek"] == {
        "sign-ups": ["Spotkanie Ugorek"], "to prepare": ["pętla indukcyjna"], "consents": ["image"], "calls": ["Spotkanie Ugorek"],
        "initiatives": ["Inicjatywa Ugorek"], "mails": [first.pk],
    }  # fmt: skip
    assert seen["Azory"] == {
        "sign-ups": ["Spotkanie Azory"], "to prepare": ["ciche miejsce do odpoczynku"], "consents": ["image"], "calls": ["Spotkanie Azory"],
        "initiatives": ["Inicjatywa Azory"], "mails": [second.pk],
    }  # fmt: skip
    both = {key: sorted(seen["Ugorek"][key] + seen["Azory"][key]) for key in ("sign-ups", "to prepare", "calls", "initiatives", "mails")}
    assert {key: seen["office"][key] for key in both} == both
    assert seen["office"]["consents"] == ["image", "needs", "needs"]


def test_the_page_of_a_person_says_nothing_of_another_neighbourhood_nor_why_something_is_needed(panel, anna):
    page = panel.get(address("change", anna)).content.decode()
    assert "Spotkanie Ugorek" in page
    assert [word for word in ("Spotkanie Azory", "Inicjatywa Azory", "ciche miejsce", "powód", "1950") if word in page] == []


def test_attendance_stands_on_the_card(panel, anna):
    Seat.objects.filter(event__title="Spotkanie Ugorek").update(attendance="came")
    assert "(obecność)" in panel.get(address("change", anna)).content.decode()


def test_the_card_takes_as_many_queries_for_one_row_of_each_kind_as_for_many(anna, ugorek):
    animator = an_animator(ugorek)
    counts = []
    for _round in range(2):
        card_of(anna, animator)
        with CaptureQueriesContext(connection) as asked:
            card_of(anna, animator)
        counts.append(len(asked))
        for _number in range(10):
            registration = signed_up(an_event(ugorek), anna)
            access.ask(registration, ["loop"], "", "", False)
            a_call(registration, "event_moved", of=ugorek)
    assert counts[0] == counts[1]


# --- Joining ------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def two(ugorek):
    kept, gone = a_person(name="Anna Przykładna"), a_person(name="Anna Przykładna", email="", phone="+48600000001")
    for person in (kept, gone):
        signed_up(an_event(ugorek), person)
    return kept, gone


def test_the_likely_second_record_is_shown_before_anybody_searches(panel, two):
    page = panel.get(address("join", two[0]))
    assert page.context["found"] == [two[1]]


@pytest.mark.parametrize("words", ["Druga", "druga@example.org", "600 000 002"])
def test_the_other_record_is_found_by_name_by_email_and_by_phone(panel, two, ugorek, words):
    other = a_person(name="Druga Osoba", email="druga@example.org", phone="+48600000002")
    signed_up(an_event(ugorek), other)
    assert panel.get(address("join", two[0]), {"q": words}).context["found"] == [other]


def test_nobody_is_found_whom_one_may_not_see(panel, two, azory):
    other = a_person(name="Druga Osoba")
    signed_up(an_event(azory), other)
    assert panel.get(address("join", two[0]), {"q": "Druga"}).context["found"] == []
    assert panel.get(address("join", two[0]), {"other": other.pk}).status_code == 404


def test_two_records_are_seen_beside_each_other_and_joined_by_a_button(panel, two):
    kept, gone = two
    page = panel.get(address("join", kept), {"other": gone.pk})
    html = page.content.decode()
    assert "Przechodzi na kartę, która zostaje" in html
    assert not PersonMerge.objects.exists()

    answer = panel.post(address("join", kept), fields_of(html), follow=True)

    assert answer.redirect_chain[-1][0] == address("change", kept)
    assert PersonMerge.objects.get().gone == gone
    assert panel.get(address("change", gone)).status_code == 404
    assert AccessLog.objects.filter(action="read", subject="participants.person", subject_ids=sorted([kept.pk, gone.pk])).exists()


def test_whoever_swaps_the_records_sees_first_what_that_means(panel, two):
    kept, gone = two
    sent = fields_of(panel.get(address("join", kept), {"other": gone.pk}).content.decode())
    swapped = panel.post(address("join", kept), sent | {"keep": gone.pk})
    assert swapped.status_code == 200
    assert not PersonMerge.objects.exists()

    panel.post(address("join", kept), fields_of(swapped.content.decode()))
    assert PersonMerge.objects.get().kept == gone


def test_an_animator_reads_why_an_officer_has_to_join(panel, two, azory):
    signed_up(an_event(azory), two[1])
    page = panel.get(address("join", two[0]), {"other": two[1].pk}).content.decode()
    assert "Poproś o połączenie osobę z urzędu" in page
    sent = fields_of(page)
    assert panel.post(address("join", two[0]), sent).status_code == 409
    assert not PersonMerge.objects.exists()


def test_the_coordinator_undoes_a_joining_from_the_journal(two):
    joined = merging.merge(*two, actor=an_officer())
    desk = signed_in(a_coordinator())
    assert "Cofnij" in desk.get(address("change", joined)).content.decode()

    assert desk.post(address("undo", joined)).status_code == 302

    joined.refresh_from_db()
    assert joined.undone_at is not None
    assert "Cofnij" not in re.sub(r"<title>.*", "", desk.get(address("change", joined)).content.decode())


def test_the_office_reads_on_the_card_what_was_joined(two):
    merging.merge(*two, actor=an_officer())
    assert [joined.gone for joined in card_of(two[0], an_officer()).merges] == [two[1]]


# --- Lists from files ---------------------------------------------------------------------------------------------------------


def bring(panel: Client, ugorek: Any, content: str) -> ListImport:
    add = reverse("admin:projects_listimport_add")
    sent = fields_of(panel.get(add).content.decode()) | {
        "file": SimpleUploadedFile("lista.csv", content.encode()), "neighbourhood": ugorek.pk, "source": "lista obecności z zebrania",
    }  # fmt: skip
    answer = panel.post(add, sent)
    brought = ListImport.objects.get()
    assert answer.headers["Location"] == address("columns", brought)
    return brought


def test_a_list_is_brought_looked_through_taken_and_reported(panel, animator, ugorek):
    brought = bring(panel, ugorek, "imię i nazwisko;telefon\nJan Przykładny;601002003\nOla Przykładna;12\n")
    columns = panel.get(address("columns", brought))
    assert [columns.context["form"][f"column{number}"].initial for number in range(2)] == ["name", "phone"]
    answer = panel.post(address("columns", brought), {"heading": 1, "column0": "name", "column1": "phone"})
    assert answer.headers["Location"] == address("change", brought)
    assert [len(panel.get(address("change", brought), {"show": kind}).context["rows"]) for kind in ("good", "double", "error")] == [1, 0, 1]

    panel.post(address("change", brought), {"act": "take"})

    person = Person.objects.get(name="Jan Przykładny")
    assert person in visible_people(animator)
    assert "lista obecności z zebrania" in panel.get(address("change", person)).content.decode()
    report = panel.get(reverse("admin:projects_listimport_rest", args=[brought.pk, "xlsx"]))
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(report.streaming_content))).worksheets[0]
    assert [list(row) for row in sheet.iter_rows(values_only=True)] == [
        ["Wiersz w pliku", "Dlaczego nie przejęto", "imię i nazwisko", "telefon"],
        [3, "Numer telefonu ma za mało albo za dużo cyfr.", "Ola Przykładna", "12"],
    ]
    assert AccessLog.objects.filter(action="export", subject="projects.listimport", row_count=1).exists()


def test_the_report_as_csv_is_no_place_for_formulas(panel, animator, ugorek):
    brought = lists.upload(
        b"imi\xc4\x99 i nazwisko\nJan P\n=1+1\n", "x.csv", ugorek, source="x", key="7d1e1f34-0000-4000-8000-000000000000", actor=animator
    )
    lists.take(brought, Person.objects.all(), actor=animator)
    report = panel.get(reverse("admin:projects_listimport_rest", args=[brought.pk, "csv"]))
    assert "'=1+1" in b"".join(report.streaming_content).decode("utf-8-sig")


def test_a_file_that_cannot_be_read_says_why_at_its_field(panel, ugorek):
    add = reverse("admin:projects_listimport_add")
    sent = fields_of(panel.get(add).content.decode()) | {
        "file": SimpleUploadedFile("lista.xlsx", b"PK\x03\x04zepsuty"), "neighbourhood": ugorek.pk, "source": "x",
    }  # fmt: skip
    form = panel.post(add, sent).context["form"]
    assert list(form.errors) == ["file"]
    assert not ListImport.objects.exists()


def test_choices_are_kept_from_page_to_page_of_the_doubles(panel, animator, ugorek):
    signed_up(an_event(ugorek), a_person(name="Jan P", phone="+48601002003"))
    brought = a_list(ugorek, [f"Osoba {chr(97 + number // 26)}{chr(97 + number % 26)};601002003;;" for number in range(60)], actor=animator)
    for page, row in ((1, 3), (2, 55)):
        html = panel.get(address("change", brought), {"show": "double", "page": page}).content.decode()
        shown = re.findall(r'name="shown" value="(\d+)"', html)
        panel.post(f"{address('change', brought)}?show=double&page={page}", {"act": "choose", "shown": shown, "chosen": [row]})
    brought.refresh_from_db()
    assert brought.chosen == [3, 55]
    known = Person.objects.get(name="Jan P")
    assert AccessLog.objects.filter(action="read", subject="participants.person", subject_ids=[known.pk]).exists()


def test_a_list_of_another_neighbourhood_is_not_found(panel, azory):
    brought = a_list(azory, ["Jan P;;;"], actor=an_animator(azory))
    assert panel.get(address("change", brought)).status_code == 404
    assert panel.post(address("change", brought), {"act": "take"}).status_code == 404
    assert Person.objects.count() == 0


def test_somebody_of_a_list_is_seen_by_the_team_of_that_neighbourhood_only(ugorek, azory):
    animator = an_animator(ugorek)
    lists.take(a_list(ugorek, ["Jan P;;;"], actor=animator), Person.objects.all(), actor=animator)
    assert visible_people(animator).count() == 1
    assert visible_people(an_animator(azory)).count() == 0


@pytest.mark.parametrize("show", ["good", "error"])
def test_a_page_of_rows_takes_as_many_queries_whatever_their_number(panel, animator, ugorek, show):
    counts = []
    for rows in (1, 30):
        brought = a_list(ugorek, [f"Osoba a{chr(97 + number)};{'' if show == 'good' else '1'};;" for number in range(rows)], actor=animator)
        panel.get(address("change", brought))
        with CaptureQueriesContext(connection) as asked:
            panel.get(address("change", brought), {"show": show})
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_list_of_lists_reads_no_sealed_rows_and_takes_as_many_queries_for_thirty(panel, animator, ugorek):
    counts = []
    for number in (1, 29):
        ListImport.objects.bulk_create(
            ListImport(neighbourhood=ugorek, source="x", file_name="x.csv", uploaded_by=animator, sealed=seal("[]"))
            for _one in range(number)
        )
        panel.get(reverse("admin:projects_listimport_changelist"))
        with CaptureQueriesContext(connection) as asked:
            panel.get(reverse("admin:projects_listimport_changelist"))
        counts.append(len(asked))
        assert not any('"sealed"' in query["sql"] for query in asked)
    assert counts[0] == counts[1]

"""Papers to hang and to sign: each opens, is tagged, speaks its language, stays on its pages and says what the pages say."""

import re
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from events.domain import plans
from events.models import Event, EventLeader
from events.papers import attendance
from events.papers.frame import Paper, cut, dress
from events.papers.kinds import KINDS
from events.papers.month import month
from projects.models import Venue
from tests import poppler
from tests.makers import a_neighbourhood, a_person, a_venue, an_event, signed_up, the_project, warsaw

pytestmark = pytest.mark.django_db

LANGUAGES = [code for code, _name in settings.LANGUAGES]
JUNE = date(2091, 6, 1)
LONG = (
    "Międzypokoleniowe współzagospodarowywanie przestrzeni międzyblokowych i źródeł śródosiedlowej żółci, "
    "czyli święto wszystkich podwórek, klatek i ogródków na osiedlu"
)


def the_club() -> Venue:
    found = Venue.objects.filter(name="Klub Świetlik").first()
    return found or a_venue(name="Klub Świetlik", address="ul. Źródlana 7", directions="Z przystanku prosto.", hearing_loop=True)


def the_workshop(**fields: Any) -> Event:
    """A workshop on Ugorek on Saturday, 2 June 2091, 11 to 14."""
    project = the_project()
    project.funder, project.controller = "Gmina Przykładowa", "Prezydent Miasta Przykładowego"
    project.save()
    ugorek = a_neighbourhood("Ugorek", name_locative="Ugorku")
    values = {
        "project": project,
        "title": "Warsztat: żółte ławki i źdźbła",
        "title_en": "Workshop: yellow benches",
        "title_uk": "Майстерня: жовті лавки",
        "starts_at": warsaw("2091-06-02 11:00"),
        "ends_at": warsaw("2091-06-02 14:00"),
        "venue": fields.get("venue") or the_club(),
    }
    return an_event(ugorek, **{**values, **fields})


def the_longest() -> Event:
    """An event whose every text is as long as its field allows."""
    venue = a_venue(
        name="Ż" * 30 + " klub" * 34, address="ul. Bardzo Długa " * 17, directions="Prosto i w lewo. " * 60, access_note="Próg. " * 99
    )
    return the_workshop(
        title=LONG[:160],
        summary="Słowo " * 66,
        venue=venue,
        access_contact="kontakt " * 24,
        access_note="Uwaga! " * 90,
        ends_at=warsaw("2091-06-05 14:00"),
    )


def every_paper(event: Event, language: str) -> dict[str, Paper]:
    place = event.neighbourhoods.first()
    return {
        **{name: kind.make(event, language) for name, kind in KINDS.items()},
        "month": month(place, JUNE, language),
        "large month": month(place, JUNE, language, large=True),
        "attendance": attendance.attendance_list(event, attendance.confirmed(event), language),
    }


# --- All of them ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_paper_opens_is_tagged_and_says_its_title_and_language(language: str) -> None:
    event = the_workshop()
    signed_up(event, a_person(name="Łucja Ćwik"))
    for name, paper in every_paper(event, language).items():
        made = paper.file()
        said = poppler.info(made)
        assert (said["Tagged"], poppler.language(made), said["Title"]) == ("yes", language, paper.title), name
        assert all(embedded and font.startswith("Podworko") for font, embedded in poppler.fonts(made)), name
        assert poppler.beyond_the_page(made) == [], name
        assert said["Page size"].startswith(("595.276 x 841.89", "841.89 x 595.276")), name


def test_polish_letters_come_out_as_they_went_in() -> None:
    event = the_workshop()
    for name, paper in every_paper(event, "pl").items():
        text = poppler.text(paper.file())
        assert "Warsztat: żółte ławki i źdźbła" in text, name
        assert "Klub Świetlik" in text, name
        assert "ul. Źródlana 7" in text, name


@pytest.mark.parametrize(
    ("language", "title", "day"), [("en", "Workshop: yellow benches", "Saturday"), ("uk", "Майстерня: жовті лавки", "субота")]
)
def test_a_paper_speaks_the_language_asked_for(language: str, title: str, day: str) -> None:
    text = poppler.text(KINDS["plakat"].make(the_workshop(), language).file())
    assert title in text
    assert day in text


def test_the_longest_texts_stay_on_their_pages() -> None:
    event = the_longest()
    pages = {}
    for name, paper in every_paper(event, "pl").items():
        made = paper.file()
        assert poppler.beyond_the_page(made) == [], name
        pages[name] = int(poppler.info(made)["Pages"])
    assert (pages["plakat"], pages["ogloszenie"], pages["attendance"]) == (1, 1, 1)


def test_a_title_of_one_word_as_long_as_can_be_is_cut_nowhere() -> None:
    event = the_workshop(title="Ż" * 160)
    for name, paper in every_paper(event, "pl").items():
        made = paper.file()
        assert poppler.beyond_the_page(made) == [], name
        assert "Ż" * 160 in poppler.text(made).replace(" ", ""), name


def test_what_looks_like_a_program_is_printed() -> None:
    event = the_workshop(title="#panic() *a* _b_ @c $d$ \\ `e`", summary='#eval("1") 🎉 [x]')
    for name, paper in every_paper(event, "pl").items():
        assert "#panic() *a* _b_ @c $d$ \\ `e`" in poppler.text(paper.file()), name


def test_the_same_event_gives_the_same_file_and_a_change_another() -> None:
    event = the_workshop()
    before = KINDS["plakat"].make(event, "pl")
    again = KINDS["plakat"].make(Event.objects.get(pk=event.pk), "pl")
    assert (again.mark, again.file()) == (before.mark, before.file())
    event.title = "Inny tytuł"
    assert KINDS["plakat"].make(event, "pl").mark != before.mark


# --- Of one event -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_paper_says_when_where_how_to_get_in_how_to_join_and_whom_to_ring(kind: str) -> None:
    event = the_workshop()
    text = poppler.text(KINDS[kind].make(event, "pl").file())
    for said in (
        "11:00–14:00", "Klub Świetlik", "ul. Źródlana 7", "pętla indukcyjna", "Z przystanku prosto.", "Spotkanie sąsiedzkie.",
        "Zapisy na portalu albo przez telefon.", "Udział bezpłatny.", "12 000 00 00", "pn.–pt. 9–15", f"/w/{event.pk}", "Bieżący projekt",
        "Finansowanie: Gmina Przykładowa", "Ugorek",
    ):  # fmt: skip
        assert said in text, said
    assert re.search(r"sobota,? 2 czerwca 2091", text)
    assert text.index("Ugorek") < text.index("Warsztat:") < text.index("sobota") < text.index("11:00–14:00") < text.index("Klub Świetlik")


def test_the_code_says_in_words_where_it_leads() -> None:
    event = the_workshop()
    paper = KINDS["plakat"].make(event, "pl")
    address = f"{settings.SITE_URL.partition('//')[2]}/w/{event.pk}"
    assert paper.data["link"]["alt"] == f"Kod QR prowadzi do {address}"
    made = paper.file()
    assert f"/Alt(Kod QR prowadzi do {address})".encode() in made
    assert poppler.structure(made).count("Figure") == 1


@pytest.mark.parametrize(
    ("sign_up", "said"),
    [
        (Event.SignUp.NONE, "Dla wszystkich, bez zapisów. Wystarczy przyjść."),
        (Event.SignUp.OPEN, "Zapisy na portalu albo przez telefon."),
        (Event.SignUp.INVITED, "Na zaproszenie."),
    ],
)
def test_a_poster_says_whether_one_signs_up(sign_up: str, said: str) -> None:
    assert said in poppler.text(KINDS["plakat"].make(the_workshop(sign_up=sign_up), "pl").file())


def test_an_entrance_nobody_has_checked_is_said_to_be_so() -> None:
    event = the_workshop(venue=a_venue(step_free=Venue.StepFree.UNKNOWN))
    assert "Wejście: nie sprawdzono" in poppler.text(KINDS["plakat"].make(event, "pl").file())


@pytest.mark.parametrize("kind", KINDS)
def test_a_cancelled_event_says_so_in_large_type_and_asks_nobody_to_sign_up(kind: str) -> None:
    event = the_workshop()
    plans.cancel_event(event, "Zapowiadają burzę.", actor=None)
    event.refresh_from_db()
    paper = KINDS[kind].make(event, "pl")
    text = poppler.text(paper.file())
    assert text.index("Odwołane") < text.index("Warsztat")
    assert "Zapowiadają burzę." in text
    assert "Zapisy na portalu" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_a_moved_event_says_when_it_was_to_be(kind: str) -> None:
    event = the_workshop()
    new = warsaw("2091-06-09 12:00")
    plans.reschedule_event(event, starts_at=new, ends_at=new + timedelta(hours=3), venue=event.venue, reason="Burza.", actor=None)
    event.refresh_from_db()
    text = poppler.text(KINDS[kind].make(event, "pl").file())
    assert text.index("Nowy termin") < text.index("Warsztat")
    assert "sobota, 2 czerwca 2091" in text
    assert "12:00–15:00" in text


def test_an_event_at_a_new_place_says_the_old_one() -> None:
    event = the_workshop()
    plans.reschedule_event(
        event, starts_at=event.starts_at, ends_at=event.ends_at, venue=a_venue(name="Dom kultury"), reason="Remont.", actor=None
    )
    event.refresh_from_db()
    text = poppler.text(KINDS["plakat"].make(event, "pl").file())
    assert text.index("Nowe miejsce") < text.index("Miało być: Klub Świetlik, ul. Źródlana 7")


def test_the_stairwell_notice_is_read_once_and_printed_twice() -> None:
    made = KINDS["ogloszenie"].make(the_workshop(), "pl").file()
    assert poppler.text(made).count("Klub Świetlik") == 2
    assert poppler.structure(made).count("Klub Świetlik") == 1
    assert "tu przetnij" in poppler.text(made)


def test_large_print_has_no_letters_under_eighteen_points() -> None:
    event = the_workshop()
    place = event.neighbourhoods.get()
    for paper in (KINDS["plakat-duzy-druk"].make(event, "pl"), month(place, JUNE, "pl", large=True)):
        assert min(poppler.letter_heights(paper.file())) >= 18, paper.template


def test_an_estate_without_a_drawing_wears_the_common_one_and_several_none() -> None:
    assert dress("ugorek") == {"tone": "green", "emblem": "ugorek"}
    assert dress("prokocim")["emblem"] == "estate"
    assert dress("") == {"tone": "ink", "emblem": ""}


def test_a_long_text_ends_with_a_whole_word() -> None:
    assert cut("Ala ma kota i psa", 13) == "Ala ma kota…"
    assert cut("x" * 20, 10) == "x" * 9 + "…"
    assert cut("tel. 12 000 00 00", 50) == "tel.\u00a012\u00a0000\u00a000\u00a000"


# --- The month --------------------------------------------------------------------------------------------------------


def test_a_month_lists_what_is_published_there_in_order_and_nothing_else() -> None:
    event = the_workshop()
    ugorek = event.neighbourhoods.get()
    an_event(ugorek, title="Wcześniejszy spacer", starts_at=warsaw("2091-06-01 00:30"))
    an_event(ugorek, title="Ostatni piknik", starts_at=warsaw("2091-06-30 23:30"))
    an_event(ugorek, title="Lipcowe", starts_at=warsaw("2091-07-01 00:00"))
    an_event(ugorek, title="Szkic", starts_at=warsaw("2091-06-10 10:00"), status=Event.Status.DRAFT)
    an_event(a_neighbourhood("Azory"), title="Gdzie indziej", starts_at=warsaw("2091-06-10 10:00"))
    text = poppler.text(month(ugorek, JUNE, "pl").file())
    assert re.findall(r"Wcześniejszy|Warsztat|Ostatni|Lipcowe|Szkic|indziej", text) == [
        "Wcześniejszy",
        "Warsztat",
        "Ostatni",
    ]
    assert text.startswith("Czerwiec na Ugorku 2091")


@pytest.mark.parametrize(("language", "heading"), [("pl", "Czerwiec na Ugorku"), ("en", "June in Ugorek"), ("uk", "Червень – Ugorek")])
def test_a_month_is_named_as_the_language_does(language: str, heading: str) -> None:
    assert heading in poppler.text(month(a_neighbourhood("Ugorek", name_locative="Ugorku"), JUNE, language).file())


def test_an_empty_month_says_so() -> None:
    the_project()
    text = poppler.text(month(a_neighbourhood("Ugorek"), JUNE, "pl").file())
    assert "Na ten miesiąc nic jeszcze nie zaplanowano." in text
    assert "12 000 00 00" in text


def test_a_full_month_goes_on_over_numbered_pages() -> None:
    ugorek = a_neighbourhood("Ugorek")
    venue = a_venue()
    for number in range(40):
        an_event(ugorek, venue=venue, title=f"Spotkanie {number}", starts_at=warsaw("2091-06-01 08:00") + timedelta(hours=17 * number))
    made = month(ugorek, JUNE, "pl").file()
    pages = poppler.pages(made)
    assert len(pages) > 2
    assert [f"strona {number} z {len(pages)}" in page for number, page in enumerate(pages, start=1)] == [True] * len(pages)
    assert sum(page.count("Spotkanie ") for page in pages) == 40
    assert poppler.beyond_the_page(made) == []
    assert len(made) < 200_000


def test_a_month_marks_what_is_called_off_and_what_has_a_new_date() -> None:
    off, moved = the_workshop(title="Piknik"), the_workshop(title="Spacer")
    plans.cancel_event(off, "Burza.", actor=None)
    new = warsaw("2091-06-09 12:00")
    plans.reschedule_event(moved, starts_at=new, ends_at=new + timedelta(hours=1), venue=moved.venue, reason="Burza.", actor=None)
    text = poppler.text(month(off.neighbourhoods.get(), JUNE, "pl").file())
    assert "Odwołane Piknik" in text
    assert "Nowy termin Spacer" in text


def test_a_month_asks_the_same_questions_for_one_event_and_for_thirty(django_assert_num_queries: Any) -> None:
    ugorek, venue = a_neighbourhood("Ugorek"), a_venue()
    the_project()
    an_event(ugorek, venue=venue, starts_at=warsaw("2091-06-02 10:00"))
    with django_assert_num_queries(3):
        month(ugorek, JUNE, "pl")
    for number in range(29):
        an_event(ugorek, venue=venue, starts_at=warsaw("2091-06-03 10:00") + timedelta(hours=number))
    with django_assert_num_queries(3):
        month(ugorek, JUNE, "pl")


# --- The attendance list ----------------------------------------------------------------------------------------------


def the_list(event: Event, names: int = 0) -> Paper:
    seats = [type("Seat", (), {"name": f"Łucja Ćwik {number}"}) for number in range(1, names + 1)]
    return attendance.attendance_list(event, seats, "pl")


def test_the_list_names_the_event_and_who_leads_and_nothing_about_anybody() -> None:
    event = the_workshop()
    EventLeader.objects.create(event=event, name="Ewa Prowadząca")
    EventLeader.objects.create(event=event, name="Jan Pomocny", role=EventLeader.Role.ASSISTS)
    signed_up(event, a_person(name="Łucja Ćwik", phone="+48600100200", email="lucja@example.org"))
    text = poppler.text(attendance.attendance_list(event, attendance.confirmed(event), "pl").file())
    for said in ("Lista obecności", "Bieżący projekt", "Warsztat", "11:00–14:00", "Klub Świetlik", "Ewa Prowadząca", "Lp.", "Podpis",
                 "Łucja Ćwik", "strona 1 z 1", "Prezydent Miasta Przykładowego", "/prywatnosc"):  # fmt: skip
        assert said in text, said
    assert [said for said in ("600", "lucja@", "Pomocny") if said in text] == []


def test_three_hundred_people_get_a_header_and_a_number_on_every_page() -> None:
    made = the_list(the_workshop(), 300).file()
    pages = poppler.pages(made)
    for number, page in enumerate(pages, start=1):
        assert "Warsztat: żółte ławki i źdźbła" in page
        assert "Imię i nazwisko Podpis" in page
        assert page.endswith(f"strona {number} z {len(pages)}")
    assert sum(page.count("Łucja Ćwik ") for page in pages) == 300
    assert poppler.beyond_the_page(made) == []


@pytest.mark.parametrize("names", [0, 1, 11, 12, 13, 35, 36, 37])
def test_there_are_ten_empty_rows_or_more_and_the_last_page_is_full(names: int) -> None:
    made = the_list(the_workshop(), names).file()
    last_row = max(int(number) for number in re.findall(r'^\s*"(\d+)"$', poppler.structure(made), re.MULTILINE))
    assert last_row - names >= 10
    one_more = the_list(the_workshop(), last_row - 10 + 1).file()
    assert len(poppler.pages(one_more)) == len(poppler.pages(made)) + 1


def test_rows_are_ten_millimetres_high() -> None:
    made = the_list(the_workshop(), 3).file()
    tops = [box[1] for box in poppler.boxes(made, "Ćwik")]
    assert [round((after - before) / 72 * 25.4, 1) for before, after in pairwise(tops)] == [10.0, 10.0]


def test_a_very_long_name_keeps_to_its_row() -> None:
    event = the_workshop()
    signed_up(event, a_person(name="Maksymilian Hieronim " * 7))
    signed_up(event, a_person(name="Ć" * 150))
    made = attendance.attendance_list(event, attendance.confirmed(event), "pl").file()
    assert poppler.beyond_the_page(made) == []
    assert len(poppler.pages(made)) == 1


def test_heads_of_columns_are_heads_to_a_screen_reader() -> None:
    tree = poppler.structure(the_list(the_workshop(), 1).file())
    assert tree.count("/Scope /Column") >= 3


# --- At their addresses -------------------------------------------------------------------------------------------------


def test_the_short_address_leads_to_the_event_for_good(client: Client) -> None:
    event = the_workshop()
    answer = client.get(f"/w/{event.pk}/")
    assert (answer.status_code, answer["Location"]) == (301, f"/wydarzenia/{event.slug}/")
    assert client.get(f"/w/{event.pk}/?lang=uk")["Location"] == f"/uk/wydarzenia/{event.slug}/"
    assert client.get(f"/w/{event.pk}/?lang=xx")["Location"] == f"/wydarzenia/{event.slug}/"


def test_the_short_address_of_a_draft_of_nothing_and_of_too_much_is_not_found(client: Client) -> None:
    draft = the_workshop(status=Event.Status.DRAFT)
    for number in (draft.pk, 0, 10**30):
        assert client.get(f"/w/{number}/").status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_anybody_may_have_a_poster(client: Client, kind: str) -> None:
    event = the_workshop()
    answer = client.get(reverse("event_paper", args=[event.slug, kind]) + "?lang=uk")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert poppler.language(answer.content) == "uk"
    assert len(answer.content) < 100_000
    assert (
        client.get(reverse("event_paper", args=[event.slug, kind]) + "?lang=uk", headers={"If-None-Match": answer["ETag"]}).status_code
        == 304
    )


def test_the_file_is_named_by_its_title(client: Client) -> None:
    event = the_workshop()
    answer = client.get(reverse("event_paper", args=[event.slug, "plakat"]))
    assert answer["Content-Disposition"] == 'inline; filename="plakat-warsztat-zolte-lawki-i-zdzba.pdf"'.replace("zdzba", "zdzbla")


def test_a_poster_of_a_draft_is_not_found(client: Client) -> None:
    draft = the_workshop(status=Event.Status.DRAFT)
    assert client.get(reverse("event_paper", args=[draft.slug, "plakat"])).status_code == 404


def test_the_same_poster_is_set_once_however_often_it_is_asked_for(client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    kept = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "papers"}
    settings.CACHES = {**settings.CACHES, "pages": kept}
    event = the_workshop()
    made: list[str] = []
    monkeypatch.setattr(Paper, "file", lambda paper: made.append(paper.title) or b"%PDF")
    for number in range(5):
        client.get(reverse("event_paper", args=[event.slug, "plakat"]) + f"?x={number}")
    assert len(made) == 1


def test_anybody_may_have_the_month(client: Client) -> None:
    event = the_workshop()
    answer = client.get(f"/osiedla/{event.neighbourhoods.get().slug}/wydarzenia-2091-06.pdf")
    assert answer.status_code == 200
    assert "Czerwiec na Ugorku" in poppler.text(answer.content)
    assert client.get("/osiedla/ugorek/wydarzenia-duzy-druk-2091-06.pdf").status_code == 200


@pytest.mark.parametrize(
    "address", ["nie-ma/wydarzenia-2091-06", "ugorek/wydarzenia-2091-13", "ugorek/wydarzenia-0000-01", "ugorek/inne-2091-06"]
)
def test_months_that_cannot_be_are_not_found(client: Client, address: str) -> None:
    a_neighbourhood("Ugorek")
    assert client.get(f"/osiedla/{address}.pdf").status_code == 404


def test_pages_lead_to_their_papers(client: Client) -> None:
    event = the_workshop()
    page = client.get(event.get_absolute_url()).content.decode()
    assert reverse("event_paper", args=[event.slug, "plakat"]) in page
    assert "Plakat do wywieszenia (PDF, do 100 kB)" in page
    place = client.get(event.neighbourhoods.get().get_absolute_url()).content.decode()
    assert re.search(r"/osiedla/ugorek/wydarzenia-\d{4}-\d\d\.pdf", place)

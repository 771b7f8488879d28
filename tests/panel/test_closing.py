"""The closing card, the image library and the news in the panel: as the browser sends them."""

import re
from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from active_citizens.content.domain import photos
from active_citizens.content.models import News, Photo
from active_citizens.core.pictures import take_in
from events.domain import closing
from events.models import Agreement, EventClosing
from participants.domain import consents
from participants.models import AccessLog
from tests import makers
from tests.makers import a_closing, a_photo, a_picture, an_event, some_news
from tests.panel.conftest import signed_in


@pytest.fixture
def event(ugorek):
    return an_event(ugorek, in_days=-2, title="Sadzenie krzewów")


def card(event):
    return f"{root()}/events/event/{event.pk}/close/"


def root():

    return reverse("admin:index").rstrip("/")


def queries(client, address):
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


def text_of(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


# --- The card -----------------------------------------------------------------------------------------------------------


def test_an_empty_card_closes_the_event(panel, event, animator):
    assert 'name="heads"' in text_of(panel.get(card(event)))
    assert not EventClosing.objects.exists(), "looking writes nothing"
    assert panel.post(card(event), {}).status_code == 302
    said = EventClosing.objects.get()
    assert (said.event, said.heads, said.closed_by) == (event, None, animator)


def test_everything_of_the_card_is_kept_and_shown_again(panel, event, animator):
    sent = {
        "heads": "42", "volunteer_minutes": "7,5", "cost_grosze": "1 234,50", "what_happened": "Posadziliśmy krzewy.",
        "is_story_public": "on", "agreed": "Stanie ławka.", "owner": animator.pk, "follow_up_on": "2026-12-05",
        "first-picture": a_picture(), "first-alt": "Sąsiedzi z łopatami.", "first-people": "crowd",
    }  # fmt: skip
    assert panel.post(card(event), sent).status_code == 302
    said = EventClosing.objects.get()
    assert (said.heads, said.volunteer_minutes, said.cost_grosze, said.is_story_public) == (42, 450, 123_450, True)
    assert Agreement.objects.get().owner == animator
    [photo] = closing.shown_photos(said)
    assert (photo.alt_pl, list(photo.neighbourhoods.all()), photo.added_by) == (
        "Sąsiedzi z łopatami.",
        list(event.neighbourhoods.all()),
        animator,
    )
    page = text_of(panel.get(card(event)))
    for shown in ('value="42"', 'value="7,5"', 'value="1234,5"', "Posadziliśmy krzewy.", "Stanie ławka.", 'value="2026-12-05"'):
        assert shown in page
    assert re.search(rf'name="photos" value="{photo.pk}" checked', page)


def test_good_photos_and_typed_text_stay_when_another_photo_is_refused(panel, event):
    sent = {
        "heads": "42", "what_happened": "Posadziliśmy krzewy.",
        "first-picture": a_picture(), "first-alt": "Dobre zdjęcie.", "first-people": "none",
        "second-picture": a_picture(name="wirus.jpg", size=(1, 1)), "second-alt": "",
    }  # fmt: skip
    page = text_of(panel.post(card(event), sent))
    photo = Photo.objects.get()
    assert not EventClosing.objects.exists()
    assert "Posadziliśmy krzewy." in page
    assert re.search(rf'name="photos" value="{photo.pk}" checked', page)
    assert panel.post(card(event), {"heads": "42", "photos": [photo.pk]}).status_code == 302
    assert closing.shown_photos(EventClosing.objects.get()) == [photo]
    assert Photo.objects.count() == 1


def test_a_card_sent_twice_brings_each_photo_once(panel, event):
    for _time in range(2):
        sent = {"first-picture": a_picture(), "first-alt": "Sąsiedzi.", "first-people": "crowd"}
        assert panel.post(card(event), sent).status_code == 302
    assert closing.shown_photos(EventClosing.objects.get()) == [Photo.objects.get()]


def test_a_page_that_did_not_show_a_photo_takes_none_off(panel, event):
    colours = {"Pierwsze.": "red", "Drugie.": "blue"}
    for alt, colour in colours.items():
        sent = {"first-picture": a_picture(colour=colour), "first-alt": alt, "first-people": "crowd"}
        assert panel.post(card(event), sent).status_code == 302, "both come from a page that listed no photos"
    first, second = closing.shown_photos(EventClosing.objects.get())
    assert [first.alt_pl, second.alt_pl] == list(colours)
    assert re.findall(r'name="listed" value="(\d+)"', text_of(panel.get(card(event)))) == [str(first.pk), str(second.pk)]
    assert panel.post(card(event), {"listed": [first.pk, second.pk, "x"], "photos": [second.pk]}).status_code == 302
    assert closing.shown_photos(EventClosing.objects.get()) == [second]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"heads": "-1"}, "heads"),
        ({"heads": "tłum"}, "heads"),
        ({"volunteer_minutes": "siedem"}, "volunteer_minutes"),
        ({"cost_grosze": "-3"}, "cost_grosze"),
        ({"cost_grosze": "NaN"}, "cost_grosze"),
        ({"agreed": "Stanie ławka."}, "owner"),
        ({"owner_name": "Zarząd Dróg"}, "agreed"),
        ({"agreed": "Stanie ławka.", "owner_name": "Zarząd Dróg"}, "follow_up_on"),
        ({"first-alt": "Opis bez pliku."}, "first-picture"),
        ({"first-picture": "file", "first-alt": "Portret.", "first-people": "recognisable"}, "first-paper_reference"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(panel, event, sent, field):
    sent = {name: a_picture() if value == "file" else value for name, value in sent.items()}
    page = text_of(panel.post(card(event), sent))
    part = page[: page.index(f'name="{field}"')].rpartition('<div class="panel-field')[2]
    assert "errorlist" in part
    assert not EventClosing.objects.exists()
    assert not Agreement.objects.exists()


def test_an_event_that_is_not_over_or_was_called_off_says_so(panel, ugorek):
    coming = an_event(ugorek)
    called_off = an_event(ugorek, in_days=-2, status="cancelled", cancelled_at=timezone.now(), cancel_reason="Ulewa")
    for event in (coming, called_off):
        assert 'name="heads"' not in text_of(panel.get(card(event)))
        panel.post(card(event), {"heads": "3"})
    assert not EventClosing.objects.exists()


def test_photos_of_other_neighbourhoods_cannot_be_attached(panel, event, azory):
    foreign = a_photo(azory)
    assert panel.post(card(event), {"photos": [foreign.pk, "9" * 30, "x"]}).status_code == 200
    assert not EventClosing.objects.exists()


def test_news_is_made_with_a_button_and_get_makes_nothing(panel, event):
    a_closing(event, what_happened="Posadziliśmy krzewy.")
    panel.get(f"{card(event)}news/")
    assert not News.objects.exists()
    response = panel.post(f"{card(event)}news/")
    news = News.objects.get()
    assert response["Location"].endswith(f"/content/news/{news.pk}/change/")
    panel.post(f"{card(event)}news/")
    assert News.objects.count() == 1


def test_the_agreement_is_noted_as_followed_up(panel, event, animator):
    arrangement = closing.Arrangement({"agreed": "Stanie ławka."}, owner_name="Zarząd Dróg", follow_up_on=date(2026, 12, 5))
    closing.close(event, closing.Account(), arrangement=arrangement)
    panel.get(f"{card(event)}follow-up-done/")
    assert Agreement.objects.open().count() == 1
    panel.post(f"{card(event)}follow-up-done/")
    assert Agreement.objects.get().done_by == animator
    assert "Zarząd Dróg" in text_of(panel.get(card(event)))


def test_the_card_asks_as_often_with_ten_photos_as_with_one(panel, event):
    a_closing(event, pictures=[a_photo()])
    panel.get(card(event))
    one = queries(panel, card(event))
    a_closing(event, pictures=[a_photo() for _number in range(10)])
    assert queries(panel, card(event)) == one


# --- The library --------------------------------------------------------------------------------------------------------


def library(path=""):
    return f"{root()}/content/photo/{path}"


def photo_form(**fields):
    return {
        "alt_pl": "Sąsiedzi.", "people": "none", "persons-TOTAL_FORMS": "1", "persons-INITIAL_FORMS": "0", "persons-0-contact": "",
        "persons-0-paper_reference": "", "persons-0-guardian_note": "", **fields,
    }  # fmt: skip


def test_a_photo_comes_in_through_the_form(panel, ugorek):
    assert panel.post(library("add/"), photo_form(picture=a_picture(), neighbourhoods=[ugorek.pk])).status_code == 302
    photo = Photo.objects.get()
    assert (photo.width, photo.alt_pl) == (60, "Sąsiedzi.")
    page = text_of(panel.get(library(f"{photo.pk}/change/")))
    assert 'type="file"' not in page
    assert panel.post(library(f"{photo.pk}/change/"), photo_form(alt_pl="Inne.", neighbourhoods=[ugorek.pk])).status_code == 302
    photo.refresh_from_db()
    assert photo.alt_pl == "Inne."


def test_a_photo_without_words_a_picture_or_consent_is_refused(panel, ugorek):
    good = {"picture": a_picture(), "neighbourhoods": [ugorek.pk]}
    for wrong in ({"alt_pl": ""}, {"picture": a_picture(name="x.jpg", size=(1, 1), kind="GIF")}, {"people": "recognisable"}):
        assert panel.post(library("add/"), photo_form(**{**good, "picture": a_picture(), **wrong})).status_code == 200
    assert not Photo.objects.exists()


def test_somebody_is_named_by_the_contact_they_agreed_with(panel, ugorek):
    person, silent = makers.a_person(), makers.a_person()
    makers.a_consent_text("image")
    consents.give(person, "image")

    def send(contact):
        fields = {"people": "recognisable", "neighbourhoods": [ugorek.pk], "persons-0-contact": contact}
        return panel.post(library("add/"), photo_form(picture=a_picture(), **fields)).status_code

    assert send(silent.email) == 200
    assert send(person.email.upper()) == 302
    assert Photo.objects.get().persons.get().person == person


def test_the_library_tells_nobody_the_name_of_somebody_who_agreed(panel, ugorek, azory):
    person = makers.a_person(name="Zofia Przykładowa")
    makers.signed_up(an_event(azory), person)
    makers.a_consent_text("image")
    consents.give(person, "image")
    fields = {"people": "recognisable", "neighbourhoods": [ugorek.pk], "persons-0-contact": person.email}
    assert panel.post(library("add/"), photo_form(picture=a_picture(), **fields)).status_code == 302
    photo = Photo.objects.get()
    for page in (library(), library(f"{photo.pk}/change/"), library(f"{photo.pk}/delete/")):
        assert "Przykładowa" not in text_of(panel.get(page))
    assert str(person.pk) in text_of(panel.get(library(f"{photo.pk}/change/")))
    assert not LogEntry.objects.filter(change_message__contains="Przykładowa").exists()


def test_hidden_photos_are_listed_with_their_uses_and_their_files_removed(panel, event, ugorek):
    photo = photos.add(take_in(a_picture()), neighbourhoods=[ugorek], alt="Portret sąsiada.")
    a_closing(event, pictures=[photo])
    assert panel.get(library(f"{photo.pk}/delete/")).status_code == 403, "what stands on a page is hidden, not deleted"
    assert panel.post(library(f"{photo.pk}/hide/")).status_code == 302
    page = text_of(panel.get(library("?state=to_remove")))
    assert "Portret sąsiada." in page
    assert "Sadzenie krzewów" in page
    assert panel.get(library(f"{photo.pk}/file/480/")).status_code == 200
    assert panel.post(library(f"{photo.pk}/remove-files/")).status_code == 302
    assert panel.get(library(f"{photo.pk}/file/480/")).status_code == 404
    assert "Portret sąsiada." not in text_of(panel.get(library("?state=to_remove")))
    assert AccessLog.objects.filter(subject="content.photo", action="read").exists()


def test_the_list_of_photos_asks_as_often_for_thirty_as_for_one(panel, ugorek):
    a_photo(ugorek)
    panel.get(library())
    one = queries(panel, library())
    for _number in range(29):
        a_photo(ugorek)
    assert queries(panel, library()) == one


def test_others_neither_list_nor_open_them(azory, ugorek):
    photo, news = a_photo(ugorek), some_news(ugorek)
    other = signed_in(makers.an_animator(azory))
    assert str(photo) not in text_of(other.get(library()))
    for address in (library(f"{photo.pk}/change/"), library(f"{photo.pk}/file/480/"), f"{root()}/content/news/{news.pk}/preview/"):
        assert other.get(address).status_code == 404


# --- News ---------------------------------------------------------------------------------------------------------------


def desk(path=""):
    return f"{root()}/content/news/{path}"


def news_form(*places, **fields):
    project = makers.the_project()
    return {
        "title_pl": "Sadzimy krzewy", "lead_pl": "W skrócie.", "body_pl": "W całości.", "neighbourhoods": [place.pk for place in places],
        "publisher": "UMK", "author": "Zespół", "entered_by": "Redakcja", "made_on": "2026-11-28", "project": project.pk,
        "placed_photos-TOTAL_FORMS": "0", "placed_photos-INITIAL_FORMS": "0", **fields,
    }  # fmt: skip


def test_a_draft_is_written_looked_at_published_changed_and_taken_back(panel, client, ugorek):
    assert panel.post(desk("add/"), news_form(ugorek)).status_code == 302
    news = News.objects.get()
    assert news.slug == "sadzimy-krzewy-2026-11-28"
    preview = text_of(panel.get(desk(f"{news.pk}/preview/")))
    assert "całości." in preview
    assert 'content="noindex"' in preview
    assert client.get(news.get_absolute_url()).status_code == 404
    panel.post(desk(f"{news.pk}/publish/"), {"on": ""})
    assert client.get(news.get_absolute_url()).status_code == 200
    panel.post(desk(f"{news.pk}/change/"), news_form(ugorek, body_pl="Poprawione."))
    assert [version.fields["body_pl"] for version in news.revisions.order_by("number")] == ["W całości.", "Poprawione."]
    assert panel.get(desk(f"{news.pk}/delete/")).status_code == 403
    panel.post(desk(f"{news.pk}/take-back/"))
    assert client.get(news.get_absolute_url()).status_code == 404


def test_news_is_scheduled_for_a_moment_to_come(panel, client, ugorek):
    news = some_news(ugorek, published=False)
    assert panel.post(desk(f"{news.pk}/publish/"), {"on": "2000-01-01T10:00"}).status_code == 200
    assert panel.post(desk(f"{news.pk}/publish/"), {"on": "2090-01-01T10:00"}).status_code == 302
    news.refresh_from_db()
    assert timezone.localtime(news.published_at).isoformat() == "2090-01-01T10:00:00+01:00"
    assert client.get(news.get_absolute_url()).status_code == 404


def test_a_metka_cannot_be_emptied_and_other_places_stay(panel, ugorek, azory):
    news = some_news(ugorek, azory)
    assert panel.post(desk(f"{news.pk}/change/"), news_form(ugorek, author="")).status_code == 200
    assert panel.post(desk(f"{news.pk}/change/"), news_form(ugorek)).status_code == 302
    assert set(news.neighbourhoods.all()) == {ugorek, azory}


def test_the_list_of_news_asks_as_often_for_thirty_as_for_one(panel, ugorek):
    some_news(ugorek)
    panel.get(desk())
    one = queries(panel, desk())
    for _number in range(29):
        some_news(ugorek)
    assert queries(panel, desk()) == one


def test_a_photo_taken_down_from_the_portal_does_not_come_in_again_with_the_card(panel, event, animator):
    sent = {"heads": "42", "first-picture": a_picture(colour="purple"), "first-alt": "Ognisko.", "first-people": "crowd"}
    assert panel.post(card(event), sent).status_code == 302
    photo = Photo.objects.get()
    Photo.objects.filter(pk=photo.pk).update(taken_down_at=timezone.now())
    page = panel.post(card(event), {**sent, "heads": "43", "first-picture": a_picture(colour="purple")})
    assert page.status_code == 200
    assert "zdjęto z portalu" in text_of(page)
    assert 'value="43"' in text_of(page)
    assert Photo.objects.count() == 1

"""The programme's public pages: with rows and without, no cookie, as many queries for thirty rows as for one."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from events.models import Event, StudyTrip
from participants.models import Organisation
from projects.domain import workflow
from projects.models import HistoryItem, Initiative, Partnership, ProjectPartner, StatusChange, StreetRange
from tests import makers

pytestmark = pytest.mark.django_db

RING = {"type": "Polygon", "coordinates": [[[19.97, 50.07], [19.99, 50.07], [19.99, 50.08], [19.97, 50.07]]]}


def html(response):
    assert response.status_code == 200
    return response.content.decode()


def words(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html(response))).split())


def queries(client, url):
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def a_history_item(project, number=1, **fields):
    return HistoryItem.objects.create(**{
        "project": project,
        "slug": f"dzieje-{number}",
        "happened_on": date(2014, 4, 1) + timedelta(days=number),
        "date_text": f"kwiecień 2014, dzień {number}",
        "title": f"Dzieje {number}",
        **fields,
    })  # fmt: skip


def a_trip(project, number=1, **fields):
    return StudyTrip.objects.create(**{
        "project": project,
        "slug": f"wyjazd-{number}",
        "title": f"Wyjazd {number}",
        "destination": "Gdańsk",
        "is_published": True,
        **fields,
    })  # fmt: skip


def unknown():
    return gettext("the source does not say")


# --- Nothing yet --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["project_list", "neighbourhood_list", "initiative_list", "organisation_list"])
def test_lists_say_when_there_is_nothing(client, name):
    response = client.get(reverse(name))
    assert 'class="empty-state"' in html(response)
    assert not response.cookies


def test_details_stand_without_anything_below_them(client):
    project, place, idea = makers.the_project(), makers.a_neighbourhood("Ugorek"), makers.an_initiative()
    stage = makers.a_stage()
    for thing in (project, place, idea, stage):
        response = client.get(thing.get_absolute_url())
        html(response)
        assert not response.cookies


# --- What they say ------------------------------------------------------------------------------------------------------


def test_a_project_says_what_its_sources_do(client):
    project = makers.a_project(
        period_note="październik/grudzień 2013 – czerwiec 2014",
        source_label="BIP",
        source_url="https://bip.example.org/1",
        description="## Po co",
    )
    place = makers.a_neighbourhood("Azory")
    place.projects.add(project)
    stage = makers.a_stage(
        project, is_reconstruction=True, source_note="Lista jest ucięta.", source_label="PTK", source_url="https://ptk.example.org/"
    )
    item = a_history_item(project, source_label="Gazeta", source_url="https://gazeta.example.org/")
    item.neighbourhoods.add(place)
    body = makers.an_organisation(name="Towarzystwo")
    ProjectPartner.objects.create(project=project, organisation=body, role=ProjectPartner.Role.FUNDER)
    trip = a_trip(project)
    hidden = a_trip(project, 2, is_published=False)
    response = client.get(project.get_absolute_url())
    page, text = html(response), words(response)
    for said in (
        "październik/grudzień 2013",
        "Lista jest ucięta.",
        "Dzieje 1",
        "kwiecień 2014, dzień 1",
        "Towarzystwo",
        "Azory",
        gettext("reconstruction"),
    ):
        assert said in text
    for address in (
        stage.get_absolute_url(),
        trip.get_absolute_url(),
        place.get_absolute_url(),
        "https://bip.example.org/1",
        "https://gazeta.example.org/",
        "https://ptk.example.org/",
    ):
        assert f'href="{address}"' in page
    assert "<h2>Po co</h2>" in page
    assert hidden.get_absolute_url() not in page
    # Nobody knows when the stage was, where the history item took place and who held it, nor who paid.
    assert text.count(unknown()) == 4


def test_an_unpublished_project_is_not_found(client):
    project = makers.a_project(is_published=False)
    assert client.get(project.get_absolute_url()).status_code == 404
    assert project.title not in words(client.get(reverse("project_list")))


def test_a_stage_says_what_is_unknown_and_leads_on(client):
    project = makers.a_project()
    first, second, third = (makers.a_stage(project, number, title=f"Krok {number}") for number in (1, 2, 4))
    second.is_reconstruction = True
    second.save()
    event = makers.an_event(stage=second)
    past = makers.an_event(stage=second, in_days=-9)
    idea = makers.an_initiative(stage=second)
    response = client.get(second.get_absolute_url())
    page, text = html(response), words(response)
    assert unknown() in text
    assert gettext("This is a reconstruction") in text
    for thing in (event, past, idea, first, third, project):
        assert f'href="{thing.get_absolute_url()}"' in page
    assert 'rel="next"' not in html(client.get(third.get_absolute_url()))
    assert 'rel="prev"' not in html(client.get(first.get_absolute_url()))


def test_the_words_of_a_stage_s_dates_come_before_its_days(client):
    said = makers.a_stage(starts_on=date(2014, 3, 1), date_note="wiosna 2014")
    assert "wiosna 2014" in words(client.get(said.get_absolute_url()))
    assert "1 marca 2014" not in words(client.get(said.get_absolute_url()))


def test_estates_are_on_the_map_and_equally_in_the_list(client):
    drawn = makers.a_neighbourhood("Azory", programme_boundary=RING, streets_note="Stachiewicza i Makowskiego")
    undrawn = makers.a_neighbourhood("Ugorek")
    response = client.get(reverse("neighbourhood_list"))
    page, text = html(response), words(response)
    assert page.count(f'href="{drawn.get_absolute_url()}"') == 2
    assert page.count(f'href="{undrawn.get_absolute_url()}"') == 1
    assert page.count("map-shape") == 1
    assert "Stachiewicza i" in text.replace("\xa0", " ")
    assert unknown() in text


def test_an_estate_shows_its_own_and_only_its_own(client):
    azory, ugorek = (
        makers.a_neighbourhood("Azory", programme_boundary=RING, boundary_source="Według przystanków."),
        makers.a_neighbourhood("Ugorek"),
    )
    StreetRange.objects.create(neighbourhood=azory, street="Makowskiego", parity=StreetRange.Parity.ODD, first_number=1, last_number=25)
    here, there = makers.an_event(azory), makers.an_event(ugorek)
    idea, foreign = makers.an_initiative(azory), makers.an_initiative(ugorek)
    item = a_history_item(makers.the_project())
    item.neighbourhoods.add(azory)
    response = client.get(azory.get_absolute_url())
    page, text = html(response), words(response)
    assert "tone-blue" in page
    for said in ("Makowskiego 1–25", gettext("odd numbers"), "Według przystanków.", "Dzieje 1", here.title, idea.title):
        assert said in text
    assert there.get_absolute_url() not in page
    assert foreign.get_absolute_url() not in page
    # Its own shape on the map leads nowhere: this is the page.
    assert 'class="map-shape' in page
    assert f'<a class="map-shape tone-blue" href="{azory.get_absolute_url()}"' not in page


def test_an_initiative_tells_its_course_in_dates_and_words(client):
    idea = makers.an_initiative(status=Initiative.Status.SUBMITTED)
    StatusChange.objects.create(initiative=idea, before="submitted", after="accepted", at=timezone.now(), reason="tajny powód")
    Initiative.objects.filter(pk=idea.pk).update(status=Initiative.Status.ACCEPTED)
    body = makers.an_organisation(name="Dom kultury")
    Partnership.objects.create(initiative=idea, organisation=body, role=Partnership.Role.HOST)
    text = words(client.get(idea.get_absolute_url()))
    assert Initiative.Status.ACCEPTED.label.capitalize() in text
    assert Partnership.Role.HOST.label.capitalize() in text
    assert "Dom kultury" in text
    # What happened on the team's desk, and why, is not public.
    assert Initiative.Status.SUBMITTED.label.capitalize() not in text
    assert "tajny powód" not in text


def test_a_historical_initiative_names_its_source_and_what_is_unknown(client):
    idea = workflow.start(
        Initiative(project=makers.the_project(), slug="most", kind="mini_project", status="historical", title="Most", summary="Projekt.",
                   source_label="Miasto Kraków", source_url="https://miasto.example.org/")
    )  # fmt: skip
    response = client.get(idea.get_absolute_url())
    assert 'href="https://miasto.example.org/"' in html(response)
    # Where (twice), when and by whom.
    assert words(response).lower().count(unknown()) == 4


def test_an_initiative_in_another_language_is_marked_as_such(client):
    idea = makers.an_initiative(lang="uk", title="Розмовний клуб")
    for url in (reverse("initiative_list"), idea.get_absolute_url(), "/"):
        assert re.search(r'lang="uk"[^>]*>(?:(?!lang=).)*Розмовний', html(client.get(url)), re.DOTALL)
    with override("uk"):
        page = html(client.get(reverse("initiative_list")))
    assert re.search(r'<h3 class="card-title"><a href="[^"]+">Розмовний', page)


def test_initiatives_are_filtered_and_nonsense_is_ignored(client):
    azory, ugorek = makers.a_neighbourhood("Azory"), makers.a_neighbourhood("Ugorek")
    here = makers.an_initiative(azory, kind=Initiative.Kind.STATUTORY)
    there = makers.an_initiative(ugorek, status=Initiative.Status.FINISHED)
    url = reverse("initiative_list")
    for query, shown, hidden in (
        ("neighbourhood=azory", [here], [there]),
        ("kind=statutory", [here], [there]),
        ("status=finished", [there], [here]),
        ("neighbourhood=nigdzie&kind=x&status=idea&page=99", [here, there], []),
    ):
        page = html(client.get(f"{url}?{query}"))
        assert all(idea.get_absolute_url() in page for idea in shown)
        assert not any(idea.get_absolute_url() in page for idea in hidden)
    assert 'class="empty-state"' in html(client.get(f"{url}?kind=statutory&status=finished"))


def test_organisations_stand_by_kind_in_polish_order_and_tell_no_secrets(client):
    for name in ("Łąka", "Zorza", "Ćma"):
        makers.an_organisation(name=name, source_label="Gazeta", source_url="https://gazeta.example.org/")
    body = makers.an_organisation(name="Bank czasu", kind="informal")
    for status in (Initiative.Status.RUNNING, Initiative.Status.IDEA):
        idea = makers.an_initiative(status=status, title=f"Pomysł {status}")
        Partnership.objects.create(initiative=idea, organisation=body, role=Partnership.Role.LEAD)
    hidden = makers.a_project(is_published=False, title="Tajny projekt")
    ProjectPartner.objects.create(project=hidden, organisation=body, role=ProjectPartner.Role.LEAD)
    text = words(client.get(reverse("organisation_list")))
    assert text.index("Ćma") < text.index("Łąka") < text.index("Zorza")
    assert "Pomysł running" in text
    assert "Pomysł idea" not in text
    assert "Tajny projekt" not in text


# --- As many queries for thirty as for one --------------------------------------------------------------------------------


def one_more_of_everything(number):
    project = makers.the_project()
    place = makers.a_neighbourhood(f"Miejsce {number}", programme_boundary=RING)
    shared = makers.a_neighbourhood("Ugorek", programme_boundary=RING)
    stage = project.stages.filter(number=1).first() or makers.a_stage(project)
    if number > 1:
        makers.a_stage(project, number)
    StreetRange.objects.create(neighbourhood=shared, street=f"Ulica {number}")
    for days in (5, -5):
        makers.an_event(shared, place, stage=stage, in_days=days)
    idea = makers.an_initiative(shared, place, stage=stage)
    body = makers.an_organisation()
    for initiative in {idea, Initiative.objects.order_by("pk").first()}:
        Partnership.objects.get_or_create(initiative=initiative, organisation=body, role=Partnership.Role.LEAD)
    ProjectPartner.objects.create(project=project, organisation=body, role=ProjectPartner.Role.PARTNER)
    a_history_item(project, number).neighbourhoods.add(shared, place)
    a_trip(project, number)
    other = makers.a_project()
    other.neighbourhoods.add(shared)


def test_every_page_asks_as_often_with_thirty_rows_as_with_one(client):
    one_more_of_everything(1)
    project = makers.the_project()
    stage, place, idea = project.stages.get(number=1), makers.a_neighbourhood("Ugorek"), Initiative.objects.order_by("pk").first()
    budgets = {reverse(name): 8 for name in ("project_list", "neighbourhood_list", "initiative_list", "organisation_list")}
    budgets[Organisation.objects.order_by("pk").first().get_absolute_url()] = 8
    budgets |= {project.get_absolute_url(): 8, idea.get_absolute_url(): 12, stage.get_absolute_url(): 12, place.get_absolute_url(): 12}
    before = {url: queries(client, url) for url in budgets}
    for number in range(2, 31):
        one_more_of_everything(number)
    after = {url: queries(client, url) for url in budgets}
    assert after == before
    assert {url: count for url, count in after.items() if count > budgets[url]} == {}


def test_a_past_event_that_was_called_off_stays_visible(client):
    stage = makers.a_stage()
    event = makers.an_event(stage=stage)
    event.status, event.cancelled_at, event.cancel_reason = Event.Status.CANCELLED, timezone.now(), "choroba"
    event.save()
    assert gettext("Cancelled") in words(client.get(stage.get_absolute_url()))

"""Organisations: by kind, each with a page of its own, and nothing on it that visitors may not see."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext

from participants.models import Organisation
from projects.models import Initiative, Partnership, ProjectPartner
from tests import makers

pytestmark = pytest.mark.django_db
LIST = reverse("organisation_list")


def html(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    assert not answer.cookies
    return unescape(answer.content.decode())


def words(client: Client, url: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html(client, url)).split())


def takes_part(body: Organisation, role: str = "lead", **fields: object) -> Initiative:
    idea = makers.an_initiative(**fields)
    Partnership.objects.create(initiative=idea, organisation=body, role=role)
    return idea


def test_the_page_tells_what_it_is_and_what_it_does(client):
    body = makers.an_organisation(
        name="Koło Pokazowe", kind="women", about="Szyjemy i gotujemy.", website="https://kolo.example.org/",
        source_label="Gazeta", source_url="https://gazeta.example.org/",
    )  # fmt: skip
    idea = takes_part(body, title="Kuchnia pod chmurką")
    Partnership.objects.create(initiative=idea, organisation=body, role=Partnership.Role.HOST)
    ProjectPartner.objects.create(project=makers.the_project(), organisation=body, role=ProjectPartner.Role.FUNDER)

    page = html(client, body.get_absolute_url())

    for address in ("https://kolo.example.org/", "https://gazeta.example.org/", idea.get_absolute_url(), LIST):
        assert f'href="{address}"' in page
    text = words(client, body.get_absolute_url())
    roles = f"{Partnership.Role.HOST.label}, {Partnership.Role.LEAD.label}"
    for said in ("Koło Pokazowe", "Szyjemy i gotujemy.", "Kuchnia pod chmurką – " + roles, str(ProjectPartner.Role.FUNDER.label)):
        assert said in text.replace("\N{NO-BREAK SPACE}", " ")
    assert str(Organisation.Kind.WOMEN.label).capitalize() in text


@pytest.mark.parametrize(
    ("status", "shown"),
    [("running", True), ("finished", True), ("historical", True), ("idea", False), ("returned", False), ("withdrawn", False)],
)
def test_only_public_initiatives_stand_there(client, status, shown):
    body = makers.an_organisation()
    takes_part(body, status=status, title="Ogród na dachu")

    assert ("Ogród na dachu" in words(client, body.get_absolute_url())) is shown


def test_an_edition_that_is_not_published_is_not_told(client):
    body = makers.an_organisation()
    ProjectPartner.objects.create(project=makers.a_project(is_published=False, title="Tajny projekt"), organisation=body, role="lead")

    text = words(client, body.get_absolute_url())

    assert "Tajny projekt" not in text
    assert gettext("Nothing has been noted here yet.") in text


def test_an_organisation_known_from_a_source_alone_says_so(client):
    body = makers.an_organisation(source_label="Kronika")

    assert gettext("The source names the organisation, but no edition and no initiative it took part in.") in words(
        client, body.get_absolute_url()
    )


def test_what_is_not_published_has_no_page_and_nobody_leads_there(client):
    body = makers.an_organisation(name="Ukryta spółka", is_published=False)
    idea = takes_part(body)
    ProjectPartner.objects.create(project=makers.the_project(), organisation=body, role="lead")
    event = makers.an_event()
    event.organisations.add(body)

    assert client.get(body.get_absolute_url()).status_code == 404
    for url in (idea.get_absolute_url(), makers.the_project().get_absolute_url(), event.get_absolute_url()):
        assert body.get_absolute_url() not in html(client, url)
    assert body.get_absolute_url() not in html(client, reverse("sitemap"))


def test_initiative_edition_event_list_and_sitemap_lead_to_the_page(client):
    body = makers.an_organisation()
    idea = takes_part(body)
    ProjectPartner.objects.create(project=makers.the_project(), organisation=body, role="lead")
    event = makers.an_event()
    event.organisations.add(body)

    for url in (idea.get_absolute_url(), makers.the_project().get_absolute_url(), event.get_absolute_url(), LIST):
        assert f'href="{body.get_absolute_url()}"' in html(client, url)
    assert f"{body.get_absolute_url()}</loc>" in html(client, reverse("sitemap"))


def test_the_list_is_of_one_kind_when_it_is_chosen_and_nonsense_is_ignored(client):
    school, parish = makers.an_organisation(kind="school"), makers.an_organisation(kind="parish")
    for query, shown in (("kind=school", [school]), ("kind=parish", [parish]), ("kind=nic", [school, parish]), ("", [school, parish])):
        page = html(client, f"{LIST}?{query}")
        assert [body for body in (school, parish) if f'href="{body.get_absolute_url()}"' in page] == shown
    assert gettext("No organisation of this kind has taken part yet") in words(client, f"{LIST}?kind=youth")


def test_the_page_asks_as_often_for_thirty_parts_as_for_one(client, django_assert_max_num_queries):
    body = makers.an_organisation()
    for _number in range(30):
        takes_part(body)
        ProjectPartner.objects.create(project=makers.a_project(), organisation=body, role="partner")
    for url in (body.get_absolute_url(), LIST):
        with django_assert_max_num_queries(8):
            client.get(url)

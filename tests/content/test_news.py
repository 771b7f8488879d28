"""News: drafts nobody sees, moments they come out at, versions that stay."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from active_citizens.content.domain import news as verbs
from active_citizens.content.models import News, NewsPhoto, Revision
from active_citizens.core.refusal import RuleBroken
from tests import makers

pytestmark = pytest.mark.django_db


def code_of(verb, *args, **kwargs):
    with pytest.raises(RuleBroken) as caught:
        verb(*args, **kwargs)
    return caught.value.args[0]


def is_read(client, news):
    return client.get(news.get_absolute_url()).status_code == 200


def numbers(news):
    return [version.number for version in verbs.versions(news)]


# --- Coming out ---------------------------------------------------------------------------------------------------------


def test_a_draft_is_read_by_nobody_until_it_is_published(client):
    news = makers.some_news(published=False)
    assert not is_read(client, news)
    verbs.publish(news)
    assert is_read(client, news)
    assert numbers(news) == [1]
    verbs.publish(news)
    assert numbers(news) == [1], "out already, it stays as it is"


def test_news_only_of_a_place_that_is_not_published_is_read_by_nobody(client):
    hidden, ugorek = makers.a_neighbourhood("Ukryte", is_published=False), makers.a_neighbourhood("Ugorek")
    secret, shared = makers.some_news(hidden), makers.some_news(hidden, ugorek)
    assert list(News.objects.published()) == [shared]
    assert client.get(secret.get_absolute_url()).status_code == 404
    assert client.get(shared.get_absolute_url()).status_code == 200


def test_the_scheduled_comes_out_by_itself(client):
    now = timezone.now()
    news = makers.some_news(published=False)
    verbs.publish(news, on=now + timedelta(hours=2))
    assert not is_read(client, news)
    assert numbers(news) == []
    assert News.objects.published(now + timedelta(hours=2)).get() == news
    assert verbs.keep_due(now + timedelta(hours=1)) == 0
    assert verbs.keep_due(now + timedelta(hours=3)) == 1
    assert verbs.keep_due(now + timedelta(hours=3)) == 0
    [version] = verbs.versions(news)
    assert version.at == now + timedelta(hours=2)


def test_nothing_comes_out_in_the_past_without_a_place_or_without_a_text():
    news = makers.some_news(published=False)
    assert code_of(verbs.publish, news, on=timezone.now() - timedelta(minutes=1)) == "past"
    news.neighbourhoods.clear()
    assert code_of(verbs.publish, news) == "no_neighbourhood"
    assert code_of(verbs.publish, makers.some_news(published=False, body_pl="")) == "no_text"


def test_the_database_refuses_news_nobody_answers_for():
    news = makers.some_news()
    for name in ("publisher", "author", "entered_by"):
        with pytest.raises(IntegrityError), transaction.atomic():
            News.objects.filter(pk=news.pk).update(**{name: ""})


def test_two_pieces_of_one_day_and_title_have_two_addresses():
    first, second = (makers.some_news(title_pl="Sadzimy krzewy", made_on=timezone.localdate()) for _number in range(2))
    assert second.slug == f"{first.slug}-2"
    assert first.slug == f"sadzimy-krzewy-{timezone.localdate():%Y-%m-%d}"


# --- Versions -----------------------------------------------------------------------------------------------------------


def change(news, **texts):
    with transaction.atomic():
        verbs.before_change(news)
        News.objects.filter(pk=news.pk).update(**texts)
        verbs.after_change(news)


def test_every_change_of_what_is_out_keeps_a_version_that_anybody_may_read(client):
    news = makers.some_news(body_pl="Pierwsza treść.")
    change(news, body_pl="Druga treść.", body="Druga treść.")
    assert numbers(news) == [2, 1]
    first, second = (client.get(f"{news.get_absolute_url()}wersje/{number}/").content.decode() for number in (1, 2))
    assert "Pierwsza treść." in first
    assert "Druga treść." not in first
    assert "Druga treść." in second
    assert "wersje/1/" in client.get(news.get_absolute_url()).content.decode()
    assert client.get(f"{news.get_absolute_url()}wersje/3/").status_code == 404


def test_what_came_out_by_its_schedule_is_kept_before_the_first_change_even_when_the_worker_slept():
    news = makers.some_news(published=False, body_pl="Zaplanowana treść.")
    News.objects.filter(pk=news.pk).update(published_at=timezone.now() - timedelta(hours=1))
    change(news, body_pl="Poprawiona treść.")
    assert [version.fields["body_pl"] for version in verbs.versions(news)] == ["Poprawiona treść.", "Zaplanowana treść."]


def test_a_draft_has_no_versions():
    news = makers.some_news(published=False)
    change(news, body_pl="Inna.")
    assert numbers(news) == []


def test_what_was_taken_back_is_gone_with_its_versions_and_they_are_kept(client):
    news = makers.some_news()
    verbs.take_back(news)
    verbs.take_back(news)
    assert not is_read(client, news)
    assert client.get(f"{news.get_absolute_url()}wersje/1/").status_code == 404
    assert numbers(news) == [1]
    verbs.publish(news)
    assert numbers(news) == [2, 1]


def test_a_version_is_of_one_thing_and_nothing_changes_it():
    news = makers.some_news()
    with pytest.raises(IntegrityError), transaction.atomic():
        Revision.objects.create(number=7, fields={}, at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Revision.objects.filter(news=news).update(number=9)
    with pytest.raises(IntegrityError), transaction.atomic():
        Revision.objects.create(news=news, number=1, fields={}, at=timezone.now())


# --- Pages --------------------------------------------------------------------------------------------------------------


def test_the_list_filters_pages_and_says_when_it_is_empty(client):
    ugorek, azory = makers.a_neighbourhood("Ugorek"), makers.a_neighbourhood("Azory")
    assert "empty-state" in client.get("/aktualnosci/").content.decode()
    for number in range(21):
        makers.some_news(ugorek, title_pl=f"Ugorek {number:02}")
    mine = makers.some_news(azory, title_pl="Na Azorach")
    first, second = (client.get(f"/aktualnosci/?page={page}").content.decode() for page in (1, 2))
    assert (first.count("card-link"), second.count("card-link")) == (20, 2)
    only = client.get("/aktualnosci/?neighbourhood=azory").content.decode()
    assert only.count("card-link") == 1
    assert mine.get_absolute_url() in only
    assert client.get("/aktualnosci/?neighbourhood=nie-ma&page=99").status_code == 200


def test_lists_ask_as_often_for_thirty_pieces_as_for_one(client):
    place = makers.a_neighbourhood("Ugorek")
    addresses = ["/aktualnosci/", "/", place.get_absolute_url(), "/aktualnosci/rss/"]

    def queries():
        found = []
        for address in addresses:
            with CaptureQueriesContext(connection) as caught:
                assert client.get(address).status_code == 200
            found.append(len(caught))
        return found

    makers.some_news(place)
    one = queries()
    for _number in range(30):
        makers.some_news(place)
    assert queries() == one
    assert max(one) <= 12


def test_photos_stand_with_their_words_and_hidden_ones_do_not(client):
    news = makers.some_news()
    shown, hidden, ornament = makers.a_photo(), makers.a_photo(alt="Ukryte."), makers.a_photo(alt="", is_decorative=True)
    for position, photo in enumerate((ornament, hidden, shown)):
        NewsPhoto.objects.create(news=news, photo=photo, position=position)
    type(hidden).objects.filter(pk=hidden.pk).update(hidden_at=timezone.now(), hidden_why="team")
    page = client.get(news.get_absolute_url()).content.decode()
    assert page.index(ornament.key) < page.index(shown.key)
    assert hidden.key not in page
    assert f'alt="{shown.alt_pl}"' in page
    assert page.count('alt=""') == 1


def test_the_feed_and_the_sitemap_hold_what_is_out(client):
    out = makers.some_news(title_pl="Sadzimy & gramy")
    later = makers.some_news(published=False)
    verbs.publish(later, on=timezone.now() + timedelta(days=1))
    draft = makers.some_news(published=False)
    feed, sitemap = client.get("/aktualnosci/rss/"), client.get("/sitemap.xml")
    assert feed["Content-Type"].startswith("application/rss+xml")
    for text in (feed.content.decode(), sitemap.content.decode()):
        assert out.slug in text
        assert later.slug not in text
        assert draft.slug not in text
    assert "Sadzimy &amp; gramy" in feed.content.decode()


def test_news_is_read_in_other_languages(client):
    news = makers.some_news(title_pl="Sadzimy", title_en="We plant", body_en="Together.")
    with translation.override("en"):
        page = client.get(news.get_absolute_url()).content.decode()
    assert "We plant" in page
    assert "Together." in page

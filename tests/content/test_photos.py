"""The image library: who is in a photo has agreed, and from the moment they no longer do nobody sees it (GDPR-04, poland.md 2.3)."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone

from active_citizens.content.domain import photos
from active_citizens.content.models import NewsPhoto, Photo, PhotoPerson
from active_citizens.core.pictures import take_in
from active_citizens.core.refusal import RuleBroken
from participants.domain import consents, merging
from tests import makers

pytestmark = pytest.mark.django_db


def agreed(person=None):
    """Somebody who agreed to be shown; the text is published when it was not."""
    person = person or makers.a_person()
    if consents.current_text("image", "pl") is None:
        makers.a_consent_text("image")
    consents.give(person, "image")
    return person


def a_portrait(*people, **fields):
    """A photo on which the people can be recognised."""
    photo = makers.a_photo(**fields)
    Photo.objects.filter(pk=photo.pk).update(people="recognisable")
    for person in people:
        PhotoPerson.objects.create(photo=photo, person=person)
    return Photo.objects.get(pk=photo.pk)


def is_shown(photo):
    return Photo.objects.shown().filter(pk=photo.pk).exists()


def code_of(verb, *args, **kwargs):
    with pytest.raises(RuleBroken) as caught:
        verb(*args, **kwargs)
    return caught.value.args[0]


# --- Coming in ----------------------------------------------------------------------------------------------------------


def test_a_photo_has_words_or_is_an_ornament():
    picture = take_in(makers.a_picture())
    place = makers.a_neighbourhood("Ugorek")
    assert code_of(photos.add, picture, neighbourhoods=[place], alt="  ") == "no_alt"
    assert photos.add(picture, neighbourhoods=[place], is_decorative=True).alt_shown == ""
    photo = makers.a_photo()
    with pytest.raises(IntegrityError), transaction.atomic():
        Photo.objects.filter(pk=photo.pk).update(alt_pl="")
    with pytest.raises(IntegrityError), transaction.atomic():
        Photo.objects.filter(pk=photo.pk).update(alt_pl=None)


def test_the_key_says_nothing_and_files_are_named_by_it():
    first, second = makers.a_photo(), makers.a_photo()
    assert first.key != second.key
    assert len(first.key) == 24
    assert first.small.name == f"zdjecia/{first.key[:2]}/{first.key}-480.webp"
    assert default_storage.exists(first.large.name)


def test_recognisable_people_need_a_paper_or_a_consent():
    picture = take_in(makers.a_picture())
    place = makers.a_neighbourhood("Ugorek")
    assert code_of(photos.add, picture, neighbourhoods=[place], alt="Portret", people="recognisable") == "no_consent"
    photo = photos.add(picture, neighbourhoods=[place], alt="Portret", people="recognisable", paper_reference="segregator 3, karta 12")
    assert is_shown(photo)
    with pytest.raises(IntegrityError), transaction.atomic():
        PhotoPerson.objects.create(photo=photo)


def test_the_same_picture_comes_in_once_for_its_place_and_account():
    picture, user = take_in(makers.a_picture()), makers.a_user()

    def add(once_for="event 1", actor=user, picture=picture):
        return photos.add(picture, neighbourhoods=[], alt="Sąsiedzi.", once_for=once_for, actor=actor)

    first = add()
    assert add() == first
    others = [add("event 2"), add(actor=makers.a_user()), add("", user), add(picture=take_in(makers.a_picture(colour="blue")))]
    assert len({first, *others}) == 5
    photos.hide(first)
    again = add()
    assert again != first, "what is hidden stays so"
    assert again.hidden_at is None


def test_two_of_the_same_at_once_are_one_and_leave_no_files_behind(monkeypatch):
    picture, faster = take_in(makers.a_picture()), []
    write = photos.write_files

    def write_late(photo, picture):
        """While these files are written, the other request finishes."""
        monkeypatch.setattr(photos, "write_files", write)
        faster.append(add())
        write(photo, picture)

    def add():
        return photos.add(picture, neighbourhoods=[], alt="Sąsiedzi.", once_for="event 1")

    monkeypatch.setattr(photos, "write_files", write_late)
    assert [add()] == faster == list(Photo.objects.all())
    [photo] = faster
    folder, _name = photo.small.name.rsplit("/", 1)
    assert sorted(f"{folder}/{name}" for name in default_storage.listdir(folder)[1] if photo.key in name) == sorted(
        [photo.small.name, photo.large.name]
    )


def test_a_refused_photo_leaves_no_files(monkeypatch):
    before = sum(len(default_storage.listdir(f"zdjecia/{folder}")[1]) for folder in _folders())
    monkeypatch.setattr(Photo, "save", lambda self, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        makers.a_photo()
    assert sum(len(default_storage.listdir(f"zdjecia/{folder}")[1]) for folder in _folders()) == before


def _folders():
    return default_storage.listdir("zdjecia")[0] if default_storage.exists("zdjecia") else []


# --- Being shown --------------------------------------------------------------------------------------------------------


def test_everybody_who_can_be_recognised_has_agreed():
    ala, ola = agreed(), makers.a_person()
    assert is_shown(a_portrait(ala))
    assert not is_shown(a_portrait(ala, ola))
    assert not is_shown(a_portrait())
    with_paper = a_portrait(ala)
    PhotoPerson.objects.create(photo=with_paper, paper_reference="segregator 3", guardian_note="zgoda mamy, 2 maja")
    assert is_shown(with_paper)


def test_consent_for_something_else_is_none():
    person = makers.a_person()
    makers.a_consent_text("newsletter")
    consents.give(person, "newsletter")
    assert not is_shown(a_portrait(person))


def test_withdrawing_hides_every_photo_of_the_person_at_once_and_no_other(client):
    ala, ola = agreed(), agreed()
    alone, together, other, crowd = a_portrait(ala), a_portrait(ala, ola), a_portrait(ola), makers.a_photo()
    for photo in (alone, together, other, crowd):
        assert client.get(photo.small_url).status_code == 200
    now = timezone.now()
    consents.withdraw(ala, "image", at=now)
    assert {photo.pk for photo in Photo.objects.hidden()} == {alone.pk, together.pk}
    assert [client.get(photo.small_url).status_code for photo in (alone, together, other, crowd)] == [404, 404, 200, 200]
    alone.refresh_from_db()
    assert (alone.hidden_at, alone.hidden_why) == (now, "consent")


def test_hiding_and_withdrawing_are_one_transaction():
    ala = agreed()
    photo = a_portrait(ala)
    with transaction.atomic():
        consents.withdraw(ala, "image")
        assert not is_shown(photo)
        transaction.set_rollback(True)
    assert is_shown(photo)


def test_a_consent_given_again_brings_nothing_back_by_itself():
    ala = agreed()
    photo = a_portrait(ala)
    consents.withdraw(ala, "image")
    assert code_of(photos.show_again, photo) == "no_consent"
    assert not is_shown(photo)
    consents.give(ala, "image", at=timezone.now() + timedelta(seconds=1))
    assert not is_shown(photo)
    photos.show_again(photo)
    assert is_shown(photo)


# --- Going --------------------------------------------------------------------------------------------------------------


def test_files_of_a_hidden_photo_are_removed_for_good(django_capture_on_commit_callbacks, client):
    photo = makers.a_photo()
    names = [photo.small.name, photo.large.name]
    assert code_of(photos.remove_files, photo) == "not_hidden"
    photos.hide(photo)
    with django_capture_on_commit_callbacks(execute=True):
        photos.remove_files(photo)
        photos.remove_files(photo)
        assert default_storage.exists(names[0]), "not before the transaction holds"
    assert [default_storage.exists(name) for name in names] == [False, False]
    photo.refresh_from_db()
    assert (photo.small.name, photo.large.name, bool(photo.files_removed_at)) == ("", "", True)
    assert code_of(photos.show_again, photo) == "files_removed"
    assert client.get(f"/zdjecia/{photo.key}-480.webp").status_code == 404


def test_deleting_a_photo_deletes_its_files_on_commit(django_capture_on_commit_callbacks):
    photo = makers.a_photo()
    name = photo.small.name
    with transaction.atomic():
        photo.delete()
        transaction.set_rollback(True)
    assert default_storage.exists(name)
    photo = Photo.objects.get(key=photo.key)
    with django_capture_on_commit_callbacks(execute=True):
        photo.delete()
    assert not default_storage.exists(name)


def test_uses_of_many_photos_take_as_many_queries_as_of_one(django_assert_num_queries):
    news = makers.some_news()
    shown = [makers.a_photo() for _number in range(5)]
    for photo in shown:
        NewsPhoto.objects.create(news=news, photo=photo)
    with django_assert_num_queries(3):
        assert [use.label for use in photos.uses_of([shown[0].pk])[shown[0].pk]] == [f"aktualność: {news}"]
    with django_assert_num_queries(3):
        assert len(photos.uses_of(photo.pk for photo in shown)) == 5


def test_the_file_is_webp_without_cookies_and_other_addresses_do_not_exist(client):
    photo = makers.a_photo()
    response = client.get(photo.large_url)
    content = b"".join(response.streaming_content)
    assert (response["Content-Type"], content[:4], content[8:12]) == ("image/webp", b"RIFF", b"WEBP")
    assert response["Cache-Control"] == "public, no-cache, max-age=0", "it may be taken down at any moment"
    assert not response.cookies
    for address in (f"/zdjecia/{photo.key}-481.webp", f"/zdjecia/{'0' * 24}-480.webp", f"/en/zdjecia/{photo.key}-480.webp"):
        assert client.get(address).status_code == 404


def test_photos_come_over_with_a_joined_record_before_the_stricter_consent_hides_them():
    kept, gone, coordinator = agreed(), agreed(), makers.a_coordinator()
    first, second = a_portrait(kept, gone), a_portrait(gone)
    consents.withdraw(kept, "image")
    joined = merging.merge(kept, gone, actor=coordinator)

    assert set(PhotoPerson.objects.values_list("photo", "person")) == {(first.pk, kept.pk), (second.pk, kept.pk)}
    assert (is_shown(first), is_shown(second)) == (False, False)

    merging.undo(joined, actor=coordinator)
    assert set(PhotoPerson.objects.filter(person=gone).values_list("photo", flat=True)) == {first.pk, second.pk}

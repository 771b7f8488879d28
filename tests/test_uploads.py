"""Pictures through the real forms: the bad are refused with a sentence and leave nothing, the good lose what the camera added."""

from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from active_citizens.content.models import Photo
from events.models import EventClosing
from tests import makers
from tests.uploads import BAD, HEAVY, SECRET, in_a_process, telling

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The bad files, each made once, in a process of its own."""
    folder, found = tmp_path_factory.mktemp("uploads"), {}

    def content(name):
        if name not in found:
            in_a_process("make", name, str(folder / "file"))
            found[name] = (folder / "file").read_bytes()
        return found[name]

    return content


@pytest.fixture(autouse=True)
def received(settings, tmp_path):
    """Where files wait while they are received: even small ones, so that what is left behind is seen."""
    settings.FILE_UPLOAD_TEMP_DIR, settings.FILE_UPLOAD_MAX_MEMORY_SIZE = str(tmp_path), 0
    return tmp_path


@pytest.fixture
def panel():
    client = Client()
    client.force_login(makers.an_animator(makers.a_neighbourhood("Ugorek")))
    return client


def to_the_library(panel, upload):
    """The form of the image library."""
    fields = {
        "alt_pl": "Sąsiedzi przy ognisku.", "people": "none", "neighbourhoods": [makers.a_neighbourhood("Ugorek").pk],
        "persons-TOTAL_FORMS": "0", "persons-INITIAL_FORMS": "0", "picture": upload,
    }  # fmt: skip
    return panel.post(reverse("admin:content_photo_add"), fields)


def to_the_card(panel, upload):
    """The closing card of an event that is over, with one photo."""
    event = makers.an_event(makers.a_neighbourhood("Ugorek"), in_days=-2)
    fields = {"heads": "42", "second-picture": upload, "second-alt": "Sąsiedzi przy ognisku.", "second-people": "none"}
    return panel.post(reverse("admin:events_event_close", args=[event.pk]), fields)


FORMS = pytest.mark.parametrize("form", [to_the_library, to_the_card])


def kept_files():
    folders = default_storage.listdir("zdjecia")[0] if default_storage.exists("zdjecia") else []
    return {f"zdjecia/{folder}/{name}" for folder in folders for name in default_storage.listdir(f"zdjecia/{folder}")[1]}


@FORMS
@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_a_sentence_and_leaves_nothing(form, name, panel, made, received):
    (sent_as, _make, sentence), before = BAD[name], kept_files()
    answer = form(panel, SimpleUploadedFile(sent_as, made(name), content_type="image/jpeg"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert sentence in page
    assert "Sąsiedzi przy ognisku." in page, "what was typed stays"
    assert not Photo.objects.exists()
    assert not EventClosing.objects.exists()
    assert kept_files() == before
    assert list(received.iterdir()) == []


@FORMS
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_is_kept_says_neither_where_nor_with_what_nor_by_whom(form, kind, panel, client, received):
    sent, before = telling(kind), kept_files()
    assert SECRET in sent
    # A name that leads elsewhere, and a page behind the picture, for browsers that guess.
    sent += b"<script>alert('Tajny Aparat')</script><?php system('id');"
    assert form(panel, SimpleUploadedFile("../../settings.php", sent, content_type="text/html")).status_code == 302
    photo = Photo.objects.get()
    files = kept_files() - before
    assert files == {photo.small.name, photo.large.name}
    for url, name in ((photo.small_url, photo.small.name), (photo.large_url, photo.large.name)):
        content = b"".join(client.get(url).streaming_content)
        with default_storage.open(name) as file:
            assert content == file.read()
        assert not [word for word in (b"Tajny", b"script", b"php", b"EXIF", b"Exif", b"XMP ", b"xmp") if word in content]
        picture = Image.open(BytesIO(content))
        assert (picture.format, picture.size, dict(picture.getexif())) == ("WEBP", (300, 200), {})
    assert list(received.iterdir()) == []


@FORMS
def test_too_many_bytes_are_refused_with_a_sentence(form, panel, settings, received):
    settings.PICTURE_MAX_BYTES = 1000
    answer = form(panel, SimpleUploadedFile("zdjecie.jpg", telling("JPEG") + bytes(1000), content_type="image/jpeg"))
    assert answer.status_code == 200
    assert "zdjęcie może mieć najwyżej" in answer.content.decode()
    assert not Photo.objects.exists()


@pytest.mark.parametrize("name", ["60 megapixels, JPEG", "60 megapixels, PNG", "17 megapixels, WebP", "PNG bomb", "PNG bomb in its text"])
def test_a_bomb_costs_no_memory(name, made, tmp_path):
    (tmp_path / "file").write_bytes(made(name))
    said, megabytes = in_a_process("weigh", str(tmp_path / "file")).split()
    assert said == ("broken" if "text" in name else "too_many_pixels")
    assert int(megabytes) < 20


@pytest.mark.parametrize("name", HEAVY)
def test_the_heaviest_pictures_that_are_taken_in_cost_no_more_than_said(name, tmp_path):
    in_a_process("make", name, str(tmp_path / "file"))
    said, megabytes = in_a_process("weigh", str(tmp_path / "file")).split()
    assert "x" in said or name == "PNG that does not end", said
    assert int(megabytes) < HEAVY[name][1]

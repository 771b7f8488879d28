"""Pictures are what their content says, bounded before they are decoded, and written anew without what the camera added."""

import tracemalloc
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image

from active_citizens.core import pictures
from active_citizens.core.pictures import PictureField, take_in
from tests.makers import a_picture


def refused(upload):
    with pytest.raises(ValidationError) as caught:
        take_in(upload)
    [sentence] = caught.value.messages
    assert len(sentence) > 20
    return caught.value.code


def a_file(content, name="zdjecie.jpg"):
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def opened(content):
    return Image.open(BytesIO(content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_kind_becomes_webp_in_two_widths(kind):
    picture = take_in(a_picture((2000, 1000), kind))
    assert {width: opened(content).size for width, content in picture.files.items()} == {480: (480, 240), 1280: (1280, 640)}
    assert {opened(content).format for content in picture.files.values()} == {"WEBP"}
    assert (picture.width, picture.height) == (1280, 640)


def test_a_small_picture_is_not_blown_up():
    picture = take_in(a_picture((300, 200)))
    assert {opened(content).size for content in picture.files.values()} == {(300, 200)}


def test_a_transparent_picture_stays_transparent():
    picture = take_in(a_picture((600, 300), "PNG", mode="RGBA", colour=(10, 20, 30, 0)))
    assert opened(picture.files[480]).mode == "RGBA"


@pytest.mark.parametrize("mode", ["CMYK", "L"])
def test_pictures_for_print_and_grey_ones_are_taken(mode):
    assert opened(take_in(a_picture((600, 300), mode=mode, colour=None)).files[480]).mode == "RGB"


def a_photo_with_exif(orientation=6):
    image = Image.new("RGB", (800, 400), "red")
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "Tajny Aparat"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (50.0, 4.0, 1.0)
    out = BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"Tajny komentarz")
    return out.getvalue()


def test_the_deep_greys_of_a_scanner_stay_grey():
    out = BytesIO()
    Image.new("I;16", (80, 60), 30_000).save(out, "PNG")
    [level, *_others] = opened(take_in(a_file(out.getvalue())).files[480]).convert("RGB").getpixel((1, 1))
    assert abs(level - 117) < 4


def test_the_place_and_the_camera_are_gone():
    sent = a_photo_with_exif()
    assert b"Tajny Aparat" in sent
    for content in take_in(a_file(sent)).files.values():
        assert b"Tajny" not in content
        assert dict(opened(content).getexif()) == {}
        assert not {"exif", "xmp"} & set(opened(content).info)


def test_a_photo_taken_upright_stands_upright():
    picture = take_in(a_file(a_photo_with_exif(orientation=6)))
    assert (picture.width, picture.height) == (400, 800)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "svg"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><svg/>', "svg"),
        (b"MZ\x90\x00" + bytes(500), "not_a_picture"),
        (b"%PDF-1.7 ...", "not_a_picture"),
        (b"GIF89a" + bytes(100), "not_a_picture"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(100), "heic"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "broken"),
    ],
)
def test_what_is_no_picture_is_refused_whatever_its_name_says(content, code):
    assert refused(a_file(content)) in {code, "not_a_picture" if code == "broken" else code}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_cut_in_half_is_refused(kind):
    noise = Image.effect_noise((400, 400), 90).convert("RGB")
    out = BytesIO()
    noise.save(out, kind)
    assert refused(a_file(out.getvalue()[: out.tell() // 2])) in {"broken", "not_a_picture"}


def test_too_many_bytes_are_refused_with_both_sizes(settings):
    settings.PICTURE_MAX_BYTES = 1000
    assert refused(a_file(bytes(1001))) == "too_big"
    settings.PICTURE_MAX_BYTES = 1_000_000
    assert take_in(a_picture()).width == 60


@pytest.mark.parametrize("size", [(10_000, 5_001), (20_000, 20_000)])
def test_too_many_pixels_are_refused_before_they_are_decoded(size):
    out = BytesIO()
    Image.new("1", size).save(out, "PNG")
    upload = a_file(out.getvalue())
    tracemalloc.start()
    assert refused(upload) == "too_many_pixels"
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


def test_fifty_megapixels_are_the_limit(monkeypatch):
    monkeypatch.setattr(pictures, "MAX_PIXELS", 60 * 40)
    assert take_in(a_picture((60, 40))).width == 60
    assert refused(a_picture((61, 40))) == "too_many_pixels"


def test_the_field_gives_a_picture_or_none():
    assert PictureField(required=False).clean(None) is None
    assert PictureField().clean(a_picture()).width == 60
    with pytest.raises(ValidationError):
        PictureField().clean(None)


@pytest.mark.parametrize(("mode", "how"), [("P", {"transparency": 0}), ("RGB", {"transparency": (0, 0, 0)}), ("LA", {}), ("RGBA", {})])
@pytest.mark.parametrize("size", [(60, 40), (6000, 400)])
def test_however_transparency_is_written_it_stays(mode, how, size):
    picture = opened(take_in(a_picture(size, "PNG", mode=mode, colour=0, **how)).files[480])
    assert (picture.mode, picture.getpixel((1, 1))[3]) == ("RGBA", 0)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_big_picture_made_smaller_in_strips_shows_the_same(kind, orientation):
    """A quarter of it is another colour: every strip is where it was, upright, in the right size."""
    image = Image.new("RGB", (5000, 3000), "white")
    image.paste("navy", (0, 0, 2500, 1500))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    out = BytesIO()
    image.save(out, kind, exif=exif)
    picture = opened(take_in(a_file(out.getvalue())).files[1280]).convert("RGB")
    width, height = picture.size
    assert (width, height) == ((1280, 768) if orientation < 5 else (1280, 2133))
    corners = {(1, 1): (0.25, 0.25), (3, 1): (0.75, 0.25), (1, 3): (0.25, 0.75), (3, 3): (0.75, 0.75)}
    dark = [name for name, (x, y) in corners.items() if sum(picture.getpixel((int(x * width), int(y * height)))) < 300]
    assert dark == [{1: (1, 1), 3: (3, 3), 6: (3, 1), 8: (1, 3)}[orientation]]

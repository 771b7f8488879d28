"""Pictures people upload: looked at by their content, decoded within bounds, written anew without what a camera adds."""

import struct
import threading
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from PIL import ExifTags, Image, ImageOps

# The widths in which every picture is kept, in pixels: a card on a phone, and a whole page.
SMALL, LARGE = 480, 1280
WIDTHS = (SMALL, LARGE)
FORMATS = ("JPEG", "PNG", "WEBP")
ACCEPTED = "image/jpeg,image/png,image/webp"
MAX_PIXELS = 50_000_000
# The WebP decoder holds four copies of the picture, not one; phones and cameras write none that big.
MAX_WEBP_PIXELS = 16_000_000
# A picture is made smaller in strips of so many rows of the result, so that no second copy of it is ever held.
STRIP_ROWS = 64
# No picture is kept taller than so many times its width.
MAX_RATIO = 4
# Camera profiles for colours have a few kilobytes; what is bigger is no such thing.
MAX_PROFILE = 16_384
QUALITY = 80
# Greys of 16 bits, as scanners write them; Pillow would cut every level above 255 to white.
DEEP_GREYS = ("I", "I;16")
# The orientations of EXIF in which a picture lies on its side.
LYING = (5, 6, 7, 8)
HEIC = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1", b"ftyphevc")
BROKEN = (OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, TypeError, struct.error, zlib.error)

# One picture at a time is decoded in a process, so that its memory is that of one picture.
_decoding = threading.Lock()


@dataclass(frozen=True)
class Picture:
    """A picture as it is kept: WebP files by their width, and the size of the largest."""

    files: dict[int, bytes]
    width: int
    height: int


def take_in(upload: File) -> Picture:
    """The uploaded picture, upright and in our widths, without EXIF and so without the place where it was taken.

    Raises ValidationError, with a sentence for the person: codes ``empty``, ``too_big``, ``svg``, ``heic``, ``not_a_picture``,
    ``too_many_pixels``, ``broken``. The name and the type the browser claims count for nothing. Decoded are 50 megapixels
    at most (16 of WebP), one picture at a time, a JPEG already smaller: some 300 MB at the worst (tests/test_uploads.py).
    """
    check_size(upload.size or 0)
    upload.seek(0)
    head = upload.read(512)
    _check_head(head)
    return keep(upload)


def keep(file: BinaryIO | File) -> Picture:
    """What is in the file, however many bytes it has, as a picture is kept. Raises ValidationError as ``take_in``."""
    file.seek(0)
    with _decoding:
        try:
            return _decode(file)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise _too_many_pixels(MAX_PIXELS) from None
        except Image.UnidentifiedImageError:
            raise _not_a_picture() from None
        except BROKEN:
            raise ValidationError(_("This picture is damaged and cannot be read. Choose another file."), code="broken") from None


def check_size(size: int) -> None:
    """Raise ValidationError ``empty`` or ``too_big``."""
    if size == 0:
        raise ValidationError(_("This file is empty. Choose another one."), code="empty")
    if size > settings.PICTURE_MAX_BYTES:
        words = {"limit": filesizeformat(settings.PICTURE_MAX_BYTES), "size": filesizeformat(size)}
        raise ValidationError(_("This file has %(size)s; a picture may have %(limit)s at most.") % words, code="too_big")


def _check_head(head: bytes) -> None:
    """The two kinds people take for pictures that need words of their own."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in text or text.startswith(b"<?xml"):
        raise ValidationError(_("A drawing in SVG cannot be taken. Save it as PNG or JPEG."), code="svg")
    if head[4:12] in HEIC:
        raise ValidationError(_("A photo in HEIC cannot be taken. Save it as JPEG, or send it from the gallery as JPEG."), code="heic")


def _not_a_picture() -> ValidationError:
    return ValidationError(_("This is not a picture we can show. Choose a photo in JPEG, PNG or WebP."), code="not_a_picture")


def _too_many_pixels(limit: int) -> ValidationError:
    sentence = _("This picture has too many pixels (more than %(limit)s million). Make it smaller and choose it again.")
    return ValidationError(sentence % {"limit": limit // 1_000_000}, code="too_many_pixels")


def _decode(upload: BinaryIO | File) -> Picture:
    # What was decoded is let go before the small picture is written.
    shown, profile = _opened(upload)
    files: dict[int, bytes] = {}
    size = (0, 0)
    for width in sorted(WIDTHS, reverse=True):
        shown.thumbnail((width, width * MAX_RATIO), Image.Resampling.LANCZOS)
        size = max(size, shown.size)
        files[width] = _webp(shown, profile)
    return Picture(files, *size)


def _opened(upload: BinaryIO | File) -> tuple[Image.Image, bytes]:
    """The picture upright and not much bigger than it will be kept, and its profile of colours."""
    with Image.open(upload, formats=FORMATS) as image:
        limit = min(MAX_PIXELS, MAX_WEBP_PIXELS) if image.format == "WEBP" else MAX_PIXELS
        if image.width * image.height > limit:
            raise _too_many_pixels(limit)
        profile = image.info.get("icc_profile") or b""
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
        width, height = _kept_size(image.size, is_turned=orientation in LYING)
        # A JPEG is decoded at an eighth, a quarter or a half when that is enough; other formats do not mind.
        image.draft("RGB", (width * 3 // 2, height * 3 // 2))
        keeps_profile = image.mode in ("RGB", "RGBA") and len(profile) <= MAX_PROFILE
        shown = _smaller(image, min(image.width // width, image.height // height))
    shown.getexif()[ExifTags.Base.Orientation] = orientation
    ImageOps.exif_transpose(shown, in_place=True)
    return shown, profile if keeps_profile else b""


def _kept_size(size: tuple[int, int], *, is_turned: bool) -> tuple[int, int]:
    """The largest size the picture is kept in, as it lies in the file."""
    width, height = reversed(size) if is_turned else size
    scale = min(1, LARGE / width, LARGE * MAX_RATIO / height)
    return max(1, int(size[0] * scale)), max(1, int(size[1] * scale))


def _smaller(image: Image.Image, times: int) -> Image.Image:
    """The picture in RGB or RGBA, made strip by strip and smaller by a whole number; ``times`` is how much it is too big.

    What is left of that is done by a better filter, half again as much if it can be; but twice too big is always halved.
    """
    factor = max(1, times * 2 // 3, min(times, 2))
    mode = "RGBA" if image.has_transparency_data else "RGB"
    found = Image.new(mode, (-(-image.width // factor), -(-image.height // factor)))
    rows = factor * STRIP_ROWS
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(top + rows, image.height)))
        if strip.mode in DEEP_GREYS:
            strip = strip.point(lambda level: level / 256)
        found.paste(strip.convert(mode).reduce(factor), (0, top // factor))
    return found


def _webp(image: Image.Image, profile: bytes) -> bytes:
    out = BytesIO()
    image.save(out, "WEBP", quality=QUALITY, exif=b"", xmp=b"", icc_profile=profile)
    return out.getvalue()


class PictureField(forms.FileField):
    """A file that must be a picture; its value is a ``Picture``, or None."""

    widget = forms.FileInput(attrs={"accept": ACCEPTED})

    def to_python(self, data: Any) -> Any:
        if data in self.empty_values:
            return None
        return self.take_in(data)

    def take_in(self, upload: Any) -> Picture:
        return take_in(upload)

    def clean(self, data: Any, initial: Any = None) -> Any:
        picture = self.to_python(data)
        self.validate(picture)
        return picture

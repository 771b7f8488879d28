"""Pictures people upload: looked at by their content, decoded within bounds, written anew without what a camera adds."""

import struct
import threading
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

# The widths in which every picture is kept, in pixels: a card on a phone, and a whole page.
SMALL, LARGE = 480, 1280
WIDTHS = (SMALL, LARGE)
FORMATS = ("JPEG", "PNG", "WEBP")
ACCEPTED = "image/jpeg,image/png,image/webp"
MAX_PIXELS = 50_000_000
# No picture is kept taller than so many times its width.
MAX_RATIO = 4
# Camera profiles for colours have a few kilobytes; what is bigger is no such thing.
MAX_PROFILE = 16_384
QUALITY = 80
# Greys of 16 bits, as scanners write them; Pillow would cut every level above 255 to white.
DEEP_GREYS = ("I", "I;16")
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
    at most, one picture at a time; a JPEG already smaller.
    """
    _check_size(upload.size or 0)
    upload.seek(0)
    head = upload.read(512)
    _check_head(head)
    upload.seek(0)
    with _decoding:
        try:
            return _decode(upload)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise _too_many_pixels() from None
        except Image.UnidentifiedImageError:
            raise _not_a_picture() from None
        except BROKEN:
            raise ValidationError(_("This picture is damaged and cannot be read. Choose another file."), code="broken") from None


def _check_size(size: int) -> None:
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


def _too_many_pixels() -> ValidationError:
    sentence = _("This picture has too many pixels (more than %(limit)s million). Make it smaller and choose it again.")
    return ValidationError(sentence % {"limit": MAX_PIXELS // 1_000_000}, code="too_many_pixels")


def _decode(upload: File) -> Picture:
    with Image.open(upload, formats=FORMATS) as image:
        if image.width * image.height > MAX_PIXELS:
            raise _too_many_pixels()
        profile = image.info.get("icc_profile") or b""
        # A JPEG is decoded at an eighth, a quarter or a half when that is enough; other formats do not mind.
        image.draft("RGB", (2 * LARGE, 2 * LARGE))
        keeps_profile = image.mode in ("RGB", "RGBA") and len(profile) <= MAX_PROFILE
        upright = ImageOps.exif_transpose(image)
        if upright.mode in DEEP_GREYS:
            upright = upright.point(lambda level: level / 256)
        shown = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    files: dict[int, bytes] = {}
    size = (0, 0)
    for width in sorted(WIDTHS, reverse=True):
        shown.thumbnail((width, width * MAX_RATIO), Image.Resampling.LANCZOS)
        size = max(size, shown.size)
        files[width] = _webp(shown, profile if keeps_profile else b"")
    return Picture(files, *size)


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
        return take_in(data)

    def clean(self, data: Any, initial: Any = None) -> Any:
        picture = self.to_python(data)
        self.validate(picture)
        return picture

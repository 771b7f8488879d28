"""Papers people upload, as a photo or as a PDF: what is kept of either is a picture, so nothing active and no foreign file stays.

A PDF is drawn by PDFium in a process of its own, which may take so much memory and time and no more; started as
``python -m active_citizens.core.scans`` it reads a PDF and writes a PNG. Whatever kills it is one more damaged file.
"""

import resource
import subprocess
import sys
import threading
from io import BytesIO
from typing import Any, BinaryIO

import pypdfium2
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _
from PIL import Image

from active_citizens.core.pictures import ACCEPTED, LARGE, MAX_RATIO, Picture, PictureField, check_size, keep, take_in

MARK = b"%PDF-"
# The mark stands within so many bytes of the beginning, says the standard.
MARK_WITHIN = 1024
# Receipts are short: of a long file the first pages are kept.
PAGES = 3
# Drawn a little larger than it is kept, so that small print stays clear.
WIDTH = LARGE * 3 // 2
SECONDS = 15
MEMORY = 700_000_000
LOCKED = 4

# One PDF at a time is drawn for a server process, as one picture at a time is decoded.
_drawing = threading.Lock()


def take_in_scan(upload: File) -> Picture:
    """The photo, or the first pages of the PDF below each other, as ``take_in`` keeps a picture.

    Raises ValidationError with the codes of ``take_in``, and for a PDF ``locked`` (it wants a password) or ``broken``.
    """
    check_size(upload.size or 0)
    upload.seek(0)
    if MARK not in upload.read(MARK_WITHIN):
        return _photo(upload)
    upload.seek(0)
    # What was drawn is our own and bounded in pixels; the limit in bytes is for what somebody sends.
    return keep(BytesIO(_drawn(upload.read())))


def _photo(upload: File) -> Picture:
    try:
        return take_in(upload)
    except ValidationError as refused:
        if refused.code != "not_a_picture":
            raise
        sentence = _("This is neither a photo nor a PDF. Choose a photo in JPEG, PNG or WebP, or save the file as PDF.")
        raise ValidationError(sentence, code="not_a_picture") from None


def _drawn(pdf: bytes) -> bytes:
    with _drawing:
        try:
            # Found wherever the server was started, and without the passwords of the server's environment.
            done = subprocess.run(
                [sys.executable, "-m", "active_citizens.core.scans"],
                input=pdf, capture_output=True, timeout=SECONDS, check=False, cwd=settings.BASE_DIR, env={},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise _broken() from None
    if done.returncode == LOCKED:
        raise ValidationError(_("This PDF is locked with a password. Save it without one, or take a photo of the paper."), code="locked")
    if done.returncode or not done.stdout:
        raise _broken()
    return done.stdout


def _broken() -> ValidationError:
    return ValidationError(_("This PDF cannot be read. Choose another file, or take a photo of the paper."), code="broken")


class ScanField(PictureField):
    """A file that must be a picture or a PDF; its value is a ``Picture``, or None."""

    widget = forms.FileInput(attrs={"accept": f"{ACCEPTED},application/pdf"})

    def take_in(self, upload: Any) -> Picture:
        return take_in_scan(upload)


# --- In the process of its own ----------------------------------------------------------------------------------------------


def draw(pdf: bytes, out: BinaryIO) -> None:
    """Write the first pages as one PNG. Raises pypdfium2.PdfiumError."""
    document = pypdfium2.PdfDocument(pdf)
    # What was typed into the fields of a form is drawn with it alone; the library has no JavaScript to run.
    document.init_forms()
    pages = [_page(document[number]) for number in range(min(PAGES, len(document)))]
    whole = Image.new("RGB", (max(page.width for page in pages), sum(page.height for page in pages)), "white")
    top = 0
    for page in pages:
        whole.paste(page, (0, top))
        top += page.height
    # As small as it is kept: the server never holds more of it than that.
    whole.thumbnail((LARGE, LARGE * MAX_RATIO), Image.Resampling.LANCZOS)
    whole.save(out, "PNG")


def _page(page: pypdfium2.PdfPage) -> Image.Image:
    """As wide as it is kept, but never taller than a picture may be, whatever size it says it has (in points)."""
    width, height = page.get_size()
    return page.render(scale=min(WIDTH / width, WIDTH * MAX_RATIO / height)).to_pil()


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    found = BytesIO()
    try:
        draw(sys.stdin.buffer.read(), found)
    except pypdfium2.PdfiumError as error:
        return LOCKED if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD else 1
    sys.stdout.buffer.write(found.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main())

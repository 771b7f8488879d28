"""Files somebody might upload as a picture, good and bad: made here, byte by byte where a writer would refuse.

``python -m tests.uploads make NAME FILE`` writes one, ``python -m tests.uploads weigh FILE`` takes it in as the portal does
and prints what came of it and by how many megabytes the process grew: each in a process of its own, so that the numbers hold.
"""

import resource
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import ExifTags, Image, PngImagePlugin

SECRET = b"Tajny Aparat"
# Kraków's Ugorek, as a phone writes it down.
LATITUDE = (50.0, 4.0, 41.16)


# --- PNG by hand --------------------------------------------------------------------------------------------------------


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def zeros(size: int) -> bytes:
    """So many zeros, deflated, without ever holding them."""
    deflate, out, step = zlib.compressobj(9), [], b"\0" * 1_000_000
    while size > 0:
        out.append(deflate.compress(step[: min(size, len(step))]))
        size -= len(step)
    return b"".join([*out, deflate.flush()])


def a_png(width: int, height: int, *, bits: int = 8, colour: int = 6, body: int | None = None, extra: bytes = b"") -> bytes:
    """A black or transparent PNG; with ``body`` so many bytes of it instead of the true number."""
    samples = {0: 1, 2: 3, 6: 4}[colour]
    size = height * (1 + (width * bits * samples + 7) // 8)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))
    data = chunk(b"IDAT", zeros(size if body is None else body))
    return b"\x89PNG\r\n\x1a\n" + head + extra + data + chunk(b"IEND", b"")


# --- Pictures that tell --------------------------------------------------------------------------------------------------


def exif(orientation: int = 1) -> Image.Exif:
    found = Image.Exif()
    found[ExifTags.Base.Orientation] = orientation
    found[ExifTags.Base.Make] = SECRET.decode()
    found[ExifTags.Base.Artist] = SECRET.decode()
    found.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = LATITUDE
    found.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    return found


def telling(kind: str) -> bytes:
    """A photo with all a camera and its owner can say in it: EXIF with GPS, XMP, comments."""
    out, xmp = BytesIO(), b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"
    how: dict[str, object] = {"exif": exif(), "xmp": xmp}
    if kind == "JPEG":
        how["comment"] = SECRET
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Author", SECRET.decode())
        text.add_itxt("XML:com.adobe.xmp", xmp.decode())
        how = {"exif": exif(), "pnginfo": text}
    Image.new("RGB", (300, 200), "olive").save(out, kind, **how)
    return out.getvalue()


def saved(mode: str, size: tuple[int, int], kind: str, **how: object) -> bytes:
    out = BytesIO()
    Image.new(mode, size).save(out, kind, **how)
    return out.getvalue()


# --- The table ------------------------------------------------------------------------------------------------------------

SCRIPT = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
# Name → the name the browser sends, the file, the beginning of the sentence the person reads.
BAD: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "60 megapixels, JPEG": ("wakacje.jpg", lambda: saved("L", (10_000, 6_000), "JPEG"), "To zdjęcie ma za dużo pikseli"),
    "60 megapixels, PNG": ("wakacje.png", lambda: a_png(10_000, 6_000, colour=2), "To zdjęcie ma za dużo pikseli"),
    "17 megapixels, WebP": ("wakacje.webp", lambda: saved("RGB", (4_200, 4_100), "WEBP"), "To zdjęcie ma za dużo pikseli"),
    "PNG bomb": ("mapa.png", lambda: a_png(40_000, 40_000, bits=1, colour=0), "To zdjęcie ma za dużo pikseli"),
    "PNG bomb in its text": (
        "mapa.png", lambda: a_png(40, 40, extra=chunk(b"zTXt", b"Comment\0\0" + zeros(300_000_000))), "To zdjęcie jest uszkodzone",
    ),
    "SVG with script": ("rysunek.svg", lambda: SCRIPT, "Rysunku w formacie SVG nie można dodać"),
    "SVG with script, renamed": ("rysunek.png", lambda: b'<?xml version="1.0"?>\n' + SCRIPT, "Rysunku w formacie SVG nie można dodać"),
    "SVG in another alphabet": ("rysunek.png", lambda: SCRIPT.decode().encode("utf-16"), "To nie jest zdjęcie"),
    "executable, renamed": ("zdjecie.jpg", lambda: b"MZ\x90\x00" + bytes(5000), "To nie jest zdjęcie"),
    "executable of Linux, renamed": ("zdjecie.png", lambda: b"\x7fELF\x02\x01\x01" + bytes(5000), "To nie jest zdjęcie"),
    "shell script, renamed": ("zdjecie.webp", lambda: b"#!/bin/sh\nrm -rf /\n", "To nie jest zdjęcie"),
    "page, renamed": ("zdjecie.jpg", lambda: b"<!doctype html><script>alert(1)</script>", "To nie jest zdjęcie"),
    "0 bytes": ("zdjecie.jpg", lambda: b"", "Ten plik jest pusty"),
    "cut in half": ("zdjecie.jpg", lambda: telling("JPEG")[:-900], "To zdjęcie jest uszkodzone"),
}  # fmt: skip
# The heaviest that are taken in, and at most how many megabytes each may cost (measured: 290, 310, 530).
HEAVY: dict[str, tuple[Callable[[], bytes], int]] = {
    "50 megapixels, transparent PNG on its side": (
        lambda: a_png(10_000, 5_000, extra=chunk(b"eXIf", exif(6).tobytes().removeprefix(b"Exif\0\0"))), 340,
    ),
    "16 megapixels, tall WebP": (lambda: saved("RGBA", (2_000, 8_000), "WEBP", lossless=True), 360),
    "50 megapixels, JPEG in steps, no colour left out": (
        lambda: saved("RGB", (3_535, 14_142), "JPEG", progressive=True, subsampling=0), 600,
    ),
    # What says it is small and goes on: it is read to where the picture ends.
    "PNG that does not end": (lambda: a_png(100, 100, body=500_000_000), 30),
}  # fmt: skip


def in_a_process(*arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", "tests.uploads", *arguments], check=True, capture_output=True, text=True, timeout=120)
    return done.stdout.strip()


def _weigh(content: bytes) -> tuple[str, int]:
    import django

    django.setup()
    from django.core.exceptions import ValidationError
    from django.core.files.uploadedfile import SimpleUploadedFile

    from active_citizens.core.pictures import take_in

    take_in(SimpleUploadedFile("x", a_png(60, 40)))
    upload = SimpleUploadedFile("x", content)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        picture = take_in(upload)
        said = f"{picture.width}x{picture.height}"
    except ValidationError as refused:
        said = str(refused.code)
    return said, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make = BAD[sys.argv[2]][1] if sys.argv[2] in BAD else HEAVY[sys.argv[2]][0]
        Path(sys.argv[3]).write_bytes(make())
    else:
        print(*_weigh(Path(sys.argv[2]).read_bytes()))

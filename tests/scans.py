"""PDF files somebody might bring as a receipt, good and bad: written here by hand, for no writer makes the bad ones."""

import zlib
from io import BytesIO

from PIL import Image

SQUARE = b"1 0 0 rg 100 100 300 300 re f"


def a_pdf(content: bytes = SQUARE, *, pages: int = 1, size: tuple[int, int] = (595, 842), more: bytes = b"", trailer: bytes = b"") -> bytes:
    """So many pages of one content, each of a size in points; ``more`` stands in the stream's dictionary."""
    kids = b" ".join(b"%d 0 R" % (4 + number) for number in range(pages))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents 3 0 R>>" % size
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids),
        b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), more, content),
        *[page] * pages,
    ]
    return _written(objects, trailer)


def _written(objects: list[bytes], trailer: bytes = b"") -> bytes:
    out, places = b"%PDF-1.4\n", []
    for number, written in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, written)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF"
    return out + end % (len(objects) + 1, table, len(objects) + 1, trailer, len(out))


def a_filled_form() -> bytes:
    """A page with nothing but a field, filled in red where other pages have their square."""
    return _written([
        b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots[4 0 R]>>",
        b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(45,50)/F 4/Rect[100 100 400 400]/P 3 0 R/AP<</N 5 0 R>>>>",
        b"<</Type/XObject/Subtype/Form/BBox[0 0 300 300]/Length 27>>stream\n1 0 0 rg 0 0 300 300 re f  \nendstream",
    ])  # fmt: skip


def a_bomb(unit: bytes, size: int) -> bytes:
    """One page whose content is so many bytes when it is unpacked, without ever holding them."""
    deflate, step = zlib.compressobj(9), unit * (1_000_000 // len(unit))
    packed = [deflate.compress(step) for _each in range(size // len(step))]
    return a_pdf(b"".join([*packed, deflate.flush()]), more=b"/Filter/FlateDecode")


def a_scanned_page(dots_per_inch: int) -> bytes:
    """An A4 page as a scanner writes it: one picture."""
    out = BytesIO()
    Image.new("RGB", (dots_per_inch * 8, dots_per_inch * 11), "olive").save(out, "PDF", resolution=dots_per_inch)
    return out.getvalue()


def a_grainy_scan(pages: int) -> bytes:
    """A4 pages as a telephone scans them, with the grain of its camera: small as JPEG, large as anything that loses nothing."""
    out = BytesIO()
    grain = [Image.merge("RGB", [Image.effect_noise((1654, 2339), 40) for _colour in range(3)]) for _page in range(pages)]
    grain[0].save(out, "PDF", save_all=True, append_images=grain[1:], resolution=200)
    return out.getvalue()


LOCKED = b"/Encrypt<</Filter/Standard/V 1/R 2/Length 40/P -4/O<%s>/U<%s>>>/ID[<00><00>]" % (b"41" * 32, b"42" * 32)
# What is taken in: how it is made, and the size of the picture that is kept.
GOOD = {
    "a page": (a_pdf, (1280, 1812)),
    "something before it begins": (lambda: b"\r\n%garbage\n" + a_pdf(), (1280, 1812)),
    "five pages": (lambda: a_pdf(pages=5), (1206, 5120)),
    "ten thousand pages": (lambda: a_pdf(b"", pages=10_000), (1206, 5120)),
    "a page of five metres": (lambda: a_pdf(size=(14_400, 14_400)), (1280, 1280)),
    "a strip": (lambda: a_pdf(size=(10, 14_400)), (4, 5120)),
    "a scan of 600 dpi": (lambda: a_scanned_page(600), (1280, 1760)),
    "a grainy scan of two pages": (lambda: a_grainy_scan(2), (1280, 3621)),
}
# What is refused: how it is made, and with which code.
BAD = {
    "nothing": (lambda: b"", "empty"),
    "a head alone": (lambda: b"%PDF-1.4\n", "broken"),
    "cut": (lambda: a_pdf()[:150], "broken"),
    "no pages": (lambda: a_pdf(pages=0), "broken"),
    "locked": (lambda: a_pdf(trailer=LOCKED), "locked"),
    "a bomb of zeros": (lambda: a_bomb(b"\0", 1_500_000_000), "broken"),
    "a bomb of lines": (lambda: a_bomb(b"0 0 m 9 9 l S\n", 500_000_000), "broken"),
    "a program": (lambda: b"MZ" + bytes(600), "not_a_picture"),
}

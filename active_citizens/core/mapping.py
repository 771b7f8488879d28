"""A map small enough to draw ourselves: boundaries in degrees become shapes in the units of one SVG picture."""

from collections.abc import Callable, Iterable
from math import cos, radians
from typing import Any, NamedTuple

Point = tuple[float, float]
METRES_PER_DEGREE = 111_320
WIDTH, MARGIN, LETTER, LINE = 800, 56, 21, 46
SCALES = (100, 200, 500, 1000, 2000, 5000, 10_000)


class Drawn(NamedTuple):
    """One neighbourhood as the template draws it; numbers are ready-made text, so no locale touches them."""

    slug: str
    name: str
    url: str
    tone: str
    path: str
    x: str
    y: str
    label_y: str


class Sheet(NamedTuple):
    shapes: list[Drawn]
    width: str
    height: str
    scale_label: str
    scale_line: str
    scale_y: str


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _points(shape: dict[str, Any]) -> list[Point]:
    found = [tuple(point[:2]) for ring in shape.get("rings") or [] for point in ring]
    return [*found, tuple(shape["centre"])] if shape.get("centre") else found


def _centre(shape: dict[str, Any]) -> Point:
    if shape.get("centre"):
        return tuple(shape["centre"][:2])
    points = _points(shape)
    return sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points)


def _clear_of(placed: list[tuple[float, float, float]], x: float, y: float, width: float) -> float:
    """Move a label down until it covers none that is already there."""
    while any(abs(x - other_x) < (width + other_width) / 2 and abs(y - other_y) < LINE for other_x, other_y, other_width in placed):
        y += LINE / 4
    placed.append((x, y, width))
    return y


def _drawn(shape: dict[str, Any], place: Callable[[Point], Point], labels: list[tuple[float, float, float]]) -> Drawn:
    """One neighbourhood on the sheet, its label inside the margins and clear of those already placed."""
    x, y = place(_centre(shape))
    half = len(shape["name"]) * LETTER / 2
    label_x = min(max(x, half), WIDTH - half)
    label_y = _clear_of(labels, label_x, y + LETTER * 0.7 if shape.get("rings") else y - LETTER, 2 * half)
    rings = ("L".join(f"{_number(px)} {_number(py)}" for px, py in map(place, ring)) for ring in shape.get("rings") or [])
    path = "".join(f"M{ring}Z" for ring in rings)
    return Drawn(
        slug=shape["slug"],
        name=shape["name"],
        url=shape.get("url", ""),
        tone=shape.get("tone") or shape["slug"],
        path=path,
        x=_number(label_x if path else x),
        y=_number(y),
        label_y=_number(label_y),
    )


def draw(shapes: Iterable[dict[str, Any]]) -> Sheet | None:
    """Project boundaries (lists of longitude, latitude) onto a flat sheet, north up; nothing to draw gives None.

    Equirectangular with the middle latitude: over a city the error is smaller than the line.
    """
    shapes = [shape for shape in shapes if _points(shape)]
    if not shapes:
        return None
    points = [point for shape in shapes for point in _points(shape)]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    squeeze = cos(radians((south + north) / 2))
    # A lone point still gets a sheet: about two kilometres of ground.
    across = max((east - west) * squeeze, 0.018)
    unit = (WIDTH - 2 * MARGIN) / across
    left = MARGIN + (across - (east - west) * squeeze) * unit / 2

    def place(point: Point) -> Point:
        return left + (point[0] - west) * squeeze * unit, MARGIN + (north - point[1]) * unit

    labels: list[tuple[float, float, float]] = []
    drawn = [_drawn(shape, place, labels) for shape in sorted(shapes, key=lambda shape: -_centre(shape)[1])]
    bottom = max([place((west, south))[1]] + [label[1] for label in labels])
    per_metre = unit / METRES_PER_DEGREE
    metres = max((scale for scale in SCALES if scale * per_metre <= WIDTH / 4), default=SCALES[0])
    scale_y = bottom + MARGIN + 8
    return Sheet(
        shapes=drawn,
        width=str(WIDTH),
        height=_number(scale_y + 20),
        scale_label=f"{metres // 1000} km" if metres >= 1000 else f"{metres} m",
        scale_line=f"M{MARGIN} {_number(scale_y - 8)}v8h{_number(metres * per_metre)}v-8",
        scale_y=_number(scale_y - 22),
    )

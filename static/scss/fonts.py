"""Cut the two weights of Lato 2.0 to the letters the portal needs: python fonts.py <folder with Lato-*.ttf>.

Pages load small files (WOFF2, the letters of the three languages), so those go to static/fonts. Papers are set on the server and a name
may be written in any letters Lato has, so templates/pdf/fonts keeps nearly all of them (TrueType), with a list of what is there.
Needs fonttools and brotli. The licence reserves the name Lato for the unchanged fonts, so the cut ones are renamed.
"""

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter, parse_unicodes
from fontTools.ttLib import TTFont

NAME = "Podworko"
WEIGHTS = {"Lato-Regular.ttf": ("Regular", 400), "Lato-Heavy.ttf": ("Heavy", 800)}
LETTERS = {
    "latin": "20-7E,A0,A7,A9,AB,AD,B0-B3,B7,BB,BD,C4,C9,D3,D6,D7,DC,DF-E1,E4,E7-EB,ED,F3,F6,FA,FC,104-107,10C-10D,118-11B,"
    "141-144,158-15B,160-161,179-17E,2010-2014,2018-201A,201C-201E,2022,2026,2030,2039-203A,20AC,2190-2193,2197,2212",
    "cyrillic": "301,401,404,406-407,410-44F,451,454,456-457,490-491,2116",
}

# Latin, Greek, Cyrillic, punctuation, currency, arrows; not the fillers and the private signs.
PAPER = (
    "20-7E,A0-36F,374-3CE,400-513,1E00-1EF9,2000-200A,2010-2012,2013-2022,2026,202F-2030,2032-2034,2039-203A,203C-203E,2044,"
    "2070-2094,20A0-20BA,2105,2113,2116-2117,2120,2122,2126,212E,2153-215E,2190-2199,2202,2206,220F,2211-2212,2215,2219-221A,221E,"
    "222B,2248,2260,2264-2265,2460-2473,25A1,25AA-25AB,25CA,25CF,25E6,2669"
)
FEATURES = ["kern", "liga", "ccmp", "locl", "mark", "mkmk", "tnum", "lnum"]
ROOT = Path(__file__).resolve().parent.parent.parent


def cut(file: Path, unicodes: str, style: str, target: Path) -> TTFont:
    """Save the font with these letters only, under our own name."""
    flavor = "woff2" if target.suffix == ".woff2" else None
    font = TTFont(file, recalcTimestamp=False)
    options = Options(hinting=False, flavor=flavor, layout_features=FEATURES)
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=parse_unicodes(unicodes))
    subsetter.subset(font)
    for record in font["name"].names:
        renamed = {1: NAME, 2: style, 3: f"{NAME} {style}", 4: f"{NAME} {style}", 6: f"{NAME}-{style}"}
        if record.nameID in renamed:
            record.string = renamed[record.nameID]
    font.flavor = flavor
    font.save(target)
    return font


def ranges(points: list[int]) -> str:
    """The code points as lines „first last”, hexadecimal."""
    starts = [point for point in points if point - 1 not in points]
    ends = [point for point in points if point + 1 not in points]
    return "".join(f"{first:X} {last:X}\n" for first, last in zip(starts, ends, strict=True))


source = Path(sys.argv[1])
for name, (style, weight) in WEIGHTS.items():
    for part, unicodes in LETTERS.items():
        cut(source / name, unicodes, style, ROOT / "static/fonts" / f"podworko-{weight}-{part}.woff2")
    paper = cut(source / name, PAPER, style, ROOT / "templates/pdf/fonts" / f"podworko-{weight}.ttf")
    (ROOT / "templates/pdf/fonts/letters.txt").write_text(ranges(sorted(paper.getBestCmap())))

"""Cut the two weights of Lato 2.0 to the letters the portal needs: python fonts.py <folder with Lato-*.ttf>.

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

source, target = Path(sys.argv[1]), Path(__file__).resolve().parent.parent / "fonts"
for file, (style, weight) in WEIGHTS.items():
    for part, unicodes in LETTERS.items():
        font = TTFont(source / file, recalcTimestamp=False)
        options = Options(hinting=False, flavor="woff2", layout_features=["kern", "liga", "ccmp", "locl", "mark", "mkmk", "tnum", "lnum"])
        options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=parse_unicodes(unicodes))
        subsetter.subset(font)
        for record in font["name"].names:
            renamed = {1: NAME, 2: style, 3: f"{NAME} {style}", 4: f"{NAME} {style}", 6: f"{NAME}-{style}"}
            if record.nameID in renamed:
                record.string = renamed[record.nameID]
        font.flavor = "woff2"
        font.save(target / f"podworko-{weight}-{part}.woff2")

"""Build corridor/drawing/fonts/: the letters of the static figures, cut from an open typeface.

    python layers/build/figure_fonts.py --sources DIR

Inputs (DIR): NotoSansCJK-Regular.ttc and NotoSansCJK-Bold.ttc, version 2.004 (Adobe and Google; SIL Open Font License 1.1;
the package fonts-noto-cjk of Debian holds both). Needs fonttools.

Of each, the Hong Kong face (for Traditional Chinese), the Simplified Chinese face and, for Latin letters, the Korean one
(whose quotation marks are narrow) are cut down to the characters that
are used: those of every text of the program, its layers and scenarios (bold: of the layers only names of control points and proposed lines). The regular weight also takes the 3,755 most used
characters of GB 2312 (Simplified) and the 5,401 of Big5 (Traditional), so that names of scenarios of one's own are
drawn too. Hints and layout tables go; glyphs stay as they are. The cut fonts have a name of their own, 'Corridor Sans', and
stay under the same licence (fonts/OFL.txt). Same inputs, same bytes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "corridor" / "drawing" / "fonts"
FACES = {"HK": "big5", "SC": "gb2312", "KR": ""}  # the Korean face has the narrow points of Latin text
WEIGHTS = ("Regular", "Bold")
TEXTS = {"corridor": {".py", ".csv"}, "scenarios": {".yaml"}, "layers": {".csv", ".geojson", ".yaml"}}
BOLD = (
    "corridor",
    "scenarios",
    "layers/network/checkpoints.csv",
    "layers/proposals",
)  # titles, control points, lines
LATIN = "".join(chr(c) for c in (*range(0x20, 0x7F), *range(0xA0, 0x180)))
SIGNS = "–—‘’“”…•●○◆◇■□▲△▼▽→←↑↓−×÷±≈≤≥°′″〓§¶©®™₂²³µΔΣ√∞½¼¾　、。〈〉《》「」『』【】〔〕（），．：；？！％＋－＝～／・…"
NARROW = "–—‘’“”…•·−×÷±≈≤≥→←°"


def used(folders: Iterable[str] = TEXTS) -> set[str]:
    """Every character of the texts that travel with the program, in some of its folders."""
    return {
        char
        for folder in folders
        for path in (sorted((ROOT / folder).rglob("*")) or [ROOT / folder])
        if path.suffix in TEXTS[folder.split("/")[0]] and "__pycache__" not in path.parts
        for char in path.read_text(encoding="utf-8")
    } | set(LATIN + SIGNS)


def most_used(encoding: str) -> Iterator[str]:
    """The characters of the first level of a national standard."""
    if not encoding:
        return
    leads, trails = {
        "gb2312": (range(0xB0, 0xD8), range(0xA1, 0xFF)),
        "big5": (range(0xA4, 0xC7), (*range(0x40, 0x7F), *range(0xA1, 0xFF))),
    }[encoding]
    for lead in leads:
        for trail in trails:
            try:
                yield bytes([lead, trail]).decode(encoding)
            except UnicodeDecodeError:
                continue


def cut(font: TTFont, chars: set[str], face: str, weight: str) -> TTFont:
    """The font with the glyphs of `chars` alone, under a name of its own."""
    options = subset.Options(
        hinting=False, layout_features=[], notdef_outline=True, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
        name_languages=[0x409], glyph_names=False, recalc_timestamp=False, drop_tables=["BASE", "VORG", "vhea", "vmtx", "DSIG", "GDEF", "GPOS", "GSUB"],
    )  # fmt: skip
    tool = subset.Subsetter(options)
    tool.populate(unicodes=[ord(c) for c in chars])
    tool.subset(font)
    family = f"Corridor Sans {face}"
    names = {
        1: family,
        2: weight,
        3: f"{family} {weight}, cut from Noto Sans CJK 2.004",
        4: f"{family} {weight}",
        6: f"CorridorSans{face}-{weight}",
    }
    for name_id, text in names.items():
        font["name"].setName(text, name_id, 3, 1, 0x409)
    top = font["CFF "].cff
    top.fontNames = [names[6]]
    top.topDictIndex[0].FullName, top.topDictIndex[0].FamilyName = names[4], family
    return font


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sources", type=Path, required=True)
    sources = parser.parse_args().sources
    OUT.mkdir(parents=True, exist_ok=True)
    for weight in WEIGHTS:
        for face, encoding in FACES.items():
            fonts = TTCollection(sources / f"NotoSansCJK-{weight}.ttc").fonts
            (font,) = (
                f
                for f in fonts
                if f["name"].getDebugName(4) in {f"Noto Sans CJK {face}", f"Noto Sans CJK {face} {weight}"}
            )
            wanted = (
                set(LATIN + NARROW)
                if face == "KR"
                else used(BOLD)
                if weight == "Bold"
                else used() | set(most_used(encoding))
            )
            path = OUT / f"CorridorSans{face}-{weight}.otf"
            font.recalcTimestamp = False
            cut(font, wanted, face, weight).save(path)
            print(
                f"{path.relative_to(ROOT)}: {len(TTFont(path).getBestCmap())} characters, {path.stat().st_size:,} bytes"
            )


if __name__ == "__main__":
    main()

"""The letters of the figures: cut from an open typeface and shipped, so that no machine lacks a glyph."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from matplotlib.font_manager import FontEntry, FontProperties, fontManager
from matplotlib.ft2font import FT2Font

from corridor.schema.text import Lang, visible

FOLDER = Path(str(files("corridor.drawing").joinpath("fonts")))
NO_GLYPH = "〓"
"""Printed for a character that no shipped font has, as is the custom in Chinese and Japanese print."""
_FACES: dict[Lang, tuple[str, ...]] = {
    "en": ("KR", "HK", "SC"),
    "zh-Hant": ("HK", "SC"),
    "zh-Hans": ("SC", "HK"),
}
"""Faces by language, the first to be asked for a glyph first; the Korean one holds Latin letters and narrow points alone."""


def _file(face: str, weight: str) -> Path:
    return FOLDER / f"CorridorSans{face}-{weight}.otf"


@cache
def _registered() -> None:
    """Each file becomes a family of its own, so that one can stand in for another glyph by glyph."""
    for face in ("KR", "HK", "SC"):
        for weight in ("Regular", "Bold"):
            entry = FontEntry(
                fname=str(_file(face, weight)), name=f"Corridor {face} {weight}", style="normal", variant="normal",
                weight=400, stretch="normal", size="scalable",
            )  # fmt: skip
            fontManager.ttflist.append(entry)


def font(lang: Lang, size_px: float, bold: bool = False) -> FontProperties:
    """Letters of a size, in the forms of the script's own region.

    Parameters
    ----------
    lang
        Language of the text.
    size_px
        Type size in units of the sheet, hundredths of an inch.
    bold
        Bold letters; a character that no bold face has is regular.
    """
    _registered()
    faces = _FACES[lang]
    regular = [f"Corridor {face} Regular" for face in faces]
    families = [*(f"Corridor {face} Bold" for face in faces), *regular] if bold else regular
    return FontProperties(family=families, size=size_px * 0.72)


@cache
def glyphs() -> frozenset[str]:
    """Every character that can be drawn."""
    faces = (FT2Font(str(_file(face, "Regular"))) for face in ("HK", "SC"))
    return frozenset(chr(code) for face in faces for code in face.get_charmap())


def drawable(words: str) -> str:
    """The words with every character that has no glyph replaced; spaces of all kinds as spaces.

    What would be obeyed unseen is written out, as on the pages.
    """
    if glyphs().issuperset(words):
        return words
    return "".join(
        c if c in glyphs() else " " if c.isspace() or not c.isprintable() else NO_GLYPH
        for c in visible(words)
    )

"""Letters of pictures: each has a glyph, titles are bold, names keep apart, lines keep to their width."""

from __future__ import annotations

import csv

import pytest

from corridor.drawing import labels
from corridor.drawing.fonts import NO_GLYPH, _file, drawable, glyphs
from corridor.drawing.i18n import STRINGS
from corridor.drawing.labels import Label, Room
from corridor.drawing.sheet import Sheet, dashes
from corridor.schema.text import LANGS, Lang
from tests.paths import ROOT


def texts() -> set[str]:
    """Every character of the words of the pages and of all names in the layers and scenarios."""
    found = {c for words in STRINGS.values() for lang in LANGS for c in words.in_script(lang)}
    for folder, pattern in (
        ("layers/network", "*.csv"),
        ("layers/land", "*.geojson"),
        ("layers/proposals", "*"),
        ("scenarios", "*.yaml"),
    ):
        for path in (ROOT / folder).glob(pattern):
            found |= set(path.read_text(encoding="utf-8"))
    return {c for c in found if c.isprintable()}


def test_every_character_has_a_glyph() -> None:
    assert texts() - glyphs() == set()
    assert {"線", "线", "綫", "〓", "“", "→", "−"} <= glyphs()


def test_titles_are_bold_throughout() -> None:
    from matplotlib.ft2font import FT2Font

    bold = {chr(c) for face in ("HK", "SC") for c in FT2Font(str(_file(face, "Bold"))).get_charmap()}
    with (ROOT / "layers" / "network" / "checkpoints.csv").open(encoding="utf-8") as file:
        names = {
            c for row in csv.DictReader(file) for k, v in row.items() if k.startswith("name_") for c in v
        }
    figures = {
        c
        for key, words in STRINGS.items()
        if key.startswith("figure_")
        for lang in LANGS
        for c in words.in_script(lang)
    }
    assert (names | figures) - bold == set()


def test_the_fonts_keep_their_licence_and_have_names_of_their_own() -> None:
    from matplotlib.ft2font import FT2Font

    assert "SIL OPEN FONT LICENSE Version 1.1" in (_file("HK", "Bold").parent / "OFL.txt").read_text(
        encoding="utf-8"
    )
    for path in _file("HK", "Bold").parent.glob("*.otf"):
        face = FT2Font(str(path))
        assert face.family_name.startswith("Corridor Sans") and "Noto" not in face.postscript_name


def test_what_has_no_glyph_is_marked_not_lost() -> None:
    assert (
        drawable("A\u0b95B") == f"A{NO_GLYPH}B" and drawable("a\nb") == "a b" and drawable("元朗") == "元朗"
    )


def test_names_never_meet() -> None:
    room = Room((0, 0, 200, 100))
    placed = [
        room.place(Label(f"{i}", ((20 + 40 * (i % 5), 15 + 15 * (i // 5)),), 12, i, "#000", gap=6), 60)
        for i in range(30)
    ]
    boxes = [b for b in placed if b]
    assert 3 < len(boxes) < 30
    assert not any(labels.meet(a, b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert all(min(b) >= 0 and b[2] <= 200 and b[3] <= 100 for b in boxes)


@pytest.mark.parametrize("lang", LANGS)
def test_lines_are_no_wider_than_asked_and_lose_nothing(lang: Lang) -> None:
    sheet = Sheet(lang)
    words = (
        "居民平均60分鐘內可達職位（08:30），相對「參照」的變化。 One scale for all scenarios and both hours."
    )
    lines = sheet.lines(words, 14, 130)
    assert all(sheet.width_of(line, 14) <= 150 for line in lines) and len(lines) > 4
    assert "".join(lines).replace(" ", "") == words.replace(" ", "")
    assert not any(line[0] in "，。）」" for line in lines)
    (short,) = sheet.lines(words, 14, 100, most=1)
    assert short.endswith("…") and sheet.width_of(short, 14) <= 110


def test_a_dash_is_in_widths_of_its_line() -> None:
    assert dashes("12 6", 3.0) == (0.0, (4.0, 2.0)) and dashes("", 3.0) == "solid"

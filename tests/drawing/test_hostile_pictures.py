"""Texts from data in pictures: every text is drawn as it is, and none ends what it stands in."""

from __future__ import annotations

import dataclasses
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from matplotlib.text import Text as Drawn

from corridor.drawing import write as figures
from corridor.drawing.ground import Ground, ground
from corridor.drawing.save import Format
from corridor.drawing.sheet import Sheet as Paper
from corridor.drawing.wrap import NARROW_EM, cut, em, lines
from corridor.schema.catalog import Catalog
from corridor.schema.text import visible
from tests.drawing import test_figures as pictures
from tests.spoiler import ROUNDS, TEXTS, Spoiler


@pytest.fixture(scope="module")
def under() -> Ground:
    whole = ground(Catalog.bundled())
    return dataclasses.replace(whole, attributions=whole.attributions[:3])


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_pictures_draw_every_text_as_it_is(
    turn: int, under: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoiler = Spoiler([t for t in TEXTS if "\x00" not in t], turn)  # no table can hold NUL
    layers = {name: spoiler.put(frame) for name, frame in pictures.layers().items()}
    monkeypatch.setattr(pictures, "layers", lambda: layers)
    monkeypatch.setattr(pictures, "NAMES", {i: spoiler.words() for i in pictures.NAMES})
    folder = pictures.write_folder(tmp_path / "result")
    scores = json.loads((folder / "scores.json").read_text("utf-8"))
    for row in scores["criteria"].values():
        row |= {key: spoiler.words() for key in row if key.startswith("title_")}
    (folder / "scores.json").write_text(json.dumps(scores), encoding="utf-8")
    base = spoiler.put(under)
    monkeypatch.setattr("corridor.drawing.write.ground", lambda _: base)
    drawn: list[tuple[str, bool]] = []
    keep = figures.picture

    def picture(sheet: Any, *rest: Any) -> bytes:
        drawn.extend((w.get_text(), w.get_parse_math()) for w in sheet.figure.findobj(Drawn))
        return keep(sheet, *rest)

    monkeypatch.setattr(figures, "picture", picture)
    forms: tuple[Format, ...] = ("svg",) if turn else ("svg", "png")
    wanted = figures.Wanted(scenarios=("viaduct",), formats=forms, width=800)
    files = figures.draw_figures(folder, tmp_path / "out", wanted)
    assert {math for words, math in drawn if "$" in words} == {False}  # it opens no formula
    assert any("{{" in words for words, _ in drawn)
    for path in files:
        if path.suffix == ".svg":
            check_svg(path.read_text("utf-8"), path.with_suffix(".txt").read_text("utf-8").strip())


def check_svg(source: str, alt: str) -> None:
    """Well formed, of the drawing's own elements, with the alt text as it stands beside the picture."""
    tree = ET.fromstring(source)
    names = {e.tag.rpartition("}")[2] for e in tree.iter()}
    assert names <= {
        "svg",
        "title",
        "desc",
        "defs",
        "style",
        "g",
        "path",
        "use",
        "clipPath",
        "rect",
        "pattern",
        "image",
    }
    assert not any(key.lower().startswith("on") for e in tree.iter() for key in e.attrib)
    assert all(
        v.startswith(("#", "data:")) for e in tree.iter() for k, v in e.attrib.items() if k.endswith("href")
    )
    said = tree.find("{http://www.w3.org/2000/svg}desc")
    assert said is not None and (said.text or "").strip() == alt
    assert visible(alt) == alt


def test_a_very_long_text_is_cut_at_the_same_letter_and_soon() -> None:
    pen, words = Paper("en"), "Western Rail Link, " * 6
    kept = cut(words, 400, lambda line: pen.width_of(line, 12))
    naive = words
    while pen.width_of(naive.rstrip() + "…", 12) > 400:
        naive = naive[:-1]
    assert kept == naive.rstrip() + "…"
    assert lines("ab " + "M" * 400_000 + " c", 10.5 * NARROW_EM, em, 2) == ["ab", "M" * 9 + "…"]

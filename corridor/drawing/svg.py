"""A drawing as inline SVG: text as text, in three scripts, of which the page shows one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from corridor.drawing import wrap
from corridor.drawing.canvas import HATCHES, Box, Disc, Drawing, Mark, Path, Point, Ref, Words
from corridor.schema.text import LANGS, visible

LINE_EM = 1.2
BASELINE_EM = 0.35
"""From the middle of a line down to its baseline."""
TILE_INK = "#1f2428"
Attributes = Mapping[str, str | float]


def svg(drawing: Drawing, kind: str = "chart") -> str:
    """Write a drawing as inline SVG of its natural size in pixels, of the CSS class `kind`.

    Texts are escaped and stand in all three scripts, of which the page shows one. The same drawing gives the same bytes: ids
    of hatchings come from its content.
    """
    hatches = sorted({m.hatch for m in drawing.marks if isinstance(m, Box | Path) and m.hatch})
    name = "h" + hashlib.sha256(repr(drawing).encode()).hexdigest()[:10] if hatches else ""
    said = [
        _tag(tag, {"lang": lang}, _esc(text.in_script(lang)))
        for tag, text in (("title", drawing.title), ("desc", drawing.description))
        for lang in LANGS
    ]
    tiles = _tag("defs", {}, "".join(_tile(name, key) for key in hatches)) if hatches else ""
    view = f"0 0 {px(drawing.width)} {px(drawing.height)}"
    size: Attributes = {"class": kind, "viewBox": view, "width": drawing.width, "height": drawing.height}
    body = "".join(said) + tiles + elements(drawing.marks, name)
    return _tag("svg", {**size, "role": "img", "stroke-linejoin": "round"}, body)


def elements(marks: Iterable[Mark], name: str = "") -> str:
    """Marks as SVG elements.

    Parameters
    ----------
    marks
        From back to front.
    name
        How the ids of their hatchings begin; they must be defined in the page.

    Returns
    -------
    str
        Markup whose texts are escaped.
    """
    return "".join(_element(mark, name) for mark in marks)


def px(value: float) -> str:
    """A coordinate as written: a tenth of a unit, no trailing zero, never minus zero."""
    return f"{round(float(value), 1) + 0.0:.1f}".removesuffix(".0")


def _tag(name: str, attributes: Attributes, content: str = "") -> str:
    """An element; numbers are written as coordinates, what is empty is left out."""
    said = {key: _esc(v) if isinstance(v, str) else px(v) for key, v in attributes.items() if v != ""}
    words = "".join(f' {key}="{value}"' for key, value in said.items())
    return f"<{name}{words}>{content}</{name}>" if content else f"<{name}{words}/>"


def _esc(words: str) -> str:
    # visible() before escape(): signs that turn or hide text are written out, then nothing can end an element or attribute
    return escape(visible(words), quote=True)


def _tile(name: str, key: str) -> str:
    hatch = HATCHES[key]
    look: Attributes = {"stroke": TILE_INK, "stroke-opacity": "0.55", "stroke-width": f"{hatch.weight:g}"}
    size: Attributes = {"width": hatch.size, "height": hatch.size, "patternUnits": "userSpaceOnUse"}
    drawn = _tag("path", {"d": hatch.path, "fill": "none", **look})
    return _tag("pattern", {"id": f"{name}-{key}", **size}, drawn)


def _element(mark: Mark, name: str) -> str:
    match mark:
        case Ref():
            return _tag("use", {"href": f"#{mark.name}"})
        case Words():
            return _text(mark)
        case Disc():
            return _filled("circle", {"cx": mark.x, "cy": mark.y, "r": mark.radius}, mark, name)
        case Box():
            size = {"width": mark.width, "height": mark.height, "rx": mark.radius or ""}
            return _filled("rect", {"x": mark.x, "y": mark.y, **size}, mark, name)
    drawn = "".join(_moves(run) + "z" * mark.closed for run in mark.runs)
    rule = "evenodd" if mark.closed and len(mark.runs) > 1 else ""
    return _filled("path", {"d": drawn, "fill-rule": rule}, mark, name) if drawn else ""


def _filled(tag: str, where: Attributes, mark: Path | Box | Disc, name: str) -> str:
    """A shape with its fill, and again with its hatching where it has one."""
    weight = f"{mark.weight:g}" if mark.stroke and mark.weight != 1 else ""
    edge = {"stroke": mark.stroke, "stroke-width": weight, "stroke-dasharray": mark.dash}
    fill = {"fill": mark.fill or "none", "opacity": f"{mark.opacity:g}" if mark.opacity < 1 else ""}
    if not mark.hatch:
        return _tag(tag, {**where, **fill, **edge})
    plain = _tag(tag, {**where, **fill}) if mark.fill else ""
    return plain + _tag(tag, {**where, "fill": f"url(#{name}-{mark.hatch})", **edge})


def _text(mark: Words) -> str:
    """A text in each script, or once where they are alike."""
    look: dict[str, str | float] = {"font-size": f"{mark.size:g}", "fill": mark.colour}
    look["text-anchor"] = mark.across if mark.across != "start" else ""
    look["font-weight"] = "600" if mark.bold else ""
    look["font-style"] = "italic" if mark.italic else ""
    halo = {"stroke": "#fff", "stroke-width": "3", "paint-order": "stroke"} if mark.halo else {}
    notes = dict.fromkeys(map(mark.note.in_script, LANGS)) if mark.note else {}
    note = _tag("title", {}, _esc(" / ".join(notes))) if notes else ""
    scripts = {lang: mark.scripts.in_script(lang) for lang in LANGS}
    alike = len(set(scripts.values())) == 1
    made = []
    for lang, words in list(scripts.items())[: 1 if alike else None]:
        lines = wrap.lines(words, mark.width / mark.size, wrap.em, mark.most) if mark.width else [words]
        first = mark.y - (len(lines) - 1) * mark.size * LINE_EM / 2 + mark.size * BASELINE_EM
        tops = [first + i * mark.size * LINE_EM for i in range(len(lines))]
        spans = [
            _tag("tspan", {"x": mark.x, "y": y}, _esc(line)) for y, line in zip(tops, lines, strict=True)
        ]
        body = note + ("".join(spans) if len(lines) > 1 else _esc(lines[0]))
        where = {"x": mark.x, "y": first, "lang": "" if alike else lang}
        made.append(_tag("text", {**where, **look, **halo}, body))
    return "".join(made)


def _moves(run: Sequence[Point] | NDArray[np.float64]) -> str:
    """Path data of a line: where it begins, then steps in tenths of a unit, those of no length left out."""
    # rounded before the differences are taken: errors of single steps would add up along a coast
    tenths = np.rint(np.asarray(run, dtype=float) * 10).astype(int)
    steps = [(a / 10, b / 10) for a, b in np.diff(tenths, axis=0).tolist() if a or b]
    moves = [f"h{a:g}" if not b else f"v{b:g}" if not a else f"l{a:g} {b:g}" for a, b in steps]
    x, y = (tenths[0] / 10).tolist()
    return f"M{x:g} {y:g}{''.join(moves)}" if moves else ""

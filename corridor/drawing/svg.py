"""A drawing as inline SVG: text as text, in three scripts, of which the page shows one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import singledispatch
from html import escape

import numpy as np

from corridor.drawing import wrap
from corridor.drawing.canvas import HATCHES, Box, Disc, Drawing, Mark, Path, Point, Ref, Words
from corridor.schema.text import LANGS, visible

LINE_EM = 1.2
BASELINE_EM = 0.35
"""From the middle of a line down to its baseline."""
TILE_INK = "#1f2428"


def svg(drawing: Drawing, kind: str = "chart") -> str:
    """An inline SVG of the natural size of the drawing, of the CSS class `kind`; the same drawing gives the same bytes."""
    said = [
        _tag(tag, _esc(text.in_script(lang)), lang=lang)
        for tag, text in (("title", drawing.title), ("desc", drawing.description))
        for lang in LANGS
    ]
    hatches = sorted({m.hatch for m in drawing.marks if isinstance(m, Box | Path) and m.hatch})
    name = "h" + hashlib.sha256(repr(drawing).encode()).hexdigest()[:10] if hatches else ""
    tiles = _tag("defs", "".join(_tile(name, key) for key in hatches)) if hatches else ""
    body = "".join(said) + tiles + elements(drawing.marks, name)
    look = {"class": kind, "viewBox": f"0 0 {px(drawing.width)} {px(drawing.height)}"}
    return _tag(
        "svg", body, **look, width=drawing.width, height=drawing.height, role="img", stroke_linejoin="round"
    )


def elements(marks: Iterable[Mark], name: str = "") -> str:
    """Marks as SVG elements; `name` is how the ids of their hatchings begin."""
    return "".join(_element(mark, name) for mark in marks)


def px(value: float) -> str:
    """A coordinate as written: a tenth of a unit, no trailing zero, never minus zero."""
    return f"{round(float(value), 1) + 0.0:.1f}".removesuffix(".0")


def _tag(name: str, content: str = "", **attributes: str | float | None) -> str:
    """An element; numbers are written as coordinates, what is empty is left out, an inner _ reads as -."""
    words = "".join(
        f' {key.replace("_", "-")}="{_esc(value) if isinstance(value, str) else px(value)}"'
        for key, value in attributes.items()
        if value is not None and value != ""
    )
    return f"<{name}{words}>{content}</{name}>" if content else f"<{name}{words}/>"


def _esc(words: str) -> str:
    return escape(visible(words), quote=True)


def _tile(name: str, key: str) -> str:
    hatch = HATCHES[key]
    look = {"stroke": TILE_INK, "stroke_opacity": "0.55", "stroke_width": f"{hatch.weight:g}"}
    drawn = _tag("path", d=hatch.path, fill="none", **look)
    size = {"width": hatch.size, "height": hatch.size, "patternUnits": "userSpaceOnUse"}
    return _tag("pattern", drawn, id=f"{name}-{key}", **size)


@singledispatch
def _element(mark: Mark, name: str) -> str:
    raise TypeError(mark)


@_element.register
def _(mark: Ref, name: str) -> str:
    return _tag("use", href=f"#{mark.name}")


@_element.register
def _(mark: Disc, name: str) -> str:
    return _tag("circle", cx=mark.x, cy=mark.y, r=mark.radius, **_look(mark))


@_element.register
def _(mark: Box, name: str) -> str:
    where = {"x": mark.x, "y": mark.y, "width": mark.width, "height": mark.height, "rx": mark.radius or None}
    return _filled("rect", where, mark, name)


@_element.register
def _(mark: Path, name: str) -> str:
    rule = "evenodd" if mark.closed and len(mark.runs) > 1 else ""
    drawn = "".join(_moves(run) + "z" * mark.closed for run in mark.runs)
    return _filled("path", {"d": drawn, "fill_rule": rule}, mark, name) if drawn else ""


@_element.register
def _(mark: Words, name: str) -> str:
    scripts = [mark.scripts.in_script(lang) for lang in LANGS]
    alike = len(set(scripts)) == 1
    look: dict[str, str | float] = {"font_size": f"{mark.size:g}", "fill": mark.colour}
    look |= {"text_anchor": mark.across} if mark.across != "start" else {}
    look |= {"font_weight": "600"} if mark.bold else {}
    look |= {"font_style": "italic"} if mark.italic else {}
    if mark.halo:
        look |= {"stroke": "#fff", "stroke_width": "3", "paint_order": "stroke"}
    note = (
        _tag("title", _esc(" / ".join(dict.fromkeys(map(mark.note.in_script, LANGS))))) if mark.note else ""
    )
    made = []
    for lang, words in list(zip(LANGS, scripts, strict=True))[: 1 if alike else None]:
        fit = mark.width / mark.size
        lines = wrap.lines(words, fit, wrap.em, mark.most) if mark.width else [words]
        first = mark.y - (len(lines) - 1) * mark.size * LINE_EM / 2 + mark.size * BASELINE_EM
        spots = [{"x": mark.x, "y": first + i * mark.size * LINE_EM} for i in range(len(lines))]
        spans = "".join(_tag("tspan", _esc(line), **spot) for line, spot in zip(lines, spots, strict=True))
        one = len(lines) == 1
        made.append(
            _tag(
                "text",
                note + (_esc(lines[0]) if one else spans),
                **spots[0] if one else {},
                **look,
                lang="" if alike else lang,
            )
        )
    return "".join(made)


def _filled(tag: str, where: dict[str, str | float | None], mark: Box | Path, name: str) -> str:
    """A shape with its fill, and again with its hatching where it has one."""
    look = _look(mark) | {"stroke_dasharray": mark.dash}
    look["opacity"] = f"{mark.opacity:g}" if mark.opacity < 1 else ""
    if not mark.hatch:
        return _tag(tag, **where, **look)
    plain = _tag(tag, **where, fill=mark.fill, opacity=look["opacity"]) if mark.fill else ""
    return plain + _tag(tag, **where, **look | {"fill": f"url(#{name}-{mark.hatch})", "opacity": ""})


def _look(mark: Box | Path | Disc) -> dict[str, str | float | None]:
    weight = f"{mark.weight:g}" if mark.stroke and mark.weight != 1 else ""
    return {"fill": mark.fill or "none", "stroke": mark.stroke, "stroke_width": weight}


def _moves(run: Sequence[Point]) -> str:
    """Path data of a line: where it begins, then steps in tenths of a unit, those of no length left out."""
    tenths = np.rint(np.asarray(run, dtype=float) * 10).astype(int)
    steps = [(a / 10, b / 10) for a, b in np.diff(tenths, axis=0).tolist() if a or b]
    moves = [f"h{a:g}" if not b else f"v{b:g}" if not a else f"l{a:g} {b:g}" for a, b in steps]
    x, y = (tenths[0] / 10).tolist()
    return f"M{x:g} {y:g}{''.join(moves)}" if moves else ""

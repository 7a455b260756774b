"""Small drawings for the pages: text in three scripts, wrapped, and round axes."""

from __future__ import annotations

import math
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable

from corridor.schema.text import LANGS, Text
from corridor.web.html import esc, tag

WIDE_EM, NARROW_EM = 1.0, 0.56
"""Width of a letter in units of the type size: full-width scripts, and all else (an upper estimate of the mean)."""
LINE_EM = 1.2


def drawing(title: Text, description: Text, width: float, height: float, *content: str) -> str:
    """An inline drawing with its title and description in three scripts, no wider than its natural size."""
    said = [
        tag(name, esc(text.in_script(lang)), lang=lang)
        for name, text in (("title", title), ("desc", description))
        for lang in LANGS
    ]
    return (
        f'<svg class="chart" viewBox="0 0 {px(width)} {px(height)}" width="{px(width)}" height="{px(height)}" role="img">'
        f"{''.join(said)}{''.join(content)}</svg>"
    )


def px(value: float) -> str:
    """A coordinate as written: a tenth of a unit, no trailing zero, never minus zero."""
    return f"{round(float(value), 1) + 0.0:.1f}".removesuffix(".0")


def letters_em(words: str) -> float:
    """Estimated width of a text in units of its type size."""
    return sum(WIDE_EM if unicodedata.east_asian_width(c) in "WF" else NARROW_EM for c in words)


def lines_of(words: str, width_em: float, most: int) -> list[str]:
    """The text in at most `most` lines of a width; what does not fit ends in an ellipsis.

    Scripts with spaces break at spaces, Chinese between any two characters.
    """
    pieces: list[str] = []
    for part in words.split(" "):
        wide = any(unicodedata.east_asian_width(c) in "WF" for c in part)
        pieces += [*(list(part) if wide else [part]), " "]
    lines, line = [], ""
    for piece in pieces[:-1]:
        if line and letters_em((line + piece).rstrip()) > width_em:
            lines.append(line.strip())
            line = ""
        line += piece
    lines.append(line.strip())
    if len(lines) > most:
        last = lines[most - 1]
        fits = bisect_right(range(len(last)), width_em, key=lambda at: letters_em(last[: at + 1] + "…"))
        lines = [*lines[: most - 1], last[:fits].rstrip() + "…"]
    return lines


def words_at(
    x: float, y: float, text: Text, *, size: float = 11, width: float = 0, most: int = 2, **attributes: object
) -> str:
    """A text in three scripts, of which the page shows one; wrapped and centred on `y` where a width is given."""
    scripts = [text.in_script(lang) for lang in LANGS]
    alike = len(set(scripts)) == 1
    made = []
    for lang, words in list(zip(LANGS, scripts, strict=True))[: 1 if alike else None]:
        lines = lines_of(words, width / size, most) if width else [words]
        top = y - (len(lines) - 1) * size * LINE_EM / 2 + size * 0.35
        spans = [
            tag("tspan", esc(line), x=px(x), y=px(top + i * size * LINE_EM)) for i, line in enumerate(lines)
        ]
        made.append(tag("text", *spans, font_size=size, lang=None if alike else lang, **attributes))
    return "".join(made)


def ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Round numbers from at or below `low` to at or above `high`, at most about `most` steps apart."""
    span = max(high - low, abs(high) * 1e-6, 1e-9)
    power = 10.0 ** math.floor(math.log10(span / most))
    step = next(f * power for f in (1, 2, 2.5, 5, 10) if span / (f * power) <= most + 1e-9)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 10) for i in range(first, max(last, first + 1) + 1)]


def short(value: float) -> str:
    """A number on an axis: thousands as k and millions as M."""
    size = abs(value)
    for limit, mark in ((1e6, "M"), (1e3, "k")):
        if size >= limit:
            return f"{value / limit:.6g}{mark}".replace("-", "−")
    return f"{value:.6g}".replace("-", "−")


def path(points: Iterable[tuple[float, float]]) -> str:
    """A line through points as path data."""
    return "M" + "L".join(f"{px(x)} {px(y)}" for x, y in points)

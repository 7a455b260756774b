"""Texts parted into lines: between words, and between Chinese characters but for their punctuation."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise

from corridor.schema.text import LANGS, Text

Measure = Callable[[str], float]
"""How wide a line is."""
WIDE_EM, NARROW_EM, BOLD_EM = 1.0, 0.56, 1.27
"""Width of a letter in units of the type size: full-width scripts, and all else (an upper estimate of the mean of the fonts
that a browser may take); and how much wider bold letters are at most."""
_NOT_FIRST = set("，。、；：！？）》」』”’%％,.;:!?)]")
_NOT_LAST = set("（《「『“‘([")


def em(words: str) -> float:
    """Estimated width of a text in units of its type size."""
    return sum(WIDE_EM if wide(c) else NARROW_EM for c in words)


def widest(text: Text, size: float) -> float:
    """About how many pixels the widest of the scripts takes."""
    return size * max(em(text.in_script(lang)) for lang in LANGS)


def wide(char: str) -> bool:
    """Whether a character is as wide as it is high."""
    return unicodedata.east_asian_width(char) in "WF"


def lines(words: str, width: float, measure: Measure, most: int = 0) -> list[str]:
    """The text in lines of a width; what does not fit ends in an ellipsis.

    Parameters
    ----------
    words
        The text.
    width
        Width of a line, in the unit of `measure`. A piece that cannot be broken may be wider.
    measure
        How wide some words are.
    most
        Lines at most; 0 for any number.
    """
    pieces, done, first = [piece for piece in _pieces(words) if piece], list[str](), 0
    while first < len(pieces):
        last = _fitting(pieces, first, width, measure)
        done.append("".join(pieces[first:last]).strip())
        first = last
    if most and len(done) > most:
        return [*done[: most - 1], cut(done[most - 1] + "…", width, measure)]
    return done


def _fitting(pieces: Sequence[str], first: int, width: float, measure: Measure) -> int:
    """Up to which piece a line goes that begins with the first: sought by doubling and halving, as measuring takes long."""

    def too_wide(last: int) -> bool:
        return measure("".join(pieces[first:last]).strip()) > width

    low, step = first + 1, 8  # a line has one piece at least
    while low + step <= len(pieces) and not too_wide(low + step):
        low, step = low + step, 2 * step
    high = min(low + step, len(pieces) + 1)
    return bisect_right(range(low + 1, high), False, key=too_wide) + low


def cut(words: str, width: float, measure: Measure) -> str:
    """The words, cut short with an ellipsis where they are too wide.

    Parameters
    ----------
    words
        The text.
    width
        Width at most, in the unit of `measure`.
    measure
        How wide some words are.
    """
    if measure(words) <= width:
        return words
    fits = bisect_right(range(len(words)), width, key=lambda last: measure(words[: last + 1].rstrip() + "…"))
    return words[:fits].rstrip() + "…"


def _pieces(words: str) -> list[str]:
    """Where a line may break: after a space, a hyphen or a dash, and around Chinese characters but for their points."""
    text = " ".join(words.split())
    starts = [at for at, (before, char) in enumerate(pairwise(text), 1) if _breaks(before, char)]
    return [text[a:b] for a, b in pairwise([0, *starts, len(text)])]


def _breaks(before: str, char: str) -> bool:
    may = before in " -–/" or wide(char) or wide(before)
    # as Chinese typesetting has it: no closing sign begins a line, no opening one ends it
    return may and char != " " and char not in _NOT_FIRST and before not in _NOT_LAST

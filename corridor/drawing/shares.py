"""Shares of draws as pages print them: never all or none, since draws are a sample."""

from __future__ import annotations

import math
from collections.abc import Sequence

from corridor.drawing.i18n import fill
from corridor.schema.text import Text

NEARLY_ALL = 0.995
"""A share from which percent would be rounded to 100."""
LEAST = 6
"""Of fewer draws the rule says nothing that is above one half."""


def surest(draws: int) -> float:
    """The share above which no share of so many draws is printed.

    The rule of three: where n draws all agree, the others are fewer than ``3 / n`` with a confidence of 95 % (Hanley and
    Lippman-Hand 1983).

    Examples
    --------
    >>> [surest(draws) for draws in (60, 200, 2000)]
    [0.95, 0.985, 0.995]
    """
    return min(NEARLY_ALL, 1 - 3 / max(draws, LEAST))


def number(share: float, draws: int) -> tuple[str, int]:
    """Whole percent, with ``>`` or ``<`` before it where the draws cannot say more.

    Parameters
    ----------
    share
        From 0 to 1.
    draws
        How many draws it is a share of.

    Examples
    --------
    >>> [number(share, 200) for share in (0.5, 0.98, 0.99, 1.0, 0.0)]
    [('', 50), ('', 98), ('> ', 98), ('> ', 98), ('< ', 2)]
    """
    least = surest(draws)
    bound = math.floor(round(100 * least, 6))
    if share >= least:
        return "> ", bound
    if share <= 1 - least:
        return "< ", 100 - bound
    return "", round(100 * share)


def compact(share: float, draws: int) -> str:
    """A share for a cell whose head says that it is in percent, such as ``> 98``."""
    sign, whole = number(share, draws)
    return f"{sign}{whole}"


def percent(share: float, draws: int) -> Text:
    """A share for a sentence.

    Examples
    --------
    >>> [percent(share, 60).en for share in (0.5, 1.0, 0.0)]
    ['50 %', 'over 95 %', 'under 5 %']
    """
    sign, whole = number(share, draws)
    keys = {"> ": "ensemble_over", "< ": "ensemble_under"}
    return fill(keys.get(sign, "ensemble_percent"), number=whole)


def span(shares: Sequence[float], draws: int) -> str:
    """Lowest to highest, in percent with its sign; no line ends between sign and number.

    Examples
    --------
    >>> [span(shares, 2000) for shares in ((0.5, 0.8), (1.0, 1.0), (0.9, 1.0))]
    ['50–80\\xa0%', '>\\xa099\\xa0%', '90 … >\\xa099\\xa0%']
    """
    ends = (number(share, draws) for share in (min(shares), max(shares)))
    low, high = (sign.replace(" ", "\u00a0") + str(whole) for sign, whole in ends)
    if low == high:
        return f"{low}\u00a0%"
    parted = any(sign in low + high for sign in "<>")
    return f"{low}{' … ' if parted else '–'}{high}\u00a0%"

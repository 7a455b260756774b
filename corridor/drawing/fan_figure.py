"""A picture of how far two scenarios are apart in the draws of an ensemble, criterion by criterion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corridor.drawing.compared import Criterion
from corridor.drawing.draws import fan
from corridor.drawing.figures import FOOT_Y, MARGIN, ROOM, foot, title_lines
from corridor.drawing.ground import Ground
from corridor.drawing.i18n import fill, listed, sentences, t, term
from corridor.drawing.numbers import signed
from corridor.drawing.palette import QUIET
from corridor.drawing.sheet import Sheet
from corridor.schema.text import Text

MOST = 18
"""Criteria in one picture, so that each can be read."""
NAME_WIDE, FAN_WIDE, FAN_LEFT, FIGURES_LEFT = 560.0, 430.0, 610.0, 1300.0
SCALE, NOTE_Y = 1.5, 808.0
HIGHEST_ROW = 52.0


@dataclass(frozen=True)
class FanRow:
    """A criterion and the difference of a pair in it.

    Attributes
    ----------
    quantiles
        At 5, 25, 50, 75 and 95 %, in the unit of the criterion.
    extent
        The largest difference either side of zero that its scale holds, above 0.
    """

    criterion: Criterion
    quantiles: Sequence[float]
    extent: float


def fan_figure(rows: Sequence[FanRow], a: Text, b: Text, draws: int, sheet: Sheet, ground: Ground) -> Text:
    """Draw the difference between two scenarios with its quantiles, a row a criterion.

    Parameters
    ----------
    rows
        Criteria in order, of which the first eighteen are drawn.
    a, b
        Names of the two scenarios; the difference is the first less the second.
    draws
        How many draws the quantiles are of.
    sheet
        The sheet to draw on; its language is that of the picture.
    ground
        For holders of data and its date.

    Returns
    -------
    Text
        The alt text.
    """
    pair = fill("ensemble_pair", a=a, b=b)
    y = title_lines(sheet, pair, fill("ensemble_fan_draws", title=t("ensemble_fan"), draws=f"{draws:,}"))
    shown = list(rows)[:MOST]
    high = min((NOTE_Y - 14 - y) / max(len(shown), 1), HIGHEST_ROW)
    said = []
    for row in shown:
        one, middle = row.criterion, y + high / 2
        low, _, centre, _, most = (signed(q, one.unit) for q in row.quantiles)
        better = t("more_better" if one.higher_is_better else "less_better")
        sheet.write(MARGIN, middle - 17, one.title, 15, width=NAME_WIDE, most=1)
        unit = fill("dot_between", a=term("unit", one.unit), b=better)
        sheet.write(MARGIN, middle + 3, unit, 11, colour=QUIET, width=NAME_WIDE, most=1)
        drawing = fan(row.quantiles, row.extent, one.higher_is_better, pair, one.title, FAN_WIDE)
        top = middle - drawing.height * SCALE / 2
        sheet.draw(*drawing.marks, left=FAN_LEFT, top=top, scale=SCALE)
        span = Text(en=f"{centre} ({low} … {most})")
        sheet.write(FIGURES_LEFT, middle - 9, span, 14)
        said.append(fill("ensemble_fan_said", criterion=one.title, span=span, unit=term("unit", one.unit)))
        y += high
    sheet.write(MARGIN, NOTE_Y, t("ensemble_fan_picture"), 12, width=ROOM, most=3)
    foot(sheet, ground, y=FOOT_Y + 6)
    return sentences([fill("ensemble_fan_alt", pair=pair, draws=f"{draws:,}"), listed(said)])

"""Numbers and scenario titles as the pages print them."""

from __future__ import annotations

from collections.abc import Iterable

from corridor.drawing.i18n import t
from corridor.schema.line import BUILT, UNDECIDED
from corridor.schema.rows import number_of, text_of
from corridor.schema.text import Text

MODELLED = frozenset({"jobs", "residents", "crossings/day", "h/day"})
"""Units of what is modelled person by person: nobody knows them to the last one."""


def figure(value: object, unit: object = "") -> str:
    """A number as read.

    Thousands are parted. Up to two decimals, by size: none for whole numbers and from 100, one from 1 and for minutes.
    What is modelled person by person is rounded to the hundred, under 1,000 to the ten.

    Parameters
    ----------
    value
        A number, or None, NaN or text for what is not known.
    unit
        Key of the unit, by which it is rounded.

    Returns
    -------
    str
        With the sign U+2212 for less than nothing; ``–`` where it is not known.
    """
    found = number_of(value)
    if found is None:
        return "–"
    if text_of(unit) in MODELLED:
        found = float(round(found, -2 if abs(found) >= 1000 else -1))
    if text_of(unit) == "min":
        found = round(found, 1)
    size = abs(found)
    digits = 0 if size >= 100 or found == 0 or abs(found - round(found)) < 1e-9 else 2
    if digits == 2 and (size >= 0.95 or text_of(unit) == "min"):
        digits = 1
    words = f"{size:,.{digits}f}"
    return ("−" if found < 0 and _counts(words) else "") + words


def signed(value: object, unit: object = "") -> str:
    """A change as read, with its sign.

    Parameters
    ----------
    value
        A number; None where it is not known.
    unit
        Key of the unit, by which it is rounded.

    Returns
    -------
    str
        ``0`` for no change, ``≈ 0`` for one that is rounded away, ``–`` where it is not known.
    """
    found = number_of(value)
    if found is None:
        return "–"
    words = figure(found, unit)
    if not _counts(words):
        return "0" if found == 0 else "≈ 0"
    return "+" + words if found > 0 else words


def _counts(words: str) -> bool:
    return any(c in "123456789" for c in words)


def points(value: object) -> str:
    """Value points with their sign, to two places."""
    found = number_of(value) or 0.0
    words = f"{abs(found):.2f}"
    return words if words == "0.00" else ("−" if found < 0 else "+") + words


def hectares(area_ha: float) -> str:
    """An area as read, to two decimals; what is there but tiny is ``< 0.01``, not zero."""
    return "0" if area_ha <= 0 else "< 0.01" if area_ha < 0.005 else f"{area_ha:,.2f}"


FLAGS = ("counterfactual", "undecided")
"""What must be said of scenarios (:attr:`corridor.schema.resolved.Scenario.flag`), the gravest first."""


def gravest(flags: Iterable[str]) -> str:
    """The gravest flag of several scenarios; empty where none has one."""
    found = set(flags)
    return next((flag for flag in FLAGS if flag in found), "")


def flagged(title: Text, flag: str) -> Text:
    """The title of a scenario, marked by its flag."""
    return marked(title, f"{flag}_short") if flag else title


def line_named(name: Text, status: str, counterfactual: bool) -> Text:
    """The name of a line, marked where nobody proposes it, or where nobody has decided to build it.

    Parameters
    ----------
    name
        As the study has it.
    status
        One of :data:`corridor.schema.line.Status`.
    counterfactual
        Whether the scenario is counterfactual; what exists or is under construction in it is not.
    """
    if counterfactual and status not in BUILT:
        return marked(name, "counterfactual_short")
    return marked(name, f"status_{status}") if status in UNDECIDED else name


def marked(title: Text, key: str) -> Text:
    """A title followed by a remark in brackets."""
    mark = t(key)
    return Text(
        en=f"{title.en} ({mark.en})",
        zh_hant=f"{title.zh_hant or title.en}（{mark.zh_hant}）",
        zh_hans=f"{title.zh_hans or title.en}（{mark.zh_hans}）",
    )

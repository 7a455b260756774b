"""Widths and spacings of structures: one table, each figure with its range and source.

The figures are in ``layers/ecology/profile_parameters.csv`` (:func:`parameter_table` reads it), so that a
reviewer replaces a number and its source there; what each structure consists of is here. Most figures are
assumptions for screening, from ordinary double-track practice, and say so; docs/profile.md names the sources.
Give :func:`corridor.ecology.impact.assess` your own table to use others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import pandas as pd

from corridor.core.errors import Problems
from corridor.ecology.land.checks import check_columns, read_csv
from corridor.schema.line import Structure
from corridor.schema.tables import CASES, Case

Permanence = Literal["permanent", "temporary", "shade"]
PERMANENCES: tuple[Permanence, ...] = get_args(Permanence)
ASSUMPTION = "assumption"
STRUCTURES: tuple[str, ...] = get_args(Structure)
ON_THE_BED = frozenset({"immersed_tunnel"})
"""Structures whose permanent land take is on the sea bed: it divides nothing, and swimmers pass above."""


@dataclass(frozen=True)
class Quantity:
    """A figure with its range; ``low`` <= ``central`` <= ``high``, in m or ha.

    ``source`` and ``confidence`` are those of the central figure; ``range_source`` says which end of the
    range is published, and where.
    """

    low: float
    central: float
    high: float
    source: str = ASSUMPTION
    confidence: str = "M"
    range_source: str = ASSUMPTION

    def at(self, case: Case) -> float:
        """The value in one case."""
        return float(getattr(self, case))


@dataclass(frozen=True)
class Component:
    """One thing built along a structure: a strip of some width, or square pads (piers and their foundations).

    ``size`` is the width of a strip or the side of a pad; ``spacing`` that of pads along the part, None for a strip.
    ``operation``: trains run here in the open.
    """

    structure: str
    component: str
    permanence: Permanence
    operation: bool
    size: Quantity
    spacing: Quantity | None = None


@dataclass(frozen=True)
class SiteRule:
    """How a kind of site is drawn around a point, and when it disturbs in operation.

    ``operation`` is never, permanent (whenever the site stays) or surface_station (where the line runs in
    the open at this station). ``area`` is what such a site takes elsewhere (ha), to judge a stated area by.
    """

    kind: str
    shape: Literal["square", "circle"]
    operation: Literal["never", "permanent", "surface_station"]
    area: Quantity


@dataclass(frozen=True)
class ParameterTable:
    """All structures and site kinds, as :func:`parameter_table` makes it; each name occurs once.

    ``surface_access`` is how far apart (m) a bored tunnel may reach the surface: see
    :func:`corridor.ecology.works.profile.findings`.
    """

    components: tuple[Component, ...]
    sites: tuple[SiteRule, ...]
    surface_access: Quantity

    def structure(self, name: str) -> tuple[Component, ...]:
        """What a structure builds along its length: its components, none for a bored tunnel."""
        return tuple(c for c in self.components if c.structure == name)

    def site(self, kind: str) -> SiteRule:
        """The rule of a site kind; a KeyError where there is none."""
        return {rule.kind: rule for rule in self.sites}[kind]


COLUMNS = (
    "subject", "component", "quantity", "unit", "low", "central", "high", "source", "confidence", "range_source",
    "reason",
)  # fmt: skip
"""Columns of the file. ``subject`` is a structure or a kind of site."""
Key = tuple[str, str, str]
SURFACE_ACCESS: Key = ("bored_tunnel", "surface_access", "spacing")
UNITS = {"width": "m", "side": "m", "spacing": "m", "area": "ha"}


def parameter_table(frame: pd.DataFrame) -> ParameterTable:
    """The table of parameters from a frame of :data:`COLUMNS`, as the bundled file holds them.

    Raises :class:`LayerError` with all faults: a figure missing, unknown or twice, a range out of order.
    """
    where = "profile parameters"
    with Problems() as found:
        check_columns(found, where, frame, COLUMNS)
    with Problems() as found:
        figures = _figures(found, frame, where)
        needed: list[Key] = [(*key, q) for key, (quantities, *_) in _COMPONENTS.items() for q in quantities]
        needed += [SURFACE_ACCESS, *((kind, "site", "area") for kind, *_ in _SITES)]
        for key in [k for k in needed if k not in figures]:
            found.add(where, "no row " + ", ".join(key), "a row for each figure", "add it")
        for key in [k for k in figures if k not in set(needed)]:
            found.add(where, "unknown row " + ", ".join(key), "a known figure", "drop or correct it")
    components = tuple(
        Component(*key, permanence, operation, *(figures[*key, q] for q in quantities))
        for key, (quantities, permanence, operation) in _COMPONENTS.items()
    )
    sites = tuple(SiteRule(*rule, figures[rule[0], "site", "area"]) for rule in _SITES)
    return ParameterTable(components, sites, figures[SURFACE_ACCESS])


def _figures(found: Problems, frame: pd.DataFrame, where: str) -> dict[Key, Quantity]:
    figures: dict[Key, Quantity] = {}
    for row in frame.to_dict("records"):
        key: Key = (str(row["subject"]), str(row["component"]), str(row["quantity"]))
        at = f"{where}, " + ", ".join(key)
        if key in figures:
            found.add(at, "occurs twice", "one row for each figure", "drop one")
        low, central, high = (float(row[c]) for c in CASES)
        if not 0 < low <= central <= high:
            what = f"{low:g}, {central:g}, {high:g}"
            found.add(at, what, "0 < low <= central <= high", "put them in order")
        if row["unit"] != UNITS.get(key[2]):
            found.add(at, f"unit {row['unit']!r}", UNITS.get(key[2], "m"), "convert it")
        words = {c: str(row[c]) for c in ("source", "confidence", "range_source")}
        figures[key] = Quantity(low, central, high, **words)
    return figures


_PADS, _STRIP = ("side", "spacing"), ("width",)
_COMPONENTS: Mapping[tuple[str, str], tuple[tuple[str, ...], Permanence, bool]] = {
    ("immersed_tunnel", "rock_protection"): (_STRIP, "permanent", False),
    ("immersed_tunnel", "trench"): (_STRIP, "temporary", False),
    ("cut_and_cover", "trench"): (_STRIP, "temporary", False),
    ("viaduct", "pier"): (_PADS, "permanent", False),
    ("viaduct", "pier_works"): (_PADS, "temporary", False),
    ("viaduct", "works_strip"): (_STRIP, "temporary", False),
    ("viaduct", "deck_shade"): (_STRIP, "shade", True),
    ("bridge", "pier"): (_PADS, "permanent", False),
    ("bridge", "pier_works"): (_PADS, "temporary", False),
    ("bridge", "works_strip"): (_STRIP, "temporary", False),
    ("bridge", "deck_shade"): (_STRIP, "shade", True),
    ("at_grade", "formation"): (_STRIP, "permanent", True),
    ("at_grade", "works_strip"): (_STRIP, "temporary", False),
    ("embankment", "formation"): (_STRIP, "permanent", True),
    ("embankment", "works_strip"): (_STRIP, "temporary", False),
}
"""Components of each structure: figures (pads are set along the part), permanence, trains in the open."""

_SITES: tuple[
    tuple[str, Literal["square", "circle"], Literal["never", "permanent", "surface_station"]], ...
] = (
    ("station_box", "square", "surface_station"),  # trains in the open at an elevated or ground-level station
    ("depot", "square", "permanent"),  # trains, light and people through the night
    ("portal", "square", "permanent"),  # trains come into the open
    ("shaft", "circle", "never"),  # closed in operation except in emergencies
    ("ventilation_building", "circle", "permanent"),  # fans and access; a source, to be on the safe side
    ("worksite", "square", "never"),  # this and the next three are removed when the works end
    ("barging_point", "square", "never"),
    ("spoil_yard", "square", "never"),
    ("casting_yard", "square", "never"),
    ("emergency_access", "circle", "never"),  # closed in operation except in emergencies
)

SHIPPED = parameter_table(read_csv("ecology/profile_parameters.csv"))

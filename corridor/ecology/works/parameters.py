"""Widths and spacings of structures: one table, each figure with its range and source.

The figures are in ``layers/ecology/profile_parameters.csv`` (:func:`parameter_table` reads it), so that a
reviewer replaces a number and its source there; what each structure consists of is here. Most figures are
assumptions for screening, from ordinary double-track practice, and say so; docs/profile.md names the sources.
Give :func:`corridor.ecology.impact.assess` your own table to use others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeVar, get_args

import pandas as pd

from corridor.core import paths
from corridor.core.errors import LayerError, Problem, Problems
from corridor.ecology.land.checks import check_columns
from corridor.schema.tables import CASES, Case

Permanence = Literal["permanent", "temporary", "shade"]
PERMANENCES: tuple[Permanence, ...] = get_args(Permanence)
ASSUMPTION = "assumption"
Entry = TypeVar("Entry")


@dataclass(frozen=True)
class Quantity:
    """A figure with its range; ``low`` <= ``central`` <= ``high`` in ``unit``.

    ``source`` and ``confidence`` are those of the central figure; ``range_source`` says which end of the
    range is published, and where.
    """

    low: float
    central: float
    high: float
    reason: str
    unit: str = "m"
    source: str = ASSUMPTION
    confidence: str = "M"
    range_source: str = ASSUMPTION

    @property
    def assumed(self) -> bool:
        """Whether no source gives the central figure."""
        return self.source == ASSUMPTION

    def at(self, case: Case) -> float:
        """The value in one case."""
        return float(getattr(self, case))


@dataclass(frozen=True)
class Strip:
    """A component along the whole part, ``width`` across. ``operation``: trains run here in the open."""

    component: str
    permanence: Permanence
    width: Quantity
    surface: bool = True
    operation: bool = False


@dataclass(frozen=True)
class Pads:
    """Square components of side ``side`` every ``spacing`` along the part (piers and their foundations)."""

    component: str
    permanence: Permanence
    side: Quantity
    spacing: Quantity
    surface: bool = True
    operation: bool = False

    def spacing_m(self, case: Case) -> float:
        """Spacing in one case of take: the low case takes least, hence has the widest spacing."""
        opposite: dict[Case, Case] = {"low": "high", "central": "central", "high": "low"}
        return self.spacing.at(opposite[case])


@dataclass(frozen=True)
class StructureParameters:
    """What one structure takes, disturbs and shades along its length."""

    structure: str
    components: tuple[Strip | Pads, ...]
    note: str

    @property
    def assumed(self) -> bool:
        """Whether any figure used is an assumption."""
        return any(q.assumed for _, _, q in self.quantities())

    def quantities(self) -> Iterator[tuple[str, str, Quantity]]:
        """Each figure as (component, what, quantity)."""
        for item in self.components:
            if isinstance(item, Strip):
                yield item.component, "width", item.width
            else:
                yield item.component, "side", item.side
                yield item.component, "spacing", item.spacing


@dataclass(frozen=True)
class SiteRule:
    """How a kind of site is drawn around a point, and when it disturbs in operation.

    ``operation`` is never, permanent (whenever the site stays) or surface_station (where the line runs in
    the open at this station). ``area`` is what such a site takes elsewhere (ha), to judge a stated area by.
    """

    kind: str
    shape: Literal["square", "circle"]
    operation: Literal["never", "permanent", "surface_station"]
    reason: str
    area: Quantity | None = None


@dataclass(frozen=True)
class ParameterTable:
    """All structures and site kinds; each name occurs once.

    ``surface_access`` is how far apart (m) a bored tunnel may reach the surface: see
    :func:`corridor.ecology.works.profile.profile_findings`.
    """

    structures: tuple[StructureParameters, ...]
    sites: tuple[SiteRule, ...]
    surface_access: Quantity | None = None

    def structure(self, name: str) -> StructureParameters:
        """The parameters of a structure; LayerError where there are none."""
        return _entry("structure", name, {s.structure: s for s in self.structures})

    def site(self, kind: str) -> SiteRule:
        """The rule of a site kind; LayerError where there is none."""
        return _entry("site", kind, {s.kind: s for s in self.sites})

    def to_frame(self) -> pd.DataFrame:
        """The table as in the file: a row for each figure, with ``assumed`` beside."""
        found = [
            (s.structure, component, what, q)
            for s in self.structures
            for component, what, q in s.quantities()
        ]
        if self.surface_access is not None:
            found.append((*SURFACE_ACCESS, self.surface_access))
        found += [(rule.kind, "site", "area", rule.area) for rule in self.sites if rule.area is not None]
        rows = [(*key, *(getattr(q, c) for c in COLUMNS[3:]), q.assumed) for *key, q in found]
        return pd.DataFrame(rows, columns=[*COLUMNS, "assumed"])


def _entry(noun: str, name: str, entries: Mapping[str, Entry]) -> Entry:
    if name not in entries:
        what, expected = f"no {noun} {name!r}", f"one entry for each {noun} in use"
        raise LayerError(Problem("parameter table", what, expected, "add it"))
    return entries[name]


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
        needed += [SURFACE_ACCESS, *((rule.kind, "site", "area") for rule in _SITES)]
        for key in [k for k in needed if k not in figures]:
            found.add(where, "no row " + ", ".join(key), "a row for each figure", "add it")
        for key in [k for k in figures if k not in set(needed)]:
            found.add(where, "unknown row " + ", ".join(key), "a known figure", "drop or correct it")
    return ParameterTable(
        tuple(_structure(name, note, figures) for name, note in _NOTES.items()),
        tuple(replace(rule, area=figures[rule.kind, "site", "area"]) for rule in _SITES),
        figures[SURFACE_ACCESS],
    )


def _figures(found: Problems, frame: pd.DataFrame, where: str) -> dict[Key, Quantity]:
    figures: dict[Key, Quantity] = {}
    for row in frame.to_dict("records"):
        key: Key = (str(row["subject"]), str(row["component"]), str(row["quantity"]))
        at = f"{where}, " + ", ".join(key)
        if key in figures:
            found.add(at, "stands twice", "one row for each figure", "drop one")
        low, central, high = (float(row[c]) for c in CASES)
        if not 0 < low <= central <= high:
            what = f"{low:g}, {central:g}, {high:g}"
            found.add(at, what, "0 < low <= central <= high", "put them in order")
        if row["unit"] != UNITS.get(key[2]):
            found.add(at, f"unit {row['unit']!r}", UNITS.get(key[2], "m"), "convert it")
        words = {c: str(row[c]) for c in ("reason", "unit", "source", "confidence", "range_source")}
        figures[key] = Quantity(low, central, high, **words)
    return figures


_PADS, _STRIP = ("side", "spacing"), ("width",)
_COMPONENTS: Mapping[tuple[str, str], tuple[tuple[str, ...], Permanence, bool, bool]] = {
    ("immersed_tunnel", "rock_protection"): (_STRIP, "permanent", True, False),
    ("immersed_tunnel", "trench"): (_STRIP, "temporary", True, False),
    ("cut_and_cover", "trench"): (_STRIP, "temporary", True, False),
    ("viaduct", "pier"): (_PADS, "permanent", True, False),
    ("viaduct", "pier_works"): (_PADS, "temporary", True, False),
    ("viaduct", "works_strip"): (_STRIP, "temporary", True, False),
    ("viaduct", "deck_shade"): (_STRIP, "shade", False, True),
    ("bridge", "pier"): (_PADS, "permanent", True, False),
    ("bridge", "pier_works"): (_PADS, "temporary", True, False),
    ("bridge", "works_strip"): (_STRIP, "temporary", True, False),
    ("bridge", "deck_shade"): (_STRIP, "shade", False, True),
    ("at_grade", "formation"): (_STRIP, "permanent", True, True),
    ("at_grade", "works_strip"): (_STRIP, "temporary", True, False),
    ("embankment", "formation"): (_STRIP, "permanent", True, True),
    ("embankment", "works_strip"): (_STRIP, "temporary", True, False),
}
"""Components of each structure: figures (pads are set along the part), permanence, at the surface, trains in the open."""

_NOTES = {
    "bored_tunnel": "takes nothing along its length; what it takes are its sites, which must be listed",
    "immersed_tunnel": "dredges a trench and leaves rock on the bed",
    "cut_and_cover": "takes its trench while it is built; the surface is given back",
    "viaduct": "piers take, the deck shades, the strip below is worked over",
    "bridge": "as a viaduct over water, with wider spans and larger foundations",
    "at_grade": "takes its full width and cuts the ground in two",
    "embankment": "takes formation and slopes",
}

_SITES = (
    SiteRule("station_box", "square", "surface_station", "trains in the open at an elevated or ground station"),
    SiteRule("depot", "square", "permanent", "trains, light and people through the night"),
    SiteRule("portal", "square", "permanent", "trains come into the open"),
    SiteRule("shaft", "circle", "never", "closed in operation but for emergencies"),
    SiteRule("ventilation_building", "circle", "permanent", "fans and access; taken as a source to be on the safe side"),
    SiteRule("worksite", "square", "never", "gone when the works are done"),
    SiteRule("barging_point", "square", "never", "gone when the works are done"),
    SiteRule("spoil_yard", "square", "never", "gone when the works are done"),
    SiteRule("casting_yard", "square", "never", "gone when the works are done"),
    SiteRule("emergency_access", "circle", "never", "closed in operation but for emergencies"),
)  # fmt: skip


def _structure(name: str, note: str, figures: Mapping[Key, Quantity]) -> StructureParameters:
    components: list[Strip | Pads] = []
    for (structure, component), (quantities, permanence, surface, operation) in _COMPONENTS.items():
        if structure == name:
            first, *rest = (figures[name, component, q] for q in quantities)
            components.append(
                Pads(component, permanence, first, rest[0], surface, operation)
                if rest
                else Strip(component, permanence, first, surface, operation)
            )
    return StructureParameters(name, tuple(components), note)


SHIPPED = parameter_table(
    pd.read_csv(
        paths.layers_dir() / "ecology" / "profile_parameters.csv", encoding="utf-8", keep_default_na=False
    )
)

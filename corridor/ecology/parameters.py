"""How wide a structure is: one declared table of widths and spacings, each with its range and its source.

None of these figures is published for the lines compared here; all are assumptions for screening, from
ordinary double-track railway practice, and say so. They are declared once; footprints, tables and help
follow from them. Give :func:`corridor.ecology.assess` your own table to replace them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from corridor.errors import LayerError, Problem

Case = Literal["low", "central", "high"]
Permanence = Literal["permanent", "temporary", "shade"]
PERMANENCES: tuple[Permanence, ...] = ("permanent", "temporary", "shade")
ASSUMPTION = "assumption"


@dataclass(frozen=True)
class Quantity:
    """A figure with its range; ``low`` <= ``central`` <= ``high`` in ``unit``."""

    low: float
    central: float
    high: float
    reason: str
    unit: str = "m"
    source: str = ASSUMPTION

    @property
    def assumed(self) -> bool:
        """Whether no source gives this figure."""
        return self.source == ASSUMPTION

    def at(self, case: Case) -> float:
        """The value in one case."""
        return {"low": self.low, "central": self.central, "high": self.high}[case]


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
        """Spacing in one case of take: the low case takes least, hence stands widest apart."""
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
    the open at this station).
    """

    kind: str
    shape: Literal["square", "circle"]
    operation: Literal["never", "permanent", "surface_station"]
    reason: str


@dataclass(frozen=True)
class ParameterTable:
    """All structures and site kinds; each name stands once."""

    structures: tuple[StructureParameters, ...]
    sites: tuple[SiteRule, ...]

    def structure(self, name: str) -> StructureParameters:
        """The parameters of a structure; LayerError where there are none."""
        for entry in self.structures:
            if entry.structure == name:
                return entry
        raise LayerError(
            Problem(
                "parameter table", f"no structure {name!r}", "one entry for each structure in use", "add it"
            )
        )

    def site(self, kind: str) -> SiteRule:
        """The rule of a site kind; LayerError where there is none."""
        for entry in self.sites:
            if entry.kind == kind:
                return entry
        raise LayerError(
            Problem("parameter table", f"no site {kind!r}", "one entry for each site in use", "add it")
        )

    def to_frame(self) -> pd.DataFrame:
        """The table as printed: a row for each figure with its unit, range, source and reason."""
        rows = [
            (s.structure, component, what, q.unit, q.low, q.central, q.high, q.source, q.assumed, q.reason)
            for s in self.structures
            for component, what, q in s.quantities()
        ]
        columns = [
            "structure",
            "component",
            "quantity",
            "unit",
            "low",
            "central",
            "high",
            "source",
            "assumed",
            "reason",
        ]
        return pd.DataFrame(rows, columns=columns)


_DECK = Quantity(9, 11, 13, "double track with walkways and parapets; the ground below is shaded, not taken")
_HAUL_ROAD = Quantity(20, 25, 35, "haul road, crane stands and storage along the line while it is built")

VIADUCT = StructureParameters(
    "viaduct",
    (
        Pads(
            "pier", "permanent",
            Quantity(4, 6, 8, "pile cap of a single-column pier, and the column on it"),
            Quantity(30, 35, 45, "span of a precast box girder on land"),
        ),
        Pads(
            "pier_works", "temporary",
            Quantity(10, 12, 15, "excavation and cofferdam around the pile cap"),
            Quantity(30, 35, 45, "one around each pier"),
        ),
        Strip("works_strip", "temporary", _HAUL_ROAD),
        Strip("deck_shade", "shade", _DECK, surface=False, operation=True),
    ),
    "piers take, the deck shades, the strip below is worked over",
)  # fmt: skip

BRIDGE = StructureParameters(
    "bridge",
    (
        Pads(
            "pier", "permanent",
            Quantity(8, 12, 16, "marine pile cap with protection against ships and scour"),
            Quantity(50, 60, 75, "span of a marine approach bridge"),
        ),
        Pads(
            "pier_works", "temporary",
            Quantity(20, 25, 30, "cofferdam and dredging around the pile cap"),
            Quantity(50, 60, 75, "one around each pier"),
        ),
        Strip(
            "works_strip", "temporary",
            Quantity(15, 25, 40, "temporary trestle or access channel beside the bridge"),
        ),
        Strip("deck_shade", "shade", _DECK, surface=False, operation=True),
    ),
    "as a viaduct over water, with wider spans and larger foundations",
)  # fmt: skip

AT_GRADE = StructureParameters(
    "at_grade",
    (
        Strip(
            "formation",
            "permanent",
            Quantity(13, 16, 20, "double track, drains, cess and fence"),
            operation=True,
        ),
        Strip("works_strip", "temporary", Quantity(24, 30, 40, "the formation and a haul road beside it")),
    ),
    "takes its full width and cuts the ground in two",
)

EMBANKMENT = StructureParameters(
    "embankment",
    (
        Strip(
            "formation", "permanent",
            Quantity(22, 30, 40, "double track on a bank of some 4 m with slopes of 1 to 1.5 and toe drains"),
            operation=True,
        ),
        Strip("works_strip", "temporary", Quantity(34, 44, 56, "the bank and a haul road beside it")),
    ),
    "takes formation and slopes",
)  # fmt: skip

CUT_AND_COVER = StructureParameters(
    "cut_and_cover",
    (
        Strip(
            "trench",
            "temporary",
            Quantity(25, 30, 40, "walls, excavation and a haul road; reinstated afterwards"),
        ),
    ),
    "takes its trench while it is built; the surface is given back",
)

IMMERSED_TUNNEL = StructureParameters(
    "immersed_tunnel",
    (
        Strip(
            "rock_protection", "permanent",
            Quantity(20, 30, 45, "rock over the units replaces the sea bed for good"),
        ),
        Strip("trench", "temporary", Quantity(45, 60, 90, "dredged trench some 12 m deep with side slopes")),
    ),
    "dredges a trench and leaves rock on the bed",
)  # fmt: skip

BORED_TUNNEL = StructureParameters(
    "bored_tunnel", (), "takes nothing along its length; what it takes are its sites, which must be listed"
)

SHIPPED = ParameterTable(
    structures=(BORED_TUNNEL, IMMERSED_TUNNEL, CUT_AND_COVER, VIADUCT, BRIDGE, AT_GRADE, EMBANKMENT),
    sites=(
        SiteRule(
            "station_box", "square", "surface_station", "trains in the open at an elevated or ground station"
        ),
        SiteRule("depot", "square", "permanent", "trains, light and people through the night"),
        SiteRule("portal", "square", "permanent", "trains come into the open"),
        SiteRule("shaft", "circle", "never", "closed in operation but for emergencies"),
        SiteRule(
            "ventilation_building",
            "circle",
            "permanent",
            "fans and access; taken as a source to be on the safe side",
        ),
        SiteRule("worksite", "square", "never", "gone when the works are done"),
        SiteRule("barging_point", "square", "never", "gone when the works are done"),
        SiteRule("spoil_yard", "square", "never", "gone when the works are done"),
        SiteRule("casting_yard", "square", "never", "gone when the works are done"),
        SiteRule("emergency_access", "circle", "never", "closed in operation but for emergencies"),
    ),
)

"""What the columns of every layer hold: type, unit, range, allowed values, whether a cell may be empty.

``columns.csv`` beside this file declares each column once, by role; ``kinds.csv`` what a cell of each kind looks like;
``tables.csv`` the key of each role, its positions, the columns that must not fall from left to right, and the roles in
which each id must occur. In ``columns.csv``:

- `low`: ``>0`` excludes 0 itself. `allowed`: values, or ``@name`` for those of :data:`VOCABULARIES`.
- `needed`: ``yes`` (column and cells), ``column`` (cells may be empty), ``cell`` (the column may be missing, its cells may
  not be empty), ``no``.
- `refers`: the roles whose ids the values are, or :data:`HALLS`.

A file may have further columns; they are carried along and not checked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, cast, get_args

from corridor.core.csv_tables import table_rows
from corridor.schema.changes import PERIOD_NAMES, TravellerGroup
from corridor.schema.line import Confidence, Currency, Regime, Status, Structure
from corridor.schema.region import Extent, Region
from corridor.schema.varied import VARIED

Kind = Literal["id", "text", "number", "choice", "side", "clock", "date", "pairs", "colour"]
"""A `side` is the id of one side of the region; the region has the ids (:meth:`Table.on`)."""
FOLDER = Path(__file__).parent
KINDS = {row["kind"]: row for row in table_rows(FOLDER / "kinds.csv")}
"""Of kinds of texts that no vocabulary lists: what is expected, the pattern that each follows, and how to write it."""
SYSTEMS = ("metro", "hsr", "light_rail", "road", "ferry")
"""What a station belongs to: how long one walks to its platforms goes by this, not by operator."""
MODES = ("metro", "light_rail", "high_speed", "bus", "coach", "shuttle", "ferry")
ROAD_AND_SEA_MODES = ("bus", "coach", "shuttle", "ferry")
"""Drawn apart from railways."""
COST_PARAMETERS = (
    "in_vehicle_weight", "wait_weight", "walk_weight", "clearance_weight", "boarding_penalty_min",
    "cny_per_hkd", "feeder_fare_cny",
)  # fmt: skip
MAY_BE_NOTHING = ("boarding_penalty_min", "feeder_fare_cny")
"""Cost parameters that may be 0; a weight or a rate of exchange of 0 would be a mistake."""
EVERYBODY = "all"
"""The group of all travellers together, among the values of time."""
TAXON_KINDS = ("mammal", "amphibian")
"""Animals that walk or swim. Those that fly are judged by flight corridors and roosts, never by circuits."""
DESIGNATIONS = (
    "ramsar", "nature_reserve", "wetland_park", "wetland_conservation_area", "wetland_buffer_area",
    "sssi", "country_park", "marine_park", "conservation_area", "mudflat",
)  # fmt: skip
FACILITY_KINDS = (
    "hospital", "clinic", "primary_school", "secondary_school", "park", "library", "blood_service",
)  # fmt: skip
"""Kinds of facilities of the shipped layers; a study may have others. The program reads those it knows by these names."""
COST_ITEMS = (
    *get_args(Structure), "undersea_tunnel", "station_underground", "station_above", "station_at_grade",
)  # fmt: skip
"""What rail works are priced by: a kilometre of each structure, a station by where its platforms are."""
Case = Literal["low", "central", "high"]
CASES: tuple[Case, ...] = get_args(Case)
"""The ends and the middle of a range, as tables name them."""
VOCABULARIES: Mapping[str, tuple[str, ...]] = {
    "confidence": get_args(Confidence),
    "cost_item": COST_ITEMS,
    "cost_parameter": COST_PARAMETERS,
    "currency": get_args(Currency),
    "designation": DESIGNATIONS,
    "mode": MODES,
    "period": PERIOD_NAMES,
    "regime": get_args(Regime),
    "status": get_args(Status),
    "system": SYSTEMS,
    "taxon_kind": TAXON_KINDS,
    "traveller_group": get_args(TravellerGroup),
    "varies": tuple(VARIED),
}
"""Values that several columns share, or that the program knows by name."""
EARTH: Extent = (-180.0, -90.0, 180.0, 90.0)
HALLS = "halls"
"""What an id may refer to beside layers: a control point's hall, ``checkpoint_id@side id``."""


@dataclass(frozen=True)
class Column:
    """One column of a table, as its role declares it.

    Attributes
    ----------
    kind
        What its cells hold; a number is finite and within `low` to `high`, in `unit` ("0 or 1" for a flag).
    above
        Whether `low` itself is too low.
    allowed
        The only texts that may occur; empty where any may.
    required, empty
        Whether the column must be there, and whether a cell may be empty.
    refers
        Roles (or :data:`HALLS`) whose ids its values are.
    """

    name: str
    kind: Kind
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    above: bool = False  # `low` itself is not allowed
    allowed: tuple[str, ...] = ()
    required: bool = True
    empty: bool = False
    refers: tuple[str, ...] = ()

    @property
    def expected(self) -> str:
        """What a cell must hold, in words."""
        if self.allowed:
            words = "one of " + ", ".join(self.allowed)
        elif self.kind == "number":
            words = " ".join(filter(None, ("a number", f"({self.unit})" if self.unit else "", self._range())))
        else:
            words = KINDS[self.kind]["expected"]
        return f"{words}, or an empty cell" if self.empty else words

    def _range(self) -> str:
        if math.isfinite(self.low) and math.isfinite(self.high):
            return f"from {self.low:g} to {self.high:g}"
        if math.isfinite(self.low):
            return f"above {self.low:g}" if self.above else f"of {self.low:g} or more"
        return ""


@dataclass(frozen=True)
class Table:
    """The columns of one role.

    `key`: no two rows have the same values there. `positions`: pairs of columns with longitude and latitude.
    `rising`: columns whose values must not fall from left to right. `in_all`: roles in which each id must occur.
    `extent_deg`: a position outside it is a mistake.
    """

    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    positions: tuple[tuple[str, str], ...] = ()
    rising: tuple[tuple[str, ...], ...] = ()
    in_all: tuple[str, ...] = ()
    extent_deg: Extent = EARTH

    def on(self, region: Region) -> Table:
        """The same columns for the layers of one region: ids of sides and positions must be those of the region."""
        columns = tuple(replace(c, allowed=region.sides) if c.kind == "side" else c for c in self.columns)
        return replace(self, columns=columns, extent_deg=region.extent_deg)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that must be there."""
        return tuple(c.name for c in self.columns if c.required)

    @property
    def id_column(self) -> str:
        """The column by which other layers refer to a row."""
        return self.key[0] if self.key else ""


def _words(text: str) -> tuple[str, ...]:
    """Words of a cell; ``@status`` is every value of that vocabulary."""
    return tuple(w for word in text.split() for w in (VOCABULARIES[word[1:]] if word[0] == "@" else (word,)))


def _chains(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(chain.split("/")) for chain in text.split())


def _column(row: Mapping[str, str]) -> Column:
    return Column(
        row["column"],
        cast(Kind, row["kind"]),
        row["unit"],
        float(row["low"].removeprefix(">") or -math.inf),
        float(row["high"] or math.inf),
        above=row["low"].startswith(">"),
        allowed=_words(row["allowed"]),
        required=row["needed"] in {"yes", "column"},
        empty=row["needed"] in {"no", "column"},
        refers=_words(row["refers"]),
    )


def _declared() -> dict[str, Table]:
    """The declarations of ``columns.csv`` (a row a column) and ``tables.csv`` (a row a role)."""
    columns: dict[str, list[Column]] = {}
    for row in table_rows(FOLDER / "columns.csv"):
        columns.setdefault(row["role"], []).append(_column(row))
    return {
        row["role"]: Table(
            tuple(columns[row["role"]]),
            key=_words(row["key"]),
            positions=cast(tuple[tuple[str, str], ...], _chains(row["positions"])),
            rising=_chains(row["rising"]),
            in_all=_words(row["in_all"]),
        )
        for row in table_rows(FOLDER / "tables.csv")
    }


TABLES: Mapping[str, Table] = _declared()
"""The declaration by role; a role that is not here has no columns the program reads."""

UNDECLARED = Table(())

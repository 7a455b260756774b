"""What the columns of every layer hold: type, unit, range, allowed values, whether a cell may be empty.

Each layer's columns are declared once, by role. Columns not named here may stand in a file; they are carried along and
not looked at.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from corridor.schema.changes import PERIOD_NAMES, TravellerGroup
from corridor.schema.line import Confidence, Currency, Regime, Status
from corridor.schema.region import Extent, Region

Kind = Literal["id", "text", "number", "choice", "side", "clock", "date", "pairs", "colour"]
"""A `side` is the id of one side of the region; which ids these are the study says (:meth:`Table.on`)."""
SYSTEMS = ("metro", "hsr", "light_rail", "road", "ferry")
"""What a station belongs to: how long one walks to its platforms goes by this, not by operator."""
MODES = ("metro", "light_rail", "high_speed", "bus", "coach", "shuttle", "ferry")
ROAD_AND_SEA_MODES = ("bus", "coach", "shuttle", "ferry")
"""Drawn apart from railways."""
COST_PARAMETERS = (
    "in_vehicle_weight",
    "wait_weight",
    "walk_weight",
    "clearance_weight",
    "boarding_penalty_min",
    "cny_per_hkd",
    "feeder_fare_cny",
)
MAY_BE_NOTHING = ("boarding_penalty_min", "feeder_fare_cny")
"""Cost parameters that may be 0; a weight or a rate of exchange of 0 would be a mistake."""
EVERYBODY = "all"
"""The group of all travellers together, among the values of time."""
HABITAT_GROUPS = ("wetland", "marine", "woodland", "open", "farmland", "built", "freshwater")
TAXON_KINDS = ("mammal", "amphibian")
"""Animals that walk or swim. Those that fly are judged by flight corridors and roosts, never by circuits."""
WILDLIFE_KINDS = ("egretry", "night_roost", "waterbird_roost", "flight_corridor")
DESIGNATIONS = (
    "ramsar",
    "nature_reserve",
    "wetland_park",
    "wetland_conservation_area",
    "wetland_buffer_area",
    "sssi",
    "country_park",
    "marine_park",
    "conservation_area",
    "mudflat",
)
CASES = ("low", "central", "high")
EARTH: Extent = (-180.0, -90.0, 180.0, 90.0)
HALLS = "halls"
"""What an id may refer to beside layers: a control point's hall, ``checkpoint_id@side id``."""


@dataclass(frozen=True)
class Column:
    """One column; `refers` names the roles (or :data:`HALLS`) whose ids its values are."""

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
            words = {
                "id": "an id without spaces",
                "side": "the id of a side of the region",
                "text": "a text",
                "clock": "a clock time HH:MM between 00:00 and 30:59",
                "date": "a date YYYY, YYYY-MM or YYYY-MM-DD",
                "pairs": "stop:checkpoint, several with a space between",
                "colour": "a colour as #rrggbb",
            }[self.kind]
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
    `extent_deg`: what lies outside is a mistake.
    """

    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    positions: tuple[tuple[str, str], ...] = ()
    rising: tuple[tuple[str, ...], ...] = ()
    in_all: tuple[str, ...] = ()
    extent_deg: Extent = EARTH

    def on(self, region: Region) -> Table:
        """The same columns for layers of one region: its sides, and positions inside it."""
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


def _id(name: str, *refers: str, required: bool = True, empty: bool = False) -> Column:
    return Column(name, "id", refers=refers, required=required, empty=empty)


def _text(name: str, required: bool = True) -> Column:
    return Column(name, "text", required=required, empty=not required)


def _choice(name: str, allowed: tuple[str, ...], required: bool = True, empty: bool = False) -> Column:
    return Column(name, "choice", allowed=allowed, required=required, empty=empty)


def _flag(name: str, required: bool = True, empty: bool = False) -> Column:
    return Column(name, "number", "0 or 1", 0, 1, required=required, empty=empty)


def _number(
    name: str, unit: str, required: bool = True, empty: bool = False, above: bool = False
) -> Column:  # no count, length or duration is negative
    return Column(name, "number", unit, 0, above=above, required=required, empty=empty)


def _degrees(name: str) -> Column:
    return Column(name, "number", "WGS84 degrees")  # the range is checked for both together


def _clock(name: str) -> Column:
    return Column(name, "clock")


_OPENED = Column("opened", "date", required=False, empty=True)
_SOURCE = _text("source", required=False)
_CONFIDENCE = _choice("confidence", get_args(Confidence), required=False)
_NAMES = (_text("name_en"), _text("name_zh_hant", required=False), _text("name_zh_hans", required=False))
_REGION = Column("region", "side")
_COLOUR = Column("colour", "colour", required=False, empty=True)
_ACCURACY = _number("accuracy_m", "metres", required=False, empty=True)
_ASSUMPTION = _id("assumption_id", "service_assumptions", required=False, empty=True)
_ROW = (_CONFIDENCE, _SOURCE)
_LONLAT = (_degrees("lon"), _degrees("lat"))
_STATUS = get_args(Status)
_MINUTES = ("clearance_low_min", "clearance_mean_min", "clearance_high_min")

TABLES: Mapping[str, Table] = {
    "stations": Table(
        (
            _id("station_id"),
            *_NAMES,
            *_LONLAT,
            _REGION,
            _choice("system", SYSTEMS),
            _choice("status", _STATUS),
            _flag("street_access"),
            _OPENED,
            _ACCURACY,
            _number("check_distance_m", "metres", required=False, empty=True),
            *_ROW,
        ),
        key=("station_id",),
        positions=(("lon", "lat"),),
    ),
    "lines": Table(
        (
            _id("line_id"),
            *_NAMES,
            _choice("mode", MODES),
            _choice("status", _STATUS),
            _COLOUR,
            _OPENED,
            *_ROW,
        ),
        key=("line_id",),
    ),
    "patterns": Table(
        (
            _id("pattern_id"),
            _id("line_id", "lines"),
            _choice("direction", ("both", "forward")),
            Column("clearance", "pairs", required=False, empty=True),
        ),
        key=("pattern_id",),
        in_all=("pattern_stops", "headways", "hours"),
    ),
    "pattern_stops": Table(
        (
            _id("pattern_id", "patterns"),
            Column("seq", "number", "place in the order", 0),
            _id("station_id", "stations"),
            _number("run_s", "seconds to the next stop", empty=True),
            _number("dwell_s", "seconds"),
            _number("length_m", "metres", required=False, empty=True),
            _OPENED,
            _choice("status", _STATUS, required=False, empty=True),
            *_ROW,
        ),
        key=("pattern_id", "seq"),
    ),
    "headways": Table(
        (
            _id("pattern_id", "patterns"),
            _choice("period", PERIOD_NAMES),
            _number("headway_s", "seconds", above=True),
            _flag("assumed"),
            _ASSUMPTION,
            *_ROW,
        ),
        key=("pattern_id", "period"),
    ),
    "hours": Table(
        (
            _id("pattern_id", "patterns"),
            _choice("direction", ("forward", "backward")),
            _clock("first"),
            _clock("last"),
            _flag("assumed"),
            _ASSUMPTION,
            *_ROW,
        ),
        key=("pattern_id", "direction"),
        rising=(("first", "last"),),
    ),
    "interchanges": Table(
        (
            _id("from_station", "stations", HALLS),
            _id("to_station", "stations", HALLS),
            _number("walk_s", "seconds"),
            _number("length_m", "metres", required=False, empty=True),
            *_ROW,
        ),
        key=("from_station", "to_station"),
    ),
    "service_assumptions": Table((_id("assumption_id"), *_ROW), key=("assumption_id",)),
    "bus_stops": Table(
        (
            _id("stop_id"),
            *_NAMES,
            *_LONLAT,
            _flag("street_access"),
            _id("road_station", "stations", required=False, empty=True),
        ),
        key=("stop_id",),
        positions=(("lon", "lat"),),
    ),
    "bus_patterns": Table(
        (
            _id("pattern_id"),
            _text("operator"),
            _text("route"),
            _text("stops"),
            _number("run_s", "seconds from the first stop to the last", above=True),
            _clock("first"),
            _clock("last"),
            *(_number(f"headway_{p}_s", "seconds", empty=True, above=True) for p in PERIOD_NAMES),
            _id("also_in", "patterns", required=False, empty=True),
            _number("fare_hkd", "HKD", required=False, empty=True),
            Column("fare_steps", "pairs", required=False, empty=True),
            *_ROW,
        ),
        key=("pattern_id",),
        rising=(("first", "last"),),
    ),
    "tariffs": Table(
        (
            _id("tariff_id"),
            *_NAMES,
            _choice("currency", get_args(Currency)),
            _choice("kind", ("matrix", "flat")),
            _id("matrix_layer", empty=True),
            Column("base", "number", "in the currency"),
            *(_number(n, "in the currency") for n in ("per_km", "least", "most", "boundary_premium")),
            _text("boundary_stations", required=False),
            _text("default_for", required=False),
            *(_number(n, "times the fare", above=True) for n in ("low_factor", "high_factor")),
            _flag("assumed"),
            *_ROW,
        ),
        key=("tariff_id",),
        rising=(("least", "most"), ("low_factor", "high_factor")),
    ),
    "fare_matrix": Table(  # beside these, a column for each station
        (_id("station_id", "stations"), _flag("assumed", required=False)),
        key=("station_id",),
    ),
    "line_fares": Table(
        (
            _id("line_id", "lines"),
            _id("tariff_id", "tariffs"),
            _number("flat_fare", "in the currency of the tariff", empty=True),
            *(_number(n, "minutes") for n in ("ticketing_min", "ticketing_low_min", "ticketing_high_min")),
            _flag("assumed"),
            *_ROW,
        ),
        key=("line_id",),
        rising=(("ticketing_low_min", "ticketing_min", "ticketing_high_min"),),
    ),
    "cost_parameters": Table(
        (
            _choice("parameter", COST_PARAMETERS),
            *(_number(n, "in the unit of the row") for n in ("value", "low", "high")),
            _text("unit"),
            _flag("assumed"),
            *_ROW,
        ),
        key=("parameter",),
        rising=(("low", "value", "high"),),
    ),
    "value_of_time": Table(
        (
            _choice("group_id", (EVERYBODY, *get_args(TravellerGroup))),
            *(_number(n, "HKD an hour", above=True) for n in ("hkd_per_hour", "low", "high")),
            _flag("assumed"),
            *_ROW,
        ),
        key=("group_id",),
        rising=(("low", "hkd_per_hour", "high"),),
    ),
    "checkpoints": Table(
        (
            _id("checkpoint_id"),
            *_NAMES,
            _choice("kind", ("hall", "line", "external")),
            *(_degrees(c) for c in ("south_lon", "south_lat", "north_lon", "north_lat")),
            _choice("regime", get_args(Regime)),
            _clock("open"),
            _clock("close"),
            _choice("status", (*_STATUS, "closed")),
            *(_number(f"clearance_{x}_min", "minutes") for x in ("mean", "low", "high")),
            _flag("clearance_assumed", required=False),
            _flag("south_street_access", required=False),
            _flag("north_street_access", required=False),
            *(
                _number(name, unit, required=False, empty=True)
                for name, unit in (
                    ("accuracy_m", "metres"),
                    ("daily_2025", "passengers a day"),
                    ("design_capacity_pax_day", "passengers a day"),
                    ("effective_capacity_pax_hour", "passengers an hour"),
                )
            ),
            _OPENED,
            *_ROW,
        ),
        key=("checkpoint_id",),
        positions=(("south_lon", "south_lat"), ("north_lon", "north_lat")),
        rising=(("open", "close"), _MINUTES),
    ),
    "daily_crossings": Table(
        (
            _id("checkpoint_id", "checkpoints"),
            _choice("direction", ("northbound", "southbound")),
            _text("group"),
            _number("passengers_per_day", "passengers a day"),
        ),
        key=("checkpoint_id", "direction", "group"),
    ),
    "highest_days": Table(
        (
            _id("checkpoint_id", "checkpoints"),
            _choice("direction", ("northbound", "southbound", "both")),
            _text("group"),
            _number("highest_pax_day", "passengers a day"),
            Column("highest_day", "date", required=False, empty=True),
        ),
        key=("checkpoint_id", "direction", "group"),
    ),
    "clearance_assumptions": Table(
        (_id("assumption_id"), _number("value", "see column unit", above=True), _text("unit"), *_ROW),
        key=("assumption_id",),
    ),
    "places": Table(
        (
            _id("place_id"),
            *_NAMES,
            *_LONLAT,
            _REGION,
            _flag("hub", required=False),
            _flag("centre", required=False, empty=True),
            _id("station_id", "stations", HALLS, required=False, empty=True),
            _ACCURACY,
            *_ROW,
        ),
        key=("place_id",),
        positions=(("lon", "lat"),),
    ),
    "cells": Table(
        (
            _id("cell_id"),
            Column("x_m", "number", "metres in EPSG:4547"),
            Column("y_m", "number", "metres in EPSG:4547"),
            *_LONLAT,
            _REGION,
            _id("district_id", "districts"),
            _number("residents_census", "people"),
            _number("residents_even", "people", required=False),
            _number("jobs_modelled", "jobs"),
            _number("residents_buildout_2035", "people"),
            _number("jobs_buildout_2035", "jobs"),
        ),
        key=("cell_id",),
        positions=(("lon", "lat"),),
    ),
    "facilities": Table(
        (_id("facility_id"), _text("kind"), *_NAMES, *_LONLAT, _REGION, *_ROW),
        key=("facility_id",),
        positions=(("lon", "lat"),),
    ),
    "household_income": Table(  # of cells; those that a study puts in place of the shipped ones need not have one
        (
            _id("cell_id"),
            _id("group_id"),
            _number("median_household_income_hkd_month", "HKD a month", above=True),
        ),
        key=("cell_id",),
    ),
    "habitat_classes": Table(
        (
            Column("code", "number", "value of the raster", 0, 255),
            _id("habitat_id"),
            *_NAMES,
            _choice("group", HABITAT_GROUPS),
            Column("ecological_value", "number", "ordinal", 0, 5, required=False),
            _COLOUR,
        ),
        key=("code",),
    ),
    "compensation": Table(
        (
            _text("quantity"),
            _id("habitat_id", empty=True),  # against the classes when the ledger reads it
            *(
                _number(case, "in the unit of the row, by case of need")
                for case in ("low", "central", "high")
            ),
            _text("unit", required=False),
            *_ROW,
        ),
        key=("quantity", "habitat_id"),
    ),
    "threats": Table(
        (
            _id("threat_id"),
            *_NAMES,
            _choice("decay", ("linear", "exponential")),
            *(_number(name, "weight beside the others") for name in ("weight_low", "weight", "weight_high")),
            *(
                _number(name, "metres", above=True)
                for name in ("max_distance_low_m", "max_distance_m", "max_distance_high_m")
            ),
            _text("habitats", required=False),
            _text("land_use_codes", required=False),
            _choice("works", ("operation", "take"), required=False, empty=True),
            *_ROW,
        ),
        key=("threat_id",),
        rising=(
            ("weight_low", "weight", "weight_high"),
            ("max_distance_low_m", "max_distance_m", "max_distance_high_m"),
        ),
    ),
    "sensitivity": Table(  # beside these, a column for each threat, from 0 to 1
        (_id("habitat_id"), Column("suitability", "number", "share", 0, 1), *_ROW),
        key=("habitat_id",),
    ),
    "significance": Table(
        (
            _id("id"),
            _choice("kind", ("impact", "habitat", "label", "reason", "threshold", "rating")),
            _id("subject", empty=True),
            *(_text(f"label_{script}", required=False) for script in ("en", "zh_hant", "zh_hans")),
            _text("measure", required=False),
            _text("unit", required=False),
            *(
                _number(step, "in the unit of the row", empty=True)
                for step in ("minor", "moderate", "severe")
            ),
            _text("source", required=False),
            _choice("confidence", get_args(Confidence), required=False, empty=True),
        ),
        key=("id", "kind", "subject"),
    ),
    "land_use_classes": Table(
        (
            Column("code", "number", "value of the raster", 0, 255),
            *_NAMES,
            Column("habitat_code", "number", "code of the habitat classes", 0, 255, required=False),
        ),
        key=("code",),
    ),
    "coastline": Table((_REGION, *_ROW)),
    "districts": Table((_id("district_id"), *_NAMES, _REGION, *_ROW), key=("district_id",)),
    "designations": Table(
        (
            _id("designation_id"),
            *_NAMES,
            _choice("designation", DESIGNATIONS),
            _REGION,
            _number("published_area_ha", "hectares", required=False, empty=True, above=True),
            *_ROW,
        ),
        key=("designation_id",),
    ),
    "wildlife_sites": Table(
        (
            _id("site_id"),
            *_NAMES,
            _choice("kind", WILDLIFE_KINDS),
            _number("width_m", "metres", required=False, empty=True),
            *_ROW,
        ),
        key=("site_id",),
    ),
    "green_corridors": Table((_id("corridor_id"), *_NAMES, *_ROW)),
    "development_areas": Table((_id("area_id"), *_NAMES, _REGION, *_ROW), key=("area_id",)),
    "alignments": Table((_id("line_id"), *_ROW), key=("line_id",)),
    "profile_parameters": Table(
        (
            _id("subject"),
            _id("component"),
            _choice("quantity", ("width", "side", "spacing", "area")),
            _choice("unit", ("m", "ha")),
            *(_number(name, "see column unit", above=True) for name in ("low", "central", "high")),
            _text("range_source"),
            _text("reason"),
            *_ROW,
        ),
        key=("subject", "component", "quantity"),
        rising=(("low", "central", "high"),),
    ),
    "seasonal_rules": Table(
        (
            _id("rule_id"),
            _choice("applies_to", ("wildlife", "habitat")),
            _text("subjects"),
            _choice("phase", ("construction", "operation", "both")),
            _number("within_m", "metres"),
            _text("months"),
            *(
                _text(f"{key}_{script}")
                for key in ("title", "rule")
                for script in ("en", "zh_hant", "zh_hans")
            ),
            _text("distance_source"),
            _text("months_source"),
            *_ROW,
        ),
        key=("rule_id",),
    ),
    "taxa": Table(
        (
            _id("taxon_id"),
            *_NAMES,
            _text("scientific"),
            _choice("kind", TAXON_KINDS),
            _number("median_dispersal_m", "metres", above=True),
            _number("maximum_dispersal_m", "metres", above=True),
            _text("core_habitats"),
            _number("minimum_patch_ha", "hectares"),
            _text("dispersal_source"),
            _text("habitat_source"),
            _text("records", required=False),
            *_ROW,
        ),
        key=("taxon_id",),
        rising=(("median_dispersal_m", "maximum_dispersal_m"),),
    ),
    "taxon_cores": Table(
        (_id("core_id"), _choice("layer", ("green_corridors", "designations")), _id("feature_id"), *_ROW),
        key=("core_id",),
    ),
    "taxon_resistance": Table(
        (
            _id("taxon_id", "taxa"),
            _id("ground"),
            *(Column(case, "number", "resistance, own habitat 1", 1, empty=True) for case in CASES),
            _flag("barrier"),
            _text("reason", required=False),
            *_ROW,
        ),
        key=("taxon_id", "ground"),
        rising=(CASES,),
    ),
}
"""The declaration by role; a role that is not here has no columns the program reads."""

UNDECLARED = Table(())

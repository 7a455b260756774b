"""The specification of a proposed line: service, clearance, vertical profile and surface sites."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from corridor.schema.text import Text

Structure = Literal[
    "bored_tunnel", "immersed_tunnel", "cut_and_cover", "viaduct", "bridge", "at_grade", "embankment"
]
Status = Literal["existing", "construction", "planned_official", "studied", "concept", "counterfactual"]
BUILT = frozenset({"existing", "construction"})
"""Status of lines that exist or are being built."""
UNDECIDED = frozenset({"studied", "concept"})
"""Status of lines that nobody has decided to build."""
Regime = Literal["separate_walk", "separate_bus", "co_location", "joint_clearance"]
SiteKind = Literal[
    "station_box", "depot", "portal", "shaft", "ventilation_building", "worksite",
    "barging_point", "spoil_yard", "casting_yard", "emergency_access",
]  # fmt: skip
Confidence = Literal["A", "B", "C", "M", "S"]
Currency = Literal["HKD", "CNY"]
Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
OTHER_AXIS = "other"
MOST = 1e9  # nothing that is measured here comes near it, and sums of it can still be worked out
Positive = Annotated[float, Field(gt=0, le=MOST, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, le=MOST, allow_inf_nan=False)]
LonLat = tuple[Annotated[float, Field(ge=-180, le=180)], Annotated[float, Field(ge=-90, le=90)]]


class Model(BaseModel):
    """Frozen, and strict about keys: a misspelt key is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def clock_s(value: str) -> int:
    """Seconds after midnight of "HH:MM"; hours may pass 24 (25:10 is ten past one of the next day).

    Examples
    --------
    >>> clock_s("25:10")
    90600
    """
    match = re.fullmatch(r"(\d{1,2}):([0-5]\d)", value.strip())
    if not match or int(match[1]) > 30:
        raise ValueError("a clock time HH:MM between 00:00 and 30:59, in quotes")
    return int(match[1]) * 3600 + int(match[2]) * 60


def _is_clock(value: str) -> str:
    clock_s(value)
    return value


def _first_before_last(hours: tuple[str, str]) -> tuple[str, str]:
    if clock_s(hours[0]) >= clock_s(hours[1]):
        raise ValueError("the first departure before the last")
    return hours


Clock = Annotated[str, AfterValidator(_is_clock)]
Hours = Annotated[tuple[Clock, Clock], AfterValidator(_first_before_last)]
"""First and last departure."""


class Headway(Model):
    """Minutes between departures in the peaks and otherwise."""

    peak: Positive
    off_peak: Positive


class LineClearance(Model):
    """Where passengers of a line clear the boundary when boarding or alighting, and how long it takes."""

    regime: Regime
    at: tuple[Id, ...] | Literal["alighting"]
    checkpoint: dict[Id, Id]
    mean_min: NotNegative
    low_min: NotNegative
    high_min: NotNegative
    source: tuple[str, ...] = ()
    assumed: bool = True

    @model_validator(mode="after")
    def _ordered(self) -> LineClearance:
        if not self.low_min <= self.mean_min <= self.high_min:
            raise ValueError("low_min <= mean_min <= high_min is expected")
        return self


class FareSpec(Model):
    """What a ride on a line costs: a tariff of the region, or one fare for every ride."""

    tariff: Id | None = None
    flat: NotNegative | None = None
    currency: Currency | None = None

    @model_validator(mode="after")
    def _one_or_the_other(self) -> FareSpec:
        if (self.tariff is None) == (self.flat is None) or (self.flat is None) != (self.currency is None):
            raise ValueError("either tariff, or flat and currency is expected")
        return self


class Section(Model):
    """A stretch of the line with one structure, between two stops or by chainage in kilometres."""

    id: Id
    structure: Structure
    from_stop: Id | None = Field(default=None, alias="from")
    to_stop: Id | None = Field(default=None, alias="to")
    chainage_km: tuple[NotNegative, NotNegative] | None = None
    source: tuple[str, ...] = ()
    assumed: bool = False
    note: Text | None = None

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> Section:
        by_stop = self.from_stop is not None and self.to_stop is not None
        if by_stop == (self.chainage_km is not None):
            raise ValueError("either from and to (stops) or chainage_km: [a, b] is expected")
        if self.chainage_km and self.chainage_km[0] >= self.chainage_km[1]:
            raise ValueError("chainage_km must rise")
        return self


class SitePosition(Model):
    """The place of a site: at a stop, at a chainage, or at a longitude and latitude."""

    station: Id | None = None
    chainage_km: NotNegative | None = None
    lonlat: LonLat | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> SitePosition:
        if sum(x is not None for x in (self.station, self.chainage_km, self.lonlat)) != 1:
            raise ValueError("exactly one of station, chainage_km, lonlat is expected")
        return self


class SiteSpec(Model):
    """A permanent surface structure, or a temporary works area."""

    id: Id
    kind: SiteKind
    at: SitePosition
    area_ha: Positive
    permanent: bool
    source: tuple[str, ...] = ()
    assumed: bool = True
    confidence: Confidence = "M"
    note: Text | None = None

    @field_validator("at", mode="before")
    @classmethod
    def _station_shorthand(cls, value: object) -> object:
        return {"station": value} if isinstance(value, str) else value


class LineSpec(Model):
    """A line (or a work on an existing line) that a scenario may add.

    With `stops`, `run_time_min` and `headway_min` it runs its own service; with `opens` it opens stations that
    existing patterns already pass.
    """

    id: Id
    name: Text
    axis: Id = OTHER_AXIS
    """One of the region's axes, or `other`."""
    mode: Literal["metro", "light_rail", "high_speed", "bus", "ferry"] = "metro"
    status: Status
    source: tuple[str, ...] = ()
    stops: tuple[Id, ...] = ()
    opens: tuple[Id, ...] = ()
    length_km: Positive | None = None
    length_note: str | Text = ""
    run_time_min: Positive | None = None
    run_time_note: str | Text = ""
    headway_min: Headway | None = None
    hours: Hours | None = None
    clearance: LineClearance | None = None
    fare: FareSpec | None = None
    ticketing_min: NotNegative | None = None
    alignment: Id | None = None
    """A line_id of the alignments layer: where it runs."""
    course: Annotated[tuple[LonLat, ...], Field(min_length=2)] | None = None
    """Where it runs (EPSG:4326), from the first stop to the last, in place of `alignment`."""
    track_of: Id | None = None
    """The line whose track it uses: nothing more is built."""
    profile: tuple[Section, ...] = ()
    sites: tuple[SiteSpec, ...] = ()
    assumptions: tuple[Text, ...] = ()
    note: str | Text = ""

    @model_validator(mode="after")
    def _whole(self) -> LineSpec:
        service = ("run_time_min", "length_km", "headway_min", "hours")
        missing = [k for k in service if getattr(self, k) is None]
        if self.stops and missing:
            raise ValueError(f"a line with stops needs {', '.join(missing)} too")
        if any(a == b for a, b in pairwise(self.stops)):
            raise ValueError("a stop follows itself; each stop once in a row")
        if self.stops and len(self.stops) < 2:
            raise ValueError("a line needs at least two stops")
        if self.alignment and self.course:
            raise ValueError("either alignment or course is expected")
        return self

    @property
    def runs(self) -> bool:
        """Whether the line has a service of its own."""
        return bool(self.stops) and self.headway_min is not None

"""What runs in one scenario: stations, patterns with clock times, links on foot, control points.

`Network` is the resolved picture: the tables of the bundle with the openings, additions and changes of one
scenario laid over them. It holds no algorithm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from corridor.network.clearance import BOTH, ClearanceAssumptions
from corridor.network.fares import Fares
from corridor.network.stations import Names, Station
from corridor.schema.region import Region, Sides, shipped_region
from corridor.schema.role_checks import BOTH_SIDES

PERIODS: tuple[tuple[str, int, int], ...] = (
    ("early", 5 * 3600, int(7.5 * 3600)),
    ("am_peak", int(7.5 * 3600), int(9.5 * 3600)),
    ("midday", int(9.5 * 3600), 17 * 3600),
    ("pm_peak", 17 * 3600, int(19.5 * 3600)),
    ("evening", int(19.5 * 3600), 22 * 3600),
    ("late", 22 * 3600, int(25.5 * 3600)),
    ("night", int(25.5 * 3600), 29 * 3600),
)
"""Periods of a service day (05:00 to 29:00): name, start and end in seconds after midnight."""

DAY_S = 86_400
SERVICE_DAY_START_S = 5 * 3600


def service_clock_s(clock_s: float) -> float:
    """A clock time as seconds of the service day, which runs from 05:00 to 29:00: before 05:00 it is still the day before."""
    return clock_s + DAY_S if clock_s < SERVICE_DAY_START_S else clock_s


Only = Literal["", "board", "alight"]
"""What alone a call is for; empty where passengers both board and alight."""


@dataclass(frozen=True)
class Stop:
    """One call of a pattern.

    Attributes
    ----------
    arrival_s, departure_s
        Seconds from the departure at the pattern's first stop.
    clearance
        The control point at which those who board or alight here clear the boundary; None where they do not.
    only
        Whether passengers only board or only alight here.
    """

    station_id: str
    arrival_s: float
    departure_s: float
    clearance: str | None  # checkpoint where those who board or alight here clear the boundary
    only: Only = ""


@dataclass(frozen=True)
class Pattern:
    """One direction of an ordered list of calls with one headway a period.

    `first_s` and `last_s` are departures at the first stop, seconds after midnight, past 86,400 after midnight.
    """

    pattern_id: str
    line_id: str
    stops: tuple[Stop, ...]
    headway_s: Mapping[str, float]  # by period; a missing period has no service
    first_s: float
    last_s: float
    assumed: bool  # whether headway or hours are an assumption


@dataclass(frozen=True)
class Line:
    """A named line and how it is drawn.

    Attributes
    ----------
    mode
        As the table of lines or the scenario states it.
    colour
        As the table of lines states it; empty where it does not, and for a line that the scenario adds.
    axis
        The axis of the region that an added line belongs to; empty for the others.
    added
        Whether the scenario adds it.
    """

    line_id: str
    names: Names
    mode: str
    status: str
    colour: str
    axis: str
    added: bool


@dataclass(frozen=True)
class Link:
    """A walk between two stations or halls, in both directions.

    Attributes
    ----------
    inside
        Whether it stays inside the gates, so that one fare covers the rides on both sides of it.
    """

    a: str
    b: str
    walk_s: float
    inside: bool = False


@dataclass(frozen=True)
class DirectionLoad:
    """Passengers observed at a control point in one direction, or in both together."""

    passengers: Mapping[str, float]  # a mean day of 2025, by traveller group
    highest_pax_day: float  # since 2023

    @property
    def mean_pax_day(self) -> float:
        """All groups together."""
        return sum(self.passengers.values())


class Hall(NamedTuple):
    """The hall of a control point on one side: its node id, and where it is in EPSG:4547 metres; like a station."""

    point: str
    names: Names
    region: str
    x_m: float
    y_m: float
    street_access: bool
    system: str = "checkpoint"
    planned: bool = False


@dataclass(frozen=True)
class Checkpoint:
    """A control point: hall to hall, or at a line's own station (`kind` "line").

    Hours are seconds after midnight; clearance is door to door over both sides, in seconds: the mean of all travellers
    and both directions at the mean load. `loads` and `clearance_by_group_s` go by direction ("northbound",
    "southbound", "both"); where nobody was counted `loads` is empty. Capacity is that of both directions together,
    NaN where unknown.
    """

    checkpoint_id: str
    names: Names
    kind: str
    south_xy_m: tuple[float, float]
    north_xy_m: tuple[float, float]
    street_access: tuple[bool, bool]  # south, north
    regime: str
    open_s: float
    close_s: float
    status: str
    clearance_s: float
    clearance_low_s: float
    clearance_high_s: float
    clearance_assumed: bool
    daily_2025: float
    design_capacity_pax_day: float = float("nan")
    changed: bool = False
    effective_capacity_pax_hour: float = float("nan")
    loads: Mapping[str, DirectionLoad] = field(default_factory=dict)
    clearance_by_group_s: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def capacity_pax_hour(self, direction: str) -> float:
        """Capacity of one direction: that of both, shared out in proportion to the highest days observed.

        Parameters
        ----------
        direction
            "northbound", "southbound" or "both".

        Returns
        -------
        float
            Passengers an hour; NaN where the capacity is unknown or nobody was counted.
        """
        if direction not in self.loads or not self.loads[BOTH].highest_pax_day > 0:
            return float("nan")
        share = self.loads[direction].highest_pax_day / self.loads[BOTH].highest_pax_day
        return self.effective_capacity_pax_hour * share

    @property
    def is_open(self) -> bool:
        """Whether passengers may use it, and it leads to the other side."""
        return self.status == "existing" and self.kind != "external"

    def halls(self, sides: Sides) -> tuple[Hall, ...]:
        """Its halls, that of the south first; none where it is closed, or in a line's own station."""
        if not self.is_open or self.kind != "hall":
            return ()
        xy_m = (self.south_xy_m, self.north_xy_m)
        ends = zip(sides, xy_m, self.street_access, strict=True)
        return tuple(
            Hall(hall(self.checkpoint_id, side), self.names, side, *xy, street) for side, xy, street in ends
        )


@dataclass(frozen=True)
class Network:
    """Everything that runs in one scenario.

    Attributes
    ----------
    fares
        What its lines cost; None where nothing is known of fares.
    """

    scenario_id: str
    stations: Mapping[str, Station]
    lines: Mapping[str, Line]
    patterns: tuple[Pattern, ...]
    links: tuple[Link, ...]
    checkpoints: Mapping[str, Checkpoint]
    transfer_s: Mapping[
        str, float
    ]  # walking time between two lines inside one station, where not the default
    clearance: ClearanceAssumptions | None = None  # None: groups and queues are not known
    region: Region = field(default_factory=shipped_region)
    fares: Fares | None = None

    @property
    def sides(self) -> Sides:
        """The ids of the two sides, south first."""
        return self.region.sides

    @cached_property
    def ends(self) -> Mapping[str, Station | Hall]:
        """Where rides and walks begin and end: stations and halls, by node id."""
        halls = (at for point in self.checkpoints.values() for at in point.halls(self.sides))
        return {**self.stations, **{at.point: at for at in halls}}

    @property
    def line_kinds(self) -> dict[str, str]:
        """Mode and side of every line that runs, as tariffs name them: ``metro@hk``, ``bus@both``."""
        sides: dict[str, set[str]] = {}
        for pattern in self.patterns:
            found = sides.setdefault(pattern.line_id, set())
            found.update(self.stations[stop.station_id].region for stop in pattern.stops)
        return {
            line_id: f"{self.lines[line_id].mode}@{found.pop() if len(found) == 1 else BOTH_SIDES}"
            for line_id, found in sides.items()
        }


def hall(checkpoint_id: str, region: str) -> str:
    """The node id of a control point's hall on one side."""
    return f"{checkpoint_id}@{region}"


def is_hall(point: str) -> bool:
    """Whether a node id is that of a control point's hall."""
    return "@" in point

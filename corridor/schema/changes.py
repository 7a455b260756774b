"""What a scenario changes of what runs: lines, stations, control points. A file and an edit state the same records."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, field_validator, model_validator

from corridor.schema.line import Clock, Hours, Id, LineSpec, LonLat, Model, NotNegative, Positive, Regime
from corridor.schema.rows import number_of
from corridor.schema.text import Text

Period = Literal["early", "am_peak", "midday", "pm_peak", "evening", "late", "night"]
PeriodGroup = Literal["peak", "off_peak"]
PERIOD_NAMES: tuple[str, ...] = get_args(Period)
PEAKS = frozenset({"am_peak", "pm_peak"})
TravellerGroup = Literal["e-channel-resident", "resident", "mainland-visitor", "visitor"]
"""Resident of the south through e-channels, other resident, visitor from the Mainland, any other visitor."""
PatternId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*[<>]?$", max_length=81)]
Pair = tuple[Id, Id]
DWELL_S = 30.0  # assumptions for a new stop of a line: dwell, and braking and starting again
BRAKING_S = 30.0

Statement = tuple[str, object, tuple[str | int, ...]]
"""One thing that a record states: what (in words), its value, and where in the record."""


def group_of(period: str) -> str:
    """The group that a period belongs to.

    Examples
    --------
    >>> group_of("am_peak"), group_of("night")
    ('peak', 'off_peak')
    """
    return "peak" if period in PEAKS else "off_peak"


def same_leg(a: Pair, b: Pair) -> bool:
    """Whether two pairs are the same two stops, in either order."""
    return set(a) == set(b)


def within(scope: str | None, of: str | None) -> bool:
    """Whether a scope (a pattern, one direction of it, or None for the whole line) is part of another.

    Examples
    --------
    >>> within("east-rail-a>", "east-rail-a"), within("east-rail-a", None), within(None, "east-rail-a")
    (True, True, False)
    """
    return of is None or (scope is not None and of in {scope, scope.rstrip("<>")})


def breadth(change: LineChange) -> int:
    """Sorts changes of a line: the whole line first, then patterns, then single directions."""
    return 0 if change.pattern is None else 1 + (change.pattern[-1] in "<>")


def _leg(between: Pair) -> str:
    return " and ".join(sorted(between))


class Change(Model):
    """What a scenario changes of one thing: a line, a station, a control point.

    Each kind has a `subject` (what it changes, in words), `statements` (what it states of it) and `words` (the same as a
    reader would say it).
    """

    id: Id
    source: tuple[str, ...] = ()
    note: Text | None = None


class AddedStop(Model):
    """A stop put between two that follow one another, in both directions.

    The run between the two is shared out by straight distance and grows by `braking_s`; `runs` may state it instead.
    """

    id: Id
    between: Pair
    dwell_s: NotNegative = DWELL_S
    braking_s: NotNegative = BRAKING_S


class RunTime(Model):
    """Minutes from departure at one stop to arrival at the next, in both directions."""

    between: Pair
    run_min: Positive


class LineChange(Change):
    """What a scenario changes in the service of a line that runs, or of one of its patterns.

    `pattern` may end in > or < for one direction. Headways are minutes by period, or by peak and off-peak in the periods
    in which the line runs. `stops` is a new order of stops. `cut` is two stops between which no train runs: trains turn back
    on both sides. `clears` gives the control point by stop at which those who board or alight there clear, instead of all before.
    """

    pattern: PatternId | None = None
    headway_min: dict[Period | PeriodGroup, Positive] = Field(default_factory=dict)
    hours: Hours | None = None
    stops: Annotated[tuple[Id, ...], Field(min_length=2)] | None = None
    add_stops: tuple[AddedStop, ...] = ()
    close_stops: tuple[Id, ...] = ()
    runs: tuple[RunTime, ...] = ()
    cut: Pair | None = None
    clears: dict[Id, Id] | None = None

    @field_validator("headway_min", mode="before")
    @classmethod
    def _all_day(cls, value: object) -> object:
        if isinstance(value, str) and (number := number_of(value)) is not None:
            value = number  # 1e1 is a text to YAML
        if not isinstance(value, int | float):
            return value
        if not (math.isfinite(value) and value > 0):
            raise ValueError("more than 0 min; for no service remove the line")
        return {"peak": value, "off_peak": value}

    @model_validator(mode="after")
    def _stops_go_both_ways(self) -> LineChange:
        one_way = self.pattern is not None and self.pattern[-1] in "<>"
        if one_way and (self.stops or self.add_stops or self.runs or self.clears):
            raise ValueError("stops, runs and clearance of both directions: a pattern without > or <")
        return self

    @property
    def subject(self) -> str:
        """What it changes, in words."""
        return f"line {self.id}" + (f" ({self.pattern})" if self.pattern else "")

    @property
    def headways(self) -> dict[str, float]:
        """Minutes by period or group of periods."""
        return {str(key): minutes for key, minutes in self.headway_min.items()}

    def statements(self) -> Iterator[Statement]:
        """Everything that it states."""
        stated = self.headways
        for period in PERIOD_NAMES:
            if key := next((k for k in (period, group_of(period)) if k in stated), None):
                yield f"headway in {period}", stated[key], ("headway_min", key)
        if self.hours:
            yield "hours", self.hours, ("hours",)
        if self.stops:
            yield "stops", self.stops, ("stops",)
        for i, stop in enumerate(self.add_stops):
            yield f"stop {stop.id}", stop, ("add_stops", i)
            yield f"a stop between {_leg(stop.between)}", stop, ("add_stops", i)
        for i, station_id in enumerate(self.close_stops):
            yield f"stop {station_id}", "closed", ("close_stops", i)
        if self.cut:
            yield "cut", self.cut, ("cut",)
        if self.clears:
            yield "clears", self.clears, ("clears",)
        for i, run in enumerate(self.runs):
            yield f"run between {_leg(run.between)}", run.run_min, ("runs", i)

    def words(self) -> Iterator[str]:
        """Everything that it states, as a reader would say it."""
        who = self.pattern or self.id
        if len(set(self.headway_min.values())) == 1 and set(self.headway_min) == {"peak", "off_peak"}:
            yield f"{who} every {self.headway_min['peak']:g} min"
        else:
            for period, minutes in self.headway_min.items():
                yield f"{who} every {minutes:g} min in {period}"
        if self.hours:
            yield f"{who} from {self.hours[0]} to {self.hours[1]}"
        if self.stops:
            yield f"{who} calls at {', '.join(self.stops)}"
        for stop in self.add_stops:
            yield f"{who} stops at {stop.id}, between {_leg(stop.between)}"
        for station_id in self.close_stops:
            yield f"{who} passes {station_id}"
        for run in self.runs:
            yield f"{who} takes {run.run_min:g} min between {_leg(run.between)}"
        if self.cut:
            yield f"{who} has no trains between {_leg(self.cut)}"
        if self.clears:
            yield f"{who} clears at {', '.join(self.clears)}"


def united(a: LineChange, b: LineChange) -> LineChange:
    """Two changes of one line or pattern as one; they state nothing twice.

    Parameters
    ----------
    a
        The earlier.
    b
        The later; where both state hours or a note, its own count.
    """
    return b.model_copy(
        update={
            "headway_min": _by_period({**a.headway_min, **b.headway_min}),
            "hours": b.hours or a.hours,
            "cut": b.cut or a.cut,
            "clears": b.clears or a.clears,
            "stops": b.stops or a.stops,
            "add_stops": tuple(sorted((*a.add_stops, *b.add_stops), key=lambda s: s.id)),
            "close_stops": tuple(sorted({*a.close_stops, *b.close_stops})),
            "runs": tuple(sorted((*a.runs, *b.runs), key=lambda r: sorted(r.between))),
            "source": tuple(dict.fromkeys((*a.source, *b.source))),
            "note": b.note or a.note,
        }
    )


def without(change: LineChange, later: LineChange) -> LineChange:
    """What remains of a change once a later one overrides it; a new order of stops ends earlier changes of stops.

    Parameters
    ----------
    change
        The earlier change.
    later
        A change of the same line, or of a pattern of it.
    """
    restated = set(later.headway_min)
    new_stops = {s.id for s in later.add_stops}
    legs = [r.between for r in later.runs]
    runs = [r for r in change.runs if not any(same_leg(r.between, leg) for leg in legs)]
    if later.stops:
        neighbours = list(zip(later.stops, later.stops[1:], strict=False))
        runs = [r for r in runs if any(same_leg(r.between, leg) for leg in neighbours)]
    return change.model_copy(
        update={
            "headway_min": {k: v for k, v in change.headway_min.items() if not restated & _covering(k)},
            "hours": None if later.hours else change.hours,
            "cut": None if later.cut or later.stops else change.cut,
            "clears": None if later.clears else change.clears,
            "stops": None if later.stops else change.stops,
            "add_stops": () if later.stops else tuple(s for s in change.add_stops if s.id not in new_stops),
            "close_stops": () if later.stops else change.close_stops,
            "runs": tuple(runs),
        }
    )


def _covering(key: str) -> set[str]:
    """What states a period or group too."""
    return {key, group_of(key)} if key in PERIOD_NAMES else {key}


def _by_period(headway_min: dict[Any, float]) -> dict[Any, float]:
    return {k: headway_min[k] for k in ("peak", "off_peak", *PERIOD_NAMES) if k in headway_min}


class LineEdits(Model):
    """Lines added (an id of a known proposal, or a whole specification), changed (only the named keys), removed."""

    add: tuple[Id | LineSpec, ...] = ()
    change: tuple[dict[str, Any], ...] = ()
    """Keys of a line that the scenario adds, and those of :class:`LineChange` for every line."""
    remove: tuple[Id, ...] = ()


class CheckpointEdit(Change):
    """What a scenario changes at one control point.

    Capacity is in passengers an hour, both directions together. Groups that are stated take that mean; the others keep
    theirs, and the mean of all travellers follows.
    """

    regime: Regime | None = None
    open: Clock | None = None
    close: Clock | None = None
    open_24_hours: bool | None = None
    clearance_mean_min: NotNegative | None = None
    clearance_low_min: NotNegative | None = None
    clearance_high_min: NotNegative | None = None
    clearance_by_group_min: dict[TravellerGroup, NotNegative] | None = None
    design_capacity_pax_day: Positive | None = None
    effective_capacity_pax_hour: Positive | None = None
    status: Literal["existing", "closed"] | None = None

    @model_validator(mode="after")
    def _one_kind_of_hours(self) -> CheckpointEdit:
        if self.open_24_hours is False or (self.open_24_hours and (self.open or self.close)):
            raise ValueError("open_24_hours: true, or open and close")
        return self

    @property
    def subject(self) -> str:
        """What it changes, in words."""
        return f"control point {self.id}"

    def statements(self) -> Iterator[Statement]:
        """Everything that it states."""
        left_out = {"id", "source", "note", "clearance_by_group_min"}
        for key in self.model_dump(exclude_none=True, exclude=left_out):
            yield key, getattr(self, key), (key,)
        for group, minutes in (self.clearance_by_group_min or {}).items():
            yield f"clearance of {group}", minutes, ("clearance_by_group_min", group)

    def words(self) -> Iterator[str]:
        """Everything that it states, as a reader would say it."""
        said = [
            f"{what} {v:g}" if isinstance(v, float) else f"{what} {v}" for what, v, _ in self.statements()
        ]
        if said:
            yield f"{self.id} " + ", ".join(said)


def over(before: CheckpointEdit, edit: CheckpointEdit) -> CheckpointEdit:
    """One edit over an earlier one; a new regime drops the clearance times of the old one, new hours its hours.

    Parameters
    ----------
    before
        The earlier edit.
    edit
        A later one of the same control point.
    """
    stated = {k: getattr(edit, k) for k in edit.model_dump(exclude_none=True)}
    groups = before.clearance_by_group_min
    if edit.regime and edit.regime != before.regime:
        stated = dict.fromkeys(("clearance_mean_min", "clearance_low_min", "clearance_high_min")) | stated
        groups = None
    if groups or edit.clearance_by_group_min:
        stated["clearance_by_group_min"] = {**(groups or {}), **(edit.clearance_by_group_min or {})}
    elif before.clearance_by_group_min:
        stated["clearance_by_group_min"] = None
    if edit.open_24_hours:
        stated |= {"open": None, "close": None}
    elif edit.open or edit.close:
        stated["open_24_hours"] = None
        if before.open_24_hours:
            stated = {"open": "00:00", "close": "24:00"} | stated
    return before.model_copy(update=stated)


class CheckpointEdits(Model):
    """Control points changed by a scenario."""

    change: tuple[CheckpointEdit, ...] = ()


class StationEdit(Change):
    """A proposed station moved by a scenario."""

    lonlat: LonLat

    @property
    def subject(self) -> str:
        """What it changes, in words."""
        return f"station {self.id}"

    def statements(self) -> Iterator[Statement]:
        """Everything that it states."""
        yield "lonlat", self.lonlat, ("lonlat",)

    def words(self) -> Iterator[str]:
        """Everything that it states, as a reader would say it."""
        yield "{} moved to {:.4f}, {:.4f}".format(self.id, *self.lonlat)


class AddedStation(Model):
    """A station that the stations layer does not have, for a line that a scenario adds."""

    id: Id
    name: Text
    lonlat: LonLat
    region: Id
    """Its side of the boundary."""
    system: Id = "metro"
    street_access: bool = True
    source: tuple[str, ...] = ()
    note: Text | None = None


StatedChange = LineChange | CheckpointEdit | StationEdit


class StationEdits(Model):
    """Stations added by a scenario, moved, and closed: trains pass them without stopping."""

    add: tuple[AddedStation, ...] = ()
    change: tuple[StationEdit, ...] = ()
    close: tuple[Id, ...] = ()


class Changes(Model):
    """Everything that one file, or one step of an edit, changes of what runs."""

    lines: LineEdits = LineEdits()
    stations: StationEdits = StationEdits()
    checkpoints: CheckpointEdits = CheckpointEdits()

"""One idea tried on a scenario: change a headway, a line, a stop or a control point, and see who reaches what.

edit = study.edit("both-2035").headway("hswrl", 4)
print(edit.score("08:30").table)

Each change gives a new :class:`Edit`. Scoring starts from the scenario as it stands, which is worked out once and kept,
and renews only what the change can reach; the result equals a whole run of the edited network.
"""

from __future__ import annotations

import math
import time
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import ValidationError

from corridor.access.base import BaseLayer
from corridor.access.parameters import AccessParameters
from corridor.access.reach import Reach, Reached, reach_from_cells
from corridor.crs import project_xy
from corridor.errors import Problem, ScenarioError, nearest
from corridor.network.compiled import CompiledNetwork, compile_graph
from corridor.network.graph import build_graph
from corridor.network.overlay import NetworkTables, build_network
from corridor.network.service import PERIODS, Checkpoint, Network, Pattern, Stop, service_clock_s
from corridor.network.walk import Ground
from corridor.schema.line import LineSpec, clock_s
from corridor.schema.scenario import CheckpointEdit, Scenario, over

F32 = NDArray[np.float32]
KEPT = 2  # scenarios and hours whose batches are kept, some 100 to 300 MB each
DWELL_S = 30.0  # assumptions for a stop added to a line: standing, and braking and starting again
BRAKING_S = 30.0
KeptKey = tuple[str, float, tuple[int, ...]]  # network, clock, cut-offs


class Workshop(Protocol):
    """What an edit needs of a study."""

    parameters: AccessParameters
    kept_reach: dict[KeptKey, Reached]

    @property
    def tables(self) -> NetworkTables:
        """Stations, lines and services."""

    @property
    def ground(self) -> Ground:
        """Where people can walk."""

    @property
    def base(self) -> BaseLayer:
        """Walks, local buses and feeders."""

    @property
    def proposals(self) -> dict[str, LineSpec]:
        """Proposed lines by id."""


@dataclass(frozen=True)
class EditScore:
    """Access at one hour with and without an edit, and what had to be worked out anew for it."""

    changes: tuple[str, ...]
    before: Reach
    after: Reach
    residents: NDArray[np.float64]
    """Residents of each cell today, the weights of the means."""
    side: NDArray[np.int8]
    renewed_cells: int
    renewed_batches: int
    batches: int
    seconds: float
    """Time for the edit alone; the scenario as it stands is worked out once before."""

    def gain(self, cutoff_min: int, what: str = "jobs", side: str | None = None) -> F32:
        """For every cell, what it reaches more (or less) than without the edit, on both sides or on one."""
        after, before = (r.of(cutoff_min, what, side=side) for r in (self.after, self.before))
        return np.asarray(after - before)

    @property
    def table(self) -> pd.DataFrame:
        """By cut-off and measure: mean of residents before, after and the change; cells that gain and that lose."""
        rows = []
        for cutoff in self.after.cutoffs_min:
            for what in ("jobs", "residents", "jobs across"):
                before, after = (reached(r, cutoff, what, self.side) for r in (self.before, self.after))
                b, a = (float(np.average(v, weights=self.residents)) for v in (before, after))
                better, worse = int((after > before).sum()), int((after < before).sum())
                rows.append((cutoff, what, b, a, a - b, better, worse))
        columns = ["cutoff_min", "measure", "before", "after", "change", "cells_better", "cells_worse"]
        return pd.DataFrame(rows, columns=columns)

    def __str__(self) -> str:
        said = "; ".join(self.changes) or "no change"
        return (
            f"{said}, leaving at {self.after.hour}\n{self.table.to_string(index=False, float_format='{:,.0f}'.format)}\n"
            f"renewed: {self.renewed_cells:,} of {self.residents.size:,} cells, "
            f"{self.renewed_batches} of {self.batches} batches of destinations, {self.seconds:.1f} s"
        )


def reached(reach: Reach, cutoff_min: int, measure: str, side: NDArray[np.int8]) -> F32:
    """Jobs or residents that every cell reaches, or the jobs of the other side ("jobs across")."""
    if measure != "jobs across":
        return reach.of(cutoff_min, measure)
    other = [reach.of(cutoff_min, "jobs", side=s) for s in reach.sides[::-1]]
    return np.where(side == 0, *other)


@dataclass(frozen=True)
class _AddedStop:
    """A stop put between two others of some patterns."""

    line_id: str
    station_id: str
    between: tuple[str, str]
    patterns: frozenset[str]


@dataclass(frozen=True, eq=False)
class Edit:
    """A scenario with changes of one's own on it; every change gives a new edit and leaves this one as it was."""

    workshop: Workshop
    unedited: Scenario
    unedited_network: Network
    unedited_compiled: CompiledNetwork
    scenario: Scenario
    """With the changes that a scenario file can state: lines added and removed, control points."""
    _headways: tuple[tuple[str, float, str | None], ...] = ()
    _stops: tuple[_AddedStop, ...] = ()
    _closed: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    """What was changed, in words."""

    @classmethod
    def of(cls, workshop: Workshop, scenario: Scenario, network: Network, compiled: CompiledNetwork) -> Edit:
        """A scenario with nothing changed yet."""
        return cls(workshop, scenario, network, compiled, scenario)

    # --- changes ---

    def headway(self, line_or_pattern_id: str, minutes: float, period: str | None = None) -> Edit:
        """Another headway for a line or one of its patterns, in all periods in which it runs or in one.

        In a period named it runs from then on, if it did not: within its first and last departure as before.
        """
        where = f"headway of {line_or_pattern_id!r}"
        if not (isinstance(minutes, int | float) and math.isfinite(minutes) and minutes > 0):
            raise _wrong(where, f"{minutes} min", "more than 0 min", "use remove_line for no service")
        names = [name for name, _, _ in PERIODS]
        if period is not None and period not in names:
            raise _wrong(where, f"period {period!r}", "one of " + ", ".join(names), nearest(period, names))
        patterns = self.network.patterns
        if not any(_is_of(p, line_or_pattern_id) for p in patterns):
            known = {*(p.line_id for p in patterns), *(p.pattern_id[:-1] for p in patterns)}
            raise _not_running(where, line_or_pattern_id, known)
        said = f"{line_or_pattern_id} every {minutes:g} min" + (f" in {period}" if period else "")
        return self._with(said, _headways=(*self._headways, (line_or_pattern_id, 60.0 * minutes, period)))

    def remove_line(self, line_id: str) -> Edit:
        """Without a line of the scenario, existing or added."""
        running = {p.line_id for p in self.network.patterns} | {w.id for w in self.scenario.works}
        if line_id not in running:
            raise _not_running(f"removed line {line_id!r}", line_id, running)
        works = tuple(w for w in self.scenario.works if w.id != line_id)
        removed = self.scenario.removed_lines
        if len(works) == len(self.scenario.works):
            removed = (*removed, line_id)
        changed = self.scenario.model_copy(update={"works": works, "removed_lines": removed})
        return self._with(f"without {line_id}", scenario=changed)

    def add_line(self, line: LineSpec | Mapping[str, Any] | str) -> Edit:
        """With one more line: the id of a proposal, or the keys that a scenario file gives a line."""
        spec = self._line(line)
        if any(work.id == spec.id for work in self.scenario.works):
            raise _wrong(
                f"line {spec.id}", "is in the scenario already", "a new id", "remove the other first"
            )
        works = (*self.scenario.works, spec)
        added = self._with(f"with {spec.id}", scenario=self.scenario.model_copy(update={"works": works}))
        assert added.network  # what is wrong with the line is said at once
        return added

    def add_stop(self, line_id: str, station_id: str, between: tuple[str, str]) -> Edit:
        """One more stop of a line, between two stations that follow one another on it, in both directions.

        The run between the two is shared out by straight distance, and grows by a minute: 30 s of standing, and 30 s
        of braking and starting (assumptions). The station may be any of the stations layer, open yet or not.
        """
        where = f"stop {station_id!r} of {line_id!r}"
        table = self.workshop.tables.stations.set_index("station_id")
        if station_id not in table.index:
            raise _wrong(where, "is not known", "a station id", nearest(station_id, table.index))
        own = [p for p in self.network.patterns if p.line_id == line_id]
        if not own:
            raise _not_running(where, line_id, {p.line_id for p in self.network.patterns})
        if any(stop.station_id == station_id for p in own for stop in p.stops):
            raise _wrong(where, "is a stop of the line already", "a new stop", "leave it")
        chosen = [p for p in own if _follow(p, between)]
        if not chosen:
            raise _wrong(
                where, f"{between} do not follow one another", "two stops that do", _legs(own, between)
            )
        if not all(self._open_at(p, str(table.loc[station_id, "region"])) for p in chosen):
            raise _wrong(
                where,
                "would be a way over the boundary without clearance",
                "a station on a side where the line's passengers do not clear",
                "add a line with its clearance instead",
            )
        stop = _AddedStop(line_id, station_id, between, frozenset(p.pattern_id[:-1] for p in chosen))
        return self._with(f"{line_id} stops at {station_id}", _stops=(*self._stops, stop))

    def _open_at(self, pattern: Pattern, region: str) -> bool:
        stations = self.network.stations
        there = [s for s in pattern.stops if stations[s.station_id].region == region]
        return bool(there) and all(s.clearance is None for s in there)

    def close_station(self, station_id: str) -> Edit:
        """Trains pass a station without stopping; its dwell falls away, and where it is the end the line is shorter."""
        stations = self.network.stations
        if station_id not in stations:
            raise _wrong(
                f"station {station_id!r}",
                f"is not served in {self.unedited.id}",
                "a station that is",
                nearest(station_id, stations),
            )
        return self._with(f"{station_id} closed", _closed=(*self._closed, station_id))

    def regime(
        self,
        checkpoint_id: str,
        regime: str | None = None,
        *,
        clearance_min: float | None = None,
        open: str | None = None,
        close: str | None = None,
        open_24_hours: bool = False,
        status: str | None = None,
    ) -> Edit:
        """Another regime, clearance time, hours or status ("existing", "closed") of a control point.

        A new regime brings its standard clearance times. `clearance_min` is the mean; the low and high ends move with it
        in proportion.
        """
        points = self.network.checkpoints
        if checkpoint_id not in points:
            raise _wrong(
                f"control point {checkpoint_id!r}",
                "is not known",
                "a checkpoint id",
                nearest(checkpoint_id, points),
            )
        asked = {
            "regime": regime,
            "open": open,
            "close": close,
            "open_24_hours": open_24_hours or None,
            "status": status,
        }
        stated = {k: v for k, v in asked.items() if v is not None}
        said = f"{checkpoint_id} " + ", ".join(f"{k} {v}" for k, v in stated.items())
        edit = self._with(said, scenario=self._checkpoint_edited(checkpoint_id, stated)) if stated else self
        if clearance_min is None:
            return edit
        times = _clearance(edit.network.checkpoints[checkpoint_id], clearance_min)
        return edit._with(
            f"{checkpoint_id} clears in {clearance_min:g} min",
            scenario=edit._checkpoint_edited(checkpoint_id, times),
        )

    def _with(self, said: str, **fields: Any) -> Edit:
        return replace(self, changes=(*self.changes, said), **fields)

    def _line(self, line: LineSpec | Mapping[str, Any] | str) -> LineSpec:
        if isinstance(line, LineSpec):
            return line
        if isinstance(line, str):
            known = self.workshop.proposals
            if line not in known:
                raise _wrong(f"line {line!r}", "is not known", "an id of the proposals", nearest(line, known))
            return known[line]
        try:
            return LineSpec.model_validate(line)
        except ValidationError as error:
            raise _invalid(f"line {line.get('id', '')!r}", error) from None

    def _checkpoint_edited(self, checkpoint_id: str, stated: Mapping[str, Any]) -> Scenario:
        try:
            change = CheckpointEdit.model_validate({"id": checkpoint_id, **stated})
        except ValidationError as error:
            raise _invalid(f"control point {checkpoint_id!r}", error) from None
        edits = {e.id: e for e in self.scenario.checkpoint_edits}
        before = edits.get(checkpoint_id)
        edits[checkpoint_id] = over(before, change) if before else change
        return self.scenario.model_copy(update={"checkpoint_edits": tuple(edits.values())})

    # --- what comes of them ---

    @cached_property
    def network(self) -> Network:
        """What runs with the changes."""
        if not self.changes:
            return self.unedited_network
        tables = _with_stops(self.workshop.tables, self._stops)
        works = tuple(_longer(w, self._stops) for w in self.scenario.works)
        network = build_network(tables, self.scenario.model_copy(update={"works": works}))
        for station_id in self._closed:
            network = _without_station(network, station_id)
        for who, seconds, period in self._headways:
            network = _with_headway(network, who, seconds, period)
        return network

    @cached_property
    def compiled(self) -> CompiledNetwork:
        """The network compiled; only headways, clearance times and hours are put in where nothing else changes."""
        if not self.changes:
            return self.unedited_compiled
        if self._same_lines():
            return _patched(self.unedited_compiled, self.network)
        return compile_graph(build_graph(self.network, self.workshop.ground), self.network)

    def _same_lines(self) -> bool:
        """Whether lines, stops and open control points are those of the scenario as it stands."""
        before, after = self.unedited, self.scenario
        if self._stops or self._closed:
            return False
        if (before.works, before.removed_lines) != (after.works, after.removed_lines):
            return False
        points = self.unedited_network.checkpoints
        return all(points[k].is_open == point.is_open for k, point in self.network.checkpoints.items())

    def score(self, hour: str, cutoffs_min: Sequence[int] | None = None) -> EditScore:
        """Access at an hour "HH:MM" against the scenario as it stands.

        The first score of a scenario at an hour takes as long as a run; what it finds is kept for those that follow.
        """
        cutoffs = tuple(sorted(cutoffs_min or self.workshop.parameters.cutoffs_min))
        if cutoffs[0] <= 0:
            raise _wrong("cutoffs_min", f"{cutoffs[0]}", "more than 0 min", "correct it")
        clock = _clock(hour)
        known = self._as_it_stands(clock, cutoffs)
        begun = time.perf_counter()
        found = self._reached(self.compiled, clock, cutoffs, known)
        seconds = time.perf_counter() - begun
        cells = self.workshop.base.cells
        return EditScore(
            changes=self.changes,
            before=known.reach(hour, cutoffs),
            after=found.reach(hour, cutoffs),
            residents=cells.people(),
            side=cells.side,
            renewed_cells=found.renewed_cells,
            renewed_batches=found.renewed_batches,
            batches=len(found.batches),
            seconds=seconds,
        )

    def _as_it_stands(self, clock: float, cutoffs: tuple[int, ...]) -> Reached:
        compiled, kept = self.unedited_compiled, self.workshop.kept_reach
        key = (compiled.fingerprint, clock, cutoffs)
        if key not in kept:
            while len(kept) >= KEPT:
                del kept[next(iter(kept))]
            kept[key] = self._reached(compiled, clock, cutoffs, None)
        return kept[key]

    def _reached(
        self, compiled: CompiledNetwork, clock: float, cutoffs: tuple[int, ...], known: Reached | None
    ) -> Reached:
        base, fixed = self.workshop.base, self.workshop.parameters.fixed_wait
        departure = base.departure(compiled, clock, 60.0 * max(cutoffs), fixed)
        return reach_from_cells(departure, base, cutoffs, known)


def _wrong(where: str, what: str, expected: str, remedy: str) -> ScenarioError:
    return ScenarioError(Problem(where, what, expected, remedy))


def _not_running(where: str, wanted: str, known: set[str]) -> ScenarioError:
    return _wrong(
        where, f"{wanted!r} does not run in this scenario", "a line that does", nearest(wanted, known)
    )


def _invalid(where: str, error: ValidationError) -> ScenarioError:
    return ScenarioError(
        Problem(
            f"{where}: {'.'.join(str(part) for part in item['loc']) or 'entry'}",
            f"{item['input']!r}"[:80],
            item["msg"].removeprefix("Value error, "),
            "correct this value",
        )
        for item in error.errors()
    )


def _clock(hour: str) -> float:
    try:
        return service_clock_s(float(clock_s(hour)))
    except ValueError as error:
        raise _wrong("hour", repr(hour), str(error), "write e.g. 08:30") from None


def _is_of(pattern: Pattern, who: str) -> bool:
    """Whether a line, a pattern in both directions, or one direction of it is meant."""
    return who in {pattern.line_id, pattern.pattern_id, pattern.pattern_id[:-1]}


def _with_headway(network: Network, who: str, seconds: float, period: str | None) -> Network:
    def edited(pattern: Pattern) -> Pattern:
        if not _is_of(pattern, who):
            return pattern
        periods = [period] if period else list(pattern.headway_s)
        return replace(pattern, headway_s={**pattern.headway_s, **dict.fromkeys(periods, seconds)})

    return replace(network, patterns=tuple(map(edited, network.patterns)))


def _without_station(network: Network, station_id: str) -> Network:
    patterns = [p for p in (_passing(p, station_id) for p in network.patterns) if len(p.stops) > 1]
    served = {stop.station_id for p in patterns for stop in p.stops}
    gone = set(network.stations) - served
    return replace(
        network,
        stations={k: v for k, v in network.stations.items() if k in served},
        patterns=tuple(patterns),
        links=tuple(link for link in network.links if not gone & {link.a, link.b}),
        transfer_s={k: v for k, v in network.transfer_s.items() if k not in gone},
    )


def _passing(pattern: Pattern, station_id: str) -> Pattern:
    """Without the calls at a station; departures at the other stops keep their hours where the head falls away."""
    stops: list[Stop] = []
    saved = 0.0
    for stop in pattern.stops:
        if stop.station_id == station_id:
            saved += stop.departure_s - stop.arrival_s
        else:
            stops.append(
                replace(stop, arrival_s=stop.arrival_s - saved, departure_s=stop.departure_s - saved)
            )
    if len(stops) == len(pattern.stops) or not stops:
        return replace(pattern, stops=tuple(stops))
    head = stops[0].departure_s
    shifted = [replace(s, arrival_s=s.arrival_s - head, departure_s=s.departure_s - head) for s in stops]
    shifted[0] = replace(shifted[0], arrival_s=0.0)
    shifted[-1] = replace(shifted[-1], departure_s=shifted[-1].arrival_s)
    return replace(
        pattern, stops=tuple(shifted), first_s=pattern.first_s + head, last_s=pattern.last_s + head
    )


def _follow(pattern: Pattern, between: tuple[str, str]) -> bool:
    calls = [stop.station_id for stop in pattern.stops]
    return any(set(pair) == set(between) for pair in pairwise(calls))


def _legs(patterns: Sequence[Pattern], between: tuple[str, str]) -> str:
    legs = {f"{a.station_id} {b.station_id}" for p in patterns for a, b in pairwise(p.stops)}
    return nearest(" ".join(between), legs, "see the stops of the line")


def _with_stops(tables: NetworkTables, stops: Sequence[_AddedStop]) -> NetworkTables:
    """The tables with stops put into existing patterns."""
    if not stops:
        return tables
    rows = tables.pattern_stops.sort_values(["pattern_id", "seq"], kind="stable")
    by_pattern = {str(k): part.to_dict("records") for k, part in rows.groupby("pattern_id")}
    for stop in stops:
        for pattern_id in stop.patterns & set(by_pattern):
            by_pattern[pattern_id] = _with_stop(by_pattern[pattern_id], stop, tables)
    calls = [{**row, "seq": k} for part in by_pattern.values() for k, row in enumerate(part)]
    return replace(tables, pattern_stops=pd.DataFrame(calls))


def _with_stop(
    calls: list[dict[Hashable, Any]], stop: _AddedStop, tables: NetworkTables
) -> list[dict[Hashable, Any]]:
    """The calls of one pattern with one more; a station that it passes closed opens, with the run and dwell noted."""
    names = [call["station_id"] for call in calls]
    opened = {"station_id": stop.station_id, "opened": None, "status": "existing"}
    if stop.station_id in names:
        return [call | opened if call["station_id"] == stop.station_id else call for call in calls]
    first, last = sorted(names.index(s) for s in stop.between)
    share = _share(tables, names[first], stop.station_id, names[last])
    run_s = sum(float(call["run_s"]) for call in calls[first:last])  # closed stations between are passed
    before = calls[first] | {"run_s": run_s * share + BRAKING_S / 2}
    added = calls[first] | opened | {"run_s": run_s * (1 - share) + BRAKING_S / 2, "dwell_s": DWELL_S}
    return [*calls[:first], before, added, *calls[last:]]


def _share(tables: NetworkTables, a: str, station_id: str, b: str) -> float:
    """How much of the way from a over a station to b lies before the station, straight."""
    table = tables.stations.set_index("station_id").loc[[a, station_id, b]]
    x, y = project_xy(table["lon"].to_numpy(float), table["lat"].to_numpy(float))
    before, after = np.hypot(np.diff(x), np.diff(y))
    return float(before / (before + after)) if before + after > 0 else 0.5


def _longer(work: LineSpec, stops: Sequence[_AddedStop]) -> LineSpec:
    """A line that the scenario adds, with more stops; the time of braking and standing is added to its run."""
    for stop in stops:
        if work.id != stop.line_id or not work.run_time_min:
            continue
        at = [set(pair) == set(stop.between) for pair in pairwise(work.stops)].index(True) + 1
        changed = {
            "stops": (*work.stops[:at], stop.station_id, *work.stops[at:]),
            "run_time_min": work.run_time_min + (DWELL_S + BRAKING_S) / 60,
        }
        work = work.model_copy(update=changed)
    return work


def _clearance(point: Checkpoint, minutes: float) -> dict[str, float]:
    if not (math.isfinite(minutes) and minutes >= 0):
        raise _wrong(
            f"control point {point.checkpoint_id}", f"clearance {minutes} min", "0 min or more", "correct it"
        )
    mean = point.clearance_s / 60
    scale = minutes / mean if mean > 0 else 0.0
    low, high = (end / 60 * scale for end in (point.clearance_low_s, point.clearance_high_s))
    return {
        "clearance_mean_min": minutes,
        "clearance_low_min": min(low, minutes),
        "clearance_high_min": max(high, minutes),
    }


def _patched(compiled: CompiledNetwork, network: Network) -> CompiledNetwork:
    """Another network of the same lines and stops: its headways, clearance times and hours."""
    headways = {
        p.pattern_id: [p.headway_s.get(name, 0.0) for name, _, _ in PERIODS] for p in network.patterns
    }
    points = [network.checkpoints[c] for c in compiled.cp_ids]
    rows = np.array([headways[p] for p in compiled.board_pattern], dtype=np.float32)
    return replace(
        compiled,
        board_headway_s=rows.reshape(len(compiled.board_pattern), len(PERIODS)),
        cp_open_s=np.array([c.open_s for c in points], dtype=np.float32),
        cp_close_s=np.array([c.close_s for c in points], dtype=np.float32),
        cp_clear_s=np.array([c.clearance_s for c in points], dtype=np.float32),
    )

"""One idea tried on a scenario: change a headway, a line, a stop or a control point, and see who reaches what.

>>> edit = study.edit("both-2035").headway("hswrl", 4)  # doctest: +SKIP
>>> print(edit.score("08:30").table)  # doctest: +SKIP

Each change gives a new :class:`Edit`. Scoring starts from the scenario as it stands, which is worked out once and kept,
and renews only what the change can reach; the result equals a whole run of the edited network.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from corridor.access.reach.reach import Reach
from corridor.core.errors import ScenarioError, unknown
from corridor.network.compiled import CompiledNetwork, compile_network
from corridor.network.overlay import NetworkTables, build_network
from corridor.network.service import Checkpoint, Network
from corridor.schema.changes import Changes, LineChange
from corridor.schema.line import LineSpec, Model
from corridor.schema.resolved import SCHEMA, laid_over
from corridor.schema.scenario import Scenario
from corridor.schema.yaml_source import YamlSource
from corridor.study.access import COUNTED, Access, counted
from corridor.study.network import ScenarioNetwork, patched

F32 = NDArray[np.float32]


@dataclass(frozen=True)
class EditScore:
    """Access at one hour with and without an edit, and what had to be computed anew for it.

    ``before`` and ``after`` count opportunities within each cut-off for every cell; ``table`` has their means over
    residents, ``gain`` the difference cell by cell.
    """

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
    """Time for the edit alone; the unedited scenario is worked out once before."""

    def gain(self, cutoff_min: int, what: str = "jobs", side: str | None = None) -> F32:
        """Count what every cell reaches more (or less) than without the edit.

        Parameters
        ----------
        cutoff_min
            One of the cut-offs of the score, minutes.
        what
            "jobs" or "residents".
        side
            Id of the side whose opportunities are counted; both by default.

        Returns
        -------
        numpy.ndarray
            Shape (cell,), float32, in the order of ``study.cells``.
        """
        after, before = (r.of(cutoff_min, what, side=side) for r in (self.after, self.before))
        return np.asarray(after - before)

    @property
    def table(self) -> pd.DataFrame:
        """By cut-off and measure: mean of residents before, after and the change; cells that gain and that lose."""
        rows = []
        for cutoff in self.after.cutoffs_min:
            for what in COUNTED:
                before, after = (counted(r, cutoff, what, self.side) for r in (self.before, self.after))
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


@dataclass(frozen=True, eq=False)
class Edit:
    """A scenario with changes of one's own on it; every change gives a new edit and leaves this one as it was.

    Lines and patterns are named by the ids of the lines layer or of the scenario's own lines, stations and control points by
    those of their layers. What is wrong with a change is a :class:`ScenarioError` at once, worded as for a scenario file.

    Examples
    --------
    >>> edit = study.edit("both-2035").headway("hswrl", 4).regime("lo-wu", clearance_min=10)  # doctest: +SKIP
    >>> print(edit.score("08:30"))  # doctest: +SKIP
    >>> Path("mine.yaml").write_text(edit.to_scenario("mine"))  # doctest: +SKIP
    """

    tables: NetworkTables
    proposals: Mapping[str, LineSpec]
    access: Access
    unedited: Scenario
    unedited_net: ScenarioNetwork
    scenario: Scenario
    """With the changes, as a scenario file would state them."""
    changes: tuple[str, ...] = ()
    """What was changed, in words."""

    # --- changes ---

    def headway(self, line_or_pattern_id: str, minutes: float, period: str | None = None) -> Edit:
        """Set the headway of a line or one of its patterns.

        Parameters
        ----------
        line_or_pattern_id
            The line, one of its patterns, or one direction of a pattern.
        minutes
            The headway.
        period
            A period of the day, such as "am_peak"; all in which the line runs by default. In a period named it runs from then
            on, if it did not, within its first and last departure as before.
        """
        return self.line(line_or_pattern_id, headway_min={period: minutes} if period else minutes)

    def hours(self, line_or_pattern_id: str, first: str, last: str) -> Edit:
        """Set the first and last departure from the ends of a line or one of its patterns, clock times "HH:MM"."""
        return self.line(line_or_pattern_id, hours=(first, last))

    def run_time(self, line_or_pattern_id: str, between: tuple[str, str], minutes: float) -> Edit:
        """Set the run time in minutes between two stops that follow one another, in both directions, without dwell."""
        return self.line(line_or_pattern_id, runs=[{"between": between, "run_min": minutes}])

    def reroute(self, line_or_pattern_id: str, stops: Sequence[str]) -> Edit:
        """Set the stops of a line of one pattern, or of a pattern: in another order, fewer, or beyond its ends.

        Runs between stops that are neighbours already remain; the others take the line's mean pace over straight distance
        (assumption). `run_time` may then state them.
        """
        return self.line(line_or_pattern_id, stops=list(stops))

    def add_stop(self, line_or_pattern_id: str, station_id: str, between: tuple[str, str]) -> Edit:
        """Add a stop to a line, between two stations that follow one another on it, in both directions.

        The run between the two is shared out by straight distance, and grows by a minute: 30 s of dwell, and 30 s
        of braking and starting (assumptions). The station may be any of the stations layer, open yet or not.
        """
        return self.line(line_or_pattern_id, add_stops=[{"id": station_id, "between": between}])

    def close_stop(self, line_or_pattern_id: str, station_id: str) -> Edit:
        """Let a line, or one of its patterns, pass a station without stopping."""
        return self.line(line_or_pattern_id, close_stops=[station_id])

    def line(self, line_or_pattern_id: str, **keys: Any) -> Edit:
        """Change a line that runs, by any keys that a scenario file gives under ``lines: change``."""
        line_id = self._line_of(line_or_pattern_id)
        entry: dict[str, Any] = {"id": line_id, **keys}
        if line_id != line_or_pattern_id:
            entry["pattern"] = line_or_pattern_id
        return self._with({"lines": {"change": [entry]}})

    def remove_line(self, line_id: str) -> Edit:
        """Remove a line of the scenario, existing or added."""
        return self._with({"lines": {"remove": [line_id]}})

    def add_line(self, line: LineSpec | Mapping[str, Any] | str) -> Edit:
        """Add a line: the id of a proposal, or the keys that a scenario file gives under ``lines: add``."""
        line_id = line if isinstance(line, str) else line.id if isinstance(line, LineSpec) else line.get("id")
        if any(work.id == line_id for work in self.scenario.works):
            what = "is in the scenario already"
            raise ScenarioError.at(f"line {line_id}", what, "a new id", "remove the other first")
        return self._with({"lines": {"add": [line]}})

    def close_station(self, station_id: str) -> Edit:
        """Let all trains pass a station; its dwell falls away, and a line that ends there ends at the stop before."""
        return self._with({"stations": {"close": [station_id]}})

    def regime(
        self,
        checkpoint_id: str,
        regime: str | None = None,
        *,
        clearance_min: float | None = None,
        **keys: Any,
    ) -> Edit:
        """Change a boundary control point.

        Parameters
        ----------
        checkpoint_id
            The control point.
        regime
            "separate_walk", "separate_bus", "co_location" or "joint_clearance". A new regime brings its standard clearance
            times.
        clearance_min
            Mean clearance time in minutes; the low and high ends move with it in proportion.
        **keys
            Anything else that a scenario file may change of it: `open`, `close`, `open_24_hours=True`, `status`
            ("existing", "closed"), `effective_capacity_pax_hour`, `clearance_by_group_min` and so on.
        """
        stated = {"regime": regime, **keys} if regime else keys
        edit = self._with_checkpoint(checkpoint_id, stated) if stated else self
        if clearance_min is None:
            return edit
        known = edit.network.checkpoints
        if checkpoint_id not in known:
            raise ScenarioError(unknown("", "control point", checkpoint_id, "a checkpoint id", known))
        return edit._with_checkpoint(checkpoint_id, _clearance(known[checkpoint_id], clearance_min))

    def _with_checkpoint(self, checkpoint_id: str, stated: Mapping[str, Any]) -> Edit:
        return self._with({"checkpoints": {"change": [{"id": checkpoint_id, **stated}]}})

    def _line_of(self, line_or_pattern_id: str) -> str:
        """The line that an id of a line, of a pattern, or of one direction of it means."""
        for pattern in self.network.patterns:
            if line_or_pattern_id in {pattern.pattern_id, pattern.pattern_id[:-1]} - {pattern.line_id}:
                return pattern.line_id
        return line_or_pattern_id

    def _with(self, data: Mapping[str, Any]) -> Edit:
        """With the changes that a scenario file would state in these keys; what is wrong with them is said at once."""
        scenario = self._laid_over(self.scenario, data)
        said = (*self.changes, *_words(Changes.model_validate(data)))
        edited = replace(self, scenario=scenario, changes=said)
        assert edited.network
        return edited

    def _laid_over(self, scenario: Scenario, data: Mapping[str, Any]) -> Scenario:
        source = YamlSource(Path(f"edit of {self.unedited.id}"), data, {})
        return laid_over(scenario, source.as_model(Changes, SCHEMA), source, self.proposals)[0]

    def to_scenario(self, scenario_id: str, title: str = "", question: str = "") -> str:
        """Write the changes as the text of a scenario file, which scores to the same digits.

        It extends the scenario that was edited; where levers are stacked on that one it is a lever itself.

        Raises
        ------
        ScenarioError
            Where the edit takes back what the scenario states, which no file that extends it can say.
        """
        stacked, difference = "+" in self.unedited.id, self._difference()
        again = self._laid_over(self.unedited, difference)
        if _unordered(again) != _unordered(self.scenario):
            what = "takes back what the scenario states, which no file can say"
            expected, remedy = "changes on top of the scenario", "write the scenario that it extends anew"
            raise ScenarioError.at(f"edit of {self.unedited.id}", what, expected, remedy)
        head: dict[str, Any] = {
            "id": scenario_id,
            "title": {"en": title or "; ".join(self.changes) or "No change"},
            "question": {"en": question or f"What changes against {self.unedited.id}?"},
            **({"kind": "lever"} if stacked else {"extends": self.unedited.id}),
        }
        text = yaml.safe_dump(head | difference, allow_unicode=True, sort_keys=False, width=110)
        return f"# Put it on {self.unedited.id} with '+'.\n{text}" if stacked else text

    def _difference(self) -> dict[str, Any]:
        """What the edited scenario states and the unedited does not, as the keys of a file."""
        before, after, proposals = self.unedited, self.scenario, self.proposals
        kept, works = ({w.id: w for w in s.works} for s in (before, after))
        added = [w for w in after.works if kept.get(w.id) != w]
        removed = [*(k for k in kept if k not in works), *_new(before.removed_lines, after.removed_lines)]
        stated: dict[str, dict[str, list[Any]]] = {
            "lines": {
                "add": [w.id if proposals.get(w.id) == w else _plain(w) for w in added],
                "change": [_plain(c) for c in _new(before.line_changes, after.line_changes)],
                "remove": removed,
            },
            "stations": {
                "add": [_plain(s) for s in _new(before.added_stations, after.added_stations)],
                "close": list(_new(before.closed_stations, after.closed_stations)),
            },
            "checkpoints": {
                "change": [_plain(e) for e in _new(before.checkpoint_edits, after.checkpoint_edits)]
            },
        }
        filled = {name: {k: v for k, v in keys.items() if v} for name, keys in stated.items()}
        return {name: keys for name, keys in filled.items() if keys}

    # --- what comes of them ---

    @cached_property
    def network(self) -> Network:
        """What runs with the changes."""
        return build_network(self.tables, self.scenario) if self.changes else self.unedited_net.network

    @cached_property
    def compiled(self) -> CompiledNetwork:
        """The network compiled; only headways, clearance times and hours are put in where nothing else changes."""
        if not self.changes:
            return self.unedited_net.compiled
        if self._same_lines():
            return patched(self.unedited_net.compiled, self.network)
        return compile_network(self.network, self.access.base.ground)

    def _same_lines(self) -> bool:
        """Whether lines, stops and open control points are those of the scenario as it stands."""
        before, after = self.unedited_net.network, self.network
        if (before.stations, before.links) != (after.stations, after.links):
            return False
        points = before.checkpoints
        return _calls(before) == _calls(after) and all(
            points[k].is_open == point.is_open for k, point in after.checkpoints.items()
        )

    def score(self, hour: str, cutoffs_min: Sequence[int] | None = None) -> EditScore:
        """Score the edit against the scenario as it is.

        Parameters
        ----------
        hour
            Clock time of leaving, "HH:MM".
        cutoffs_min
            Cut-offs in minutes; those of the study by default.

        Returns
        -------
        EditScore
            Equal to a whole run of the edited network. The first score of a scenario at an hour takes as long as a run;
            what it finds is kept for those that follow.
        """
        access, cells = self.access, self.access.base.cells
        cutoffs = tuple(sorted(cutoffs_min or access.parameters.cutoffs_min))
        if cutoffs[0] <= 0:
            raise ScenarioError.at("cutoffs_min", f"{cutoffs[0]}", "more than 0 min", "correct it")
        known = access.kept_reached(self.unedited_net.compiled, hour, cutoffs)
        begun = time.perf_counter()
        found = access.reached(self.compiled, hour, cutoffs, known)
        seconds = time.perf_counter() - begun
        return EditScore(
            changes=self.changes,
            before=known.reach(hour, cutoffs),
            after=found.reach(hour, cutoffs),
            residents=cells.people(),
            side=cells.side,
            renewed_cells=found.renewed_cells,
            renewed_batches=found.renewed_batches,
            batches=len(known.batches),
            seconds=seconds,
        )


def _words(changes: Changes) -> Iterator[str]:
    """What one step of an edit changes, as a reader would say it."""
    yield from (f"with {line if isinstance(line, str) else line.id}" for line in changes.lines.add)
    yield from (w for entry in changes.lines.change for w in LineChange.model_validate(entry).words())
    yield from (f"without {line_id}" for line_id in changes.lines.remove)
    yield from (f"{station_id} closed" for station_id in changes.stations.close)
    yield from (w for edit in changes.checkpoints.change for w in edit.words())


def _plain(record: Model) -> dict[str, Any]:
    """A record as a file would state it."""
    return record.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _unordered(scenario: Scenario) -> dict[str, Any]:
    """What a scenario states; the order of lines and control points does not count."""
    stated = scenario.model_dump(mode="json")
    for key in ("works", "checkpoint_edits"):
        stated[key].sort(key=lambda record: record["id"])
    return stated


def _new(before: Sequence[Any], after: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(one for one in after if one not in before)


def _calls(network: Network) -> list[tuple[str, object, float, float]]:
    return [(p.pattern_id, p.stops, p.first_s, p.last_s) for p in network.patterns]


def _clearance(point: Checkpoint, minutes: float) -> dict[str, float]:
    if not (math.isfinite(minutes) and minutes >= 0):
        raise ScenarioError.at(
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

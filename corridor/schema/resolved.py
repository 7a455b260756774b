"""A scenario resolved: the changes of each file over those of what it extends; no file states a thing twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from pydantic import Field

from corridor.core.errors import Problem, Problems, ScenarioError, nearest, unknown
from corridor.schema.changes import (
    AddedStation,
    Changes,
    CheckpointEdit,
    LineChange,
    StatedChange,
    Statement,
    StationEdit,
    over,
    united,
    within,
    without,
)
from corridor.schema.line import UNDECIDED, LineSpec, Model
from corridor.schema.text import Text
from corridor.schema.yaml_source import YamlSource, validated

SCHEMA = "scenario schema"
SERVICE = frozenset({"pattern", "headway_min", "hours", "add_stops", "close_stops", "runs", "cut", "clears"})
"""Keys of a change that every line takes; the others belong to the specification of a line that is added."""
REMOVED = "the line itself"


class Scenario(Model):
    """A scenario resolved: everything it inherits, with its own changes on top.

    It states changes of the network of its `date` (lines added, changed or removed, stations, control points), what it
    assumes and what it leaves out; the base network and the land are the study's. Get one from
    :meth:`corridor.Study.scenario`; :meth:`words` lists its changes, ``corridor scenarios show`` prints all of it.

    Examples
    --------
    >>> scenario = Study.bundled().scenario("western-2035+clearance-joint")  # doctest: +SKIP
    >>> scenario.year, scenario.counterfactual, list(scenario.words())  # doctest: +SKIP
    """

    id: str
    title: Text
    question: Text
    reference: str | None
    year: int
    date: dt.date
    counterfactual: bool
    works: tuple[LineSpec, ...] = ()
    removed_lines: tuple[str, ...] = ()
    line_changes: tuple[LineChange, ...] = ()
    added_stations: tuple[AddedStation, ...] = ()
    moved_stations: tuple[StationEdit, ...] = ()
    closed_stations: tuple[str, ...] = ()
    checkpoint_edits: tuple[CheckpointEdit, ...] = ()
    delivered_designations: tuple[str, ...]
    restored_designations: tuple[str, ...]
    seasonal_rules: tuple[str, ...]
    not_modelled: tuple[Text, ...]
    assumptions: tuple[Text, ...]
    source: tuple[str, ...]
    places: Mapping[str, str] = Field(default_factory=dict, exclude=True, repr=False)
    """Where each change is stated, for messages: file and line by what it changes."""
    overruled: tuple[str, ...] = Field(default=(), exclude=True)
    """What a lever states otherwise than one before it, in words."""

    @property
    def flag(self) -> str:
        """What every map of it must say, as a key of words: "counterfactual", "undecided" (it adds lines that are concepts
        or under study), or nothing.
        """
        if self.counterfactual:
            return "counterfactual"
        return "undecided" if any(work.status in UNDECIDED for work in self.works) else ""

    def place(self, subject: str, what: str = "") -> str:
        """Where a change is stated; its words where no file states it."""
        found = self.places.get(f"{subject}: {what}") or self.places.get(subject)
        return f"{found}: {subject}" if found else f"{self.id}: {subject}"

    def words(self) -> Iterator[str]:
        """What it changes of the network of its date, as a reader would say it."""
        yield from (f"with {work.id}" for work in self.works)
        yield from (f"station {station.id} added" for station in self.added_stations)
        yield from (f"without {line_id}" for line_id in self.removed_lines)
        yield from (f"{station_id} closed" for station_id in self.closed_stations)
        changes: tuple[StatedChange, ...] = (*self.line_changes, *self.moved_stations, *self.checkpoint_edits)
        for change in changes:
            yield from change.words()


@dataclass(frozen=True)
class Stated:
    """One thing that one file states."""

    subject: str
    scope: str | None
    what: str
    value: object
    where: str

    def is_same_thing(self, other: Stated) -> bool:
        """Whether two files state the same thing, with one value or two.

        A pattern and its line overlap, so a statement on one also speaks of the other; removing a line states everything of it.
        """
        what = {self.what, other.what}
        return (
            self.subject == other.subject
            and (len(what) == 1 or REMOVED in what)
            and (within(self.scope, other.scope) or within(other.scope, self.scope))
        )

    def __str__(self) -> str:
        scope = f" ({self.scope})" if self.scope else ""
        return f"{self.subject}{scope}, {self.what}"


def laid_over(
    before: Scenario, changes: Changes, source: YamlSource, proposals: Mapping[str, LineSpec]
) -> tuple[Scenario, tuple[Stated, ...]]:
    """A scenario with the changes of one file on top, and everything that the file states.

    Where the file states something that is stated already, it counts; the rest remains. The order inside the file
    does
    not matter.

    Parameters
    ----------
    before
        The scenario that the file extends, resolved.
    changes
        The changes of the file.
    source
        The file, for the lines in messages.
    proposals
        Proposed lines by id, which the file may add.

    Returns
    -------
    tuple of Scenario and tuple of Stated
        The scenario, and what the file states.

    Raises
    ------
    ScenarioError
        With every problem of the file.
    """
    reading = _Reading(source, proposals, {work.id: work for work in before.works})
    reading.read(changes)
    reading.problems.extend(_stated_twice(reading.stated))
    reading.problems.raise_all()
    added = set(reading.works)
    works = {k: w for k, w in reading.works.items() if k not in changes.lines.remove}
    removed = [*before.removed_lines, *(x for x in changes.lines.remove if x not in added)]
    points = {edit.id: edit for edit in before.checkpoint_edits}
    for edit in changes.checkpoints.change:
        points[edit.id] = over(points[edit.id], edit) if edit.id in points else edit
    moved = {edit.id: edit for edit in (*before.moved_stations, *changes.stations.change)}
    stations = {station.id: station for station in (*before.added_stations, *changes.stations.add)}
    after = before.model_copy(
        update={
            "added_stations": tuple(stations.values()),
            "works": tuple(works.values()),
            "removed_lines": tuple(dict.fromkeys(removed)),
            "line_changes": _line_changes(before.line_changes, reading.changes, set(changes.lines.remove)),
            "moved_stations": tuple(moved.values()),
            "closed_stations": tuple(sorted({*before.closed_stations, *changes.stations.close})),
            "checkpoint_edits": tuple(points.values()),
            "places": {**before.places, **reading.places},
        }
    )
    return after, tuple(reading.stated)


def conflicts(earlier: Iterable[Stated], later: Iterable[Stated]) -> Iterator[str]:
    """What a later lever states otherwise than one before it, in words.

    Parameters
    ----------
    earlier
        What earlier levers state.
    later
        What one more states.
    """
    for a in earlier:
        for b in later:
            if a.is_same_thing(b) and (a.what, a.value) != (b.what, b.value):
                yield f"{a}: {b.where} overrules {a.where}"


def _line_changes(
    before: Iterable[LineChange], later: Iterable[LineChange], removed: set[str]
) -> tuple[LineChange, ...]:
    """Changes by line and pattern, in the order of their names; changes of lines that are gone are dropped."""
    own: dict[tuple[str, str], LineChange] = {}
    for change in later:
        key = (change.id, change.pattern or "")
        own[key] = united(own[key], change) if key in own else change
    kept: dict[tuple[str, str], LineChange] = {}
    for change in before:
        for lies_over in own.values():
            if change.id == lies_over.id and within(change.pattern, lies_over.pattern):
                change = without(change, lies_over)
        kept[change.id, change.pattern or ""] = change
    for key, change in own.items():
        nothing = LineChange(id=change.id, pattern=change.pattern, source=change.source, note=change.note)
        kept[key] = united(kept[key], change) if key in kept else united(change, nothing)
    said = {k: c for k, c in kept.items() if k[0] not in removed and any(c.statements())}
    return tuple(said[k] for k in sorted(said))


def _stated_twice(stated: list[Stated]) -> Iterator[Problem]:
    by_subject: dict[str, list[Stated]] = {}
    for one in stated:
        by_subject.setdefault(one.subject, []).append(one)
    for group in by_subject.values():
        told = set[tuple[str, str]]()
        for first, second in combinations(group, 2):
            if first.is_same_thing(second) and (first.where, second.where) not in told:
                told.add((first.where, second.where))
                expected = f"one statement in a file; the other is {first.where}"
                what = f"{second}: stated a second time"
                yield Problem(second.where, what, expected, "remove one of the two")


class _Reading:
    """One file as it is read: lines and their changes, what it states and where, what is wrong."""

    def __init__(self, source: YamlSource, proposals: Mapping[str, LineSpec], works: dict[str, LineSpec]):
        self.source, self.proposals, self.works = source, proposals, works
        self.changes: list[LineChange] = []
        self.stated: list[Stated] = []
        self.places: dict[str, str] = {}
        self.problems = Problems(ScenarioError)

    def read(self, changes: Changes) -> None:
        for i, item in enumerate(changes.lines.add):
            self._add(item, ("lines", "add", i))
        for i, entry in enumerate(changes.lines.change):
            self._change(entry, ("lines", "change", i))
        for i, line_id in enumerate(changes.lines.remove):
            self._states(f"line {line_id}", None, [(REMOVED, None, ())], ("lines", "remove", i))
        for i, station in enumerate(changes.stations.add):
            self._states(f"station {station.id}", None, [("added", station, ())], ("stations", "add", i))
        for i, station_id in enumerate(changes.stations.close):
            self._states(f"station {station_id}", None, [("closed", True, ())], ("stations", "close", i))
        named: dict[str, tuple[StatedChange, ...]] = {
            "stations": changes.stations.change,
            "checkpoints": changes.checkpoints.change,
        }
        for name, edits in named.items():
            for i, edit in enumerate(edits):
                self._once(edit.subject, name, i, [e.subject for e in edits[:i]])
                self._states(edit.subject, None, edit.statements(), (name, "change", i))

    def _once(self, subject: str, name: str, i: int, before: list[str]) -> None:
        if subject in before:
            first = self.source.where((name, "change", before.index(subject)))
            where = self.source.where((name, "change", i))
            expected = f"one entry for each; the other is {first}"
            self.problems.add(where, f"{subject} a second time", expected, "write both as one entry")

    def _states(
        self, subject: str, scope: str | None, statements: Iterable[Statement], at: tuple[str | int, ...]
    ) -> None:
        named = f"{subject} ({scope})" if scope else subject
        self.places[named] = self.source.where(at)
        for what, value, inside in statements:
            where = self.source.where((*at, *inside))
            self.places[f"{named}: {what}"] = where
            self.stated.append(Stated(subject, scope, what, value, where))

    def _add(self, item: str | LineSpec, at: tuple[str | int, ...]) -> None:
        if isinstance(item, str) and item not in self.proposals:
            expected = "an id of the proposals, or a whole line"
            self.problems.extend([unknown(self.source.where(at), "line", item, expected, self.proposals)])
            return
        spec = item if isinstance(item, LineSpec) else self.proposals[item]
        self.works[spec.id] = spec
        self._states(f"line {spec.id}", None, [("added", spec, ())], at)

    def _change(self, entry: dict[str, Any], at: tuple[str | int, ...]) -> None:
        line_id = str(entry.get("id", ""))
        if line_id not in self.works:
            self._change_service(entry, at)
            return
        service = {k: v for k, v in entry.items() if k in SERVICE}
        spec = {k: v for k, v in entry.items() if k not in SERVICE}
        if service:
            self._change_service({"id": line_id, **service}, at)
        if "stops" in spec and "run_time_min" not in spec:
            self.problems.add(
                self.source.where((*at, "stops")),
                f"new stops of {line_id!r}, which is added, without its run time",
                "stops and run_time_min",
                "state its run time from end to end too",
            )
        work = self.works[line_id]
        merged = work.model_dump(by_alias=True, exclude_none=True, exclude_unset=True) | spec
        if found := validated(self.source, LineSpec, merged, SCHEMA, self.problems, at):
            self.works[line_id] = found
        said = [(k, v, (k,)) for k, v in spec.items() if k not in {"id", "source", "note"}]
        self._states(f"line {line_id}", None, said, at)

    def _change_service(self, entry: dict[str, Any], at: tuple[str | int, ...]) -> None:
        line_id = str(entry.get("id", ""))
        of_added = set(entry) & set(LineSpec.model_fields) - set(LineChange.model_fields)
        if of_added or (line_id in self.proposals and line_id not in self.works):
            keys = ", ".join(sorted(of_added)) or "a change"
            self.problems.add(
                self.source.where(at),
                f"{keys} of line {line_id!r}, which the scenario does not add",
                f"a line added here or in what it extends; an existing one takes {', '.join(sorted({*SERVICE, 'stops'}))}",
                nearest(line_id, self.works),
            )
            return
        if change := validated(self.source, LineChange, entry, SCHEMA, self.problems, at):
            self.changes.append(change)
            self._states(f"line {change.id}", change.pattern, change.statements(), at)

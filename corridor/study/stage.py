"""How a stage of work is declared, worked out and kept.

A stage is a pure function with a name. What it reads is in its declaration and nowhere else: the function is given a
catalogue of the declared roles alone, a scenario and parameters whose other fields are blank, and the results of the
stages that its arguments name. All of that goes into the key under which its result is kept, so a result that is
found is the one that would be worked out.

A kept result passes on the hash of its content, its *mark*, not that of its inputs: a scenario whose network comes out
the same has the same times, whatever was changed to make it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from importlib import import_module
from inspect import signature
from threading import RLock
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from corridor.access.search.parameters import AccessParameters
from corridor.core.cache import Kept, Known, key_of, mark_of, program_hash
from corridor.core.packing import parts_of
from corridor.schema.catalog import sha256
from corridor.schema.catalog_entry import CatalogEntry, Role
from corridor.schema.catalog_kept import CatalogPart, with_referred
from corridor.schema.scenario import Scenario
from corridor.schema.text import Text
from corridor.study.files import StudyFiles

T = TypeVar("T")
V = TypeVar("V")
NOTHING_ELSE = MappingProxyType[str, Any]({})
FIRST_TIME, NO_LONGER_KEPT = "first time", "no longer kept"


@dataclass(frozen=True, eq=False)
class Stage(Generic[T]):
    """One stage of work.

    Attributes
    ----------
    name
        Arguments of later stages that have this name take its result.
    work
        The function. Its arguments are ``catalog``, ``scenario`` and ``parameters`` (see below), names of other stages, names of
        what :meth:`Stages.of` is given (an hour, a line), and ``known``, which keeps parts of the work under the stage's own
        inputs (:class:`corridor.core.cache.Known`). None where whoever asks does the work (:meth:`Stages.of_all`).
    makes
        The type of a result that is kept, by its full name, so that it is imported when it is needed; records that it holds are
        found through the annotations of their fields.
    later
        Stages that the function is given as functions without arguments, because it may do without their results.
    layers
        Roles of the layers that ``catalog`` has.
    scenario, parameters
        Fields that ``scenario`` and ``parameters`` have; the others are blank.
    keep
        Whether the result is kept on disk. One that is quick to make, or cannot be packed, is made again in each run.
    mark
        A hash of the content of a result that is not kept itself: the hash is, so that stages after it need not make it.
    """

    name: str
    work: Callable[..., T] | None
    makes: str = ""
    layers: tuple[Role, ...] = ()
    scenario: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    keep: bool = True
    mark: Callable[[T], str] | None = None

    @property
    def kind(self) -> Any:
        """The type of the result."""
        return _type(self.makes)

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The arguments of the function."""
        return tuple(signature(self.work).parameters) if self.work else ()


@dataclass(frozen=True)
class Done:
    """What became of a stage for a scenario (empty: for all), and of what else it is (an hour, a line).

    Attributes
    ----------
    because
        Where it was worked out: the layers, fields of the scenario, parameters and versions that are others than last time,
        or :data:`FIRST_TIME`, or :data:`NO_LONGER_KEPT`.
    """

    stage: str
    scenario_id: str
    of: str
    kept: bool
    because: tuple[str, ...] = ()


def once(method: Callable[[Any], V]) -> property:
    """A property that is worked out once, and holds no lock meanwhile.

    ``functools.cached_property`` of Python 3.11 locks all objects of a class: one scenario would wait for work of another that
    waits for it.
    """
    name = f"_{method.__name__}"

    def found(self: Any) -> V:
        if name not in vars(self):
            vars(self)[name] = method(self)
        value: V = vars(self)[name]
        return value

    found.__doc__ = method.__doc__
    return property(found)


class Stages:
    """The stages of a study: each result worked out once, in memory and where the study keeps what it has.

    Parameters
    ----------
    sources
        The study.
    table
        Its stages, each after those that it reads.
    home
        What tells this study from others, for what is said of the last run.
    """

    def __init__(self, sources: StudyFiles, table: Iterable[Stage[Any]], home: str):
        self.sources = sources
        self.table = {stage.name: stage for stage in table}
        self.done: list[Done] = []
        self._home = home
        self._memory: dict[str, Any] = {}
        self._made: dict[tuple[str, ...], Made[Any]] = {}
        self._marks: dict[str, str] = {}
        self._locks: dict[str, RLock] = {}
        self._layers: dict[str, str] = {}
        self._now: dict[str, dict[str, str]] = {}

    @property
    def kept(self) -> Kept:
        """Where results are kept from one run to the next."""
        return self.sources.kept

    def of(self, stage: Stage[T], scenario_id: str = "", **given: Any) -> T:
        """The result of a stage.

        Parameters
        ----------
        stage
            One of the table.
        scenario_id
            The scenario; none for what all share.
        given
            Arguments of the function that are neither stages nor parts of the study.
        """
        return self._find(stage, scenario_id, given).value()

    def of_all(
        self, stage: Stage[T], scenario_id: str, of: Stage[Any], scenario_ids: Iterable[str],
        marks: Mapping[str, str] = NOTHING_ELSE, **given: str,
    ) -> Made[T]:  # fmt: skip
        """What is made of several scenarios, and of every layer and parameter of the study.

        Parameters
        ----------
        stage
            One without a function: whoever asks does the work.
        scenario_id
            The scenario that it belongs to; none for what belongs to all of them.
        of, scenario_ids
            The stage that it is made of, and the scenarios, in order.
        marks
            Marks of what else goes in, by what it is.
        given
            What tells it from others of the scenario.
        """
        before = {f"scenario {i}": self._find(of, i, {}) for i in scenario_ids}
        return Made(self, stage, scenario_id, given, {**given, **marks}, before)

    def is_known(self, stage: Stage[T], scenario_id: str = "", **given: Any) -> bool:
        """Whether a result is in memory, or kept."""
        made = self._find(stage, scenario_id, given)
        return made.key in self._memory or self.kept.mark(made.key) is not None

    def done_elsewhere(self, stage: Stage[T], scenario_id: str, work: Callable[[], T], **given: Any) -> T:
        """The result of a stage whose function runs elsewhere on the same inputs, such as in another process."""
        return self._find(stage, scenario_id, given).value(work)

    def mark(self, stage: Stage[T], scenario_id: str = "", **given: Any) -> str:
        """The hash of a result's content, or of its inputs where it is not kept."""
        mark: str = self._find(stage, scenario_id, given).mark
        return mark

    def remember(self) -> None:
        """Keep what every stage was made from, so that the next run can say what changed."""
        known = {**self._before, **self._now}
        if self.kept.folder and known != self._before:
            self.kept.put(self._ledger, known)

    @property
    def _ledger(self) -> str:
        # not a hash of the program: a new version finds what the last one was made from
        return hashlib.sha256(f"inputs of {self._home}".encode()).hexdigest()

    @cached_property
    def _before(self) -> dict[str, dict[str, str]]:
        return self.kept.get(self._ledger, dict) or {}

    def _find(self, stage: Stage[T], scenario_id: str, given: Mapping[str, Any]) -> Made[T]:
        own = {name: value for name, value in given.items() if name in stage.reads}
        marks = {name: _given(value) for name, value in own.items()}
        place = (stage.name, scenario_id, repr(self.sources.parameters), *map(" ".join, marks.items()))
        if place not in self._made:
            self._made[place] = Made(self, stage, scenario_id, own, marks)
        return self._made[place]

    def _read(self, name: str, scenario_id: str, given: Mapping[str, Any]) -> Made[Any]:
        """A stage that another reads; what scenarios share belongs to none."""
        stage = self.table[name]
        return self._find(stage, scenario_id if self._of_scenario(stage) else "", given)

    def _of_scenario(self, stage: Stage[Any]) -> bool:
        before = (self.table[name] for name in stage.reads if name in self.table)
        return bool(stage.scenario) or any(self._of_scenario(each) for each in before)

    def _layer(self, entry: CatalogEntry) -> str:
        if entry.id not in self._layers:
            path = self.sources.catalog.file_of(entry)
            file = sha256(path) if path.is_file() else "missing"
            self._layers[entry.id] = _plain([entry.model_dump(mode="json"), file])
        return self._layers[entry.id]

    def _lock(self, key: str) -> RLock:
        return self._locks.setdefault(key, RLock())

    def _changed(self, made: Made[Any]) -> tuple[str, ...]:
        """What is other than last time: layers, fields and the like, not the stages between."""
        before = self._before.get(made.label)
        if before is None:
            return (FIRST_TIME,)
        changed: list[str] = []
        for name in dict.fromkeys((*made.inputs, *before)):
            if made.inputs.get(name) != before.get(name):
                stage = made.before.get(name)
                within = self._changed(stage) if stage else ()
                changed += [c for c in within if c != FIRST_TIME] or [name]
        return tuple(dict.fromkeys(changed))


class Made(Generic[T]):
    """A stage of one scenario: what goes in, and what comes out once somebody asks.

    Into one without a function goes all that the study has, and `before`, the stages that it is made of.
    """

    def __init__(
        self, stages: Stages, stage: Stage[T], scenario_id: str, given: Mapping[str, Any], marks: Mapping[str, str],
        before: Mapping[str, Made[Any]] = NOTHING_ELSE,
    ):  # fmt: skip
        self.stages, self.stage, self.scenario_id = stages, stage, scenario_id
        self.given, self.marks = given, marks
        read = (name for name in stage.reads if name in stages.table)
        self.before = before or {name: stages._read(name, scenario_id, given) for name in read}
        self._told = False

    @property
    def of(self) -> str:
        """What tells it from others of the scenario: an hour, a line."""
        named = (getattr(value, "line_id", value) for value in self.given.values())
        return " ".join(name for name in named if isinstance(name, str))

    @property
    def label(self) -> str:
        """Its name in what is said of the last run."""
        return " ".join(filter(None, (self.stage.name, self.scenario_id, self.of)))

    @once
    def inputs(self) -> dict[str, str]:
        """The mark of everything that the function is given, or that the study has, by what it is."""
        stage, sources = self.stage, self.stages.sources
        catalog, parameters = sources.catalog, stage.parameters
        roles = with_referred(stage.layers) if stage.layers else frozenset()
        entries = [e for e in catalog.entries if e.role in roles]
        if not stage.work:
            entries, parameters = list(catalog.entries), tuple(f.name for f in fields(AccessParameters))
        found = {"program": program_hash()}
        if entries:
            found["region"] = _plain(catalog.region.model_dump(mode="json"))
            found |= {f"layer {e.id}": self.stages._layer(e) for e in entries}
        if stage.scenario:
            stated = sources.scenario(self.scenario_id).model_dump(mode="json", include=set(stage.scenario))
            found |= {f"scenario field {name}": _plain(stated[name]) for name in stage.scenario}
        found |= {f"parameter {name}": repr(getattr(sources.parameters, name)) for name in parameters}
        found |= self.marks
        found |= {name: made.mark for name, made in self.before.items()}
        self.stages._now[self.label] = found
        return found

    @once
    def key(self) -> str:
        """What its result is kept under."""
        return key_of([self.stage.name, *(f"{name} {mark}" for name, mark in self.inputs.items())])

    @once
    def mark(self) -> str:
        """What stages after this one are kept by."""
        stage, kept = self.stage, self.stages.kept
        if stage.mark:
            found = kept.get(self.key, str)
            if found is None:
                found = stage.mark(self.value())
                kept.put(self.key, found)
            return found
        key: str = self.key
        if not stage.keep:
            return key
        found = kept.mark(self.key)
        if found is None:
            value, marks = self.value(), self.stages._marks
            return marks.get(key) or _content(value, stage.kind) or key
        self.tell(kept=True)
        return found

    def value(self, work: Callable[[], T] | None = None) -> T:
        """The result: from memory, from what is kept, or worked out (by `work`, where it runs elsewhere)."""
        key, memory, kept = self.key, self.stages._memory, self.stages.kept
        with self.stages._lock(key):
            if key not in memory:
                found = kept.get(key, self.stage.kind) if self.stage.keep else None
                if found is None:
                    found = (work or self._work)()
                    if self.stage.keep and found is not None:
                        self.tell(kept=False)
                        if mark := kept.put(key, found, self.stage.kind):
                            self.stages._marks[key] = mark
                memory[key] = found
            if memory[key] is not None:
                self.tell(kept=True)
            result: T = memory[key]
            return result

    def _work(self) -> T:
        assert self.stage.work, "whoever asks does the work"
        return self.stage.work(**self._arguments())

    def _arguments(self) -> dict[str, Any]:
        stage, sources = self.stage, self.stages.sources
        made: dict[str, Any] = {
            name: before.value if name in stage.later else before.value()
            for name, before in self.before.items()
        }
        if "catalog" in stage.reads:
            made["catalog"] = CatalogPart.of(sources.catalog, stage.layers)
        if "scenario" in stage.reads:
            made["scenario"] = with_fields(sources.scenario(self.scenario_id), stage.scenario)
        if "parameters" in stage.reads:
            made["parameters"] = with_parameters(sources.parameters, stage.parameters)
        if "known" in stage.reads:
            made["known"] = Known(lambda: self.stages.kept, self.key)
        return {**made, **self.given}

    def find(self) -> T | None:
        """What an earlier run kept."""
        found: T | None = self.stages.kept.get(self.key, self.stage.kind)
        return found

    def put(self, value: T) -> None:
        """Keep what this run made."""
        self.tell(kept=False)
        self.stages.kept.put(self.key, value)
        self.stages.remember()

    def tell(self, kept: bool) -> None:
        """Note what became of it."""
        if not self._told and self.stage.keep:
            because = () if kept else self.stages._changed(self) or (NO_LONGER_KEPT,)
            self.stages.done.append(Done(self.stage.name, self.scenario_id, self.of, kept, because))
            self._told = True


def _type(name: str) -> Any:
    """A type by its full name; ``tuple[...]`` of such names too."""
    if name.startswith("tuple["):
        parts = [part.strip() for part in name[len("tuple[") : -1].split(",")]
        return tuple[tuple(... if part == "..." else _type(part) for part in parts)]  # type: ignore[misc]
    module, _, own = name.rpartition(".")
    return getattr(import_module(module), own)


def _plain(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def _given(value: Any) -> str:
    return value if isinstance(value, str) else mark_of(*parts_of(value, type(value)))


def _content(value: Any, kind: Any) -> str | None:
    """The hash of a value's content; None where it cannot be packed."""
    try:
        return mark_of(*parts_of(value, kind))
    except TypeError:
        return None


def with_fields(scenario: Scenario, names: Iterable[str]) -> Scenario:
    """A scenario with some fields alone; the others are blank, but for where a message says a change is stated."""
    known = {*names, "places", "overruled"}
    return scenario.model_copy(
        update={name: getattr(_BLANK, name) for name in Scenario.model_fields if name not in known}
    )


_BLANK = Scenario.model_validate(
    {
        "id": "", "title": Text(en=""), "question": Text(en=""), "reference": None, "year": 0, "date": "0001-01-01",
        "counterfactual": False, "delivered_designations": (), "restored_designations": (), "seasonal_rules": (), "not_modelled": (), "assumptions": (),
        "source": (),
    }
)  # fmt: skip


def with_parameters(parameters: AccessParameters, names: Iterable[str]) -> AccessParameters:
    """Parameters of which some alone are set; the others are empty, 0 or False."""
    blank = {f.name: type(getattr(parameters, f.name))() for f in fields(parameters) if f.name not in names}
    return replace(parameters, **blank)

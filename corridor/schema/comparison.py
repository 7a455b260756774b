"""A comparison file: do-minimum, scenarios, criteria with their anchors, pairs, files of weights."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from corridor.core.errors import Problem, Problems, ScenarioError, nearest, unknown
from corridor.schema.line import MOST, Confidence, Id, Model
from corridor.schema.text import Text
from corridor.schema.yaml_source import YamlSource, read_yaml, validated

FILE = "comparison.yaml"
"""The name of a comparison file, among the scenario files of a study."""
SCHEMA = "comparison schema"
TODAY, BUILDOUT = "census", "buildout-2035"
"""The land states on which criteria are taken."""
ON_BUILDOUT = "_buildout"
"""Ends the id of a criterion taken on the planned build-out."""

CriterionId = Annotated[str, Field(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$", max_length=80)]
StackedId = Annotated[
    str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*(\+[a-z0-9]+(-[a-z0-9]+)*)*$", max_length=400)
]
Change = Annotated[float, Field(ge=-MOST, le=MOST, allow_inf_nan=False)]
Group = Literal["access", "travellers", "nature"]
Direction = Literal["higher", "lower"]


class Anchor(Model):
    """The change against the do-minimum, in the criterion's unit, that has the value 1 or -1; and why that one."""

    change: Change
    value: Literal[1, -1]
    reason: Text
    source: tuple[str, ...] = ()
    confidence: Confidence

    @field_validator("change")
    @classmethod
    def _not_zero(cls, change: float) -> float:
        if change == 0:
            raise ValueError("a change other than 0: it is what the value is measured by")
        return change

    def of(self, change: float) -> float:
        """The value of a change against the do-minimum: 0 at none, +-1 at the anchor, in a straight line beyond.

        Parameters
        ----------
        change
            In the unit of the criterion.

        Returns
        -------
        float
            Value points.
        """
        return self.value * change / self.change


class Criterion(Model):
    """What scenarios are judged by. One without an anchor is shown and has no value: no weight can rest on it.

    With `buildout` it is also taken on the planned build-out, as ``<id>_buildout``, with the same anchor.
    """

    id: CriterionId
    title: Text
    unit: str = Field(min_length=1, max_length=40)
    direction: Direction
    group: Group
    anchor: Anchor | None = None
    confidence: Confidence
    note: str = ""
    buildout: bool = False

    @field_validator("anchor")
    @classmethod
    def _of_the_right_sign(cls, anchor: Anchor | None, info: ValidationInfo) -> Anchor | None:
        direction = info.data.get("direction")
        if anchor and direction and (anchor.change * anchor.value > 0) != (direction == "higher"):
            side = "above" if anchor.change < 0 else "below"
            raise ValueError(
                f"a change {side} 0, not {anchor.change:g}: {direction} is better here and the value is {anchor.value}"
            )
        return anchor

    def on_buildout(self) -> Criterion:
        """The same criterion on the planned build-out."""
        title = Text(
            en=f"{self.title.en}, planned build-out",
            zh_hant=f"{self.title.in_script('zh-Hant')}（規劃建成）",
            zh_hans=f"{self.title.in_script('zh-Hans')}（规划建成）",
        )
        changed = {"id": self.id + ON_BUILDOUT, "title": title, "confidence": "M", "buildout": False}
        return self.model_copy(update=changed | {"note": "the same on the planned people and jobs of 2035"})


Point = Literal["line", "lines_together", "lever", "lever_on_lines", "tunnel", "avoid_first"]
"""What a pair tells in the answer of index.html: what one of the lines adds, whether they complement each other, what a
lever without a railway brings by itself and on top of them, what a tunnel avoids, what a design that avoids first costs."""


class Pair(Model):
    """Two or more scenarios set against each other: the sum of `terms` (+1 or -1) times their values."""

    id: Id
    question: Text
    terms: dict[StackedId, Literal[1, -1]] = Field(min_length=2)
    point: Point | None = None


class Phase(Model):
    """A year of a proposal, and the scenario of what is there by then; never a counterfactual."""

    year: int = Field(ge=1900, le=2200)
    scenario: StackedId


class ComparisonFile(Model):
    """A comparison file as written."""

    do_minimum: StackedId
    scenarios: tuple[StackedId, ...] = ()
    """What is compared where nothing is named; the study's own scenarios where this is empty."""
    opens_on: StackedId | None = None
    """The scenario that maps open on where it is compared; otherwise the one that builds most."""
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    weights: tuple[str, ...] = ()
    """CSV files beside the comparison file, each a panel of judges (:mod:`corridor.schema.weights`)."""
    pairs: tuple[Pair, ...] = ()
    phases: Annotated[tuple[Phase, ...], Field(max_length=12)] = ()
    """The phases of a proposal, the earliest first: maps in one scale (:mod:`corridor.study.phases`)."""

    @field_validator("phases")
    @classmethod
    def _in_order(cls, phases: tuple[Phase, ...]) -> tuple[Phase, ...]:
        years = [phase.year for phase in phases]
        if any(later <= year for year, later in pairwise(years)):
            raise ValueError(f"years in rising order, not {', '.join(map(str, years))}")
        return phases

    @property
    def scored(self) -> tuple[Criterion, ...]:
        """The criteria that have a value, on today's people."""
        return tuple(c for c in self.criteria if c.anchor)

    @property
    def scored_on_buildout(self) -> tuple[Criterion, ...]:
        """The same on the planned build-out, where a criterion is taken on it."""
        return tuple(c.on_buildout() if c.buildout else c for c in self.scored)

    @property
    def shown(self) -> tuple[Criterion, ...]:
        """All criteria; of each group those on the planned build-out after the others."""
        groups = dict.fromkeys(c.group for c in self.criteria)
        return tuple(
            c
            for group in groups
            for mine in [[c for c in self.criteria if c.group == group]]
            for c in (*mine, *(c.on_buildout() for c in mine if c.buildout))
        )


def read_comparison(
    path: Path, measured: Collection[str], scenarios: Collection[str] | None = None
) -> ComparisonFile:
    """Read a comparison file.

    Parameters
    ----------
    path
        comparison.yaml.
    measured
        Ids of criteria that the program can measure.
    scenarios
        Ids that a scenario of the file must have; None where they need not be in the study (pairs of other
        scenarios are left out then).

    Raises
    ------
    ScenarioError
        With every problem and its line.
    """
    source = read_yaml(path, ScenarioError)
    if not isinstance(source.data, dict):
        expected = "keys do_minimum, criteria, ..."
        raise ScenarioError.at(path.name, "is not a mapping", expected, "see docs/ranking.md")
    problems, criteria = Problems(ScenarioError), _ids(source.data)
    found = validated(source, ComparisonFile, source.data, SCHEMA, problems)
    problems.extend(_unmeasured(source, criteria, measured))
    if found is None:
        raise ScenarioError(problems)
    problems.extend(_twice(source, "criteria", criteria))
    problems.extend(_twice(source, "pairs", [p.id for p in found.pairs]))
    problems.extend(_twice(source, "weights", [Path(name).stem for name in found.weights]))
    problems.extend(_told_twice(source, found.pairs))
    if scenarios is not None:
        problems.extend(_unknown_scenarios(source, found, scenarios))
    problems.raise_all()
    return found


def _ids(data: dict[str, object]) -> list[str]:
    """The ids of criteria in a file that does not hold together."""
    entries = data.get("criteria")
    found = entries if isinstance(entries, list) else []
    ids = [e.get("id") if isinstance(e, dict) else None for e in found]
    return [i if isinstance(i, str) else "" for i in ids]


def _unmeasured(source: YamlSource, ids: list[str], measured: Collection[str]) -> Iterator[Problem]:
    for i, criterion_id in enumerate(ids):
        if criterion_id and criterion_id not in measured:
            what, hint = f"criterion {criterion_id!r} is not measured", "see docs/ranking.md for the ids"
            expected, remedy = "an id that the program measures", nearest(criterion_id, measured, hint)
            yield Problem(source.where(("criteria", i, "id")), what, expected, remedy)


def _twice(source: YamlSource, key: str, ids: list[str]) -> Iterator[Problem]:
    for i, name in enumerate(ids):
        if name in ids[:i]:
            where = source.where((key, i) if key == "weights" else (key, i, "id"))
            yield Problem(where, f"{name!r} a second time in {key}", "each once", "remove one")


def _told_twice(source: YamlSource, pairs: tuple[Pair, ...]) -> Iterator[Problem]:
    """Points that more than one pair tells; lines may be several."""
    points = [pair.point for pair in pairs]
    for i, point in enumerate(points):
        if point not in (None, "line") and point in points[:i]:
            where, what = source.where(("pairs", i, "point")), f"point {point!r} a second time in pairs"
            yield Problem(where, what, "one pair for each point but 'line'", "remove one")


def _unknown_scenarios(source: YamlSource, file: ComparisonFile, known: Collection[str]) -> Iterator[Problem]:
    named: list[tuple[tuple[str | int, ...], str]] = [(("do_minimum",), file.do_minimum)]
    named += [(("scenarios", i), name) for i, name in enumerate(file.scenarios)]
    named += [(("opens_on",), file.opens_on)] if file.opens_on else []
    named += [(("phases", i, "scenario"), phase.scenario) for i, phase in enumerate(file.phases)]
    for location, name in named:
        for part in name.split("+"):
            if part not in known:
                yield unknown(source.where(location), "scenario", part, "a scenario of the study", known)


def schema_text() -> str:
    """The JSON schema of a comparison file, as scenarios/comparison.schema.json holds it."""
    schema = ComparisonFile.model_json_schema(by_alias=True)
    return json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n"

"""Scenario files: each extends another and states only what it changes; levers stack on any of them."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from corridor.core.errors import Problems, ScenarioError, unknown
from corridor.schema.changes import Changes, LineChange
from corridor.schema.comparison import FILE as COMPARISON
from corridor.schema.line import Id, LineSpec, Model
from corridor.schema.resolved import SCHEMA, Stated, conflicts, laid_over
from corridor.schema.resolved import Scenario as Scenario  # and this
from corridor.schema.text import Text
from corridor.schema.yaml_source import YamlSource, read_yaml, validated

_PLAIN_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class DesignationEdits(Model):
    """Areas whose wetland a scenario manages better: completed before works begin, or restored as the works go on.

    The ledger of a review sets both against what is lost; what is restored comes late by its time to function.
    """

    deliver: tuple[Id, ...] = ()
    restore: tuple[Id, ...] = ()
    note: Text | None = None


class ScenarioFile(Changes):
    """One scenario file as written."""

    id: Id
    kind: Literal["scenario", "lever"] = "scenario"
    title: Text
    question: Text
    extends: Id | None = None
    year: int | None = Field(default=None, ge=1900, le=2100)
    date: dt.date | None = None
    counterfactual: bool = False
    note: Text | None = None
    designations: DesignationEdits = DesignationEdits()
    seasonal_rules: tuple[str, ...] = ()
    not_modelled: tuple[Text, ...] = ()
    assumptions: tuple[Text, ...] = ()
    source: tuple[str, ...] = ()


def read_scenario(path: Path) -> tuple[ScenarioFile, YamlSource]:
    """One scenario file, validated.

    Parameters
    ----------
    path
        Its name without ``.yaml`` is the scenario's id.

    Returns
    -------
    tuple of ScenarioFile and YamlSource
        The file, and the line of each of its values.

    Raises
    ------
    ScenarioError
        With every problem and its line.
    """
    source = read_yaml(path, ScenarioError)
    if not isinstance(source.data, dict):
        raise ScenarioError.at(path.name, "is not a mapping", "keys id, title, question, ...", "see README")
    scenario = source.as_model(ScenarioFile, SCHEMA)
    if scenario.id != path.stem:
        where, expected = source.where(("id",)), f"the file's name {path.stem!r}"
        raise ScenarioError.at(where, f"id is {scenario.id!r}", expected, "make them the same")
    return scenario, source


def read_proposals(path: Path) -> dict[str, LineSpec]:
    """The catalogue of proposed lines, by id.

    Parameters
    ----------
    path
        A YAML file with a list of lines.

    Raises
    ------
    ScenarioError
        With every problem and its line.
    """
    source = read_yaml(path, ScenarioError)
    if not isinstance(source.data, list):
        expected = "a list of line specifications"
        raise ScenarioError.at(path.name, "is not a list", expected, "start entries with '- id:'")
    proposals: dict[str, LineSpec] = {}
    with Problems(ScenarioError) as problems:
        for i, entry in enumerate(source.data):
            spec = validated(source, LineSpec, entry, SCHEMA, problems, (i,))
            if spec is None:
                continue
            if spec.id in proposals:
                where, what = source.where((i, "id")), f"id {spec.id!r} a second time"
                problems.add(where, what, "unique ids", "rename one")
            proposals[spec.id] = spec
    return proposals


def schema_text() -> str:
    """The JSON schema of a scenario file, as scenarios/scenario.schema.json holds it.

    An entry of `lines.change` may hold every key of a line, as it is merged with an added one, and those of
    :class:`LineChange`.
    """
    schema = ScenarioFile.model_json_schema(by_alias=True)
    change = LineChange.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
    definitions: dict[str, Any] = schema["$defs"]
    definitions |= change.pop("$defs")
    line = definitions["LineSpec"]["properties"]
    definitions["LineChange"] = change | {"properties": line | change["properties"]}
    definitions["LineEdits"]["properties"]["change"]["items"] = {"$ref": "#/$defs/LineChange"}
    return json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


class ScenarioLibrary:
    """The scenario files of one or more folders, resolved on demand.

    `id+lever+lever` stacks levers on a scenario. What a file given by its path extends is looked for beside it too.

    Parameters
    ----------
    folders
        Folders of ``*.yaml``; of two files of one name the later counts.
    proposals
        Proposed lines by id.
    """

    def __init__(self, folders: Iterable[Path], proposals: Mapping[str, LineSpec]):
        self._proposals = dict(proposals)
        files = [path for folder in folders for path in sorted(folder.glob("*.yaml"))]
        self._files = {path.stem: path for path in files if path.name != COMPARISON}
        self._given: dict[str, Path] = {}

    def ids(self) -> list[str]:
        """Every id for which there is a file."""
        return sorted(self._files)

    def add_file(self, path: Path) -> str:
        """Register one more scenario file.

        An id is that of one scenario: a second file of the same name is an error, unless both hold the same.

        Parameters
        ----------
        path
            A scenario file anywhere.

        Returns
        -------
        str
            Its id.
        """
        if not path.is_file():
            remedy = "check the path, or give a scenario id"
            raise ScenarioError.at(str(path), "cannot be read", "a scenario file", remedy)
        known = self._files.get(path.stem)
        if known and path.resolve() != known.resolve() and path.read_bytes() != known.read_bytes():
            what = f"has the id {path.stem!r}, which {known} has already"
            remedy = "rename the file and its id, and let it extend the other"
            raise ScenarioError.at(str(path), what, "a new id", remedy)
        self._files.setdefault(path.stem, path)
        self._given[path.stem] = path
        return path.stem

    def _find(self, wanted: str, asked_by: str | None) -> None:
        """Register the file of an id beside the file, given by its path, that asks for it."""
        given = self._given.get(asked_by) if asked_by else None
        if given and _PLAIN_ID.fullmatch(wanted) and (beside := given.parent / f"{wanted}.yaml").is_file():
            if not beside.resolve().is_relative_to(given.parent.resolve()):
                expected = f"a scenario file beside {given.name}"
                what = "leaves the folder by a link"
                raise ScenarioError.at(str(beside), what, expected, "put the file itself there")
            self.add_file(beside)

    def file(self, scenario_id: str) -> tuple[ScenarioFile, YamlSource]:
        """Read and validate one file, without what it extends.

        Returns
        -------
        tuple
            The file's content, and its source with the line of each value.

        Raises
        ------
        ScenarioError
            Where there is no such file, or with everything that is wrong in it.
        """
        if scenario_id not in self._files:
            raise self._unknown("", scenario_id)
        return read_scenario(self._files[scenario_id])

    def _unknown(self, where: str, scenario_id: str) -> ScenarioError:
        use = "one of " + ", ".join(self.ids())
        return ScenarioError(unknown(where, "scenario", scenario_id, use, self._files))

    def resolve(self, stacked_id: str) -> Scenario:
        """A scenario with everything it extends, and the levers stacked on it.

        Parameters
        ----------
        stacked_id
            ``id``, or ``id+lever+lever``.

        Raises
        ------
        ScenarioError
            For an unknown id, a circle of files, a lever without a scenario, or a wrong file.
        """
        base_id, *lever_ids = stacked_id.split("+")
        chain = self._chain(base_id)
        base, source = chain[-1]
        if base.kind == "lever":
            remedy = f"ask for SCENARIO+{base_id}"
            what, expected = f"{base_id!r} is a lever", "a scenario to put it on"
            raise ScenarioError.at(source.where(), what, expected, remedy)
        for lever_id in lever_ids:
            self._find(lever_id, base_id)
            lever, source = self.file(lever_id)
            if lever.kind != "lever":
                where, what = source.where(("kind",)), f"{lever_id!r} is a {lever.kind}"
                raise ScenarioError.at(where, what, "kind: lever", "only levers stack")
            chain.append((lever, source))
        return _fold(stacked_id, chain, self._proposals)

    def _chain(self, scenario_id: str) -> list[tuple[ScenarioFile, YamlSource]]:
        """The file of a scenario and those it extends, the baseline first."""
        chain: list[tuple[ScenarioFile, YamlSource]] = []
        seen: list[str] = []
        current: str | None = scenario_id
        while current is not None:
            where = chain[-1][1].where(("extends",)) if chain else ""
            if current in seen:
                what = f"extends goes in a circle: {' > '.join([*seen, current])}"
                raise ScenarioError.at(where, what, "a chain that ends at a baseline", "remove one 'extends'")
            self._find(current, seen[-1] if seen else None)
            if chain and current not in self._files:
                raise self._unknown(where, current)
            chain.append(self.file(current))
            seen.append(current)
            current = chain[-1][0].extends
        return chain[::-1]


def _fold(
    stacked_id: str, chain: list[tuple[ScenarioFile, YamlSource]], proposals: Mapping[str, LineSpec]
) -> Scenario:
    own = [file for file, _ in chain if file.kind == "scenario"][-1]
    levers = [file for file, _ in chain if file.kind == "lever"]
    dates = [f.date or dt.date(f.year or 0, 12, 31) for f, _ in chain if f.date or f.year]
    if not dates:
        where = chain[0][1].where()
        raise ScenarioError.at(where, "no year is given", "year: YYYY", "add it to the baseline")
    scenario = Scenario(
        id=stacked_id,
        title=_stack([own.title, *(f.title for f in levers)]),
        question=levers[-1].question if levers else own.question,
        reference="+".join(stacked_id.split("+")[:-1]) if levers else own.extends,
        year=next((f.year for f, _ in reversed(chain) if f.year), dates[-1].year),
        date=dates[-1],
        counterfactual=own.counterfactual or any(f.counterfactual for f in levers),
        delivered_designations=tuple(dict.fromkeys(d for f, _ in chain for d in f.designations.deliver)),
        restored_designations=tuple(dict.fromkeys(d for f, _ in chain for d in f.designations.restore)),
        seasonal_rules=tuple(dict.fromkeys(r for f, _ in chain for r in f.seasonal_rules)),
        not_modelled=tuple(dict.fromkeys(t for f, _ in chain for t in f.not_modelled)),
        assumptions=tuple(dict.fromkeys(t for f, _ in chain for t in f.assumptions)),
        source=tuple(dict.fromkeys(s for f, _ in chain for s in f.source)),
    )
    by_levers: list[Stated] = []
    overruled: list[str] = []
    for file, source in chain:
        scenario, stated = laid_over(scenario, file, source, proposals)
        if file.kind == "lever":
            overruled += conflicts(by_levers, stated)
            by_levers += stated
    return scenario.model_copy(update={"overruled": tuple(overruled)})


def _stack(titles: list[Text]) -> Text:
    return Text(
        en=" + ".join(t.en for t in titles),
        zh_hant="＋".join(t.in_script("zh-Hant") for t in titles),
        zh_hans="＋".join(t.in_script("zh-Hans") for t in titles),
    )

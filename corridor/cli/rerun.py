"""A run repeated from its run.json: the same numbers, or what changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from corridor.access.search.parameters import AccessParameters
from corridor.core.containment import inside
from corridor.core.csv_tables import as_read, check_header, for_people
from corridor.core.errors import CorridorError, Problem, ScenarioError, printable
from corridor.core.progress import Progress, silent
from corridor.formats.provenance import provenance, review_provenance
from corridor.formats.tables import criteria_table, review_tables
from corridor.study.compare import Comparison, compare
from corridor.study.review import Review, review
from corridor.study.study import Study

SIGNIFICANT = 6
"""Figures are written with so many digits; a difference in the last one is rounding."""


@dataclass(frozen=True)
class Rerun:
    """A run and its repetition."""

    done: Comparison | Review
    changed: tuple[str, ...]
    """Changed layers, scenarios, comparison file, weights, parameters and versions, a line each."""
    differences: pd.DataFrame
    """Figures that are not the same, before and now; empty where all are. Rows of a comparison name scenario, criterion
    and unit, rows of a review table, row and column."""


class _Layer(BaseModel):
    sha256: str
    path: str
    date: str


class _File(BaseModel):
    kind: str
    sha256: str


class _Sides(BaseModel):
    scenario: str
    against: str | None = None


class RunFile(BaseModel):
    """What is read of a run.json; a review has no access parameters."""

    program: dict[str, Any]
    scenarios: dict[str, dict[str, Any]] = Field(min_length=1)
    layers: dict[str, _Layer]
    review: _Sides | None = None
    access_parameters: AccessParameters | None = None
    walk_parameters: dict[str, Any] = {}
    asked: dict[str, _File] = {}

    @field_validator("access_parameters", mode="before")
    @classmethod
    def _known(cls, given: Any) -> Any:
        known = {f.name for f in fields(AccessParameters)}
        if isinstance(given, dict) and (strange := sorted(set(given) - known)):
            raise ValueError("parameters unknown to this version: " + ", ".join(strange))
        return given

    @model_validator(mode="after")
    def _whole(self) -> RunFile:
        if self.review is None and self.access_parameters is None:
            raise ValueError("has neither access_parameters nor review")
        sides = self.review and [i for i in (self.review.scenario, self.review.against) if i is not None]
        if self.review and sides != list(self.scenarios):
            raise ValueError("does not state which scenario was reviewed against which")
        return self


def rerun(study: Study, run: Path, progress: Progress = silent) -> Rerun:
    """Repeat the comparison or review of a run.json, with its scenarios and parameters, on the layers as they are now.

    Raises :class:`CorridorError` where the file, or a table beside it, is not that of a run.
    """
    before, said = _read(run)
    _check_scenarios(run, said.scenarios, study.library.ids())
    if said.review:
        reviewed = review(study, said.review.scenario, said.review.against, progress)
        changed = _changed(before, review_provenance(study, reviewed))
        return Rerun(reviewed, changed, _review_differences(run, reviewed))
    assert said.access_parameters is not None
    study.parameters = said.access_parameters
    given = {
        kind: [path for n, file in said.asked.items() if file.kind == kind and (path := Path(n)).is_file()]
        for kind in ("given weights", "given prices")
    }
    prices = next(iter(given["given prices"]), None)
    comparison = compare(study, list(said.scenarios), progress, weights=given["given weights"], prices=prices)
    return Rerun(comparison, _changed(before, provenance(study, comparison)), _differences(run, comparison))


def _read(run: Path) -> tuple[dict[str, Any], RunFile]:
    """The file as written, and checked."""
    try:
        data = json.loads(run.read_text(encoding="utf-8"))
        if not isinstance(data, dict):
            raise ValueError("holds no names with values")
        return data, RunFile.model_validate(data)
    except ValidationError as error:
        items = [
            (".".join(map(str, e["loc"])), e["msg"].removeprefix("Value error, ")) for e in error.errors()
        ]
        found = [f"{where}: {message}" if where else message for where, message in items[:5]]
    except (OSError, ValueError, RecursionError) as error:
        found = [f"cannot be read ({str(error)[:100]})"]
    expected = "the run.json of a comparison or review"
    remedy = "give the one that 'corridor compare', 'run' or 'review' wrote"
    raise CorridorError(Problem(str(run), what, expected, remedy) for what in found)


def _check_scenarios(run: Path, scenarios: Iterable[str], ids: Iterable[str]) -> None:
    """Every scenario of the run, and every lever on one, is there under its id."""
    gone = sorted({part for name in scenarios for part in name.split("+")} - set(ids))
    if gone:
        what = f"compares {', '.join(gone)}, which this study does not have"
        remedy = f"give each file after {run.name}, or name the study with --study"
        raise ScenarioError.at(str(run), what, "scenarios of the study, or files", remedy)


def _changed(before: dict[str, Any], now: dict[str, Any]) -> tuple[str, ...]:
    """What differs between the provenance of two runs, a line each."""
    return tuple(printable(line) for line in _changes(before, json.loads(json.dumps(now))))


def _changes(before: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    layers = before["layers"], now["layers"]
    asked = before.get("asked", now.get("asked", {})), now.get("asked", {})
    for name, had, has in _differing(*map(_hashes, layers)):
        was, is_ = (side.get(name, {}) for side in layers)
        other = f"{was.get('path')} is another file (date {was.get('date')}, now {is_.get('date')})"
        yield f"layer {name}: {_fate(had, has) or other}"
    for name, said in before["scenarios"].items():
        parts = [part for part, *_ in _differing(said, now["scenarios"].get(name, {}))]
        if parts:
            yield f"scenario {name}: other {', '.join(parts)}"
    for name, had, has in _differing(*map(_hashes, asked)):
        yield f"{(asked[0] | asked[1])[name]['kind']} {name}: {_fate(had, has) or 'another file'}"
    for kind in ("access_parameters", "walk_parameters"):
        for name, had, has in _differing(before.get(kind, {}), now.get(kind, {})):
            yield f"{kind}: {name} was {had}, is {has}"
    for name, had, has in _differing(before["program"], now["program"]):
        yield f"version of {name}: was {had}, is {has}"


def _differing(before: dict[str, Any], now: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Names whose values differ, with both values; None for a value that is not there."""
    for name in sorted(before.keys() | now.keys()):
        if before.get(name) != now.get(name):
            yield name, before.get(name), now.get(name)


def _hashes(files: dict[str, Any]) -> dict[str, str]:
    return {name: file["sha256"] for name, file in files.items()}


def _fate(had: str | None, has: str | None) -> str:
    return "new" if had is None else "gone" if has is None else ""


def _differences(run: Path, comparison: Comparison) -> pd.DataFrame:
    table = run.parent / "results.csv"
    rows = _table(table)
    wanted = {"scenario", "criterion", "value"}
    if not wanted <= set(rows.columns) or rows.duplicated(["scenario", "criterion"]).any():
        raise _no_table(table, "does not hold scenario, criterion and value, each criterion once")
    before = pd.to_numeric(rows.set_index(["scenario", "criterion"])["value"], errors="coerce")
    now = criteria_table(comparison).set_index(["scenario", "criterion"])
    both = pd.DataFrame({"unit": now["unit"], "before": before, "now": now["value"]})
    rounded = both["now"].map(lambda v: float(f"{v:.{SIGNIFICANT}g}"))
    not_assessed = both["before"].isna() & rounded.isna()
    return both[~(not_assessed | _close(both["before"], rounded))].reset_index()


def _review_differences(run: Path, reviewed: Review) -> pd.DataFrame:
    """Cells of the tables that differ; a table with other rows or columns is one row."""
    found: list[tuple[str, int, str, str, str]] = []
    for name, frame in review_tables(reviewed).items():
        before = _table(run.parent / f"{name}.csv")
        now = _texts(StringIO(for_people(frame, "%.6g")))
        if list(before.columns) != list(now.columns) or len(before) != len(now):
            found.append((name, 0, "", _size(before), _size(now)))
            continue
        for column in now:
            was, is_ = before[column], now[column]
            numbers = _close(pd.to_numeric(was, errors="coerce"), pd.to_numeric(is_, errors="coerce"))
            other = (was != is_) & ~numbers
            found += [(name, i + 1, str(column), was[i], is_[i]) for i in now.index[other]]
    return pd.DataFrame(found, columns=["table", "row", "column", "before", "now"])


def _size(table: pd.DataFrame) -> str:
    return f"{len(table)} rows, columns {' '.join(map(str, table.columns))}"


def _close(before: pd.Series, now: pd.Series) -> pd.Series:
    """Whether figures written with SIGNIFICANT digits are the same but for rounding."""
    return (now - before).abs() <= before.abs() * 2 * 10.0 ** (1 - SIGNIFICANT)


def _table(path: Path) -> pd.DataFrame:
    """A table beside run.json, as texts."""
    inside(path.parent, path.name)
    try:
        check_header(path.read_bytes())
        return _texts(path)
    except (OSError, ValueError, Warning) as error:
        raise _no_table(path, f"cannot be read ({str(error)[:100]})") from None


def _texts(source: Path | StringIO) -> pd.DataFrame:
    """A table for people as it was before it was written, every cell a text."""
    return pd.read_csv(source, dtype=str, keep_default_na=False).map(as_read).rename(columns=as_read)


def _no_table(path: Path, what: str) -> CorridorError:
    return CorridorError.at(str(path), what, "the table beside run.json", "restore it")

"""A run done again from its run.json: the same numbers, or what changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import TypeAdapter, ValidationError

from corridor.access.search.parameters import AccessParameters
from corridor.core.containment import inside
from corridor.core.csv_tables import as_read, for_people
from corridor.core.errors import CorridorError, Problem, ScenarioError, printable
from corridor.core.progress import Progress, silent
from corridor.formats.provenance import provenance, review_provenance
from corridor.formats.tables import criteria_table, review_tables
from corridor.schema.table_checks import check_header
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
    """Layers, scenarios, comparison file, weights, parameters and versions that are not what they were, a line each."""
    differences: pd.DataFrame
    """Figures that are not the same, before and now; empty where all are. Rows of a comparison name scenario, criterion
    and unit, rows of a review table, row and column."""


def rerun(study: Study, run: Path, progress: Progress = silent) -> Rerun:
    """Do the comparison or review of a run.json again, with its scenarios and parameters, on the layers as they are now.

    Raises :class:`CorridorError` where the file, or a table beside it, is not that of a run.
    """
    before = _read(run)
    _known(run, before["scenarios"], study.library.ids())
    if "review" in before:
        reviewed = review(study, before["review"]["scenario"], before["review"].get("against"), progress)
        differences = _review_differences(run, reviewed)
        return Rerun(reviewed, _said(before, review_provenance(study, reviewed)), differences)
    study.parameters = _parameters(run, before)
    weights = [Path(n) for n, file in before.get("asked", {}).items() if file["kind"] == "given weights"]
    there = [file for file in weights if file.is_file()]
    comparison = compare(study, list(before["scenarios"]), progress, weights=there)
    return Rerun(comparison, _said(before, provenance(study, comparison)), _differences(run, comparison))


def _said(before: dict[str, Any], now: dict[str, Any]) -> tuple[str, ...]:
    return tuple(printable(line) for line in _changes(before, json.loads(json.dumps(now))))


def _read(run: Path) -> dict[str, Any]:
    try:
        data = json.loads(run.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _wrong(run, f"cannot be read ({str(error)[:100]})") from None
    if not isinstance(data, dict):
        raise _wrong(run, "holds no names with values")
    wanted = ("program", "scenarios", "layers", "review" if "review" in data else "access_parameters")
    missing = [k for k in wanted if not isinstance(data.get(k), dict)]
    if missing:
        raise _wrong(run, "has no " + ", ".join(missing))
    odd = list(_odd(data))
    if odd:
        raise _wrong(run, "says nothing of " + ", ".join(odd[:5]))
    return dict(data)


def _known(run: Path, scenarios: Iterable[str], ids: Iterable[str]) -> None:
    """Every scenario of the run, and every lever on one, is there under its id."""
    gone = sorted({part for name in scenarios for part in name.split("+")} - set(ids))
    if gone:
        raise ScenarioError(
            Problem(
                str(run),
                f"compares {', '.join(gone)}, which this study does not have",
                "scenarios of the study, or files",
                f"give each file after {run.name}, or name the study with --study",
            )
        )


def _odd(data: dict[str, Any]) -> Iterator[str]:
    """Parts of a run.json that do not hold what is read from them."""
    if not data["scenarios"]:
        yield "any scenario"
    yield from (
        f"scenario {name!r}" for name, said in data["scenarios"].items() if not isinstance(said, dict)
    )
    for name, said in data["layers"].items():
        if not isinstance(said, dict) or not {"sha256", "path", "date"} <= set(said):
            yield f"layer {name!r}"
    if not isinstance(data.get("walk_parameters", {}), dict):
        yield "walk_parameters"
    asked = data.get("asked", {})
    if not isinstance(asked, dict) or not all(
        isinstance(f, dict) and all(isinstance(f.get(k), str) for k in ("kind", "sha256"))
        for f in asked.values()
    ):
        yield "asked"
    if "review" in data and list(data["scenarios"]) != _reviewed_ids(data["review"]):
        yield "which scenario was reviewed against which"


def _reviewed_ids(said: dict[str, Any]) -> list[Any]:
    return [i for i in (said.get("scenario"), said.get("against")) if i is not None]


def _wrong(run: Path, what: str) -> CorridorError:
    return CorridorError(
        Problem(
            str(run),
            what,
            "the run.json of a comparison or review",
            "give the one that 'corridor compare', 'run' or 'review' wrote",
        )
    )


def _parameters(run: Path, before: dict[str, Any]) -> AccessParameters:
    stated, known = before["access_parameters"], {f.name for f in fields(AccessParameters)}
    strange = sorted(set(stated) - known)
    if strange:
        raise _wrong(run, "has parameters unknown to this version: " + ", ".join(strange))
    try:
        return TypeAdapter(AccessParameters).validate_python(stated)
    except ValidationError as error:
        first = error.errors()[0]
        raise _wrong(run, f"has {first['loc'][0]} {first['input']!r} ({first['msg']})") from None


def _changes(before: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    """What is not as it was, by kind and name."""
    for name in sorted(before["layers"].keys() | now["layers"].keys()):
        was, is_ = before["layers"].get(name), now["layers"].get(name)
        if was is None or is_ is None:
            yield f"layer {name}: {'new' if was is None else 'gone'}"
        elif was["sha256"] != is_["sha256"]:
            yield f"layer {name}: {was['path']} is another file (date {was['date']}, now {is_['date']})"
    for name, was in before["scenarios"].items():
        is_ = now["scenarios"].get(name, {})
        parts = sorted(k for k in was.keys() | is_.keys() if was.get(k) != is_.get(k))
        if parts:
            yield f"scenario {name}: other {', '.join(parts)}"
    asked, asks = before.get("asked", now.get("asked", {})), now.get("asked", {})
    for name in sorted(asked.keys() | asks.keys()):
        if name not in asks or name not in asked:
            yield f"{(asked | asks)[name]['kind']} {name}: {'new' if name in asks else 'gone'}"
        elif asked[name]["sha256"] != asks[name]["sha256"]:
            yield f"{asked[name]['kind']} {name}: another file"
    for kind in ("access_parameters", "walk_parameters"):
        had, has = before.get(kind, {}), now.get(kind, {})
        for key in sorted(had.keys() | has.keys()):
            if had.get(key) != has.get(key):
                yield f"{kind}: {key} was {had.get(key)}, is {has.get(key)}"
    for name in sorted(before["program"].keys() | now["program"].keys()):
        was, is_ = before["program"].get(name), now["program"].get(name)
        if was != is_:
            yield f"version of {name}: was {was}, is {is_}"


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
    return CorridorError(Problem(str(path), what, "the table beside run.json", "restore it"))

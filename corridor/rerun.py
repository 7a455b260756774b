"""A run done again from its run.json: the same numbers, or what changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import TypeAdapter, ValidationError

from corridor.access.parameters import AccessParameters
from corridor.comparison import Comparison, compare
from corridor.errors import CorridorError, Problem, ScenarioError, printable
from corridor.export import criteria_table, provenance
from corridor.progress import Progress, silent
from corridor.schema.table_checks import check_header
from corridor.study import Study

SIGNIFICANT = 6
"""Figures are written with so many digits; a difference in the last one is rounding."""


@dataclass(frozen=True)
class Rerun:
    """A run and its repetition."""

    comparison: Comparison
    changed: tuple[str, ...]
    """Layers, scenarios, parameters and versions that are not what they were, a line each."""
    differences: pd.DataFrame
    """scenario, criterion, unit, before, now: figures that are not the same; empty where all are."""


def rerun(study: Study, run: Path, progress: Progress = silent) -> Rerun:
    """Do the comparison of a run.json again, with its scenarios and parameters, on the layers as they are now.

    Raises :class:`CorridorError` where the file, or results.csv beside it, is not that of a comparison.
    """
    before = _read(run)
    _known(run, before["scenarios"], study.library.ids())
    study.parameters = _parameters(run, before)
    comparison = compare(study, list(before["scenarios"]), progress)
    now = json.loads(json.dumps(provenance(study, comparison)))
    changed = tuple(printable(line) for line in _changes(before, now))
    return Rerun(comparison, changed, _differences(run, comparison))


def _read(run: Path) -> dict[str, Any]:
    try:
        data = json.loads(run.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _wrong(run, f"cannot be read ({str(error)[:100]})") from None
    wanted = ("program", "scenarios", "layers", "access_parameters")
    missing = [k for k in wanted if not isinstance(data, dict) or not isinstance(data.get(k), dict)]
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


def _wrong(run: Path, what: str) -> CorridorError:
    return CorridorError(
        Problem(str(run), what, "the run.json of a comparison", "give the one that 'corridor compare' wrote")
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
    for kind in ("access_parameters", "walk_parameters"):
        for key in sorted(before.get(kind, {}).keys() | now[kind].keys()):
            if before.get(kind, {}).get(key) != now[kind].get(key):
                yield f"{kind}: {key} was {before.get(kind, {}).get(key)}, is {now[kind].get(key)}"
    for name in sorted(before["program"].keys() | now["program"].keys()):
        was, is_ = before["program"].get(name), now["program"].get(name)
        if was != is_:
            yield f"version of {name}: was {was}, is {is_}"


def _differences(run: Path, comparison: Comparison) -> pd.DataFrame:
    table = run.parent / "results.csv"
    try:
        check_header(table.read_bytes())
        rows = pd.read_csv(table, dtype={"scenario": str, "criterion": str, "value": float})
        if rows.duplicated(["scenario", "criterion"]).any():
            raise ValueError("a criterion of a scenario stands twice")
        before = rows.set_index(["scenario", "criterion"])["value"]
    except (OSError, ValueError, KeyError, Warning) as error:
        raise CorridorError(
            Problem(
                str(table), f"cannot be read ({str(error)[:100]})", "the table beside run.json", "restore it"
            )
        ) from None
    now = criteria_table(comparison).set_index(["scenario", "criterion"])
    both = pd.DataFrame({"unit": now["unit"], "before": before, "now": now["value"]})
    rounded = both["now"].map(lambda v: float(f"{v:.{SIGNIFICANT}g}"))
    close = (rounded - both["before"]).abs() <= both["before"].abs() * 2 * 10.0 ** (1 - SIGNIFICANT)
    return both[~close].reset_index()

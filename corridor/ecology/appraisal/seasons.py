"""Seasonal working rules as flags: which rule of which months meets which part or site of a line.

The rules stand in ``layers/ecology/seasonal_rules.csv`` (:func:`season_rules` reads it), each with the source of
the rule, of its distance and of its months. A flag changes no hectare: it says what to plan the works by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from corridor.core import paths
from corridor.ecology.impact.assess import EcologyResult
from corridor.ecology.impact.disturbance import PHASES, Phase
from corridor.ecology.impact.overlap import habitat_shares
from corridor.ecology.land.checks import ColumnProblem, LayerProblem, raise_all
from corridor.ecology.land.land import Land
from corridor.ecology.works.footprint import M2_PER_HA
from corridor.schema.text import Text

RULE_COLUMNS = (
    "rule_id", "applies_to", "subjects", "phase", "within_m", "months", "title_en", "title_zh_hant",
    "title_zh_hans", "rule_en", "rule_zh_hant", "rule_zh_hans", "source", "confidence", "distance_source",
    "distance_confidence", "months_source", "months_confidence",
)  # fmt: skip
FLAG_COLUMNS = [
    "rule_id", "line_id", "part_id", "site_id", "structure", "phase", "subject_id", "subject_kind", "name_en",
    "name_zh_hant", "name_zh_hans", "within_m", "distance_m", "accuracy_m", "sure", "area_ha", "months",
    "title_en", "title_zh_hant", "title_zh_hans", "rule_en", "rule_zh_hant", "rule_zh_hans", "source",
    "confidence", "distance_source", "distance_confidence", "months_source", "months_confidence",
]  # fmt: skip
APPLIES_TO = ("wildlife", "habitat")
_Asked = tuple["SeasonRule", Any, dict[str, Any]]
LEAST_HA = 0.005
"""Habitat of less than this within a rule's distance raises no flag: 50 square metres, a tenth of a cell."""


@dataclass(frozen=True)
class SeasonRule:
    """A working rule: what it guards (kinds of wildlife site, or habitats), how near, in which months.

    ``first_month`` to ``last_month`` count from 1 and may pass the turn of the year (10 to 3). Sources and
    confidences are given apart for the rule, for its distance and for its months.
    """

    rule_id: str
    applies_to: str
    subjects: tuple[str, ...]
    phases: tuple[Phase, ...]
    within_m: float
    first_month: int
    last_month: int
    title: Text
    text: Text
    source: str
    confidence: str
    distance_source: str
    distance_confidence: str
    months_source: str
    months_confidence: str

    @property
    def months(self) -> tuple[int, ...]:
        """The months in which it holds, in order of the season: 10, 11, 12, 1, 2, 3."""
        count = (self.last_month - self.first_month) % 12 + 1
        return tuple((self.first_month - 1 + i) % 12 + 1 for i in range(count))


def season_rules(frame: pd.DataFrame) -> tuple[SeasonRule, ...]:
    """The rules of a frame with :data:`RULE_COLUMNS`; raises :class:`LayerError` with all its faults."""
    where = "seasonal rules"
    missing = [c for c in RULE_COLUMNS if c not in frame.columns]
    raise_all(
        [ColumnProblem(where, "no column " + ", ".join(missing), ", ".join(RULE_COLUMNS), "add it")]
        if missing
        else []
    )
    rows = frame.to_dict("records")
    raise_all(problem for row in rows for problem in _rule_problems(where, row))
    return tuple(_rule(row) for row in rows)


def _rule_problems(where: str, row: dict[Any, Any]) -> Iterator[LayerProblem]:
    at = f"{where}, {row['rule_id']}"
    if row["applies_to"] not in APPLIES_TO:
        yield LayerProblem(
            at, f"applies_to {row['applies_to']!r}", "one of " + ", ".join(APPLIES_TO), "correct it"
        )
    if row["phase"] not in (*PHASES, "both"):
        yield LayerProblem(at, f"phase {row['phase']!r}", "construction, operation or both", "correct it")
    months = re.fullmatch(r"(\d{1,2})-(\d{1,2})", str(row["months"]))
    if not months or not all(1 <= int(m) <= 12 for m in months.groups()):
        yield LayerProblem(
            at, f"months {row['months']!r}", "first-last, as 10-3", "write two months of 1 to 12"
        )
    if not float(row["within_m"]) >= 0:
        yield LayerProblem(at, f"within_m {row['within_m']}", "0 m or more", "correct it")


def _rule(row: dict[Any, Any]) -> SeasonRule:
    first, last = (int(m) for m in str(row["months"]).split("-"))
    title, text = (
        Text(en=row[f"{key}_en"], zh_hant=row[f"{key}_zh_hant"], zh_hans=row[f"{key}_zh_hans"])
        for key in ("title", "rule")
    )
    return SeasonRule(
        rule_id=row["rule_id"],
        applies_to=row["applies_to"],
        subjects=tuple(row["subjects"].split()),
        phases=PHASES if row["phase"] == "both" else (row["phase"],),
        within_m=float(row["within_m"]),
        first_month=first,
        last_month=last,
        title=title,
        text=text,
        **{c: str(row[c]) for c in RULE_COLUMNS[-6:]},
    )


def read_rules(path: Path) -> pd.DataFrame:
    """A table of rules as :func:`season_rules` takes it."""
    return pd.read_csv(path, encoding="utf-8", keep_default_na=False)


RULES = season_rules(read_rules(paths.layers_dir() / "ecology" / "seasonal_rules.csv"))
"""The shipped rules."""


def season_flags(result: EcologyResult, land: Land, rules: tuple[SeasonRule, ...] = RULES) -> pd.DataFrame:
    """Which rule applies to which part or site, near what: a row for each, with :data:`FLAG_COLUMNS`.

    Distances run from the footprint that works at the surface (construction) or from trains in the open
    (operation) to the edge of a wildlife site; ``accuracy_m`` is how well its place is known. ``sure`` is
    whether it lies within the distance as drawn; places that may lie within it are flagged as not sure. For
    habitats ``area_ha`` is what lies within the distance, works included (``distance_m`` is then not stated).
    ``months`` reads first-last. No rows mean that no rule was found to apply to what is known.
    """
    asked = [
        (rule, shape, head)
        for phase in PHASES
        for head, shape in _sources(result.footprint, phase)
        for rule in rules
        if phase in rule.phases
    ]
    rows = [
        *_near_sites([a for a in asked if a[0].applies_to == "wildlife"], land),
        *_near_habitat([a for a in asked if a[0].applies_to == "habitat"], land),
    ]
    frame = pd.DataFrame(rows, columns=FLAG_COLUMNS)
    keys = ["line_id", "rule_id", "subject_id", "phase", "part_id", "site_id"]
    return frame.sort_values(keys, kind="stable", ignore_index=True)


def _sources(prints: gpd.GeoDataFrame, phase: Phase) -> Iterator[tuple[dict[str, Any], Any]]:
    """Each part and site that works or runs at the surface, with the outline of it."""
    keys = ["line_id", "part_id", "site_id", "structure"]
    active = prints["surface" if phase == "construction" else "operation"].to_numpy().astype(bool)
    shapes: dict[tuple[str, ...], list[Any]] = {}
    for *key, shape in zip(*(prints[c].to_numpy()[active] for c in (*keys, "geometry")), strict=True):
        shapes.setdefault(tuple(key), []).append(shape)
    for values in sorted(shapes):
        head = dict(zip(keys, values, strict=True)) | {"phase": phase}
        yield head, shapely.union_all(shapes[values])


def _near_sites(asked: list[_Asked], land: Land) -> Iterator[dict[str, Any]]:
    """Flags of the rules on wildlife sites."""
    if land.wildlife_sites.empty:
        return
    sites = pd.DataFrame(land.wildlife_sites).to_dict("records")
    outlines = land.wildlife_sites.geometry.to_numpy()
    accuracy_m = np.array([_number(site.get("accuracy_m")) for site in sites])
    for rule, shape, head in asked:
        distances_m = shapely.distance(outlines, shape)
        for at in np.flatnonzero(distances_m <= rule.within_m + accuracy_m):
            site = sites[int(at)]
            if site["kind"] in rule.subjects:
                yield (
                    head
                    | _said(rule)
                    | _names(site)
                    | {
                        "subject_id": site["site_id"],
                        "subject_kind": site["kind"],
                        "distance_m": float(distances_m[at]),
                        "accuracy_m": float(accuracy_m[at]),
                        "sure": bool(distances_m[at] <= rule.within_m),
                        "area_ha": float("nan"),
                    }
                )


def _number(value: Any) -> float:
    """A number, 0 where there is none."""
    return 0.0 if value is None or pd.isna(value) else float(value)


def _near_habitat(asked: list[_Asked], land: Land) -> Iterator[dict[str, Any]]:
    """Flags of the rules on habitats; all surroundings are overlaid at once."""
    if not asked:
        return
    around = [shapely.buffer(shape, rule.within_m, quad_segs=12) for rule, shape, _ in asked]
    classes = {row["code"]: row for row in land.classes.to_dict("records")}
    shares = habitat_shares(around, land)
    for at, code, share in shares.itertuples(index=False):
        row, (rule, _, head) = classes.get(code), asked[int(at)]
        area_ha = float(share) * around[int(at)].area / M2_PER_HA
        if row is not None and row["habitat_id"] in rule.subjects and area_ha >= LEAST_HA:
            yield (
                head
                | _said(rule)
                | _names(row)
                | {
                    "subject_id": row["habitat_id"],
                    "subject_kind": "habitat",
                    "distance_m": float("nan"),
                    "accuracy_m": float("nan"),
                    "sure": True,
                    "area_ha": area_ha,
                }
            )


def _names(row: Mapping[Any, Any]) -> dict[str, str]:
    """The names of a row in three scripts, empty where it has none."""
    return {c: str(row.get(c, "") or "") for c in ("name_en", "name_zh_hant", "name_zh_hans")}


def _said(rule: SeasonRule) -> dict[str, Any]:
    """What a rule says, in the columns of a flag."""
    texts = {
        f"{key}_{column}": words
        for key, text in (("title", rule.title), ("rule", rule.text))
        for column, words in (("en", text.en), ("zh_hant", text.zh_hant), ("zh_hans", text.zh_hans))
    }
    sources = {c: getattr(rule, c) for c in RULE_COLUMNS[-6:]}
    months = f"{rule.first_month}-{rule.last_month}"
    return {"rule_id": rule.rule_id, "within_m": rule.within_m, "months": months} | texts | sources

"""Seasonal working rules as flags: which rule of which months meets which part or site of a line.

The rules are in ``layers/ecology/seasonal_rules.csv`` (:func:`season_rules` reads it), each with the source of
the rule, of its distance and of its months. A flag changes no hectare: it says what to plan the works by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from corridor.core.errors import Problems
from corridor.ecology import M2_PER_HA
from corridor.ecology.impact.assess import LandTake
from corridor.ecology.impact.disturbance import PHASES, Phase, source_rows
from corridor.ecology.impact.overlap import habitat_shares
from corridor.ecology.land.checks import check_choice, check_columns
from corridor.ecology.land.land import Land
from corridor.schema.rows import NAMES, in_columns, number_of, row_name, text_of
from corridor.schema.text import Text

TEXT_COLUMNS = (*in_columns(Text(en=""), "title"), *in_columns(Text(en=""), "rule"))
CERTAINTY_COLUMNS = (
    "source", "confidence", "distance_source", "distance_confidence", "months_source", "months_confidence",
)  # fmt: skip
RULE_COLUMNS = (
    "rule_id", "applies_to", "subjects", "phase", "within_m", "months", *TEXT_COLUMNS, *CERTAINTY_COLUMNS,
)  # fmt: skip
FLAG_COLUMNS = [
    "rule_id", "line_id", "part_id", "site_id", "structure", "phase", "subject_id", "subject_kind", *NAMES, "within_m",
    "distance_m", "accuracy_m", "sure", "area_ha", "months", *TEXT_COLUMNS, *CERTAINTY_COLUMNS,
]  # fmt: skip
APPLIES_TO = ("wildlife", "habitat")
_Asked = tuple["SeasonRule", Any, dict[str, Any]]
LEAST_HA = 0.005
"""Habitat of less than this within a rule's distance raises no flag: 50 square metres, a tenth of a cell."""


@dataclass(frozen=True)
class SeasonRule:
    """A working rule: what it guards (kinds of wildlife site, or habitats), how near, in which months.

    ``cells``: what a flag says of it, by column: rule_id, within_m, months (first-last, which may pass the turn of the
    year, as 10-3), its texts, and the sources and confidences of the rule, of its distance and of its months.
    """

    applies_to: str
    subjects: tuple[str, ...]
    phases: tuple[Phase, ...]
    within_m: float
    cells: Mapping[str, Any]


def season_rules(frame: pd.DataFrame) -> tuple[SeasonRule, ...]:
    """The rules of a frame with :data:`RULE_COLUMNS`; raises :class:`LayerError` with all its faults."""
    where, rows = "seasonal rules", frame.to_dict("records")
    with Problems() as found:
        check_columns(found, where, frame, RULE_COLUMNS)
    with Problems() as found:
        for row in rows:
            _check_rule(found, f"{where}, {row['rule_id']}", row)
    return tuple(_rule(row) for row in rows)


def _check_rule(found: Problems, where: str, row: dict[Any, Any]) -> None:
    check_choice(found, f"{where}, applies_to", row["applies_to"], APPLIES_TO)
    check_choice(found, f"{where}, phase", row["phase"], (*PHASES, "both"))
    months = re.fullmatch(r"(\d{1,2})-(\d{1,2})", str(row["months"]))
    if not months or not all(1 <= int(m) <= 12 for m in months.groups()):
        remedy = "write two months of 1 to 12"
        found.add(where, f"months {row['months']!r}", "first-last, as 10-3", remedy)
    if not float(row["within_m"]) >= 0:
        found.add(where, f"within_m {row['within_m']}", "0 m or more", "correct it")


def _rule(row: dict[Any, Any]) -> SeasonRule:
    cells = {
        "rule_id": row["rule_id"],
        "within_m": float(row["within_m"]),
        "months": "-".join(str(int(month)) for month in row["months"].split("-")),
        **in_columns(row_name(row, "title"), "title"),
        **in_columns(row_name(row, "rule"), "rule"),
        **{c: str(row[c]) for c in CERTAINTY_COLUMNS},
    }
    phases = PHASES if row["phase"] == "both" else (row["phase"],)
    return SeasonRule(row["applies_to"], tuple(row["subjects"].split()), phases, cells["within_m"], cells)


def season_flags(result: LandTake, land: Land, rules: Sequence[SeasonRule]) -> pd.DataFrame:
    """Which rule applies to which part or site, near what: a row for each, with :data:`FLAG_COLUMNS`.

    Distances run from the footprint that works at the surface (construction) or from trains in the open
    (operation) to the edge of a wildlife site; ``accuracy_m`` is how well its place is known. ``sure`` is
    whether it is within the distance as drawn; places that may be within it are flagged as not sure. For
    habitats ``area_ha`` is the area within the distance, works included (``distance_m`` is then not stated).
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
    frame = pd.DataFrame(rows, columns=FLAG_COLUMNS).astype(
        dict.fromkeys(("distance_m", "accuracy_m", "area_ha"), float)
    )
    keys = ["line_id", "rule_id", "subject_id", "phase", "part_id", "site_id"]
    return frame.sort_values(keys, kind="stable", ignore_index=True)


def _sources(prints: gpd.GeoDataFrame, phase: Phase) -> Iterator[tuple[dict[str, Any], Any]]:
    """Each part and site that works or runs at the surface, with the outline of it."""
    keys = ["line_id", "part_id", "site_id", "structure"]
    for values, rows in source_rows(prints, phase).groupby(keys, sort=True):
        head = dict(zip(keys, values, strict=True)) | {"phase": phase}
        yield head, shapely.union_all(rows.geometry.to_numpy())


def _near_sites(asked: list[_Asked], land: Land) -> Iterator[dict[str, Any]]:
    """Flags of the rules on wildlife sites."""
    if land.wildlife_sites.empty:
        return
    sites = pd.DataFrame(land.wildlife_sites).to_dict("records")
    outlines = land.wildlife_sites.geometry.to_numpy()
    accuracy_m = np.array([number_of(site.get("accuracy_m")) or 0.0 for site in sites])
    for rule, shape, head in asked:
        distances_m = shapely.distance(outlines, shape)
        # a site whose place is known only roughly may be nearer than it is drawn
        for at in np.flatnonzero(distances_m <= rule.within_m + accuracy_m):
            site, near_m = sites[int(at)], float(distances_m[at])
            if site["kind"] in rule.subjects:
                flag = _flag(head, rule, site, site["site_id"], site["kind"])
                sure = near_m <= rule.within_m
                yield flag | {"distance_m": near_m, "accuracy_m": float(accuracy_m[at]), "sure": sure}


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
            yield _flag(head, rule, row, row["habitat_id"], "habitat") | {"sure": True, "area_ha": area_ha}


def _flag(
    head: dict[str, Any], rule: SeasonRule, subject: Mapping[Any, Any], subject_id: str, subject_kind: str
) -> dict[str, Any]:
    """What part or site, rule and subject say, in the columns of a flag; figures are missing."""
    return {
        **head,
        **rule.cells,
        **{c: text_of(subject.get(c)) for c in NAMES},
        "subject_id": subject_id,
        "subject_kind": subject_kind,
    }

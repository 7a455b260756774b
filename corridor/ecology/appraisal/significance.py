"""A matrix under the headings of Annex 8 of the EIAO Technical Memorandum: a level, its figure and its reason.

A **screening aid**, never a statutory conclusion. Each part and site of each line is looked at for each group of
habitat that it takes, and each line for each group that it disturbs. A criterion gets one of four levels (none,
minor, moderate, severe) by thresholds declared in ``layers/ecology/significance.csv``; most are assumptions. The
level of a row is worked out from its six criteria by one rule, :func:`combined_level`. Every level carries the
figure that set it and a reason in English, traditional and simplified Chinese.

Annex 8, Table 1 (impact): habitat quality, species, size/abundance, duration, reversibility, magnitude. Table 2
(habitat): eleven headings, of which some need a field survey and say so. Table 3 (species) is not assessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from corridor.ecology.appraisal.ledger import Compensation, kept_share
from corridor.ecology.impact.assess import EcologyResult
from corridor.ecology.land.checks import ColumnProblem, LayerProblem, raise_all
from corridor.ecology.land.land import NOT_ASSESSED, NOT_ASSESSED_CODE, PROTECTED, PROTECTED_KINDS, Land

LABEL = "screening aid modelled on the headings of EIAO-TM Annex 8, not an impact assessment"
LEVELS = ("none", "minor", "moderate", "severe")
IMPACT = ("habitat_quality", "species", "size_abundance", "duration", "reversibility", "magnitude")
HABITAT = (
    "naturalness", "size", "diversity", "rarity", "re_creatability", "fragmentation", "ecological_linkage",
    "potential_value", "nursery", "age", "abundance_richness",
)  # fmt: skip
SURVEYED = ("diversity", "potential_value", "age", "abundance_richness")
SCRIPTS = ("en", "zh_hant", "zh_hans")
STEPS = ("minor", "moderate", "severe")
UNIT = ["line_id", "unit_kind", "unit_id", "structure", "group"]
FINDING = ["level", "value", "measure", *(f"reason_{s}" for s in SCRIPTS)]
WILDLIFE = "wildlife_sites"
NEAR_M = 300.0
ASSESSED_M = 500.0

Reason = tuple[str, str, str]


@dataclass(frozen=True)
class Finding:
    """A level (0 none to 3 severe) with the figure that set it and why, in three scripts."""

    level: int
    value: float
    measure: str
    reason: Reason


@dataclass(frozen=True, eq=False)
class Thresholds:
    """The declared table: steps by (criterion, subject), words by id in three scripts, fixed ratings."""

    steps: Mapping[tuple[str, str], tuple[float, float, float]]
    words: Mapping[str, Reason]
    ratings: Mapping[tuple[str, str], int]

    @classmethod
    def of(cls, table: pd.DataFrame) -> Thresholds:
        """Read the table (id, kind, subject, label_*, minor, moderate, severe); faults are raised together."""
        columns = ["id", "kind", "subject", *(f"label_{s}" for s in SCRIPTS), *STEPS]
        if missing := [c for c in columns if c not in table.columns]:
            raise_all([
                ColumnProblem("significance table", "no column " + ", ".join(missing), ", ".join(columns), "add")
            ])  # fmt: skip
        rows = table.assign(subject=table["subject"].fillna("").astype(str))
        numbers = rows[rows["kind"].isin(("threshold", "rating"))]
        raise_all(_problems(rows, numbers))
        named = rows[~rows["kind"].isin(("threshold", "rating"))]
        labels = named[[f"label_{s}" for s in SCRIPTS]].itertuples(index=False)
        return cls(
            {
                (r.id, r.subject): (float(r.minor), float(r.moderate), float(r.severe))
                for r in numbers[numbers["kind"] == "threshold"].itertuples()
            },
            {str(i): (str(a), str(b), str(c)) for i, (a, b, c) in zip(named["id"], labels, strict=True)},
            {
                (r.id, r.subject): int(r.minor)
                for r in numbers[numbers["kind"] == "rating"].itertuples()
            },
        )  # fmt: skip

    def level(self, criterion: str, value: float, subject: str = "") -> int:
        """How many steps the value has reached; a first step of 0 means anything above 0.

        Where severe is below minor, less is worse. A subject without steps of its own has those of all.
        """
        steps = self.steps.get((criterion, subject)) or self.steps[criterion, ""]
        if steps[2] < steps[0]:
            return sum(value <= step for step in steps)
        return sum(value >= step if step > 0 else value > 0 for step in steps)

    def say(self, word: str, **values: object) -> Reason:
        """A reason in three scripts; a value may itself be three texts."""
        en, hant, hans = (
            text.format(**{k: v[i] if isinstance(v, tuple) else v for k, v in values.items()})
            for i, text in enumerate(self.words[word])
        )
        return en, hant, hans


WANTED_STEPS = (
    ("habitat_quality", ""), ("species", ""), ("size_abundance", ""),
    ("size_abundance", "near"), ("size_abundance", "sites"), ("duration", ""), ("duration", "permanent"), ("reversibility", ""),
    ("magnitude", ""), ("magnitude", "corridor"), ("magnitude", "corridor_taken"), ("magnitude", "deck"),
    ("size", ""), ("rarity", ""), ("re_creatability", ""), ("ecological_linkage", ""),
)  # fmt: skip
WORDS = (
    "taken", "near", "value", "no_value", "no_ground", "too_far", "protected", "wildlife", "no_wildlife", "for_good", "for_years",
    "trains", "not_given_back", "given_back", "ends", "corridor", "corridor_taken", "deck", "disturbed",
    "closed", "untouched", "unknown", "hectares", "share", "ratio", "man_made", "corridors", "survey",
    "elsewhere", "construction", "operation", "by_species", "see_wildlife", "sites", "trains_near",
)  # fmt: skip


def _problems(rows: pd.DataFrame, numbers: pd.DataFrame) -> Iterator[LayerProblem]:
    where = "significance table"
    given = set(zip(numbers["id"], numbers["subject"], strict=True))
    for criterion, subject in [w for w in WANTED_STEPS if w not in given]:
        yield LayerProblem(
            f"{where}, {criterion} {subject}".strip(), "no thresholds", "three steps", "add a row"
        )
    for word in sorted(set(WORDS) | set(IMPACT) | set(HABITAT)):
        if word not in set(rows.loc[~rows["kind"].isin(("threshold", "rating")), "id"]):
            yield LayerProblem(f"{where}, {word}", "no label", "a text in three scripts", "add a row")
    for row in numbers[numbers["kind"] == "threshold"].itertuples():
        steps = [float(row.minor), float(row.moderate), float(row.severe)]
        if steps not in (sorted(steps), sorted(steps, reverse=True)):
            yield LayerProblem(
                f"{where}, {row.id} {row.subject}".strip(), f"steps {steps}", "rising or falling", "sort them"
            )


@dataclass(frozen=True, eq=False)
class Significance:
    """The matrix of a result.

    ``overall``: a row for each line, part or site (unit_kind: part, site; ``line`` for what a line disturbs) and
    group of habitat (or ``protected``, ground inside protected areas, and for a line ``wildlife_sites``): level (0 to 3, missing where no habitat is known), level_name, one column of levels for each of
    the six criteria, reason_en, reason_zh_hant, reason_zh_hans (of the criteria at or above its level).
    ``impacts``: the same cells in long form: criterion, level, value, measure, reason in three scripts.
    ``habitats``: Annex 8 Table 2 for each habitat affected: habitat_id, criterion, rating (0 to 3 or missing),
    value, reason. ``lines``: the highest level of each line and how many rows reach it. ``not_assessed``: headings
    without a figure, and why.
    """

    overall: pd.DataFrame
    impacts: pd.DataFrame
    habitats: pd.DataFrame
    lines: pd.DataFrame
    not_assessed: pd.DataFrame
    label: str = LABEL


def significance(
    result: EcologyResult,
    land: Land,
    thresholds: pd.DataFrame | Thresholds,
    classes: pd.DataFrame,
    compensation: pd.DataFrame | Compensation,
    quality: Mapping[str, float] | None = None,
) -> Significance:
    """The matrix of a result against its land.

    ``classes`` (habitat_id, group, ecological_value, names) and ``compensation`` are those of the ledger;
    ``quality`` scales the ecological value of a habitat (0 to 1). No works give an empty matrix: nothing, not zero harm.
    """
    table = thresholds if isinstance(thresholds, Thresholds) else Thresholds.of(thresholds)
    ledger = (
        compensation if isinstance(compensation, Compensation) else Compensation.of(compensation, classes)
    )
    worth = _worth(ledger, quality or {})
    judge = _Judge(result, table, ledger, worth, _names(classes))
    cells = [*judge.units(), *judge.lines()]
    overall = pd.DataFrame([_row(*cell) for cell in cells], columns=OVERALL)
    overall = overall.astype({"level": "Int64", **dict.fromkeys(IMPACT, "Int64")})
    return Significance(
        overall,
        _long(cells),
        _habitats(result, land, table, ledger, judge.names),
        _lines(overall),
        _missing(table),
    )


OVERALL = [*UNIT, "level", "level_name", *IMPACT, *(f"reason_{s}" for s in SCRIPTS)]
Cell = tuple[tuple[str, ...], dict[str, Finding], Reason | None]


def combined_level(levels: Mapping[str, int]) -> int:
    """The level of a row from its six criteria, 0 to 3.

    importance = the higher of habitat quality and species; extent = the higher of size, magnitude and species. None if
    either is none, else their mean rounded down; one level less, not below minor, where duration and reversibility
    are at most moderate, since what is short and comes back weighs less (Annex 8, Table 1). An assumption of this
    screening.
    """
    importance = max(levels["habitat_quality"], levels["species"])
    extent = max(levels["size_abundance"], levels["magnitude"], levels["species"])
    if not importance or not extent:
        return 0
    level = (importance + extent) // 2
    passing = max(levels["duration"], levels["reversibility"]) < 3
    return max(1, level - 1) if passing else level


def _row(unit: tuple[str, ...], findings: Mapping[str, Finding], plain: Reason | None) -> tuple[object, ...]:
    """A row of ``overall``: with findings, or with one plain reason (nothing taken: none; unknown: missing)."""
    if not findings:
        reason = plain or ("", "", "")
        known = unit[-1] != NOT_ASSESSED
        return (*unit, 0 if known else None, LEVELS[0] if known else NOT_ASSESSED, *[None] * 6, *reason)
    levels = {c: findings[c].level for c in IMPACT}
    level = combined_level(levels)
    telling = [findings[c].reason for c in IMPACT if levels[c] >= max(level, 1)] or [
        findings["habitat_quality"].reason
    ]
    joins = ("; ", "；", "；")
    reasons = [join.join(dict.fromkeys(r[i] for r in telling)) for i, join in enumerate(joins)]
    return (*unit, level, LEVELS[level], *levels.values(), *reasons)


def _long(cells: Sequence[Cell]) -> pd.DataFrame:
    rows = [
        (*unit, criterion, f.level, f.value, f.measure, *f.reason)
        for unit, findings, _ in cells
        for criterion, f in findings.items()
    ]
    return pd.DataFrame(rows, columns=[*UNIT, "criterion", *FINDING])


def _lines(overall: pd.DataFrame) -> pd.DataFrame:
    """The highest level of each line: line_id, level, level_name, rows at that level, rows without a level."""
    rows = []
    for line_id, mine in overall.groupby("line_id", sort=True):
        known = mine["level"].dropna()
        top = int(known.max()) if len(known) else 0
        rows.append((line_id, top, LEVELS[top], int((known == top).sum()), int(mine["level"].isna().sum())))
    return pd.DataFrame(rows, columns=["line_id", "level", "level_name", "rows", "rows_not_assessed"])


def _worth(ledger: Compensation, quality: Mapping[str, float]) -> dict[str, float]:
    values = ledger.habitats.loc["central", "ecological_value"]
    return {str(h): float(v) * float(quality.get(str(h), 1.0)) for h, v in values.items()}


def _names(classes: pd.DataFrame) -> dict[str, Reason]:
    columns = [f"name_{s}" if f"name_{s}" in classes.columns else "habitat_id" for s in SCRIPTS]
    texts = classes[columns].to_numpy(dtype=object)
    return {
        str(h): (str(a), str(b), str(c)) for h, (a, b, c) in zip(classes["habitat_id"], texts, strict=True)
    }


@dataclass
class _Ground:
    """What one unit does to one group of habitat, in hectares; only habitat of some value counts."""

    structure: str
    by_permanence: dict[str, float]
    by_habitat: dict[str, float]
    worthless_ha: float = 0.0

    def add(self, permanence: str, habitat: str, area_ha: float) -> None:
        """Add an overlap."""
        self.by_permanence[permanence] = self.by_permanence.get(permanence, 0.0) + area_ha
        self.by_habitat[habitat] = self.by_habitat.get(habitat, 0.0) + area_ha

    @property
    def good_ha(self) -> float:
        """Lost for good."""
        return self.by_permanence.get("permanent", 0.0)

    @property
    def taken_ha(self) -> float:
        """Lost for good or for a time."""
        return self.good_ha + self.by_permanence.get("temporary", 0.0)


class _Judge:
    """The figures of one result by unit, judged one by one."""

    def __init__(
        self,
        result: EcologyResult,
        table: Thresholds,
        ledger: Compensation,
        worth: Mapping[str, float],
        names: Mapping[str, Reason],
    ):
        self.result, self.table, self.worth, self.names = result, table, worth, names
        central = ledger.habitats.loc["central"]
        self.years: dict[str, float] = central["years_to_function"].to_dict()
        self.delivery: dict[str, float] = central["delivery_factor"].to_dict()
        self.works_years = float(ledger.general.loc["central", "works_years"])
        self.valued = {h for h, v in worth.items() if table.level("habitat_quality", v)}
        self.wildlife = sorted(_records(result.wildlife_conflicts), key=lambda r: r["distance_m"])
        self.crossed = _crossings(result.corridor_crossings)

    def units(self) -> Iterator[Cell]:
        """Each part and site with each group it takes; parts that take nothing have a row of their own."""
        grounds = {**self._grounds(), **self._protected_grounds()}
        for (line_id, part, site, group), ground in sorted(grounds.items(), key=lambda item: item[0]):
            unit = (line_id, "site" if site else "part", site or part, ground.structure, group)
            if group == NOT_ASSESSED:
                yield unit, {}, self.table.say("unknown", ha=_ha(ground.worthless_ha))
            elif ground.by_habitat:
                yield unit, self._unit_findings(line_id, part, site, group, ground), None
            else:
                yield unit, {}, self.table.say("no_value", ha=_ha(ground.worthless_ha))
        seen = {(line_id, part) for line_id, part, site, _ in grounds if not site}
        for row in _records(self.result.not_assessed_m):
            if (row["line_id"], row["part_id"]) not in seen:
                unit = (row["line_id"], "part", row["part_id"], row["structure"], "")
                yield unit, {}, self.table.say("untouched")

    def _grounds(self) -> dict[tuple[str, str, str, str], _Ground]:
        found: dict[tuple[str, str, str, str], _Ground] = {}
        for r in _records(self.result.habitat_take):
            key = (r["line_id"], r["part_id"], r["site_id"], r["group"])
            ground = found.setdefault(
                key, _Ground(r["component"] if r["site_id"] else r["structure"], {}, {})
            )
            if r["habitat_id"] in self.valued:
                ground.add(r["permanence"], r["habitat_id"], float(r["area_ha"]))
            else:
                ground.worthless_ha += float(r["area_ha"])
        return found

    def _protected_grounds(self) -> dict[tuple[str, str, str, str], _Ground]:
        """Ground inside protected areas: of each unit the designation with most, since they overlap."""
        each: dict[tuple[str, str, str, str], dict[str, _Ground]] = {}
        for r in _records(self.result.designation_take):
            if r["designation"] not in PROTECTED_KINDS:
                continue
            key = (r["line_id"], r["part_id"], r["site_id"], PROTECTED)
            structure = r["component"] if r["site_id"] else r["structure"]
            ground = each.setdefault(key, {}).setdefault(r["designation_id"], _Ground(structure, {}, {}))
            ground.add(r["permanence"], r["designation_id"], float(r["area_ha"]))
        return {
            key: max(grounds.values(), key=lambda g: (g.taken_ha, sum(g.by_habitat.values())))
            for key, grounds in each.items()
        }

    def _unit_findings(
        self, line_id: str, part: str, site: str, group: str, ground: _Ground
    ) -> dict[str, Finding]:
        good, taken = ground.good_ha, ground.taken_ha
        text = self.table.say("taken", ha=_ha(taken), good=_ha(good), time=_ha(taken - good))
        return {
            "habitat_quality": self._quality(group, ground.by_habitat, sum(ground.by_permanence.values())),
            "species": self._species(line_id, site or part),
            "size_abundance": self._finding("size_abundance", taken, "taken_ha", group, text),
            "duration": self._duration(ground),
            "reversibility": self._reversibility(ground),
            "magnitude": self._magnitude((line_id, part, site), ground.by_permanence.get("shade", 0.0)),
        }

    def _finding(self, criterion: str, value: float, measure: str, subject: str, reason: Reason) -> Finding:
        return Finding(self.table.level(criterion, value, subject), value, measure, reason)

    def _quality(self, group: str, by_habitat: Mapping[str, float], ha: float) -> Finding:
        """The highest ecological value affected; a protected area is of the highest (A01). ``ha`` of it lie there."""
        if group == PROTECTED:
            return Finding(3, ha, "protected_ha", self.table.say("protected", ha=_ha(ha)))
        habitat = max(by_habitat, key=lambda h: (self.worth[h], by_habitat[h], h))
        value = self.worth[habitat]
        text = self.table.say("value", value=f"{value:.3g}", name=self.names[habitat])
        return self._finding("habitat_quality", value, "ecological_value", "", text)

    def _species(self, line_id: str, unit_id: str | None = None) -> Finding:
        for row in self.wildlife:
            if row["line_id"] == line_id and unit_id in (None, row["nearest"]):
                text = _wildlife_reason(self.table, row)
                return self._finding("species", float(row["distance_m"]), "distance_m", "", text)
        return Finding(0, float("nan"), "distance_m", self.table.say("no_wildlife"))

    def _lasts(self, good_ha: float) -> bool:
        return self.table.level("duration", good_ha, "permanent") > 0

    def _duration(self, ground: _Ground) -> Finding:
        """For good where enough ground is never given back; else the works and the years to grow back."""
        if self._lasts(ground.good_ha):
            text = self.table.say("for_good", ha=_ha(ground.good_ha))
            return Finding(3, ground.good_ha, "permanent_ha", text)
        years = self.works_years + max(self.years.get(h, 0.0) for h in ground.by_habitat)
        text = self.table.say("for_years", years=f"{years:.0f}")
        return self._finding("duration", years, "years", "", text)

    def _reversibility(self, ground: _Ground) -> Finding:
        if self._lasts(ground.good_ha):
            text = self.table.say("not_given_back", ha=_ha(ground.good_ha))
            return Finding(3, ground.good_ha, "permanent_ha", text)
        share = min(self.delivery.get(h, 1.0) for h in ground.by_habitat)
        text = self.table.say("given_back", share=f"{share:.0%}")
        return self._finding("reversibility", share, "delivery_factor", "", text)

    def _magnitude(self, unit: tuple[str, str, str], deck_ha: float) -> Finding:
        """The worst of corridors crossed in the open, corridors taken, and ground under a deck."""
        deck = self.table.say("deck", ha=_ha(deck_ha))
        found = [self._finding("magnitude", deck_ha, "shade_ha", "deck", deck)]
        open_m, name, taken_ha = self.crossed.get(unit, (0.0, ("", "", ""), 0.0))
        text = self.table.say("corridor", m=f"{open_m:.0f}", name=name)
        found.append(self._finding("magnitude", open_m, "open_m", "corridor", text))
        text = self.table.say("corridor_taken", ha=_ha(taken_ha))
        found.append(self._finding("magnitude", taken_ha, "corridor_ha", "corridor_taken", text))
        worst = max(found, key=lambda f: f.level)
        return worst if worst.level else Finding(0, 0.0, "shade_ha", self.table.say("closed"))

    def lines(self) -> Iterator[Cell]:
        """Each line with what its works or trains disturb: groups of habitat, protected areas, wildlife sites."""
        for (line_id, group), felt in sorted(self._felt().items(), key=lambda item: item[0]):
            unit = (line_id, "line", line_id, "", group)
            if group == NOT_ASSESSED:
                yield unit, {}, self.table.say("unknown", ha=_ha(felt.worthless_ha))
            elif not felt.by_habitat:
                yield (
                    unit,
                    {},
                    self.table.say("too_far" if felt.near_ha or felt.equivalent_ha else "no_ground"),
                )
            else:
                yield unit, self._line_findings(line_id, group, felt), None

        for line_id in sorted({str(r["line_id"]) for r in self.wildlife}):
            yield (line_id, "line", line_id, "", WILDLIFE), self._wildlife_findings(line_id), None

    def _wildlife_findings(self, line_id: str) -> dict[str, Finding]:
        """The wildlife sites near a line: nearest of all, lasting where trains in the open are within reach."""
        mine = [r for r in self.wildlife if r["line_id"] == line_id]
        runs = any(r["phase"] == "operation" for r in mine)
        sites = float(len({r["site_id"] for r in mine}))
        none = Finding(0, float("nan"), "", self.table.say("by_species"))
        years = self.table.say("for_years", years=f"{self.works_years:.0f}")
        return {
            "habitat_quality": none,
            "species": self._species(line_id),
            "size_abundance": self._finding(
                "size_abundance", sites, "sites", "sites", self.table.say("sites", count=f"{sites:.0f}")
            ),
            "duration": Finding(3, sites, "sites", self.table.say("trains_near"))
            if runs
            else self._finding("duration", self.works_years, "years", "", years),
            "reversibility": Finding(1, sites, "sites", self.table.say("ends")),
            "magnitude": none,
        }

    def _felt(self) -> dict[tuple[str, str], _Disturbed]:
        found: dict[tuple[str, str], _Disturbed] = {}
        for r in _records(self.result.habitat_disturbance):
            felt = found.setdefault((r["line_id"], r["group"]), _Disturbed({}, {}, {}))
            if r["habitat_id"] in self.valued:
                felt.add(r, r["habitat_id"])
            else:
                felt.worthless_ha += float(r["area_ha"])
        each: dict[str, dict[str, _Disturbed]] = {}
        for r in _records(self.result.designation_disturbance):
            if r["designation"] in PROTECTED_KINDS:
                felt = each.setdefault(r["line_id"], {}).setdefault(
                    r["designation_id"], _Disturbed({}, {}, {})
                )
                felt.add(r, r["designation_id"])
        for line_id, designations in each.items():
            found[line_id, PROTECTED] = max(designations.values(), key=lambda d: d.worst[1])
        return found

    def _line_findings(self, line_id: str, group: str, felt: _Disturbed) -> dict[str, Finding]:
        phase, equivalent_ha = felt.worst
        near_ha = max(felt.near_ha.values(), default=0.0)
        trains_ha = felt.equivalent_ha.get("operation", 0.0)
        works = f"{self.works_years:.0f}"
        text = self.table.say("disturbed", ha=_ha(equivalent_ha), phase=self.table.words[phase])
        near = self.table.say("near", ha=_ha(near_ha))
        return {
            "habitat_quality": self._quality(group, felt.by_habitat, near_ha),
            "species": Finding(0, float("nan"), "distance_m", self.table.say("see_wildlife")),
            "size_abundance": self._finding("size_abundance", near_ha, "near_ha", "near", near),
            "duration": Finding(3, trains_ha, "equivalent_ha", self.table.say("trains", ha=_ha(trains_ha)))
            if self._lasts(trains_ha)
            else self._finding(
                "duration", self.works_years, "years", "", self.table.say("for_years", years=works)
            ),
            "reversibility": Finding(1, equivalent_ha, "equivalent_ha", self.table.say("ends")),
            "magnitude": self._finding("magnitude", equivalent_ha, "equivalent_ha", group, text),
        }


@dataclass
class _Disturbed:
    """What a line disturbs of one group: hectares by phase, near and weighted by the central curve."""

    near_ha: dict[str, float]
    equivalent_ha: dict[str, float]
    by_habitat: dict[str, float]
    worthless_ha: float = 0.0

    def add(self, row: Mapping[str, Any], subject: str) -> None:
        """Add a band."""
        phase, area_ha, felt_ha = row["phase"], float(row["area_ha"]), float(row["equivalent_central_ha"])
        if row["outer_m"] <= NEAR_M:
            self.near_ha[phase] = self.near_ha.get(phase, 0.0) + area_ha
        self.equivalent_ha[phase] = self.equivalent_ha.get(phase, 0.0) + felt_ha
        if felt_ha > 0:
            self.by_habitat[subject] = self.by_habitat.get(subject, 0.0) + felt_ha

    @property
    def worst(self) -> tuple[str, float]:
        """The phase that disturbs more, and its hectares."""
        return max(self.equivalent_ha.items(), key=lambda item: item[1], default=("construction", 0.0))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain dicts: the matrix looks at each of them once."""
    columns = [frame[c].tolist() for c in frame.columns if c != "geometry"]
    names = [c for c in frame.columns if c != "geometry"]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _crossings(crossings: pd.DataFrame) -> dict[tuple[str, str, str], tuple[float, Reason, float]]:
    """By unit: the longest open crossing in metres, the corridor's names, hectares of corridors taken."""
    found: dict[tuple[str, str, str], tuple[float, Reason, float]] = {}
    touched = crossings[(crossings["length_m"] > 0) | (crossings["area_ha"] > 0)]
    for r in _records(touched):
        key = (r["line_id"], r["part_id"], r["site_id"])
        longest, name, taken_ha = found.get(key, (0.0, ("", "", ""), 0.0))
        open_m = 0.0 if r["underground"] else float(r["length_m"])
        if open_m > longest:
            longest, name = open_m, _three(r, r["corridor_id"])
        found[key] = (longest, name, taken_ha + float(r["area_ha"]))
    return found


def _three(row: Mapping[str, Any], otherwise: object) -> Reason:
    """The names of a row in three scripts, its id where it has none."""
    en, hant, hans = (_text(row.get(f"name_{s}"), otherwise) for s in SCRIPTS)
    return en, hant, hans


def _wildlife_reason(table: Thresholds, row: Mapping[str, Any]) -> Reason:
    return table.say(
        "wildlife",
        name=_three(row, row["site_id"]),
        m=f"{row['distance_m']:.0f}",
        phase=table.words[str(row["phase"])],
    )


def _ha(value: float) -> str:
    return f"{value:.2f}" if value >= 0.01 or value == 0 else f"{value:.4f}"


def _text(value: object, otherwise: object) -> str:
    return str(value) if isinstance(value, str) and value else str(otherwise)


def _habitats(
    result: EcologyResult,
    land: Land,
    table: Thresholds,
    ledger: Compensation,
    names: Mapping[str, Reason],
) -> pd.DataFrame:
    """Annex 8 Table 2 for each habitat affected: habitat_id, names, criterion, rating, value, reasons."""
    near = result.together.habitat_disturbance
    near = near[near["outer_m"] <= ASSESSED_M].groupby(["phase", "habitat_id"])["area_ha"].sum()
    near = near.groupby("habitat_id").max()
    take = result.together.habitat_take.groupby("habitat_id")["area_ha"].sum()
    affected = take.add(near, fill_value=0.0).drop(NOT_ASSESSED, errors="ignore").astype(float)
    shares = _shares(land)
    rows: list[tuple[object, ...]] = []
    for habitat, area_ha in affected.items():
        found = _rated(str(habitat), float(area_ha), result, table, ledger, shares)
        rows += [(habitat, *names.get(str(habitat), (habitat,) * 3), c, *f) for c, f in found]
    columns = ["habitat_id", *(f"name_{s}" for s in SCRIPTS), "criterion", "rating", "value"]
    frame = pd.DataFrame(rows, columns=[*columns, *(f"reason_{s}" for s in SCRIPTS)])
    return frame.astype({"rating": "Int64", "value": float})


def _rated(
    habitat: str,
    area_ha: float,
    result: EcologyResult,
    table: Thresholds,
    ledger: Compensation,
    shares: Mapping[str, float],
) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Ratings of one habitat by heading: (rating or None, value, three reasons)."""
    row = ledger.habitats.loc[("central", habitat)]
    rate = float(ledger.general.loc["central", "discount_rate"])
    ratio = 1.0 / (float(kept_share(float(row["years_to_function"]), rate)) * float(row["delivery_factor"]))
    share = shares.get(habitat, 0.0)
    c = result.corridor_crossings
    touched = c[(c["area_ha"] > 0) | ((c["length_m"] > 0) & ~c["underground"].astype(bool))]
    count = int(touched["corridor_id"].nunique())
    nest = [r for r in _records(result.wildlife_conflicts) if r["kind"] == "egretry"]
    figures = {
        "size": (area_ha, table.say("hectares", ha=_ha(area_ha))),
        "rarity": (share, table.say("share", share=f"{share:.1%}")),
        "re_creatability": (ratio, table.say("ratio", ratio=f"{ratio:.2f}")),
        "ecological_linkage": (count, table.say("corridors", count=count)),
    }
    for heading in HABITAT:
        if heading in figures:
            value, text = figures[heading]
            yield heading, (table.level(heading, value), value, *text)
        elif heading == "naturalness" and (heading, habitat) in table.ratings:
            rating = table.ratings[heading, habitat]
            yield heading, (rating, float(rating), *table.say("man_made"))
        elif heading == "nursery" and nest:
            first = min(nest, key=lambda r: float(r["distance_m"]))
            distance_m = float(first["distance_m"])
            text = _wildlife_reason(table, first)
            yield heading, (table.level("species", distance_m), distance_m, *text)
        elif heading == "nursery":
            yield heading, (0, float("nan"), *table.say("no_wildlife"))
        else:
            word = "elsewhere" if heading == "fragmentation" else "survey"
            yield heading, (None, float("nan"), *table.say(word))


def _shares(land: Land) -> dict[str, float]:
    """The share of each habitat in the ground that is known, rows of a raster in degrees weighted by latitude."""
    rows = land.habitat.shape[0]
    north, step = land.transform.f, land.transform.e
    degrees = abs(north) <= 90
    weight = np.cos(np.radians(north + (np.arange(rows) + 0.5) * step)) if degrees else np.ones(rows)
    size = int(max(land.habitat.max(), land.nodata)) + 1
    counts = np.zeros(size)
    for row, w in zip(land.habitat, weight, strict=True):
        counts += w * np.bincount(row, minlength=size)
    counts[land.nodata] = 0.0
    total = counts.sum()
    known = land.names[land.names.index != NOT_ASSESSED_CODE]["habitat_id"]
    return {str(h): float(counts[c] / total) if c < size else 0.0 for c, h in known.items()}


def _missing(table: Thresholds) -> pd.DataFrame:
    """Headings without a figure: table, criterion, reason in three scripts."""
    rows = [("Table 2", h, *table.say("survey")) for h in SURVEYED]
    rows.append(("Table 2", "fragmentation", *table.say("elsewhere")))
    rows += [("Table 3", h, *table.say("survey")) for h in ("protection_status", "distribution", "rarity")]
    return pd.DataFrame(rows, columns=["table", "criterion", *(f"reason_{s}" for s in SCRIPTS)])


__all__ = [
    "HABITAT", "IMPACT", "LEVELS", "PROTECTED", "Finding", "Significance", "Thresholds", "combined_level",
    "significance",
]  # fmt: skip

"""Annex 8, Table 1: the six criteria of impact for each part, site and line.

A part or site is judged by the ground that it takes, a line by what its works or trains disturb. Ground counts where its
ecological value reaches the first step of habitat quality.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from corridor.ecology.appraisal.ledger import Compensation
from corridor.ecology.appraisal.thresholds import SCRIPTS, Finding, Reason, Thresholds
from corridor.ecology.impact.assess import EcologyResult
from corridor.ecology.impact.disturbance import PHASES
from corridor.ecology.land.land import NOT_ASSESSED, PROTECTED, PROTECTED_KINDS

UNIT = ["line_id", "unit_kind", "unit_id", "structure", "group"]
WILDLIFE = "wildlife_sites"
NEAR_M = 300.0

Cell = tuple[tuple[str, ...], dict[str, Finding], Reason | None]
"""A unit (:data:`UNIT`) with its findings by criterion, or with one plain reason."""
Key = tuple[str, ...]


def _none() -> defaultdict[str, float]:
    return defaultdict(float)


@dataclass
class _Affected:
    """What a unit takes or disturbs of one group of habitat, in hectares; only habitat of some value counts.

    ``by_kind``: taken by permanence, or disturbed by phase (weighted by the central curve); ``near_ha`` by phase.
    """

    structure: str = ""
    by_kind: defaultdict[str, float] = field(default_factory=_none)
    near_ha: defaultdict[str, float] = field(default_factory=_none)
    by_habitat: defaultdict[str, float] = field(default_factory=_none)
    worthless_ha: float = 0.0

    def add(self, row: Mapping[str, Any], subject: str) -> None:
        """Add a piece of ground taken, or a band of disturbance."""
        if "phase" not in row:
            self.by_kind[row["permanence"]] += row["area_ha"]
            self.by_habitat[row[subject]] += row["area_ha"]
            return
        if row["outer_m"] <= NEAR_M:
            self.near_ha[row["phase"]] += row["area_ha"]
        self.by_kind[row["phase"]] += row["equivalent_central_ha"]
        if row["equivalent_central_ha"] > 0:
            self.by_habitat[row[subject]] += row["equivalent_central_ha"]

    @property
    def taken_ha(self) -> float:
        """Lost permanently or temporarily."""
        return self.by_kind["permanent"] + self.by_kind["temporary"]

    @property
    def worst(self) -> tuple[str, float]:
        """The phase that disturbs more, and its hectares."""
        return max(self.by_kind.items(), key=lambda item: item[1], default=("construction", 0.0))

    @property
    def size(self) -> tuple[float, float]:
        """By which the designation with most is chosen: what is disturbed in the worse phase, or what is taken."""
        phases = {p: ha for p, ha in self.by_kind.items() if p in PHASES}
        return (max(phases.values()), 0.0) if phases else (self.taken_ha, sum(self.by_habitat.values()))


class ImpactCriteria:
    """The figures of one result by unit, judged one by one. ``names``: those of the habitats in three scripts."""

    def __init__(
        self, result: EcologyResult, table: Thresholds, ledger: Compensation, names: Mapping[str, Reason]
    ):
        self.result, self.table, self.names = result, table, names
        central = ledger.habitats.loc["central"]
        self.worth: dict[str, float] = central["ecological_value"].astype(float).to_dict()
        self.years: dict[str, float] = central["years_to_function"].to_dict()
        self.delivery: dict[str, float] = central["delivery_factor"].to_dict()
        self.works_years = float(ledger.general.loc["central", "works_years"])
        self.valued = {h for h, v in self.worth.items() if table.level("habitat_quality", v)}
        self.wildlife = result.wildlife_conflicts.sort_values("distance_m", kind="stable").to_dict("records")
        self.crossed = _crossings(result.corridor_crossings)

    def units(self) -> Iterator[Cell]:
        """Each part and site with each group of habitat it takes; parts that take nothing have a row of their own.

        Yields
        ------
        Cell
            The unit (:data:`UNIT`) with a finding for each criterion of Table 1, or with one reason why it has none.
        """
        takes = self.result.habitat_take, self.result.designation_take
        taken = self._affected(*takes, ("line_id", "part_id", "site_id"))
        for (line_id, part, site, group), ground in sorted(taken.items(), key=lambda item: item[0]):
            unit = (line_id, "site" if site else "part", site or part, ground.structure, group)
            if ground.by_habitat and group != NOT_ASSESSED:
                yield unit, self._unit_findings((line_id, part, site), group, ground), None
            else:
                word = "unknown" if group == NOT_ASSESSED else "no_value"
                yield unit, {}, self.table.say(word, ha=ground.worthless_ha)
        seen = {(line_id, part) for line_id, part, site, _ in taken if not site}
        for row in self.result.not_assessed_m.to_dict("records"):
            if (row["line_id"], row["part_id"]) not in seen:
                unit = (row["line_id"], "part", row["part_id"], row["structure"], "")
                yield unit, {}, self.table.say("untouched")

    def lines(self) -> Iterator[Cell]:
        """Each line with what its works or trains disturb: groups of habitat, protected areas, wildlife sites.

        Yields
        ------
        Cell
            As in :meth:`units`, ``unit_kind`` being ``line``; :data:`WILDLIFE` is a group of its own.
        """
        bands = self.result.habitat_disturbance, self.result.designation_disturbance
        for (line_id, group), felt in sorted(
            self._affected(*bands, ("line_id",)).items(), key=lambda item: item[0]
        ):
            unit = (line_id, "line", line_id, "", group)
            if group == NOT_ASSESSED:
                yield unit, {}, self.table.say("unknown", ha=felt.worthless_ha)
            elif felt.by_habitat:
                yield unit, self._line_findings(group, felt), None
            else:
                yield unit, {}, self.table.say("too_far" if felt.near_ha or felt.by_kind else "no_ground")
        for line_id in sorted({str(r["line_id"]) for r in self.wildlife}):
            yield (line_id, "line", line_id, "", WILDLIFE), self._wildlife_findings(line_id), None

    def _affected(
        self, habitats: pd.DataFrame, designations: pd.DataFrame, keys: tuple[str, ...]
    ) -> dict[Key, _Affected]:
        """By unit and group of habitat; for ``protected`` the designation with most, since they overlap."""
        found: dict[Key, _Affected] = {}
        for row in habitats.to_dict("records"):
            mine = found.setdefault((*(row[k] for k in keys), row["group"]), _Affected(_structure(row)))
            if row["habitat_id"] in self.valued:
                mine.add(row, "habitat_id")
            else:
                mine.worthless_ha += row["area_ha"]
        each: dict[Key, _Affected] = {}
        for row in designations[designations["designation"].isin(PROTECTED_KINDS)].to_dict("records"):
            key = (*(row[k] for k in keys), row["designation_id"])
            each.setdefault(key, _Affected(_structure(row))).add(row, "designation_id")
        for (*unit, _), mine in each.items():
            key = (*unit, PROTECTED)
            if key not in found or mine.size > found[key].size:
                found[key] = mine
        return found

    def _unit_findings(self, unit: Key, group: str, ground: _Affected) -> dict[str, Finding]:
        find, say = self.table.find, self.table.say
        good, taken = ground.by_kind["permanent"], ground.taken_ha
        if self._lasts(good):
            duration = Finding(3, say("permanent", ha=good))
            reversibility = Finding(3, say("not_given_back", ha=good))
        else:
            duration = self._years(self.works_years + max(self.years.get(h, 0.0) for h in ground.by_habitat))
            share = min(self.delivery.get(h, 1.0) for h in ground.by_habitat)
            reversibility = find("reversibility", share, "given_back", share=f"{share:.0%}")
        return {
            "habitat_quality": self._quality(group, ground.by_habitat, sum(ground.by_kind.values())),
            "species": self._species(unit[0], unit[2] or unit[1]),
            "size_abundance": find(
                "size_abundance", taken, "taken", group, ha=taken, good=good, time=taken - good
            ),
            "duration": duration,
            "reversibility": reversibility,
            "magnitude": self._magnitude(unit, ground.by_kind["shade"]),
        }

    def _line_findings(self, group: str, felt: _Affected) -> dict[str, Finding]:
        find, say = self.table.find, self.table.say
        phase, felt_ha = felt.worst
        near_ha = max(felt.near_ha.values(), default=0.0)
        trains_ha = felt.by_kind["operation"]
        lasts = self._lasts(trains_ha)
        return {
            "habitat_quality": self._quality(group, felt.by_habitat, near_ha),
            "species": Finding(0, say("see_wildlife")),
            "size_abundance": find("size_abundance", near_ha, "near", "near", ha=near_ha),
            "duration": Finding(3, say("trains", ha=trains_ha)) if lasts else self._years(self.works_years),
            "reversibility": Finding(1, say("ends")),
            "magnitude": find(
                "magnitude", felt_ha, "disturbed", group, ha=felt_ha, phase=self.table.words[phase]
            ),
        }

    def _wildlife_findings(self, line_id: str) -> dict[str, Finding]:
        """The wildlife sites near a line: nearest of all, lasting where trains in the open are within reach."""
        say = self.table.say
        mine = [r for r in self.wildlife if r["line_id"] == line_id]
        sites = len({r["site_id"] for r in mine})
        runs = any(r["phase"] == "operation" for r in mine)
        none = Finding(0, say("by_species"))
        return {
            "habitat_quality": none,
            "species": self._species(line_id),
            "size_abundance": self.table.find("size_abundance", sites, "sites", "sites", count=sites),
            "duration": Finding(3, say("trains_near")) if runs else self._years(self.works_years),
            "reversibility": Finding(1, say("ends")),
            "magnitude": none,
        }

    def _lasts(self, good_ha: float) -> bool:
        return self.table.level("duration", good_ha, "permanent") > 0

    def _years(self, years: float) -> Finding:
        return self.table.find("duration", years, "for_years", years=f"{years:.0f}")

    def _quality(self, group: str, by_habitat: Mapping[str, float], ha: float) -> Finding:
        """The highest ecological value affected; a protected area is of the highest (A01). ``ha`` of it are there."""
        if group == PROTECTED:
            return Finding(3, self.table.say("protected", ha=ha))
        habitat = max(by_habitat, key=lambda h: (self.worth[h], by_habitat[h], h))
        value, name = self.worth[habitat], self.names[habitat]
        reason = self.table.say("value", value=f"{value:.3g}", name=name)
        return Finding(self.table.level("habitat_quality", value), reason)

    def _species(self, line_id: str, unit_id: str | None = None) -> Finding:
        for row in self.wildlife:
            if row["line_id"] == line_id and unit_id in (None, row["nearest"]):
                return Finding(
                    self.table.level("species", row["distance_m"]), wildlife_reason(self.table, row)
                )
        return Finding(0, self.table.say("no_wildlife"))

    def _magnitude(self, unit: Key, deck_ha: float) -> Finding:
        """The worst of corridors crossed in the open, corridors taken, and ground under a deck."""
        find = self.table.find
        open_m, name, taken_ha = self.crossed.get(unit, (0.0, ("", "", ""), 0.0))
        found = [
            find("magnitude", deck_ha, "deck", "deck", ha=deck_ha),
            find("magnitude", open_m, "corridor", "corridor", m=f"{open_m:.0f}", name=name),
            find("magnitude", taken_ha, "corridor_taken", "corridor_taken", ha=taken_ha),
        ]
        worst = max(found, key=lambda f: f.level)
        return worst if worst.level else Finding(0, self.table.say("closed"))


def _structure(row: Mapping[str, Any]) -> str:
    """The structure of a part, or the kind of a site."""
    return str((row["component"] if row["site_id"] else row["structure"]) if "site_id" in row else "")


def _crossings(crossings: pd.DataFrame) -> dict[Key, tuple[float, Reason, float]]:
    """By unit: the longest open crossing in metres, the corridor's names, hectares of corridors taken."""
    found: dict[Key, tuple[float, Reason, float]] = {}
    touched = crossings[(crossings["length_m"] > 0) | (crossings["area_ha"] > 0)]
    for r in touched.to_dict("records"):
        key = (r["line_id"], r["part_id"], r["site_id"])
        longest, name, taken_ha = found.get(key, (0.0, ("", "", ""), 0.0))
        open_m = 0.0 if r["underground"] else float(r["length_m"])
        if open_m > longest:
            longest, name = open_m, _three(r, r["corridor_id"])
        found[key] = (longest, name, taken_ha + float(r["area_ha"]))
    return found


def wildlife_reason(table: Thresholds, row: Mapping[Any, Any]) -> Reason:
    """The reason that names a wildlife site near works or trains."""
    name, phase = _three(row, row["site_id"]), table.words[str(row["phase"])]
    return table.say("wildlife", name=name, m=f"{row['distance_m']:.0f}", phase=phase)


def _three(row: Mapping[Any, Any], otherwise: object) -> Reason:
    """The names of a row in three scripts, its id where it has none."""
    texts = (row.get(f"name_{s}") for s in SCRIPTS)
    en, hant, hans = (text if isinstance(text, str) and text else str(otherwise) for text in texts)
    return en, hant, hans

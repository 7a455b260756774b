"""What a comparison answers, as figures: what lines and lever bring, what a tunnel avoids, what nature pays, who ranks first.

Which pair of the comparison file tells which point, the file says (:data:`corridor.schema.comparison.Point`). A point
whose pair or criteria were not compared is None or empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from corridor.drawing.numbers import figure
from corridor.schema.rows import flag_of, number_of, rows_of, text_of
from corridor.study.compare import Comparison

ACROSS, HUBS = "other_side_jobs_gravity_0830", "hub_cost_0830"
ACROSS_RESIDENTS = "other_side_residents_gravity_0830"
"""What is reached across the boundary where the study has no jobs."""
REACHED = (ACROSS, ACROSS_RESIDENTS, HUBS)
DISTURBED = "construction_wetland_equivalent_ha"
WETLAND, OPEN = "permanent_wetland_ha", "corridors_crossed_open_m"
AVOIDED = (
    WETLAND,
    "permanent_marine_ha",
    "temporary_wetland_ha",
    DISTURBED,
    "operation_wetland_equivalent_ha",
    OPEN,
)
ALIKE = 0.05
"""An interaction below this share of what the lines bring one by one is called none."""
LEAST_HA = 0.005
MOST_LINES = 3
MOST_BEST = 2
"""More scenarios than these at the best value make no best."""

Figures = Mapping[str, float]
"""By criterion, a value or a change in its unit."""
Winners = list[tuple[list[str], list[str]]]
"""Scenarios that rank first, each with the profiles that rank them so."""


@dataclass(frozen=True)
class Together:
    """Two or more lines built together, against the sum of what each adds.

    Attributes
    ----------
    scenario_id
        The scenario that builds them all.
    verdict
        "complement" where together they add more than the sum, "replace" where less, "neither" where the largest
        difference is below :data:`ALIKE` of the sum; by the criterion with the largest difference.
    both, summed
        By criterion: the change of all lines together, and the sum of the changes one by one, in the criterion's unit.
    """

    scenario_id: str
    verdict: Literal["neither", "complement", "replace"]
    both: Figures
    summed: Figures


@dataclass(frozen=True)
class Lever:
    """What a lever without a new line brings.

    Attributes
    ----------
    alone, on_lines
        By criterion: the change that the lever brings by itself, and on top of the lines (empty where not compared).
    beside
        The line with the largest gain in accessibility across the boundary; empty where none gains.
    percent
        The lever's gain across the boundary as a percentage of that line's, to the nearest ten.
    """

    alone: Figures
    on_lines: Figures
    beside: str
    percent: int | None


@dataclass(frozen=True)
class Tunnel:
    """What a tunnel does against a viaduct on the same route.

    Attributes
    ----------
    spared, worse
        By criterion, both positive: how much less and how much more the tunnel takes, disturbs or crosses.
    still_ha
        Wetland equivalent that its construction still disturbs beyond the reference, hectares.
    """

    spared: Figures
    worse: Figures
    still_ha: float


@dataclass(frozen=True)
class Corridors:
    """Scenarios by how they meet green corridors: proposed ones in the open, underground, with a site inside; counterfactual
    ones in the open, over at most `unreal_m`."""

    in_the_open: list[str]
    underground: list[str]
    built_in: list[str]
    unreal: list[str]
    unreal_m: float


@dataclass(frozen=True)
class Nature:
    """What the proposed scenarios do to nature.

    Attributes
    ----------
    taken_ha
        Permanent wetland loss in hectares, of the scenarios that cause any.
    corridors
        How scenarios meet green corridors; None where no proposed scenario has crossings to judge.
    avoids_first
        The scenario that avoids first and its changes by criterion; None where it is not compared or disturbs no less.
    """

    taken_ha: Figures
    corridors: Corridors | None
    avoids_first: tuple[str, Figures] | None


@dataclass(frozen=True)
class First:
    """Who ranks first on today's people and on the planned build-out, and without scenarios that stack a lever.

    `shares` hold by profile in what share of the draws (0 to 1) the winner is first.
    """

    winners: Winners
    shares: Figures
    planned: Winners
    planned_shares: Figures
    plain: Winners


@dataclass(frozen=True)
class Answer:
    """The points of the answer; a point that the comparison does not cover is None or empty.

    Attributes
    ----------
    start
        By criterion: accessibility in the reference.
    lines
        By scenario: its changes by criterion, at most :data:`MOST_LINES`, the largest gain across the boundary first.
    """

    start: Figures
    lines: Mapping[str, Figures]
    together: Together | None
    lever: Lever | None
    tunnel: Tunnel | None
    nature: Nature | None
    first: First | None


def answer(comparison: Comparison) -> Answer:
    """All points of a comparison."""
    pairs = _Pairs(comparison)
    return Answer(
        start={c: v for c in REACHED if (v := value_of(comparison, comparison.reference_id, c)) is not None},
        lines=_lines(comparison, pairs),
        together=_together(comparison, pairs),
        lever=_lever(pairs),
        tunnel=_tunnel(comparison, pairs),
        nature=_nature(comparison, pairs),
        first=_first(comparison),
    )


def best(comparison: Comparison, criterion_id: str) -> list[str]:
    """Find the best scenarios of a criterion among those that someone proposes.

    Parameters
    ----------
    comparison
        Scenarios side by side.
    criterion_id
        A criterion of the comparison.

    Returns
    -------
    list of str
        Scenario ids; figures that are printed alike are equal. Empty where fewer than two have a value, all are equal, or more
        than :data:`MOST_BEST` share the best value: then it distinguishes none.
    """
    proposed = [i for i in _proposed(comparison) if i in comparison.headline.index]
    values = pd.to_numeric(comparison.headline.loc[proposed, criterion_id]).dropna()
    unit, direction = comparison.criteria.loc[criterion_id, ["unit", "direction"]]
    printed = values.map(lambda value: figure(value, unit))
    if printed.nunique() < 2:
        return []
    first = values.idxmax() if direction == "higher" else values.idxmin()
    winners = list(values.index[printed == printed[first]])
    return winners if len(winners) <= MOST_BEST else []


def value_of(comparison: Comparison, scenario_id: str, criterion_id: str) -> float | None:
    """A headline figure; None where it is missing or not compared."""
    frame = comparison.headline
    if scenario_id not in frame.index or criterion_id not in frame.columns:
        return None
    return number_of(frame.loc[scenario_id, criterion_id])


class _Pairs:
    """Values of the pairs by what they tell in the answer, with the scenario that each is about."""

    def __init__(self, comparison: Comparison) -> None:
        self.lines: dict[str, Figures] = {}
        self.points: dict[str, tuple[str, Figures]] = {}
        for pair, rows in comparison.pairs.groupby("pair", sort=False):
            point = comparison.points.get(str(pair))
            about = text_of(rows["terms"].iloc[0]).split(" ")[0]
            values = {text_of(r["criterion"]): float(r["value"]) for r in rows_of(rows)}
            if point == "line":
                self.lines[about] = values
            elif point:
                self.points[point] = about, values

    def of(self, point: str) -> Figures:
        """The values of the pair that tells a point; empty where none does."""
        return self.points[point][1] if point in self.points else {}


def _lines(comparison: Comparison, pairs: _Pairs) -> Mapping[str, Figures]:
    """What each line brings alone; of a comparison without pairs of lines, what each proposed scenario does."""
    proposed = [i for i in _proposed(comparison) if i != comparison.reference_id]
    found = pairs.lines or {i: _changes(comparison, i) for i in proposed}
    return dict(sorted(found.items(), key=lambda item: -_gained(item[1]))[:MOST_LINES])


def _gained(values: Figures) -> float:
    """Jobs gained across the boundary, or residents in a study without jobs."""
    return values.get(ACROSS, values.get(ACROSS_RESIDENTS, 0.0))


def _together(comparison: Comparison, pairs: _Pairs) -> Together | None:
    extra = pairs.of("lines_together")
    used = [c for c in REACHED if c in extra]
    if len(pairs.lines) < 2 or not used:
        return None
    shares, both, summed = [], {}, {}
    for c in used:
        alone = [values[c] for values in pairs.lines.values()]
        whole = sum(map(abs, alone))
        sense = 1 if comparison.criteria.loc[c, "direction"] == "higher" else -1
        shares.append(sense * extra[c] / whole if whole else 0.0)
        summed[c] = sum(alone)
        both[c] = summed[c] + extra[c]
    largest = max(shares, key=abs)
    verdict: Literal["neither", "complement", "replace"] = "complement" if largest > 0 else "replace"
    about = pairs.points["lines_together"][0]
    return Together(about, "neither" if abs(largest) < ALIKE else verdict, both, summed)


def _lever(pairs: _Pairs) -> Lever | None:
    lever, above = pairs.of("lever"), pairs.of("lever_on_lines")
    alone = {c: lever[c] for c in REACHED if c in lever}
    if not alone:
        return None
    gains = {i: values[ACROSS] for i, values in pairs.lines.items() if values.get(ACROSS, 0.0) > 0}
    beside = max(gains, key=lambda i: gains[i]) if gains and ACROSS in alone else ""
    return Lever(
        alone=alone,
        on_lines={c: above[c] for c in alone} if set(alone) <= set(above) else {},
        beside=beside,
        percent=int(round(100 * alone[ACROSS] / gains[beside], -1)) if beside else None,
    )


def _tunnel(comparison: Comparison, pairs: _Pairs) -> Tunnel | None:
    values = pairs.of("tunnel")
    spared = {c: -values[c] for c in AVOIDED if values.get(c, 0.0) < -LEAST_HA}
    if not spared:
        return None
    worse = {c: values[c] for c in AVOIDED if values.get(c, 0.0) > LEAST_HA}
    still = _changes(comparison, pairs.points["tunnel"][0]).get(DISTURBED, 0.0)
    return Tunnel(spared, worse, still if still > LEAST_HA else 0.0)


def _nature(comparison: Comparison, pairs: _Pairs) -> Nature | None:
    if WETLAND not in comparison.headline.columns:
        return None
    taken = {i: value_of(comparison, i, WETLAND) or 0.0 for i in _building(comparison)}
    premium = pairs.of("avoid_first")
    return Nature(
        taken_ha={i: area for i, area in taken.items() if area >= LEAST_HA},
        corridors=_corridors(comparison),
        avoids_first=pairs.points["avoid_first"]
        if premium.get(DISTURBED, 0.0) < 0 and HUBS in premium
        else None,
    )


def _corridors(comparison: Comparison) -> Corridors | None:
    proposed = _building(comparison)
    tables = {i: comparison.results[i].ecology.corridor_crossings for i in proposed}
    if not any(map(len, tables.values())) or OPEN not in comparison.headline.columns:
        return None
    met = {i: [r for r in rows_of(table) if flag_of(r["crossed"])] for i, table in tables.items()}
    at_surface = {i: [r for r in rows if not flag_of(r.get("underground"))] for i, rows in met.items()}
    in_the_open = {i: m for i in comparison.results if (m := value_of(comparison, i, OPEN) or 0.0) > 0}
    unreal = {i: m for i, m in in_the_open.items() if comparison.results[i].counterfactual}
    return Corridors(
        in_the_open=[i for i in in_the_open if i in proposed],
        underground=[i for i in proposed if len(at_surface[i]) < len(met[i])],
        # a site inside a corridor has no length in it
        built_in=[i for i in proposed if any(not number_of(r["length_m"]) for r in at_surface[i])],
        unreal=list(unreal),
        unreal_m=max(unreal.values(), default=0.0),
    )


def _first(comparison: Comparison) -> First | None:
    ranking = comparison.ranking
    if not len(ranking):
        return None
    plain = ranking[~ranking["scenario_id"].str.contains("+", regex=False)]
    winners, shares = _ranked(ranking)
    planned, planned_shares = _ranked(comparison.ranking_buildout)
    return First(
        winners, shares, planned, planned_shares, _ranked(plain)[0] if len(plain) < len(ranking) else []
    )


def _ranked(ranking: pd.DataFrame) -> tuple[Winners, Figures]:
    """Who ranks first, and by profile in what share of the draws."""
    found: dict[tuple[str, ...], list[str]] = {}
    shares = {}
    for profile, rows in ranking.groupby("profile", sort=False):
        best = rows[rows["rank"] == rows["rank"].min()]
        found.setdefault(tuple(map(text_of, best["scenario_id"])), []).append(str(profile))
        shares[str(profile)] = float(best["first_share"].max())
    return [(list(ids), profiles) for ids, profiles in found.items()], shares


def _proposed(comparison: Comparison) -> Sequence[str]:
    return [i for i, r in comparison.results.items() if not r.counterfactual]


def _building(comparison: Comparison) -> Sequence[str]:
    """Proposed scenarios, without those that stack a lever on another of them and take no other land: they build the same."""
    headline = comparison.headline
    proposed = [i for i in _proposed(comparison) if i in headline.index]
    nature = headline[[c for c in AVOIDED if c in headline.columns]]
    base = {i: i.rpartition("+")[0] for i in proposed}
    return [i for i in proposed if base[i] not in proposed or not nature.loc[i].equals(nature.loc[base[i]])]


def _changes(comparison: Comparison, scenario_id: str) -> Figures:
    frame = comparison.headline
    if scenario_id not in frame.index:
        return {}
    change = frame.loc[scenario_id] - frame.loc[comparison.reference_id]
    return {str(c): float(v) for c, v in change.items() if c in comparison.criteria.index}

"""The answer in words: five or six things that a reader takes away, each with its figures behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from corridor.drawing.i18n import STRINGS, fill, joined, listed, sentences, t, term
from corridor.drawing.numbers import figure, signed, unit_of
from corridor.schema.rows import flag_of, number_of, row_name, rows_of, text_of
from corridor.schema.text import Text
from corridor.study.compare import Comparison
from corridor.web.html import tag, tri
from corridor.web.layers import PageLayers
from corridor.web.titles import Asked, section

ACROSS, HUBS = "other_side_jobs_gravity_0830", "hub_cost_0830"
REACHED = (ACROSS, HUBS)
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


def answer(comparison: Comparison, layers: PageLayers) -> str:
    """The answer: what the lines and the lever bring, what the tunnel avoids, what nature pays, who ranks first."""
    told = Told(comparison)
    items = [
        tag("li", tag("strong", tri(lead)), tag("p", tri(sentences(body))))
        for point in (
            told.lines(),
            told.together(),
            told.lever(),
            told.tunnel(),
            told.nature(),
            told.first(),
        )
        for lead, body in point
    ]
    basis = sentences(
        [
            fill(
                "answer_basis" if comparison.reference_id == comparison.do_minimum else "answer_basis_other",
                reference=told.named.title(comparison.reference_id),
            ),
            *told.start(),
        ]
    )
    return section(
        "answer", tag("p", tri(basis), class_="note"), tag("div", tag("ul", *items), class_="answer")
    )


Point = Iterator[tuple[Text, list[Text]]]
"""A bold lead and the sentences behind it; nothing where the comparison does not hold the answer."""


class Told:
    """What a comparison says, asked point by point."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.named = Asked(comparison)
        frame = comparison.pairs
        self.pairs: dict[str, dict[str, float]] = {}
        self.scenario_of: dict[str, str] = {}
        for row in rows_of(frame):
            pair = text_of(row["pair"])
            self.pairs.setdefault(pair, {})[text_of(row["criterion"])] = float(row["value"])
            self.scenario_of[pair] = text_of(row.get("terms")).split(" ")[0]

    def start(self) -> Iterator[Text]:
        """What the reference itself reaches."""
        known = [(c, v) for c in REACHED if (v := self._value(self.comparison.reference_id, c)) is not None]
        if known:
            yield fill("answer_start", values=listed([self.amount(c, v) for c, v in known]))

    def lines(self) -> Point:
        """What each line brings alone; of a comparison without the two, what each scenario does."""
        alone = {self.scenario_of[p]: self.pairs[p] for p in ("western", "central") if p in self.pairs}
        alone = alone or {i: self._changes(i) for i in self.named.others if not self._counterfactual(i)}
        alone = dict(sorted(alone.items(), key=lambda item: -item[1].get(ACROSS, 0.0))[:3])
        if not alone:
            return
        ids = list(alone)
        if len(ids) > 1 and all(ACROSS in v for v in alone.values()):
            lead = fill("answer_reaches", more=self.named.title(ids[0]), less=self.named.title(ids[1]))
        else:
            lead = t("answer_brings")
        body = []
        for scenario_id, values in alone.items():
            wanted = [c for c in (*REACHED, DISTURBED) if c in values] or list(values)[:3]
            said = listed([self.phrase(c, values[c]) for c in wanted])
            body.append(fill("answer_scenario", scenario=self.named.title(scenario_id), values=said))
        planned = [v[ACROSS + "_buildout"] for v in alone.values() if ACROSS + "_buildout" in v]
        if planned:
            body.append(fill("answer_planned", values=joined([Text(en=signed(v, "jobs")) for v in planned])))
        yield lead, body

    def together(self) -> Point:
        """Whether the two lines complement each other."""
        if not {"interaction", "western", "central"} <= set(self.pairs):
            return
        extra, one, other = (self.pairs[p] for p in ("interaction", "western", "central"))
        used = [c for c in REACHED if c in extra]
        if not used:
            return
        shares = []
        for c in used:
            whole = abs(one[c]) + abs(other[c])
            sense = 1 if self.comparison.criteria.loc[c, "direction"] == "higher" else -1
            shares.append(sense * extra[c] / whole if whole else 0.0)
        largest = max(shares, key=abs)
        verdict = "neither" if abs(largest) < ALIKE else "complement" if largest > 0 else "replace"
        both = listed([self.phrase(c, one[c] + other[c] + extra[c]) for c in used])
        summed = listed([self.phrase(c, one[c] + other[c]) for c in used])
        yield t(f"answer_{verdict}"), [fill("answer_together", both=both, sum=summed)]

    def lever(self) -> Point:
        """What joint clearance brings beside a railway, and on top of both."""
        alone = self.pairs.get("checkpoint-benefit", {})
        used = [c for c in REACHED if c in alone]
        if not used:
            return
        body = [fill("answer_alone", values=listed([self.phrase(c, alone[c]) for c in used]))]
        lead = t("answer_lever")
        lines = [p for p in ("western", "central") if self.pairs.get(p, {}).get(ACROSS, 0.0) > 0]
        if lines and ACROSS in alone:
            best = max(lines, key=lambda p: self.pairs[p][ACROSS])
            beside = self.named.title(self.scenario_of[best])
            percent = round(100 * alone[ACROSS] / self.pairs[best][ACROSS], -1)
            lead = fill("answer_lever_share", percent=int(percent), scenario=beside)
        above = self.pairs.get("checkpoint-with-both", {})
        if all(c in above for c in used):
            body.append(fill("answer_above", values=listed([self.phrase(c, above[c]) for c in used])))
        yield lead, body

    def tunnel(self) -> Point:
        """What the tunnel spares against the viaduct on the same route, and what it still does."""
        values = self.pairs.get("tunnel-benefit", {})
        spared = [c for c in AVOIDED if values.get(c, 0.0) < -LEAST_HA]
        worse = [c for c in AVOIDED if values.get(c, 0.0) > LEAST_HA]
        if not spared:
            return
        body = [fill("answer_avoided", values=listed([self.amount(c, -values[c]) for c in spared]))]
        if worse:
            body.append(fill("answer_more", values=listed([self.amount(c, values[c]) for c in worse])))
        still = self._value(self.scenario_of["tunnel-benefit"], DISTURBED)
        if still and still > LEAST_HA:
            body.append(fill("answer_still", values=self.amount(DISTURBED, still)))
        yield t("answer_tunnel"), body

    def nature(self) -> Point:
        """Who takes wetland for good, which corridors are crossed and how, what avoiding costs."""
        if WETLAND not in self.comparison.headline.columns:
            return
        proposed = [i for i in self.named.ids if not self._counterfactual(i)]
        taking = {i: v for i in proposed if (v := self._value(i, WETLAND)) and v >= LEAST_HA}
        if taking:
            area = max(taking.values())
            lead = fill("answer_takes", scenarios=self._titles(taking), area=figure(area))
        else:
            lead = t("answer_takes_none")
        body = list(self._crossed(proposed))
        premium = self.pairs.get("ecology-premium", {})
        if premium.get(DISTURBED, 0.0) < 0 and HUBS in premium:
            spares = self.named.title(self.scenario_of["ecology-premium"])
            body.append(
                fill("answer_spares", scenario=spares, area=figure(-premium[DISTURBED]), minutes=signed(premium[HUBS], "min"))
            )  # fmt: skip
        yield lead, body

    def _crossed(self, proposed: list[str]) -> Iterator[Text]:
        """Green corridors: crossed in the open, underground, or stood in by a works site."""
        below, stands, seen = [], [], False
        for scenario_id in proposed:
            frame = self.comparison.results[scenario_id].corridor_crossings
            seen = seen or len(frame) > 0
            hits = [r for r in rows_of(frame) if flag_of(r["crossed"])]
            if any(flag_of(r.get("underground")) for r in hits):
                below.append(scenario_id)
            if any(not flag_of(r.get("underground")) and not number_of(r["length_m"]) for r in hits):
                stands.append(scenario_id)
        if not seen or OPEN not in self.comparison.headline.columns:
            return
        above = [i for i in proposed if (self._value(i, OPEN) or 0.0) > 0]
        others = [i for i in self.named.ids if self._counterfactual(i) and (self._value(i, OPEN) or 0.0) > 0]
        if above:
            yield fill("answer_open", scenarios=self._titles(above))
        else:
            yield t("answer_open_none")
        if others:
            length = max(self._value(i, OPEN) or 0.0 for i in others)
            yield fill("answer_open_other", scenarios=self._titles(others), length=figure(round(length, -1)))
        if below and below == stands:
            yield fill("answer_below_stands", scenarios=self._titles(below))
            return
        if below:
            yield fill("answer_below", scenarios=self._titles(below))
        if stands:
            yield fill("answer_stands", scenarios=self._titles(stands))

    def first(self) -> Point:
        """Which scenario ranks first for whom, how firmly, and which does without the lever."""
        ranking = self.comparison.ranking
        if not len(ranking):
            return
        winners = _winners(ranking)
        parts = [
            fill("answer_for", scenario=self._titles(ids), profiles=joined([term("profile", p) for p in who]))
            for ids, who in _alike(winners)
        ]
        body = []
        if "first_share" in ranking.columns:
            body.append(fill("answer_firm", shares=joined(_shares(ranking, winners))))
        planned = self.comparison.ranking_buildout
        if len(planned) and "first_share" in planned.columns:
            again = _winners(planned)
            if again == winners:
                body.append(fill("answer_planned_same", shares=joined(_shares(planned, again))))
            else:
                told = [
                    fill("answer_for", scenario=self._titles(ids), profiles=joined([term("profile", p) for p in who]))
                    for ids, who in _alike(again)
                ]  # fmt: skip
                body.append(fill("answer_planned_first", parts=listed(told)))
        plain = ranking[~ranking["scenario_id"].str.contains("+", regex=False)]
        if len(plain) < len(ranking) and len(plain):
            told = [
                fill("answer_for", scenario=self._titles(ids), profiles=joined([term("profile", p) for p in who]))
                for ids, who in _alike(_winners(plain))
            ]  # fmt: skip
            body.append(fill("answer_plain", parts=listed(told)))
        yield fill("answer_first", parts=listed(parts)), body

    def phrase(self, criterion_id: str, value: float) -> Text:
        """A change in words: "+8,800 jobs across the boundary, discounted by generalised cost"."""
        return self._in_words(criterion_id, signed(value, self._unit(criterion_id)))

    def amount(self, criterion_id: str, value: float) -> Text:
        """A value in words, without a sign."""
        return self._in_words(criterion_id, figure(value, self._unit(criterion_id)))

    def _in_words(self, criterion_id: str, value: str) -> Text:
        if f"answer_say_{criterion_id}" in STRINGS:
            return fill(f"answer_say_{criterion_id}", value=value)
        row = self.comparison.criteria.loc[criterion_id]
        return fill("answer_value", criterion=row_name(dict(row), "title"), value=value, unit=unit_of(row))

    def _unit(self, criterion_id: str) -> str:
        return text_of(self.comparison.criteria.loc[criterion_id].get("unit"))

    def _titles(self, ids: Mapping[str, float] | list[str]) -> Text:
        """Titles, those that only add a lever to another of them left out: they build the same."""
        return joined([self.named.said(i) for i in ids if "+" not in i or i.split("+")[0] not in ids])

    def _counterfactual(self, scenario_id: str) -> bool:
        return bool(self.comparison.results[scenario_id].counterfactual)

    def _value(self, scenario_id: str, criterion_id: str) -> float | None:
        frame = self.comparison.headline
        if scenario_id not in frame.index or criterion_id not in frame.columns:
            return None
        return number_of(frame.loc[scenario_id, criterion_id])

    def _changes(self, scenario_id: str) -> dict[str, float]:
        frame = self.comparison.headline
        if scenario_id not in frame.index:
            return {}
        change = frame.loc[scenario_id] - frame.loc[self.comparison.reference_id]
        return {str(c): float(v) for c, v in change.items() if c in self.comparison.criteria.index}


def _winners(ranking: pd.DataFrame) -> dict[str, list[str]]:
    """By profile, the scenarios with the best rank."""
    return {
        str(profile): [text_of(i) for i in rows.loc[rows["rank"] == rows["rank"].min(), "scenario_id"]]
        for profile, rows in ranking.groupby("profile", sort=False)
    }


def _alike(winners: Mapping[str, list[str]]) -> list[tuple[list[str], list[str]]]:
    """Winners with all profiles that choose them."""
    found: dict[tuple[str, ...], list[str]] = {}
    for profile, ids in winners.items():
        found.setdefault(tuple(ids), []).append(profile)
    return [(list(ids), who) for ids, who in found.items()]


def _shares(ranking: pd.DataFrame, winners: Mapping[str, list[str]]) -> list[Text]:
    """By profile, in how many of the draws the winner is first."""
    said = []
    for profile, ids in winners.items():
        rows = ranking[(ranking["profile"] == profile) & ranking["scenario_id"].isin(ids)]
        share = round(100 * float(rows["first_share"].max()))
        said.append(fill("answer_share", profile=term("profile", profile), percent=share))
    return said

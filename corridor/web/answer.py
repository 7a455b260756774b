"""The answer in words: five or six things that a reader takes away, each with its figures behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from corridor.core.in_memory import kept
from corridor.drawing.i18n import STRINGS, fill, joined, listed, sentences, t, term
from corridor.drawing.numbers import figure, signed
from corridor.drawing.shares import percent
from corridor.schema.comparison import ON_BUILDOUT, TODAY
from corridor.schema.rows import row_name, text_of
from corridor.schema.text import Text
from corridor.study import answer as points
from corridor.study.answer import ACROSS, DISTURBED, HUBS, REACHED, Figures, Winners
from corridor.study.compare import Comparison
from corridor.study.ranking import DRAWS
from corridor.web import demand_model
from corridor.web.compared import compared
from corridor.web.travellers import halls


@dataclass(frozen=True)
class Point:
    """A bold lead and the sentences behind it; `key` says which point it is."""

    key: str
    lead: Text
    body: Text


@kept()
def answer(comparison: Comparison) -> tuple[Text, list[Point]]:
    """The answer of a comparison in words.

    Returns
    -------
    tuple
        What changes are measured against, and the points; one of which the comparison says nothing is left out.
    """
    found, words = points.answer(comparison), Words(comparison)
    reference = words.named.title(comparison.reference_id)
    key = "answer_basis" if comparison.reference_id == comparison.do_minimum else "answer_basis_other"
    if comparison.zones["jobs"].isna().any():
        key = "answer_basis_residents"
    basis = [fill(key, reference=reference)]
    if found.start:
        basis.append(fill("answer_start", values=words.amounts(found.start)))
    told: dict[str, tuple[Text, list[Text]] | None] = {
        "lines": words.lines(found.lines) if found.lines else None,
        "travellers": words.travellers(list(found.lines))
        if TODAY in comparison.travellers and found.lines
        else None,
        "together": words.together(found.together) if found.together else None,
        "lever": words.lever(found.lever) if found.lever else None,
        "tunnel": words.tunnel(found.tunnel) if found.tunnel else None,
        "nature": words.nature(found.nature) if found.nature else None,
        "first": words.first(found.first) if found.first else None,
    }
    return sentences(basis), [Point(key, said[0], sentences(said[1])) for key, said in told.items() if said]


class Words:
    """Each point in words: its lead and its sentences."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.named = compared(comparison)

    def lines(self, lines: Mapping[str, Figures]) -> tuple[Text, list[Text]]:
        """What each line brings."""
        ids = list(lines)
        lead = t("answer_brings")
        if len(ids) > 1 and all(ACROSS in values for values in lines.values()):
            more, less = (self.named.title(i) for i in ids[:2])
            lead = fill("answer_reaches", more=more, less=less)
        body = []
        for scenario_id, values in lines.items():
            wanted = [c for c in (*REACHED, DISTURBED) if c in values] or list(values)[:3]
            said = self.changes({c: values[c] for c in wanted})
            body.append(fill("answer_scenario", scenario=self.named.title(scenario_id), values=said))
        planned = [v[ACROSS + ON_BUILDOUT] for v in lines.values() if ACROSS + ON_BUILDOUT in v]
        if planned:
            body.append(fill("answer_planned", values=joined([Text(en=signed(v, "jobs")) for v in planned])))
        return lead, body

    def travellers(self, lines: Sequence[str]) -> tuple[Text, list[Text]]:
        """Who crosses where with each line."""
        shown, spots = self.comparison.travellers[TODAY], halls(self.comparison)
        return t("answer_travellers"), [
            demand_model.answer(shown[i], self.named.title(i), demand_model.gates(shown[i], spots))
            for i in lines
        ]

    def together(self, point: points.Together) -> tuple[Text, list[Text]]:
        """What the lines bring together."""
        both, summed = self.changes(point.both), self.changes(point.summed)
        return t(f"answer_{point.verdict}"), [fill("answer_together", both=both, sum=summed)]

    def lever(self, point: points.Lever) -> tuple[Text, list[Text]]:
        """What the lever brings without a new line."""
        lead = t("answer_lever")
        if point.percent is not None:
            beside = self.named.title(point.beside)
            key = "answer_lever_share" if point.percent < 200 else "answer_lever_times"
            lead = fill(key, percent=point.percent, times=f"{point.percent / 100:.1f}", scenario=beside)
        body = [fill("answer_alone", values=self.changes(point.alone))]
        if point.on_lines:
            body.append(fill("answer_above", values=self.changes(point.on_lines)))
        return lead, body

    def tunnel(self, point: points.Tunnel) -> tuple[Text, list[Text]]:
        """What the tunnel avoids."""
        still = {DISTURBED: point.still_ha} if point.still_ha else {}
        said = (("answer_avoided", point.spared), ("answer_more", point.worse), ("answer_still", still))
        return t("answer_tunnel"), [fill(k, values=self.amounts(values)) for k, values in said if values]

    def nature(self, point: points.Nature) -> tuple[Text, list[Text]]:
        """What the proposed scenarios do to nature."""
        lead = t("answer_takes_none")
        if taken := point.taken_ha:
            area = figure(max(taken.values()))
            lead = fill("answer_takes", scenarios=self.named.listed(taken), area=area)
        body = [*self.corridors(point.corridors)] if point.corridors else []
        if point.avoids_first:
            scenario_id, values = point.avoids_first
            area, minutes = figure(-values[DISTURBED]), signed(values[HUBS], "min")
            scenario = self.named.title(scenario_id)
            body.append(fill("answer_spares", scenario=scenario, area=area, minutes=minutes))
        return lead, body

    def corridors(self, found: points.Corridors) -> Iterator[Text]:
        """How scenarios meet green corridors, a sentence for each way."""
        if found.in_the_open:
            yield fill("answer_open", scenarios=self.named.listed(found.in_the_open))
        else:
            yield t("answer_open_none")
        if found.unreal:
            length = figure(round(found.unreal_m, -1))
            yield fill("answer_open_other", scenarios=self.named.listed(found.unreal), length=length)
        if found.underground and found.underground == found.built_in:
            yield fill("answer_below_stands", scenarios=self.named.listed(found.underground))
            return
        for key, ids in (("answer_below", found.underground), ("answer_stands", found.built_in)):
            if ids:
                yield fill(key, scenarios=self.named.listed(ids))

    def first(self, point: points.First) -> tuple[Text, list[Text]]:
        """Who ranks first."""
        body = []
        if point.shares:
            body.append(fill("answer_firm", shares=_shares(point.shares)))
        if point.planned == point.winners:
            body.append(fill("answer_planned_same", shares=_shares(point.planned_shares)))
        elif point.planned:
            body.append(fill("answer_planned_first", parts=listed(self.winners(point.planned))))
        if point.plain:
            body.append(fill("answer_plain", parts=listed(self.winners(point.plain))))
        return fill("answer_first", parts=joined(self.winners(point.winners))), body

    def winners(self, winners: Winners) -> list[Text]:
        """Scenarios that rank first, with the panels that rank them so."""
        return [
            fill(
                "answer_for",
                scenario=self.named.listed(ids),
                profiles=joined([term("profile", p) for p in who]),
            )
            for ids, who in winners
        ]

    def changes(self, values: Figures) -> Text:
        """Changes in words: "+8,800 jobs across the boundary, discounted by generalised cost"."""
        return self._in_words(values, signed)

    def amounts(self, values: Figures) -> Text:
        """Values in words, without a sign."""
        return self._in_words(values, figure)

    def _in_words(self, values: Figures, number: Callable[[object, object], str]) -> Text:
        return listed([self._one(c, number(v, self._row(c)["unit"])) for c, v in values.items()])

    def _one(self, criterion_id: str, value: str) -> Text:
        if f"answer_say_{criterion_id}" in STRINGS:
            return fill(f"answer_say_{criterion_id}", value=value)
        row = self._row(criterion_id)
        return fill(
            "answer_value", criterion=row_name(row, "title"), value=value, unit=term("unit", row["unit"])
        )

    def _row(self, criterion_id: str) -> dict[str, object]:
        return {str(k): v for k, v in self.comparison.criteria.loc[criterion_id].items()}


def _shares(shares: Figures) -> Text:
    """By profile, in how many of the draws the winner is first."""
    return joined(
        [fill("answer_share", profile=term("profile", text_of(p)), percent=percent(share, DRAWS))
         for p, share in shares.items()]
    )  # fmt: skip

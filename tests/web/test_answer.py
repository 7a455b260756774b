"""The answer in words: few points, verdicts that follow the figures, ties and works said plainly."""

import dataclasses

import pandas as pd
import pytest

from corridor.study import answer as figures
from corridor.study.answer import ACROSS, DISTURBED, HUBS, OPEN, WETLAND
from corridor.study.compare import Comparison
from corridor.web.answer import answer
from tests import web_factory as made

CRITERIA = {ACROSS: ("jobs", "higher"), HUBS: ("min", "lower"), WETLAND: ("ha", "lower"), OPEN: ("m", "lower"),
            DISTURBED: ("ha", "lower")}  # fmt: skip


def whole(interaction: float = 0.0, wetland: float = 0.0, lever: float = 4_400.0) -> Comparison:
    """Three scenarios with the pairs of both lines; `interaction` in jobs, `wetland` taken by the western line."""
    criteria = pd.DataFrame(
        [
            {"criterion_id": c, "title_en": c, "title_zh_hant": "", "title_zh_hans": "", "unit": u, "direction": d,
             "group": "access", "confidence": "C", "note": "", "state": "census"}
            for c, (u, d) in CRITERIA.items()
        ]
    ).set_index("criterion_id")  # fmt: skip
    headline = pd.DataFrame(
        [[10_000.0, 90.0, 0.0, 0.0, 0.3], [18_800.0, 82.0, wetland, 0.0, 5.3], [18_800.0, 82.0, 0.4, 676.0, 19.3]],
        index=list(made.SCENARIOS), columns=list(CRITERIA),
    )  # fmt: skip
    terms = {
        "western": "western-2035 - committed-2030",
        "central": "committed-2030 - committed-2030",
        "interaction": "western-2035 - committed-2030",
        "checkpoint-benefit": "western-2035 - committed-2030",
        "tunnel-benefit": "western-2035 - western-viaduct",
    }
    found = {
        "western": [8_800.0, -8.0, 0.0, 0.0, 5.0],
        "central": [400.0, -4.0, 0.0, 0.0, 16.0],
        "interaction": [interaction, 0.0, 0.0, 0.0, 0.0],
        "checkpoint-benefit": [lever, -5.0, 0.0, 0.0, 0.0],
        "tunnel-benefit": [0.0, 0.0, -0.4, -676.0, -14.0],
    }
    pairs = pd.DataFrame(
        [
            {"pair": p, "question_en": p, "terms": terms[p], "criterion": c, "value": v}
            for p, values in found.items()
            for c, v in zip(CRITERIA, values, strict=True)
        ]
    )
    told = {
        "western": "line", "central": "line", "interaction": "lines_together", "checkpoint-benefit": "lever",
        "tunnel-benefit": "tunnel",
    }  # fmt: skip
    return dataclasses.replace(
        made.comparison(), criteria=criteria, headline=headline, headline_low=headline, headline_high=headline,
        pairs=pairs, points=told,
    )  # fmt: skip


def points(comparison: Comparison) -> list[str]:
    """The points in English."""
    return [f"{point.lead.en} {point.body.en}" for point in answer(comparison)[1]]


def test_the_answer_has_few_points() -> None:
    assert 4 <= len(points(whole())) <= 6
    assert 1 <= len(points(made.comparison())) <= 6


@pytest.mark.parametrize(
    ("interaction", "verdict"), [(0.0, "neither"), (300.0, "neither"), (2_000.0, "complement"), (-2_000.0, "replace")]
)  # fmt: skip
def test_the_verdict_on_both_lines_follows_their_interaction(interaction: float, verdict: str) -> None:
    together = figures.answer(whole(interaction)).together
    assert together is not None and together.verdict == verdict
    assert together.both[ACROSS] - together.summed[ACROSS] == interaction


def test_the_lever_is_set_beside_the_railway_that_reaches_furthest() -> None:
    said = next(p for p in points(whole()) if p.strip().startswith("Joint clearance"))
    assert "about 50 %" in said and "+4,400 jobs" in said and "−5 min" in said
    said = next(p for p in points(whole(lever=48_000.0)) if p.strip().startswith("Joint clearance"))
    assert "achieves about 5.5 times the gain" in said and "%" not in said


def test_the_tunnel_says_what_it_avoids_and_what_is_left_beyond_the_reference() -> None:
    said = next(p for p in points(whole()) if "tunnel avoids" in p)
    assert "0.40 ha of permanent wetland loss" in said and "676 m" in said and "Remaining: 5 ha" in said


def test_a_tie_is_said_plainly() -> None:
    assert any("No proposed scenario causes permanent wetland loss" in p for p in points(whole()))
    taken = next(
        p
        for p in points(whole(wetland=0.3))
        if p.strip().startswith("Only these proposed scenarios cause permanent wetland loss")
    )
    assert "Western line" in taken and "0.30 ha" in taken


@pytest.mark.parametrize(
    ("more_ha", "named"), [(0.0, ["western-2035"]), (0.2, ["western-2035", "western-2035+joint"])]
)
def test_a_lever_that_builds_nothing_is_not_named_beside_its_line(more_ha: float, named: list[str]) -> None:
    plain = whole(wetland=0.3)
    stacked = plain.headline.loc["western-2035"].copy()
    stacked[WETLAND] += more_ha
    headline = pd.concat([plain.headline, pd.DataFrame({"western-2035+joint": stacked}).T])
    results = {**plain.results, "western-2035+joint": plain.results["western-2035"]}
    nature = figures.answer(dataclasses.replace(plain, headline=headline, results=results)).nature
    assert nature is not None and list(nature.taken_ha) == named


def test_corridors_are_said_to_be_crossed_in_the_open_or_underground() -> None:
    said = next(p for p in points(whole()) if "green corridor" in p and "No proposed" in p)
    assert "would cross 680 m" in said and "In tunnel beneath a green corridor: " in said

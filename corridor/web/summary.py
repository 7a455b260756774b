"""The first page at a glance: five sentences and how sure they are, the criteria that matter most, each scenario in a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from corridor.drawing.i18n import fill, joined, listed, sentences, t
from corridor.drawing.numbers import figure, signed
from corridor.drawing.shares import span
from corridor.schema.comparison import TODAY
from corridor.schema.rows import flag_of, number_of, rows_of, text_of
from corridor.schema.text import Text
from corridor.study import answer as points
from corridor.study.answer import ACROSS, AVOIDED, HUBS, LEAST_HA, OPEN, WETLAND, value_of
from corridor.study.compare import Comparison
from corridor.study.ranking import DRAWS
from corridor.web import demand_model, tables
from corridor.web.answer import Point, Words
from corridor.web.tables import Cell, criterion_cell, criterion_rows, measured
from corridor.web.travellers import halls

MOST_CRITERIA = 8
MOST_SENTENCES = 5
MOST_PLACES, MOST_GATES = 3, 2
TAKEN = tuple(c for c in AVOIDED if "wetland_equivalent" not in c)
"""Criteria of what is taken or crossed."""
ORDER = ("first", "lines", "lever", "nature", "tunnel", "together", "travellers")
"""The points of the answer, those that the first page has room for first."""


# --- five sentences ------------------------------------------------------------------------------------


def briefs(comparison: Comparison, told: Sequence[Point]) -> list[Point]:
    """The five points of the answer that come first, the body of each its main figures and, where there is one, a probability.

    Parameters
    ----------
    comparison
        What is compared.
    told
        All points (:func:`corridor.web.answer.answer`).
    """
    found, words = points.answer(comparison), Words(comparison)
    by_key = {point.key: point for point in told}
    kept = [by_key[key] for key in ORDER if key in by_key][:MOST_SENTENCES]
    return [replace(p, body=sentences([*_more(p, found, words)])) for p in kept]


def _more(point: Point, found: points.Answer, words: Words) -> Iterator[Text]:
    """The figures behind a point, and in what share of the draws it holds."""
    one, other = _rivals(words.comparison, point.key, found)
    if point.key == "first" and found.first and found.first.shares:
        yield fill("brief_first", share=span([*found.first.shares.values()], DRAWS))
    elif point.key == "lines" and len(found.lines) > 1:
        gains = [Text(en=signed(v[ACROSS], "jobs")) for v in found.lines.values() if ACROSS in v][:2]
        if len(gains) == 2:
            yield fill("brief_lines", more=gains[0], less=gains[1])
    elif point.key == "lever" and found.lever:
        yield fill("answer_alone", values=words.changes(dict([*found.lever.alone.items()][:1])))
    elif point.key == "nature" and found.nature and found.nature.corridors:
        yield next(words.corridors(found.nature.corridors))
    elif point.key == "tunnel" and found.tunnel:
        main = {c: v for c, v in found.tunnel.spared.items() if c in (WETLAND, OPEN)}
        yield fill("answer_avoided", values=words.amounts(main or found.tunnel.spared))
    else:
        yield point.body
    if share := _share(words.comparison, one, other):
        yield fill("brief_sure", one=words.named.title(one), other=words.named.title(other), share=share)


def _rivals(comparison: Comparison, key: str, found: points.Answer) -> tuple[str, str]:
    """The two scenarios that a point sets against each other; empty where it does not."""
    if key == "lines" and len(found.lines) > 1:
        one, other, *_ = found.lines
        return one, other
    told = {"tunnel": "tunnel", "nature": "avoid_first", "lever": "lever"}.get(key)
    pairs = comparison.pairs
    asked = next((p for p, point in comparison.points.items() if point == told), None)
    rows = pairs[pairs["pair"] == asked] if asked and len(pairs) else pairs.iloc[:0]
    if not told or not len(rows):
        return "", ""
    about, *others = (word for word in text_of(rows["terms"].iloc[0]).split() if word not in "+-")
    if key == "lever":
        return about, found.lever.beside if found.lever else ""
    return about, others[0] if others else ""


def _share(comparison: Comparison, one: str, other: str) -> str:
    """In what share of the draws one scenario scores more than another, over the panels; empty where it is not known."""
    shares = [
        float(row["probability"])
        for row in rows_of(comparison.better)
        if row["scenario_id"] == one and row["against"] == other
    ]
    return span(shares, DRAWS) if shares else ""


# --- the criteria that matter most ---------------------------------------------------------------------


def leading(comparison: Comparison) -> list[str]:
    """The eight criteria that move the scores most: mean weight times the spread of the values of the scenarios.

    Returns
    -------
    list of str
        Ids in the order of the comparison file, on today's people. Where fewer are scored, others follow.
    """
    today = [c for c in comparison.headline.columns if c not in comparison.on_buildout]
    today = [c for c in comparison.criteria.index if c in set(today)]
    scored = [c for c in today if c in comparison.value_points.columns]
    spread = comparison.value_points[scored].max() - comparison.value_points[scored].min()
    if len(comparison.weights):
        mean = comparison.weights.groupby("criterion")["weight"].mean()
        spread = spread * mean.reindex(scored).fillna(0.0)
    order = [*spread.sort_values(ascending=False, kind="stable").index]
    order += [c for c in today if c not in order]
    most = set(order[:MOST_CRITERIA])
    return [c for c in today if c in most]


def scenario_rows(comparison: Comparison, criteria: Sequence[str]) -> list[tuple[str, list[Cell]]]:
    """By scenario with figures, a cell for each criterion: value and change from the reference.

    Parameters
    ----------
    comparison
        The comparison.
    criteria
        Ids of criteria, in order.
    """
    known = criterion_rows(comparison)
    best = {c: points.best(comparison, c) for c in criteria}
    return [
        (i, [criterion_cell(comparison, known[c], i, i in best[c], ranges=False) for c in criteria])
        for i in measured(comparison)
    ]


# --- each scenario in a row ----------------------------------------------------------------------------


def effects(comparison: Comparison) -> list[tuple[str, list[list[Text]]]]:
    """Who gains, where people cross, what nature loses and what travel costs, of every scenario but the reference.

    Parameters
    ----------
    comparison
        The comparison.

    Returns
    -------
    list of tuple
        A scenario id, and short lines for each of the four; none where there is nothing to say.
    """
    words = Words(comparison)
    blocks = tables.gains(comparison)
    gains = {i: (up, down) for i, up, down in blocks[0][1]} if blocks else {}
    spots = halls(comparison) if TODAY in comparison.travellers else {}
    return [
        (
            i,
            [
                list(_gains(*gains[i])) if i in gains else [],
                list(_gates(comparison, i, spots)),
                list(_nature(comparison, words, i)),
                list(_cost(comparison, i)),
            ],
        )
        for i in comparison.results
        if i != comparison.reference_id
    ]


def _gains(up: Sequence[tuple[Text, str, str]], down: Sequence[tuple[Text, str, str]]) -> Iterator[Text]:
    """The districts that gain most, and how many lose."""
    if up:
        top = [fill("brief_place", place=name, value=gain) for name, _, gain in up[:MOST_PLACES]]
        yield listed(top)
    else:
        yield t("none_gain")
    if down:
        yield fill("brief_losers", count=len(down))


def _gates(comparison: Comparison, scenario_id: str, spots: dict[str, demand_model.Spot]) -> Iterator[Text]:
    """The control points of the reference whose crossings change most, and all new ones together."""
    if TODAY not in comparison.travellers:
        return
    shown = comparison.travellers[TODAY][scenario_id]
    moved = [
        g
        for g in demand_model.gates(shown, spots)
        if abs(g.change) >= demand_model.LEAST_RELIEF and g.reference
    ]
    moved.sort(key=lambda g: -abs(g.change))
    places = [(g.name, signed(g.change, demand_model.PEOPLE)) for g in moved[:MOST_GATES]]
    yield (
        listed([fill("brief_place", place=p, value=v) for p, v in places]) if places else t("brief_no_shift")
    )
    if shown.new_crossings and shown.new_crossings[1]:
        few, central, many = map(demand_model.trips, shown.new_crossings)
        yield fill("brief_new", trips=central, few=few, many=many)


def _nature(comparison: Comparison, words: Words, scenario_id: str) -> Iterator[Text]:
    """What is taken of wetland and sea bed, next to nothing left out, and how green corridors are crossed."""
    found = {c: value_of(comparison, scenario_id, c) for c in TAKEN}
    known = {c: v for c, v in found.items() if v is not None}
    some = {c: v for c, v in known.items() if v > LEAST_HA}
    if some:
        yield words.amounts(some)
    elif known:
        yield t("brief_none_taken")
    rows = [
        r
        for r in rows_of(comparison.results[scenario_id].ecology.corridor_crossings)
        if flag_of(r["crossed"])
    ]
    below = {r["corridor_id"] for r in rows if flag_of(r.get("underground"))}
    # a site inside a corridor has no length in it
    inside = {
        r["corridor_id"] for r in rows if not flag_of(r.get("underground")) and not number_of(r["length_m"])
    }
    said = [("brief_below", below), ("brief_inside", inside)]
    if parts := [fill(key, count=len(ids)) for key, ids in said if ids]:
        yield fill("brief_corridors", parts=joined(parts))


def _cost(comparison: Comparison, scenario_id: str) -> Iterator[Text]:
    """Generalised cost between hubs, and what travellers save in a day."""
    now, was = (value_of(comparison, i, HUBS) for i in (scenario_id, comparison.reference_id))
    if now is not None and was is not None and np.isfinite(now):
        yield fill("brief_hubs", value=figure(now, "min"), change=signed(now - was, "min"))
    if TODAY in comparison.travellers:
        saved = comparison.travellers[TODAY][scenario_id].saved_h
        yield fill("demand_lost" if saved < 0 else "demand_saved", hours=demand_model.trips(abs(saved)))

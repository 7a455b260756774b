"""The verdict on index.html: dominance before any weight, the value of each change, then the ranking of each panel."""

from __future__ import annotations

from typing import Any

import pandas as pd

from corridor.drawing.i18n import fill, joined, region_words, t, term
from corridor.drawing.numbers import figure, signed, unit_of
from corridor.schema.rows import number_of, row_name, rows_of, text_of
from corridor.schema.text import Text
from corridor.study.compare import Comparison
from corridor.web.html import esc, table, tag, tri
from corridor.web.layers import PageLayers
from corridor.web.titles import Asked, section

START, WIDTH = 4.0, 172.0


def dominance(comparison: Comparison, layers: PageLayers) -> str:
    """Which scenarios another one that someone proposes dominates, on today's people and on the planned build-out."""
    states = (("on_census", comparison.dominance), ("on_buildout", comparison.dominance_buildout))
    parts = [
        tag("h3", tri(region_words(layers.region).get(key) or t(key))) + _dominated(comparison, frame)
        for key, frame in states
        if len(frame)
    ]
    note = tag("p", tri(t("dominance_note")), class_="note")
    return section("dominance_title", note, *parts) if parts else ""


def _dominated(comparison: Comparison, frame: pd.DataFrame) -> str:
    named = Asked(comparison)
    said = [
        fill(
            "dominated_by",
            scenario=named.said(row["scenario_id"]),
            others=joined([named.said(i) for i in text_of(row["dominated_by"]).split()]),
        )
        for row in rows_of(frame[frame["dominated"].astype(bool)])
    ]
    return tag("ul", *(tag("li", tri(words)) for words in said or [t("dominated_none")]))


def values(comparison: Comparison, layers: PageLayers) -> str:
    """Each criterion's anchor with its reason, and what every scenario's change is worth by it."""
    shown = [str(c) for c in comparison.criteria.index if c in comparison.value_points.columns]
    if not shown:
        return ""
    named = Asked(comparison)
    reason = tag("th", tri(t("anchor")), class_="words", scope="col")
    head = [tri(t("criterion")), reason, *(named.label(i) for i in named.others)]
    rows = [_value_row(comparison, c, named.others) for c in shown]
    note = tag("p", tri(t("values_note")), class_="note")
    return section("values_title", note, table(head, rows))


def _value_row(comparison: Comparison, criterion_id: str, ids: list[str]) -> list[str]:
    row = dict(comparison.criteria.loc[criterion_id])
    unit = text_of(row["unit"])
    reason = row_name(row, "anchor_reason")
    anchor = esc(signed(row["anchor"], unit)) + " " + tri(unit_of(comparison.criteria.loc[criterion_id]))
    anchor += esc(f": {_points(row['anchor_value'])}") + tag("small", tri(reason))
    cells = []
    for scenario_id in ids:
        now, was = (comparison.headline.loc[i, criterion_id] for i in (scenario_id, comparison.reference_id))
        cells.append(
            _points(comparison.value_points.loc[scenario_id, criterion_id])
            + tag("small", esc(figure(now, unit)), " (", esc(signed(now - was, unit)), ")", class_="change")
        )
    return [tri(row_name(row, "title")), tag("td", anchor, class_="words"), *cells]


def _points(value: object) -> str:
    """Value points with their sign, to two places."""
    found = number_of(value) or 0.0
    words = f"{abs(found):.2f}"
    return words if words == "0.00" else ("−" if found < 0 else "+") + words


def ranking(comparison: Comparison, layers: PageLayers) -> str:
    """Score and rank of each scenario under each panel, on today's people and on the planned build-out."""
    states = (
        ("on_census", comparison.ranking, comparison.better),
        ("on_buildout", comparison.ranking_buildout, comparison.better_buildout),
    )
    parts = [
        part
        for key, frame, better in states
        if len(frame)
        for part in _ranking_tables(comparison, frame, better, region_words(layers.region).get(key) or t(key))
    ]
    if not parts:
        return ""
    note = tag("p", tri(t("ranking_note")), class_="note")
    return section("ranking_title", note, *parts, _weights_table(comparison))


def _ranking_tables(
    comparison: Comparison, frame: pd.DataFrame, better: pd.DataFrame, state: Text
) -> list[str]:
    """One table for each panel, with the range as a bar."""
    named = Asked(comparison)
    than = _better_than(better, comparison.reference_id)
    panels = _judges(comparison)
    low, high = min(float(frame["score_low"].min()), 0.0), max(float(frame["score_high"].max()), 0.0)
    tables = [tag("h3", tri(state))]
    for profile, rows in frame.groupby("profile", sort=False):
        many = panels.get(str(profile), 1) > 1
        head = [
            tri(t(k)) for k in ("scenario", "rank", "score", "range", "better_than_reference", "first_share")
        ]
        head += [tri(t("judges_first"))] if many else []
        body = []
        for row in rows_of(rows.sort_values(["rank", "scenario_id"])):
            known = row["scenario_id"] in comparison.results
            share = than.get((profile, row["scenario_id"]))
            cells = [
                named.label(row["scenario_id"]) if known else esc(row["scenario_id"]),
                f"{int(row['rank'])}" + tag("small", f"{int(row['rank_low'])} – {int(row['rank_high'])}"),
                esc(_points(row["score"])),
                _bar(row, low, high),
                "–" if share is None else _percent(share),
                _percent(row["first_share"]) if "first_share" in row else "–",
            ]
            body.append([*cells, _percent(row["judges_first"])] if many else cells)
        caption = tri(t("profile")) + ": " + tri(term("profile", profile))
        caption += ", " + tri(fill("judges", count=panels[str(profile)])) if many else ""
        tables.append(tag("div", table(head, body, caption=caption)))
    return tables


def _percent(share: float) -> str:
    return esc(f"{100 * share:.0f} %")


def _better_than(better: pd.DataFrame, reference_id: str) -> dict[tuple[Any, Any], float]:
    """By panel and scenario: in what share of the draws it is better than the reference."""
    return {
        (r["profile"], r["scenario_id"]): float(r["probability"])
        for r in rows_of(better)
        if r["against"] == reference_id
    }


def _judges(comparison: Comparison) -> dict[str, int]:
    """How many judges each panel has."""
    return {text_of(r["profile"]): int(r["judges"]) for r in rows_of(comparison.weights)}


def _weights_table(comparison: Comparison) -> str:
    """The weights of each panel, with the least and most of its judges."""
    frame = comparison.weights
    if not len(frame):
        return ""
    profiles = list(dict.fromkeys(frame["profile"]))
    head = [tri(t("criterion")), *(tri(term("profile", p)) for p in profiles)]
    found = {(r["profile"], r["criterion"]): r for r in rows_of(frame)}
    body = []
    for criterion_id in dict.fromkeys(frame["criterion"]):
        cells = []
        for profile in profiles:
            row = found[profile, criterion_id]
            spread = f"{100 * row['weight_low']:.0f} – {100 * row['weight_high']:.0f} %"
            many = int(row["judges"]) > 1
            cells.append(esc(f"{100 * row['weight']:.1f} %") + (tag("small", esc(spread)) if many else ""))
        body.append([tri(row_name(dict(comparison.criteria.loc[criterion_id]), "title")), *cells])
    return (
        tag("h3", tri(t("weights_title")))
        + table(head, body)
        + tag("p", tri(t("weights_note")), class_="note")
    )


def _bar(row: dict[str, Any], least: float, most: float) -> str:
    """The range of a score on an axis that all tables of a land state share; a line marks the do-minimum's 0."""
    low, centre, high = (float(row[k]) for k in ("score_low", "score", "score_high"))
    span = (most - least) or 1.0
    a, b, c, zero = (round(START + WIDTH * (v - least) / span, 1) for v in (low, centre, high, 0.0))
    parts = (
        '<line x1="4" x2="176" y1="8" y2="8" stroke="#d8d9d6" stroke-width="2"/>'
        f'<line x1="{zero}" x2="{zero}" y1="0" y2="16" stroke="#8b9298"/>'
        f'<rect x="{a}" y="4" width="{max(round(c - a, 1), 1)}" height="8" fill="#8a7cb8"/>'
        f'<rect x="{round(b - 1, 1)}" y="1" width="2.5" height="14" fill="#22262a"/>'
    )
    label = f"{_points(low)} … {_points(high)}"
    return f'<svg class="bar" viewBox="0 0 180 16" role="img" aria-label="{label}">{parts}</svg>' + tag(
        "small", label
    )

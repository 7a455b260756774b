"""Tables of a comparison as rows: criteria, pairs, hubs, districts, assumptions. Templates print them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from corridor.drawing.compared import lead_of
from corridor.drawing.i18n import fill, joined, t
from corridor.drawing.numbers import figure, signed
from corridor.schema.measure import Measure
from corridor.schema.rows import Names, names, number_of, rows_of, text_of
from corridor.schema.text import Text
from corridor.study.answer import best
from corridor.study.compare import Comparison
from corridor.web.layers import PageLayers

TOP_DISTRICTS = 6


@dataclass(frozen=True)
class Cell:
    """A figure with smaller ones below it.

    Attributes
    ----------
    figure
        As printed.
    small
        CSS class and words of each smaller one.
    best
        Whether it is the best of its row.
    """

    figure: str | Text
    small: tuple[tuple[str, str | Text], ...] = ()
    best: bool = False


Row = tuple[Text, list[Cell]]
"""What a row is about, and its cells."""
CriterionRow = tuple[Mapping[str, Any], Sequence[Cell]]
"""A criterion, as its row of the table of criteria, with a cell for each scenario."""
CriteriaTable = tuple[str, bool, list[CriterionRow]]
"""Key of a group, whether it is on the planned build-out, and its criteria."""


def criterion_rows(comparison: Comparison) -> dict[str, dict[str, Any]]:
    """The rows of the table of criteria by id, each with its criterion_id."""
    rows = rows_of(comparison.criteria.reset_index(names="criterion_id"))
    return {row["criterion_id"]: row for row in rows}


def line_names(comparison: Comparison) -> Names:
    """Names of the lines of all scenarios."""
    return names(pd.concat([r.lines for r in comparison.results.values()]), "line_id")


def measured(comparison: Comparison) -> list[str]:
    """The scenarios that have figures, in order."""
    return [i for i in comparison.results if i in comparison.headline.index]


def criteria(comparison: Comparison, groups: Collection[str] | None = None) -> list[CriteriaTable]:
    """Criteria by the scenarios that have figures, a table for each group, those on the planned build-out apart.

    Parameters
    ----------
    comparison
        The comparison.
    groups
        Keys of the groups; all where None.
    """
    found: dict[tuple[str, bool], list[CriterionRow]] = {}
    for key, row in criterion_rows(comparison).items():
        group = text_of(row["group"])
        if key in comparison.headline.columns and (groups is None or group in groups):
            wins = best(comparison, key)
            cells = [criterion_cell(comparison, row, i, i in wins) for i in measured(comparison)]
            found.setdefault((group, key in comparison.on_buildout), []).append((row, cells))
    return [(*key, rows) for key, rows in found.items()]


def criterion_cell(
    comparison: Comparison, row: Mapping[str, Any], scenario_id: str, wins: bool, ranges: bool = True
) -> Cell:
    """A criterion of a scenario: its figure, and below it the range and the change from the reference.

    Parameters
    ----------
    comparison
        The comparison.
    row
        A row of :func:`criterion_rows`.
    scenario_id
        A scenario that has figures.
    wins
        Whether it is marked as the best.
    ranges
        Whether low and high estimates are shown.
    """
    key, unit = row["criterion_id"], row.get("unit")
    cases = (comparison.headline_low, comparison.headline_high) if ranges else ()
    ends = [figure(c.loc[scenario_id, key], unit) for c in cases if key in c and scenario_id in c.index]
    small = (
        [("range", f"({ends[0]} – {ends[1]})")] if len(ends) == 2 and all(ends) and ends[0] != ends[1] else []
    )
    change = comparison.headline.loc[scenario_id, key] - comparison.headline.loc[comparison.reference_id, key]
    if scenario_id != comparison.reference_id and change:
        small.append(("change", signed(change, unit)))
    value = figure(comparison.headline.loc[scenario_id, key], unit)
    return Cell("● " * wins + value, tuple(small), wins)


def pairs(comparison: Comparison, groups: Collection[str]) -> tuple[list[dict[str, Any]], list[CriterionRow]]:
    """What scenarios are worth together, pair by pair.

    Parameters
    ----------
    comparison
        The comparison.
    groups
        Keys of the groups of criteria.

    Returns
    -------
    tuple
        A row of each pair, and by criterion on today's people the value of each pair ("–" where it is not known).
    """
    frame = comparison.pairs
    heads = [*rows_of(frame.drop_duplicates("pair"))] if len(frame) else []
    values = {(r["pair"], r["criterion"]): r["value"] for r in rows_of(frame)}
    met = {criterion for _, criterion in values} - comparison.on_buildout
    rows: list[CriterionRow] = [
        (row, [Cell(signed(values.get((head["pair"], key)), row["unit"])) for head in heads])
        for key, row in criterion_rows(comparison).items()
        if key in met and text_of(row["group"]) in groups
    ]
    return heads, rows


def hubs(comparison: Comparison, layers: PageLayers) -> list[tuple[str, list[Row]]]:
    """By hour, the journeys between hubs with a cell for each scenario, those whose cost changes most first.

    Parameters
    ----------
    comparison
        The comparison.
    layers
        For names of places.
    """
    frame = comparison.hub_minutes
    places = names(layers.places, "place_id")
    control_points = names(pd.concat([r.checkpoints for r in comparison.results.values()]), "checkpoint_id")
    return [
        (hour, [*_ways(comparison, rows, places, control_points)])
        for hour, rows in (frame.groupby("hour", sort=True) if len(frame) else ())
    ]


def _ways(comparison: Comparison, rows: pd.DataFrame, places: Names, control_points: Names) -> Iterator[Row]:
    found = {(r["scenario_id"], r["from_place"], r["to_place"]): r for r in rows_of(rows)}

    def cost(scenario_id: str, way: tuple[str, str]) -> float | None:
        return number_of(found.get((scenario_id, *way), {}).get("cost_min"))

    def moved(way: tuple[str, str]) -> float:
        """The largest change of cost; one that opens or closes a way is larger than any."""
        was = cost(comparison.reference_id, way)
        costs = [cost(i, way) for i in comparison.results]
        return max(
            0.0 if c is was else 1e6 if c is None or was is None else round(abs(c - was), 3) for c in costs
        )

    ways = {(a, b) for _, a, b in found if a != b}
    for way in sorted(ways, key=lambda w: (-moved(w), w)):
        start, end = (places[place] for place in way)
        was = cost(comparison.reference_id, way)
        cells = [_hub_cell(found.get((i, *way), {}), was, control_points) for i in comparison.results]
        yield fill("way", start=start, end=end), cells


def _hub_cell(row: Mapping[str, Any], was: float | None, control_points: Names) -> Cell:
    """Minutes, fare and control point of the cheapest way, its change of cost, and the least time where it is shorter."""
    columns = ("cost_min", "cost_way_min", "minutes", "fare_hkd")
    cost, cheapest, soonest, fare = (number_of(row.get(name)) for name in columns)
    minutes = soonest if cheapest is None else cheapest
    if minutes is None:
        return Cell(t("no_way"))
    small: list[tuple[str, str | Text]] = []
    if cheapest is not None and fare:
        small.append(("range", fill("hub_fare", fare=f"{fare:.0f}")))
    used = text_of(row.get("soonest_checkpoint_id" if cheapest is None else "checkpoint_id"))
    if used:
        small.append(("", joined([control_points[c] for c in used.replace(",", " ").split()])))
    if cost is not None and was is not None and round(cost - was):
        small.append(("change", fill("hub_cost", change=signed(round(cost - was)))))
    if soonest is not None and round(soonest) < round(minutes):
        small.append(("range", fill("hub_least", minutes=f"{soonest:.0f}")))
    return Cell(f"{minutes:.0f}", tuple(small))


Gains = tuple[str, list[tuple[Text, str, str]], list[tuple[Text, str, str]]]
"""A scenario, its districts that gain most in a measure, and all that lose: name, residents, gain."""


def gains(comparison: Comparison) -> list[tuple[Measure, list[Gains]]]:
    """Gains and losses of districts: of jobs (or residents) within an hour at each hour, or else of the first two measures.

    Parameters
    ----------
    comparison
        The comparison.

    Returns
    -------
    list of tuple
        A measure, and for each scenario but the reference its six districts that gain most, and all that lose.
    """
    frame, blocks = comparison.district_gains, []
    kept = [m for m in comparison.measures if m.measure_id in set(frame.get("measure", ()))]
    lead = [m for m in kept if m.base_id == lead_of(kept)] or kept[:2]
    districts = names(frame, "district_id")
    others = [i for i in comparison.results if i != comparison.reference_id]
    for measure in lead:
        mine = frame[frame["measure"] == measure.measure_id]
        rows = [(i, *_gains(measure, mine[mine["scenario_id"] == i], districts)) for i in others]
        blocks.append((measure, rows))
    return blocks


def _gains(
    measure: Measure, rows: pd.DataFrame, districts: Names
) -> tuple[list[tuple[Text, str, str]], list[tuple[Text, str, str]]]:
    ordered = [
        (
            districts[r["district_id"]],
            figure(r.get("residents"), "residents"),
            signed(r["gain"], measure.unit.en),
        )
        for r in rows_of(rows.sort_values(["gain", "district_id"], ascending=[False, True]))
    ]
    up = [row for row in ordered if row[2].startswith("+")]
    return up[:TOP_DISTRICTS], [row for row in reversed(ordered) if row[2].startswith("−")]


def said_in(comparison: Comparison, texts: Callable[[Any], Iterable[Text]]) -> list[tuple[Text, list[str]]]:
    """Texts of scenarios, each once.

    Parameters
    ----------
    comparison
        The comparison.
    texts
        The texts of a scenario's result.

    Returns
    -------
    list of tuple
        A text, and the scenarios that say it; none where all do.
    """
    found: dict[Text, list[str]] = {}
    for scenario_id, result in comparison.results.items():
        for text in texts(result):
            found.setdefault(text, []).append(scenario_id)
    everywhere = len(comparison.results)
    return [(text, [] if len(ids) == everywhere else ids) for text, ids in found.items()]

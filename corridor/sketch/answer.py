"""What the page shows of a scored drawing: tables of words and figures in three scripts, and the change on the map."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from corridor.drawing.i18n import fill, t, term
from corridor.drawing.long_section import long_section_drawing
from corridor.drawing.numbers import figure, hectares, signed
from corridor.drawing.svg import svg
from corridor.ecology.impact.assess import LandTake
from corridor.ecology.impact.difference import headline
from corridor.ecology.works.parameters import PERMANENCES
from corridor.schema.rows import names, row_name, rows_of
from corridor.schema.tables import CASES
from corridor.schema.text import Text
from corridor.sketch.scored import CUTOFF_MIN, First, Refined, Sketcher
from corridor.study.access import COUNTED, counted
from corridor.study.question import question

MOST_ROWS = 12
Row = tuple[Text, list[str]]


@dataclass(frozen=True)
class Group:
    """One table of the answer: headings of its columns of figures, and its rows."""

    key: str
    title: Text
    heads: Sequence[Text]
    rows: Sequence[Row]
    note: Text | None = None


def first_answer(sketcher: Sketcher, found: First) -> dict[str, Any]:
    """The first answer as the page reads it.

    Parameters
    ----------
    sketcher
        Whose study the drawing is on.
    found
        What was scored.

    Returns
    -------
    dict
        ``groups`` of tables, ``gain`` (cells by number and the change of jobs in each), ``section`` (SVG), ``figures``
        (unrounded) and ``row`` (:func:`idea_row`).
    """
    groups = [_people(found), _districts(sketcher, found)]
    groups += [] if found.cost_hkd_bn is None else [_cost(sketcher, found.cost_hkd_bn)]
    if line := found.nature.line:
        groups += [
            _land(sketcher, line),
            _designations(line),
            _corridors(line),
            *_flags(line, found.nature.seasons),
        ]
    gain = found.score.gain(CUTOFF_MIN)
    cells = np.flatnonzero(np.abs(gain) >= 1)
    section = found.nature.section
    return {
        "groups": groups,
        "gain": {"cell": cells.tolist(), "jobs": np.rint(gain[cells]).astype(int).tolist()},
        "section": svg(long_section_drawing(section), "long-section") if section else "",
        "figures": (told := figures(found)),
        "row": idea_row(told),
    }


def figures(found: First) -> dict[str, float]:
    """The figures by which ideas are compared, unrounded: as a whole run of the saved scenario has them.

    Returns
    -------
    dict
        Means of residents after the change, ``jobs``, ``residents`` and ``jobs across``, with their change; hectares of the drawn
        line by permanence; cost in billion HKD.
    """
    told: dict[str, float] = {}
    for row in _shown(found):
        told[row["measure"]] = row["after"]
        told[f"{row['measure']} change"] = row["change"]
    if found.nature.line:
        take = found.nature.line.habitat_take
        told |= {f"{p}_ha": float(take.loc[take["permanence"] == p, "area_ha"].sum()) for p in PERMANENCES}
    if found.cost_hkd_bn is not None:
        told |= {f"cost {case}": float(found.cost_hkd_bn[case]) for case in CASES}
    return told


def idea_row(told: Mapping[str, float]) -> list[str]:
    """The row of an idea in the table of ideas side by side, as its tables have these figures.

    Parameters
    ----------
    told
        Of :func:`figures`.

    Returns
    -------
    list of str
        Change of jobs accessible and of jobs accessible across the boundary, permanent land take of the line in hectares, central
        cost in billion HKD; empty where there is none.
    """
    row = [signed(told.get(f"{measure} change", 0.0), "jobs") for measure in ("jobs", "jobs across")]
    row.append(hectares(told["permanent_ha"]) if "permanent_ha" in told else "")
    return [*row, _billions(told["cost central"]) if "cost central" in told else ""]


def _billions(hkd_bn: float) -> str:
    return f"{hkd_bn:,.1f}"


def _shown(found: First) -> Iterator[dict[str, Any]]:
    table = found.score.table
    return rows_of(table[table["cutoff_min"] == CUTOFF_MIN])


def _people(found: First) -> Group:
    score = found.score
    rows: list[Row] = [
        (t(f"sketch_{row['measure'].replace(' ', '_')}"), _change(row["before"], row["after"], "jobs"))
        for row in _shown(found)
    ]
    better, worse = (float(score.residents[sign * score.gain(CUTOFF_MIN) > 0].sum()) for sign in (1, -1))
    for key, people in (("sketch_gain", better), ("sketch_lose", worse)):
        rows.append((t(key), ["", "", figure(people, "residents")]))
    note = t("sketch_people_note") if better or worse else t("sketch_people_unchanged")
    return Group("people", t("sketch_people"), _heads(), rows, note)


def _heads() -> list[Text]:
    return [t("sketch_before"), t("sketch_after"), t("sketch_change")]


def _change(before: float, after: float, unit: str) -> list[str]:
    return [figure(before, unit), figure(after, unit), signed(after - before, unit)]


def _districts(sketcher: Sketcher, found: First) -> Group:
    """Mean jobs of the residents of each district that gains or loses, the largest change first."""
    score, table = found.score, sketcher.cells.table
    before, after = (counted(r, CUTOFF_MIN, COUNTED[0], score.side) for r in (score.before, score.after))
    people = score.residents
    cells = pd.DataFrame({"people": people, "before": before * people, "after": after * people})
    summed = cells.groupby(table["district_id"].to_numpy()).sum()
    mean = summed[["before", "after"]].div(summed["people"].where(summed["people"] > 0), axis=0).dropna()
    mean["size"] = (mean["after"] - mean["before"]).abs()
    shown = mean[mean["size"] >= 1].sort_values("size", ascending=False).head(MOST_ROWS)
    called = sketcher.district_names
    rows = [
        (called[str(i)], _change(float(row["before"]), float(row["after"]), "jobs"))
        for i, row in shown.iterrows()
    ]
    return Group("districts", t("sketch_districts"), _heads(), rows)


def _cost(sketcher: Sketcher, cost: pd.Series) -> Group:
    year = int(sketcher.unit_costs["price_year"].max())
    low, central, high = (_billions(cost[case]) for case in CASES)
    heads = [t("sketch_low"), t("sketch_central"), t("sketch_high")]
    return Group(
        "cost", fill("sketch_cost", year=f"{year}"), heads, [(t("sketch_cost_row"), [low, central, high])], t("sketch_cost_note")
    )  # fmt: skip


def _by_permanence(
    frame: pd.DataFrame, key: str, called: Callable[[Mapping[str, Any]], Text]
) -> Iterator[Row]:
    """Hectares of each thing by permanence, the largest permanent one first."""
    if frame.empty:
        return
    wide = frame.pivot_table(index=key, columns="permanence", values="area_ha", aggfunc="sum")
    wide = wide.reindex(columns=list(PERMANENCES)).fillna(0.0)
    named = frame.drop_duplicates(key).set_index(key, drop=False)
    for i, row in wide.sort_values(["permanent", "temporary"], ascending=False).iterrows():
        yield called(named.loc[i].to_dict()), [hectares(float(row[p])) for p in PERMANENCES]


def _area_heads() -> list[Text]:
    return [t(f"sketch_{p}") for p in PERMANENCES]


def _land(sketcher: Sketcher, line: LandTake) -> Group:
    classes = sketcher.habitat_names.by_id
    rows = list(
        _by_permanence(
            line.habitat_take,
            "habitat_id",
            lambda row: classes.get(row["habitat_id"]) or term("habitat", row["habitat_id"]),
        )
    )
    return Group("land", t("sketch_land"), _area_heads(), rows, t("sketch_land_note"))


def _designations(line: LandTake) -> Group:
    rows = list(_by_permanence(line.designation_take, "designation_id", row_name))
    return Group("designations", t("sketch_designations"), _area_heads(), rows)


def _corridors(line: LandTake) -> Group:
    crossed = line.corridor_crossings
    crossed = crossed[
        crossed["crossed"].astype(bool) | (crossed["permanent_ha"] + crossed["temporary_ha"] > 0)
    ]
    rows: list[Row] = []
    for _, own in crossed.groupby(["corridor_id", "corridor_part"], sort=False):
        under = own["underground"].astype(bool)
        lengths = [float(own.loc[kind, "length_m"].sum()) for kind in (~under, under)]
        first = own.iloc[0].to_dict()
        name = fill("sketch_part", name=row_name(first), part=row_name(first, "corridor_part"))
        rows.append((name, [*(figure(m) for m in lengths), hectares(float(own["permanent_ha"].sum()))]))
    heads = [t("sketch_open_m"), t("sketch_under_m"), t("sketch_permanent")]
    return Group("corridors", t("sketch_corridors"), heads, rows)


def _flags(line: LandTake, seasons: pd.DataFrame) -> Iterator[Group]:
    """Wildlife sites nearby, and rules of season that apply: flags, which change no hectare."""
    near = line.wildlife_conflicts
    sites: dict[str, Row] = {}
    for row in rows_of(near.sort_values("distance_m")) if len(near) else ():
        sites.setdefault(row["site_id"], (row_name(row), [figure(row["distance_m"])]))
    yield Group("wildlife", t("sketch_wildlife"), [t("sketch_distance")], list(sites.values()))
    rules: dict[str, Row] = {}
    for row in rows_of(seasons):
        rules.setdefault(row["rule_id"], (row_name(row, "title"), [str(row["months"])]))
    yield Group("seasons", t("sketch_seasons"), [t("sketch_months")], list(rules.values()))


# --- the slow parts ---


def refined_answer(sketcher: Sketcher, found: Refined) -> Group:
    """The table of one slow part."""
    told: Mapping[str, Callable[[Sketcher, pd.DataFrame], Group]] = {
        "ranges": _ranges,
        "quality": _quality,
        "fragmentation": _fragmentation,
        "hubs": _hubs,
        "travellers": _travellers,
        "connectivity": _connectivity,
    }
    return told[found.step](sketcher, found.table)


def _ranges(sketcher: Sketcher, table: pd.DataFrame) -> Group:
    """The criteria of nature of the comparison, at low, central and high widths of structures."""
    base = headline(sketcher.base)
    rows: list[Row] = []
    for criterion in question(sketcher.study).file.criteria:
        if criterion.id in table.index:
            low, central, high = (float(table.loc[criterion.id, case]) for case in CASES)
            before = float(getattr(base, criterion.id))
            unit = term("unit", criterion.unit)
            title = fill("sketch_with_unit", name=criterion.title, unit=unit)
            ends = list(dict.fromkeys((figure(low), figure(high))))
            rows.append((title, [figure(before), figure(central), " – ".join(ends)]))
    heads = [t("sketch_before"), t("sketch_after"), t("sketch_range")]
    return Group("ranges", t("sketch_ranges"), heads, rows, t("sketch_ranges_note"))


def _quality(sketcher: Sketcher, table: pd.DataFrame) -> Group:
    before, after = float(table["before"].iloc[0]), float(table["after"].iloc[0])
    row = (t("sketch_quality_row"), [figure(before), figure(after), signed(after - before)])
    return Group("quality", t("sketch_quality"), _heads(), [row])


def _fragmentation(sketcher: Sketcher, table: pd.DataFrame) -> Group:
    rows: list[Row] = []
    for group, row in table.iterrows():
        before, after = float(row["before"]), float(row["after"])
        if group != "all" and (after != before or row["cut"]):
            change = signed(after - before)
            rows.append((term("group", group), [figure(before), figure(after), change, figure(row["cut"])]))
    heads = [*_heads(), t("sketch_cut")]
    return Group("fragmentation", t("sketch_fragmentation"), heads, rows)


def _hubs(sketcher: Sketcher, table: pd.DataFrame) -> Group:
    """Pairs of hubs whose time changes by half a minute or more, the largest change first."""
    called = names(sketcher.study.places, "place_id").by_id
    pairs = table.assign(size=(table["minutes_after"] - table["minutes_before"]).abs())
    new = pairs["minutes_before"].isna() & pairs["minutes_after"].notna()
    shown = pairs[(pairs["size"] >= 0.5) | new].sort_values("size", ascending=False).head(MOST_ROWS)
    rows = [
        (
            fill("sketch_pair", a=called[row["from_place"]], b=called[row["to_place"]]),
            _change(row["minutes_before"], row["minutes_after"], "min"),
        )
        for row in rows_of(shown)
    ]
    return Group("hubs", t("sketch_hubs"), _heads(), rows, t("sketch_hubs_note"))


def _travellers(sketcher: Sketcher, table: pd.DataFrame) -> Group:
    """Crossings a day of each control point, the busiest first, and of all."""

    def row(name: Text, before: float, after: float) -> Row:
        return name, _change(before, after, "crossings/day")

    rows = [row(row_name(one), one["before_per_day"], one["after_per_day"]) for one in rows_of(table)]
    rows.append(row(t("travellers_all"), table["before_per_day"].sum(), table["after_per_day"].sum()))
    return Group("travellers", t("sketch_travellers"), _heads(), rows, t("travellers_gates_note"))


def _connectivity(sketcher: Sketcher, table: pd.DataFrame) -> Group:
    called = names(sketcher.study.catalog.table("taxa"), "taxon_id").by_id
    rows: list[Row] = [
        (called[row["taxon_id"]], [figure(row["eca_ha_before"]), signed(row["eca_change_ha"])])
        for row in rows_of(table.drop_duplicates("taxon_id"))
    ]
    heads = [t("sketch_eca"), t("sketch_eca_change")]
    return Group("connectivity", t("sketch_connectivity"), heads, rows, t("sketch_connectivity_note"))

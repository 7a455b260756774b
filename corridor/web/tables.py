"""The sections of index.html, each from one frame of the comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pandas as pd

from corridor.drawing.basemap import prepare
from corridor.drawing.i18n import fill, joined, t, term
from corridor.drawing.numbers import figure, hectares, signed, unit_of
from corridor.schema.rows import Names, flag_of, names, number_of, row_name, rows_of, text_of
from corridor.schema.text import Text
from corridor.study.compare import Comparison
from corridor.web import charts
from corridor.web.answer import answer
from corridor.web.html import esc, table, tag, tri
from corridor.web.layers import PageLayers
from corridor.web.picture import pictures
from corridor.web.titles import Asked, section
from corridor.web.verdict import dominance, ranking, values

FIRST_ROWS = 14
TOP_DISTRICTS = 6
MANY = 20
"""With more scenarios than these the longest tables keep their first rows; the whole stands in scores.json and results.gpkg."""
MOST_BEST = 2
"""More scenarios than these at the best value make no best."""


def asked(comparison: Comparison, layers: PageLayers) -> str:
    """Each scenario with its question."""
    named = Asked(comparison)
    rows = [
        [named.label(i), esc(r.year), _words(tri(r.question)), _on_map(i)]
        for i, r in comparison.results.items()
    ]
    head = [
        tri(t("scenario")),
        tri(t("year")),
        tag("th", tri(t("question")), class_="words", scope="col"),
        tri(t("map")),
    ]
    drawn = pictures(comparison, prepare(layers.coastline, layers.districts, layers.region))
    return section("asked", drawn, table(head, rows))


def at_a_glance(comparison: Comparison, layers: PageLayers) -> str:
    """Gain against loss, and access by hour, as charts; their figures stand in the tables of criteria."""
    drawn = charts.pareto_chart(comparison) + charts.hours_chart(comparison)
    return section("glance_title", drawn) if drawn else ""


def _on_map(scenario_id: str) -> str:
    address = "compare.html#" + urlencode({"s": scenario_id, "v": "change"})
    return tag("a", tri(t("show_on_map")), href=address, data_keep="1")


def _words(content: str) -> str:
    return tag("td", content, class_="words")


def best(comparison: Comparison, criterion_id: str) -> list[str]:
    """The best scenarios of a criterion among those that someone proposes; none where many are alike."""
    proposed = [
        i for i, r in comparison.results.items() if not r.counterfactual and i in comparison.headline.index
    ]
    values = pd.to_numeric(comparison.headline.loc[proposed, criterion_id]).dropna()
    if len(values) < 2 or values.min() == values.max():
        return []
    higher = comparison.criteria.loc[criterion_id, "direction"] == "higher"
    winners = list(values.index[values == (values.max() if higher else values.min())])
    return winners if len(winners) <= MOST_BEST else []


def criteria(comparison: Comparison, layers: PageLayers) -> str:
    """Criteria by scenarios, with change, range and confidence."""
    named = Asked(comparison)
    shown = [i for i in named.ids if i in comparison.headline.index]
    head = [tri(t("criterion")), tri(t("confidence")), *(named.label(i) for i in shown)]
    rows: list[list[str]] = []
    group = None
    for criterion_id, row in comparison.criteria.iterrows():
        key = str(criterion_id)
        if key not in comparison.headline.columns:
            continue
        now = (text_of(row.get("group")), key in comparison.on_buildout)
        if now != group:
            group = now
            title = tri(term("group", now[0])) + (": " + tri(t("buildout_group")) if now[1] else "")
            rows.append([tag("th", title, scope="colgroup", colspan=len(head), class_="group-head")])
        rows.append(_criterion_row(comparison, key, row, shown))
    notes = tag("p", tri(t("criteria_note")), " ", tri(t("range_note")), class_="note")
    return section(
        "criteria_title",
        charts.criteria_chart(comparison),
        table(head, rows),
        notes,
        tag("p", tri(t("confidence_key")), class_="note"),
    )


def _criterion_row(comparison: Comparison, key: str, row: pd.Series[Any], shown: Sequence[str]) -> list[str]:
    direction = t("more_better" if row["direction"] == "higher" else "less_better")
    name = tri(row_name(dict(row), "title")) + tag("small", tri(unit_of(row)), " · ", tri(direction))
    letter = tag(
        "span",
        esc(text_of(row.get("confidence")) or "–"),
        class_="letter",
        title=text_of(row.get("note")) or None,
    )
    winners = best(comparison, key)
    return [name, letter, *(_criterion_cell(comparison, key, i, i in winners) for i in shown)]


def _criterion_cell(comparison: Comparison, key: str, scenario_id: str, wins: bool) -> str:
    value, unit = comparison.headline.loc[scenario_id, key], comparison.criteria.loc[key].get("unit")
    content = ("● " if wins else "") + figure(value, unit)
    low, high = (
        _other_case(comparison, case, key, scenario_id) for case in ("headline_low", "headline_high")
    )
    if low and high and low != high:
        content += tag("small", f"({low} – {high})", class_="range")
    if scenario_id != comparison.reference_id:
        change = value - comparison.headline.loc[comparison.reference_id, key]
        content += tag("small", esc(signed(change, unit)), class_="change") if change else ""
    return tag("td", content, class_="best" if wins else None)


def _other_case(comparison: Comparison, case: str, key: str, scenario_id: str) -> str:
    frame = getattr(comparison, case, None)
    if frame is None or key not in frame.columns or scenario_id not in frame.index:
        return ""
    return figure(frame.loc[scenario_id, key], comparison.criteria.loc[key].get("unit"))


def pairs(comparison: Comparison, layers: PageLayers) -> str:
    """Pairs: what one scenario adds to another, criterion by criterion."""
    frame = comparison.pairs
    if not len(frame):
        return ""
    order = [
        str(c)
        for c in comparison.criteria.index
        if c not in comparison.on_buildout and c in set(frame["criterion"])
    ]
    blocks = dict(iter(frame.groupby("pair", sort=False)))
    head = [tri(t("criterion"))]
    for pair, rows in blocks.items():
        first = next(rows_of(rows))
        question = (
            row_name(first, "question")
            if "question_en" in rows.columns
            else Text(en=text_of(first.get("question", pair)))
        )
        head.append(
            tri(question) + tag("small", _terms(comparison, text_of(first.get("terms")) or str(pair)))
        )
    body = []
    for key in order:
        row = comparison.criteria.loc[key]
        values = [rows.loc[rows["criterion"] == key, "value"] for rows in blocks.values()]
        name = tri(row_name(dict(row), "title")) + tag("small", tri(unit_of(row)))
        body.append([name, *(esc(signed(v.iloc[0], row.get("unit"))) if len(v) else "–" for v in values)])
    return section("pairs_title", table(head, body))


def _terms(comparison: Comparison, terms: str) -> str:
    """Scenario ids of a sum replaced by titles."""
    named = Asked(comparison)
    return " ".join(
        tri(named.title(w)) if w in comparison.results else esc("−" if w == "-" else w) for w in terms.split()
    )


def hubs(comparison: Comparison, layers: PageLayers) -> str:
    """The cheapest way between hubs at each hour, the pairs whose cost changes most first."""
    frame = comparison.hub_minutes
    if not len(frame):
        return ""
    blocks = []
    for hour, rows in frame.groupby("hour", sort=True):
        lines = _hub_rows(comparison, layers, rows)
        head = [tri(t("from_to")), *(Asked(comparison).label(i) for i in comparison.results)]
        blocks.append(tag("h3", esc(hour)) + table(head, lines[:FIRST_ROWS]))
        if len(comparison.results) > MANY and len(lines) > FIRST_ROWS:
            blocks.append(tag("p", tri(t("rows_left_out")), class_="note"))
        elif len(lines) > FIRST_ROWS:
            more = fill("more_rows", count=len(lines) - FIRST_ROWS)
            blocks.append(tag("details", tag("summary", tri(more)), table(head, lines[FIRST_ROWS:])))
    notes = (tag("p", tri(words), class_="note") for words in (t("hubs_note"), layers.cost) if words)
    return section("hubs_title", *notes, *blocks)


def _hub_rows(comparison: Comparison, layers: PageLayers, rows: pd.DataFrame) -> list[list[str]]:
    places = names(layers.places, "place_id")
    checkpoints = names(pd.concat([r.checkpoints for r in comparison.results.values()]), "checkpoint_id")
    found = {(r["scenario_id"], r["from_place"], r["to_place"]): r for r in rows_of(rows)}
    ways = [w for w in dict.fromkeys((a, b) for _, a, b in found) if w[0] != w[1]]

    def cost(scenario_id: str, way: tuple[str, str]) -> float | None:
        return number_of(found.get((scenario_id, *way), {}).get("cost_min"))

    def moved(way: tuple[str, str]) -> float:
        was = cost(comparison.reference_id, way)
        sizes = [_difference(cost(i, way), was) for i in comparison.results]
        return max(sizes, default=0.0)

    lines = []
    for way in sorted(ways, key=lambda w: (-round(moved(w), 3), w)):
        was = cost(comparison.reference_id, way)
        cells = [_hub_cell(found.get((i, *way), {}), was, checkpoints) for i in comparison.results]
        lines.append([tri(_way(places[way[0]], places[way[1]])), *cells])
    return lines


def _difference(value: float | None, was: float | None) -> float:
    if value is None or was is None:
        return 0.0 if value is was else 1e6
    return abs(value - was)


def _way(start: Text, end: Text) -> Text:
    return Text(en=f"{start.en} – {end.en}", zh_hant=f"{start.zh_hant or start.en}—{end.zh_hant or end.en}",
                zh_hans=f"{start.zh_hans or start.en}—{end.zh_hans or end.en}")  # fmt: skip


def _hub_cell(row: dict[str, Any], was: float | None, checkpoints: Names) -> str:
    """Minutes, fare and control point of the cheapest way, its change of cost, and the least time where it is shorter."""
    names = ("cost_min", "cost_way_min", "minutes", "fare_hkd")
    cost, cheapest, soonest, fare = (number_of(row.get(name)) for name in names)
    minutes = soonest if cheapest is None else cheapest
    if minutes is None:
        return tri(t("no_way"))
    small = []
    if cheapest is not None and fare:
        small.append(tag("small", tri(fill("hub_fare", fare=f"{fare:.0f}")), class_="range"))
    used = text_of(row.get("soonest_checkpoint_id" if cheapest is None else "checkpoint_id"))
    if used:
        small.append(tag("small", tri(joined([checkpoints[c] for c in used.replace(",", " ").split()]))))
    if cost is not None and was is not None and round(cost - was):
        change = fill("hub_cost", change=signed(round(cost - was)))
        small.append(tag("small", tri(change), class_="change"))
    if soonest is not None and round(soonest) < round(minutes):
        small.append(tag("small", tri(fill("hub_least", minutes=f"{soonest:.0f}")), class_="range"))
    return f"{minutes:.0f}" + "".join(small)


def gains(comparison: Comparison, layers: PageLayers) -> str:
    """The districts that gain most in each scenario, and all that lose."""
    frame = comparison.district_gains
    if not len(frame):
        return ""
    named = Asked(comparison)
    measures = {m.measure_id: m for m in comparison.measures}
    kept = [m for m in dict.fromkeys(frame["measure"]) if m in measures]
    lead = [m for m in kept if measures[m].base_id == charts.LEAD] or kept[:2]
    districts = names(frame if "name_en" in frame.columns else layers.districts, "district_id")
    blocks = []
    for measure_id in lead:
        measure = measures[measure_id]
        tables = [
            _gain_table(
                frame[(frame["measure"] == measure_id) & (frame["scenario_id"] == i)],
                districts,
                measure.unit,
                named.label(i),
            )
            for i in named.others
        ]
        blocks.append(tag("h3", tri(measure.title)) + tag("div", *tables, class_="columns"))
    drawn = charts.districts_chart(comparison, layers)
    return section("gains_title", drawn, tag("p", tri(t("gains_note")), class_="note"), *blocks)


def _gain_table(rows: pd.DataFrame, districts: Names, unit: Text, title: str) -> str:
    ordered = list(rows_of(rows.sort_values(["gain", "district_id"], ascending=[False, True])))
    up = [r for r in ordered if signed(r["gain"], unit.en).startswith("+")][:TOP_DISTRICTS]
    down = [r for r in reversed(ordered) if signed(r["gain"], unit.en).startswith("−")]
    if not up and not down:
        return tag(
            "div",
            tag(
                "table",
                tag("caption", title),
                tag("tbody", tag("tr", tag("th", tri(t("none_gain")), scope="row"))),
            ),
        )
    head = [tri(t("district")), tri(t("residents")), tri(t("gain")) + tag("small", tri(unit))]

    def lines(some: Iterable[dict[str, Any]]) -> list[list[str]]:
        return [
            [
                tri(districts[r["district_id"]]),
                figure(r.get("residents"), "residents"),
                esc(signed(r["gain"], unit.en)),
            ]
            for r in some
        ]

    made = table(head, lines(up), caption=title) if up else tag("div", title)
    if not down:
        return tag("div", made)
    count = tri(t("losses")) + f" ({len(down)})"
    few = len(down) <= TOP_DISTRICTS // 2
    losses = tag("details", tag("summary", count), table(head, lines(down)), open="open" if few else None)
    return tag("div", made, losses)


def nature(comparison: Comparison, layers: PageLayers) -> str:
    """Footprint by habitat and designation, corridors crossed or not, wildlife near the works."""
    works = any(len(r.footprint) for r in comparison.results.values())
    if not works:
        return section("nature_title", tag("p", tri(t("no_works"))))
    habitats, designated = names(layers.habitats, "habitat_id"), _designated(comparison)
    by_area = "designation_id" if designated.by_id else "designation"
    parts = (
        _crossings(comparison, layers),
        _take(comparison, "habitat_take", Subject("habitat_title", "habitat", "habitat_id", habitats)),
        _take(
            comparison, "designation_take", Subject("designation_title", "designation", by_area, designated)
        ),
        tag("p", tri(t("take_note")), class_="note"),
        tag("p", tri(t("works_overlap_note")), class_="note"),
        _disturbance(comparison, habitats) if len(comparison.results) <= MANY else "",
        _wildlife(comparison),
    )
    return section("nature_title", *parts)


def _building(comparison: Comparison) -> list[str]:
    return [i for i, r in comparison.results.items() if len(r.footprint)]


def _take(comparison: Comparison, frame_name: str, subject: Subject) -> str:
    """Hectares by kind, scenario by scenario: permanent large, temporary and shade small."""
    built = _building(comparison)
    frames = [getattr(comparison.results[i], frame_name).assign(scenario_id=i) for i in built]
    whole = pd.concat([f for f in frames if len(f)] or frames[:1])
    title = tag("h3", tri(t(subject.title)))
    if not len(whole):
        return title + tag("p", tri(t("none_found")))
    kinds = [
        (r["scenario_id"], subject.of(r), text_of(r["permanence"]), float(r["area_ha"]))
        for r in rows_of(whole)
    ]
    area_ha: dict[tuple[str, str, str], float] = {}
    largest: dict[str, float] = {}
    for scenario_id, kind, span, size_ha in kinds:
        area_ha[scenario_id, kind, span] = area_ha.get((scenario_id, kind, span), 0.0) + size_ha
        largest[kind] = max(largest.get(kind, 0.0), area_ha[scenario_id, kind, span])
    head = [tri(t(subject.prefix)), *(Asked(comparison).label(i) for i in built)]
    rows = [
        [subject.name(kind), *(_hectare_cell(area_ha, i, kind) for i in built)]
        for kind in sorted(largest, key=lambda k: (-round(largest[k], 6), k))
    ]
    return title + table(head, rows)


@dataclass(frozen=True)
class Subject:
    """What a table of hectares goes by: habitats, or designated areas by name."""

    title: str
    prefix: str
    key: str
    known: Names

    def of(self, row: dict[str, Any]) -> str:
        """The kind that a row belongs to."""
        return text_of(row.get(self.key)) or text_of(row.get(self.prefix))

    def name(self, kind: str) -> str:
        """The kind as HTML."""
        return tri(self.known[kind] if kind in self.known.by_id else term(self.prefix, kind))


def _hectare_cell(area_ha: dict[tuple[str, str, str], float], scenario_id: str, kind: str) -> str:
    lasting, *passing = (
        area_ha.get((scenario_id, kind, s), 0.0) for s in ("permanent", "temporary", "shade")
    )
    small = [
        tag("small", esc(hectares(a)), " ", tri(t(s)), class_="range")
        for s, a in zip(("temporary", "shade"), passing, strict=True)
        if a > 0
    ]
    return esc(hectares(lasting)) + "".join(small)


def _designated(comparison: Comparison) -> Names:
    """Names of designated areas with their kind behind them."""
    found = {}
    for result in comparison.results.values():
        for row in rows_of(result.designation_take):
            kind, name = term("designation", row["designation"]), row_name(row)
            if name.en:
                found[text_of(row.get("designation_id"))] = Text(
                    en=f"{name.en} ({kind.en})",
                    zh_hant=f"{name.zh_hant or name.en}（{kind.zh_hant or kind.en}）",
                    zh_hans=f"{name.zh_hans or name.en}（{kind.zh_hans or kind.en}）",
                )
    return Names(found)


def _kind(prefix: str, kind: object, known: Names) -> Text:
    return known[kind] if text_of(kind) in known.by_id else term(prefix, kind)


def _disturbance(comparison: Comparison, habitats: Names) -> str:
    frames = [comparison.results[i].habitat_disturbance.assign(scenario_id=i) for i in _building(comparison)]
    whole = pd.concat([f for f in frames if len(f)] or frames[:1])
    if not len(whole):
        return ""
    by_start = sorted(dict.fromkeys(whole["band"]), key=lambda b: float(str(b).split("-")[0] or 0))
    grid = whole.pivot_table(
        index=["scenario_id", "phase", "habitat_id"],
        columns="band",
        values="area_ha",
        aggfunc="sum",
        fill_value=0.0,
    )
    blocks = []
    for scenario_id in _building(comparison):
        for phase in dict.fromkeys(whole["phase"]):
            if (scenario_id, phase) not in grid.index.droplevel("habitat_id"):
                continue
            rows = grid.loc[(scenario_id, phase)]
            rows = rows.loc[rows.sum(axis=1).sort_values(ascending=False, kind="stable").index]
            body = [
                [tri(_kind("habitat", kind, habitats)), *(f"{row[b]:,.1f}" for b in by_start)]
                for kind, row in rows.iterrows()
            ]
            head = [tri(t("habitat")), *(esc(f"{b} m") for b in by_start)]
            caption = Asked(comparison).label(scenario_id) + ", " + tri(term("phase", phase))
            blocks.append(table(head, body, caption=caption))
    return tag("details", tag("summary", tri(t("disturbance_title"))), tag("div", *blocks, class_="columns"))


def _line_names(comparison: Comparison) -> Names:
    return names(pd.concat([r.lines for r in comparison.results.values()]), "line_id")


def _crossings(comparison: Comparison, layers: PageLayers) -> str:
    """Each green corridor against each line: crossed by which parts, or not crossed, said plainly."""
    corridors, lines = names(layers.green_corridors, "corridor_id"), _line_names(comparison)
    notes = {text_of(r["corridor_id"]): row_name(r, "species_note") for r in rows_of(layers.green_corridors)}
    said: dict[tuple[bool, str, str, str], list[str]] = {}  # not crossed, corridor, line, verdict
    for scenario_id in _building(comparison):
        frame = comparison.results[scenario_id].corridor_crossings
        if not len(frame):
            continue
        for (corridor_id, line_id), rows in frame.groupby(["corridor_id", "line_id"], sort=True):
            spared = not any(flag_of(c) for c in rows["crossed"])
            said.setdefault((spared, str(corridor_id), str(line_id), _verdict(rows)), []).append(scenario_id)
    if not said:
        return tag("h3", tri(t("crossings_title"))) + tag("p", tri(t("none_found")))
    head = [
        tri(t("corridor")),
        *(tag("th", tri(t(k)), scope="col", class_="words") for k in ("line", "result", "in_scenarios")),
    ]
    named = Asked(comparison)
    rows = []
    for key in sorted(said):
        _, corridor_id, line_id, verdict = key
        species = notes.get(corridor_id, Text(en=""))
        note = tag("small", tri(species)) if species.en else ""
        within = "; ".join(named.label(i) for i in said[key])
        rows.append(
            [
                tri(corridors[corridor_id]) + note,
                _words(tri(lines[line_id])),
                tag("td", verdict, class_="words verdict"),
                _words(within),
            ]
        )
    return tag("h3", tri(t("crossings_title"))) + table(head, rows)


def _verdict(rows: pd.DataFrame) -> str:
    """What one line does to one corridor, as HTML."""
    hits = [r for r in rows_of(rows) if flag_of(r["crossed"])]
    if not hits:
        away = number_of(rows["distance_m"].min())
        return tri(
            t("not_crossed_plain") if away is None else fill("not_crossed", distance=figure(round(away, -1)))
        )
    return "<br>".join(dict.fromkeys(_crossing(row) for row in hits))


def _crossing(row: dict[str, Any]) -> str:
    """One crossing: under or over ground, its length, or for a site its area, and the structure."""
    structure = tri(term("structure", text_of(row["structure"]) or "site"))
    length, area_ha = round(number_of(row["length_m"]) or 0.0), number_of(row.get("area_ha")) or 0.0
    if not length and area_ha:
        verdict = fill("occupied", area=hectares(area_ha))
    else:
        verdict = fill(
            "crossed_below" if flag_of(row.get("underground")) else "crossed", length=figure(length)
        )
    return tag("span", tri(verdict), class_="crossed") + ", " + structure


def _wildlife(comparison: Comparison) -> str:
    lines = _line_names(comparison)
    found: dict[tuple[str, ...], list[str]] = {}
    for scenario_id in _building(comparison):
        for row in rows_of(comparison.results[scenario_id].wildlife_conflicts):
            away = number_of(row.get("distance_m"))
            site = tri(row_name(row)) if "name_en" in row else esc(text_of(row.get("site_id")))
            key = (
                site, tri(term("wildlife", row.get("kind"))), tri(lines[row["line_id"]]),
                tri(term("phase", row.get("phase"))), "–" if away is None else figure(round(away)),
            )  # fmt: skip
            found.setdefault(key, []).append(scenario_id)
    title = tag("h3", tri(t("wildlife_title")))
    if not found:
        return title + tag("p", tri(t("none_found")))
    head = [tri(t("site")), *(tag("th", tri(t(k)), scope="col", class_="words") for k in ("kind", "line", "phase")),
            tri(t("distance")), tag("th", tri(t("in_scenarios")), scope="col", class_="words")]  # fmt: skip
    named = Asked(comparison)
    rows = [
        [
            site,
            _words(kind),
            _words(line),
            _words(phase),
            away,
            _words("; ".join(named.label(i) for i in ids)),
        ]
        for (site, kind, line, phase, away), ids in sorted(found.items())
    ]
    return tag("details", tag("summary", tri(t("wildlife_title")), f" ({len(rows)})"), table(head, rows))


def assumptions(comparison: Comparison, layers: PageLayers) -> str:
    """Every assumption once, with the scenarios that rest on it; then what is not modelled."""
    named = Asked(comparison)
    parts = [_said_in(comparison, named, lambda r: r.assumptions)]
    left_out = _said_in(
        comparison, named, lambda r: getattr(getattr(r, "scenario", None), "not_modelled", ())
    )
    if left_out:
        parts += [tag("h3", tri(t("not_modelled_title"))), left_out]
    return section("assumptions_title", *(parts if any(parts) else [tag("p", tri(t("none_found")))]))


def _said_in(comparison: Comparison, named: Asked, texts: Callable[[Any], Iterable[Text]]) -> str:
    found: dict[Text, list[str]] = {}
    for scenario_id, result in comparison.results.items():
        for text in texts(result):
            found.setdefault(text, []).append(scenario_id)
    if not found:
        return ""
    items = []
    for text, ids in found.items():
        everywhere = len(ids) == len(comparison.results)
        where = tri(t("all_scenarios")) if everywhere else "; ".join(tri(named.title(i)) for i in ids)
        items.append(tag("li", tri(text), " ", tag("small", "(", where, ")", class_="note")))
    return tag("ul", *items)


def sources(comparison: Comparison, layers: PageLayers) -> str:
    """Attribution of every layer drawn, sources, date, coordinates, software."""
    items = "".join(tag("li", tri(a)) for a in dict.fromkeys((*layers.attributions, *layers.sources)))
    date = tri(fill("date_note", date=layers.date)) + " " if layers.date else ""
    notes = tag("p", date, tri(t("crs_note")), " ", tri(t("software_note")), class_="note")
    return section("sources_title", tag("ul", items), notes)


SECTIONS: tuple[Callable[[Comparison, PageLayers], str], ...] = (
    answer, asked, at_a_glance, criteria, dominance, values, ranking, pairs, hubs, gains, nature, assumptions, sources,
)  # fmt: skip

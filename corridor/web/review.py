"""The page of an ecology review: what a line takes, disturbs, cuts and spares, made to be printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from corridor.drawing.i18n import fill, joined, listed, not_given, region_words, t, term
from corridor.drawing.numbers import figure, hectares, signed
from corridor.schema.catalog_entry import Role
from corridor.schema.rows import flag_of, names, number_of, row_name, rows_of, text_of
from corridor.schema.text import LANGS, Text
from corridor.study.review import Reviewed
from corridor.web import review_methods as methods
from corridor.web import switch
from corridor.web.html import esc, json_for_script, table, tag, tri
from corridor.web.inline import Page, Raw, asset, self_contained, write_page
from corridor.web.review_sheet import Column, Sheet, frame_table, named
from corridor.web.titles import section

SHOWN_CONFLICTS = 40
"""More conflicts than these fold away below the first ones."""


def write_review_page(sheet: Sheet, path: Path) -> None:
    """Write review.html. Raises AssetError where it would be over 2.5 MB; an earlier file stays."""
    page = Page(sheet.title.en)
    style = tag("style", asset("page.css"), asset("index.css"), asset("review.css"))
    page.header.add_child(Raw(style), name="style")
    page.html.add_child(Raw(_body(sheet)), name="body")
    page.script.add_child(Raw(asset("index.js")), name="script")
    write_page(self_contained(page), path)


def _body(sheet: Sheet) -> str:
    titles = json_for_script([sheet.title.in_script(lang) for lang in LANGS])
    top = tag(
        "header",
        tag("div",
            tag("div", tag("h1", tri(sheet.title)), tag("p", tri(t("review_subtitle")))),
            tag("nav", tag("a", tri(t("eco_open")), href="ecology.html", class_="go", data_keep="1"), switch.languages())),
        class_="top",
    )  # fmt: skip
    notices = [tag("p", tri(t("review_screening")), class_="notice")]
    if lacking := not_given(sheet.not_given):
        notices.append(tag("p", tri(lacking), class_="notice"))
    if any(s.scenario.counterfactual for s in _sides(sheet)):
        notices.append(tag("p", tri(t("counterfactual")), class_="banner"))
    sections = (build(sheet) for build in SECTIONS)
    return "\n".join(
        (top, tag("main", *notices, *sections), tag("script", titles, type="application/json", id="titles"))
    )


def _sides(sheet: Sheet) -> list[Reviewed]:
    return [s for s in (sheet.review.subject, sheet.review.against) if s is not None]


def short(sheet: Sheet) -> str:
    """The review in a few sentences."""
    side = sheet.subject
    if not side.works:
        return section("review_short", tag("p", tri(t("review_nothing"))))
    points = [*_said(side, sheet.not_given), *_said_against(sheet)]
    items = [tag("li", tri(point)) for point in points]
    return section(
        "review_short",
        tag("div", tag("ul", *items), class_="answer"),
        tag("p", tri(region_words(sheet.region)["review_sure"]), class_="note"),
    )


def _said(side: Reviewed, lacking: Sequence[Role]) -> Iterable[Text]:
    head = side.headlines["central"]
    taken = side.ecology.designation_take
    if len(taken):
        yield fill("review_designation", names=listed([*_areas_taken(taken)]))
    elif "designations" not in lacking:
        yield t("review_no_designation")
    yield fill(
        "review_wetland",
        permanent=hectares(head.permanent_wetland_ha),
        temporary=hectares(head.temporary_wetland_ha),
        marine=hectares(head.permanent_marine_ha),
        marine_works=hectares(head.temporary_marine_ha),
    )
    if "green_corridors" not in lacking:
        yield fill(
            "review_corridors",
            open=figure(round(head.corridors_crossed_open_m)),
            under=figure(round(head.corridors_crossed_underground_m)),
            taken=hectares(head.corridors_taken_ha),
        )
    if "wildlife_sites" not in lacking:
        yield fill(
            "review_wildlife",
            works=figure(head.wildlife_sites_construction),
            trains=figure(head.wildlife_sites_operation),
        )
    if head.not_assessed_m > 0:
        yield fill("review_unknown", length=figure(round(head.not_assessed_m)))
    prints = side.ecology.footprint
    ground = prints[prints["permanence"] != "shade"]
    whole = float(ground["area_ha"].sum())
    if whole > 0:
        assumed = float(ground.loc[ground["assumed"].astype(bool), "area_ha"].sum())
        yield fill("review_assumed", share=figure(round(100 * assumed / whole)))


def _areas_taken(taken: pd.DataFrame) -> Iterable[Text]:
    """Each designated area with its hectares; areas lie over one another, so there is no sum."""
    for _, rows in taken.groupby("designation_id", sort=True):
        name = row_name(rows.iloc[0].to_dict())
        by_span = rows.groupby("permanence")["area_ha"].sum()
        size = " / ".join(hectares(float(by_span.get(p, 0.0))) for p in ("permanent", "temporary"))
        yield joined([name, Text(en=size)])


def _said_against(sheet: Sheet) -> Iterable[Text]:
    if sheet.review.difference is None or sheet.review.against is None:
        return
    frame = sheet.review.difference.headline.set_index("measure")["difference"]
    said = [
        Text(
            en=f"{title.en.lstrip('– ')} {value} {unit.en}",
            zh_hant=f"{title.zh_hant.lstrip('– ')} {value} {unit.zh_hant}",
            zh_hans=f"{title.zh_hans.lstrip('– ')} {value} {unit.zh_hans}",
        )
        for measure in AGAINST
        if (value := _moved(frame[measure], measure))
        and (unit := _unit(measure))
        and (title := _headline(measure))
    ]
    if said:
        yield fill("review_against", other=named(sheet.review.against), values=joined(said))


AGAINST = (
    "permanent_ha", "construction_wetland_equivalent_ha", "operation_wetland_equivalent_ha",
    "construction_marine_equivalent_ha", "corridors_crossed_open_m", "corridors_taken_ha",
)  # fmt: skip
"""Headline figures whose difference is said in words."""


def _headline(measure: str) -> Text:
    found = t(f"headline_{measure}")
    return Text(en=found.en, zh_hant=found.zh_hant or "", zh_hans=found.zh_hans or "")


def _unit(measure: str) -> Text:
    return term("unit", "m" if measure.endswith("_m") else "ha" if measure.endswith("_ha") else "sites")


def _moved(difference: float, measure: str) -> str:
    words = signed(round(difference) if measure.endswith("_m") else difference)
    return "" if words in {"0", "≈ 0"} else words


def figures(sheet: Sheet) -> str:
    """All headline figures with their range, the other scenario and the difference beside."""
    sides = _sides(sheet)
    cases = [{case: asdict(h) for case, h in side.headlines.items()} for side in sides]
    head = [tri(t("review_figure")), tri(t("unit")), *(tri(named(s)) for s in sides)]
    head += [tri(t("review_difference"))] if len(sides) == 2 else []
    rows = []
    for measure in cases[0]["central"]:
        row = [tri(t(f"headline_{measure}")), tri(_unit(measure))]
        row += [_ranged({name: values[measure] for name, values in case.items()}, measure) for case in cases]
        if len(sides) == 2:
            row.append(
                esc(_moved(cases[0]["central"][measure] - cases[1]["central"][measure], measure) or "0")
            )
        rows.append(row)
    return section("review_figures", table(head, rows), tag("p", tri(t("range_note")), class_="note"))


def _ranged(by_case: Mapping[str, float], measure: str) -> str:
    """The central figure with the low and high case below it where they differ."""
    show = {c: hectares(v) if measure.endswith("_ha") else figure(round(v)) for c, v in by_case.items()}
    if show["low"] == show["central"] == show["high"]:
        return esc(show["central"])
    low, high = sorted(("low", "high"), key=lambda case: by_case[case])
    return esc(show["central"]) + tag("small", esc(f"({show[low]} – {show[high]})"), class_="range")


def corridors(sheet: Sheet) -> str:
    """What a reviewer reads first: each corridor against each part and site of each line."""
    frame = sheet.subject.ecology.corridor_crossings
    if frame.empty:
        return section("review_corridor_title", tag("p", tri(_nothing(sheet, "green_corridors"))))
    rows = list(rows_of(frame))
    hits = [r for r in rows if flag_of(r["crossed"])]
    common = [
        Column("review_corridor_part", lambda r: tri(_corridor(r))),
        Column(
            "line",
            lambda r: tri(sheet.line(r["line_id"])) + tag("small", tri(sheet.place(r))),
            True,
        ),
        Column("structure", lambda r: tri(_structure(r)), True),
    ]
    crossed = [
        *common,
        Column("result", lambda r: tri(_way(r)), True),
        Column("review_inside_m", lambda r: figure(round(r["length_m"])) if r["length_m"] else "–"),
        Column("review_width_m", lambda r: _metres(r["corridor_width_m"])),
        Column(
            "review_taken",
            lambda r: " / ".join(hectares(r[f"{p}_ha"]) for p in ("permanent", "temporary", "shade")),
        ),
        Column("confidence", lambda r: esc(text_of(r["confidence"]))),
    ]
    parts = [methods.words(sheet), frame_table(hits, crossed) if hits else tag("p", tri(t("none_found")))]
    return section("review_corridor_title", *parts, _spared(sheet, rows))


def _nothing(sheet: Sheet, role: Role) -> Text:
    """What stands for a table without rows: that nothing was found, or that there was no layer to look in."""
    return (not_given([role]) if role in sheet.not_given else None) or t("none_found")


def _spared(sheet: Sheet, rows: list[dict[str, Any]]) -> str:
    """Each corridor part against each line that stays off it: what comes nearest, and how much was looked at."""
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["corridor_id"], row["corridor_part"], row["line_id"]), []).append(row)
    away = [
        {**min(group, key=lambda r: float(r["distance_m"])), "looked_at": len(group)}
        for group in found.values()
        if not any(flag_of(r["crossed"]) for r in group)
    ]
    if not away:
        return ""
    columns = [
        Column("review_corridor_part", lambda r: tri(_corridor(r))),
        Column("line", lambda r: tri(sheet.line(r["line_id"])), True),
        Column(
            "review_nearest",
            lambda r: tri(sheet.place(r)) + tag("small", tri(_structure(r))),
            True,
        ),
        Column("distance", lambda r: figure(round(r["distance_m"], -1))),
        Column("review_looked_at", lambda r: figure(r["looked_at"])),
    ]
    away.sort(key=lambda r: float(r["distance_m"]))
    summary = tag("summary", tri(fill("review_corridor_spared", count=len(away))))
    return tag("details", summary, frame_table(away, columns))


def _corridor(row: dict[str, Any]) -> Text:
    whole, part = row_name(row), row_name(row, "corridor_part")
    return joined([whole, part]) if part.en else whole


def _structure(row: dict[str, Any]) -> Text:
    kind = text_of(row["structure"])
    found = term("structure", kind)
    return found if text_of(row.get("part_id")) else term("site", kind)


def _way(row: dict[str, Any]) -> Text:
    return t("underground" if flag_of(row["underground"]) else "in_the_open")


def _metres(value: object) -> str:
    found = number_of(value)
    return "–" if found is None else figure(round(found))


def conflicts(sheet: Sheet) -> str:
    """Every conflict with its layer, date, licence and confidence."""
    frame = sheet.subject.conflicts
    if frame.empty:
        return section("review_conflicts", tag("p", tri(t("none_found"))))
    columns = [
        Column("review_number", lambda r: esc(r["conflict_id"])),
        Column(
            "review_what",
            lambda r: tri(term("kind", r["kind"])) + tag("strong", " ", tri(_hurt(sheet, r))),
            True,
        ),
        Column("review_by", lambda r: _by(sheet, r), True),
        Column("review_size", _size),
        Column(
            "review_layer", lambda r: tri(sheet.layers[r["layer"]]) + tag("small", esc(r["layer_date"])), True
        ),
        Column(
            "review_confidence_of",
            lambda r: esc(f"{r['confidence'] or '–'} / {r['subject_confidence'] or '–'}"),
        ),
    ]
    rows = list(rows_of(pd.DataFrame(frame.drop(columns="geometry"))))
    kinds = list(dict.fromkeys(row["kind"] for row in rows))
    rows.sort(key=lambda row: (kinds.index(row["kind"]), *_gravity(row)))
    parts = [
        tag("p", tri(t("review_conflicts_note")), class_="note"),
        frame_table(rows[:SHOWN_CONFLICTS], columns),
    ]
    if len(rows) > SHOWN_CONFLICTS:
        summary = tag("summary", tri(fill("more_rows", count=len(rows) - SHOWN_CONFLICTS)))
        parts.append(tag("details", summary, frame_table(rows[SHOWN_CONFLICTS:], columns)))
    licences = {r["layer"]: r["layer_licence"] for r in rows}
    parts += [
        tag("p", tri(sheet.layers[layer]), ": ", esc(licence), class_="note")
        for layer, licence in sorted(licences.items())
    ]
    return section("review_conflicts", *parts)


GRAVEST = ("wetland", "marine", "freshwater", "woodland", "farmland")
"""Habitat groups in the order in which their loss is listed."""


def _gravity(row: dict[str, Any]) -> tuple[int, float, str]:
    """Where a conflict stands among those of its kind: by what is hurt, then the largest first."""
    group = GRAVEST.index(row["subject"]) if row["subject"] in GRAVEST else len(GRAVEST)
    sizes = (number_of(row["area_ha"]), number_of(row["length_m"]))
    return group, -max(s or 0.0 for s in sizes), row["conflict_id"]


def _hurt(sheet: Sheet, row: dict[str, Any]) -> Text:
    return sheet.habitat(row["subject_id"]) if row["layer"] == "habitat" else row_name(row)


def _by(sheet: Sheet, row: dict[str, Any]) -> str:
    kind = "site" if row["site_id"] else "component" if row["component"] else "structure"
    how = [term(kind, row["component"] or row["structure"])]
    how += [term("permanence", row["permanence"])] if row["permanence"] else []
    how += [term("phase", row["phase"])] if row["phase"] else []
    return tri(sheet.line(row["line_id"])) + tag(
        "small", tri(sheet.place(row)), ": ", tri(joined([h for h in how if h.en]))
    )


def _size(row: dict[str, Any]) -> str:
    for name, unit in (("area_ha", "ha"), ("length_m", "m"), ("distance_m", "m")):
        value = number_of(row[name])
        if value is not None:
            words = hectares(value) if unit == "ha" else figure(round(value))
            return esc(words) + " " + tri(term("unit", unit))
    return "–"


def sites(sheet: Sheet) -> str:
    """Depots, shafts, portals and worksites, with what is assumed of them."""
    rows = [{"line_id": work.line_id, **vars(site)} for work in sheet.subject.works for site in work.sites]
    if not rows:
        return ""
    columns = [
        Column("site", lambda r: tri(sheet.place(r))),
        Column("line", lambda r: tri(sheet.line(r["line_id"])), True),
        Column("kind", lambda r: tri(term("site", r["kind"])), True),
        Column("review_area", lambda r: "–" if r["area_ha"] is None else hectares(r["area_ha"])),
        Column("review_lasting", lambda r: tri(t("review_permanent" if r["permanent"] else "review_temporary")), True),
        Column("confidence", lambda r: esc(r["confidence"])),
        Column("review_source", lambda r: tri(t("review_assumption")) + esc(" " + " ".join(r["source"]))
               if r["assumed"] else esc(" ".join(r["source"])), True),
    ]  # fmt: skip
    return section(
        "review_sites", tag("p", tri(t("review_sites_note")), class_="note"), frame_table(rows, columns)
    )


def taken(sheet: Sheet) -> str:
    """Hectares by habitat and by designation, for good, for the works, and shaded."""
    side = sheet.subject.ecology
    parts = []
    if len(side.habitat_take):
        parts.append(_spans(side.habitat_take, "habitat_id", "habitat", sheet.habitat, "review_take"))
    if len(side.designation_take):
        designated = names(side.designation_take, "designation_id")
        parts.append(
            _spans(
                side.designation_take,
                "designation_id",
                "designation",
                lambda i: designated[i],
                "review_designated",
            )
        )
    else:
        nothing = _nothing(sheet, "designations")
        parts.append(tag("h3", tri(t("review_designated"))) + tag("p", tri(nothing)))
    return section("review_take", *parts) if side.footprint.size else ""


def _spans(frame: pd.DataFrame, key: str, heading: str, name: Callable[[object], Text], title: str) -> str:
    grid = frame.pivot_table(index=key, columns="permanence", values="area_ha", aggfunc="sum", fill_value=0.0)
    grid = grid.reindex(columns=["permanent", "temporary", "shade"], fill_value=0.0)
    grid = grid.sort_values(["permanent", "temporary", "shade"], ascending=False, kind="stable")
    total = grid.sum().rename("total")
    head = [tri(t(heading)), *(tri(t(f"review_{p}")) for p in grid.columns)]
    rows = [[tri(name(i)), *(hectares(float(v)) for v in row)] for i, row in grid.iterrows()]
    if heading == "habitat":  # designations lie over one another and have no sum
        rows.append([tag("th", tri(t("total")), scope="row"), *(hectares(float(v)) for v in total)])
    return tag("h3", tri(t(title))) + table(head, rows)


def disturbed(sheet: Sheet) -> str:
    """Habitat in the bands around works and operation, with the weighted areas."""
    frame = sheet.subject.ecology.habitat_disturbance
    if frame.empty:
        return ""
    bands = sorted(dict.fromkeys(frame["band"]), key=lambda b: float(str(b).split("-")[0]))
    near = frame[frame["outer_m"] <= 500]
    blocks = []
    for phase in dict.fromkeys(frame["phase"]):
        mine, close = frame[frame["phase"] == phase], near[near["phase"] == phase]
        grid = mine.pivot_table(
            index="habitat_id", columns="band", values="area_ha", aggfunc="sum", fill_value=0.0
        )
        weighted = close.groupby("habitat_id")[
            [f"equivalent_{c}_ha" for c in ("low", "central", "high")]
        ].sum()
        grid = grid.loc[grid.sum(axis=1).sort_values(ascending=False, kind="stable").index]
        rows = [
            [tri(sheet.habitat(i)), *(f"{row.get(b, 0.0):,.1f}" for b in bands),
             " / ".join(hectares(float(v)) for v in weighted.loc[i]) if i in weighted.index else "–"]
            for i, row in grid.iterrows()
        ]  # fmt: skip
        head = [tri(t("habitat")), *(esc(f"{b} m") for b in bands), tri(t("review_weighted"))]
        blocks.append(table(head, rows, caption=tri(term("phase", phase))))
    note = tag("p", tri(t("review_disturbance_note")), class_="note")
    return section("review_disturbance", note, *blocks)


def unknown(sheet: Sheet) -> str:
    """Metres of each part where no habitat is known; said also where there are none."""
    frame = sheet.subject.ecology.not_assessed_m
    rows = list(rows_of(frame[frame["not_assessed_m"] > 0])) if len(frame) else []
    if not rows:
        return section("review_unknown_title", tag("p", tri(t("review_unknown_none"))))
    columns = [
        Column("part", lambda r: tri(sheet.line(r["line_id"])) + tag("small", tri(sheet.place(r)))),
        Column("structure", lambda r: tri(term("structure", r["structure"])), True),
        Column("unit_m", lambda r: figure(round(r["not_assessed_m"]))),
    ]
    return section("review_unknown_title", frame_table(rows, columns))


def assumptions(sheet: Sheet) -> str:
    """What the scenario assumes, and what is not modelled."""
    scenario = sheet.subject.scenario
    said = dict.fromkeys([*scenario.assumptions, *(a for w in scenario.works for a in w.assumptions)])
    parts = [tag("ul", *(tag("li", tri(a)) for a in said)) if said else tag("p", tri(t("none_found")))]
    if scenario.not_modelled:
        parts += [
            tag("h3", tri(t("not_modelled_title"))),
            tag("ul", *(tag("li", tri(a)) for a in scenario.not_modelled)),
        ]
    return section("assumptions_title", *parts)


def sources(sheet: Sheet) -> str:
    """Attribution of the layers, their date and the coordinates."""
    items = (tag("li", tri(a)) for a in sheet.attributions)
    notes = tag("p", tri(fill("date_note", date=sheet.date)), " ", tri(t("crs_note")), class_="note")
    return section(
        "sources_title", tag("ul", *items), tag("p", tri(t("confidence_key")), class_="note"), notes
    )


SECTIONS: tuple[Callable[[Sheet], str], ...] = (
    short, corridors, figures, methods.sections, conflicts, methods.significance, methods.hierarchy,
    methods.ledger, sites, taken, disturbed, methods.seasons, methods.quality, methods.fragmentation, methods.taxa, unknown,
    assumptions, sources,
)  # fmt: skip

"""The sections of a review that rest on a method: quality, animals, ledger, hierarchy, significance, seasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from corridor.drawing.i18n import fill, joined, region_words, t, term
from corridor.drawing.long_section import long_section_drawing
from corridor.drawing.numbers import figure, hectares, signed
from corridor.drawing.svg import svg
from corridor.schema.catalog_entry import Role
from corridor.schema.rows import flag_of, names, number_of, row_name, rows_of, text_of
from corridor.study.nature import QUALITY_ROLES, SIGNIFICANCE_ROLES, TAXA_ROLES
from corridor.web.html import esc, table, tag, tri
from corridor.web.review_sheet import Column, Sheet, frame_table, named
from corridor.web.titles import section


def words(sheet: Sheet) -> str:
    """A sentence for each line and corridor that it meets; the rest is counted in one."""
    rows = [r for r in rows_of(sheet.subject.crossings_in_words) if flag_of(r["crossed"])]
    return (
        tag(
            "ul",
            *(
                tag("li", tag("strong", tri(sheet.line(r["line_id"]))), ": ", tri(sheet.told(r)))
                for r in rows
            ),
        )
        if rows
        else ""
    )


def sections(sheet: Sheet) -> str:
    """Each line along its length: structure, sites, and what it crosses."""
    drawn = [
        tag(
            "div", svg(long_section_drawing(s), "long-section"), class_="scroll section-drawing", tabindex="0"
        )
        for s in sheet.subject.sections
    ]
    return section("review_sections", *drawn) if drawn else ""


def seasons(sheet: Sheet) -> str:
    """Rules on seasons and distances that apply to parts and sites."""
    frame = sheet.subject.seasons
    if frame.empty:
        return section("review_seasons", tag("p", tri(t("none_found"))))
    columns = [
        Column("review_rule", lambda r: tri(row_name(r, "title")) + tag("small", tri(row_name(r, "rule")))),
        Column("review_by", lambda r: tri(sheet.line(r["line_id"])) + tag("small", tri(sheet.place(r)), ", ", tri(term("phase", r["phase"]))), True),
        Column("review_what", lambda r: tri(row_name(r)), True),
        Column("review_months", lambda r: esc(r["months"]) or tri(t("review_all_year"))),
        Column("review_within", lambda r: figure(r["within_m"])),
        Column("review_far", _distance),
        Column("confidence", lambda r: esc(r["confidence"])),
    ]  # fmt: skip
    rows = sorted(
        rows_of(frame), key=lambda r: (not flag_of(r["sure"]), r["rule_id"], r["line_id"], r["subject_id"])
    )
    note = tag("p", tri(region_words(sheet.region)["review_seasons_note"]), class_="note")
    return section("review_seasons", note, _folded(rows, columns))


def _distance(row: dict[str, Any]) -> str:
    away, area_ha = number_of(row["distance_m"]), number_of(row["area_ha"])
    shown = hectares(area_ha or 0.0) + " ha" if away is None else figure(round(away))
    return esc(shown) + ("" if flag_of(row["sure"]) else tag("small", tri(t("review_maybe"))))


def _folded(rows: list[dict[str, Any]], columns: list[Column], shown: int = 15) -> str:
    """The first rows, and the others folded away."""
    first = frame_table(rows[:shown], columns)
    if len(rows) <= shown:
        return first
    more = tag("summary", tri(fill("more_rows", count=len(rows) - shown)))
    return first + tag("details", more, frame_table(rows[shown:], columns))


def not_given(title: str, roles: Sequence[Role]) -> str:
    """A section whose layers the study does not have."""
    return section(title, tag("p", tri(fill("review_not_given", roles=", ".join(roles)))))


def quality(sheet: Sheet) -> str:
    """Habitat quality lost by cause, side and habitat."""
    change = sheet.subject.quality
    if change is None:
        return not_given("review_quality", QUALITY_ROLES)
    totals, losses = change.totals, change.losses
    note = fill(
        "review_quality_note",
        area=f"{totals['area_ha'].sum():,.0f}",
        before=f"{totals['before_ha'].sum():,.0f}",
    )
    parts = [tag("p", tri(note), class_="note")]
    if losses.empty:
        return section("review_quality", *parts, tag("p", tri(t("none_found"))))
    grid = losses.pivot_table(
        index=["side", "habitat_id"], columns="cause", values="loss_ha", aggfunc="sum", fill_value=0.0
    )
    grid = grid.loc[grid.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    causes = list(grid.sum().sort_values(ascending=False).index)
    head = [tri(t("habitat")), tag("th", tri(t("review_side")), class_="words", scope="col")]
    head += [*(tri(term("cause", c)) for c in causes), tri(t("total"))]
    body = [
        [
            tri(sheet.habitat(h)),
            tag("td", tri(sheet.region.names.get(s) or term("side", s)), class_="words"),
            *(_ha(row[c]) for c in causes),
            _ha(row.sum()),
        ]
        for (s, h), row in grid.iterrows()
    ]
    whole = grid.sum()
    body.append([tri(t("total")), "<td></td>", *(_ha(whole[c]) for c in causes), _ha(whole.sum())])
    return section("review_quality", *parts, table(head, body))


def _ha(value: float) -> str:
    return esc(hectares(float(value)))


def fragmentation(sheet: Sheet) -> str:
    """Patches, mesh and core area of each habitat group before and after, and the patches that are cut."""
    change = sheet.subject.fragmentation
    columns = [
        Column("habitat", lambda r: tri(term("group", r["group"]))),
        Column("review_patches", lambda r: f"{r['patches_before']:,.0f}" + _moved(r["patches_change"])),
        Column("review_mesh", lambda r: figure(r["mesh_ha_before"]) + _moved(r["mesh_ha_change"])),
        Column("review_core", lambda r: figure(r["core_ha_before"]) + _moved(r["core_ha_change"])),
        Column("review_largest", lambda r: figure(r["largest_patch_percent_before"])),
    ]
    note = fill("review_fragmentation_note", rule=change.neighbours, cell=figure(change.edge_depth_m))
    parts = [tag("p", tri(note), class_="note"), frame_table(rows_of(change.groups), columns)]
    if len(change.cut):
        cut = [
            Column("habitat", lambda r: tri(term("group", r["group"]))),
            Column("review_area", lambda r: figure(r["area_ha"])),
            Column("review_pieces", lambda r: figure(r["pieces"])),
            Column("review_cut_off", lambda r: figure(r["severed_ha"])),
            Column("line", lambda r: ", ".join(tri(sheet.line(i)) for i in _listed(r["lines"])), True),
        ]
        parts.append(
            tag("h3", tri(t("review_cut")))
            + frame_table(rows_of(pd.DataFrame(change.cut.drop(columns="geometry"))), cut)
        )
    else:
        parts.append(tag("p", tri(t("review_cut_none"))))
    return section("review_fragmentation", *parts)


def _listed(value: Any) -> list[str]:
    """Ids that a cell holds, as a list or parted by spaces."""
    return value.split() if isinstance(value, str) else [str(v) for v in value]


def _moved(change: float) -> str:
    return tag("small", esc(signed(change)), class_="change") if abs(change) > 0 else ""


def taxa(sheet: Sheet) -> str:
    """Each animal: what it can reach, and the way that suffers most."""
    result = sheet.subject.taxa
    if result is None:
        return not_given("review_taxa", TAXA_ROLES)
    animals, cores = names(sheet.animals, "taxon_id"), names(sheet.cores, "core_id")
    rows = []
    for row in rows_of(result.headline()):
        ways = result.resistance[
            (result.resistance["taxon_id"] == row["taxon_id"])
            & (result.resistance["from_core"] == row.get("from_core"))
            & (result.resistance["to_core"] == row.get("to_core"))
        ]
        by_case = dict(zip(ways["case"], ways["change_percent"], strict=True))
        row["changes"] = " / ".join(signed(by_case.get(c)) for c in ("low", "central", "high"))
        rows.append(row)
    columns = [
        Column("review_animal", lambda r: tri(animals[r["taxon_id"]])),
        Column("review_eca", lambda r: figure(r["eca_ha_before"])),
        Column("review_eca_change", lambda r: esc(signed(r["eca_change_ha"]))),
        Column("review_way", lambda r: tri(joined([cores[r.get("from_core")], cores[r.get("to_core")]])) if text_of(r.get("from_core")) else "–", True),
        Column("review_way_change", lambda r: esc(r["changes"])),
    ]  # fmt: skip
    return section(
        "review_taxa", tag("p", tri(t("review_taxa_note")), class_="note"), frame_table(rows, columns)
    )


def ledger(sheet: Sheet) -> str:
    """What is lost in area and in function, and the hectares that would have to be created."""
    if sheet.subject.ledger is None:
        return not_given("review_ledger", ("compensation",))
    rows = [r for r in rows_of(sheet.subject.ledger.at("central").reset_index()) if _counts(r)]
    if not rows:
        return ""
    columns = [
        Column("habitat", lambda r: tri(sheet.habitat(r["habitat_id"]))),
        Column("review_lost_good", lambda r: _ha(r["lost_for_good_ha"])),
        Column("review_lost_time", lambda r: _ha(r["lost_for_a_time_ha"])),
        Column("review_function", lambda r: _known(r["function_lost_ha"])),
        Column("review_required_good", lambda r: _known(r["required_for_good_ha"])),
        Column("review_required_time", lambda r: _known(r["required_for_a_time_ha"])),
        Column("review_required", lambda r: _known(r["still_required_ha"])),
    ]
    return section(
        "review_ledger", tag("p", tri(t("review_ledger_note")), class_="note"), frame_table(rows, columns)
    )


def _counts(row: dict[str, Any]) -> bool:
    return any(
        (number_of(row[c]) or 0.0) > 0 for c in ("lost_for_good_ha", "lost_for_a_time_ha", "function_lost_ha")
    )


def _known(value: object) -> str:
    found = number_of(value)
    return tri(t("habitat_not_assessed")) if found is None else esc(hectares(found))


def hierarchy(sheet: Sheet) -> str:
    """What the subject avoids, minimises, compensates and leaves of the other's impact."""
    accounts, other = sheet.review.hierarchy, sheet.review.against
    if accounts is None or other is None:
        return ""
    rows = rows_of(accounts.totals[accounts.totals["case"] == "central"])
    keys = ("reference", "avoided", "minimised", "compensated", "residual", "added")
    head = [
        tri(t("measure")),
        *(tri(t("review_reference_ha" if k == "reference" else f"review_{k}")) for k in keys),
    ]
    body = [[tri(term("measure", r["measure"])), *(esc(figure(r[f"{k}_ha"])) for k in keys)] for r in rows]
    title = tag("h2", tri(fill("review_hierarchy", other=named(other))))
    note = tag("p", tri(t("review_hierarchy_note")), class_="note")
    return tag("section", title, note, table(head, body), id="review-hierarchy")


def significance(sheet: Sheet) -> str:
    """The matrix: level and reasons for each part, site and line."""
    matrix = sheet.subject.significance
    if matrix is None:
        return not_given("review_significance", SIGNIFICANCE_ROLES)
    if matrix.overall.empty:
        return ""
    rows = list(
        rows_of(matrix.overall.sort_values("level", ascending=False, kind="stable", na_position="last"))
    )
    told = [r for r in rows if (number_of(r["level"]) or 0) > 0]
    rest = [r for r in rows if not (number_of(r["level"]) or 0) > 0]
    columns = [
        Column("review_unit", lambda r: tri(sheet.line(r["line_id"])) + tag("small", esc("" if r["unit_kind"] == "line" else r["unit_id"]))),
        Column("kind", lambda r: tri(term("group", r["group"])), True),
        Column("review_level", _level, True),
        Column("review_reason", lambda r: tri(row_name(r, "reason")), True),
    ]  # fmt: skip
    parts = [tag("p", tri(t("review_significance_note")), class_="note")]
    parts.append(frame_table(told, columns) if told else tag("p", tri(t("none_found"))))
    if rest:
        summary = tag("summary", tri(fill("review_none_rows", count=len(rest))))
        parts.append(tag("details", summary, frame_table(rest, columns)))
    missing = [
        tag("li", tri(term("criterion", r["criterion"])), ": ", tri(row_name(r, "reason")))
        for r in rows_of(matrix.not_assessed)
    ]
    if missing:
        parts.append(tag("details", tag("summary", tri(t("review_headings_missing"))), tag("ul", *missing)))
    return section("review_significance", *parts)


def _level(row: dict[str, Any]) -> str:
    level = number_of(row["level"])
    said = t("level_not_assessed") if level is None else term("level", row["level_name"])
    return tag("span", tri(said), class_=f"level level-{'x' if level is None else int(level)}")

"""What scenarios do to nature, as rows of nature.html: corridors, hectares taken and disturbed, wildlife near the works, recreation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from corridor.drawing.i18n import fill, listed, t, term
from corridor.drawing.numbers import figure, flagged, hectares, signed
from corridor.schema.rows import flag_of, names, number_of, row_name, rows_of, text_of
from corridor.schema.text import Text
from corridor.study.compare import Comparison
from corridor.study.recreation import MINUTES, Recreation
from corridor.web.layers import PageLayers
from corridor.web.tables import Cell, Row, line_names


def building(comparison: Comparison) -> list[str]:
    """The scenarios that build something."""
    return [i for i, r in comparison.results.items() if len(r.footprint)]


def _rows(comparison: Comparison, table: str) -> list[dict[str, Any]]:
    """The rows of a table of every scenario that builds something, each with its scenario_id."""
    return [
        row | {"scenario_id": i}
        for i in building(comparison)
        for row in rows_of(getattr(comparison.results[i].ecology, table))
    ]


# --- green corridors -----------------------------------------------------------------------------------


Verdict = tuple[Text, Text]
"""What part of a line does to a corridor, and in which structure."""


Met = Mapping[tuple[str, str, str], list[dict[str, Any]]]
"""By scenario, corridor and line, how the parts of the line meet the corridor."""


def _met(comparison: Comparison) -> Met:
    met: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in _rows(comparison, "corridor_crossings"):
        met.setdefault((row["scenario_id"], row["corridor_id"], row["line_id"]), []).append(row)
    return met


def corridors(comparison: Comparison, layers: PageLayers) -> list[dict[str, Any]]:
    """Each green corridor against each line that crosses it; scenarios alike in one row.

    Parameters
    ----------
    comparison
        The comparison, of which scenarios that build something count.
    layers
        For names of corridors and their species.

    Returns
    -------
    list of dict
        corridor, species, line, verdicts, and ids of the scenarios.
    """
    known, lines = names(layers.green_corridors, "corridor_id"), line_names(comparison)
    notes = {text_of(r["corridor_id"]): row_name(r, "species_note") for r in rows_of(layers.green_corridors)}
    alike: dict[tuple[str, str, tuple[Verdict, ...]], list[str]] = {}
    for (scenario_id, corridor_id, line_id), rows in _met(comparison).items():
        if hits := [r for r in rows if flag_of(r["crossed"])]:
            verdicts = tuple(dict.fromkeys(map(_crossing, hits)))
            alike.setdefault((corridor_id, line_id, verdicts), []).append(scenario_id)
    return [
        {"corridor": known[corridor], "species": notes.get(corridor), "line": lines[line], "verdicts": verdicts, "ids": ids}
        for (corridor, line, verdicts), ids in sorted(alike.items(), key=lambda item: item[0][:2])
    ]  # fmt: skip


def spared(comparison: Comparison, layers: PageLayers) -> list[dict[str, Any]]:
    """Each green corridor that a line stays off, with those lines.

    Parameters
    ----------
    comparison
        The comparison, of which scenarios that build something count.
    layers
        For names of corridors.

    Returns
    -------
    list of dict
        corridor; lines with their distance (least and greatest of the scenarios) in one text, nearest first; the nearest of
        them; and crossed, whether another line, or the same in another scenario, crosses the corridor.
    """
    known, lines = names(layers.green_corridors, "corridor_id"), line_names(comparison)
    away_m: dict[str, dict[str, list[float]]] = {}
    crossed = set()
    for (_, corridor_id, line_id), rows in _met(comparison).items():
        if any(flag_of(r["crossed"]) for r in rows):
            crossed.add(corridor_id)
        else:
            far = [d for r in rows if (d := number_of(r["distance_m"])) is not None]
            away_m.setdefault(corridor_id, {}).setdefault(line_id, []).extend([min(far)] if far else [])
    return [
        {
            "corridor": known[corridor],
            "lines": listed(said),
            "nearest": said[0],
            "crossed": corridor in crossed,
        }
        for corridor, by_line in sorted(away_m.items())
        for said in [[_away(lines[i], far) for i, far in sorted(by_line.items(), key=_nearest)]]
    ]


def _nearest(item: tuple[str, list[float]]) -> tuple[float, str]:
    return min(item[1], default=float("inf")), item[0]


def _away(line: Text, away_m: Sequence[float]) -> Text:
    if not away_m:
        return line
    ends = dict.fromkeys(figure(round(d, -1)) for d in (min(away_m), max(away_m)))
    return fill("line_away", line=line, distance=" – ".join(ends))


def _crossing(row: Mapping[str, Any]) -> Verdict:
    """One crossing: under or over ground with its length, or for a site its area."""
    structure = term(
        "site" if text_of(row.get("site_id")) else "structure", text_of(row["structure"]) or "site"
    )
    length, area_ha = round(number_of(row["length_m"]) or 0.0), number_of(row.get("area_ha")) or 0.0
    if not length and area_ha:
        return fill("occupied", area=hectares(area_ha)), structure
    key = "crossed_below" if flag_of(row.get("underground")) else "crossed"
    return fill(key, length=figure(length)), structure


def streams(comparison: Comparison) -> list[tuple[Text, list[Text], list[str]]] | None:
    """Each line that crosses streams, how it does, and ids of the scenarios; scenarios alike in one row.

    None where the study has no layer of streams.
    """
    if comparison.watershed is None:
        return None
    lines = line_names(comparison)
    alike: dict[tuple[str, tuple[Text, ...]], list[str]] = {}
    for (line_id, scenario_id), rows in comparison.watershed.groupby(["line_id", "scenario_id"], sort=False):
        alike.setdefault((str(line_id), _streams_met(rows)), []).append(str(scenario_id))
    return [
        (lines[line], list(said), ids) for (line, said), ids in sorted(alike.items(), key=lambda i: i[0][0])
    ]


def _streams_met(rows: pd.DataFrame) -> tuple[Text, ...]:
    at = rows[rows["surface"].astype(bool)]
    of_site = at["site_id"].fillna("").ne("").map({True: "site", False: "structure"})
    below = set(rows["stream_id"]) - set(at["stream_id"])
    said = []
    if len(at):
        said.append(fill(
            "streams_surface", count=str(at["stream_id"].nunique()),
            structures=listed([term(kind, s) for kind, s in dict.fromkeys(zip(of_site, at["structure"], strict=True))]),
            permanent=hectares(float(at["permanent_ha"].sum())), temporary=hectares(float(at["temporary_ha"].sum())),
        ))  # fmt: skip
    if below:
        said.append(fill("streams_below", count=str(len(below))))
    return tuple(said)


# --- hectares ------------------------------------------------------------------------------------------


def habitat_take(comparison: Comparison, layers: PageLayers) -> list[Row]:
    """Hectares by habitat and scenario, the largest first: permanent, with temporary and shade below.

    Parameters
    ----------
    comparison
        The comparison; there is a cell for each scenario that builds something.
    layers
        For names of habitats.
    """
    return _take(_rows(comparison, "habitat_take"), "habitat_id", building(comparison), layers.habitat)


def designation_take(comparison: Comparison) -> list[Row]:
    """Hectares by designated area, or by kind of designation where areas have no names.

    Cells are those of :func:`habitat_take`.
    """
    rows = _rows(comparison, "designation_take")
    known = {}
    for row in rows:
        kind, name = term("designation", row["designation"]), row_name(row)
        if name.en:
            known[text_of(row.get("designation_id"))] = fill("name_and_kind", name=name, kind=kind)
    key = "designation_id" if known else "designation"
    return _take(rows, key, building(comparison), lambda i: known.get(i) or term("designation", i))


def _take(
    rows: Sequence[Mapping[str, Any]], key: str, ids: Sequence[str], name: Callable[[str], Text]
) -> list[Row]:
    area_ha: dict[tuple[str, str, str], float] = {}
    largest: dict[str, float] = {}
    for row in rows:
        kind = text_of(row.get(key)) or text_of(row.get("designation") or row.get("habitat"))
        at = (row["scenario_id"], kind, text_of(row["permanence"]))
        area_ha[at] = area_ha.get(at, 0.0) + float(row["area_ha"])
        largest[kind] = max(largest.get(kind, 0.0), area_ha[at])

    def cell(scenario_id: str, kind: str) -> Cell:
        lasting, *passing = (
            area_ha.get((scenario_id, kind, span), 0.0) for span in ("permanent", "temporary", "shade")
        )
        small = [
            ("range", fill("hectares_of", area=hectares(area), span=t(span)))
            for span, area in zip(("temporary", "shade"), passing, strict=True)
            if area > 0
        ]
        return Cell(hectares(lasting), tuple(small))

    kinds = sorted(largest, key=lambda k: (-round(largest[k], 6), k))
    return [(name(kind), [cell(i, kind) for i in ids]) for kind in kinds]


def by_band(frame: pd.DataFrame) -> pd.DataFrame:
    """Hectares disturbed by habitat and band of distance.

    Parameters
    ----------
    frame
        habitat_id, band (from-to in metres), area_ha.

    Returns
    -------
    pandas.DataFrame
        Index habitat_id, the largest first; a column for each band from near to far.
    """
    bands = sorted(dict.fromkeys(frame["band"]), key=lambda b: float(str(b).split("-")[0] or 0))
    grid = frame.pivot_table(
        index="habitat_id", columns="band", values="area_ha", aggfunc="sum", fill_value=0.0
    )
    order = grid.sum(axis=1).sort_values(ascending=False, kind="stable").index
    return grid.loc[order, bands].rename(columns="{} m".format)


Disturbance = tuple[str, Text, list[str], list[tuple[Text, list[str]]]]
"""A scenario, a phase, the headings of the bands of distance, and by habitat its hectares in each."""


def disturbance(comparison: Comparison, layers: PageLayers) -> list[Disturbance]:
    """Habitat within each distance of works and operation, in hectares, by scenario.

    Parameters
    ----------
    comparison
        The comparison, of which scenarios that build something count.
    layers
        For names of habitats.
    """
    tables = []
    for scenario_id in building(comparison):
        frame = comparison.results[scenario_id].ecology.habitat_disturbance
        for phase, rows in frame.groupby("phase", sort=False) if len(frame) else ():
            grid = by_band(rows)
            body = [(layers.habitat(h), [f"{area:,.1f}" for area in row]) for h, row in grid.iterrows()]
            tables.append((scenario_id, term("phase", phase), list(grid), body))
    return tables


# --- wildlife ------------------------------------------------------------------------------------------


Near = tuple[Text, Text, Text, Text, str]
"""A wildlife site near a line: its name, its kind, the line, the phase in which it is disturbed, metres away."""


def wildlife(comparison: Comparison) -> list[tuple[Near, list[str]]]:
    """Wildlife sites near the works, by name; scenarios alike in one row.

    Returns
    -------
    list of tuple
        What is near what, and ids of the scenarios.
    """
    lines = line_names(comparison)
    found: dict[Near, list[str]] = {}
    for row in _rows(comparison, "wildlife_conflicts"):
        away = number_of(row.get("distance_m"))
        key = (
            row_name(row),
            term("wildlife", row.get("kind")),
            lines[row["line_id"]],
            term("phase", row.get("phase")),
            "–" if away is None else figure(round(away)),
        )
        found.setdefault(key, []).append(row["scenario_id"])
    return sorted(found.items(), key=lambda item: [*(text.en for text in item[0][:4]), item[0][4]])


# --- recreation ---------------------------------------------------------------------------------------


PEOPLE = "residents"


def recreation_tables(comparison: Comparison, layers: PageLayers) -> dict[str, Any] | None:
    """Rows by scenario and by district; None where the study has no entrances.

    Parameters
    ----------
    comparison
        The comparison.
    layers
        For names of districts.

    Returns
    -------
    dict or None
        heads, of both tables: a column for each cut-off; scenarios: their ids, the reference first, with a cell for each
        cut-off, those alike in one row; district_heads and districts: shares within each cut-off, then urban nature;
        near_note and districts_note, what is assumed.
    """
    found = comparison.recreation
    if found is None:
        return None
    reference = comparison.results[comparison.reference_id]
    hour = next(iter(reference.reach), "")
    heads = [fill("recreation_within", minutes=str(m)) for m in MINUTES]
    nature = (
        [t(f"recreation_{k}") for k in ("open_space", "balance", "below", "green")]
        if len(found.nature)
        else []
    )
    return {
        "heads": heads,
        "scenarios": _by_scenario(comparison, found.near),
        "district_heads": [t("recreation_residents"), *heads, *nature],
        "districts": _by_district(comparison.reference_id, found, layers),
        "near_note": fill("recreation_near_note", count=str(len(found.entrances)), hour=hour),
        "districts_note": _note(found, flagged(reference.title, reference.flag)) if nature else None,
    }


def _note(found: Recreation, reference: Text) -> Text:
    near, far = (figure(found.standard[f"{k}_radius_m"]) for k in ("open_space", "green"))
    standard = figure(found.standard["open_space_m2"])
    return fill("recreation_districts_note", reference=reference, near=near, far=far, standard=standard)


def _by_scenario(comparison: Comparison, near: pd.DataFrame) -> list[tuple[list[str], list[Cell]]]:
    """The reference, then the scenarios that change something; those whose figures read the same in one row."""
    sums = near.pivot_table("residents", "scenario_id", "minutes", aggfunc="sum")
    before = sums.loc[comparison.reference_id]
    alike: dict[tuple[Cell, ...], list[str]] = {}
    for scenario_id in comparison.results:
        now = sums.loc[scenario_id]
        cells = tuple(
            Cell(figure(now[m], PEOPLE), (("change", signed(now[m] - before[m], PEOPLE)),) if now[m] != before[m] else ())
            for m in MINUTES
        )  # fmt: skip
        alike.setdefault(cells, []).append(scenario_id)
    rows = [(ids, list(cells)) for cells, ids in alike.items()]
    own = next(ids for ids, _ in rows if comparison.reference_id in ids)
    own[:] = [comparison.reference_id]
    return sorted(rows, key=lambda row: row[0] != own)


def _by_district(reference_id: str, found: Recreation, layers: PageLayers) -> list[Row]:
    named = names(layers.districts, "district_id")
    near = found.near[found.near["scenario_id"] == reference_id]
    shares = near.pivot_table("share", "district_id", "minutes")
    nature = found.nature.set_index("district_id") if len(found.nature) else pd.DataFrame(index=shares.index)
    people = near[near["minutes"] == MINUTES[0]].set_index("district_id")["district_residents"]
    rows = []
    for district_id, row in shares.iterrows():
        cells = [Cell(figure(people[district_id], PEOPLE)), *(Cell(f"{row[m]:.0%}") for m in MINUTES)]
        cells += [
            Cell(t("nodes_not_assessed") if np.isnan(v := float(nature.loc[district_id, c])) else said(v, unit))
            for c, said, unit in (("open_space_m2", figure, ""), ("balance_m2", signed, ""), ("below", figure, PEOPLE), ("green_m2", figure, ""))
            if c in nature
        ]  # fmt: skip
        rows.append((named[str(district_id)], cells))
    return rows

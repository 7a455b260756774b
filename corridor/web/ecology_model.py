"""What the ecology page reads: conflicts, lines by structure, bands, pictures and a calendar, each thing kept once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from corridor.drawing import long_section, palette
from corridor.drawing.crossings import lines_and_corridors
from corridor.drawing.i18n import in_each, joined, t, term
from corridor.drawing.places import place_of, places
from corridor.drawing.svg import svg
from corridor.schema.rows import flag_of, number_of, row_name, rows_of, text_of
from corridor.schema.text import Text
from corridor.study.conflict_report import EcologyView, Grid, LayerNote
from corridor.web.conflict_card import GROUPS, LEVELS, conflict_cards, line_names
from corridor.web.layers import PageLayers
from corridor.web.model import FINE_M, Pool, around, base_parts, box_of, nature_parts
from corridor.web.pack import GeometryStream
from corridor.web.raster import Warp, classed, png

CONFLICT_M = 2.0
COURSE_M = 8.0
MARGIN = 0.02
CURRENT_SHARES = (0.5, 0.75, 0.9, 0.97, 0.99)
CHANGE_STEPS = 3
QUALITY_BREAKS = (-0.2, -0.1, -0.03, -0.003)


def build_ecology(
    views: Sequence[EcologyView], notes: Mapping[str, LayerNote], layers: PageLayers, first: str = ""
) -> tuple[dict[str, Any], list[tuple[str, bytes]]]:
    """The model (for JSON) and its binary section, for :func:`corridor.web.pack.pack`.

    Parameters
    ----------
    views
        What the map shows of each scenario.
    notes
        What is known of the layers that conflicts rest on, by role.
    layers
        Layers under the conflicts, EPSG:4326.
    first
        Id of the scenario to open on; else the first.

    Returns
    -------
    tuple
        The model, and names with bytes.
    """
    stream, base = GeometryStream(), layers.base
    ids = [view.scenario.id for view in views]
    nature = nature_parts(layers, stream)
    shared = _Shared(stream, _corridor_shapes(nature, layers))
    courses = [shape for view in views for shape in view.courses.geometry]
    model = {
        "base": base_parts(base, stream),
        "nature": nature,
        "palette": palette.for_page(base.region)
        | {"structures": palette.STRUCTURES, "groups": palette.CONFLICT_MARKS, "phases": palette.PHASES},
        "openAtFirst": sorted(palette.OPEN_AT_FIRST),
        "layerNotes": dict(notes),
        "groups": [{"id": g, "name": t(f"eco_group_{g}")} for g in GROUPS],
        "levels": [{"severity": n, "name": t(f"level_{name}")} for n, name in LEVELS.items()],
        "scenarios": [shared.scenario(view) for view in views],
        "first": ids.index(first) if first in ids else 0,
        "views": {
            "area": box_of(base.bounds),
            "corridor": box_of(around(courses, MARGIN, MARGIN) or base.bounds),
        },
        "section": {"width": long_section.WIDTH, "left": long_section.LEFT, "right": long_section.RIGHT},
        "date": layers.date,
    }
    model |= {name: pool.items for name, pool in shared.pools.items()}
    model |= {"sections": list(shared.sections), "scales": shared.scales}
    return model, [("geometry", stream.to_bytes())]


class _Shared:
    """What scenarios have in common is kept once: shapes, conflicts, drawings of sections."""

    def __init__(self, stream: GeometryStream, corridors: Mapping[tuple[str, str], list[int]]) -> None:
        self.corridors = corridors
        kinds = ("parts", "courses", "stations", "footprint", "bands", "conflicts")
        self.pools = {kind: Pool(stream) for kind in kinds}
        self.sections: dict[str, int] = {}
        self.scales: dict[str, list[dict[str, Any]]] = {}

    def scenario(self, view: EcologyView) -> dict[str, Any]:
        """One scenario: its words, and the numbers of what it shows."""
        names, about = line_names(view), view.scenario
        cards = sorted(conflict_cards(view), key=lambda card: card.rank)
        add = {kind: pool.add for kind, pool in self.pools.items()}
        return {
            "id": about.id, "title": about.title, "question": about.question,
            "year": about.year, "flag": about.flag,
            "parts": [add["parts"](_part(names, r), r["geometry"], COURSE_M) for r in rows_of(view.parts)],
            "lines": [self._line(view, names, r) for r in rows_of(view.courses)],
            "stations": [add["stations"]({"name": r["name"]}, r["geometry"], 0) for r in rows_of(view.stations)],
            "footprint": [add["footprint"]({"permanence": text_of(r["permanence"])}, r["geometry"], FINE_M) for r in rows_of(view.footprint)],
            "bands": [add["bands"]({"phase": r["phase"], "m": int(r["within_m"])}, r["geometry"], 0) for r in rows_of(view.bands)],
            "conflicts": [[c.conflict_id, add["conflicts"](c.said, c.geometry, CONFLICT_M)] for c in cards],
            "calendar": calendar(view, names),
            "crossings": _crossings(view, names, self.corridors),
            "grids": [picture for grid in view.grids for picture in self._pictures(grid)],
        }  # fmt: skip

    def _line(self, view: EcologyView, names: Mapping[str, Text], row: Mapping[str, Any]) -> dict[str, Any]:
        """A line with its course and, where one was drawn, its long section."""
        mine = [s for s in view.sections if s.line_id == row["line_id"]]
        drawn = svg(long_section.long_section_drawing(mine[0]), "long-section") if mine else ""
        number = self.sections.setdefault(drawn, len(self.sections)) if drawn else None
        course = self.pools["courses"].add({}, row["geometry"], COURSE_M)
        return {
            "id": row["line_id"], "name": names[row["line_id"]], "course": course,
            "m": round(mine[0].length_m) if mine else 0, "section": number,
            "runs": [{"to": round(b.to_m), "name": term("structure", b.structure)} for b in mine[0].bands] if mine else [],
        }  # fmt: skip

    def _pictures(self, grid: Grid) -> Iterator[dict[str, Any]]:
        """The pictures of a grid: before and change of a current, change of the quality."""
        shown = (
            _current_scales(grid)
            if grid.kind == "current"
            else [("change", grid.after - grid.before, QUALITY_BREAKS, _WORSE)]
        )
        for what, values, breaks, colours in shown:
            key = f"{grid.key}:{what}"
            if key not in self.scales:
                self.scales[key] = _legend(breaks, colours)
            breaks = [float(row["from"]) for row in self.scales[key][1:]]
            kept, moved = _cropped(values, grid.transform, _seen(values, breaks, colours))
            if not kept.size:
                continue
            warp = Warp(kept.shape, moved, 2.0 if moved.a > 50 else 1.0)
            address = png(warp.picture(classed(kept, breaks)), ("", *colours))
            yield {
                "kind": grid.kind,
                "key": grid.key,
                "what": what,
                "name": grid.name,
                "corners": warp.corners,
                "png": address,
            }


_Shown = tuple[str, NDArray[np.float64], Sequence[float], tuple[str, ...]]
_WORSE = (*reversed(palette.WORSE), "")


def _current_scales(grid: Grid) -> list[_Shown]:
    """Classes of a current by shares of the cells before the works; of its change, either side of zero, tenfold steps."""
    known = grid.before[np.isfinite(grid.before) & (grid.before > 0)]
    change = grid.after - grid.before
    largest = float(np.nanmax(np.abs(change), initial=0.0))
    shown: list[_Shown] = []
    if known.size:
        steps = np.unique([_rounded(float(v)) for v in np.quantile(known, CURRENT_SHARES)])
        colours = ("", *palette.SEQUENTIAL[7][-len(steps) :])
        shown.append(("before", grid.before, steps.tolist(), colours))
    if largest > 0:
        top = _rounded(largest / 3)
        up = [top / 10**k for k in reversed(range(CHANGE_STEPS))]
        breaks = [*(-v for v in reversed(up)), *up]
        ends = palette.diverging(CHANGE_STEPS)
        shown.append(("change", change, breaks, (*ends[:CHANGE_STEPS], "", *ends[CHANGE_STEPS + 1 :])))
    return shown


def _rounded(value: float) -> float:
    """A value to one figure."""
    return float(f"{value:.1g}")


def _legend(breaks: Sequence[float], colours: tuple[str, ...]) -> list[dict[str, Any]]:
    """Classes from the lowest: where each begins (none for the first), and its colour (empty: see-through)."""
    return [
        {"from": b, "colour": c} for b, c in zip((None, *(float(b) for b in breaks)), colours, strict=True)
    ]


def _seen(
    values: NDArray[np.float64], breaks: Sequence[float], colours: tuple[str, ...]
) -> NDArray[np.bool_]:
    return np.array([False, *(bool(c) for c in colours)])[classed(values, breaks)]


def _cropped(
    values: NDArray[np.float64], transform: Affine, seen: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], Affine]:
    """The part of a grid in which anything is seen, with its own transform; empty where nothing is."""
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not len(rows):
        return values[:0, :0], transform
    top, left = int(rows[0]), int(columns[0])
    kept = values[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1]
    return kept, transform * Affine.translation(left, top)


def _part(names: Mapping[str, Text], row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "line": row["line_id"], "name": names[row["line_id"]], "part": text_of(row["part_id"]),
        "structure": text_of(row["structure"]), "assumed": flag_of(row["assumed"]),
        "counterfactual": flag_of(row["counterfactual"]),
    }  # fmt: skip


def _corridor_shapes(nature: Mapping[str, Any], layers: PageLayers) -> dict[tuple[str, str], list[int]]:
    """Numbers of the shapes of each corridor, by its id and its part."""
    found: dict[tuple[str, str], list[int]] = {}
    for row, drawn in zip(rows_of(layers.green_corridors), nature["corridors"], strict=True):
        for part in dict.fromkeys((text_of(row.get("part")), "")):
            found.setdefault((text_of(row["corridor_id"]), part), []).append(drawn["g"])
    return found


def _crossings(
    view: EcologyView, names: Mapping[str, Text], corridors: Mapping[tuple[str, str], list[int]]
) -> list[dict[str, Any]]:
    """Sentences on corridors, those crossed first."""
    told = lines_and_corridors(view.crossings, places(view.places))
    return [
        {**vars(c), "name": names[c.line_id], "shapes": corridors.get((c.corridor_id, c.corridor_part), [])}
        for c in sorted(told, key=lambda c: not c.crossed)
    ]


# --- calendar -----------------------------------------------------------------------------------------


MONTHS = range(1, 13)


def months_of(months: str) -> list[int]:
    """The months from the first to the last, past the turn of the year where need be; all where none are given.

    Examples
    --------
    >>> months_of("10-3"), len(months_of(""))
    ([10, 11, 12, 1, 2, 3], 12)
    """
    if not months:
        return [*MONTHS]
    first, last = (int(month) for month in months.split("-"))
    return [(first - 1 + i) % 12 + 1 for i in range((last - first) % 12 + 1)]


def calendar(view: EcologyView, lines: Mapping[str, Text]) -> list[dict[str, Any]]:
    """The rules on seasons and distances that apply to a scenario, one entry for each rule and feature it guards.

    Parameters
    ----------
    view
        What the map shows of a scenario.
    lines
        Names of its lines.

    Returns
    -------
    list of dict
        rule_id, title and text, the feature, the months, ``sure`` (false where no part is surely within the distance), distance
        in metres, works by line, and the sources of rule, distance and months with their confidence. Seasonal rules come
        before those of all year.
    """
    grouped: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for row in rows_of(view.seasons):
        own = (text_of(row["rule_id"]), text_of(row["subject_id"]), text_of(row.get("phase")))
        grouped.setdefault(own, []).append(row)
    found = [_entry(rows, lines, view) for rows in grouped.values()]
    return sorted(found, key=lambda e: (len(e["months"]) == len(MONTHS), not e["sure"], e["rule"]))


def _entry(rows: list[Mapping[str, Any]], lines: Mapping[str, Text], view: EcologyView) -> dict[str, Any]:
    row, phase = rows[0], text_of(rows[0].get("phase"))
    return {
        "rule": text_of(row["rule_id"]), "title": row_name(row, "title"), "text": row_name(row, "rule"),
        "feature": row_name(row), "months": months_of(text_of(row["months"])), "sure": any(flag_of(r["sure"]) for r in rows),
        "phase": term("phase", phase) if phase else Text(en=""), "m": number_of(row.get("within_m")) or 0,
        "works": [*_works(rows, lines, view)], "sources": _sources(row),
    }  # fmt: skip


def _works(
    rows: list[Mapping[str, Any]], lines: Mapping[str, Text], view: EcologyView
) -> Iterator[dict[str, Text]]:
    """Each line with the places of its parts and sites, from its start to its end."""
    known = places(view.places)

    def chainage_km(row: Mapping[str, Any]) -> tuple[float, ...]:
        own = text_of(row["part_id"]) or text_of(row["site_id"])
        return view.places.get((text_of(row["line_id"]), own), (math.inf,))

    for line_id in dict.fromkeys(text_of(r["line_id"]) for r in rows):
        mine = sorted((r for r in rows if text_of(r["line_id"]) == line_id), key=chainage_km)
        yield {"line": lines[line_id], "places": joined([*dict.fromkeys(place_of(r, known) for r in mine)])}


def _sources(row: Mapping[str, Any]) -> Text:
    """Ids of the sources of the rule, of its distance and of its months, each with its confidence."""
    pairs = {
        (text_of(row.get(f"{of}source")), text_of(row.get(f"{of}confidence"))): None
        for of in ("", "distance_", "months_")
    }
    return joined([_source(source, sure) for source, sure in pairs if source])


def _source(source: str, sure: str) -> Text:
    name = t("assumption") if source == "assumption" else Text(en=source)
    return in_each(lambda lang: f"{name.in_script(lang)} ({sure})" if sure else name.in_script(lang))

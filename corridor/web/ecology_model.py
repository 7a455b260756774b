"""What the ecology page reads: conflicts, lines by structure, bands and pictures, each thing kept once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry as Shape

from corridor.drawing import long_section, palette
from corridor.drawing.basemap import BaseGeometry, simplified
from corridor.drawing.crossings import lines_and_corridors
from corridor.drawing.i18n import t, term
from corridor.drawing.places import places
from corridor.drawing.svg import svg
from corridor.schema.rows import flag_of, rows_of, text_of
from corridor.schema.text import Text
from corridor.study.conflict_report import EcologyView, Grid, LayerNote
from corridor.web.calendar import calendar
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
    views: Sequence[EcologyView],
    notes: Mapping[str, LayerNote],
    layers: PageLayers,
    base: BaseGeometry,
    first: str = "",
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
    base
        The basemap, EPSG:4326.
    first
        Id of the scenario to open on; else the first.

    Returns
    -------
    tuple
        The model, and names with bytes.
    """
    stream = GeometryStream()
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
    return model | {"sections": list(shared.sections), "scales": shared.scales}, [
        ("geometry", stream.to_bytes())
    ]


class _Shared:
    """What scenarios have in common is kept once: shapes, conflicts, drawings of sections."""

    def __init__(self, stream: GeometryStream, corridors: Mapping[tuple[str, str], list[int]]) -> None:
        self.corridors = corridors
        kinds = ("parts", "courses", "stations", "footprint", "bands", "conflicts")
        self.pools = {kind: Pool(stream) for kind in kinds}
        self.sections: dict[str, int] = {}
        self.scales: dict[str, list[dict[str, Any]]] = {}
        self._warps: dict[tuple[Any, ...], Warp] = {}

    def scenario(self, view: EcologyView) -> dict[str, Any]:
        """One scenario: its words, and the numbers of what it shows."""
        names, about = line_names(view), view.scenario
        cards = sorted(conflict_cards(view), key=lambda card: card.rank)
        return {
            "id": about.id, "title": about.title, "question": about.question,
            "year": about.year, "flag": about.flag,
            "parts": [self._add("parts", _part(names, r), r["geometry"], COURSE_M) for r in rows_of(view.parts)],
            "lines": [self._line(view, names, r) for r in rows_of(view.courses)],
            "stations": [self._add("stations", {"name": r["name"]}, r["geometry"], 0) for r in rows_of(view.stations)],
            "footprint": [self._add("footprint", {"permanence": text_of(r["permanence"])}, r["geometry"], FINE_M) for r in rows_of(view.footprint)],
            "bands": [self._add("bands", {"phase": r["phase"], "m": int(r["within_m"])}, r["geometry"], 0) for r in rows_of(view.bands)],
            "conflicts": [[c.conflict_id, self._add("conflicts", c.said, c.geometry, CONFLICT_M)] for c in cards],
            "calendar": calendar(view, names),
            "crossings": _crossings(view, names, self.corridors),
            "grids": [picture for grid in view.grids for picture in self._pictures(grid)],
        }  # fmt: skip

    def _add(self, pool: str, item: dict[str, Any], shape: Shape, tolerance_m: float) -> int:
        return self.pools[pool].add(item, simplified(shape, tolerance_m) if tolerance_m else shape)

    def _line(self, view: EcologyView, names: Mapping[str, Text], row: Mapping[str, Any]) -> dict[str, Any]:
        """A line with its course and, where one was drawn, its long section."""
        mine = [s for s in view.sections if s.line_id == row["line_id"]]
        drawn = svg(long_section.long_section_drawing(mine[0]), "long-section") if mine else ""
        number = self.sections.setdefault(drawn, len(self.sections)) if drawn else None
        course = self._add("courses", {}, row["geometry"], COURSE_M)
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
            warp = self._warp(kept.shape, moved)
            address = png(warp.picture(classed(kept, breaks)), ("", *colours))
            yield {
                "kind": grid.kind,
                "key": grid.key,
                "what": what,
                "name": grid.name,
                "corners": warp.corners,
                "png": address,
            }

    def _warp(self, shape: tuple[int, ...], transform: Affine) -> Warp:
        key = (*shape, *transform)
        if key not in self._warps:
            self._warps[key] = Warp((shape[0], shape[1]), transform, 2.0 if transform.a > 50 else 1.0)
        return self._warps[key]


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

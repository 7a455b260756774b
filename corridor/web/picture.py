"""A small picture of each scenario: coast, boundary, its lines by status, and where the lead measure changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from markupsafe import Markup
from numpy.typing import NDArray

from corridor.core.crs import WORKING, project
from corridor.drawing import map_marks, palette
from corridor.drawing.basemap import BaseGeometry
from corridor.drawing.canvas import Box, Disc, Drawing, Mark, Ref, Words
from corridor.drawing.compared import LEAD, Compared, lead_of
from corridor.drawing.ground import ground_of
from corridor.drawing.i18n import fill, t
from corridor.drawing.labels import Label, Room, ordered
from corridor.drawing.legend import Scale, scales
from corridor.drawing.map_marks import Line, View, around, by_colour, lines_of, view
from corridor.drawing.numbers import signed
from corridor.drawing.wrap import widest
from corridor.schema.rows import number_of, row_name, rows_of
from corridor.schema.text import Text
from corridor.study.compare import Comparison
from corridor.web.compared import compared, label
from corridor.web.templates import drawn, drawn_marks, render

WIDTH, HEIGHT = 320.0, 214.0
MARGIN_M = 7_000.0
COAST_FINE, LINE_FINE = 0.9, 0.65
THICK = 0.75
"""Lines against those of the large map."""
LEVELS = 60_000
MOST = 24
"""Pictures on the page; the others are on the map."""
LEGEND = 460.0
NAME = 8.0
"""Type size of names in the picture, which the first page shows half as large again."""


@dataclass(frozen=True)
class Pictures:
    """HTML of the pictures of a comparison; empty where nothing was measured.

    Attributes
    ----------
    opening
        The scenario that maps open on, larger and with names, after what all pictures share; with a legend.
    others
        The other scenarios, small, with a legend.
    """

    opening: Markup
    others: Markup


def pictures(comparison: Comparison, base: BaseGeometry) -> Pictures:
    """A figure for each scenario, linked to the map.

    Parameters
    ----------
    comparison
        The comparison; its first 24 scenarios have a figure.
    base
        The basemap, EPSG:4326.
    """
    row, scale = lead_row(comparison)
    if scale is None:
        return Pictures(Markup(), Markup())
    known, reference = compared(comparison), comparison.reference_id
    lines = {i: lines_of(_metres(comparison.results[i].lines), base.region) for i in known.ids}
    shared = {found.line_id for found in lines[reference]}
    added = [f.shape for some in lines.values() for f in some if f.added and f.line_id not in shared]
    shapes = shapely.set_precision(_metres(comparison.zones).geometry.to_numpy(), 1.0)
    seen = view(around(added or list(shapes), MARGIN_M), 0, 0, WIDTH, HEIGHT)
    values = {i: np.asarray(v, dtype=float)[row] for i, v in comparison.zone_values.items()}
    said = {kind: _said(known, scale, kind) for kind in ("value", "change")}

    def figure(i: str, names: Iterable[Mark] = ()) -> dict[str, Any]:
        kind, shown = ("value", values[i]) if i == reference else ("change", values[i] - values[reference])
        colours = np.array(scale.value_classes(shown) if i == reference else scale.change_classes(shown))
        at = np.isfinite(shown)
        marks = [*_marks(seen, shapes[at], colours[at].tolist(), lines[i], shared), *names]
        title = fill("picture_title", scenario=known.named(i))
        return {
            "id": i, "measure": scale.base, "view": kind, "label": label(known, i, short=True), "change": _lead_change(comparison, i),
            "drawn": drawn(Drawing(title, said[kind], WIDTH, HEIGHT, marks)),
        }  # fmt: skip

    def legend() -> Markup:
        strip, end = map_marks.change_strip(scale, 4, 4, LEGEND)
        return drawn(Drawing(t("legend"), said["change"], LEGEND + 8, end, strip))

    first = comparison.opens_on if comparison.opens_on in known.scenarios else (known.others or known.ids)[0]
    others = [i for i in known.ids if i != first]
    return Pictures(
        render(
            "opening.html.j2",
            shared={
                name: drawn_marks(marks) for name, marks in _shared(seen, base, lines[reference]).items()
            },
            p=figure(first, _names(seen, comparison.results[first].checkpoints, lines[first])),
            legend=legend(),
            said=said["value" if first == reference else "change"],
        ),
        render(
            "pictures.html.j2",
            pictures=[figure(i) for i in others[: MOST - 1]],
            legend=legend(),
            said=said["change"],
            left_out=len(others) - len(others[: MOST - 1]),
        )
        if others
        else Markup(),
    )


def _names(seen: View, checkpoints: gpd.GeoDataFrame, lines: list[Line]) -> Iterator[Mark]:
    """Control points with their names where there is room, those with most passengers first; then the lines added."""
    left, top, right, bottom = seen.edges(4)
    room, labels, by_name = Room(seen.edges()), [], {}
    for row in rows_of(_metres(checkpoints).drop_duplicates("checkpoint_id")):
        x, y = seen.at(row["geometry"].x, row["geometry"].y)
        if left < x < right and top < y < bottom:
            name, daily = row_name(row), number_of(row["daily_2025"]) or 0.0
            yield Disc(x, y, 2.4, "#ffffff", palette.CHECKPOINT, 1.2)
            room.taken.append((x - 3, y - 3, x + 3, y + 3))
            labels.append(Label(name.en, ((x, y),), NAME, -round(daily), palette.INK, gap=4))
            by_name[name.en] = name
    for found in lines:
        if found.added:
            longest = max(shapely.get_parts([found.shape]), key=shapely.length)
            spots = shapely.line_interpolate_point(longest, (0.5, 0.35, 0.65), normalized=True)
            points = tuple(seen.at(p.x, p.y) for p in spots)
            labels.append(Label(found.name.en, points, NAME, 1, found.colour, True, 6))
            by_name[found.name.en] = found.name
    for one in ordered(labels):
        if box := room.place(one, widest(by_name[one.words], one.size)):
            yield Words(
                box[0],
                box[1] + one.size * 0.68,
                by_name[one.words],
                one.size,
                one.colour,
                bold=one.bold,
                halo=True,
            )


def lead_row(comparison: Comparison) -> tuple[int, Scale | None]:
    """The measure that the pictures show: jobs (or residents) within an hour, or the first of a comparison without it.

    Returns
    -------
    tuple
        Its row in the values of zones, and its scale (None where nothing was measured).
    """
    measures = comparison.measures
    if not measures:
        return 0, None
    row = next((i for i, m in enumerate(measures) if m.base_id == lead_of(measures)), 0)
    found = scales(measures, comparison.zone_values, comparison.reference_id, LEVELS)
    return row, next(s for s in found if row in s.hours.values())


def _metres(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.set_geometry(project(frame.geometry.to_numpy()), crs=WORKING)


def _said(known: Compared, scale: Scale, kind: str) -> Text:
    hour, reference = next(iter(scale.hours)), known.title(known.reference_id)
    return fill(f"picture_{kind}", measure=scale.title, hour=hour, unit=scale.unit, reference=reference)


def _lead_change(comparison: Comparison, scenario_id: str) -> Text | None:
    lead = lead_of(comparison.measures)
    key, table = f"{lead}_0830", comparison.headline
    if key not in table.columns or scenario_id not in table.index:
        return None
    if scenario_id == comparison.reference_id:
        return t("picture_reference")
    change = table.loc[scenario_id, key] - table.loc[comparison.reference_id, key]
    unit = "jobs" if lead == LEAD else "residents"
    return fill(f"picture_gain_{unit}", change=signed(change, unit))


def _marks(
    seen: View, shapes: NDArray[Any], colours: list[str], lines: list[Line], shared: set[str]
) -> Iterator[Mark]:
    """What all pictures share by reference, the zones, and the lines: of today that not all share, and added ones."""
    yield Ref("base-land")
    yield from map_marks.zones(seen, [(c, _joined(own)) for c, own in by_colour(shapes, colours)])
    yield Ref("base-over")
    yield Ref("base-lines")
    yield _rail(seen, [found for found in lines if found.line_id not in shared])
    for found in lines:
        if found.added:
            yield from map_marks.proposed(seen, found, THICK, LINE_FINE)


def _joined(squares: NDArray[Any]) -> Any:
    """Squares of one colour as one shape; one that both sides of the boundary have counts once."""
    return shapely.coverage_union_all(shapely.from_wkb(np.unique(shapely.to_wkb(squares))))


def _rail(seen: View, lines: list[Line]) -> Mark:
    """Railways of today, thin; buses and ferries are left to the map."""
    rail = [found.shape for found in lines if not (found.added or found.on_road_or_sea)]
    return seen.stroke(rail, palette.EXISTING, 0.5, opacity=0.55, fine=LINE_FINE)


def _shared(seen: View, base: BaseGeometry, lines: list[Line]) -> dict[str, list[Mark]]:
    """Land, sea, boundary and the railways of the reference, by the name under which pictures refer to them."""
    ground = ground_of(base)
    boundary = seen.stroke(ground.boundary, palette.BOUNDARY, 1.3, "7 3 1.5 3", fine=LINE_FINE)
    return {
        "base-land": [Box(0, 0, WIDTH, HEIGHT, palette.LAND)],
        "base-over": [*map_marks.water(seen, ground, COAST_FINE, hatch=""), boundary],
        "base-lines": [_rail(seen, lines)],
    }

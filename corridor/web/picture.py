"""A small picture of each scenario: coast, boundary, its lines by status, and where the lead measure changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from markupsafe import Markup

from corridor.core.crs import WORKING, project
from corridor.drawing import map_marks
from corridor.drawing.basemap import BaseGeometry
from corridor.drawing.canvas import Drawing, Mark
from corridor.drawing.compared import LEAD, Compared, lead_of
from corridor.drawing.ground import ground_of
from corridor.drawing.i18n import fill, sentences, t
from corridor.drawing.legend import Scale, scales
from corridor.drawing.map_marks import around, lines_of, view
from corridor.drawing.numbers import signed
from corridor.drawing.small_map import HEIGHT, MARGIN_M, WIDTH, all_names, shared, small_map
from corridor.schema.text import Text
from corridor.study.compare import Comparison
from corridor.web.compared import compared, label
from corridor.web.templates import drawn, drawn_by_id, render

LEVELS = 60_000
MOST = 24
"""Pictures on the page; the others are on the map."""
LEGEND = 460.0


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
    lines = {i: lines_of(metres(comparison.results[i].lines), base.region) for i in known.ids}
    in_all = frozenset(found.line_id for found in lines[reference])
    added = [f.shape for some in lines.values() for f in some if f.added and f.line_id not in in_all]
    shapes = shapely.set_precision(metres(comparison.zones).geometry.to_numpy(), 1.0)
    seen = view(around(added or list(shapes), MARGIN_M), 0, 0, WIDTH, HEIGHT)
    values = {i: np.asarray(v, dtype=float)[row] for i, v in comparison.zone_values.items()}
    said = {kind: _said(known, scale, kind) for kind in ("value", "change")}

    def figure(i: str, names: Iterable[Mark] = ()) -> dict[str, Any]:
        kind, shown = ("value", values[i]) if i == reference else ("change", values[i] - values[reference])
        colours = np.array(scale.value_classes(shown) if i == reference else scale.change_classes(shown))
        at = np.isfinite(shown)
        marks = [*small_map(seen, shapes[at], colours[at].tolist(), lines[i], in_all), *names]
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
            shared=drawn_by_id(shared(seen, ground_of(base), lines[reference])),
            p=figure(first, all_names(seen, metres(comparison.results[first].checkpoints), lines[first])),
            legend=legend(),
            said=said["value" if first == reference else "change"],
        ),
        render(
            "pictures.html.j2",
            pictures=[figure(i) for i in others[: MOST - 1]],
            legend=legend(),
            said=sentences([said["change"], t("picture_note")]),
            kind="",
            left_out=len(others) - len(others[: MOST - 1]),
        )
        if others
        else Markup(),
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


def metres(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A frame in EPSG:4547, of one in WGS84 degrees."""
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

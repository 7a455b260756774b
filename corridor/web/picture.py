"""A small picture of each scenario: coast, boundary, its lines by status, and where the lead measure changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import numpy as np
import shapely
from numpy.typing import NDArray

from corridor.core.crs import project
from corridor.drawing import palette
from corridor.drawing.basemap import BaseGeometry
from corridor.drawing.i18n import fill, t
from corridor.drawing.legend import Scale, scales
from corridor.drawing.numbers import signed
from corridor.schema.rows import flag_of, rows_of, text_of
from corridor.schema.tables import ROAD_AND_SEA_MODES
from corridor.schema.text import Text
from corridor.study.compare import Comparison
from corridor.web.html import tag, tri
from corridor.web.svg import drawing, px, short, words_at
from corridor.web.titles import Asked

LEAD = "jobs_60"
WIDTH, HEIGHT = 320.0, 214.0
MARGIN_KM = 7.0
COAST_M, LINE_M = 180.0, 120.0
ZONE_M = 1_000.0
LEVELS = 60_000
MOST = 24
"""Pictures on the page; the others are on the map."""


@dataclass(frozen=True)
class Frame:
    """What the pictures show, in kilometres of EPSG:4547: west, north, and pixels to a kilometre."""

    west: float
    north: float
    scale: float

    def path(self, geometry: Any, closed: bool) -> str:
        """Path data of a geometry in EPSG:4326, in pixels; what lies outside the picture is left out."""
        span = shapely.box(
            self.west * 1e3 - 4e3,
            self.north * 1e3 - HEIGHT / self.scale * 1e3 - 4e3,
            self.west * 1e3 + WIDTH / self.scale * 1e3 + 4e3,
            self.north * 1e3 + 4e3,
        )
        simple = shapely.simplify(project(geometry), COAST_M if closed else LINE_M)
        inside = shapely.intersection(shapely.make_valid(simple) if closed else simple, span)
        out = []
        for ring in _rings(inside):
            x = np.rint((ring[:, 0] / 1e3 - self.west) * self.scale * 10).astype(int)
            y = np.rint((self.north - ring[:, 1] / 1e3) * self.scale * 10).astype(int)
            moves = [f"{a / 10:g} {b / 10:g}" for a, b in zip(np.diff(x), np.diff(y), strict=True) if a or b]
            out.append(f"M{x[0] / 10:g} {y[0] / 10:g}" + ("l" + " ".join(moves) if moves else ""))
        return "".join(part + "z" * closed for part in out)


def _rings(geometry: Any) -> list[NDArray[np.float64]]:
    lines = []
    for part in shapely.get_parts([geometry]):
        for single in shapely.get_parts([part]):
            if single.geom_type == "Polygon":
                lines += [shapely.get_coordinates(r) for r in (single.exterior, *single.interiors)]
            elif single.geom_type == "LineString":
                lines.append(shapely.get_coordinates(single))
    return [line for line in lines if len(line) > 1]


def frame_of(comparison: Comparison, base: BaseGeometry) -> Frame:
    """The frame around every line that a scenario adds to the reference, or around all zones."""
    known = {text_of(i) for i in comparison.results[comparison.reference_id].lines["line_id"]}
    added = [
        row["geometry"]
        for result in comparison.results.values()
        for row in rows_of(result.lines)
        if flag_of(row["added"]) and row["geometry"] is not None and text_of(row["line_id"]) not in known
    ]
    whole = added or list(comparison.zones.geometry)
    west, south, east, north = shapely.total_bounds(project(np.array(whole, dtype=object))) / 1e3
    scale = min(WIDTH / (east - west + 2 * MARGIN_KM), HEIGHT / (north - south + 2 * MARGIN_KM))
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    return Frame(middle_x - WIDTH / scale / 2, middle_y + HEIGHT / scale / 2, scale)


def pictures(comparison: Comparison, base: BaseGeometry) -> str:
    """A figure for each scenario, linked to the map, with one legend; empty where nothing was measured."""
    row, scale = lead_row(comparison)
    if scale is None:
        return ""
    frame, named = frame_of(comparison, base), Asked(comparison)
    squares = _squares(comparison, frame)
    figures = []
    today = {text_of(i) for i in comparison.results[comparison.reference_id].lines["line_id"]}
    for scenario_id in named.ids[:MOST]:
        title = fill("picture_title", scenario=named.said(scenario_id))
        view = "value" if scenario_id == comparison.reference_id else "change"
        drawn = drawing(
            title, _said(comparison, scale, view), WIDTH, HEIGHT,
            '<use href="#base-land"/>', _zones(comparison, row, scale, squares, scenario_id),
            '<use href="#base-over"/>', '<use href="#base-lines"/>', _lines(comparison.results[scenario_id].lines, frame, today),
        )  # fmt: skip
        address = "compare.html#" + urlencode({"s": scenario_id, "m": scale.base, "v": view})
        caption = named.label(scenario_id) + _lead_change(comparison, scenario_id)
        figures.append(
            tag("figure", tag("a", drawn, tag("figcaption", caption), href=address, data_keep="1"))
        )
    left_out = len(named.ids) - len(figures)
    more = tag("p", tri(fill("charts_left_out", count=left_out)), class_="note") if left_out else ""
    shared = _shared(comparison, base, frame)
    return shared + tag("div", *figures, class_="pictures") + _legend(comparison, scale) + more


def lead_row(comparison: Comparison) -> tuple[int, Scale | None]:
    """The row of the measure that the pictures show, the first of the comparison without it, and its scale."""
    if not comparison.measures:
        return 0, None
    rows = [i for i, m in enumerate(comparison.measures) if m.base_id == LEAD] or [0]
    scale = next(s for s in scales(comparison, LEVELS) if rows[0] in s.hours.values())
    return rows[0], scale


def _said(comparison: Comparison, scale: Scale, view: str) -> Text:
    hour = next(iter(scale.hours))
    reference = Asked(comparison).title(comparison.reference_id)
    return fill(f"picture_{view}", measure=scale.title, hour=hour, unit=scale.unit, reference=reference)


def _lead_change(comparison: Comparison, scenario_id: str) -> str:
    key = f"{LEAD}_0830"
    if key not in comparison.headline.columns or scenario_id not in comparison.headline.index:
        return ""
    if scenario_id == comparison.reference_id:
        return tag("small", tri(t("picture_reference")))
    change = comparison.headline.loc[scenario_id, key] - comparison.headline.loc[comparison.reference_id, key]
    return tag("small", tri(fill("picture_gain", change=signed(change, "jobs"))))


def _squares(comparison: Comparison, frame: Frame) -> NDArray[np.float64]:
    """Left, top, width and height of each zone in pixels."""
    found = shapely.bounds(project(comparison.zones.geometry.to_numpy())) / 1e3
    left, top = (found[:, 0] - frame.west) * frame.scale, (frame.north - found[:, 3]) * frame.scale
    wide, high = (found[:, 2] - found[:, 0]) * frame.scale, (found[:, 3] - found[:, 1]) * frame.scale
    return np.column_stack([left, top, wide, high])


def _zones(
    comparison: Comparison, row: int, scale: Scale, squares: NDArray[np.float64], scenario_id: str
) -> str:
    """Zones by class, neighbours in a row as one; what hardly changes keeps the colour of no change."""
    is_ = np.asarray(comparison.zone_values[scenario_id], dtype=float)[row]
    was = np.asarray(comparison.zone_values[comparison.reference_id], dtype=float)[row]
    if scenario_id == comparison.reference_id:
        kinds = np.digitize(is_, scale.breaks)
        colours: tuple[str, ...] = scale.colours
    else:
        change = is_ - was
        size = np.digitize(np.abs(change), scale.change_breaks)
        kinds = len(scale.change_breaks) + np.sign(change) * size
        colours = scale.change_colours
    known = np.isfinite(is_) if scenario_id == comparison.reference_id else np.isfinite(is_ - was)
    seen = (
        (squares[:, 0] < WIDTH) & (squares[:, 1] < HEIGHT) & (squares[:, :2] + squares[:, 2:] > 0).all(axis=1)
    )
    parts = []
    for kind, colour in enumerate(colours):
        chosen = squares[known & seen & (kinds == kind)]
        if len(chosen):
            parts.append(f'<path fill="{colour}" d="{_runs(chosen)}"/>')
    return f'<g shape-rendering="crispEdges">{"".join(parts)}</g>'


def _runs(squares: NDArray[np.float64]) -> str:
    """Squares as path data, each run of neighbours along a row as one bar."""
    order = np.lexsort((squares[:, 0], np.rint(squares[:, 1])))
    out: list[str] = []
    left, top, right, bottom = (
        float(v) for v in (*squares[order[0], :2], *squares[order[0], :2] + squares[order[0], 2:])
    )

    def close() -> None:
        out.append(f"M{px(left)} {px(top)}H{px(right)}V{px(bottom)}H{px(left)}")

    for x, y, wide, high in squares[order[1:]].tolist():
        if abs(y - top) < 0.5 and abs(x - right) < 0.5:
            right = max(right, x + wide)
            continue
        close()
        left, top, right, bottom = x, y, x + wide, y + high
    close()
    return "".join(out)


def _lines(lines: Any, frame: Frame, shared: set[str]) -> str:
    """What a scenario adds, with a light edge, dashed by status as on the map, over lines of today that not all share."""
    drawn = [(row, data) for row, data in _paths(lines, frame) if flag_of(row["added"])]
    own = _today([r for r in rows_of(lines) if text_of(r["line_id"]) not in shared], frame)
    added = []
    for row, data in drawn:
        status = text_of(row["status"])
        built = status in {"existing", "construction"}
        key = "counterfactual" if flag_of(row.get("counterfactual")) and not built else status
        style = palette.STATUS.get(key, palette.STATUS["planned_official"])
        colour = palette.AXES.get(text_of(row["axis"]), palette.AXES["other"])
        dash = f' stroke-dasharray="{style["dash"]}"' if style["dash"] else ""
        added.append(
            f'<path d="{data}" stroke="#fff" stroke-width="{style["weight"] + 1.6:g}"/>'
            f'<path d="{data}" stroke="{colour}" stroke-width="{style["weight"] * 0.75:g}"{dash}/>'
        )
    return own + f'<g fill="none">{"".join(added)}</g>'


def _paths(lines: Any, frame: Frame) -> list[tuple[dict[str, Any], str]]:
    rows = lines if isinstance(lines, list) else list(rows_of(lines))
    shown = [r for r in rows if r["geometry"] is not None and not r["geometry"].is_empty]
    return [(r, data) for r in shown if (data := frame.path(r["geometry"], closed=False))]


def _today(lines: Any, frame: Frame) -> str:
    """Railways of today, thin; buses and ferries are left to the map."""
    rail = [
        data for row, data in _paths(lines, frame)
        if not flag_of(row["added"]) and text_of(row.get("mode")) not in ROAD_AND_SEA_MODES
    ]  # fmt: skip
    look = f'stroke="{palette.EXISTING}" stroke-width=".5" opacity=".55" fill="none"'
    return f'<path d="{"".join(rail)}" {look}/>' if rail else ""


def _shared(comparison: Comparison, base: BaseGeometry, frame: Frame) -> str:
    """Land, sea, boundary and the railways of the reference once, for all pictures."""
    land, river = frame.path(base.land, closed=True), frame.path(base.boundary, closed=False)
    beyond = frame.path(base.not_mapped, closed=True)
    over = (
        f'<path fill="{palette.SEA}" stroke="{palette.COAST}" stroke-width=".6" fill-rule="evenodd" d="M-9 -9H{px(WIDTH + 9)}V{px(HEIGHT + 9)}H-9z{land}"/>'
        f'<path fill="#ecebe7" fill-rule="evenodd" d="{beyond}"/>'
        f'<path fill="none" stroke="{palette.BOUNDARY}" stroke-width="1.3" stroke-dasharray="7 3 1.5 3" d="{river}"/>'
    )
    rail = _today(comparison.results[comparison.reference_id].lines, frame)
    ground = f'<rect width="{px(WIDTH)}" height="{px(HEIGHT)}" fill="{palette.LAND}"/>'
    return (
        '<svg width="0" height="0" class="defs" aria-hidden="true"><defs>'
        f'<g id="base-land">{ground}</g><g id="base-over">{over}</g><g id="base-lines">{rail}</g></defs></svg>'
    )


def _legend(comparison: Comparison, scale: Scale) -> str:
    """The classes of change, worst to best, with their limits."""
    count, step = len(scale.change_colours), 96
    middle = len(scale.change_breaks)
    parts = []
    for i, colour in enumerate(scale.change_colours):
        side = i - middle
        parts.append(
            f'<rect x="{i * step}" y="0" width="{step - 2}" height="13" fill="{colour}" stroke="#8886"/>'
        )
        limits = [short(b) for b in scale.change_breaks]
        sign = "−" if side < 0 else "+"
        low = limits[abs(side) - 1] if side else limits[0]
        if side == 0:
            words = f"± {low}"
        elif abs(side) == middle:
            words = f"{'≤' if side < 0 else '≥'} {sign}{low}"
        else:
            words = f"{sign}{low} … {sign}{limits[abs(side)]}"
        parts.append(words_at(i * step + step / 2 - 1, 22, Text(en=words), size=10, text_anchor="middle"))
    said = _said(comparison, scale, "change")
    drawn = drawing(t("legend"), said, count * step, 30, *parts)
    return tag("div", drawn, class_="scroll", tabindex="0") + tag(
        "p", tri(said), " ", tri(t("picture_note")), class_="note"
    )

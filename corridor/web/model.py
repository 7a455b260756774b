"""The comparison as the map's script reads it: each thing once, and which scenario shows which."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from corridor.drawing import palette
from corridor.drawing.basemap import BaseGeometry, one_sided, simplified
from corridor.drawing.i18n import t, term
from corridor.drawing.legend import Scale
from corridor.drawing.map_marks import Line, lines_of
from corridor.schema.region import Region
from corridor.schema.rows import flag_of, number_of, row_name, rows_of, text_of
from corridor.study.compare import Comparison
from corridor.web.layers import PageLayers
from corridor.web.pack import GeometryStream, pack_values, quantise

FINE_M = 5.0
NATURE_M = 25.0
LINE_M = 15.0
FOCUS_MARGIN = 0.06
Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


@dataclass
class Pool:
    """Features of one kind over all scenarios; one that is in many is kept once.

    Attributes
    ----------
    stream
        Takes the geometries.
    items
        What is known of each feature, with ``g``, the number of its geometry.
    """

    stream: GeometryStream
    items: list[dict[str, Any]] = field(default_factory=list)
    _seen: dict[tuple[bytes, str], int] = field(default_factory=dict)

    def add(self, item: dict[str, Any], geometry: Any, tolerance_m: float) -> int:
        """Keep an item with its geometry; the same again is not kept twice.

        Parameters
        ----------
        item
            What the page's script reads of it.
        geometry
            In WGS84 degrees.
        tolerance_m
            Metres by which the geometry is simplified; 0 for none.

        Returns
        -------
        int
            Its number in :attr:`items`.
        """
        if tolerance_m:
            geometry = simplified(geometry, tolerance_m)
        key = (shapely.to_wkb(geometry), repr(item))
        if key not in self._seen:
            self._seen[key] = len(self.items)
            self.items.append({**item, "g": self.stream.add(geometry)})
        return self._seen[key]


@dataclass(frozen=True)
class Shapes:
    """What the map draws however finely values are rounded and whichever measures it holds."""

    base: Mapping[str, Any]
    zones: Mapping[str, Any]
    nature: Mapping[str, Any]
    scenarios: Mapping[str, Any]
    packed: bytes
    """Their geometries."""


def shapes_of(comparison: Comparison, layers: PageLayers) -> Shapes:
    """The features of a comparison, each once, and the numbers of their geometries.

    Parameters
    ----------
    comparison
        The comparison, checked (:func:`corridor.web.layers.check`); its values are not read.
    layers
        Layers under and over the zones, EPSG:4326.
    """
    stream, base = GeometryStream(), layers.base
    return Shapes(
        base=base_parts(base, stream),
        zones=_zones(comparison.zones, base, stream),
        nature=nature_parts(layers, stream),
        scenarios=_scenarios(comparison, base.region, stream),
        packed=stream.to_bytes(),
    )


def build(
    comparison: Comparison, layers: PageLayers, scales: tuple[Scale, ...], shapes: Shapes
) -> tuple[dict[str, Any], list[tuple[str, bytes]]]:
    """The model (for JSON) and its binary sections, for :func:`corridor.web.pack.pack`.

    Parameters
    ----------
    comparison
        The comparison, checked (:func:`corridor.web.layers.check`).
    layers
        Layers under and over the zones, EPSG:4326.
    scales
        How each measure is coloured and rounded.
    shapes
        The features of the comparison.

    Returns
    -------
    tuple
        The model, and names with bytes: ``geometry`` and ``values``.
    """
    base = layers.base
    model: dict[str, Any] = {
        "scales": [scale.for_page() for scale in scales],
        "measures": len(comparison.measures),
        "reference": list(comparison.results).index(comparison.reference_id),
        "first": _first(comparison),
        "base": shapes.base,
        "zones": shapes.zones,
        "nature": shapes.nature,
        "hubs": _hubs(layers, scales),
        "palette": palette.for_page(base.region),
        "openAtFirst": sorted(palette.OPEN_AT_FIRST),
        "views": {"area": box_of(base.bounds), "corridor": box_of(_focus(comparison, base))},
        "date": layers.date,
    }
    model |= shapes.scenarios
    model["districtMeans"] = _district_means(comparison, scales, base)
    values = pack_values(*_values(comparison, scales, zone_order(comparison.zones)))
    return model, [("geometry", shapes.packed), ("values", values)]


def zone_order(zones: gpd.GeoDataFrame) -> NDArray[np.intp]:
    """Zones row by row from the north, so that neighbours are side by side and their values compress well.

    Parameters
    ----------
    zones
        Zones, EPSG:4326.

    Returns
    -------
    numpy.ndarray
        (zones,) positions in the frame.
    """
    bounds = np.asarray(zones.bounds)
    middle_x, middle_y = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
    height = float(np.median(bounds[:, 3] - bounds[:, 1])) if len(bounds) else 1.0
    return np.lexsort((middle_x, -np.rint(middle_y / (height or 1.0))))


def _values(
    comparison: Comparison, scales: tuple[Scale, ...], order: NDArray[np.intp]
) -> tuple[NDArray[np.uint16], list[NDArray[np.uint16]]]:
    step = np.ones(len(comparison.measures))
    for scale in scales:
        step[list(scale.hours.values())] = scale.step
    steps = {
        scenario_id: quantise(np.asarray(comparison.zone_values[scenario_id])[:, order], step[:, None])
        for scenario_id in comparison.results
    }
    reference = steps.pop(comparison.reference_id)
    return reference, list(steps.values())


def _district_means(
    comparison: Comparison, scales: tuple[Scale, ...], base: BaseGeometry
) -> list[dict[str, list[float | None]]]:
    """By scenario: the mean of each district for each measure that the comparison has it of."""
    row_of = {measure.measure_id: str(row) for row, measure in enumerate(comparison.measures)}
    at = {district_id: i for i, district_id in enumerate(base.districts)}
    step = {str(row): scale.step for scale in scales for row in scale.hours.values()}
    found: dict[str, dict[str, list[float | None]]] = {scenario_id: {} for scenario_id in comparison.results}
    for row in rows_of(comparison.district_gains):
        measure, district = row_of.get(text_of(row["measure"])), at.get(text_of(row["district_id"]))
        if measure is None or district is None or row["scenario_id"] not in found:
            continue
        means = found[row["scenario_id"]].setdefault(measure, [None] * len(at))
        value = number_of(row["value"])
        means[district] = None if value is None else round(value / step[measure]) * step[measure]
    return list(found.values())


def base_parts(base: BaseGeometry, stream: GeometryStream) -> dict[str, Any]:
    """Land, boundary and districts, for drawBase of the page.

    Parameters
    ----------
    base
        The basemap, EPSG:4326.
    stream
        Takes the geometries.
    """
    return {
        "land": stream.add(base.land),
        "notMapped": stream.add(base.not_mapped),
        "boundary": stream.add(base.boundary),
        "districtLines": stream.add(base.district_lines),
        "districts": [
            {"name": name, "region": region, "g": stream.add(inside)}
            for name, region, inside in base.districts.values()
        ],
        "waters": [{"at": [w.lat, w.lon], "name": w.name} for w in base.region.waters],
        "sides": [{"id": side, "name": name} for side, name in base.region.names.items()],
    }


def _zones(zones: gpd.GeoDataFrame, base: BaseGeometry, stream: GeometryStream) -> dict[str, Any]:
    at = {district_id: i for i, district_id in enumerate(base.districts)}
    rows = zones.iloc[zone_order(zones)]
    numbers = [stream.add(geometry) for geometry in one_sided(rows, base.sides, 6)]
    return {
        "first": numbers[0] if numbers else 0,
        "count": len(numbers),
        "district": [at.get(text_of(d), -1) for d in rows["district_id"]],
        "residents": [round(number_of(v) or 0) for v in rows["residents"]],
        "jobs": None if rows["jobs"].isna().any() else [round(number_of(v) or 0) for v in rows["jobs"]],
    }


def nature_parts(layers: PageLayers, stream: GeometryStream) -> dict[str, Any]:
    """Designations, green corridors and wildlife sites, for natureLayers of the page.

    Parameters
    ----------
    layers
        Layers in EPSG:4326; areas are simplified by 25 m, wildlife sites by 5 m.
    stream
        Takes the geometries.
    """

    def listed(frame: gpd.GeoDataFrame, tolerance_m: float, kind: str, prefix: str) -> list[dict[str, Any]]:
        return [
            {
                "name": row_name(row),
                "kind": text_of(row.get(kind)),
                "kindName": term(prefix, row.get(kind)) if kind else None,
                "accuracy": number_of(row.get("accuracy_m")),
                "g": stream.add(simplified(row["geometry"], tolerance_m)),
            }
            for row in rows_of(frame)
        ]

    return {
        "designations": listed(layers.designations, NATURE_M, "designation", "designation"),
        "corridors": listed(layers.green_corridors, NATURE_M, "", ""),
        "wildlife": listed(layers.wildlife_sites, FINE_M, "kind", "wildlife"),
    }


def _hubs(layers: PageLayers, scales: tuple[Scale, ...]) -> list[dict[str, Any]]:
    """Places that a measure is the time to, where their position is known."""
    known = {scale.base for scale in scales}
    return [
        {"name": row_name(row), "at": [round(lat, 5), round(lon, 5)], "measure": measure}
        for row in rows_of(layers.places)
        if (measure := f"to_{text_of(row['place_id'])}") in known
        and (lon := number_of(row.get("lon"))) is not None
        and (lat := number_of(row.get("lat"))) is not None
    ]


def _scenarios(comparison: Comparison, region: Region, stream: GeometryStream) -> dict[str, Any]:
    pools = {name: Pool(stream) for name in ("lines", "stations", "checkpoints", "footprint")}
    scenarios = []
    known = {text_of(c) for c in comparison.results[comparison.reference_id].checkpoints["checkpoint_id"]}
    for scenario_id, result in comparison.results.items():
        shown = {
            "lines": [
                pools["lines"].add(_line(found), found.shape, LINE_M)
                for found in lines_of(result.lines, region)
            ],
            "stations": pooled(result.stations, pools["stations"], _station, 0),
            "checkpoints": pooled(
                result.checkpoints, pools["checkpoints"], partial(_checkpoint, known=known), 0
            ),
            "footprint": pooled(result.footprint, pools["footprint"], _footprint, FINE_M),
        }
        head = {
            "id": scenario_id, "title": result.title, "question": result.question,
            "flag": result.flag, "year": int(result.year),
        }  # fmt: skip
        scenarios.append(head | shown)
    return {"scenarios": scenarios} | {name: pool.items for name, pool in pools.items()}


def pooled(
    frame: gpd.GeoDataFrame, pool: Pool, item: Callable[[Mapping[str, Any]], dict[str, Any]], tolerance_m: float
) -> list[int]:  # fmt: skip
    """Put the rows of a frame into a pool; rows without a shape are left out.

    Parameters
    ----------
    frame
        Features in EPSG:4326.
    pool
        The pool of their kind.
    item
        What the page's script reads of a row.
    tolerance_m
        Metres by which shapes are simplified; 0 for none.

    Returns
    -------
    list of int
        Their numbers in the pool.
    """
    return [
        pool.add(item(row), row["geometry"], tolerance_m)
        for row in rows_of(frame)
        if row["geometry"] is not None and not row["geometry"].is_empty
    ]


def _line(found: Line) -> dict[str, Any]:
    return {
        name: getattr(found, name) for name in ("name", "axis", "status", "mode", "added", "counterfactual")
    }


def _station(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": row_name(row),
        "status": text_of(row["status"]),
        "added": flag_of(row["added"]),
        "small": text_of(row.get("system")) == "light_rail",
    }


def _checkpoint(row: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
    """A control point; one that the reference lacks comes with the line of the scenario."""
    added = text_of(row["checkpoint_id"]) not in known
    status = text_of(row.get("status"))
    figures = {
        "mean": "clearance_mean_min", "low": "clearance_low_min", "high": "clearance_high_min",
        "daily": "daily_2025", "capacity": "design_capacity_pax_day",
    }  # fmt: skip
    return {
        "id": text_of(row["checkpoint_id"]),
        "name": row_name(row),
        "regime": term("regime", text_of(row["regime"])) if text_of(row["regime"]) else None,
        "open": text_of(row["open"]),
        "close": text_of(row["close"]),
        "assumed": flag_of(row.get("clearance_assumed")),
        "status": status,
        "statusName": t("status_added") if added else term("status", status or "existing"),
        "changed": flag_of(row.get("changed")) and not added,
        "inStation": text_of(row.get("kind")) == "line" and not number_of(row.get("daily_2025")),
        **{name: number_of(row.get(column)) for name, column in figures.items()},
    }


def _footprint(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"permanence": text_of(row["permanence"])}


def _first(comparison: Comparison) -> int:
    """The scenario to open on: that of the comparison file, else the proposed one that builds most."""
    ids = list(comparison.results)
    if comparison.opens_on in ids:
        return ids.index(comparison.opens_on)
    builds = [
        0 if i == comparison.reference_id or r.counterfactual else sum(flag_of(a) for a in r.lines["added"])
        for i, r in comparison.results.items()
    ]
    most = max(builds)
    return builds.index(most) if most else ids.index(comparison.reference_id)


def _focus(comparison: Comparison, base: BaseGeometry) -> Bounds:
    """The box of all lines that scenarios add to the reference, or of all that is mapped where none is."""
    known = {text_of(i) for i in comparison.results[comparison.reference_id].lines["line_id"]}
    added = [
        row["geometry"]
        for result in comparison.results.values()
        for row in rows_of(result.lines)
        if flag_of(row["added"]) and row["geometry"] is not None and text_of(row["line_id"]) not in known
    ]
    return around(added, FOCUS_MARGIN, FOCUS_MARGIN / 2) or base.bounds


def around(shapes: Sequence[Any], east: float, north: float) -> Bounds | None:
    """The box of shapes with margins; None where there are none.

    Parameters
    ----------
    shapes
        Geometries in WGS84 degrees.
    east, north
        Margins in degrees, on either side.

    Returns
    -------
    tuple of float or None
        West, south, east, north in degrees.
    """
    if not len(shapes):
        return None
    low_x, low_y, high_x, high_y = shapely.total_bounds(np.array(shapes))
    return low_x - east, low_y - north, high_x + east, high_y + north


def box_of(bounds: Iterable[float]) -> list[list[float]]:
    """A box as Leaflet takes it.

    Parameters
    ----------
    bounds
        West, south, east, north in degrees.

    Returns
    -------
    list
        South-west and north-east corner, latitude before longitude.
    """
    west, south, east, north = (round(float(v), 4) for v in bounds)
    return [[south, west], [north, east]]

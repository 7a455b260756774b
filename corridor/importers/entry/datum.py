"""GCJ-02 and BD-09, the shifted coordinates of mainland web maps: there, back, and found out.

GCJ-02 adds to WGS84 a smooth published-by-use function of position, 300 to 700 m in size; BD-09 adds Baidu's own swirl
on top, some 1 km in all. Neither has an EPSG code. A layer is only said to be shifted on evidence that chance does not
give: enough positions that coincide with known ones when it is read so, and that do not when it is moved as far in any
other direction. Of 1,600 random alignments of 8 to 100 bends here none has it; a rule of a quarter of the corners alone
found 8 in 100 of those with eight bends. The functions are those of the open libraries `eviltransform` (GCJ-02)
and `coordtransform` (both), whose published values the tests repeat; the inverse is found by fixed-point iteration.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from corridor.core.crs import project_xy

Datum = Literal["wgs84", "gcj02", "bd09"]
DATUMS: tuple[Datum, ...] = get_args(Datum)
NAMES: dict[Datum, str] = {"wgs84": "WGS84", "gcj02": "GCJ-02", "bd09": "BD-09"}
F64 = NDArray[np.float64]

_A, _EE = 6378245.0, 0.00669342162296594323  # Krasovsky 1940, which GCJ-02 is worked out on
_BD = np.pi * 3000.0 / 180.0
_STEPS = 12  # each makes the error some 100 times smaller; four are enough
COINCIDE_M = 120.0
"""Positions of one object in two maps differ by less than this, stations (entrance or middle) included."""
FACTOR = 3.0
"""A datum is only named where it brings the layer at least this many times nearer."""
NAMED = 5
"""Points that must have the name of a station before these are compared."""
NEAREST_POINTS = 10
NEAREST_SHARE = 0.6
"""Points that must coincide with a known station before nearest stations are compared: how many, and what share of them."""
LINE_M = 60.0
LINE_CORNERS = 20
LINE_SHARE = 0.25
"""Corners that must come to within :data:`LINE_M` of a known line: how many, and what share of them."""
TURNED = 2.0
"""So many times as many positions must coincide as when the layer is moved as far in any other direction."""


def to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[F64, F64]:
    """WGS84 degrees to GCJ-02 degrees.

    Parameters
    ----------
    lon
        WGS84 degrees, any shape.
    lat
        WGS84 degrees, the same shape.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude in GCJ-02 degrees.

    Examples
    --------
    >>> lon, lat = to_gcj02(113.93, 22.53)
    >>> f"{float(lon):.4f} {float(lat):.4f}"
    '113.9349 22.5270'
    """
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    x, y = lon - 105.0, lat - 35.0
    wave = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north += (wave + 20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east += (wave + 20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    root = np.sqrt(1.0 - _EE * np.sin(phi) ** 2)
    d_lat = np.degrees(north / (_A * (1.0 - _EE) / root**3))
    d_lon = np.degrees(east / (_A / root * np.cos(phi)))
    return lon + d_lon, lat + d_lat


def _gcj02_to_bd09(lon: F64, lat: F64) -> tuple[F64, F64]:
    z = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD)
    theta = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD)
    return z * np.cos(theta) + 0.0065, z * np.sin(theta) + 0.006


def from_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> tuple[F64, F64]:
    """WGS84 degrees to those of a datum.

    Parameters
    ----------
    lon
        WGS84 degrees, any shape.
    lat
        WGS84 degrees, the same shape.
    datum
        wgs84, gcj02 or bd09.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude in degrees of the datum.
    """
    if datum == "wgs84":
        return np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    shifted = to_gcj02(lon, lat)
    return shifted if datum == "gcj02" else _gcj02_to_bd09(*shifted)


def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> tuple[F64, F64]:
    """Degrees of a datum to WGS84, to well under a millimetre.

    Parameters
    ----------
    lon
        Degrees of the datum, any shape.
    lat
        Degrees of the datum, the same shape.
    datum
        wgs84, gcj02 or bd09.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude in WGS84 degrees.

    Notes
    -----
    Fixed-point iteration: p <- p - (f(p) - target), from p = target.
    """
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    x, y = lon.copy(), lat.copy()
    for _ in range(_STEPS):
        fx, fy = from_wgs84(x, y, datum)
        x, y = x - (fx - lon), y - (fy - lat)
    return x, y


def geometry_to_wgs84(geometry: Any, datum: Datum) -> Any:
    """Shapes in degrees of a datum to WGS84.

    Parameters
    ----------
    geometry
        A geometry or an array of them, in degrees of the datum.
    datum
        wgs84, gcj02 or bd09.
    """
    if datum == "wgs84":
        return geometry
    return shapely.transform(geometry, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], datum)))


@dataclass(frozen=True)
class Shift:
    """A layer that is off as GCJ-02 or BD-09 is.

    Attributes
    ----------
    datum
        The datum that its positions fit, gcj02 or bd09.
    east_m, north_m
        Median offset of the positions as stated, in EPSG:4547 metres; negative to the west or south.
    """

    datum: Datum
    against: str
    """What it was compared with, in words."""
    offset_m: float
    """Median distance before conversion, or how far the shift itself is where lines were compared."""
    left_m: float
    """The same when it is read as `datum`."""
    east_m: float
    north_m: float

    def __str__(self) -> str:
        return (
            f"is {self.offset_m:,.0f} m off ({abs(self.east_m):,.0f} m {'east' if self.east_m >= 0 else 'west'}, "
            f"{abs(self.north_m):,.0f} m {'north' if self.north_m >= 0 else 'south'}) {self.against}; "
            f"read as {NAMES[self.datum]} it is {self.left_m:,.0f} m off"
        )


@dataclass(frozen=True)
class Known:
    """Reference positions in WGS84 degrees: named points, and lines.

    Attributes
    ----------
    names
        The names of each point by :func:`plain_name`; as many as there are points.
    lon, lat
        (points,) WGS84 degrees.
    """

    names: tuple[frozenset[str], ...]
    lon: F64
    lat: F64
    lines: Any
    """Shapely lines in EPSG:4547: coast and borders, in short pieces, for speed."""


def plain_name(name: object) -> str:
    """A station's name as it is compared: no case, no spaces, no 'station'.

    A name that consists of nothing but the ending keeps it.
    """
    text = "".join(str(name).casefold().split())
    for ending in ("station", "地铁站", "地鐵站", "站"):
        # in this order, since the longer endings hold the last one
        text = text.removesuffix(ending) or text
    return text


def find_shift(lon: F64, lat: F64, names: Iterable[Iterable[object]] | None, known: Known) -> Shift | None:
    """Whether points are off known stations as GCJ-02 or BD-09 is; by name where names agree, else by nearness.

    Parameters
    ----------
    lon
        (points,) degrees as stated.
    lat
        (points,) degrees as stated.
    names
        The names of each point; None where it has none.
    known
        Stations in WGS84.

    Returns
    -------
    Shift or None
        By name from five pairs of a point and the nearest station of its name; by nearness where ten points, and at least
        60 % of them, come to within 120 m of a known station under one reading, and at most half as many when they are
        moved as far in another direction. None on less evidence.
    """
    if names is not None:
        pairs = _pairs(lon, lat, names, known)
        if len(pairs) >= NAMED:
            own, other = pairs[:, 0], pairs[:, 1]
            return _best_by_name(lon[own], lat[own], known.lon[other], known.lat[other])
    return _best_by_nearness(lon, lat, known)


def _pairs(lon: F64, lat: F64, names: Iterable[Iterable[object]], known: Known) -> NDArray[np.int64]:
    by_name: dict[str, list[int]] = {}
    for i, group in enumerate(known.names):
        for name in group:
            by_name.setdefault(name, []).append(i)
    found = []
    for i, own in enumerate(names):
        alike = [j for name in own for j in by_name.get(plain_name(name), ())]
        if alike:
            away = [np.hypot(known.lon[j] - lon[i], known.lat[j] - lat[i]) for j in alike]
            if min(away) < 0.05:  # some 5 km: the same name elsewhere is another place
                found.append((i, alike[int(np.argmin(away))]))
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _best_by_name(lon: F64, lat: F64, known_lon: F64, known_lat: F64) -> Shift | None:
    right = np.column_stack(project_xy(known_lon, known_lat))
    moved = {d: np.column_stack(project_xy(*to_wgs84(lon, lat, d))) - right for d in DATUMS}
    off = {d: float(np.median(np.hypot(*m.T))) for d, m in moved.items()}
    return _verdict(off, moved["wgs84"], f"{len(lon)} stations of the same name")


def _best_by_nearness(lon: F64, lat: F64, known: Known) -> Shift | None:
    there = (np.abs(lon) <= 180) & (np.abs(lat) <= 89)  # impossible positions are reported elsewhere
    lon, lat = lon[there], lat[there]
    if len(lon) < NEAREST_POINTS or not len(known.lon):
        return None
    points = np.column_stack(project_xy(known.lon, known.lat))
    tree = cKDTree(points)
    place = {d: np.column_stack(project_xy(*to_wgs84(lon, lat, d))) for d in DATUMS}
    off = {d: float(np.median(tree.query(xy)[0])) for d, xy in place.items()}
    best = min(off, key=off.__getitem__)

    def coincide(xy: F64) -> int:
        return int(np.count_nonzero(tree.query(xy)[0] <= COINCIDE_M))

    # most points are near some station or other; only where they coincide does the distance say anything of the datum
    found = coincide(place[best])
    enough = found >= max(NEAREST_POINTS, NEAREST_SHARE * len(lon))
    if not enough or found < TURNED * max(map(coincide, _turned(place["wgs84"], place[best]))):
        return None
    against = f"the stations nearest to its {len(lon)} points ({found} coincide with one when read so)"
    return _verdict(off, place["wgs84"] - place[best], against)


def _turned(stated: F64, moved: F64) -> list[F64]:
    """Positions (n, 2) in metres moved as far as `moved` is from `stated`, from 20 degrees beside that direction all round.

    At 20 degrees GCJ-02 is 209 m elsewhere, out of reach of what coincides.
    """
    away, angles = moved - stated, np.radians(np.arange(20, 341, 10))
    turns = [np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]) for a in angles]
    return [stated + away @ turn for turn in turns]


def _verdict(off: dict[Datum, float], moved: F64, against: str) -> Shift | None:
    best = min(off, key=off.__getitem__)
    # a wrong conversion would move good data by half a kilometre, so a datum is named only on clear evidence
    if best == "wgs84" or off[best] > COINCIDE_M or off["wgs84"] < FACTOR * off[best]:
        return None
    east, north = np.median(moved, axis=0)
    return Shift(best, f"from {against}", off["wgs84"], off[best], float(east), float(north))


def find_line_shift(shapes: Any, known: Known, most: int = 4_000) -> Shift | None:
    """Whether outlines are off the known coast and borders as GCJ-02 or BD-09 is.

    Parameters
    ----------
    shapes
        Geometries in degrees as stated.
    known
        Lines in EPSG:4547.
    most
        Corners that are looked at.

    Returns
    -------
    Shift or None
        A datum where, read so, at least 20 corners, and a quarter of them, come to within 60 m of a known line, three times
        as many as when read as WGS84 and twice as many as when moved as far in another direction. None on less evidence.
    """
    xy = shapely.get_coordinates(shapes)
    if len(xy) < LINE_CORNERS or not len(known.lines):
        return None
    # a sample tells as much as all corners, and outlines can have millions
    xy = xy[:: max(1, len(xy) // most)]
    lines = shapely.STRtree(known.lines)

    def coincide(place: F64) -> int:
        hits = lines.query(shapely.points(place), predicate="dwithin", distance=LINE_M)[0]
        return len(np.unique(hits))

    place = {d: np.column_stack(project_xy(*to_wgs84(xy[:, 0], xy[:, 1], d))) for d in DATUMS}
    near = {d: coincide(there) for d, there in place.items()}
    best = max(near, key=near.__getitem__)
    enough = near[best] >= max(LINE_CORNERS, LINE_SHARE * len(xy), FACTOR * near["wgs84"])
    if best == "wgs84" or not enough:
        return None
    # a line beside a straight coast fits wherever it is moved towards it; only a true shift fits one way alone
    if near[best] < TURNED * max(map(coincide, _turned(place["wgs84"], place[best]))):
        return None
    away = place["wgs84"] - place[best]
    east, north = np.median(away, axis=0)
    against = (
        f"from the coast and borders ({near[best]:,} of its {len(xy):,} corners come to within {LINE_M:.0f} m of one, "
        f"{near['wgs84']:,} as it is)"
    )
    _, from_lines = lines.query_nearest(shapely.points(place[best]), return_distance=True, all_matches=False)
    left = float(np.median(from_lines))
    return Shift(best, against, float(np.median(np.hypot(*away.T))), left, float(east), float(north))

"""Ways between a file's coordinate system and WGS84: stated operations only, never a rough offset without a word."""

from __future__ import annotations

from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError

from corridor.core.errors import CrsError

SAME_AS_WGS84 = (4326, 4490)
"""Geographic systems taken as WGS84: CGCS2000 agrees with it to decimetres, for which PROJ states no operation."""


def known_system(crs: CRS) -> CRS:
    """The system by its EPSG code where one can be told (a .prj file seldom states it), else as it is."""
    epsg = crs.to_epsg(25)
    return CRS.from_epsg(epsg) if epsg else crs


def way_to_wgs84(crs: CRS, name: str, back: bool = False) -> Transformer:
    """The transformation from a system to WGS84 degrees (`back`: from there), x before y.

    Raises :class:`CrsError` where PROJ knows only a "ballpark", which can be hundreds of metres off.
    """
    system = known_system(crs)
    ends = (CRS.from_epsg(4326), system) if back else (system, CRS.from_epsg(4326))
    base = system.geodetic_crs
    same = base is not None and known_system(base).to_epsg() in SAME_AS_WGS84
    try:
        return Transformer.from_crs(*ends, always_xy=True, allow_ballpark=same)
    except ProjError:
        what = f"is in {crs.name}, from which no exact way leads to WGS84"
        raise CrsError.at(name, what, "a known system", "give its code with --crs, e.g. EPSG:2326") from None

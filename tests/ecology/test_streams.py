"""Streams crossed by parts and sites of a line: at the surface where works are in them, not where a tunnel passes below."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely
from shapely.geometry import LineString, Point

from corridor.ecology.impact.corridors import stream_crossings
from corridor.ecology.works.footprint import footprint
from corridor.ecology.works.profile import Part, Site, Work
from corridor.schema.text import Text

X, Y = 500_000.0, 2_480_000.0


def stream(name: str, at_m: float) -> dict[str, object]:
    return {"stream_id": name, "geometry": shapely.box(X + at_m, Y - 500, X + at_m + 20, Y + 500)}


def test_a_viaduct_crosses_and_a_tunnel_passes_below() -> None:
    work = Work(
        line_id="line", name=Text(en="Line"), status="planned", counterfactual=False,
        alignment=LineString([(X, Y), (X + 4_000, Y)]),
        parts=(Part("open", "viaduct", 0, 1_000), Part("deep", "bored_tunnel", 1_000, 3_000), Part("cut", "cut_and_cover", 3_000, 4_000)),
        sites=(Site("shaft", "shaft", Point(X + 2_510, Y), 0.5, permanent=True),),
    )  # fmt: skip
    names = {"viaduct": 500, "below": 1_500, "shaft": 2_500, "cut": 3_500, "beside": 9_000}
    streams = gpd.GeoDataFrame([stream(n, at) for n, at in names.items()], crs=4547)
    found = stream_crossings(work, streams, footprint(work))
    surface = found.groupby("stream_id")["surface"].any()
    assert surface.to_dict() == {"viaduct": True, "below": False, "shaft": True, "cut": True}
    rows = found.set_index(["stream_id", "structure"])
    assert rows.loc[("below", "bored_tunnel"), "length_m"] == pytest.approx(20)
    assert rows.loc[("below", "bored_tunnel"), ["permanent_ha", "temporary_ha"]].sum() == 0
    assert rows.loc[("shaft", "shaft"), "permanent_ha"] == pytest.approx(
        0.14, abs=0.03
    )  # 20 m of a site 71 m wide
    assert not rows.loc[("shaft", "bored_tunnel"), "surface"]

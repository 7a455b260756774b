"""Build layers/land/designations.geojson.

Inputs (under --sources):
- hk_habitat/CountryParksProtectedAreas_shp.zip: Ramsar, SSSI, country parks and special areas, conservation
  areas of Hong Kong, without names (only those still in force are taken);
- derived/hk_lum2024_wetland_polys.gpkg: fish ponds (62) and mangrove or swamp (74) of the land-use grid 2024;
- hk_land_use_2024/landuse_2024_10m_epsg2326.tif: farmland (Long Valley), utilities (for the roosts);
- derived/deepbay_mudflat_mangrove_2011_2020.gpkg: flats and vegetation of inner Deep Bay, both sides;
- land_cover_lcz/lcz_2018_2019_study_area_epsg4326.tif: the water of the OCT wetland;
- and layers/land/coastline.geojson, built before.

Method: what the protected-areas file holds is taken from it and named by place and area. What it lacks is cut
from pond, mangrove, farmland and mudflat polygons, or drawn; `method` says which, `accuracy_m` how sure the
edge is, and `area_ha` stands beside `published_area_ha`. Designations lie over one another: hectares of
different designations are never to be added.

Checks printed: area against published area of each designation.
Licence: compilation CC BY 4.0; Planning Department via DATA.GOV.HK (attribution); Kwong et al. 2026 and the
Deep Bay study (facts).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import rasterio
import shapely
from land_shapes import (
    close,
    hectares,
    polygons,
    read,
    read_layer,
    sources_argument,
    to_wgs84,
    write_geojson,
)
from rasterio.features import shapes

from corridor.core.crs import HK80, WGS84, project

Row = tuple[dict[str, Any], Any]


@dataclass(frozen=True)
class Inputs:
    """The sources in EPSG:4547."""

    protected: gpd.GeoDataFrame
    ponds: Any
    mangrove: Any
    flats: dict[tuple[str, str], Any]
    hk: Any
    sz: Any
    farmland: Any
    utilities: list[Any]
    oct_water: Any


def load(sources: Path) -> Inputs:
    """Read everything once."""
    protected = read(f"zip://{sources / 'hk_habitat/CountryParksProtectedAreas_shp.zip'}", HK80)
    protected = protected[protected["EndYear"] == 9999].copy()
    protected["ha"] = protected.geometry.area / 1e4
    wet = read(sources / "derived/hk_lum2024_wetland_polys.gpkg", WGS84)
    deep = read(sources / "derived/deepbay_mudflat_mangrove_2011_2020.gpkg", WGS84)
    coast = read_layer("coastline.geojson").set_index("region").geometry
    with rasterio.open(sources / "hk_land_use_2024/landuse_2024_10m_epsg2326.tif") as data:
        window = rasterio.windows.from_bounds(820000, 828000, 832000, 845000, data.transform)
        band, transform = data.read(1, window=window), data.window_transform(window)
    found: dict[int, list[Any]] = {52: [], 61: []}
    for code, kept in found.items():
        mask = band == code
        for geometry, _value in shapes(mask.astype("uint8"), mask=mask, connectivity=8, transform=transform):
            kept.append(project(shapely.geometry.shape(geometry), HK80))
    with rasterio.open(sources / "land_cover_lcz/lcz_2018_2019_study_area_epsg4326.tif") as data:
        window = rasterio.windows.from_bounds(113.965, 22.5265, 113.990, 22.5365, data.transform)
        band, transform = data.read(1, window=window), data.window_transform(window)
    waters = [
        project(shapely.geometry.shape(geometry))
        for geometry, _value in shapes(band, mask=band == 17, connectivity=4, transform=transform)
    ]
    return Inputs(
        protected=protected,
        ponds=shapely.union_all(wet.geometry[wet["code"] == 62].values),
        mangrove=shapely.union_all(wet.geometry[wet["code"] == 74].values),
        flats={
            (side, kind): shapely.union_all(rows.geometry.values)
            for (side, kind), rows in deep.groupby(["side", "class"])
        },
        hk=coast["hk"],
        sz=coast["sz"],
        farmland=shapely.union_all(shapely.make_valid(found[61])),
        utilities=found[52],
        oct_water=max(waters, key=lambda water: water.area),
    )


def box(west: float, south: float, east: float, north: float) -> Any:
    """A box of degrees in EPSG:4547."""
    return project(shapely.box(west, south, east, north))


def line(*points: tuple[float, float]) -> Any:
    """A line of degrees in EPSG:4547."""
    return project(shapely.LineString(points))


def drawn(*points: tuple[float, float]) -> Any:
    """A polygon of degrees in EPSG:4547."""
    return project(shapely.Polygon(points))


def pick(inputs: Inputs, kind: str, *hectares_each: float) -> list[Any]:
    """Rows of a type in the protected-areas file, told by their area in hectares: the nearest one."""
    rows = inputs.protected[inputs.protected["Type"] == kind]
    out = []
    for value in hectares_each:
        gap = (rows["ha"] - value).abs()
        if gap.min() > max(0.003, 1e-4 * value):
            raise SystemExit(f"{kind}: no polygon of {value} ha in the protected-areas file")
        out.append(gap.idxmin())
    return out


def by_area(inputs: Inputs, kind: str, *hectares_each: float) -> Any:
    """The polygons of a type in the protected-areas file, told by their area in hectares."""
    return shapely.union_all(inputs.protected.geometry.loc[pick(inputs, kind, *hectares_each)].values)


SSSI = "Sites of Special Scientific Interest"
PARK = "Country Parks and Special Areas"
FILE = "polygon of the protected-areas file of Kwong et al. 2026 (in force), named here by place and area"

#: Country parks: id, English, Traditional, Simplified, published ha, its source, hectares of the polygons.
PARKS = (
    ("tai-lam", "Tai Lam Country Park", "大欖郊野公園", "大榄郊野公园", None, "", (5331.81,)),
    ("lam-tsuen", "Lam Tsuen Country Park", "林村郊野公園", "林村郊野公园", None, "", (814.722, 732.212)),
    ("tai-mo-shan", "Tai Mo Shan Country Park", "大帽山郊野公園", "大帽山郊野公园", None, "", (1435.54,)),
    (
        "shing-mun-kam-shan",
        "Shing Mun and Kam Shan Country Parks",
        "城門及金山郊野公園",
        "城门及金山郊野公园",
        None,
        "",
        (1737.245,),
    ),
    ("lion-rock", "Lion Rock Country Park", "獅子山郊野公園", "狮子山郊野公园", None, "", (609.234,)),
    ("tai-po-kau", "Tai Po Kau Special Area", "大埔滘特別地區", "大埔滘特别地区", None, "", (448.966,)),
    ("robins-nest", "Robin's Nest Country Park", "紅花嶺郊野公園", "红花岭郊野公园", 530, "E20", (530.852,)),
    (
        "pat-sin-leng-plover-cove",
        "Pat Sin Leng and Plover Cove Country Parks",
        "八仙嶺及船灣郊野公園",
        "八仙岭及船湾郊野公园",
        None,
        "",
        (7786.937,),
    ),
    (
        "sai-kung",
        "Sai Kung East and Sai Kung West Country Parks",
        "西貢東及西貢西郊野公園",
        "西贡东及西贡西郊野公园",
        None,
        "",
        (9283.652,),
    ),
    ("ma-on-shan", "Ma On Shan Country Park", "馬鞍山郊野公園", "马鞍山郊野公园", None, "", (2496.834,)),
    (
        "lantau",
        "Lantau South and Lantau North Country Parks",
        "南大嶼及北大嶼郊野公園",
        "南大屿及北大屿郊野公园",
        None,
        "",
        (5918.51, 1017.16, 379.024),
    ),
    (
        "lantau-extension",
        "Lantau North (Extension) Country Park",
        "北大嶼郊野公園（擴建部分）",
        "北大屿郊野公园（扩建部分）",
        None,
        "",
        (1660.476, 687.286),
    ),
    (
        "hk-island",
        "Aberdeen, Tai Tam and Shek O Country Parks",
        "香港仔、大潭及石澳郊野公園",
        "香港仔、大潭及石澳郊野公园",
        None,
        "",
        (1255.12, 413.463, 406.759, 270.202),
    ),
)
WETLAND_PARK_HA = 52.63
MARSHES_HA, VILLAGE_HA = 427.517, 4.897
INNER_LAND_HA = (46.9403, 25.5077)
EGRETRY_HA = (3.00553, 1.94635)
TSIM_BEI_TSUI_HA = 0.511658


def calibrated(base: Any, grow: Any, published_ha: float) -> tuple[Any, float]:
    """`base` with as much of `grow` as lies within the distance that brings the area to the published one."""
    low, high = 0.0, 2000.0
    for _ in range(30):
        middle = (low + high) / 2
        shape = polygons(
            close(shapely.union_all([base, grow.intersection(base.buffer(middle))]), 40.0), 0.5, 5.0
        )
        low, high = (middle, high) if shape.area < published_ha * 1e4 else (low, middle)
    return shape, middle


def scaled(shape: Any, published_ha: float, cut: Any) -> Any:
    """A drawn shape, less `cut`, scaled about its centre until it has the published area."""
    factor = 1.0
    for _ in range(12):
        trial = shapely.affinity.scale(shape, factor, factor).difference(cut)
        factor *= (published_ha * 1e4 / trial.area) ** 0.5
    return polygons(trial)


@dataclass
class Places:
    """Shapes that several layers use, EPSG:4547."""

    ramsar: Any
    marshes: Any
    futian: Any
    futian_m: float
    sam_po_shue: Any
    hoo_hok_wai: Any
    nam_sang_wai: Any
    wetland_park: Any
    park_extension: Any
    long_valley: Any
    wca: Any


def places(x: Inputs) -> Places:
    """Cut or draw the shapes."""
    ramsar = shapely.union_all(x.protected.geometry[x.protected["Type"] == "Ramsar Site"].values)
    marshes = by_area(x, SSSI, MARSHES_HA)
    green = x.flats["SZ", "intertidal_vegetation"]
    bare = x.flats["SZ", "mudflat"]
    strip = (
        green.buffer(130.0).intersection(box(114.012, 22.50, 114.045, 22.53)).difference(bare.buffer(60.0))
    )
    futian, reach = calibrated(shapely.union_all([green, strip]), bare, 367.64)
    sps = polygons(
        close(x.ponds.intersection(box(114.040, 22.484, 114.066, 22.5165)), 40.0).difference(marshes), 2.0
    )
    wet = shapely.union_all([x.ponds, x.mangrove])
    nsw = polygons(
        close(wet.intersection(box(114.0285, 22.450, 114.056, 22.476)), 40.0).difference(marshes), 5.0
    )
    park = by_area(x, PARK, WETLAND_PARK_HA)
    extension = close(x.ponds.intersection(box(113.998, 22.460, 114.0285, 22.484)), 40.0)
    extension = polygons(extension.difference(shapely.union_all([park, nsw])), 2.0)
    farms = close(x.farmland.intersection(box(114.1070, 22.5020, 114.1180, 22.5125)), 15.0)
    farms = max(shapely.get_parts(polygons(farms)), key=lambda p: p.area)
    valley, _reach = calibrated(farms.representative_point().buffer(150.0).intersection(farms), farms, 37.0)
    parts = shapely.get_parts(
        polygons(close(x.ponds.intersection(box(113.985, 22.44, 114.12, 22.55)), 40.0), 20.0)
    )
    hhw = by_area(x, "Conservation Area", 295.927)
    return Places(
        ramsar, marshes, futian, reach, sps, hhw, nsw, park, extension, valley, shapely.union_all(parts)
    )


def designations(x: Inputs, p: Places) -> list[Row]:
    """Rows of designations.geojson, geometry in EPSG:4547."""
    rows: list[Row] = []

    def add(
        key: str,
        names: tuple[str, str, str],
        kind: str,
        shape: Any,
        published: float | None,
        published_source: str,
        accuracy: int,
        method: str,
        confidence: str,
        source: str,
        region: str = "hk",
        note: str = "",
    ) -> None:
        shape = polygons(shape)
        rows.append(
            (
                {
                    "designation_id": key,
                    "name_en": names[0],
                    "name_zh_hant": names[1],
                    "name_zh_hans": names[2],
                    "designation": kind,
                    "region": region,
                    "published_area_ha": published,
                    "published_area_source": published_source,
                    "area_ha": hectares(shape),
                    "accuracy_m": accuracy,
                    "method": method,
                    "confidence": confidence,
                    "source": source,
                    "note": note,
                },
                shape,
            )
        )

    add(
        "ramsar-mai-po-inner-deep-bay",
        ("Mai Po Inner Deep Bay Ramsar Site", "米埔內后海灣拉姆薩爾濕地", "米埔内后海湾国际重要湿地"),
        "ramsar",
        p.ramsar,
        1540,
        "E01",
        30,
        FILE,
        "A",
        "E01; Kwong et al. 2026",
        note="Published as about 1,500 ha (AFCD) and 1,540 ha (WWF, Ramsar list); measure with the polygon.",
    )
    futian_how = (
        "cut: intertidal vegetation and bare flat of the Deep Bay study on the Shenzhen side, with 130 m "
        f"inland for ponds and woods; the seaward edge ({p.futian_m:.0f} m from the mangrove) is set so that "
        "the area is the published one (assumption)"
    )
    add(
        "ramsar-futian",
        ("Shenzhen Futian Mangrove Ramsar Site", "深圳福田紅樹林國際重要濕地", "深圳福田红树林国际重要湿地"),
        "ramsar",
        p.futian,
        367.64,
        "E04",
        300,
        futian_how,
        "C",
        "E04; E05",
        "sz",
        note="Listed on 2 February 2023. The longitude in one press text is wrong (E05).",
    )
    add(
        "reserve-futian",
        (
            "Futian Mangrove National Nature Reserve",
            "福田紅樹林國家級自然保護區",
            "福田红树林国家级自然保护区",
        ),
        "nature_reserve",
        p.futian,
        367.64,
        "E04",
        300,
        futian_how,
        "C",
        "E04; E05",
        "sz",
        note="Same ground as the Ramsar site; the Neilingding part of the reserve is not drawn.",
    )
    add(
        "reserve-mai-po",
        ("Mai Po Nature Reserve", "米埔自然保護區", "米埔自然保护区"),
        "nature_reserve",
        p.marshes.intersection(box(113.9, 22.40, 114.2, 22.4995)),
        380,
        "E17",
        250,
        "cut: the Mai Po Marshes SSSI polygon south of 22.4995 N (assumption: the area is from memory)",
        "C",
        "E17",
    )
    add(
        "wcp-sam-po-shue",
        ("Sam Po Shue Wetland Conservation Park", "三寶樹濕地保育公園", "三宝树湿地保育公园"),
        "wetland_park",
        p.sam_po_shue,
        338,
        "E07",
        250,
        "cut: fish ponds 2024 east of the Mai Po Marshes SSSI and west of 114.066 E, bunds closed",
        "C",
        "E07",
        note="Planned. 338 ha in 2024, 520 ha in earlier papers.",
    )
    add(
        "wcp-hoo-hok-wai",
        ("Hoo Hok Wai Wetland Conservation Park", "蠔殼圍濕地保育公園", "蚝壳围湿地保育公园"),
        "wetland_park",
        p.hoo_hok_wai,
        277,
        "E08",
        200,
        "conservation area polygon of the same ponds in the protected-areas file",
        "C",
        "E08",
        note="Planned. 277 ha with 4 ha at Sandy Ridge, which is not drawn.",
    )
    add(
        "wcp-nam-sang-wai",
        ("Nam Sang Wai Wetland Conservation Park", "南生圍濕地保育公園", "南生围湿地保育公园"),
        "wetland_park",
        p.nam_sang_wai,
        397,
        "E08",
        300,
        "cut: fish ponds and mangrove 2024 south of 22.476 N, bunds closed",
        "C",
        "E08",
        note="Planned; at most 397 ha, of which 179 potential.",
    )
    add(
        "hk-wetland-park",
        ("Hong Kong Wetland Park", "香港濕地公園", "香港湿地公园"),
        "wetland_park",
        p.wetland_park,
        61,
        "publicly stated area of the park (M)",
        50,
        FILE + " (special area of 2005)",
        "A",
        "Kwong et al. 2026",
        note="The special area is 52.6 ha of the 61 ha of the park.",
    )
    add(
        "wcp-hk-wetland-park-extension",
        ("Hong Kong Wetland Park extension", "香港濕地公園擴建部分", "香港湿地公园扩建部分"),
        "wetland_park",
        p.park_extension,
        224,
        "E08",
        300,
        "cut: fish ponds 2024 about Fung Lok Wai and Tsim Bei Tsui, bunds closed",
        "C",
        "E08",
        note="Planned; at most 224 ha, of which 80 may drop.",
    )
    add(
        "long-valley-nature-park",
        ("Long Valley Nature Park", "塱原自然生態公園", "塱原自然生态公园"),
        "wetland_park",
        p.long_valley,
        37,
        "E10",
        100,
        "cut: farmland 2024 between the two rivers, about its middle, to the published area (assumption)",
        "C",
        "E10",
        note="37 ha: 21 biodiversity, 11 agriculture, 5 visitor zone.",
    )
    add(
        "oct-wetland-park",
        ("OCT National Wetland Park", "華僑城國家濕地公園", "华侨城国家湿地公园"),
        "wetland_park",
        scaled(x.oct_water.buffer(50.0), 68.5, shapely.Polygon()),
        68.5,
        "E18",
        200,
        "cut: the water of the local climate zones 2018-2019 (48 ha), grown to the published area (assumption)",
        "C",
        "E18; Liu and Shi 2020",
        "sz",
        note="Published: 50 ha of water and about 5 ha of mangrove of 68.5 ha.",
    )
    add(
        "wca-deep-bay",
        ("Wetland Conservation Area, Deep Bay", "后海灣濕地保育區", "后海湾湿地保育区"),
        "wetland_conservation_area",
        p.wca,
        1400,
        "ponds proposed for the area in the 1997 study (hkbws.org.hk)",
        150,
        "derived: contiguous fish ponds 2024 of 20 ha and more, gaps under 80 m closed (assumption)",
        "C",
        "E16",
        note="The area covers the landward part of the Ramsar site; the guideline's plan is not bundled.",
    )
    buffer = (
        p.wca.buffer(500.0).intersection(x.hk).difference(shapely.union_all([p.wca, p.ramsar, x.mangrove]))
    )
    buffer = buffer.intersection(box(113.99, 22.44, 114.125, 22.55))
    add(
        "wba-deep-bay",
        ("Wetland Buffer Area, Deep Bay", "后海灣濕地緩衝區", "后海湾湿地缓冲区"),
        "wetland_buffer_area",
        polygons(buffer, 1.0, 1.0),
        1000,
        "more than 1,000 ha in a press text of 2021",
        250,
        "derived: Hong Kong land within 500 m of the derived Wetland Conservation Area (assumption)",
        "C",
        "E16",
        note="Not a habitat: a planning buffer.",
    )

    add(
        "sssi-mai-po-marshes",
        ("Mai Po Marshes SSSI", "米埔沼澤具特殊科學價值地點", "米埔沼泽具特殊科学价值地点"),
        "sssi",
        p.marshes,
        None,
        "",
        30,
        FILE,
        "A",
        "E17; Kwong et al. 2026",
    )
    add(
        "sssi-mai-po-village",
        (
            "Mai Po Village SSSI (egretry)",
            "米埔村具特殊科學價值地點（鷺鳥林）",
            "米埔村具特殊科学价值地点（鹭鸟林）",
        ),
        "sssi",
        by_area(x, SSSI, VILLAGE_HA),
        None,
        "",
        30,
        FILE,
        "A",
        "E13; Kwong et al. 2026",
    )
    ponds = x.ponds.buffer(20.0)
    bay = shapely.union_all(
        [
            p.ramsar.difference(p.marshes).difference(ponds).difference(box(114.03, 22.46, 114.08, 22.486)),
            x.flats["HK", "mudflat"].intersection(box(113.990, 22.47, 114.04, 22.53)),
            x.flats["HK", "intertidal_vegetation"]
            .intersection(box(113.990, 22.47, 114.04, 22.53))
            .difference(p.marshes),
        ]
    )
    bay = close(bay, 250.0).difference(
        shapely.union_all([x.sz, p.futian, p.marshes, ponds, x.flats["SZ", "mudflat"]])
    )
    dry = x.hk.difference(
        shapely.union_all([x.mangrove, x.flats["HK", "intertidal_vegetation"]]).buffer(30.0)
    )
    bay = shapely.union_all([bay.difference(dry), by_area(x, SSSI, *INNER_LAND_HA)])
    add(
        "sssi-inner-deep-bay",
        ("Inner Deep Bay SSSI", "內后海灣具特殊科學價值地點", "内后海湾具特殊科学价值地点"),
        "sssi",
        polygons(bay, 2.0, 20.0),
        1036,
        "hkuhksssi.wixsite.com (about 1036 ha)",
        400,
        "drawn: intertidal and water part of the Ramsar polygon and Hong Kong's flats of the Deep Bay study, "
        "gaps under 500 m closed, with the two land pieces of the protected-areas file",
        "C",
        "E17",
        note="Missing in the protected-areas file but for its land pieces; the outer water is likely short.",
    )
    tip = by_area(x, SSSI, TSIM_BEI_TSUI_HA)
    add(
        "sssi-tsim-bei-tsui",
        ("Tsim Bei Tsui SSSI", "尖鼻咀具特殊科學價值地點", "尖鼻咀具特殊科学价值地点"),
        "sssi",
        scaled(tip.buffer(20.0), 2.1, shapely.Polygon()),
        2.1,
        "hkuhksssi.wixsite.com (about 2.1 ha)",
        100,
        "the land piece of the protected-areas file, grown over the mangrove to the published area",
        "C",
        "E17",
    )
    add(
        "sssi-tsim-bei-tsui-egretry",
        ("Tsim Bei Tsui Egretry SSSI", "尖鼻咀鷺鳥林具特殊科學價值地點", "尖鼻咀鹭鸟林具特殊科学价值地点"),
        "sssi",
        by_area(x, SSSI, *EGRETRY_HA),
        4.8,
        "hkuhksssi.wixsite.com (4.8 ha)",
        30,
        FILE,
        "A",
        "E17; Kwong et al. 2026",
    )
    shore = x.hk.buffer(150.0).difference(x.hk.buffer(-5.0))
    nai = shapely.union_all([shore, x.mangrove.buffer(10.0)]).intersection(
        box(113.9525, 22.4425, 113.9720, 22.4565)
    )
    add(
        "sssi-pak-nai",
        ("Pak Nai SSSI", "白泥具特殊科學價值地點", "白泥具特殊科学价值地点"),
        "sssi",
        polygons(nai, 0.5, 5.0),
        None,
        "",
        500,
        "drawn: shore mangrove 2024 about Sheung Pak Nai and Pak Nai, with 150 m of flat (assumption)",
        "M",
        "E15; E17",
        note="No outline and no area of the SSSI was found; some 80 ha of flat from Sheung to Ha Pak Nai.",
    )
    named = [MARSHES_HA, VILLAGE_HA, *INNER_LAND_HA, *EGRETRY_HA, TSIM_BEI_TSUI_HA]
    rest = x.protected[x.protected["Type"] == SSSI]
    rest = rest.drop(index=pick(x, SSSI, *named))
    add(
        "sssi-other",
        ("Other SSSIs of Hong Kong", "香港其他具特殊科學價值地點", "香港其他具特殊科学价值地点"),
        "sssi",
        shapely.union_all(rest.geometry.values),
        None,
        "",
        30,
        FILE + f"; {len(rest)} polygons without names, dissolved",
        "C",
        "Kwong et al. 2026",
        note="Pieces in the sea may be missing.",
    )

    used: list[float] = [WETLAND_PARK_HA]
    for key, english, hant, hans, published, published_source, each in PARKS:
        used += each
        add(
            f"country-park-{key}",
            (english, hant, hans),
            "country_park",
            by_area(x, PARK, *each),
            published,
            published_source,
            30,
            FILE,
            "A",
            "; ".join(s for s in (published_source, "Kwong et al. 2026") if s),
        )
    rest = x.protected[x.protected["Type"] == PARK]
    rest = rest.drop(index=pick(x, PARK, *used))
    add(
        "country-park-other",
        ("Other country parks and special areas", "其他郊野公園及特別地區", "其他郊野公园及特别地区"),
        "country_park",
        polygons(shapely.union_all(rest.geometry.values), 0.05),
        None,
        "",
        30,
        FILE + f"; {len(rest)} polygons, dissolved",
        "A",
        "Kwong et al. 2026",
    )
    areas = x.protected.geometry[x.protected["Type"] == "Conservation Area"]
    add(
        "conservation-areas",
        (
            "Conservation areas on outline zoning plans",
            "分區計劃大綱圖自然保育區",
            "分区计划大纲图自然保育区",
        ),
        "conservation_area",
        shapely.union_all(areas.values),
        None,
        "",
        30,
        FILE + f"; {len(areas)} polygons, dissolved",
        "A",
        "Kwong et al. 2026",
    )

    land = shapely.union_all([x.hk, x.sz])
    sha_chau = scaled(
        drawn(
            (113.8691, 22.386), (113.884, 22.386), (113.899, 22.352), (113.899, 22.336), (113.8691, 22.345)
        ),
        1200,
        land,
    ).intersection(box(113.8691, 22.30, 113.95, 22.42))
    brothers = scaled(
        drawn((113.962, 22.322), (113.962, 22.344), (113.992, 22.346), (113.992, 22.322)),
        970,
        land.buffer(50.0),
    )
    north = drawn(
        (113.8691, 22.288),
        (113.8691, 22.346),
        (113.899, 22.338),
        (113.899, 22.352),
        (113.891, 22.369),
        (113.915, 22.3660),
        (113.940, 22.3550),
        (113.9625, 22.3485),
        (113.9625, 22.336),
        (113.945, 22.3385),
        (113.905, 22.3335),
        (113.8745, 22.325),
        (113.8735, 22.288),
    )
    north = polygons(north.difference(shapely.union_all([land.buffer(100.0), sha_chau, brothers])), 5.0)
    how = "drawn from the published area, position and neighbours named in the press release (assumption)"
    add(
        "marine-park-north-lantau",
        ("North Lantau Marine Park", "北大嶼海岸公園", "北大屿海岸公园"),
        "marine_park",
        north,
        2400,
        "E19",
        1000,
        how,
        "M",
        "E19",
        note="Opened 1 November 2024.",
    )
    add(
        "marine-park-sha-chau-lung-kwu-chau",
        ("Sha Chau and Lung Kwu Chau Marine Park", "沙洲及龍鼓洲海岸公園", "沙洲及龙鼓洲海岸公园"),
        "marine_park",
        sha_chau,
        1200,
        "E19",
        800,
        how,
        "M",
        "E19",
    )
    add(
        "marine-park-brothers",
        ("The Brothers Marine Park", "大小磨刀海岸公園", "大小磨刀海岸公园"),
        "marine_park",
        brothers,
        970,
        "afcd.gov.hk press release of 14 June 2024",
        800,
        how,
        "M",
        "E19",
    )
    flat_how = "bare intertidal flat of the Deep Bay study 2011-2020, 30 m cells, 113.983 to 114.037 E only"
    add(
        "mudflat-deep-bay-hk",
        ("Deep Bay mudflat, Hong Kong side", "后海灣泥灘（香港）", "后海湾滩涂（香港）"),
        "mudflat",
        polygons(x.flats["HK", "mudflat"], 0.5, 0.5),
        None,
        "",
        60,
        flat_how,
        "C",
        "Deep Bay mudflat study (Kwong)",
        note="The middle block of the bay counts as Hong Kong as in the study.",
    )
    add(
        "mudflat-deep-bay-sz",
        ("Deep Bay (Shenzhen Bay) mudflat, Shenzhen side", "深圳灣灘塗（深圳）", "深圳湾滩涂（深圳）"),
        "mudflat",
        polygons(x.flats["SZ", "mudflat"], 0.5, 0.5),
        None,
        "",
        60,
        flat_how,
        "C",
        "Deep Bay mudflat study (Kwong)",
        "sz",
    )
    return rows


def simplified(rows: list[Row], tolerance: float) -> list[Row]:
    """Rows in WGS84, simplified by `tolerance` metres, small shapes by less. Points stay."""
    out = []
    for properties, shape in rows:
        if shape.geom_type != "Point":
            shape = shapely.make_valid(shape.simplify(min(tolerance, shape.area**0.5 / 50)))
        out.append((properties, to_wgs84(shape)))
    return out


def build(sources: Path) -> None:
    """Write the three layers and print areas against published ones."""
    x = load(sources)
    p = places(x)
    rows = designations(x, p)
    for properties, _shape in rows:
        published = properties["published_area_ha"]
        against = (
            f"published {published} ({100 * (properties['area_ha'] / published - 1):+.0f} %)"
            if published
            else ""
        )
        print(f"  {properties['designation_id']:40s} {properties['area_ha']:9.1f} ha {against}")
    write_geojson("designations.geojson", simplified(rows, 12.0))


def main() -> None:
    """Command line."""
    build(sources_argument(__doc__ or ""))


if __name__ == "__main__":
    main()

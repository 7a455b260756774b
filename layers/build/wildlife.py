"""Build layers/land/wildlife_sites.geojson and green_corridors.geojson.

Inputs: those of designations.py, and what it cuts (reserves, ponds, parks).

Method: wildlife sites are approximate points and polygons: SSSI polygons, woodland and the works' boundary
where there are any, bus stops of the village, memory otherwise; `method` says which, `accuracy_m` how sure.
Green corridors have width and are polygons: wetland as mapped (width = area over the length of an axis), a
shore strip, or a strip about a drawn axis. Every drawn axis and width is an assumption. Parts do not overlap.
The San Tin corridor lies over the Sam Po Shue part of the Deep Bay wetlands: the two are never to be added.

Checks printed: hectares and width of each part. Licence: as designations.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import shapely
from designations import (
    EGRETRY_HA,
    SSSI,
    VILLAGE_HA,
    Inputs,
    Places,
    Row,
    box,
    by_area,
    line,
    load,
    places,
    polygons,
    simplified,
)
from land_shapes import close, hectares, sources_argument, write_geojson

from corridor.core.crs import project

SAN_TIN_AXIS = ((114.0620, 22.5030), (114.0740, 22.5015), (114.0880, 22.5010))
MAI_PO_LUNG = (114.0655, 22.4950)


def wildlife(x: Inputs) -> list[Row]:
    """Rows of wildlife_sites.geojson, geometry in EPSG:4547."""
    rows: list[Row] = []

    def add(
        key: str,
        names: tuple[str, str, str],
        kind: str,
        shape: Any,
        accuracy: int,
        confidence: str,
        source: str,
        method: str,
        region: str = "hk",
        width: float | None = None,
    ) -> None:
        rows.append(
            (
                {
                    "site_id": key,
                    "name_en": names[0],
                    "name_zh_hant": names[1],
                    "name_zh_hans": names[2],
                    "kind": kind,
                    "region": region,
                    "width_m": width,
                    "accuracy_m": accuracy,
                    "confidence": confidence,
                    "source": source,
                    "method": method,
                },
                shape,
            )
        )

    def at(lon: float, lat: float) -> Any:
        return project(shapely.Point(lon, lat))

    village = by_area(x, SSSI, VILLAGE_HA).centroid
    groves = by_area(x, SSSI, *EGRETRY_HA).centroid
    memory = "approximate, from memory of the village's place"
    add(
        "egretry-mai-po-village",
        ("Mai Po Village egretry", "米埔村鷺鳥林", "米埔村鹭鸟林"),
        "egretry",
        village,
        150,
        "C",
        "E13",
        "middle of the Mai Po Village SSSI polygon, 60 m from the bus stop Mai Po",
    )
    add(
        "egretry-mai-po-lung",
        ("Mai Po Lung Village egretry", "米埔隴村鷺鳥林", "米埔陇村鹭鸟林"),
        "egretry",
        at(*MAI_PO_LUNG),
        350,
        "C",
        "E13; E11",
        "woodland of 3.8 ha (land use 2024) behind the village, 300 m from the bus stop Mai Po Lung",
    )
    add(
        "egretry-kam-po-road",
        ("Kam Po Road egretry", "錦莆路鷺鳥林", "锦莆路鹭鸟林"),
        "egretry",
        at(114.0712, 22.4190),
        400,
        "C",
        "E13",
        "middle of two minibus stops on Kam Po Road",
    )
    add(
        "egretry-ho-sheung-heung",
        ("Ho Sheung Heung egretry", "河上鄉鷺鳥林", "河上乡鹭鸟林"),
        "egretry",
        at(114.1085, 22.5115),
        300,
        "C",
        "E13",
        "by the minibus stop at the village's ancestral hall",
    )
    add(
        "egretry-san-sang-san-tsuen",
        ("San Sang San Tsuen egretry", "新生新村鷺鳥林", "新生新村鹭鸟林"),
        "egretry",
        at(113.9885, 22.4430),
        600,
        "M",
        "E13",
        memory + ", near the bus stop San Sang Tsuen",
    )
    add(
        "egretry-ngau-hom-shek",
        ("Ngau Hom Shek egretry", "鰲磡石鷺鳥林", "鳌磡石鹭鸟林"),
        "egretry",
        at(113.9760, 22.4575),
        600,
        "M",
        "E13",
        memory,
    )
    add(
        "egretry-tsim-bei-tsui",
        ("Tsim Bei Tsui egretry", "尖鼻咀鷺鳥林", "尖鼻咀鹭鸟林"),
        "egretry",
        groves,
        150,
        "C",
        "E17",
        "middle of the two groves of the Tsim Bei Tsui Egretry SSSI",
    )
    works = max(
        (u for u in x.utilities if u.intersects(box(114.0253, 22.4666, 114.0285, 22.4695))),
        key=lambda u: u.area,
    )
    west, south, east, north = works.bounds
    plant = "from the published distance to the works' boundary (utilities polygon of the land use 2024)"
    add(
        "roost-yuen-long-works-east",
        (
            "Night roost east of the Yuen Long effluent works",
            "元朗污水處理廠以東夜棲地",
            "元朗污水处理厂以东夜栖地",
        ),
        "night_roost",
        shapely.Point(east + 40, (south + north) / 2),
        100,
        "C",
        "ylepphk.com (EM&A)",
        plant,
    )
    add(
        "roost-yuen-long-works-north-east",
        (
            "Night roost north-east of the Yuen Long effluent works",
            "元朗污水處理廠東北夜棲地",
            "元朗污水处理厂东北夜栖地",
        ),
        "night_roost",
        shapely.Point(east + 32, north + 32),
        100,
        "C",
        "ylepphk.com (EM&A)",
        plant,
    )
    add(
        "roost-sha-po",
        ("Sha Po night roost", "沙埔夜棲地", "沙埔夜栖地"),
        "night_roost",
        at(114.0509, 22.4526),
        400,
        "C",
        "E14",
        "bus stop Sha Po Tsuen",
    )
    add(
        "roost-ko-po-road",
        ("Ko Po Road night roost", "高埔路夜棲地", "高埔路夜栖地"),
        "night_roost",
        at(114.0526, 22.4418),
        400,
        "C",
        "E14",
        "bus stop Ha Ko Po Tsuen",
    )
    add(
        "roost-kam-po-road",
        ("Kam Po Road night roost", "錦莆路夜棲地", "锦莆路夜栖地"),
        "night_roost",
        at(114.0708, 22.4194),
        400,
        "C",
        "E14",
        "minibus stop on Kam Po Road",
    )
    add(
        "roost-mai-po-gei-wai",
        (
            "Black-faced Spoonbill roost, Mai Po gei wai 16/17",
            "米埔16/17號基圍黑臉琵鷺棲息地",
            "米埔16/17号基围黑脸琵鹭栖息地",
        ),
        "waterbird_roost",
        at(114.0386, 22.4878),
        150,
        "C",
        "E03; redgannet.blogspot.com 2012-03",
        "position and a count of 163 in a birder's report of March 2012; birds move with water levels",
    )
    add(
        "flight-san-tin",
        (
            "San Tin east-west bird corridor (300 m)",
            "新田東西向雀鳥飛行走廊（300米）",
            "新田东西向鸟类飞行走廊（300米）",
        ),
        "flight_corridor",
        line(*SAN_TIN_AXIS).buffer(150.0, cap_style="flat"),
        600,
        "M",
        "E11",
        "width published; the axis is drawn along the drainage channel from Sam Po Shue inland (assumption)",
        width=300.0,
    )
    path = line(MAI_PO_LUNG, (114.0600, 22.5005))
    add(
        "flight-mai-po-lung",
        (
            "Mai Po Lung egretry flight path (70 m)",
            "米埔隴鷺鳥林飛行路徑（70米）",
            "米埔陇鹭鸟林飞行路径（70米）",
        ),
        "flight_corridor",
        path.buffer(35.0, cap_style="flat"),
        400,
        "M",
        "E11; E12",
        "width published; drawn from the egretry to the nearest ponds of Sam Po Shue (assumption)",
        width=70.0,
    )
    return rows


NOTES = {
    "deep-bay": (
        "Wintering waterbirds with Black-faced Spoonbill, feeding on flats and ponds and flying between; "
        "Eurasian Otter.",
        "越冬水鳥包括黑臉琵鷺；歐亞水獺；於泥灘及魚塘覓食，往返飛行。",
        "越冬水鸟包括黑脸琵鹭；欧亚水獭；于滩涂及鱼塘觅食，往返飞行。",
    ),
    "long-valley": (
        "Yellow-breasted Bunting and other farmland birds; amphibians of wet fields.",
        "黃胸鵐等農地雀鳥；濕農地兩棲類。",
        "黄胸鹀等农地鸟类；湿农地两栖类。",
    ),
    "coast": (
        "Two horseshoe crabs, seagrass, mangrove, oyster reefs; spoonbills and egrets on the flats.",
        "兩種鱟、海草、紅樹林、蠔礁；琵鷺及鷺鳥於泥灘覓食。",
        "两种鲎、海草、红树林、牡蛎礁；琵鹭及鹭鸟于滩涂觅食。",
    ),
    "hills": (
        "Forest birds and mammals (civets, porcupine, muntjac, pangolin) between the hills of both cities.",
        "兩地山嶺間的林鳥及哺乳類（果子狸、豪豬、赤麂、穿山甲）。",
        "两地山岭间的林鸟及哺乳类（果子狸、豪猪、赤麂、穿山甲）。",
    ),
    "san-tin": (
        "Flight line of waterbirds and egrets between Deep Bay ponds and inland wetlands.",
        "水鳥及鷺鳥往返后海灣魚塘與內陸濕地的飛行路線。",
        "水鸟及鹭鸟往返后海湾鱼塘与内陆湿地的飞行路线。",
    ),
}
CORRIDORS = {
    "deep-bay-wetlands": (
        "Deep Bay wetlands (Futian - Mai Po - Sam Po Shue - Hoo Hok Wai - Long Valley)",
        "后海灣濕地（福田－米埔－三寶樹－蠔殼圍－塱原）",
        "深圳湾湿地（福田－米埔－三宝树－蚝壳围－塱原）",
    ),
    "western-coast": (
        "Western coast (Tsim Bei Tsui - Lau Fau Shan - Pak Nai)",
        "西部海岸（尖鼻咀－流浮山－白泥）",
        "西部海岸（尖鼻咀－流浮山－白泥）",
    ),
    "wutong-pat-sin-leng": (
        "Wutong - Robin's Nest - Pat Sin Leng",
        "梧桐山－紅花嶺－八仙嶺",
        "梧桐山－红花岭－八仙岭",
    ),
    "san-tin-bird-corridor": ("San Tin bird corridor", "新田雀鳥走廊", "新田鸟类走廊"),
}


def corridors(x: Inputs, p: Places) -> list[Row]:
    """Rows of green_corridors.geojson, geometry in EPSG:4547. Parts of one corridor do not overlap."""
    rows: list[Row] = []
    taken: list[Any] = []

    def add(
        key: str,
        part: str,
        names: tuple[str, str, str],
        shape: Any,
        width: float | None,
        accuracy: int,
        confidence: str,
        source: str,
        note: str,
        method: str,
        axis: Any = None,
        region: str = "hk",
    ) -> None:
        apart = key != "san-tin-bird-corridor"
        shape = polygons(shape.difference(shapely.union_all(taken)) if taken and apart else shape, 1.0, 2.0)
        if apart:
            taken.append(shape)
        whole = CORRIDORS[key]
        typical = width if width is not None else round(shape.area / axis.length, -1)
        text = NOTES[note]
        rows.append(
            (
                {
                    "part_id": f"{key}:{part}",
                    "corridor_id": key,
                    "part": part,
                    "name_en": whole[0],
                    "name_zh_hant": whole[1],
                    "name_zh_hans": whole[2],
                    "part_en": names[0],
                    "part_zh_hant": names[1],
                    "part_zh_hans": names[2],
                    "region": region,
                    "width_m": typical,
                    "area_ha": hectares(shape),
                    "species_note_en": text[0],
                    "species_note_zh_hant": text[1],
                    "species_note_zh_hans": text[2],
                    "accuracy_m": accuracy,
                    "method": method,
                    "confidence": confidence,
                    "source": source,
                },
                shape,
            )
        )

    wet = "deep-bay-wetlands"
    typical = "; width is area over the length of an axis"
    add(
        wet,
        "futian",
        ("Futian mangrove and flat", "福田紅樹林及灘塗", "福田红树林及滩涂"),
        close(
            shapely.union_all([p.futian, x.flats["SZ", "mudflat"], x.flats["SZ", "intertidal_vegetation"]]),
            60.0,
        ),
        None,
        200,
        "C",
        "E04; Deep Bay mudflat study (Kwong)",
        "deep-bay",
        "reserve as cut, and flats of the Deep Bay study" + typical,
        line((113.990, 22.523), (114.012, 22.518), (114.034, 22.507)),
        "sz",
    )
    add(
        wet,
        "sam-po-shue",
        ("Sam Po Shue and San Tin ponds", "三寶樹及新田魚塘", "三宝树及新田鱼塘"),
        shapely.union_all(
            [p.sam_po_shue, p.wca.intersection(box(114.047, 22.484, 114.0765, 22.518))]
        ).difference(p.hoo_hok_wai),
        None,
        200,
        "C",
        "E07; E16",
        "deep-bay",
        "fish ponds 2024, bunds closed" + typical,
        line((114.047, 22.493), (114.060, 22.503), (114.074, 22.509)),
    )
    add(
        wet,
        "mai-po",
        ("Mai Po and Inner Deep Bay", "米埔及內后海灣", "米埔及内后海湾"),
        close(
            shapely.union_all(
                [
                    p.ramsar,
                    p.wca.intersection(box(113.99, 22.44, 114.058, 22.51)),
                    x.flats["HK", "mudflat"].intersection(box(113.999, 22.47, 114.04, 22.53)),
                    x.flats["HK", "intertidal_vegetation"].intersection(box(113.999, 22.47, 114.04, 22.53)),
                ]
            ),
            100.0,
        ),
        None,
        200,
        "C",
        "E01; E16",
        "deep-bay",
        "Ramsar polygon, ponds and flats, gaps under 200 m closed" + typical,
        line((114.000, 22.488), (114.030, 22.482), (114.055, 22.500)),
    )
    add(
        wet,
        "hoo-hok-wai",
        ("Hoo Hok Wai and the Loop", "蠔殼圍及河套", "蚝壳围及河套"),
        shapely.union_all([p.hoo_hok_wai, p.wca.intersection(box(114.070, 22.505, 114.112, 22.54))]),
        None,
        200,
        "C",
        "E08",
        "deep-bay",
        "conservation area polygon and ponds" + typical,
        line((114.072, 22.514), (114.088, 22.526), (114.107, 22.532)),
    )
    add(
        wet,
        "long-valley",
        ("Long Valley and the Ng Tung River", "塱原及梧桐河", "塱原及梧桐河"),
        shapely.union_all(
            [
                p.long_valley,
                line(
                    (114.1040, 22.5310), (114.1125, 22.5240), (114.1130, 22.5150), (114.1125, 22.5080)
                ).buffer(150.0, cap_style="flat"),
            ]
        ),
        300,
        300,
        "M",
        "E10",
        "long-valley",
        "nature park as cut, joined along the river by a strip of 300 m (assumption)",
    )

    coast = shapely.union_all(
        [x.hk.buffer(500.0).difference(x.hk), x.hk.difference(x.hk.buffer(-100.0)), x.mangrove]
    )
    edge = "500 m seaward and 100 m inland of the coastline (assumption)"
    add(
        "western-coast",
        "tsim-bei-tsui",
        ("Tsim Bei Tsui", "尖鼻咀", "尖鼻咀"),
        coast.intersection(box(113.975, 22.4745, 114.006, 22.500)),
        600,
        200,
        "M",
        "E15; E17",
        "coast",
        edge,
    )
    add(
        "western-coast",
        "lau-fau-shan",
        ("Lau Fau Shan", "流浮山", "流浮山"),
        coast.intersection(box(113.960, 22.4590, 113.996, 22.4745)),
        600,
        200,
        "M",
        "E15",
        "coast",
        edge,
    )
    add(
        "western-coast",
        "pak-nai",
        ("Pak Nai", "白泥", "白泥"),
        coast.intersection(box(113.925, 22.4235, 113.985, 22.4590)),
        600,
        200,
        "M",
        "E15; E17",
        "coast",
        edge,
    )

    hills = "a strip of 1,000 m about an axis drawn over the least built ground between summits (assumption)"
    for part, names, points, region in (
        (
            "wutong",
            ("Wutong Mountain", "梧桐山", "梧桐山"),
            ((114.2170, 22.5840), (114.2000, 22.5670), (114.1930, 22.5580)),
            "sz",
        ),
        (
            "robins-nest",
            ("Robin's Nest", "紅花嶺", "红花岭"),
            ((114.1930, 22.5580), (114.1970, 22.5450), (114.2000, 22.5340)),
            "hk",
        ),
        (
            "wo-hang",
            ("Wo Hang and Sha Tau Kok Road", "禾坑及沙頭角公路", "禾坑及沙头角公路"),
            ((114.2000, 22.5340), (114.1970, 22.5230), (114.2060, 22.5110)),
            "hk",
        ),
        (
            "pat-sin-leng",
            ("Pat Sin Leng", "八仙嶺", "八仙岭"),
            ((114.2060, 22.5110), (114.2136, 22.4963), (114.2200, 22.4880)),
            "hk",
        ),
    ):
        add(
            "wutong-pat-sin-leng",
            part,
            names,
            line(*points).buffer(500.0, cap_style="flat"),
            1000,
            800,
            "M",
            "E20",
            "hills",
            hills,
            region=region,
        )
    add(
        "san-tin-bird-corridor",
        "san-tin",
        ("San Tin", "新田", "新田"),
        line(*SAN_TIN_AXIS).buffer(150.0, cap_style="flat"),
        300,
        600,
        "M",
        "E11",
        "san-tin",
        "width published; axis drawn (assumption). Lies over the Sam Po Shue part: judge it alone",
    )
    return rows


def build(sources: Path) -> None:
    """Write both layers and print hectares."""
    x = load(sources)
    write_geojson("wildlife_sites.geojson", simplified(wildlife(x), 1.0))
    green = corridors(x, places(x))
    for properties, _shape in green:
        print(
            f"  {properties['part_id']:40s} {properties['area_ha']:9.1f} ha, "
            f"width {properties['width_m']:.0f} m"
        )
    write_geojson("green_corridors.geojson", simplified(green, 12.0))


def main() -> None:
    """Command line."""
    build(sources_argument(__doc__ or ""))


if __name__ == "__main__":
    main()

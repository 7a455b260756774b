"""A small made-up comparison with the columns of a real one, for the tests of the pages."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, MultiLineString, Point, Polygon, box

from corridor.schema.measure import Measure
from corridor.schema.text import Text
from corridor.study.comparison import Comparison
from corridor.study.groups import Groups
from corridor.study.phases import Phase, Phases
from corridor.web.layers import PageLayers

HOSTILE = "<script>alert(1)</script>"
HOSTILE_IMAGE = '"><img src=x onerror=alert(2)>'
SCENARIOS = ("committed-2030", "western-2035", "western-viaduct")
TITLES = {
    "committed-2030": Text(en="Committed works", zh_hant="已承諾工程", zh_hans="已承诺工程"),
    "western-2035": Text(en="Western line (tunnel)", zh_hant="西線（隧道）", zh_hans="西线（隧道）"),
    "western-viaduct": Text(en="Western line (viaduct)", zh_hant="西線（高架）", zh_hans="西线（高架）"),
}
RIVER = [(113.85, 22.42), (113.95, 22.46), (114.02, 22.51), (114.10, 22.53), (114.20, 22.55), (114.30, 22.56)]


def frame(rows: list[dict[str, Any]], columns: tuple[str, ...] = ()) -> gpd.GeoDataFrame:
    if not rows:
        return gpd.GeoDataFrame({c: [] for c in (*columns, "geometry")}, geometry="geometry", crs="EPSG:4326")
    return gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326")


def named(en: str, hant: str = "", hans: str = "") -> dict[str, str]:
    return {"name_en": en, "name_zh_hant": hant or en, "name_zh_hans": hans or en}


def coast() -> tuple[Polygon, Polygon]:
    """Two shores with a bay that narrows to a river between them."""
    gap = [0.04, 0.025, 0.002, 0.0006, 0.0006, 0.0006]
    south = [(x, y - g) for (x, y), g in zip(RIVER, gap, strict=True)]
    north = [(x, y + g) for (x, y), g in zip(RIVER, gap, strict=True)]
    hong_kong = Polygon([*south, (114.32, 22.40), (114.20, 22.28), (114.05, 22.27), (113.88, 22.33)])
    shenzhen = Polygon([*north, (114.32, 22.68), (114.05, 22.72), (113.82, 22.66)])
    return hong_kong, shenzhen


def layers(station: str = "") -> PageLayers:
    hong_kong, shenzhen = coast()
    halves = [box(113.7, 22.0, 114.08, 23.0), box(114.08, 22.0, 114.5, 23.0)]
    parts = [
        ("hk-west", "Yuen Long", "元朗區", "元朗区", "hk", hong_kong.intersection(halves[0])),
        ("hk-east", "North", "北區", "北区", "hk", hong_kong.intersection(halves[1])),
        ("sz-west", "Nanshan", "南山區", "南山区", "sz", shenzhen.intersection(halves[0])),
        ("sz-east", "Luohu", "羅湖區", "罗湖区", "sz", shenzhen.intersection(halves[1])),
    ]
    districts = [
        {"district_id": i, **named(en, t, s), "region": r, "geometry": g} for i, en, t, s, r, g in parts
    ]
    wetland = box(113.99, 22.46, 114.05, 22.495)
    designations = [
        {"designation_id": "ramsar-a", **named("Mai Po", "米埔", "米埔"), "designation": "ramsar", "region": "hk",
         "accuracy_m": 40, "geometry": wetland},
        {"designation_id": "park-a", **named(station or "Hill park", "郊野公園", "郊野公园"), "designation": "country_park",
         "region": "hk", "accuracy_m": 90, "geometry": box(114.12, 22.36, 114.2, 22.42)},
    ]  # fmt: skip
    corridors = [
        {"corridor_id": "deep-bay", **named("Deep Bay wetlands", "后海灣濕地", "深圳湾湿地"), "width_m": 900,
         "species_note_en": "Otter", "species_note_zh_hant": "水獺", "species_note_zh_hans": "水獭",
         "geometry": box(113.97, 22.47, 114.0, 22.5)},
        {"corridor_id": "robin", **named("Robin's Nest", "紅花嶺", "红花岭"), "width_m": 500,
         "geometry": box(114.2, 22.5, 114.24, 22.54)},
    ]  # fmt: skip
    wildlife = [
        {"site_id": "egretry-a", **named("Egretry", "鷺鳥林", "鹭鸟林"), "kind": "egretry", "geometry": Point(114.01, 22.47)},
        {"site_id": "flight-a", **named("Flight line", "飛行路徑", "飞行路径"), "kind": "flight_corridor",
         "geometry": box(113.96, 22.45, 113.98, 22.5)},
    ]  # fmt: skip
    return PageLayers(
        coastline=frame([{"region": "hk", "geometry": hong_kong}, {"region": "sz", "geometry": shenzhen}]),
        districts=frame(districts),
        designations=frame(designations),
        green_corridors=frame(corridors),
        wildlife_sites=frame(wildlife),
        attributions=(
            Text(en="© Test Survey", zh_hant="© 測量處", zh_hans="© 测量处"),
            Text(en="© OpenStreetMap contributors (ODbL)"),
        ),
        places=pd.DataFrame(
            [
                {"place_id": "qianhai", **named("Qianhai", "前海", "前海"), "lon": 113.9, "lat": 22.55},
                {"place_id": "central", **named("Central", "中環", "中环"), "lon": 114.16, "lat": 22.29},
            ]
        ),
        date="2026-08",
    )


def zones() -> gpd.GeoDataFrame:
    hong_kong, shenzhen = coast()
    rows = []
    for r in range(46):
        for c in range(50):
            x, y = 113.84 + 0.0195 * c, 22.28 + 0.018 * r
            square = box(x, y, x + 0.0195, y + 0.018)
            for region, land in (("hk", hong_kong), ("sz", shenzhen)):
                if land.contains(square.centroid):
                    side = "west" if x < 114.08 else "east"
                    rows.append({"zone_id": f"{region}-{c}-{r}", "region": region, "district_id": f"{region}-{side}",
                                 "residents": 1000 + 137 * ((c * 7 + r * 3) % 40), "jobs": 400 + 90 * ((c + r) % 30),
                                 "geometry": square})  # fmt: skip
    return frame(rows)


def measures() -> tuple[Measure, ...]:
    qianhai = Text(en="Qianhai", zh_hant="前海", zh_hans="前海")
    found = []
    for hour in ("08:30", "23:00"):
        found += [Measure(hour, "jobs", 60), Measure(hour, hub="qianhai", hub_name=qianhai)]
    return tuple(found)


def values(places: gpd.GeoDataFrame) -> dict[str, np.ndarray]:
    middle = places.geometry.centroid if False else places.geometry.bounds
    x, y = middle["minx"].to_numpy(), middle["miny"].to_numpy()
    away = np.hypot(x - 113.89, y - 22.54)
    jobs = 2_400_000 * np.exp(-away * 7) + 20_000
    minutes = 12 + away * 260
    closed = np.where(away > 0.3, np.nan, minutes + 15)
    was = np.stack([jobs, minutes, jobs * 0.7, closed]).astype(np.float32)
    near = np.exp(-np.hypot(x - 113.98, y - 22.44) * 14)
    better = np.stack([jobs + 400_000 * near, minutes - 22 * near, jobs * 0.7 + 90_000 * near,
                       np.where(away > 0.4, np.nan, minutes + 12)]).astype(np.float32)  # fmt: skip
    return {"committed-2030": was, "western-2035": better, "western-viaduct": better + np.float32(0.0)}


def lines(scenario_id: str, station: str) -> gpd.GeoDataFrame:
    rows = [
        {"line_id": "tuen-ma", **named("Tuen Ma Line", "屯馬綫", "屯马线"), "mode": "metro", "axis": "other", "status": "existing",
         "added": False, "counterfactual": False, "colour": "#9a3b26", "part_id": "", "structure": "",
         "geometry": MultiLineString([[(113.97, 22.38), (113.98, 22.42)], [(113.98, 22.42), (114.06, 22.43), (114.15, 22.35)]])},
    ]  # fmt: skip
    if scenario_id != "committed-2030":
        viaduct = scenario_id == "western-viaduct"
        course = [(113.985, 22.425), (113.975, 22.45), (113.945, 22.475), (113.90, 22.515), (113.89, 22.54)]
        for part, structure, ends in (
            ("land", "bored_tunnel", course[:3]),
            ("bay", "viaduct" if viaduct else "bored_tunnel", course[2:]),
        ):
            rows.append({
                "line_id": "hswrl", **named("Western Rail Link" + station, "港深西部鐵路", "港深西部铁路"), "mode": "metro",
                "axis": "western", "status": "planned_official", "added": True, "counterfactual": viaduct, "colour": "",
                "part_id": part, "structure": structure, "geometry": LineString(ends),
            })  # fmt: skip
    return frame(rows)


def stations(scenario_id: str, station: str) -> gpd.GeoDataFrame:
    rows = [
        {"station_id": "yuen-long", **named("Yuen Long", "元朗", "元朗"), "region": "hk", "system": "metro", "status": "existing",
         "added": False, "geometry": Point(114.03, 22.43)},
    ]  # fmt: skip
    if scenario_id != "committed-2030":
        for i, (x, y) in enumerate([(113.985, 22.425), (113.975, 22.45), (113.89, 22.54)]):
            name = (
                named(station, station, station)
                if station and i == 0
                else named(f"New {i}", f"新站{i}", f"新站{i}")
            )
            rows.append({"station_id": f"new-{i}", **name, "region": "hk", "system": "metro", "status": "planned_official",
                         "added": True, "geometry": Point(x, y)})  # fmt: skip
    return frame(rows)


def checkpoints(scenario_id: str, station: str) -> gpd.GeoDataFrame:
    rows = [
        {"checkpoint_id": "lo-wu", **named("Lo Wu" + station, "羅湖", "罗湖"), "kind": "hall", "regime": "separate_walk", "open": "06:30",
         "close": "24:00", "clearance_mean_min": 20.0, "clearance_low_min": 12.0, "clearance_high_min": 35.0,
         "clearance_assumed": True, "daily_2025": 205000.0, "status": "existing", "changed": False,
         "geometry": Point(114.113, 22.532)},
        {"checkpoint_id": "huanggang", **named("Huanggang", "皇崗", "皇岗"), "kind": "hall", "regime": "separate_bus", "open": "00:00",
         "close": "24:00", "clearance_mean_min": 30.0, "clearance_low_min": 20.0, "clearance_high_min": 45.0,
         "clearance_assumed": True, "daily_2025": 45000.0, "status": "existing", "changed": False,
         "geometry": Point(114.07, 22.522)},
    ]  # fmt: skip
    if scenario_id != "committed-2030":
        rows.append({"checkpoint_id": "hswrl-qianhai", **named("Qianhai", "前海", "前海"), "kind": "line", "regime": "co_location",
                     "open": "06:00", "close": "24:00", "clearance_mean_min": 15.0, "clearance_low_min": 8.0, "clearance_high_min": 25.0,
                     "clearance_assumed": True, "daily_2025": np.nan, "status": "planned", "changed": True,
                     "geometry": Point(113.89, 22.54)})  # fmt: skip
    return frame(rows)


def ecology(scenario_id: str) -> dict[str, Any]:
    if scenario_id == "committed-2030":
        empty = pd.DataFrame()
        return {
            "footprint": frame([]), "habitat_take": empty, "designation_take": empty, "habitat_disturbance": empty,
            "corridor_crossings": empty, "wildlife_conflicts": empty,
        }  # fmt: skip
    viaduct = scenario_id == "western-viaduct"
    structure = "viaduct" if viaduct else "bored_tunnel"
    keys = {
        "line_id": "hswrl",
        "part_id": "bay",
        "structure": structure,
        "component": "pier" if viaduct else "shaft",
    }
    return {
        "footprint": frame([
            {**keys, "permanence": "permanent", "area_ha": 2.5, "assumed": True, "geometry": box(113.94, 22.47, 113.946, 22.475)},
            {**keys, "permanence": "temporary", "area_ha": 4.0, "assumed": True, "geometry": box(113.97, 22.445, 113.978, 22.45)},
        ]),
        "habitat_take": pd.DataFrame([
            {**keys, "permanence": "permanent", "habitat_id": "marine", "area_ha": 2.5 if viaduct else 0.4},
            {**keys, "permanence": "temporary", "habitat_id": "not_assessed", "area_ha": 0.001},
        ]),
        "designation_take": pd.DataFrame([
            {**keys, "permanence": "permanent", "designation": "ramsar", "designation_id": "ramsar-a", "area_ha": 0.7},
        ]) if viaduct else pd.DataFrame(),
        "habitat_disturbance": pd.DataFrame([
            {"line_id": "hswrl", "phase": "construction", "band": b, "habitat_id": "mangrove", "area_ha": a}
            for b, a in (("0-100", 1.0), ("100-300", 4.0), ("300-500", 7.0))
        ]),
        "corridor_crossings": pd.DataFrame([
            {"corridor_id": "deep-bay", "line_id": "hswrl", "part_id": "bay", "structure": structure, "crossed": True,
             "underground": not viaduct, "length_m": 420.0, "distance_m": 0.0},
            {"corridor_id": "robin", "line_id": "hswrl", "part_id": "bay", "structure": structure, "crossed": False,
             "underground": not viaduct, "length_m": 0.0, "distance_m": 21_340.0},
        ]),
        "wildlife_conflicts": pd.DataFrame([
            {"line_id": "hswrl", "site_id": "egretry-a", "kind": "egretry", **named("Egretry", "鷺鳥林", "鹭鸟林"),
             "phase": "construction", "distance_m": 310.0},
        ]),
    }  # fmt: skip


def result(scenario_id: str, station: str) -> Any:
    title = TITLES[scenario_id]
    question = Text(
        en=f"Who gains from {title.en}?",
        zh_hant=f"誰受惠於{title.zh_hant}？",
        zh_hans=f"谁受惠于{title.zh_hans}？",
    )
    found = ecology(scenario_id)
    return SimpleNamespace(
        scenario_id=scenario_id, title=title, question=question, counterfactual=scenario_id == "western-viaduct",
        flag="counterfactual" if scenario_id == "western-viaduct" else "", year=2035,
        assumptions=(Text(en="Headway is assumed" + station, zh_hant="班次為假設", zh_hans="行车间隔为假设"),),
        scenario=SimpleNamespace(not_modelled=(Text(en="Fares"),)),
        lines=lines(scenario_id, station), stations=stations(scenario_id, station), checkpoints=checkpoints(scenario_id, station),
        footprint=found.pop("footprint"), ecology=SimpleNamespace(**found),
    )  # fmt: skip


def groups() -> Groups:
    """Two circles of two districts each, and the rest."""
    hong_kong, shenzhen = coast()
    shapes = {"bay": hong_kong, "link": shenzhen, "elsewhere": box(114.5, 22.6, 114.6, 22.7)}
    texts = {"grouping_en": "Circles", "grouping_zh_hant": "圈", "grouping_zh_hans": "圈"}
    outlines = [
        {"grouping_id": "circles", "group_id": i, **texts, **named(i.title()), "geometry": s}
        for i, s in shapes.items()
    ]
    table = [
        {"grouping_id": "circles", "group_id": i, "scenario_id": s, "residents": 1000.0, "jobs": 500.0, "jobs_60": 5000.0 + 1200 * n * k,
         "permanent_ha": 0.5 * n}
        for n, s in enumerate(SCENARIOS) for k, i in enumerate(shapes)
    ]  # fmt: skip
    return Groups(pd.DataFrame(table), frame(outlines))


def comparison(station: str = "") -> Comparison:
    """Three scenarios on some 200 zones; `station` is put into names that come from data."""
    places = zones()
    criteria = pd.DataFrame([
        {"criterion_id": "jobs_60_0830", "title_en": "Jobs within 60 min", "title_zh_hant": "60分鐘內職位", "title_zh_hans": "60分钟内岗位",
         "unit": "jobs", "direction": "higher", "group": "access", "confidence": "C", "note": "jobs are modelled",
         "anchor": 100_000.0, "anchor_value": 1, **{f"anchor_reason_{k}": v for k, v in
                                                   (("en", "large"), ("zh_hant", "大"), ("zh_hans", "大"))}},
        {"criterion_id": "jobs_60_0830_buildout", "title_en": "Jobs within 60 min, build-out", "title_zh_hant": "60分鐘內職位（建成）",
         "title_zh_hans": "60分钟内岗位（建成）", "unit": "jobs", "direction": "higher", "group": "access", "confidence": "M", "note": ""},
        {"criterion_id": "permanent_marine_ha", "title_en": "Sea bed taken", "title_zh_hant": "佔用海床", "title_zh_hans": "占用海床",
         "unit": "ha", "direction": "lower", "group": "nature", "confidence": "C", "note": ""},
    ]).set_index("criterion_id")  # fmt: skip
    criteria["state"] = ["census", "buildout-2035", "census"]
    headline = pd.DataFrame(
        [[812_345.0, 900_000.0, 0.0], [861_000.0, 990_000.0, 0.4], [861_000.0, 990_000.0, 2.5]],
        index=list(SCENARIOS), columns=list(criteria.index),
    )  # fmt: skip
    ranking = pd.DataFrame([
        {"profile": p, "scenario_id": s, "score": v, "score_low": v - 0.2, "score_high": v + 0.2, "rank": k, "rank_low": 1,
         "rank_high": 3, "first_share": v, "judges_first": v}
        for p in ("planner", "reviewer") for k, (s, v) in enumerate(zip(SCENARIOS[1:] + SCENARIOS[:1], (0.7, 0.5, 0.3), strict=True), 1)
    ])  # fmt: skip
    dominated = pd.DataFrame([
        {"scenario_id": s, "counterfactual": s == "western-viaduct", "dominated": s == "western-viaduct",
         "dominated_by": "western-2035" if s == "western-viaduct" else ""} for s in SCENARIOS
    ])  # fmt: skip
    weights = pd.DataFrame([
        {"profile": p, "criterion": "jobs_60_0830", "judges": n, "weight": 0.4, "weight_sd": 0.1, "weight_low": 0.25, "weight_high": 0.5}
        for p, n in (("planner", 1), ("reviewer", 3))
    ])  # fmt: skip
    better = pd.DataFrame([
        {"profile": p, "scenario_id": a, "against": b, "probability": 0.75, "judges_share": 0.5}
        for p in ("planner", "reviewer") for a in SCENARIOS for b in SCENARIOS if a != b
    ])  # fmt: skip
    pairs = pd.DataFrame([
        {"pair": "tunnel-benefit", "question_en": "What does the tunnel avoid?", "question_zh_hant": "隧道避免了甚麼？",
         "question_zh_hans": "隧道避免了什么？", "terms": "western-2035 - western-viaduct", "criterion": c, "value": v, "unit": "x"}
        for c, v in zip(criteria.index, (0.0, 0.0, -2.1), strict=True)
    ])  # fmt: skip
    gains = pd.DataFrame([
        {"scenario_id": s, "hour": h, "district_id": d, **named(e, e, e), "region": d[:2], "residents": 500_000.0,
         "measure": f"jobs_60_{h.replace(':', '')}", "reference": 700_000.0, "value": 700_000.0 + g * (s != "committed-2030"),
         "gain": g * (s != "committed-2030")}
        for s in SCENARIOS for h in ("08:30", "23:00")
        for d, e, g in (("hk-west", "Yuen Long", 61_000.0), ("hk-east", "North", -30.0), ("sz-west", "Nanshan", 9_000.0), ("sz-east", "Luohu", 0.0))
    ])  # fmt: skip
    hubs = pd.DataFrame([
        {"scenario_id": s, "hour": h, "from_place": a, "to_place": b, "minutes": m, "minutes_low": m, "minutes_high": m,
         "soonest_checkpoint_id": "hswrl-qianhai" if s != "committed-2030" else "huanggang",
         "cost_min": 1.5 * m, "cost_low_min": 1.4 * m, "cost_high_min": 1.6 * m,
         "cost_way_min": m + 6 * (s == "committed-2030"), "fare_hkd": 41.6,
         "checkpoint_id": "hswrl-qianhai" if s != "committed-2030" else "lo-wu"}
        for s in SCENARIOS for h in ("08:30", "23:00")
        for a, b, m in (("central", "qianhai", 80.0 - 20 * (s != "committed-2030")), ("qianhai", "central", np.nan if h == "23:00" else 79.0))
    ])  # fmt: skip
    phases = Phases((
        Phase(2030, SimpleNamespace(id="committed-2030", title=TITLES["committed-2030"], flag=""), lines("committed-2030", station), values(places)["committed-2030"][0]),
        Phase(2046, SimpleNamespace(id="later", title=Text(en="Later"), flag="undecided"), lines("western-2035", station), values(places)["western-2035"][0]),
    ), ("never-compared",))  # fmt: skip
    return Comparison(
        phases=phases, groups=groups(),
        results={s: result(s, station) for s in SCENARIOS}, reference_id="committed-2030", measures=measures(), zones=places,
        zone_values=values(places), headline=headline, headline_low=headline * 0.9, headline_high=headline * 1.1, criteria=criteria,
        ranking=ranking, ranking_buildout=ranking, pairs=pairs, district_gains=gains, hub_minutes=hubs, cell_values=pd.DataFrame(),
        do_minimum="committed-2030", value_points=headline[["jobs_60_0830"]].sub(812_345.0) / 100_000.0, dominance=dominated, dominance_buildout=dominated,
        weights=weights, better=better, better_buildout=better, opens_on="western-2035",
        points={"tunnel-benefit": "tunnel", "western": "line"},
    )  # fmt: skip


def many(count: int) -> Comparison:
    """The same with `count` scenarios: the third one again and again, a little better each time."""
    import dataclasses

    few, results, values_, heads = comparison(), {}, {}, []
    for i in range(count):
        source = SCENARIOS[min(i, 2)]
        name = source if i < 3 else f"variant-{i}"
        results[name] = SimpleNamespace(**{**vars(few.results[source]), "scenario_id": name,
                                           "title": TITLES[source] if i < 3 else Text(en=f"Variant {i}")})  # fmt: skip
        values_[name] = few.zone_values[source] + np.float32(1000 * i * (i > 2))
        heads.append(few.headline.loc[[source]].set_axis([name]) + 10.0 * i)
    head = pd.concat(heads)
    return dataclasses.replace(
        few,
        results=results,
        zone_values=values_,
        headline=head,
        headline_low=head * 0.9,
        headline_high=head * 1.1,
        value_points=head[list(few.value_points.columns)].sub(812_345.0) / 100_000.0,
    )

"""Build the fare tables (layers/network/fares/*.csv): tariffs, fare matrices, fares of lines, cost parameters.

    python layers/build/fares.py --sources DIR     (after hk_rail.py, sz_metro.py, road_feeders.py, ferries.py)

Inputs (below DIR):
    hk_mtr_opendata/{mtr_lines,light_rail,airport_express}_fares.csv, light_rail_routes_and_stops.csv
        adult Octopus fares between stations (MTR open data, 2025-09)
    hk_bus_headways/{KMB,CTB,NLB,GMB}_Route.json, GeoJSON_BUS.txt    full fares of buses, minibuses, coaches (2026-08)
    shenzhen_metro/price_matrix_373x373.csv                          fares between Shenzhen metro stations, early 2024
    ferries: ferries.py states their fares
    hk_census_2021/STPUG_21C.xlsx                                    row "Land total": median earnings, weekly hours
and the stations, lines and pattern stops of layers/network, daily_crossings_2025.csv.

Method
    Matrices: one row and one column a station, ids of ours; 0 on the diagonal, empty where no fare is sold.
    Shenzhen: the file names its rows and columns itself (line, place on the line, station), so no order is guessed. Every
    name is one of ours. Checks: rows and columns name the same stations, both triangles agree, repeated stations (one
    row a line) agree, fares of neighbours, and the published rule (Z06) on track distance.
    Shenzhen stations that the matrix of 2024 lacks: Z06 on the shortest track distance of today's network, without its
    cap of 11, which the matrix does not have. `assumed` is 1 in their rows.
    Formula for pairs that no matrix holds: base + per_km x straight km + premium, least squares over the pairs of the
    matrix (premium: pairs with a boundary station). The note of a tariff states the error; low_factor and high_factor
    are the 5th and 95th percentile of fare over formula.
    Flat fares of road lines: full fare of the dearest variant of a working day; of coaches by day.
    Value of time: median monthly earnings / (52 / 12 x median weekly hours) x half the wage (practice 40 to 60 % for
    trips not on the employer's time). All other values are assumptions and say so.

Checks printed: symmetry, published fares (F01, F03, F04), errors of the formulas, lines and stations without a fare.

Licence: own compilation, CC BY 4.0; contains data of DATA.GOV.HK (attribution: MTR Corporation, Transport Department,
Census and Statistics Department).
"""

from __future__ import annotations

import argparse
import csv
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
from ferries import FERRIES, PRICE
from hk_bus import parts_of, write
from numpy.typing import NDArray
from road_feeders import COACHES, ROUTES, variants

from corridor.core.crs import project_xy

F64 = NDArray[np.float64]
NETWORK = Path(__file__).resolve().parents[1] / "network"
MTR, TD = "MTR open data 2025-09", "Transport Department and operators via DATA.GOV.HK, 2026-08"
SZ = "fare matrix of the operator's site, early 2024"
BOUNDARY = ("lo-wu", "lok-ma-chau")
NAME_OF = {"HongKong": "Hong Kong"}  # Airport Express table against ours

TARIFFS = (
    "tariff_id,name_en,name_zh_hant,name_zh_hans,currency,kind,matrix_layer,base,per_km,least,most,boundary_premium,"
    "boundary_stations,default_for,low_factor,high_factor,assumed,confidence,source,note"
)
LINES = (
    "line_id,tariff_id,flat_fare,ticketing_min,ticketing_low_min,ticketing_high_min,assumed,confidence,source"
)
PARAMETERS = "parameter,value,low,high,unit,assumed,confidence,source,reason"
VALUES = "group_id,hkd_per_hour,low,high,assumed,confidence,source,reason"

@dataclass(frozen=True)
class Fitted:
    """A fitted formula: fare = base + per_km x km + premium, its error, percentiles of fare over formula."""

    base: float
    per_km: float
    premium: float
    rmse: float
    low: float
    high: float
    least: float
    most: float


def stations(name: str) -> pd.DataFrame:
    return pd.read_csv(NETWORK / f"{name}.csv", dtype={"station_id": str})


def straight_km(table: pd.DataFrame, ids: Sequence[str]) -> F64:
    at = table.set_index("station_id").loc[list(ids)]
    x, y = project_xy(at["lon"].to_numpy(float), at["lat"].to_numpy(float))
    return np.asarray(np.hypot(x[:, None] - x, y[:, None] - y) / 1000)


def fitted(fares: F64, km: F64, boundary: NDArray[np.bool_] | None = None) -> Fitted:
    """Least squares over the pairs that have a fare; 0 (stations joined by a passage) does not count as the least."""
    rows, columns = np.triu_indices(len(fares), 1)
    told = ~np.isnan(fares[rows, columns])
    rows, columns = rows[told], columns[told]
    fare, one = fares[rows, columns], np.ones(len(rows))
    crosses = one * 0 if boundary is None else (boundary[rows] | boundary[columns]).astype(float)
    terms = np.column_stack([one, km[rows, columns], *([crosses] if crosses.any() else [])])
    found = np.linalg.lstsq(terms, fare, rcond=None)[0]
    least, most = float(fare[fare > 0].min()), float(fare.max())
    base, per_km, premium = (round(float(v), 3) for v in (*found, 0.0)[:3])
    formula = np.clip(base + per_km * km[rows, columns] + premium * crosses, least, most)
    low, high = np.percentile(fare[fare > 0] / formula[fare > 0], [5, 95])
    rmse = float(np.sqrt(np.mean((formula - fare) ** 2)))
    return Fitted(base, per_km, premium, rmse, round(float(low), 2), round(float(high), 2), least, most)


# --- matrices ---------------------------------------------------------------------------------


def matrix(frame: pd.DataFrame, start: str, end: str, fare: str, ids: Mapping[str, str]) -> pd.DataFrame:
    """A square frame of our ids from a list of pairs; stops for a pair that differs by direction."""
    frame = frame.assign(a=frame[start].map(ids), b=frame[end].map(ids), f=frame[fare].astype(float))
    square = frame.dropna(subset=["a", "b"]).pivot_table(index="a", columns="b", values="f")
    order = sorted(set(square.index) | set(square.columns))
    square = square.reindex(index=order, columns=order)
    square = square.where(~np.eye(len(order), dtype=bool), 0.0)
    values = square.to_numpy()
    if not np.array_equal(values, values.T, equal_nan=True):
        raise SystemExit("a fare differs by direction")
    return square


def mtr_matrices(folder: Path) -> dict[str, pd.DataFrame]:
    hk = stations("stations_hk")
    metro = hk[hk["system"] == "metro"].set_index("name_en")["station_id"].to_dict()
    trams = hk[hk["system"] == "light_rail"].set_index("name_en")["station_id"].to_dict()
    stops = pd.read_csv(folder / "light_rail_routes_and_stops.csv", dtype=str, encoding="utf-8-sig")
    number = {k.lstrip("0"): trams[n] for k, n in zip(stops["Stop ID"], stops["English Name"], strict=True)}
    express = pd.read_csv(folder / "airport_express_fares.csv").replace(NAME_OF)
    lines = pd.read_csv(folder / "mtr_lines_fares.csv")
    tram = pd.read_csv(folder / "light_rail_fares.csv", dtype=str)
    lost = set(lines["SRC_STATION_NAME"]) - set(metro)
    print(f"MTR stations of the fare table that we do not have: {sorted(lost)}")
    return {
        "mtr": matrix(lines, "SRC_STATION_NAME", "DEST_STATION_NAME", "OCT_ADT_FARE", metro),
        "airport_express": matrix(express, "ST_FROM", "ST_TO", "OCT_ADT_FARE", metro),
        "light_rail": matrix(tram, "from_station_id", "to_station_id", "fare_octo_adult", number),
    }


def sz_rule_cny(track_km: F64) -> F64:
    """Z06 without its cap: 2 CNY to 4 km, then 1 for each 4 km to 12, each 6 to 24, each 8 beyond."""
    return np.asarray(
        2
        + np.ceil(np.clip(track_km - 4, 0, 8) / 4)
        + np.ceil(np.clip(track_km - 12, 0, 12) / 6)
        + np.ceil(np.clip(track_km - 24, 0, None) / 8)
    )


def track_graph() -> nx.Graph:
    graph = nx.Graph()
    table = pd.read_csv(NETWORK / "pattern_stops_sz.csv").sort_values(["pattern_id", "seq"])
    for _, calls in table.groupby("pattern_id"):
        for (a, metres), (b, _) in pairwise(zip(calls["station_id"], calls["length_m"], strict=True)):
            if not graph.has_edge(a, b) or metres < graph[a][b]["m"]:
                graph.add_edge(a, b, m=float(metres))
    return graph


def sz_published(path: Path) -> pd.DataFrame:
    """The matrix of 2024 by our ids; stops where it contradicts itself."""
    with path.open(encoding="utf-8") as stream:
        head, body = (rows := list(csv.reader(stream))[1:])[:3], rows[3:]
    names = head[2][3:]
    if [r[2] for r in body] != names or [r[0] for r in body] != head[0][3:]:
        raise SystemExit("rows and columns of the Shenzhen matrix name other stations")
    ids = stations("stations_sz").set_index("name_zh_hans")["station_id"]
    values = np.array([[float(v) for v in r[3:]] for r in body])
    square = pd.DataFrame(values, index=ids.loc[names], columns=ids.loc[names])
    once = square.loc[~square.index.duplicated(), ~square.columns.duplicated()]
    if not (square.to_numpy() == once.loc[square.index, square.columns].to_numpy()).all():
        raise SystemExit("a station that stands twice in the Shenzhen matrix has two fares")
    if not (values == values.T).all():
        raise SystemExit("the Shenzhen matrix differs by direction")
    once = once.sort_index().sort_index(axis=1)
    return once.where(~np.eye(len(once), dtype=bool), 0.0)


def sz_matrix(published: pd.DataFrame) -> tuple[pd.DataFrame, set[str]]:
    """All stations, and those whose fares are the rule on track distance; prints how the rule and the matrix agree."""
    graph, order = track_graph(), sorted(stations("stations_sz")["station_id"])
    lengths = dict(nx.all_pairs_dijkstra_path_length(graph, weight="m"))
    rule = pd.DataFrame(
        sz_rule_cny(np.array([[lengths[a].get(b, math.inf) for b in order] for a in order]) / 1000),
        index=order, columns=order,
    )  # fmt: skip
    if not np.isfinite(rule.to_numpy()).all():
        raise SystemExit("the Shenzhen metro falls apart: no track distance")
    pair = np.triu_indices(len(published), 1)
    gap = (rule.loc[published.index, published.columns] - published).to_numpy()[pair]
    neighbours = pd.Series([published.loc[a, b] for a, b in graph.edges if {a, b} <= set(published.index)])
    print(
        f"Shenzhen: rule on track distance equals the matrix in {np.mean(gap == 0):.1%}, within 1 in {np.mean(abs(gap) <= 1):.1%}, "
        f"RMSE {np.sqrt(np.mean(gap**2)):.2f}; neighbours {neighbours.value_counts().to_dict()}"
    )
    whole = rule.where(~np.eye(len(order), dtype=bool), 0.0)
    whole.loc[published.index, published.columns] = published
    return whole, set(order) - set(published.index)


def express_rail_matrix() -> pd.DataFrame:
    """HKD; X03, and the difference of its two fares between the two stations of Shenzhen."""
    ids = ("west-kowloon", "hsr-futian", "hsr-shenzhen-north")
    return pd.DataFrame(
        [[0.0, 78.0, 90.0], [78.0, 0.0, 12.0], [90.0, 12.0, 0.0]], index=ids, columns=ids
    ).sort_index().sort_index(axis=1)  # fmt: skip


def write_matrix(name: str, square: pd.DataFrame, assumed: set[str]) -> None:
    rows = (
        (s, int(s in assumed), *("" if math.isnan(v) else f"{v:g}" for v in square.loc[s]))
        for s in square.index
    )
    write(NETWORK / "fares" / f"fares_{name}.csv", ",".join(("station_id", "assumed", *square.columns)), rows)
    told = int(square.notna().to_numpy().sum() - len(square)) // 2
    print(
        f"{name}: {len(square)} stations, {told} pairs, {square.max().max():g} at most, {len(assumed)} by rule"
    )


# --- tariffs and lines ------------------------------------------------------------------------


def tariff_rows(
    squares: Mapping[str, pd.DataFrame], sz: pd.DataFrame, road: Mapping[str, tuple[str, float, str]]
) -> Iterable[tuple]:
    hk, north = stations("stations_hk"), stations("stations_sz")
    rail = squares["mtr"]
    mtr = fitted(rail.to_numpy(), straight_km(hk, rail.index), np.isin(rail.index, BOUNDARY))
    tram = fitted(squares["light_rail"].to_numpy(), straight_km(hk, squares["light_rail"].index))
    air = fitted(squares["airport_express"].to_numpy(), straight_km(hk, squares["airport_express"].index))
    metro = fitted(sz.to_numpy(), straight_km(north, sz.index))
    fast = squares["express_rail"]
    km = pd.DataFrame(straight_km(hk, fast.index), index=fast.index, columns=fast.index)
    per_km = round(12 / km.loc["hsr-futian", "hsr-shenzhen-north"], 3)
    crossing = round(78 - per_km * km.loc["west-kowloon", "hsr-futian"], 1)

    def error(f: Fitted) -> str:
        return f"formula for pairs outside the matrix (assumption): RMSE {f.rmse:.2f}"

    def rule(f: Fitted) -> tuple:
        return (f"{f.base:g}", f"{f.per_km:g}", f"{f.least:g}", f"{f.most:g}", f"{f.premium:g}")

    walls = " ".join(BOUNDARY)
    yield (
        "mtr", "MTR", "港鐵", "港铁", "HKD", "matrix", "fares_mtr", *rule(mtr), walls, "metro@hk",
        mtr.low, mtr.high, 0, "A", MTR, f"adult Octopus; the premium at the boundary is in the matrix; {error(mtr)} HKD",
    )  # fmt: skip
    yield (
        "airport-express", "Airport Express", "機場快綫", "机场快线", "HKD", "matrix", "fares_airport_express", *rule(air), "", "",
        air.low, air.high, 0, "A", MTR, f"adult Octopus; no fares are sold between its stations in town; {error(air)} HKD",
    )  # fmt: skip
    yield (
        "light-rail", "Light Rail", "輕鐵", "轻铁", "HKD", "matrix", "fares_light_rail", *rule(tram), "", "light_rail@hk",
        tram.low, tram.high, 0, "A", MTR, f"adult Octopus; free changes to MTR buses are not modelled; {error(tram)} HKD",
    )  # fmt: skip
    yield (
        "sz-metro", "Shenzhen Metro", "深圳地鐵", "深圳地铁", "CNY", "matrix", "fares_sz_metro", *rule(metro), "", "metro@sz light_rail@sz",
        metro.low, metro.high, 0, "B", SZ, f"stations opened since: Z06 on track distance (assumed in the matrix); {error(metro)} CNY",
    )  # fmt: skip
    yield (
        "express-rail", "Express rail", "高速鐵路", "高速铁路", "HKD", "matrix", "fares_express_rail", 0, per_km, 12, 215, crossing, "", "high_speed@both high_speed@hk",
        0.85, 1.2, 1, "B", "X03", "fares at opening in 2018 (HK$78 to 80 and HK$90) stand for today: assumption; Futian - Shenzhen North is their difference; fares move with the exchange rate and the day",
    )  # fmt: skip
    yield (
        "cross-boundary-metro", "Planned metro across the boundary", "規劃中的跨境地鐵", "规划中的跨境地铁", "HKD", "matrix", "", *rule(mtr), "", "metro@both light_rail@both",
        0.7, 1.5, 1, "M", "assumption", "none published: the MTR's formula with its premium at the boundary; no through fare to other lines",
    )  # fmt: skip
    yield (
        "intercity", "Intercity railway, Mainland", "內地城際鐵路", "城际铁路", "CNY", "matrix", "", 2, 0.5, 5, 100, 0, "", "high_speed@sz",
        0.6, 2, 1, "M", "assumption", "none published for the lines planned here: 0.5 CNY a kilometre, dearer than the metro",
    )  # fmt: skip
    middle = {t: float(np.median([f for of, f, _ in road.values() if of == t])) for t in ("bus", "coach")}
    for tariff_id, name, currency, flat, default, source, note in (
        ("bus", ("Buses and minibuses", "巴士及小巴", "巴士及小巴"), "HKD", middle["bus"], "bus@hk coach@hk shuttle@hk", TD, "each line has its own fare; base is for a planned line that states none (assumption: the middle of the lines to control points)"),
        ("coach", ("Cross-boundary coaches and shuttle", "過境巴士及皇巴士", "过境巴士及皇巴士"), "HKD", middle["coach"], "bus@both coach@both shuttle@both", TD, "each line has its own fare; base is for a planned line that states none (assumption: the middle of these lines by day)"),
        ("ferry", ("Ferries to the islands", "離島渡輪", "离岛渡轮"), "HKD", float(np.median([f.fare_hkd for f in FERRIES])), "ferry@hk", PRICE, "each line has its own fare; base is for a planned line that states none (assumption: the middle of these lines)"),
        ("cross-boundary-ferry", ("Ferries across the boundary", "跨境渡輪", "跨境渡轮"), "HKD", 200, "ferry@both", "assumption", "about what ferries between Shekou and Hong Kong cost, from memory; no line of the tables takes it"),
        ("bus-sz", ("Buses in Shenzhen", "深圳巴士", "深圳公交"), "CNY", 2, "bus@sz coach@sz shuttle@sz ferry@sz", "assumption", "usual flat fare; no line of the tables takes it"),
    ):  # fmt: skip
        sure = (0, "A") if source == TD else (0, "B") if source == PRICE else (1, "M")
        yield (
            tariff_id, *name, currency, "flat", "", flat, 0, flat, flat, 0, "", default, 0.7, 1.3, *sure, source, note,
        )  # fmt: skip


def coach_fares(folder: Path) -> dict[str, float]:
    """Full fare in HKD by route and way of the coaches."""
    pattern = re.compile(r"^\('(\d+)', '(\d)'\)\|XB\|.*fullFare: ([\d.]+)")
    text = (folder / "GeoJSON_BUS.txt").read_text(encoding="utf-8")
    return {f"{m[1]}-{m[2]}": float(m[3]) for line in text.splitlines() if (m := pattern.match(line))}


def road_fares(folder: Path) -> dict[str, tuple[str, float, str]]:
    """(tariff, fare in HKD, source) by line."""
    found: dict[str, tuple[str, float, str]] = {}
    for operator, route, ids, _ in ROUTES:
        parts = [p for _, raw in variants(folder, operator, route, ids) for p in parts_of(operator, raw)]
        most = max((p for p in parts if p.departures()), key=lambda p: p.fare_hkd)
        line = f"{'minibus' if operator == 'GMB' else 'bus'}-{route.lower()}"
        found[line] = ("bus", most.fare_hkd, f"{TD}: full fare of a working day")
    coaches = coach_fares(folder)
    for coach in COACHES:
        fare = coaches[coach.out[0]]
        if coach.suffix:
            _, day, _ = found[coach.line_id]
            at_night = f", HK${fare:g} at night" if fare != day else ""
            found[coach.line_id] = ("coach", day, f"{TD}: by day{at_night}, shuttle included")
        else:
            found[coach.line_id] = ("coach", fare, "")
    return found


def line_rows(road: Mapping[str, tuple[str, float, str]]) -> Iterable[tuple]:
    ferries = {f.line_id: f for f in FERRIES}
    for name in ("lines_hk", "lines_sz", "lines_road", "lines_ferry"):
        for line in pd.read_csv(NETWORK / f"{name}.csv")["line_id"]:
            if line in ferries:
                ferry = ferries[line]
                yield (
                    line, "ferry", f"{ferry.fare_hkd:g}", 0, 0, 0, int(ferry.fare_is_assumed),
                    ferry.fare_confidence, ferry.fare_source,
                )  # fmt: skip
            elif line in road:
                tariff, fare, source = road[line]
                yield line, tariff, f"{fare:g}", 0, 0, 0, 0, "A", source
            elif line == "xrl":
                yield (
                    line, "express-rail", "", 15, 5, 30, 1, "M",
                    "assumption; X06: 45 min advised in 2018 less the 15 of clearance, which count apart, is the most; ticket gates that close shortly before departure the least; the wait by headway counts apart",
                )  # fmt: skip
            else:
                tariff = (
                    line
                    if line == "airport-express"
                    else "light-rail"
                    if line.startswith("lr-")
                    else "sz-metro"
                    if name == "lines_sz"
                    else "mtr"
                )
                yield line, tariff, "", 0, 0, 0, 0, *(("B", SZ) if tariff == "sz-metro" else ("A", MTR))  # fmt: skip


# --- value of time ----------------------------------------------------------------------------


def hourly_wage_hkd(path: Path) -> tuple[float, float, float]:
    """Hong Kong 2021: median monthly earnings without domestic helpers, median weekly hours, the wage of an hour."""
    table = pd.read_excel(path, header=4)
    total = table[table["stpug"].astype(str) == "9999"].iloc[0]
    bands = (
        (0, 18),
        (18, 35),
        (35, 45),
        (45, 55),
        (55, 65),
        (65, 90),
    )  # the last ends nowhere; the median is not in it
    people = [float(total[f"whr_{i}"]) for i in range(1, 7)]
    rest = sum(people) / 2
    for (start, end), count in zip(bands, people, strict=True):
        if rest <= count:
            hours = start + (end - start) * rest / count
            break
        rest -= count
    earnings = float(total["t_mmearn_xfdh"])
    return earnings, hours, earnings / (hours * 52 / 12)


def value_rows(sources: Path) -> Iterable[tuple]:
    earnings, hours, wage = hourly_wage_hkd(sources / "hk_census_2021" / "STPUG_21C.xlsx")
    print(f"Hong Kong 2021: HK${earnings:,.0f} a month, {hours:.1f} h a week, HK${wage:.0f} an hour")
    resident, visitor = round(wage / 2), 40
    crossings = pd.read_csv(NETWORK / "daily_crossings_2025.csv").groupby("group")["passengers_per_day"].sum()
    mean = np.average(
        [resident, visitor, resident],
        weights=crossings[["south_residents", "mainland_visitors", "other_visitors"]],
    )
    low, high = round(0.4 * wage), 132
    derived = f"census 2021: median earnings HK${earnings:,.0f} a month without domestic helpers, {hours:.0f} h a week, so HK${wage:.0f} an hour"
    half = f"{derived}; half of it (practice 40 to 60 % for trips not on the employer's time: assumption); high: 2.2 a minute on Bridge buses (D11)"
    yield (
        "all",
        round(mean),
        25,
        high,
        1,
        "C",
        "derived",
        "mean of the groups, weighted by the crossings of 2025",
    )
    yield "e-channel-resident", resident, low, high, 1, "C", "census 2021; D11", half
    yield "resident", resident, low, high, 1, "C", "census 2021; D11", "as of those with e-channels"
    yield (
        "mainland-visitor",
        visitor,
        20,
        high,
        1,
        "M",
        "assumption; D11",
        "no wage of Shenzhen is at hand; four fifths of a resident's, since wages there are lower but those who cross earn more than the median",
    )
    yield "visitor", resident, 30, high, 1, "M", "assumption; D11", "nothing known: as a resident's"  # fmt: skip


def check_published(squares: Mapping[str, pd.DataFrame]) -> None:
    mtr, air = squares["mtr"], squares["airport_express"]
    for code, square, a, b, low, high in (
        ("F01", mtr, "admiralty", "lo-wu", 50, 56), ("F01", mtr, "admiralty", "lok-ma-chau", 50, 56), ("F01", mtr, "admiralty", "sheung-shui", 20, 23),
        ("F03", air, "hong-kong", "airport", 110, 120), ("F04", mtr, "tuen-mun", "hung-hom", 21, 25), ("F04", mtr, "tung-chung", "hong-kong", 23, 27),
    ):  # fmt: skip
        fare = square.loc[a, b]
        print(f"{code} {a} - {b}: HK${fare:g}, {low} to {high} expected")
        if not low <= fare <= high:
            raise SystemExit(f"{code}: {fare} is outside")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sources", type=Path, required=True, help="folder of the reference data")
    sources = parser.parse_args().sources
    published = sz_published(sources / "shenzhen_metro" / "price_matrix_373x373.csv")
    sz, by_rule = sz_matrix(published)
    squares = {
        **mtr_matrices(sources / "hk_mtr_opendata"),
        "sz_metro": sz,
        "express_rail": express_rail_matrix(),
    }
    check_published(squares)
    for name, square in squares.items():
        write_matrix(name, square, by_rule if name == "sz_metro" else set())
    fares = NETWORK / "fares"
    road = road_fares(sources / "hk_bus_headways")
    rows = list(tariff_rows(squares, published, road))
    for row in rows:
        print(f"{row[0]}: {row[7]} + {row[8]} a km, {row[9]} to {row[10]}, premium {row[11]}; {row[-1]}")
    write(fares / "tariffs.csv", TARIFFS, rows)
    write(fares / "line_fares.csv", LINES, line_rows(road))
    write(fares / "cost_parameters.csv", PARAMETERS, COST)
    write(fares / "value_of_time.csv", VALUES, value_rows(sources))


if __name__ == "__main__":
    main()

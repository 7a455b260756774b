"""Build the fare tables (layers/network/fares/*.csv): tariffs, fare matrices, fares of lines, cost parameters.

    python layers/build/fares.py --sources DIR     (after hk_rail.py, sz_metro.py, road_feeders.py, ferries.py)

Inputs (below DIR):
    hk_mtr_opendata/{mtr_lines,light_rail,airport_express}_fares.csv, light_rail_routes_and_stops.csv
        adult Octopus fares between stations (MTR open data, 2025-09)
    hk_bus_headways/{KMB,CTB,NLB,GMB}_Route.json, GeoJSON_BUS.txt    full fares of buses, minibuses, coaches (2026-08)
    shenzhen_metro/price_matrix_373x373.csv                          fares between Shenzhen metro stations, early 2024
    records/{tariffs,express_rail_fares,published_fares,ticketing,value_of_time,ferry_lines}.csv    facts that no file holds
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
    Weights of generalised cost: written by hand in layers/network/fares/cost_parameters.csv, not built.

Checks printed: symmetry, published fares (F01, F03, F04), errors of the formulas, lines and stations without a fare.

Licence: own compilation, CC BY 4.0; contains data of DATA.GOV.HK (attribution: MTR Corporation, Transport Department,
Census and Statistics Department).
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
from hk_bus_records import parts_of
from numpy.typing import NDArray
from road_routes import coach_figures, coaches, routes, variants
from tables import NETWORK, record_rows, records, sources_argument, write

from corridor.core.crs import project_xy

F64 = NDArray[np.float64]
FARES = NETWORK / "fares"
MTR, TD = "MTR open data 2025-09", "Transport Department and operators via DATA.GOV.HK, 2026-08"
SZ = "fare matrix of the operator's site, early 2024"
BOUNDARY = ("lo-wu", "lok-ma-chau")
NAME_OF = {"HongKong": "Hong Kong"}  # Airport Express table against ours
WEEKS_A_MONTH = 52 / 12
HOURS_BANDS = ((0, 18), (18, 35), (35, 45), (45, 55), (55, 65), (65, 90))
"""Weekly hours of the census; the last band has no end, but the median is not in it."""

TARIFFS = (
    "tariff_id,name_en,name_zh_hant,name_zh_hans,currency,kind,matrix_layer,base,per_km,least,most,boundary_premium,"
    "boundary_stations,default_for,low_factor,high_factor,assumed,confidence,source,note"
)
LINES = (
    "line_id,tariff_id,flat_fare,ticketing_min,ticketing_low_min,ticketing_high_min,assumed,confidence,source"
)
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
    """A stations table of the bundle."""
    return pd.read_csv(NETWORK / f"{name}.csv", dtype={"station_id": str})


def straight_km(table: pd.DataFrame, ids: Sequence[str]) -> F64:
    """Straight kilometres between all pairs of stations, (n, n)."""
    at = table.set_index("station_id").loc[list(ids)]
    x, y = project_xy(at["lon"].to_numpy(float), at["lat"].to_numpy(float))
    return np.asarray(np.hypot(x[:, None] - x, y[:, None] - y) / 1000)


def fitted(fares: F64, km: F64, boundary: NDArray[np.bool_] | None = None) -> Fitted:
    """Least squares over the pairs that have a fare; 0 (stations joined by a passage) does not count as the least."""
    rows, columns = np.triu_indices(len(fares), 1)
    sold = ~np.isnan(fares[rows, columns])
    rows, columns = rows[sold], columns[sold]
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
    """Adult Octopus fares between MTR stations, Airport Express stations and Light Rail stops."""
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
    """The Shenzhen metro of today with metres of track (`m`)."""
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
        raise SystemExit("a station listed twice in the Shenzhen matrix has two fares")
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
    """HKD between the three stations: X03, and the difference of its two fares between the two stations of Shenzhen."""
    rows = record_rows("express_rail_fares")
    ids = sorted({r[end] for r in rows for end in ("start", "end")})
    square = pd.DataFrame(0.0, index=ids, columns=ids)
    for r in rows:
        square.loc[r["start"], r["end"]] = square.loc[r["end"], r["start"]] = float(r["fare_hkd"])
    return square


def write_matrix(name: str, square: pd.DataFrame, assumed: set[str]) -> None:
    """Write a fare matrix; `assumed` are the stations whose fares follow the rule."""
    rows = (
        (s, int(s in assumed), *("" if math.isnan(v) else f"{v:g}" for v in square.loc[s]))
        for s in square.index
    )
    write(FARES / f"fares_{name}.csv", ",".join(("station_id", "assumed", *square.columns)), rows)
    pairs = int(square.notna().to_numpy().sum() - len(square)) // 2
    print(f"{name}: {len(square)} stations, {pairs} pairs, {square.max().max():g} at most, {len(assumed)} by rule")  # fmt: skip


# --- tariffs and lines ------------------------------------------------------------------------


@dataclass(frozen=True)
class LineFare:
    """The flat fare of a line in HKD: its tariff, source, and whether it is our own."""

    tariff_id: str
    fare_hkd: float
    source: str
    confidence: str = "A"

    @property
    def assumed(self) -> int:
        """1 if it is ours, not a published one."""
        return int(self.confidence == "M")


def formulas(squares: Mapping[str, pd.DataFrame]) -> dict[str, Fitted]:
    """The fitted formula of each published matrix; that of the MTR has a premium at the boundary."""
    found = {}
    for name in ("mtr", "airport_express", "light_rail", "sz_metro"):
        square = squares[name]
        km = straight_km(stations("stations_sz" if name == "sz_metro" else "stations_hk"), square.index)
        boundary = np.isin(square.index, BOUNDARY) if name == "mtr" else None
        found[name] = fitted(square.to_numpy(), km, boundary)
    return found


def tariff_rows(fits: Mapping[str, Fitted], flat: Iterable[LineFare]) -> Iterable[dict[str, object]]:
    """Rows of the tariffs: figures of the record, else of a fitted formula, else the middle of the flat fares."""
    by_tariff: dict[str, list[float]] = {}
    for fare in flat:
        by_tariff.setdefault(fare.tariff_id, []).append(fare.fare_hkd)
    for r in record_rows("tariffs"):
        of = r.pop("figures_of")
        if of in fits:
            f = fits[of]
            figures = {"base": f.base, "per_km": f.per_km, "least": f.least, "most": f.most, "boundary_premium": f.premium}  # fmt: skip
            r |= {key: f"{value:g}" for key, value in figures.items()}
            r |= {"low_factor": r["low_factor"] or f.low, "high_factor": r["high_factor"] or f.high}
            r["note"] = r["note"].format(rmse=f"{f.rmse:.2f}")
        elif of:
            middle = float(np.median(by_tariff[of]))
            r |= {"base": middle, "per_km": 0, "least": middle, "most": middle}
        yield r


def flat_fares(folder: Path) -> dict[str, LineFare]:
    """Flat fares by line: full fares of the dearest variant of a working day; of coaches by day; of ferries as recorded."""
    found = {}
    for road in routes():
        parts = [p for _, raw in variants(folder, road) for p in parts_of(road.operator, raw)]
        most = max((p for p in parts if p.departures()), key=lambda p: p.fare_hkd)
        found[road.line_id] = LineFare("bus", most.fare_hkd, f"{TD}: full fare of a working day")
    full = coach_figures(folder, "fullFare")
    by_line: dict[str, dict[str, float]] = {}
    for coach in coaches():
        by_line.setdefault(coach.line_id, {})[coach.suffix] = full[coach.out[0]]
    for line_id, fares in by_line.items():
        day, night = fares[""], fares["-night"]
        at_night = f", HK${night:g} at night" if night != day else ""
        found[line_id] = LineFare("coach", day, f"{TD}: by day{at_night}, shuttle included")
    for line_id, r in records("ferry_lines").items():
        found[line_id] = LineFare("ferry", float(r["fare_hkd"]), r["source"], r["confidence"])
    return found


def line_rows(flat: Mapping[str, LineFare]) -> Iterable[tuple[object, ...]]:
    """Tariff, flat fare and minutes of ticketing of every line."""
    ticketing = records("ticketing")
    for name in ("lines_hk", "lines_sz", "lines_road", "lines_ferry"):
        for line in pd.read_csv(NETWORK / f"{name}.csv")["line_id"]:
            if line in flat:
                f = flat[line]
                yield line, f.tariff_id, f"{f.fare_hkd:g}", 0, 0, 0, f.assumed, f.confidence, f.source
            elif line in ticketing:
                r = ticketing[line]
                yield line, "express-rail", "", r["ticketing_min"], r["ticketing_low_min"], r["ticketing_high_min"], 1, r["confidence"], r["source"]  # fmt: skip
            elif name == "lines_sz":
                yield line, "sz-metro", "", 0, 0, 0, 0, "B", SZ
            else:
                tariff = "light-rail" if line.startswith("lr-") else line if line == "airport-express" else "mtr"  # fmt: skip
                yield line, tariff, "", 0, 0, 0, 0, "A", MTR


# --- value of time ----------------------------------------------------------------------------


def hourly_wage_hkd(path: Path) -> tuple[float, float, float]:
    """Hong Kong 2021: median monthly earnings without domestic helpers, median weekly hours, the wage of an hour."""
    table = pd.read_excel(path, header=4)
    total = table[table["stpug"].astype(str) == "9999"].iloc[0]
    people = [float(total[f"whr_{i}"]) for i in range(1, 7)]
    rest = sum(people) / 2
    for (start, end), count in zip(HOURS_BANDS, people, strict=True):
        if rest <= count:
            hours = start + (end - start) * rest / count
            break
        rest -= count
    earnings = float(total["t_mmearn_xfdh"])
    return earnings, hours, earnings / (hours * WEEKS_A_MONTH)


def value_rows(sources: Path) -> Iterable[tuple[object, ...]]:
    """HKD an hour by group of travellers: a share of the hourly wage, or as recorded; the mean over all crossings."""
    earnings, hours, wage = hourly_wage_hkd(sources / "hk_census_2021" / "STPUG_21C.xlsx")
    print(f"Hong Kong 2021: HK${earnings:,.0f} a month, {hours:.1f} h a week, HK${wage:.0f} an hour")
    derived = f"census 2021: median earnings HK${earnings:,.0f} a month without domestic helpers, {hours:.0f} h a week, so HK${wage:.0f} an hour"
    crossings = pd.read_csv(NETWORK / "daily_crossings_2025.csv").groupby("group")["passengers_per_day"].sum()
    rows = record_rows("value_of_time")
    for r in rows:
        if r["share_of_wage"]:
            r["hkd_per_hour"] = round(r["share_of_wage"] * wage)
        if r["low_share_of_wage"]:
            r["low"] = round(r["low_share_of_wage"] * wage)
    cross = [r for r in rows if r["traveller_group"]]
    mean = np.average([r["hkd_per_hour"] for r in cross], weights=crossings[[r["traveller_group"] for r in cross]])  # fmt: skip
    for r in rows:
        value = r["hkd_per_hour"] if r["hkd_per_hour"] is not None else round(mean)
        yield r["group_id"], value, r["low"], r["high"], 1, r["confidence"], r["source"], r["reason"].format(derived=derived)  # fmt: skip


def check_published(squares: Mapping[str, pd.DataFrame]) -> None:
    """Stop where a matrix misses a published fare."""
    for r in record_rows("published_fares"):
        fare = squares[r["matrix"]].loc[r["start"], r["end"]]
        print(f"{r['source']} {r['start']} - {r['end']}: HK${fare:g}, {r['least_hkd']} to {r['most_hkd']} expected")  # fmt: skip
        if not r["least_hkd"] <= fare <= r["most_hkd"]:
            raise SystemExit(f"{r['source']}: {fare} is outside")


def main() -> None:
    """Build all tables."""
    sources = sources_argument(__doc__ or "")
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
    flat = flat_fares(sources / "hk_bus_headways")
    rows = list(tariff_rows(formulas({**squares, "sz_metro": published}), flat.values()))
    for r in rows:
        print(f"{r['tariff_id']}: {r['base']} + {r['per_km']} a km, {r['least']} to {r['most']}, premium {r['boundary_premium']}; {r['note']}")  # fmt: skip
    write(FARES / "tariffs.csv", TARIFFS, rows)
    write(FARES / "line_fares.csv", LINES, line_rows(flat))
    write(FARES / "value_of_time.csv", VALUES, value_rows(sources))


if __name__ == "__main__":
    main()

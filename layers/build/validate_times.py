"""Compare the bundle's running times with published and observed ones; prints the tables of docs/validation.md.

    python layers/build/validate_times.py --sources DIR                              prints all tables as Markdown
    python layers/build/validate_times.py --sources DIR --into docs/validation.md    puts each between its two marks

Tables of single runs, links and routes (APART) go to docs/validation/*.csv, and the page links them.

Inputs (below DIR); the layers are the bundled ones.
    hk_journey_times/times_all.json             average seconds between stops, reckoned from arrival predictions, 2025-08
    hk_mtr_runtimes_harrywang/mtr_*.json        seconds of run and dwell as computed: off-peak version 9 (an input of the layers), peak
    hk_mtr_opendata/mtr_lines_and_stations.csv  codes of stations
    hk_lightrail_schedule/                      minutes of first and last trams at each stop, 2026-01
    xrl_gtfs_qgmzmy/gtfs/                       trains of the Hong Kong operator, week of 2026-01-26 (an input)
    shenzhen_metro/                             minutes between stops, 2026 (an input); express trains of both operators
    hk_bus_headways/                            stops of bus routes in order, 2026-08
Published figures are records, each with its id or publisher: records/{published_times,published_bus_minutes,published_headways,
rail_runs}.csv. The tables are made in validate_{rail,long_links,other_rail,buses}.py.

Method
    Our time is that of the network of the scenario `baseline-2024` (Shenzhen: `committed-2030`, which runs today's lines
    of 2026): from departure at one stop to arrival at another, dwell at the stops between inside. Error = ours - theirs.
    Between neighbouring stations our time is from arrival to arrival, as predictions are of arrivals.
    Observed links are looked at twice: all but the three named outliers, and without those on which the train would have
    to average more than 135 km/h from stop to stop, the top speed of the fastest line (C14), which no train can.
    Buses: a link's observed seconds against the share of the published minutes that the program gives it (by straight
    distance). Links without observation, or above 100 km/h straight, are left out on both sides; routes with less than
    80 % of their length observed are left out whole.
    Every comparison says what the other figure is to the layers: `input` (agreement checks our pipeline, nothing more),
    `tuned` (a value of ours was chosen with an eye on it), `second reading` (another timetable of the kind the layers were
    made from), `independent` (nothing of it went in: real validation).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import validate_buses
import validate_long_links
import validate_other_rail
import validate_rail
from tables import write
from validation_figures import NOW, cells, pairs_of, published, published_rows, ride_s, summary, table

from corridor import Study
from corridor.network.service import Network

APART = {
    "hk-rail-links": "the worst links",
    "light-rail": "the worst stops",
    "buses": "the worst routes",
    "hk-rail-long-runs": "each run",
    "hk-rail-long-links": "each link",
    "hk-rail-lines": "each line",
    "hk-rail-source": "each line's speed",
    "shenzhen-lines": "each line",
    "line-11": "each run",
    "control-point-buses": "each route",
    "planned": "each line",
    "express-rail": "each pair of stations",
}
"""Marks whose table of single runs, links or routes is a file beside the page, and the words of its link."""


def end_to_end(study: Study) -> str:
    """Hong Kong rail against published times."""
    listed = published("hk-rail-end-to-end")
    pairs = pairs_of(study, listed)
    groups = [(use, [p for p in pairs if p.use == use]) for use in ("independent", "tuned", "input")]
    groups.insert(1, ("independent, without C10", [p for p in groups[0][1] if "C10" not in p.source]))
    return published_rows(study, listed) + "\n\n" + summary(groups, "min")


def line_11(study: Study) -> str:
    """Line 11 and Line 13 against published times."""
    listed = published("line-11")
    pairs, rows = pairs_of(study, listed), published_rows(study, listed)
    return rows + "\n\n" + summary([("Line 11", pairs[:-1]), ("both", pairs)], "min")


def planned(study: Study) -> str:
    """Lines to come against their published times."""
    return published_rows(study, published("planned"))


def journey_min(network: Network, period: str) -> float:
    """Sheung Shui - Mong Kok from the first train's departure, changing at Kowloon Tong, with half a headway there."""
    rides = ride_s(network, "east-rail", "sheung-shui", "kowloon-tong") + ride_s(
        network, "kwun-tong", "kowloon-tong", "mong-kok"
    )
    headway = next(p for p in network.patterns if p.pattern_id == "kwun-tong-whampoa>").headway_s["midday"]
    both = [
        p.headway_s[period]
        for p in network.patterns
        if p.pattern_id in {"kwun-tong-whampoa<", "kwun-tong-ho-man-tin<"} and period in p.headway_s
    ]
    wait = 0.5 / sum(1 / h for h in both) if both else headway / 2
    return (rides + network.transfer_s["kowloon-tong"] + wait) / 60


def door_table(study: Study) -> str:
    """Door to door against the operator's journey planner."""
    network, planner_min = study.network(NOW).network, published("door-to-door")[0][1].low_min
    rows = []
    for period, at in (("am_peak", "08:30"), ("midday", "12:00")):
        rows.append((f"from the train's departure, {at}", f"{journey_min(network, period):.1f}", f"{planner_min:g}", f"{journey_min(network, period) - planner_min:+.1f}"))  # fmt: skip
        journey = study.journey("Sheung Shui", "Mong Kok", NOW, at)
        inside = sum(leg.in_vehicle_s for leg in journey.legs if leg.kind == "ride")
        rows.append((f"`corridor journey`, {at}: with the way to the platform and the first wait", f"{journey.time_s / 60:.1f}, in trains {inside / 60:.1f}", f"{planner_min:g}", f"{journey.time_s / 60 - planner_min:+.1f}"))  # fmt: skip
    return table(("Sheung Shui - Mong Kok", "ours, min", "planner 2025-04-03, min", "error"), rows)


def all_tables(study: Study, src: Path) -> dict[str, str]:
    """The tables of docs/validation.md by name."""
    makers: dict[str, Callable[[], str]] = {
        "hk-rail-links": lambda: validate_rail.rail_link_tables(study, src),
        "hk-rail-lengths": lambda: validate_rail.rail_length_table(study, src),
        "hk-rail-long-runs": lambda: validate_long_links.long_run_table(study),
        "hk-rail-long-links": lambda: validate_long_links.long_link_table(study, src),
        "hk-rail-lines": lambda: validate_rail.rail_line_tables(study, src),
        "hk-rail-source": lambda: validate_rail.video_tables(study, src),
        "hk-rail-end-to-end": lambda: end_to_end(study),
        "light-rail": lambda: validate_other_rail.light_rail_tables(study, src),
        "express-rail": lambda: validate_other_rail.express_tables(study, src),
        "shenzhen-lines": lambda: validate_other_rail.shenzhen_tables(study, src),
        "line-11": lambda: line_11(study),
        "buses": lambda: validate_buses.bus_tables(study, src),
        "control-point-buses": lambda: validate_buses.control_point_table(study, src),
        "planned": lambda: planned(study),
        "headways": lambda: validate_buses.headway_table(study),
        "door-to-door": lambda: door_table(study),
    }
    return {name: make() for name, make in makers.items()}


def apart(name: str, body: str) -> tuple[str, list[list[str]]]:
    """A body with a link in place of its first table but summaries where the mark is in APART; the rows of that table, heading first."""
    if name not in APART:
        return body, []
    parts = body.split("\n\n")
    k = next(k for k, part in enumerate(parts) if part.startswith("| ") and not part.startswith("| what |"))
    rows = cells(parts[k])
    parts[k] = f"[{APART[name].capitalize()}](validation/{name}.csv)"
    return "\n\n".join(parts), rows


def put(text: str, tables: dict[str, str]) -> str:
    """The page with each table between its marks."""
    for name, body in tables.items():
        start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        if text.count(start) != 1 or text.count(end) != 1:
            raise SystemExit(f"the page must hold {start} and {end} once each")
        before, rest = text.split(start)
        text = before + start + "\n" + body + "\n" + end + rest.split(end)[1]
    return text


def main() -> None:
    """Print the tables, or put them into a page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sources", type=Path, required=True, help="the reference data folder")
    parser.add_argument("--into", type=Path, help="a page with a pair of marks for each table")
    given = parser.parse_args()
    tables = all_tables(Study.bundled(), given.sources)
    if given.into:
        shown = {name: apart(name, body) for name, body in tables.items()}
        given.into.write_text(
            put(given.into.read_text("utf-8"), {k: body for k, (body, _) in shown.items()}), "utf-8"
        )
        for name, (_, rows) in shown.items():
            if rows:
                write(given.into.parent / "validation" / f"{name}.csv", rows[0], rows[1:])
    else:
        for name, body in tables.items():
            print(f"## {name}\n\n{body}\n")


if __name__ == "__main__":
    main()

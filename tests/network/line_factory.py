"""A line of five stops by hand, and scenario files that change it.

Line `main` runs a - b - c - d - e, 100, 200, 300, 400 s with 20 s of dwell inside, every 10 min; `branch` is a second
pattern of it, a - b - x, in the peaks only. Stations stand 0.01 degrees of longitude apart.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import yaml

from corridor.network.overlay import NetworkTables
from corridor.network.service import Network, Pattern
from corridor.schema.changes import PERIOD_NAMES
from corridor.schema.resolved import Scenario
from corridor.schema.scenario import ScenarioLibrary

STATIONS = "abcdexyz"
PEAK_S, ALL_DAY_S = 300.0, 600.0
BASE = 'id: base\ntitle: {en: Base}\nquestion: {en: "What runs?"}\ndate: 2030-12-31\n'
MINE = 'id: mine\ntitle: {en: Mine}\nquestion: {en: "What changes?"}\nextends: base\n'
NEW = {
    "id": "new",
    "name": {"en": "New"},
    "status": "concept",
    "stops": ["a", "x", "e"],
    "length_km": 4,
    "run_time_min": 10,
    "headway_min": {"peak": 6, "off_peak": 12},
    "hours": ["06:00", "24:00"],
}


def _stops(pattern_id: str, runs: dict[str, float | None], dwell_s: float) -> list[dict[str, object]]:
    return [
        {"pattern_id": pattern_id, "seq": i, "station_id": s, "run_s": run, "dwell_s": dwell_s}
        for i, (s, run) in enumerate(runs.items())
    ]


def tables(dwell_s: float = 20.0) -> NetworkTables:
    main = {"a": 100.0, "b": 200.0, "c": 300.0, "d": 400.0, "e": None}
    patterns = [("main", "main"), ("branch", "main"), ("later", "later")]
    headways = [
        *(("main", p, ALL_DAY_S) for p in PERIOD_NAMES if p not in {"early", "night"}),
        *(("branch", p, PEAK_S) for p in ("am_peak", "pm_peak")),
        ("later", "midday", ALL_DAY_S),
    ]
    return NetworkTables(
        stations=pd.DataFrame(
            {
                "station_id": list(STATIONS),
                "name_en": list(STATIONS),
                "lon": [114.0 + 0.01 * i for i in range(len(STATIONS))],
                "lat": 22.5,
                "region": ["hk"] * 7 + ["sz"],
                "system": "metro",
                "status": "existing",
                "street_access": 1,
            }
        ),
        lines=pd.DataFrame(
            {
                "line_id": ["main", "later", "closed"],
                "name_en": ["Main", "Later", "Closed"],
                "mode": "metro",
                "status": ["existing", "existing", "planned"],
                "opened": [None, "2031-06", None],
            }
        ),
        patterns=pd.DataFrame([{"pattern_id": p, "line_id": x, "direction": "both"} for p, x in patterns]),
        pattern_stops=pd.DataFrame(
            [
                *_stops("main", main, dwell_s),
                *_stops("branch", {"a": 100.0, "b": 500.0, "x": None}, dwell_s),
                *_stops("later", {"a": 100.0, "y": None}, dwell_s),
            ]
        ),
        headways=pd.DataFrame(headways, columns=["pattern_id", "period", "headway_s"]).assign(assumed=0),
        hours=pd.DataFrame(
            [
                {"pattern_id": p, "direction": d, "first": "06:00", "last": "24:00", "assumed": 0}
                for p, _ in patterns
                for d in ("forward", "backward")
            ]
        ),
        interchanges=pd.DataFrame(columns=["from_station", "to_station", "walk_s"]),
        checkpoints=pd.DataFrame(columns=["checkpoint_id"]),
        courses={},
    )


TABLES = tables()
Build = Callable[..., Network]


def resolve(folder: Path, text: str | dict, *levers: str) -> Scenario:
    body = text if isinstance(text, str) else yaml.safe_dump(text)
    (folder / "base.yaml").write_text(BASE, encoding="utf-8")
    (folder / "mine.yaml").write_text(MINE + body, encoding="utf-8")
    for i, lever in enumerate(levers):
        head = f'id: lever{i}\nkind: lever\ntitle: {{en: Lever}}\nquestion: {{en: "And?"}}\n'
        (folder / f"lever{i}.yaml").write_text(head + lever, encoding="utf-8")
    library = ScenarioLibrary([folder], {})
    return library.resolve("+".join(["mine", *(f"lever{i}" for i in range(len(levers)))]))


def pattern(net: Network, pattern_id: str = "main>") -> Pattern:
    return next(p for p in net.patterns if p.pattern_id == pattern_id)


def calls(found: Pattern) -> str:
    return "".join(s.station_id for s in found.stops)


def clock(found: Pattern) -> list[tuple[float, float]]:
    return [(s.arrival_s, s.departure_s) for s in found.stops]

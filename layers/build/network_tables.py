"""The seven tables of a part of the network (Hong Kong rail, Shenzhen metro, roads, ferries): rows, order, files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tables import NETWORK, Row, write

PERIODS = {  # minutes after midnight; the service day starts at 05:00
    "early": (300, 450), "am_peak": (450, 570), "midday": (570, 1020), "pm_peak": (1020, 1170),
    "evening": (1170, 1320), "late": (1320, 1530), "night": (1530, 1740),
}  # fmt: skip
ORDER = list(PERIODS)

COLUMNS = {
    "stations": "station_id,name_en,name_zh_hant,name_zh_hans,lon,lat,region,system,status,opened,street_access,accuracy_m,position_source,checked_against,check_distance_m,confidence,source",
    "lines": "line_id,name_en,name_zh_hant,name_zh_hans,mode,operator,status,colour,opened,confidence,source",
    "patterns": "pattern_id,line_id,direction,clearance,note",
    "pattern_stops": "pattern_id,seq,station_id,run_s,dwell_s,length_m,opened,status,confidence,source",
    "headways": "pattern_id,period,headway_s,assumed,assumption_id,confidence,source",
    "hours": "pattern_id,direction,first,last,assumed,assumption_id,confidence,source",
    "interchanges": "from_station,to_station,walk_s,length_m,kind,assumed,confidence,source,note",
}
SORT_KEY = {
    "stations": lambda r: r["station_id"],
    "lines": lambda r: r["line_id"],
    "patterns": lambda r: r["pattern_id"],
    "pattern_stops": lambda r: (r["pattern_id"], r["seq"]),
    "headways": lambda r: (r["pattern_id"], ORDER.index(r["period"])),
    "hours": lambda r: (r["pattern_id"], r["direction"]),
    "interchanges": lambda r: (r["from_station"], r["to_station"]),
}


@dataclass
class NetworkTables:
    """Rows of the seven tables, in any order; `write` sorts them."""

    stations: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    patterns: list[Row] = field(default_factory=list)
    pattern_stops: list[Row] = field(default_factory=list)
    headways: list[Row] = field(default_factory=list)
    hours: list[Row] = field(default_factory=list)
    interchanges: list[Row] = field(default_factory=list)

    def line(self, line_id: str, name: tuple[str, str, str], **rest: Any) -> None:
        """Add a line of today; its columns that are not given stay empty."""
        empty = {"status": "existing", "colour": "", "opened": ""}
        by_script = dict(zip(("name_en", "name_zh_hant", "name_zh_hans"), name, strict=True))
        self.lines.append({"line_id": line_id, **by_script, **empty, **rest})

    def pattern(self, pattern_id: str, line_id: str, direction: str, note: str, clearance: str = "") -> None:
        """Add a pattern of a line."""
        self.patterns.append({"pattern_id": pattern_id, "line_id": line_id, "direction": direction, "clearance": clearance, "note": note})  # fmt: skip

    def stop(self, pattern_id: str, seq: int, station_id: str, run_s: Any, dwell_s: Any, length_m: Any, confidence: str, source: str, opened: str | None = "", status: str = "existing") -> None:  # fmt: skip
        """Add a stop of a pattern; run and length are to the next stop, empty at the last."""
        self.pattern_stops.append({"pattern_id": pattern_id, "seq": seq, "station_id": station_id, "run_s": run_s, "dwell_s": dwell_s, "length_m": length_m, "opened": opened, "status": status, "confidence": confidence, "source": source})  # fmt: skip

    def headway(self, pattern_id: str, period: str, seconds: float, assumption_id: str, confidence: str, source: str) -> None:  # fmt: skip
        """Add the headway of a period; it is assumed where it names an assumption."""
        self.headways.append({"pattern_id": pattern_id, "period": period, "headway_s": round(seconds), "assumed": int(bool(assumption_id)), "assumption_id": assumption_id, "confidence": confidence, "source": source})  # fmt: skip

    def hour(self, pattern_id: str, direction: str, first: str, last: str, assumption_id: str, confidence: str, source: str) -> None:  # fmt: skip
        """Add first and last departure of a direction; assumed where they name an assumption."""
        self.hours.append({"pattern_id": pattern_id, "direction": direction, "first": first, "last": last, "assumed": int(bool(assumption_id)), "assumption_id": assumption_id, "confidence": confidence, "source": source})  # fmt: skip

    def interchange(self, start: str, end: str, walk_s: float, length_m: float | str, kind: str, assumed: int, confidence: str, source: str, note: str) -> None:  # fmt: skip
        """Add a walk between two stations, or between two platforms of one."""
        self.interchanges.append({"from_station": start, "to_station": end, "walk_s": walk_s, "length_m": length_m, "kind": kind, "assumed": assumed, "confidence": confidence, "source": source, "note": note})  # fmt: skip

    def write(self, system: str) -> None:
        """Write the tables as ``layers/network/TABLE_SYSTEM.csv``."""
        for name, columns in COLUMNS.items():
            rows = sorted(getattr(self, name), key=SORT_KEY[name])
            own = (
                ",code" if rows and "code" in rows[0] else ""
            )  # what an operator calls its stations for short
            write(NETWORK / f"{name}_{system}.csv", columns + own, rows)

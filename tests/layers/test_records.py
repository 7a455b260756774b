"""Records of the builders: source and confidence of every row, ids that meet; tables rebuilt without reference data."""

from __future__ import annotations

import ast
import csv
import re
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from tests.build_scripts import BUILD, script

NETWORK = BUILD.parents[0] / "network"
TABLES = script("tables")
NAMES_ALONE = {"characters", "green_corridors", "species_notes"}
RECORDS = sorted((BUILD / "records").glob("*.csv"))


def bundled(name: str) -> list[dict[str, str]]:
    with (NETWORK / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def written(rows: list[dict[str, Any]], columns: list[str]) -> list[dict[str, str]]:
    """Rows as a CSV file would give them back."""
    return [{c: "" if row[c] is None else str(row[c]) for c in columns} for row in rows]


@pytest.mark.parametrize("path", RECORDS, ids=lambda p: p.stem)
def test_every_record_has_source_and_confidence(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    head, body = rows[0], rows[1:]
    assert body
    assert {len(row) for row in body} == {len(head)}
    if path.stem not in NAMES_ALONE:
        bad = [row for row in body if row[head.index("confidence")] not in set("ABCMS") or not row[head.index("source")]]  # fmt: skip
        assert bad == []


def test_every_record_is_read_by_a_builder_and_every_builder_finds_its_records() -> None:
    text = "\n".join(p.read_text(encoding="utf-8") for p in BUILD.glob("*.py"))
    read = set(re.findall(r"(?:records|record_rows)\(\"(\w+)\"\)", text))
    assert read | {"outlines"} == {p.stem for p in RECORDS}


def test_builders_are_short_and_import_one_way() -> None:
    graph = nx.DiGraph()
    for path in BUILD.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 450, path.name
        graph.add_node(path.stem)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                graph.add_edges_from((path.stem, a.name) for a in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                graph.add_edge(path.stem, node.module)
    assert list(nx.simple_cycles(graph)) == []


def test_the_readme_names_every_script_and_every_record() -> None:
    text = (BUILD / "README.md").read_text(encoding="utf-8")
    patterns = [p.replace("*", ".*") for p in re.findall(r"`([\w*]+)(?:\.py)?`", text)]
    stems = [p.stem for p in (*BUILD.glob("*.py"), *RECORDS)]
    assert [s for s in stems if not any(re.fullmatch(p, s) for p in patterns)] == []


# --- rebuilt from records and bundled layers alone ---------------------------------------------


def test_lines_of_hong_kong_rail() -> None:
    rows = [r | {"line_id": i, "status": "existing"} for i, r in TABLES.records("hk_rail_lines").items()]
    columns = list(bundled("lines_hk")[0])
    assert sorted(written(rows, columns), key=lambda r: r["line_id"]) == bundled("lines_hk")


def test_hours_of_the_mtr_are_those_of_its_patterns() -> None:
    hours = {(r["pattern_id"], r["direction"]): r for r in bundled("hours_hk")}
    for pattern_id, r in TABLES.records("mtr_patterns").items():
        for way in ("forward", "backward"):
            row = hours.get((pattern_id, way), {})
            assert (row.get("first"), row.get("last")) == (r[f"{way}_first"], r[f"{way}_last"])


def test_ferry_piers_and_walks() -> None:
    ferries, tables = script("ferries"), script("network_tables").NetworkTables()
    listed = TABLES.records("ferry_piers")
    columns = list(bundled("stations_ferry")[0])
    rows = [ferries.pier_row(i, r) for i, r in listed.items()]
    assert sorted(written(rows, columns), key=lambda r: r["station_id"]) == bundled("stations_ferry")
    ferries.add_walks(tables, {i: (r["lon"], r["lat"]) for i, r in listed.items()})
    columns = list(bundled("interchanges_ferry")[0])
    rows = sorted(tables.interchanges, key=script("network_tables").SORT_KEY["interchanges"])
    assert written(rows, columns) == bundled("interchanges_ferry")


def test_places_are_where_their_stations_are() -> None:
    build = script("checkpoints")
    stations = build.station_positions()
    for row, r in zip(bundled("places"), TABLES.record_rows("places"), strict=True):
        assert (row["place_id"], row["lon"], row["lat"]) == (
            r["place_id"],
            *(str(v) for v in build.place_position(r, stations)),
        )


def test_named_stations_exist() -> None:
    stations = set(script("checkpoints").station_positions())
    halls = {f"{c}@{side}" for c in TABLES.records("checkpoints") for side in ("hk", "sz")}
    for name in ("hk_interchanges", "proposed_interchanges"):
        rows = TABLES.record_rows(name)
        assert {r[end] for r in rows for end in ("from_station", "to_station")} <= stations | halls
    for table in ("published_times", "rail_runs"):
        assert {r[end] for r in TABLES.record_rows(table) for end in ("start", "end")} <= stations


def test_assumptions_named_by_rows_are_written_down() -> None:
    for system in ("hk", "sz", "road", "ferry"):
        named = {r["assumption_id"] for t in ("headways", "hours") for r in bundled(f"{t}_{system}")}
        assert named - {""} <= set(TABLES.assumptions(system))


def test_the_ecology_tables_hold(capsys: pytest.CaptureFixture[str]) -> None:
    script("ecology_tables").main()
    assert "30 figures" in capsys.readouterr().out

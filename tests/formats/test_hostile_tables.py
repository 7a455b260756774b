"""Texts meant for an interpreter in tables: no cell for people is a formula, and programs read the texts as they were."""

from __future__ import annotations

import ast
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridor.core.csv_tables import as_read, as_text, for_people, for_programs, wide_for_people
from corridor.study.study import Study
from tests.conftest import Cli
from tests.gtfs_factory import SMALL, zipped
from tests.hostile_study import HEADING, TEXTS, names
from tests.paths import ROOT


def begins_a_formula(cell: str) -> bool:
    """Told by hand, not by the program's own pattern: the first sign that is neither a blank nor a quote."""
    if re.fullmatch(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?", cell):
        return False
    return cell.lstrip(' "\u00a0\u3000\ufeff')[:1] in set("=+-@＝＋－＠\t\r\n")


def _cells(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            yield from row


def test_no_cell_of_a_table_for_people_is_a_formula(written: Path) -> None:
    paths = sorted(written.rglob("*.csv"))
    assert {p.name for p in paths} >= {"results.csv", "cells.csv", "conflicts.csv", "habitat_take.csv"}
    for path in paths:
        assert not [cell for cell in _cells(path) if begins_a_formula(cell)], path


def test_tables_hold_the_texts_once_the_apostrophe_is_off(written: Path) -> None:
    cells = set(map(as_read, _cells(written / "compare/cells.csv")))
    assert cells >= {*TEXTS, HEADING}
    table = pd.read_parquet(written / "compare/cells.parquet")
    assert {*table.columns, *table.astype(str).to_numpy().ravel()} >= {*TEXTS, HEADING}
    conflicts = pd.read_csv(written / "review/conflicts.csv", dtype=str, keep_default_na=False)
    assert {as_read(v) for v in conflicts["name_en"]} >= {names(n)["name_en"] for n in range(10)}


def test_negative_numbers_stay_numbers(written: Path) -> None:
    change = pd.read_csv(written / "compare/results.csv")["change"]
    assert change.dtype == float and (change < 0).any()
    frame = pd.DataFrame(
        {"text": ["-1.5", "-", "-x"], "number": [-1.0, -2.5, 3.0], "flag": [True, False, True]}
    )
    assert for_people(frame) == "text,number,flag\n-1.5,-1.0,True\n'-,-2.5,False\n'-x,3.0,True\n"


@pytest.mark.parametrize(
    "text", ["=1", " =1", "\u3000=1", '"=1', "'=1", "\t1", "\r=1", "\n@x", "＝1", "－1", "+1+1", "-1-1", "@a"]
)
def test_a_text_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert as_text(text) == f"'{text}" and as_read(as_text(text)) == text


@pytest.mark.parametrize(
    "text", ["", "a=1", "-1", "+2.5", "-1e-05", "'t Hart", "O'Brien", "x@y", "−1", "'-1"[1:]]
)
def test_other_texts_stay(text: str) -> None:
    assert as_text(text) == text == as_read(text)


@given(st.text(alphabet="='+-@1a \t\"＝", max_size=8))
def test_the_apostrophe_is_taken_off_again(text: str) -> None:
    assert as_read(as_text(text)) == text
    assert not begins_a_formula(as_text(text))


def test_headings_and_texts_beside_whole_numbers() -> None:
    wide = wide_for_people(pd.DataFrame({"=a": ["+b+c", None], "x": [1.5, 2.5], "@n": [-1, 2]}), 2)
    assert wide == "'=a,x,'@n\n'+b+c,1.5,-1\n,2.5,2\n"


def test_every_table_goes_through_one_writer() -> None:
    writers = []
    for path in sorted((ROOT / "corridor").rglob("*.py")):
        if "_bundle" in path.parts or path.name == "csv_tables.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and (
                node.attr == "to_csv" or ast.unparse(node) == "csv.writer"
            ):
                writers.append(f"{path.name}:{node.lineno}")
    assert not writers


def test_what_was_written_is_done_again_as_the_same(cli: Cli, home: Path, tmp_path: Path) -> None:
    """The tables beside run.json are read back: an apostrophe is no change."""
    from corridor.cli.rerun import rerun
    from corridor.formats.export import write_review_data
    from corridor.study.conflict_report import views_of_review
    from corridor.study.review import review

    own = Study.open(home)
    reviewed = review(own, "with-link")
    write_review_data(own, reviewed, views_of_review(own, reviewed), tmp_path)
    assert "'=1-" in (tmp_path / "conflicts.csv").read_text(encoding="utf-8")
    done = rerun(own, tmp_path / "run.json")
    assert done.differences.empty and not done.changed


def test_times_and_hours_are_tables_for_people(cli: Cli, home: Path, tmp_path: Path) -> None:
    ids = [t for t in TEXTS if t]
    pd.DataFrame({"id": ids, "lon": 113.54, "lat": 22.193}).to_csv(tmp_path / "a.csv", index=False)
    pd.DataFrame({"id": ["-1"], "lon": 113.545, "lat": 22.21}).to_csv(tmp_path / "b.csv", index=False)
    asked = ("--scenario", "today", "--out", tmp_path / "times.csv")
    done = cli(
        "--study",
        home,
        "times",
        "--origins",
        tmp_path / "a.csv",
        "--destinations",
        tmp_path / "b.csv",
        *asked,
    )
    assert done.exit_code == 0, done.output
    read = pd.read_csv(tmp_path / "times.csv", dtype=str)
    assert [as_read(v) for v in read["from"]] == ids and set(read["to"]) == {"-1"}
    assert not [c for c in _cells(tmp_path / "times.csv") if begins_a_formula(c)]
    assert (
        cli("--study", home, "hours", "today", "--hours", "08:30", "--out", tmp_path / "hours.csv").exit_code
        == 0
    )
    assert pd.read_csv(tmp_path / "hours.csv", dtype={"hour": str}).drop(columns="hour").dtypes.map(
        pd.api.types.is_numeric_dtype
    ).all()  # fmt: skip


def test_tables_for_programs_hold_texts_as_they_are() -> None:
    frame = pd.DataFrame({"name": TEXTS})
    read = list(csv.reader(io.StringIO(for_programs(frame), newline="")))
    assert read == [["name"], *([t] for t in TEXTS)]


def test_the_report_on_a_feed_is_a_table_for_people(cli: Cli, tmp_path: Path) -> None:
    """What was wrong in a feed is quoted there; its layers are for the program, and hold the names as they are."""
    assert cli("init", tmp_path / "mine").exit_code == 0
    files = {name: text.replace("Alpha,", "=1+1,") for name, text in SMALL.items()}
    files["stops.txt"] += "=3+3,Delta,0,0,0,\n"
    done = cli("--study", tmp_path / "mine", "layers", "add", "gtfs", zipped(files, tmp_path / "feed.zip"))
    assert done.exit_code == 0, done.output
    (report,) = (tmp_path / "mine").rglob("report.csv")
    cells = list(_cells(report))
    assert any("=3+3" in cell for cell in cells) and not [c for c in cells if begins_a_formula(c)]
    assert "=1+1" in _cells(report.parent / "stations.csv")

"""A feed added to a study: its layers, journeys on them, and options that are wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from corridor.schema.catalog import Catalog
from corridor.study.folder import init
from tests.conftest import Cli
from tests.gtfs_factory import SMALL, more, zipped
from tests.importers.feed_lines import CALLS, csv, often, one_trip

pytestmark = pytest.mark.usefixtures("remembering")


def test_a_study_rides_what_was_added(cli: Cli, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    init(mine)
    often = "trip_id,start_time,end_time,headway_secs\no1,06:00:00,22:00:00,60\n"
    feed = zipped(more("frequencies.txt", often), tmp_path / "Small Feed.zip")
    added = cli(
        "--study",
        mine,
        "layers",
        "add",
        "gtfs",
        feed,
        "--licence",
        "CC0",
        "--source",
        "own",
        "--attribution",
        "us",
    )
    assert added.exit_code == 0, added.output
    assert "service day 2026-01-05" in added.output and "pattern with one departure" in added.output
    assert (mine / "layers" / "gtfs-small-feed" / "report.csv").is_file()
    catalog = Catalog.open(mine / "catalog.yaml")
    entry = next(e for e in catalog.entries if e.id == "gtfs_small_feed_lines")
    assert (entry.licence, entry.source, entry.attribution, entry.date) == ("CC0", "own", "us", "2026-01-05")
    assert (mine / "catalog.yaml").read_text(encoding="utf-8").startswith("# The layers of this study.")
    rode = cli("--study", mine, "journey", "small-feed-a", "small-feed-c", "--at", "08:00", "--json")
    assert rode.exit_code == 0 and '"small-feed-l"' in rode.output
    again = cli("--study", mine, "layers", "add", "gtfs", feed)
    assert again.exit_code == 1 and "remove these entries" in again.output


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--clearance", "A"], "two names with '=' between"),
        (["--date", "soon"], "expected YYYY-MM-DD"),
        (["--id", "Not This"], "small letters"),
        (["--out", "../elsewhere"], "a folder inside the study"),
    ],
)
def test_options_that_are_wrong(args: list[str], says: str, cli: Cli, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    init(mine)
    before = (mine / "catalog.yaml").read_bytes()
    done = cli("--study", mine, "layers", "add", "gtfs", zipped(SMALL, tmp_path / "f.zip"), *args)
    assert done.exit_code == 1 and says in done.output
    assert (mine / "catalog.yaml").read_bytes() == before and not list((mine / "layers").iterdir())


def test_the_shipped_study_takes_no_layers(cli: Cli, tmp_path: Path) -> None:
    done = cli("layers", "add", "gtfs", zipped(SMALL, tmp_path / "f.zip"))
    assert done.exit_code == 1 and "corridor init" in done.output


def test_a_study_rides_as_the_feed_says(cli: Cli, tmp_path: Path) -> None:
    """Nobody leaves at B: to B one goes on to C and walks back, or goes another way, never by the line itself."""
    mine = tmp_path / "mine"
    init(mine)
    rows = ("o1,08:00:00,08:00:00,A1,1,0", "o1,08:05:00,08:05:30,B,2,1", "o1,08:09:30,08:09:30,C,3,0")
    often_enough = often(0, "o1,06:00:00,22:00:00,60")
    feed = one_trip(csv(f"{CALLS},drop_off_type", *rows), frequencies=often_enough)
    added = cli("--study", mine, "layers", "add", "gtfs", zipped(feed, tmp_path / "f.zip"))
    assert added.exit_code == 0, added.output
    written = pd.read_csv(mine / "layers" / "gtfs-f" / "pattern_stops.csv")
    assert list(written["only"].fillna("")) == ["", "board", ""]
    legs = {
        to: json.loads(cli("--study", mine, "journey", "f-a", to, "--at", "08:00", "--json").output)["legs"]
        for to in ("f-b", "f-c")
    }
    rode = {to: [leg["to_name"] for leg in found if "f-l" in leg["lines"]] for to, found in legs.items()}
    assert rode["f-c"] == ["Gamma"] and "Beta" not in rode["f-b"]

"""The files of a feed: folders, zips, encodings, separators, limits, and what is missing."""

from __future__ import annotations

import ast
import zipfile
from pathlib import Path

import pytest

from corridor.core.errors import LayerError, MissingColumnError
from corridor.importers.entry.files import shipped_rows
from corridor.importers.gtfs import read
from corridor.importers.gtfs.read import Findings, read_feed
from tests.gtfs_factory import SMALL, Files, changed, without, zipped
from tests.importers.feed_lines import lines, told


def test_every_fault_that_is_noted_has_its_words() -> None:
    said = [row["what"] for row in shipped_rows("gtfs_faults.csv")]
    modules = Path(read.__file__).parent.glob("*.py")
    nodes = [node for path in modules for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    texts = {node.value for node in nodes if isinstance(node, ast.Constant)}
    noted = {
        argument.value
        for node in nodes
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith(("findings.add", "findings.without"))
        for argument in node.args[:3]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
    assert len(noted) > 50 and noted <= set(said)
    assert len(said) == len(set(said)) and set(said) <= texts


@pytest.mark.parametrize("file", ["stops.txt", "routes.txt", "trips.txt", "stop_times.txt"])
def test_a_missing_file_is_named(file: str, tmp_path: Path) -> None:
    with pytest.raises(LayerError, match=f"feed.zip: {file}: is missing or empty"):
        lines(without(file), tmp_path)
    with pytest.raises(LayerError, match=f"feed.zip: {file}: is missing or empty"):
        lines({**SMALL, file: ""}, tmp_path)


def test_missing_columns_are_named_together(tmp_path: Path) -> None:
    files = changed("stops.txt", "stop_lat", "y") | {
        "trips.txt": SMALL["trips.txt"].replace("service_id", "s")
    }
    with pytest.raises(MissingColumnError) as caught:
        lines(files, tmp_path)
    assert [p.what for p in caught.value.problems] == [
        "column 'stop_lat' is missing",
        "column 'service_id' is missing",
    ]


def test_a_folder_in_the_zip(tmp_path: Path) -> None:
    findings = Findings()
    feed = read_feed(zipped(SMALL, tmp_path / "f.zip", folder="export/gtfs/"), findings)
    assert len(feed["stops"]) == 5 and "read from there" in str(findings)


@pytest.mark.parametrize(
    ("encoding", "says"),
    [("utf-8-sig", "nothing was broken"), ("gbk", "read as gb18030"), ("utf-16", "read as utf-16")],
)
def test_encodings(encoding: str, says: str, tmp_path: Path) -> None:
    text = SMALL["stops.txt"].replace("Alpha,", "福田口岸,")
    findings = Findings()
    files = {n: t.encode() for n, t in SMALL.items()} | {"stops.txt": text.encode(encoding)}
    feed = read_feed(zipped(files, tmp_path / "f.zip"), findings)
    assert feed["stops"]["stop_name"].iloc[0] == "福田口岸"
    assert says in str(findings)


def test_limits_are_stated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = {**SMALL, "shapes.txt": "", "stop_times.txt": SMALL["stop_times.txt"] + "\n" * 3_000_000}
    with pytest.raises(
        LayerError, match=r"stop_times.txt unpacks to .* times its size; expected 200 times at most"
    ):
        lines(bomb, tmp_path)
    monkeypatch.setattr(read, "MAX_ROWS", 10)
    with pytest.raises(LayerError, match=r"stop_times.txt: has 19 rows; expected 10 at most"):
        lines(SMALL, tmp_path)
    monkeypatch.setattr(read, "MAX_TOTAL_MB", 0.001)
    with pytest.raises(LayerError, match="unpacks to 0 MB; expected 0.001 MB at most"):
        lines(SMALL, tmp_path)
    monkeypatch.setattr(read, "MAX_MEMBERS", 3)
    with pytest.raises(LayerError, match="holds 7 files; expected 3 at most"):
        lines(SMALL, tmp_path)


def test_what_is_no_feed(tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("no zip")
    zipped({"other.txt": "a"}, tmp_path / "other.zip")
    (tmp_path / "empty").mkdir()
    with zipfile.ZipFile(tmp_path / "none.zip", "w"):
        pass
    for name, says in (
        ("text.zip", "cannot be read"),
        ("other.zip", "holds no table of a feed"),
        ("none.zip", "holds no table of a feed"),
        ("empty", "holds no table of a feed"),
        ("lost.zip", "is not there"),
    ):
        with pytest.raises(LayerError, match=says):
            read_feed(tmp_path / name, Findings())


def recast(separator: str, header: bool = True) -> Files:
    return {n: t.replace(",", separator) for n, t in SMALL.items()}


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_other_separators_are_read_and_said(mark: str, tmp_path: Path) -> None:
    found = lines(recast(mark), tmp_path)
    assert list(found.tables["patterns"]["trips"]) == [4, 1]
    assert f"columns separated by {mark!r}" in told(found)


def test_decimal_commas(tmp_path: Path) -> None:
    files = recast(";")
    stops = files["stops.txt"].replace("22.", "22,").replace("114.", "114,")
    found = lines({**files, "stops.txt": stops}, tmp_path)
    assert found.tables["stations"]["lat"].tolist() == [22.28, 22.3, 22.32]
    assert "decimal comma" in told(found)


def test_a_mark_in_a_comma_file_is_a_letter(tmp_path: Path) -> None:
    found = lines(
        {**SMALL, "stops.txt": SMALL["stops.txt"].replace("B,Beta", "B,Beta; north|side")}, tmp_path
    )
    assert "Beta; north|side" in set(found.tables["stations"]["name_en"])


def test_spaces_around_headers_and_cells(tmp_path: Path) -> None:
    """As some railways write: a space after every comma, quotes after it too."""
    spaced = {n: t.replace(",", " ,  ") for n, t in SMALL.items()}
    spaced["stops.txt"] = spaced["stops.txt"].replace("Beta", '"Beta, the north"')
    found = lines({n: "\ufeff" + t for n, t in spaced.items()}, tmp_path)
    assert list(found.tables["patterns"]["trips"]) == [4, 1]
    assert "Beta, the north" in set(found.tables["stations"]["name_en"])
    assert "more cells than the header" not in told(found)


def test_blank_lines_anywhere(tmp_path: Path) -> None:
    gaps = {n: t.replace("\n", "\n\n   \n") for n, t in SMALL.items()}
    assert list(lines(gaps, tmp_path).tables["patterns"]["trips"]) == [4, 1]

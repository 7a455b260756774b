"""Output folders: what is there already stays whole, whatever fails."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import pytest

from corridor.core import output
from corridor.core.errors import (
    CorridorError,
    LayerError,
)
from corridor.study.compare import Comparison
from corridor.study.study import Study
from corridor.web.write import write_comparison
from corridor.web.written import Figures
from tests.conftest import Cli, contents


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch, small: Comparison, shared: Study) -> None:
    """The computing is done; what these tests look at is the writing."""
    monkeypatch.setattr("corridor.study.compare.compared", lambda *_, **__: small)
    monkeypatch.setattr(
        "corridor.web.written.find", lambda *_: None
    )  # a run of the same has not been written
    monkeypatch.setattr("corridor.web.written.remember", lambda *_: Figures.of(small))
    monkeypatch.setattr("corridor.web.write.write_index", lambda _s, path: path.write_text("index"))
    monkeypatch.setattr(
        "corridor.web.write.write_further",
        lambda _s, out: (out / "access.html").write_text("access"),
    )
    monkeypatch.setattr("corridor.web.write.write_compare", lambda _c, _l, path: path.write_text("compare"))
    monkeypatch.setattr(
        "corridor.web.write.write_ecology", lambda _v, _n, _l, path, **_: path.write_text("ecology")
    )
    monkeypatch.setattr(
        "corridor.web.write.write_travellers", lambda _c, _l, path: path.write_text("travellers")
    )
    monkeypatch.setattr("corridor.web.write.write_value", lambda _s, path: path.write_text("value"))
    monkeypatch.setattr("corridor.web.write.write_freight", lambda _s, _f, path: path.write_text("freight"))
    monkeypatch.setattr("corridor.web.write.write_cities", lambda _s, _c, path: path.write_text("cities"))
    monkeypatch.setattr("corridor.web.write.write_proposal", lambda _s, _p, path: path.write_text("proposal"))
    monkeypatch.setattr("corridor.web.write.views_of_comparison", lambda *_: ())
    monkeypatch.setattr("corridor.web.write.write_data", _data)


def _data(_study: object, _comparison: object, _views: object, folder: Path, _csv: bool = False) -> None:
    (folder / "run.json").write_text("{}", encoding="utf-8")


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """The output of an earlier run."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "index.html").write_text("earlier", encoding="utf-8")
    (out / "run.json").write_text("{}", encoding="utf-8")
    return out


def test_a_second_run_replaces_the_first(cli: Cli, ready: None, earlier: Path) -> None:
    (earlier / "stale.txt").write_text("of an earlier run", encoding="utf-8")
    assert cli("compare", "--out", earlier, "--quiet").exit_code == 0
    assert {p.name for p in earlier.iterdir()} == {
        "index.html",
        "access.html",
        "compare.html",
        "ecology.html",
        "travellers.html",
        "value.html",
        "freight.html",
        "cities.html",
        "proposal.html",
        "run.json",
    }
    assert (earlier / "index.html").read_text(encoding="utf-8") == "index"
    assert [p.name for p in earlier.parent.iterdir()] == ["out"]  # nothing left beside it


def test_out_that_is_a_file(cli: Cli, ready: None, tmp_path: Path) -> None:
    out = tmp_path / "notes.txt"
    out.write_text("mine", encoding="utf-8")
    result = cli("compare", "--out", out, "--quiet")
    assert result.exit_code == 1
    assert "notes.txt: exists and is not the output of a run" in result.output
    assert "choose another --out" in result.output
    assert out.read_text(encoding="utf-8") == "mine"


def test_out_below_a_file(cli: Cli, ready: None, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    result = cli("compare", "--out", tmp_path / "notes.txt" / "out", "--quiet")
    assert result.exit_code == 1
    assert "cannot be written" in result.output and "choose another --out" in result.output


def test_out_that_is_somebody_elses_folder(cli: Cli, ready: None, tmp_path: Path) -> None:
    out = tmp_path / "photographs"
    out.mkdir()
    (out / "one.jpg").write_bytes(b"one")
    with contents(tmp_path):
        result = cli("compare", "--out", out, "--quiet")
    assert result.exit_code == 1
    assert "is not the output of a run" in result.output


def test_a_bad_target_is_told_before_any_work(
    cli: Cli, ready: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a minute of computing, for nothing")

    monkeypatch.setattr("corridor.study.compare.compared", never)
    out = tmp_path / "notes.txt"
    out.write_text("mine", encoding="utf-8")
    assert cli("compare", "--out", out, "--quiet").exit_code == 1


def test_out_that_is_read_only(cli: Cli, ready: None, earlier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() == 0:  # root may write everywhere
        refused = PermissionError(errno.EACCES, "Permission denied")
        monkeypatch.setattr(tempfile, "mkdtemp", lambda **_: (_ for _ in ()).throw(refused))
    else:
        earlier.parent.chmod(0o555)
    try:
        with contents(earlier):
            result = cli("compare", "--out", earlier, "--quiet")
    finally:
        earlier.parent.chmod(0o755)
    assert result.exit_code == 1
    assert "cannot be written (Permission denied)" in result.output


@pytest.mark.parametrize(
    "fault",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        LayerError("a layer turned out to be wrong"),
    ],
)
@pytest.mark.parametrize("step", ["write_index", "write_data"])
def test_a_run_that_fails_midway_leaves_what_was_there(
    cli: Cli, ready: None, earlier: Path, monkeypatch: pytest.MonkeyPatch, step: str, fault: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(f"corridor.web.write.{step}", fail)
    with contents(earlier.parent):
        result = cli("compare", "--out", earlier, "--quiet")
    assert result.exit_code == 1
    assert [p.name for p in earlier.parent.iterdir()] == ["out"]  # no temporary folder is left
    if isinstance(fault, OSError):
        assert "No space left on device" in result.output and "earlier output is as it was" in result.output


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), ValueError("a fault of the program")])
def test_a_killed_run_leaves_what_was_there(
    ready: None, study: Study, small: Comparison, earlier: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:  # fmt: skip
    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr("corridor.web.write.write_compare", fail)
    with contents(earlier.parent), pytest.raises(type(fault)):
        write_comparison(study, small, earlier)
    assert [p.name for p in earlier.parent.iterdir()] == ["out"]


def test_a_failed_swap_puts_the_earlier_output_back(
    ready: None, study: Study, small: Comparison, earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def only_away(self: Path, target: Path) -> Path:
        if Path(target) == earlier and "old" not in self.name:
            raise OSError(errno.EBUSY, "Device or resource busy")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", only_away)
    with contents(earlier.parent), pytest.raises(CorridorError, match="earlier output is as it was"):
        write_comparison(study, small, earlier)


def test_one_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "minutes.csv"
    path.write_text("earlier", encoding="utf-8")

    def fail(self: Path, target: Path) -> Path:
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(Path, "replace", fail)
    with contents(tmp_path), pytest.raises(OSError, match="busy"):
        output.write_whole(path, b"new")

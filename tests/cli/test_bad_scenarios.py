"""Wrong scenario files: each fault with its line, all files at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Cli

HEAD = "id: mine\ntitle: {en: Mine}\nquestion: {en: What then}\nextends: western-2035\n"


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("lines: {add: [", 5, "broken YAML"),
        ("lines:\n\tadd: [hswrl]\n", 6, "broken YAML"),
        ("year: soon\n", 5, "soon"),
        ("yaer: 2035\n", 5, "yaer"),
        ("lines: {add: [hswlr]}\n", 5, "Did you mean 'hswrl'"),
        ("lines: {change: [{id: hswrl, headway_min: {peak: 0, off_peak: 5}}]}\n", 5, "headway_min"),
        (
            "checkpoints: {change: [{id: huangang, regime: joint_clearance}]}\n",
            None,
            "Did you mean 'huanggang'",
        ),
        ("checkpoints: {change: [{id: huanggang, regime: quick}]}\n", 5, "quick"),
        ("checkpoints: {change: [{id: huanggang, open: '25:99'}]}\n", 5, "25:99"),
        ("stations: {change: [{id: qianhai, lonlat: [22.5397, 113.8936]}]}\n", 5, "113.8936"),
        (
            "lines: {change: [{id: hswrl, stops: [hung-shui-kiu, qianhay], run_time_min: 15}]}\n",
            None,
            "Did you mean 'qianhai'",
        ),
        ("lines: {change: [{id: hswrl, alignment: hswlr}]}\n", None, "Did you mean 'hswrl'"),
    ],
)
def test_a_wrong_scenario_file(cli: Cli, tmp_path: Path, body: str, line: int | None, words: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(HEAD + body, encoding="utf-8")
    result = cli("scenarios", "validate", path)
    assert result.exit_code == 1, result.output
    assert words in result.output
    assert (f"mine.yaml:{line}:" if line else "mine") in result.output
    for problem in result.output.splitlines()[1:]:
        assert problem.count("; ") >= 2 or " Use " in problem, problem  # what; expected; remedy


def test_a_scenario_file_that_is_not_there(cli: Cli, tmp_path: Path) -> None:
    result = cli("scenarios", "validate", tmp_path / "none.yaml")
    assert result.exit_code == 1
    assert "none.yaml" in result.output


@pytest.mark.parametrize("command", [("scenarios", "validate"), ("scenarios", "show"), ("compare",)])
def test_a_file_with_the_id_of_a_shipped_scenario(cli: Cli, tmp_path: Path, command: tuple[str, ...]) -> None:
    """It would be shown under the name of the shipped one."""
    path = tmp_path / "western-2035.yaml"
    path.write_text(
        HEAD.replace("extends: western", "extends: both").replace("mine", path.stem), encoding="utf-8"
    )
    out = ("--out", tmp_path / "out") if command == ("compare",) else ()
    result = cli(*command, path, *out)
    assert result.exit_code == 1
    assert f"{path}: has the id 'western-2035'" in result.output
    assert "rename the file and its id" in result.output
    assert not (tmp_path / "out").exists()


def test_all_wrong_files_are_told_at_once(cli: Cli, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(HEAD.replace("mine", name) + "year: soon\n", encoding="utf-8")
    result = cli("scenarios", "validate", tmp_path / "one.yaml", tmp_path / "two.yaml")
    assert result.exit_code == 1
    assert "one.yaml:5" in result.output and "two.yaml:5" in result.output

"""Every command: what it prints, what it writes, how it ends."""

from __future__ import annotations

import io
import json
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import pandas as pd
import pytest
import yaml

import corridor
from corridor.cli import main, options, terminal
from corridor.core import paths
from corridor.core.cache import Kept
from corridor.core.progress import Progress
from corridor.importers.add import RASTERS
from corridor.importers.entry.enter import POINT_ROLES, VECTOR_ROLES
from corridor.importers.roles import roles
from corridor.schema.tables import TABLES
from corridor.study.compare import Comparison, Wanted, wanted
from corridor.study.question import question
from corridor.study.study import Study
from corridor.web.write import write_comparison
from tests.conftest import Cli
from tests.paths import ROOT
from tests.strange_modules import plant

SHIPPED = {
    "baseline-2024", "committed-2030", "central-2035", "western-2035", "both-2035", "western-viaduct", "ecology-first", "clearance-joint",
    "baseline-2017", "baseline-2019", "baseline-2023", "before-line-13",
    "western-full-2046", "central-full-2046", "whole-2046", "co-location-hung-shui-kiu", "co-location-shenzhen-north", "wetland-parks",
    "service-hours", "resilience-lo-wu", "resilience-tuen-ma", "resilience-tunnel",
}  # fmt: skip
# Two stations' doors, and an island without a service.
HOMES = "id,lon,lat\nadmiralty,114.1652,22.2790\nfutian,114.0559,22.5375\n"
ISLAND = "113.9105,22.1660"  # Soko: land, nobody stops there


@pytest.fixture
def points(tmp_path: Path) -> Path:
    path = tmp_path / "points.csv"
    path.write_text(HOMES, encoding="utf-8")
    return path


# --- help, version, usage -----------------------------------------------------------------------------


@pytest.mark.parametrize("command", [[], ["compare"], ["run"], ["journey"], ["times"], ["scenarios"], ["scenarios", "list"], ["scenarios", "show"], ["scenarios", "validate"], ["layers"], ["layers", "list"], ["layers", "check"]])  # fmt: skip
def test_help(cli: Cli, command: list[str]) -> None:
    for flag in ("--help", "-h"):
        result = cli(*command, flag)
        assert result.exit_code == 0
        assert "Usage:" in result.output
        assert result.output.count("\n") > 4


def test_version(cli: Cli) -> None:
    assert cli("--version").output.strip().endswith(corridor.__version__)


@pytest.mark.parametrize(
    "command",
    [
        ["journeys"],
        ["journey", "admiralty"],
        ["journey", "admiralty", "lo-wu", "--when", "08:30"],
        ["times", "--origins", "a.csv"],
        ["run"],
        ["layers", "mend"],
    ],
)
def test_wrong_usage_ends_with_2(cli: Cli, command: list[str]) -> None:
    assert cli(*command).exit_code == 2


def test_help_has_a_line_for_each_command_under_headings(cli: Cli) -> None:
    for group in ([], ["layers"], ["layers", "add"], ["scenarios"]):
        lines = cli(*group, "--help").output.split("help         Show this")[0].splitlines()
        assert not [line for line in lines[1:] if line.endswith("...")]
    output = cli("--help").output
    headings = re.findall(r"^(\w+):$", output, re.MULTILINE)
    assert headings == [
        "Options",
        "Comparisons",
        "Scenarios",
        "Journeys",
        "Demand",
        "Places",
        "Layers",
        "Output",
    ]
    assert "Layers of your own:" in cli("layers", "--help").output


def test_help_loads_no_heavy_library() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from corridor.cli import main\n"
        "assert CliRunner().invoke(main, ['layers', 'add', '--help']).exit_code == 0\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'pandas', 'numpy', 'geopandas', 'numba', 'rich', 'yaml'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("command", "meant"), [(["journy"], "journey"), (["layers", "chek"], "check"), (["layers", "add", "rastr"], "raster")]
)  # fmt: skip
def test_a_misspelt_command_gets_the_nearest_name(cli: Cli, command: list[str], meant: str) -> None:
    result = cli(*command)
    assert result.exit_code == 2
    assert f"No such command '{command[-1]}'. Did you mean '{meant}'?" in result.output


# --- tables and progress -----------------------------------------------------------------------------


def test_a_table_in_a_file_is_plain(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [("a\x1b[2J", "1.0", "[red]text[/red]"), ("bb", "10.0", "x" * 300)]
    terminal.echo_parts("head [bold]", terminal.table(rows, "lrl", ("id", "n", ""), indent=2))
    assert capsys.readouterr().out.splitlines() == [
        "head [bold]",
        f"  id{' ' * 13}n",
        "  a\\u001b[2J   1.0  [red]text[/red]",
        f"  bb{' ' * 10}10.0  {'x' * 300}",
    ]


def test_a_table_fits_the_terminal_and_cuts_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm")
    frame = pd.DataFrame({"a b c d e": ["3,226,000"], "f": ["1,000,000"]}, index=["some words that are long"])
    shown = re.sub(r"\x1b\[[\d;]*m", "", terminal.rendered([terminal.frame_table(frame)], True))
    assert "3,226,000" in shown and "1,000,000" in shown
    assert max(map(len, shown.splitlines())) <= 40


def test_progress_in_a_file_is_a_line_for_each_step(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.progress("scoring", quiet=False) as tell:
        tell("first", 0, 2)
        tell("second\x07", 1, 2)
    with terminal.progress("scoring", quiet=True) as tell:
        tell("first", 0, 2)
    assert capsys.readouterr().err == "scoring 1/2 first\nscoring 2/2 second\\u0007\n"


def test_progress_on_a_terminal_is_a_bar_with_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(screen, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with terminal.progress("scoring", quiet=False) as tell:
        tell("[red]first\x1b[2J", 0, 2)
        tell("second", 1, 2)
        tell("other work", 0, 3)
    assert "scoring" in screen.getvalue() and "3/3" in screen.getvalue()
    assert "\x1b[2J" not in screen.getvalue()


def test_a_first_run_says_on_a_terminal_what_it_waits_for(
    shared: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    screen = io.StringIO()
    monkeypatch.setattr(screen, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", screen)
    with click.Context(main):
        options.open_study()
        assert screen.getvalue().startswith("First run: compiling takes")
        screen.truncate(0)
        (tmp_path / "corridor" / "kernels").mkdir(parents=True)
        options.open_study()
    assert screen.getvalue() == ""


# --- scenarios ---------------------------------------------------------------------------------------


def test_a_new_scenario_extends_the_do_minimum(
    cli: Cli, shared: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli("scenarios", "new", "my-idea").exit_code == 0
    written = yaml.safe_load((tmp_path / "my-idea.yaml").read_text(encoding="utf-8"))
    assert written["extends"] == question(shared).file.do_minimum


def test_a_scenario_file_of_a_study_points_to_it(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # without --study the layers that its lines need are not read
    monkeypatch.chdir(tmp_path)
    cli("init", "mine")
    made = cli("--study", "mine", "scenarios", "new", "my-idea")
    assert "'corridor --study mine scenarios validate mine/scenarios/my-idea.yaml'" in made.output
    said = cli("scenarios", "validate", "mine/scenarios/my-idea.yaml").output
    assert "note: my-idea.yaml is in the study mine; its layers count with --study mine" in said
    assert (
        "note:" not in cli("--study", "mine", "scenarios", "validate", "mine/scenarios/my-idea.yaml").output
    )


def test_a_study_that_is_shipped_is_opened_by_its_name_and_another_is_refused(cli: Cli) -> None:
    assert "precedent-tunnel-2002" in cli("--study", "precedent", "scenarios", "list").output
    refused = cli("--study", "precedant", "scenarios", "list")
    assert refused.exit_code == 1
    assert "Unknown study 'precedant'. Did you mean 'precedent'?" in refused.output
    assert "a study that is shipped: precedent" in refused.output


def test_scenarios_list(cli: Cli, shared: Study) -> None:
    result = cli("scenarios", "list")
    assert result.exit_code == 0
    heads = [line for line in result.output.splitlines() if not line.startswith(" ")]
    assert {h.split()[0] for h in heads} == SHIPPED
    assert "western-viaduct  (counterfactual)" in heads
    assert "clearance-joint  (lever, stacks with '+')" in heads
    assert "western-2035  (extends committed-2030)" in heads


def test_scenarios_list_as_data(cli: Cli, shared: Study) -> None:
    listed = json.loads(cli("scenarios", "list", "--json").stdout)
    assert set(listed) == SHIPPED
    for one in listed.values():
        assert set(one["title"]) == {"en", "zh-Hant", "zh-Hans"}
        assert one["question"]["en"].strip()


def test_scenarios_show_resolves_levers(cli: Cli, shared: Study) -> None:
    result = cli("scenarios", "show", "both-2035+clearance-joint")
    shown = yaml.safe_load(result.stdout)
    assert shown["id"] == "both-2035+clearance-joint"
    assert {w["id"] for w in shown["works"]} >= {
        "hswrl",
        "northern-link",
        "northern-link-spur",
        "kwu-tung-station",
    }
    assert any(e["regime"] == "joint_clearance" for e in shown["checkpoint_edits"])


def test_scenarios_validate(cli: Cli, shared: Study) -> None:
    result = cli("scenarios", "validate")
    assert result.exit_code == 0
    assert {line.split(":")[0] for line in result.output.splitlines()} == SHIPPED
    assert all(line.endswith("in order") for line in result.output.splitlines())


def test_the_scenario_of_the_readme(cli: Cli, tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(id: western-slower-2035\n.*?)```", text, re.DOTALL)
    path = tmp_path / "western-slower-2035.yaml"
    path.write_text(example, encoding="utf-8")
    result = cli("scenarios", "validate", path)
    assert (result.exit_code, result.output) == (0, "western-slower-2035: in order\n")


# --- layers ------------------------------------------------------------------------------------------


def test_the_roles_are_listed_each_with_an_example_that_names_it(cli: Cli) -> None:
    listed = list(roles())
    assert {role for role, *_ in listed} == {*VECTOR_ROLES, *POINT_ROLES, *RASTERS}
    for role, *_, example in listed:
        words = example.split()
        assert f"--role {role} " in f"{example} " or f"replace {role} " in example
        given = {words[i + 1].partition("=")[0] for i, w in enumerate(words) if w == "--set"}
        given |= {words[i + 1].partition("=")[2] for i, w in enumerate(words) if w == "--map"}
        assert given <= {c.name for c in TABLES[role].columns} if given else True
    said = cli("layers", "roles")
    assert (
        said.exit_code == 0
        and "stations, stops and piers: points" in said.output
        and "headways" in said.output
    )


def test_layers_list(cli: Cli, shared: Study) -> None:
    result = cli("layers", "list")
    assert result.exit_code == 0
    ids = {line.split()[0] for line in result.output.splitlines() if not line.startswith(" ")}
    assert ids == {e.id for e in shared.catalog.entries}
    listed = json.loads(cli("layers", "list", "--json").stdout)
    assert {e["id"] for e in listed} == ids
    for entry in listed:
        assert entry["source"] and entry["licence"] and entry["date"] and len(entry["sha256"]) == 64
        assert entry["title"]["zh-Hant"] and entry["title"]["zh-Hans"]


def test_every_layer_says_whom_a_map_must_name(shared: Study) -> None:
    assert [e.id for e in shared.catalog.entries if not e.attribution.strip()] == []


def test_layers_check(cli: Cli) -> None:
    result = cli("layers", "check")
    assert result.exit_code == 0, result.output
    assert re.fullmatch(r"\d+ layers in order\n", result.output)


# --- journey -----------------------------------------------------------------------------------------


def test_journey_in_words(cli: Cli, shared: Study) -> None:
    result = cli("journey", "Admiralty", "Futian CBD", "--at", "21:30")
    assert result.exit_code == 0
    text = result.output
    assert text.startswith("Admiralty to Futian CBD, baseline-2024, leaving 21:30:")
    assert re.search(r"^  21:30 +\d+\.\d min  ", text, re.MULTILINE)
    assert "Through lok-ma-chau-spur, the cheapest of these, time and fare together:" in text
    assert re.search(r"HK\$54\.4 \(CNY 50\.0\)$", text.splitlines()[0])
    assert re.search(r"^ +\d+\.\d min  HK\$\d+\.\d\*  +cost \d+\.\d  west-kowloon", text, re.MULTILINE)
    assert re.search(r"no service +man-kam-to +\(.+\)", text)
    assert "fare 68.0 at HK$48 an hour" in text and "HK$1 = CNY 0.92" in text


def test_the_soonest_journey_in_words(cli: Cli, shared: Study) -> None:
    text = cli("journey", "Central", "Futian CBD", "--least", "time").output
    assert "Through west-kowloon, the soonest of these:" in text
    assert re.search(r"^ +\d+\.\d min  HK\$54\.4 +cost \d+\.\d  lok-ma-chau-spur", text, re.MULTILINE)
    assert "ticketing 15.0" in text and "clearance 15.0 at west-kowloon" in text
    assert cli("journey", "Central", "Futian CBD", "--least", "money").exit_code == 2


def test_journey_as_data(cli: Cli, shared: Study) -> None:
    data = json.loads(
        cli("journey", "hung-shui-kiu", "qianhai", "--scenario", "western-2035", "--json").stdout
    )
    assert data["scenario_id"] == "western-2035"
    assert data["depart_clock_s"] == 8.5 * 3600
    assert data["checkpoints"] == ["hswrl-qianhai"]
    assert data["time_s"] == pytest.approx(sum(leg["time_s"] for leg in data["legs"]))
    assert data["fare_hkd"] == pytest.approx(sum(leg["fare_hkd"] for leg in data["legs"]))
    assert data["fare_cny"] == pytest.approx(0.92 * data["fare_hkd"])
    assert data["fare_assumed"] and data["objective"] == "cost" and data["cost_s"] > data["time_s"]
    assert data["rates"]["value_of_time_hkd_h"] == 48
    (leg,) = data["legs"]
    assert (leg["lines"], leg["in_vehicle_s"], leg["clearance_s"]) == (["hswrl"], pytest.approx(900), 900)
    assert {a["checkpoint_id"] for a in data["alternatives"]} >= {"lo-wu", "shenzhen-bay", "hswrl-qianhai"}


def test_journey_from_a_position_on_one_side(cli: Cli, shared: Study) -> None:
    result = cli("journey", "114.1652,22.2790", "admiralty")
    assert result.exit_code == 0
    assert "Through" not in result.output and "Control points" not in result.output


# --- times -------------------------------------------------------------------------------------------


def test_times(cli: Cli, shared: Study, points: Path, tmp_path: Path) -> None:
    out = tmp_path / "minutes.csv"
    result = cli("times", "--origins", points, "--destinations", points, "--at", "08:30", "--out", out)
    assert result.exit_code == 0
    assert "4 pairs written to" in result.output
    assert out.read_text(encoding="utf-8").splitlines()[0] == "from,to,minutes"
    table = pd.read_csv(out).set_index(["from", "to"])["minutes"]
    assert table["admiralty", "admiralty"] == 0
    assert 60 < table["admiralty", "futian"] < 120
    assert 60 < table["futian", "admiralty"] < 120


def test_times_are_blank_where_there_is_no_way(cli: Cli, shared: Study, points: Path, tmp_path: Path) -> None:
    far, out = tmp_path / "far.csv", tmp_path / "minutes.csv"
    far.write_text(f"\ufeffid,lon,lat,note\n01,{ISLAND},an island\n", encoding="utf-8")
    result = cli("times", "--origins", points, "--destinations", far, "--out", out)
    assert result.exit_code == 0
    assert out.read_text(encoding="utf-8") == "from,to,minutes\nadmiralty,01,\nfutian,01,\n"
    assert "2 without service (blank)" in result.output


def test_times_quietly(cli: Cli, shared: Study, points: Path, tmp_path: Path) -> None:
    out = tmp_path / "minutes.csv"
    result = cli("times", "--origins", points, "--destinations", points, "--out", out, "--quiet")
    assert (result.exit_code, result.output) == (0, "")
    assert out.exists()


# --- compare and run ---------------------------------------------------------------------------------


@pytest.fixture
def worked_out(monkeypatch: pytest.MonkeyPatch, small: Comparison, shared: Study) -> list[tuple[str, ...]]:
    """The comparison is the one of the session; what was asked for is kept."""
    asked: list[tuple[str, ...]] = []

    def of_this_session(study: Study, scenarios: Sequence[str] = (), *files: Any) -> Wanted:
        asked.append(tuple(scenarios))
        return wanted(study, ["committed-2030"], *files)

    def compared(study: Study, asked: Wanted, progress: Progress) -> Comparison:
        progress("committed-2030", 0, 1)
        return small

    monkeypatch.setattr("corridor.study.compare.wanted", of_this_session)
    monkeypatch.setattr("corridor.study.compare.compared", compared)
    return asked


def test_run_writes_below_maps_by_its_name(
    cli: Cli, worked_out: list[tuple[str, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = cli("run", "committed-2030")
    assert result.exit_code == 0, result.output
    assert worked_out == [("committed-2030",)]
    assert (tmp_path / "maps" / "committed-2030" / "index.html").is_file()
    assert "statutory conclusion" in result.output
    assert "Open maps/committed-2030/index.html" in result.output


def test_compare_asks_for_all_by_default_and_prints_data(
    cli: Cli, worked_out: list[tuple[str, ...]], tmp_path: Path
) -> None:
    opened: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("webbrowser.open", opened.append)
        result = cli("compare", "--out", tmp_path / "out", "--quiet", "--json", "--open")
    assert worked_out == [()]
    assert result.exit_code == 0
    assert json.loads(result.stdout)["reference"] == "committed-2030"
    assert opened == [(tmp_path / "out" / "index.html").resolve().as_uri()]


def test_compare_in_a_process_of_its_own(study: Study, small: Comparison, kept: Kept, tmp_path: Path) -> None:
    """As a planner would, the second time: another folder, no set-up, results that another process kept. Values are those
    of the session's comparison, and so are the files, byte for byte; files named after modules lie there too."""
    plant(tmp_path, tmp_path / "owned")
    done = subprocess.run(
        [sys.executable, "-m", "corridor", "compare", "committed-2030", "--csv", "--out", "out", "--json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CORRIDOR_CACHE": str(kept.folder)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    assert (
        "scoring" not in done.stderr and "writing" in done.stderr
    )  # how far it is; nothing was worked out again
    values = json.loads(done.stdout)["values"]
    assert set(values) == {"committed-2030"}
    for criterion, value in small.headline.loc["committed-2030"].items():
        assert values["committed-2030"][str(criterion)] == pytest.approx(value, rel=1e-9, abs=1e-6)
    write_comparison(study, small, tmp_path / "again", csv=True)
    assert not (tmp_path / "owned").exists()
    out = tmp_path / "out"
    written = sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file())
    assert {"index.html", "results.gpkg", "rasters/access_jobs_60_0830.tif"} <= set(written)
    for name in written:
        one, two = ((tmp_path / folder / name).read_bytes() for folder in ("out", "again"))
        assert one == two, name


@pytest.mark.parametrize("script", sorted(p.name for p in paths.scenarios_dir().glob("*.py")))
def test_scripts_are_short_and_go_through_the_public_names(script: str) -> None:
    text = (paths.scenarios_dir() / script).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 40
    assert "from corridor import" in text


@pytest.mark.parametrize("script", ["checkpoint_or_railway.py", "tunnel_or_viaduct.py"])
def test_the_scripts_run(script: str, shared: Study, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(paths.scenarios_dir() / script), run_name="__main__")
    assert len(capsys.readouterr().out.splitlines()) > 4

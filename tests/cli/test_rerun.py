"""A run done again: the same numbers, or what changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import corridor.cli.rerun as module
from corridor.cli.rerun import rerun
from corridor.core.errors import CorridorError, ScenarioError
from corridor.formats.provenance import provenance
from corridor.formats.tables import criteria_table
from corridor.study.compare import Comparison
from corridor.study.study import Study


@pytest.fixture
def run(small: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A written run, and a program that works out the same comparison at once."""
    study = Study.bundled()
    criteria_table(small).to_csv(tmp_path / "results.csv", index=False, float_format="%.6g")
    (tmp_path / "run.json").write_text(json.dumps(provenance(study, small)), encoding="utf-8")
    monkeypatch.setattr(module, "compare", lambda *_, **__: small)
    return tmp_path / "run.json"


def edit(run: Path, change: Any) -> None:
    data = json.loads(run.read_text(encoding="utf-8"))
    change(data)
    run.write_text(json.dumps(data), encoding="utf-8")


def test_the_same_inputs_give_the_same_numbers(run: Path) -> None:
    again = rerun(Study.bundled(), run)
    assert again.changed == () and again.differences.empty


def test_what_changed_is_said_by_name(run: Path) -> None:
    def change(data: dict[str, Any]) -> None:
        data["layers"]["cells"]["sha256"] = "0" * 64
        data["layers"]["old"] = data["layers"].pop("places")
        data["program"]["numpy"] = "0.1"
        data["scenarios"]["committed-2030"]["year"] = 2031

    edit(run, change)
    said = rerun(Study.bundled(), run).changed
    assert any(line.startswith("layer cells: people/cells.csv is another file") for line in said)
    assert "layer old: gone" in said and "layer places: new" in said
    assert "scenario committed-2030: other year" in said
    assert any(line.startswith("version of numpy: was 0.1") for line in said)


def test_another_comparison_file_or_panel_is_named(run: Path, tmp_path: Path) -> None:
    def change(data: dict[str, Any]) -> None:
        data["asked"]["comparison.yaml"]["sha256"] = "0" * 64
        data["asked"][str(tmp_path / "gone.csv")] = {"kind": "given weights", "sha256": "0" * 64}

    edit(run, change)
    said = rerun(Study.bundled(), run).changed
    assert "comparison comparison.yaml: another file" in said
    assert f"given weights {tmp_path / 'gone.csv'}: gone" in said


def test_weights_given_with_the_command_are_given_again(run: Path, monkeypatch: Any) -> None:
    mine = run.parent / "mine.csv"
    mine.write_text("judge,hub_cost_0830\na,100\n", encoding="utf-8")
    edit(run, lambda data: data["asked"].update({str(mine): {"kind": "given weights", "sha256": "0"}}))
    asked: list[Any] = []
    compared = module.compare
    monkeypatch.setattr(module, "compare", lambda *given, **named: asked.append(named) or compared(*given))
    rerun(Study.bundled(), run)
    assert asked[0]["weights"] == [mine]


def test_other_numbers_are_listed(run: Path) -> None:
    table = pd.read_csv(run.parent / "results.csv")
    table.loc[0, "value"] += 1000
    table.to_csv(run.parent / "results.csv", index=False)
    differences = rerun(Study.bundled(), run).differences
    assert len(differences) == 1
    assert differences["before"].iloc[0] - differences["now"].iloc[0] == pytest.approx(
        1000, abs=10
    )  # six digits


def test_parameters_are_those_of_the_run(run: Path) -> None:
    edit(run, lambda data: data["access_parameters"].update(hub_limit_min=90))
    study = Study.bundled()
    rerun(study, run)
    assert study.parameters.hub_limit_min == 90
    assert study.parameters.hours == ("08:30", "23:00")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "cannot be read"),
        ("[]", "holds no names with values"),
        (
            '{"program": {}, "scenarios": {"a": {}}, "layers": {}, "review": {"scenario": "b"}}',
            "which scenario was reviewed",
        ),
        (
            '{"program": {}, "scenarios": {"baseline-2024": {}}, "layers": {}, "access_parameters": {"speed": 1}}',
            "speed",
        ),
        (
            '{"program": {}, "scenarios": {"baseline-2024": {}}, "layers": {}, "access_parameters": {"hub_limit_min": "x"}}',
            "hub_limit_min",
        ),
    ],
)
def test_what_is_no_run_says_so(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "run.json").write_text(text, encoding="utf-8")
    with pytest.raises(CorridorError, match=says):
        rerun(Study.bundled(), tmp_path / "run.json")


def test_without_its_table_there_is_nothing_to_compare(run: Path) -> None:
    (run.parent / "results.csv").unlink()
    with pytest.raises(CorridorError, match="results.csv"):
        rerun(Study.bundled(), run)


def test_a_scenario_that_was_a_file_is_asked_for(tmp_path: Path) -> None:
    run = tmp_path / "run.json"
    scenarios: dict[str, Any] = {"own-idea+clearance-joint": {}, "other-idea": {}, "committed-2030": {}}
    said = {"program": {}, "scenarios": scenarios, "layers": {}, "access_parameters": {}}
    run.write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(
        ScenarioError, match="compares other-idea, own-idea, which .* each file after run.json"
    ):
        rerun(Study.bundled(), run)

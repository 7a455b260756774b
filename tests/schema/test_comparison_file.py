"""The comparison file and files of weights: what they mean, and how a wrong one is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from corridor.core import paths
from corridor.core.errors import ScenarioError
from corridor.schema.comparison import read_comparison, schema_text
from corridor.schema.weights import read_weights
from corridor.study.criteria import MEASURED
from corridor.study.question import question, shipped_comparison
from corridor.study.study import Study

SHIPPED = paths.scenarios_dir() / "comparison.yaml"
SCENARIOS = ("baseline-2024", "committed-2030")
GOOD = """\
do_minimum: committed-2030
scenarios: [baseline-2024, committed-2030]
criteria:
  - id: hub_minutes_0830
    title: {en: Minutes}
    unit: min
    direction: lower
    group: access
    confidence: C
    anchor:
      change: -10
      value: 1
      reason: {en: a test}
      confidence: M
  - id: permanent_wetland_ha
    title: {en: Wetland}
    unit: ha
    direction: lower
    group: nature
    confidence: C
    anchor: {change: 2, value: -1, reason: {en: a test}, confidence: M}
weights: [weights/a.csv]
pairs:
  - id: one
    question: {en: What}
    terms: {committed-2030: 1, baseline-2024: -1}
"""


def read(tmp_path: Path, text: str):
    path = tmp_path / "comparison.yaml"
    path.write_text(text, encoding="utf-8")
    return read_comparison(path, MEASURED, SCENARIOS)


def told(tmp_path: Path, old: str, new: str) -> str:
    assert old in GOOD
    with pytest.raises(ScenarioError) as caught:
        read(tmp_path, GOOD.replace(old, new, 1))
    return str(caught.value)


def test_a_good_file(tmp_path: Path) -> None:
    file = read(tmp_path, GOOD)
    assert [c.id for c in file.scored] == ["hub_minutes_0830", "permanent_wetland_ha"]
    assert file.criteria[0].anchor.of(-5) == 0.5 and file.criteria[1].anchor.of(3) == -1.5


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("change: -10", "change: 10", "comparison.yaml:10: criteria.0.anchor; expected a change below 0, not 10: lower is better here and the value is 1"),
        ("change: 2, value: -1", "change: 2, value: 1", "comparison.yaml:21: criteria.1.anchor; expected a change below 0, not 2"),
        ("change: 2, value: -1", "change: -2, value: -1", "comparison.yaml:21: criteria.1.anchor; expected a change above 0, not -2"),
        ("change: -10", "change: 0", "comparison.yaml:11: criteria.0.anchor.change (found 0); expected a change other than 0"),
        ("change: -10", "change: .nan", "comparison.yaml:11: criteria.0.anchor.change (found nan); expected"),
        ("change: -10", "change: .inf", "comparison.yaml:11: criteria.0.anchor.change (found inf)"),
        ("value: 1", "value: 2", "comparison.yaml:12: criteria.0.anchor.value (found 2); expected"),
        ("id: permanent_wetland_ha", "id: permanent_wetlands_ha", "comparison.yaml:15: criterion 'permanent_wetlands_ha' is not measured; expected an id that the program measures; did you mean 'permanent_wetland_ha'"),
        ("id: permanent_wetland_ha", "id: hub_minutes_0830", "comparison.yaml:15: 'hub_minutes_0830' a second time in criteria"),
        ("direction: lower", "direction: down", "expected one of higher, lower"),
        ("scenarios: [", "opens_on: western\nscenarios: [", "comparison.yaml:2: Unknown scenario 'western'."),
        ("do_minimum: committed-2030", "do_minimum: comitted-2030", "comparison.yaml:1: Unknown scenario 'comitted-2030'. Did you mean 'committed-2030'? Use a scenario of the study"),
        ("[baseline-2024, ", "[nothing+committed-2030, ", "comparison.yaml:2: Unknown scenario 'nothing'"),
        ("baseline-2024: -1", "baseline-2024: -2", "comparison.yaml:26: pairs.0.terms.baseline-2024 (found -2)"),
        ("unit: min", "units: min", "criteria.0.units is not a known key; expected one of the keys of the comparison schema"),
        ("baseline-2024: -1}\n", "baseline-2024: -1}\n    point: tunnel\n  - id: two\n    question: {en: What}\n    terms: {committed-2030: 1, baseline-2024: -1}\n    point: tunnel\n", "comparison.yaml:31: point 'tunnel' a second time in pairs"),
        ("baseline-2024: -1}\n", "baseline-2024: -1}\n    point: bridge\n", "comparison.yaml:27: pairs.0.point (found 'bridge'); expected one of line, lines_together"),
        ("weights/a.csv", "weights/a.csv, more/a.csv", "'a' a second time in weights"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert says in told(tmp_path, old, new)


def test_all_faults_of_a_file_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("change: -10", "change: 0").replace("permanent_wetland_ha", "wetland")
    with pytest.raises(ScenarioError) as caught:
        read(tmp_path, text)
    assert len(caught.value.problems) == 2


# --- the shipped file ------------------------------------------------------------------------------


def test_the_shipped_file_gives_a_reason_in_three_scripts_for_every_anchor() -> None:
    file = shipped_comparison()
    assert {c.group for c in file.scored} == {"access", "nature"}
    for c in file.scored:
        assert c.anchor and all(
            len(getattr(c.anchor.reason, s)) > 10 for s in ("en", "zh_hant", "zh_hans")
        ), c.id
    for text in (*(c.title for c in file.criteria), *(p.question for p in file.pairs)):
        assert text.zh_hant and text.zh_hans, text.en


def test_a_hectare_of_a_higher_class_counts_more() -> None:
    points = {c.id: abs(c.anchor.of(1)) for c in shipped_comparison().scored if c.anchor}
    order = ["ramsar_sssi", "wetland_area", "wetland_outside", "other_outside"]
    found = [points[f"permanent_{name}_ha"] for name in order]
    assert found == sorted(found, reverse=True) and len(set(found)) == len(found)
    assert points["permanent_wetland_area_ha"] > points["permanent_park_ha"]


def test_the_schema_for_editors_is_in_step() -> None:
    written = (paths.scenarios_dir() / "comparison.schema.json").read_text(encoding="utf-8")
    assert written == schema_text(), (
        "run: corridor scenarios schema --comparison > scenarios/comparison.schema.json"
    )


def test_the_shipped_panels_are_illustrative(study: Study) -> None:
    panels = question(study).panels
    assert [p.panel_id for p in panels] == ["planner", "reviewer", "equal"]
    for panel in panels:
        assert all(judge.startswith("illustrative") for judge in panel.judges)
        assert panel.weights.sum(axis=1) == pytest.approx(1)
    access = sum(c.group == "access" for c in shipped_comparison().scored)
    assert [p.weights[0, :access].sum() for p in panels] == pytest.approx([0.65, 0.30, 0.50])


def test_a_study_may_bring_its_own_file_and_weights(tmp_path: Path) -> None:
    from corridor.schema.catalog import Catalog
    from corridor.study.compare import default_scenarios

    (tmp_path / "weights").mkdir()
    (tmp_path / "comparison.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "weights" / "a.csv").write_text("judge,hub_minutes_0830,permanent_wetland_ha\nx,40,60\n")
    own = Study(Catalog.bundled(), (paths.scenarios_dir(), tmp_path))
    asked = question(own)
    assert default_scenarios(own, asked) == SCENARIOS
    assert asked.panels[0].weights.tolist() == [[0.4, 0.6]]
    assert {name: file.kind for name, file in asked.asked.items()} == {
        "comparison.yaml": "comparison", "weights/a.csv": "weights"
    }  # fmt: skip
    assert "comparison" not in own.library.ids()


# --- weights ---------------------------------------------------------------------------------------

PLAIN = "judge,hub_minutes_0830,permanent_wetland_ha"


def panel(tmp_path: Path, text: str):
    path = tmp_path / "panel.csv"
    path.write_text(text, encoding="utf-8")
    return read_weights(path, read(tmp_path, GOOD).scored)


def test_points_of_a_row_are_shares_of_a_hundred(tmp_path: Path) -> None:
    found = panel(tmp_path, f"{PLAIN}\na,40,60\nb,100,0\n")
    assert found.judges == ("a", "b")
    np.testing.assert_allclose(found.weights, [[0.4, 0.6], [1, 0]])


def test_thirds_of_a_hundred_will_do(tmp_path: Path) -> None:
    found = panel(tmp_path, f"{PLAIN}\na,33.33,66.63\n")
    assert found.weights.sum() == pytest.approx(1)
    # a group without points needs none within
    np.testing.assert_allclose(panel(tmp_path, f"{PLAIN},access,nature\na,0,100,0,100\n").weights, [[0, 1]])


def test_points_within_groups_count_by_the_points_of_the_group(tmp_path: Path) -> None:
    found = panel(tmp_path, "permanent_wetland_ha,judge,access,nature,hub_minutes_0830\n100,a,30,70,100\n")
    np.testing.assert_allclose(found.weights, [[0.3, 0.7]])


def test_a_criterion_without_a_column_has_no_weight(tmp_path: Path) -> None:
    np.testing.assert_allclose(panel(tmp_path, "judge,hub_minutes_0830\na,100\n").weights, [[1, 0]])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"{PLAIN}\na,40,50\n", "panel.csv:2: judge 'a': the points of the criteria add up to 90; expected 100"),
        (f"{PLAIN}\na,40,60\n\nb,70,60\n", "panel.csv:4: judge 'b': the points of the criteria add up to 130; expected 100"),
        (f"{PLAIN}\na,-40,140\n", "panel.csv:2: judge 'a': hub_minutes_0830 has '-40' points; expected a number from 0 to 100"),
        (f"{PLAIN}\na,150,0\n", "panel.csv:2: judge 'a': hub_minutes_0830 has '150' points; expected a number from 0 to 100"),
        (f"{PLAIN}\na,33.3,66.6\n", "panel.csv:2: judge 'a': the points of the criteria add up to 99.9; expected 100"),
        (f"{PLAIN}\na,many,60\n", "panel.csv:2: judge 'a': hub_minutes_0830 has 'many' points"),
        (f"{PLAIN}\na,nan,60\n", "hub_minutes_0830 has 'nan' points"),
        (f"{PLAIN}\na,,100\n", "hub_minutes_0830 has '' points"),
        (f"{PLAIN}\na,40\n", "panel.csv:2: 2 cells; expected 3, as the header has"),
        (f"{PLAIN}\na,40,60\na,50,50\n", "panel.csv:3: judge 'a' a second time; expected each judge once"),
        (f"{PLAIN}\n,40,60\n", "panel.csv:2: no judge"),
        ("judge,hub_minute_0830\na,100\n", "panel.csv:1: Unknown criterion 'hub_minute_0830'. Did you mean 'hub_minutes_0830'? Use a criterion that has a value, or access and nature"),
        (f"{PLAIN},hub_minutes_0830\na,40,60,0\n", "panel.csv:1: column 'hub_minutes_0830' a second time"),
        ("hub_minutes_0830\n100\n", "panel.csv:1: no column 'judge'"),
        (f"{PLAIN},access\na,100,100,100\n", "panel.csv:1: only the group access; expected all groups or none"),
        (f"{PLAIN},access,nature\na,100,100,40,50\n", "panel.csv:2: judge 'a': the points of the groups add up to 90; expected 100"),
        (f"{PLAIN},access,nature\na,90,100,40,60\n", "panel.csv:2: judge 'a': the points of the criteria of access add up to 90; expected 100"),
        (f"{PLAIN},access,nature\na,90,100,0,100\n", "the points of the criteria of access add up to 90"),  # though access weighs nothing
        (f"{PLAIN}\n", "panel.csv: has 0 rows of judges; expected 1 to 10,000, under a header"),
        ("", "has 0 rows of judges"),
        ('judge,"hub', "cannot be read"),
    ],
)  # fmt: skip
def test_wrong_weights_are_told_with_file_line_and_value(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        panel(tmp_path, text)
    assert says in str(caught.value)


def test_all_wrong_rows_at_once(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        panel(tmp_path, f"{PLAIN}\na,40,50\nb,1,2\nb,40,60\n")
    assert len(caught.value.problems) == 3


def test_two_panels_of_one_name_and_a_missing_file(tmp_path: Path, study: Study) -> None:
    twin = tmp_path / "planner.csv"
    twin.write_text("judge,hub_cost_0830\na,100\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="a panel 'planner' is there already"):
        question(study, [twin])
    with pytest.raises(ScenarioError, match="cannot be read"):
        question(study, [tmp_path / "none.csv"])


def test_wrong_weights_stop_a_comparison_before_any_work(cli, shared, tmp_path: Path) -> None:
    wrong = tmp_path / "mine.csv"
    wrong.write_text("judge,hub_cost_0830\na,99\n", encoding="utf-8")
    result = cli("compare", "--weights", wrong, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "mine.csv:2: judge 'a': the points of the criteria add up to 99; expected 100" in result.output
    assert not (tmp_path / "out").exists()


def test_the_shipped_file_is_plain_yaml() -> None:
    assert yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))["do_minimum"] == "committed-2030"


def test_phases_are_in_order_and_of_known_scenarios(tmp_path: Path) -> None:
    phases = "phases: [{year: 2024, scenario: baseline-2024}, {year: 2030, scenario: committed-2030}]\n"
    assert [p.year for p in read(tmp_path, GOOD + phases).phases] == [2024, 2030]
    with pytest.raises(ScenarioError, match="years in rising order, not 2024, 2020"):
        read(tmp_path, GOOD + phases.replace("2030,", "2020,"))
    with pytest.raises(
        ScenarioError, match="Unknown scenario 'comitted-2030'. Did you mean 'committed-2030'"
    ):
        read(tmp_path, GOOD + phases.replace("committed-2030", "comitted-2030"))

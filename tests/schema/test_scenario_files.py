"""Scenario files: what they resolve to, and how a wrong one is reported."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from corridor.cli import options
from corridor.core import paths
from corridor.core.errors import ScenarioError
from corridor.schema.scenario import ScenarioLibrary, read_proposals, schema_text

HEAD = """\
id: {id}
title: {{en: Try, zh-Hant: 試, zh-Hans: 试}}
question: {{en: "What if?", zh-Hant: 如何, zh-Hans: 如何}}
"""


@pytest.fixture(scope="module")
def proposals():
    return read_proposals(paths.layers_dir() / "proposals" / "proposals.yaml")


def library(tmp_path: Path, proposals, **files: str) -> ScenarioLibrary:
    for name, text in files.items():
        stem = name.replace("_", "-")
        (tmp_path / f"{stem}.yaml").write_text(HEAD.format(id=stem) + text, encoding="utf-8")
    return ScenarioLibrary([paths.scenarios_dir(), tmp_path], proposals)


def test_every_shipped_scenario_resolves(proposals):
    shipped = ScenarioLibrary([paths.scenarios_dir()], proposals)
    assert set(shipped.ids()) >= {
        "baseline-2024", "committed-2030", "central-2035", "western-2035", "both-2035", "western-viaduct", "ecology-first", "clearance-joint",
    }  # fmt: skip
    for scenario_id in shipped.ids():
        file, _ = shipped.file(scenario_id)
        if file.kind == "scenario":
            shipped.resolve(scenario_id)
    assert shipped.resolve("western-viaduct").counterfactual
    assert not shipped.resolve("western-2035").counterfactual


def test_a_lever_stacks_and_is_measured_against_what_it_lies_on(proposals):
    stacked = ScenarioLibrary([paths.scenarios_dir()], proposals).resolve("both-2035+clearance-joint")
    assert stacked.reference == "both-2035"
    assert {e.id for e in stacked.checkpoint_edits if e.regime == "joint_clearance"} >= {
        "huanggang",
        "heung-yuen-wai",
        "shenzhen-bay",
    }


def test_the_viaduct_changes_structure_only(proposals):
    shipped = ScenarioLibrary([paths.scenarios_dir()], proposals)
    tunnel, viaduct = (
        {w.id: w for w in shipped.resolve(s).works}["hswrl"] for s in ("western-2035", "western-viaduct")
    )
    for same in ("stops", "length_km", "run_time_min", "headway_min", "hours", "clearance", "alignment"):
        assert getattr(tunnel, same) == getattr(viaduct, same), same
    assert {p.structure for p in tunnel.profile} == {"bored_tunnel"}
    assert {p.structure for p in viaduct.profile} & {"viaduct", "bridge"}


def message(tmp_path, proposals, scenario_id="mine", **files) -> str:
    with pytest.raises(ScenarioError) as caught:
        library(tmp_path, proposals, **files).resolve(scenario_id)
    return str(caught.value)


def given(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.yaml"
    path.write_text(HEAD.format(id=name) + text, encoding="utf-8")
    return path


def test_a_file_may_not_take_the_id_of_a_shipped_scenario(tmp_path, proposals):
    shipped = ScenarioLibrary([paths.scenarios_dir()], proposals)
    before = shipped.resolve("western-2035")
    mine = given(tmp_path, "western-2035", "extends: committed-2030\n")
    with pytest.raises(ScenarioError) as caught:
        shipped.add_file(mine)
    (problem,) = caught.value.problems
    assert problem.where == str(mine)
    assert "'western-2035'" in problem.what and "scenarios" in problem.what
    assert "rename" in problem.remedy
    assert shipped.resolve("western-2035") == before


def test_a_copy_of_a_shipped_scenario_is_that_scenario(tmp_path, proposals):
    shipped = ScenarioLibrary([paths.scenarios_dir()], proposals)
    copy = tmp_path / "western-2035.yaml"
    copy.write_bytes((paths.scenarios_dir() / copy.name).read_bytes())
    assert shipped.add_file(copy) == "western-2035"
    assert shipped.resolve("western-2035").id == "western-2035"


def test_a_file_extends_what_lies_beside_it(tmp_path, proposals):
    given(tmp_path, "first", "extends: committed-2030\nyear: 2041\n")
    given(tmp_path, "second", "extends: first\n")
    third = given(tmp_path, "third", "extends: second\n")
    files = ScenarioLibrary([paths.scenarios_dir()], proposals)
    resolved = files.resolve(files.add_file(third))
    assert (resolved.year, resolved.reference) == (2041, "second")


def test_a_lever_may_lie_beside_a_file(tmp_path, proposals):
    given(tmp_path, "later", "kind: lever\nyear: 2041\n")
    files = ScenarioLibrary([paths.scenarios_dir()], proposals)
    base = files.add_file(given(tmp_path, "mine", "extends: committed-2030\n"))
    assert files.resolve(f"{base}+later").year == 2041


def test_what_lies_beside_may_not_take_the_id_of_a_shipped_scenario(tmp_path, proposals):
    """Which of the two is meant cannot be known."""
    given(tmp_path, "committed-2030", "year: 2041\n")
    files = ScenarioLibrary([paths.scenarios_dir()], proposals)
    files.add_file(given(tmp_path, "mine", "extends: committed-2030\n"))
    with pytest.raises(ScenarioError, match="has the id 'committed-2030'"):
        files.resolve("mine")


@pytest.mark.parametrize("levers", ["", "+clearance-joint"])
def test_a_path_may_hold_a_plus(tmp_path, proposals, levers):
    study = SimpleNamespace(library=ScenarioLibrary([paths.scenarios_dir()], proposals))
    path = given(tmp_path / "a+b.yaml" / "c+d", "mine", "extends: committed-2030\n")
    assert options.scenario_id(study, f"{path}{levers}") == f"mine{levers}"
    assert study.library.resolve(f"mine{levers}").id == f"mine{levers}"


def test_a_missing_file_is_told_even_where_its_name_is_known(tmp_path, proposals):
    with pytest.raises(ScenarioError, match="cannot be read"):
        ScenarioLibrary([paths.scenarios_dir()], proposals).add_file(tmp_path / "western-2035.yaml")


def test_hours_of_a_line_are_told_with_their_value(tmp_path, proposals):
    text = message(
        tmp_path,
        proposals,
        mine="extends: western-2035\nlines:\n  change:\n  - id: hswrl\n    hours: ['06:00', '25:99']\n",
    )
    assert "mine.yaml:8" in text and "'25:99'" in text and "HH:MM" in text


def test_a_choice_names_the_nearest(tmp_path, proposals):
    text = message(
        tmp_path,
        proposals,
        mine="extends: committed-2030\ncheckpoints: {change: [{id: huanggang, regime: co-location}]}\n",
    )
    assert "'co-location'" in text
    assert "separate_walk, separate_bus, co_location, joint_clearance; did you mean 'co_location'" in text


def test_an_unknown_line_names_the_nearest(tmp_path, proposals):
    text = message(tmp_path, proposals, mine="extends: committed-2030\nlines: {add: [hswlr]}\n")
    assert "mine.yaml:5" in text
    assert "hswlr" in text
    assert "Did you mean 'hswrl'" in text


def test_an_unknown_key_is_an_error_with_its_line(tmp_path, proposals):
    text = message(tmp_path, proposals, mine="extends: committed-2030\nheadways: 3\n")
    assert "mine.yaml:5: headways is not a known key" in text


def test_all_problems_of_a_file_come_at_once(tmp_path, proposals):
    text = message(
        tmp_path,
        proposals,
        mine="extends: committed-2030\nyear: soon\ncheckpoints: {change: [{id: huanggang, regime: quick}]}\n",
    )
    assert text.count("\n- ") == 1
    assert "mine.yaml:5" in text
    assert "mine.yaml:6" in text


def test_a_change_of_a_line_is_checked_like_a_line(tmp_path, proposals):
    text = message(
        tmp_path,
        proposals,
        mine="extends: western-2035\nlines:\n  change:\n  - id: hswrl\n    run_time_min: -3\n",
    )
    assert "mine.yaml:8" in text
    assert "run_time_min" in text


def test_changing_a_line_that_is_not_there(tmp_path, proposals):
    assert "which the scenario does not add" in message(
        tmp_path, proposals, mine="extends: committed-2030\nlines: {change: [{id: hswrl, run_time_min: 3}]}\n"
    )


def test_extends_in_a_circle(tmp_path, proposals):
    text = message(tmp_path, proposals, mine="extends: other\n", other="extends: mine\n")
    assert "circle" in text


def test_extends_what_is_not_there(tmp_path, proposals):
    text = message(tmp_path, proposals, mine="extends: commited-2030\n")
    assert "mine.yaml:4" in text
    assert "committed-2030" in text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("lines: {add: [", "broken YAML"),
        ("year: 2030\nyear: 2031\n", "a second time"),
        ("note: {en: &x hello, zh-Hant: *x}\n", "alias"),
        ("year: !!python/object:os.system 1\n", "tag"),
        ("", "no year is given"),
    ],
)
def test_broken_yaml(tmp_path, proposals, body, words):
    assert words in message(tmp_path, proposals, mine=body)


def test_the_id_is_the_name_of_the_file(tmp_path, proposals):
    (tmp_path / "mine.yaml").write_text(HEAD.format(id="other"), encoding="utf-8")
    with pytest.raises(ScenarioError, match="the file's name 'mine'"):
        ScenarioLibrary([tmp_path], proposals).resolve("mine")


def test_levers_need_a_scenario(proposals):
    shipped = ScenarioLibrary([paths.scenarios_dir()], proposals)
    with pytest.raises(ScenarioError, match="is a lever"):
        shipped.resolve("clearance-joint")
    with pytest.raises(ScenarioError, match="only levers stack"):
        shipped.resolve("western-2035+central-2035")


def test_unknown_scenario(proposals):
    with pytest.raises(ScenarioError, match="Did you mean 'western-2035'"):
        ScenarioLibrary([paths.scenarios_dir()], proposals).resolve("western2035")


def test_the_schema_for_editors_is_in_step():
    written = (paths.scenarios_dir() / "scenario.schema.json").read_text(encoding="utf-8")
    assert written == schema_text(), "run: corridor scenarios schema > scenarios/scenario.schema.json"


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("010", 'the number 010, which YAML reads as 8; expected a number as it is meant; write 10, or "010" in quotes'),
        ("1_000", 'the number 1_000; expected a number as it is meant; write 1000, or "1_000" in quotes'),
        ("0x1F", 'the number 0x1F; expected a number as it is meant; write 31, or "0x1F" in quotes'),
        ("1,5", "clearance_mean_min: 1, 5, where the comma ends the value; expected one value for each key; "
                "write clearance_mean_min: 1.5, with a point"),
        ('"1,5"', "clearance_mean_min (found '1,5'); expected a number; write 1.5, with a decimal point"),
        ("8 min", "clearance_mean_min (found '8 min'); expected a number; write 8 alone; the unit is that of the column or key"),
        ("22:30", "clearance_mean_min (found '22:30'); expected a number"),
    ],
)  # fmt: skip
def test_a_number_is_what_a_reader_sees_or_refused(tmp_path, proposals, written, says):
    body = "extends: committed-2030\ncheckpoints:\n  change:\n  - {id: huanggang, clearance_mean_min: %s}\n"
    assert says in message(tmp_path, proposals, mine=body % written)


@pytest.mark.parametrize(
    ("written", "minutes"), [("1e1", 10), ("08", 8), ("8.50", 8.5), ("+9", 9), (".5", 0.5)]
)
def test_a_number_in_a_usual_form_is_read_as_written(tmp_path, proposals, written, minutes):
    body = "extends: committed-2030\ncheckpoints:\n  change:\n  - {id: huanggang, status: , clearance_mean_min: %s}\n"
    resolved = library(tmp_path, proposals, mine=body % written).resolve("mine")
    assert resolved.checkpoint_edits[0].clearance_mean_min == minutes
    if minutes == 10:
        body = "extends: committed-2030\nlines:\n  change:\n  - {id: east-rail, headway_min: 1e1}\n"
        changes = library(tmp_path, proposals, mine=body).resolve("mine").line_changes
        assert changes[0].headways == {"peak": 10, "off_peak": 10}


def test_clock_times_dates_and_yes_and_no_are_read_as_written(tmp_path, proposals):
    body = (
        "extends: committed-2030\ndate: 2031-06-30\ncounterfactual: yes\nnot_modelled: [{en: No}, {en: On}]\n"
        "checkpoints:\n  change:\n  - {id: huanggang, open: 06:30, close: 22:30}\n"
    )
    resolved = library(tmp_path, proposals, mine=body).resolve("mine")
    edit = resolved.checkpoint_edits[0]
    assert (edit.open, edit.close, resolved.counterfactual) == ("06:30", "22:30", True)
    assert (str(resolved.date), [t.en for t in resolved.not_modelled][-2:]) == ("2031-06-30", ["No", "On"])


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("note: {en: Longer, better, zh-Hant: 更好}\n",
         'mine.yaml:4: en: Longer, better, where the comma ends the value; expected one value for each key; '
         'quote it: en: "Longer, better"'),
        ("note: {en: Longer, better}\n",
         'mine.yaml:4: en: Longer, better, where the comma ends the value; expected one value for each key; '
         'quote it: en: "Longer, better"'),
        ("note: {en: Is it better?}\n", "put the text in quotes: it holds a sign that YAML reads as its own"),
        ("note: {en: Longer: better}\n", "put the text in quotes: it holds a sign that YAML reads as its own"),
        ("note： {en: x}\nyear: 2030\n", "write ':' and a space for the full-width colon"),
        ("note:\n\ten: x\n", "indent with spaces, not with tabs"),
        ("note: Longer\n", 'note (found \'Longer\'); expected a text by script; write {en: "Longer"}'),
        ("note: {en: 2035}\n", 'note.en (found 2035); expected a text; put it in quotes: "2035"'),
        ("date: 2030-6-1\n", "date (found '2030-6-1'); expected a date YYYY-MM-DD; write 2030-06-01"),
        ("source: B03\n", "source (found 'B03'); expected a list; write [B03]"),
        ("year: 2e3\n", "year (found '2e3'); expected a whole number; write 2000"),
    ],
)  # fmt: skip
def test_a_slip_of_the_hand_is_told_with_its_cure(tmp_path, proposals, body, says):
    assert says in message(tmp_path, proposals, mine=body)


def test_what_a_stop_may_be_is_said(tmp_path, proposals):
    body = (
        "extends: committed-2030\nlines:\n  add:\n  - id: own\n    name: {en: Own}\n    status: concept\n"
        "    stops: [lo-wu, {id: new, lonlat: [114, 22]}, Lo Wu, 12]\n    length_km: 5 km\n    run_time_min: 9\n"
        "    headway_min: 5\n    hours: [6:00, 24]\n"
    )
    stop = "a stop: the id of a station (column station_id of the layers of role stations)"
    assert message(tmp_path, proposals, mine=body).splitlines() == [
        f"- mine.yaml:10: lines.add.0.stops.1 is a mapping; expected {stop}; a new station is first a row of a layer of role "
        "stations (corridor layers add vector); name its id here",
        f"- mine.yaml:10: lines.add.0.stops.2 (found 'Lo Wu'); expected {stop}; did you mean 'lo-wu'?",
        f'- mine.yaml:10: lines.add.0.stops.3 (found 12); expected {stop}; write "12" in quotes if it is its id',
        "- mine.yaml:11: lines.add.0.length_km (found '5 km'); expected a number; write 5 alone; the unit is that of the column or key",
        "- mine.yaml:13: lines.add.0.headway_min (found 5); expected minutes in the peaks and otherwise; "
        "write {peak: 5, off_peak: 5}",
        '- mine.yaml:14: lines.add.0.hours.1 (found 24); expected a clock time HH:MM; write "24:00"',
    ]

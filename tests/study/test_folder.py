"""A study of one's own: made, found, checked, compared; what somebody works in is never replaced."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from corridor.core.errors import CatalogError, CorridorError, ScenarioError
from corridor.schema.catalog import Catalog
from corridor.schema.scenario import read_scenario
from corridor.study.compare import default_scenarios
from corridor.study.folder import init, new_scenario
from corridor.study.question import question
from corridor.study.study import Study
from tests.conftest import Cli


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    init(folder)
    return folder


def test_a_new_study_has_the_shipped_layers_and_its_own_scenario(mine: Path) -> None:
    study = Study.open(mine)
    assert {e.id for e in study.catalog.entries} == {e.id for e in Catalog.bundled().entries}
    assert study.own_scenarios == ("quick-shenzhen-bay",)
    assert default_scenarios(study, question(study)) == ("quick-shenzhen-bay",)
    scenario = study.scenario("quick-shenzhen-bay")
    assert scenario.reference == "committed-2030"
    assert "shenzhen-bay" in {edit.id for edit in scenario.checkpoint_edits}


def test_its_idea_takes_effect(mine: Path) -> None:
    study = Study.open(mine)
    before, after = (
        study.network(i).network.checkpoints["shenzhen-bay"] for i in ("committed-2030", "quick-shenzhen-bay")
    )
    assert after.clearance_s == 600 < before.clearance_s


def test_an_entry_of_the_same_id_takes_the_shipped_ones_place(mine: Path) -> None:
    shipped = Catalog.bundled()
    entry = next(e for e in shipped.entries if e.id == "places")
    copy = shipped.table("places")
    copy["name_en"] = "X " + copy["name_en"]
    copy.to_csv(mine / "layers" / "places.csv", index=False)
    own = entry.model_dump(by_alias=True) | {"path": "layers/places.csv", "sha256": ""}
    text = yaml.safe_dump({"extends": "shipped", "layers": [own]}, allow_unicode=True)
    (mine / "catalog.yaml").write_text(text, encoding="utf-8")
    study = Study.open(mine)
    assert study.places["name_en"].str.startswith("X ").all()
    assert len(study.catalog.entries) == len(shipped.entries)


def test_widths_of_ones_own_are_what_works_are_assessed_with(cli: Cli, mine: Path, tmp_path: Path) -> None:
    wide = Catalog.bundled().table("profile_parameters")
    deck = (wide["subject"] == "viaduct") & (wide["component"] == "deck_shade")
    wide.loc[deck, ["low", "central", "high"]] = [20.0, 22.0, 24.0]
    wide.to_csv(tmp_path / "wide.csv", index=False)
    assert (
        cli("--study", mine, "layers", "replace", "profile_parameters", tmp_path / "wide.csv").exit_code == 0
    )
    shade = next(p for p in Study.open(mine).nature.profile.structure("viaduct") if p.permanence == "shade")
    assert shade.spacing is None and shade.size.central == 22.0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("extends: nothing\nlayers: []\n", "extends 'nothing'"),
        ("extends: shipped\nlayer: []\n", "has 'layer'"),
        ("extends: shipped\nlayers: [{id: a}]\n", "catalog.yaml:2"),
        ("just words\n", "is not a list"),
    ],
)
def test_a_catalogue_that_is_wrong_says_where(mine: Path, text: str, says: str) -> None:
    (mine / "catalog.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        Study.open(mine)
    assert says in str(caught.value)


def test_a_folder_without_a_catalogue_is_no_study(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="corridor init"):
        Study.open(tmp_path)


def test_what_somebody_works_in_is_never_replaced(mine: Path) -> None:
    before = sorted(p.name for p in mine.iterdir())
    with pytest.raises(CorridorError, match="not empty"):
        init(mine)
    assert sorted(p.name for p in mine.iterdir()) == before
    with pytest.raises(ScenarioError, match="there already"):
        new_scenario(mine / "scenarios", "quick-shenzhen-bay", "committed-2030")


@pytest.mark.parametrize("wrong", ["../up", "", " - ", "a/b", "Größer"])
def test_an_id_is_a_file_name_and_nothing_more(mine: Path, wrong: str) -> None:
    with pytest.raises(ScenarioError, match="small letters"):
        new_scenario(mine / "scenarios", wrong, "committed-2030")


def test_a_title_gives_the_id(mine: Path) -> None:
    path = new_scenario(mine / "scenarios", "A faster, longer line", "committed-2030")
    assert path.name == "a-faster-longer-line.yaml"
    file, _ = read_scenario(path)
    assert (file.title.en, file.extends) == ("A faster, longer line", "committed-2030")
    assert file.question.en == "What does 'A faster, longer line' change, compared with committed-2030?"


def test_the_commands(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "s"
    assert cli("init", str(folder)).exit_code == 0
    made = cli("--study", str(folder), "scenarios", "new", "my-idea", "--extends", "both-2035")
    assert made.exit_code == 0 and "my-idea.yaml written" in made.output
    listed = cli("--study", str(folder), "scenarios", "list")
    assert "my-idea" in listed.output and "western-2035" in listed.output
    checked = cli("--study", str(folder), "scenarios", "validate")
    assert checked.exit_code == 0 and "my-idea: in order" in checked.output
    lost = cli("--study", str(tmp_path / "none"), "scenarios", "list")
    assert lost.exit_code == 1 and "Unknown study" in lost.output
    unknown = cli("--study", str(folder), "scenarios", "new", "other", "--extends", "bth-2035")
    assert unknown.exit_code == 1 and "both-2035" in unknown.output

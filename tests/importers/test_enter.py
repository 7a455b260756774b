"""Layers entered in the catalogue of a study: whole or not at all, and nothing outside it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
import yaml

from corridor.core.containment import inside
from corridor.core.errors import CatalogError, CorridorError
from corridor.importers.entry import enter as entries
from corridor.importers.entry.enter import NewLayer, choose_id, enter, with_entry
from corridor.importers.entry.options import Origin
from corridor.schema.catalog import Catalog
from corridor.schema.catalog_entry import CatalogEntry
from corridor.schema.text import Text
from tests.conftest import Cli, contents
from tests.importers.vector_files import csv


def test_a_layer_in_a_study_is_checked_whole_and_entered_once(cli: Cli, mine: Path, tmp_path: Path) -> None:
    path = csv("facility_id,name_en,lon,lat,kind\n1,A,114.1,22.4,\n1,B,99,22.4,clinic\n")(tmp_path)
    add = ("--study", mine, "layers", "add", "vector", path, "--role", "facilities")
    with contents(mine):
        wrong = cli(*add)
    assert wrong.exit_code == 1
    assert "clinics.csv (converted) line 2: kind is empty" in wrong.output
    assert "facility_id '1' occurs twice" in wrong.output and "(converted) line 3" in wrong.output
    path = csv("name_en,lon,lat,kind\nA,114.1,22.4,clinic\n")(tmp_path)
    done = cli(*add, "--title", "Clinics", "--licence", "CC0", "--attribution", "Me", "--id", "clinics")
    assert done.exit_code == 0, done.output
    catalog = Catalog.open(mine / "catalog.yaml")
    entry = next(e for e in catalog.entries if e.id == "clinics")
    assert (entry.title.en, entry.licence, entry.attribution, entry.kind) == ("Clinics", "CC0", "Me", "table")
    assert len(catalog.table("facilities")) == len(Catalog.bundled().table("facilities")) + 1
    with contents(mine):
        assert "a layer of this id is there" in cli(*add, "--id", "clinics").output
    text = (mine / "catalog.yaml").read_text(encoding="utf-8")
    assert text.startswith("# The layers of this study.")  # comments stay


def test_a_map_takes_the_place_of_the_shipped_one(cli: Cli, mine: Path, tmp_path: Path) -> None:
    path = tmp_path / "reserves.gpkg"
    areas = gpd.GeoDataFrame(
        {"NAME": ["Own reserve"]}, geometry=[shapely.box(114.0, 22.4, 114.05, 22.45)], crs=4326
    ).to_crs(2326)
    areas.to_file(path, driver="GPKG")
    said = cli(
        "--study", mine, "layers", "replace", "designations", path, "--map", "NAME=name_en",
        "--set", "designation=nature_reserve",
    )  # fmt: skip
    assert said.exit_code == 0, said.output
    assert "takes the place of 'designations' of the shipped study" in said.output
    frame = Catalog.open(mine / "catalog.yaml").vector("designations")
    assert list(frame["designation_id"]) == ["designations-1"] and list(frame["region"]) == ["hk"]
    assert frame.geometry.iloc[0].equals_exact(shapely.box(114.0, 22.4, 114.05, 22.45).normalize(), 1e-6) or (
        frame.geometry.iloc[0].symmetric_difference(shapely.box(114.0, 22.4, 114.05, 22.45)).area < 1e-9
    )
    assert len(list((mine / "layers").iterdir())) == 1


LAYER = NewLayer("facilities", "table", ".csv", b"", Origin(), (), "mine")


ENTRY = CatalogEntry(
    id="mine", role="facilities", title=Text(en="Mine"), kind="table", path="layers/a.csv", date="2026",
    source="s", licence="l", attribution="",
)  # fmt: skip


def facilities(name: str = "A") -> NewLayer:
    data = f"facility_id,kind,name_en,lon,lat,region\nown-{name},clinic,{name},114.1,22.4,hk\n".encode()
    return replace(LAYER, data=data)


@pytest.mark.parametrize(
    "text",
    [
        "extends: shipped\nlayers: []\n",
        "extends: shipped\n",
        "extends: shipped\nlayers:\n",
        "layers: []  # none yet\nextends: shipped\n",
        "layers:\nextends: shipped\n",
    ],
)
def test_an_entry_finds_its_place_however_the_list_is_written(tmp_path: Path, text: str) -> None:
    path = tmp_path / "catalog.yaml"
    path.write_text(text, encoding="utf-8")
    for note in ("first", "second"):
        path.write_text(
            with_entry(path.read_text(encoding="utf-8"), ENTRY.model_copy(update={"notes": note})),
            encoding="utf-8",
        )
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert loaded["extends"] == "shipped"
    assert [(e["id"], e["notes"]) for e in loaded["layers"]] == [("mine", "second")]


def test_a_layer_of_ones_own_is_replaced_and_its_file_goes(mine: Path) -> None:
    enter(mine, facilities(), replacing=False)
    enter(mine, facilities("B"), replacing=True)
    assert len(list((mine / "layers").iterdir())) == 1
    assert "B" in set(Catalog.open(mine / "catalog.yaml").table("facilities")["name_en"])


def test_other_entries_and_comments_stay(tmp_path: Path) -> None:
    path = tmp_path / "catalog.yaml"
    path.write_text("extends: shipped\nlayers: []\n", encoding="utf-8")
    path.write_text(
        with_entry(path.read_text(encoding="utf-8"), ENTRY) + "# a word at the end\n", encoding="utf-8"
    )
    path.write_text(
        with_entry(path.read_text(encoding="utf-8"), ENTRY.model_copy(update={"id": "second"})),
        encoding="utf-8",
    )
    three = with_entry(path.read_text(encoding="utf-8"), ENTRY.model_copy(update={"notes": "changed"}))
    loaded = yaml.safe_load(three)["layers"]
    assert [e["id"] for e in loaded] == ["mine", "second"] and loaded[0]["notes"] == "changed"
    assert three.rstrip().endswith("# a word at the end")


def test_a_list_written_in_one_line_is_refused(mine: Path) -> None:
    enter(mine, facilities(), replacing=False)
    path = mine / "catalog.yaml"
    flow = yaml.safe_dump(
        yaml.safe_load(path.read_text(encoding="utf-8")), default_flow_style=True, allow_unicode=True
    )
    path.write_text(flow, encoding="utf-8")
    with contents(mine), pytest.raises(CatalogError) as caught:
        enter(mine, replace(facilities("C"), entry_id="other_one"), replacing=False)
    assert "its layers are not written as a plain list" in str(caught.value)


def test_ids_and_roles_are_told_apart(mine: Path) -> None:
    catalog = Catalog.open(mine / "catalog.yaml")
    assert choose_id(catalog, "facilities", "", replacing=False) == "my_facilities"
    assert choose_id(catalog, "designations", "", replacing=False) == "designations"
    with pytest.raises(CatalogError, match="5 layers have this role; expected one; say which with --id"):
        choose_id(catalog, "stations", "", replacing=True)
    with pytest.raises(
        CatalogError, match="no layer 'stations_hkk' with role 'stations'.*did you mean 'stations_hk'"
    ):
        choose_id(catalog, "stations", "stations_hkk", replacing=True)
    with pytest.raises(CatalogError, match="--id: 'A b'; expected small letters"):
        choose_id(catalog, "stations", "A b", replacing=False)


def test_a_full_disk_leaves_the_study_as_it_was(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    def full(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("corridor.importers.entry.enter.write_whole", full)
    with contents(mine), pytest.raises(CorridorError) as caught:
        enter(mine, facilities(), replacing=False)
    assert str(caught.value) == (
        f"- {mine}: could not be written (No space left on device); the study is as it was; "
        "expected room and permission to write; free some space"
    )


def test_a_run_killed_before_the_last_step_changes_nothing(
    mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = entries.write_whole

    def killed(path: Path, data: bytes) -> None:
        if path.name == "catalog.yaml":
            raise KeyboardInterrupt
        write(path, data)

    monkeypatch.setattr(entries, "write_whole", killed)
    with pytest.raises(KeyboardInterrupt):
        enter(mine, facilities(), replacing=False)
    monkeypatch.undo()
    assert "mine" not in {e.id for e in Catalog.open(mine / "catalog.yaml").entries}
    enter(mine, facilities(), replacing=False)  # and the next run is right, over what was left
    assert len(list((mine / "layers").iterdir())) == 1


def test_two_layers_at_once_both_count(mine: Path) -> None:
    # each thread opens the folder anew, so that its lock keeps the other out as it would another process
    layers = [replace(facilities(name), entry_id=f"clinics_{name}") for name in ("one", "two")]
    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(enter, mine, layer, False) for layer in layers]:
            done.result(timeout=60)
    ids = {e.id for e in Catalog.open(mine / "catalog.yaml").entries}
    assert {"clinics_one", "clinics_two"} <= ids


def test_a_folder_that_leads_out_of_the_study_is_refused(mine: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (mine / "layers").rmdir()
    (mine / "layers").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(
        CorridorError, match=r"leaves the folder by a link; expected a path inside this folder"
    ):
        enter(mine, facilities(), replacing=False)
    with pytest.raises(CorridorError, match="leaves the folder"):
        inside(mine, "../x")


def test_a_linked_file_out_of_the_study_is_refused_when_it_is_opened(mine: Path, tmp_path: Path) -> None:
    enter(mine, facilities(), replacing=False)
    (path,) = (mine / "layers").iterdir()
    path.rename(tmp_path / "away.csv")
    path.symlink_to(tmp_path / "away.csv")
    with pytest.raises(CatalogError, match="leaves the folder"):
        Catalog.open(mine / "catalog.yaml")


def test_the_shipped_study_is_not_written_to(cli: Cli) -> None:
    said = cli("layers", "replace", "designations", "x.gpkg")
    assert said.exit_code == 1 and "no study is named" in said.output


def test_a_role_that_is_not_there_is_told(cli: Cli, mine: Path) -> None:
    said = cli("--study", mine, "layers", "add", "vector", "x.gpkg", "--role", "facilitys")
    assert said.exit_code == 1 and "did you mean 'facilities'" in said.output
    said = cli("--study", mine, "layers", "add", "raster", "x.tif", "--role", "people")
    assert said.exit_code == 1 and "expected one of population, land_cover, habitat, land_use" in said.output

"""Files written with what an earlier run kept: the same bytes as from nothing, after each kind of change."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import LineString, mapping

from corridor.core import paths
from corridor.core.cache import Kept
from corridor.core.errors import LayerError
from corridor.schema.catalog import Catalog
from corridor.schema.catalog_kept import CatalogKept
from tests.conftest import Cli
from tests.zhuhai_macao import make_study

GROUPS = """\
grouping_id,grouping_en,grouping_zh_hant,grouping_zh_hans,group_id,name_en,name_zh_hant,name_zh_hans,district_id,confidence,source,note
halves,Halves,兩半,两半,here,Here,此,此,macao-peninsula,M,a test,
halves,Halves,兩半,两半,here,Here,此,此,xiangzhou,M,a test,
halves,Halves,兩半,两半,there,There,彼,彼,hengqin,M,a test,
"""
NODES = """\
node_id,name_en,name_zh_hant,name_zh_hans,lon,lat,region,axis,area_ids,confidence,source,note
old-town,Old town,舊城,旧城,113.534,22.188,mo,,,M,a test,
gate,Gate,關,关,113.5475,22.2185,zh,,,M,a test,
"""
STREAM = {
    "type": "Feature",
    "properties": {
        "stream_id": "one", "name_en": "One", "name_zh_hant": "一", "name_zh_hans": "一", "region": "zh", "kind": "stream",
        "source": "a test", "confidence": "M", "accuracy_m": 5,
    },
    "geometry": mapping(LineString([(113.54, 22.23), (113.57, 22.24)]).buffer(0.0001)),
}  # fmt: skip
PAID = ("unit_costs", "appraisal_parameters", "discount_rates")
"""Tables of no place in particular."""
CHANGES = (
    {("proposals.yaml", "peak: 5"): "peak: 4"},
    {("proposals.yaml", "length_km: 8.7"): "length_km: 8.8", ("cells.csv", "c0,3782,1891,"): "c0,3982,1891,"},
    {
        ("groups.csv", "此,此,xiangzhou"): "此,此,taipa", ("nodes.csv", "113.534,22.188"): "113.536,22.190",
        ("districts.geojson", "Xiangzhou"): "Xiangzhou District", ("streams.geojson", "22.24"): "22.25",
    },
    {("proposals.yaml", "structure: viaduct"): "structure: at_grade"},
)  # fmt: skip
"""One after the other: what is edited (file and text), and what it becomes. What is edited at once is kept apart."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A study of what a comparison keeps: streams, groups, nodes and unit costs."""
    more = {
        name + ".csv": (paths.layers_dir() / "economy" / f"{name}.csv").read_text("utf-8") for name in PAID
    }
    streams = json.dumps({"type": "FeatureCollection", "features": [STREAM]}, ensure_ascii=False)
    return make_study(
        tmp_path / "study", {"groups.csv": GROUPS, "nodes.csv": NODES, "streams.geojson": streams, **more}
    )


def test_files_after_changes_are_those_from_nothing(
    cli: Cli, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def written(name: str, kept: str) -> dict[Path, bytes]:
        monkeypatch.setenv("CORRIDOR_CACHE", kept)
        done = cli("--study", home, "compare", "today", "with-link", "--out", tmp_path / name)
        assert done.exit_code == 0, done.output
        folder = tmp_path / name
        return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}

    last = written("out", str(tmp_path / "kept"))
    assert {Path("streams.csv"), Path("nodes.html"), Path("value.html")} <= set(last)
    for change in CHANGES:
        for (file, old), new in change.items():
            text = (home / "layers" / file).read_text(encoding="utf-8")
            assert old in text, change
            (home / "layers" / file).write_text(text.replace(old, new), encoding="utf-8")
        now = written("out", str(tmp_path / "kept"))
        assert now == written("afresh", "off"), change
        assert now != last, change
        last = now


def test_a_layer_is_read_once_and_found_by_the_next_run(home: Path, tmp_path: Path, monkeypatch) -> None:
    plain = Catalog.open(home / "catalog.yaml")

    def kept() -> CatalogKept:
        return CatalogKept.keeping(Catalog.open(home / "catalog.yaml"), lambda: Kept(tmp_path / "kept"))

    tables = [e.role for e in plain.entries if e.kind == "table"]
    vectors = [e.role for e in plain.entries if e.kind == "vector"]
    first = kept()
    for role in tables:
        first.table(role)
    for role in vectors:
        first.vector(role)
    with monkeypatch.context() as nothing_is_read:
        nothing_is_read.setattr(Catalog, "_read_table", None)
        nothing_is_read.setattr(gpd, "read_file", None)
        again = kept()
        found = {role: again.table(role) for role in tables} | {role: again.vector(role) for role in vectors}
    for role, frame in found.items():
        read = plain.table(role) if role in tables else plain.vector(role)
        assert type(frame) is type(read)
        pd.testing.assert_frame_equal(frame, read, check_exact=True, check_column_type="exact")
        assert list(map(str, frame.dtypes)) == list(map(str, read.dtypes)), role
    found["cells"].loc[0, "residents_census"] = -1.0
    assert again.table("cells").loc[0, "residents_census"] > 0  # what is given away is a copy


def test_a_layer_that_is_gone_or_wrong_is_told_although_it_is_kept(home: Path, tmp_path: Path) -> None:
    def cells() -> pd.DataFrame:
        catalog = Catalog.open(home / "catalog.yaml")
        return CatalogKept.keeping(catalog, lambda: Kept(tmp_path / "kept")).table("cells")

    before = cells()
    path = home / "layers/cells.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("c0,3782,", "c0,many,"), encoding="utf-8")
    for _ in range(2):
        with pytest.raises(LayerError, match="many"):
            cells()
    path.unlink()
    with pytest.raises(LayerError, match="missing"):
        cells()
    path.write_text(text, encoding="utf-8")
    pd.testing.assert_frame_equal(cells(), before)

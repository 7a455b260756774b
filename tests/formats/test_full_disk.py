"""What libraries write themselves, on a disk without room: the error of every other file, and earlier output as it was."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT

CODE = """
import resource, sys
from pathlib import Path
import geopandas as gpd, numpy as np
from affine import Affine
from shapely import Point
from corridor.core.errors import CorridorError
from corridor.core.output import whole_folder
from corridor.formats.geopackage import write_layers
from corridor.formats.rasters import write_cog
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
points = gpd.GeoDataFrame({"name": ["x" * 50] * 2000}, geometry=[Point(114, 22)] * 2000, crs=4326)
noise = np.random.default_rng(1).random((300, 300))
for kind in sys.argv[2:]:
    try:
        with whole_folder(Path(sys.argv[1]) / kind) as folder:
            (folder / "run.json").write_text("new")
            if kind == "layers":
                write_layers(folder / "a.gpkg", {"points": points}, {})
            elif kind == "raster":
                write_cog(folder / "a.tif", {"noise": noise}, Affine(30, 0, 490_000, 0, -30, 2_500_000), "m")
            else:
                gpd.pd.DataFrame({"noise": noise.ravel()}).to_parquet(folder / "a.parquet")
    except CorridorError as error:
        print(kind, error)
"""
KINDS = ("layers", "raster", "table")


@pytest.mark.skipif(sys.platform == "win32", reason="the size of files has no limit of its own there")
def test_a_library_that_cannot_write_is_a_plain_error(tmp_path: Path) -> None:
    for kind in KINDS:
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "run.json").write_text("earlier", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path), *KINDS], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for kind in KINDS:
        (said,) = (line for line in done.stdout.splitlines() if line.startswith(f"{kind} "))
        assert "could not be written (" in said and "earlier output is as it was" in said
        assert (tmp_path / kind / "run.json").read_text(encoding="utf-8") == "earlier"
        assert [p.name for p in (tmp_path / kind).iterdir()] == ["run.json"]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(KINDS)

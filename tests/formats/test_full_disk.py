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
kind, out = sys.argv[1], Path(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
points = gpd.GeoDataFrame({"name": ["x" * 50] * 2000}, geometry=[Point(114, 22)] * 2000, crs=4326)
noise = np.random.default_rng(1).random((300, 300))
try:
    with whole_folder(out) as folder:
        (folder / "run.json").write_text("new")
        if kind == "layers":
            write_layers(folder / "a.gpkg", {"points": points}, {})
        elif kind == "raster":
            write_cog(folder / "a.tif", {"noise": noise}, Affine(30, 0, 490_000, 0, -30, 2_500_000), "m")
        else:
            gpd.pd.DataFrame({"noise": noise.ravel()}).to_parquet(folder / "a.parquet")
except CorridorError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the size of files has no limit of its own there")
@pytest.mark.parametrize("kind", ["layers", "raster", "table"])
def test_a_library_that_cannot_write_is_a_plain_error(kind: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "run.json").write_text("earlier", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", CODE, kind, str(out)], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "could not be written (" in done.stdout and "earlier output is as it was" in done.stdout
    assert (out / "run.json").read_text(encoding="utf-8") == "earlier"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]

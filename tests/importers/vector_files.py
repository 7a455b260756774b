"""Two clinics in every format of vector files."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import shapely

# The known point of the Hong Kong 1980 Grid: 836694.05 E, 819069.8 N is 114.18101 E, 22.31060 N.
POINT_2326, POINT = (836694.05, 819069.8), (114.18101, 22.31060)


def points(crs: int | None = 4326) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"name_en": ["North", "South"], "name_zh": ["北區診所", "南區診所"]},
        geometry=[shapely.Point(114.1, 22.5), shapely.Point(114.17, 22.28)],
        crs=crs,
    )


def shapefile(folder: Path, encoding: str = "gbk", cpg: bool = False) -> Path:
    path = folder / "clinics.shp"
    points().to_file(path, encoding=encoding)
    if not cpg:
        path.with_suffix(".cpg").unlink()
    return path


def packed(folder: Path) -> Path:
    shapefile(folder)
    path = folder / "clinics.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(folder.glob("clinics.*")):
            if part != path:
                archive.write(part, f"data/{part.name}")
    return path


def saved(name: str, driver: str, **more: str) -> Callable[[Path], Path]:
    def save(folder: Path) -> Path:
        points().to_file(folder / name, driver=driver, **more)
        return folder / name

    return save


def csv(text: str, encoding: str = "utf-8") -> Callable[[Path], Path]:
    def save(folder: Path) -> Path:
        (folder / "clinics.csv").write_bytes(text.encode(encoding))
        return folder / "clinics.csv"

    return save


FORMATS = {
    "gpkg": saved("clinics.gpkg", "GPKG"),
    "geojson": saved("clinics.geojson", "GeoJSON"),
    "flatgeobuf": saved("clinics.fgb", "FlatGeobuf", SPATIAL_INDEX="NO"),
    "shapefile with GBK": shapefile,
    "shapefile with UTF-8": lambda folder: shapefile(folder, "utf-8"),
    "shapefile that says GBK": lambda folder: shapefile(folder, "gbk", cpg=True),
    "zipped shapefile": packed,
    "csv": csv("name_en,name_zh,lon,lat\nNorth,北區診所,114.1,22.5\nSouth,南區診所,114.17,22.28\n"),
    "csv in GB18030": csv(
        "name_en,name_zh,经度,纬度\nNorth,北區診所,114.1,22.5\nSouth,南區診所,114.17,22.28\n", "gb18030"
    ),
    "csv with semicolons": csv(
        "name_en;name_zh;lon;lat\nNorth;北區診所;114,1;22,5\nSouth;南區診所;114,17;22,28\n"
    ),
    "csv with tabs": csv(
        "name_en\tname_zh\tlon\tlat\nNorth\t北區診所\t114.1\t22.5\nSouth\t南區診所\t114.17\t22.28\n"
    ),
    "csv in UTF-16": csv(
        "name_en\tname_zh\tlon\tlat\nNorth\t北區診所\t114.1\t22.5\nSouth\t南區診所\t114.17\t22.28\n", "utf-16"
    ),
    "csv with decimal commas": csv(
        'name_en,name_zh,lon,lat\nNorth,北區診所,"114,1","22,5"\nSouth,南區診所,"114,17","22,28"\n'
    ),
    "csv with WKT": csv(
        "name_en,name_zh,WKT\nNorth,北區診所,POINT (114.1 22.5)\nSouth,南區診所,POINT (114.17 22.28)\n"
    ),
}

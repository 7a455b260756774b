"""A street graph entered from the command line is what the study walks on."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import networkx as nx
from click.testing import CliRunner

from corridor.cli import main
from corridor.core import paths
from corridor.core.crs import project_xy
from corridor.network.street_ground import StreetGround
from corridor.network.walk import Points
from corridor.schema.catalog import Catalog
from corridor.study.study import Study

CORNER = (114.005, 22.535)  # Futian


def street(path: Path) -> None:
    """One street of 2 km to the east, drawn with a bow: 3,000 m long."""
    import osmnx

    graph = nx.MultiDiGraph(crs="epsg:4326")
    x, y = (float(v) for v in project_xy(*CORNER))
    for node, east in enumerate((0.0, 2_000.0)):
        lon, lat = (float(v) for v in project_xy(x + east, y, 4547, 4326))
        graph.add_node(node, x=lon, y=lat)
    graph.add_edge(0, 1, length=3_000.0)
    osmnx.save_graphml(graph, path)


def test_the_study_walks_on_the_graph_of_its_catalogue(tmp_path: Path) -> None:
    """3,000 m by street at 1.2 m/s are 2,500 s; without the street 2,000 x 1.3 / 1.2 = 2,167 s."""
    layers = tmp_path / "layers"
    shutil.copytree(paths.layers_dir(), layers, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    street(tmp_path / "g.graphml")
    done = CliRunner().invoke(
        main, ["layers", "add", "walk", "--graphml", str(tmp_path / "g.graphml"), "--out", str(layers)]
    )
    assert done.exit_code == 0, done.output
    assert "2 nodes and 1 edges read, 3.0 km of street" in done.output
    study = Study(Catalog.open(layers / "catalog.yaml"), (paths.scenarios_dir(),))
    assert isinstance(study.ground, StreetGround)
    x, y = project_xy(*CORNER)
    ends = Points.of([(float(x), float(y), "sz")]), Points.of([(float(x) + 2_000.0, float(y), "sz")])
    assert abs(study.ground.walk_s(float(study.ground.distances(*ends, 3_400.0)[2][0])) - 2_500) < 1
    plain = replace(Study.bundled().ground, height_m=None)  # the strip climbs a little
    assert abs(plain.walk_s(float(plain.distances(*ends, 3_400.0)[2][0])) - 2_167) < 1
    again = CliRunner().invoke(
        main, ["layers", "add", "walk", "--graphml", str(tmp_path / "g.graphml"), "--out", str(layers)]
    )
    assert again.exit_code == 1 and "has a layer with role 'walk_graph'" in again.output


def test_two_sources_or_none_are_told_plainly() -> None:
    for arguments in ([], ["--place", "x", "--bbox", "1,2,3,4"]):
        done = CliRunner().invoke(main, ["layers", "add", "walk", *arguments])
        assert done.exit_code == 1
        assert "expected one of --graphml, --place, --bbox, --polygon, --xml; give one" in done.output

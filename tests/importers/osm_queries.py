"""The town of :mod:`tests.osm_server`, and what a study keeps of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from corridor.importers.osm.graphs import outline_of
from corridor.importers.osm.query import Query

BOX = (114.01, 22.43, 114.05, 22.47)
HERE = "--bbox 114.01,22.43,114.05,22.47"


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def entry(study: Path, entry_id: str) -> dict[str, Any]:
    return next(
        e for e in yaml.safe_load((study / "catalog.yaml").read_text())["layers"] if e["id"] == entry_id
    )


def by_source(name: str, tmp_path: Path, xml: Path, outline: Path) -> Query:
    import osmnx

    if name == "graphml":
        osmnx.save_graphml(osmnx.graph_from_xml(xml, bidirectional=True), tmp_path / "g.graphml")
        return Query(graphml=tmp_path / "g.graphml")
    return {
        "place": Query(place="Town"),
        "bbox": Query(bbox=BOX),
        "polygon": Query(outline=outline_of(outline)),
        "xml": Query(xml=xml),
    }[name]

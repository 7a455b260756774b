"""Streets to walk on entered in a study: as `corridor layers add walk` makes them, whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import yaml

from corridor.layers_add import Query, add_walk
from corridor.own_data.entries import Entered, NewLayer, Origin, enter, study_catalog


def enter_walk(
    folder: Path | None, query: Query, replacing: bool = False, tell: Callable[[str], None] = lambda _: None
) -> Entered:
    """The street graph of a query as the study's walking graph."""
    catalog = study_catalog(folder, "layers")
    with tempfile.TemporaryDirectory(prefix="corridor-") as room:
        added = add_walk(query, Path(room), tell)
        data = added.path.read_bytes()
    said = yaml.safe_load(added.entry)[0]
    origin = Origin("", said["date"], said["source"], said["licence"], said["attribution"])
    layer = NewLayer(
        "walk_graph", "document", ".graphml", data, origin, (str(added.streets),), "walk_graph", str(query)
    )
    return enter(catalog.folder, layer, replacing)

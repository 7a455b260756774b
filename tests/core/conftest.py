"""Places outside of a study that nothing in it may reach."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from corridor.study.folder import init
from tests.conftest import contents

SENTINEL = "SENTINEL"


BOX = (113.7, 22.1, 114.5, 22.9)


@dataclass
class Elsewhere:
    """Files outside of the study, and a host that should never be asked."""

    folder: Path
    address: str
    asked: list[str] = field(default_factory=list)

    @property
    def map(self) -> Path:
        return self.folder / "secret.geojson"

    @property
    def table(self) -> Path:
        return self.folder / "secret.csv"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Elsewhere]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_GET  # noqa: N815 - the name that the server calls

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    there = Elsewhere(tmp_path / "elsewhere", f"http://127.0.0.1:{server.server_port}", asked)
    there.folder.mkdir()
    there.map.write_text(json.dumps(features({"name": SENTINEL})))
    there.table.write_text(f"a,b\n{SENTINEL},1\n")
    with contents(there.folder):
        yield there
    assert asked == []
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    init(tmp_path / "mine")
    return tmp_path / "mine"


def features(properties: dict[str, str], **more: object) -> dict[str, object]:
    point = {"type": "Point", "coordinates": [114.1, 22.5]}
    found = [{"type": "Feature", "properties": properties, "geometry": point}]
    return {"type": "FeatureCollection", **more, "features": found}


def entry(mine: Path, path: str, role: str = "designations", kind: str = "vector") -> Path:
    """The study's catalogue with one layer more."""
    said = {"id": role, "role": role, "title": {"en": "x"}, "kind": kind, "path": path, "date": "2026", "source": "x",
            "licence": "x", "attribution": "x"}  # fmt: skip
    catalog = mine / "catalog.yaml"
    catalog.write_text("extends: shipped\nlayers:\n- " + json.dumps(said) + "\n", encoding="utf-8")
    return catalog

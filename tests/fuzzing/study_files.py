"""Files of a study, spoilt: scenarios, proposals, catalogues, tables and maps."""

from __future__ import annotations

import json
from random import Random

import numpy as np
import pandas as pd
import yaml

from corridor.core import paths
from corridor.core.errors import LayerError
from corridor.schema.catalog import Catalog
from corridor.schema.comparison import FILE as COMPARISON
from corridor.schema.tables import TABLES
from corridor.study.files import StudyFiles
from corridor.study.study import Study
from tests.fuzzing import damage
from tests.fuzzing.kind import Kind, check_frame, command, need, seed_texts

NETWORK = ("stations", "lines", "patterns", "pattern_stops", "headways", "hours", "interchanges", "service_assumptions", "checkpoints", "places",
           "daily_crossings", "highest_days", "clearance_assumptions", "districts", "cells", "coastline", "alignments", "proposals")  # fmt: skip


class Scenarios(Kind):
    """Scenario files and lists of proposed lines."""

    name, share = "scenarios", 10

    def prepare(self) -> None:
        self.study(*NETWORK)
        texts = {n: t for n, t in seed_texts(paths.scenarios_dir()).items() if n != COMPARISON}
        self.seeds = {n: self._as_own(n, t) for n, t in texts.items()} | {"line.yaml": self._whole_line()}
        first = Study.open(self.base)
        _ = first.tables, first.ground, first.alignments, first.proposals
        self.first = first
        self.opened, self.files_opened = Study.open, vars(StudyFiles)["open"]

    @staticmethod
    def _as_own(name: str, text: bytes) -> bytes:
        stem = name.removesuffix(".yaml")
        return text.replace(f"\nid: {stem}".encode(), b"\nid: mine").replace(
            f"id: {stem}\n".encode(), b"id: mine\n", 1
        )

    @staticmethod
    def _whole_line() -> bytes:
        proposals = yaml.safe_load(
            (paths.layers_dir() / "proposals" / "proposals.yaml").read_text(encoding="utf-8")
        )
        line = next(p for p in proposals if p["id"] == "hswrl")
        text = {
            "id": "mine",
            "title": {"en": "Mine"},
            "question": {"en": "What?"},
            "extends": "committed-2030",
            "lines": {"add": [line]},
        }
        return yaml.safe_dump(text, allow_unicode=True, sort_keys=False).encode()

    def act(self, chance: Random) -> None:
        name = chance.choice(sorted(self.seeds))
        path = self.put("mine.yaml", damage.spoil_yaml(chance, self.seeds[name]))
        self.study_now = self.opened(self.base)  # its layers are those of the first, so that a case is quick
        self.study_now.__dict__["proposals"] = self.first.proposals
        self.study_now.stages._memory.update(self.first.stages._memory)
        StudyFiles.open = classmethod(lambda *_: self.study_now)  # type: ignore[method-assign, assignment]
        try:
            command("--study", self.base, "scenarios", "validate", path)
        finally:
            StudyFiles.open = self.files_opened  # type: ignore[method-assign]

    def accepted(self) -> None:
        file, _ = self.study_now.library.file("mine")
        if file.kind == "lever":
            return
        network = self.study_now.network("mine").network
        for pattern in network.patterns:
            times = np.array([(s.arrival_s, s.departure_s) for s in pattern.stops]).ravel()
            need(
                np.isfinite(times).all() and (np.diff(times) >= 0).all(),
                f"times of {pattern.pattern_id} fall: {times}",
            )
            headways = np.array(list(pattern.headway_s.values()))
            need(
                np.isfinite(headways).all() and (headways > 0).all() and (headways <= 86_400).all(),
                f"headways of {pattern.pattern_id}: {headways}",
            )
            need(pattern.first_s <= pattern.last_s, f"hours of {pattern.pattern_id}")
        for point in network.checkpoints.values():
            need(
                np.isfinite(point.clearance_s) and 0 <= point.clearance_s <= 86_400,
                f"clearance of {point.checkpoint_id}: {point.clearance_s}",
            )
        for work in self.study_now.works("mine"):
            need(np.isfinite(work.alignment.length) and work.alignment.length > 0, f"length of {work}")


class Proposals(Kind):
    """The list of proposed lines of a study."""

    name, share = "proposals", 4

    def prepare(self) -> None:
        self.study("proposals")
        self.file = "layers/proposals.yaml"
        whole = yaml.safe_load((self.base / self.file).read_bytes())
        self.seed = yaml.safe_dump(whole[:1] + whole[5:6], allow_unicode=True, sort_keys=False).encode()

    def act(self, chance: Random) -> None:
        self.put_in_study(self.file, damage.spoil_yaml(chance, self.seed))
        command("--study", self.base, "scenarios", "list")


class Catalogues(Kind):
    """Layer catalogues, their layers in order."""

    name, share = "catalogues", 18

    def prepare(self) -> None:
        self.study("districts", "habitat_classes", "places", "threats", "sensitivity", "habitat")
        own = (self.base / "catalog.yaml").read_bytes()
        whole = (paths.layers_dir() / "precedent" / "catalog.yaml").read_bytes()
        data = yaml.safe_load(whole)
        data["layers"] = [
            e | {"path": "layers/habitat_classes.csv"} for e in data["layers"] if e["kind"] == "table"
        ][:3]
        self.seeds = [own, own, yaml.safe_dump(data, allow_unicode=True, sort_keys=False).encode()]

    def act(self, chance: Random) -> None:
        self.put_in_study("catalog.yaml", damage.spoil_yaml(chance, chance.choice(self.seeds)))
        command("--study", self.base, "layers", "list")
        catalog = Catalog.open(self.base / "catalog.yaml")
        if not catalog.homes and (problems := catalog.check()):
            raise LayerError(problems)

    def accepted(self) -> None:
        catalog = Catalog.open(self.base / "catalog.yaml")
        need(len({e.id for e in catalog.entries}) == len(catalog.entries), "an id twice")
        for entry in catalog.entries:
            if entry.id not in catalog.homes:
                need(
                    catalog.file_of(entry).resolve().is_relative_to(self.base.resolve()),
                    "a path out of the study",
                )


class Tables(Kind):
    """Tables of the network, of people and of places."""

    name, share = "tables (CSV)", 14

    def prepare(self) -> None:
        self.study(*NETWORK)
        catalog = Catalog.open(self.base / "catalog.yaml")
        self.entries = [
            e
            for e in catalog.entries
            if e.kind == "table" and e.role in TABLES and e.role != "service_assumptions"
        ]
        self.seeds = {e.id: catalog.file_of(e).read_bytes() for e in self.entries}
        self.catalog = catalog

    def act(self, chance: Random) -> None:
        self.entry = chance.choice(self.entries)
        self.put_in_study(self.entry.path, damage.spoil_csv(chance, self.seeds[self.entry.id]))
        self.catalog._known.clear()
        self.catalog.table(self.entry.role)
        Catalog.open, kept = classmethod(lambda *_: self.catalog), Catalog.open  # type: ignore[method-assign, assignment]
        try:
            if chance.random() < 0.15:
                command(
                    "--study",
                    self.base,
                    "scenarios",
                    "validate",
                    self.base / "scenarios" / "committed-2030.yaml",
                )
        finally:
            Catalog.open = kept  # type: ignore[method-assign]

    def accepted(self) -> None:
        table, declared = self.catalog.table(self.entry.role), TABLES[self.entry.role]
        need(len(table) > 0, "no rows")
        if declared.key:
            need(not table[list(declared.key)].dropna().duplicated().any(), "a key twice")
        for column in declared.columns:
            if column.kind == "number" and column.name in table:
                values = pd.to_numeric(table[column.name]).to_numpy(float)
                need(np.isfinite(values[~np.isnan(values)]).all(), f"{column.name} is not finite")
                need(column.empty or not np.isnan(values).any(), f"{column.name} is empty")


class GeoJson(Kind):
    """Map layers of a study as GeoJSON."""

    name, share = "GeoJSON layers", 20

    def prepare(self) -> None:
        self.study(
            "designations",
            "wildlife_sites",
            "green_corridors",
            "districts",
            "coastline",
            "alignments",
            "development_areas",
        )
        self.catalog = Catalog.open(self.base / "catalog.yaml")
        self.seeds = {}
        for entry in self.catalog.entries:
            data = json.loads(self.catalog.file_of(entry).read_bytes())
            data["features"] = [f for f in data["features"] if len(json.dumps(f)) < 8_000][:4]
            if data["features"]:
                self.seeds[entry.role] = (entry, json.dumps(data, ensure_ascii=False).encode())

    def act(self, chance: Random) -> None:
        entry, seed = self.seeds[chance.choice(sorted(self.seeds))]
        data = damage.spoil_json(chance, seed)
        self.entered = chance.random() < 0.4
        self.role = entry.role
        if self.entered:
            path = self.put("layer.geojson", data)
            command("--study", self.base, "layers", "replace", entry.role, path, "--datum", "wgs84")
        else:
            self.put_in_study(entry.path, data)
            self.catalog._known.clear()
            self.catalog.vector(entry.role)

    def accepted(self) -> None:
        catalog = Catalog.open(self.base / "catalog.yaml") if self.entered else self.catalog
        check_frame(catalog.vector(self.role))

"""Files beside a result, spoilt: run.json and stories."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import yaml

import corridor.cli.rerun as rerun_module
from corridor.study.compare import check_parameters
from corridor.study.study import Study
from corridor.web.html import json_for_script
from corridor.web.story import check_story, for_page, read_story
from tests import web_factory
from tests.fuzzing import damage
from tests.fuzzing.kind import Kind, command


class Runs(Kind):
    """run.json and the table beside it, given to `rerun`."""

    name, share = "run.json", 3

    def prepare(self) -> None:
        from corridor.formats.provenance import provenance
        from corridor.formats.tables import criteria_table

        self.study("coastline", "proposals")
        self.comparison, study = web_factory.comparison(), Study.open(self.base)
        for scenario_id, made in self.comparison.results.items():
            made.scenario = study.scenario(scenario_id)
        self.seed = json.dumps(provenance(study, self.comparison), default=str).encode()
        self.table = criteria_table(self.comparison).to_csv(index=False, float_format="%.6g").encode()

    def _compared(self, study: Study, ids: list[str], *_: object, **__: object) -> Any:
        check_parameters(study.parameters)
        for scenario_id in ids:
            study.scenario(scenario_id)
        return self.comparison

    def act(self, chance: Random) -> None:
        spoilt = chance.random()
        self.put("results.csv", damage.spoil_csv(chance, self.table) if spoilt < 0.35 else self.table)
        path = self.put("run.json", damage.spoil_json(chance, self.seed) if spoilt > 0.25 else self.seed)
        kept, rerun_module.compare = rerun_module.compare, self._compared  # type: ignore[assignment]
        try:
            command("--study", self.base, "rerun", path, "--quiet")
        except SystemExit as stop:
            if stop.__context__ is not None or stop.code != 1:  # 1 without an error: the numbers differ
                raise
        finally:
            rerun_module.compare = kept


class Stories(Kind):
    """story.yaml: views of a map."""

    name, share = "story.yaml", 10

    def prepare(self) -> None:
        self.comparison, self.layers = web_factory.comparison(), web_factory.layers()
        views: list[dict[str, Any]] = [
            {"scenario": "committed-2030", "show": "value", "place": "all", "layers": ["zones", "rail"], "caption": {"en": "One", "zh-Hant": "一"}},
            {"scenario": "western-2035", "hour": "08:30", "center": [114.0, 22.5], "zoom": 11.5, "caption": {"en": "Two"}, "notes": {"en": "x"}},
            {"scenario": "western-viaduct", "measure": "to_qianhai", "show": "side by side", "place": "qianhai", "caption": {"en": "Three"}},
        ]  # fmt: skip
        self.seed = yaml.safe_dump(
            {"title": {"en": "Story"}, "views": views}, allow_unicode=True, sort_keys=False
        ).encode()

    def act(self, chance: Random) -> None:
        self.told = read_story(self.put("story.yaml", damage.spoil_yaml(chance, self.seed)))
        check_story(self.told, self.comparison, self.layers)

    def accepted(self) -> None:
        json_for_script(for_page(self.told, self.comparison, self.layers))

"""A network with what a scenario file changes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from corridor.network.overlay import NetworkTables, build_network
from corridor.network.service import Network
from tests.network.line_factory import TABLES, Build, resolve


@pytest.fixture
def build(tmp_path: Path) -> Build:
    def built(text: str | dict, *levers: str, of: NetworkTables = TABLES) -> Network:
        return build_network(of, resolve(tmp_path, text, *levers))

    return built

"""What Jinja reads as a template, and what the program and its libraries have as texts of their own."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jinja2
import pytest

from tests.paths import ROOT

WEB = ROOT / "corridor" / "web"
TEMPLATES = WEB / "templates"


def constants() -> frozenset[str]:
    """Every text in the source of the program and of the libraries that it makes pages with, and every shipped template."""
    files = [
        Path(str(m.__file__)) for n, m in list(sys.modules.items()) if n.split(".")[0] in ("branca", "folium")
    ]
    files += WEB.rglob("*.py")
    trees = (ast.parse(f.read_text("utf-8")) for f in files if f.suffix == ".py")
    nodes = (node for tree in trees for node in ast.walk(tree))
    written = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return frozenset({*written, *(t.read_text("utf-8") for t in TEMPLATES.iterdir())})


@contextmanager
def watched() -> Iterator[list[str]]:
    """Every source that Jinja reads in the block."""
    seen: list[str] = []
    compile_ = jinja2.Environment.compile

    def watch(self: Any, source: Any, *rest: Any, **more: Any) -> Any:
        seen.append(str(source))
        return compile_(self, source, *rest, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jinja2.Environment, "compile", watch)
        yield seen

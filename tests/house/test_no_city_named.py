"""Nothing in the program names the region of the shipped study; what does is listed here with its reason."""

from __future__ import annotations

import re
from pathlib import Path

from corridor.schema.region import shipped_region
from corridor.schema.text import LANGS
from tests.paths import ROOT

PACKAGE = ROOT / "corridor"
NAMED = re.compile(
    r"(?i:hong.?kong|shenzhen|deep.?bay|后海|後海|深圳|香港|深港|港深|futian|lok.?ma)"
    r"|['\"](?:hk|sz)['\"]|\b(?:hk|sz)_|_(?:hk|sz)\b"
)
ALLOWED: dict[str, tuple[str, str]] = {
    "core/crs.py": ("Hong Kong 1980 Grid", "the name of a coordinate system that layers may be in"),
    "importers/vectors/read.py": (
        "Hong Kong 1980 Grid",
        "the name of a coordinate system that layers may be in",
    ),
    "importers/tables/sources.csv": ("Hong Kong", "data: what each public source that may be fetched covers"),
    "importers/osm/query.py": (
        "Shenzhen|Futian",
        "an example in a message, and where a count of streets was taken",
    ),
}
"""By file: what may stand there, and why."""


def _sources() -> list[Path]:
    found = [p for kind in ("*.py", "*.csv", "*.js", "*.css", "*.html") for p in PACKAGE.rglob(kind)]
    return sorted(p for p in found if "_bundle" not in p.parts)


def _named(path: Path) -> list[str]:
    name = path.relative_to(PACKAGE).as_posix()
    text = path.read_text(encoding="utf-8")
    if name in ALLOWED:
        text = re.sub(ALLOWED[name][0], "", text)
    return [f"{name}:{text[: m.start()].count(chr(10)) + 1}: {m[0]}" for m in NAMED.finditer(text)]


def test_no_source_names_a_city() -> None:
    sources = _sources()
    assert {".py", ".csv", ".js", ".css"} <= {p.suffix for p in sources} and len(sources) > 200
    assert not [found for path in sources for found in _named(path)]


def test_every_exception_is_still_needed() -> None:
    for name, (what, reason) in ALLOWED.items():
        assert reason and re.search(what, (PACKAGE / name).read_text(encoding="utf-8")), name


def test_what_is_looked_for_stands_in_the_shipped_region() -> None:
    """The search finds the names in all scripts where they do stand."""
    region = shipped_region()
    texts = [*region.names.values(), region.title, region.boundary, region.waters[0].name]
    assert all(NAMED.search(text.in_script(lang)) for text in texts if text for lang in LANGS)
    assert all(NAMED.search(f'"{side}"') for side in region.sides)

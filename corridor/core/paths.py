"""Where bundled folders are: the checkout when run from one, else the wheel's own copy."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_BUNDLE = _PACKAGE / "_bundle"
_ROOT = _BUNDLE if _BUNDLE.is_dir() else _PACKAGE.parent


def layers_dir() -> Path:
    """The folder of bundled layers."""
    return _ROOT / "layers"


def scenarios_dir() -> Path:
    """The folder of shipped scenarios."""
    return _ROOT / "scenarios"


def shipped_studies() -> dict[str, Path]:
    """The folders of the studies that travel with the program beside its own, by name."""
    return {found.parent.name: found.parent for found in sorted(layers_dir().glob("*/catalog.yaml"))}

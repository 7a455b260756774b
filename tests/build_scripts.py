"""The scripts of layers/build, which are beside each other and outside the package."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

from tests.paths import ROOT

BUILD = ROOT / "layers" / "build"


def script(name: str) -> ModuleType:
    """One of the scripts as a module."""
    sys.path.insert(0, str(BUILD))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(BUILD))

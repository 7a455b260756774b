"""The region of a study, read from its file; what states none is of the region of the shipped layers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import ValidationError

from corridor import paths
from corridor.errors import CatalogError
from corridor.schema.region import Region, Sides
from corridor.schema.yaml_source import read_yaml, validation_problems


def read_region(path: Path) -> Region:
    """Read a region file; a :class:`CatalogError` lists every problem with its line."""
    source = read_yaml(path, CatalogError)
    try:
        return Region.model_validate(source.data)
    except ValidationError as error:
        raise CatalogError(validation_problems(source, error, "region")) from None


@cache
def shipped_region() -> Region:
    """The region of the shipped layers."""
    return read_region(paths.layers_dir() / "region.yaml")


def shipped_sides() -> Sides:
    """The ids of the sides in the shipped layers; what is made by hand without a region has these."""
    return shipped_region().sides


__all__ = ["Region", "Sides", "read_region", "shipped_region", "shipped_sides"]

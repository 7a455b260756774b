"""Freight over the boundary as published: control points for goods, and totals. A table, no model."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from corridor.schema.catalog import Catalog


@dataclass(frozen=True)
class Freight:
    """Layers of roles ``cargo_points`` and ``freight_totals``."""

    points: pd.DataFrame
    """checkpoint_id, goods_open, goods_close, vehicles_per_day, vehicles_are (observed or design), vehicles_year, source,
    confidence, and which rule or line frees it in three scripts."""
    totals: pd.DataFrame
    """quantity, names, value, unit, year, source, confidence; empty where there is none."""


def freight(catalog: Catalog) -> Freight | None:
    """The freight tables of a catalogue; None where none of its control points is one for goods.

    A study that extends the shipped catalogue with control points of its own leaves the shipped ones aside.
    """
    if not catalog.having("cargo_points") or not catalog.having("checkpoints"):
        return None
    points, known = catalog.table("cargo_points"), catalog.table("checkpoints")["checkpoint_id"]
    own = points[points["checkpoint_id"].isin(known)].reset_index(drop=True)
    return Freight(own, catalog.table_if_any("freight_totals")) if len(own) else None

"""How much habitat an animal reaches: PC, IIC and ECA of its patches, and what single patches are worth.

Pascual-Hortal and Saura 2006 (IIC); Saura and Pascual-Hortal 2007 (PC); Saura et al. 2011 (ECA); Saura and Rubio
2010 (shares of dPC). Half of the animals pass the median dispersal distance m, so p = 2^(-d / m) on a step of d metres;
the probability of the best way is p of its shortest sum. All distances share one table of ways.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.ecology.connectivity.taxon_patches import Homes, gaps, same_patches, shortest, steps

PATCH_COLUMNS = [
    "patch", "x_m", "y_m", "area_ha", "distance_m", "dpc_percent", "intra_percent", "flux_percent",
    "connector_percent",
]  # fmt: skip


FAR = 20.0
"""Medians beyond which a way is as good as none: p is 2 to the power of -20."""


@dataclass(frozen=True, eq=False)
class Reach:
    """Patches and the metres between them: ``gap`` straight from edge to edge.

    ``like``: a reach with patches of the same cells, whose ways hold here too.
    """

    homes: Homes
    gap: NDArray[np.float32]
    like: Reach | None = None
    _found: dict[tuple[str, float], float] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, homes: Homes, cell_m: float, before: Reach | None = None) -> Reach:
        """The reach of patches; distances between patches that are as they were ``before`` are kept."""
        known = np.full((homes.count, homes.count), np.nan, dtype=np.float32)
        if before is not None:
            same = same_patches(before.homes, homes)
            if homes.count == before.homes.count and (same == np.arange(homes.count)).all():
                return cls(homes, before.gap, before)
            old = np.flatnonzero(same >= 0)
            known[np.ix_(old, old)] = before.gap[np.ix_(same[old], same[old])]
        return cls(homes, gaps(homes, cell_m, known))

    @cached_property
    def way(self) -> NDArray[np.float32]:
        """Metres outside patches on the best way between any two."""
        return self.like.way if self.like else np.asarray(shortest(self.gap))

    def probability(self, median_m: float) -> NDArray[np.float64]:
        """The probability of the best way between any two patches."""
        return np.exp2(-self.way.astype(np.float64) / median_m)

    def pc_ha2(self, median_m: float) -> float:
        """The numerator of PC, the sum of a_i a_j p_ij; its root is ECA (ha)."""
        if ("pc", median_m) not in self._found:
            area = self.homes.area_ha
            self._found["pc", median_m] = float(area @ self.probability(median_m) @ area)
        return self._found["pc", median_m]

    def iic_ha2(self, limit_m: float) -> float:
        """The numerator of IIC, the sum of a_i a_j / (1 + steps) over links no longer than a limit."""
        if ("iic", limit_m) not in self._found:
            found = steps(self.gap, limit_m)
            weight = np.where(found >= 0, 1.0 / (1.0 + np.maximum(found, 0)), 0.0)
            self._found["iic", limit_m] = float(self.homes.area_ha @ weight @ self.homes.area_ha)
        return self._found["iic", limit_m]


def reach_row(before: Reach, after: Reach, distance_m: float, land_ha: float) -> dict[str, float]:
    """PC, IIC, ECA at one distance, before and after: values, change and per cent."""
    row: dict[str, float] = {"distance_m": distance_m}
    for name in ("pc", "iic"):
        was, now = (r.pc_ha2(distance_m) if name == "pc" else r.iic_ha2(distance_m) for r in (before, after))
        row |= {f"{name}_before": was / land_ha**2, f"{name}_after": now / land_ha**2}
        row[f"{name}_change_percent"] = _percent(was, now)
    was, now = (float(np.sqrt(r.pc_ha2(distance_m))) for r in (before, after))
    row |= {"eca_ha_before": was, "eca_ha_after": now, "eca_change_ha": now - was}
    row["eca_change_percent"] = _percent(was, now)
    return row


def _percent(was: float, now: float) -> float:
    return 100 * (now - was) / was if was else 0.0


def patch_worth(reach: Reach, patch: int, median_m: float) -> dict[str, float]:
    """dPC of one patch (from 0) in per cent and its shares: intra, flux, connector; the first is their sum."""
    area, whole = reach.homes.area_ha, reach.pc_ha2(median_m)
    p = reach.probability(median_m)
    intra = float(area[patch] ** 2)
    flux = float(2 * area[patch] * (p[patch] @ area) - 2 * intra)
    connector = _connector(reach, patch, median_m)
    shares = {"intra": intra, "flux": flux, "connector": connector}
    values = {f"{k}_percent": 100 * v / whole for k, v in shares.items()}
    return {"dpc_percent": sum(values.values()), **values}


def _connector(reach: Reach, patch: int, median_m: float) -> float:
    """What pairs of other patches lose when one patch no longer serves as a stepping stone (ha2).

    Pairs farther apart than FAR medians (p below one in a million) are left out, and the ways around are looked for
    among the patches within twice that of the patch: no shorter way around can leave them.
    """
    area, way = reach.homes.area_ha, reach.way
    around = np.flatnonzero((way[patch] <= 2 * FAR * median_m) & (np.arange(area.size) != patch))
    here = np.ix_(around, around)
    over = _over(way, patch)[here] & (way[here] <= FAR * median_m)
    if not over.any():
        return 0.0
    bypass = shortest(reach.gap[here])
    lost = np.exp2(-way[here].astype(np.float64) / median_m) - np.exp2(-bypass.astype(np.float64) / median_m)
    return max(float(area[around] @ np.where(over, lost, 0.0) @ area[around]), 0.0)


def worthiest_near(
    reach: Reach, median_m: float, distance_m: NDArray[np.float64], near_m: float, most: int = 10
) -> pd.DataFrame:
    """The patches of largest dPC within ``near_m`` of the works; ``distance_m`` is that of each patch.

    What a patch is worth at most follows from the ways that may lead over it; patches that cannot be among the first
    are not worked out.
    """
    area, p = reach.homes.area_ha, reach.probability(median_m)
    whole = float(area @ p @ area)
    candidates = np.flatnonzero(distance_m <= near_m)
    ceiling = {int(k): _ceiling(reach.way, area, p, int(k)) / whole * 100 for k in candidates}
    found: list[tuple[float, int, dict[str, float]]] = []
    for k in sorted(ceiling, key=lambda k: (-ceiling[k], k)):
        if len(found) >= most and found[most - 1][0] >= ceiling[k]:
            break
        worth = patch_worth(reach, k, median_m)
        found = sorted([*found, (worth["dpc_percent"], k, worth)], key=lambda f: (-f[0], f[1]))
    rows = [
        {"patch": k + 1, "area_ha": area[k], "distance_m": distance_m[k], **worth}
        for _, k, worth in found[:most]
    ]
    return pd.DataFrame(rows, columns=PATCH_COLUMNS)


def _over(way: NDArray[np.float32], k: int) -> NDArray[np.bool_]:
    """Pairs whose best way may lead over patch k, pairs with k itself among them."""
    return np.asarray(way[:, k][:, None] + way[k][None, :] <= way * (1 + 1e-5) + 1e-3)


def _ceiling(way: NDArray[np.float32], area: NDArray[np.float64], p: NDArray[np.float64], k: int) -> float:
    """What the loss of a patch can cost at most: all pairs whose best way may lead over it."""
    return float(area @ np.where(_over(way, k), p, 0.0) @ area)

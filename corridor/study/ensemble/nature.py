"""What works take and disturb at other widths, areas of sites and curves: worked out on a few, read between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from corridor.ecology.impact.assess import EcologyResult, totals
from corridor.ecology.impact.difference import Headline, headline
from corridor.ecology.impact.disturbance import EQUIVALENTS
from corridor.ecology.land.land import Land
from corridor.ecology.works.parameters import ParameterTable, Quantity
from corridor.ecology.works.profile import Work
from corridor.study.ensemble.design import Draw

F64 = NDArray[np.float64]
RATIOS = (0.6, 1.0, 1.6)
"""Of widths and of areas of sites. Strips grow in proportion to their width, so that figures between these are close to
straight; docs/ensembles.md has by how much they are off."""
CURVES = (-1.0, 0.0, 1.0)
FIGURES = tuple(f.name for f in fields(Headline))


@dataclass(frozen=True)
class NatureAt:
    """Headline figures of a scenario on a grid of ratios and curves.

    Attributes
    ----------
    figures
        (ratio of widths, ratio of areas of sites, curve, figure), in the order of :data:`FIGURES`.
    """

    figures: F64

    def at(self, draw: Draw) -> Headline:
        """Headline figures of a draw, linear between the nearest of the grid; beyond its ends those of the end."""
        places = (
            (RATIOS, draw.value("structure_width", 1.0)),
            (RATIOS, draw.value("site_area", 1.0)),
            (CURVES, draw.value("disturbance_curve", 0.0)),
        )
        found = self.figures
        for nodes, value in places:
            found = _between(found, nodes, value)
        return Headline(**{name: float(v) for name, v in zip(FIGURES, found, strict=True)})


def _between(figures: F64, nodes: Sequence[float], value: float) -> F64:
    """Along the first axis."""
    place = float(np.interp(value, nodes, range(len(nodes))))
    below = min(int(place), len(nodes) - 2)
    part = place - below
    return np.asarray((1 - part) * figures[below] + part * figures[below + 1])


def nature_at(works: Sequence[Work], central: EcologyResult, land: Land, table: ParameterTable) -> NatureAt:
    """Assess works at every ratio and curve of the grid.

    Parameters
    ----------
    works, land, table
        As for :func:`corridor.ecology.impact.assess.assess`.
    central
        The result at the widths of the table: its wildlife sites, corridors and unknown ground are those of all draws.
    """
    grid = np.empty((len(RATIOS), len(RATIOS), len(CURVES), len(FIGURES)))
    for (i, width), (j, area) in product(enumerate(RATIOS), enumerate(RATIOS)):
        together = totals([_with_areas(w, area) for w in works], land, _with_widths(table, width))
        for k, column in enumerate(EQUIVALENTS):
            names = {"habitat_disturbance", "designated_disturbance"}
            curved = {n: getattr(together, n) for n in names}
            curved = {n: f.assign(**{EQUIVALENTS[1]: f[column]}) for n, f in curved.items()}
            figures = headline(replace(central, together=replace(together, **curved)))
            grid[i, j, k] = [getattr(figures, name) for name in FIGURES]
    return NatureAt(grid)


def _with_widths(table: ParameterTable, ratio: float) -> ParameterTable:
    if ratio == 1:
        return table
    return replace(table, components=tuple(replace(c, size=_times(c.size, ratio)) for c in table.components))


def _times(figure: Quantity, ratio: float) -> Quantity:
    return replace(figure, low=figure.low * ratio, central=figure.central * ratio, high=figure.high * ratio)


def _with_areas(work: Work, ratio: float) -> Work:
    """A site that is drawn as a polygon stays as drawn."""
    sites = tuple(s if s.area_ha is None else replace(s, area_ha=s.area_ha * ratio) for s in work.sites)
    return work if ratio == 1 or not sites else replace(work, sites=sites)

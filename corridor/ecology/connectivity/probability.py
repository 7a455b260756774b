"""Connectivity of patches: PC, IIC, ECA, and what each patch or link is worth to the whole.

Patches have an attribute (area), links a length. An animal passes a link of d metres with probability exp(-k d), and
a path of several links with the product of theirs; p*_ij is that of the best path, which is the one of the least sum of
metres, whatever k is.

- PC = sum_i sum_j a_i a_j p*_ij / A² (Saura and Pascual-Hortal 2007); IIC = sum_i sum_j a_i a_j / (1 + nl_ij) / A², nl the
  fewest links (Pascual-Hortal and Saura 2006); A the area of the landscape;
- ECA = the root of the numerator of PC (Saura et al. 2011);
- dPC_k = 100 (PC - PC without k) / PC = intra + flux + connector (Saura and Rubio 2010).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from corridor.core.errors import Problems
from corridor.ecology.connectivity.best_paths import HOPS, Floats, Links, block_importance, block_sums
from corridor.ecology.fragmentation.patches import LINK_COLUMNS
from corridor.ecology.land.checks import check_columns, check_length

DISTANCES_M = (1_000.0, 5_000.0, 10_000.0)
"""Median dispersal distances (m) at which patches are judged where no species is named."""
SOURCES_AT_ONCE = 64
"""Sums are taken over blocks of so many patches, in order: the same figures on one core and on many."""
SHOWN = 3
"""So many patches or links of a fault are named; the rest is counted."""
IMPORTANCE_COLUMNS = [
    "patch",
    "distance_m",
    "d_percent",
    "intra_percent",
    "flux_percent",
    "connector_percent",
]

Area: TypeAlias = pd.Series | Mapping[int, float] | ArrayLike


@dataclass(frozen=True)
class Connectivity:
    """PC or IIC of one graph of patches.

    Attributes
    ----------
    numerator
        The sum of a_i a_j p*_ij (PC) or a_i a_j / (1 + nl_ij) (IIC) over all i and j, area squared.
    landscape_area
        A, the area of the landscape.
    patches
        How many patches.
    habitat_area
        The sum of a_i. All areas are in the unit given.
    """

    numerator: float
    landscape_area: float
    patches: int
    habitat_area: float

    @property
    def index(self) -> float:
        """PC or IIC, 0 to 1: the chance that two random points of the landscape are in connected habitat."""
        return self.numerator / self.landscape_area**2 if self.landscape_area > 0 else 0.0

    @property
    def eca(self) -> float:
        """Equivalent connected area: the area of one patch of the same index, in the unit of the areas."""
        return float(np.sqrt(self.numerator))


@dataclass(frozen=True)
class LinkLoss:
    """What cut or lengthened links cost: the index before and after, with the same patches."""

    before: Connectivity
    after: Connectivity

    @property
    def loss_percent(self) -> float:
        """dPC of the links together: the part of the index that is lost, in per cent."""
        was = self.before.numerator
        return 100 * (was - self.after.numerator) / was if was else 0.0

    @property
    def eca_loss(self) -> float:
        """The equivalent connected area lost, in the unit of the areas."""
        return self.before.eca - self.after.eca


def decay_per_m(distance_m: float, probability: float = 0.5) -> float:
    """The k (1/m) of p = exp(-k d) that gives a probability at a distance: k = -ln(p) / d.

    Parameters
    ----------
    distance_m
        A dispersal distance (m), above 0.
    probability
        The share that disperses as far, between 0 and 1; 0.5 at the median.

    Raises
    ------
    LayerError
        For a distance or probability outside its range.

    Examples
    --------
    >>> round(decay_per_m(1000.0), 6)
    0.000693
    """
    with Problems() as found:
        check_length(found, "dispersal distance", distance_m)
        if not 0 < probability < 1:
            found.add("dispersal probability", f"{probability!r}", "between 0 and 1", "0.5 is the median")
    return float(-np.log(probability) / distance_m)


@dataclass(frozen=True, eq=False)
class PatchGraph:
    """Patches (``patch`` their numbers, ``area`` their attribute) and links, checked; every index is read off it."""

    patch: NDArray[np.int64]
    area: Floats
    links: Links

    @classmethod
    def of(cls, area: Area, links: pd.DataFrame) -> PatchGraph:
        """The graph of patches and links.

        Parameters
        ----------
        area
            Attribute of each patch (any unit) by its number: a Series or mapping, or an array for patches 1, 2, ...
        links
            Columns a, b (patch numbers), distance_m (m, infinite for a cut link); both ways. Of several links of two
            patches the shortest counts.

        Raises
        ------
        LayerError
            With every fault of the patches and links.
        """
        series = _as_series(area)
        with Problems() as found:
            _check_area(found, series)
            _check_links(found, "links", links, series)
        patch = series.index.to_numpy(dtype=np.int64)
        place = pd.Series(np.arange(patch.size), index=patch)
        a, b = (place.reindex(links[c]).to_numpy(dtype=np.int64) for c in ("a", "b"))
        length = links["distance_m"].to_numpy(dtype=np.float64)
        return cls(patch, series.to_numpy(dtype=np.float64), Links.of(patch.size, a, b, length))

    def pc(self, decays: Sequence[float]) -> Floats:
        """The numerator of PC (area squared) for each decay (1 / m), in their order."""
        return self._sums(self.links.for_paths, np.array(decays))

    def iic(self, limit_m: float) -> float:
        """The numerator of IIC (area squared) over links no longer than a limit (m); LayerError for a limit below 0."""
        return float(self._sums(self._within(limit_m), np.array([HOPS]))[0])

    def pc_importance(self, decays: Sequence[float]) -> Floats:
        """The shares of each patch in PC, for each decay (1 / m): shape (decay, 4, patch), area squared.

        Rows: intra, flux, connector, and the patch's own terms of the numerator, which add up to the whole of it.
        """
        return self._importance(self.links.for_losses, np.array(decays))

    def iic_importance(self, limit_m: float) -> Floats:
        """The same shares of IIC over links no longer than a limit (m): shape (1, 4, patch)."""
        return self._importance(self._within(limit_m), np.array([HOPS]))

    def _within(self, limit_m: float) -> Links:
        with Problems() as found:
            check_length(found, "limit_m", limit_m, zero=True)
        return self.links.within(limit_m)

    def _sums(self, links: Links, decay: Floats) -> Floats:
        return self._by_blocks(block_sums, links, decay, np.zeros(decay.size))

    def _importance(self, links: Links, decay: Floats) -> Floats:
        return self._by_blocks(block_importance, links, decay, np.zeros((decay.size, 4, self.patch.size)))

    def _by_blocks(self, kernel: Any, links: Links, decay: Floats, nothing: Floats) -> Floats:
        """A kernel summed over blocks of sources."""
        n = self.patch.size

        def one(first: int) -> Any:
            last = min(first + SOURCES_AT_ONCE, n)
            return kernel(links.start, links.neighbour, links.length, self.area, decay, first, last)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return np.asarray(sum(pool.map(one, range(0, n, SOURCES_AT_ONCE)), start=nothing))

    def connectivity(self, numerator: float, landscape_area: float | None = None) -> Connectivity:
        """An index with its landscape (A); the area of all patches where none is given.

        Raises LayerError for a landscape smaller than its patches: areas must be in one unit.
        """
        habitat = float(self.area.sum())
        with Problems() as found:
            if landscape_area is not None and not habitat * (1 - 1e-9) <= landscape_area < np.inf:
                expected = f"the area of all patches ({habitat:.6g}) or more"
                found.add("landscape_area", f"{landscape_area!r}", expected, "use the unit of the areas")
        return Connectivity(
            float(numerator), habitat if landscape_area is None else landscape_area, self.patch.size, habitat
        )

    def importance_frame(self, shares: Floats, distance_m: float) -> pd.DataFrame:
        """Shares of one decay or limit in per cent of the whole, by patch.

        ``shares``: (4, patch) of :meth:`pc_importance` or :meth:`iic_importance`. Columns :data:`IMPORTANCE_COLUMNS`;
        ``d_percent`` is the sum of the three shares.
        """
        whole = shares[3].sum()
        percent = 100 * shares[:3] / whole if whole else np.zeros_like(shares[:3])
        columns = self.patch, distance_m, percent.sum(axis=0), *percent
        return pd.DataFrame(dict(zip(IMPORTANCE_COLUMNS, columns, strict=True)))


def probability_of_connectivity(
    area: Area,
    links: pd.DataFrame,
    median_dispersal_m: float,
    *,
    probability: float = 0.5,
    landscape_area: float | None = None,
) -> Connectivity:
    """Probability of connectivity (PC) and equivalent connected area (ECA).

    PC = sum_i sum_j a_i a_j p*_ij / A^2, p*_ij the probability of the best path; ECA = sqrt(sum_i sum_j a_i a_j p*_ij).

    Parameters
    ----------
    area, links
        Patches and links, as in :meth:`PatchGraph.of`.
    median_dispersal_m
        The distance (m) of which a link is passed with ``probability``.
    probability
        Between 0 and 1; 0.5 at the median.
    landscape_area
        A, in the unit of ``area`` and not less than its sum; that sum where not given.

    Returns
    -------
    Connectivity
        With ``index`` (PC, 0 to 1) and ``eca``.

    Raises
    ------
    LayerError
        With every fault of the patches and links.

    References
    ----------
    Saura and Pascual-Hortal 2007, Landscape and Urban Planning 83:91-103; Saura et al. 2011, Forest Ecology and
    Management 262:150-160.

    Examples
    --------
    >>> links = pd.DataFrame({"a": [1], "b": [2], "distance_m": [500.0]})
    >>> round(probability_of_connectivity([1.0, 1.0], links, 500.0).eca, 3)
    1.732
    """
    decay = decay_per_m(median_dispersal_m, probability)
    graph = PatchGraph.of(area, links)
    return graph.connectivity(graph.pc([decay])[0], landscape_area)


def integral_index(
    area: Area, links: pd.DataFrame, limit_m: float, *, landscape_area: float | None = None
) -> Connectivity:
    """Integral index of connectivity: IIC = sum_i sum_j a_i a_j / (1 + nl_ij) / A^2.

    Parameters
    ----------
    area, links, landscape_area
        As in :func:`probability_of_connectivity`.
    limit_m
        Links longer than this (m) do not count; nl_ij is the smallest number of the others between i and j.

    References
    ----------
    Pascual-Hortal and Saura 2006, Landscape Ecology 21:959-967.
    """
    graph = PatchGraph.of(area, links)
    return graph.connectivity(graph.iic(limit_m), landscape_area)


def patch_importance(
    area: Area, links: pd.DataFrame, distances_m: Sequence[float] = DISTANCES_M, *, probability: float = 0.5
) -> pd.DataFrame:
    """dPC of every patch, exact: the percentage of PC lost without it.

    dPC_k = 100 (PC - PC without k) / PC = intra + flux + connector.

    Parameters
    ----------
    area, links
        As in :func:`probability_of_connectivity`.
    distances_m
        Dispersal distances (m), each with its own rows.
    probability
        The probability of a link of that distance.

    Returns
    -------
    pandas.DataFrame
        Columns patch, distance_m, d_percent and its shares: intra_percent (a_k^2), flux_percent (2 a_k a_j p*_kj over
        all other j), connector_percent (what the others lose among themselves).

    References
    ----------
    Saura and Rubio 2010, Ecography 33:523-537.
    """
    decays = [decay_per_m(d, probability) for d in distances_m]
    graph = PatchGraph.of(area, links)
    found = zip(graph.pc_importance(decays), distances_m, strict=True)
    return pd.concat([graph.importance_frame(shares, d) for shares, d in found], ignore_index=True)


def patch_importance_iic(area: Area, links: pd.DataFrame, limit_m: float) -> pd.DataFrame:
    """dIIC of every patch with its shares (per cent): columns as of :func:`patch_importance`.

    ``limit_m`` is the longest link that counts (m), 0 or more; it is in the column ``distance_m``.
    """
    graph = PatchGraph.of(area, links)
    return graph.importance_frame(graph.iic_importance(limit_m)[0], limit_m)


def link_loss(
    area: Area,
    links: pd.DataFrame,
    changed: pd.DataFrame,
    median_dispersal_m: float,
    *,
    probability: float = 0.5,
    landscape_area: float | None = None,
) -> LinkLoss:
    """PC and ECA before and after works cut or lengthen links, with the same patches.

    Parameters
    ----------
    area, links, median_dispersal_m, probability, landscape_area
        As in :func:`probability_of_connectivity`.
    changed
        Columns a, b, distance_m: the new length (m) of links that are in ``links``, infinite where a link is cut.

    Raises
    ------
    LayerError
        Also for links that are not in ``links``, or occur twice.
    """
    options: dict[str, Any] = {"probability": probability, "landscape_area": landscape_area}
    before = probability_of_connectivity(area, links, median_dispersal_m, **options)
    after = _with_changes(links, changed)
    return LinkLoss(before, probability_of_connectivity(area, after, median_dispersal_m, **options))


def _with_changes(links: pd.DataFrame, changed: pd.DataFrame) -> pd.DataFrame:
    """Links with new lengths, by their two patches in either order."""
    with Problems() as found:
        check_columns(found, "changed", changed, LINK_COLUMNS)
    known, new = (_keys(f) for f in (links, changed))
    lengths = changed["distance_m"].to_numpy(dtype=np.float64)
    with Problems() as found:
        if unknown := [f"{a}-{b}" for a, b in sorted(set(new) - set(known))]:
            found.add(
                "changed", f"links {_named(unknown)} are not in links", "known links", "add or drop them"
            )
        if twice := [f"{a}-{b}" for a, b in sorted({k for k in new if new.count(k) > 1})]:
            found.add("changed", f"links {_named(twice)} occur twice", "a link once", "drop one")
        _check_lengths(found, "changed", changed)
    by_key = dict(zip(new, lengths, strict=True))
    old = links["distance_m"].to_numpy(dtype=np.float64)
    return links.assign(distance_m=[by_key.get(k, d) for k, d in zip(known, old, strict=True)])


def _keys(links: pd.DataFrame) -> list[tuple[int, int]]:
    return [(min(a, b), max(a, b)) for a, b in zip(links["a"].tolist(), links["b"].tolist(), strict=True)]


def _as_series(area: Area) -> pd.Series:
    if isinstance(area, pd.Series):
        return area.astype(np.float64)
    if isinstance(area, Mapping):
        return pd.Series(dict(area), dtype=np.float64)
    values = np.asarray(area, dtype=np.float64)
    with Problems() as found:
        if values.ndim != 1:
            found.add("area", f"shape {values.shape}", "one value a patch", "give a flat array")
    return pd.Series(values, index=np.arange(1, values.size + 1))


def _check_area(found: Problems, area: pd.Series) -> None:
    if area.empty:
        found.add("area", "no patch", "one patch or more", "see whether the habitat occurs at all")
    twice = area.index[area.index.duplicated()].unique().tolist()
    if twice:
        found.add("area", f"patches {_named(twice)} occur twice", "a patch once", "add them up")
    if wrong := area.index[~((area >= 0) & np.isfinite(area))].tolist():
        values = ", ".join(f"{area.loc[p]}" if p not in twice else "?" for p in wrong[:SHOWN])
        found.add("area", f"patches {_named(wrong)} have {values}", "areas of 0 or more", "correct them")


def _check_links(found: Problems, where: str, links: pd.DataFrame, area: pd.Series) -> None:
    if not check_columns(found, where, links, LINK_COLUMNS):
        return
    if unknown := sorted({str(p) for c in ("a", "b") for p in links[c][~links[c].isin(area.index)]}):
        what = f"patches {_named(unknown)} have no area"
        found.add(where, what, "patches that are known", "add or drop them")
    if loops := links["a"][links["a"] == links["b"]].unique().tolist():
        found.add(where, f"patches {_named(loops)} linked to themselves", "two patches", "drop them")
    _check_lengths(found, where, links)


def _check_lengths(found: Problems, where: str, links: pd.DataFrame) -> None:
    wrong = links[~(links["distance_m"].to_numpy(dtype=np.float64) >= 0)]
    if len(wrong):
        named = [f"{r.a}-{r.b} ({r.distance_m})" for r in wrong.itertuples()]
        expected = "a distance of 0 m or more, infinite for a cut link"
        found.add(where, f"links {_named(named)}", expected, "correct them")


def _named(things: Sequence[Any]) -> str:
    more = f" and {len(things) - SHOWN} more" if len(things) > SHOWN else ""
    return ", ".join(str(t) for t in things[:SHOWN]) + more

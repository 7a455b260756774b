"""Links between patches as arcs sorted for the searches, and those that no best path needs left out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from corridor.ecology.connectivity.best_paths import paths_round

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Links:
    """Links as arcs: those of the i-th patch are ``start[i]`` to ``start[i + 1]`` of ``neighbour`` and ``length`` (m, ascending)."""

    start: NDArray[np.int64]
    neighbour: NDArray[np.int32]
    length: Floats

    @classmethod
    def of(cls, nodes: int, a: NDArray[np.int64], b: NDArray[np.int64], length: Floats) -> Links:
        """Links of patches by position, each at both of its ends; the shortest of several, none for an infinite one.

        Parameters
        ----------
        nodes
            How many patches there are.
        a, b
            The two patches of each link, positions from 0, in either order.
        length
            Its length (m); infinite for a cut link.
        """
        key = np.minimum(a, b) * nodes + np.maximum(a, b)
        order = np.lexsort((length, key))
        kept = np.isfinite(length[order]) & np.insert(np.diff(key[order]) != 0, 0, True)[: key.size]
        low, high = np.divmod(key[order][kept], nodes)
        length = np.tile(length[order][kept], 2)
        tail, head = np.concatenate([low, high]), np.concatenate([high, low])
        order = np.lexsort((length, tail))
        start = np.searchsorted(tail[order], np.arange(nodes + 1)).astype(np.int64)
        return cls(start, head[order].astype(np.int32), length[order])

    def within(self, limit_m: float) -> Links:
        """The links no longer than a limit (m), each of length 1: path lengths are then numbers of links, as IIC needs."""
        return self._only(self.length <= limit_m, np.ones(self.length.size))

    @cached_property
    def for_paths(self) -> Links:
        """Without the links that no best path needs.

        A link is left out where a path of two links, each shorter, is no longer than it. These two may be left out in turn, where
        links shorter still replace them: by induction over length every best path keeps its length.
        """
        return self._only(self._rounds < 1, self.length)

    @cached_property
    def for_losses(self) -> Links:
        """Without the links that no best path needs, whichever single patch is lost.

        As :attr:`for_paths`, but with two paths round, over different patches: the loss of one leaves the other.
        """
        return self._only(self._rounds < 2, self.length)

    @cached_property
    def _rounds(self) -> NDArray[np.int32]:
        """How many paths of two links, each shorter and together no longer, lead round each link."""
        nodes = self.start.size - 1
        tail = np.repeat(np.arange(nodes), np.diff(self.start))
        key, back = tail * nodes + self.neighbour, self.neighbour * np.int64(nodes) + tail
        order = np.argsort(key)
        found = np.asarray(paths_round(self.start, self.neighbour, self.length))
        # each end of a link counts for itself, and both are lower bounds: the larger one holds for both arcs
        return np.asarray(np.maximum(found, found[order[np.searchsorted(key[order], back)]]))

    def _only(self, kept: NDArray[np.bool_], length: Floats) -> Links:
        start = np.concatenate([[0], np.cumsum(kept)])[self.start]
        return Links(start, self.neighbour[kept], length[kept])

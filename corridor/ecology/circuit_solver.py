"""The circuit reduced to its terminals: every other node is eliminated (Kron reduction)."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, diags_array
from scipy.sparse.linalg import splu

from corridor.ecology.circuit_graph import CircuitGraph


class Elimination:
    """All nodes but the terminals eliminated; only nodes of components with a terminal may be in the graph."""

    def __init__(self, graph: CircuitGraph, terminals: NDArray[np.int64]):
        self.terminals = terminals
        self.nodes = graph.nodes
        live = np.isin(graph.component, graph.component[terminals])
        live[terminals] = False
        self._free = np.flatnonzero(live)
        matrix = csr_array((graph.conductance, graph.neighbour, graph.start), shape=(self.nodes, self.nodes))
        degree = np.asarray(matrix.sum(axis=1)).ravel()
        laplacian = csc_array(diags_array(degree) - matrix)
        self._coupling = laplacian[self._free][:, terminals].toarray()
        self._own = laplacian[terminals][:, terminals].toarray()
        self._factor = (
            splu(
                csc_array(laplacian[self._free][:, self._free]),
                permc_spec="MMD_AT_PLUS_A",
                diag_pivot_thresh=0.0,
                options={"SymmetricMode": True},
            )
            if self._free.size
            else None
        )

    @cached_property
    def potentials(self) -> NDArray[np.float64]:
        """Voltage of each node (rows) when one terminal (columns) is at 1 V and the others at 0 V."""
        out = np.zeros((self.nodes, self.terminals.size))
        if self._factor is not None:
            out[self._free] = -self._factor.solve(self._coupling)
        out[self.terminals, np.arange(self.terminals.size)] = 1.0
        return out

    @cached_property
    def schur(self) -> NDArray[np.float64]:
        """The Laplacian of the network of terminals alone that acts as the whole does."""
        reduced = self._own + self._coupling.T @ self.potentials[self._free]
        return np.asarray((reduced + reduced.T) / 2)

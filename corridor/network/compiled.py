"""The graph as arrays: for every two points joined by a direct ride, the services that offer it.

A *section* is an ordered pair of points (stations) with one or more services that ride from one to the other
without a change, and the same clearance at both ends. Waiting is settled for a section as a whole, so that lines
that share a stretch share the wait (de Cea and Fernandez 1993, on the attractive sets of Spiess and Florian 1989).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from corridor.core.csr import row_starts
from corridor.network.service import PERIODS, Network

I32 = NDArray[np.int32]
ON_FOOT = -1  # in link_cp, where it passes no control point
BUS_LINK = -2  # in link_cp: a way by local bus
INSIDE_LINK = -3  # in link_cp: on foot inside the gates of one fare
FEEDER_LINK = -4  # in link_cp: on foot or by feeder, whichever is sooner
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


@dataclass(frozen=True)
class CompiledNetwork:
    """Arrays of one scenario's network; points are stations and halls, times are seconds.

    Sections of point p are rows ``section_start[p]:section_start[p+1]``; the services of section s are rows
    ``service_start[s]:service_start[s+1]``, fastest ride first. Links are walks and clearances likewise.

    Attributes
    ----------
    planned
        Whether a station is not built yet: no bus of today serves it.
    """

    points: tuple[str, ...]
    index: dict[str, int]
    x_m: F64
    y_m: F64
    region: tuple[str, ...]
    street: NDArray[np.bool_]
    planned: NDArray[np.bool_]
    section_start: I32
    section_to: I32
    section_board_cp: I32
    section_alight_cp: I32
    service_start: I32
    service_board: I32
    service_ride_s: F32  # in the vehicle and out to the street
    service_alight_s: F32  # of which out to the street
    board_s: F32  # ticketing included
    board_ticketing_s: F32
    board_headway_s: F32  # (boarding, period); 0 where there is no service
    board_first_s: F32
    board_last_s: F32
    board_pattern: tuple[str, ...]
    board_line: tuple[str, ...]
    board_cp: I32
    board_point: I32
    pattern_start: I32  # stops of pattern i are rows pattern_start[i]:pattern_start[i+1], in order of travel
    stop_point: I32
    stop_board: I32  # the boarding at this stop, -1 where nobody boards
    stop_ride_s: F32  # from departure here to arrival at the next stop; 0 at the last
    stop_dwell_s: F32
    stop_alight_s: F32  # out to the street; infinite where nobody alights
    stop_alight_cp: I32
    link_start: I32
    link_to: I32
    link_s: F32
    link_cp: I32
    cp_ids: tuple[str, ...]
    cp_open_s: F32
    cp_close_s: F32
    cp_clear_s: F32

    @cached_property
    def fingerprint(self) -> str:
        """A hash of everything that times depend on: networks with the same one give the same times."""
        digest = hashlib.sha256(" ".join((*self.points, *self.region)).encode())
        for array in (self.x_m, self.y_m, self.street, self.planned, *self.kernel):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    @property
    def kernel(self) -> tuple[Any, ...]:
        """The arrays in the order that the kernels take them."""
        return (
            self.section_start,
            self.section_to,
            self.section_board_cp,
            self.section_alight_cp,
            self.service_start,
            self.service_board,
            self.service_ride_s,
            self.board_s,
            self.board_headway_s,
            self.board_first_s,
            self.board_last_s,
            self.link_start,
            self.link_to,
            self.link_s,
            self.link_cp,
            self.cp_open_s,
            self.cp_close_s,
            self.cp_clear_s,
        )

    def with_links(self, links: Mapping[int, tuple[I32, F32]], code: int) -> CompiledNetwork:
        """The same with further links from some points (to which, seconds); `code` goes into `link_cp`."""
        none = (np.empty(0, np.int32), np.empty(0, np.float32))
        counts, to, seconds, cp = [], [], [], []
        for p in range(len(self.points)):
            part = slice(self.link_start[p], self.link_start[p + 1])
            more_to, more_s = links.get(p, none)
            to += [self.link_to[part], more_to]
            seconds += [self.link_s[part], more_s]
            cp += [self.link_cp[part], np.full(more_to.size, code)]
            counts.append(part.stop - part.start + more_to.size)
        return replace(
            self,
            link_start=row_starts(counts),
            link_to=np.concatenate(to).astype(np.int32),
            link_s=np.concatenate(seconds).astype(np.float32),
            link_cp=np.concatenate(cp).astype(np.int32),
        )


def compile_graph(graph: nx.MultiDiGraph, network: Network) -> CompiledNetwork:
    """Compile the graph of a network; the order of nodes and edges changes nothing."""
    node, parts = graph.nodes, _Parts.of(graph, network)
    points, boards, open_points = parts.points, parts.boards, [network.checkpoints[c] for c in parts.cp_index]
    return CompiledNetwork(
        points=tuple(points),
        index=parts.index,
        x_m=np.array([node[p]["x_m"] for p in points]),
        y_m=np.array([node[p]["y_m"] for p in points]),
        region=tuple(node[p]["region"] for p in points),
        street=np.array([node[p]["street_access"] for p in points], dtype=bool),
        planned=np.array([node[p].get("planned", False) for p in points], dtype=bool),
        **_section_arrays(parts),
        board_s=_f32(d["board_s"] for _, _, d in boards),
        board_ticketing_s=_f32(d["ticketing_s"] for _, _, d in boards),
        board_headway_s=_f32(d["headway_s"].get(p, 0.0) for _, _, d in boards for p, _, _ in PERIODS).reshape(
            len(boards), len(PERIODS)
        ),
        board_first_s=_f32(d["first_s"] for _, _, d in boards),
        board_last_s=_f32(d["last_s"] for _, _, d in boards),
        board_pattern=tuple(node[stop]["pattern_id"] for stop, _, _ in boards),
        board_line=tuple(d["line_id"] for _, _, d in boards),
        board_cp=_i32(parts.cp(d) for _, _, d in boards),
        board_point=_i32(parts.index[station] for _, station, _ in boards),
        **_pattern_arrays(graph, parts),
        **_link_arrays(graph, parts),
        cp_ids=tuple(parts.cp_index),
        cp_open_s=_f32(c.open_s for c in open_points),
        cp_close_s=_f32(c.close_s for c in open_points),
        cp_clear_s=_f32(c.clearance_s for c in open_points),
    )


def _f32(values: Iterable[float]) -> F32:
    return np.array(list(values), dtype=np.float32)


def _i32(values: Iterable[int]) -> I32:
    return np.array(list(values), dtype=np.int32)


@dataclass(frozen=True)
class _Parts:
    """A graph's edges by what they are: boardings (stop, station, data); rides and ways out by the stop they leave.

    Attributes
    ----------
    cp_index
        Open control points.
    """

    points: list[str]
    index: dict[str, int]
    cp_index: dict[str, int]
    boards: list[tuple[str, str, dict[str, Any]]]
    ride: dict[str, tuple[str, dict[str, Any]]]
    alight: dict[str, tuple[str, dict[str, Any]]]

    @classmethod
    def of(cls, graph: nx.MultiDiGraph, network: Network) -> _Parts:
        """From the graph of a network, in an order of its own; who would clear at a closed control point cannot board."""
        points = sorted(n for n, kind in graph.nodes(data="kind") if kind in {"station", "hall"})
        cp_ids = sorted(c.checkpoint_id for c in network.checkpoints.values() if c.is_open)
        edges: dict[str, list[tuple[str, str, dict[str, Any]]]] = defaultdict(list)
        for u, v, data in graph.edges(data=True):
            edges[data["kind"]].append((u, v, data))
        boards = [(v, u, d) for u, v, d in edges["board"] if d["checkpoint_id"] in {None, *cp_ids}]
        return cls(
            points,
            {p: i for i, p in enumerate(points)},
            {c: i for i, c in enumerate(cp_ids)},
            sorted(boards, key=lambda board: board[0]),
            *({u: (v, d) for u, v, d in edges[kind]} for kind in ("ride", "alight")),
        )

    def cp(self, data: Mapping[str, Any]) -> int:
        """The open control point of an edge; -1 for none."""
        return self.cp_index.get(data["checkpoint_id"], -1)

    def closed(self, data: Mapping[str, Any]) -> bool:
        """Whether an edge leads through a control point that is closed."""
        return bool(data["checkpoint_id"]) and data["checkpoint_id"] not in self.cp_index


def _section_arrays(parts: _Parts) -> dict[str, Any]:
    """Sections by point, and the services of each, fastest ride first."""
    # (from, to, clearance at boarding, at alighting) -> [(ride and alight seconds, boarding, alight seconds)]
    sections: dict[tuple[int, int, int, int], list[tuple[float, int, float]]] = defaultdict(list)
    for b, (stop, station, data) in enumerate(parts.boards):
        current, clock = stop, 0.0
        while current in parts.ride:
            following, leg = parts.ride[current]
            clock += leg["run_s"] + (leg["dwell_s"] if current != stop else 0.0)
            current = following
            target, exit_ = parts.alight[current]
            if target != station and not parts.closed(exit_):
                section = (parts.index[station], parts.index[target], parts.cp(data), parts.cp(exit_))
                sections[section].append((clock + exit_["alight_s"], b, exit_["alight_s"]))
    keys = sorted(sections)
    services = [service for key in keys for service in sorted(sections[key])]
    start, to, board_cp, alight_cp = np.array(keys, dtype=np.int32).reshape(len(keys), 4).T
    return {
        "section_start": row_starts(np.bincount(start, minlength=len(parts.points))),
        "section_to": to.copy(),
        "section_board_cp": board_cp.copy(),
        "section_alight_cp": alight_cp.copy(),
        "service_start": row_starts([len(sections[key]) for key in keys]),
        "service_board": _i32(b for _, b, _ in services),
        "service_ride_s": _f32(t for t, _, _ in services),
        "service_alight_s": _f32(a for _, _, a in services),
    }


def _pattern_arrays(graph: nx.MultiDiGraph, parts: _Parts) -> dict[str, Any]:
    """The stops of every pattern in order of travel, as arrays."""
    board = {stop: b for b, (stop, _, _) in enumerate(parts.boards)}
    stops: list[str] = []
    lengths = []
    for head in sorted(set(parts.ride) - {v for v, _ in parts.ride.values()}):
        chain = [head]
        while chain[-1] in parts.ride:
            chain.append(parts.ride[chain[-1]][0])
        stops += chain
        lengths.append(len(chain))
    nowhere: dict[str, Any] = {"checkpoint_id": None, "alight_s": np.inf}
    exits = [parts.alight[stop][1] if stop in parts.alight else nowhere for stop in stops]
    legs = [parts.ride[stop][1] if stop in parts.ride else {"run_s": 0.0, "dwell_s": 0.0} for stop in stops]
    return {
        "pattern_start": row_starts(lengths),
        "stop_point": _i32(parts.index[graph.nodes[s]["station_id"]] for s in stops),
        "stop_board": _i32(board.get(s, -1) for s in stops),
        "stop_ride_s": _f32(leg["run_s"] for leg in legs),
        "stop_dwell_s": _f32(leg["dwell_s"] for leg in legs),
        "stop_alight_s": _f32(np.inf if parts.closed(e) else e["alight_s"] for e in exits),
        "stop_alight_cp": _i32(parts.cp(e) for e in exits),
    }


def _link_arrays(graph: nx.MultiDiGraph, parts: _Parts) -> dict[str, Any]:
    """Walks and clearances by the point they leave."""
    links = []
    for u, v, d in graph.edges(data=True):
        if d["kind"] == "walk":
            seconds, code = float(d["time_s"]), INSIDE_LINK if d["inside"] else ON_FOOT
        elif d["kind"] == "clear":
            seconds, code = 0.0, parts.cp_index[d["checkpoint_id"]]
        else:
            continue
        links.append((parts.index[u], parts.index[v], seconds, code))
    links.sort()
    return {
        "link_start": row_starts(np.bincount(_i32(k[0] for k in links), minlength=len(parts.points))),
        "link_to": _i32(k[1] for k in links),
        "link_s": _f32(k[2] for k in links),
        "link_cp": _i32(k[3] for k in links),
    }

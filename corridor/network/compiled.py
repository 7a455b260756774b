"""The graph as arrays: for every two points joined by a direct ride, the services that offer it.

A *section* is an ordered pair of points (stations) with one or more services that ride from one to the other
without a change, and the same clearance at both ends. Waiting is settled for a section as a whole, so that lines
that share a stretch share the wait (de Cea and Fernandez 1993, on the attractive sets of Spiess and Florian 1989).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

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
    """

    points: tuple[str, ...]
    index: dict[str, int]
    x_m: F64
    y_m: F64
    region: tuple[str, ...]
    street: NDArray[np.bool_]
    planned: NDArray[np.bool_]
    """Whether a station does not stand yet: no bus of today serves it."""
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
        start, to, seconds, cp = [0], [], [], []
        for p in range(len(self.points)):
            part = slice(self.link_start[p], self.link_start[p + 1])
            more_to, more_s = links.get(p, none)
            to += [self.link_to[part], more_to]
            seconds += [self.link_s[part], more_s]
            cp += [self.link_cp[part], np.full(more_to.size, code)]
            start.append(start[-1] + part.stop - part.start + more_to.size)
        return replace(
            self,
            link_start=np.array(start, dtype=np.int32),
            link_to=np.concatenate(to).astype(np.int32),
            link_s=np.concatenate(seconds).astype(np.float32),
            link_cp=np.concatenate(cp).astype(np.int32),
        )


def compile_graph(graph: nx.MultiDiGraph, network: Network) -> CompiledNetwork:
    """Compile the graph of a network; the order of nodes and edges changes nothing."""
    points = sorted(n for n, kind in graph.nodes(data="kind") if kind in {"station", "hall"})
    index = {p: i for i, p in enumerate(points)}
    cp_ids = tuple(sorted(c.checkpoint_id for c in network.checkpoints.values() if c.is_open))
    cp_index = {c: i for i, c in enumerate(cp_ids)}
    boards = sorted(
        (
            (v, u, d)
            for u, v, d in graph.edges(data=True)
            if d["kind"] == "board" and (d["checkpoint_id"] is None or d["checkpoint_id"] in cp_index)
        ),
        key=lambda item: item[0],
    )
    sections = _sections(graph, boards, index, cp_index)
    links = _links(graph, index, cp_index)
    node = graph.nodes
    return CompiledNetwork(
        points=tuple(points),
        index=index,
        x_m=np.array([node[p]["x_m"] for p in points]),
        y_m=np.array([node[p]["y_m"] for p in points]),
        region=tuple(node[p]["region"] for p in points),
        street=np.array([node[p]["street_access"] for p in points], dtype=bool),
        planned=np.array([node[p].get("planned", False) for p in points], dtype=bool),
        **_section_arrays(sections, len(points)),
        board_s=np.array([d["board_s"] for _, _, d in boards], dtype=np.float32),
        board_ticketing_s=np.array([d["ticketing_s"] for _, _, d in boards], dtype=np.float32),
        board_headway_s=np.array(
            [[d["headway_s"].get(name, 0.0) for name, _, _ in PERIODS] for _, _, d in boards],
            dtype=np.float32,
        ).reshape(len(boards), len(PERIODS)),
        board_first_s=np.array([d["first_s"] for _, _, d in boards], dtype=np.float32),
        board_last_s=np.array([d["last_s"] for _, _, d in boards], dtype=np.float32),
        board_pattern=tuple(node[stop]["pattern_id"] for stop, _, _ in boards),
        board_line=tuple(d["line_id"] for _, _, d in boards),
        board_cp=np.array([cp_index.get(d["checkpoint_id"], -1) for _, _, d in boards], dtype=np.int32),
        board_point=np.array([index[station] for _, station, _ in boards], dtype=np.int32),
        **_pattern_arrays(graph, boards, index, cp_index),
        **_link_arrays(links, len(points)),
        cp_ids=cp_ids,
        cp_open_s=np.array([network.checkpoints[c].open_s for c in cp_ids], dtype=np.float32),
        cp_close_s=np.array([network.checkpoints[c].close_s for c in cp_ids], dtype=np.float32),
        cp_clear_s=np.array([network.checkpoints[c].clearance_s for c in cp_ids], dtype=np.float32),
    )


def _sections(
    graph: nx.MultiDiGraph,
    boards: list[tuple[str, str, dict[str, Any]]],
    index: dict[str, int],
    cp_index: dict[str, int],
) -> dict[tuple[int, int, int, int], list[tuple[float, int, float]]]:
    """(from, to, clearance at boarding, at alighting) -> [(ride and alight seconds, boarding, alight seconds)]."""
    ride = {u: (v, d) for u, v, d in graph.edges(data=True) if d["kind"] == "ride"}
    alight = {u: (v, d) for u, v, d in graph.edges(data=True) if d["kind"] == "alight"}
    sections: dict[tuple[int, int, int, int], list[tuple[float, int, float]]] = defaultdict(list)
    for b, (stop, station, data) in enumerate(boards):
        board_cp = cp_index[data["checkpoint_id"]] if data["checkpoint_id"] else -1
        current, clock = stop, 0.0
        while current in ride:
            following, leg = ride[current]
            clock += leg["run_s"] + (leg["dwell_s"] if current != stop else 0.0)
            current = following
            target, exit_ = alight[current]
            if exit_["checkpoint_id"] and exit_["checkpoint_id"] not in cp_index:
                continue
            alight_cp = cp_index[exit_["checkpoint_id"]] if exit_["checkpoint_id"] else -1
            if target != station:
                sections[index[station], index[target], board_cp, alight_cp].append(
                    (clock + exit_["alight_s"], b, exit_["alight_s"])
                )
    return sections


def _section_arrays(
    sections: dict[tuple[int, int, int, int], list[tuple[float, int, float]]], n: int
) -> dict[str, Any]:
    keys = sorted(sections)
    services = [sorted(sections[k]) for k in keys]
    counts = np.bincount([k[0] for k in keys], minlength=n) if keys else np.zeros(n, dtype=int)
    flat = [item for rows in services for item in rows]
    columns = np.array(keys, dtype=np.int32).reshape(len(keys), 4)
    return {
        "section_start": np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        "section_to": columns[:, 1].copy(),
        "section_board_cp": columns[:, 2].copy(),
        "section_alight_cp": columns[:, 3].copy(),
        "service_start": np.concatenate([[0], np.cumsum([len(r) for r in services])]).astype(np.int32),
        "service_board": np.array([b for _, b, _ in flat], dtype=np.int32),
        "service_ride_s": np.array([t for t, _, _ in flat], dtype=np.float32),
        "service_alight_s": np.array([a for _, _, a in flat], dtype=np.float32),
    }


def _pattern_arrays(
    graph: nx.MultiDiGraph,
    boards: list[tuple[str, str, dict[str, Any]]],
    index: dict[str, int],
    cp_index: dict[str, int],
) -> dict[str, Any]:
    """The stops of every pattern in order of travel, as arrays."""
    ride = {u: (v, d) for u, v, d in graph.edges(data=True) if d["kind"] == "ride"}
    alight = {u: d for u, _, d in graph.edges(data=True) if d["kind"] == "alight"}
    board = {stop: b for b, (stop, _, _) in enumerate(boards)}
    stops, lengths = [], []
    for head in sorted(set(ride) - {v for v, _ in ride.values()}):
        chain = [head]
        while chain[-1] in ride:
            chain.append(ride[chain[-1]][0])
        stops += chain
        lengths.append(len(chain))
    none: dict[str, Any] = {"checkpoint_id": None, "alight_s": np.inf}
    exits = [alight.get(stop, none) for stop in stops]
    closed = [bool(e["checkpoint_id"]) and e["checkpoint_id"] not in cp_index for e in exits]
    legs = [ride[stop][1] if stop in ride else {"run_s": 0.0, "dwell_s": 0.0} for stop in stops]
    return {
        "pattern_start": np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32),
        "stop_point": np.array([index[graph.nodes[s]["station_id"]] for s in stops], dtype=np.int32),
        "stop_board": np.array([board.get(s, -1) for s in stops], dtype=np.int32),
        "stop_ride_s": np.array([leg["run_s"] for leg in legs], dtype=np.float32),
        "stop_dwell_s": np.array([leg["dwell_s"] for leg in legs], dtype=np.float32),
        "stop_alight_s": np.array(
            [np.inf if shut else e["alight_s"] for e, shut in zip(exits, closed, strict=True)],
            dtype=np.float32,
        ),
        "stop_alight_cp": np.array([cp_index.get(e["checkpoint_id"], -1) for e in exits], dtype=np.int32),
    }


def _links(
    graph: nx.MultiDiGraph, index: dict[str, int], cp_index: dict[str, int]
) -> list[tuple[int, int, float, int]]:
    links = []
    for u, v, d in graph.edges(data=True):
        if d["kind"] == "walk":
            links.append((index[u], index[v], float(d["time_s"]), INSIDE_LINK if d["inside"] else -1))
        elif d["kind"] == "clear":
            links.append((index[u], index[v], 0.0, cp_index[d["checkpoint_id"]]))
    return sorted(links)


def _link_arrays(links: list[tuple[int, int, float, int]], n: int) -> dict[str, Any]:
    counts = np.bincount([k[0] for k in links], minlength=n) if links else np.zeros(n, dtype=int)
    return {
        "link_start": np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        "link_to": np.array([k[1] for k in links], dtype=np.int32),
        "link_s": np.array([k[2] for k in links], dtype=np.float32),
        "link_cp": np.array([k[3] for k in links], dtype=np.int32),
    }

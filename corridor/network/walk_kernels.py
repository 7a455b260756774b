"""Walks over a grid of land: from each place, the metres to every target of its side within a limit."""

from __future__ import annotations

import numpy as np

from corridor.core.heap import pop, push
from corridor.core.jit import kernel_part, njit
from corridor.network.terrain import NO_HEIGHT

_STEPS = [(r, c) for r in range(-2, 3) for c in range(-2, 3) if r * r + c * c in {1, 2, 5}]
_STEP_R = np.array([r for r, _ in _STEPS], dtype=np.int32)
_STEP_C = np.array([c for _, c in _STEPS], dtype=np.int32)
_STEP_D = np.hypot(_STEP_R, _STEP_C).astype(np.float32)
_STEP_KIND = (np.abs(_STEP_R) + np.abs(_STEP_C) - 1).astype(np.int32)  # along, across, a knight's


@kernel_part
def _grid_distances(  # type: ignore[no-untyped-def]
    land, height, climb, row, col, code, cell_m, radius, dist, flat, queue_key, queue_cell
):
    """Cheapest ways over cells of one side from (row, col), within a window of 2 radius + 1 cells.

    `dist` gets metres of level ground that take as long, `flat` the metres of the same ways. A binary heap with lazy deletion:
    a cell may be in the heap several times, and only its least key counts, which is cheaper than to move keys. Steps are those
    of a king and a knight, so a way is at most 2.8 % longer than the straight line.
    """
    width = 2 * radius + 1
    dist[:] = np.inf
    centre = radius * width + radius
    dist[centre] = 0.0
    flat[centre] = 0.0
    queue_key[0] = 0.0
    queue_cell[0] = centre
    size = np.int64(1)
    limit = np.float32(radius * cell_m)
    while size > 0:
        key = queue_key[0]
        cell = queue_cell[0]
        size = pop(queue_key, queue_cell, size)
        if key > dist[cell]:
            continue
        wr = cell // width
        wc = cell % width
        here = height[row + wr - radius, col + wc - radius]
        for k in range(_STEP_R.size):
            nr = wr + _STEP_R[k]
            nc = wc + _STEP_C[k]
            if nr < 0 or nc < 0 or nr >= width or nc >= width:
                continue
            gr = row + nr - radius
            gc = col + nc - radius
            if gr < 0 or gc < 0 or gr >= land.shape[0] or gc >= land.shape[1] or land[gr, gc] != code:
                continue
            if _STEP_D[k] > 2.0:  # a knight's move may not jump over water
                hr = row + wr - radius + _STEP_R[k] // 2 if abs(_STEP_R[k]) == 2 else row + wr - radius
                hc = col + wc - radius + _STEP_C[k] // 2 if abs(_STEP_C[k]) == 2 else col + wc - radius
                if (
                    land[hr, hc] != code
                    and land[gr - (hr - (row + wr - radius)), gc - (hc - (col + wc - radius))] != code
                ):
                    continue
            up = height[gr, gc]
            rise = 0 if here == NO_HEIGHT or up == NO_HEIGHT else abs(np.int32(up) - np.int32(here))
            new = key + climb[_STEP_KIND[k], min(rise, climb.shape[1] - 1)]
            there = nr * width + nc
            # a tenth beyond the limit: where nothing is in the way the straight line counts, and it is shorter than this
            if new < dist[there] and new <= limit * 1.1:
                dist[there] = new
                flat[there] = flat[cell] + _STEP_D[k] * cell_m
                size = push(queue_key, queue_cell, size, new, np.int32(there))


@njit(cache=True, nogil=True)
def all_rows(  # type: ignore[no-untyped-def]
    land, height, climb, cell_m, row, col, x, y, code, to_x, to_y, to_code, bucket_start, bucket, limit_m
):
    """CSR rows of :meth:`corridor.network.walk.Ground.distances`: start, target, metres of level ground."""
    radius = int(np.ceil(limit_m / cell_m)) + 1
    width = 2 * radius + 1
    dist = np.empty(width * width, dtype=np.float32)
    flat = np.empty(width * width, dtype=np.float32)
    # a step from each of 16 neighbours can lower a cell, so it is in the heap 16 times at most
    key = np.empty(width * width * 16, dtype=np.float32)
    cell = np.empty(width * width * 16, dtype=np.int32)
    n = row.size
    start = np.zeros(n + 1, dtype=np.int32)
    target = np.empty(1024, dtype=np.int32)
    distance = np.empty(1024, dtype=np.float32)
    count = 0
    for i in range(n):
        _grid_distances(
            land, height, climb, row[i], col[i], code[i], np.float32(cell_m), radius, dist, flat, key, cell
        )
        for wr in range(width):
            gr = row[i] + wr - radius
            if gr < 0 or gr >= land.shape[0]:
                continue
            for wc in range(width):
                gc = col[i] + wc - radius
                d = dist[wr * width + wc]
                if gc < 0 or gc >= land.shape[1] or not np.isfinite(d):
                    continue
                for b in range(
                    bucket_start[gr * land.shape[1] + gc], bucket_start[gr * land.shape[1] + gc + 1]
                ):
                    j = bucket[b]
                    if to_code[j] != code[i]:
                        continue
                    straight = np.hypot(to_x[j] - x[i], to_y[j] - y[i])
                    length = flat[wr * width + wc]
                    # The way over cells is a little too long and begins and ends at their middles: within that much
                    # of the straight line nothing was in the way, and the straight line counts.
                    free = length <= 1.06 * straight + 1.5 * cell_m
                    steep = d / length if length > 0.0 else 1.0
                    metres = straight * steep if free else max(straight, d)
                    if metres > limit_m:
                        continue
                    if count == target.size:
                        target = np.concatenate((target, np.empty_like(target)))
                        distance = np.concatenate((distance, np.empty_like(distance)))
                    target[count] = j
                    distance[count] = metres
                    count += 1
        start[i + 1] = count
    return start, target[:count].copy(), distance[:count].copy()

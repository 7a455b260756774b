"""Geometry and zone values as few bytes: quantised, differenced, compressed, and read back by the page.

Geometry becomes one stream of zigzag variable-length integers: for each feature the number of its parts, for
each part the number of its rings, for each ring the number of points, then steps in x and y of ``GRID`` to a
degree, each from the point before it in the stream. A point is a part of one ring of one point.

A measure becomes unsigned 16-bit steps, ``NO_VALUE`` where nothing is known. The reference is kept as
differences along the zones, every other scenario as its difference to the reference, modulo 65,536; the low
bytes stand before the high bytes, which compresses better.
"""

from __future__ import annotations

import base64
import gzip
import json
import struct
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from corridor.core.errors import GeometryError
from corridor.schema.text import all_visible

GRID = 100_000
NO_VALUE = 65_535


class GeometryStream:
    """Collects geometries; each gets the number by which the page calls it."""

    def __init__(self) -> None:
        self._added: list[Any] = []

    @property
    def count(self) -> int:
        """Geometries so far."""
        return len(self._added)

    def add(self, geometry: Any) -> int:
        """Append one geometry and return its number.

        Parameters
        ----------
        geometry
            Any geometry in WGS84 degrees; rounded to 1/100,000 degree, about a metre.

        Raises
        ------
        GeometryError
            For a coordinate that is not finite.
        """
        if not np.isfinite(shapely.get_coordinates(geometry)).all():
            raise GeometryError.at("page geometry", "a coordinate is not finite", "degrees", "mend the layer")
        self._added.append(geometry)
        return len(self._added) - 1

    def to_bytes(self) -> bytes:
        """The stream so far, packed in one go."""
        parts, geometry_of = _parts(np.array(self._added, dtype=object))
        rings, part_of = _rings(parts)
        steps, ring_of = _steps(rings)
        part_at, ring_at, point_at = (
            np.searchsorted(of, np.arange(count + 1))
            for of, count in ((geometry_of, self.count), (part_of, len(parts)), (ring_of, len(rings)))
        )
        moves = np.diff(steps, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
        numbers = np.empty(self.count + len(parts) + len(rings) + moves.size, dtype=np.int64)
        # each count goes before what it counts: its place is the number of counts and steps before it
        first = part_at[:-1]
        numbers[np.arange(self.count) + first + ring_at[first] + 2 * point_at[ring_at[first]]] = np.diff(
            part_at
        )
        first, before = ring_at[:-1], geometry_of + 1 + np.arange(len(parts))
        numbers[before + first + 2 * point_at[first]] = np.diff(ring_at)
        before = before[part_of] + 1 + np.arange(len(rings))
        numbers[before + 2 * point_at[:-1]] = np.diff(point_at)
        before = before[ring_of] + 1 + 2 * np.arange(len(steps))
        numbers[before[:, None] + [0, 1]] = np.where(moves >= 0, moves << 1, (-moves << 1) - 1)
        return _varints(numbers)


def _parts(geometries: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Points, lines and polygons, those of collections too, without empty ones; and which geometry each is of."""
    of = np.arange(len(geometries))
    for _ in range(3):
        geometries, inner = shapely.get_parts(geometries, return_index=True)
        of = of[inner]
    filled = ~shapely.is_empty(geometries)
    return geometries[filled], of[filled]


def _rings(parts: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """The rings of polygons, and points and lines as they are, in the order of the parts; and which part each is of."""
    rings, of = shapely.get_rings(parts, return_index=True)
    plain = np.flatnonzero(shapely.get_type_id(parts) != shapely.GeometryType.POLYGON)
    rings, of = np.concatenate([rings, parts[plain]]), np.concatenate([of, plain])
    order = np.argsort(of, kind="stable")
    return rings[order], of[order]


def _steps(rings: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Points on the grid, without those that repeat the one before in a ring; and which ring each is of."""
    degrees, of = shapely.get_coordinates(rings, return_index=True)
    steps = np.rint(degrees * GRID).astype(np.int64)
    keep = np.ones(len(steps), dtype=bool)
    keep[1:] = (steps[1:] != steps[:-1]).any(axis=1) | (of[1:] != of[:-1])
    return steps[keep], of[keep]


def _varints(numbers: NDArray[np.int64]) -> bytes:
    """Whole numbers of 0 or more, seven bits a byte, the lowest first; all bytes of a number but its last are above 127."""
    lengths = np.ones(len(numbers), dtype=np.int64)
    for bits in range(7, int(numbers.max(initial=0)).bit_length(), 7):
        lengths += numbers >= 1 << bits
    ends = np.cumsum(lengths)
    out = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    for place in range(int(lengths.max(initial=0))):
        has = lengths > place
        more = (lengths[has] > place + 1).astype(np.int64) << 7
        out[(ends - lengths)[has] + place] = numbers[has] >> 7 * place & 0x7F | more
    return out.tobytes()


def quantise(values: NDArray[Any], step: float | NDArray[np.float64]) -> NDArray[np.uint16]:
    """Values as whole steps.

    Parameters
    ----------
    values
        Values of any shape, in the unit of the measure.
    step
        Size of a step in that unit, of a shape that fits `values`.

    Returns
    -------
    numpy.ndarray
        The same shape; NO_VALUE where a value is not finite or below zero, NO_VALUE - 1 at most.
    """
    known = np.isfinite(values) & (values >= 0)
    steps = np.rint(np.where(known, values, 0) / step)
    return np.where(known, np.minimum(steps, NO_VALUE - 1), NO_VALUE).astype(np.uint16)


def pack_values(reference: NDArray[np.uint16], others: Sequence[NDArray[np.uint16]]) -> bytes:
    """The measures of all scenarios: first the reference, then the others in order.

    Parameters
    ----------
    reference
        (measure, zone) steps.
    others
        (measure, zone) steps of each other scenario.

    Returns
    -------
    bytes
        Differences modulo 65,536, two bytes a value, as the head of this module has it.
    """
    along = np.diff(reference, axis=1, prepend=np.zeros((len(reference), 1), dtype=np.uint16))
    # uint16 wraps round, and so does the script that adds the differences up: NO_VALUE comes back as it was
    return b"".join(_planes(block) for block in (along, *((other - reference) for other in others)))


def _planes(block: NDArray[np.uint16]) -> bytes:
    wide = block.astype(np.uint16)
    return (wide & 0xFF).astype(np.uint8).tobytes() + (wide >> 8).astype(np.uint8).tobytes()


def pack(model: Any, sections: Iterable[tuple[str, bytes]]) -> str:
    """One text with all that a map's script reads.

    Parameters
    ----------
    model
        What JSON holds.
    sections
        Names and bytes; the header lists the offset and length of each.

    Returns
    -------
    str
        Base64 of gzip: length of a JSON header (uint32, little-endian), the header, the sections. The same input
        gives the same text.
    """
    listed, body, offset = {}, b"", 0
    for name, content in sections:
        listed[name] = [offset, len(content)]
        body += content
        offset += len(content)
    header = json.dumps(
        {"model": all_visible(model), "sections": listed},
        ensure_ascii=False, separators=(",", ":"), allow_nan=False,
    ).encode()  # fmt: skip
    zipped = bytearray(gzip.compress(struct.pack("<I", len(header)) + header + body, 9, mtime=0))
    zipped[9] = 255  # the operating system byte: not named, so that all machines write the same
    return base64.b64encode(bytes(zipped)).decode("ascii")

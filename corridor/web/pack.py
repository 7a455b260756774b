"""Geometry and zone values as few bytes: quantised, differenced, compressed, and read back by the page.

Geometry becomes one stream of zigzag variable-length integers: for each feature the number of its parts, for
each part the number of its rings, for each ring the number of points, then steps in x and y of ``GRID`` to a
degree, each from the point before it in the stream. A point is a part of one ring of one point.

A measure becomes unsigned 16-bit steps, ``NO_VALUE`` where nothing is known. The reference stands as
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
from corridor.drawing.basemap import singles
from corridor.schema.text import all_visible

GRID = 100_000
NO_VALUE = 65_535


def _varint(number: int, out: bytearray) -> None:
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


def _rings(part: Any) -> list[Any]:
    if part.geom_type == "Polygon":
        return [part.exterior, *part.interiors]
    return [part]


class GeometryStream:
    """Collects geometries; each gets the number by which the page calls it.

    Attributes
    ----------
    count
        Geometries so far.
    """

    def __init__(self) -> None:
        self.count = 0
        self._out = bytearray()
        self._last = (0, 0)

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
        parts = singles(geometry)
        _varint(len(parts), self._out)
        for part in parts:
            rings = _rings(part)
            _varint(len(rings), self._out)
            for ring in rings:
                self._ring(shapely.get_coordinates(ring))
        self.count += 1
        return self.count - 1

    def _ring(self, degrees: NDArray[np.float64]) -> None:
        if not np.isfinite(degrees).all():
            raise GeometryError.at("page geometry", "a coordinate is not finite", "degrees", "mend the layer")
        steps = np.rint(degrees * GRID).astype(np.int64)
        keep = np.ones(len(steps), dtype=bool)
        keep[1:] = (steps[1:] != steps[:-1]).any(axis=1)
        steps = steps[keep]
        _varint(len(steps), self._out)
        moves = np.diff(np.vstack([[self._last], steps]), axis=0)
        for dx, dy in moves.tolist():
            _varint(dx << 1 if dx >= 0 else (-dx << 1) - 1, self._out)
            _varint(dy << 1 if dy >= 0 else (-dy << 1) - 1, self._out)
        self._last = (int(steps[-1][0]), int(steps[-1][1]))

    def to_bytes(self) -> bytes:
        """The stream so far."""
        return bytes(self._out)


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

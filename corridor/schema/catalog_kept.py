"""A catalogue whose layers are read and checked once: in memory, and as an earlier run found them in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from corridor.core.cache import Kept, Known, key_of
from corridor.schema.catalog import Catalog
from corridor.schema.catalog_entry import CatalogEntry, Role

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

Frame = TypeVar("Frame", bound="pd.DataFrame")


def nowhere() -> Kept:
    """Keeps nothing."""
    return Kept(None)


@dataclass(frozen=True)
class CatalogKept(Catalog):
    """A catalogue for a study, whose layers do not change while it is worked on.

    Attributes
    ----------
    kept
        Gives where frames are kept from one run to the next.
    """

    kept: Callable[[], Kept] = field(default=nowhere, repr=False, compare=False)
    _frames: dict[str, pd.DataFrame] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def keeping(cls, catalog: Catalog, kept: Callable[[], Kept]) -> CatalogKept:
        """The same layers."""
        return cls(catalog.folder, catalog.entries, catalog.homes, catalog._known, kept)

    @cached_property
    def key(self) -> str:
        """A hash of the catalogue and of every layer's bytes, 64 hexadecimal digits.

        All of them, since tables are checked against the ids of others: 10 ms for the shipped 7 MB.
        """
        held = (held_in(self.file_of(entry)) for entry in self.entries)
        return key_of([*(entry.model_dump_json() for entry in self.entries), *held])

    def table(self, role: Role) -> pd.DataFrame:
        """As :meth:`Catalog.table`."""
        import pandas as pd

        return self.once(pd.DataFrame, self.having(role), partial(super().table, role))

    def matrix(self, entry: CatalogEntry) -> pd.DataFrame:
        """As :meth:`Catalog.matrix`."""
        import pandas as pd

        return self.once(pd.DataFrame, (entry,), partial(super().matrix, entry))

    def vector(self, role: Role) -> gpd.GeoDataFrame:
        """As :meth:`Catalog.vector`."""
        import geopandas as gpd

        return self.once(gpd.GeoDataFrame, self.having(role), partial(super().vector, role))

    def once(self, kind: type[Frame], entries: Sequence[CatalogEntry], read: Callable[[], Frame]) -> Frame:
        """The frame of some entries, read where it is not known; each time a copy, which may be written to.

        Parameters
        ----------
        kind
            The type of the frame.
        entries
            All that are read for it; whether their files are there and as they say is looked at in any case.
        read
            Reads and checks it. What it raises is raised again the next time.
        """
        what = " ".join(entry.id for entry in entries)
        if what not in self._frames:
            for entry in entries:
                self.path(entry)
            self._frames[what] = Known(self.kept, self.key)(kind, "layer", [what], read)
        found: Frame = self._frames[what].copy()
        return found


def held_in(path: Path) -> bytes:
    """The bytes of a file; none where it cannot be read, which is reported when it is loaded."""
    try:
        return path.read_bytes() if path.is_file() else b""
    except OSError:
        return b""

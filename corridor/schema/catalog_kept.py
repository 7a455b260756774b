"""A catalogue whose layers are read and checked once, in memory and as an earlier run found them, and a part of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from corridor.core.cache import Kept, Known, key_of
from corridor.schema.catalog import Catalog
from corridor.schema.catalog_entry import CatalogEntry, Role
from corridor.schema.tables import HALLS, TABLES, UNDECLARED

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

Frame = TypeVar("Frame", bound="pd.DataFrame")
ALWAYS = frozenset({"region"})
"""Every layer is checked against the sides and the extent of the region."""


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


@dataclass(frozen=True)
class CatalogPart(CatalogKept):
    """The layers of some roles, and those that their checks look ids up in.

    To ask for any other is a mistake of the program, not of a user: what works from a part would depend on more than it
    says.

    Examples
    --------
    >>> part = CatalogPart.of(Catalog.bundled(), ["coastline"])
    >>> part.having("stations")
    Traceback (most recent call last):
    LookupError: layers of role 'stations' are read without being declared
    """

    roles: frozenset[str] = frozenset()
    whole: CatalogKept | None = None
    """What knows frames that were read before."""

    @classmethod
    def of(cls, catalog: Catalog, roles: Iterable[Role]) -> CatalogPart:
        """Take the part of a catalogue that has some roles."""
        allowed = with_referred(roles)
        entries = tuple(e for e in catalog.entries if e.role in allowed)
        whole = catalog if isinstance(catalog, CatalogKept) else None
        part = cls(catalog.folder, entries, catalog.homes, catalog._known, roles=allowed, whole=whole)
        part.__dict__["region"] = catalog.region  # read once for all parts
        return part

    def having(self, role: Role) -> tuple[CatalogEntry, ...]:
        """The entries of one role, in order; a LookupError where the part may not read it."""
        self._check(role)
        return super().having(role)

    def once(self, kind: type[Frame], entries: Sequence[CatalogEntry], read: Callable[[], Frame]) -> Frame:
        """The frame of some entries, as the whole catalogue knows it."""
        return self.whole.once(kind, entries, read) if self.whole else read()

    def _named(self, role: str, column: str) -> frozenset[str] | None:
        self._check(role)
        return super()._named(role, column)

    def _check(self, role: str) -> None:
        if role not in self.roles:
            raise LookupError(f"layers of role {role!r} are read without being declared")


def with_referred(roles: Iterable[str]) -> frozenset[str]:
    """Roles, and those in which the ids of their cells must occur.

    Returns
    -------
    frozenset of str
        The ids are looked up in layers that are not checked themselves, so what those refer to is left out.
    """
    found = set(ALWAYS | set(roles))
    for role in roles:
        table = TABLES.get(role, UNDECLARED)
        named = {*table.in_all, *(name for column in table.columns for name in column.refers)}
        found |= {"checkpoints" if name == HALLS else name for name in named}
        found |= _LOOKED_UP.get(role, frozenset())
    return frozenset(found)


_LOOKED_UP = {
    "patterns": frozenset({"stations", "checkpoints"}),
    "tariffs": frozenset({"stations", "fare_matrix"}),
}
"""Roles that checks of a role's own look ids up in (:mod:`corridor.schema.role_checks`)."""


def held_in(path: Path) -> bytes:
    """The bytes of a file; none where it cannot be read, which is reported when it is loaded."""
    try:
        return path.read_bytes() if path.is_file() else b""
    except OSError:
        return b""

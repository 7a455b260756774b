"""A catalogue of which some roles alone may be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from corridor.schema.catalog import Catalog
from corridor.schema.catalog_entry import CatalogEntry, Role
from corridor.schema.catalog_kept import CatalogKept, Frame
from corridor.schema.tables import HALLS, TABLES, UNDECLARED

ALWAYS = frozenset({"region"})
"""Every layer is checked against the sides and the extent of the region."""


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

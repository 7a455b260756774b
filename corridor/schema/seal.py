"""Checksums written into a catalogue file."""

from __future__ import annotations

from pathlib import Path

from corridor.core.output import write_whole, writing
from corridor.schema.catalog import Catalog, sha256


def seal(path: Path) -> int:
    """Write the hash of every layer's file into a catalogue file; returns how many changed.

    Parameters
    ----------
    path
        catalog.yaml.

    Returns
    -------
    int
        How many entries changed.
    """
    catalog = Catalog.open(path)
    text = path.read_text(encoding="utf-8")
    changed = 0
    for entry in catalog.entries:
        if entry.id in catalog.homes:
            continue
        digest = sha256(catalog.path(entry.model_copy(update={"sha256": ""})))
        before = f"sha256: {entry.sha256}\n" if entry.sha256 else ""
        changed += digest != entry.sha256
        if before:
            text = text.replace(before, f"sha256: {digest}\n")
        else:
            text = text.replace(f"  path: {entry.path}\n", f"  path: {entry.path}\n  sha256: {digest}\n")
    if changed:
        with writing(path, "seal a catalogue that can be written"):
            write_whole(path, text.encode())
    return changed

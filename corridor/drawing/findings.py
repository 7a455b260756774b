"""What a profile leaves to ask, in words of three scripts."""

from __future__ import annotations

from corridor.drawing.i18n import fill, sentences
from corridor.schema.section import Finding
from corridor.schema.text import Text


def finding_text(finding: Finding) -> Text:
    """The sentences of a finding of a profile."""
    f = finding
    if f.kind == "no_sites":
        return fill("finding_no_sites", km=f"{f.value / 1000:.1f}")
    if f.kind == "no_portal":
        return fill("finding_no_portal", km=f"{f.from_m / 1000:.1f}")
    if f.kind == "site_area":
        key = "finding_site_area_less" if f.value < f.low else "finding_site_area_more"
        return fill(key, site=f.site_id, stated=f"{f.value:.2f}", low=f"{f.low:g}", high=f"{f.high:g}")
    start, end, km = (f"{m / 1000:.1f}" for m in (f.from_m, f.to_m, f.value))
    said = [fill("finding_access_spacing", km=km, start=start, end=end, limit=f"{f.limit:,.0f}")]
    if f.severity == "warning":
        said.append(fill("finding_access_precedent", high=f"{f.high:,.0f}"))
    return sentences(said)

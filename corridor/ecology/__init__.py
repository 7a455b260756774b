"""Ecological impact of works on land: pure functions in EPSG:4547.

A :class:`~corridor.ecology.works.profile.Work` (alignment, vertical profile, sites) is judged against a
:class:`~corridor.ecology.land.land.Land` (habitat raster, designations, green corridors, wildlife sites) by
:func:`~corridor.ecology.impact.assess.assess`. Results are a screening aid, not an environmental impact assessment.
"""

M2_PER_HA = 10_000.0
"""Square metres in a hectare."""

"""Public hospitals and general out-patient clinics of Hong Kong (2022). Called by people.py.

Inputs: two lists of the Hospital Authority (geodata.gov.hk, by way of DATA.GOV.HK; attribution). Checks: the
position in degrees against the Hong Kong grid coordinates of the same row; duplicates by name; position on
land. Simplified Chinese is converted here by character, as the source is in English and Traditional Chinese.
Shenzhen: no list of facilities at hand, so none: not assessed, never zero.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from people_grid import Frame, fine_index
from tables import kebab, to_simplified

from corridor.core.crs import HK80, WORKING, project_xy

LAYERS = {
    "hospital": "Hospitals_under_the_Hospital_Authority.geojson",
    "clinic": "General_Outpatient_Clinics_under_the_Hospital_Authority.geojson",
}
# In the list of hospitals, but patients do not go there.
OTHER = {"Hong Kong Red Cross Blood Transfusion Service": "blood_service"}


def identifier(kind: str, name: str) -> str:
    """An id from the kind and the English name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plain = plain.replace("general out-patient clinic", "").replace("tung wah group of hospitals", "twgh")
    return f"{kind.replace('_', '-')}-" + kebab(plain)


def build(sources: Path, frame: Frame) -> tuple[pd.DataFrame, list[str]]:
    rows, report = [], []
    for kind, file in LAYERS.items():
        data = gpd.read_file(sources / "hk_facilities_2022" / file)
        gx, gy = project_xy(data.geometry.x, data.geometry.y)
        hx, hy = project_xy(data.Easting, data.Northing, HK80, WORKING)
        off = np.hypot(gx - hx, gy - hy)
        before = len(data)
        data = data.assign(x=gx, y=gy).drop_duplicates("Facility Name")
        index = fine_index(data.x.to_numpy(), data.y.to_numpy())
        dry = frame.hk_land[index] > 0
        report.append(
            f"{kind}: {before} rows, {len(data)} after duplicates; degrees against grid coordinates at most "
            f"{off.max():.0f} m; on land {int(dry.sum())}"
        )
        for _, r in data.iterrows():
            en = (
                str(r["Facility Name"])
                .replace("GOPD", "General Out-patient Department")
                .replace("GOPC", "General Out-patient Clinic")
            )
            hant = str(r["設施名稱"]).replace("(", "（").replace(")", "）")
            what = OTHER.get(en, kind)
            rows.append(
                {
                    "facility_id": identifier(what, en),
                    "kind": what,
                    "name_en": en,
                    "name_zh_hant": hant,
                    "name_zh_hans": to_simplified(hant),
                    "lon": f"{r.geometry.x:.5f}",
                    "lat": f"{r.geometry.y:.5f}",
                    "region": "hk",
                    "confidence": "A",
                    "source": "Hospital Authority, geodata.gov.hk, 2022-05",
                }
            )
    table = pd.DataFrame(rows).sort_values(["kind", "facility_id"], ignore_index=True)
    if table.facility_id.duplicated().any():
        raise SystemExit(f"ids not unique: {table.facility_id[table.facility_id.duplicated()].tolist()}")
    close = table[table.kind == "hospital"]
    x, y = project_xy(close.lon.astype(float), close.lat.astype(float))
    gap = np.hypot(x[:, None] - x, y[:, None] - y) + np.eye(len(x)) * 1e9
    report.append(
        f"  nearest pair of hospitals {gap.min():.0f} m apart; kinds {table.kind.value_counts().to_dict()}"
    )
    return table, report

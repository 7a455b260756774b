"""Public hospitals, clinics, schools, parks and libraries of Hong Kong (2022). Called by people.py.

Inputs: lists of the Hospital Authority, the Education Bureau and the Leisure and Cultural Services Department
(geodata.gov.hk, by way of DATA.GOV.HK; attribution). Left out: kindergartens, special schools (places are
assigned, not chosen), evening classes, mobile and self-service libraries. Checks: the position in degrees
against the Hong Kong grid coordinates of the same row; duplicates by name; position on land. No list states
beds, places or areas: each facility counts as one wherever facilities are shared out (assumption). Simplified
Chinese is converted here by character, as the source is in English and Traditional Chinese.
Shenzhen: no list of facilities at hand, so none: not assessed, never zero.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from people_grid import Frame, fine_index
from tables import kebab, to_simplified

from corridor.core.crs import HK80, WGS84, WORKING, project_xy


@dataclass(frozen=True)
class Lists:
    """The lists of one kind, and who publishes them; rows are of the kind unless `column` says something else."""

    publisher: str
    files: tuple[str, ...]
    column: str = ""
    wanted: tuple[str, ...] = ()


DAY = ("WHOLE DAY", "A.M.", "P.M.")
LISTS = {
    "hospital": Lists("Hospital Authority", ("Hospitals_under_the_Hospital_Authority",)),
    "clinic": Lists("Hospital Authority", ("General_Outpatient_Clinics_under_the_Hospital_Authority",)),
    "primary_school": Lists(
        "Education Bureau",
        (
            "Aided_Primary_Schools", "Government_Primary_Schools", "Direct_Subsidy_Scheme_Primary_Schools",
            "English_Schools_Foundation_Primary_", "International_Schools_Primary_", "Private_Primary_Schools",
        ), "Session", DAY,
    ),
    "secondary_school": Lists(
        "Education Bureau",
        (
            "Aided_Secondary_Schools", "Government_Secondary_Schools", "Caput_Secondary_Schools",
            "Direct_Subsidy_Scheme_Secondary_Schools", "English_Schools_Foundation_Secondary_",
            "International_Schools_Secondary_", "Private_Secondary_Schools_Day_Evening_",
        ), "Session", DAY,
    ),
    "park": Lists("Leisure and Cultural Services Department", ("Parks_Zoos_and_Gardens",)),
    "library": Lists(
        "Leisure and Cultural Services Department", ("Libraries",), "Library Type", ("STATIC LIBRARY",)
    ),
}  # fmt: skip
# In a list, but not what the list is of.
OTHER = {"Hong Kong Red Cross Blood Transfusion Service": "blood_service"}
LEFT_OUT = {"CARITAS CHAN CHUN HA FIELD STUDIES CENTRE"}
SAME_M = 500.0
"""Rows of one name as near as this are one facility: sessions, levels and buildings of a school."""
FAR_OFF_M = 100.0
"""Degrees farther than this from the grid coordinates of the row are wrong: the address of the one such school agrees with the grid."""
SPELT, INITIALS = {"ST", "MRS", "MR", "DR", "NG", "LTD"}, {"HKUGA", "NTHYK"}
SMALL = {"of", "the", "and", "for", "in", "de"}


def identifier(kind: str, name: str) -> str:
    """An id from the kind and the English name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plain = plain.replace("general out-patient clinic", "").replace("tung wah group of hospitals", "twgh")
    return f"{kind.replace('_', '-')}-" + kebab(plain)


def english(name: str) -> str:
    """A name as it is written: words that the lists abbreviate in full, and words of capitals in small letters."""
    name = name.replace("GOPD", "General Out-patient Department").replace(
        "GOPC", "General Out-patient Clinic"
    )
    if name != name.upper():
        return name
    words = re.sub(r"[A-Z.']+", lambda m: _word(m[0]), name)
    return words[:1].upper() + words[1:]


def _word(word: str) -> str:
    """Initials and words without a vowel (SKH, TWGHS) keep their capitals."""
    if word.lower() in SMALL:
        return word.lower()
    plain = word.rstrip(".")
    spelt = "." not in plain and plain not in INITIALS and (re.search("[AEIOUY]", plain) or plain in SPELT)
    return word.capitalize() if spelt else word


def listed(sources: Path, kind: str, lists: Lists) -> tuple[pd.DataFrame, str]:
    """The rows of a kind with positions in EPSG:4547, each facility once, and what was checked."""
    folder = sources / "hk_facilities_2022"
    data = pd.concat([gpd.read_file(folder / f"{file}.geojson") for file in lists.files], ignore_index=True)
    before = len(data)
    if lists.column:
        data = data[data[lists.column].isin(lists.wanted)]
    data = data[~data["Facility Name"].isin(LEFT_OUT)]
    gx, gy = project_xy(data.geometry.x, data.geometry.y)
    hx, hy = project_xy(data.Easting, data.Northing, HK80, WORKING)
    off = np.hypot(gx - hx, gy - hy)
    wrong = off > FAR_OFF_M
    lon, lat = project_xy(hx, hy, WORKING, WGS84)
    data = data.assign(
        x=np.where(wrong, hx, gx), y=np.where(wrong, hy, gy),
        lon=np.where(wrong, lon, data.geometry.x), lat=np.where(wrong, lat, data.geometry.y),
    )  # fmt: skip
    data = data[[not again for again in _again(data)]]
    said = f"{kind}: {before} rows, {len(data)} facilities; degrees against grid coordinates at most {off[~wrong].max():.0f} m, {int(wrong.sum())} corrected"
    return data, said


def _again(data: pd.DataFrame) -> list[bool]:
    """Which rows are of a facility that an earlier row is of."""
    seen: dict[str, list[tuple[float, float]]] = {}
    again = []
    for name, x, y in zip(data["Facility Name"], data["x"], data["y"], strict=True):
        near = seen.setdefault(kebab(str(name)), [])
        again.append(any(np.hypot(x - a, y - b) <= SAME_M for a, b in near))
        near.append((x, y))
    return again


def build(sources: Path, frame: Frame) -> tuple[pd.DataFrame, list[str]]:
    rows, report = [], []
    for kind, lists in LISTS.items():
        data, said = listed(sources, kind, lists)
        dry = frame.hk_land[fine_index(data.x.to_numpy(), data.y.to_numpy())] > 0
        report.append(f"{said}; on land {int(dry.sum())}")
        for _, r in data.iterrows():
            en = english(str(r["Facility Name"]).strip())
            hant = str(r["設施名稱"]).strip().replace("(", "（").replace(")", "）")
            what = OTHER.get(en, kind)
            rows.append(
                {
                    "facility_id": identifier(what, en),
                    "kind": what,
                    "name_en": en,
                    "name_zh_hant": hant,
                    "name_zh_hans": to_simplified(hant),
                    "lon": f"{r.lon:.5f}",
                    "lat": f"{r.lat:.5f}",
                    "region": "hk",
                    "confidence": "A",
                    "source": f"{lists.publisher}, geodata.gov.hk, 2022-05",
                }
            )
    table = pd.DataFrame(rows)
    branch = table.groupby("facility_id").cumcount()  # other sites of a school
    table["facility_id"] += np.where(branch > 0, "-" + (branch + 1).astype(str), "")
    table = table.sort_values(["kind", "facility_id"], ignore_index=True)
    if table.facility_id.duplicated().any():
        raise SystemExit(f"ids not unique: {table.facility_id[table.facility_id.duplicated()].tolist()}")
    close = table[table.kind == "hospital"]
    x, y = project_xy(close.lon.astype(float), close.lat.astype(float))
    gap = np.hypot(x[:, None] - x, y[:, None] - y) + np.eye(len(x)) * 1e9
    report.append(
        f"  nearest pair of hospitals {gap.min():.0f} m apart; kinds {table.kind.value_counts().to_dict()}"
    )
    return table, report

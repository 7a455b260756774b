"""Build layers/ecology/taxa.csv and resistance.csv: the animals of the connectivity part, and what stops them.

Inputs: none but the published figures named in each row. Dispersal distances are published for kin or follow
from published home ranges; the rule is in the row. No resistance is measured at Deep Bay: all are an ordinal
judgement on the scale of 1 (the animal's own habitat) to 128 that amphibian studies use, written as low,
central and high, and every one is an assumption. Works come as three kinds of ground: at the surface (at
grade, embankment, depots, portals), viaduct (passable below), and temporary works.

Checks: each taxon has all habitat classes and all works; low <= central <= high; a viaduct stops no animal
more than works at the surface. Licence: own compilation, CC BY 4.0.
"""

from __future__ import annotations

import csv
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "ecology"
HABITATS = (
    "woodland", "shrubland", "grassland", "farmland", "fishpond", "mangrove", "mudflat", "marine",
    "freshwater", "rocky_shore", "bare", "urban_green", "built_up",
)  # fmt: skip
WORKS = ("works_surface", "works_viaduct", "works_temporary")
BARRIER = None

ALLOMETRY = "median = 7 x root of home range, maximum = 40 x root (Bowman et al. 2002, factors from memory, unverified)"

TAXA = [
    {
        "taxon_id": "eurasian-otter",
        "name_en": "Eurasian Otter", "name_zh_hant": "歐亞水獺", "name_zh_hans": "欧亚水獭",
        "scientific": "Lutra lutra",
        "kind": "mammal",
        "median_dispersal_m": 12000,
        "maximum_dispersal_m": 68100,
        "core_habitats": "fishpond mangrove freshwater",
        "minimum_patch_ha": 20,
        "dispersal_source": "assumption: one length of a female range, midpoint of 7.5 km (Ireland; O Neill et al. 2009) and 16.8 km (Portugal; Quaglietta 2012), as daughters settle beside the mother (Koelewijn et al. 2010); maximum is the longest range found, 68.1 km (Quaglietta 2012)",
        "habitat_source": "fish ponds and Mai Po are the core (McMillan et al. 2023; Hui and Chan 2024); patch: water in a female range 22.5 ha (Quaglietta 2012), rounded",
        "records": "Deep Bay: seven individuals in two years (McMillan et al. 2023); San Tin wildlife corridor (E11); Lantau (Hui et al. 2024)",
        "source": "McMillan et al. 2023; Hui and Chan 2024; Quaglietta 2012; O Neill et al. 2009; Koelewijn et al. 2010; E11",
        "confidence": "C",
    },
    {
        "taxon_id": "leopard-cat",
        "name_en": "Leopard Cat", "name_zh_hant": "豹貓", "name_zh_hans": "豹猫",
        "scientific": "Prionailurus bengalensis",
        "kind": "mammal",
        "median_dispersal_m": 8000,
        "maximum_dispersal_m": 45600,
        "core_habitats": "woodland shrubland mangrove",
        "minimum_patch_ha": 78,
        "dispersal_source": "home range 1.30 km2 of a lowland female (Nakanishi et al. 2005); " + ALLOMETRY,
        "habitat_source": "avoids farmland, open ground and houses (Chen et al. 2016; Oh et al. 2010); patch: smallest range found, 0.78 km2 (Oh et al. 2010)",
        "records": "New Territories: 0.87 cats a km2 at Kadoorie Farm (scmp 3205940); fish ponds of Deep Bay from memory, unverified",
        "source": "Nakanishi et al. 2005; Chen et al. 2016; Oh et al. 2010; Bowman et al. 2002",
        "confidence": "C",
    },
    {
        "taxon_id": "small-asian-mongoose",
        "name_en": "Small Asian Mongoose", "name_zh_hant": "紅頰獴", "name_zh_hans": "红颊獴",
        "scientific": "Urva javanica (Herpestes javanicus)",
        "kind": "mammal",
        "median_dispersal_m": 3600,
        "maximum_dispersal_m": 20800,
        "core_habitats": "grassland farmland fishpond mangrove",
        "minimum_patch_ha": 27,
        "dispersal_source": "home range 0.27 km2 of a female (Sherburne et al. 2022); " + ALLOMETRY,
        "habitat_source": "scrub, grassland, farmland and rice fields, not closed forest (ecologyasia.com; Sherburne et al. 2022); wetland and plain in Hong Kong (wildcreatureshongkong.org); patch: a female range",
        "records": "Mai Po, often seen (wildcreatureshongkong.org 2019)",
        "source": "Sherburne et al. 2022; Bowman et al. 2002; wildcreatureshongkong.org",
        "confidence": "C",
    },
    {
        "taxon_id": "chinese-bullfrog",
        "name_en": "Chinese Bullfrog", "name_zh_hant": "虎紋蛙", "name_zh_hans": "虎纹蛙",
        "scientific": "Hoplobatrachus chinensis (H. rugulosus)",
        "kind": "amphibian",
        "median_dispersal_m": 600,
        "maximum_dispersal_m": 11000,
        "core_habitats": "farmland fishpond",
        "minimum_patch_ha": 1,
        "dispersal_source": "a West African kin, H. occipitalis, moves more than 600 m a day once a year, at the first heavy rain (telemetry, Amphibia-Reptilia 19:43-64, 1998); maximum: below 11-13 km no anurans are to be called isolated by distance alone (Smith and Green 2005)",
        "habitat_source": "wet farmland and deep marshy water, Long Valley (Conservancy Association; oocities.org/hkguyver); ponds are an assumption",
        "records": "Long Valley (Conservancy Association)",
        "source": "Smith and Green 2005; Amphibia-Reptilia 19:43-64 (1998); Conservancy Association",
        "confidence": "C",
    },
    {
        "taxon_id": "farmland-frogs",
        "name_en": "Farmland frogs (Günther's Frog, Paddy Frog)",
        "name_zh_hant": "農地蛙類（沼蛙、澤蛙）", "name_zh_hans": "农地蛙类（沼蛙、泽蛙）",
        "scientific": "Sylvirana guentheri; Fejervarya multistriata",
        "kind": "amphibian",
        "median_dispersal_m": 200,
        "maximum_dispersal_m": 1810,
        "core_habitats": "farmland fishpond freshwater",
        "minimum_patch_ha": 1,
        "dispersal_source": "95 per cent of a ranid frog recaptured within 200 m, taken as the median (Otton Frog; Iwai 2013): on the far side; maximum: largest mean move to ground used after breeding, 1,810 m (review of 68 studies, Variations in anuran movements and habitat use)",
        "habitat_source": "wet and dry fields, ditches and ponds; streams are an assumption",
        "records": "Long Valley, both species at each transect of 2000-2001 (EIA-071/2001, appendix 4.1)",
        "source": "Iwai 2013; EIA-071/2001; review of anuran movements",
        "confidence": "C",
    },
]  # fmt: skip

# (low, central, high) by ground; BARRIER: nothing passes.
RESISTANCE = {
    "eurasian-otter": {
        "woodland": (4, 8, 16), "shrubland": (4, 8, 16), "grassland": (3, 6, 12), "farmland": (2, 4, 8),
        "fishpond": (1, 1, 1), "mangrove": (1, 1, 2), "mudflat": (1, 2, 4), "marine": (2, 4, 16),
        "freshwater": (1, 1, 2), "rocky_shore": (2, 4, 8), "bare": (8, 16, 32),
        "urban_green": (8, 16, 32), "built_up": (16, 48, 128),
        "works_surface": (16, 64, 128), "works_viaduct": (1, 2, 8), "works_temporary": (8, 32, 64),
    },
    "leopard-cat": {
        "woodland": (1, 1, 1), "shrubland": (1, 1, 2), "grassland": (2, 4, 8), "farmland": (2, 6, 16),
        "fishpond": (2, 6, 16), "mangrove": (1, 2, 4), "mudflat": (8, 24, 64), "marine": BARRIER,
        "freshwater": (4, 12, 32), "rocky_shore": (4, 8, 16), "bare": (8, 16, 32),
        "urban_green": (8, 16, 32), "built_up": (16, 64, 128),
        "works_surface": (16, 64, 128), "works_viaduct": (1, 4, 12), "works_temporary": (8, 32, 64),
    },
    "small-asian-mongoose": {
        "woodland": (4, 8, 16), "shrubland": (1, 2, 4), "grassland": (1, 1, 2), "farmland": (1, 1, 2),
        "fishpond": (1, 2, 4), "mangrove": (1, 2, 4), "mudflat": (8, 24, 64), "marine": BARRIER,
        "freshwater": (4, 16, 48), "rocky_shore": (4, 8, 16), "bare": (4, 8, 16),
        "urban_green": (4, 8, 16), "built_up": (16, 48, 128),
        "works_surface": (16, 64, 128), "works_viaduct": (1, 2, 8), "works_temporary": (8, 32, 64),
    },
    "chinese-bullfrog": {
        "woodland": (4, 8, 16), "shrubland": (4, 8, 32), "grassland": (2, 4, 16), "farmland": (1, 1, 1),
        "fishpond": (1, 1, 2), "mangrove": (8, 24, 64), "mudflat": (32, 64, 128), "marine": BARRIER,
        "freshwater": (1, 2, 8), "rocky_shore": (32, 64, 128), "bare": (8, 24, 64),
        "urban_green": (4, 16, 32), "built_up": (32, 64, 128),
        "works_surface": (32, 96, 128), "works_viaduct": (1, 4, 16), "works_temporary": (16, 48, 96),
    },
    "farmland-frogs": {
        "woodland": (4, 8, 16), "shrubland": (4, 8, 16), "grassland": (2, 3, 8), "farmland": (1, 1, 1),
        "fishpond": (1, 1, 2), "mangrove": (8, 24, 64), "mudflat": (32, 64, 128), "marine": BARRIER,
        "freshwater": (1, 2, 4), "rocky_shore": (32, 64, 128), "bare": (8, 16, 48),
        "urban_green": (3, 8, 24), "built_up": (24, 64, 128),
        "works_surface": (32, 96, 128), "works_viaduct": (1, 4, 16), "works_temporary": (16, 48, 96),
    },
}  # fmt: skip

# Where more than a judgement stands behind a row; all values remain assumptions.
REASONS = {
    ("eurasian-otter", "marine"): "swims along sheltered coasts; open water is a way, not a home. Expert-based "
    "resistances are the rule for the otter too (Leoncini et al. 2022)",
    ("eurasian-otter", "mudflat"): "crossed between ponds and sea at Mai Po",
    ("leopard-cat", "farmland"): "avoided in Taiwan and on Tsushima (Chen et al. 2016; Oh et al. 2010)",
    ("leopard-cat", "built_up"): "avoided in Taiwan and on Tsushima (Chen et al. 2016; Oh et al. 2010)",
    ("leopard-cat", "works_temporary"): "a radio-tracked cat went around the works in its range (Tsushima 2006-2007)",
    ("chinese-bullfrog", "marine"): "salt water stops the frog",
    ("farmland-frogs", "marine"): "salt water stops the frogs",
    ("small-asian-mongoose", "woodland"): "avoids closed forest (Sherburne et al. 2022)",
}  # fmt: skip
GROUND_REASONS = {
    "works_surface": "fenced railway at grade or on a bank, depot, portal, station: hardly crossed. Railways stop small animals most (Barrientos and Borda-de-Agua 2017; Testud and Miaud 2018)",
    "works_viaduct": "ground below the deck stays open, shaded and disturbed",
    "works_temporary": "a fenced works strip while building",
    "marine": "open sea",
}  # fmt: skip


def checked() -> list[str]:
    """What is wrong with the tables above."""
    wrong = []
    for taxon in TAXA:
        rows = RESISTANCE[str(taxon["taxon_id"])]
        wrong += [f"{taxon['taxon_id']}: no {ground}" for ground in (*HABITATS, *WORKS) if ground not in rows]
        wrong += [
            f"{taxon['taxon_id']}, {ground}: {values} falls"
            for ground, values in rows.items()
            if values and list(values) != sorted(values)
        ]
        above, below = rows["works_viaduct"], rows["works_surface"]
        if any(a > b for a, b in zip(above, below, strict=True)):
            wrong.append(f"{taxon['taxon_id']}: a viaduct stops more than works at the surface")
        wrong += [
            f"{taxon['taxon_id']}: core habitat {habitat} is no class"
            for habitat in str(taxon["core_habitats"]).split()
            if habitat not in HABITATS
        ]
    return wrong


def resistance_rows() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for taxon, grounds in RESISTANCE.items():
        for ground in (*HABITATS, *WORKS):
            values = grounds[ground]
            low, central, high = values or ("", "", "")
            reason = REASONS.get((taxon, ground), GROUND_REASONS.get(ground, ""))
            rows.append({
                "taxon_id": taxon, "ground": ground, "low": low, "central": central, "high": high,
                "barrier": int(values is None), "reason": reason,
                "source": "assumption", "confidence": "M",
            })  # fmt: skip
    return rows


CORES = (
    ("futian", "green_corridors", "deep-bay-wetlands:futian"),
    ("mai-po", "designations", "sssi-mai-po-marshes"),
    ("sam-po-shue", "green_corridors", "deep-bay-wetlands:sam-po-shue"),
    ("hoo-hok-wai", "green_corridors", "deep-bay-wetlands:hoo-hok-wai"),
    ("long-valley", "green_corridors", "deep-bay-wetlands:long-valley"),
    ("nam-sang-wai", "designations", "wcp-nam-sang-wai"),
    ("tsim-bei-tsui", "green_corridors", "western-coast:tsim-bei-tsui"),
    ("lau-fau-shan", "green_corridors", "western-coast:lau-fau-shan"),
    ("pak-nai", "green_corridors", "western-coast:pak-nai"),
)
"""The named cores of Deep Bay: id, layer, and the feature whose outline is taken; which they are is our choice."""


def core_rows() -> list[dict[str, object]]:
    return [
        {"core_id": core_id, "layer": layer, "feature_id": feature, "source": "own choice", "confidence": "M"}
        for core_id, layer, feature in CORES
    ]


def write(name: str, rows: list[dict[str, object]]) -> None:
    with (FOLDER / name).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{name}: {len(rows)} rows")


def main() -> None:
    """Check and write the tables."""
    if wrong := checked():
        raise SystemExit("\n".join(wrong))
    FOLDER.mkdir(exist_ok=True)
    write("taxa.csv", TAXA)
    write("resistance.csv", resistance_rows())
    write("cores.csv", core_rows())


if __name__ == "__main__":
    main()

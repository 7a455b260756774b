"""A user's own trips, zones and shares as they are read: every form, and every fault named at once."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from corridor.core.errors import CorridorError
from corridor.study.demand import DemandStudy
from corridor.study.demand_own import OwnFiles
from corridor.study.demand_trips import OwnTrips
from corridor.study.study import Study
from tests.conftest import Cli

GROUPS = ("hk_residents", "hk_residents_in_mainland", "mainland_visitors", "others")
CENTRAL, FUTIAN = "114.1588,22.2817", "114.0579,22.5410"
TWO_WAYS = "hk-yuen-long,sz-futian,{0},100\nsz-futian,hk-yuen-long,{0},50\n"


@pytest.fixture(scope="module")
def demand(travelled: Study) -> DemandStudy:
    return travelled.demand_study


def written(folder: Path, text: str, name: str = "trips.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def read(demand: DemandStudy, trips: Path, zones: Path | None = None) -> OwnTrips:
    found = demand._own_trips(OwnFiles(trips=trips, zones=zones))
    assert found is not None
    return found


def faults(demand: DemandStudy, trips: Path, zones: Path | None = None) -> str:
    with pytest.raises(CorridorError) as caught:
        read(demand, trips, zones)
    return str(caught.value)


def omx(folder: Path, matrices: dict[str, np.ndarray], zones: list[str] | None, **attrs: float) -> Path:
    path = folder / "own.omx"
    with h5py.File(path, "w") as file:
        for name, matrix in matrices.items():
            made = file.create_dataset(f"data/{name}", data=matrix)
            for key, value in attrs.items():
                made.attrs[key] = value
        if zones is not None:
            file.create_dataset("lookup/zone_id", data=np.array(zones, dtype="S"))
    return path


def test_ends_may_be_zones_cells_districts_or_positions(demand: DemandStudy, tmp_path: Path) -> None:
    cells, zones = demand.study.cells, demand.zones
    south, north = (int(np.flatnonzero(cells.side == s)[0]) for s in (0, 1))
    ids = demand.zone_ids
    rows = (
        f"{ids[zones.of_cell[south]]},{ids[zones.of_cell[north]]},1\n"
        f"{cells.table['cell_id'].iloc[south]},{cells.table['cell_id'].iloc[north]},2\n"
        "hk-yuen-long,sz-futian,100\nsz-futian,hk-yuen-long,50\n"
    )
    every = read(demand, written(tmp_path, f"origin,destination,trips_per_day\n{rows}")).by_group
    assert list(every) == ["all"] and every["all"].sum() == pytest.approx(153)
    assert every["all"][zones.of_cell[south], zones.of_cell[north]] == pytest.approx(3)
    district = every["all"][np.ix_(zones.south, zones.north)] > 0
    assert district.sum() > 100  # spread over the zones of both districts

    columns = "origin_lon,origin_lat,destination_lon,destination_lat,trips_per_day\n"
    points = f"{CENTRAL},{FUTIAN},10\n{CENTRAL},{FUTIAN},5\n{FUTIAN},{CENTRAL},7\n"
    found = read(demand, written(tmp_path, columns + points, "points.csv")).by_group["all"]
    assert (found > 0).sum() == 2 and found.sum() == pytest.approx(22)
    assert found[np.ix_(zones.south, zones.north)].sum() == pytest.approx(15)


def test_zones_of_ones_own_are_found_by_place_or_position(demand: DemandStudy, tmp_path: Path) -> None:
    rows = "origin,destination,trips_per_day\n1,2,10\n2,1,5\n"
    for text in ("zone,place\n1,hk-yuen-long\n2,sz-futian\n", f"zone,lon,lat\n1,{CENTRAL}\n2,{FUTIAN}\n"):
        zones = written(tmp_path, text, "zones.csv")
        assert read(demand, written(tmp_path, rows), zones).total == pytest.approx(15)
        both = read(demand, omx(tmp_path, {"trips": np.array([[0.0, 10.0], [5.0, 0.0]])}, None), zones)
        np.testing.assert_allclose(
            both.by_group["all"], read(demand, written(tmp_path, rows), zones).by_group["all"]
        )


def test_groups_and_directions_of_matrices_are_in_their_names(demand: DemandStudy, tmp_path: Path) -> None:
    there, back = np.array([[0.0, 10.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [4.0, 0.0]])
    matrices = {f"{g}_northbound": there for g in GROUPS} | {f"{g}_southbound": back for g in GROUPS}
    found = read(demand, omx(tmp_path, matrices, ["hk-tuen-mun", "sz-nanshan"]))
    assert set(found.by_group) == set(GROUPS) and found.total == pytest.approx(56)
    missing = np.array([[-1.0, 10.0], [4.0, -1.0]])
    assert read(demand, omx(tmp_path, {"all": missing}, ["hk-tuen-mun", "sz-nanshan"], NA=-1.0)).total == 14


def test_every_fault_of_a_table_is_named_with_its_line(demand: DemandStudy, tmp_path: Path) -> None:
    rows = (
        "hk-yuen-lang,sz-futian,hk_residents,1\nhk-yuen-long,sz-futian,tourists,1\nhk-yuen-long,sz-futian,hk_residents,-3\n"
        "hk-north,sz-futian,hk_residents,\nhk-yuen-long,hk-north,hk_residents,5\nhk-north,sz-futian,hk_residents,2\n"
    )
    text = faults(demand, written(tmp_path, "origin,destination,group,trips_per_day\n" + rows))
    for part in (
        "trips.csv line 2: Unknown origin 'hk-yuen-lang'", "trips.csv line 3: 'tourists' is no traveller group",
        "trips.csv line 4: trips_per_day is -3", "trips.csv line 5: trips_per_day is nan",
        "trips.csv line 6: begins and ends on one side of the boundary", "trips.csv line 7: hk-north to sz-futian, hk_residents, is given twice",
    ):  # fmt: skip
        assert part in text


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("origin,destination\na,b\n", "column 'trips_per_day' is missing"),
        ("origin,trips_per_day\nhk-north,1\n", "column 'destination' is missing"),
        ("origin,destination,trips_per_day\nhk-north,sz-futian,1\n", "nobody travels southbound"),
        ("origin,destination,group,trips_per_day\n" + TWO_WAYS.format("others"), "no trips of hk_residents"),
        ("origin,destination,group,trips_per_day\n" + TWO_WAYS.format("all") + TWO_WAYS.format("others"), "group 'all'"),
        (f"origin_lon,origin_lat,destination,trips_per_day\n{CENTRAL[::-1]},sz-futian,1\n", "are longitude and latitude swapped?"),
        ("origin_lon,origin_lat,destination,trips_per_day\n114.16,10.0,sz-futian,1\n", "within 2 km of a populated cell"),
    ],
)  # fmt: skip
def test_what_is_missing_from_a_table_is_named(
    demand: DemandStudy, tmp_path: Path, text: str, part: str
) -> None:
    assert part in faults(demand, written(tmp_path, text))


def test_faults_of_a_matrix_are_named_all_at_once(demand: DemandStudy, tmp_path: Path) -> None:
    names = ["hk-tuen-mun", "sz-nanshan", "sz-nowhere"]
    wrong = np.array([[0.0, np.nan, 1.0], [-2.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    text = faults(
        demand, omx(tmp_path, {"others": wrong, "tourists": np.ones((3, 3)), "all_northbound": wrong}, names)
    )
    for part in (
        "zones 'sz-nowhere' are not known", "matrix others: 1 of its cells: no number, the first from hk-tuen-mun to sz-nanshan",
        "matrix others: 1 of its cells: negative, the first from sz-nanshan to hk-tuen-mun: -2",
        "matrix tourists: is of no traveller group",
    ):  # fmt: skip
        assert part in text
    inside = omx(tmp_path, {"all": np.ones((2, 2))}, names[:2])
    assert (
        "2 of its cells: trips that do not cross the boundary, the first from hk-tuen-mun to hk-tuen-mun"
        in faults(demand, inside)
    )
    ones = np.array([[0.0, 1.0], [1.0, 0.0]])
    turned = omx(tmp_path, {"all_northbound": ones, "all": ones}, names[:2])
    text = faults(demand, turned)
    assert "do not cross the boundary northbound, the first from sz-nanshan to hk-tuen-mun" in text
    assert "repeats trips of all" in text


@pytest.mark.parametrize(
    ("shape", "zones", "part"),
    [
        ((3, 2), ["a", "b", "c"], "is 3 x 2; expected 3 x 3"),
        ((2, 2), ["a", "b", "c"], "the lookup of zones has 3 entries; expected 2"),
        ((2, 2), None, "has no lookup of zones for its 2 rows"),
        ((2, 2), ["hk-north", "hk-north"], "zone 'hk-north' occurs twice in the lookup"),
    ],
)  # fmt: skip
def test_a_matrix_of_the_wrong_shape_is_named(
    demand: DemandStudy, tmp_path: Path, shape: tuple[int, int], zones: list[str] | None, part: str
) -> None:
    assert part in faults(demand, omx(tmp_path, {"all": np.ones(shape)}, zones))


def test_a_list_of_zones_that_does_not_match_is_named(demand: DemandStudy, tmp_path: Path) -> None:
    zones = written(tmp_path, "zone,place\n1,hk-north\n2,sz-futian\n2,sz-futian\n3,sz-nowhere\n", "zones.csv")
    text = faults(demand, written(tmp_path, "origin,destination,trips_per_day\n1,2,3\n"), zones)
    assert (
        "zones.csv line 4: zone '2' is given twice" in text
        and "zones.csv line 5: Unknown place 'sz-nowhere'" in text
    )
    zones = written(tmp_path, "zone,place\n1,hk-north\n2,sz-futian\n", "zones.csv")
    text = faults(demand, omx(tmp_path, {"all": np.zeros((3, 3))}, None), zones)
    assert "has no lookup of zones for its 3 rows and columns; your own file of zones has 2" in text
    text = faults(demand, omx(tmp_path, {"all": np.zeros((2, 2))}, ["1", "7"]), zones)
    assert "zones '7' are not known" in text


def test_what_is_no_matrix_file_is_named(demand: DemandStudy, tmp_path: Path) -> None:
    broken = tmp_path / "broken.omx"
    broken.write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 64)
    assert "cannot be read as Open Matrix" in faults(demand, broken)
    assert "cannot be read as CSV" in faults(demand, tmp_path / "none.csv")
    path = omx(tmp_path, {"all": np.zeros((2, 2))}, ["hk-north", "sz-futian"])
    with h5py.File(path, "a") as file:
        del file["data/all"]
        file["data/all"] = h5py.ExternalLink("/etc/other.omx", "/data/all")
    assert "has no matrices" in faults(demand, path)


def test_files_that_have_no_part_in_what_is_asked_are_refused(tmp_path: Path) -> None:
    for own, state, part in (
        (OwnFiles(zones=tmp_path), "census", "a file of zones without trips"),
        (
            OwnFiles(trips=tmp_path / "mine.csv"),
            "buildout-2035",
            "mine.csv does not grow with land state 'buildout-2035'",
        ),
    ):
        with pytest.raises(CorridorError, match=part):
            own.check(state)


def test_the_command_takes_ones_own_files(cli: Cli, tmp_path: Path) -> None:
    zones = written(tmp_path, "zone,place\n", "zones.csv")
    said = cli("demand", "baseline-2024", "--shares", str(zones), "--zones", str(zones))
    assert said.exit_code == 1 and "a file of zones without trips" in said.output
    said = cli("demand", "baseline-2024", "--trips", str(zones), "--land", "buildout-2035")
    assert said.exit_code == 1 and "zones.csv does not grow with land state" in said.output


def shares_of(demand: DemandStudy, folder: Path, rows: str, day: str = "all") -> dict[str, float]:
    path = written(folder, "group_id,purpose,day_type,share\n" + rows, "shares.csv")
    return {s.name: s.share for s in demand.segments(day, path)}


def test_own_shares_replace_groups_purposes_and_days(demand: DemandStudy, tmp_path: Path) -> None:
    shipped = {s.name: s.share for s in demand.segments("all")}
    rows = "others,business,all,0.2\nothers,leisure,all,0.8\nothers,business,weekend,0.05\nothers,leisure,weekend,0.95\n"
    found = shares_of(demand, tmp_path, rows)
    assert found == pytest.approx(shipped | {"others/business": 0.2, "others/other": 0.8})
    assert shares_of(demand, tmp_path, rows, "holiday")["others/business"] == pytest.approx(0.05)
    assert shares_of(demand, tmp_path, rows, "weekday")["others/business"] == pytest.approx(0.2)
    rows = "hk_residents,all,all,0.6\nhk_residents_in_mainland,all,all,0.4\nothers,beyond_region,all,0.15\n"
    found = shares_of(demand, tmp_path, rows)
    assert found["hk_residents/business"] + found["hk_residents/other"] == pytest.approx(0.6)
    segments = demand.segments("all", tmp_path / "shares.csv")
    assert {s.outside_share for s in segments if s.group == "others"} == {0.15}


def test_shares_as_shipped_change_nothing(demand: DemandStudy, tmp_path: Path) -> None:
    groups, purposes = (demand.study.catalog.table(f"demand_{name}") for name in ("groups", "purposes"))
    rows = "".join(
        f"{g.group_id},all,all,{g.share_of_counted}\n{g.group_id},beyond_region,all,{g.outside_share}\n"
        for g in groups.itertuples()
    )
    rows += "".join(
        f"{p.group_id},{p.purpose},{day},{share}\n"
        for p in purposes.itertuples()
        for day, share in (("all", p.share), ("weekday", p.share_weekday), ("weekend", p.share_weekend))
    )
    path = written(tmp_path, "group_id,purpose,day_type,share\n" + rows, "shares.csv")
    for day in ("all", "friday", "holiday"):
        assert demand.segments(day, path) == demand.segments(day)


def test_every_fault_of_own_shares_is_named(demand: DemandStudy, tmp_path: Path) -> None:
    rows = "tourists,leisure,all,1\nothers,swimming,all,0.5\nothers,leisure,monday,1.5\nothers,leisure,all,x\nothers,leisure,all,0.5\nothers,all,weekend,1\n"
    with pytest.raises(CorridorError) as caught:
        shares_of(demand, tmp_path, rows)
    text = str(caught.value)
    for part in (
        "line 2: 'tourists' is no traveller group", "line 3: 'swimming' is no purpose", "line 4: 'monday' is no day type",
        "line 4: share is", "line 5: share is 'x'", "line 6: others leisure all is given twice", "line 7: 'weekend' is no day type of this share",
    ):  # fmt: skip
        assert part in text
    with pytest.raises(CorridorError) as caught:
        shares_of(
            demand,
            tmp_path,
            "others,leisure,all,0.5\nhk_residents,all,all,0.9\nothers,leisure,weekday,1\nmainland_visitors,leisure,weekend,1\n",
        )
    text = str(caught.value)
    for part in (
        "purposes of others, all add up to 0.5; expected 1", "groups counted as south_residents add up to 0.9",
        "purposes of mainland_visitors are given by day alone",
    ):  # fmt: skip
        assert part in text

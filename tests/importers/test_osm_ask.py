"""Servers of OpenStreetMap: answers are kept, and no bad answer does harm."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from corridor.core.errors import CorridorError, LayerError
from corridor.importers.osm import ask as asking
from corridor.importers.osm import layers as osm
from corridor.importers.osm.ask import check_server, sweep
from corridor.importers.osm.graphs import ROAD, WALK, add_graph, enter_graph
from corridor.importers.osm.layers import add_osm
from corridor.importers.osm.query import Query
from corridor.study.folder import init
from tests.conftest import Cli
from tests.importers.osm_queries import BOX, HERE, contents, entry
from tests.osm_server import Town


def test_asked_once_and_without_a_network_the_second_time(
    cli: Cli, server: type[Town], mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import osmnx

    box = ["--bbox", "114.01,22.43,114.05,22.47"]
    here = set(Path.cwd().iterdir())
    lookup, cache = socket.getaddrinfo, osmnx.settings.cache_folder
    first = cli("--study", mine, "layers", "add", "walk", *box)
    assert first.exit_code == 0 and "asking 127.0.0.1 (1)" in first.output, first.output
    assert (socket.getaddrinfo, osmnx.settings.cache_folder) == (lookup, cache)
    assert set(Path.cwd().iterdir()) == here, "OSMnx's own cache would be in the working directory"
    (folder,) = (tmp_path / "cache" / "corridor" / "osmnx").iterdir()
    assert len(list(folder.glob("*.json"))) == 1
    init(tmp_path / "other")
    monkeypatch.setattr(asking, "probe", lambda *_: pytest.fail("asked again"))
    second = cli("--study", tmp_path / "other", "layers", "add", "walk", *box)
    assert second.exit_code == 0 and len(server.requests) == 1
    assert (
        f"{HERE}: no network used, answers of 20" in second.output and "(--again asks anew)" in second.output
    )
    assert entry(mine, "walk_graph")["notes"] == entry(tmp_path / "other", "walk_graph")["notes"]


def test_again_asks_anew_and_another_kind_is_another_question(server: type[Town], tmp_path: Path) -> None:
    for number, query in enumerate((Query(bbox=BOX), Query(bbox=BOX), Query(bbox=BOX, again=True))):
        room = tmp_path / str(number)
        room.mkdir()
        add_graph(query, room, WALK)
    assert len(server.requests) == 2
    add_graph(Query(bbox=BOX), tmp_path, ROAD)
    assert len(server.requests) == 3


def test_what_a_killed_run_left_half_written_is_asked_for_again(server: type[Town], tmp_path: Path) -> None:
    add_graph(Query(bbox=BOX), tmp_path, WALK)
    (kept,) = (tmp_path / "cache" / "corridor" / "osmnx").rglob("*.json")
    kept.write_text(kept.read_text(encoding="utf-8")[:200])
    (tmp_path / "b").mkdir()
    add_graph(Query(bbox=BOX), tmp_path / "b", WALK)
    assert len(server.requests) == 2
    assert json.loads(kept.read_text(encoding="utf-8"))["elements"]


def test_a_cache_that_cannot_be_written_is_done_without(
    server: type[Town], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    add_graph(Query(bbox=BOX), tmp_path, WALK)
    assert any("cannot be written: the answers are not kept" in text for text in said)


def test_a_server_of_ones_own(server: type[Town], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import osmnx

    monkeypatch.setattr(osmnx.settings, "overpass_url", "https://nowhere.invalid/api")
    own = f"{server.address}/api/interpreter"
    added = add_graph(Query(bbox=BOX, overpass=own), tmp_path, WALK)
    assert f"{server.address}/api asked on" in added.entry
    assert osmnx.settings.overpass_url == "https://nowhere.invalid/api"


@pytest.mark.parametrize(
    "url", ["ftp://x/api", "overpass-api.de", "https://", "https://me:word@x/api", "http://x/?q"]
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(CorridorError) as caught:
        check_server(url)
    assert str(caught.value) == (
        f"- --overpass: {url!r}; expected an address such as https://overpass-api.de/api; correct it"
    )


LATER = "try again later, take a smaller area, or name another server with --overpass"
JSON = f"expected OpenStreetMap data as JSON; {LATER}"
ERROR = (
    "runtime error: open64: 0 Success /osm3s_osm_base Dispatcher_Client::request_read_and_idx::timeout. "
    "The server is probably too busy."
)
BUSY = (
    "expected a free server; try again later (what has come is kept), take a smaller area, or name another "
    "server with --overpass"
)
NOTHING = "expected streets or features of this kind; check the place or the box, or take a larger one"
MOODS = {
    "429": f"127.0.0.1 is busy (429 Too Many Requests, 3 tries); {BUSY}",
    "504": f"127.0.0.1 is busy (504 Gateway Timeout, 3 tries); {BUSY}",
    "400": f"127.0.0.1 answers 400 Bad Request: {ERROR}; {JSON}",
    "502": f"127.0.0.1 answers 502 Bad Gateway: {ERROR}; {JSON}",
    "remark": '127.0.0.1 broke off: runtime error: Query timed out in "query" at line 1 after 180 seconds.; '
    "expected a whole answer; take a smaller area or fewer tags, or try again later",
    "html": f"127.0.0.1 gave an answer that is not JSON: {ERROR}; {JSON}",
    "cut": f"127.0.0.1 gave an answer that is not JSON; {JSON}",
    "short": f"127.0.0.1 broke off: the answer is cut short; {JSON}",
    "strange": f"127.0.0.1 gave JSON without elements; {JSON}",
    "number": f"127.0.0.1 gave JSON without elements; {JSON}",
    "hang up": f"127.0.0.1 hung up without an answer; {JSON}",
    "slow": f"127.0.0.1 did not answer within 0.2 s; {JSON}",
    "drip": "took over 0 min; expected 0 min for a query; take a smaller area, or run it again: what has come whole is kept",
}


@pytest.mark.parametrize(
    ("mood", "kind"),
    [
        *((mood, "features") for mood in (*MOODS, "empty", "odd")),
        *((mood, "graph") for mood in ("504", "remark", "empty")),
    ],
)
def test_a_bad_answer_is_told_and_changes_nothing(
    mood: str, kind: str, server: type[Town], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each plainly, in seconds, with nothing entered and nothing kept; then a good answer is taken."""
    server.moods = [mood]
    if mood == "slow":
        monkeypatch.setattr(asking, "ANSWER_S", 0.2)
    if mood == "drip":
        monkeypatch.setattr(asking, "WHOLE_S", 0.1)
    room = tmp_path / "room"
    room.mkdir()

    def work() -> object:
        if kind == "graph":
            return add_graph(Query(bbox=BOX), room, WALK)
        return osm.features(Query(bbox=BOX), osm.TRACK_TAGS)

    with pytest.raises(CorridorError) as caught:
        work()
    if mood in MOODS:
        assert str(caught.value) == f"- {HERE}: {MOODS[mood]}"
    else:
        assert str(caught.value).startswith(f"- {HERE}: OpenStreetMap gave nothing to use (")
        assert str(caught.value).endswith(NOTHING)
    assert contents(room) == {}
    assert list((tmp_path / "cache").rglob("*.json")) == []
    monkeypatch.setattr(asking, "ANSWER_S", 180)
    monkeypatch.setattr(asking, "WHOLE_S", 60.0)
    server.moods = [""]
    work()


def test_a_busy_server_is_asked_again_when_it_says_it_is_free(
    server: type[Town], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    """429, then an answer. Its status page says 60 s, which is more than our own first pause of 15."""
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    server.moods = ["429", ""]
    original = asking.slot_s
    monkeypatch.setattr(asking, "slot_s", lambda url: original(url) or 60.0)
    add_graph(Query(bbox=BOX), tmp_path, WALK)
    assert "127.0.0.1 is busy (429 Too Many Requests); asking again in 60 s" in said
    assert 60.0 in pauses


def test_the_status_page_is_read(server: type[Town]) -> None:
    assert asking.slot_s(f"{server.address}/api") == 0.0
    server.moods = ["429"]
    assert asking.slot_s(f"{server.address}/api") == 60.0
    assert asking.slot_s("http://127.0.0.1:9/api") == 0.0


def test_an_answer_that_is_too_large_is_not_read_to_its_end(
    server: type[Town], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ANSWER_MB", 0.001)
    with pytest.raises(CorridorError) as caught:
        add_graph(Query(bbox=BOX), tmp_path, WALK)
    assert "the answer has more than 0 MB" in str(caught.value)
    assert "take a smaller area, or fewer tags" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Nowhere", "Nominatim geocoder returned 0 results for query 'Nowhere'."),
        ("Point", "Nominatim did not geocode query 'Point' to a geometry of type (Multi)Polygon."),
    ],
)
def test_a_place_without_an_area(name: str, message: str, server: type[Town], tmp_path: Path) -> None:
    with pytest.raises(LayerError) as caught:
        add_graph(Query(place=name), tmp_path, WALK)
    assert (
        str(caught.value) == f'- --place "{name}": OpenStreetMap gave nothing to use ({message}); {NOTHING}'
    )


@pytest.mark.parametrize("query", [Query(bbox=BOX), Query(place="x")])
def test_without_a_network_a_plain_message(
    query: Query, tmp_path: Path, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import osmnx

    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    for name in asking.PROXIES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(osmnx.settings, "overpass_url", address)
    monkeypatch.setattr(osmnx.settings, "nominatim_url", address)
    monkeypatch.setattr("time.sleep", lambda _: None)
    before = contents(mine)
    works: tuple[Callable[[], object], ...] = (
        lambda: enter_graph(mine, query),
        lambda: add_osm(mine, "land-use", query, {}),
    )
    for work in works:
        with pytest.raises(CorridorError) as caught:
            work()
        assert str(caught.value) == (
            f"- {query}: OpenStreetMap's servers cannot be reached (127.0.0.1: Connection refused); expected a network; "
            "nothing was changed; give an OSM file with --xml, or for streets a saved graph with --graphml"
        )
    assert contents(mine) == before


def test_sweep_takes_only_answers(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text("{}")
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "other.txt").write_text("{")
    sweep(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["good.json", "other.txt"]
    sweep(tmp_path, everything=True)
    assert [p.name for p in tmp_path.iterdir()] == ["other.txt"]

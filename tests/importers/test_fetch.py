"""Fetching: tried again, checked, limited, and plain offline; against a server on loopback, never the real network."""

from __future__ import annotations

import hashlib
import io
import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from requests import Response

from corridor.core.errors import CorridorError, LayerError
from corridor.importers.downloads import fetch as module
from corridor.importers.downloads.fetch import Source, fetch, sources
from corridor.study.folder import init
from tests.conftest import Cli, contents

REDIRECTS = {"/loop": "/loop", "/file-scheme": "file:///etc/hostname", "/moved": "/map.tif"}
BODY = bytes(range(256)) * 2_000  # 512,000 bytes


@dataclass
class Web:
    """A server and what it was asked."""

    address: str = ""
    asked: list[str] = field(default_factory=list)
    cut_after: list[int] = field(default_factory=list)
    """Each answer but the last breaks off after so many bytes."""
    body: bytes = BODY


@pytest.fixture
def web() -> Iterator[Web]:
    state = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(self.path)
            if self.path == "/gone":
                self.send_error(404, "Not Found")
                return
            if self.path in REDIRECTS:
                self.send_response(302)
                self.send_header("Location", REDIRECTS[self.path])
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(state.body)))
            self.end_headers()
            self.wfile.write(state.body[: state.cut_after.pop(0)] if state.cut_after else state.body)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    state.address = f"http://127.0.0.1:{server.server_port}"
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    init(tmp_path / "mine")
    return tmp_path / "mine"


def source(web: Web, path: str = "/map.tif", digest: str = "", size_mb: float = 1.0) -> Source:
    return Source("map", "A map", web.address + path, "", (), "CC0", "nobody", size_mb, digest, "", "A")


def test_a_file_arrives_with_what_it_is(web: Web, mine: Path, said: list[str]) -> None:
    digest = hashlib.sha256(BODY).hexdigest()
    (path,) = fetch(mine, source(web, digest=digest))
    assert path == mine / "downloads" / "map.tif" and path.read_bytes() == BODY
    about = json.loads((mine / "downloads" / "map.tif.json").read_text())
    assert about["sha256"] == digest and about["hash_published"] is True and about["licence"] == "CC0"
    assert said == ["A map: map.tif, about 1 MB"]
    assert sorted(p.name for p in path.parent.iterdir()) == ["map.tif", "map.tif.json"]
    fetch(mine, source(web))
    assert len(web.asked) == 1 and said[-1] == "map.tif is here already; --again fetches it anew"


def test_a_line_that_breaks_is_tried_again(web: Web, mine: Path, said: list[str]) -> None:
    web.cut_after = [100_000, 200_000]
    (path,) = fetch(mine, source(web))
    assert path.read_bytes() == BODY and len(web.asked) == 3
    assert said[1:] == [f"  it broke off; trying again ({n} of 3)" for n in (2, 3)]


def test_three_breaks_are_told_and_leave_nothing(web: Web, mine: Path) -> None:
    web.cut_after = [100_000, 100_000, 100_000]
    with pytest.raises(CorridorError) as caught:
        fetch(mine, source(web))
    assert re.fullmatch(
        r"- 127\.0\.0\.1/map\.tif: cannot be reached \(.*100000.*\); expected a network; nothing was changed; .*",
        str(caught.value),
    )
    assert list((mine / "downloads").iterdir()) == []


def test_what_a_killed_run_left_is_swept(web: Web, mine: Path) -> None:
    (mine / "downloads" / ".fetch-abc").mkdir(parents=True)
    (mine / "downloads" / ".fetch-abc" / "map.tif").write_bytes(b"half")
    fetch(mine, source(web))
    assert sorted(p.name for p in (mine / "downloads").iterdir()) == ["map.tif", "map.tif.json"]


def test_a_wrong_hash_leaves_no_file(web: Web, mine: Path) -> None:
    with pytest.raises(LayerError) as caught:
        fetch(mine, source(web, digest="ab" * 32))
    assert str(caught.value) == (
        f"- map.tif: has the hash {hashlib.sha256(BODY).hexdigest()[:12]}...; expected abababababab... as published; "
        "it is another file, or was damaged on its way; fetch it again, or look at the source's page"
    )
    assert list((mine / "downloads").iterdir()) == []


def test_what_is_not_there_is_told_at_once(web: Web, mine: Path) -> None:
    with pytest.raises(CorridorError) as caught:
        fetch(mine, source(web, "/gone"))
    assert str(caught.value) == (
        "- 127.0.0.1/gone: answers 404 Not Found; expected the file; it may have moved: look at the source's page, "
        "and add the file with 'corridor layers add'"
    )
    assert len(web.asked) == 1


def test_redirects_end(web: Web, mine: Path) -> None:
    with pytest.raises(CorridorError, match="answers with redirects without end"):
        fetch(mine, source(web, "/loop"))
    assert len(web.asked) <= module.REDIRECTS + 1


def test_a_redirect_to_a_file_of_this_computer_is_not_followed(web: Web, mine: Path) -> None:
    with pytest.raises(CorridorError, match="answers 302"):
        fetch(mine, source(web, "/file-scheme"))
    assert list((mine / "downloads").iterdir()) == []


def test_a_redirect_is_followed(web: Web, mine: Path) -> None:
    (path,) = fetch(mine, source(web, "/moved"))
    assert path.name == "moved" and path.read_bytes() == BODY


def test_a_redirect_from_a_safe_to_an_open_line_is_refused() -> None:
    answer = Response()
    answer.status_code, answer.url, answer.raw = 302, "https://maps.invalid/a", io.BytesIO()
    answer.headers["Location"] = "http://maps.invalid/b"
    with pytest.raises(CorridorError, match="sent on to http://"):
        module.follow(answer)


def test_more_than_was_said_is_refused(web: Web, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST_LIMIT", 0)
    with pytest.raises(CorridorError) as caught:
        fetch(mine, source(web, size_mb=0.1))
    assert str(caught.value) == (
        "- 127.0.0.1/map.tif: is 1 MB or more; expected at most 0 MB; look at the source's page"
    )


def test_offline_is_said_and_nothing_changed(
    mine: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    nobody = Source("map", "A map", "http://127.0.0.1:9/map.tif", "", (), "", "", 1.0, "", "", "A")
    with contents(mine), pytest.raises(CorridorError) as caught:
        fetch(mine, nobody)
    assert str(caught.value) == (
        "- 127.0.0.1/map.tif: cannot be reached (Connection refused); expected a network; nothing was changed; "
        "try again with one, or get http://127.0.0.1:9/map.tif elsewhere and add it with 'corridor layers add'"
    )
    assert said[1:] == [f"  it broke off; trying again ({n} of 3)" for n in (2, 3)]
    assert pauses == [1, 2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["osm-walk"],
            "layers fetch osm-walk: which area is not clear; expected one of --bbox and --place, and no --part; "
            "say which area",
        ),
        (
            ["worldpop-hk", "--bbox", "1,2,3,4"],
            "--bbox, --place: given for worldpop-hk; expected only for osm-walk; leave them out",
        ),
        (
            ["worldpop-hk", "--part", "N21E111"],
            "--part: given for worldpop-hk; expected no --part: it is one file; leave it out",
        ),
    ],
)
def test_what_a_source_does_not_know_is_refused(
    cli: Cli, mine: Path, arguments: list[str], message: str
) -> None:
    done = cli("--study", mine, "layers", "fetch", *arguments)
    assert done.exit_code == 1 and done.output == f"CorridorError:\n- {message}\n"


def test_a_proxy_of_the_environment_is_used(web: Web, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", web.address)
    (path,) = fetch(mine, replace(source(web), url="http://maps.invalid/map.tif"))
    assert path.read_bytes() == BODY and web.asked == ["http://maps.invalid/map.tif"]


def test_a_folder_that_leads_out_of_the_study_is_refused(web: Web, mine: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (mine / "downloads").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CorridorError, match="leaves the folder by a link"):
        fetch(mine, source(web))
    assert web.asked == []


def test_tiles_have_names_of_their_own() -> None:
    cover = sources()["worldcover"]
    assert list(cover.urls()) == [f"ESA_WorldCover_10m_2021_v200_{p}_Map.tif" for p in ("N21E111", "N21E114")]
    assert list(cover.urls(("N18E108",))) == ["ESA_WorldCover_10m_2021_v200_N18E108_Map.tif"]


def test_a_tile_is_no_path(mine: Path) -> None:
    with pytest.raises(CorridorError, match="--part: '../x'"):
        fetch(mine, sources()["worldcover"], ("../x",))


def test_every_declared_source_is_whole() -> None:
    for found in sources().values():
        assert found.title and found.licence and found.attribution and found.confidence in "ABCM"
        assert found.url == "osmnx" or found.url.startswith("https://")
        assert re.fullmatch(r"([0-9a-f]{64})?", found.sha256)


def test_the_command_lists_and_names(cli: Cli, mine: Path) -> None:
    listed = cli("--study", mine, "layers", "fetch")
    assert listed.exit_code == 0 and "worldcover" in listed.output and "CC BY 4.0" in listed.output
    wrong = cli("--study", mine, "layers", "fetch", "worldcovr")
    assert wrong.exit_code == 1 and "did you mean 'worldcover'" in wrong.output
    nowhere = cli("layers", "fetch", "worldcover")
    assert nowhere.exit_code == 1
    assert nowhere.output == (
        "CorridorError:\n- layers fetch: no study is named; expected a study of your own; "
        "make one with 'corridor init DIR' and put '--study DIR' before the command\n"
    )


def test_the_command_fetches(cli: Cli, mine: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    own: Callable[[], dict[str, Source]] = lambda: {  # noqa: E731
        "map": replace(source(web), then="layers add raster {file} --role population")
    }
    monkeypatch.setattr(module, "sources", own)
    done = cli("--study", mine, "layers", "fetch", "map")
    path = mine / "downloads" / "map.tif"
    assert done.exit_code == 0 and f"{path} (CC0; nobody)" in done.output
    assert f"next: corridor --study {mine} layers add raster {path} --role population" in done.output

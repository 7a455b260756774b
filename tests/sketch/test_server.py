"""Who may ask the server what: its own page, with the token; nobody else, and nothing large."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from corridor.core.errors import CorridorError
from corridor.sketch.desk import Desk
from corridor.sketch.guard import MAX_BODY, Doors
from corridor.sketch.ideas import Ideas
from corridor.sketch.notebook import Sketch
from corridor.sketch.report import Reports
from corridor.sketch.scored import Sketcher
from corridor.sketch.server import Server, application, listen
from corridor.study.study import Study
from tests.sketch.conftest import COAST

pytest.importorskip("starlette", reason="corridor[sketch] is not installed")


@dataclass
class Client:
    """Asks a server as nothing but a socket can: with any header."""

    server: Server

    def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        own = {"Host": f"127.0.0.1:{self.server.port}"}
        if body is not None:
            own["Content-Type"] = "application/json"
        sent = {k.replace("_", "-"): v for k, v in (own | headers).items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=120)
        data = body if isinstance(body, bytes | type(None)) else json.dumps(body).encode()
        connection.request(method, path, data, sent)
        answer = connection.getresponse()
        content = answer.read()
        found = {k.lower(): v for k, v in answer.getheaders()}
        connection.close()
        return answer.status, found, content

    def post(self, name: str, body: Any, **headers: str) -> tuple[int, Any]:
        status, _, content = self.ask("POST", f"/{self.server.token}/{name}", body, **headers)
        return status, json.loads(content) if content.startswith(b"{") else content


@pytest.fixture(scope="module")
def client(sketcher: Sketcher, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    from corridor.sketch.server import waiter

    server = listen()
    desk = Desk(sketcher)
    runs = waiter(
        application(
            sketcher, desk, Reports(sketcher.study, Ideas(tmp_path_factory.mktemp("ideas") / "ideas")), server
        )
    )
    thread = threading.Thread(target=runs.run, kwargs={"sockets": [server.listening]}, daemon=True)
    thread.start()
    yield Client(server)
    runs.should_exit = True
    thread.join(20)
    server.listening.close()
    desk.end()


def test_the_page_is_given_with_its_policy(client: Client) -> None:
    status, headers, content = client.ask("GET", f"/{client.server.token}/")
    assert status == 200 and b"<title>Sketch a line</title>" in content
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe-eval" not in policy
    assert headers["referrer-policy"] == "no-referrer" and headers["x-content-type-options"] == "nosniff"
    assert not [name for name in headers if name.startswith("access-control")]
    assert b"http://" not in content and b"https://" not in content
    for name in (
        "sketch.js",
        "sketchmap.js",
        "leaflet.js",
        "leaflet.css",
        "page.css",
        "sketch.css",
        "ground.json",
    ):
        assert client.ask("GET", f"/{client.server.token}/{name}")[0] == 200


@pytest.mark.parametrize(
    "path", ["/", "/wrong-token/", "/favicon.ico", "//", "/../", "/%2e%2e/", "/wrong-token/ground.json"]
)
def test_nothing_without_the_token(client: Client, path: str) -> None:
    assert client.ask("GET", path)[0] == 403


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "static/../../x", "%2e%2e/%2e%2e/etc/passwd", "sketch.py", "ideas.yaml"]
)
def test_no_path_names_a_file(client: Client, path: str) -> None:
    assert client.ask("GET", f"/{client.server.token}/{path}")[0] == 404


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "a@127.0.0.1", ""]
)
def test_a_foreign_host_is_refused(client: Client, host: str) -> None:
    assert client.ask("GET", f"/{client.server.token}/", Host=host)[0] == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1"])
def test_a_foreign_origin_is_refused(client: Client, origin: str) -> None:
    assert client.post("ideas", {}, Origin=origin)[0] == 403


def test_its_own_origin_is_not(client: Client) -> None:
    assert client.post("ideas", {}, Origin=f"http://127.0.0.1:{client.server.port}") == (200, {"ideas": []})
    assert client.post("ideas", {}, Sec_Fetch_Site="cross-site")[0] == 403
    assert client.post("ideas", {}, Content_Type="text/plain")[0] == 403


def test_a_body_too_large_is_refused(client: Client) -> None:
    assert client.post("score", b"{" + b" " * MAX_BODY + b"}")[0] == 413


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"nonsense",
        b"\xff\xfe",
        b"[" * 5000,
        b'{"browser": 3}',
        b'{"browser": "a", "number": true}',
    ],
)
def test_a_request_that_the_page_does_not_send(client: Client, body: bytes) -> None:
    status, told = client.post("score", body)
    assert status == 400 and "request" in told["problems"][0][0]


def test_a_drawing_is_scored_saved_and_opened(client: Client) -> None:
    asked = {"browser": "a", "number": 1, "drawing": COAST, "hour": "08:30"}
    status, answer = client.post("score", asked)
    assert status == 200 and answer["number"] == 1 and answer["groups"]
    status, saved = client.post("save", {"drawing": COAST, "revision": ""})
    assert status == 200
    assert client.post("ideas", {})[1]["ideas"] == [saved["idea"]]
    status, opened = client.post("open", {"id": saved["idea"]["id"]})
    assert opened["drawing"]["line"]["structures"] == COAST["line"]["structures"]
    assert "problems" in client.post("open", {"id": "../x"})[1]
    wrong = {**asked, "number": 2, "hour": "25:99"}
    assert "08:30" in client.post("score", wrong)[1]["problems"][0][0]


def test_other_machines_need_a_token() -> None:
    with pytest.raises(CorridorError, match="--token"):
        listen("0.0.0.0")
    with pytest.raises(CorridorError, match="16 letters"):
        listen("0.0.0.0", token="short")


def test_a_notebook_may_hold_the_page_and_nothing_else(sketcher: Sketcher, tmp_path: Path) -> None:
    shown = Sketch(sketcher, tmp_path / "ideas")
    try:
        token, port = shown.address.split("/")[-2], int(shown.address.split(":")[2].split("/")[0])
        client = Client(replace(Server(shown._listening, "127.0.0.1", token), framed=True))
        assert client.server.port == port and f'src="{shown.address}"' in shown._repr_html_()
        as_frame = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "iframe"}
        status, headers, _ = client.ask("GET", f"/{token}/", **as_frame)
        assert (
            status == 200
            and "frame-ancestors 'self' http://localhost:*" in headers["content-security-policy"]
        )
        assert client.ask("GET", f"/{token}/", Sec_Fetch_Site="cross-site")[0] == 403
        assert client.ask("GET", f"/{token}/ground.json", **as_frame)[0] == 403
        assert client.post("ideas", {}, **as_frame)[0] == 403
        assert client.ask("GET", "/wrong-token/", **as_frame)[0] == 403
    finally:
        shown.stop()
    assert not shown.runs
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection("127.0.0.1", port, timeout=5).request("GET", "/")


def test_a_cell_that_is_run_again_shows_the_page_that_runs(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Path] = []

    class Started:
        runs = True

        def __init__(self, _: Sketcher, ideas: Path) -> None:
            started.append(ideas)

    monkeypatch.setattr("corridor.sketch.notebook.Sketch", Started)
    monkeypatch.setattr("corridor.sketch.notebook._OPEN", {})
    first = study.sketch(tmp_path)
    assert study.sketch(tmp_path) is first and started == [tmp_path]
    Started.runs = False
    assert study.sketch(tmp_path) is not first


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    first = listen()
    try:
        with pytest.raises(CorridorError, match="another --port"):
            listen(port=first.port)
    finally:
        first.listening.close()


def test_names_by_which_other_machines_may_ask() -> None:
    doors = Doors("0.0.0.0", 80)
    assert doors.admit("192.168.1.5") and not doors.admit("evil.example")
    assert Doors("planner.example", 8000).admit("planner.example:8000")

"""A server on loopback that answers as Overpass and Nominatim do, from a town made by hand, whole or in a bad mood.

It understands what OSMnx asks: ``node``, ``way`` and ``relation`` with filters on tags and a polygon, and all that
these are made of.
"""

from __future__ import annotations

import http.server
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import shapely

from tests.paths import DATA

TOWN = DATA / "osm_town.json"
FREE = "Connected as: 1\nCurrent time: 2026-11-21T00:00:00Z\nAnnounced endpoint: none\nRate limit: 2\n2 slots available now.\n"
TAKEN = FREE.replace("2 slots available now.", "Slot available after: 2026-11-21T00:01:00Z, in 60 seconds.")
RING = [[114.01, 22.43], [114.05, 22.43], [114.05, 22.47], [114.01, 22.47], [114.01, 22.43]]
PAGE = (
    "<html><head><title>OSM3S Response</title><style>p {x}</style></head><body><p>The data ... &copy;</p>"
    '<p><strong style="color:#FF0000">Error</strong>: runtime error: open64: 0 Success /osm3s_osm_base '
    "Dispatcher_Client::request_read_and_idx::timeout. The server is probably too busy. </p></body></html>"
)


def pause(seconds: float) -> None:
    """Wait, also where a test has made time.sleep do nothing."""
    threading.Event().wait(seconds)


def town() -> dict[str, Any]:
    """The whole town as Overpass gives it."""
    whole: dict[str, Any] = json.loads(TOWN.read_text(encoding="utf-8"))
    return whole


def as_xml(answer: dict[str, Any]) -> str:
    """The same as an OSM XML file."""
    lines = ["<?xml version='1.0' encoding='UTF-8'?>", '<osm version="0.6" generator="made by hand">']
    if stamp := answer.get("osm3s", {}).get("timestamp_osm_base"):
        lines.append(f'<meta osm_base="{stamp}"/>')
    for e in answer["elements"]:
        place = f' lat="{e["lat"]}" lon="{e["lon"]}"' if e["type"] == "node" else ""
        lines.append(f'<{e["type"]} id="{e["id"]}"{place}>')
        lines += [f'<nd ref="{n}"/>' for n in e.get("nodes", [])]
        lines += [
            f'<member type="{m["type"]}" ref="{m["ref"]}" role="{m["role"]}"/>' for m in e.get("members", [])
        ]
        lines += [f'<tag k="{k}" v="{v}"/>' for k, v in e.get("tags", {}).items()]
        lines.append(f"</{e['type']}>")
    return "\n".join([*lines, "</osm>"])


def answer_to(query: str) -> dict[str, Any]:
    """What Overpass would answer: elements that fit a part of the query, and what they are made of."""
    whole = town()
    by_id = {(e["type"], e["id"]): e for e in whole["elements"]}
    found: set[tuple[str, int]] = set()
    for kind, filters, area in re.findall(
        r"(node|way|relation)((?:\[[^\]]*\])+)\s*\(poly:['\"]([^'\"]*)['\"]\)", query
    ):
        numbers = [float(n) for n in area.split()]
        shape = shapely.Polygon(list(zip(numbers[1::2], numbers[::2], strict=True)))
        for key, e in by_id.items():
            inside = any(shape.intersects(shapely.Point(p)) for p in points(e, by_id))
            if key[0] == kind and inside and fits(e.get("tags", {}), filters):
                found |= {key, *parts(e, by_id)}
    return whole | {"elements": [e for key, e in by_id.items() if key in found]}


def fits(tags: dict[str, str], filters: str) -> bool:
    """Whether tags pass filters such as ``["highway"]["foot"!~"no"]`` or ``['landuse'='forest']``."""
    for key, sign, value in re.findall(r"\[['\"]([^'\"]+)['\"](?:(!~|=|~)['\"]([^'\"]*)['\"])?\]", filters):
        there = tags.get(key)
        if sign == "!~":
            ok = there is None or not re.search(value, there)
        else:
            ok = there is not None and (not sign or there == value)
        if not ok:
            return False
    return True


def parts(e: dict[str, Any], by_id: dict[tuple[str, int], dict[str, Any]]) -> set[tuple[str, int]]:
    """Nodes of a way; ways of a relation and their nodes."""
    below = {("node", n) for n in e.get("nodes", [])}
    for m in e.get("members", []):
        below |= {(m["type"], m["ref"]), *parts(by_id[m["type"], m["ref"]], by_id)}
    return below


def points(e: dict[str, Any], by_id: dict[tuple[str, int], dict[str, Any]]) -> Iterator[tuple[float, float]]:
    """Positions of an element."""
    for key in [(e["type"], e["id"]), *sorted(parts(e, by_id))]:
        if key[0] == "node":
            yield by_id[key]["lon"], by_id[key]["lat"]


class Town(http.server.BaseHTTPRequestHandler):
    """Overpass's interpreter and status, and Nominatim's search."""

    requests: list[str]
    moods: list[str]
    """What the next answers are: a status as digits, a name, or "" for a good one; the last stays."""
    address = ""

    def mood(self) -> str:
        return self.moods.pop(0) if len(self.moods) > 1 else self.moods[0]

    def reply(self, body: str, status: int = 200, length: int | None = None) -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data) if length is None else length))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        query = parse_qs(form)["data"][0]
        self.requests.append(query)
        assert self.path == "/api/interpreter"
        mood = self.mood()
        good = json.dumps(answer_to(query), ensure_ascii=False)
        if mood.isdigit():
            self.reply(PAGE, int(mood))
        elif mood == "remark":
            remark = 'runtime error: Query timed out in "query" at line 1 after 180 seconds.'
            self.reply(good[:-1] + f', "remark": {json.dumps(remark)}}}')
        elif mood == "hang up":
            self.close_connection = True
        elif mood == "slow":
            pause(0.6)
        elif mood == "drip":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            for _ in range(12):
                self.wfile.write(b"{")
                self.wfile.flush()
                pause(0.05)
        else:
            answers = {
                "": good,
                "empty": json.dumps(town() | {"elements": []}),
                "html": PAGE,
                "cut": good[:300],
                "strange": '{"answer": 42}',
                "number": "42",
                "odd": '{"elements": [{"type": "way", "id": 1}]}',
                "short": good[:300],
            }
            self.reply(answers[mood], length=len(good.encode()) if mood == "short" else None)

    def do_GET(self) -> None:
        self.requests.append(self.path)
        if urlsplit(self.path).path == "/api/status":
            data = (TAKEN if "429" in self.moods else FREE).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            return
        assert urlsplit(self.path).path == "/search"
        name = parse_qs(urlsplit(self.path).query)["q"][0]
        shape = (
            {"type": "Point", "coordinates": [114.0, 22.4]}
            if name == "Point"
            else {"type": "Polygon", "coordinates": [RING]}
        )
        place = {
            "display_name": "Town, made up", "lat": "22.45", "lon": "114.03", "importance": 0.1,
            "boundingbox": ["22.43", "22.47", "114.01", "114.05"], "geojson": shape,
        }  # fmt: skip
        self.reply(json.dumps([] if name == "Nowhere" else [place]))

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def serving() -> Iterator[type[Town]]:
    """A town on a free port of this computer."""
    handler = type("Handler", (Town,), {"requests": [], "moods": [""]})
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    httpd.daemon_threads = True
    thread = threading.Thread(target=lambda: httpd.serve_forever(0.02))
    thread.start()
    handler.address = f"http://127.0.0.1:{httpd.server_address[1]}"
    try:
        yield handler
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()

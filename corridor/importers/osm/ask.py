"""Asking OpenStreetMap's servers by OSMnx (Boeing 2017): bounded in time and size, kept, and never in silence.

OSMnx by itself waits 55 s after each 429 or 504 and retries without end, takes an answer that broke off with a remark
("runtime error: Query timed out") for a whole one, and reads answers of any size. All its requests take what
``settings.requests_kwargs`` says; by that we look at each request before it goes and at each answer before OSMnx does.
Answers are kept by query in a folder of the user's cache: the same question needs no network the second time.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import io
import json
import os
import re
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from corridor.core.cache import cache_folder
from corridor.core.errors import CorridorError, LayerError, first_line
from corridor.core.output import locked
from corridor.core.progress import tell
from corridor.importers.osm.query import Query

ANSWER_S = 180
"""Longest wait for the next bytes of an answer, s; also the time limit sent to Overpass."""
WHOLE_S = 1_800.0
"""Longest time for all requests of one query, s."""
PROBE_S = 10.0
ANSWER_MB = 200.0
WAITS_S = (15.0, 45.0)
"""Pauses before a busy server is tried again, s."""
LONGEST_PAUSE_S = 120.0
PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
SMALLER = "take a smaller area, or fewer tags"
REMEDY = "nothing was changed; give an OSM file with --xml, or for streets a saved graph with --graphml"
T = TypeVar("T")


@dataclass(frozen=True)
class Asked:
    """How an answer came.

    Attributes
    ----------
    server
        Address of the Overpass server.
    """

    server: str
    on: str
    """Day of the oldest answer."""
    data_of: str
    """Time stamp of the database as Overpass states it; empty where it does not."""
    kept: bool
    """Whether everything came from the cache."""

    def __str__(self) -> str:
        return f"{self.server} asked on {self.on}" + (f", data of {self.data_of}" if self.data_of else "")


class _BusyError(Exception):
    """A server that says 429 or 504, and after how many seconds it may be asked again."""

    def __init__(self, host: str, status: str, pause_s: float):
        self.host, self.status, self.pause_s = host, status, pause_s
        super().__init__(status)


def ask(work: Callable[[], T], query: Query, asked_for: str) -> tuple[T, Asked]:
    """Run `work`, which calls OSMnx, and say how its answers came.

    Parameters
    ----------
    work
        Calls OSMnx, and may be called again where a server was busy.
    query
        Names itself in messages and in the cache, and its server, if not OSMnx's own.
    asked_for
        Kind or tags, which the cache keeps apart.

    Returns
    -------
    tuple
        What `work` returned, and the server and day of its answers.

    Raises
    ------
    CorridorError
        Without a network, for a busy server after three tries, for any answer that is not whole; nothing of a bad
        answer is kept.
    """
    from osmnx import settings

    what, server = str(query), check_server(query.overpass or str(settings.overpass_url))
    name = hashlib.sha256(f"{server} {settings.nominatim_url} {asked_for} {what}".encode()).hexdigest()[:20]
    with _room(cache_folder("osmnx") / name) as room:
        sweep(room, everything=query.again)
        # requests_kwargs is the one door into OSMnx's requests: `auth` is called before each, the hook after each.
        # doh_url_template None: OSMnx would ask a third party's DNS for the server's address
        line = _Line(what, server)
        with osmnx_settings(
            overpass_url=server, use_cache=True, cache_only_mode=False, cache_folder=str(room),
            overpass_rate_limit=False, requests_timeout=ANSWER_S, doh_url_template=None,
            requests_kwargs={"auth": line.before, "hooks": {"response": line.after}},
        ):  # fmt: skip
            made = _patiently(work, line, room)
        asked = _asked(room, server, not line.requests)
    if asked.kept:
        tell(f"{what}: no network used, answers of {asked.on} from the cache (--again asks anew)")
    return made, asked


def check_server(url: str) -> str:
    """An Overpass address as OSMnx wants it, without the final ``/interpreter``.

    Raises
    ------
    CorridorError
        For what is no http(s) address, has no host, or holds a user name or a query.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        expected = "an address such as https://overpass-api.de/api"
        raise CorridorError.at("--overpass", repr(url), expected, "correct it")
    return url.rstrip("/").removesuffix("/interpreter")


def _patiently(work: Callable[[], T], line: _Line, room: Path) -> T:
    """Run `work`, again after a pause where a server was busy; earlier answers are cached, so no request is repeated."""
    pauses = iter(WAITS_S)
    while True:
        try:
            return _once(work, line, room)
        except _BusyError as busy:
            if (pause := next(pauses, None)) is None:
                what = f"{busy.host} is busy ({busy.status}, {len(WAITS_S) + 1} tries)"
                remedy = "try again later (what has come is kept), take a smaller area, or name another server with --overpass"
                raise CorridorError.at(line.what, what, "a free server", remedy) from None
            wait = min(max(pause, busy.pause_s), LONGEST_PAUSE_S)
            tell(f"{busy.host} is busy ({busy.status}); asking again in {wait:.0f} s")
            time.sleep(wait)


def _once(work: Callable[[], T], line: _Line, room: Path) -> T:
    import requests
    import urllib3

    lookup = socket.getaddrinfo  # OSMnx pins the server's address in it and leaves it so
    try:
        return work()
    except (_BusyError, CorridorError, MemoryError):
        raise
    except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError):
        raise line.refused(f"did not answer within {ANSWER_S} s") from None
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
        raise line.refused(_broken(error)) from None
    except OSError as error:
        what = f"could not be written ({error.strerror})"
        raise CorridorError.at(str(room), what, "room for answers", "free some space") from None
    except Exception as error:  # OSMnx's own classes for empty answers, and what a strange answer causes
        sweep(room, everything=True)
        what = f"OpenStreetMap gave nothing to use ({first_line(error)})"
        remedy = "check the place or the box, or take a larger one"
        raise LayerError.at(line.what, what, "streets or features of this kind", remedy) from None
    finally:
        socket.getaddrinfo = lookup


class _Line:
    """Checks of each request and answer of one query, called by OSMnx through its settings."""

    def __init__(self, what: str, server: str):
        self.what, self.server = what, server
        self.requests = 0
        self.host = urlsplit(server).hostname or server
        self._until = time.monotonic() + WHOLE_S
        self._reached: set[str] = set()

    def before(self, request: Any) -> Any:
        """Check within seconds that the server can be reached, and report the request."""
        parts = urlsplit(str(request.url))
        self.host = parts.hostname or ""
        self._in_time()
        if self.host not in self._reached:
            probe(str(request.url), self.what)
            self._reached.add(self.host)
        self.requests += 1
        tell(f"asking {self.host} ({self.requests})")
        return request

    def after(self, response: Any, **_: object) -> Any:
        """Read an answer within its limits and refuse what is none; OSMnx gets it whole."""
        if response.is_redirect:
            return response
        self.host = urlsplit(str(response.url)).hostname or ""
        try:
            body = self._read(response)
        finally:
            response.close()  # whole by now, or not wanted: the server is not kept waiting
        status = f"{response.status_code} {response.reason or ''}".strip()
        if response.status_code in (429, 504):
            raise _BusyError(self.host, status, slot_s(self.server) if response.status_code == 429 else 0.0)
        if response.status_code != 200:
            raise self.refused(f"answers {status}{_said(body)}")
        self._check(body)
        response.raw = io.BytesIO(body)
        return response

    def refused(self, fault: str) -> CorridorError:
        """The error of an answer that is none."""
        remedy = "try again later, take a smaller area, or name another server with --overpass"
        return CorridorError.at(self.what, f"{self.host} {fault}", "OpenStreetMap data as JSON", remedy)

    def _read(self, response: Any) -> bytes:
        body = bytearray()
        for chunk in _chunks(response):
            body += chunk
            self._in_time()
            # counted as it comes, for the stated length of an answer may be missing or wrong
            if len(body) > ANSWER_MB * 1e6:
                most = f"{ANSWER_MB:,.0f} MB"
                what = f"the answer has more than {most}"
                raise CorridorError.at(self.what, what, f"{most} at most", SMALLER)
        return bytes(body)

    def _in_time(self) -> None:
        if time.monotonic() > self._until:
            most = f"{WHOLE_S / 60:.0f} min"
            remedy = "take a smaller area, or run it again: what has come whole is kept"
            raise CorridorError.at(self.what, f"took over {most}", f"{most} for a query", remedy)

    def _check(self, body: bytes) -> None:
        """An answer is a list (Nominatim) or an object with elements and no remark (Overpass)."""
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            raise self.refused(f"gave an answer that is not JSON{_said(body)}") from None
        if isinstance(answer, list):
            return
        remark = answer.get("remark") if isinstance(answer, dict) else None
        if remark:
            what = f"{self.host} broke off: {str(remark).splitlines()[0][:140]}"
            remedy = "take a smaller area or fewer tags, or try again later"
            raise CorridorError.at(self.what, what, "a whole answer", remedy)
        if not isinstance(answer, dict) or not isinstance(answer.get("elements"), list):
            raise self.refused("gave JSON without elements")


def _chunks(response: Any) -> Iterator[bytes]:
    """The body as it comes: a server that drips is noticed at each drop (urllib3 2), not at each block."""
    if read1 := getattr(response.raw, "read1", None):
        return iter(lambda: read1(1 << 16, decode_content=True), b"")
    return iter(response.iter_content(1 << 14))


def probe(url: str, name: str) -> None:
    """See within 10 seconds whether a server can be reached; a request alone would wait for 180.

    Behind a proxy it is not looked: there the proxy connects, and a direct connection says nothing.

    Parameters
    ----------
    url
        An address on the server.
    name
        The query, for messages.

    Raises
    ------
    CorridorError
        Where no connection comes about.
    """
    if any(os.environ.get(proxy) for proxy in PROXIES):
        return
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=PROBE_S).close()
    except OSError as error:
        what = f"OpenStreetMap's servers cannot be reached ({parts.hostname}: {error.strerror or error})"
        raise CorridorError.at(name, what, "a network", REMEDY) from None


def slot_s(server: str) -> float:
    """Seconds until Overpass has a free slot for us, as its status page says; 0 where it does not.

    Parameters
    ----------
    server
        Address of the API, without a final slash.
    """
    import requests

    try:
        with requests.get(f"{server}/status", timeout=PROBE_S, stream=True) as answer:
            text = answer.raw.read(10_000, decode_content=True).decode("utf-8", "replace")
    except Exception:  # requests', urllib3's and the system's own
        return 0.0
    if re.search(r"^[1-9]\d* slots? available now", text, re.MULTILINE):
        return 0.0
    waits = re.findall(r"Slot available after: \S+ in (\d{1,6}) seconds", text)
    return min((float(w) for w in waits), default=0.0)


def _broken(error: BaseException) -> str:
    text = str(error)
    if "IncompleteRead" in text:
        return "broke off: the answer is cut short"
    if "RemoteDisconnected" in text or "reset" in text:
        return "hung up without an answer"
    return f"could not be read ({first_line(error)})"


def _said(body: bytes) -> str:
    """What a page for people says, in one line; Overpass puts its reason behind the word Error."""
    text = body[:20_000].decode("utf-8", "replace")
    # only a message for people: tags are taken out to make it readable, not to make it safe for a page
    text = re.sub(r"<(head|style|script)\b.*?</\1>", " ", text, flags=re.S | re.I)
    text = re.sub(r"<[^>]*>", " ", text)
    plain = " ".join(text.split())
    reason = re.search(r"Error\s*:\s*(.+)", plain)
    plain = (reason.group(1) if reason else plain)[:140]
    return f": {plain}" if plain and not plain.startswith(("{", "[")) else ""


def sweep(room: Path, everything: bool = False) -> None:
    """Remove from a folder of answers those that a killed run left half written, or all.

    Parameters
    ----------
    room
        The folder of one query.
    everything
        Remove whole answers too.
    """
    for path in room.glob("*.json"):
        if everything or not _whole(path):
            path.unlink(missing_ok=True)


def _whole(path: Path) -> bool:
    with contextlib.suppress(ValueError, OSError, RecursionError):
        json.loads(path.read_text(encoding="utf-8"))
        return True
    return False


def _asked(room: Path, server: str, kept: bool) -> Asked:
    """Dates of the answers in a folder."""
    days, stamps = [], []
    for path in sorted(room.glob("*.json")):
        days.append(dt.datetime.fromtimestamp(path.stat().st_mtime, tz=dt.UTC).date().isoformat())
        with path.open(encoding="utf-8") as stream:
            stamps += re.findall(r'"timestamp_osm_base":\s*"([0-9TZ:+-]{10,30})"', stream.read(4_000))
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    span = sorted({min(stamps), max(stamps)}) if stamps else []
    return Asked(server, min(days, default=today), " to ".join(span), kept)


@contextlib.contextmanager
def _room(folder: Path) -> Iterator[Path]:
    """The folder for a query's answers, ours alone for the time; a passing one where the cache cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        tell(f"{folder} cannot be written: the answers are not kept")
        with tempfile.TemporaryDirectory(prefix="corridor-") as passing:
            yield Path(passing)
        return
    with locked(folder):
        yield folder


@contextlib.contextmanager
def osmnx_settings(**values: object) -> Iterator[None]:
    """OSMnx settings for the length of a block; the earlier ones come back whatever happens in it.

    Parameters
    ----------
    **values
        Values by their names in ``osmnx.settings``. They hold for the whole process, so blocks must not run side by side.
    """
    from osmnx import settings

    before = {name: getattr(settings, name) for name in values}
    try:
        for name, value in values.items():
            setattr(settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)

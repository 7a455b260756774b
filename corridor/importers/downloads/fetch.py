"""`corridor layers fetch`: files of public sources by pooch, checked, and kept whole or not at all.

Nothing is fetched unless it is named. A file takes its name when its length and its published checksum,
where there is one, are right. Proxies of the environment are honoured (requests).
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import corridor
from corridor.core.containment import inside
from corridor.core.errors import CorridorError, LayerError, first_line, nearest
from corridor.core.output import locked, write_whole, writing
from corridor.core.progress import tell
from corridor.importers.entry.files import MB, shipped_rows
from corridor.schema.catalog import sha256

FOLDER = "downloads"
PARTIAL = ".fetch-"
TIMEOUT_S = 30.0
TRIES = 3
REDIRECTS = 5
CHUNK = 1 << 18
ALLOWANCE = 3.0
"""Times its stated size that a file may have before it is refused."""
LEAST_LIMIT = 20 * MB
OSM = "osmnx"


@dataclass(frozen=True)
class Source:
    """A public source: where it is, under which terms, how large, and what to do with it then.

    Attributes
    ----------
    name
        The name by which the command line asks for it.
    title
        What it is, for the user to read.
    url
        The address; of a source in parts with ``{part}`` in the place of the part's name.
    file
        The name that the file takes; empty for the last part of the address.
    parts
        The parts that the shipped study needs; empty for a source that is one file.
    licence, attribution
        As its publisher states them.
    size_mb
        Size of one file in megabytes (10^6 bytes); 0 where it depends on the area.
    sha256
        The published checksum; empty where there is none.
    then
        The command that adds the file to a study, ``{file}`` in the place of its path; may be empty.
    confidence
        Confidence rating of the data.
    """

    name: str
    title: str
    url: str
    file: str
    parts: tuple[str, ...]
    licence: str
    attribution: str
    size_mb: float
    sha256: str
    then: str
    confidence: str

    def urls(self, wanted: tuple[str, ...] = ()) -> dict[str, str]:
        """File names and addresses; of a source in parts those wanted, or all that the shipped study needs.

        Parameters
        ----------
        wanted
            Names of parts. Ignored for a source that is one file.

        Returns
        -------
        dict
            Address by the name that the file takes.
        """
        if not self.parts:
            return {self.file or urlsplit(self.url).path.rsplit("/", 1)[-1]: self.url}
        addresses = [self.url.replace("{part}", part) for part in wanted or self.parts]
        return {urlsplit(a).path.rsplit("/", 1)[-1]: a for a in addresses}

    @property
    def limit(self) -> int:
        """The most bytes that one of its files may have: three times its stated size, and at least 20 MB."""
        return int(max(self.size_mb * ALLOWANCE * MB, LEAST_LIMIT))


def sources() -> dict[str, Source]:
    """All declared sources by name, from ``sources.csv``."""
    found = {}
    for row in shipped_rows("sources.csv"):
        typed: dict[str, Any] = {"parts": tuple(row["parts"].split()), "size_mb": float(row["size_mb"] or 0)}
        found[row["name"]] = Source(**{**row, **typed})
    return found


def source_named(name: str, known: dict[str, Source]) -> Source:
    """A source by its name.

    Parameters
    ----------
    name
        As the user gives it.
    known
        See :func:`sources`.

    Raises
    ------
    CorridorError
        For a name that is not known, with the nearest ones.
    """
    if name not in known:
        hint = nearest(name, known)
        raise CorridorError.at("layers fetch", f"no source {name!r}", "one of " + ", ".join(known), hint)
    return known[name]


def fetch(
    folder: Path,
    source: Source,
    parts: tuple[str, ...] = (),
    again: bool = False,
) -> list[Path]:
    """Fetch a source's files into the study's ``downloads``; those that are there already are left alone.

    Beside each file is a ``NAME.json`` with its source, licence and checksum.

    Parameters
    ----------
    folder
        The study's folder.
    source
        One of :func:`sources`.
    parts
        Of a source in parts those wanted; empty for all that the shipped study needs.
    again
        Fetch what is there already too.

    Returns
    -------
    list of pathlib.Path
        The files.

    Raises
    ------
    CorridorError
        Without a network, for an answer that is no file, a wrong length or a wrong checksum; the study is then as
        it was.
    """
    if parts and not source.parts:
        what = f"given for {source.name}"
        raise CorridorError.at("--part", what, "no --part: it is one file", "leave it out")
    for part in parts:
        if not part.replace("_", "").isalnum():
            raise CorridorError.at("--part", repr(part), f"a name like {source.parts[0]}", "correct it")
    # downloads may be a link that leads out of the study: found out before anything is made or swept in it
    inside(folder, f"{FOLDER}/x")
    room = folder / FOLDER
    paths = []
    with writing(room, "free some space"):
        room.mkdir(exist_ok=True)
        with locked(room):
            for left_by_a_killed_run in room.glob(f"{PARTIAL}*"):
                shutil.rmtree(left_by_a_killed_run, ignore_errors=True)
            for name, url in source.urls(parts).items():
                path = inside(folder, f"{FOLDER}/{name}")
                if path.is_file() and not again:
                    tell(f"{name} is here already; --again fetches it anew")
                else:
                    _fetch_one(source, url, path)
                paths.append(path)
    return paths


def _fetch_one(source: Source, url: str, path: Path) -> None:
    import pooch
    import requests

    tell(f"{source.title}: {path.name}" + (f", about {source.size_mb:,.0f} MB" if source.size_mb else ""))
    pooch.get_logger().setLevel("ERROR")
    with tempfile.TemporaryDirectory(prefix=PARTIAL, dir=path.parent) as room:
        files, urls = {path.name: None}, {path.name: url}
        store = pooch.create(room, "", registry=files, urls=urls, retry_if_failed=TRIES - 1)
        try:
            got = Path(store.fetch(path.name, downloader=_Download(source)))
        except requests.exceptions.RequestException as error:
            what = f"cannot be reached ({_reason(error)})"
            elsewhere = f"get {url} elsewhere and add it with 'corridor layers add'"
            remedy = f"nothing was changed; try again with one, or {elsewhere}"
            raise CorridorError.at(_short(url), what, "a network", remedy) from None
        about = {
            "source": source.title, "url": url, "licence": source.licence, "attribution": source.attribution,
            "sha256": sha256(got), "bytes": got.stat().st_size, "hash_published": bool(source.sha256),
        }  # fmt: skip
        # the note on licence and source comes first: a run killed between the two leaves no file of unknown origin
        text = json.dumps(about, ensure_ascii=False, indent=1)
        write_whole(path.with_name(path.name + ".json"), text.encode())
        got.replace(path)


@dataclass
class _Download:
    """One try after the other of a file, as pooch calls it: followed, measured and checked."""

    source: Source

    tries: int = 0

    def __call__(self, url: str, file: str, store: object) -> None:
        """Download to `file`; raises what pooch tries again after, or :class:`CorridorError`."""
        import requests

        self.tries += 1
        if self.tries > 1:
            tell(f"  it broke off; trying again ({self.tries} of {TRIES})")
        # identity: an answer that is not packed has the stated length on arrival, and cannot grow while it is read
        agent = {"User-Agent": f"corridor/{corridor.__version__}", "Accept-Encoding": "identity"}
        with requests.Session() as session:
            session.hooks["response"] = [follow]
            session.max_redirects = REDIRECTS
            try:
                with session.get(url, headers=agent, stream=True, timeout=TIMEOUT_S) as answer:
                    self._receive(answer, Path(file))
            except requests.exceptions.TooManyRedirects as error:
                raise _refused(error.response, "answers with redirects without end") from None
        digest = sha256(Path(file))
        if self.source.sha256 and digest != self.source.sha256:
            name, what = urlsplit(url).path.rsplit("/", 1)[-1], f"has the hash {digest[:12]}..."
            expected = f"{self.source.sha256[:12]}... as published"
            remedy = (
                "it is another file, or was damaged on its way; fetch it again, or look at the source's page"
            )
            raise LayerError.at(name, what, expected, remedy)

    def _receive(self, answer: Any, file: Path) -> None:
        import requests

        answer.raise_for_status()
        total, got, told = int(answer.headers.get("Content-Length", 0)), 0, time.monotonic()
        with file.open("wb") as stream:
            for chunk in answer.iter_content(CHUNK):
                got += len(chunk)
                # the stated length is only a claim: bytes are counted as well
                if max(total, got) > self.source.limit:
                    what = f"is {max(total, got) / MB:,.0f} MB or more"
                    most = f"at most {self.source.limit / MB:,.0f} MB"
                    raise CorridorError.at(_short(answer.url), what, most, "look at the source's page")
                stream.write(chunk)
                if time.monotonic() - told > 2:
                    told = time.monotonic()
                    tell(f"  {got / MB:,.0f} MB" + (f" of {total / MB:,.0f} MB" if total else ""))
        # requests does not complain of a body that is cut short; pooch tries again after this error
        if got < total:
            raise requests.exceptions.ConnectionError(f"{total - got:,} bytes short")


def follow(answer: Any, **_: object) -> None:
    """Refuse an answer without a file, and a redirect off the web or from https to http.

    A response hook of requests: it is called for every answer on the way, before a redirect is followed. A failure of the
    server (500 and above) passes, because it may be over at the next try.

    Parameters
    ----------
    answer
        A ``requests.Response`` whose body has not been read.
    **_
        What requests passes on to hooks; not used.

    Raises
    ------
    CorridorError
        For a status from 400 to 499, and for such a redirect; the answer is then closed.
    """
    what = f"answers {answer.status_code} {answer.reason}"[:120]
    if answer.is_redirect:
        before = urlsplit(answer.url).scheme
        after = urlsplit(urljoin(answer.url, answer.headers["Location"])).scheme
        if after not in ("http", "https") or (before, after) == ("https", "http"):
            raise _refused(answer, f"{what}, sent on to {after}://")
    elif 400 <= answer.status_code < 500:
        raise _refused(answer, what)


def _refused(answer: Any, what: str) -> CorridorError:
    answer.close()  # the server is not kept waiting for what is not wanted
    remedy = "it may have moved: look at the source's page, and add the file with 'corridor layers add'"
    return CorridorError.at(_short(answer.url), what, "the file", remedy)


def _short(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}{parts.path}"


def _reason(error: BaseException) -> str:
    """Why a request failed: what the system said, or else the library."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return str(cause.strerror)
        cause = cause.__cause__ or cause.__context__
    return first_line(error)


def listing(known: dict[str, Source]) -> Iterator[str]:
    """Two lines of text for each source: name, size and title, then licence and address."""
    for s in known.values():
        size = "size by area"
        if s.size_mb:
            size = f"{s.size_mb:,.0f} MB" + (f" x {len(s.parts)}" if s.parts else "")
        yield f"{s.name}  [{size}]  {s.title}\n    {s.licence}; {s.url}"

"""A GTFS feed, zip or folder, as tables of text; what cannot be read is repaired or dropped and noted.

What was broken, and what was done about each, is in the words of ``tables/gtfs_faults.csv``.

Reference: GTFS Schedule (gtfs.org/documentation/schedule/reference). Only the files of
:data:`corridor.schema.gtfs.FIELDS` are read.
"""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import pandas as pd

from corridor.core.containment import inside
from corridor.core.csv_tables import HEADER_BYTES, check_header, parsed
from corridor.core.errors import LayerError, MissingColumnError, Problems
from corridor.importers.entry.files import BROKEN_ARCHIVE, reading, shipped_rows
from corridor.schema.gtfs import FIELDS, NEEDED
from corridor.schema.yaml_source import NO_LETTER

MAX_TOTAL_MB = 1_000
MAX_RATIO = 200
MAX_ROWS = 5_000_000
RATIO_FROM_MB = 1.0  # a small file may be packed as well as it likes
MAX_MEMBERS = 2_000
CUT = "cut the feed down to the lines and days you need"
EXAMPLES = 3
_FAULTS = {row["what"]: (row["file"], row["done"]) for row in shipped_rows("gtfs_faults.csv")}
_CONTROL = dict.fromkeys((*range(32), 127), "?")


def shown(value: object) -> str:
    """A value of a feed as a message shows it: one line of 60 characters at most."""
    text = str(value).translate(_CONTROL)
    return text if len(text) <= 60 else text[:57] + "..."


@dataclass(frozen=True)
class Finding:
    """One kind of fault in a feed.

    Attributes
    ----------
    file
        The file of the feed, e.g. ``stops.txt``.
    what
        What is wrong, in words.
    done
        What was done about it.
    count
        How many rows or items have it.
    examples
        The first three of them.
    """

    file: str
    what: str
    done: str
    count: int
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        named = f" (e.g. {', '.join(self.examples)})" if self.examples else ""
        return f"{self.file}: {self.count} x {self.what}{named}: {self.done}"


@dataclass
class Findings:
    """Problems in the order in which they were met; each kind once, with its count."""

    found: list[Finding] = field(default_factory=list)

    def add(self, what: str, items: Iterable[object] | int = 1, file: str = "", **values: object) -> None:
        """Note one kind of fault; where no item has it, nothing is noted.

        Parameters
        ----------
        what
            What is wrong, as the table of faults has it.
        items
            What has the fault (ids, of which the first three different ones are shown), or a number alone.
        file
            The file of the feed, for a fault that any may have.
        **values
            What the words of the table leave open.
        """
        stated, done = _FAULTS[what]
        self.note(file or stated, what.format(**values), done.format(**values), items)

    def note(self, file: str, what: str, done: str, items: Iterable[object] | int = 1) -> None:
        """As :meth:`add`, in words of its own."""
        listed = [] if isinstance(items, int) else list(items)
        count = items if isinstance(items, int) else len(listed)
        examples = tuple(shown(x) for x in itertools.islice(dict.fromkeys(listed), EXAMPLES))
        if count:
            self.found.append(Finding(file, what, done, count, examples))

    def without(
        self, frame: pd.DataFrame, bad: pd.Series, what: str, named: str = "trip_id", **values: str
    ) -> pd.DataFrame:
        """The rows that are not `bad`; the others are noted.

        Parameters
        ----------
        frame
            Rows of a file.
        bad
            (rows,) booleans with the index of `frame`.
        what, **values
            See :meth:`add`.
        named
            The column whose values name the bad rows.

        Returns
        -------
        pandas.DataFrame
            The good rows, index kept.
        """
        self.add(what, frame[named][bad], **values)
        return frame[~bad]

    def table(self) -> pd.DataFrame:
        """All faults as a table.

        Returns
        -------
        pandas.DataFrame
            A row for each kind of fault: file, what, done, count, examples (joined by ``; ``).
        """
        rows = [(f.file, f.what, f.done, f.count, "; ".join(f.examples)) for f in self.found]
        return pd.DataFrame(rows, columns=["file", "what", "done", "count", "examples"])

    def __str__(self) -> str:
        return "\n".join(f"- {f}" for f in self.found) or "- nothing was broken"


@dataclass(frozen=True)
class Feed:
    """The tables of a feed, all values text without spaces around it, an empty text for an empty cell.

    A table's index is the line in its file, where the file could be read straight.
    """

    path: Path
    tables: Mapping[str, pd.DataFrame]

    def __getitem__(self, name: str) -> pd.DataFrame:
        """A table with every column of :data:`corridor.schema.gtfs.FIELDS`; no rows where the feed lacks the file."""
        frame = self.tables.get(name)
        return pd.DataFrame(columns=list(FIELDS[name]), dtype=str) if frame is None else frame


def read_feed(path: Path, findings: Findings, needed: Mapping[str, tuple[str, ...]] = NEEDED) -> Feed:
    """The tables of a zip or folder, and what was mended in them.

    Parameters
    ----------
    path
        A feed.
    findings
        Takes what was broken.
    needed
        Files and columns without which it is none.

    Raises
    ------
    LayerError
        Where a file of `needed` is missing or empty, or the feed is too large.
    MissingColumnError
        For columns that it lacks.
    """
    blobs = _blobs(path, findings)
    tables = {name: _table(name, blobs.pop(name), findings) for name in list(blobs)}
    with Problems() as faults:
        for name in needed:
            if name not in tables or tables[name].empty:
                where = f"{path.name}: {name}.txt"
                faults.add(where, "is missing or empty", "a GTFS feed holds it", "ask for a whole feed")
    with Problems(MissingColumnError) as faults:
        for name, columns in needed.items():
            header = tables[name].attrs["header"]
            for column in [c for c in columns if c not in header]:
                where, there = f"{path.name}: {name}.txt", f"there are: {shown(', '.join(header))}"
                faults.add(where, f"column {column!r} is missing", f"columns {', '.join(columns)}", there)
    return Feed(path, tables)


def _blobs(path: Path, findings: Findings) -> dict[str, bytes]:
    """The bytes of each table that is read, by its name."""
    if not (path.is_dir() or path.is_file()):
        raise LayerError.at(str(path), "is not there", "a GTFS zip or folder", "check the path")
    with reading(str(path), "a whole GTFS zip or folder", "fetch it again", BROKEN_ARCHIVE):
        if path.is_dir():
            files = {p.relative_to(path).as_posix(): p for p in sorted(path.rglob("*.*")) if p.is_file()}
            chosen = _chosen(list(files)[:MAX_MEMBERS], path, findings)
            for member in chosen.values():
                inside(path, member)
            sizes = {name: files[member].stat().st_size for name, member in chosen.items()}
            _check_sizes(path, sizes, sizes)
            return {name: files[member].read_bytes() for name, member in chosen.items()}
        with zipfile.ZipFile(path) as archive:
            members = {i.filename: i for i in archive.infolist() if not i.is_dir()}
            if len(members) > MAX_MEMBERS:
                raise LayerError.at(path.name, f"holds {len(members)} files", f"{MAX_MEMBERS} at most", CUT)
            infos = {name: members[m] for name, m in _chosen(list(members), path, findings).items()}
            packed = {n: i.compress_size for n, i in infos.items()}
            _check_sizes(path, {n: i.file_size for n, i in infos.items()}, packed)
            return {name: _member(archive, info) for name, info in infos.items()}


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as stream:  # a head that states less than there is, is cut and fails its checksum
        return stream.read(info.file_size + 1)


def _chosen(members: list[str], path: Path, findings: Findings) -> dict[str, str]:
    """Which member is which table: those of the uppermost folder that holds stop_times.txt, or any table."""
    folders: dict[PurePosixPath, dict[str, str]] = {}
    for member in members:
        place = PurePosixPath(member.replace("\\", "/"))
        name = place.name.lower().removesuffix(".txt")
        if name in FIELDS and place.name.lower().endswith(".txt") and "__MACOSX" not in place.parts:
            folders.setdefault(place.parent, {}).setdefault(name, member)
    if not folders:
        files = "stops.txt, routes.txt, trips.txt ..."
        raise LayerError.at(path.name, "holds no table of a feed", files, "give a GTFS feed")
    home = min(folders, key=lambda f: ("stop_times" not in folders[f], len(f.parts), str(f)))
    if home.parts:
        findings.add("files in a folder {folder!r} of the feed", file=path.name, folder=shown(home))
    findings.add("a second folder with tables", [f for f in folders if f != home], path.name)
    return folders[home]


def _check_sizes(path: Path, sizes: Mapping[str, int], packed: Mapping[str, int]) -> None:
    total_mb = sum(sizes.values()) / 1e6
    if total_mb > MAX_TOTAL_MB:
        raise LayerError.at(path.name, f"unpacks to {total_mb:,.0f} MB", f"{MAX_TOTAL_MB:,} MB at most", CUT)
    for name, size in sizes.items():
        times = size / max(packed[name], 1)
        if size > RATIO_FROM_MB * 1e6 and times > MAX_RATIO:
            what = f"{name}.txt unpacks to {times:,.0f} times its size"
            raise LayerError.at(path.name, what, f"{MAX_RATIO} times at most", CUT)


def _table(name: str, blob: bytes, findings: Findings) -> pd.DataFrame:
    text = _decoded(f"{name}.txt", blob, findings)
    lines = text.count("\n")
    if lines > MAX_ROWS:
        raise LayerError.at(f"{name}.txt", f"has {lines:,} rows", f"{MAX_ROWS:,} at most", CUT)
    frame = _parsed(f"{name}.txt", text, findings)
    header = [str(c).strip().strip('"').strip().lower() for c in frame.columns]
    twice = [h for i, h in enumerate(header) if h in header[:i]]
    findings.add("column twice", twice, f"{name}.txt")
    data = {
        c: frame.iloc[:, header.index(c)].astype(str).str.strip() if c in header else "" for c in FIELDS[name]
    }
    table = pd.DataFrame(data, index=frame.index).astype(object)
    table = table[(table != "").any(axis=1)]
    table.attrs["header"] = header
    return table


def _decoded(file: str, blob: bytes, findings: Findings) -> str:
    """The text of a file: UTF-8, or what else it looks like, which is noted."""
    encodings = ["utf-8-sig", "gb18030", "big5hkscs"]
    if blob[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16", *encodings]
    for encoding in encodings:
        try:
            text = blob.decode(encoding)
        except UnicodeError:
            continue
        if encoding != "utf-8-sig":
            findings.add("text that is not UTF-8", file=file, encoding=encoding)
        break
    else:
        text = blob.decode("utf-8", "replace")
        findings.add("bytes in no encoding known here", text.count("�"), file)
    findings.add("byte 0", text.count("\0"), file)
    text = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    text, count = NO_LETTER.subn("", text)
    findings.add("sign that cannot be printed", count, file)
    return text


def _parsed(file: str, text: str, findings: Findings) -> pd.DataFrame:
    if not text.strip():
        return pd.DataFrame()
    header = text[:HEADER_BYTES].lstrip().split("\n", 1)[0]
    mark = next((mark for mark in ",;\t|" if mark in header), ",")
    findings.add("columns separated by {mark!r}", int(mark != ","), file, mark=mark)
    try:
        check_header(text[:HEADER_BYTES].replace(mark, ",").encode())
    except ValueError as error:
        raise LayerError.at(file, f"has {error}", "a table of GTFS", "fetch it again") from None
    try:
        frame = parsed(io.StringIO(text), sep=mark, skipinitialspace=True)
    except (ValueError, Warning, OverflowError):
        return _parsed_row_by_row(file, text, mark, findings)
    frame.columns = [c.split(".")[0] if isinstance(c, str) else "" for c in frame.columns]
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    return frame.fillna("")


def _parsed_row_by_row(file: str, text: str, mark: str, findings: Findings) -> pd.DataFrame:
    """What the quick reader refuses: rows too long are cut, and after what cannot be read at all nothing is."""
    rows: list[list[str]] = []
    lines: list[int] = []
    long: list[str] = []
    reader = csv.reader(io.StringIO(text), delimiter=mark, skipinitialspace=True)
    try:
        header = next(reader)
        for row in reader:
            if not row:
                continue
            if len(row) > len(header):
                if any(cell.strip() for cell in row[len(header) :]):
                    long.append(f"line {reader.line_num}")
                row = row[: len(header)]
            rows.append(row + [""] * (len(header) - len(row)))
            lines.append(reader.line_num)
    except (csv.Error, StopIteration) as error:
        what = "unreadable from line {line} ({error})"
        findings.add(what, file=file, line=reader.line_num, error=shown(error))
        if not rows:
            return pd.DataFrame()
    findings.add("row with more cells than the header", long, file)
    return pd.DataFrame(rows, columns=pd.Index(header, dtype=object), index=lines, dtype=object)

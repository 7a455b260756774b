"""Ways to spoil a file: blind ones on bytes, and ones that know the form (YAML, JSON, CSV, XML, TIFF, zip).

Every way takes a source of chance and gives the same result for the same seed.
"""

from __future__ import annotations

import csv
import io
import json
import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import yaml

Bytes = Callable[[Random, bytes], bytes]
Path = tuple[str | int, ...]

NUMBERS: tuple[Any, ...] = (
    -1, 0, -0.0, 1e308, -1e308, 1e-308, 10**30, -(10**30), 2**63, 2**31, float("nan"), float("inf"), -float("inf"),
    0.1, 180, 181, 91, -91, 999999, 24, 25, 31, 60, 1900, 2101, True, False,
)  # fmt: skip
TEXTS: tuple[str, ...] = (
    "", " ", "-", "nan", "NaN", "inf", "null", "None", "true", "no", "-1", "0", "1e999", "0x10", "١٢", "１２", "99:99",
    "24:00", "25:10", "30:59", "31:00", "-1:00", "08:30:99", "2024-02-30", "0000-00-00", "9999-12-31", "20241399",
    "=cmd|' /C calc'!A0", "+1+1", "@SUM(1)", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}",
    "${jndi:ldap://x}", "../../etc/passwd", "/etc/passwd", "..\\..\\x", "file:///etc/passwd", "/dev/zero",
    "/vsicurl/http://127.0.0.1:9/x", "con", "a\x00b", "\x1b[2J\x1b[31m", "a\rb", "a\nb", "\u202egnp.exe", "\ufeffid",
    "lo\u200bwu", "l\u043e-wu", "ß", "İ", "ǅ", "福田", "\U0001f600", "\ud800", "x" * 300, "x" * 70_000, "'", '"', ",", ";", "#",
    "%s%n", "$(touch x)", "`touch x`", "; drop table", "a b", "A", "hk", "lo-wu", "committed-2030", "[]", "{}", "NULL",
)  # fmt: skip
YAML_WORDS = (
    "!!python/object/apply:os.system [touch x]", "!!int ''", "!!bool maybe", "!!float ''", "!!timestamp x", "!!binary aGk=",
    "!!binary '*'", "!!set {a, b}", "!!omap [a: 1]", "!!null x", "!foo bar", "&a 1", "*a", "0001-01-01T00:00:00+23:00",
    "9999-12-31T23:59:59-23:00", "2024-13-45", "0o17", "0b2", "1_000", ".nan", ".inf", "-.inf", "12:30:45", "190:20:30", "~",
    "? a", "- - - 1", "{a: 1, a: 2}", "{<<: {a: 1}}", "{? [1, 2] : 3}", "{1: 2}", "{null: 1}", "|\n  text", ">-\n  text", "'un",
    '"un', '"\\ud800"', '"\\x00"', '"\\e[2J"', "[1, 2", "@x", "`x`", "%x", "9" * 5000, "0x" + "f" * 400, "!!str 5",
    "1e400", "+.5", "2024-12-31 25:00:00", "!!merge x", "=", "y", "on", "Off", "[" * 400 + "]" * 400,
)  # fmt: skip


def strange(chance: Random) -> Any:
    """A value that somebody did not think of."""
    kind = chance.randrange(10)
    if kind < 4:
        return chance.choice(NUMBERS)
    if kind < 8:
        return chance.choice(TEXTS)
    return chance.choice(
        (None, [], {}, [[]], [None], {"": None}, {"en": 1}, [1, 2, 3], [1e999, -1], ["a", "a"], {"id": "x"})
    )


# --- bytes


def blind(chance: Random, data: bytes) -> bytes:
    """Bytes flipped, cut, doubled, moved, put in."""
    if not data:
        return b"\0"
    out, size = bytearray(data), len(data)
    at, upto = sorted(chance.randrange(size + 1) for _ in range(2))
    kind = chance.randrange(10)
    if kind < 3:
        for _ in range(chance.choice((1, 1, 2, 8, 40))):
            out[chance.randrange(size)] = chance.randrange(256)
    elif kind == 3:
        out[chance.randrange(size)] ^= 1 << chance.randrange(8)
    elif kind == 4:
        return data[:at]
    elif kind == 5:
        return data[:at] + data[upto:]
    elif kind == 6:
        return data[:upto] + data[at:upto] + data[upto:]
    elif kind == 7:
        return data[:at] + chance.randbytes(chance.choice((1, 3, 50, 2000))) + data[at:]
    elif kind == 8:
        few = min(upto, at + chance.choice((1, 4, 64)))
        out[at:few] = chance.choice((b"\0", b"\xff", b" ", b"9")) * (few - at)
    else:
        return data[at:] + data[:at]
    return bytes(out)


def encoded(chance: Random, data: bytes) -> bytes:
    """A text in another encoding, with a mark, other line ends, byte 0, or what looks like its letters."""
    kind = chance.randrange(9)
    text = data.decode("utf-8", "replace")
    if kind == 0:
        return b"\xef\xbb\xbf" * chance.choice((1, 1, 2)) + data
    if kind == 1:
        return text.encode(
            chance.choice(("utf-16", "utf-16-le", "utf-32", "gb18030", "cp1252", "utf-7")), "replace"
        )
    if kind == 2:
        return data.replace(b"\n", chance.choice((b"\r\n", b"\r", b"\n\n", b"\x0b", b"\xe2\x80\xa8")))
    if kind == 3:
        return data.replace(
            b" ", chance.choice((b"\t", b"\xc2\xa0", b"\xe3\x80\x80", b"\0 ")), chance.choice((1, 5, -1))
        )
    if kind == 4:
        a, b = chance.choice(
            (("a", "а"), ("e", "е"), ("-", "–"), (":", "："), (",", "，"), ("0", "O"), ("1", "l"))
        )
        return text.replace(a, b, chance.choice((1, 3, -1))).encode()
    if kind == 5:
        return data + chance.choice((b"\0", b"\x1a", b"\xff\xfe", b"\n---\n", b"\x1b[2J"))
    if kind == 6:
        return chance.choice(
            (b"", b"\n", b" " * 5000, b"\0" * 100, b"\xff" * 10, b"#", b"---", b"{}", b"[]", b"null", b"1")
        )
    if kind == 7:
        return data.upper() if chance.random() < 0.3 else data.swapcase()
    return data * chance.choice((2, 3))


# --- trees (YAML and JSON)


def _places(tree: Any, at: Path = ()) -> Iterator[Path]:
    yield at
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield from _places(value, (*at, key))


def _get(tree: Any, at: Path) -> Any:
    for key in at:
        tree = tree[key]
    return tree


def spoil_tree(chance: Random, tree: Any) -> Any:
    """One change somewhere in a tree of dictionaries and lists; the tree itself is changed."""
    places = [p for p in _places(tree) if p]
    if not places:
        return strange(chance)
    at = chance.choice(places)
    parent, key = _get(tree, at[:-1]), at[-1]
    kind = chance.randrange(12)
    if kind < 5:
        parent[key] = strange(chance)
    elif kind == 5:
        del parent[key]
    elif kind == 6:
        parent[key] = chance.choice(
            ([parent[key]], {"a": parent[key]}, [parent[key]] * 3, str(parent[key])[:500])
        )
    elif kind == 7:
        other = chance.choice(places)
        parent[key] = json.loads(json.dumps(_get(tree, other), default=str))
    elif kind == 8 and isinstance(parent, dict):
        name = chance.choice((str(key)[:-1], str(key) + "s", str(key).upper(), "__class__", "", *TEXTS[:40]))
        parent[name] = parent.pop(key)
    elif kind == 9 and isinstance(parent, list):
        parent.insert(chance.randrange(len(parent) + 1), parent[key])
    elif kind == 10 and isinstance(parent, list):
        chance.shuffle(parent)
    elif isinstance(parent[key], int | float):
        parent[key] = parent[key] * chance.choice((-1, 0, 1000, 1e-9, 1e12, 0.5))
    else:
        parent[key] = chance.choice(TEXTS)
    return tree


def _deep(chance: Random, opening: str, closing: str) -> str:
    depth = chance.choice((5, 70, 300, 3_000, 100_000))
    return opening * depth + chance.choice(("", "1", closing * depth))


def spoil_yaml(chance: Random, data: bytes) -> bytes:
    """A YAML file with values, keys, or its text spoilt."""
    kind = chance.randrange(10)
    if kind < 5:
        tree = yaml.load(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - the safe one, in C
        for _ in range(chance.choice((1, 1, 1, 2, 4))):
            tree = spoil_tree(chance, tree)
        text = yaml.safe_dump(
            tree, allow_unicode=True, sort_keys=False, default_flow_style=chance.choice((False, None))
        )
        return text.encode("utf-8", "surrogatepass")
    if kind == 5:
        return encoded(chance, data)
    if kind == 6:
        return blind(chance, data)
    lines = data.decode().split("\n")
    at = chance.randrange(len(lines))
    if kind == 7:  # a value
        lines[at] = re.sub(
            r"^(\s*(?:- )?[\w-]+:).*$", lambda m: f"{m[1]} {chance.choice(YAML_WORDS)}", lines[at]
        )
    elif kind == 8:  # lines
        pick = chance.randrange(5)
        if pick == 0:
            lines.insert(at, lines[chance.randrange(len(lines))])
        elif pick == 1:
            del lines[at : at + chance.choice((1, 1, 5))]
        elif pick == 2:
            lines[at] = " " * chance.choice((1, 2, 7)) + lines[at]
        elif pick == 3:
            lines[at] = lines[at].lstrip()
        else:
            lines.insert(
                at,
                chance.choice(
                    ("---", "...", "%YAML 9.9", "%TAG ! x", "<<: *a", "? x", "- ", "\t", "a: b: c")
                ),
            )
    else:  # nests and doublings
        word = chance.choice(
            (_deep(chance, "[", "]"), _deep(chance, "{a: ", "}"), _deep(chance, "- ", ""), _laughs(chance))
        )
        lines.insert(
            at if chance.random() < 0.5 else len(lines),
            chance.choice(("", "x: ", "note: ", "title: ")) + word,
        )
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _laughs(chance: Random) -> str:
    """Aliases that would make a small text a large one."""
    rows = ["a0: &a0 [lol, lol, lol]"]
    rows += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, chance.choice((2, 9)))]
    return "\n" + "\n".join(rows)


def spoil_json(chance: Random, data: bytes) -> bytes:
    """A JSON file with values, keys, or its text spoilt."""
    kind = chance.randrange(10)
    if kind < 6:
        tree = json.loads(data)
        for _ in range(chance.choice((1, 1, 1, 2, 4))):
            tree = spoil_tree(chance, tree)
        return json.dumps(tree, ensure_ascii=chance.random() < 0.7).encode("utf-8", "surrogatepass")
    if kind == 6:
        return encoded(chance, data)
    if kind == 7:
        return blind(chance, data)
    text = data.decode()
    spots = [m.span() for m in re.finditer(r'-?\d+\.?\d*|"[^"\\]*"', text)]
    start, end = chance.choice(spots) if spots else (0, 0)
    word = chance.choice((
        "NaN", "Infinity", "-Infinity", "1e999", "-0", "01", "9" * 5000, "9" * 30, '"\\ud800"', '"\\u0000"', "'x'", "", "1,1", "tru",
        _deep(chance, "[", "]"), _deep(chance, '{"a":', "}"), '{"a":1,"a":2}', '"' + "x" * 100_000 + '"', "/*c*/1", "0x1", "+1",
    ))  # fmt: skip
    return (text[:start] + word + text[end:]).encode()


# --- tables


def spoil_csv(chance: Random, data: bytes) -> bytes:
    """A CSV with cells, rows, columns, or its text spoilt."""
    kind = chance.randrange(14)
    if kind == 0:
        return encoded(chance, data)
    if kind == 1:
        return blind(chance, data)
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    head, body = rows[0], rows[1:] or [[]]
    column = chance.randrange(max(len(head), 1))
    if kind < 8:
        for _ in range(chance.choice((1, 1, 1, 2, 6))):
            row = chance.choice(body)
            if row:
                value = strange(chance)
                row[chance.randrange(len(row))] = "" if value is None else str(value)[:80_000]
    elif kind == 8:
        rows = [r[:column] + r[column + 1 :] for r in rows]
    elif kind == 9:
        other = chance.randrange(max(len(head), 1))
        for row in rows if chance.random() < 0.3 else body:
            if max(column, other) < len(row):
                row[column], row[other] = row[other], row[column]
    elif kind == 10:
        rows += chance.choices(body, k=chance.choice((1, 3)))
    elif kind == 11:
        rows = [head, *(r for r in body if chance.random() < chance.choice((0.0, 0.5, 0.9)))]
    elif kind == 12 and head:
        head[column] = chance.choice((head[0], head[column].upper(), f" {head[column]} ", *TEXTS[:30]))
    else:
        row = chance.choice(rows)
        row[:] = chance.choice((row + ["x"], row[:-1], [""] * len(row), [], row * 200, ["\0"] * len(row)))
    text = io.StringIO()
    quoting = chance.choice((csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    csv.writer(text, lineterminator="\n", quoting=quoting).writerows(rows)
    out = text.getvalue()
    if chance.random() < 0.05:
        at = chance.randrange(len(out) + 1)
        out = out[:at] + '"' + out[at:]
    return out.encode("utf-8", "surrogatepass" if chance.random() < 0.5 else "replace")


# --- XML


def spoil_xml(chance: Random, data: bytes) -> bytes:
    """GraphML or OSM XML with attributes, elements, or its text spoilt."""
    kind = chance.randrange(10)
    if kind == 0:
        return encoded(chance, data)
    if kind == 1:
        return blind(chance, data)
    text = data.decode()
    if kind < 6:
        for _ in range(chance.choice((1, 1, 2, 5))):
            spots = [
                m.span(1) for m in re.finditer(r'(?:="([^"]*)")|(?:>([^<>]+)<)', text) if m[1] is not None
            ]
            spots += [m.span(1) for m in re.finditer(r">([^<>\n]+)<", text)]
            start, end = chance.choice(spots)
            value = strange(chance)
            safe = str(value).replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
            text = text[:start] + safe + text[end:]
    elif kind == 6:
        lines = text.split("\n")
        at = chance.randrange(len(lines))
        lines[at : at + chance.choice((1, 3))] = chance.choice(
            ([], [lines[at]] * 2, [lines[chance.randrange(len(lines))]])
        )
        text = "\n".join(lines)
    elif kind == 7:
        laughs = '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        padding = f"<!--{'x' * 70_000}-->"
        word = chance.choice((laughs, outside, padding + laughs, padding + outside, laughs.lower()))
        at = text.find("?>") + 2
        text = text[:at] + word + text[at:].replace("</", "&b;</", 1)
    elif kind == 8:
        at = text.find(">", text.find("<node")) + 1
        depth = chance.choice((50, 2_000, 50_000))
        text = text[:at] + "<node>" * depth + chance.choice(("", "</node>" * depth)) + text[at:]
    else:
        name = chance.choice(re.findall(r"<([a-zA-Z]\w*)", text))
        text = text.replace(
            f"<{name}", f"<{chance.choice(('x', 'graph', 'node', 'way', name + '1', 'ns:y'))}"
        )
    return text.encode("utf-8", "replace")


# --- TIFF

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}


def spoil_tiff(chance: Random, data: bytes) -> bytes:
    """A little-endian TIFF with one or two tags of its head changed: sizes, kinds, offsets, numbers."""
    out = bytearray(data)
    if data[:4] != b"II*\0" or len(data) < 12:
        return blind(chance, data)
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start) if start + 2 <= len(data) else (0,)
    entries = [start + 2 + 12 * i for i in range(count) if start + 14 + 12 * i <= len(data)]
    if not entries:
        return blind(chance, data)
    for _ in range(chance.choice((1, 1, 2))):
        at = chance.choice(entries)
        _, kind, number, value = struct.unpack_from("<HHII", out, at)
        pick = chance.randrange(8)
        if pick == 0:
            struct.pack_into(
                "<H",
                out,
                at,
                chance.choice((0, 256, 257, 258, 259, 273, 277, 322, 339, 33550, 33922, 34735, 65535)),
            )
        elif pick == 1:
            struct.pack_into("<H", out, at + 2, chance.choice((0, 1, 2, 3, 4, 5, 12, 13, 16, 99)))
        elif pick == 2:
            struct.pack_into(
                "<I", out, at + 4, chance.choice((0, 1, 2, number * 2 & 0xFFFFFFFF, 2**31, 2**32 - 1))
            )
        elif pick < 6 and _SIZES.get(kind, 1) * number > 4 and value + 8 <= len(out):
            if kind == 12:
                struct.pack_into("<d", out, value + 8 * chance.randrange(max(1, min(number, (len(out) - value) // 8))),
                                 float(chance.choice((*NUMBERS[:-2], 1e-12, -0.001, 114.0, 0.0))))  # fmt: skip
            else:
                out[value + chance.randrange(min(_SIZES.get(kind, 1) * number, len(out) - value))] = (
                    chance.randrange(256)
                )
        else:
            struct.pack_into(
                "<I",
                out,
                at + 8,
                chance.choice(
                    (
                        0,
                        1,
                        2,
                        3,
                        7,
                        8,
                        255,
                        65535,
                        2**31 - 1,
                        2**31,
                        2**32 - 1,
                        100_000,
                        value + 1 & 0xFFFFFFFF,
                    )
                ),
            )
    return bytes(out)


# --- zip


def members(data: bytes) -> dict[str, bytes]:
    """What an archive holds."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: dict[str, bytes], more: tuple[tuple[str, bytes], ...] = ()) -> bytes:
    """An archive of files, always the same bytes for the same files."""
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (*files.items(), *more):
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return room.getvalue()


def spoil_zip(chance: Random, data: bytes) -> bytes:
    """An archive damaged as such: bytes, names that lead out, links, a bomb, a file twice, a lock, sizes that lie."""
    kind = chance.randrange(9)
    files = members(data)
    if kind < 2:
        return blind(chance, data)
    if kind == 2:
        return packed(
            files,
            (
                (
                    chance.choice(("../../evil.txt", "/etc/evil", "C:\\evil", "a/../../b.shp", "..\\x.shp")),
                    b"x",
                ),
            ),
        )
    if kind == 3:
        name = chance.choice(sorted(files))
        return packed(
            files | {name: chance.choice((b"0", b"\n", b"9,")) * chance.choice((10**5, 30_000_000))}
        )
    if kind == 4:
        files.pop(chance.choice(sorted(files)))
        return packed(files)
    if kind == 5:
        return packed(
            {f"{chance.choice(('x/', 'x/y/', '__MACOSX/', './', ' '))}{n}": c for n, c in files.items()}
        )
    if kind == 6:
        return packed(files, tuple((f"{i}.txt", b"") for i in range(chance.choice((5, 2_500)))))
    if kind == 7:  # one of the numbers of a directory entry: flags, method, sizes
        out, at = bytearray(data), data.find(b"PK\x01\x02")
        spot = at + chance.choice((8, 10, 16, 20, 24, 28, 38, 42))
        struct.pack_into("<H", out, spot, chance.choice((0, 1, 9, 12, 14, 99, 65535)))
        return bytes(out)
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w") as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            if chance.random() < 0.4:
                info.external_attr, content = 0o120777 << 16, b"/etc/passwd"
            archive.writestr(info, content)
    return room.getvalue()

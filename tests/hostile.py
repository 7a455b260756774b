"""Texts that somebody's file may hold, each meant for an interpreter: a template, a page, a style sheet, a spreadsheet.

Tests put each of them into every text field that a study, a scenario or a story has, and read every output back. None
may run, none may end what it stands in, and what a reader sees is the text itself.
"""

from __future__ import annotations

TEMPLATE_RUNS = "{{ cycler.__init__.__globals__.os.mkdir(dict(owned=1)|first) }}"
"""Makes a folder `owned` where it becomes the source of a Jinja template."""

SCRIPT_RUNS = "document.documentElement.dataset.owned = 1"
"""What a page must never have done to itself."""

HOSTILE: dict[str, str] = {
    "expression": "x {{ 7*191 }} y",
    "runs code": TEMPLATE_RUNS,
    "raw block": "{% raw %}",
    "broken block": "{% if",
    "comment": "a {# b #} c",
    "ends script": f"</script><script>{SCRIPT_RUNS}</script>",
    "ends style": f"</style><script>{SCRIPT_RUNS}</script>",
    "ends attribute": f'"><img src=x onerror="{SCRIPT_RUNS}">',
    "ends attribute, single": f"'><img src=x onerror='{SCRIPT_RUNS}'>",
    "svg": f'<svg onload="{SCRIPT_RUNS}">',
    "comment of a page": "<!--<script>",
    "javascript address": f"javascript:{SCRIPT_RUNS}",
    "ends a rule": "';}body{display:none}",
    "style address": 'x");background:url("https://example.org/x',
    "ends a string": "'+alert(1)+\"\\",
    "template literal": "`${alert(1)}`",
    "line separator": "a\u2028b\u2029c",
    "right to left": "abc\u202etxt.exe\u202c",
    "formula": "=cmd|' /C calc'!A0",
    "formula, plus": "+1+cmd|'!A0",
    "formula, at": "@SUM(1+9)*cmd|'!A0",
    "formula, minus": "-2+3+cmd|'!A0",
    "entity": "&lt;b&gt;&amp;&#x41;",
    "xml": "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;]]>",
    "expression of QGIS": "[% env('HOME') %]",
    "format": "{0.__class__} %s %(x)s $x",
    "mathtext": r"$\frac{a}{$ \write18{x}",
}

CONTROL: dict[str, str] = {
    "bell": "a\x07b",
    "escape": "\x1b[2J\x1b]0;owned\x07",
    "nul": "a\x00b",
    "backspace": "a\x08b",
    "line feed": "a\nb",
    "tab": "a\tb",
}
"""Control characters: refused by name where a file may not hold them, else shown without effect."""

"""Imports never point upward: data, then routing, then console."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = ("data", "routing", "console")
CLOCK_CALLS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}
# A widget, a browser or a server has no business below the console.
CONSOLE_ONLY = {"panel", "holoviews", "bokeh", "fastapi", "uvicorn", "starlette", "tornado", "param", "typer", "rich"}
FILE_MODULES = {"sqlite3", "apsw", "psycopg", "csv", "tempfile", "shutil"}


def _files(floor: str) -> list[Path]:
    return sorted(path for path in (ROOT / floor).rglob("*.py"))


def _imports(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def _faults(floor: str, source: str) -> set[str]:
    tree = ast.parse(source)
    above = set(FLOORS[FLOORS.index(floor) + 1 :])
    faults = {f"imports {name}" for name in _imports(tree) & above}
    if floor != "console":
        faults |= {f"imports {name}" for name in _imports(tree) & CONSOLE_ONLY}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                if isinstance(owner, ast.Name) and (owner.id, node.func.attr) in CLOCK_CALLS:
                    faults.add(f"reads a clock: {owner.id}.{node.func.attr}, line {node.lineno}")
    if floor == "routing":
        faults |= {f"imports {name}" for name in _imports(tree) & FILE_MODULES}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
                faults.add(f"opens a file, line {node.lineno}")
    return faults


@pytest.mark.parametrize("floor", FLOORS)
def test_floor_keeps_its_rules(floor: str) -> None:
    faults = {
        f"{path.relative_to(ROOT)} {fault}" for path in _files(floor) for fault in _faults(floor, path.read_text())
    }
    assert not faults


@pytest.mark.parametrize(
    ("floor", "source"),
    [
        ("data", "from routing.check import check_plan"),
        ("routing", "import console.world"),
        ("routing", "import panel as pn"),
        ("routing", "from datetime import datetime\nt = datetime.now()"),
        ("routing", "f = open('x')"),
    ],
)
def test_a_planted_fault_is_seen(floor: str, source: str) -> None:
    assert _faults(floor, source)


@pytest.mark.parametrize("floor", FLOORS)
def test_every_module_says_what_it_is_for(floor: str) -> None:
    silent = [
        str(path.relative_to(ROOT)) for path in _files(floor) if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent

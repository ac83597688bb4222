"""A copy of the shipped region that a test may break."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

SHIPPED = Path(__file__).parents[2] / "data" / "zhoushan"
SetCell = Callable[[str, str, str, str], int]


@pytest.fixture
def region_folder(tmp_path: Path) -> Path:
    """A private copy of the shipped region folder."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "zhoushan"))


@pytest.fixture
def set_cell(region_folder: Path) -> SetCell:
    """Change one cell of the copy: file, first cell of the row, column, new value; returns the row's line."""

    def change(file: str, row_id: str, column: str, value: str) -> int:
        path = region_folder / file
        header, *rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
        line = next(i for i, row in enumerate(rows) if row[0] == row_id)
        rows[line][header.index(column)] = value
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\n").writerows([header, *rows])
        path.write_text(out.getvalue(), encoding="utf-8")
        return line + 2

    return change

"""Fill the tide into a forecast's CSV from the region's constituents: ``python -m data.fill_tides FILE.csv``.

A forecast says how high the tide is, so that it can be seen, corrected and stored with the plan; a prediction is put
into it on purpose, never behind it. Heights that are there already stay.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from datetime import datetime
from pathlib import Path

from data.errors import DataFaultsError
from data.geography import Region
from data.region_reader import read_region
from data.tides import tide_height_m

COLUMN = "tide_m"


class NoTideError(ValueError):
    """A forecast's table cannot be filled: the row and the reason."""


def fill_tides(table: str, region: Region) -> str:
    """Return a forecast's CSV text with the predicted tide (m above the region's datum) where it gave none.

    Raises NoTideError, naming the line, for a zone whose tide the region does not know and for a time it cannot read.
    """
    lines = csv.DictReader(io.StringIO(table.lstrip("\ufeff"), newline=""))
    columns = list(lines.fieldnames or ())
    if missing := {"zone_id", "valid_from"} - set(columns):
        raise NoTideError(f"line 1: no column {', '.join(sorted(missing))}. Give a forecast's table.")
    out = io.StringIO()
    writer = csv.DictWriter(out, [*columns, *([] if COLUMN in columns else [COLUMN])], lineterminator="\n")
    writer.writeheader()
    for row in lines:
        if not row.get(COLUMN):
            row[COLUMN] = f"{_height_m(row, region, lines.line_num):.2f}"
        writer.writerow(row)
    return out.getvalue()


def _height_m(row: dict[str, str], region: Region, line: int) -> float:
    tide = region.tides.get(row["zone_id"])
    if tide is None:
        raise NoTideError(f"line {line}: no tide is known for zone '{row['zone_id']}'. Add it to tides.csv.")
    cell = row["valid_from"]
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        raise NoTideError(f"line {line}: '{cell}' is not a time. Write e.g. 2026-06-14T03:00+08:00.") from None
    if moment.tzinfo is None:
        raise NoTideError(f"line {line}: {cell} has no offset from UTC. Write e.g. {cell}+08:00.")
    return tide_height_m(tide, moment)


def main(arguments: list[str] | None = None) -> int:
    """Fill the named files in place; 2 where one cannot be filled, which is then left as it was."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--region", type=Path, default=Path(__file__).parent / "zhoushan")
    asked = parser.parse_args(arguments)
    try:
        region = read_region(asked.region)
        filled = {path: _filled(path, region) for path in asked.files}
    except (DataFaultsError, NoTideError) as error:
        print(error, file=sys.stderr)
        return 2
    for path, text in filled.items():
        path.write_text(text, encoding="utf-8")
        print(f"{path}: {text.count(chr(10)) - 1} hours")
    return 0


def _filled(path: Path, region: Region) -> str:
    try:
        return fill_tides(path.read_text(encoding="utf-8"), region)
    except NoTideError as error:
        raise NoTideError(f"{path}: {error}") from None
    except OSError as error:
        raise NoTideError(f"{path}: cannot be read ({error.strerror}). Check the path.") from None
    except UnicodeDecodeError:
        raise NoTideError(f"{path}: not UTF-8. In the spreadsheet, save it as 'CSV UTF-8'.") from None


if __name__ == "__main__":
    sys.exit(main())

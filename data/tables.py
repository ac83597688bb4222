"""CSV tables read by a list of column specifications, every fault gathered with its line and column."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from data.errors import Fault

Known = Mapping[str, Collection[str]]
Reader = Callable[[str, Known], Any]


class CellFaultError(ValueError):
    """What is wrong with one cell, in words, with the remedy."""


@dataclass(frozen=True)
class Column:
    """One column: its name, how a cell is read, and whether the column or a cell may be left out."""

    name: str
    read: Reader
    blank_allowed: bool = False
    optional: bool = False


@dataclass(frozen=True)
class TableSpec:
    """One table: its file, its columns, the word for one row, and the columns no two rows may share.

    A file that is ``optional`` may be left out of the folder.
    """

    file: str
    noun: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ("id",)
    optional: bool = False


@dataclass(frozen=True)
class Row:
    """One row as read; ``line`` is what an editor shows; ``whole`` is False if a cell was at fault."""

    line: int
    values: dict[str, Any]
    whole: bool


@dataclass
class Table:
    """The rows of one file and the faults found in them; ``ids`` holds also those of faulty rows."""

    spec: TableSpec
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    raw: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    @property
    def ids(self) -> set[str]:
        """Return every non-blank value of the first key column."""
        name = self.spec.key[0]
        return {cells[name] for _, cells in self.raw if cells.get(name)}

    def whole_rows(self) -> Iterator[Row]:
        """Yield the rows without a fault."""
        return (row for row in self.rows if row.whole)

    def reject(self, row: Row) -> None:
        """Mark a row as faulty, so that later checks leave it alone."""
        self.rows[self.rows.index(row)] = replace(row, whole=False)

    def fault(self, line: int | None, column: str | None, message: str) -> None:
        """Note one fault of this file."""
        self.faults.append(Fault(self.spec.file, line, column, message))


class AnyId(Collection[str]):
    """The ids of a table that could not be read whole: whatever is asked for may be among them."""

    def __contains__(self, _: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def known_ids(*tables: Table) -> Collection[str]:
    """Return the ids of opened tables; any id at all if one is unreadable, so that one fault is told once."""
    if any(table.faults for table in tables):
        return AnyId()
    return {place_id for table in tables for place_id in table.ids}


def text(*, longest: int = 400) -> Reader:
    """Read any text up to a length."""

    def read(cell: str, _: Known) -> str:
        if len(cell) > longest:
            raise CellFaultError(f"{len(cell)} characters are too long. Keep it to {longest}.")
        return cell

    return read


def identifier() -> Reader:
    """Read an id: lower-case letters, digits and hyphens."""

    def read(cell: str, _: Known) -> str:
        if not cell.isascii() or not cell.replace("-", "").isalnum() or cell != cell.lower():
            raise CellFaultError(
                f"'{cell}' is not an id. Use lower-case letters, digits and hyphens, e.g. 'north-pier'."
            )
        return cell

    return read


def number(low: float, high: float, unit: str = "") -> Reader:
    """Read a finite number from ``low`` to ``high``."""

    def read(cell: str, _: Known) -> float:
        try:
            value = float(cell)
        except ValueError:
            raise CellFaultError(f"'{cell}' is not a number. Write e.g. {low:g}, with a point and no unit.") from None
        if not math.isfinite(value) or not low <= value <= high:
            raise CellFaultError(f"{cell} is out of range. Give {low:g} to {high:g}{' ' + unit if unit else ''}.")
        return value

    return read


def integer(low: int, high: int, unit: str = "") -> Reader:
    """Read a whole number from ``low`` to ``high``."""

    def read(cell: str, _: Known) -> int:
        try:
            value = int(cell)
        except ValueError:
            raise CellFaultError(f"'{cell}' is not a whole number. Write e.g. {max(low, 1)}.") from None
        if not low <= value <= high:
            raise CellFaultError(f"{value} is out of range. Give {low} to {high}{' ' + unit if unit else ''}.")
        return value

    return read


def truth() -> Reader:
    """Read ``true`` or ``false``."""

    def read(cell: str, _: Known) -> bool:
        if cell.lower() not in ("true", "false"):
            raise CellFaultError(f"'{cell}' is neither true nor false. Write one of them.")
        return cell.lower() == "true"

    return read


def word(choices: Sequence[str]) -> Reader:
    """Read one word of a closed list."""

    def read(cell: str, _: Known) -> str:
        if cell not in choices:
            raise CellFaultError(f"'{cell}' is not one of {', '.join(choices)}.{suggestion(cell, choices)}")
        return cell

    return read


def words(choices: Sequence[str]) -> Reader:
    """Read words of a closed list, separated by ``|``."""
    one = word(choices)

    def read(cell: str, known: Known) -> frozenset[str]:
        return frozenset(one(part.strip(), known) for part in cell.split("|"))

    return read


def reference(kind: str, *, also: Sequence[str] = ()) -> Reader:
    """Read the id of a row of another table; ``also`` lists ids that need no row."""

    def read(cell: str, known: Known) -> str:
        found = known.get(kind, ())
        if cell not in found and cell not in also:
            near = suggestion(cell, [*found, *also])
            raise CellFaultError(f"unknown {kind} '{cell}'.{near or f' Add it to the {kind} table or correct the id.'}")
        return cell

    return read


def references(kind: str) -> Reader:
    """Read ids of rows of another table, separated by ``|``."""
    one = reference(kind)

    def read(cell: str, known: Known) -> frozenset[str]:
        return frozenset(one(part.strip(), known) for part in cell.split("|"))

    return read


def suggestion(name: str, choices: Collection[str]) -> str:
    """Return ' Did you mean ...?' for close matches, or nothing."""
    near = get_close_matches(name, list(choices), n=3)
    return f" Did you mean {' or '.join(repr(n) for n in near)}?" if near else ""


def open_table(folder: Path, spec: TableSpec) -> Table:
    """Read the raw cells of a file, noting faults of encoding, header and row shape."""
    table = Table(spec)
    path = folder / spec.file
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        if spec.optional:
            return table
        table.fault(None, None, f"the file is missing. Put it in {folder.name}/ (columns: {_column_names(spec)}).")
        return table
    except OSError as error:
        table.fault(None, None, f"the file cannot be read ({error.strerror}). Check its permissions.")
        return table
    try:
        decoded = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        table.fault(line, None, "not UTF-8 (GBK or UTF-16, perhaps). In the spreadsheet, save it as 'CSV UTF-8'.")
        return table
    if "\0" in decoded:
        table.fault(None, None, "holds null bytes, so it is no text file. Save it as 'CSV UTF-8'.")
        return table
    if not decoded.strip():
        table.fault(None, None, f"the file is empty. Its first line must name the columns: {_column_names(spec)}.")
        return table
    _read_cells(table, decoded)
    return table


def read_rows(table: Table, known: Known) -> None:
    """Read every cell of an opened table by its column's reader, noting each fault."""
    seen: dict[tuple[str, ...], int] = {}
    for line, cells in table.raw:
        values: dict[str, Any] = {}
        whole = True
        for column in table.spec.columns:
            cell = cells.get(column.name, "")
            try:
                values[column.name] = _read_cell(column, cell, known)
            except CellFaultError as fault:
                table.fault(line, column.name, str(fault))
                whole = False
        key = tuple(cells.get(name, "") for name in table.spec.key)
        if all(key) and key in seen:
            shown = " / ".join(key)
            table.fault(line, table.spec.key[-1], f"duplicate id '{shown}', first on line {seen[key]}. Rename one.")
            whole = False
        seen.setdefault(key, line)
        table.rows.append(Row(line, values, whole))


def _read_cell(column: Column, cell: str, known: Known) -> Any:
    if cell:
        return column.read(cell, known)
    if column.blank_allowed or column.optional:
        return None
    raise CellFaultError("is blank. Fill it in (write 'assumed' for a source that is a guess).")


def _read_cells(table: Table, decoded: str) -> None:
    reader = csv.reader(io.StringIO(decoded, newline=""), strict=True)
    header: list[str] | None = None
    start = 1
    try:
        for cells in reader:
            line, start = start, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            stripped = [cell.strip() for cell in cells]
            if header is None:
                header = stripped
                if not _header_fits(table, header, line):
                    return
            elif len(stripped) != len(header):
                _note_wrong_width(table, line, len(stripped), len(header))
            else:
                table.raw.append((line, dict(zip(header, stripped, strict=True))))
    except csv.Error as error:
        table.fault(start, None, f"not CSV from here on ({error}). Close the quotation mark.")
    if not table.raw and not table.faults:
        table.fault(None, None, f"holds no {table.spec.noun}. Add at least one row under the header.")


def _header_fits(table: Table, header: list[str], line: int) -> bool:
    names = [column.name for column in table.spec.columns]
    missing = [column.name for column in table.spec.columns if not column.optional and column.name not in header]
    unknown = [name for name in header if name not in names]
    for name in missing:
        near = suggestion(name, unknown)
        table.fault(line, name, f"the column is missing.{near or ' Add it to the header.'}")
    for name in unknown:
        near = suggestion(name, [n for n in names if n not in header])
        table.fault(line, name or "(no name)", f"unknown column.{near or ' Remove it, or move its text to a note.'}")
    for name in sorted({name for name in header if header.count(name) > 1}):
        table.fault(line, name, "the column is there twice. Keep one.")
    return not missing and len(set(header)) == len(header)


def _note_wrong_width(table: Table, line: int, width: int, expected: int) -> None:
    if width > expected:
        remedy = 'Put quotation marks round a text that holds a comma: "a, b".'
    else:
        remedy = "Add the missing cells (a blank cell still needs its comma)."
    table.fault(line, None, f"{width} cells where the header has {expected}. {remedy}")


def _column_names(spec: TableSpec) -> str:
    return ", ".join(column.name for column in spec.columns if not column.optional)

"""The errors a person may meet, each naming the thing at fault and the remedy."""

from __future__ import annotations

from dataclasses import dataclass


class TongzhouError(Exception):
    """Base of every error whose message may be shown to a user as it stands."""


class UnknownNameError(KeyError, TongzhouError):
    """An id (pier, craft, island, ...) that the region or the picture does not hold."""

    def __init__(self, kind: str, name: str, near: list[str] | None = None) -> None:
        hint = f" Did you mean: {', '.join(near)}?" if near else ""
        self.kind, self.name, self.near = kind, name, near or []
        self.message = f"Unknown {kind} '{name}'.{hint}"
        super().__init__(self.message)

    def __str__(self) -> str:  # KeyError would print the repr
        return self.message


class OutsideForecastError(ValueError, TongzhouError):
    """A question about an hour or a zone that the forecast does not cover."""


class NotAtSeaError(ValueError, TongzhouError):
    """A point asked for as water that lies on land, or in a pool cut off from the sea."""


class NotOnLandError(ValueError, TongzhouError):
    """A point asked for as land (an incident, a station) that lies in the sea."""


class CommandRefusedError(ValueError, TongzhouError):
    """A command that the current picture does not allow."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in one file, with its place.

    ``row`` is the line number a text editor shows (the header is line 1); None for the whole file.
    """

    file: str
    row: int | None
    column: str | None
    message: str

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", line {self.row}"
        if self.column:
            place += f", column '{self.column}'"
        return f"{place}: {self.message}"


class DataFaultsError(ValueError, TongzhouError):
    """Every fault found in a set of input files, raised once after all of them were read."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(faults)
        noun = "fault" if len(faults) == 1 else "faults"
        super().__init__(f"{len(faults)} {noun}:\n" + "\n".join(f"  {fault}" for fault in faults))

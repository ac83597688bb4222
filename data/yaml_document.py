"""A YAML file with the line of every key, read section by section so that one fault does not hide the next."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from data.errors import Fault
from data.tables import suggestion

Model = TypeVar("Model")


class YamlDocument:
    """One parsed YAML mapping, its faults, and the line of each key path such as ``incidents[0].title``."""

    def __init__(self, path: Path) -> None:
        self.file = path.name
        self.faults: list[Fault] = []
        self.lines: dict[str, int] = {}
        self.content: dict[str, Any] = {}
        try:
            text = path.read_bytes().decode("utf-8-sig")
            root = yaml.compose(text, Loader=yaml.SafeLoader)
            loaded = yaml.safe_load(text)
        except FileNotFoundError:
            self.fault("", f"there is no such file in {path.parent}. Check the name.")
        except UnicodeDecodeError:
            self.fault("", "not UTF-8. Save it as UTF-8 in the editor.")
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else None
            self.faults.append(
                Fault(self.file, line, None, f"not YAML: {error.problem}. Check quotes and indentation.")
            )
        except (OSError, ValueError, yaml.YAMLError) as error:
            self.fault("", f"cannot be read: {error}. Check the file.")
        else:
            if root is not None:
                self._note_lines(root, "")
            if isinstance(loaded, dict):
                self.content = loaded
            else:
                self.fault("", "holds no keys. Begin with 'id:' and 'title:'; see the shipped scenarios.")

    def fault(self, key: str, message: str) -> None:
        """Note a fault at a key path, on the line of the nearest key above it that is there."""
        self.faults.append(Fault(self.file, self._line(key), key or None, message))

    def read(self, key: str, kind: type[Model], *, default: Model | None = None) -> Model | None:
        """Convert one top-level key to a type; a fault is noted and None returned if it does not fit."""
        if key not in self.content:
            if default is None:
                self.fault(key, "the key is missing. Add it.")
            return default
        return self.convert(key, self.content[key], kind)

    def read_list(self, key: str, kind: type[Model]) -> list[tuple[str, Model]]:
        """Convert a top-level list item by item; returns each sound item with its key path."""
        items = self.content.get(key) or []
        if not isinstance(items, list):
            self.fault(key, "is not a list. Begin each item with '- '.")
            return []
        read = [(f"{key}[{i}]", self.convert(f"{key}[{i}]", item, kind)) for i, item in enumerate(items)]
        return [(path, item) for path, item in read if item is not None]

    def convert(self, path: str, value: Any, kind: type[Model]) -> Model | None:
        """Convert a value found at a key path to a type; a fault is noted and None returned if it does not fit."""
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            reason, _, below = str(error).partition(" - at `$")
            place = path + below.rstrip("`")
            if unknown := re.search(r"unknown field `(\w+)`", reason):
                near = suggestion(unknown[1], _field_names(kind))
                self.fault(place, f"unknown key '{unknown[1]}'.{near or ' Remove it.'}")
            else:
                self.fault(place, f"{_in_words(reason)}.")
            return None

    def check_keys(self, allowed: tuple[str, ...]) -> None:
        """A top-level key that nobody reads is a slip of the pen."""
        for key in self.content:
            if key not in allowed:
                self.fault(str(key), f"unknown key.{suggestion(str(key), allowed) or ' Remove it.'}")

    def _line(self, key: str) -> int | None:
        while key and key not in self.lines:
            key = re.sub(r"(\.[^.\[]*|\[\d+\]|^[^.\[]*)$", "", key)
        return self.lines.get(key) if key else None

    def _note_lines(self, node: yaml.Node, path: str) -> None:
        if isinstance(node, yaml.MappingNode):
            for key_node, value_node in node.value:
                key = f"{path}.{key_node.value}" if path else str(key_node.value)
                if key in self.lines:
                    self.lines.pop(key)
                    self.lines[key] = key_node.start_mark.line + 1
                    self.fault(key, "the key is there twice. Keep one.")
                self.lines[key] = key_node.start_mark.line + 1
                self._note_lines(value_node, key)
        elif isinstance(node, yaml.SequenceNode):
            for i, item in enumerate(node.value):
                self.lines[f"{path}[{i}]"] = item.start_mark.line + 1
                self._note_lines(item, f"{path}[{i}]")


def _field_names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(getattr(kind, "__struct_fields__", ()))


def _in_words(reason: str) -> str:
    if missing := re.search(r"missing required field `(\w+)`", reason):
        return f"the key '{missing[1]}' is missing. Add it"
    if unfit := re.match(r"Expected `(.+)`, got `(.+)`$", reason):
        return f"needs {unfit[1]}, not {unfit[2]}. Correct it"
    if reason.startswith("Invalid RFC3339"):
        return "is not a time. Write e.g. 2026-06-01T08:00:00+08:00"
    return reason

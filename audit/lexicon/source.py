"""YAML text -> plain maps, lists and strings that know their line; every scalar stays the string written."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from audit.errors import Fault


class Map(dict[str, Any]):
    """A mapping with the 1-based line of itself and of each key."""

    line: int
    lines: dict[str, int]


class Rows(list[Any]):
    """A sequence with the 1-based line of itself and of each item."""

    line: int
    lines: list[int]


class Faults:
    """Collects faults so that all are told at once."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

        self.unread = False
        """A file of lists or excuses could not be read: what names them is not to blame."""

    def add(self, path: str, line: int, message: str) -> None:
        self.found.append(Fault(path, line, message))

    def add_unknown_name(self, path: str, line: int, message: str) -> None:
        """A list or excuse that nobody knows; not told where it may stand in a file that could not be read."""
        if not self.unread:
            self.add(path, line, message)

    def add_unreadable(self, path: str, line: int, message: str) -> None:
        self.add(path, line, message)
        self.unread = self.unread or path.startswith(("terms/", "excuses/"))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` (did you mean …?)`, or what is known when nothing is near."""
    names = sorted(set(known))
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f"; did you mean `{near[0]}`?"
    return f"; known: {', '.join(names)}" if 0 < len(names) <= 16 else ""


def read_yaml(path: Path, name: str, faults: Faults) -> Map | None:
    """The file's mapping; None (and a fault) when it is no readable mapping. Duplicate keys are refused."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        node = composed(text)
    except UnicodeDecodeError:
        faults.add_unreadable(name, 1, "not UTF-8: save the file as UTF-8")
        return None
    except UnreadableError as error:
        faults.add_unreadable(name, error.line, f"not readable as YAML: {error.problem}")
        return None
    value = Builder(text, name, faults).build(node) if node is not None else None
    if not isinstance(value, Map):
        faults.add_unreadable(name, 1, "the file must be a mapping of keys")
        return None
    return value


class UnreadableError(Exception):
    """No YAML; `line` is 1-based."""

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line


def composed(text: str) -> Any:
    """The tree of nodes, scalars as written. Raises UnreadableError.

    libyaml is twenty times as fast as ruamel.yaml; that it knows YAML 1.1 only makes no difference before scalars
    are read as numbers or truths, which nobody does here. What it refuses ruamel.yaml reads, or says why not.
    """
    try:
        from yaml import CSafeLoader, YAMLError, compose  # type: ignore[import-untyped]
    except ImportError:
        return composed_slowly(text)
    try:
        return compose(text, Loader=CSafeLoader)
    except YAMLError:
        return composed_slowly(text)


def composed_slowly(text: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise UnreadableError(str(error.problem), mark.line + 1 if mark else 1) from error
    except YAMLError as error:
        raise UnreadableError(str(error).splitlines()[0], 1) from error


class Builder:
    """Turns composed nodes into Map, Rows and str."""

    def __init__(self, text: str, name: str, faults: Faults) -> None:
        self.source = text.splitlines()
        self.name = name
        self.faults = faults

    def build(self, node: Any) -> Any:
        kind = type(node).__name__
        if kind == "MappingNode":
            return self.mapping(node)
        if kind == "SequenceNode":
            rows = Rows(self.build(item) for item in node.value)
            rows.line = node.start_mark.line + 1
            rows.lines = [item.start_mark.line + 1 for item in node.value]
            return rows
        return self.scalar(node)

    def mapping(self, node: Any) -> Map:
        found = Map()
        found.line, found.lines = node.start_mark.line + 1, {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in found:
                self.faults.add(
                    self.name, line, f"`{name}` is written twice (first in line {found.lines[name]})"
                )
                continue
            found[name] = self.build(value)
            found.lines[name] = line
        return found

    def scalar(self, node: Any) -> str | None:
        value, plain = str(node.value), not node.style
        end = node.end_mark
        if plain and value and end.line < len(self.source):
            rest = self.source[end.line][end.column :]
            if rest.strip().startswith("#") and not rest.strip().startswith("# "):
                self.faults.add(
                    self.name,
                    end.line + 1,
                    f"` #` cuts this line after `{value[-30:]}`; quote the whole text",
                )
        return None if plain and value in ("", "~", "null") else value

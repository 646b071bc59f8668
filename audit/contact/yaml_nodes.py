"""A YAML file as nodes that know their line: shapes are read strictly, every fault is collected.

Parsed as YAML 1.2 by ruamel (1.1 reads `8:00` as 480 and `no` as false). Nothing is guessed: an unknown key
is a fault with the nearest known one beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from audit.errors import Fault


@dataclass(frozen=True)
class Node:
    """A value of the file with its 1-based line; faults go into the list shared by the whole reading."""

    value: Any
    path: str
    line: int
    faults: list[Fault]

    def fault(self, message: str) -> None:
        self.faults.append(Fault(self.path, self.line, message))

    def keys(self, known: Sequence[str], required: Iterable[str] = ()) -> dict[str, Node]:
        """The entries of a mapping; unknown and missing keys are faults."""
        if not isinstance(self.value, dict):
            self.fault(f"expected a mapping with {', '.join(known)}")
            return {}
        entries = {str(key): self._child(key) for key in self.value}
        for key, node in entries.items():
            if key not in known:
                node.fault(f"unknown key {key!r}{hint(key, known)}")
        for key in required:
            if key not in entries:
                self.fault(f"{key!r} is missing")
        return {key: node for key, node in entries.items() if key in known}

    def entries(self) -> list[tuple[str, Node]]:
        """The entries of a mapping with free keys, in file order."""
        if not isinstance(self.value, dict):
            self.fault("expected a mapping")
            return []
        return [(str(key), self._child(key)) for key in self.value]

    def items(self) -> list[Node]:
        """The items of a list; a single value counts as a list of one."""
        if not isinstance(self.value, list):
            return [self]
        return [self._item(i) for i in range(len(self.value))]

    def text(self) -> str:
        if isinstance(self.value, str) and self.value.strip():
            return str(self.value).strip()
        if isinstance(self.value, (int, float)) and not isinstance(self.value, bool):
            return str(self.value)
        self.fault("expected a text")
        return ""

    def number(self, least: int = 0) -> int:
        if isinstance(self.value, int) and not isinstance(self.value, bool) and self.value >= least:
            return int(self.value)
        self.fault(f"expected a whole number of at least {least}")
        return least

    def flag(self) -> bool:
        if isinstance(self.value, bool):
            return self.value
        self.fault("expected true or false")
        return False

    def date(self) -> date | None:
        if isinstance(self.value, date) and not isinstance(self.value, datetime):
            return date(self.value.year, self.value.month, self.value.day)
        self.fault("expected a date such as 2025-02-28")
        return None

    def choice(self, known: Sequence[str]) -> str:
        value = self.text()
        if value and value not in known:
            self.fault(f"unknown value {value!r}{hint(value, known)}; known: {', '.join(known)}")
        return value if value in known else known[0]

    def choices(self, known: Sequence[str]) -> frozenset[str]:
        return frozenset(item.choice(known) for item in self.items())

    def _child(self, key: Any) -> Node:
        return Node(self.value[key], self.path, _line(self.value, key, self.line), self.faults)

    def _item(self, index: int) -> Node:
        return Node(self.value[index], self.path, _line(self.value, index, self.line), self.faults)


def read(path: Path, shown: str, faults: list[Fault]) -> Node | None:
    """The document of one file, or None with a fault when it is no YAML at all."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    parser = YAML(typ="rt", pure=True)
    parser.version = (1, 2)
    try:
        document = parser.load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        faults.append(
            Fault(shown, mark.line + 1 if mark else 1, f"not YAML: {error.problem or error.context}")
        )
        return None
    except (UnicodeDecodeError, OSError) as error:
        faults.append(Fault(shown, 1, f"cannot be read: {error.__class__.__name__}"))
        return None
    return Node(document, shown, 1, faults)


def get(entries: dict[str, Node], key: str, reader: Callable[[Node], Any], default: Any) -> Any:
    """`reader` over an entry, or the default where the key is absent; readers check what types cannot say."""
    return reader(entries[key]) if key in entries else default


def hint(word: str, known: Sequence[str]) -> str:
    """` (did you mean …?)` for a word that is near a known one, else nothing."""
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _line(container: Any, key: Any, fallback: int) -> int:
    position = getattr(container, "lc", None)
    data = getattr(position, "data", None)
    return int(data[key][0]) + 1 if data and key in data else fallback

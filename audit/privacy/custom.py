"""Recognisers a user adds in YAML (`recognizers.yaml`): strict keys, every fault with its line.

recognizers:
  - name: internal customer number
    type: CUSTOMER_NUMBER
    languages: [zh, en]
    patterns: ['KH-[0-9]{6}']
    context: [客户号, customer number]
    score: 0.6
    context_score: 0.9
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.errors import SettingsError
from audit.privacy.reading import Hit, Reading, lower

_KEYS = {"name", "type", "languages", "patterns", "context", "score", "context_score", "check"}
_REQUIRED = {"name", "type", "patterns"}
CHECKS = ("luhn", "verhoeff", "cn_id")


@dataclass(frozen=True, slots=True)
class CustomRecognizer:
    """One recogniser of the user's: patterns over the folded text, raised by context, sifted by a check."""

    name: str
    type: str
    patterns: tuple[re.Pattern[str], ...]
    languages: tuple[str, ...] = ("zh", "en")
    context: tuple[str, ...] = ()
    score: float = 0.6
    context_score: float = 0.9
    check: str = ""

    def __call__(self, reading: Reading) -> Iterable[Hit]:
        if reading.language not in self.languages:
            return
        for pattern in self.patterns:
            for match in pattern.finditer(reading.folded):
                if match.end() > match.start() and self._holds(match[0]):
                    yield Hit(self.type, match.start(), match.end(), self._score(reading, match), self.name)

    def _score(self, reading: Reading, match: re.Match[str]) -> float:
        around = reading.left(match.start()) + reading.right(match.end())
        return self.context_score if any(word in around for word in self.context) else self.score

    def _holds(self, text: str) -> bool:
        from audit.privacy import checks

        digits = re.sub(r"[^0-9X]", "", text.upper())
        if not self.check:
            return True
        tests = {"luhn": checks.luhn, "verhoeff": checks.verhoeff, "cn_id": checks.cn_id_check}
        return bool(digits) and tests[self.check](digits)


def load_recognizers(path: Path) -> tuple[CustomRecognizer, ...]:
    """Reads the file; raises SettingsError with all its faults, each as file:line: message."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    try:
        tree = YAML(typ="rt", pure=True).load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path.name}:1: cannot be read: {error.strerror}") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingsError(f"{path.name}:{line}: not valid YAML: {error.problem}") from error
    reader = _Reader(path.name)
    recognizers = reader.read(tree)
    if reader.faults:
        raise SettingsError("\n".join(reader.faults))
    return recognizers


class _Reader:
    """Walks the YAML tree and collects faults instead of stopping at the first."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.faults: list[str] = []

    def fault(self, line: int, message: str) -> None:
        self.faults.append(f"{self.name}:{line}: {message}")

    def read(self, tree: Any) -> tuple[CustomRecognizer, ...]:
        if (
            not isinstance(tree, dict)
            or set(tree) != {"recognizers"}
            or not isinstance(tree["recognizers"], list)
        ):
            self.fault(1, "expected one key, `recognizers`, with a list")
            return ()
        entries: Any = tree["recognizers"]
        read = [self._entry(entry, entries.lc.item(k)[0] + 1) for k, entry in enumerate(entries)]
        return tuple(recognizer for recognizer in read if recognizer is not None)

    def _entry(self, entry: Any, line: int) -> CustomRecognizer | None:
        before = len(self.faults)
        lines: Any = getattr(entry, "lc", None)
        if not isinstance(entry, dict):
            self.fault(line, "expected a recogniser with name, type and patterns")
            return None
        for key in entry:
            if key not in _KEYS:
                self.fault(lines.key(key)[0] + 1, f"unknown key `{key}`{_did_you_mean(str(key))}")
        for key in sorted(_REQUIRED - set(entry)):
            self.fault(line, f"`{key}` is missing")
        values = self._values(entry, line)
        return CustomRecognizer(**values) if len(self.faults) == before else None

    def _values(self, entry: Any, line: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key in ("name", "type"):
            if key in entry:
                values[key] = self._text(entry, key)
        if not re.fullmatch(r"[A-Z][A-Z0-9_]*", str(values.get("type") or "A")):
            self.fault(entry.lc.key("type")[0] + 1, "`type` must be capitals, digits and underscores")
        values["patterns"] = self._patterns(entry, line)
        for key in ("languages", "context"):
            if key in entry:
                values[key] = tuple(lower(text) for text in self._texts(entry, key))
        for key in ("score", "context_score"):
            if key in entry:
                values[key] = self._number(entry, key)
        if "check" in entry:
            values["check"] = self._choice(entry, "check", CHECKS)
        return values

    def _text(self, entry: Any, key: str) -> str:
        if not isinstance(entry[key], str) or not entry[key].strip():
            self.fault(entry.lc.key(key)[0] + 1, f"`{key}` must be a text")
            return ""
        return str(entry[key])

    def _texts(self, entry: Any, key: str) -> list[str]:
        value = entry[key]
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            self.fault(entry.lc.key(key)[0] + 1, f"`{key}` must be a list of texts")
            return []
        return [str(text) for text in value]

    def _patterns(self, entry: Any, line: int) -> tuple[re.Pattern[str], ...]:
        compiled = []
        for text in self._texts(entry, "patterns") if "patterns" in entry else []:
            try:
                compiled.append(re.compile(text))
            except re.error as error:
                self.fault(entry.lc.key("patterns")[0] + 1, f"pattern does not compile: {error.msg}")
        return tuple(compiled)

    def _number(self, entry: Any, key: str) -> float:
        value = entry[key]
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1:
            self.fault(entry.lc.key(key)[0] + 1, f"`{key}` must be a number above 0 and at most 1")
            return 0.0
        return float(value)

    def _choice(self, entry: Any, key: str, choices: tuple[str, ...]) -> str:
        if entry[key] not in choices:
            self.fault(entry.lc.key(key)[0] + 1, f"`{key}` must be one of {', '.join(choices)}")
            return ""
        return str(entry[key])


def _did_you_mean(key: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, _KEYS, 1)
    return f"; did you mean `{near[0]}`?" if near else ""

"""Answers kept by the hash of what was asked: equal questions are asked once, over all runs. Holds no words of a call."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from audit.errors import SettingsError

_TABLE = "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, at TEXT NOT NULL, answer TEXT NOT NULL)"


class Cache:
    """A SQLite file of answers; several processes may share it. `path` None keeps them in memory.

    `faults` counts reads and writes that failed: a full disk costs the keeping of answers, never a run.
    An answer is kept as ids, offsets and its receipt: what was quoted is found again in the text it was about.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.faults = 0
        try:
            self._file = sqlite3.connect(path or ":memory:", timeout=30.0, isolation_level=None)
            self._file.execute(_TABLE)
        except sqlite3.Error as error:
            raise SettingsError(f"asking.cache: {(path or Path()).name} cannot be kept: {error}.") from error
        if path is not None:
            path.chmod(0o600)

    def get(self, key: str) -> dict[str, Any] | None:
        """The answer to what hashes to `key`, if one is kept and whole."""
        try:
            row = self._file.execute("SELECT answer FROM answers WHERE key = ?", (key,)).fetchone()
            value = json.loads(row[0]) if row else None
        except (sqlite3.Error, ValueError):
            self.faults += 1
            return None
        return value if isinstance(value, dict) else None

    def put(self, key: str, at: str, answer: dict[str, Any]) -> None:
        """Keep an answer; the first one to a key stays, so that re-runs agree."""
        text = json.dumps(answer, sort_keys=True)
        try:
            self._file.execute("INSERT OR IGNORE INTO answers VALUES (?, ?, ?)", (key, at, text))
        except sqlite3.Error:
            self.faults += 1

    def close(self) -> None:
        self._file.close()

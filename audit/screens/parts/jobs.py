"""Long work in processes of its own: started from a page, watched from it, never run in it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from audit.screens.parts.desk import Desk


@dataclass(slots=True)
class Job:
    """One process: its standard output goes to `out`, what it says to people to `log`."""

    name: str
    process: subprocess.Popen[bytes]
    out: Path
    log: Path
    began: float = field(default_factory=time.monotonic)

    @property
    def status(self) -> int | None:
        """The exit status, None while it runs."""
        return self.process.poll()

    @property
    def seconds(self) -> int:
        """How long it has been under way."""
        return int(time.monotonic() - self.began)

    def last_words(self, lines: int = 12) -> str:
        """The end of what it said; written by our own commands, which never say words of a call."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])


def start(here: Desk, name: str, arguments: list[str]) -> Job:
    """Start `audit …` on this store as a process of its own; needs the right `start_runs`.

    Its output lies in a folder of the system for temporary files, readable by this user only.
    """
    here.scope.require("start_runs")
    folder = Path(tempfile.mkdtemp(prefix="audit-job-"))
    out, log = folder / "out", folder / "log"
    command = [sys.executable, "-m", "audit", *arguments, "--store", here.store.url]
    with out.open("wb") as output, log.open("wb") as words:
        process = subprocess.Popen(command, stdout=output, stderr=words, stdin=subprocess.DEVNULL)
    return Job(name, process, out, log)

"""Long work in processes of its own: started from a page, seen and stopped from any, never run in one.

The job table says what was started; whether a process still lives is asked of the machine, and a process that
is gone without having said how is `died`. A process outlives the app that started it.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from audit.errors import UsageError
from audit.screens.parts.desk import SETTINGS_VARIABLE, Desk
from audit.store import jobs as table
from audit.store.ledger import now

OUTPUT, WORDS = "out", "log"
_CHILDREN: dict[str, subprocess.Popen[bytes]] = {}
"""Processes of this one, by job: only their parent learns their exit status."""


def start(here: Desk, kind: str, arguments: list[str], module: str = "audit") -> str:
    """Start `python -m module …` on this store as a process of its own and return the job's id.

    Needs the right that the kind asks for. What it writes lies in a folder for temporary files that only this
    account can read.
    """
    here.scope.require(table.NEEDS[kind])
    at = now()
    folder = Path(tempfile.mkdtemp(prefix="audit-job-"))
    command = [sys.executable, "-m", module, *arguments, "--store", here.store.url]
    settings = os.environ.get(SETTINGS_VARIABLE)
    command += ["--settings", settings] if settings else []
    with (folder / OUTPUT).open("wb") as output, (folder / WORDS).open("wb") as words:
        process = subprocess.Popen(
            command, stdout=output, stderr=words, stdin=subprocess.DEVNULL, start_new_session=True
        )
    facts = {
        "at": at,
        "host": socket.gethostname(),
        "process_id": process.pid,
        "process_start": started_at(process.pid),
        "folder": str(folder),
    }
    job_id = here.act(table.begun, kind, arguments, facts)
    _CHILDREN[job_id] = process
    return job_id


def started_at(process_id: int) -> str:
    """When a process began, as the machine says it; empty for one that is gone or waits to be buried."""
    try:
        fields = Path(f"/proc/{process_id}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except FileNotFoundError:
        return "" if Path("/proc/self/stat").exists() else _started_by_ps(process_id)
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def _started_by_ps(process_id: int) -> str:
    asked = ["ps", "-o", "stat=,lstart=", "-p", str(process_id)]
    said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    return "" if said.startswith("Z") else said.partition(" ")[2].strip()


def alive(job: dict[str, Any]) -> bool | None:
    """Whether a job's process lives; None when it runs on another machine and cannot be asked."""
    if job["host"] != socket.gethostname():
        return None
    begun = str(job["process_start"])
    return begun != "" and started_at(job["process_id"]) == begun


def settle(here: Desk) -> None:
    """Note the end of jobs whose process is gone; cheap where none is open."""
    with here.store.read() as connection:
        waiting = table.open_jobs(connection)
    for job in waiting:
        child = _CHILDREN.get(job["job_id"])
        exit_status = child.poll() if child is not None else None
        lives = exit_status is None if child is not None else alive(job) is not False
        if lives:
            continue
        with here.store.begin() as connection:
            run = table.run_of(connection, job)
            table.ended(connection, job["job_id"], _fate(job, exit_status, run), exit_status)


def _fate(job: dict[str, Any], exit_status: int | None, run: dict[str, Any] | None) -> str:
    """done | failed | stopped | died, from what is known: the exit status, else what the run wrote last."""
    if exit_status in (0, 1):
        return "done" if exit_status == 0 else "failed"
    if run is not None and run["status"] in ("done", "stopped", "failed"):
        return str(run["status"])
    if job["stopped_by"] is not None or exit_status in (130, 143):
        return "stopped"
    if exit_status is None and job["kind"] == "compare":
        return "done" if _whole(Path(job["folder"])) else "died"
    return "died" if exit_status is None or exit_status < 0 else "failed"


def _whole(folder: Path) -> bool:
    """Whether an output ends with its closing line."""
    try:
        lines = (folder / OUTPUT).read_text("utf-8").rstrip().splitlines()
    except OSError:
        return False
    return bool(lines) and '"end"' in lines[-1]


def stop(here: Desk, job_id: str) -> bool:
    """Ask a job's process to stop (it keeps what it has done); False when it is over already.

    Raises UsageError for a job of another machine, RightError without the right.
    """
    job = here.act(table.stopping, job_id)
    if job is None:
        return False
    if job["host"] != socket.gethostname():
        raise UsageError(f"This runs on another machine ({job['host']}): stop it there.")
    if not alive(job):
        settle(here)
        return False
    os.kill(job["process_id"], signal.SIGTERM)
    return True


def last_words(job: dict[str, Any], lines: int = 12) -> str:
    """The end of what a job said to people; our own commands never say words of a call."""
    try:
        said = (Path(job["folder"]) / WORDS).read_text("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(said.splitlines()[-lines:])

"""The app in a real browser: start it on a store, open it in Debian's chromium. Shared by scripts and tests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
]


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running_app(
    store: Path, recordings: Path | None, demo: bool = True, language: str = "en", more: Sequence[str] = ()
) -> Iterator[str]:
    """The app on a store; yields its address and ends the process afterwards. `more` are flags of Streamlit."""
    sys.path.insert(0, str(ROOT))
    from audit.commands.app import environment, flags
    from audit.settings import Settings

    port = free_port()
    settings = Settings(store=f"sqlite:///{store}", recordings=recordings, language=language)  # type: ignore[arg-type]
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), *flags(port, demo), *more]
    with open(os.environ.get("APP_LOG", os.devnull), "ab") as log:
        process = subprocess.Popen(command, env=environment(settings, demo), cwd=ROOT, stdout=log, stderr=log)
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


def _wait(address: str, seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the app did not start")


@contextmanager
def browser() -> Iterator[Any]:
    """Debian's chromium, headless."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


def settled(page: Any, wait_ms: int = 400) -> None:
    """Wait until the page has drawn and no run is under way."""
    page.wait_for_selector("[data-testid=stApp]", timeout=30000)
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]').getAttribute('data-test-script-state') === 'notRunning'",
        timeout=30000,
    )
    page.wait_for_timeout(wait_ms)

"""`audit app`: the review app as a process of its own, bound to this machine, with every telemetry off."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from audit.commands.console import tell
from audit.errors import UsageError
from audit.settings import ENVIRONMENT_PREFIX, Settings, load_settings

DEMO_FOLDER = Path("demo")
ADDRESS_VARIABLE = "AUDIT_APP_ADDRESS"

LOCKS: tuple[tuple[str, str], ...] = (
    ("browser.gatherUsageStats", "false"),
    ("client.disableDataExport", "true"),
    ("client.showErrorDetails", "none"),
    ("client.showErrorLinks", "false"),
    ("client.toolbarMode", "minimal"),
    ("runner.magicEnabled", "false"),
    ("server.enableAgentApi", "false"),
    ("server.enableStaticServing", "false"),
    ("server.enableXsrfProtection", "true"),
    ("server.fileWatcherType", "none"),
    ("server.headless", "true"),
    ("server.maxUploadSize", "5"),
)
"""Streamlit options that must hold wherever the app is started; the look stands in .streamlit/config.toml."""


CARRIED = (
    "store",
    "recordings",
    "transcripts",
    "lexicons",
    "jurisdiction",
    "language",
    "model",
    "engine",
    "precision",
    "device",
)
"""Settings handed on as variables."""


def open_app(settings_path: Path | None, options: Mapping[str, Any], demo: bool, port: int) -> int:
    """Start the app and wait for it; returns its exit status.

    With `demo` the demo's store is opened, without a password and on the loopback address only. Otherwise the
    first start makes an administrator and prints the password once. Raises UsageError without the app's file.
    """
    settings = load_settings(settings_path, **dict(options))
    script = app_script()
    if demo:
        settings = _demo_settings(settings)
    else:
        _first_start(settings)
    command = [sys.executable, "-m", "streamlit", "run", str(script), *flags(port, demo)]
    tell(f"Open http://127.0.0.1:{port} in a browser; Ctrl+C ends the app.")
    process = subprocess.Popen(command, env=environment(settings, demo, settings_path), cwd=Path.cwd())
    # A service manager ends this process only: pass it on, or the app would live on without it.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: process.terminate())
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.terminate()
        return process.wait() and 0


def app_script() -> Path:
    """app.py beside the package (a clone) or inside it (an installed wheel)."""
    package = Path(__file__).resolve().parents[1]
    for script in (package.parent / "app.py", package / "app.py"):
        if script.is_file():
            return script
    raise UsageError("app.py is missing beside the package: install from a clone of the repository.")


def flags(port: int, demo: bool) -> list[str]:
    """Streamlit's flags. Only AUDIT_APP_ADDRESS, never in a demo, opens another address than loopback."""
    address = "127.0.0.1" if demo else os.environ.get(ADDRESS_VARIABLE, "127.0.0.1")
    pairs = [*LOCKS, ("server.address", address), ("server.port", str(port))]
    return [part for name, value in pairs for part in (f"--{name}", value)]


def environment(settings: Settings, demo: bool, file: Path | None = None) -> dict[str, str]:
    """The environment of the app's process: the settings as AUDIT_* variables, telemetry off.

    Runs that the app starts inherit it, so that they hear and judge as the command line does; `file` is the
    settings file that was named, for what no variable carries.
    """
    values = dict(os.environ)
    if file is not None:
        values["AUDIT_APP_SETTINGS"] = str(file.resolve())
    for name in CARRIED:
        value = getattr(settings, name)
        if value is not None:
            values[ENVIRONMENT_PREFIX + name.upper()] = str(value)
    values["AUDIT_APP_DEMO"] = "1" if demo else "0"
    values["STREAMLIT_BROWSER_GATHER_USAGE_STATS"] = "false"
    return values


def _demo_settings(settings: Settings) -> Settings:
    """Settings on the demo's store, unless another store was asked for; raises UsageError when nobody made it."""
    if settings.store != Settings().store:
        return settings
    store = DEMO_FOLDER / "audit.db"
    if not store.is_file():
        raise UsageError("There is no demo store yet: run `audit demo` (or `make demo`) first.")
    recordings = settings.recordings or demo_recordings()
    from audit import sample

    update = {"store": f"sqlite:///{store}", "recordings": recordings}
    if settings.model == Settings().model:
        update["model"] = str(sample.MODEL)
    return settings.model_copy(update=update)


def demo_recordings() -> Path | None:
    """The folder of the shipped sample's recordings."""
    from audit import sample

    return Path(sample.RECORDINGS)


def _first_start(settings: Settings) -> None:
    from audit.store import Store
    from audit.store.accounts import first_administrator

    store = Store.open(settings.store)
    if store.read_only:
        store.close()
        tell("The store may only be read: people can look, nothing can be changed.")
        return
    try:
        with store.begin() as connection:
            password = first_administrator(connection)
    finally:
        store.close()
    if password is not None:
        tell("There was no user yet. The first administrator, shown once:")
        tell(f"    user name  admin\n    password   {password}")
        tell("It must be changed at the first sign-in. Then add people under “People”.")

"""Every screen in both languages as pictures, to be looked at: `python scripts/screenshots.py OUT [STORE RECORDINGS]`.

Without a store it seeds the invented week. Writes <page>-<language>-<width>-<scheme>.png.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.app_browser import browser, running_app, settled

PAGES = (
    "overview",
    "queue",
    "case",
    "sample",
    "appeals",
    "agencies",
    "library",
    "rulebook",
    "runs",
    "ledger",
)


def main() -> None:
    """Write the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("store", type=Path, nargs="?")
    parser.add_argument("recordings", type=Path, nargs="?")
    parser.add_argument("--pages", nargs="*", default=list(PAGES))
    parser.add_argument("--languages", nargs="*", default=["zh", "en"])
    parser.add_argument("--widths", nargs="*", type=int, default=[1440, 1024])
    parser.add_argument("--row", type=int, default=4, help="which case of the queue is opened")
    parser.add_argument("--schemes", nargs="*", default=["light"])
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        store, recordings = options.store, options.recordings
        if store is None:
            store, recordings = seeded(Path(folder))
        for language in options.languages:
            with running_app(store, recordings, language=language) as address, browser() as chromium:
                for scheme in options.schemes:
                    shoot(chromium, address, options, language, scheme)


def seeded(folder: Path) -> tuple[Path, Path]:
    """A store with the invented week and its recordings."""
    from audit.store import Store
    from tests.app_seed import seed

    recordings = folder / "recordings"
    recordings.mkdir()
    store = Store.open(f"sqlite:///{folder / 'audit.db'}")
    seed(store, recordings)
    store.close()
    return folder / "audit.db", recordings


def shoot(chromium: object, address: str, options: argparse.Namespace, language: str, scheme: str) -> None:
    """All pages of one language and colour scheme, at every width."""
    for width in options.widths:
        page = chromium.new_page(viewport={"width": width, "height": 1000}, color_scheme=scheme)  # type: ignore[attr-defined]
        page.goto(address)
        settled(page, 900)
        for name in options.pages:
            if name == "case":
                page.goto(f"{address}/queue")
                settled(page)
                page.locator("[data-row] button").nth(options.row).click()
                page.wait_for_selector(".au-player .pl-card")
            elif name != "overview":
                page.goto(f"{address}/{name}")
            settled(page, 1200)
            page.screenshot(path=options.out / f"{name}-{language}-{width}-{scheme}.png", full_page=False)
        page.close()


if __name__ == "__main__":
    main()

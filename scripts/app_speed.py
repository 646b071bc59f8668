"""Speed of the app in Chromium over many contacts: `python scripts/app_speed.py [--contacts N] [--cases N] [--store FILE]`.

Measured from the click (or the address) to the moment the screen shows what was asked for, median of several:
first useful screen, a filter of the queue, the next case. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.app_browser import browser, running_app, settled

LIMITS_S = {"first_screen": 1.5, "filter": 0.5, "next_case": 0.7}


def main() -> None:
    """Seed (unless a store is given), measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = options.store or seeded(Path(folder) / "audit.db", options.contacts, options.cases)
        with running_app(store, None) as address, browser() as chromium:
            measured = measure(chromium, address, options.rounds)
    for name, limit in LIMITS_S.items():
        measured[name + "_limit"] = limit
    print(json.dumps(measured, indent=1))


def seeded(file: Path, contacts: int, cases: int) -> Path:
    """A store with many contacts."""
    from audit.store import Store
    from tests.app_seed import seed_bulk

    store = Store.open(f"sqlite:///{file}")
    seed_bulk(store, contacts, cases)
    store.close()
    return file


def measure(chromium: Any, address: str, rounds: int) -> dict[str, float]:
    """Seconds by name, medians; `cold_screen` is the very first opening after the start of the process."""
    context = chromium.new_context(viewport={"width": 1440, "height": 1000})
    first = [_first_screen(context, address, "/") for _ in range(rounds + 1)]
    queue_first = [_first_screen(context, address, "/queue", "[data-row]") for _ in range(rounds)]
    page = context.new_page()
    page.goto(address + "/queue")
    page.wait_for_selector("[data-row]")
    settled(page)
    filters = [_filter(page, at) for at in range(rounds)]
    cases = _cases(page, rounds)
    context.close()
    return {
        "cold_screen": round(first[0], 3),
        "first_screen": round(statistics.median(first[1:]), 3),
        "first_screen_queue": round(statistics.median(queue_first), 3),
        "filter": round(statistics.median(filters), 3),
        "open_case": round(cases[0], 3),
        "next_case": round(statistics.median(cases[1:]), 3),
    }


def _first_screen(context: Any, address: str, path: str, sign: str = ".au-tile") -> float:
    page = context.new_page()
    began = time.perf_counter()
    page.goto(address + path, wait_until="commit")
    page.wait_for_selector(sign)
    taken = time.perf_counter() - began
    settled(page, 100)
    page.close()
    return taken


def _filter(page: Any, at: int) -> float:
    """Choose a state and wait until the count of the heading is another."""
    before = page.locator(".au-head p").first.inner_text()
    page.get_by_role("combobox", name="State").click()
    choice = page.get_by_role("option", name=("Confirmed", "Dismissed")[at % 2], exact=True)
    choice.wait_for()
    began = time.perf_counter()
    choice.click()
    page.wait_for_function("was => document.querySelector('.au-head p').innerText !== was", arg=before)
    taken = time.perf_counter() - began
    settled(page, 100)
    return taken


def _cases(page: Any, rounds: int) -> list[float]:
    times = []
    began = time.perf_counter()
    page.locator("[data-row] button").first.click()
    page.wait_for_selector(".au-player .pl-card")
    times.append(time.perf_counter() - began)
    settled(page)
    for _ in range(rounds):
        before = page.url
        shown = page.locator(".pl-card").first.get_attribute("data-finding")
        began = time.perf_counter()
        page.keyboard.press("j")
        page.wait_for_function(
            "was => { const card = document.querySelector('.pl-card'); return card && card.dataset.finding !== was; }",
            arg=shown,
        )
        times.append(time.perf_counter() - began)
        settled(page, 100)
        assert page.url != before
    return times


if __name__ == "__main__":
    main()

"""Speed of the contact judge on an invented year: `python -m benchmarks.contact_bench [--sizes 10000 100000]`.

For each size: processor seconds for the whole year, contacts a second, peak memory of the process, and the seconds that an
added week costs when it is judged alone (`since=`), handed the whole year and handed only what `history` asks for.
One core; the figures are of the machine it runs on, the ratio between sizes is what travels.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from audit.contact import Signal, history, judge_contacts, load_places
from audit.models import Contact

SIZES = (10_000, 100_000, 1_000_000)
_FIRST = datetime(2025, 9, 1, tzinfo=UTC)
_DAYS = 364
_OUTCOMES = ("no_answer",) * 5 + ("busy", "voicemail", "connected", "conversation", "conversation")
_US_ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")
_UNZONED = 0.02
_AU_ZONES = ("Australia/Sydney", "Australia/Brisbane", "Australia/Perth")
_PLACES = ("CN",) * 6 + ("US", "US", "AU", "IN")


@dataclass(frozen=True, slots=True)
class Result:
    """What one size took; seconds, megabytes."""

    contacts: int
    findings: int
    year_s: float
    week_s: float
    week_alone_s: float
    peak_mb: float


def invent(size: int, seed: int = 6) -> list[Contact]:
    """`size` contacts of a year, about forty a debtor, five agencies; some rows lack a zone, a start, an id."""
    chance = random.Random(seed)
    debtors = [_debtor(n, chance) for n in range(max(1, size // 40))]
    return [_contact(row, chance, debtors[chance.randrange(len(debtors))]) for row in range(size)]


def _debtor(number: int, chance: random.Random) -> tuple[str, str, str, str, str | None]:
    place = chance.choice(_PLACES)
    zone = {"US": chance.choice(_US_ZONES), "AU": chance.choice(_AU_ZONES)}.get(place)
    return f"D{number}", f"A{number}", f"n{number}", place, None if chance.random() < _UNZONED else zone


def _contact(row: int, chance: random.Random, debtor: tuple[str, str, str, str, str | None]) -> Contact:
    debtor_id, account, number, place, zone = debtor
    wall = int(chance.triangular(7.9 * 3600, 22.2 * 3600, 15 * 3600))
    started: datetime = _FIRST + timedelta(days=chance.randrange(_DAYS), seconds=wall)
    if zone is not None and row % 3:  # most logs carry an offset; here that of the debtor's own place
        started = started.replace(tzinfo=ZoneInfo(zone))
    elif zone is not None or place in ("CN", "IN"):
        started = started.replace(tzinfo=None)
    third = chance.random() < 0.03
    return Contact(
        call_id=f"K{row}",
        row=row,
        started_at=None if chance.random() < 0.002 else started,
        timezone=zone,
        duration_s=chance.random() * 300,
        direction="inbound" if chance.random() < 0.03 else "outbound",
        outcome=chance.choice(_OUTCOMES),
        agency=f"agency {row % 5}",
        debtor_id=None if chance.random() < 0.002 else debtor_id,
        account_id=account,
        number_hash=f"t{number}" if third else number,
        called_party="contact" if third else "debtor",
        jurisdiction=place,
    )


def measure(size: int) -> Result:
    """Judge the year, then its last week alone, twice."""
    contacts, places = invent(size), load_places()
    chance = random.Random(1)
    refusing = chance.sample(contacts, size // 500)
    signals = [Signal(contact.call_id, 3, "customer.stop_contact") for contact in refusing]
    began = time.process_time()
    findings = len(judge_contacts(contacts, places, signals))
    year_s = time.process_time() - began
    since = date.fromordinal(_FIRST.toordinal() + _DAYS - 7)
    began = time.process_time()
    judge_contacts(contacts, places, signals, since=since)
    week_s = time.process_time() - began
    need = history(contacts, places, signals, since)
    chosen = [contact for contact in contacts if need.wants(contact)]
    began = time.process_time()
    judge_contacts(chosen, places, signals, since=since)
    alone_s = time.process_time() - began
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Result(size, findings, year_s, week_s, alone_s, peak_mb)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    results = []
    print(
        f"{'contacts':>9} {'findings':>9} {'year s':>8} {'a second':>9} {'week s':>7} {'alone s':>8} {'peak MB':>8}"
    )
    measure(1000)  # so that imports and calendars are not counted to the first size
    for size in parser.parse_args().sizes:
        r = measure(size)
        results.append(r)
        speed = r.contacts / r.year_s
        print(
            f"{r.contacts:>9} {r.findings:>9} {r.year_s:>8.2f} {speed:>9.0f} {r.week_s:>7.2f} "
            f"{r.week_alone_s:>8.2f} {r.peak_mb:>8.0f}",
            flush=True,
        )
    for small, large in pairwise(results):
        growth = (large.year_s / small.year_s) / (large.contacts / small.contacts)
        print(f"{small.contacts} -> {large.contacts}: time grows {growth:.2f} times as fast as the contacts")
    return 0


if __name__ == "__main__":
    sys.exit(main())

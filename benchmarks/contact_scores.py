"""Scores the contact judge on a folder of calls: `python -m benchmarks.contact_scores --calls DIR`.

Reads calls.csv, expected.jsonl, tolerated.jsonl and signals.jsonl as described in the folder's README. Refusals
are taken from signals.jsonl (what the transcript side should hear), so that this measures the contact room alone.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from audit.contact import ContactFinding, Places, Signal, judge_contacts, load_places
from audit.models import Contact

LOG_CATEGORIES = ("contact.hours", "contact.frequency", "contact.third_party", "contact.after_refusal")


def read_contacts(path: Path) -> list[Contact]:
    """The rows of a calls.csv, numbers hashed; a plain reader, so that intake's faults cannot hide ours."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [_contact(row, number) for number, row in enumerate(csv.DictReader(file), start=2)]


def _contact(row: dict[str, str], number: int) -> Contact:
    cell = {key: value or None for key, value in row.items()}
    digits = cell["number"]
    return Contact(
        call_id=row["call_id"],
        row=number,
        started_at=datetime.fromisoformat(row["started_at"]) if cell["started_at"] else None,
        timezone=cell["timezone"],
        duration_s=float(row["duration_s"]) if cell["duration_s"] else None,
        channel=cell["channel"] or "call",
        direction=cell["direction"] or "outbound",
        outcome=cell["outcome"],
        agency=cell["agency"] or "unknown",
        debtor_id=cell["debtor_id"],
        account_id=cell["account_id"],
        number_hash=hashlib.sha256(digits.encode()).hexdigest()[:24] if digits else None,
        called_party=cell["called_party"] or "unknown",
        consent_hours=cell["consent_hours"],
        jurisdiction=cell["jurisdiction"] or "CN",
        transcript=cell["transcript"],
        text=cell["text"],
    )


def read_signals(path: Path) -> list[Signal]:
    """The customer signals of a signals.jsonl, one per turn."""
    lines = read_lines(path)
    return [Signal(line["call_id"], turn, line["category"]) for line in lines for turn in line["turns"]]


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


@dataclass(frozen=True, slots=True)
class Score:
    """(call_id, category, decision) triples: expected and found, expected and missed, found and not expected."""

    right: list[tuple[str, str, str]]
    missed: list[tuple[str, str, str]]
    false: list[tuple[str, str, str]]


def score(folder: Path, found: Iterable[ContactFinding]) -> Score:
    """Found against expected.jsonl, categories of the log only; what rests on a turn is not asked of the log."""
    wanted = {
        (e["call_id"], e["category"], e["decision"])
        for e in read_lines(folder / "expected.jsonl")
        if e["category"] in LOG_CATEGORIES and e["turn"] is None
    }
    free = {(t["call_id"], t["category"]) for t in read_lines(folder / "tolerated.jsonl")}
    got = {(f.call_id, f.finding.category, f.finding.decision) for f in found}
    false = [g for g in got - wanted if g[:2] not in free]
    return Score(sorted(got & wanted), sorted(wanted - got), sorted(false))


def judge_folder(folder: Path, places: Places) -> list[ContactFinding]:
    return judge_contacts(read_contacts(folder / "calls.csv"), places, read_signals(folder / "signals.jsonl"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=Path, default=Path("tests/data/calls"))
    folder = parser.parse_args().calls
    result = score(folder, judge_folder(folder, load_places()))
    for name in ("missed", "false"):
        for triple in getattr(result, name):
            print(name, *triple)
    print(f"right {len(result.right)}, missed {len(result.missed)}, false {len(result.false)}")
    return 1 if result.missed or result.false else 0


if __name__ == "__main__":
    sys.exit(main())

"""Scores the findings.csv of a run against a set of expected decisions: `python -m benchmarks.call_scores --data DIR`.

DIR holds calls.csv, transcripts/, expected.jsonl, tolerated.jsonl, signals.jsonl, clean.json (the shape of
../shared/data/dev/calls). A (call_id, category) pair counts once; tolerated pairs count neither way.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

Pair = tuple[str, str]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def run(data: Path, out: Path) -> Path:
    """Audit the set into a fresh store and return its findings.csv."""
    from audit.commands.run import run_audit
    from audit.settings import silence

    silence()
    options = {"transcripts": data / "transcripts", "store": f"sqlite:///{out / 'audit.db'}"}
    run_audit(data / "calls.csv", out, None, options)
    return out / "findings.csv"


def score(data: Path, findings: Path) -> dict[str, Any]:
    with findings.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {(row["call_id"], row["category"]): row["decision"] for row in rows if row["decision"] != "noted"}
    noted: set[Pair] = {(row["call_id"], row["category"]) for row in rows if row["decision"] == "noted"}
    for row in rows:  # a breach anywhere in the call beats an undecided
        if row["decision"] == "breach":
            found[(row["call_id"], row["category"])] = "breach"
    expected = {(row["call_id"], row["category"]): row["decision"] for row in lines(data / "expected.jsonl")}
    tolerated = {(row["call_id"], row["category"]) for row in lines(data / "tolerated.jsonl")}
    signals = {(row["call_id"], row["category"]) for row in lines(data / "signals.jsonl")}
    clean = json.loads((data / "clean.json").read_text("utf-8"))
    clean_ids = set(clean if isinstance(clean, list) else clean.get("call_ids", []))
    return {
        "missed": sorted(set(expected) - set(found)),
        "other decision": sorted(
            pair for pair in expected if pair in found and found[pair] != expected[pair]
        ),
        "false": sorted(pair for pair in found if pair not in expected and pair not in tolerated),
        "signals missed": sorted(signals - noted),
        "flagged in clean calls": sorted(
            pair for pair in found if pair[0] in clean_ids and pair not in tolerated
        ),
        "expected": len(expected),
        "right": sum(found.get(pair) == decision for pair, decision in expected.items()),
        "signals": len(signals),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--findings", type=Path, help="a findings.csv that is there already")
    parser.add_argument("--errors", action="store_true", help="name the pairs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = score(options.data, options.findings or run(options.data, Path(folder)))
    print(f"decisions right: {result['right']} of {result['expected']}")
    print(f"signals found: {result['signals'] - len(result['signals missed'])} of {result['signals']}")
    for name in ("missed", "other decision", "false", "signals missed", "flagged in clean calls"):
        pairs = result[name]
        print(f"{name}: {len(pairs)}", dict(Counter(category for _, category in pairs)) if pairs else "")
        if options.errors:
            print(*(f"  {call_id} {category}" for call_id, category in pairs), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What the rules over words find in the transcripts of a labelled set of calls.

    python -m benchmarks.dev_calls --calls DIR [--errors]

DIR holds calls.csv, transcripts/, expected.jsonl, tolerated.jsonl, signals.jsonl, clean.json. What rests on the call log
(hours, counts, contacts without precondition) is not judged here.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

from audit.lexicon import load_with_faults
from audit.models import CallFacts, Finding, Turn
from audit.rules import Judge

FROM_LOG = ("contact.hours", "contact.frequency")


def main() -> None:
    parser = argparse.ArgumentParser(description="Findings over labelled calls.")
    parser.add_argument("--calls", type=Path, required=True)
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args()
    judge = Judge(load_with_faults()[0])
    wanted = pairs(options.calls / "expected.jsonl", turned=True)
    tolerated = pairs(options.calls / "tolerated.jsonl") | pairs(options.calls / "expected.jsonl")
    signals = pairs(options.calls / "signals.jsonl")
    found: set[tuple[str, str]] = set()
    for row in csv.DictReader((options.calls / "calls.csv").open(encoding="utf-8-sig")):
        if row.get("transcript") or row.get("text"):
            for finding in findings(judge, row, options.calls):
                found.add((row["call_id"], finding.category))
                if options.errors and (row["call_id"], finding.category) not in wanted | tolerated | signals:
                    print(
                        f"+ {row['call_id']} turn {finding.turn} {finding.rule} `{finding.text}` {finding.decision}"
                    )
    against = {pair for pair in found if not pair[1].startswith(("customer.", "good."))}
    noted = found - against
    if options.errors:
        for pair in sorted((wanted - against) | (signals - noted)):
            print("-", *pair)
    right, wrong = len(wanted & against), len(against - wanted - tolerated)
    print(
        f"breaches: {right} of {len(wanted)} found, {wrong} wrong; signals: {len(signals & noted)} of {len(signals)} found"
    )
    clean = json.loads((options.calls / "clean.json").read_text(encoding="utf-8"))
    print(f"clean calls with a finding: {len({call for call, _ in against} & set(clean))} of {len(clean)}")


def pairs(path: Path, turned: bool = False) -> set[tuple[str, str]]:
    """(call_id, category); with `turned` only what is said, not what the log alone decides."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    kept = [x for x in lines if not turned or x["turns"] or not x["category"].startswith("contact.")]
    return {(x["call_id"], x["category"]) for x in kept}


def findings(judge: Judge, row: dict[str, str], folder: Path) -> list[Finding]:
    """Unexcused findings of one contact."""
    facts = CallFacts(
        jurisdiction=row.get("jurisdiction") or "CN",
        direction=row.get("direction") or "outbound",
        party=row.get("called_party") or None,
    )
    if row.get("transcript"):
        data = json.loads((folder / "transcripts" / row["transcript"]).read_text(encoding="utf-8"))
        turns = [
            Turn(i, u["speaker"], u["text"], u["start"], u["end"]) for i, u in enumerate(data["utterances"])
        ]
        language = data["language"]
    else:
        turns, language = [Turn(0, "agent", row["text"])], None
    return [finding for finding in judge.call(turns, language, facts) if finding.excused is None]


if __name__ == "__main__":
    main()

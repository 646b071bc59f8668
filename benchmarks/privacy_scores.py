"""Recall and precision of the privacy room per type, language and form on a JSON-lines file of labelled texts.

    python -m benchmarks.privacy_scores FILE.jsonl [--errors]

A line is {"id", "lang", "text", "entities": [{"type", "start", "end"}], "kind"}. A datum counts as hidden
when every character of it is covered, as touched when any is; typed when a finding of its type overlaps it;
exact when one has its very span. A false alarm is a hard negative in which anything is found.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from audit.models import PersonalDatum
from audit.privacy import Detector

_SPOKEN_ZH = re.compile(r"[零〇幺洞拐]|[一二三四五六七八九两]{2}|点|艾特|圈a|横杠|下划线")
_SPOKEN_EN = re.compile(
    r"\b(?:oh|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty|double|triple|first|\w+th|dot|at|underscore)\b",
    re.I,
)


def form(text: str, language: str) -> str:
    """`spoken` where the datum is said in words, else `written`."""
    pattern = _SPOKEN_ZH if language == "zh" else _SPOKEN_EN
    return "spoken" if pattern.search(text) else "written"


def judge(gold: dict[str, Any], found: list[PersonalDatum]) -> dict[str, bool]:
    """How one labelled datum fared among the findings of its text."""
    inside = [datum for datum in found if datum.start < gold["end"] and datum.end > gold["start"]]
    covered = {k for datum in inside for k in range(datum.start, datum.end)}
    return {
        "hidden": all(k in covered for k in range(gold["start"], gold["end"])),
        "touched": bool(inside),
        "typed": any(datum.type == gold["type"] for datum in inside),
        "exact": any(
            (datum.type, datum.start, datum.end) == (gold["type"], gold["start"], gold["end"])
            for datum in inside
        ),
    }


class Scores:
    """Counts over a file; `errors` holds one line of text per fault."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
        self.errors: list[str] = []
        self.totals: Counter[str] = Counter()

    def add(self, row: dict[str, Any], found: list[PersonalDatum]) -> None:
        """Takes in one line and what was found in it."""
        text, language = row["text"], row["lang"]
        for gold in row["entities"]:
            fared = judge(gold, found)
            how = form(text[gold["start"] : gold["end"]], language)
            for key in (("all",), ("lang", language), ("form", how), ("type", gold["type"], language, how)):
                self.counts[key].update(["gold", *(name for name, holds in fared.items() if holds)])
            if not (fared["hidden"] and fared["typed"] and fared["exact"]):
                self._error(row, gold, fared, found)
        self._spurious(row, found)

    def _error(
        self, row: dict[str, Any], gold: dict[str, Any], fared: dict[str, bool], found: list[PersonalDatum]
    ) -> None:
        text = row["text"]
        fault = (
            "MISS"
            if not fared["touched"]
            else "PART"
            if not fared["hidden"]
            else "TYPE"
            if not fared["typed"]
            else "edge"
        )
        got = [(datum.type, text[datum.start : datum.end]) for datum in found]
        self.errors.append(
            f"{fault} {row['id']} {gold['type']} {text[gold['start'] : gold['end']]!r} got {got} in {text!r}"
        )

    def _spurious(self, row: dict[str, Any], found: list[PersonalDatum]) -> None:
        right = sum(any(d.start < g["end"] and d.end > g["start"] for g in row["entities"]) for d in found)
        self.totals.update(found=len(found), right=right)
        if row["kind"] == "hard_negative":
            self.totals.update(negatives=1, alarms=bool(found))
        if right < len(found):
            spans = [(d.type, row["text"][d.start : d.end]) for d in found]
            self.errors.append(
                f"{'ALARM' if row['kind'] == 'hard_negative' else 'extra'} {row['id']} {spans} in {row['text']!r}"
            )

    def lines(self) -> list[str]:
        """The table, one line a group."""
        rows = [f"{'group':38} {'gold':>5} {'hidden':>7} {'typed':>7} {'exact':>7} {'touched':>7}"]
        for key, count in sorted(self.counts.items(), key=lambda item: (len(item[0]), item[0])):
            shares = (100 * count[name] / count["gold"] for name in ("hidden", "typed", "exact", "touched"))
            rows.append(
                f"{' '.join(key):38} {count['gold']:5} " + " ".join(f"{share:6.1f}%" for share in shares)
            )
        total = self.totals
        rows.append(
            f"precision {100 * total['right'] / max(1, total['found']):.1f}% of {total['found']} findings"
        )
        rows.append(
            f"false alarms {total['alarms']} of {total['negatives']} hard negatives ({100 * total['alarms'] / max(1, total['negatives']):.1f}%)"
        )
        return rows


def score_file(path: Path, detector: Detector | None = None) -> Scores:
    """Runs the detector over a file."""
    judge_of, scores = detector or Detector(), Scores()
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            scores.add(row, judge_of.find(row["text"], row["lang"]))
    return scores


def main() -> None:
    """Prints the table of one file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--errors", action="store_true", help="print every fault too")
    arguments = parser.parse_args()
    scores = score_file(arguments.file)
    print("\n".join(([*scores.errors, ""] if arguments.errors else []) + scores.lines()))


if __name__ == "__main__":
    main()

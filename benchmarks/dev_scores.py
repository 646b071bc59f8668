"""Precision, recall and false alarms of a pack on labelled utterances.

    python -m benchmarks.dev_scores --utterances FILE.jsonl [FILE.jsonl ...] [--basis phrase] [--errors]
        [--category ID] [--noise] [--lexicons DIR]

Lines: {"id", "lang", "speaker", "text", "labels": [...], "kind": positive | hard_negative | plain}. A category found in a
line counts as positive for that label (both readers, as in `audit scan`; --basis narrows). The categories of SAID count
always, those of FURTHER where they occur as labels in the file: a set that was not labelled for them says nothing of them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audit.lexicon import load_with_faults
from audit.models import AGENT_CATEGORIES, CATEGORIES, CUSTOMER_CATEGORIES, GOOD_CATEGORIES, Finding, Turn
from audit.pipeline import with_second_reader
from audit.rules import Judge
from audit.similar import load

SAID = (
    "threat.violence", "threat.legal", "threat.exposure", "threat.visit", "harassment.insult",
    "harassment.repeated_contact", "privacy.third_party_disclosure", "privacy.intimidation",
    "pressure.third_party_payment", "pressure.borrowing", "impersonation.authority", "misrepresentation.consequence",
    "misrepresentation.promise", "payment.irregular", *CUSTOMER_CATEGORIES, *GOOD_CATEGORIES,
)  # fmt: skip
FURTHER = tuple(category for category in AGENT_CATEGORIES if category not in SAID)


def judged(rows: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The categories that a labelled set is judged by."""
    labels = {str(label) for row in rows for label in row["labels"]}
    return frozenset(SAID) | (labels & set(FURTHER))


@dataclass
class Score:
    """Counts of one label, or of all together."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def named(self) -> int:
        return self.right + self.wrong

    @property
    def labelled(self) -> int:
        return self.right + self.missed

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


@dataclass
class Report:
    """Scores of one language; `errors` are printable lines."""

    total: Score = field(default_factory=Score)
    by_label: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    alarms: Counter[str] = field(default_factory=Counter)
    lines: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)


def main() -> None:
    options = arguments()
    pack, faults = load_with_faults(options.lexicons)
    if faults:
        print(f"{len(faults)} faults in the pack", file=sys.stderr)
    judge = Judge(pack, frozenset(options.basis) if options.basis else None)
    options.reader = load(None) if not options.basis or "similar" in options.basis else None
    reports: dict[str, Report] = defaultdict(Report)
    for path in options.utterances:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        options.categories = judged(lines)
        for line in lines:
            one(line, judge, reports, options)
    for language, report in sorted(reports.items()):
        show(language, report, options)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--utterances", type=Path, nargs="+", required=True)
    parser.add_argument("--basis", action="append")
    parser.add_argument("--category")
    parser.add_argument("--lang", choices=("zh", "en"))
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--noise", action="store_true", help="at 10 %% recognition errors")
    parser.add_argument("--lexicons", type=Path)
    return parser.parse_args()


def one(
    line: dict[str, object], judge: Judge, reports: dict[str, Report], options: argparse.Namespace
) -> None:
    """Judges one line and counts it."""
    language, text = str(line["lang"]), str(line["text"])
    if options.lang and language != options.lang:
        return
    if options.noise:
        from audit.examples import as_heard

        text = as_heard(text, language, seed=str(line["id"]))
    findings = judge.utterance(text, language, line["speaker"])  # type: ignore[arg-type]
    turn = Turn(0, line["speaker"], text)  # type: ignore[arg-type]
    findings = with_second_reader(findings, options.reader, [turn], language)
    real = [
        finding for finding in findings if finding.excused is None and finding.category in options.categories
    ]
    count(reports[language], line, text, {f.category for f in real}, findings, options.category)


def count(
    report: Report,
    line: dict[str, object],
    text: str,
    found: set[str],
    findings: list[Finding],
    only: str | None,
) -> None:
    labels = set(line["labels"])  # type: ignore[call-overload]
    if only:
        found, labels = found & {only}, labels & {only}
    kind = str(line["kind"])
    report.lines[kind] += 1
    report.alarms[kind] += bool(found) and kind != "positive"
    for label in found | labels:
        for score in (report.total, report.by_label[label]):
            score.right += label in found and label in labels
            score.wrong += label in found and label not in labels
            score.missed += label in labels and label not in found
    for label in sorted(found ^ labels):
        report.errors.append(error_line(line, text, label, label in found, findings))


def error_line(line: dict[str, object], text: str, label: str, alarm: bool, findings: list[Finding]) -> str:
    evidence = [
        f"{f.rule}`{f.text}`" + (f" excused by {f.excused}" if f.excused else "")
        for f in findings
        if f.category == label
    ]
    mark = "+" if alarm else "-"
    return f"{mark} {label:<32} {line['id']} {str(line['speaker'])[0]} {line['kind']}: {text}  {'; '.join(evidence)}"


def counts_of(score: Score) -> str:
    """A row of the table; a share of nothing is a dash."""
    precision = f"{score.precision:9.2f}" if score.named else f"{'–':>9}"
    recall = f"{score.recall:6.2f}" if score.labelled else f"{'–':>6}"
    return (
        f"{score.labelled:8d} {score.named:6d} {score.right:6d} {score.wrong:6d} {score.missed:7d}  "
        f"{precision}  {recall}"
    )


def show(language: str, report: Report, options: argparse.Namespace) -> None:
    if options.errors:
        for text in sorted(report.errors):
            print(text)
    print(f"{language} {'category':<32} labelled  named  right  wrong  missed  precision  recall")
    for label in sorted(report.by_label, key=CATEGORIES.index):
        print(f"{language} {label:<32} {counts_of(report.by_label[label])}")
    total = report.total
    print(f"{language} {'all':<32} {counts_of(total)}")
    print(f"{language} ALL  precision {total.precision:.3f}  recall {total.recall:.3f}", end="")
    for kind in ("hard_negative", "plain"):
        if report.lines[kind]:
            share = report.alarms[kind] / report.lines[kind]
            print(
                f"  false alarms on {kind}: {report.alarms[kind]}/{report.lines[kind]} = {share:.1%}", end=""
            )
    print()


if __name__ == "__main__":
    main()

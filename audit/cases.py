"""Findings to cases: what comes before a person, how urgent, in which state; the same finding across re-runs.

Pure. A case is one contact with at least one finding that counts: not excused, not on trial, held against
the agent (breach or undecided), or a sign of distress, which always comes before a person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from audit.models import SEVERITIES, Finding, Severity

Verdict = Literal["confirmed", "dismissed", "escalated"]
CaseStatus = Literal["open", "second_look", "escalated", "confirmed", "dismissed", "withdrawn"]
VERDICTS: tuple[Verdict, ...] = ("confirmed", "dismissed", "escalated")
CASE_STATUSES: tuple[CaseStatus, ...] = (
    "open",
    "second_look",
    "escalated",
    "confirmed",
    "dismissed",
    "withdrawn",
)
DISTRESS = ("customer.distress", "distress.ignored")
DUE_DAYS: dict[str, int] = {"critical": 1, "high": 3, "medium": 7, "low": 14, "info": 30}
"""Days until a case of this severity is due, from the day it was opened."""


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What a case amounts to: `categories` sorted, worst severity, `worth` orders within a severity."""

    severity: Severity
    worth: float
    categories: tuple[str, ...]
    findings: int
    distress: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on one finding as far as it stands: who said what, who agreed."""

    verdict: Verdict
    actor: str
    second_actor: str | None = None


def fingerprint(call_id: str, finding: Finding) -> str:
    """The finding's identity across re-runs, 20 hex digits: call, rule, turn and place in it.

    Confidence, wording of reasons and versions are left out, so a better explanation keeps its verdict.
    """
    parts = (call_id, finding.rule, finding.category, finding.turn, finding.start, finding.end)
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:20]


def severity_rank(severity: str) -> int:
    """0 for critical … 4 for info; anything else ranks last."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def counts(finding: Finding) -> bool:
    """Whether the finding needs a person: what cases are made of.

    What the call table cannot decide for want of a fact of the log (no debtor id, no zone) is told in the
    papers and makes no case: nobody can decide it by listening.
    """
    if finding.excused is not None or finding.trial:
        return False
    if finding.decision == "undecided" and finding.basis == "log":
        return False
    return finding.decision != "noted" or finding.category in DISTRESS


def build_case(findings: Iterable[Finding]) -> CaseFacts | None:
    """The case the findings of one contact make; None when none counts.

    `worth` grows with the number of different categories and their confidence; a breach weighs twice an
    undecided. It orders cases of one severity, nothing else.
    """
    counting = [finding for finding in findings if counts(finding)]
    if not counting:
        return None
    best: dict[str, float] = {}
    for finding in counting:
        weight = finding.confidence * (1.0 if finding.decision == "breach" else 0.5)
        best[finding.category] = max(best.get(finding.category, 0.0), weight)
    worst = min(counting, key=lambda finding: severity_rank(finding.severity))
    return CaseFacts(
        severity=worst.severity,
        worth=round(sum(best.values()), 4),
        categories=tuple(sorted(best)),
        findings=len(counting),
        distress=any(finding.category in DISTRESS for finding in counting),
    )


def due_at(severity: str, opened_at: datetime) -> datetime:
    """When a case opened at `opened_at` should be decided."""
    return opened_at + timedelta(days=DUE_DAYS.get(severity, 30))


def case_status(
    findings: Mapping[str, str], verdicts: Mapping[str, Judged], four_eyes: bool = True
) -> CaseStatus:
    """The state of a case from its findings (id -> severity) and the verdicts on them (id -> Judged).

    Escalated beats all; any finding without a verdict leaves it open; with `four_eyes` a critical finding
    needs a second person; one confirmed finding confirms the case.
    """
    if not findings:
        return "withdrawn"
    mine = [verdicts[finding_id] for finding_id in findings if finding_id in verdicts]
    if any(judged.verdict == "escalated" for judged in mine):
        return "escalated"
    if len(mine) < len(findings):
        return "open"
    if four_eyes and _waits_for_second(findings, verdicts):
        return "second_look"
    return "confirmed" if any(judged.verdict == "confirmed" for judged in mine) else "dismissed"


def _waits_for_second(findings: Mapping[str, str], verdicts: Mapping[str, Judged]) -> bool:
    return any(
        severity == "critical" and verdicts[finding_id].second_actor is None
        for finding_id, severity in findings.items()
    )


def worst_severity(severities: Sequence[str]) -> str | None:
    """The worst of some severities; None of none."""
    return min(severities, key=severity_rank) if severities else None

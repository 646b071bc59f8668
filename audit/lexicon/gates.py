"""The budgets of a pack's gates, from `gates:` in lexicon.yaml: what `audit lexicons test` may find and still pass."""

from __future__ import annotations

from audit.lexicon.parts import PartReader
from audit.lexicon.source import Map

GATES: dict[str, str] = {
    "unexercised": "alternatives and exceptions that no example meets",
    "noise_hits": "share of hits lost when one word in ten is misheard",
    "noise_misses": "share of misses that become hits then",
    "quiet": "findings against the agent in 1,000 quiet turns, by the rules alone",
    "quiet_both": "the same with the second reader",
}
DEFAULTS = {"noise_misses": 0.04, "quiet": 5.0}
"""For packs that name none; what stands in neither is told and not enforced."""
LANGUAGES = ("zh", "en")


def read_gates(parts: PartReader, head: Map) -> dict[str, dict[str, float]]:
    """Gate -> language -> budget; faults are collected."""
    found: dict[str, dict[str, float]] = {
        name: dict.fromkeys(LANGUAGES, value) for name, value in DEFAULTS.items()
    }
    value = head.get("gates")
    if value is None:
        return found
    if not isinstance(value, Map):
        parts.fault(head.lines["gates"], "`gates` must map gates to budgets such as {zh: 1, en: 2}")
        return found
    parts.keys(value, tuple(GATES), "`gates`")
    for name, budgets in value.items():
        if not isinstance(budgets, Map):
            parts.fault(value.lines[name], f"`{name}` must be {{zh: …, en: …}}")
            continue
        parts.keys(budgets, LANGUAGES, f"`{name}`")
        found[name] = {language: parts.number(budgets, language, 0, 0, 1e6) for language in budgets}
    return found

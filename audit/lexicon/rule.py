"""Checks and reads one rule file."""

from __future__ import annotations

import re
from typing import Any, cast

from audit.lexicon.model import STATUSES, Block, Clause, Ground, LanguagePack, Rule, Who
from audit.lexicon.parts import PartReader
from audit.lexicon.source import Faults, Map, Rows, did_you_mean
from audit.models import CATEGORIES, SEVERITIES, Severity
from audit.phrases import Node

DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
RULE_KEYS = frozenset(
    "id version status kind title says asks severity speaker scope needs grounds when in repeats excuses zh en".split()
)
BLOCK_KEYS = frozenset("find unless excuses hit miss known_miss by note terms ask".split())
GROUND_KEYS = ("place", "law", "since", "until", "note")
WHEN_KEYS = ("direction", "party", "length_s", "channel", "jurisdiction")
KINDS = ("said", "must-say")
SCOPES = ("utterance", "call")
LANGUAGES = ("zh", "en")
ASK_SIGNS = (10, 600)


def category_of(rule_id: str) -> str | None:
    """The longest taxonomy id that begins a rule's id."""
    fitting = [c for c in CATEGORIES if rule_id == c or rule_id.startswith(c + ".")]
    return max(fitting, key=len) if fitting else None


class RuleReader:
    """Reads rule files of a pack into Rule records; all faults are collected."""

    def __init__(
        self,
        packs: dict[str, LanguagePack],
        numbers: dict[str, dict[str, dict[Node, int]]],
        defaults: Map,
        faults: Faults,
    ) -> None:
        self.packs = packs
        self.numbers = numbers
        self.defaults = defaults
        self.faults = faults

    def read(self, found: Map, path: str) -> Rule | None:
        """One file -> one rule; None when its id or category is unusable."""
        parts = PartReader(path, self.packs["en"], self.faults, self.numbers["en"])
        parts.keys(found, RULE_KEYS, "a rule")
        rule_id = path.removesuffix(".yaml").replace("/", ".")
        if found.get("id", rule_id) != rule_id:
            parts.fault(found.lines["id"], f"`id` must be the file's path, `{rule_id}`")
        category = category_of(rule_id)
        if category is None:
            parts.fault(1, f"`{rule_id}` begins with no category{did_you_mean(rule_id, CATEGORIES)}")
            return None
        speaker = parts.speaker(found) or self.default_speaker(category)
        return Rule(
            id=rule_id, category=category, path=path,
            version=int(parts.number(found, "version", 1, 1, 9999)),
            status=self.choice(parts, found, "status", STATUSES, "live"),
            kind=self.choice(parts, found, "kind", KINDS, "said"),
            title=self.titles(parts, found), says=str(found.get("says") or ""), asks=str(found.get("asks") or ""),
            severity=self.severity(parts, found, category), speaker=speaker,
            scope=self.choice(parts, found, "scope", SCOPES, "utterance"),
            needs=tuple(str(item) for item in found.get("needs") or ()), grounds=self.grounds(parts, found),
            when=self.when(parts, found),
            window=parts.window(found["in"], found.lines["in"]) if "in" in found else None,
            repeats=parts.repeats(found["repeats"], found.lines["repeats"]) if "repeats" in found else None,
            blocks=self.blocks(found, path, category, speaker),
        )  # fmt: skip

    def default_speaker(self, category: str) -> Who:
        return "customer" if category.startswith("customer.") else "agent"

    def choice(self, parts: PartReader, found: Map, key: str, known: tuple[str, ...], default: str) -> str:
        if key not in found:
            return default
        return parts.one_of(found[key], known, found.lines[key], key) or default

    def titles(self, parts: PartReader, found: Map) -> dict[str, str]:
        title = found.get("title")
        if not isinstance(title, Map) or not title.get("en") or not title.get("zh"):
            parts.fault(found.lines.get("title", 1), "`title` must be {en: ..., zh: ...}")
            return {}
        return {str(key): str(value) for key, value in title.items()}

    def severity(self, parts: PartReader, found: Map, category: str) -> Severity:
        default = (self.defaults.get("severity") or {}).get(category, "medium")
        return cast(Severity, self.choice(parts, found, "severity", SEVERITIES, default))

    def grounds(self, parts: PartReader, found: Map) -> tuple[Ground, ...]:
        rows = found.get("grounds") or Rows()
        return tuple(self.ground(parts, row) for row in rows if isinstance(row, Map))

    def ground(self, parts: PartReader, row: Map) -> Ground:
        parts.keys(row, GROUND_KEYS, "a ground")
        for key in ("place", "law"):
            if not row.get(key):
                parts.fault(row.line, f"a ground needs `{key}`")
        for key in ("since", "until"):
            if row.get(key) and not DAY.match(row[key]):
                parts.fault(row.lines[key], f"`{key}` must be a day such as 2025-02-28")
        return Ground(
            str(row.get("place")),
            str(row.get("law")),
            row.get("since"),
            row.get("until"),
            str(row.get("note") or ""),
        )

    def when(self, parts: PartReader, found: Map) -> dict[str, tuple[str, ...]]:
        value = found.get("when")
        if value is None:
            return {}
        if not isinstance(value, Map):
            parts.fault(found.lines["when"], "`when` must be a mapping such as {direction: outbound}")
            return {}
        parts.keys(value, WHEN_KEYS, "`when`")
        return {key: tuple(item) if isinstance(item, Rows) else (str(item),) for key, item in value.items()}

    def blocks(self, found: Map, path: str, category: str, speaker: Who) -> dict[str, Block]:
        blocks: dict[str, Block] = {}
        for language in LANGUAGES:
            if isinstance(found.get(language), Map):
                blocks[language] = self.block(found, language, path, category, speaker)
            elif language in found:
                self.faults.add(path, found.lines[language], f"`{language}` must be a mapping with `find`")
        if not blocks:
            self.faults.add(path, 1, "a rule needs a block `zh` or `en`")
        return blocks

    def block(self, rule: Map, language: str, path: str, category: str, speaker: Who) -> Block:
        found: Map = rule[language]
        parts = PartReader(path, self.packs[language], self.faults, self.numbers[language])
        parts.keys(found, BLOCK_KEYS, f"block `{language}`")
        excuses = self.family_excuses(category, language)
        excuses = parts.excuse_names(rule.get("excuses"), rule.lines.get("excuses", 1), excuses)
        excuses = parts.excuse_names(found.get("excuses"), found.lines.get("excuses", found.line), excuses)
        unless = parts.unless_rows(found.get("unless"), found.lines.get("unless", found.line))
        ask = self.ask(parts, found, rule.get("kind") == "must-say")
        find, line = found.get("find"), found.lines.get("find", found.line)
        branches = () if ask and find is None else parts.branches(find, line, excuses)
        whole = tuple(with_unless(branch, unless) for branch in branches)
        by_s, by_before = self.by(parts, found, rule.get("kind") == "must-say")
        examples = parts.examples(found, "unknown" if speaker == "anyone" else speaker)
        return Block(language, whole, examples, by_s, by_before, ask)

    def ask(self, parts: PartReader, found: Map, must_say: bool) -> str:
        """The rule in plain words: one text of ASK_SIGNS characters; a block may hold it instead of `find`."""
        value = found.get("ask")
        if value is None:
            return ""
        if must_say:
            parts.fault(found.lines["ask"], "`ask` does not go with `kind: must-say`")
        if not isinstance(value, str) or not ASK_SIGNS[0] <= len(value.strip()) <= ASK_SIGNS[1]:
            parts.fault(found.lines["ask"], "`ask` must say in 10 to 600 characters what the speaker does")
            return ""
        return " ".join(value.split())

    def family_excuses(self, category: str, language: str) -> tuple[str, ...]:
        """The shared excuses of the family, as far as the language has them."""
        names = (self.defaults.get("excuses") or {}).get(family_of(category)) or ()
        return tuple(name for name in names if name in self.packs[language].excuses)

    def by(self, parts: PartReader, found: Map, must_say: bool) -> tuple[float | None, Clause | None]:
        value, line = found.get("by"), found.lines.get("by", found.line)
        if not must_say:
            if value is not None:
                parts.fault(line, "`by` belongs to `kind: must-say`")
            return None, None
        if isinstance(value, Map) and isinstance(value.get("before"), Map | Rows):
            before: Any = value["before"]
            clause = parts.clause(before) if isinstance(before, Map) else None
            return None, clause
        reach = parts.reach(value, line) if value else None
        if reach is None or reach.unit != "seconds":
            parts.fault(
                line,
                "must-say needs `by: 30 s` (of the speaker's own speech) or `by: {before: {any: [...]}}`",
            )
            return None, None
        return reach.amount, None


def family_of(category: str) -> str:
    """agent, customer, good or contact: which default excuses a category takes."""
    head = category.split(".")[0]
    if head in ("customer", "good"):
        return head
    return "contact" if head in ("contact", "disclosure", "identification", "recording_notice") else "agent"


def with_unless(branch: Any, unless: tuple[Any, ...]) -> Any:
    from dataclasses import replace

    return replace(branch, unless=(*branch.unless, *unless))

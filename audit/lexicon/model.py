"""What a lexicon pack is once read: rules, their clauses and exceptions, lists, shared excuses."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from audit.models import Severity
from audit.phrases import Lists, Node

Who = Literal["agent", "customer", "anyone"]
Where = Literal["before", "after", "around", "covering", "touching", "inside", "earlier", "later"]
WHERES: tuple[str, ...] = ("before", "after", "around", "covering", "touching", "inside", "earlier", "later")
OPERATORS: tuple[str, ...] = ("any", "all", "near", "before")
STATUSES: tuple[str, ...] = ("live", "trial", "off")


@dataclass(frozen=True, slots=True)
class Reach:
    """How far apart two things may be.

    `unit`: tokens (words, or characters in Chinese; fillers not counted), clause, sentence, turn, turns, call,
    seconds. `amount` counts tokens, turns or seconds. `inside` bounds a reach in tokens by clause or sentence.
    """

    unit: str
    amount: float = 0
    inside: str = ""


@dataclass(frozen=True, slots=True)
class Clause:
    """`items` are phrase numbers (of the language's phrase table) or further clauses."""

    operator: str
    items: tuple[int | Clause, ...]
    reach: Reach | None = None
    speaker: Who | None = None
    line: int = 0


def phrases_of(clause: Clause) -> set[int]:
    """The phrases a clause looks for."""
    found: set[int] = set()
    for item in clause.items:
        found |= phrases_of(item) if isinstance(item, Clause) else {item}
    return found


@dataclass(frozen=True, slots=True)
class Unless:
    """One exception: it excuses a hit where one of `phrases` stands within reach and nothing stops it.

    `stop_at` phrases between the two end its reach; a `but_not` phrase anywhere in the hit's sentence voids it,
    and so does a `not_in` phrase that covers the cue (是不是 over 不是).
    """

    name: str
    phrases: tuple[int, ...]
    where: str
    reach: Reach
    why: str
    stop_at: tuple[int, ...] = ()
    but_not: tuple[int, ...] = ()
    not_in: tuple[int, ...] = ()
    speaker: Who = "anyone"
    line: int = 0


@dataclass(frozen=True, slots=True)
class Repeats:
    """At least `times` hits within `reach`."""

    times: int
    reach: Reach


@dataclass(frozen=True, slots=True)
class Window:
    """`in: first 60 s` of the call, or of the agent's own speech."""

    edge: Literal["first", "last"]
    seconds: float
    agent_speech: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """One way a conduct is said, with its own exceptions and the shared excuses that apply to it."""

    clause: Clause
    unless: tuple[Unless, ...] = ()
    excuses: tuple[str, ...] = ()
    speaker: Who | None = None
    confidence: float = 0.9
    heard_as: bool = True
    line: int = 0


@dataclass(frozen=True, slots=True)
class ExampleTurn:
    speaker: str
    text: str
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """One line of a rule's own test: turns in order, and what the rule must do with them."""

    kind: Literal["hit", "miss", "known_miss"]
    turns: tuple[ExampleTurn, ...]
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Block:
    """A rule in one language; `by` belongs to kind must-say, `ask` is the rule in plain words for the third reader."""

    language: str
    branches: tuple[Branch, ...]
    examples: tuple[Example, ...] = ()
    by_s: float | None = None
    by_before: Clause | None = None
    ask: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """One legal basis: `place` is a jurisdiction id, dates are ISO days, None = open."""

    place: str
    law: str
    since: str | None = None
    until: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One conduct. `id` without language; its category is the longest taxonomy id that begins it."""

    id: str
    category: str
    path: str
    version: int = 1
    status: str = "live"
    kind: str = "said"
    title: dict[str, str] = field(default_factory=dict)
    says: str = ""
    asks: str = ""
    severity: Severity = "medium"
    speaker: Who = "agent"
    scope: str = "utterance"
    needs: tuple[str, ...] = ()
    grounds: tuple[Ground, ...] = ()
    when: dict[str, tuple[str, ...]] = field(default_factory=dict)
    window: Window | None = None
    repeats: Repeats | None = None
    blocks: dict[str, Block] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Excuse:
    """A shared excuse of one language: the clauses behind a name such as `denial`."""

    name: str
    language: str
    clauses: tuple[Unless, ...]


@dataclass(slots=True)
class LanguagePack:
    """Phrases of one language: `found` by rules, `excusing` by exceptions; both by number."""

    language: str
    lists: Lists
    found: list[Node] = field(default_factory=list)
    excusing: list[Node] = field(default_factory=list)
    found_text: list[str] = field(default_factory=list)
    excusing_text: list[str] = field(default_factory=list)
    excuses: dict[str, Excuse] = field(default_factory=dict)


@dataclass(slots=True)
class Pack:
    """A whole lexicon. `hash` is the SHA-256 of all its files; `places` the folder of jurisdictions.

    `gates` maps gate -> language -> budget (audit.lexicon.gates).
    """

    name: str
    version: str
    hash: str
    directory: Path
    rules: dict[str, Rule]
    languages: dict[str, LanguagePack]
    gates: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def places(self) -> Path:
        return self.directory / "places"

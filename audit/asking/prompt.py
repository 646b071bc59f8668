"""What the endpoint is asked: instructions from the taxonomy and the pack's plain rules, the turn as quoted data."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from audit.lexicon.model import Pack, Rule
from audit.models import Turn

PROMPTS = Path(__file__).parent / "prompts"
LANGUAGES = ("zh", "en")
LONGEST = 1200
"""Characters of a turn that can be asked about; a longer one is left open."""
NEIGHBOUR_LONGEST = 300
BEFORE, AFTER = 2, 1
"""Neighbouring turns shown for understanding."""
MOST_FINDINGS = 4
CERTAINTIES = ("certain", "likely")

# What chat templates take for their own signs becomes a look-alike of the same length, so offsets stay.
_TEMPLATE_SIGNS = str.maketrans({"<": "‹", ">": "›", "|": "¦", "｜": "¦"})
_TEMPLATE_WORDS = re.compile(
    r"\[(/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_\w+|B_\w+|E_\w+))\]", re.IGNORECASE
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Prompt:
    """The instructions for one language and side; `ids` are all that may be answered, each with its rule, if any."""

    language: str
    system: str
    ids: dict[str, Rule | None]

    @property
    def hash(self) -> str:
        """SHA-256 of the instructions."""
        return _sha(self.system)

    def schema(self) -> dict[str, Any]:
        """The JSON schema an answer must hold."""
        finding = {
            "type": "object",
            "properties": {
                "id": {"type": "string", "enum": list(self.ids)},
                "quote": {"type": "string"},
                "certainty": {"type": "string", "enum": list(CERTAINTIES)},
            },
            "required": ["id", "quote", "certainty"],
            "additionalProperties": False,
        }
        return {
            "type": "object",
            "properties": {"findings": {"type": "array", "items": finding, "maxItems": MOST_FINDINGS}},
            "required": ["findings"],
            "additionalProperties": False,
        }

    @property
    def schema_hash(self) -> str:
        """SHA-256 of the schema."""
        return _sha(_dumped(self.schema()))


@dataclass(frozen=True, slots=True)
class Question:
    """One turn to ask about, masked and made harmless; `before` and `after` are (speaker, text)."""

    prompt: Prompt
    text: str
    speaker: str
    before: tuple[tuple[str, str], ...] = ()
    after: tuple[tuple[str, str], ...] = ()
    party: str = "unknown"

    def messages(self) -> list[dict[str, str]]:
        """The chat: instructions, then all of the call as one JSON object."""
        data = {
            "party": self.party,
            "before": [{"speaker": who, "text": text} for who, text in self.before],
            "asked": {"speaker": self.speaker, "text": self.text},
            "after": [{"speaker": who, "text": text} for who, text in self.after],
        }
        return [
            {"role": "system", "content": self.prompt.system},
            {"role": "user", "content": json.dumps(data, ensure_ascii=False)},
        ]

    def key(self, model: str) -> str:
        """Equal keys: the same words, neighbours, party, instructions, schema and model."""
        return _sha(_dumped([model, self.messages(), self.prompt.schema_hash]))


class Prompts:
    """The instructions of a pack for each language and side (agent, customer, unknown), made once."""

    def __init__(self, pack: Pack) -> None:
        self.asked = plain_rules(pack)
        self._made: dict[tuple[str, str], Prompt] = {}

    def of(self, language: str, speaker: str) -> Prompt:
        """The instructions for a turn of this speaker."""
        key = (language, speaker)
        if key not in self._made:
            self._made[key] = self._make(language, speaker)
        return self._made[key]

    def _make(self, language: str, speaker: str) -> Prompt:
        lines = {name: texts[language] for name, texts in categories().items() if _fits(name, speaker)}
        ids: dict[str, Rule | None] = dict.fromkeys(lines)
        for rule in self.asked.get(language, ()):
            if rule.speaker == "anyone" or speaker in ("unknown", rule.speaker):
                # The category's own id would make an answer's rule ambiguous.
                lines[f"rule:{rule.id}"] = rule.blocks[language].ask
                ids[f"rule:{rule.id}"] = rule
        listed = "\n".join(f"- {name}: {text}" for name, text in lines.items())
        system = template(language).replace("{list}", listed).replace("{most}", str(MOST_FINDINGS))
        return Prompt(language, system, ids)

    @property
    def hash(self) -> str:
        """One hash of all instructions, templates and schemas."""
        made = [self.of(language, who) for language in LANGUAGES for who in ("agent", "customer", "unknown")]
        return _sha("".join(prompt.hash + prompt.schema_hash for prompt in made))


def plain_rules(pack: Pack) -> dict[str, list[Rule]]:
    """Language -> the pack's rules with `ask` that are not off, in the order of the pack."""
    return {
        language: [
            rule
            for rule in pack.rules.values()
            if rule.status != "off" and language in rule.blocks and rule.blocks[language].ask
        ]
        for language in LANGUAGES
    }


def _fits(category: str, speaker: str) -> bool:
    return speaker == "unknown" or category.startswith("customer.") == (speaker == "customer")


@lru_cache(maxsize=1)
def categories() -> dict[str, dict[str, str]]:
    """Category -> what it is, in both languages; those one turn can show."""
    found: dict[str, dict[str, str]] = json.loads((PROMPTS / "categories.json").read_text("utf-8"))
    return found


@lru_cache(maxsize=4)
def template(language: str) -> str:
    """The instructions with {list} and {most} still open."""
    return (PROMPTS / f"{language}.txt").read_text("utf-8").strip()


def harmless(text: str) -> str:
    """The text with what a chat template could take for its own signs replaced, sign for sign."""
    plain = _CONTROL.sub(" ", text.translate(_TEMPLATE_SIGNS))
    return _TEMPLATE_WORDS.sub(lambda found: f"［{found[1]}］", plain)


def neighbours(
    masked: dict[int, str], turns: Sequence[Turn], at: int
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """The turns shown before and after the one at position `at`, masked and harmless."""

    def shown(some: Sequence[Turn]) -> tuple[tuple[str, str], ...]:
        return tuple((turn.speaker, harmless(masked[turn.index])[:NEIGHBOUR_LONGEST]) for turn in some)

    return shown(turns[max(0, at - BEFORE) : at]), shown(turns[at + 1 : at + 1 + AFTER])


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

"""Checks and reads the pieces of a rule: phrases, clauses, reaches, exceptions, examples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from audit.lexicon.model import (
    OPERATORS,
    WHERES,
    Branch,
    Clause,
    Example,
    ExampleTurn,
    LanguagePack,
    Reach,
    Repeats,
    Unless,
    Who,
    Window,
)
from audit.lexicon.source import Faults, Map, Rows, did_you_mean
from audit.phrases import Node, PhraseError, names_in, parse, renamed

AMOUNT = re.compile(
    r"(\d+(?:\.\d+)?)\s+(words?|chars?|characters?|tokens?|turns?|s|seconds?|min|minutes?|h)(?:\s+in\s+(clause|sentence|turn))?$"
)
WINDOW = re.compile(r"(first|last)\s+(\d+(?:\.\d+)?)\s*(s|min)(?:\s+of\s+(call|agent(?:\s+speech)?))?$")
REPEATS = re.compile(r"(\d+)\s+within\s+(.+)$")
WHOLE = ("clause", "sentence", "turn", "call")
BRANCH_KEYS = frozenset(
    {*OPERATORS, "within", "speaker", "unless", "excuses", "confidence", "heard_as", "note"}
)
CLAUSE_KEYS = frozenset({*OPERATORS, "within", "speaker"})
UNLESS_KEYS = frozenset({"any", "where", "within", "stop_at", "but_not", "not_in", "why", "speaker"})
SPEAKER_NAMES = ("agent", "customer", "anyone")


class PartReader:
    """Reads the pieces of one file and language; faults go into `faults`, phrases into the language's tables."""

    def __init__(
        self, path: str, pack: LanguagePack, faults: Faults, numbers: dict[str, dict[Node, int]]
    ) -> None:
        self.path = path
        self.pack = pack
        self.faults = faults
        self.numbers = numbers
        self.own = own_lists(path, pack.lists.nodes)

    def fault(self, line: int, message: str) -> None:
        self.faults.add(self.path, line, message)

    # phrases

    def phrase(self, text: Any, line: int, table: str) -> int | None:
        """The number of a phrase in table `found` or `excusing`; the same phrase keeps one number."""
        node = self.tree(text, line)
        if node is None:
            return None
        known = self.numbers.setdefault(table, {})
        if node not in known:
            known[node] = len(known)
            getattr(self.pack, table).append(node)
            getattr(self.pack, f"{table}_text").append(text)
        return known[node]

    def tree(self, text: Any, line: int) -> Node | None:
        """One phrase parsed, its lists known; None after a fault."""
        if not isinstance(text, str):
            hint = "quote a phrase that begins with [ or { or holds a colon"
            self.fault(line, f"a phrase must be one text; {hint}")
            return None
        try:
            node = parse(text, self.pack.language)
        except PhraseError as error:
            self.fault(line, str(error))
            return None
        node = renamed(node, self.own)
        for name in sorted(names_in(node)):
            if name not in self.pack.lists.nodes:
                self.faults.add_unknown_name(
                    self.path,
                    line,
                    f"no {self.pack.language} list is called `{name}`{did_you_mean(name, self.pack.lists.nodes)}",
                )
                return None
        return node

    def phrases(self, rows: Any, line: int, table: str, what: str) -> tuple[int, ...]:
        """A list of phrases (or one)."""
        if isinstance(rows, str):
            rows = one_row(rows, line)
        if not isinstance(rows, Rows) or not rows:
            self.fault(line, f"`{what}` must be a list of phrases")
            return ()
        numbers = (self.phrase(text, at, table) for text, at in zip(rows, rows.lines, strict=True))
        return tuple(number for number in numbers if number is not None)

    # keys, names, reaches

    def keys(self, found: Map, known: Iterable[str], what: str) -> None:
        names = set(known)
        for key in found:
            if key not in names:
                self.fault(found.lines[key], f"unknown key `{key}` in {what}{did_you_mean(key, names)}")

    def one_of(self, value: Any, known: Iterable[str], line: int, what: str) -> str | None:
        names = tuple(known)
        if value in names:
            return str(value)
        self.fault(line, f"`{what}` cannot be `{value}`{did_you_mean(str(value), names)}")
        return None

    def speaker(self, found: Map) -> Who | None:
        if "speaker" not in found:
            return None
        return cast(
            Who | None, self.one_of(found["speaker"], SPEAKER_NAMES, found.lines["speaker"], "speaker")
        )

    def reach(self, text: Any, line: int) -> Reach | None:
        """`6 chars`, `10 words in clause`, `clause`, `2 turns`, `30 s`, `call`."""
        if text in WHOLE:
            return Reach(str(text))
        match = AMOUNT.match(text) if isinstance(text, str) else None
        if match is None:
            self.fault(
                line,
                f"`{text}` is no reach; write `6 chars`, `8 words in clause`, `clause`, `sentence`, `turn`, `3 turns`, `30 s` or `call`",
            )
            return None
        amount, unit = float(match[1]), match[2]
        if unit.startswith("turn"):
            return Reach("turns", amount)
        if unit[0] in "smh":
            return Reach("seconds", amount * {"s": 1, "m": 60, "h": 3600}[unit[0]])
        return Reach("tokens", amount, match[3] or "sentence")

    def window(self, text: Any, line: int) -> Window | None:
        match = WINDOW.match(text) if isinstance(text, str) else None
        if match is None:
            self.fault(line, f"`in: {text}`: write `first 60 s`, `last 60 s` or `first 30 s of agent speech`")
            return None
        seconds = float(match[2]) * (60 if match[3] == "min" else 1)
        return Window(
            "first" if match[1] == "first" else "last", seconds, (match[4] or "").startswith("agent")
        )

    def repeats(self, text: Any, line: int) -> Repeats | None:
        match = REPEATS.match(text) if isinstance(text, str) else None
        reach = self.reach(match[2], line) if match else None
        if match is None:
            self.fault(
                line, f"`repeats: {text}`: write `3 within 5 turns`, `3 within call` or `2 within 60 s`"
            )
        return Repeats(int(match[1]), reach) if match and reach else None

    # clauses

    def branches(self, value: Any, line: int, excuses: tuple[str, ...]) -> tuple[Branch, ...]:
        """`find`: one clause or a list of them (plain phrases in the list make one `any`)."""
        if isinstance(value, Map):
            branch = self.branch(value, excuses)
            return (branch,) if branch else ()
        if not isinstance(value, Rows):
            self.fault(line, "`find` must be a clause (any, all, near, before) or a list of clauses")
            return ()
        found = []
        for item, at in zip(value, value.lines, strict=True):
            if not isinstance(item, Map):
                item = wrap_any(item, at)
            branch = self.branch(item, excuses)
            if branch:
                found.append(branch)
        return tuple(found)

    def branch(self, found: Map, excuses: tuple[str, ...]) -> Branch | None:
        self.keys(found, BRANCH_KEYS, "a clause of `find`")
        clause = self.clause(map_without(found, BRANCH_KEYS - CLAUSE_KEYS))
        if clause is None:
            return None
        return Branch(
            clause,
            self.unless_rows(found.get("unless"), found.lines.get("unless", found.line)),
            self.excuse_names(found.get("excuses"), found.lines.get("excuses", found.line), excuses),
            self.speaker(found),
            self.number(found, "confidence", 0.9, 0.05, 1.0),
            self.truth(found, "heard_as", True),
            found.line,
        )

    def number(self, found: Map, key: str, default: float, least: float, most: float) -> float:
        if key not in found:
            return default
        try:
            value = float(found[key])
        except (TypeError, ValueError):
            value = least - 1
        if not least <= value <= most:
            self.fault(found.lines[key], f"`{key}` must be a number from {least} to {most}")
            return default
        return value

    def truth(self, found: Map, key: str, default: bool) -> bool:
        if key not in found:
            return default
        return self.one_of(found[key], ("true", "false"), found.lines[key], key) == "true"

    def clause(self, found: Map, table: str = "found") -> Clause | None:
        self.keys(found, CLAUSE_KEYS, "a clause")
        operators = [key for key in OPERATORS if key in found]
        if len(operators) != 1:
            self.fault(found.line, "a clause needs exactly one of any, all, near, before")
            return None
        operator = operators[0]
        items = self.items(found[operator], found.lines[operator], table)
        reach = self.reach(found["within"], found.lines["within"]) if "within" in found else None
        if operator in ("near", "before") and reach is None and "within" not in found:
            self.fault(found.line, f"`{operator}` needs `within`")
        if operator in ("near", "before") and 0 < len(items) < 2:
            self.fault(found.line, f"`{operator}` needs at least two items")
        return Clause(operator, items, reach, self.speaker(found), found.line) if items else None

    def items(self, rows: Any, line: int, table: str) -> tuple[int | Clause, ...]:
        if isinstance(rows, str):
            rows = one_row(rows, line)
        if not isinstance(rows, Rows) or not rows:
            self.fault(line, "a clause needs a list of phrases or clauses")
            return ()
        found: list[int | Clause] = []
        for item, at in zip(rows, rows.lines, strict=True):
            piece = self.clause(item, table) if is_clause(item) else self.phrase(item, at, table)
            if piece is not None:
                found.append(piece)
        return tuple(found)

    # exceptions

    def excuse_names(self, value: Any, line: int, default: tuple[str, ...]) -> tuple[str, ...]:
        """`[denial, quotation]` replaces the family's excuses; `{without: …, with: …}` changes them."""
        if value is None:
            return default
        if isinstance(value, Rows):
            return tuple(name for name in value if self.excuse_name(name, line))
        if not isinstance(value, Map):
            self.fault(line, "`excuses` must be a list of names or {without: [...], with: [...]}")
            return default
        self.keys(value, ("without", "with"), "`excuses`")
        for key in value:
            for name in value[key] or ():
                self.excuse_name(name, value.lines[key])
        kept = [name for name in default if name not in (value.get("without") or ())]
        return tuple(dict.fromkeys([*kept, *(value.get("with") or ())]))

    def excuse_name(self, name: Any, line: int) -> bool:
        """Whether there is such an excuse."""
        if name not in self.pack.excuses:
            hint = did_you_mean(str(name), self.pack.excuses)
            self.faults.add_unknown_name(self.path, line, f"`excuses` cannot be `{name}`{hint}")
        return name in self.pack.excuses

    def unless_rows(self, rows: Any, line: int, name: str = "") -> tuple[Unless, ...]:
        if rows is None:
            return ()
        if not isinstance(rows, Rows):
            self.fault(line, "`unless` must be a list of exceptions")
            return ()
        found = (self.unless(item, at, name) for item, at in zip(rows, rows.lines, strict=True))
        return tuple(item for item in found if item)

    def unless(self, found: Any, line: int, name: str) -> Unless | None:
        if not isinstance(found, Map):
            self.fault(
                line, "an exception is a mapping: {any: [...], where: before, within: 4 words, why: ...}"
            )
            return None
        self.keys(found, UNLESS_KEYS, "an exception")
        where = self.one_of(found.get("where"), WHERES, found.lines.get("where", line), "where")
        if "why" not in found:
            self.fault(line, "an exception says `why`; the reviewer reads it")
        reach = self.unless_reach(found, where, line)
        phrases = self.phrases(found.get("any"), found.lines.get("any", line), "excusing", "any")
        if where is None or reach is None or not phrases:
            return None
        return Unless(
            name, phrases, where, reach, str(found.get("why", "")), self.optional_phrases(found, "stop_at"),
            self.optional_phrases(found, "but_not"), self.optional_phrases(found, "not_in"), self.speaker(found) or "anyone", line,
        )  # fmt: skip

    def unless_reach(self, found: Map, where: str | None, line: int) -> Reach | None:
        if "within" in found:
            return self.reach(found["within"], found.lines["within"])
        if where in ("covering", "touching", "inside"):
            return Reach("turn")
        if where in ("earlier", "later"):
            return Reach("call")
        self.fault(line, f"`where: {where}` needs `within`")
        return None

    def optional_phrases(self, found: Map, key: str) -> tuple[int, ...]:
        return self.phrases(found[key], found.lines[key], "excusing", key) if found.get(key) else ()

    # examples

    def examples(self, block: Map, default_speaker: str) -> tuple[Example, ...]:
        found: list[Example] = []
        for kind in ("hit", "miss", "known_miss"):
            rows = block.get(kind)
            if rows is None:
                continue
            if not isinstance(rows, Rows):
                self.fault(block.lines[kind], f"`{kind}` must be a list")
                continue
            for item, at in zip(rows, rows.lines, strict=True):
                turns = self.example_turns(item, at, default_speaker)
                if turns:
                    found.append(Example(kind, turns, self.path, at))
        return tuple(found)

    def example_turns(self, item: Any, line: int, default_speaker: str) -> tuple[ExampleTurn, ...]:
        rows = item if isinstance(item, Rows) else [item]
        turns = [self.example_turn(row, line, default_speaker) for row in rows]
        return tuple(turn for turn in turns if turn) if all(turns) else ()

    def example_turn(self, row: Any, line: int, default_speaker: str) -> ExampleTurn | None:
        if isinstance(row, str):
            return ExampleTurn(default_speaker, row)
        names = [key for key in row if key != "at"] if isinstance(row, Map) else []
        if (
            len(names) != 1
            or names[0] not in ("agent", "customer", "unknown")
            or not isinstance(row[names[0]], str)
        ):
            self.fault(
                line,
                "an example is a text, or {agent: text}, or {customer: text}, or a list of these; quote a text that holds a colon",
            )
            return None
        return ExampleTurn(names[0], row[names[0]], float(row["at"]) if "at" in row else None)


def own_lists(path: str, nodes: Mapping[str, object]) -> dict[str, str]:
    """Short name -> the pack's name of the lists that stand in this very file."""
    return {name.removeprefix(path + "#"): name for name in nodes if name.startswith(path + "#")}


def is_clause(item: Any) -> bool:
    return isinstance(item, Map) and any(key in item for key in OPERATORS)


def one_row(text: str, line: int) -> Rows:
    rows = Rows([text])
    rows.line, rows.lines = line, [line]
    return rows


def wrap_any(item: Any, line: int) -> Map:
    found = Map({"any": one_row(item, line) if isinstance(item, str) else item})
    found.line, found.lines = line, {"any": line}
    return found


def map_without(found: Map, keys: Iterable[str]) -> Map:
    kept = Map({key: value for key, value in found.items() if key not in set(keys)})
    kept.line, kept.lines = found.line, found.lines
    return kept

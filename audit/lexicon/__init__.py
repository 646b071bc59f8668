"""A folder of YAML -> a checked pack of rules; every fault is told at once with file and line.

Layout: lexicon.yaml (name, version, default severities, default excuses), terms/*.yaml (named lists),
excuses/*.yaml (shared excuses), every other folder rules, one conduct a file. places/ is read elsewhere.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from audit.errors import Fault, LexiconError
from audit.lexicon.gates import read_gates
from audit.lexicon.model import Example, Excuse, LanguagePack, Pack, Rule
from audit.lexicon.parts import PartReader
from audit.lexicon.rule import LANGUAGES, RuleReader
from audit.lexicon.source import Faults, Map, Rows, did_you_mean, read_yaml
from audit.models import CATEGORIES, SEVERITIES
from audit.phrases import Lists, Node, PhraseError, parse, renamed

__all__ = ["Example", "Pack", "Rule", "load_pack", "load_with_faults", "shipped_directory"]

PACK_KEYS = ("name", "version", "severity", "excuses", "gates", "note")
NOT_RULES = ("places", "terms", "excuses")


def shipped_directory() -> Path:
    """The lexicons beside the package (a clone) or inside it (an installed wheel)."""
    package = Path(__file__).resolve().parents[1]
    beside = package.parent / "lexicons"
    return beside if beside.is_dir() else package / "lexicons"


def load_pack(directory: Path | None = None) -> Pack:
    """Reads a pack; None = the shipped one. Raises LexiconError with all faults at once."""
    root = directory or shipped_directory()
    loader = Loader(root)
    pack = loader.load()
    if loader.faults.found:
        raise LexiconError(in_file_order(loader.faults.found))
    return pack


def load_with_faults(directory: Path | None = None) -> tuple[Pack, list[Fault]]:
    """Reads what can be read and tells the rest: for authors who work on one file while another is broken."""
    loader = Loader(directory or shipped_directory())
    pack = loader.load()
    return pack, in_file_order(loader.faults.found)


def in_file_order(faults: list[Fault]) -> list[Fault]:
    return sorted(set(faults), key=lambda fault: (fault.path, fault.line, fault.message))


def pack_hash(root: Path) -> str:
    """SHA-256 over names and bytes of all YAML files, in name order."""
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.yaml")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


class Loader:
    """Reads one pack folder in the order lists, excuses, rules."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.faults = Faults()
        self.nodes: dict[str, dict[str, tuple[Node, ...]]] = {language: {} for language in LANGUAGES}
        self.packs = {lang: LanguagePack(lang, Lists(lang, self.nodes[lang])) for lang in LANGUAGES}
        self.numbers: dict[str, dict[str, dict[Node, int]]] = {language: {} for language in LANGUAGES}

    def load(self) -> Pack:
        if not (self.root / "lexicon.yaml").is_file():
            raise LexiconError([Fault(self.root.name, 1, "no lexicon.yaml in this folder")])
        head = self.read("lexicon.yaml") or empty_map()
        files = {name: found for name in self.names() if (found := self.read(name))}
        self.read_terms(files)
        self.read_excuses(files)
        self.check_head(head)
        rules = self.read_rules(files, head)
        version = str(head.get("version") or "0")
        gates = read_gates(
            PartReader("lexicon.yaml", self.packs["en"], self.faults, self.numbers["en"]), head
        )
        name = str(head.get("name") or "?")
        return Pack(name, version, pack_hash(self.root), self.root, rules, self.packs, gates)

    def names(self) -> list[str]:
        found = (path.relative_to(self.root).as_posix() for path in self.root.rglob("*.yaml"))
        return sorted(name for name in found if not name.startswith("places/") and name != "lexicon.yaml")

    def read(self, name: str) -> Map | None:
        return read_yaml(self.root / name, name, self.faults)

    def check_head(self, head: Map) -> None:
        parts = PartReader("lexicon.yaml", self.packs["en"], self.faults, self.numbers["en"])
        parts.keys(head, PACK_KEYS, "lexicon.yaml")
        severity = head.get("severity") or empty_map()
        parts.keys(severity, CATEGORIES, "`severity`")
        for key, value in severity.items():
            parts.one_of(value, SEVERITIES, severity.lines[key], key)
        excuses = head.get("excuses") or empty_map()
        parts.keys(excuses, ("agent", "customer", "good", "contact"), "`excuses`")
        known = set(self.packs["zh"].excuses) | set(self.packs["en"].excuses)
        for key, names in excuses.items():
            for name in names or ():
                if name not in known:
                    hint = did_you_mean(str(name), known)
                    line = excuses.lines[key]
                    self.faults.add_unknown_name("lexicon.yaml", line, f"`excuses` cannot be `{name}`{hint}")

    # lists

    def read_terms(self, files: dict[str, Map]) -> None:
        """Lists of terms/*.yaml and of the blocks `terms` in rule and excuse files."""
        lines: dict[tuple[str, str], tuple[str, int]] = {}
        for name, found in files.items():
            for language in LANGUAGES:
                block = found.get(language)
                terms = block if name.startswith("terms/") else isinstance(block, Map) and block.get("terms")
                if isinstance(terms, Map):
                    self.read_lists(name, language, terms, lines)
                elif name.startswith("terms/") and language in found:
                    self.faults.add(
                        name, found.lines[language], f"`{language}` must map list names to phrases"
                    )
            if name.startswith("terms/"):
                self.unknown_keys(name, found, LANGUAGES)
        self.check_lists(lines)

    def unknown_keys(self, name: str, found: Map, known: tuple[str, ...]) -> None:
        for key in found:
            if key not in known:
                self.faults.add(name, found.lines[key], f"unknown key `{key}`{did_you_mean(key, known)}")

    def read_lists(
        self, name: str, language: str, terms: Map, lines: dict[tuple[str, str], tuple[str, int]]
    ) -> None:
        shared = name.startswith("terms/")
        for short, rows in terms.items():
            line, key = terms.lines[short], short if shared else f"{name}#{short}"
            if (language, key) in lines:
                path, first = lines[language, key]
                self.faults.add(name, line, f"list `{key}` exists already ({path}:{first})")
            elif not isinstance(rows, Rows) or not rows:
                self.faults.add(name, line, f"list `{key}` must hold phrases")
            else:
                lines[language, key] = (name, line)
                own = {} if shared else {other: f"{name}#{other}" for other in terms}
                self.nodes[language][key] = self.trees(name, language, rows, own)

    def trees(self, name: str, language: str, rows: Rows, own: dict[str, str]) -> tuple[Node, ...]:
        found: list[Node] = []
        for text, line in zip(rows, rows.lines, strict=True):
            if not isinstance(text, str):
                self.faults.add(
                    name, line, "a phrase must be one text; quote a phrase that begins with [ or {"
                )
                continue
            try:
                found.append(renamed(parse(text, language), own))
            except PhraseError as error:
                self.faults.add(name, line, str(error))
        return tuple(found)

    def check_lists(self, lines: dict[tuple[str, str], tuple[str, int]]) -> None:
        for (language, key), (path, line) in lines.items():
            try:
                self.packs[language].lists.part(key)
            except PhraseError as error:
                self.faults.add_unknown_name(
                    path, line, str(error) + did_you_mean(str(error).split("`")[-2], self.nodes[language])
                )

    # excuses, rules

    def read_excuses(self, files: dict[str, Map]) -> None:
        for name, found in files.items():
            if not name.startswith("excuses/"):
                continue
            self.unknown_keys(name, found, ("title", "says", *LANGUAGES))
            excuse = name.removeprefix("excuses/").removesuffix(".yaml")
            for language in LANGUAGES:
                block = found.get(language)
                if isinstance(block, Map):
                    self.read_excuse(excuse, language, name, block)

    def read_excuse(self, excuse: str, language: str, name: str, block: Map) -> None:
        parts = PartReader(name, self.packs[language], self.faults, self.numbers[language])
        parts.keys(block, ("terms", "unless"), f"block `{language}`")
        clauses = parts.unless_rows(block.get("unless"), block.lines.get("unless", block.line), excuse)
        self.packs[language].excuses[excuse] = Excuse(excuse, language, clauses)

    def read_rules(self, files: dict[str, Map], head: Map) -> dict[str, Rule]:
        reader = RuleReader(self.packs, self.numbers, head, self.faults)
        rules: dict[str, Rule] = {}
        for name, found in files.items():
            if name.split("/")[0] in NOT_RULES:
                continue
            rule = reader.read(found, name)
            if rule:
                rules[rule.id] = rule
        return rules


def empty_map() -> Map:
    found = Map()
    found.line, found.lines = 1, {}
    return found

"""Lexicon files: what is read, what is refused, and that all faults come at once with file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from audit.errors import LexiconError
from audit.lexicon import load_pack, load_with_faults, shipped_directory
from audit.lexicon.model import Reach
from audit.lexicon.source import Builder, Faults, Map, Rows, UnreadableError, composed, composed_slowly

HEAD = """
name: test
version: 1
severity: {threat.legal: critical}
excuses: {agent: [denial], customer: [denial], good: [denial], contact: []}
"""
DENIAL = """
zh: {unless: [{any: [不会], where: before, within: 4 chars in clause, why: 否认}]}
en: {unless: [{any: [not], where: before, within: 4 words, stop_at: [but], why: denied}]}
"""
TITLE = "title: {en: t, zh: 题}\n"


def pack_of(tmp_path: Path, **files: str) -> Path:
    (tmp_path / "lexicon.yaml").write_text(HEAD)
    for name, text in {"excuses/denial": DENIAL, **files}.items():
        path = tmp_path / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def faults_of(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(LexiconError) as error:
        load_pack(pack_of(tmp_path, **{"threat/legal": text}))
    return [str(fault) for fault in error.value.faults]


def test_a_rule_is_read(tmp_path: Path) -> None:
    text = TITLE + (
        "version: 3\nneeds: [case_no]\nin: first 30 s of agent speech\nrepeats: 2 within 3 turns\n"
        "when: {direction: outbound}\ngrounds: [{place: CN, law: X, since: 2025-02-28}]\n"
        "zh:\n  terms: {抓: [抓走, 铐走]}\n  find:\n    - '{抓}'\n    - {before: [再不还, '{抓}'], within: 9 chars in clause}\n"
        "  hit: [再不还抓走你]\n  miss: [{customer: 抓走}]\n"
    )
    rule = load_pack(pack_of(tmp_path, **{"threat/legal": text})).rules["threat.legal"]
    assert (rule.category, rule.severity, rule.version, rule.needs) == (
        "threat.legal",
        "critical",
        3,
        ("case_no",),
    )
    assert rule.window is not None
    assert rule.window.agent_speech
    assert rule.repeats is not None
    assert rule.repeats.reach == Reach("turns", 3)
    block = rule.blocks["zh"]
    assert [branch.clause.operator for branch in block.branches] == ["any", "before"]
    assert block.branches[1].clause.reach == Reach("tokens", 9, "clause")
    assert block.branches[0].excuses == ("denial",)
    assert [example.turns[0].speaker for example in block.examples] == ["agent", "customer"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("zh: {find: [抓]}\n", 1, "`title` must be"),
        (TITLE + "severty: high\nzh: {find: [抓]}\n", 2, "did you mean `severity`"),
        (TITLE + "severity: hihg\nzh: {find: [抓]}\n", 2, "did you mean `high`"),
        (TITLE + "zh:\n  find: ['{警擦}']\n", 3, "no zh list is called `警擦`"),
        (TITLE + "zh:\n  find:\n    - near: [抓, 走]\n", 4, "needs `within`"),
        (TITLE + "zh:\n  find:\n    - {any: [抓], within: many}\n", 4, "is no reach"),
        (TITLE + "zh:\n  find: [抓, 抓 (走]\n", 3, "not closed"),
        (TITLE + "zh:\n  find: [[真] 抓]\n", 3, "not readable as YAML"),
        (TITLE + "en:\n  find: [a: b]\n", 3, "unknown key `a`"),
        (
            TITLE + "zh:\n  find: [抓]\n  unless: [{any: [不], where: befor, within: 2 chars, why: x}]\n",
            4,
            "`before`",
        ),
        (
            TITLE + "zh:\n  find: [抓]\n  unless: [{any: [不], where: before, within: 2 chars}]\n",
            4,
            "says `why`",
        ),
        (TITLE + "zh:\n  find: [抓]\n  hit: [{agnet: 抓}]\n", 4, "an example is"),
        (TITLE + "excuses: {without: [denail]}\nzh: {find: [抓]}\n", 2, "did you mean `denial`"),
        (TITLE + "zh: {find: [抓]}\nzh: {find: [走]}\n", 3, "written twice"),
        (TITLE + "id: threat.leagl\nzh: {find: [抓]}\n", 2, "must be the file's path"),
        (TITLE + "kind: must-say\nzh: {find: [抓]}\n", 3, "must-say needs `by"),
        (TITLE + "zh:\n  find: [抓]\n  hit:\n    - 请看 #1 吧\n", 5, "cuts this line"),
    ],
)
def test_fault_with_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    faults = faults_of(tmp_path, text)
    assert any(fault.startswith(f"threat/legal.yaml:{line}: ") and words in fault for fault in faults), faults


def test_all_faults_at_once_over_all_files(tmp_path: Path) -> None:
    bad = TITLE + "severty: high\nzh:\n  find: ['{x}']\n  misss: [a]\n"
    with pytest.raises(LexiconError) as error:
        load_pack(pack_of(tmp_path, **{"threat/legal": bad, "threat/visit": bad, "harassment/nonsense": bad}))
    faults = [str(fault) for fault in error.value.faults]
    assert len([fault for fault in faults if fault.startswith("threat/legal.yaml")]) == 3
    assert len([fault for fault in faults if fault.startswith("threat/visit.yaml")]) == 3
    assert any("begins with no category" in fault for fault in faults)
    assert faults == sorted(faults, key=lambda fault: (fault.split(":")[0], int(fault.split(":")[1]), fault))


def test_lists_of_a_file_are_its_own_and_cycles_are_refused(tmp_path: Path) -> None:
    rule = TITLE + "zh: {terms: {词: [抓]}, find: ['{词}']}\n"
    pack = load_pack(pack_of(tmp_path, **{"threat/legal": rule, "threat/visit": rule.replace("抓", "走")}))
    assert len(pack.languages["zh"].found) == 2
    (tmp_path / "terms").mkdir()
    (tmp_path / "terms/a.yaml").write_text("zh: {甲: ['{乙}'], 乙: ['{甲}']}\n")
    with pytest.raises(LexiconError, match="contains itself"):
        load_pack(tmp_path)


def test_values_stay_as_written(tmp_path: Path) -> None:
    """YAML 1.1 would read these as 480, False and True."""
    text = TITLE + "en:\n  find: [no, on, 8:00, 0123]\n"
    pack = load_pack(pack_of(tmp_path, **{"threat/legal": text}))
    assert pack.languages["en"].found_text == ["no", "on", "8:00", "0123"]


def test_hash_follows_content_and_broken_file_can_be_stepped_over(tmp_path: Path) -> None:
    good = TITLE + "zh: {find: [抓]}\n"
    root = pack_of(tmp_path, **{"threat/legal": good})
    first = load_pack(root).hash
    assert load_pack(root).hash == first
    (root / "threat/visit.yaml").write_text("a: [")
    pack, faults = load_with_faults(root)
    assert pack.hash != first
    assert "threat.legal" in pack.rules
    assert [fault.path for fault in faults] == ["threat/visit.yaml"]


def test_no_lexicon_here(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match=r"no lexicon\.yaml"):
        load_pack(tmp_path)


def test_the_shipped_pack_holds() -> None:
    pack = load_pack()
    assert pack.rules
    assert {rule.category for rule in pack.rules.values()} >= {"threat.legal"}


def test_a_rule_in_plain_words_needs_no_find(tmp_path: Path) -> None:
    root = pack_of(tmp_path, **{"threat/legal": TITLE + "en:\n  ask: hints at prison for not paying\n"})
    block = load_pack(root).rules["threat.legal"].blocks["en"]
    assert (block.ask, block.branches) == ("hints at prison for not paying", ())


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("en:\n  ask: too short\n", "10 to 600 characters"),
        ("en:\n  ask: [a list of sentences]\n", "10 to 600 characters"),
        (
            "kind: must-say\nen:\n  ask: says who is calling\n  find: [hello]\n  by: 30 s\n",
            "does not go with",
        ),
        ("en:\n  asks: hints at prison for not paying\n", "did you mean `ask`"),
    ],
)
def test_faults_of_plain_words_are_told(tmp_path: Path, rule: str, words: str) -> None:
    root = pack_of(tmp_path, **{"threat/legal": TITLE + rule})
    with pytest.raises(LexiconError, match=words):
        load_pack(root)


@pytest.mark.parametrize("broken", ["terms/people.yaml", "excuses/denial.yaml", "threat/legal.yaml"])
@pytest.mark.parametrize("content", [b"zh:\n  x: [\n", b"zh: {x: \xff\xfe}\n", b"- a\n"])
def test_one_unreadable_file_is_the_only_fault(tmp_path: Path, broken: str, content: bytes) -> None:
    """What names the lists or excuses of a file that could not be read is not to blame."""
    shutil.copytree(shipped_directory(), tmp_path / "pack", ignore=shutil.ignore_patterns("examples"))
    (tmp_path / "pack" / broken).write_bytes(content)
    faults = load_with_faults(tmp_path / "pack")[1]
    assert [fault.path for fault in faults] == [broken], faults


def plain(value: object) -> object:
    """A built tree with its lines."""
    if isinstance(value, Map):
        return (value.line, value.lines, [(key, plain(inner)) for key, inner in value.items()])
    return (value.line, value.lines, [plain(inner) for inner in value]) if isinstance(value, Rows) else value


STRANGE = (
    "a: 8:00\nb: no\nc: [x, http://y.z/a?b, 0o17, ~]\n", "a: b #c\n", "a: {b:c}\n", 'a: "x\\/y"\n', "a: |\n x # y\n",
    "a: !!python/object:os.system x\n", "? a\n: b\n", "a: &x [1]\nb: *x\n", "a: b # c\n", "a: '#'\n", "<<: {a: b}\n",
)  # fmt: skip


def test_both_parsers_give_the_same_tree() -> None:
    """The fast one is taken, the slow one is the reference: every file of the pack, and what YAML 1.1 reads otherwise."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(shipped_directory().rglob("*.yaml"))]
    for text in (*texts, *STRANGE):
        faults = Faults(), Faults()
        fast = Builder(text, "f", faults[0]).build(composed(text))
        slow = Builder(text, "f", faults[1]).build(composed_slowly(text))
        assert plain(fast) == plain(slow), text[:80]
        assert faults[0].found == faults[1].found, text[:80]


@pytest.mark.parametrize("text", ["a: [\n", "a: b\n  c: d", "\x00", "a: *x\n", '"'])
def test_what_no_parser_reads_is_told_with_its_line(text: str) -> None:
    for read in (composed, composed_slowly):
        with pytest.raises(UnreadableError) as caught:
            read(text)
        assert caught.value.line >= 1 and caught.value.problem

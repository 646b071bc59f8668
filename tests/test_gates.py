"""Gates 3 to 5: a piece no example meets, a spent budget, a moved finding are all told and end with status 1."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from audit.__main__ import app
from audit.errors import LexiconError
from audit.examples import judge_examples, run_exercise, run_quiet
from audit.examples.golden import Corpus, dump, load, moves, path_of, told
from audit.lexicon import Pack, load_pack, shipped_directory
from audit.lexicon.gates import GATES
from audit.rules import Judge
from tests.test_lexicon import TITLE, pack_of

RULE = """
en:
  find:
    - any: [go to jail, "(rot|sit) in a cell", end up inside]
    - near: [{any: [police, sheriff]}, house]
      within: 4 words
  unless:
    - {any: [joking], where: after, within: 3 words, why: a joke}
    - {any: [monopoly], where: around, within: 5 words, why: a game}
  hit: [you will go to jail, the police will come to your house]
  miss: [you will go to jail joking]
"""
QUIET = "agent\tgood morning\ncustomer\thello\nagent\tyour payment is due\nagent\tthank you\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = pack_of(tmp_path, **{"threat/legal": TITLE + RULE})
    (root / "quiet").mkdir()
    (root / "quiet" / "en.txt").write_text(QUIET)
    return root


def opened(root: Path) -> tuple[Pack, Judge]:
    pack = load_pack(root)
    return pack, Judge(pack)


def run(root: Path, *options: str) -> Result:
    return CliRunner().invoke(
        app, ["lexicons", "test", "--lexicons", str(root), *options], env={"COLUMNS": "200"}
    )


def with_gates(root: Path, gates: str) -> None:
    head = root / "lexicon.yaml"
    head.write_text(head.read_text().split("gates:")[0] + f"gates: {gates}\n")


# gate 3


def test_pieces_no_example_meets_are_named_with_their_line(root: Path) -> None:
    report = run_exercise(*opened(root))
    told_ = [str(line) for line in report.unmet]
    assert [line.split("no example meets ")[1] for line in told_] == [
        "`(rot|sit) in a cell`",
        "`end up inside`",
        "`sheriff`",
        "the exception `a game`",
    ]
    assert told_[0].startswith("threat/legal.yaml:5: threat.legal: ")
    assert (report.total, report.by_language) == (7, {"en": 4})


def test_an_alternative_counts_only_where_it_makes_the_branch_hit(root: Path) -> None:
    rule = root / "threat" / "legal.yaml"
    rule.write_text(rule.read_text().replace("miss: [", "miss: [the sheriff is a nice man, "))
    assert "`sheriff`" in {line.what for line in run_exercise(*opened(root)).unmet}
    rule.write_text(rule.read_text().replace("hit: [", "hit: [the sheriff comes to the house, "))
    assert "`sheriff`" not in {line.what for line in run_exercise(*opened(root)).unmet}


@pytest.mark.parametrize(("label", "meets"), [("threat.legal", True), ("threat.visit", False), ("-", False)])
def test_labelled_lines_of_the_pack_meet_pieces_of_their_category(
    root: Path, label: str, meets: bool
) -> None:
    (root / "examples" / "en").mkdir(parents=True)
    (root / "examples" / "en" / "a.tsv").write_text(f"# lines\nagent\t{label}\tyou will end up inside\n")
    unmet = {line.what for line in run_exercise(*opened(root)).unmet}
    assert ("`end up inside`" not in unmet) == meets


def test_hard_negatives_meet_exceptions(root: Path) -> None:
    (root / "examples" / "en").mkdir(parents=True)
    (root / "examples" / "en" / "a.tsv").write_text("agent\t-\tgo to jail in monopoly\n")
    assert "the exception `a game`" not in {line.what for line in run_exercise(*opened(root)).unmet}


def test_what_the_customer_says_meets_nothing_of_the_agents(root: Path) -> None:
    (root / "examples" / "en").mkdir(parents=True)
    (root / "examples" / "en" / "a.tsv").write_text("customer\tthreat.legal\tyou will end up inside\n")
    assert "`end up inside`" in {line.what for line in run_exercise(*opened(root)).unmet}


@pytest.mark.parametrize(("budget", "status"), [(4, 0), (3, 1)])
def test_more_unmet_pieces_than_the_budget_fail(root: Path, budget: int, status: int) -> None:
    with_gates(root, f"{{unexercised: {{en: {budget}}}, noise_misses: {{en: 1}}}}")
    result = run(root, "--full")
    assert result.exit_code == status, result.output
    assert ("met by no example (budget 3): FAILED" in result.output) == bool(status)
    assert "threat/legal.yaml:" not in result.output
    assert (
        "threat/legal.yaml:5: threat.legal: no example meets `end up inside`"
        in run(root, "--full", "--show").output
    )


# budgets


@pytest.mark.parametrize(
    ("gates", "words"),
    [
        ("{unexercized: {en: 1}}", "did you mean `unexercised`"),
        ("{quiet: {fr: 1}}", "unknown key `fr`"),
        ("{quiet: {en: many}}", "must be a number"),
        ("{quiet: 3}", "must be {zh: …, en: …}"),
        ("[quiet]", "must map gates to budgets"),
    ],
)
def test_budgets_that_do_not_hold_are_faults_with_their_line(root: Path, gates: str, words: str) -> None:
    with_gates(root, gates)
    with pytest.raises(LexiconError) as error:
        load_pack(root)
    assert words in str(error.value) and "lexicon.yaml:" in str(error.value)


def test_noise_and_quiet_turns_are_held_against_the_budget(root: Path) -> None:
    (root / "quiet" / "en.txt").write_text(QUIET + "agent\tgo to jail\n")
    result = run(root)
    assert (
        result.exit_code == 1 and "1 alarms on 5 turns, 200.0 per 1,000 (budget 5): FAILED" in result.output
    )
    with_gates(root, "{quiet: {en: 300}, quiet_both: {en: 0}, noise_hits: {en: 0}}")
    result = run(root, "--full")
    assert "(budget 300)\n" in result.output
    assert "with the second reader (budget 0): FAILED" in result.output
    assert "failed: quiet_both" in result.output.split("\n")[-2] or "quiet_both" in result.output


def test_one_rule_alone_is_told_and_not_held_against_budgets_of_the_pack(root: Path) -> None:
    with_gates(root, "{unexercised: {en: 0}}")
    assert run(root, "--full", "--rule", "threat.legal").exit_code == 0
    assert run(root, "--rule", "threat.nothing").exit_code == 1


# gate 5: the golden file


def golden(root: Path) -> str:
    return path_of(root).read_text("utf-8")


def test_the_golden_file_shows_what_moved_and_keeps_what_is_meant(root: Path) -> None:
    assert "no golden.txt" in run(root).output
    assert run(root, "--update-golden").exit_code == 0
    assert run(root).exit_code == 0 and "0 findings moved" in run(root).output
    assert "jail" not in golden(root), "it holds no text"
    rule = root / "threat" / "legal.yaml"
    rule.write_text(rule.read_text().replace("any: [go to jail,", "any: [to jail,"))
    result = run(root)
    assert result.exit_code == 1
    assert "golden: en.threat.legal: +0 −0, 2 changed" in result.output
    assert "en.threat.legal: 0:9-19 phrase -> 0:12-19 phrase in: agent: you will go to jail" in result.output
    assert run(root, "--rule", "threat.legal").exit_code == 0, "one rule alone is only told"
    assert run(root, "--update-golden").exit_code == 0
    assert run(root).exit_code == 0


def test_a_vanished_a_new_and_a_turned_finding_are_moves(root: Path) -> None:
    run(root, "--update-golden")
    rule = root / "threat" / "legal.yaml"
    text = rule.read_text()
    rule.write_text(
        text.replace("{any: [joking], where", "{any: [kidding], where").replace(
            "miss: [", "known_miss: [x y z]\n  miss: [ab, "
        )
    )
    assert "0:9-19 phrase excused -> 0:9-19 phrase" in run(root).output
    (root / "threat" / "visit.yaml").write_text(
        TITLE + "en:\n  find: [your house]\n  hit: [we see your house]\n"
    )
    output = run(root).output
    assert "golden: en.threat.visit: +1 −0" in output and "the police will come to your house" in output
    assert "we see your house" not in output, "a hit of a new example is what the example is for"
    rule.unlink()
    assert "moved" in run(root).output


def test_an_example_that_is_gone_says_nothing(root: Path) -> None:
    run(root, "--update-golden")
    rule = root / "threat" / "legal.yaml"
    rule.write_text(rule.read_text().replace("hit: [you will go to jail, ", "hit: ["))
    assert run(root).exit_code == 0


def test_it_is_not_written_over_failing_examples_nor_for_one_rule(root: Path) -> None:
    rule = root / "threat" / "legal.yaml"
    rule.write_text(rule.read_text().replace("miss: [", "miss: [go to jail, "))
    assert run(root, "--update-golden").exit_code == 1
    assert not path_of(root).exists()
    assert run(root, "--update-golden", "--rule", "threat.legal").exit_code == 2


def test_rows_survive_writing_and_quiet_turns_count(root: Path) -> None:
    pack, judge = opened(root)
    corpus = Corpus()
    for judged in judge_examples(pack, judge):
        corpus.add_example(judged)
    corpus.add_quiet(run_quiet(judge, ["agent\tgo to jail"], "en"), "en")
    assert load(dump(corpus)) == corpus.rows and len(corpus.rows) == 4
    assert moves(corpus.rows, corpus) == []
    (line,) = {move.text for move in moves(set(), corpus) if "jail" in move.text and "will" not in move.text}
    assert line == "agent: go to jail"
    assert len(list(told(moves(set(), corpus), most=1))) == 3


# the shipped pack


def test_the_shipped_pack_has_all_budgets_and_its_golden_file_holds() -> None:
    pack = load_pack()
    assert set(pack.gates) == set(GATES)
    assert all(set(budgets) == {"zh", "en"} for budgets in pack.gates.values())
    corpus = Corpus()
    for judged in judge_examples(pack, Judge(pack)):
        corpus.add_example(judged)
    quiet = load(golden(shipped_directory()))
    moved = moves({row for row in quiet if row[1] in corpus.texts}, corpus)
    assert moved == [], "run `audit lexicons test --update-golden` where it is meant:\n" + "\n".join(
        told(moved)
    )

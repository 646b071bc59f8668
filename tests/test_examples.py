"""The gates: a broken example, an untested clause, noise and quiet talk are all noticed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.examples import as_heard, cross_fire, run_coverage, run_examples, run_noise, run_quiet
from audit.lexicon import load_pack
from audit.phrases import fold
from audit.rules import Judge
from tests.test_lexicon import TITLE, pack_of

RULE = """
en:
  find:
    - any: [you will ...2 be arrested, go to jail]
    - near: [police, house]
      within: 4 words
  unless:
    - {any: [joking], where: after, within: 3 words, stop_at: [really], why: a joke}
  hit: [you will be arrested, the police will come to your house]
  miss: [you will not be arrested, you will be arrested joking]
  known_miss: [men in uniform are coming]
"""


def opened(tmp_path: Path, rule: str) -> tuple[object, Judge]:
    pack = load_pack(pack_of(tmp_path, **{"threat/legal": TITLE + rule}))
    return pack, Judge(pack)


def test_examples_hold(tmp_path: Path) -> None:
    pack, judge = opened(tmp_path, RULE)
    assert list(run_examples(pack, judge)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("hit: [you will be arrested,", "hit: [you are nice,", 10, "does not hit"),
        ("miss: [you will not be arrested,", "miss: [go to jail,", 11, "hits `go to jail`"),
        ("known_miss: [men", "known_miss: [go to jail, men", 12, "make it a hit"),
        ("hit: [you will be arrested,", "hit: [you will not be arrested,", 10, "excused: denial"),
    ],
)
def test_a_wrong_example_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    pack, judge = opened(tmp_path, RULE.replace(old, new))
    failures = [str(failure) for failure in run_examples(pack, judge)]  # type: ignore[arg-type]
    assert len(failures) == 1
    assert failures[0].startswith(f"threat/legal.yaml:{line}: ")
    assert words in failures[0]


def test_coverage_names_what_no_example_notices(tmp_path: Path) -> None:
    pack, judge = opened(tmp_path, RULE)
    uncovered, total = run_coverage(pack, judge)  # type: ignore[arg-type]
    told = {item.what for item in uncovered}
    assert "`go to jail` gone" in told
    assert "the stop word `really` gone" in told
    assert "`you will ...2 be arrested` gone" not in told
    assert "the exception `a joke`" not in told
    assert total > len(uncovered)


def test_noise_counts_hits_and_misses(tmp_path: Path) -> None:
    pack, judge = opened(tmp_path, RULE)
    report = run_noise(pack, judge, rate=0.0)  # type: ignore[arg-type]
    assert (report.hits, report.hits_lost, report.misses_lost) == (6, 0.0, 0.0)


def test_quiet_corpus_and_cross_fire(tmp_path: Path) -> None:
    root = pack_of(tmp_path, **{"threat/legal": TITLE + RULE})
    (root / "threat/visit.yaml").write_text(TITLE + "en:\n  find: [arrested joking]\n  miss: [go to jail]\n")
    pack = load_pack(root)
    judge = Judge(pack)
    report = run_quiet(
        judge, ["agent\tgo to jail", "customer\tgo to jail", "", "good morning", "# go to jail"], "en"
    )
    assert (report.turns, len(report.alarms)) == (3, 1)
    assert cross_fire(pack, judge) == {
        ("en.threat.visit", "en.threat.legal"): 1,
        ("en.threat.legal", "en.threat.visit"): 1,
    }


def test_misheard_words_are_found_by_sound_at_lower_confidence(tmp_path: Path) -> None:
    rule = "zh:\n  find: [打断你的腿, {any: [马上传唤你], heard_as: false}]\n"
    _, judge = opened(tmp_path, rule)
    exact = judge.utterance("我打断你的腿", "zh", "agent")
    heard = judge.utterance("我打锻你的腿", "zh", "agent")
    assert [f.basis for f in exact] == ["phrase"]
    assert [(f.basis, f.text) for f in heard] == [("heard_as", "打锻你的腿")]
    assert heard[0].confidence < exact[0].confidence
    assert judge.utterance("马上船唤你", "zh", "agent") == []
    assert judge.utterance("打短泥的推", "zh", "agent") == []


@given(
    st.text(st.sampled_from("我们会打断你的腿吗？ you'll be arrested, ½ﬁ。"), max_size=30), st.integers(0, 99)
)
@settings(max_examples=200, deadline=None)
def test_mishearing_is_repeatable_and_keeps_the_number_of_words(text: str, seed: int) -> None:
    assert as_heard(text, "zh", str(seed)) == as_heard(text, "zh", str(seed))
    assert as_heard(text, "zh", str(seed), rate=0.0) == text
    han = [token for token in fold(text, "zh").tokens if "\u4e00" <= token <= "\u9fff"]
    assert han or as_heard(text, "zh", str(seed), rate=1.0) is not None

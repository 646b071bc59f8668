"""The second reader: the same file from the same examples, held-out scores that mean something, closed to rubbish."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import LexiconError
from audit.models import CATEGORIES, Finding, Turn
from audit.similar import SHIPPED, load
from audit.similar.features import LONGEST, normal, pieces, stem
from audit.similar.model import UNLIKE_WHY, Reader, chosen, dump, undump
from audit.similar.training import Example, folds, from_verdicts, measure, read_examples, train

SEVERITIES = {"threat.violence": "critical", "customer.distress": "high"}


def examples(count: int = 60) -> list[Example]:
    made = []
    for number in range(count):
        made += [
            Example(
                "en",
                "agent",
                f"we will break your legs {number} on the road",
                ("threat.violence",),
                "positive",
            ),
            Example("en", "agent", f"we will never break anything {number} sir", (), "hard"),
            Example("en", "agent", f"your payment of {number} is due", (), "plain"),
            Example("en", "customer", f"i want to die {number} really", ("customer.distress",), "positive"),
            Example("en", "customer", f"my phone died {number}", (), "hard"),
        ]
    return made


@pytest.fixture(scope="module")
def small() -> Reader:
    return train(examples(), SEVERITIES, {"examples": "x"})[0]


def test_what_it_learned_it_names_with_its_pieces(small: Reader) -> None:
    (finding,) = small.read([Turn(4, "agent", "Listen, we will break your legs tonight.")], "en")
    assert (finding.category, finding.basis, finding.severity) == ("threat.violence", "similar", "critical")
    assert finding.turn == 4 and finding.pieces and 0 < finding.confidence < 1
    assert finding.text == "Listen, we will break your legs tonight."[finding.start : finding.end]


def test_it_proposes_and_never_decides(small: Reader) -> None:
    agent = small.read([Turn(0, "agent", "we will break your legs on the road")], "en")
    customer = small.read([Turn(0, "customer", "i want to die really")], "en")
    assert [finding.decision for finding in agent] == ["undecided"]
    assert [finding.decision for finding in customer] == ["noted"]


def test_the_side_matters_and_a_doubtful_side_is_less_sure(small: Reader) -> None:
    text = "we will break your legs on the road"
    found = {
        side: {finding.category: finding.confidence for finding in small.read([Turn(0, side, text)], "en")}  # type: ignore[arg-type]
        for side in ("agent", "customer", "unknown")
    }
    assert "threat.violence" not in found["customer"]
    assert found["unknown"]["threat.violence"] < found["agent"]["threat.violence"]


def phrase(text: str, **more: object) -> Finding:
    base = Finding(
        "en.threat.violence.x", "threat.violence", "critical", "phrase", 0.9, speaker="agent", turn=0
    )
    return replace(base, start=0, end=len(text), text=text, **more)  # type: ignore[arg-type]


def test_a_phrase_unlike_every_example_is_excused_and_kept(small: Reader) -> None:
    like = "we will break your legs on the road tonight my friend"
    unlike = "we will never break anything sir, never in the world my friend"
    for text, excused in ((like, None), (unlike, UNLIKE_WHY)):
        (weighed,) = small.weigh([phrase(text)], [Turn(0, "agent", text)], "en")
        assert weighed == phrase(text, excused=excused)


@pytest.mark.parametrize(
    "more",
    [
        {"basis": "sequence"},
        {"speaker": "unknown"},
        {"turn": None},
        {"excused": "denied"},
        {"category": "threat.legal"},
    ],
)
def test_what_cannot_be_weighed_stays_as_it_is(small: Reader, more: dict[str, object]) -> None:
    text = "we will never break anything sir, never in the world my friend"
    assert small.weigh([phrase(text, **more)], [Turn(0, "agent", text)], "en") == [phrase(text, **more)]
    assert small.weigh([phrase(text)], [Turn(0, "agent", text)], "fr") == [phrase(text)]


@pytest.mark.parametrize("text", ["", "   ", "，。！", "😀😀"])
def test_nothing_to_read_is_nothing_found(small: Reader, text: str) -> None:
    assert small.read([Turn(0, "agent", text)], "en") == []
    assert small.read([Turn(0, "agent", text)], "fr") == []


def test_the_same_examples_give_the_same_file(small: Reader) -> None:
    again = train(examples(), SEVERITIES, {"examples": "x"})[0]
    assert dump(small) == dump(again)
    assert dump(small) != dump(train(examples(40), SEVERITIES, {"examples": "x"})[0])


def test_what_is_written_reads_the_same(small: Reader) -> None:
    back = undump(dump(small))
    turns = [Turn(at, one.speaker, one.text) for at, one in enumerate(examples(10))]  # type: ignore[arg-type]
    names = [[(f.turn, f.category) for f in reader.read(turns, "en")] for reader in (small, back)]
    assert names[0] == names[1] and names[0]
    assert back.trained_on == {"examples": "x"}


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 broken"])
def test_another_file_is_refused_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "reader.npz").write_bytes(content)
    with pytest.raises(LexiconError, match="audit lexicons train"):
        load(tmp_path / "reader.npz")


def test_no_file_is_no_reader(tmp_path: Path) -> None:
    assert load(tmp_path / "none.npz") is None


def test_a_category_with_few_examples_has_no_model() -> None:
    few = [one for one in examples(3) if one.speaker == "customer"]
    reader, _ = train(
        [*examples(), replace(few[0], speaker="agent", labels=("threat.legal",))], SEVERITIES, {}
    )
    assert "threat.legal" not in reader.languages["en"].sides["agent"].categories


def test_cross_validation_counts_what_was_held_out() -> None:
    scores = np.array([[2.0, 1.0], [2.0, 1.0], [-3.0, -1.0]], np.float32)
    made = examples(1)[:3]
    estimate = measure(made, ["threat.violence"], scores, 0.0, ("en", "agent"))
    assert (estimate.precision, estimate.recall, estimate.hard, estimate.plain) == (0.5, 1.0, 1.0, 0.0)


def test_folds_do_not_depend_on_the_other_examples() -> None:
    made = examples(20)
    assert list(folds(made))[10:] == list(folds(made[10:]))
    assert set(folds(made)) == set(range(5))


def test_a_further_category_must_be_surer() -> None:
    assert [name for name, _ in chosen(["a", "b"], np.array([3.0, 2.0, 1.0], np.float32), 0.0)] == ["a", "b"]
    assert [name for name, _ in chosen(["a", "b"], np.array([3.0, 1.0, 1.0], np.float32), 0.0)] == ["a"]
    assert chosen(["a", "b"], np.array([3.0, 2.0, -9.0], np.float32), 0.0) == []


def test_verdicts_become_examples() -> None:
    rows = [
        ("zh", "agent", "甲", "threat.legal", "confirmed"),
        ("zh", "agent", "乙", "threat.legal", "dismissed"),
        ("zh", "agent", "丙", "threat.legal", "escalated"),
        ("zh", "unknown", "丁", "threat.legal", "confirmed"),
    ]
    assert [(one.text, one.labels, one.kind) for one in from_verdicts(rows)] == [
        ("甲", ("threat.legal",), "positive"),
        ("乙", (), "hard"),
    ]


def test_faults_of_examples_come_all_at_once_with_their_lines(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "x.tsv").write_text(
        "# c\nagent\t-\tfine\nboss\t-\tx\nagent\tthreat.nope\tx\nagent x\n"
    )
    with pytest.raises(LexiconError) as error:
        read_examples(tmp_path)
    assert [(fault.path, fault.line) for fault in error.value.faults] == [("en/x.tsv", n) for n in (3, 4, 5)]


@given(st.text(), st.sampled_from(["zh", "en"]))
def test_any_text_has_pieces_and_bounds(text: str, language: str) -> None:
    assert all(isinstance(piece, str) and "\n" not in piece for piece in pieces(text, language))
    assert len(pieces(text * 50, language)) <= 30 * LONGEST


@pytest.mark.parametrize(
    ("left", "right", "language"),
    [
        ("You'll be ARRESTED!", "you will be arrested", "en"),
        ("We won’t, um, call", "we will not call", "en"),
        ("公安 已經 立案", "公安已经立案", "zh"),
        ("欠１２３块", "欠9块", "zh"),
    ],
)
def test_spellings_that_say_the_same(left: str, right: str, language: str) -> None:
    assert normal(left, language).split() == normal(right, language).split()


def test_stems() -> None:
    assert {stem(word) for word in ("call", "calls", "called", "calling")} == {"call"}
    assert stem("is") == "is"


@pytest.mark.parametrize(
    "text", ["你好", "喂", "好的", "嗯", "您好，请问是张先生吗", "Hello", "Yes", "okay thanks", "Hello?"]
)
def test_a_greeting_is_like_nothing(text: str) -> None:
    reader = load(None)
    assert reader is not None
    for speaker in ("agent", "customer"):
        found = reader.read([Turn(0, speaker, text)], "zh" if text > "z" else "en")  # type: ignore[arg-type]
        assert [one.category for one in found] == []


def test_the_shipped_reader_knows_both_languages_and_its_sources() -> None:
    reader = load(None)
    assert reader is not None and SHIPPED.stat().st_size < 5_000_000
    assert set(reader.languages) == {"zh", "en"}
    assert {"examples", "count"} <= set(reader.trained_on)
    for language in reader.languages.values():
        for side in language.sides.values():
            assert set(side.categories) <= set(CATEGORIES)

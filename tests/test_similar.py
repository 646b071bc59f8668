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
from audit.similar.features import Cutter, pieces
from audit.similar.model import BLOCK, UNLIKE_WHY, Reader, for_detecting, for_sorting, joined
from audit.similar.senses import SENSES_MOST, read_senses
from audit.similar.stored import dump, undump
from audit.similar.training import Example, author_of, folds, from_verdicts, measure, read_examples, train
from audit.similar.vocabulary import Vocabulary, one_a_slot
from audit.similar.words import LONGEST, english, lemma, mandarin

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
    """A phrase's finding over all of a text."""
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


def test_an_estimate_counts_what_was_held_out() -> None:
    made = examples(1)[:3]
    named, labels = np.array([[True], [True], [False]]), np.array([[True], [False], [False]])
    estimate = measure(made, labels, named, 0.0, ("en", "agent"))
    assert (estimate.precision, estimate.recall, estimate.hard, estimate.plain) == (0.5, 1.0, 1.0, 0.0)


def test_folds_by_hash_do_not_depend_on_the_other_examples() -> None:
    made = examples(20)
    assert list(folds(made))[10:] == list(folds(made[10:]))
    assert set(folds(made)) == set(range(5))


def test_each_author_is_a_fold_where_there_are_enough() -> None:
    made = [replace(one, author=name) for name in ("a", "b", "c") for one in examples(25)]
    assert [set(folds(made)[at : at + 125]) for at in (0, 125, 250)] == [{0}, {1}, {2}]
    few = [*made, *(replace(one, author="few") for one in examples(3))]
    assert set(folds(few)[375:]) == {0}


@pytest.mark.parametrize(
    ("name", "author"),
    [
        ("first_author.tsv", "first"),
        ("third_author_2.tsv", "third"),
        ("quiet.tsv", "rest"),
        ("threat.legal.tsv", "rest"),
    ],
)
def test_who_wrote_a_file(name: str, author: str) -> None:
    assert author_of(Path(name)) == author


def test_what_the_joining_models_see() -> None:
    scores = np.array([[3.0, 2.0, -1.0, 0.5]], np.float32)
    assert for_detecting(scores)[0].tolist() == [0.5, 3.0, 2.0, 5.0]
    assert for_sorting(scores)[0].tolist() == [[3.0, 2.0, 1.0], [2.0, 3.0, 0.0], [-1.0, 3.0, 0.0]]
    assert joined(for_sorting(scores), (2.0, -1.0, 0.5, -0.25))[0].tolist() == [4.25, 0.75, -5.25]
    assert for_sorting(np.array([[3.0, 0.5]], np.float32))[0].tolist() == [[3.0, -1.0, 1.0]]


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
    senses = {"leg": ("BODY", "LIMB"), "公安": ("POLICE",)}
    assert all("\n" not in piece for piece in pieces(text, language, senses))
    assert len(pieces(text * 50, language, senses)) <= 40 * (LONGEST + 2)


@given(
    st.lists(st.text(st.characters(codec="utf-8"), max_size=40), max_size=8), st.sampled_from(["zh", "en"])
)
def test_texts_cut_together_have_the_pieces_of_each_alone(texts: list[str], language: str) -> None:
    cutter = Cutter(
        language, {"leg": ("BODY", "LIMB"), "break": ("HARM",), "公安": ("POLICE",), "腿": ("BODY",)}
    )
    cut = cutter.cut([*texts, "break his leg 公安打断腿"])
    which, owner, _ = cut.whole(np.arange(len(cut.keys)))
    for number, text in enumerate(texts):
        alone = cutter.cut([text])
        kept, _, _ = alone.whole(np.arange(len(alone.keys)))
        mine = which[owner == number]
        assert sorted(cut.keys[mine]) == sorted(alone.keys[kept])
        assert sorted(map(cut.name, mine.tolist())) == sorted(map(alone.name, kept.tolist()))


def test_pieces_of_both_languages() -> None:
    found = set(pieces("We won't break your legs", "en", {"break": ("HARM",), "leg": ("BODY",)}))
    assert {"will_not_break", "not~leg", "egs", "HARM>leg", "not>HARM", "we * not HARM", "BODY $"} <= found
    found = set(pieces("公安已经立案，", "zh", {"公安": ("警",), "立案": ("抓",)}))
    assert {"公安已经", "公~案", "警>立案", "^>警", "公安>抓", "^ 警 * 抓"} <= found


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("You'll be ARRESTED!", "you will be arrested"),
        ("We won’t, um, call", "we will not call"),
        ("“Pay — today…”", "pay today"),
        ("it’s £50", "it 50"),
    ],
)
def test_english_spellings_that_say_the_same(left: str, right: str) -> None:
    assert pieces(left, "en") == pieces(right, "en")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("公安 已經 立案", "公安已经立案"),
        ("欠１２３块", "欠0块"),
        ("，你好！！嗯，我， ", "你好 我"),
        ("余额ＯＫ吗", "余额ok吗"),
        ("\n\t", ""),
        ("😀", ""),
    ],
)
def test_mandarin_folding(text: str, folded: str) -> None:
    assert mandarin(text) == folded


def test_words_of_many_texts_stand_between_signs() -> None:
    assert english(["Hello, you!", "", "a\nb"]) == ["^", "hello", "you", "$", "^", "$", "^", "a", "b", "$"]
    assert english(["Hello, yöu!", "^ $"]) == ["^", "hello", "yöu", "$", "^", "$"]


def test_lemmas() -> None:
    assert {lemma(word) for word in ("call", "calls", "called", "calling")} == {"call"}
    assert {lemma(word) for word in ("break", "broke", "broken", "breaking")} == {"break"}
    assert lemma("bus") == "bus"


def test_senses_of_the_first_lines_that_name_a_word(tmp_path: Path) -> None:
    (tmp_path / "en.tsv").write_text("# c\nBODY\tleg, legs, old man\nLIMB\tlegs\nMORE\tleg\n")
    (tmp_path / "zh.tsv").write_text("部位\t腿, 手臂, 一二三四五六七\n")
    assert read_senses(tmp_path) == {
        "en": {"leg": ("BODY", "LIMB")},
        "zh": {"腿": ("部位",), "手臂": ("部位",)},
    }
    assert SENSES_MOST == 2
    (tmp_path / "en.tsv").write_text("BODY leg\n")
    with pytest.raises(LexiconError, match="en.tsv:1"):
        read_senses(tmp_path)


def test_a_vocabulary_finds_its_keys_and_no_others() -> None:
    keys = np.unique(np.random.default_rng(0).integers(0, 1 << 40, 20_000, np.uint64))
    kept = keys[one_a_slot(keys, np.arange(len(keys)))]
    found, row = Vocabulary(kept).find(keys)
    assert keys[found].tolist() == kept.tolist() and row.tolist() == list(range(len(kept)))
    assert len(kept) > 0.98 * len(keys)


def test_of_two_keys_in_one_slot_the_one_worth_more_stays() -> None:
    keys = np.array([1, 2, 1 << 39], np.uint64)
    assert one_a_slot(keys, np.array([1, 5, 1])).tolist() == [1, 2]


def some_lines() -> list[Example]:
    folder = Path(__file__).parents[1] / "lexicons" / "examples"
    return read_examples(folder)[::7]


def test_read_many_is_read_one_by_one() -> None:
    reader, lines = load(None), some_lines()
    assert reader is not None
    speakers = [
        ("agent", "customer", "unknown")[at % 3] if at % 5 == 0 else one.speaker
        for at, one in enumerate(lines)
    ]
    together = reader.read_many([one.text for one in lines], [one.language for one in lines], speakers)
    assert len(lines) > 3 * BLOCK and sum(map(bool, together)) > len(lines) / 5
    for at in range(0, len(lines), 11):
        turn = Turn(0, speakers[at], lines[at].text)  # type: ignore[arg-type]
        assert together[at] == reader.read([turn], lines[at].language)


def test_calls_read_together_are_calls_read_alone() -> None:
    reader = load(None)
    assert reader is not None
    calls, found, languages = [], [], []
    for at, one in enumerate(some_lines()[:1500:5]):
        other = "customer" if one.speaker == "agent" else "agent"
        calls.append([Turn(3, one.speaker, one.text), Turn(7, other, one.text), Turn(8, "unknown", one.text)])  # type: ignore[arg-type]
        base = phrase(one.text, category=one.labels[0] if one.labels else "threat.legal")
        found.append([replace(base, turn=turn, speaker=one.speaker) for turn in (3, 7, None)])  # type: ignore[arg-type]
        languages.append((one.language, "fr", None)[0 if at % 10 else 1])
    weighed, own = reader.read_calls(found, calls, languages)
    for at, turns in enumerate(calls):
        assert weighed[at] == reader.weigh(found[at], turns, languages[at])
        assert own[at] == reader.read(turns, languages[at])
        assert [one.turn for one in own[at]] == sorted(one.turn or 0 for one in own[at])
    excused = {one.excused for many in weighed for one in many}
    assert excused == {None, UNLIKE_WHY}
    assert all(one.excused is None for many in weighed for one in many if one.turn != 3)


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
    assert reader is not None and SHIPPED.stat().st_size < 6_500_000
    assert set(reader.languages) == {"zh", "en"}
    assert {"examples", "senses", "count"} <= set(reader.trained_on)
    for language in reader.languages.values():
        for side in language.sides.values():
            assert set(side.categories) <= set(CATEGORIES)

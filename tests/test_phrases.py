"""Folding with exact offsets, the phrase language, and the matcher against a slow reference."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.phrases import Lists, Matcher, PhraseError, detect_language, fold, parse
from audit.phrases.inflection import forms
from audit.phrases.numbers import number_at


def found(text: str, phrase: str, language: str, **lists: list[str]) -> list[str]:
    """The pieces of `text` (as given) that one phrase matches."""
    nodes = {name: tuple(parse(item, language) for item in items) for name, items in lists.items()}
    matcher = Matcher([parse(phrase, language)], Lists(language, nodes))
    folded = fold(text, language)
    pieces = []
    for span in matcher.scan(folded).get(0, []):
        start, end = folded.span(span.start, span.end)
        pieces.append(text[start:end])
    return pieces


@pytest.mark.parametrize(
    ("text", "phrase", "piece"),
    [
        ("我打斷了您的腿", "打断你腿", "打斷了您的腿"),
        ("你你你给我小心点", "你 ...3 小心点", "你你你给我小心点"),
        ("嗯那个，打断呃你的腿", "打断你腿", "打断呃你的腿"),
        ("Ｗｅ　Ｗｉｌｌ CALL", "we will call", "Ｗｅ　Ｗｉｌｌ CALL"),
        ("You're gonna, uh, be arrested.", "you are going to be arrested", "You're gonna, uh, be arrested"),
        ("i'll i'll come over", "i will come", "i'll i'll come"),
        ("we won’t stop", "won't stop", "won’t stop"),
        ("打12378投诉", "12378", "12378"),
        ("打幺二三七八投诉", "12378", "幺二三七八"),
        ("call nine one one", "911", "nine one one"),
        ("一天打你八十个电话", "打你 {number 10+} 个", "打你八十个"),
        ("twenty five calls a day", "{number 10+} calls", "twenty five calls"),
        ("They've been calling her boss", "~call ...1 boss", "calling her boss"),
        ("卸你一条腿信不信", "(打断|卸) 你 [一条] (腿|胳膊)", "卸你一条腿"),
        ("Mr. Smith's wife knows", "smith wife", "Smith's wife"),
        ("今儿晚上你甭想睡", "今晚上", "今儿晚上"),
        ("你别挂女儿的电话", "女的电话", None),
        ("你甭想睡", "你别想睡", "你甭想睡"),
        ("你不要脸。不还钱", "不要脸不还", None),
        ("你不要脸，不还钱", "不要脸不还", "不要脸，不还"),
        ("我说了你不要脸", "^ 你不要脸", None),
        ("真的，你不要脸", "^ 你不要脸", "你不要脸"),
        ("一天打两个", "打 {number 10+} 个", None),
        ("Knock, knock, that's me at your door", "knock knock", "Knock, knock"),
        ("he will knock once", "knock knock", None),
        ("ring ring ring all day", "ring ring all day", "ring ring all day"),
        ("咚咚咚敲你家门", "咚咚", "咚咚"),
    ],
)
def test_phrase(text: str, phrase: str, piece: str | None) -> None:
    language = detect_language(text)
    assert found(text, phrase, language)[:1] == ([] if piece is None else [piece])


def test_list_in_a_list_and_gap() -> None:
    lists = {"腿": ["腿", "胳膊"], "打断": ["打断", "卸 ...3 {腿}"]}
    assert found("我卸了你一条腿", "{打断}", "zh", **lists) == ["卸了你一条腿"]


@pytest.mark.parametrize("text", ["打12378 投诉你", "打 80 个", "打一百个"])
def test_number_begins_an_option_of_a_list(text: str) -> None:
    lists = {"数": ["12378 ...1 投诉", "{number 10+} 个"]}
    assert found(text, "打 {数}", "zh", **lists)


def test_list_product_is_not_expanded() -> None:
    words = [f"w{i}x" for i in range(400)]
    lists = Lists("en", {name: tuple(parse(word, "en") for word in words) for name in "abcd"})
    matcher = Matcher([parse("{a} ...3 {b} ...3 {c} ...3 {d}", "en")], lists)
    assert matcher.scan(fold("w1x w2x uh w3x and w4x", "en"))


@pytest.mark.parametrize(
    ("phrase", "word"),
    [
        ("(a|b", "closed"),
        ("a)", "closes nothing"),
        ("...4 a", "gap"),
        ("a ...", "gap"),
        ("a ...99 b", "gap"),
        ("[a]", "must be said"),
        ("([a]|[b])", "must be said"),
        ("([a]|b) [c]", "must be said"),
        ("(a|)", "empty choice"),
        ("{}", "names no list"),
        ("a { b", "bracket"),
    ],
)
def test_bad_phrase_says_what_is_wrong(phrase: str, word: str) -> None:
    with pytest.raises(PhraseError, match=word):
        parse(phrase, "en")


def test_forms_only_of_english_words() -> None:
    with pytest.raises(PhraseError, match="English"):
        parse("~打", "zh")
    assert set(forms("break")) == {"break", "breaks", "broke", "broken", "breaking"}
    assert set(forms("grab")) == {"grab", "grabs", "grabbed", "grabbing"}
    assert "families" in forms("family")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("八十", 80), ("三十几", 33), ("二十多", 20), ("一百二十", 120), ("两万三", 23000), ("一百零五", 105), ("3万", 30000), ("十", 10),
        ("几十", 30), ("a", None), ("one hundred and", 100), ("two hundred fifty", 250), ("5k", 5000), ("dozens", 12),
        ("三百五", 350), ("three lakh", 300000), ("1,200", 1200),
    ],
)  # fmt: skip
def test_number(text: str, value: float | None) -> None:
    read = number_at(fold(text, detect_language(text)), 0)
    assert (read[1] if read else None) == value


def test_double_words_survive_and_stutters_do_not() -> None:
    assert fold("天天打给妈妈", "zh").tokens == list("天天打给妈妈")
    assert fold("我我我要要", "zh").tokens == list("我要")
    assert fold("抓你，你别跑", "zh").tokens == list("抓你你别跑")


TEXTS = st.text(
    st.one_of(
        st.sampled_from(
            "我你他您的了不会打断腿嗯啊那个就，。？！ 、０１２三四八十百萬衝東 IiLl'’wonteagyuhm.?,\n…ﬁ½㍿é\u0301"
        ),
        st.characters(blacklist_categories=["Cs"]),
    ),
    max_size=40,
)


@given(TEXTS, st.sampled_from(["zh", "en"]))
@settings(max_examples=400, deadline=None)
def test_every_token_stands_where_it_says(text: str, language: str) -> None:
    folded = fold(text, language)
    before = 0
    for token, start, end in zip(folded.tokens, folded.starts, folded.ends, strict=True):
        assert 0 <= start < end <= len(text)
        assert start >= before or text[start:end]
        assert token
        before = start
    assert folded.starts == sorted(folded.starts)
    assert len(folded.soft) == len(folded.tokens) == len(folded.clauses) == len(folded.sentences)


WORDS = st.lists(st.sampled_from("打 断 你 腿 我 嗯 了 的 那 个 不 会 ， 。".split()), max_size=14).map(
    "".join
)
PHRASES = [
    "打断你腿",
    "打 ...2 腿",
    "(打|断) [你] 腿",
    "你 ...4 (腿|会)",
    "那个 ...1 腿",
    "不会 [不] 打",
    "^ 打断",
    "{x} ...3 {x}",
]


@given(WORDS, st.sampled_from(PHRASES))
@settings(max_examples=500, deadline=None)
def test_automaton_loses_nothing(text: str, phrase: str) -> None:
    """What a phrase matches when tried everywhere it also matches after the search for candidates."""
    lists = Lists("zh", {"x": (parse("打断", "zh"), parse("不 [会]", "zh"), parse("腿", "zh"))})
    matcher = Matcher([parse(phrase, "zh")], lists)
    folded = fold(text, "zh")
    everywhere = [
        (start, end)
        for start in range(len(folded))
        for end, _ in matcher.parts[0].match(fold(text, "zh"), start)
        if end > start and folded.sentences[start] == folded.sentences[end - 1] and not folded.soft[start]
    ]
    spans = {(span.start, span.end) for span in matcher.scan(folded).get(0, [])}
    assert set(everywhere) <= spans | {(s, e) for s, e in everywhere if folded.tokens[s] in "嗯了的那个"}

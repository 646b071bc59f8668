"""Personal data found in texts, calls and batches: gates on two labelled sets, and the cases behind them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.errors import SettingsError
from audit.models import Turn
from audit.privacy import Detector
from benchmarks.privacy_scores import score_file

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector()


def spans(detector: Detector, text: str, language: str) -> list[tuple[str, str]]:
    return [(datum.type, text[datum.start : datum.end]) for datum in detector.find(text, language)]


@pytest.mark.parametrize("name", ["personal_data.jsonl", "personal_data_more.jsonl"])
def test_targets_hold_in_both_languages_and_forms(detector: Detector, name: str) -> None:
    scores = score_file(DATA / name, detector)
    for key in (("lang", "zh"), ("lang", "en"), ("form", "spoken"), ("form", "written")):
        count = scores.counts[key]
        assert count["hidden"] >= 0.95 * count["gold"], key
        assert count["typed"] >= 0.92 * count["gold"], key
    assert scores.totals["alarms"] <= 0.03 * scores.totals["negatives"]


SPOKEN = [
    ("zh", "你记一下 幺三六 四个七 五零二八", "PHONE", "幺三六 四个七 五零二八"),
    ("zh", "手机136 不对 是137 0052 4418", "PHONE", "136 不对 是137 0052 4418"),
    ("zh", "打洞二幺 六四三三 拐拐幺幺", "PHONE", "洞二幺 六四三三 拐拐幺幺"),
    ("zh", "身份证三七零幺零二 幺九八八 幺二 三幺 二五幺七", "CN_ID_CARD", "三七零幺零二 幺九八八 幺二 三幺 二五幺七"),
    ("zh", "護照號碼Ｅ８３９２０１７４", "PASSPORT", "Ｅ８３９２０１７４"),
    ("zh", "客户：你记 一八六\n客服：一八六\n客户：零零二三\n客服：嗯\n客户：七七九八", "PHONE", "一八六\n客服：一八六\n客户：零零二三\n客服：嗯\n客户：七七九八"),
    ("en", "social's 219 09 9999 no wait 219 45 6789", "US_SSN", "219 09 9999 no wait 219 45 6789"),
    ("en", "my NI is N for november R, three six, eight oh, five seven, A", "UK_NINO", "N for november R, three six, eight oh, five seven, A"),
    ("en", "PAN alpha kilo romeo papa sierra double nine oh one kilo", "IN_PAN", "alpha kilo romeo papa sierra double nine oh one kilo"),
    ("en", "cell's nine one seven, five five five, oh one four four, no, sorry, oh one three five", "PHONE", "nine one seven, five five five, oh one four four, no, sorry, oh one three five"),
    ("en", "card forty two oh nine, eighty nine seventy four, double oh one nine, twenty seven twelve", "BANK_CARD", "forty two oh nine, eighty nine seventy four, double oh one nine, twenty seven twelve"),
    ("en", "born the fifth of november nineteen seventy two", "DATE_OF_BIRTH", "the fifth of november nineteen seventy two"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "kind", "span"), SPOKEN)
def test_spoken_data_are_one_span_from_first_to_last_sign(
    detector: Detector, language: str, text: str, kind: str, span: str
) -> None:
    assert (kind, span) in spans(detector, text, language)


NOTHING = [
    ("zh", "王者荣耀里充的"), ("zh", "张口闭口就是钱"), ("zh", "马上就发工资了"), ("zh", "尾号是零零八八"),
    ("zh", "拨打95533转人工"), ("zh", "客服电话是4008123123"), ("zh", "合同编号2021 0938 4756 1029 37"),
    ("zh", "南京东路那家店关了"), ("zh", "2019年3月借的"), ("zh", "我今年三十五岁"), ("zh", "卡号不方便说"),
    ("zh", "我们是恒信金服的"), ("zh", "我家在农村"), ("zh", "统一社会信用代码91310000552936878J"),
    ("en", "April is when I get paid"), ("en", "Grant me a week please"), ("en", "ending in 4582"),
    ("en", "call 1-888-555-0100 toll free"), ("en", "the loan id is 9981234567"), ("en", "Chase Bank closed my account"),
    ("en", "born in 1984"), ("en", "he works at a bank"), ("en", "the place on Elm Street burned down"),
    ("en", "Reference eight oh six one double six three two double one five seven five four double seven, yes."),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text"), NOTHING)
def test_other_senses_and_other_numbers_stay(detector: Detector, language: str, text: str) -> None:
    assert spans(detector, text, language) == []


def test_an_order_number_is_none_even_with_eighteen_digits_unless_its_check_digit_holds(
    detector: Detector,
) -> None:
    assert spans(detector, "订单号510104199003073399", "zh") == []
    assert spans(detector, "订单号510104199003073398", "zh") == [("CN_ID_CARD", "510104199003073398")]


def test_a_number_over_several_turns_is_reported_in_each_turn_that_bears_it(detector: Detector) -> None:
    words = ["请报证件号", "一五零二零三", "嗯嗯", "一九九幺幺零幺四", "对", "三零三幺"]
    turns = [Turn(k + 3, "agent" if k % 2 == 0 else "customer", word) for k, word in enumerate(words)]
    found = detector.find_turns(turns, "zh")
    assert [(datum.type, datum.turn, datum.start, datum.end) for datum in found] == [
        ("CN_ID_CARD", 4, 0, 6),
        ("CN_ID_CARD", 6, 0, 8),
        ("CN_ID_CARD", 8, 0, 4),
    ]


def test_the_question_of_one_turn_types_the_answer_of_the_next(detector: Detector) -> None:
    turns = [
        Turn(0, "agent", "your date of birth please?"),
        Turn(1, "customer", "third of October, nineteen sixty six"),
    ]
    assert [(datum.type, datum.turn) for datum in detector.find_turns(turns, "en")] == [("DATE_OF_BIRTH", 1)]


def test_a_batch_finds_what_single_texts_give(detector: Detector) -> None:
    rows = [
        json.loads(line)
        for line in (DATA / "personal_data_more.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    texts, languages = [row["text"] for row in rows], [row["lang"] for row in rows]
    assert detector.find_many(texts, languages) == [
        detector.find(text, language) for text, language in zip(texts, languages, strict=True)
    ]


def test_threads_share_one_detector(detector: Detector) -> None:
    texts = ["我叫王小明，手机13812345678"] * 40
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda text: detector.find(text, "zh"), texts))
    assert all(result == results[0] for result in results)
    assert len(results[0]) == 2


_SIGNS = st.text(
    alphabet="0123456789零幺二三四五六七八九十百 ，。\n：客服王李张是的在 abAB@.-+oneh", max_size=60
)


@settings(max_examples=200, deadline=None)
@given(_SIGNS, st.sampled_from(["zh", "en"]))
def test_findings_are_sorted_inside_the_text_and_never_overlap(text: str, language: str) -> None:
    found = Detector().find(text, language)
    assert all(0 <= datum.start < datum.end <= len(text) for datum in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


@settings(max_examples=100, deadline=None)
@given(st.integers(13, 19), st.integers(0, 999_999_999), st.sampled_from(["", " ", "-", "，"]))
def test_every_mainland_mobile_is_found_however_it_is_grouped(head: int, rest: int, gap: str) -> None:
    digits = f"{head}{rest:09d}"
    text = f"我手机{digits[:3]}{gap}{digits[3:7]}{gap}{digits[7:]}。"
    expected = digits[:3] not in {"154", "194"}
    assert (len(Detector().find(text, "zh")) == 1) is expected


def test_traditional_and_full_width_signs_keep_their_offsets(detector: Detector) -> None:
    text = "陳美玲小姐，電話：１３８１２３４５６７８"
    assert spans(detector, text, "zh") == [("PERSON", "陳美玲小姐"), ("PHONE", "１３８１２３４５６７８")]


def test_long_texts_take_linear_time(detector: Detector) -> None:
    import time

    def seconds(times: int) -> float:
        text = "一二三四五 no sorry one two 嗯 不对 是 三四 a b c " * times
        begin = time.perf_counter()
        detector.find(text, "zh")
        return time.perf_counter() - begin

    seconds(5)
    assert seconds(80) < 40 * max(seconds(20), 0.01)


def test_recognisers_of_the_users_own_come_from_yaml(tmp_path: Path) -> None:
    path = tmp_path / "recognizers.yaml"
    path.write_text(
        "recognizers:\n  - name: customer number\n    type: CUSTOMER_NUMBER\n    patterns: ['KH-[0-9]{6}']\n"
        "    context: [客户号]\n    score: 0.5\n    context_score: 0.9\n",
        encoding="utf-8",
    )
    found = Detector(recognizers=path).find("客户号KH-204417", "zh")
    assert [(datum.type, datum.start, datum.end, datum.score) for datum in found] == [
        ("CUSTOMER_NUMBER", 3, 12, 0.9)
    ]


@pytest.mark.parametrize(
    ("yaml", "message"),
    [
        ("recognizers:\n  - name: a\n    type: A\n    patern: ['x']\n", "recognizers.yaml:4: unknown key `patern`; did you mean `patterns`?"),
        ("recognizers:\n  - name: a\n    type: A\n    patterns: ['(']\n", "recognizers.yaml:4: pattern does not compile"),
        ("recognizers:\n  - name: a\n    type: A\n    patterns: ['x']\n    score: 7\n", "recognizers.yaml:5: `score` must be"),
        ("recognizers:\n  - type: a b\n    patterns: ['x']\n", "recognizers.yaml:2: `name` is missing"),
        ("other: 1\n", "recognizers.yaml:1: expected one key"),
        ("recognizers: [\n", "recognizers.yaml:2: not valid YAML"),
    ],
)  # fmt: skip
def test_faults_of_the_yaml_are_named_with_their_line(tmp_path: Path, yaml: str, message: str) -> None:
    path = tmp_path / "recognizers.yaml"
    path.write_text(yaml, encoding="utf-8")
    with pytest.raises(SettingsError, match=message.replace("(", r"\(").replace("?", r"\?")):
        Detector(recognizers=path)

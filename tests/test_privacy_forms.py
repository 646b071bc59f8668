"""Forms that calls of other hands taught: prompts within numbers, foreign numbers, pieces over turns, and floors of two sets."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.privacy import Detector
from benchmarks.privacy_scores import score_file

DATA = Path(__file__).parent / "data"

FORMS = [
    ("zh", "客户：卡号六二一七\n客服：慢点说\n客户：零零八三六一一九\n客服：后面几位呢？\n客户：七六四八零四三", "BANK_CARD", "六二一七\n客服：慢点说\n客户：零零八三六一一九\n客服：后面几位呢？\n客户：七六四八零四三"),
    ("zh", "手机一三六开头，中间四位是二二零五，后四位是八八一七", "PHONE", "一三六开头，中间四位是二二零五，后四位是八八一七"),
    ("zh", "我那边的社安号是四一八 七三 二九零六", "US_SSN", "四一八 七三 二九零六"),
    ("zh", "853 6612 4470 是澳门的号", "PHONE", "853 6612 4470"),
    ("zh", "生日一九七七年八月，不对，九月零三号", "DATE_OF_BIRTH", "一九七七年八月，不对，九月零三号"),
    ("zh", "客户：住在柳北区\n客服：嗯\n客户：雀儿山路\n客服：几号？\n客户：二十六号三单元", "ADDRESS", "柳北区\n客服：嗯\n客户：雀儿山路\n客服：几号？\n客户：二十六号三单元"),
    ("zh", "我租在桂苑小区8-2-603", "ADDRESS", "桂苑小区8-2-603"),
    ("zh", "他在宏盛源铝制品有限公司上班", "EMPLOYER", "宏盛源铝制品有限公司"),
    ("zh", "邮箱二二零七一五艾特扣扣点com", "EMAIL", "二二零七一五艾特扣扣点com"),
    ("en", "CUSTOMER: social is four one eight\nAGENT: and the last four?\nCUSTOMER: seven three, two nine oh six", "US_SSN", "four one eight\nAGENT: and the last four?\nCUSTOMER: seven three, two nine oh six"),
    ("en", "it reads bktps four four seven one m, that's my pan", "IN_PAN", "bktps four four seven one m"),
    ("en", "birthday is march, no, april third, ninety one", "DATE_OF_BIRTH", "march, no, april third, ninety one"),
    ("en", "post it to eleven Foundry Lane, Bury, B L nine, six J T", "ADDRESS", "eleven Foundry Lane, Bury, B L nine, six J T"),
    ("en", "CUSTOMER: send it to forty one\nAGENT: forty one, yes\nCUSTOMER: Tanner Street", "ADDRESS", "forty one\nAGENT: forty one, yes\nCUSTOMER: Tanner Street"),
    ("en", "write to m as in mike, i, l, o at aol dot com", "EMAIL", "m as in mike, i, l, o at aol dot com"),
    ("en", "it's blue hat at proton dot me, all one word", "EMAIL", "blue hat at proton dot me"),
    ("en", "Zoltan's not here any more", "PERSON", "Zoltan"),
    ("en", "hello joy, this is the billing office", "PERSON", "joy"),
]  # fmt: skip


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector()


@pytest.mark.parametrize(("language", "text", "kind", "span"), FORMS)
def test_a_datum_is_one_span_of_its_type(
    detector: Detector, language: str, text: str, kind: str, span: str
) -> None:
    found = [(datum.type, text[datum.start : datum.end]) for datum in detector.find(text, language)]
    assert (kind, span) in found


QUIET = [
    ("en", "this is joy, not work"), ("en", "with hope, he says"), ("en", "my social life's over"), ("en", "the pan is about five years old"),
    ("en", "Nothing's here for me"), ("en", "it's down the high street, mate"), ("zh", "后四位报一下就行"), ("zh", "第一段路修好了，第二段还没有"),
    ("zh", "天天打电话，慢慢还"), ("zh", "给家家户户都发了"), ("zh", "3-5个工作日到账"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text"), QUIET)
def test_words_of_the_same_kind_stay(detector: Detector, language: str, text: str) -> None:
    assert detector.find(text, language) == []


@pytest.mark.parametrize(("name", "hidden"), [("fourth", 0.95), ("fifth", 0.83)])
def test_sets_by_other_hands_keep_their_floor(detector: Detector, name: str, hidden: float) -> None:
    scores = score_file(DATA / f"personal_data_{name}.jsonl", detector)
    count = scores.counts[("all",)]
    assert count["hidden"] >= hidden * count["gold"]
    assert scores.totals["alarms"] <= 0.034 * scores.totals["negatives"]

"""Masked text by policy, and offsets that survive it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.models import PersonalDatum
from audit.privacy import Detector, Pseudonyms, mask, masked

TEXT = "我叫王小明，电话13812345678，再说一遍王小明"
DATA = [
    PersonalDatum("PERSON", 2, 5, 0.9),
    PersonalDatum("PHONE", 8, 19, 0.9),
    PersonalDatum("PERSON", 24, 27, 0.9),
]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("label", "我叫[PERSON]，电话[PHONE]，再说一遍[PERSON]"),
        ("full", "我叫███，电话███████████，再说一遍███"),
        ("partial", "我叫[PERSON]，电话[PHONE …5678]，再说一遍[PERSON]"),
        ("pseudonym", "我叫[PERSON 1]，电话[PHONE 1]，再说一遍[PERSON 1]"),
    ],
)
def test_policies(policy: str, expected: str) -> None:
    assert mask(TEXT, DATA, policy) == expected  # type: ignore[arg-type]


def test_the_same_number_written_and_spoken_gets_one_pseudonym() -> None:
    names, detector = Pseudonyms(), Detector()
    out = [
        mask(text, detector.find(text, "zh"), "pseudonym", names)
        for text in ("手机13812345678", "幺三八 幺二三四 五六七八是吧", "换成13912345678")
    ]
    assert out == ["手机[PHONE 1]", "[PHONE 1]是吧", "换成[PHONE 2]"]


def test_the_kept_tail_of_a_spoken_number_is_digits() -> None:
    text = "手机幺三八 幺二三四 五六七八"
    assert mask(text, Detector().find(text, "zh"), "partial") == "手机[PHONE …5678]"


def test_a_finding_beside_and_over_a_mask_keeps_its_place() -> None:
    result = masked(TEXT, DATA)
    start, end = result.span(TEXT.index("电话"), TEXT.index("电话") + 2)
    assert result.text[start:end] == "电话"
    start, end = result.span(6, 12)
    assert result.text[start:end] == "电话[PHONE]"


_data = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6).map(
    lambda pairs: [PersonalDatum("PHONE", min(p), max(p), 1.0) for p in pairs]
)


@given(st.text(alphabet="abc王电 ", min_size=0, max_size=30), _data)
def test_offsets_grow_and_unmasked_characters_stay_themselves(text: str, data: list[PersonalDatum]) -> None:
    result = masked(text, data)
    places = [result.to_masked(k) for k in range(len(text) + 1)]
    assert places == sorted(places)
    assert places[-1] == len(result.text)
    hidden = {k for datum in data for k in range(datum.start, datum.end)}
    assert all(result.text[places[k]] == text[k] for k in range(len(text)) if k not in hidden)


@given(st.text(alphabet="0123456789", min_size=1, max_size=30), _data)
def test_no_hidden_digit_is_left_by_label_or_full(text: str, data: list[PersonalDatum]) -> None:
    shown = len(set(range(len(text))) - {k for d in data for k in range(d.start, d.end)})
    for policy in ("label", "full"):
        assert sum(sign.isdigit() for sign in mask(text, data, policy)) == shown  # type: ignore[arg-type]

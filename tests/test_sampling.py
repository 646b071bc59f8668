"""Intervals against published values; samples that repeat, spread and never exceed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.sampling import draw_order, missed_share, rate, stratified


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),  # Brown, Cai, DasGupta 2001: Wilson, n = 10
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I
        (15, 148, 0.0624, 0.1605),
    ],
)
def test_wilson_intervals(hits: int, of: int, low: float, high: float) -> None:
    seen = rate(hits, of)
    assert (seen.low, seen.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_nothing_looked_at_proves_nothing() -> None:
    assert (rate(0, 0).share, rate(0, 0).low, rate(0, 0).high) == (None, 0.0, 1.0)
    assert missed_share(0, 0, 500) == (0.0, 0.0, 500.0)


@pytest.mark.parametrize(("hits", "of"), [(-1, 3), (4, 3)])
def test_impossible_shares_are_refused(hits: int, of: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        rate(hits, of)


@given(st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_interval_holds_the_share(pair: tuple[int, int]) -> None:
    seen = rate(*pair)
    assert seen.share is not None
    assert 0 <= seen.low <= seen.share + 1e-12
    assert seen.share - 1e-12 <= seen.high <= 1


ITEMS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 10_000)), unique_by=lambda item: item[1], max_size=80
)


@given(ITEMS, st.integers(1, 40))
def test_a_stratified_sample_has_its_size_and_every_stratum(items: list[tuple[int, int]], size: int) -> None:
    sample = stratified(items, lambda item: item[0], lambda item: str(item[1]), size, "week 14")
    assert len(sample) == min(size, len(items))
    assert len(set(sample)) == len(sample)
    strata = {item[0] for item in items}
    if size >= len(strata):
        assert {item[0] for item in sample} == strata
    again = stratified(
        list(reversed(items)), lambda item: item[0], lambda item: str(item[1]), size, "week 14"
    )
    assert sorted(again) == sorted(sample)


def test_the_seed_decides_the_draw() -> None:
    ids = [f"K{number}" for number in range(50)]
    assert draw_order(ids, "a") == draw_order(reversed(ids), "a") != draw_order(ids, "b")

"""What to review, and what reviewed samples prove: rates with intervals, strata, the rate of what was missed.

Pure. Intervals are Wilson score intervals (Wilson 1927; Brown, Cai, DasGupta 2001 recommend them for small n);
the draw is seeded, so the same filter and seed give the same sample and can be audited.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Z95 = 1.959963984540054
SMALL_GROUP = 20
"""Below this many conversations a rate is shown but not ranked."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its 95 % interval: `hits` of `of`; low and high are 0 and 1 when nothing was looked at."""

    hits: int
    of: int
    low: float
    high: float

    @property
    def share(self) -> float | None:
        """The plain share; None of nothing."""
        return self.hits / self.of if self.of else None

    @property
    def ranked(self) -> bool:
        """Whether the group is large enough to be compared with others."""
        return self.of >= SMALL_GROUP


def rate(hits: int, of: int, z: float = Z95) -> Rate:
    """`hits` of `of` with its Wilson interval; raises ValueError unless 0 <= hits <= of."""
    if not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of} is no share")
    if of == 0:
        return Rate(0, 0, 0.0, 1.0)
    share = hits / of
    middle = share + z * z / (2 * of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    scale = 1 + z * z / of
    return Rate(hits, of, max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale))


def draw_order(ids: Iterable[str], seed: str) -> list[str]:
    """The ids in an order nobody chose: sorted by SHA-256 of seed and id. Take the first n for a sample."""
    return sorted(ids, key=lambda one: hashlib.sha256(f"{seed}\x1f{one}".encode()).hexdigest())


def stratified(
    items: Sequence[T], stratum: Callable[[T], Hashable], key: Callable[[T], str], size: int, seed: str
) -> list[T]:
    """A sample of `size` items spread over strata in proportion, at least one of each while it lasts.

    Deterministic in (items, seed); returns all when there are no more than `size`.
    """
    if len(items) <= size:
        return list(items)
    groups: dict[Hashable, list[T]] = {}
    for item in items:
        groups.setdefault(stratum(item), []).append(item)
    ordered = sorted(groups.items(), key=lambda pair: (-len(pair[1]), str(pair[0])))
    quota = _quotas([len(group) for _, group in ordered], size)
    chosen: list[T] = []
    for (_, group), count in zip(ordered, quota, strict=True):
        by_id = {key(item): item for item in group}
        chosen += [by_id[one] for one in draw_order(by_id, seed)[:count]]
    return chosen


def _quotas(sizes: list[int], total: int) -> list[int]:
    # Largest remainder, with one for every stratum while the total allows.
    floor = [1 if at < total else 0 for at in range(len(sizes))]
    left = total - sum(floor)
    room = [size - given for size, given in zip(sizes, floor, strict=True)]
    whole = sum(room) or 1
    exact = [left * space / whole for space in room]
    quota = [given + int(share) for given, share in zip(floor, exact, strict=True)]
    rest = total - sum(quota)
    by_remainder = sorted(range(len(sizes)), key=lambda at: (int(exact[at]) - exact[at], at))
    for at in by_remainder:
        if rest <= 0:
            break
        if quota[at] < sizes[at]:
            quota[at] += 1
            rest -= 1
    return quota


def missed_share(found_wrong: int, sampled: int, unflagged: int) -> tuple[float, float, float]:
    """How many of `unflagged` contacts are breaches nobody flagged: (estimate, low, high) as counts.

    From a random sample of `sampled` unflagged contacts of which `found_wrong` were breaches.
    """
    seen = rate(found_wrong, sampled)
    share = seen.share or 0.0
    return share * unflagged, seen.low * unflagged, seen.high * unflagged

"""Times of a contact: hours as written, the debtor's own clock, moments that only bounds are known of."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from audit.contact.places import DAY_S, Rules, Window
from audit.models import Contact

_SPAN = re.compile(
    r"([0-2]?\d)[:\uff1a]([0-5]\d)\s*(?:-|[\u2013\u2014~\uff5e\u81f3\u5230])\s*([0-2]?\d)[:\uff1a]([0-5]\d)"
)
"""Full-width colons, dashes and the Chinese words for "to" are read as well."""
_EPOCH = datetime(1970, 1, 1)
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)
_ORDINAL_OF_EPOCH = date(1970, 1, 1).toordinal()
WIDEST_EAST_S, WIDEST_WEST_S = 14 * 3600, 12 * 3600
"""Local time is at most 14 hours ahead of UTC and 12 behind it."""


@lru_cache(maxsize=4096)
def parse_windows(text: str) -> tuple[Window, ...] | None:
    """`20:00-23:00`, several with commas or semicolons; one over midnight becomes two. None = unreadable."""
    windows: list[Window] = []
    for part in re.split(r"[,;\uff0c\uff1b\u3001]", text):
        match = _SPAN.fullmatch(part.strip())
        if match is None:
            return None
        a, b, c, d = map(int, match.groups())
        start, end = a * 3600 + b * 60, c * 3600 + d * 60
        if start >= DAY_S or end > DAY_S or start == end:
            return None
        windows += [(start, end)] if start < end else [(start, DAY_S), (0, end)]
    return tuple(sorted((start, end) for start, end in windows if start < end))


def within(windows: tuple[Window, ...], second: float) -> bool:
    """Closed at the start, open at the end."""
    return any(start <= second < end for start, end in windows)


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo | None:
    """The zone of an IANA name, None when there is none of that name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


class Moment(NamedTuple):
    """When a contact started. `local` is naive wall time at the debtor's place, `missing` what it lacks.

    `earliest`/`latest` bound the instant, in seconds since 1970 UTC; equal where it is known.
    `missing` is started_at, timezone (none given, several possible) or timezone_name (no such zone).
    """

    local: datetime | None
    earliest: float
    latest: float
    zone: str | None = None
    missing: str | None = None


def moment(contact: Contact, rules: Rules | None) -> Moment:
    """The contact's start on the clock of its `timezone`, else of its jurisdiction where that has one zone.

    An offset in the log says where the dialler stands: it fixes the instant, never the debtor's place. Wall
    times that a change to summer time skips or repeats are taken as written, the first of the two instants.
    """
    started, name = contact.started_at, contact.timezone or (rules.zone if rules else None)
    if started is None:
        return Moment(None, float("-inf"), float("inf"), name, "started_at")
    zone = zone_named(name) if name else None
    if started.tzinfo is not None:
        instant = (started - _EPOCH_UTC).total_seconds()
        if zone is None:
            return Moment(None, instant, instant, name, _missing(name))
        return Moment(started.astimezone(zone).replace(tzinfo=None), instant, instant, name)
    if zone is None:
        wall = (started - _EPOCH).total_seconds()
        return Moment(None, wall - WIDEST_EAST_S, wall + WIDEST_WEST_S, name, _missing(name))
    instant = started.replace(tzinfo=zone).timestamp()
    return Moment(started, instant, instant, name)


def _missing(name: str | None) -> str:
    return "timezone" if not name else "timezone_name"


def second_of_day(local: datetime) -> int:
    return local.hour * 3600 + local.minute * 60 + local.second


def text_of(local: datetime) -> str:
    return local.isoformat(sep=" ", timespec="seconds")


def utc_ordinal(instant_s: float) -> int:
    """The proleptic ordinal of the UTC day of an instant."""
    return _ORDINAL_OF_EPOCH + int(instant_s // DAY_S)

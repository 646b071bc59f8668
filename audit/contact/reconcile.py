"""The call log beside the recordings: what is missing, doubled, cut, silent, late, or contradicts the outcome."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any

from audit.contact.places import Places
from audit.contact.times import moment
from audit.models import Contact

REACHED = frozenset({"connected", "conversation"})
UNANSWERED = frozenset({"no_answer", "busy"})
LENGTH_SLACK_S, LENGTH_SLACK_SHARE = 5.0, 0.10
"""Log and recording may differ by the larger of the two (share of the logged length)."""
ANNOUNCEMENT_S = 10.0
"""So much speech an unanswered call may hold: a network's announcement."""
SKEW_S, SPREAD_S, SKEW_CALLS = 60.0, 30.0, 5
"""A clock is said to be off when the median of at least so many calls is, and they agree within the spread."""
_STAMP = re.compile(r"(?<!\d)(20\d{2})-?(\d{2})-?(\d{2})[-_T ]?(\d{2})-?:?(\d{2})-?:?(\d{2})(?!\d)")


KINDS: dict[str, tuple[str, str]] = {
    "recording_absent": ("the log names a recording that is not there", "日志所载录音文件不存在"),
    "recording_not_named": (
        "outcome {outcome}, but the log names no recording",
        "结果为 {outcome},但日志未载录音",
    ),
    "recording_shared": ("one recording for several contacts: {others}", "同一录音对应多条联系:{others}"),
    "recording_unlogged": ("no row of the log names this recording", "日志中没有对应此录音的行"),
    "duplicate": ("same content as {others}", "与 {others} 内容相同"),
    "length": (
        "the log says {logged_s:.0f} s, the recording holds {heard_s:.0f} s",
        "日志为 {logged_s:.0f} 秒,录音为 {heard_s:.0f} 秒",
    ),
    "cut": (
        "the log says {logged_s:.0f} s, the recording ends after {heard_s:.0f} s",
        "日志为 {logged_s:.0f} 秒,录音在 {heard_s:.0f} 秒处结束",
    ),
    "silent": ("no speech on any channel", "各声道均无语音"),
    "dead_channel": ("channel {channels} is dead", "声道 {channels} 无信号"),
    "outcome_unanswered": (
        "outcome {outcome}, yet {speech_s:.0f} s of speech are on the recording",
        "结果为 {outcome},录音中却有 {speech_s:.0f} 秒语音",
    ),
    "outcome_reached": (
        "outcome {outcome}, yet hardly any speech ({speech_s:.1f} s) is on the recording",
        "结果为 {outcome},录音中却几乎没有语音({speech_s:.1f} 秒)",
    ),
    "clock_skew": (
        "over {calls} calls the recorder's clock is {skew_s:+.0f} s from the dialler's{hint}",
        "{calls} 次通话中,录音时钟与拨号日志相差 {skew_s:+.0f} 秒{hint}",
    ),
    "clock_outlier": (
        "the recording's time is {off_s:+.0f} s from the log's, beyond the agency's usual {skew_s:+.0f} s",
        "录音时间与日志相差 {off_s:+.0f} 秒,超出该机构通常的 {skew_s:+.0f} 秒",
    ),
}
"""Every kind of discrepancy with its sentence in English and Chinese."""


@dataclass(frozen=True, slots=True)
class RecordingFacts:
    """What is known of one file: `name` relative to the recordings folder with `/`; None = not measured.

    `speech_s` is speech on all channels together; `modified_at` seconds since 1970 UTC (when the file was
    closed, unless it was copied without its times).
    """

    name: str
    sha256: str | None = None
    duration_s: float | None = None
    silent: bool = False
    dead_channels: tuple[int, ...] = ()
    speech_s: float | None = None
    modified_at: float | None = None


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One thing that does not agree. `subject` is a file name, a call id or an agency, once per kind."""

    kind: str
    subject: str
    call_id: str | None = None
    agency: str = "unknown"
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def detail(self) -> str:
        return self.explain("en")

    def explain(self, language: str) -> str:
        """The sentence in English or (zh…) Chinese."""
        return KINDS[self.kind][language.startswith("zh")].format(**self.figures)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Per agency: calls that reached somebody, and how many of them can be heard or read."""

    agency: str
    reached: int
    covered: int

    @property
    def share(self) -> float | None:
        return self.covered / self.reached if self.reached else None


def reconcile(
    contacts: Sequence[Contact], recordings: Sequence[RecordingFacts], places: Places | None = None
) -> list[Discrepancy]:
    """All discrepancies, sorted by kind and subject.

    `places` gives the zone of rows that name none; without it their clocks are compared as written.
    Not judged: what was said; whether a length differs because the dialler counts ringing.
    """
    files = {facts.name: facts for facts in recordings}
    named = _named(contacts)
    pairs = [(group[0], files[name]) for name, group in named.items() if name in files]
    found = [
        *_rows(contacts, files),
        *_shared(named),
        *_unlogged(files, named),
        *_duplicates(recordings, named),
        *(one for contact, facts in pairs for one in _heard(contact, facts)),
        *_clocks(pairs, places),
    ]
    return sorted(found, key=lambda one: (one.kind, one.subject))


def coverage(contacts: Iterable[Contact], recordings: Iterable[RecordingFacts]) -> list[Coverage]:
    """How much of each agency's reached calls was delivered; sorted by agency. To be shown before any score."""
    names = {facts.name for facts in recordings}
    reached: dict[str, int] = defaultdict(int)
    covered: dict[str, int] = defaultdict(int)
    for contact in contacts:
        if contact.channel == "call" and contact.outcome in REACHED:
            reached[contact.agency] += 1
            covered[contact.agency] += contact.recording in names or contact.transcript is not None
    return [Coverage(agency, reached[agency], covered[agency]) for agency in sorted(reached)]


def _named(contacts: Iterable[Contact]) -> dict[str, list[Contact]]:
    named: dict[str, list[Contact]] = {}
    for contact in contacts:
        if contact.recording:
            named.setdefault(contact.recording, []).append(contact)
    return named


def _rows(contacts: Iterable[Contact], files: Mapping[str, RecordingFacts]) -> Iterator[Discrepancy]:
    for contact in contacts:
        if contact.channel != "call":
            continue
        if contact.recording and contact.recording not in files:
            yield _of(contact, "recording_absent")
        elif not contact.recording and not contact.transcript and contact.outcome in REACHED:
            yield _of(contact, "recording_not_named", outcome=contact.outcome)


def _shared(named: Mapping[str, list[Contact]]) -> Iterator[Discrepancy]:
    for name, group in named.items():
        if len(group) > 1:
            others = ", ".join(contact.call_id for contact in group)
            yield _of(group[0], "recording_shared", name, others=others)


def _unlogged(
    files: Mapping[str, RecordingFacts], named: Mapping[str, list[Contact]]
) -> Iterator[Discrepancy]:
    for name in files.keys() - named.keys():
        yield Discrepancy("recording_unlogged", name)


def _duplicates(
    recordings: Iterable[RecordingFacts], named: Mapping[str, list[Contact]]
) -> Iterator[Discrepancy]:
    """Each file of equal content but the first by name; the first is the original as far as names can say."""
    by_hash: dict[str, list[str]] = {}
    for facts in recordings:
        if facts.sha256:
            by_hash.setdefault(facts.sha256, []).append(facts.name)
    for names in by_hash.values():
        first, *others = sorted(names)
        for name in others:
            contact = named[name][0] if name in named else None
            agency = contact.agency if contact else "unknown"
            call_id = contact.call_id if contact else None
            yield Discrepancy("duplicate", name, call_id, agency, {"others": first})


def _heard(contact: Contact, facts: RecordingFacts) -> Iterator[Discrepancy]:
    logged, heard = contact.duration_s, facts.duration_s
    if (
        logged
        and heard is not None
        and abs(logged - heard) > max(LENGTH_SLACK_S, LENGTH_SLACK_SHARE * logged)
    ):
        kind = "cut" if heard < logged else "length"
        yield _of(contact, kind, facts.name, logged_s=logged, heard_s=heard)
    if facts.silent:
        yield _of(contact, "silent", facts.name)
    elif facts.dead_channels:
        yield _of(contact, "dead_channel", facts.name, channels=", ".join(map(str, facts.dead_channels)))
    speech = facts.speech_s
    if speech is None or facts.silent:
        return
    if contact.outcome in UNANSWERED and speech > ANNOUNCEMENT_S:
        yield _of(contact, "outcome_unanswered", facts.name, outcome=contact.outcome, speech_s=speech)
    elif contact.outcome == "conversation" and speech < 1.0:
        yield _of(contact, "outcome_reached", facts.name, outcome=contact.outcome, speech_s=speech)


def _clocks(pairs: Iterable[tuple[Contact, RecordingFacts]], places: Places | None) -> Iterator[Discrepancy]:
    """Per agency, the recorder's clock against the dialler's: from times in file names, else from file times."""
    by_agency: dict[str, list[tuple[float, Contact, RecordingFacts]]] = {}
    for contact, facts in pairs:
        off = _offset_s(contact, facts, places)
        if off is not None:
            by_agency.setdefault(contact.agency, []).append((off, contact, facts))
    for agency, offsets in by_agency.items():
        middle = median(off for off, _, _ in offsets)
        spread = median(abs(off - middle) for off, _, _ in offsets)
        if len(offsets) < SKEW_CALLS or spread > SPREAD_S:
            continue
        if abs(middle) > SKEW_S:
            figures = {"calls": len(offsets), "skew_s": middle, "hint": _zone_hint(middle)}
            yield Discrepancy("clock_skew", agency, None, agency, figures)
        for off, contact, facts in offsets:
            if abs(off - middle) > max(SKEW_S, 10 * spread):
                yield _of(contact, "clock_outlier", facts.name, off_s=off, skew_s=middle)


def _offset_s(contact: Contact, facts: RecordingFacts, places: Places | None) -> float | None:
    """Recorder minus dialler, seconds; None where one of them gives no time."""
    if contact.started_at is None:
        return None
    rules = places.rules(contact.jurisdiction) if places else None
    when = moment(contact, rules)
    stamp = name_time(facts.name)
    if stamp is not None:
        wall = when.local or contact.started_at.replace(tzinfo=None)
        return (stamp - wall).total_seconds()
    known = when.earliest == when.latest and facts.modified_at is not None and facts.duration_s is not None
    if not known or facts.modified_at is None or facts.duration_s is None:
        return None
    return facts.modified_at - facts.duration_s - when.earliest


def name_time(name: str) -> datetime | None:
    """The time that recorders write into file names (…-20260403-101530-…), naive; None where there is none."""
    match = _STAMP.search(name.rpartition("/")[2])
    if match is None:
        return None
    try:
        return datetime(*map(int, match.groups()))  # type: ignore[arg-type]
    except ValueError:
        return None


def _zone_hint(skew_s: float) -> str:
    """A skew of whole half hours is a time zone rather than a clock that is wrong."""
    near = round(skew_s / 1800)
    off = near and abs(skew_s - near * 1800) <= SKEW_S
    return f" (UTC{near / 2:+g} h?)" if off else ""


def _of(contact: Contact, kind: str, subject: str | None = None, **figures: Any) -> Discrepancy:
    return Discrepancy(kind, subject or contact.call_id, contact.call_id, contact.agency, figures)

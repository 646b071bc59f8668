"""One contact to one result: hear it, find personal data, judge the words. Knows nothing of the store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit.cases import severity_rank
from audit.errors import InputError, RecordingError, TranscriptError
from audit.intake import hash_file, shown_name
from audit.models import CallFacts, CallResult, Contact, Finding, PersonalDatum, Transcript, Turn
from audit.settings import Settings

if TYPE_CHECKING:
    from audit.asking import Asker, Reading
    from audit.audio import Audio
    from audit.privacy import Detector
    from audit.rules import Judge
    from audit.similar.model import Reader
    from audit.speech import Recogniser

PIPELINE_VERSION = 2
"""Raise it when hearing or judging changes in a way that hashes of settings and lexicons do not show."""

SILENT_OUTCOMES = ("no_answer", "busy", "voicemail")
DOUBTED = ("critical", "high")
"""Severities whose windows are decoded a second time."""

EVIDENCE_SIGNS = 200
LIKENESS = ("similar", "reader")
TO_OTHERS = ("privacy.third_party_disclosure", "pressure.third_party_payment")
"""Categories that turn on whom it is said to."""


@dataclass(slots=True)
class Tools:
    """What a contact is heard and judged with. `recogniser` is made on first use: many runs need none."""

    settings: Settings
    judge: Judge
    detector: Detector
    reader: Reader | None
    recogniser: Callable[[], Recogniser]
    recordings: Path | None
    transcripts: Path | None
    asker: Asker | None = None


@dataclass(slots=True)
class Heard:
    """What hearing gave: the transcript (None: nothing to hear), measures, and the sound for a second look."""

    transcript: Transcript | None = None
    measures: dict[str, Any] = field(default_factory=dict)
    audio: Audio | None = None
    note: str = ""


def source_file(contact: Contact, tools: Tools) -> Path | None:
    """The file a contact is heard from: its transcript before its recording; None for a message or nothing.

    Raises TranscriptError or RecordingError when the log names a file that is not there.
    """
    if contact.transcript:
        return _existing(tools.transcripts, contact.transcript, "transcript", TranscriptError)
    if contact.recording:
        return _existing(tools.recordings, contact.recording, "recording", RecordingError)
    return None


def _existing(folder: Path | None, name: str, what: str, error: type[InputError]) -> Path:
    if folder is None:
        raise error(f"the log names the {what} {shown_name(name)}, but --{what}s was not given")
    path = folder / name
    if not path.is_file():
        raise error(f"the {what} {shown_name(name)} is not in the folder --{what}s; add it and run again")
    return path


def source_hash(contact: Contact, path: Path | None) -> str:
    """Hash of what is to be heard: the file's bytes, else the message's text, else empty."""
    if path is not None:
        return hash_file(path)
    return hashlib.sha256(contact.text.encode()).hexdigest() if contact.text else ""


def hear(contact: Contact, path: Path | None, tools: Tools) -> Heard:
    """The words of a contact, from its transcript, its recording or its message text.

    Raises TranscriptError, RecordingError, ModelError.
    """
    if path is not None and contact.transcript:
        return _read_transcript(contact, path)
    if path is not None:
        return _transcribe(contact, path, tools)
    if contact.text:
        return Heard(_message(contact))
    return Heard(note=_nothing_to_hear(contact))


def _read_transcript(contact: Contact, path: Path) -> Heard:
    from audit.speakers import measures
    from audit.transcripts import read

    transcript = read(path)
    if contact.language:
        transcript = replace(transcript, language=contact.language)
    return Heard(transcript, measures(transcript) if _timed(transcript) else {})


def _timed(transcript: Transcript) -> bool:
    return any(turn.start_s is not None and turn.end_s is not None for turn in transcript.turns)


def _transcribe(contact: Contact, path: Path, tools: Tools) -> Heard:
    from audit.audio import channel_health, decode
    from audit.speakers import assemble, measures
    from audit.speech import transcribe_channels

    audio = decode(path)
    health = channel_health(audio)
    heard = transcribe_channels(audio, tools.recogniser(), contact.language, health=health)
    transcript = assemble(
        heard.segments,
        agent_channel=contact.agent_channel,
        language=heard.language,
        agency_channel=tools.settings.agent_channels.get(contact.agency),
        health=health,
        audio=audio,
    )
    facts = {
        "duration_s": round(audio.duration_s, 3),
        "channels": audio.channels,
        "undecodable_frames": audio.undecodable_frames,
        "warnings": list(heard.notes),
        "language_probability": round(heard.language_probability, 3),
        "discarded_segments": sum(map(len, heard.discarded.values())),
        "suspicious_segments": sum(
            segment.suspicious is not None for segments in heard.segments.values() for segment in segments
        ),
        "health": health.as_dict(),
        "regions": {
            str(channel): [[round(region.start_s, 3), round(region.end_s, 3)] for region in regions]
            for channel, regions in heard.regions.items()
        },
    }
    return Heard(transcript, facts | measures(transcript, heard.regions, audio.duration_s), audio)


def _message(contact: Contact) -> Transcript:
    from audit.phrases import detect_language

    text = contact.text or ""
    language = contact.language or detect_language(text)
    return Transcript(
        language, (Turn(0, "agent", text),), f"{contact.channel} text", 1.0, "a message of the agency"
    )


def _nothing_to_hear(contact: Contact) -> str:
    if contact.channel == "visit":
        return "a visit: no words to judge; hours and counts were judged"
    if contact.outcome in SILENT_OUTCOMES:
        return ""
    return "no recording, transcript or text: the words were not judged; hours and counts were"


def facts_of(contact: Contact, transcript: Transcript, measures: Mapping[str, Any]) -> CallFacts:
    """What rules may ask about the call beside its words."""
    return CallFacts(
        call_id=contact.call_id,
        language=transcript.language,
        jurisdiction=contact.jurisdiction,
        direction=contact.direction,
        channel=contact.channel,
        party=None if contact.called_party == "unknown" else contact.called_party,
        length_s=contact.duration_s or measures.get("duration_s"),
        started_at=contact.started_at,
    )


def judge_words(
    contact: Contact, transcript: Transcript, measures: Mapping[str, Any], tools: Tools
) -> list[Finding]:
    """The findings of all readers over one call, in the order of its turns."""
    facts = facts_of(contact, transcript, measures)
    found = tools.judge.call(transcript.turns, transcript.language, facts)
    found = with_second_reader(found, tools.reader, transcript.turns, transcript.language)
    if facts.party == "debtor":
        found = spoken_to_debtor(found)
    return [place_in_time(finding, transcript.turns) for finding in found]


def spoken_to_debtor(found: Sequence[Finding]) -> list[Finding]:
    """The findings of a call with the debtor: a likeness alone does not make the debtor a third person.

    The second reader does not know who is on the line. Its findings of TO_OTHERS stay only where the first
    reader heard in the same call that somebody else is. The same holds for the third.
    """
    if any(
        one.category in (*TO_OTHERS, "contact.third_party") and one.basis not in LIKENESS for one in found
    ):
        return list(found)
    return [one for one in found if one.basis not in LIKENESS or one.category not in TO_OTHERS]


def ask_on(
    found: Sequence[Finding],
    contact: Contact,
    heard: tuple[Transcript, Mapping[str, Any]],
    data: Sequence[PersonalDatum],
    asker: Asker,
) -> Reading:
    """The findings with the third reader's word on the turns the first two leave open; never raises."""
    transcript, measures = heard
    facts = facts_of(contact, transcript, measures)
    reading = asker.read(found, transcript.turns, transcript.language, facts, data)
    kept = spoken_to_debtor(reading.findings) if facts.party == "debtor" else reading.findings
    placed = [place_in_time(finding, transcript.turns) for finding in kept]
    return replace(reading, findings=sorted(placed, key=_order))


def with_second_reader(
    found: Sequence[Finding], reader: Reader | None, turns: Sequence[Turn], language: str
) -> list[Finding]:
    """The first reader's findings weighed by the second, and what only the second saw."""
    return calls_with_second_reader([found], reader, [turns], [language])[0]


def calls_with_second_reader(
    found: Sequence[Sequence[Finding]],
    reader: Reader | None,
    calls: Sequence[Sequence[Turn]],
    languages: Sequence[str],
) -> list[list[Finding]]:
    """The same for many conversations at once, each turn cut once."""
    if reader is None:
        return [list(one) for one in found]
    weighed, own = reader.read_calls(found, calls, languages)
    return [
        merge_readers(first, second) if first or second else []
        for first, second in zip(weighed, own, strict=True)
    ]


def merge_readers(first: Sequence[Finding], second: Iterable[Finding]) -> list[Finding]:
    """The first reader's findings, and of the second's those that the first has nothing on.

    Where the first found the same category in the same turn, or saw it and excused it, the second is silent:
    a phrase that was seen and explained is better evidence than a likeness.
    """
    known = {(finding.category, finding.turn) for finding in first}
    extra = [finding for finding in second if (finding.category, finding.turn) not in known]
    return sorted([*first, *extra], key=_order)


def _order(finding: Finding) -> tuple[Any, ...]:
    turn = -1 if finding.turn is None else finding.turn
    start = -1 if finding.start is None else finding.start
    return turn, start, severity_rank(finding.severity), finding.rule


def place_in_time(finding: Finding, turns: Sequence[Turn]) -> Finding:
    """The finding with the seconds of its words; of its whole turn where words carry no times."""
    if finding.start_s is not None or finding.turn is None or finding.turn >= len(turns):
        return finding
    turn = turns[finding.turn]
    span = _span_of_words(turn, finding.start, finding.end) or (turn.start_s, turn.end_s)
    return replace(finding, start_s=span[0], end_s=span[1])


def _span_of_words(turn: Turn, start: int | None, end: int | None) -> tuple[float, float] | None:
    if start is None or end is None:
        return None
    touched, cursor = [], 0
    for word in turn.words:
        at = turn.text.find(word.text.strip(), cursor)
        if at < 0:
            continue
        cursor = at + len(word.text.strip())
        if at < end and cursor > start:
            touched.append(word)
    return (touched[0].start_s, touched[-1].end_s) if touched else None


def masked_turns(transcript: Transcript, data: Sequence[PersonalDatum]) -> dict[int, str]:
    """Turn index -> its text with every personal datum replaced by its type's label."""
    from audit.privacy import mask

    by_turn: dict[int, list[PersonalDatum]] = {}
    for datum in data:
        if datum.turn is not None:
            by_turn.setdefault(datum.turn, []).append(datum)
    return {turn.index: mask(turn.text, by_turn.get(turn.index, [])) for turn in transcript.turns}


def evidence(finding: Finding, transcript: Transcript | None, data: Sequence[PersonalDatum]) -> str:
    """What may be shown of a finding: its sentence masked, at most EVIDENCE_SIGNS signs around the hit."""
    from audit.privacy import mask

    if finding.turn is None or transcript is None or finding.turn >= len(transcript.turns):
        return ""
    text = transcript.turns[finding.turn].text
    mine = [datum for datum in data if datum.turn == finding.turn]
    start, end = finding.start or 0, finding.end if finding.end is not None else len(text)
    first = max(0, min(start, len(text) - EVIDENCE_SIGNS, (start + end - EVIDENCE_SIGNS) // 2))
    last = min(len(text), first + EVIDENCE_SIGNS)
    first, last = _whole_data(first, last, mine)
    inside = [
        replace(datum, start=datum.start - first, end=datum.end - first)
        for datum in mine
        if datum.start < last and datum.end > first
    ]
    masked = mask(text[first:last], inside)
    return f"{'…' if first else ''}{masked}{'…' if last < len(text) else ''}"


def _whole_data(first: int, last: int, data: Sequence[PersonalDatum]) -> tuple[int, int]:
    for datum in data:
        if datum.start < first < datum.end:
            first = datum.start
        if datum.start < last < datum.end:
            last = datum.end
    return first, last


def second_looks(findings: Sequence[Finding], heard: Heard, tools: Tools) -> dict[int, str]:
    """Turn index -> agree | differ | silent, for turns with serious findings heard from a recording."""
    from audit.speech import second_decoding

    if heard.audio is None or heard.transcript is None or not tools.settings.second_decoding:
        return {}
    wanted = {
        finding.turn
        for finding in findings
        if finding.severity in DOUBTED and finding.excused is None and finding.turn is not None
    }
    doubts: dict[int, str] = {}
    for index in sorted(wanted):
        turn = heard.transcript.turns[index]
        if turn.start_s is not None and turn.end_s is not None and turn.channel is not None:
            doubts[index] = second_decoding(
                heard.audio, turn, tools.recogniser(), heard.transcript.language
            ).verdict
    return doubts


def rejudge(
    contact: Contact, transcript: Transcript, measures: Mapping[str, Any], tools: Tools
) -> CallResult:
    """A result from a transcript that was heard before: personal data and words judged with today's tools."""
    return _judged(contact, Heard(transcript, dict(measures)), tools)


def audit_contact(contact: Contact, tools: Tools) -> CallResult:
    """Hear and judge one contact. Bad input gives status failed with its reason, never an exception.

    Raises ModelError when no recogniser is to be had: then no other recording can be heard either.
    """
    try:
        path = source_file(contact, tools)
        heard = hear(contact, path, tools)
    except InputError as error:
        return CallResult(contact, "failed", str(error))
    return _judged(contact, heard, tools)


def _judged(contact: Contact, heard: Heard, tools: Tools) -> CallResult:
    if heard.transcript is None:
        return CallResult(contact, "skipped" if heard.note else "audited", heard.note)
    findings = judge_words(contact, heard.transcript, heard.measures, tools)
    data = tools.detector.find_turns(heard.transcript.turns, heard.transcript.language)
    measures = {name: value for name, value in heard.measures.items() if name != "third_reader"}
    answers: dict[int, dict[str, Any]] = {}
    if tools.asker is not None:
        reading = ask_on(findings, contact, (heard.transcript, measures), data, tools.asker)
        findings, answers = reading.findings, reading.answers
        measures["third_reader"] = {"answered": len(answers), "left": reading.left}
    return CallResult(
        contact,
        "audited",
        "" if heard.transcript.turns else "the recording holds no speech",
        heard.transcript,
        tuple(findings),
        tuple(data),
        measures,
        doubts=second_looks(findings, heard, tools),
        answers=answers,
    )

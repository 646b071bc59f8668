"""A finding to a masked clip: sound bleeped, text masked, a receipt that lists every bleep. Fails closed."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit.errors import InputError, RecordingError, UsageError
from audit.models import PersonalDatum, Turn

if TYPE_CHECKING:
    from audit.audio import Audio
    from audit.speech import Recogniser
    from audit.store import Store

MARGIN_S = 2.0
CLIP_RATE_HZ = 16000


@dataclass(frozen=True, slots=True)
class Clip:
    """An exported clip: `sound` is None where the call has no recording. `receipt` lists each bleep."""

    finding_id: str
    sound: Path | None
    text: Path
    receipt: Path


@dataclass(frozen=True, slots=True)
class Source:
    """What a clip is cut from: the finding and contact rows, the turns around it, the call's personal data.

    `call` holds all turns of the call: a turn without times may be heard anywhere between its neighbours.
    """

    finding: dict[str, Any]
    contact: dict[str, Any]
    turns: tuple[Turn, ...]
    data: tuple[PersonalDatum, ...]
    start_s: float | None
    end_s: float | None
    call: tuple[Turn, ...] = ()


def read_source(store: Store, finding_id: str, margin_s: float = MARGIN_S) -> Source:
    """What the store knows around a finding; raises UsageError for an unknown one.

    The stretch runs over the whole turn of the finding and `margin_s` each side, and on to the nearest moment
    where nobody speaks.
    """
    from sqlalchemy import select

    from audit.store import reading
    from audit.store.tables import findings, personal_data

    with store.read() as connection:
        row = (
            connection.execute(select(findings).where(findings.c.finding_id == finding_id)).mappings().first()
        )
        if row is None:
            raise UsageError(f"There is no finding {finding_id}.")
        contact = next(reading.contacts(connection, [row["call_id"]]))
        transcript = reading.transcript(connection, row["call_id"])
        rows = connection.execute(
            select(personal_data).where(personal_data.c.call_id == row["call_id"])
        ).mappings()
        data = tuple(PersonalDatum(r["type"], r["start"], r["end"], r["score"], r["turn"]) for r in rows)
    turns = transcript.turns if transcript else ()
    start_s, end_s = _stretch(dict(row), turns, margin_s)
    if start_s is not None and end_s is not None and margin_s > 0:
        start_s, end_s = _between_words(contact["measures"] or {}, start_s, end_s, margin_s)
    near = tuple(turn for turn in turns if _is_near(turn, row["turn"], start_s, end_s))
    return Source(dict(row), contact, near, data, start_s, end_s, tuple(turns))


def _stretch(
    finding: dict[str, Any], turns: Sequence[Turn], margin_s: float
) -> tuple[float | None, float | None]:
    mine = next((turn for turn in turns if turn.index == finding["turn"]), None)
    start_s = mine.start_s if mine else finding["start_s"]
    end_s = mine.end_s if mine else finding["end_s"]
    if start_s is None or end_s is None:
        return None, None
    return max(0.0, start_s - margin_s), end_s + margin_s


def _between_words(
    measures: Mapping[str, Any], start_s: float, end_s: float, margin_s: float
) -> tuple[float, float]:
    """The stretch with its ends moved to where nobody speaks, as far as the regions of the hearing say."""
    from audit.speech import clip_span

    regions = measures.get("regions") or {}
    spans = [(float(a), float(b)) for own in regions.values() for a, b in own]
    if not spans:
        return start_s, end_s
    first, last = clip_span(spans, start_s + margin_s if start_s else 0.0, end_s - margin_s, margin_s)
    return first, min(last, float(measures.get("duration_s") or last))


def _is_near(turn: Turn, index: int | None, start_s: float | None, end_s: float | None) -> bool:
    if turn.index == index:
        return True
    if start_s is None or end_s is None or turn.start_s is None or turn.end_s is None:
        return index is not None and abs(turn.index - index) <= 1
    return turn.start_s < end_s and turn.end_s > start_s


def bleeps(source: Source) -> list[tuple[int | None, float, float]]:
    """(channel, start_s, end_s) in the recording of every personal datum within the clip, guard band included.

    A datum that cannot be placed bleeps its whole turn, or all that it may stand in (fails closed).
    """
    from audit.privacy.locate import locate

    length_s = (source.contact["measures"] or {}).get("duration_s")
    spans = locate(source.call or source.turns, source.data, length_s=length_s)
    if source.start_s is None or source.end_s is None:
        return spans
    return [span for span in spans if span[2] > source.start_s and span[1] < source.end_s]


def masked_audio(source: Source, recordings: Path, masked: bool = True) -> tuple[Audio, list[dict[str, Any]]]:
    """The clip's sound (channels kept, 16 kHz) and its bleeps relative to the clip.

    Raises RecordingError when the recording is gone or the stretch has no times.
    """
    from audit.audio import bleep, decode_range
    from audit.intake import hash_file, shown_name

    name = source.contact["recording"]
    if not name or source.start_s is None or source.end_s is None:
        raise RecordingError("the call has no recording with times to cut from")
    path = recordings / name
    if not path.is_file():
        raise RecordingError(f"the recording {shown_name(name)} is not in the folder of recordings")
    audited = None if source.contact["transcript"] else source.contact["recording_hash"]
    if audited and hash_file(path) != audited:
        # The times of its words are those of another file: what is bleeped would not be what is said.
        raise RecordingError(f"the recording {shown_name(name)} is no longer the file that was audited")
    audio = decode_range(path, source.start_s, source.end_s, CLIP_RATE_HZ)
    if not masked:
        return audio, []
    inside = [
        (
            channel if channel is not None and channel < audio.channels else None,
            max(0.0, start - source.start_s),
            min(audio.duration_s, end - source.start_s),
        )
        for channel, start, end in bleeps(source)
    ]
    listed = [{"channel": c, "start_s": round(a, 3), "end_s": round(b, 3)} for c, a, b in inside]
    return bleep(audio, inside), listed


def left_over(audio: Audio, recogniser: Recogniser, language: str) -> list[str]:
    """Types of personal data that a second recognition pass over a masked clip still finds; [] proves it clean."""
    from audit.privacy import Detector
    from audit.speech import transcribe_channels

    heard = transcribe_channels(audio, recogniser, language)
    detector = Detector()
    return sorted(
        {
            datum.type
            for segments in heard.segments.values()
            for segment in segments
            for datum in detector.find(segment.text, language)
        }
    )


def masked_lines(source: Source) -> list[dict[str, Any]]:
    """The turns of the clip, masked: {"speaker", "start_s", "end_s", "text", "flagged"}; times from the clip's start."""
    from audit.privacy import mask

    begin = source.start_s or 0.0
    lines = []
    for turn in source.turns:
        data = [datum for datum in source.data if datum.turn == turn.index]
        lines.append(
            {
                "speaker": turn.speaker,
                "start_s": None if turn.start_s is None else round(turn.start_s - begin, 2),
                "end_s": None if turn.end_s is None else round(turn.end_s - begin, 2),
                "text": mask(turn.text, data),
                "flagged": turn.index == source.finding["turn"],
            }
        )
    return lines


def make_clip(
    store: Store,
    finding_id: str,
    recordings: Path | None,
    out: Path,
    recogniser: Recogniser | None = None,
    actor: str = "audit",
) -> Clip:
    """Write `<finding_id>.flac`, `.html` and `.json` (receipt) to `out`; the export is a ledger row.

    With a recogniser the clip is heard again and the receipt says what is left. A clip on which personal
    data is still heard is not written: raises InputError. A call without a recording gives text only.
    """
    from audit.audio import write
    from audit.store import ledger
    from audit.tables import atomic

    source = read_source(store, finding_id)
    sound: Path | None = None
    listed: list[dict[str, Any]] = []
    heard_again: list[str] | None = None
    out.mkdir(parents=True, exist_ok=True)
    if source.contact["recording"] and recordings is not None and source.start_s is not None:
        audio, listed = masked_audio(source, recordings)
        if recogniser is not None:
            heard_again = left_over(audio, recogniser, source.contact["language"] or "zh")
            if heard_again:
                raise InputError(
                    f"{finding_id}: still heard after masking: {', '.join(heard_again)}; not exported"
                )
        sound = write(out / f"{finding_id}.flac", audio)
    receipt = _receipt(source, listed, heard_again, sound)
    with atomic(out / f"{finding_id}.html") as page:
        page.write(_page(source, sound))
    with atomic(out / f"{finding_id}.json") as file:
        json.dump(receipt, file, ensure_ascii=False, indent=1)
    with store.begin() as connection:
        ledger.append(connection, actor, "clip.exported", finding_id, {"bleeps": len(listed), "masked": True})
    return Clip(finding_id, sound, out / f"{finding_id}.html", out / f"{finding_id}.json")


def _receipt(
    source: Source, listed: list[dict[str, Any]], heard_again: list[str] | None, sound: Path | None
) -> dict[str, Any]:
    from audit.intake import hash_file

    finding = source.finding
    return {
        "finding_id": finding["finding_id"],
        "rule": finding["rule"],
        "rule_version": finding["rule_version"],
        "category": finding["category"],
        "citation": finding["citation"],
        "recording_sha256": source.contact["recording_hash"],
        "clip_sha256": hash_file(sound) if sound else None,
        "start_s": source.start_s,
        "end_s": source.end_s,
        "bleeps": listed,
        "left_over": "not checked" if heard_again is None else heard_again,
        "receipt": source.contact["receipt"],
        "transcript": masked_lines(source),
        "data": [
            asdict(datum) | {"start": None, "end": None}
            for datum in source.data
            if datum.turn in {turn.index for turn in source.turns}
        ],
    }


_STYLE = (
    "body{font:16px/1.6 system-ui,'Noto Sans CJK SC',sans-serif;max-width:720px;margin:40px auto;padding:0 20px;"
    "color:#1B2A33}p{margin:6px 0}.flag{background:#FBEDEA;border-left:4px solid #B3261E;padding:4px 10px}"
    "small{color:#5B6B75}audio{width:100%;margin:12px 0}"
)


def _page(source: Source, sound: Path | None) -> str:
    finding = source.finding
    lines = "\n".join(
        f"<p{' class=flag' if line['flagged'] else ''}><small>{line['speaker']}</small> {html.escape(line['text'])}</p>"
        for line in masked_lines(source)
    )
    player = f'<audio controls src="{html.escape(sound.name)}"></audio>' if sound else ""
    return (
        f"<!doctype html><meta charset=utf-8><title>{html.escape(finding['category'])}</title><style>{_STYLE}</style>"
        f"<h1>{html.escape(finding['category'])}</h1><p><small>{html.escape(finding['citation'])}</small></p>"
        f"{player}{lines}<p><small>{html.escape(finding['rule'])} v{finding['rule_version']}</small></p>\n"
    )

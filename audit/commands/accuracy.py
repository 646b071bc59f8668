"""`audit accuracy`: the recogniser beside a lender's own hand-made transcripts, and what its errors do to findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit.commands.console import ProgressView, tell
from audit.errors import EXIT_INPUT, EXIT_OK, InputError, UsageError
from audit.intake import AUDIO_SUFFIXES
from audit.models import CallFacts, Finding, Transcript
from audit.settings import Settings, load_settings, silence

if TYPE_CHECKING:
    from audit.rules import Judge
    from audit.speech import Recogniser
    from audit.speech.accuracy import CallAccuracy

TEXTS = (".json", ".vtt", ".srt")


@dataclass(slots=True)
class Findings:
    """What the errors do to findings: the same category found in both, only by hand, only by ear."""

    kept: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    added: Counter[str] = field(default_factory=Counter)

    def count(self, by_hand: Sequence[Finding], by_ear: Sequence[Finding]) -> None:
        """Add one call: how often each category stands in either transcript, excused findings left out."""
        ours, theirs = (Counter(f.category for f in own if not f.excused) for own in (by_hand, by_ear))
        self.kept += ours & theirs
        self.missed += ours - theirs
        self.added += theirs - ours


def measure(reference: Path, settings_file: Path | None, options: Mapping[str, Any]) -> int:
    """Transcribe the recording of every transcript in `reference` and print what stands right, by call and in all.

    A recording has its transcript's name; it lies in --recordings, beside the transcript, or in a folder
    recordings/ next to the reference. Returns the exit status: 1 when a pair could not be measured.
    """
    from audit.lexicon import load_pack
    from audit.rules import Judge
    from audit.speech import load_recogniser

    settings = load_settings(settings_file, **options)
    silence(settings.allow_download)
    pairs = find_pairs(reference, settings.recordings)
    recogniser = load_recogniser(settings.model, settings.engine, settings.device, settings.precision)
    judge = Judge(load_pack(settings.lexicons))
    rows: list[tuple[str, Transcript, CallAccuracy]] = []
    findings, failed = Findings(), 0
    with ProgressView("accuracy") as progress:
        for done, (text, sound) in enumerate(pairs):
            progress("calls", done, len(pairs), text.stem)
            try:
                rows.append(_measured(text, sound, recogniser, judge, findings))
            except InputError as error:
                failed += 1
                tell(f"{text.stem}: {error}")
    _print(rows, findings, settings, recogniser.model_hash)
    return EXIT_INPUT if failed else EXIT_OK


def find_pairs(reference: Path, recordings: Path | None) -> list[tuple[Path, Path]]:
    """Transcripts with their recordings, by name. Raises UsageError where there is none at all."""
    if not reference.is_dir():
        raise UsageError(f"--reference {reference.name}: there is no such folder.")
    places = [recordings] if recordings else [reference, reference.parent / "recordings"]
    sounds = {
        sound.stem: sound
        for place in reversed(places)
        if place.is_dir()
        for sound in sorted(place.iterdir())
        if sound.suffix.lower() in AUDIO_SUFFIXES
    }
    texts = [text for text in sorted(reference.iterdir()) if text.suffix.lower() in TEXTS]
    for text in texts:
        if text.stem not in sounds:
            tell(f"{text.name}: no recording of that name; left out")
    pairs = [(text, sounds[text.stem]) for text in texts if text.stem in sounds]
    if not pairs:
        raise UsageError(
            "--reference: no transcript has a recording of the same name, there or in --recordings."
        )
    return pairs


def hear(sound: Path, recogniser: Recogniser, language: str | None = None) -> Transcript:
    """A recording as `audit run` would hear it without any help of a log."""
    from audit.audio import channel_health, decode
    from audit.speakers import assemble
    from audit.speech import transcribe_channels

    audio = decode(sound)
    health = channel_health(audio)
    heard = transcribe_channels(audio, recogniser, language, health=health)
    return assemble(heard.segments, None, heard.language, health=health, audio=audio)


def _measured(
    text: Path, sound: Path, recogniser: Recogniser, judge: Judge, findings: Findings
) -> tuple[str, Transcript, CallAccuracy]:
    from audit.speech.accuracy import compare
    from audit.transcripts import read

    by_hand = read(text)
    by_ear = hear(sound, recogniser)
    facts = CallFacts(language=by_hand.language)
    findings.count(
        judge.call(by_hand.turns, by_hand.language, facts), judge.call(by_ear.turns, by_ear.language, facts)
    )
    return text.stem, by_ear, compare(by_hand, by_ear)


def _print(
    rows: Sequence[tuple[str, Transcript, CallAccuracy]],
    findings: Findings,
    settings: Settings,
    model_hash: str,
) -> None:
    from audit.speech.accuracy import NOTHING

    model = settings.model.rsplit("/", 1)[-1]
    print(f"model {model} ({settings.engine}), sha256 {model_hash[:16]}")
    print(f"{'call':24} {'lang':>4} {'units':>6} {'error':>7} {'roles':>7} {'numbers':>9}")
    totals: dict[str, CallAccuracy] = {}
    for name, by_ear, one in rows:
        print(_line(name, by_ear.language, one))
        totals[by_ear.language] = totals.get(by_ear.language, NOTHING) + one
    for language, total in sorted(totals.items()):
        print(_line(f"all ({'CER' if language == 'zh' else 'WER'})", language, total))
    _print_findings(findings)


def _line(name: str, language: str, one: CallAccuracy) -> str:
    roles = "-" if one.role_accuracy is None else f"{one.role_accuracy:.1%}"
    numbers = f"{one.numbers_right}/{one.numbers_total}"
    return (
        f"{name[:24]:24} {language:>4} {one.errors.units:>6} {one.errors.rate:>7.1%} {roles:>7} {numbers:>9}"
    )


def _print_findings(findings: Findings) -> None:
    """By category: found in both transcripts, lost to errors of hearing, found only because of them."""
    print(f"{'findings':32} {'kept':>5} {'lost':>5} {'new':>5}")
    for name in sorted({*findings.kept, *findings.missed, *findings.added}):
        print(f"{name:32} {findings.kept[name]:>5} {findings.missed[name]:>5} {findings.added[name]:>5}")
    kept, lost, new = (sum(c.values()) for c in (findings.kept, findings.missed, findings.added))
    print(f"{'all':32} {kept:>5} {lost:>5} {new:>5}")

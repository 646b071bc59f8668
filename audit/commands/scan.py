"""`audit scan`: utterances in, findings and masked text out, line by line, without any store (contract.md)."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from audit.commands.console import ProgressView, tell
from audit.errors import EXIT_INPUT, EXIT_OK, UsageError
from audit.models import SPEAKERS, CallFacts, Finding, PersonalDatum, Turn

BLOCK_LINES = 4000
CALL_LINES = 20000
"""A conversation is read whole up to this many lines beyond a block; a longer one is judged in parts."""


@dataclass(slots=True)
class Line:
    """One input line: its utterance, or the error that stands in its place."""

    number: int
    id: str | None
    text: str = ""
    language: str | None = None
    turn: Turn | None = None
    call_id: str | None = None
    error: str | None = None


def read_lines(file: Iterable[bytes]) -> Iterator[Line]:
    """The lines of a JSONL stream; blank lines are passed over, bad ones carry their error."""
    for number, raw in enumerate(file, start=1):
        if raw.strip():
            yield _read_line(number, raw)


def _read_line(number: int, raw: bytes) -> Line:
    try:
        value = json.loads(raw.decode("utf-8-sig" if number == 1 else "utf-8"))
    except UnicodeDecodeError:
        return Line(number, None, error="not UTF-8: save the file as UTF-8")
    except json.JSONDecodeError as error:
        return Line(number, None, error=f"not valid JSON: {error.msg} at column {error.colno}")
    except RecursionError:
        return Line(number, None, error="not valid JSON: nested too deep")
    if b"\\u" in raw and not _has_utf8(value):
        return Line(
            number, None, error="holds half of a surrogate pair (\\ud800 to \\udfff), which is no text"
        )
    if not isinstance(value, dict):
        return Line(number, None, error="not a JSON object")
    return _checked(number, value)


def _has_utf8(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _checked(number: int, value: dict[str, Any]) -> Line:
    given = value.get("id")
    if not isinstance(given, str):
        return Line(number, None, error="id is missing or not a string")
    text, speaker, call_id = value.get("text"), value.get("speaker") or "unknown", value.get("call_id")
    if not isinstance(text, str):
        return Line(number, given, error="text is missing or not a string")
    if speaker not in SPEAKERS:
        return Line(number, given, error=f"speaker is not one of {', '.join(SPEAKERS)}")
    language = value.get("lang")
    if language not in (None, "", "zh", "en"):
        return Line(number, given, error="lang is not zh or en; leave it out to have it detected")
    start_s, end_s = value.get("start"), value.get("end")
    if not (_is_time(start_s) and _is_time(end_s)):
        return Line(number, given, error="start and end are seconds, as numbers")
    turn = Turn(0, speaker, text, start_s, end_s)
    return Line(number, given, text, language or None, turn, str(call_id) if call_id is not None else None)


def _is_time(value: Any) -> bool:
    return value is None or isinstance(value, int | float)


def blocks(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Blocks of about BLOCK_LINES lines that do not part a conversation written in one piece."""
    block: list[Line] = []
    for line in lines:
        full = len(block) >= BLOCK_LINES
        same = bool(block) and line.call_id is not None and line.call_id == block[-1].call_id
        if full and not (same and len(block) < BLOCK_LINES + CALL_LINES):
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def conversations(block: Sequence[Line]) -> Iterator[list[Line]]:
    """The utterances of a block that belong together; those without a call_id stand alone."""
    by_call: dict[str, list[Line]] = {}
    for line in block:
        if line.turn is None:
            continue
        if line.call_id is None:
            yield [line]
        else:
            by_call.setdefault(line.call_id, []).append(line)
    yield from by_call.values()


class Scanner:
    """Judges blocks of lines; `bases` narrows the findings, None lets all through."""

    def __init__(
        self, lexicons: Path | None, jurisdiction: str, bases: frozenset[str] | None, personal_data: bool
    ):
        from audit.lexicon import load_pack
        from audit.privacy import Detector
        from audit.rules import Judge
        from audit.similar import load

        self.judge = Judge(load_pack(lexicons), bases)
        self.reader = load(None) if bases is None or "similar" in bases else None
        self.detector = Detector() if personal_data else None
        self.jurisdiction = jurisdiction
        self.bases = bases
        self.no_call: dict[str, CallFacts] = {}

    def block(self, block: Sequence[Line]) -> Iterator[dict[str, Any]]:
        """One result a line, in the block's order."""
        results: dict[int, dict[str, Any]] = {}
        talks = [(lines, _language(lines)) for lines in conversations(block)]
        alone = self._data_of_single_lines(talks)
        for (lines, language), turns, found in zip(talks, *self._judged(talks), strict=True):
            data = alone.get(lines[0].number)
            if len(lines) == 1 and data is None and self.detector is None:
                results[lines[0].number] = self._result(lines[0], found, [])
                continue
            for line, result in zip(lines, self._results(lines, turns, language, found, data), strict=True):
                results[line.number] = result
        for line in block:
            yield results.get(line.number) or {"id": line.id, "error": line.error}

    def _judged(
        self, talks: Sequence[tuple[list[Line], str]]
    ) -> tuple[list[list[Turn]], list[list[Finding]]]:
        """The turns of each conversation, and what both readers find in it."""
        from audit.pipeline import calls_with_second_reader

        turns = [[_numbered(line, index) for index, line in enumerate(lines)] for lines, _ in talks]
        languages = [language for _, language in talks]
        facts = [self._facts(lines[0].call_id, language) for lines, language in talks]
        found = self.judge.calls(turns, languages, facts)
        return turns, calls_with_second_reader(found, self.reader, turns, languages)

    def _facts(self, call_id: str | None, language: str) -> CallFacts:
        """What is known of a conversation; equal for all lines without a call."""
        if call_id is not None:
            return CallFacts(call_id=call_id, language=language, jurisdiction=self.jurisdiction)
        if language not in self.no_call:
            self.no_call[language] = CallFacts(language=language, jurisdiction=self.jurisdiction)
        return self.no_call[language]

    def _data_of_single_lines(self, talks: list[tuple[list[Line], str]]) -> dict[int, list[PersonalDatum]]:
        """Line number -> personal data of the utterances that stand alone, found in one batch."""
        if self.detector is None:
            return {}
        single = [(lines[0], language) for lines, language in talks if len(lines) == 1]
        found = self.detector.find_many(
            [line.text for line, _ in single], [language for _, language in single]
        )
        return {line.number: data for (line, _), data in zip(single, found, strict=True)}

    def _results(
        self,
        lines: list[Line],
        turns: list[Turn],
        language: str,
        found: list[Finding],
        alone: list[PersonalDatum] | None,
    ) -> list[dict[str, Any]]:
        if alone is not None:
            return [self._result(lines[0], found, alone)]
        data = self.detector.find_turns(turns, language) if self.detector else []
        return [
            self._result(line, [f for f in found if f.turn == at], [d for d in data if d.turn == at])
            for at, line in enumerate(lines)
        ]

    def _result(self, line: Line, findings: list[Finding], data: list[PersonalDatum]) -> dict[str, Any]:
        kept = [
            f
            for f in findings
            if f.excused is None and not f.trial and (not self.bases or f.basis in self.bases)
        ]
        result: dict[str, Any] = {"id": line.id, "findings": [_finding(f) for f in kept]}
        if self.detector is not None:
            from audit.privacy import mask

            result["personal_data"] = [
                {"type": d.type, "start": d.start, "end": d.end, "score": round(d.score, 4)} for d in data
            ]
            result["masked"] = mask(line.text, data)
        return result


def _language(lines: Sequence[Line]) -> str:
    if lines[0].language:
        return lines[0].language
    from audit.phrases import detect_language

    return detect_language(" ".join(line.text for line in lines[:20]))


def _numbered(line: Line, index: int) -> Turn:
    turn = line.turn
    if turn is None:
        raise UsageError("a line without an utterance cannot be judged")
    if index == turn.index:
        return turn
    return Turn(index, turn.speaker, turn.text, turn.start_s, turn.end_s)


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "category": finding.category,
        "severity": finding.severity,
        "basis": finding.basis,
        "start": finding.start,
        "end": finding.end,
        "text": finding.text,
        "confidence": round(finding.confidence, 4),
    }


def scan(
    source: Path,
    output: Path | None,
    lexicons: Path | None,
    jurisdiction: str,
    bases: list[str],
    personal_data: bool = True,
) -> int:
    """Scan a file (or `-`, standard input) and return the exit status."""
    import sys

    known = ("phrase", "heard_as", "similar", "reader", "sequence")
    wrong = [basis for basis in bases if basis not in known]
    if wrong:
        raise UsageError(f"--basis {wrong[0]} is not one of {', '.join(known)}.")
    if str(source) != "-" and (source.is_dir() or not source.exists()):
        raise UsageError(f"{source}: there is no such file. Give a JSONL file, or - for standard input.")
    scanner = Scanner(lexicons, jurisdiction, frozenset(bases) or None, personal_data)
    gc.freeze()  # what was loaded lives to the end: no use in looking through it for rubbish time and again
    if str(source) == "-":
        return _scan_stream(sys.stdin.buffer, output, scanner)
    with source.open("rb") as file:
        return _scan_stream(file, output, scanner)


def _scan_stream(file: Iterable[bytes], output: Path | None, scanner: Scanner) -> int:
    import sys

    from audit.tables import atomic

    if output is None:
        return _write(file, sys.stdout, scanner)
    with atomic(output) as out:
        return _write(file, out, scanner)


ENCODE = json.JSONEncoder(ensure_ascii=False).encode


def _written(result: dict[str, Any]) -> str:
    """One line of output; most say nothing but an id."""
    if len(result) == 2 and result.get("findings") == []:
        return f'{{"id": {ENCODE(result["id"])}, "findings": []}}\n'
    return ENCODE(result) + "\n"


def _write(file: Iterable[bytes], out: IO[str], scanner: Scanner) -> int:
    done = bad = 0
    with ProgressView("scan") as progress:
        for block in blocks(read_lines(file)):
            for line, result in zip(block, scanner.block(block), strict=True):
                if line.error:
                    bad += 1
                    tell(f"line {line.number}: {line.error}")
                out.write(_written(result))
            done += len(block)
            progress("utterances", done, done, "")
    tell(f"{done} utterances read, {bad} with errors.")
    return EXIT_INPUT if bad else EXIT_OK

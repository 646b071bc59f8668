"""What the player draws, as plain data: turns in pieces, findings in words, the wave, the texts of its buttons."""

from __future__ import annotations

from typing import Any

from audit import wording
from audit.screens.parts.desk import Desk
from audit.screens.parts.hearing import Sound
from audit.screens.parts.masked import datum_title, masked_words
from audit.screens.parts.reasons import clause_link, excused_words, question, reason_words, rule_words
from audit.store.views import CaseFinding, CaseView, Piece, TurnView
from audit.wording.names import DISMISSAL_REASONS


def build_scene(
    here: Desk, seen: CaseView, sound: Sound | None, no_sound: str, selected: str | None
) -> dict[str, Any]:
    """The scene of a case; `no_sound` says why there is none to hear, `selected` is the finding to start at."""
    may = {name: here.scope.may(right) for name, right in (("decide", "decide"), ("hear", "hear"))}
    order = {finding.finding_id: index for index, finding in enumerate(seen.findings)}
    return {
        "call": seen.contact["call_id"],
        "case": seen.case["case_id"],
        "language": here.language,
        "spoken": seen.contact["language"] or "zh",
        "me": here.scope.user,
        "sound": None
        if sound is None
        else {
            "key": sound.key,
            "start": sound.start_s,
            "end": sound.end_s,
            "peaks": [list(one) for one in sound.peaks],
        },
        "noSound": no_sound,
        "duration": seen.contact["duration_s"],
        "channels": _channel_names(here, seen),
        "gentle": bool(seen.case["distress"]),
        "masked": not seen.revealed,
        "may": may,
        "selected": selected,
        "turns": [_turn(here, turn, order) for turn in seen.turns],
        "findings": [_finding(here, finding, seen) for finding in seen.findings],
        "reasons": [[reason, wording.reason_title(reason, here.language)] for reason in DISMISSAL_REASONS],
        "texts": texts(here.say),
    }


def _channel_names(here: Desk, seen: CaseView) -> dict[str, str]:
    names: dict[str, str] = {}
    for turn in seen.turns:
        if turn.channel is not None:
            names.setdefault(str(turn.channel), wording.speaker_title(turn.speaker, here.language))
    return names


def _turn(here: Desk, turn: TurnView, order: dict[str, int]) -> dict[str, Any]:
    return {
        "i": turn.index,
        "who": turn.speaker,
        "name": wording.speaker_title(turn.speaker, here.language),
        "start": turn.start_s,
        "end": turn.end_s,
        "pieces": [_piece(here, piece, order) for piece in turn.pieces],
        "corrected": turn.corrected,
        "heard": None if turn.heard is None else masked_words(turn.heard, here),
        "by": turn.corrected_by or "",
    }


def _piece(here: Desk, piece: Piece, order: dict[str, int]) -> dict[str, Any]:
    out: dict[str, Any] = {"x": piece.text}
    if piece.masked:
        out["m"] = datum_title(piece.masked, here)
    if piece.start_s is not None:
        out |= {"s": round(piece.start_s, 3), "e": round(piece.end_s or piece.start_s, 3)}
    if piece.findings:
        out["f"] = [order[one] for one in piece.findings if one in order]
    return out


def _finding(here: Desk, finding: CaseFinding, seen: CaseView) -> dict[str, Any]:
    say, language = here.say, here.language
    title, says = rule_words(finding.rule, finding.category, language)
    return {
        "id": finding.finding_id,
        "title": title,
        "says": says,
        "asks": question(finding.rule, finding.category, language),
        "severity": finding.severity,
        "severityTitle": wording.severity_title(finding.severity, language),
        "letter": wording.severity_letter(finding.severity),
        "quote": exact_words(here, seen, finding),
        "clause": finding.citation,
        "clauseLink": clause_link(finding.citation),
        "rule": f"{finding.rule} · v{finding.rule_version}",
        "basis": wording.basis_title(finding.basis, language),
        "confidence": wording.format_percent(finding.confidence, language, 0),
        "doubt": _doubt(say, finding.doubt),
        "decision": finding.decision,
        "decisionTitle": wording.decision_title(finding.decision, language),
        "reason": reason_words(finding.reason, finding.details, language, finding.rule),
        "excused": excused_words(finding.excused, language),
        "trial": finding.trial,
        "counts": finding.counts,
        "turn": finding.turn,
        "start": finding.start_s,
        "end": finding.end_s,
        "verdict": finding.verdict,
        "verdictTitle": wording.verdict_title(finding.verdict, language) if finding.verdict else "",
        "by": finding.actor or "",
        "at": wording.format_datetime(finding.at, language) if finding.at else "",
        "note": finding.note,
        "second": finding.second_actor or "",
        "needsSecond": bool(
            finding.verdict and finding.severity == "critical" and not finding.second_actor and finding.counts
        ),
    }


def exact_words(here: Desk, seen: CaseView, finding: CaseFinding) -> str:
    """The finding's own words as the transcript shows them, personal data as labels; else its evidence."""
    own = [
        f"〔{datum_title(piece.masked, here)}〕" if piece.masked and not piece.text else piece.text
        for turn in seen.turns
        if turn.index == finding.turn
        for piece in turn.pieces
        if finding.finding_id in piece.findings
    ]
    return "".join(own).strip() or masked_words(finding.quote, here)


def _doubt(say: wording.Say, doubt: str | None) -> str:
    words = {
        "agree": say("heard again the same"),
        "differ": say("heard differently the second time"),
        "silent": say("not heard the second time"),
    }
    return words.get(doubt or "", "")


def texts(say: wording.Say) -> dict[str, str]:
    """The player's own words."""
    return {
        "play": say("Play"),
        "pause": say("Pause"),
        "back": say("Back 3 s"),
        "forward": say("Forward 3 s"),
        "nextFlag": say("Next finding"),
        "previousFlag": say("Previous finding"),
        "loop": say("Loop this finding"),
        "speed": say("Speed"),
        "volume": say("Volume"),
        "keys": say("Keys"),
        "confirm": say("Confirm"),
        "dismiss": say("Dismiss"),
        "escalate": say("Escalate"),
        "agree": say("Agree"),
        "undo": say("Undo"),
        "note": say("Note"),
        "notePlaceholder": say("Note for the next verdict, or to keep with the case"),
        "saveNote": say("Keep note"),
        "nextCase": say("Next case"),
        "previousCase": say("Previous case"),
        "transcript": say("Transcript"),
        "findings": say("Findings"),
        "asks": say("Ask yourself"),
        "rule": say("Rule"),
        "clause": say("Clause"),
        "how": say("How it was heard"),
        "missing": say("Why"),
        "excused": say("Excused: {why}", why="{why}"),
        "trial": say("Trial rule: does not count"),
        "noted": say("Noted, needs no verdict"),
        "second": say("Needs a second person"),
        "secondDone": say("agreed by {who}", who="{who}"),
        "whyDismiss": say("Why dismiss? Press a digit, or Enter for no reason"),
        "noReason": say("No reason"),
        "done": say("All findings are decided"),
        "keymap": say("Keys of this screen"),
        "close": say("Close"),
        "correct": say("Correct words"),
        "save": say("Save"),
        "cancel": say("Cancel"),
        "corrected": say("corrected by a person"),
        "heard": say("heard by the machine: {words}", words="{words}"),
        "takeBack": say("Take the correction back"),
        "judging": say("Judging the call again…"),
        "masked": say("masked"),
        "noTranscript": say("There is no transcript: the finding comes from the call log."),
        "noFindings": say("Nothing was found in this call."),
        "search": say("Hear from here"),
        "gentle": say("Distress: the sound starts quiet. Read first."),
        "help": say("Show or hide this map"),
        "wave": say("Sound of the call; findings are marked"),
    }

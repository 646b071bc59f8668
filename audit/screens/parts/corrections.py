"""Corrected words and swapped roles on the case page: the deed, what it changed, the history of such changes."""

from __future__ import annotations

from typing import Any

from audit import wording
from audit.screens.parts.desk import Desk, toast
from audit.screens.parts.judging import judge_again, with_data_back
from audit.screens.parts.markup import Markup, severity_badge, table, tag
from audit.screens.parts.masked import datum_title, masked_words
from audit.screens.parts.surface import surface
from audit.store.correcting import Change, Correction
from audit.store.views import CaseView


def correct_words(here: Desk, seen: CaseView, turn: int, text: str) -> Change | None:
    """What a person heard in a turn, judged at once; empty text gives the recogniser its words back."""
    words = _with_data(here, seen, turn, text)
    kind: Any = "words" if words.strip() else "words_back"
    return _told(here, judge_again(here, seen.case["case_id"], Correction(kind, turn, words)))


def swap_roles(here: Desk, case_id: str) -> Change | None:
    """Collector and customer of a case's call exchanged and the call judged again at once."""
    return _told(here, judge_again(here, case_id, Correction("roles")))


def _with_data(here: Desk, seen: CaseView, turn: int, text: str) -> str:
    """The text with the masked data of the turn where its labels stand: nobody has to see it to keep it."""
    from sqlalchemy import select

    from audit.store import tables as t

    if seen.revealed or not text.strip():
        return text
    own, call_id = t.personal_data.c, seen.contact["call_id"]
    with here.store.read() as connection:
        line = connection.execute(
            select(t.turns.c.text).where(t.turns.c.call_id == call_id, t.turns.c.turn == turn)
        ).scalar_one_or_none()
        spans = connection.execute(
            select(own.start, own.end, own.type)
            .where(own.call_id == call_id, own.turn == turn)
            .order_by(own.start)
        ).all()
    pieces = [(kind, (line or "")[start:end]) for start, end, kind in spans]
    return with_data_back(text, pieces, lambda kind: f"[{datum_title(kind, here)}]")


def _told(here: Desk, change: Change | None) -> Change | None:
    say = here.say
    if change is None:
        toast(say("These are the words already"))
        return None
    fate = wording.status_title(change.case_status or "withdrawn", here.language)
    toast(
        say(
            "Judged again: {new} new, {gone} gone. Case: {status}",
            new=here.number(len(change.appeared)),
            gone=here.number(len(change.vanished)),
            status=fate,
        )
    )
    return change


def history(here: Desk, rows: list[dict[str, Any]], language: str | None) -> None:
    """How the call was corrected: who, when, what came and what went."""
    say = here.say
    columns = [
        (say("When (UTC)"), "au-nowrap"),
        (say("Who"), ""),
        (say("What"), ""),
        (say("Gone"), "au-evidence"),
        (say("New"), "au-evidence"),
    ]
    lines = [
        (
            wording.format_datetime(row["at"], here.language),
            row["actor"] or "–",
            _what(here, row),
            _found(here, row["vanished"], language),
            _found(here, row["appeared"], language),
        )
        for row in rows
    ]
    surface("changes", tag("div", table(columns, lines, caption=say("Judged again")), class_="au-scroll"))


def _what(here: Desk, row: dict[str, Any]) -> str:
    say = here.say
    if row["kind"] == "roles":
        return say("Roles swapped")
    turn = here.number(int(row["turn"]) + 1)
    if row["kind"] == "words_back":
        return say("Words of turn {turn} taken back", turn=turn)
    return say("Words of turn {turn} corrected", turn=turn)


def _found(here: Desk, rows: list[dict[str, Any]], spoken: str | None) -> Markup:
    if not rows:
        return tag("span", "–", class_="au-soft")
    return tag(
        "div",
        [
            tag(
                "div",
                severity_badge(row["severity"], here.language, short=True),
                " ",
                wording.category_title(row["category"], here.language),
                tag("span", f" · {wording.verdict_title(row['verdict'], here.language)}")
                if row["verdict"]
                else None,
                tag("div", masked_words(row["evidence"], here), class_="au-soft au-small", lang=spoken),
            )
            for row in rows
        ],
    )

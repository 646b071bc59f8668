"""What a change of the word lists would do to stored calls: both packs over a period, in a process of its own.

`python -m audit.screens.comparing --store URL --before DIR --after DIR [--first WEEK] [--last WEEK]` reads the
store and writes nothing to it. One JSON object a line on standard output: {"done", "total"} as it goes, then for
each contact that changes {"call_id", "gained", "lost"} (findings with masked evidence), at the end {"end": …}.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from audit.models import Contact, Finding, PersonalDatum, Transcript
    from audit.pipeline import Tools
    from audit.store import Store

EVERY = 20
"""Contacts between two lines of progress."""


def compare(
    store: Store, before: Tools, after: Tools, first: str | None, last: str | None
) -> Iterator[dict[str, Any]]:
    """Judge every stored transcript of the weeks first..last by both packs; yields progress, changes, the end.

    Only findings that count are compared (not excused, not on trial); what is stored plays no part, so the
    difference is that of the two packs alone.
    """
    from audit.store.reading import contact_of

    with store.read() as connection:
        rows = _contacts(connection, first, last)
        gained = lost = changed = 0
        for done, row in enumerate(rows, start=1):
            change = _change(connection, contact_of(row), row, (before, after))
            if change["gained"] or change["lost"]:
                changed += 1
                gained += len(change["gained"])
                lost += len(change["lost"])
                yield change
            if done % EVERY == 0:
                yield {"done": done, "total": len(rows)}
    yield {"end": {"contacts": len(rows), "changed": changed, "gained": gained, "lost": lost}}


def _contacts(connection: Connection, first: str | None, last: str | None) -> list[dict[str, Any]]:
    from sqlalchemy import select

    from audit.store import tables as t

    query = select(t.contacts).where(t.contacts.c.transcript_source.is_not(None))
    if first is not None:
        query = query.where(t.contacts.c.week >= first)
    if last is not None:
        query = query.where(t.contacts.c.week <= last)
    return [dict(row) for row in connection.execute(query.order_by(t.contacts.c.call_id)).mappings()]


def _change(
    connection: Connection, contact: Contact, row: dict[str, Any], both: tuple[Tools, Tools]
) -> dict[str, Any]:
    from audit.store.reading import transcript

    spoken = transcript(connection, contact.call_id)
    if spoken is None:
        return {"call_id": contact.call_id, "gained": [], "lost": []}
    old, new = (_counting(contact, spoken, row, tools) for tools in both)
    if old.keys() == new.keys():
        return {"call_id": contact.call_id, "gained": [], "lost": []}
    data = _data(connection, contact.call_id)
    return {
        "call_id": contact.call_id,
        "gained": [_shown(new[name], spoken, data) for name in new if name not in old],
        "lost": [_shown(old[name], spoken, data) for name in old if name not in new],
    }


def _counting(contact: Contact, spoken: Transcript, row: dict[str, Any], tools: Tools) -> dict[str, Finding]:
    from audit.cases import counts, fingerprint
    from audit.pipeline import judge_words

    found = judge_words(contact, spoken, row["measures"] or {}, tools)
    return {fingerprint(contact.call_id, one): one for one in found if counts(one)}


def _data(connection: Connection, call_id: str) -> list[PersonalDatum]:
    from sqlalchemy import select

    from audit.models import PersonalDatum
    from audit.store import tables as t

    rows = connection.execute(select(t.personal_data).where(t.personal_data.c.call_id == call_id))
    return [PersonalDatum(row.type, row.start, row.end, row.score, row.turn) for row in rows]


def _shown(finding: Finding, spoken: Transcript, data: list[PersonalDatum]) -> dict[str, Any]:
    from audit.pipeline import evidence

    return {
        "rule": finding.rule,
        "category": finding.category,
        "severity": finding.severity,
        "speaker": finding.speaker,
        "language": spoken.language,
        "evidence": evidence(finding, spoken, data),
    }


def tools_of(folder: Path, settings: Any) -> Tools:
    """What judges by the pack in `folder`; no recogniser, no endpoint."""
    from audit.batch import make_tools

    tools = make_tools(settings.model_copy(update={"lexicons": folder, "second_decoding": False}))
    tools.asker = None
    return tools


def main() -> int:
    """Compare as asked on the command line."""
    from audit.errors import AuditError
    from audit.lexicon import load_pack
    from audit.rules import Judge
    from audit.settings import load_settings, silence
    from audit.store import Store

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", required=True)
    for name in ("--before", "--after"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--settings", type=Path)
    parser.add_argument("--first")
    parser.add_argument("--last")
    asked = parser.parse_args()
    silence()
    try:
        store = Store.open(asked.store, create=False)
        before = tools_of(asked.before, load_settings(asked.settings))
        after = replace(before, judge=Judge(load_pack(asked.after)))
        for line in compare(store, before, after, asked.first, asked.last):
            print(json.dumps(line, ensure_ascii=False), flush=True)
    except AuditError as error:
        print(f"audit: {error}", file=sys.stderr)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())

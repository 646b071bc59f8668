"""A case to a pack that proves itself on another machine: clips, transcript, rules, clauses, receipts, decisions.

A pack is a ZIP. `manifest.json` lists the SHA-256 of every other file and of itself without that line; the
ledger rows of the case stand in it with their hashes. `verify_pack` needs neither store nor network.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit import __version__
from audit.clips import MARGIN_S, bleeps, masked_audio, masked_lines, read_source
from audit.errors import InputError, IntegrityError, UsageError
from audit.intake import shown_name
from audit.tables import atomic

if TYPE_CHECKING:
    from audit.store import Store

MANIFEST = "manifest.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)
LIMIT_BYTES = 1 << 30
"""A pack that unpacks to more is refused: it is none of ours."""


def make_pack(
    store: Store, case_id: str, recordings: Path | None, out: Path, actor: str, masked: bool = True
) -> Path:
    """Write the evidence pack of a case as `<case_id>-<edition>.zip` and return it; the export is a ledger row.

    `masked` False gives the unmasked edition: the caller must have checked the right to it. Raises UsageError
    for an unknown case.
    """
    from audit.store import ledger

    with store.begin() as connection:
        ledger.append(connection, actor, "evidence.exported", case_id, {"masked": masked})
    files = _files(store, case_id, recordings, masked)
    edition = "masked" if masked else "unmasked"
    path = out / f"{case_id}-{edition}.zip"
    with atomic(path, binary=True) as file:
        file.write(sealed(files, {"case_id": case_id, "edition": edition, "exported_by": actor}))
    return path


def sealed(files: dict[str, bytes], facts: dict[str, Any]) -> bytes:
    """The files as a ZIP with a manifest of their SHA-256 and of its own; `facts` stand in the manifest."""
    manifest = {
        **facts,
        "made_by": f"conduct-audit {__version__}",
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())},
    }
    manifest["manifest_sha256"] = _manifest_hash(manifest)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in sorted({**files, MANIFEST: _json(manifest)}.items()):
            pack.writestr(zipfile.ZipInfo(name, _EPOCH), content)
    return buffer.getvalue()


def _manifest_hash(manifest: dict[str, Any]) -> str:
    plain = {key: value for key, value in manifest.items() if key != "manifest_sha256"}
    return hashlib.sha256(_json(plain)).hexdigest()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str).encode()


def _files(store: Store, case_id: str, recordings: Path | None, masked: bool) -> dict[str, bytes]:
    from sqlalchemy import select

    from audit.store import reading
    from audit.store import tables as t

    with store.read() as connection:
        case = connection.execute(select(t.cases).where(t.cases.c.case_id == case_id)).mappings().first()
        if case is None:
            raise UsageError(f"There is no case {case_id}.")
        contact = next(reading.contacts(connection, [case["call_id"]]))
        findings = [row for row in reading.findings(connection, [case["call_id"]]) if not row["trial"]]
        verdicts = connection.execute(
            select(t.verdicts).where(t.verdicts.c.call_id == case["call_id"])
        ).mappings()
        decisions = [dict(row) for row in verdicts]
        subjects = [case_id, *(row["finding_id"] for row in findings)]
        acts = connection.execute(
            select(t.ledger).where(t.ledger.c.subject.in_(subjects)).order_by(t.ledger.c.seq)
        ).mappings()
        ledger_rows = [dict(row) for row in acts]
        turns = [
            dict(row)
            for row in connection.execute(
                select(t.turns).where(t.turns.c.call_id == case["call_id"]).order_by(t.turns.c.turn)
            ).mappings()
        ]
        own = select(t.corrections).where(t.corrections.c.call_id == case["call_id"])
        corrections = {row["turn"]: dict(row) for row in connection.execute(own).mappings()}
        again = select(t.rejudgements).where(t.rejudgements.c.call_id == case["call_id"])
        changes = [
            dict(row) for row in connection.execute(again.order_by(t.rejudgements.c.change_id)).mappings()
        ]
    files = {
        "case.json": _json(dict(case)),
        "contact.json": _json(_contact(contact, masked)),
        "findings.json": _json([_finding(row, masked) for row in findings]),
        "decisions.json": _json([d if not masked else d | {"note": ""} for d in decisions]),
        "ledger.json": _json(ledger_rows),
        "transcript.json": _json([_turn(row, masked, corrections.get(row["turn"])) for row in turns]),
    }
    if changes:
        files["corrections.json"] = _json(changes)
    for row in findings:
        if row["excused"] is None and row["turn"] is not None:
            files |= _clip_files(store, row["finding_id"], recordings, masked)
    return files


def _contact(row: dict[str, Any], masked: bool) -> dict[str, Any]:
    """The log's row; the masked edition leaves out the message and numbers in the names of files."""
    if not masked:
        return dict(row)
    names = {name: shown_name(row[name]) for name in ("recording", "transcript") if row[name]}
    return {name: value for name, value in row.items() if name != "text"} | names


def _finding(row: dict[str, Any], masked: bool) -> dict[str, Any]:
    hidden = ("text", "pieces") if masked else ()
    return {name: value for name, value in row.items() if name not in hidden}


def _turn(row: dict[str, Any], masked: bool, correction: dict[str, Any] | None) -> dict[str, Any]:
    """A turn; where a person corrected it also what the recogniser wrote, who corrected it and when."""
    line = {name: row[name] for name in ("turn", "speaker", "start_s", "end_s", "channel")}
    if correction is not None and correction["heard"] is not None:
        heard = correction["heard"]["masked" if masked else "text"]
        line |= {"heard": heard, "corrected_by": correction["actor"], "corrected_at": correction["at"]}
    return line | ({"text": row["masked"]} if masked else {"text": row["text"], "words": row["words"]})


def _clip_files(store: Store, finding_id: str, recordings: Path | None, masked: bool) -> dict[str, bytes]:
    import soundfile

    source = read_source(store, finding_id, MARGIN_S)
    clip: dict[str, Any] = {
        "transcript": masked_lines(source),
        "start_s": source.start_s,
        "end_s": source.end_s,
    }
    files = {}
    if recordings is not None and source.contact["recording"]:
        try:
            audio, listed = masked_audio(source, recordings, masked)
        except InputError as error:
            clip["no_sound"] = str(error)
        else:
            sound = io.BytesIO()
            soundfile.write(sound, audio.samples.T, audio.rate_hz, format="FLAC", subtype="PCM_16")
            files[f"clips/{finding_id}.flac"] = sound.getvalue()
            clip["bleeps"] = listed if masked else bleeps(source)
    return files | {f"clips/{finding_id}.json": _json(clip)}


def verify_pack(path: Path) -> dict[str, Any]:
    """Check every file of a pack against its manifest, and its ledger rows against their own hashes.

    Evidence packs and oversight packs (which carry no ledger rows). Returns the manifest; raises IntegrityError naming the first thing that does not hold.
    """
    from audit.store.ledger import row_hash

    try:
        with zipfile.ZipFile(path) as pack:
            if sum(info.file_size for info in pack.infolist()) > LIMIT_BYTES:
                raise IntegrityError(f"{path.name}: too large for an evidence pack.")
            names = pack.namelist()
            content = {name: pack.read(name) for name in names}
    except (
        EOFError,
        OSError,
        RuntimeError,
        ValueError,
        struct.error,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise IntegrityError(f"{path.name}: not a whole ZIP file.") from error
    manifest = _read_manifest(path, content)
    if len(names) != len(set(names)) or set(names) - {MANIFEST} != set(manifest["files"]):
        raise IntegrityError(f"{path.name}: files were added or taken away.")
    for name, digest in manifest["files"].items():
        if hashlib.sha256(content[name]).hexdigest() != digest:
            raise IntegrityError(f"{path.name}: {name} was changed.")
    if "ledger.json" not in manifest["files"]:
        return manifest
    try:
        changed = [row["seq"] for row in json.loads(content["ledger.json"]) if row_hash(row) != row["hash"]]
    except (KeyError, TypeError, ValueError) as error:
        raise IntegrityError(f"{path.name}: its ledger rows cannot be read.") from error
    if changed:
        raise IntegrityError(f"{path.name}: ledger row {changed[0]} was changed.")
    return manifest


def _read_manifest(path: Path, content: dict[str, bytes]) -> dict[str, Any]:
    try:
        manifest = json.loads(content[MANIFEST])
        whole = manifest["manifest_sha256"] == _manifest_hash(manifest)
        own = {"report.html", "findings.csv"} if manifest.get("kind") == "oversight" else {"ledger.json"}
        present = own <= set(manifest["files"]) and ("case_id" in manifest or "kind" in manifest)
    except (KeyError, TypeError, ValueError) as error:
        raise IntegrityError(f"{path.name}: no manifest that can be read.") from error
    if not whole or not present:
        raise IntegrityError(f"{path.name}: the manifest was changed.")
    return dict(manifest)

"""Handing out the sound of a call to the person at the desk: whether they may, which stretch, the ledger row."""

from __future__ import annotations

from audit.errors import AuditError
from audit.screens.parts.desk import Desk
from audit.screens.parts.hearing import Sound, excerpt, is_the_audited, sound_of
from audit.store.views import CaseView


def handed_sound(here: Desk, seen: CaseView) -> tuple[Sound | None, str]:
    """The excerpt this person may hear, or why there is none; handing it out is a ledger row, once per opening."""
    import streamlit as st

    from audit.store import acts

    say, contact = here.say, seen.contact
    if not here.scope.may("hear"):
        return None, say("Your role does not hear calls.")
    if not contact["recording"]:
        return None, say("There is no recording of this contact.")
    folder = here.recordings
    path = folder / contact["recording"] if folder else None
    if path is None or not path.is_file():
        return None, say("The recording is not in the folder of recordings.")
    # Where a ready transcript was audited the kept hash is that one's.
    if not is_the_audited(path, None if contact["transcript"] else contact["recording_hash"]):
        return None, say("The recording is no longer the file that was audited.")
    moments = [one.start_s for one in seen.findings if one.start_s is not None and one.counts]
    at = st.session_state.get("_window", {}).get(contact["call_id"])
    start, end = excerpt(contact["duration_s"], [at + 20.0] if at is not None else moments)
    try:
        sound = sound_of(path, start, end, seen.bleeps)
    except AuditError as error:
        return None, str(error)
    served = (contact["call_id"], round(start), seen.revealed)
    if served not in st.session_state.setdefault("_served", set()):
        st.session_state["_served"].add(served)
        here.act(acts.hear, contact["call_id"], not seen.revealed, (start, end))
    return sound, ""


def move_window(seen: CaseView, at_s: float) -> None:
    """Hand out another stretch of a long call next time: around `at_s`."""
    import streamlit as st

    st.session_state.setdefault("_window", {})[seen.contact["call_id"]] = max(0.0, at_s - 5.0)

"""Starting, watching and stopping runs from the app: the same `audit run` as the weekly job, in its own process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from audit import wording
from audit.errors import AuditError
from audit.screens.parts import jobs
from audit.screens.parts.desk import Desk, desk, toast
from audit.screens.parts.markup import Markup, act, status_badge, tag
from audit.screens.parts.surface import surface
from audit.store import jobs as table

SHOWN = 3


def start_panel(here: Desk) -> None:
    """A folded form for a run; above it what the app started and what became of it."""
    import streamlit as st

    say = here.say
    with st.expander(say("Start a run"), icon=":material/play_arrow:"):
        st.caption(
            say("Auditing the same call log again does no work twice and tries failed contacts again.")
        )
        calls = st.text_input(say("Call log on this machine (CSV, XLSX, Parquet)"), key="run_calls")
        recordings = st.text_input(
            say("Folder of recordings"), str(here.recordings or ""), key="run_recordings"
        )
        out = st.text_input(say("Folder for the papers"), "reports/app", key="run_out")
        if st.button(say("Start"), type="primary", disabled=busy(here) or not calls.strip()):
            _start_form(here, calls.strip(), recordings.strip(), out.strip())
        error = st.session_state.pop("run_error", None)
        if error:
            st.error(error)


def busy(here: Desk) -> bool:
    """Whether a run started from the app is under way."""
    return any(job["status"] == "running" for job in here.ask(table.rows, "run", SHOWN))


def _start_form(here: Desk, calls: str, recordings: str, out: str) -> None:
    import streamlit as st

    if not Path(calls).is_file():
        st.session_state["run_error"] = here.say("There is no file {name} on this machine.", name=calls)
        return
    arguments = ["run", "--calls", calls, "--out", out, "--origin", "app"]
    arguments += ["--recordings", recordings] if recordings else []
    try:
        jobs.start(here, "run", arguments)
    except AuditError as error:
        st.session_state["run_error"] = str(error)
        return
    st.rerun()


def again(run: dict[str, Any]) -> list[str] | None:
    """The arguments that audit a run's call log again; None for a run that did not note where its log lies."""
    inputs = run["inputs"] or {}
    where = inputs.get("where") or {}
    if not where.get("calls") or not Path(where["calls"]).is_file():
        return None
    arguments = ["run", "--origin", "app"]
    for name in ("calls", "recordings", "transcripts", "out"):
        if where.get(name):
            arguments += [f"--{name}", where[name]]
    return arguments


def retry_panel(here: Desk, run: dict[str, Any] | None) -> None:
    """A button that audits the newest run's call log again: only what failed or changed is done."""
    import streamlit as st

    arguments = again(run) if run is not None else None
    if arguments is None:
        return
    say = here.say
    if st.button(say("Try failed contacts again"), icon=":material/replay:", disabled=busy(here)):
        try:
            jobs.start(here, "run", arguments)
        except AuditError as error:
            toast(str(error), ":material/error:")
        else:
            toast(say("Started. What is audited already is left as it is."))
        st.rerun()


def job_list(here: Desk) -> None:
    """The runs that the app started last, with how far they are; one that runs can be stopped by anybody."""
    import streamlit as st

    found = here.ask(table.rows, "run", SHOWN)
    if not found:
        return
    surface("jobs", tag("section", [_job(here, job) for job in found], class_="au-card au-jobs"), _heard)
    newest = found[0]
    words = jobs.last_words(newest)
    if words:
        with st.expander(here.say("What the newest run said"), icon=":material/terminal:"):
            st.code(words, language=None, wrap_lines=True)


def _job(here: Desk, job: dict[str, Any]) -> Markup:
    say, run = here.say, job["run"]
    done = run["done"] if run else 0
    total = run["total"] if run else 0
    width = f"width:{min(100, round(100 * done / total)) if total else 0}%"
    running = job["status"] == "running"
    far = (
        say("{done} of {total} contacts", done=here.number(done), total=here.number(total))
        if run
        else say("reading the input")
        if running
        else "–"
    )
    button = (
        act("stop", job["job_id"], say("Stop"), class_="au-btn")
        if running and job["stopped_by"] is None
        else tag("span", say("asked to stop"), class_="au-soft au-small")
        if running
        else None
    )
    return tag(
        "div",
        status_badge(job["status"], here.language),
        tag(
            "span",
            f"{job['actor']} · {wording.format_datetime(job['at'], here.language)}",
            class_="au-nowrap",
        ),
        tag("span", tag("i", style=width), class_="au-bar au-tone-good au-grow"),
        tag("span", far, class_="au-nowrap"),
        tag("span", _fate(here, job), class_="au-soft au-small"),
        button,
        class_="au-row au-job",
    )


def _fate(here: Desk, job: dict[str, Any]) -> str:
    say = here.say
    if job["status"] == "died":
        return say("The process ended without a word. What it did is kept: start it again to go on.")
    if job["status"] == "failed" and job["exit_status"] == 1:
        return say("Some contacts failed; they stand below with their reasons.")
    if job["status"] == "failed":
        return say("It could not do its work; see what it said.")
    if job["status"] == "stopped":
        return say("Stopped by {who}; what was done is kept.", who=job["stopped_by"] or "–")
    return ""


def _heard(name: str, value: str, _extra: dict[str, Any]) -> None:
    if name != "stop":
        return
    here = desk()
    try:
        if jobs.stop(here, value):
            toast(here.say("Asked to stop"), ":material/stop_circle:")
    except AuditError as error:
        toast(str(error), ":material/error:")

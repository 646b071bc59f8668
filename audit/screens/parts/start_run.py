"""Starting a run from the app: the same `audit run` as the weekly job, in a process of its own."""

from __future__ import annotations

from pathlib import Path

from audit.errors import AuditError
from audit.screens.parts.desk import Desk
from audit.screens.parts.jobs import Job, start


def start_panel(here: Desk) -> None:
    """A folded form for a run, and what became of the one started in this session."""
    import streamlit as st

    say = here.say
    job: Job | None = st.session_state.get("run_job")
    with st.expander(say("Start a run"), icon=":material/play_arrow:", expanded=job is not None):
        st.caption(
            say("Auditing the same call log again does no work twice and tries failed contacts again.")
        )
        calls = st.text_input(say("Call log on this machine (CSV, XLSX, Parquet)"), key="run_calls")
        recordings = st.text_input(
            say("Folder of recordings"), str(here.recordings or ""), key="run_recordings"
        )
        out = st.text_input(say("Folder for the papers"), "reports/app", key="run_out")
        busy = job is not None and job.status is None
        if st.button(say("Start"), type="primary", disabled=busy or not calls.strip()):
            _start(here, calls.strip(), recordings.strip(), out.strip())
            st.rerun()
        if job is not None:
            _watch(here, job)


def _start(here: Desk, calls: str, recordings: str, out: str) -> None:
    import streamlit as st

    if not Path(calls).is_file():
        st.session_state["run_error"] = here.say("There is no file {name} on this machine.", name=calls)
        return
    arguments = ["run", "--calls", calls, "--out", out]
    arguments += ["--recordings", recordings] if recordings else []
    try:
        st.session_state["run_job"] = start(here, "run", arguments)
    except AuditError as error:
        st.session_state["run_error"] = str(error)


def _watch(here: Desk, job: Job) -> None:
    import streamlit as st

    say = here.say
    error = st.session_state.pop("run_error", None)
    if error:
        st.error(error)

    @st.fragment(run_every=2.0 if job.status is None else None)
    def watch() -> None:
        if job.status is None:
            st.info(
                say("Under way for {seconds} s; the list below shows how far it is.", seconds=job.seconds)
            )
        elif job.status == 0:
            st.success(say("The run is done."))
        else:
            st.warning(
                say(
                    "The run ended with status {status}: some inputs failed, or the call was wrong.",
                    status=job.status,
                )
            )
        if job.last_words():
            st.code(job.last_words(), language=None, wrap_lines=True)

    watch()

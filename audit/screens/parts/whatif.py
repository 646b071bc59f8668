"""What a change of the word lists would do: the comparison started, watched, read; nothing is switched on by it."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audit import wording
from audit.screens.parts import jobs, workshop
from audit.screens.parts.desk import Desk
from audit.screens.parts.markup import Markup, empty, section, severity_badge, table, tag
from audit.screens.parts.masked import masked_words
from audit.screens.parts.reasons import rule_words
from audit.screens.parts.surface import surface
from audit.store import jobs as job_table

PERIODS = {"1": 1, "5": 5, "13": 13, "all": None}
"""What can be chosen: this many of the newest weeks; the second is the last month and the default."""

EXAMPLES = 3


@dataclass(slots=True)
class Outcome:
    """A comparison as far as it is: how far, per rule what would come and go, examples, and the end when it is there."""

    done: int = 0
    total: int = 0
    gained: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    examples: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    end: dict[str, int] | None = None


def period_title(key: str, say: wording.Say) -> str:
    """Name of a period."""
    titles = {"1": say("the last week"), "5": say("the last month"), "13": say("the last quarter")}
    return titles.get(key, say("all stored calls"))


def begin(here: Desk, name: str, text: str, period: str) -> None:
    """Start the comparison of the pack in use with the same pack in which one file is another."""
    import streamlit as st

    from audit.store import views

    folder = _fresh_folder(here)
    with workshop.edited_pack(here, name, text) as root:
        shutil.copytree(root, folder / "after")
    arguments = ["--before", str(workshop.directory(here)), "--after", str(folder / "after")]
    weeks = here.ask(views.weeks)[: PERIODS[period]]
    if weeks and PERIODS[period] is not None:
        arguments += ["--first", weeks[-1], "--last", weeks[0]]
    job_id = jobs.start(here, "compare", arguments, "audit.screens.comparing")
    st.session_state["work_job"] = (job_id, folder, text, period)


def _fresh_folder(here: Desk) -> Path:
    import tempfile

    import streamlit as st

    held = st.session_state.pop("work_job", None)
    if held is not None:
        jobs.stop(here, held[0])
        shutil.rmtree(held[1], ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix="audit-pack-"))


def _job(here: Desk) -> dict[str, Any] | None:
    import streamlit as st

    held = st.session_state.get("work_job")
    if held is None:
        return None
    jobs.settle(here)
    rows = here.ask(job_table.rows, "compare", 30)
    return next((row for row in rows if row["job_id"] == held[0]), None)


def outcome_of(text: str) -> Outcome | None:
    """The finished comparison of exactly this text; None when there is none."""
    import streamlit as st

    held = st.session_state.get("work_job")
    seen: Outcome | None = st.session_state.get("work_outcome")
    if held is None or held[2] != text or seen is None or seen.end is None:
        return None
    return seen


def watch(here: Desk) -> None:
    """The comparison under way or done: a bar, then what would come and go, with examples."""
    import streamlit as st

    job = _job(here)
    if job is None:
        return
    running = job["status"] == "running"

    @st.fragment(run_every=1.0 if running else None)
    def live() -> None:
        now = _job(here)
        if now is None:
            return
        seen = read_outcome(Path(now["folder"]) / jobs.OUTPUT)
        st.session_state["work_outcome"] = seen
        if now["status"] == "running":
            _bar(here, now, seen)
            return
        if running:
            st.rerun()  # the whole page, so that the button beside it knows the outcome
        _result(here, now, seen)

    live()


def _bar(here: Desk, job: dict[str, Any], seen: Outcome) -> None:
    import streamlit as st

    say = here.say
    share = seen.done / seen.total if seen.total else 0.0
    left, right = st.columns([5, 1], vertical_alignment="center")
    words = (
        say(
            "{done} of {total} calls judged by both packs",
            done=here.number(seen.done),
            total=here.number(seen.total),
        )
        if seen.total
        else say("Reading both packs…")
    )
    left.progress(min(1.0, share), words)
    right.button(say("Stop"), on_click=_stop, args=(here, job["job_id"]), width="stretch")


def _stop(here: Desk, job_id: str) -> None:
    jobs.stop(here, job_id)


def _result(here: Desk, job: dict[str, Any], seen: Outcome) -> None:
    import streamlit as st

    say = here.say
    if job["status"] == "stopped":
        st.info(say("The comparison was stopped."))
        return
    if seen.end is None:
        st.error(say("The comparison failed:"))
        st.code(jobs.last_words(job), language=None)
        return
    period = st.session_state["work_job"][3]
    hint = say("{period}; nothing is switched on", period=period_title(period, say))
    surface("work_changes", section(say("What would change"), changes(here, seen), hint=hint))


def read_outcome(path: Path) -> Outcome:
    """What a comparison has written so far; a line that is still being written is left for the next look."""
    seen = Outcome()
    for line in _lines(path):
        if "end" in line:
            seen.end = line["end"]
            seen.done = seen.total = seen.end["contacts"]
        elif "total" in line:
            seen.done, seen.total = line["done"], line["total"]
        else:
            for kind, counter in (("gained", seen.gained), ("lost", seen.lost)):
                for finding in line[kind]:
                    counter[finding["rule"]] += 1
                    kept = seen.examples.setdefault((kind, finding["rule"]), [])
                    if len(kept) < EXAMPLES:
                        kept.append(finding | {"call_id": line["call_id"]})
    return seen


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return
    for line in text.splitlines(keepends=True):
        if line.endswith("\n"):
            yield json.loads(line)


def changes(here: Desk, seen: Outcome) -> Markup:
    """Per rule how many findings would come and go, with masked examples."""
    say, end = here.say, seen.end or {}
    rules = sorted(
        set(seen.gained) | set(seen.lost), key=lambda one: (-seen.gained[one] - seen.lost[one], one)
    )
    if not rules:
        return empty(
            say("Nothing would change"),
            say.plural("{count} call was judged by both packs", "{count} calls were judged by both packs", end.get("contacts", 0)),
        )  # fmt: skip
    columns = [(say("Rule"), ""), (say("New"), "au-num"), (say("Gone"), "au-num"), (say("Examples, masked"), "au-evidence")]  # fmt: skip
    lines = [(_rule(here, seen, rule), f"+{seen.gained[rule]}", f"−{seen.lost[rule]}", _examples(here, seen, rule)) for rule in rules]  # fmt: skip
    return tag(
        "div",
        tag(
            "p",
            say.plural(
                "{count} call would be judged otherwise", "{count} calls would be judged otherwise", end.get("changed", 0)
            ),
            f": +{here.number(end.get('gained', 0))} −{here.number(end.get('lost', 0))}",
        ),
        tag("div", table(columns, lines, caption=say("What would change")), class_="au-scroll"),
    )  # fmt: skip


def _rule(here: Desk, seen: Outcome, rule: str) -> Markup:
    one = next(found[0] for key, found in seen.examples.items() if key[1] == rule)
    title, _ = rule_words(rule, one["category"], here.language)
    return tag(
        "div",
        severity_badge(one["severity"], here.language, short=True),
        " ",
        title,
        tag("div", rule, class_="au-mono au-soft au-small"),
    )


def _examples(here: Desk, seen: Outcome, rule: str) -> Markup:
    shown = []
    for kind, sign in (("gained", "+"), ("lost", "−")):
        for one in seen.examples.get((kind, rule), ()):
            shown.append(
                tag(
                    "div",
                    tag("b", sign + " "),
                    tag("span", masked_words(one["evidence"], here), lang=one["language"]),
                    tag("span", f" {one['call_id']}", class_="au-soft au-small au-mono"),
                )
            )
    return tag("div", shown)

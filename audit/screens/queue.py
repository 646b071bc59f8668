"""Queue: the cases that wait, worst first; filters, saved views, assignment, dismissal in bulk with undo."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from audit import wording
from audit.models import SEVERITIES
from audit.screens.parts.desk import Desk, asked, desk, toast
from audit.screens.parts.markup import EMPTY, Markup, act, empty, tag
from audit.screens.parts.surface import surface
from audit.screens.parts.tables import case_rows
from audit.store.views import QueueFilter

PAGE = 40
_STATUSES = (
    "waiting",
    "open",
    "second_look",
    "escalated",
    "confirmed",
    "dismissed",
    "withdrawn",
    "flagged",
    "all",
)


def page() -> None:
    """Draw the page."""
    import streamlit as st

    from audit.store import views

    here = desk()
    say = here.say
    chosen = current_filter()
    known = here.remembered(views.facets)
    head = st.container()
    chosen = _filters(here, chosen, known)
    st.session_state["queue_filter"] = chosen
    offset = int(st.session_state.get("queue_offset", 0))
    rows, total = here.ask(views.queue, chosen, PAGE, offset)
    if offset and not rows:
        offset = st.session_state["queue_offset"] = 0
        rows, total = here.ask(views.queue, chosen, PAGE, 0)
    st.session_state["queue_total"] = total
    with head:
        surface("head", _heading(here, chosen, total))
        _undo_banner(here)
    if not rows:
        surface(
            "none",
            empty(say("Nothing here"), say("No case matches. Clear a filter, or look at another state.")),
        )
        return
    pick = here.scope.may("bulk") or here.scope.may("decide")
    body = section_free(
        _bulk_bar(here) if pick else EMPTY, case_rows(here, rows, pick), _foot(here, offset, len(rows), total)
    )
    surface("rows", body, _heard, rows=True)
    _dialogs(here)


def section_free(*children: Any) -> Markup:
    """A card without a heading."""
    return tag("section", *children, class_="au-card")


def current_filter() -> QueueFilter:
    """The filter in use: what a click asked for, else what this session last used."""
    import streamlit as st

    opened = asked("queue")
    if opened is not None:
        st.session_state["queue_filter"] = from_link(opened)
        st.session_state["queue_offset"] = 0
        _forget_widgets()
    return st.session_state.get("queue_filter") or QueueFilter()


def from_link(parameters: dict[str, list[str]]) -> QueueFilter:
    """A filter from the parameters of a link; what is no number where one is needed is left out."""
    values: dict[str, Any] = {}
    for key, given in parameters.items():
        if key == "severity":
            values[key] = tuple(one for one in given if one in SEVERITIES)
        elif key in ("undecided", "distress", "overdue"):
            values[key] = given[0] == "1"
        elif key in ("weekday", "hour"):
            if given[0].isdigit():
                values[key] = int(given[0])
        elif key == "status":
            values[key] = given[0] if given[0] in _STATUSES else "waiting"
        else:
            values[key] = given[0]
    return QueueFilter.of(values)


def _forget_widgets() -> None:
    import streamlit as st

    for key in list(st.session_state):
        if str(key).startswith("f_"):
            del st.session_state[key]


def _heading(here: Desk, chosen: QueueFilter, total: int) -> Markup:
    say = here.say
    keys = tag(
        "span",
        tag("kbd", "J"),
        " ",
        tag("kbd", "K"),
        " ",
        say("move"),
        "  ",
        tag("kbd", "Enter"),
        " ",
        say("open"),
        "  ",
        tag("kbd", "X"),
        " ",
        say("select"),
        class_="au-soft au-small",
    )
    left = tag(
        "div",
        tag("h1", say("Queue")),
        tag("p", say.plural("{count} case", "{count} cases", total), " · ", say("worst first")),
    )
    extras = []
    if chosen.weekday is not None and chosen.hour is not None:
        day = wording.weekday_names(here.language)[chosen.weekday]
        extras.append(tag("span", f"{day} {chosen.hour:02d}:00", class_="au-chip"))
    if chosen.debtor:
        extras.append(tag("span", chosen.debtor, class_="au-chip"))
    return tag("div", left, tag("div", extras, class_="au-grow"), keys, class_="au-head")


def _status_names(say: wording.Say, language: str) -> dict[str, str]:
    names = {name: wording.status_title(name, language) for name in _STATUSES}
    return names | {"waiting": say("Waiting"), "flagged": say("Flagged"), "all": say("All")}


def _filters(here: Desk, chosen: QueueFilter, known: dict[str, list[str]]) -> QueueFilter:
    import streamlit as st

    say, language = here.say, here.language
    names = _status_names(say, language)
    any_one = say("Any")
    first = st.columns([1.05, 1.2, 1.15, 1.25, 1.4, 0.95], gap="small", vertical_alignment="bottom")
    with first[0]:
        status = st.selectbox(
            say("State"),
            _STATUSES,
            index=_STATUSES.index(chosen.status),
            format_func=names.__getitem__,
            key="f_status",
            on_change=_from_top,
        )
    with first[1]:
        week = _choice(
            say("Week"),
            known["weeks"],
            chosen.week,
            "f_week",
            lambda w: wording.format_week(w, language),
            any_one,
        )
    with first[2]:
        agency = _choice(say("Agency"), known["agencies"], chosen.agency, "f_agency", str, any_one)
    with first[3]:
        category = _choice(
            say("Category"),
            known["categories"],
            chosen.category,
            "f_category",
            lambda c: wording.category_title(c, language),
            any_one,
        )
    with first[4]:
        severity = st.multiselect(
            say("Severity"),
            SEVERITIES[:4],
            default=[s for s in chosen.severity if s in SEVERITIES[:4]],
            format_func=lambda s: wording.severity_title(s, language),
            key="f_severity",
            placeholder=any_one,
            on_change=_from_top,
        )
    with first[5], st.popover(say("More"), icon=":material/tune:", width="stretch"):
        chosen = _more(here, chosen, known)
        _saved(here, chosen)
    return replace(
        chosen, status=status, week=week, agency=agency, category=category, severity=tuple(severity)
    )


def _from_top() -> None:
    import streamlit as st

    st.session_state["queue_offset"] = 0


def _choice(
    label: str, options: list[str], value: str | None, key: str, shown: Any, any_one: str
) -> str | None:
    import streamlit as st

    choices = [None, *options] if value is None or value in options else [None, value, *options]
    return st.selectbox(
        label,
        choices,
        index=choices.index(value),
        key=key,
        format_func=lambda one: any_one if one is None else shown(one),
        on_change=_from_top,
    )


def _more(here: Desk, chosen: QueueFilter, known: dict[str, list[str]]) -> QueueFilter:
    import streamlit as st

    say, language = here.say, here.language
    any_one = say("Any")
    agent = _choice(say("Agent"), known["agents"], chosen.agent, "f_agent", str, any_one)
    place = _choice(say("Place"), known["places"], chosen.place, "f_place", str, any_one)
    spoken = _choice(
        say("Language"),
        known["languages"],
        chosen.language,
        "f_language",
        lambda c: wording.language_title(c, language),
        any_one,
    )
    basis = _choice(
        say("Found by"),
        ["phrase", "heard_as", "similar", "sequence", "log"],
        chosen.basis,
        "f_basis",
        lambda b: wording.basis_title(b, language),
        any_one,
    )
    assignee = _choice(
        say("Assigned"),
        list(dict.fromkeys(("", here.scope.user, *known["reviewers"]))),
        chosen.assignee,
        "f_assignee",
        lambda a: a or say("Nobody"),
        any_one,
    )
    confidence = st.slider(
        say("Confidence at least"), 0.0, 1.0, chosen.min_confidence or 0.0, 0.05, key="f_confidence"
    )
    overdue = st.toggle(say("Overdue only"), chosen.overdue, key="f_overdue")
    distress = st.toggle(say("Distress only"), chosen.distress, key="f_distress")
    undecided = st.toggle(say("A fact is missing"), chosen.undecided, key="f_undecided")
    st.button(say("Clear all filters"), on_click=_clear, width="stretch")
    return replace(
        chosen, agent=agent, place=place, language=spoken, basis=basis, assignee=assignee,
        min_confidence=confidence or None, overdue=overdue, distress=distress, undecided=undecided,
    )  # fmt: skip


def _clear() -> None:
    import streamlit as st

    st.session_state["queue_filter"] = QueueFilter()
    _from_top()
    _forget_widgets()


def _saved(here: Desk, chosen: QueueFilter) -> None:
    import streamlit as st

    from audit.store.views import saved_views

    say = here.say
    views = here.ask(saved_views)
    if views:
        name = st.selectbox(
            say("Saved views"), [None, *views], format_func=lambda n: n or "–", key="saved_view"
        )
        left, right = st.columns(2)
        left.button(
            say("Open it"),
            disabled=name is None,
            on_click=_open_view,
            args=(views.get(name or ""),),
            width="stretch",
        )
        right.button(say("Forget"), disabled=name is None, on_click=_drop_view, args=(name,), width="stretch")
    st.text_input(say("Save this view as"), key="new_view", max_chars=60)
    st.button(say("Save view"), on_click=_save_view, width="stretch")


def _open_view(chosen: QueueFilter | None) -> None:
    import streamlit as st

    if chosen is not None:
        st.session_state["queue_filter"] = chosen
        _from_top()
        _forget_widgets()


def _drop_view(name: str | None) -> None:
    from audit.store.views.queue import drop_view

    if name and not desk().store.read_only:
        desk().act(drop_view, name)


def _save_view() -> None:
    import streamlit as st

    from audit.store.views.queue import save_view

    here, name = desk(), str(st.session_state.get("new_view", "")).strip()
    if name and not here.store.read_only:
        here.act(save_view, name, st.session_state["queue_filter"])
        st.session_state["new_view"] = ""
        toast(here.say("View saved"))


def _bulk_bar(here: Desk) -> Markup:
    say = here.say
    take = act("take", "", say("Assign to me"), class_="au-btn")
    give = act("assign", "", say("Assign…"), class_="au-btn") if here.scope.may("assign") else None
    drop = act("dismiss", "", say("Dismiss…"), class_="au-btn") if here.scope.may("bulk") else None
    count = tag("span", tag("b", "0", data_count=True), " ", say("selected"))
    return tag("div", count, take, give, drop, class_="au-bulk", data_when_picked=True, hidden=True)


def _foot(here: Desk, offset: int, shown: int, total: int) -> Markup:
    say = here.say
    back = act(
        "page", str(max(0, offset - PAGE)), "‹ " + say("Previous"), class_="au-btn", disabled=offset == 0
    )
    on = act(
        "page", str(offset + PAGE), say("Next") + " ›", class_="au-btn", disabled=offset + shown >= total
    )
    span = say(
        "{first}–{last} of {total}",
        first=here.number(offset + 1),
        last=here.number(offset + shown),
        total=here.number(total),
    )
    return tag("div", back, on, tag("span", span), class_="au-foot-row")


def _heard(name: str, value: str, extra: dict[str, Any]) -> None:
    import streamlit as st

    from audit.store import acts

    here, picked = desk(), list(extra.get("picked", ()))
    if name == "page":
        st.session_state["queue_offset"] = int(value)
    elif name == "take" and picked:
        here.act(acts.assign, picked, here.scope.user)
        toast(here.say.plural("{count} case is yours", "{count} cases are yours", len(picked)))
    elif name in ("assign", "dismiss") and picked:
        st.session_state["_bulk"] = (name, picked)


def _dialogs(here: Desk) -> None:
    import streamlit as st

    asked_for = st.session_state.pop("_bulk", None)
    if asked_for is None:
        return
    name, picked = asked_for
    (_dismiss_dialog if name == "dismiss" else _assign_dialog)(here, picked)


def _undo_banner(here: Desk) -> None:
    """What was dismissed together last, until it is taken back or put away."""
    import streamlit as st

    undone = st.session_state.get("_dismissed")
    if not undone:
        return
    say = here.say
    text = say.plural("{count} finding dismissed.", "{count} findings dismissed.", len(undone))
    left, middle, right = st.columns([6, 1, 1], vertical_alignment="center")
    left.info(text, icon=":material/undo:")
    middle.button(say("Undo"), on_click=_undo_bulk, width="stretch")
    right.button(say("Close"), on_click=_put_away, width="stretch")


def _put_away() -> None:
    import streamlit as st

    st.session_state.pop("_dismissed", None)


def _dismiss_dialog(here: Desk, picked: list[str]) -> None:
    import streamlit as st

    say = here.say

    @st.dialog(say("Dismiss several cases"))
    def ask() -> None:
        st.write(
            say.plural(
                "{count} case will be dismissed with all its findings.",
                "{count} cases will be dismissed with all their findings.",
                len(picked),
            )
        )
        reason = st.selectbox(
            say("Reason"),
            wording_reasons(),
            index=None,
            format_func=lambda r: wording.reason_title(r, here.language),
            placeholder=say("Choose a reason"),
        )
        note = st.text_area(say("Note"), max_chars=500, height=80)
        needs = reason is None or (reason == "other" and not note.strip())
        if st.button(say("Dismiss"), type="primary", disabled=needs, width="stretch"):
            _dismiss(here, picked, f"{reason}: {note.strip()}" if note.strip() else str(reason))
            st.rerun()

    ask()


def wording_reasons() -> tuple[str, ...]:
    """Reasons for a dismissal, in the order they are offered."""
    from audit.wording.names import DISMISSAL_REASONS

    return DISMISSAL_REASONS


def _dismiss(here: Desk, picked: list[str], reason: str) -> None:
    import streamlit as st

    from audit.store import acts

    st.session_state["_dismissed"] = here.act(acts.dismiss_cases, picked, reason)


def _undo_bulk() -> None:
    import streamlit as st

    from audit.store import acts

    here = desk()
    here.act(acts.undo_many, st.session_state.pop("_dismissed"))
    toast(here.say("Taken back"))


def _assign_dialog(here: Desk, picked: list[str]) -> None:
    import streamlit as st

    from audit.store import acts, views

    say = here.say
    names = here.ask(views.facets)["reviewers"]

    @st.dialog(say("Assign cases"))
    def ask() -> None:
        choice = st.selectbox(say("Reviewer"), [*names, ""], format_func=lambda n: n or say("Nobody"))
        if st.button(say("Assign"), type="primary", width="stretch"):
            here.act(acts.assign, picked, choice or None)
            st.rerun()

    ask()


if __name__ == "__main__":
    page()

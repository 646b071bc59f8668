"""Unflagged sample: draw calls nobody flagged by a seed, hear them blind, learn what share is missed."""

from __future__ import annotations

from typing import Any

from audit import wording
from audit.errors import AuditError
from audit.screens.parts.desk import Desk, asked, desk, toast
from audit.screens.parts.estimate import estimate_words
from audit.screens.parts.handing import handed_sound, move_window
from audit.screens.parts.markup import Markup, act, empty, facts, section, table, tag
from audit.screens.parts.masked import datum_title
from audit.screens.parts.surface import surface
from audit.screens.player import play
from audit.screens.player.scene import build_scene
from audit.store import samples as store
from audit.store.views import CaseView

STANDARD_SIZE = 40


def page() -> None:
    """Draw the page."""
    import streamlit as st

    here = desk()
    say = here.say
    surface("head", _head(here))
    opened = asked("sample")
    if opened and opened.get("id"):
        st.session_state["sample_id"] = opened["id"][0]
    known = here.ask(store.samples)
    if here.scope.may("draw_sample"):
        _draw_panel(here, not known)
    if not known:
        surface(
            "none", empty(say("No sample has been drawn yet"), say("A compliance officer draws one above."))
        )
        return
    ids = [row["sample_id"] for row in known]
    if st.session_state.get("sample_id") not in ids:
        st.session_state["sample_id"] = ids[0]
    by_id = {row["sample_id"]: row for row in known}
    st.selectbox(say("Sample"), ids, key="sample_id", format_func=lambda one: _title(here, by_id[one]))
    sample = by_id[st.session_state["sample_id"]]
    items = here.ask(store.items, sample["sample_id"])
    surface("result", _result(here, sample), _discard)
    _listen(here, sample, items)
    surface("items", section(say("Calls of the sample"), _items(here, items)), _picked)


def _head(here: Desk) -> Markup:
    say = here.say
    line = say("Calls that nothing was found in, drawn by lot and heard by a person: what the machine misses")
    return tag("div", tag("div", tag("h1", say("Unflagged sample")), tag("p", line)), class_="au-head")


def _title(here: Desk, sample: dict[str, Any]) -> str:
    week = wording.format_week(sample["week"], here.language)
    return f"{week} · {here.number(sum(sample['tally'].values()))}/{here.number(sample['size'])} · {sample['seed']}"


def strata_title(by: str, say: wording.Say) -> str:
    """What a sample is spread over."""
    titles = {
        "agency": say("agency"),
        "agency_agent": say("agency and agent"),
        "agency_language": say("agency and language"),
    }
    return titles[by]


def _draw_panel(here: Desk, open_now: bool) -> None:
    import streamlit as st

    from audit.store import views

    say = here.say
    weeks = here.remembered(views.weeks)
    with st.expander(say("Draw a sample"), icon=":material/casino:", expanded=open_now):
        if not weeks:
            st.caption(say("No contacts have been audited yet"))
            return
        st.caption(
            say(
                "Week, size, spread and seed stand in the ledger: whoever has the same calls and the seed draws the same sample."
            )
        )
        columns = st.columns([2, 1, 1.4, 1.2, 1], vertical_alignment="bottom")
        week = columns[0].selectbox(
            say("Week"), weeks, format_func=lambda w: wording.format_week(w, here.language), key="draw_week"
        )
        size = columns[1].number_input(say("Size"), 1, store.MOST, STANDARD_SIZE, key="draw_size")
        by = columns[2].selectbox(
            say("Spread over"),
            list(store.STRATA),
            format_func=lambda one: strata_title(one, say),
            key="draw_by",
        )
        st.session_state.setdefault("draw_seed", store.new_seed())
        seed = columns[3].text_input(say("Seed"), key="draw_seed", max_chars=64)
        frame = here.remembered(store.frame_size, week)
        columns[4].button(
            say("Draw"), type="primary", disabled=not frame, on_click=_draw, width="stretch",
            args=(here, week, int(size), by, seed),
        )  # fmt: skip
        st.caption(
            say.plural(
                "{count} unflagged call with words in this week", "{count} unflagged calls with words in this week", frame
            )
        )  # fmt: skip


def _draw(here: Desk, week: str, size: int, by: str, seed: str) -> None:
    import streamlit as st

    try:
        st.session_state["sample_id"] = here.act(store.draw, week, size, by, seed)
    except AuditError as error:
        toast(str(error), ":material/error:")
        return
    st.session_state["draw_seed"] = store.new_seed()
    toast(here.say("The sample is drawn"), ":material/casino:")


def _result(here: Desk, sample: dict[str, Any]) -> Markup:
    say, estimate = here.say, store.estimate_of(sample)
    strata = [
        (one["stratum"], here.number(one["unflagged"]), here.number(one["drawn"])) for one in sample["strata"]
    ]
    columns = [
        (strata_title(sample["strata_by"], say), ""),
        (say("Unflagged"), "au-num"),
        (say("Drawn"), "au-num"),
    ]
    pairs = [
        (say("Heard"), f"{here.number(estimate.decided)} / {here.number(estimate.size)}"),
        (say("Something missed"), here.number(sample["tally"].get("missed", 0))),
        (say("Not usable"), here.number(sample["tally"].get("unusable", 0))),
        (say("Seed"), tag("span", sample["seed"], class_="au-mono")),
        (say("Drawn by"), f"{sample['actor']} · {wording.format_datetime(sample['at'], here.language)}"),
        (say("Frame (SHA-256)"), tag("span", sample["frame_hash"][:16], class_="au-mono")),
    ]
    fresh = not sample["tally"] and here.scope.may("draw_sample")
    return section(
        say("What it says"),
        tag("p", tag("strong", estimate_words(estimate, here.language))),
        facts(pairs),
        tag(
            "details",
            tag("summary", say("How it is spread")),
            table(columns, strata, caption=say("How it is spread")),
        ),
        act("discard", sample["sample_id"], say("Discard this draw"), class_="au-btn") if fresh else None,
        hint=say("share of unflagged calls that hold something, with its 95 % interval"),
    )


def _discard(name: str, value: str, _extra: dict[str, Any]) -> None:
    here = desk()
    if name == "discard":
        try:
            here.act(store.discard, value)
        except AuditError as error:
            toast(str(error), ":material/error:")


def _items(here: Desk, items: list[dict[str, Any]]) -> Markup:
    say, language = here.say, here.language
    columns = [
        ("#", "au-num"),
        (say("Call"), ""),
        (say("Length"), "au-num"),
        (say("Language"), ""),
        (say("Heard by"), ""),
        (say("Result"), ""),
        (tag("span", say("Act"), class_="au-hide"), "au-right"),
    ]
    lines = [
        (
            here.number(row["position"] + 1),
            tag("span", row["call_id"], class_="au-mono"),
            wording.format_clock(row["duration_s"]),
            wording.language_title(row["language"], language),
            row["actor"] or "–",
            _found(here, row),
            act("open", row["call_id"], say("Open it"), class_="au-btn"),
        )
        for row in items
    ]
    return tag("div", table(columns, lines, caption=say("Calls of the sample")), class_="au-scroll")


def found_title(found: str, say: wording.Say) -> str:
    """What listening to a call gave."""
    titles = {
        "nothing": say("Nothing"),
        "missed": say("Something was missed"),
        "unusable": say("Cannot be judged"),
    }
    return titles[found]


def _found(here: Desk, row: dict[str, Any]) -> Markup:
    if row["decision"] is None:
        return tag("span", here.say("waits"), class_="au-soft")
    title = found_title(row["decision"], here.say)
    if row["decision"] != "missed":
        return tag("span", title)
    where = f" · {wording.format_clock(row['moment_s'])}" if row["moment_s"] is not None else ""
    return tag("b", f"{title}: {wording.category_title(row['category'], here.language)}{where}")


def _picked(name: str, value: str, _extra: dict[str, Any]) -> None:
    import streamlit as st

    if name == "open":
        st.session_state["sample_call"] = value


def _listen(here: Desk, sample: dict[str, Any], items: list[dict[str, Any]]) -> None:
    """The call at hand in the player, and under it the question."""
    import streamlit as st

    from audit.store.views.case import call_view

    say = here.say
    ids = [row["call_id"] for row in items]
    if st.session_state.get("sample_call") not in ids:
        st.session_state["sample_call"] = next(
            (row["call_id"] for row in items if row["decision"] is None), None
        )
    call_id = st.session_state["sample_call"]
    if call_id is None:
        surface("all_done", empty(say("Every call of this sample is decided")))
        return
    item = next(row for row in items if row["call_id"] == call_id)
    seen = here.ask(call_view, call_id)
    if seen is None:
        surface("gone", empty(say("This call is no longer in the store")))
        return
    st.session_state["_sample_seen"] = (seen, ids)
    sound, why = handed_sound(here, seen)
    scene = build_scene(here, seen, sound, why, None)
    scene["may"]["decide"] = False
    scene["texts"]["noFindings"] = say(
        "Nothing was found in this call. Hear it and say below what you heard."
    )
    play("sample_player", scene, sound, _player_heard)
    _question(here, sample["sample_id"], item, seen)


def _player_heard(name: str, values: dict[str, Any]) -> None:
    import streamlit as st

    from audit.store import acts

    here = desk()
    seen, ids = st.session_state["_sample_seen"]
    if name == "played":
        here.act(acts.played, seen.contact["call_id"])
    elif name == "window":
        move_window(seen, float(values["at"]))
    elif name == "go":
        at = ids.index(seen.contact["call_id"]) + (1 if values.get("to") == "next" else -1)
        if 0 <= at < len(ids):
            st.session_state["sample_call"] = ids[at]


def _question(here: Desk, sample_id: str, item: dict[str, Any], seen: CaseView) -> None:
    import streamlit as st

    say, call_id = here.say, item["call_id"]
    key = f"{sample_id}_{call_id}"
    with st.container(border=True, key="card_sample1"):
        left, right = st.columns([1.3, 2], gap="medium")
        found = left.radio(
            say("What did you hear?"), store.FOUND, format_func=lambda one: found_title(one, say), key=f"found_{key}",
            index=store.FOUND.index(item["decision"]) if item["decision"] else None,
        )  # fmt: skip
        category, turn = None, None
        if found == "missed":
            category = right.selectbox(
                say("Category"), store.MISSABLE, index=None, placeholder=say("Choose a category"), key=f"cat_{key}",
                format_func=lambda one: wording.category_title(one, here.language),
            )  # fmt: skip
            turn = right.selectbox(
                say("Where"), [one.index for one in seen.turns], index=None, placeholder=say("Choose the words"),
                format_func=lambda index: _line(here, seen, index), key=f"turn_{key}",
            )  # fmt: skip
        note = right.text_input(say("Note"), item["note"], max_chars=500, key=f"note_{key}")
        ready = found is not None and (found != "missed" or (category is not None and turn is not None))
        left.button(
            say("Keep and go on"), type="primary", disabled=not ready, on_click=_decide, width="stretch",
            args=(here, sample_id, call_id, store.Heard(found, category, turn, note) if found else None),
        )  # fmt: skip
        if item["decision"] is not None:
            left.button(
                say("Take back"), on_click=_decide, width="stretch", args=(here, sample_id, call_id, None)
            )  # fmt: skip


def _line(here: Desk, seen: CaseView, index: int) -> str:
    turn = seen.turns[index]
    words = "".join(f"〔{datum_title(p.masked, here)}〕" if p.masked else p.text for p in turn.pieces)
    who = wording.speaker_title(turn.speaker, here.language)
    return f"{wording.format_clock(turn.start_s)} {who}: {words[:60]}"


def _decide(here: Desk, sample_id: str, call_id: str, heard: store.Heard | None) -> None:
    import streamlit as st

    try:
        here.act(store.decide, sample_id, call_id, heard)
    except AuditError as error:
        toast(str(error), ":material/error:")
        return
    if heard is not None:
        st.session_state.pop("sample_call", None)


if __name__ == "__main__":
    page()

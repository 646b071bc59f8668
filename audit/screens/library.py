"""Library: trainers find examples of good and bad practice, hear them masked, collect lessons, export."""

from __future__ import annotations

from typing import Any

from audit import wording
from audit.errors import AuditError
from audit.models import AGENT_CATEGORIES, CUSTOMER_CATEGORIES, GOOD_CATEGORIES
from audit.screens.parts.desk import Desk, desk, toast
from audit.screens.parts.lessons import lesson_panel
from audit.screens.parts.markup import Markup, act, empty, severity_badge, tag
from audit.screens.parts.masked import masked_words
from audit.screens.parts.surface import surface
from audit.store.views import LibraryFilter

PAGE = 12
_PRACTICES = {"bad": AGENT_CATEGORIES, "good": GOOD_CATEGORIES, "signal": CUSTOMER_CATEGORIES}


def page() -> None:
    """Draw the page."""
    import streamlit as st

    from audit.store import views

    here = desk()
    say = here.say
    surface(
        "head",
        tag(
            "div",
            tag(
                "div",
                tag("h1", say("Library")),
                tag("p", say("Examples from real calls, masked, without the names of agencies and agents")),
            ),
            class_="au-head",
        ),
    )
    chosen = _filters(here)
    offset = int(st.session_state.get("library_offset", 0))
    rows, total = here.ask(views.library, chosen, PAGE, offset)
    lessons = here.scope.may("lessons")
    left, right = st.columns([2.1, 1], gap="medium") if lessons else (st.container(), None)
    with left:
        if not rows:
            surface(
                "none",
                empty(
                    say("No example matches"),
                    say("Choose another category, or allow examples nobody has reviewed yet."),
                ),
            )
        else:
            surface(
                "examples",
                tag(
                    "div",
                    tag("div", [_card(here, row) for row in rows], class_="au-examples"),
                    _foot(here, offset, len(rows), total),
                ),
                _heard,
            )
    if right is not None:
        with right:
            lesson_panel(here)
    _example_dialog(here)


def _filters(here: Desk) -> LibraryFilter:
    import streamlit as st

    say, language = here.say, here.language
    titles = {"bad": say("Bad practice"), "good": say("Good practice"), "signal": say("Customer signals")}
    verdicts = {"any": say("Any"), "confirmed": say("Confirmed"), "unreviewed": say("Not reviewed")}
    top = st.columns([3, 1], vertical_alignment="bottom")
    columns = st.columns([1.5, 1, 1, 1], vertical_alignment="bottom")
    with top[0]:
        practice = st.segmented_control(
            say("Practice"),
            list(titles),
            default="bad",
            required=True,
            format_func=titles.__getitem__,
            key="l_practice",
            on_change=_from_top,
        )
    with columns[0]:
        category = st.selectbox(
            say("Category"),
            [None, *_PRACTICES[practice or "bad"]],
            format_func=lambda c: say("Any") if c is None else wording.category_title(c, language),
            key=f"l_category_{practice}",
            on_change=_from_top,
        )
    with columns[1]:
        spoken = st.selectbox(
            say("Language"),
            [None, "zh", "en"],
            format_func=lambda c: say("Any") if c is None else wording.language_title(c, language),
            key="l_language",
            on_change=_from_top,
        )
    with columns[2]:
        verdict = st.selectbox(
            say("Verdict"),
            list(verdicts),
            format_func=verdicts.__getitem__,
            key="l_verdict",
            on_change=_from_top,
        )
    with columns[3]:
        lengths: list[float | None] = [None, 3.0, 8.0, 20.0]
        longest = st.selectbox(
            say("Length"),
            lengths,
            format_func=lambda s: say("Any") if s is None else say("up to {seconds} s", seconds=int(s)),
            key="l_length",
            on_change=_from_top,
        )
    with top[1]:
        sound = st.toggle(say("With sound"), key="l_sound", on_change=_from_top)
    return LibraryFilter(practice or "bad", category, spoken, verdict, longest, sound)


def _from_top() -> None:
    import streamlit as st

    st.session_state["library_offset"] = 0


def _card(here: Desk, row: dict[str, Any]) -> Markup:
    say, language = here.say, here.language
    good = row["category"].startswith("good.")
    badge = (
        tag("span", say("Good practice"), class_="au-chip au-chip-good")
        if good
        else severity_badge(row["severity"], language)
    )
    tone = "good" if good else row["severity"]
    verdict = (
        tag("span", wording.verdict_title(row["verdict"], language), class_="au-chip")
        if row["verdict"]
        else None
    )
    return tag(
        "article",
        tag(
            "div",
            badge,
            tag("b", wording.category_title(row["category"], language)),
            class_="au-row",
            style="gap:8px",
        ),
        tag("blockquote", masked_words(row["evidence"], here), lang=row["language"]),
        tag(
            "footer",
            wording.speaker_title(row["speaker"], language),
            " · ",
            wording.language_title(row["language"], language),
            f" · {wording.format_clock((row['end_s'] or 0) - (row['start_s'] or 0))}"
            if row["start_s"] is not None
            else None,
            verdict,
            act(
                "open",
                row["finding_id"],
                say("Hear and read") if row["sound"] else say("Read"),
                class_="au-btn",
            ),
        ),
        class_=f"au-example au-tone-{tone}",
    )


def _foot(here: Desk, offset: int, shown: int, total: int) -> Markup:
    say = here.say
    return tag(
        "div",
        act(
            "page", str(max(0, offset - PAGE)), "‹ " + say("Previous"), class_="au-btn", disabled=offset == 0
        ),
        act(
            "page", str(offset + PAGE), say("Next") + " ›", class_="au-btn", disabled=offset + shown >= total
        ),
        tag(
            "span",
            say(
                "{first}–{last} of {total}",
                first=here.number(offset + 1),
                last=here.number(offset + shown),
                total=here.number(total),
            ),
        ),
        class_="au-foot-row",
    )


def _heard(name: str, value: str, _extra: dict[str, Any]) -> None:
    import streamlit as st

    if name == "page":
        st.session_state["library_offset"] = int(value)
    elif name == "open":
        st.session_state["_example"] = value


def _example_dialog(here: Desk) -> None:
    import streamlit as st

    finding_id = st.session_state.pop("_example", None)
    if finding_id is None:
        return
    say = here.say

    @st.dialog(say("Example"), width="large")
    def show() -> None:
        from audit.store.views.library import example

        seen = here.ask(example, finding_id)
        if seen is None:
            st.write(say("This example is gone."))
            return
        surface("example", _talk(here, seen))
        _sound(here, seen)
        left, right = st.columns(2)
        if here.scope.may("lessons") and left.button(
            say("Add to the lesson"), icon=":material/playlist_add:", width="stretch"
        ):
            st.session_state.setdefault("basket", []).append(
                {"finding_id": finding_id, "question": "", "answer": ""}
            )
            toast(say("Added to the lesson"))
            st.rerun()
        if here.scope.may("export"):
            with right:
                _export(here, finding_id)

    show()


def _talk(here: Desk, seen: dict[str, Any]) -> Markup:
    language = here.language
    lines = [
        tag(
            "li",
            tag("span", wording.speaker_title(turn["speaker"], language)),
            tag("p", masked_words(turn["masked"], here), lang=seen["language"]),
            class_="au-main" if turn["turn"] == seen["turn"] else None,
        )
        for turn in seen["turns"]
    ]
    good = seen["category"].startswith("good.")
    head = tag(
        "div",
        tag("span", here.say("Good practice"), class_="au-chip au-chip-good")
        if good
        else severity_badge(seen["severity"], language),
        tag("b", wording.category_title(seen["category"], language)),
        tag("span", seen["citation"], class_="au-soft au-small"),
        class_="au-row",
        style="gap:8px;margin-bottom:8px",
    )
    return tag(
        "div",
        head,
        tag("p", wording.category_meaning(seen["category"], language), class_="au-soft"),
        tag("ul", lines, class_="au-talk"),
    )


def _sound(here: Desk, seen: dict[str, Any]) -> None:
    import streamlit as st

    from audit.screens.parts.clip_sound import clip_sound
    from audit.screens.parts.small_player import small_player
    from audit.store import acts

    if not here.scope.may("hear"):
        return
    try:
        sound = clip_sound(here, seen["finding_id"])
    except AuditError as error:
        st.caption(str(error))
        return
    served = (seen["finding_id"], "clip")
    if served not in st.session_state.setdefault("_served", set()):
        here.act(acts.hear, seen["call_id"], True, (sound.start_s, sound.end_s))
        st.session_state["_served"].add(served)
    small_player("clip", sound, here.say)


def _export(here: Desk, finding_id: str) -> None:
    import streamlit as st

    from audit.screens.parts.lessons import clip_zip

    say = here.say
    if st.button(say("Prepare masked clip"), icon=":material/download:", width="stretch"):
        try:
            data = clip_zip(here, finding_id)
        except AuditError as error:
            st.error(str(error))
            return
        st.download_button(
            say("Save clip (zip)"),
            data,
            file_name=f"clip-{finding_id}.zip",
            mime="application/zip",
            width="stretch",
            type="primary",
        )


if __name__ == "__main__":
    page()

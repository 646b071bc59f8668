"""Lessons: collect examples with a question and the answer from the verdict; export a zip that opens offline."""

from __future__ import annotations

import html
import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from audit import wording
from audit.errors import AuditError
from audit.screens.parts.desk import Desk, desk, toast
from audit.screens.parts.masked import masked_words
from audit.screens.parts.voice import alter_file


def clip_zip(here: Desk, finding_id: str) -> bytes:
    """One masked clip (sound, page, receipt) as a zip; the export is a ledger row."""
    from audit.clips import make_clip

    here.scope.require("export")
    with tempfile.TemporaryDirectory() as folder:
        make_clip(here.store, finding_id, here.recordings, Path(folder), actor=here.scope.user)
        return zipped(Path(folder))


def zipped(folder: Path) -> bytes:
    """All files of a folder as a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder).as_posix())
    return buffer.getvalue()


def lesson_zip(here: Desk, title: str, clips: list[dict[str, str]], altered: bool = False) -> bytes:
    """A lesson as a zip: index.html with the clips in order, masked sound, questions, hidden answers, credits.

    With `altered` the voices are raised or lowered so that colleagues are not recognised by ear.
    """
    from audit.clips import make_clip
    from audit.store.views.library import example

    here.scope.require("export")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts = []
        for number, clip in enumerate(clips, start=1):
            made = make_clip(
                here.store, clip["finding_id"], here.recordings, folder / "clips", actor=here.scope.user
            )
            if altered and made.sound is not None:
                alter_file(made.sound)
            seen = here.ask(example, clip["finding_id"])
            if seen is not None:
                parts.append(_lesson_part(here, number, clip, seen, made.sound))
            # The receipt holds ids of the call: it stays in the house, only its hash is of use outside.
            made.receipt.unlink()
            made.text.unlink()
        (folder / "index.html").write_text(_lesson_page(here, title, parts), "utf-8")
        (folder / "lesson.json").write_text(
            json.dumps({"title": title, "clips": clips}, ensure_ascii=False, indent=1), "utf-8"
        )
        return zipped(folder)


def _lesson_part(
    here: Desk, number: int, clip: dict[str, str], seen: dict[str, Any], sound: Path | None
) -> str:
    say, language = here.say, here.language
    lines = "".join(
        f"<p{' class=flag' if turn['turn'] == seen['turn'] else ''}><small>{html.escape(wording.speaker_title(turn['speaker'], language))}</small> {html.escape(masked_words(turn['masked'], here))}</p>"
        for turn in seen["turns"]
    )
    player = f'<audio controls src="clips/{html.escape(sound.name)}"></audio>' if sound else ""
    question = clip.get("question") or say("What is right or wrong here, and why?")
    answer = clip.get("answer") or default_answer(here, seen)
    credit = say("Rule {rule} · {clause}", rule=seen["rule"], clause=seen["citation"] or "–")
    return (
        f"<section><h2>{number}. {html.escape(question)}</h2>{player}{lines}"
        f"<details><summary>{html.escape(say('Answer'))}</summary><p>{html.escape(answer)}</p><p><small>{html.escape(credit)}</small></p></details></section>"
    )


def default_answer(here: Desk, seen: dict[str, Any]) -> str:
    """The answer key from the finding and its verdict."""
    title = wording.category_title(seen["category"], here.language)
    meaning = wording.category_meaning(seen["category"], here.language)
    verdict = (
        wording.verdict_title(seen["verdict"], here.language)
        if seen["verdict"]
        else here.say("not reviewed yet")
    )
    return f"{title} ({verdict}). {meaning}"


_STYLE = (
    "body{font:17px/1.65 system-ui,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;max-width:760px;margin:40px auto;padding:0 20px;color:#15242c}"
    "section{border:1px solid #d9e0e3;border-radius:10px;padding:8px 22px 16px;margin:18px 0}h1{font-size:26px}h2{font-size:18px}p{margin:6px 0}"
    "small{color:#5a6b74;margin-right:8px}.flag{background:#fbeee5;border-radius:6px;padding:2px 8px}audio{width:100%;margin:6px 0 10px}summary{cursor:pointer;color:#0b6e75;font-weight:600;margin-top:10px}"
)


def _lesson_page(here: Desk, title: str, parts: list[str]) -> str:
    note = here.say("Names and numbers are masked; the calls are real. For training inside the house only.")
    return (
        f'<!doctype html><html lang="{here.language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{html.escape(title)}</title>'
        f"<style>{_STYLE}</style><h1>{html.escape(title)}</h1><p><small>{html.escape(note)}</small></p>{''.join(parts)}</html>\n"
    )


def lesson_panel(here: Desk) -> None:
    """The lesson in the making beside the library, and the lessons that were kept."""
    import streamlit as st

    say = here.say
    basket: list[dict[str, str]] = st.session_state.setdefault("basket", [])
    with st.container(border=True, key="card_lesson1"):
        st.markdown(f"**{say('Lesson in the making')}** · {len(basket)}")
        if not basket:
            st.caption(say("Open an example and add it. The order here is the order of the lesson."))
        for index, clip in enumerate(basket):
            _basket_line(here, index, clip)
        title = st.text_input(say("Title of the lesson"), key="lesson_title", max_chars=120)
        st.toggle(say("Alter the voices"), key="lesson_altered")
        ready = bool(basket) and bool(title.strip())
        left, right = st.columns(2)
        left.button(say("Keep lesson"), disabled=not ready, on_click=_keep, type="primary", width="stretch")
        if right.button(
            say("Export zip"), disabled=not ready or not here.scope.may("export"), width="stretch"
        ):
            _offer(here, title, basket)
    _kept(here)


def _basket_line(here: Desk, index: int, clip: dict[str, str]) -> None:
    import streamlit as st

    from audit.store.views.library import example

    say = here.say
    seen = here.ask(example, clip["finding_id"])
    if seen is None:
        return
    with st.expander(f"{index + 1}. {wording.category_title(seen['category'], here.language)}"):
        st.caption(masked_words(seen["evidence"], here))
        clip["question"] = st.text_input(
            say("Question"),
            clip.get("question", ""),
            key=f"q_{clip['finding_id']}_{index}",
            placeholder=say("What is right or wrong here, and why?"),
        )
        clip["answer"] = st.text_area(
            say("Answer"),
            clip.get("answer") or default_answer(here, seen),
            key=f"a_{clip['finding_id']}_{index}",
            height=90,
        )
        up, out = st.columns(2)
        up.button(
            say("Up"), key=f"up_{index}", on_click=_up, args=(index,), disabled=index == 0, width="stretch"
        )
        out.button(say("Take out"), key=f"out_{index}", on_click=_out, args=(index,), width="stretch")


def _up(index: int) -> None:
    import streamlit as st

    basket = st.session_state["basket"]
    basket[index - 1], basket[index] = basket[index], basket[index - 1]


def _out(index: int) -> None:
    import streamlit as st

    st.session_state["basket"].pop(index)


def _keep() -> None:
    import streamlit as st

    from audit.store import acts

    here = desk()
    lesson_id = here.act(
        acts.save_lesson,
        st.session_state["lesson_title"],
        st.session_state["basket"],
        st.session_state.get("lesson_id"),
    )
    st.session_state["lesson_id"] = lesson_id
    toast(here.say("Lesson kept"))


def _offer(here: Desk, title: str, clips: list[dict[str, str]]) -> None:
    import streamlit as st

    try:
        with st.spinner(here.say("Cutting and masking clips…")):
            data = lesson_zip(here, title, clips, bool(st.session_state.get("lesson_altered")))
    except AuditError as error:
        st.error(str(error))
        return
    st.download_button(
        here.say("Save lesson (zip)"),
        data,
        file_name="lesson.zip",
        mime="application/zip",
        width="stretch",
        type="primary",
    )


def _kept(here: Desk) -> None:
    import streamlit as st

    from audit.store import views

    say = here.say
    kept = here.ask(views.lessons)
    if not kept:
        return
    with st.container(border=True, key="card_lesson2"):
        st.markdown(f"**{say('Lessons')}**")
        for lesson in kept[:20]:
            left, right = st.columns([3, 1], vertical_alignment="center")
            left.markdown(
                f"{lesson['title']}  \n:gray[{say.plural('{count} clip', '{count} clips', len(lesson['clips']))} · {lesson['author']}]"
            )
            right.button(
                say("Open it"),
                key=f"lesson_{lesson['lesson_id']}",
                on_click=_open,
                args=(lesson,),
                width="stretch",
            )


def _open(lesson: dict[str, Any]) -> None:
    import streamlit as st

    st.session_state["basket"] = [dict(clip) for clip in lesson["clips"]]
    st.session_state["lesson_title"] = lesson["title"]
    st.session_state["lesson_id"] = lesson["lesson_id"]

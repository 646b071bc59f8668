"""Mounting the player: its files, the sound beside it, what comes back from it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from audit.screens.parts.hearing import Sound

HERE = Path(__file__).parent

Heard = Callable[[str, dict[str, Any]], None]


@lru_cache(maxsize=8)
def _read(name: str) -> str:
    return (HERE / name).read_text("utf-8")


def play(key: str, scene: dict[str, Any], sound: Sound | None, heard: Heard) -> None:
    """Draw the player over `scene` (scene.py) with `sound`; `heard(name, values)` gets what the person does.

    The sound goes by its own element, so that a verdict does not send it again.
    """
    import streamlit as st

    def on_act() -> None:
        act = st.session_state[key].act
        if act:
            heard(act["name"], act)

    give = st.components.v2.component("audit_sound", js=_read("sound.js"))
    given = (
        {"key": sound.key, "mime": sound.mime, "data": sound.data}
        if sound
        else {"key": "", "mime": "", "data": ""}
    )
    give(key=f"{key}_sound", data=given, height="content")
    mount = st.components.v2.component(
        "audit_player",
        html="<div class='au-root au-player'></div>",
        css=_read("player.css"),
        js=_read("player.js"),
        isolate_styles=False,
    )
    mount(key=key, data=scene, on_act_change=on_act)

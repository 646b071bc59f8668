"""The surface: a page's own HTML whose buttons and keys speak back to Python; the one stylesheet of the app."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

HERE = Path(__file__).parent

Heard = Callable[[str, str, dict[str, Any]], None]
"""What a page does with a click: (name, value, extra). `extra` holds picked rows and named fields."""


@lru_cache(maxsize=8)
def read(name: str) -> str:
    """A file beside this one."""
    return (HERE / name).read_text("utf-8")


def style() -> None:
    """Put the app's stylesheet on the page; called once a run by the front door."""
    import streamlit as st

    st.html(f"<style>{read('style.css')}</style>")


def surface(key: str, body: Markup, heard: Heard | None = None, **options: Any) -> None:
    """Draw `body`; a click on [data-act] calls `heard` before the page is drawn again.

    "go" is understood without `heard`: it opens another page. `options`: rows=True lets j/k/Enter/x move over
    [data-row]; height in pixels scrolls. `body` must come from markup.py: it is trusted.
    """
    import streamlit as st

    from audit.screens.parts.desk import goto

    def on_act() -> None:
        act = st.session_state[key].act
        if not act:
            return
        if act["name"] == "go":
            goto(act["value"])
        elif heard is not None:
            heard(act["name"], act.get("value", ""), act.get("extra", {}))

    mount = st.components.v2.component(
        "audit_surface", html="<div class='au-root'></div>", js=read("surface.js"), isolate_styles=False
    )
    mount(key=key, data={"html": str(body), "rows": bool(options.get("rows"))}, on_act_change=on_act)

"""Who is at work: the store, the signed-in scope, the language; going from page to page."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qs

from audit.settings import Settings, load_settings
from audit.wording import Say, format_number, translator

if TYPE_CHECKING:
    from audit.store import Store
    from audit.store.accounts import Scope

T = TypeVar("T")

DEMO_VARIABLE = "AUDIT_APP_DEMO"
SETTINGS_VARIABLE = "AUDIT_APP_SETTINGS"
"""The settings file the app was started with, where it was named."""
PAGES = (
    "overview",
    "queue",
    "case",
    "sample",
    "appeals",
    "agencies",
    "library",
    "rulebook",
    "runs",
    "ledger",
    "people",
    "account",
)


@dataclass(frozen=True)
class Desk:
    """All a page needs: the store, who asks, how to speak."""

    store: Store
    scope: Scope
    settings: Settings
    demo: bool

    @property
    def say(self) -> Say:
        """The voice of the language in use."""
        return translator(language())

    @property
    def language(self) -> str:
        """The language in use."""
        return language()

    def ask(self, query: Callable[..., T], *arguments: Any, **options: Any) -> T:
        """Run a read query of views as this person: `query(connection, scope, …)`."""
        with self.store.read() as connection:
            return query(connection, self.scope, *arguments, **options)

    def act(self, deed: Callable[..., T], *arguments: Any, **options: Any) -> T:
        """Run an act of acts.py as this person, in one transaction."""
        with self.store.begin() as connection:
            return deed(connection, self.scope, *arguments, **options)

    def remembered(self, query: Callable[..., T], *arguments: Any, **options: Any) -> T:
        """Like `ask`, kept until somebody or a run changes something; for counts over many contacts.

        The memory is keyed by who may see what, never shared between scopes of different sight.
        """
        import streamlit as st

        from audit.store.views import stamp

        with self.store.read() as connection:
            state = stamp(connection)
        seen = (self.store.url, self.scope.role, self.scope.agency)
        key = repr((seen, query.__module__, query.__qualname__, arguments, sorted(options.items())))
        memory: dict[str, tuple[str, Any]] = st.session_state.setdefault("_memory", {})
        if key in memory and memory[key][0] == state:
            return memory[key][1]  # type: ignore[no-any-return]
        shared = _shared()
        if shared.get(key, ("",))[0] != state:
            if len(shared) > 256:
                shared.clear()
            shared[key] = (state, self.ask(query, *arguments, **options))
        memory[key] = shared[key]
        return shared[key][1]  # type: ignore[no-any-return]

    def number(self, value: float | None) -> str:
        """A grouped whole number in the language in use."""
        return format_number(value, language())

    @property
    def recordings(self) -> Path | None:
        """The folder of recordings, where there is one."""
        return self.settings.recordings


def _shared() -> dict[str, tuple[str, Any]]:
    import streamlit as st

    @st.cache_resource(show_spinner=False)
    def make() -> dict[str, tuple[str, Any]]:
        return {}

    return make()


def desk() -> Desk:
    """The desk the front door set for this run; pages call it first."""
    import streamlit as st

    return st.session_state["_desk"]  # type: ignore[no-any-return]


def language() -> str:
    """The language chosen in this session, else the setting's."""
    import streamlit as st

    return str(st.session_state.get("language") or settings().language)


def is_demo() -> bool:
    """Whether the app was started with --demo."""
    return os.environ.get(DEMO_VARIABLE) == "1"


def settings() -> Settings:
    """The settings this process was started with."""
    named = os.environ.get(SETTINGS_VARIABLE)
    return load_settings(Path(named) if named else None)


def open_store(url: str) -> Store:
    """The store of this process: one engine for all sessions, connections given back after each use."""
    import streamlit as st

    from audit.store import Store

    @st.cache_resource(show_spinner=False)
    def opened(address: str) -> Store:
        return Store.open(address, create=True)

    return opened(url)


def warm_up() -> None:
    """Read what the first case and the first chart will need, once a process, beside the first screen."""
    import threading

    import streamlit as st

    @st.cache_resource(show_spinner=False)
    def once() -> bool:
        threading.Thread(target=_read_ahead, name="warm-up", daemon=True).start()
        return True

    once()


def _read_ahead() -> None:
    import importlib

    from audit.screens.parts.reasons import rule_words

    for name in ("soundfile", "soxr", "audit.audio", "audit.contact", "altair"):
        importlib.import_module(name)
    rule_words("", "", "en")


def goto(target: str) -> None:
    """Open another page (`queue?severity=critical`) at the start of the next run."""
    import streamlit as st

    st.session_state["_goto"] = target


def follow() -> None:
    """Go where `goto` said; called by the front door once the pages are known."""
    import streamlit as st

    target = st.session_state.pop("_goto", None)
    if target is None:
        return
    name, _, asked = target.partition("?")
    parameters = parse_qs(asked)
    st.session_state["_asked"] = (name, parameters)
    pages = st.session_state["_pages"]
    if name in pages:
        st.switch_page(pages[name], query_params=parameters)


def asked(page: str) -> dict[str, list[str]] | None:
    """What a click asked this page to open with, once; None when nobody clicked."""
    import streamlit as st

    known = st.session_state.get("_asked")
    if known is None or known[0] != page:
        return None
    del st.session_state["_asked"]
    return known[1]  # type: ignore[no-any-return]


def toast(message: str, icon: str = ":material/check:") -> None:
    """Say something at the start of the next drawing (a message of a callback would be lost)."""
    import streamlit as st

    st.session_state.setdefault("_toasts", []).append((message, icon))

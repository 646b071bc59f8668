"""The front door: look, store, sign-in, the pages a role may open, language; then the page itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit import wording
from audit.errors import AuditError
from audit.screens.parts import desk as desks
from audit.screens.parts.markup import Markup, tag
from audit.screens.parts.surface import style, surface

if TYPE_CHECKING:
    from audit.store import Store
    from audit.store.accounts import Scope

HERE = Path(__file__).parent
DEMO_ROLES = ("officer", "reviewer", "trainer", "agency", "administrator")

_PAGES: tuple[tuple[str, str, str], ...] = (
    ("overview", "overview", ":material/space_dashboard:"),
    ("queue", "queue", ":material/inbox:"),
    ("case", "queue", ":material/headphones:"),
    ("sample", "sample", ":material/casino:"),
    ("appeals", "appeals", ":material/balance:"),
    ("agencies", "agencies", ":material/apartment:"),
    ("library", "library", ":material/school:"),
    ("rulebook", "rulebook", ":material/gavel:"),
    ("runs", "runs", ":material/sync:"),
    ("ledger", "ledger", ":material/receipt_long:"),
    ("people", "users", ":material/group:"),
)


def page_title(name: str) -> str:
    """The name of a page in the language in use."""
    say = wording.translator(desks.language())
    titles = {
        "overview": say("Overview"),
        "queue": say("Queue"),
        "case": say("Case"),
        "sample": say("Unflagged sample"),
        "appeals": say("Appeals"),
        "agencies": say("Agencies"),
        "library": say("Library"),
        "rulebook": say("Rulebook"),
        "runs": say("Runs"),
        "ledger": say("Ledger"),
        "people": say("People"),
    }
    return titles[name]


def open_door() -> None:
    """One run of the app, from the look to the page."""
    import streamlit as st

    st.set_page_config(page_title=_product(), page_icon=icon(), layout="wide")
    style()
    try:
        store = desks.open_store(desks.settings().store)
        desks.warm_up()
        scope = _who(store)
        if scope is None:
            return
        if store.read_only:
            scope = replace(scope, read_only=True)
        st.session_state["_desk"] = desks.Desk(store, scope, desks.settings(), desks.is_demo())
        st.logo(logo(), size="large")
        page = _pages(scope)
        desks.follow()
        _sidebar(scope)
        for message, sign in st.session_state.pop("_toasts", []):
            st.toast(message, icon=sign)
        if store.read_only:
            _read_only_banner()
        page.run()
    except AuditError as error:
        st.error(str(error), icon=":material/error:")


def _read_only_banner() -> None:
    import streamlit as st

    say = wording.translator(desks.language())
    st.info(
        say(
            "This store may only be read. You can look at everything that is masked; nothing is decided, heard, revealed or exported, since nothing could be noted."
        ),
        icon=":material/lock:",
    )


def _product() -> str:
    return wording.translator(desks.language())("Conduct Audit")


def _who(store: Store) -> Scope | None:
    """The signed-in scope; None when the sign-in page was shown instead."""
    import streamlit as st

    from audit.screens.sign_in import change_first, sign_in_page, signed_in

    if desks.is_demo():
        return _demo_scope(store)
    scope = signed_in(store)
    if scope is None or scope.must_change:
        page = st.navigation([st.Page(lambda: None, title=_product(), url_path="sign-in")], position="hidden")
        page.run()
        if scope is None:
            sign_in_page(store)
        else:
            change_first(store, scope)
        return None
    if scope.language and "language" not in st.session_state:
        st.session_state["language"] = scope.language
    return scope


def _demo_scope(store: Store) -> Scope:
    import streamlit as st

    from audit.store.accounts import Scope
    from audit.store.views import agency_names

    # Said anew in every run: a run that a click ends early, to go to another page, would forget the choice.
    role = st.session_state["_demo_role"] = st.session_state.get("_demo_role", "officer")
    agency = None
    if role == "agency":
        with store.read() as connection:
            agency = next(iter(agency_names(connection)), "unknown")
    return Scope(f"demo-{role}", role, agency)


def _pages(scope: Scope) -> Any:
    import streamlit as st

    pages = {
        name: st.Page(
            HERE / f"{name}.py",
            title=page_title(name),
            icon=icon,
            url_path=name,
            default=False,
            visibility="hidden" if name == "case" else "visible",
        )
        for name, right, icon in _PAGES
        if scope.may(right)
    }
    first = next(iter(pages))
    pages[first] = st.Page(
        HERE / f"{first}.py",
        title=page_title(first),
        icon={name: icon for name, _, icon in _PAGES}[first],
        url_path=first,
        default=True,
    )
    st.session_state["_pages"] = pages
    return st.navigation(list(pages.values()), position="sidebar", expanded=True)


def _sidebar(scope: Scope) -> None:
    import streamlit as st

    say = wording.translator(desks.language())
    with st.sidebar:
        if desks.is_demo():
            surface(
                "demo_note",
                tag(
                    "div",
                    say(
                        "Demo on invented calls. Signed in without a password, reachable from this machine only."
                    ),
                    class_="au-demo",
                ),
            )
            st.selectbox(
                say("Look as"),
                DEMO_ROLES,
                key="_demo_role",
                format_func=lambda role: wording.role_title(role, desks.language()),
            )
        _language_switch()
        surface("who", _who_am_i(scope))
        if not desks.is_demo():
            from audit.screens.sign_in import keep_session, sign_out

            keep_session()
            st.button(say("Sign out"), icon=":material/logout:", on_click=sign_out, width="stretch")


def _who_am_i(scope: Scope) -> Markup:
    role = wording.role_title(scope.role, desks.language())
    return tag(
        "div", tag("b", scope.user), role, f" · {scope.agency}" if scope.agency else None, class_="au-who"
    )


def _language_switch() -> None:
    import streamlit as st

    st.session_state["_language"] = desks.language()
    st.segmented_control(
        "Language / 语言",
        list(wording.LANGUAGES),
        key="_language",
        format_func=lambda code: wording.LANGUAGES[code],
        on_change=_switch_language,
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )


def _switch_language() -> None:
    import streamlit as st

    from audit.store.accounts import set_language

    chosen = st.session_state.get("_language")
    if chosen:
        st.session_state["language"] = chosen
        here = st.session_state.get("_desk")
        if here is not None and not here.demo and not here.store.read_only:
            here.act(set_language, chosen)


_MARK = (
    '<rect width="30" height="30" rx="7" fill="#7fd4da"/><g stroke="#0f2a33" stroke-width="2.4" stroke-linecap="round">'
    '<path d="M6 13v4M10 10v10M14 7v16M18 11v8M22 9v12"/></g>'
)


def brand() -> Markup:
    """The mark of the product: the wave of a voice."""
    return Markup('<svg width="44" height="44" viewBox="0 0 30 30" aria-hidden="true">{}</svg>').format(
        Markup(_MARK)
    )


def icon() -> str:
    """The mark as the page's icon (a Material icon would be fetched from outside)."""
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="30" height="30" viewBox="0 0 30 30">{_MARK}</svg>'


def logo() -> str:
    """The mark with the product's name, for the top of the sidebar."""
    family = "'Source Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
    words = f'<text x="40" y="20.5" font-family="{family}" font-size="16" font-weight="600" fill="#f3fafb">{_product()}</text>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="176" height="30" viewBox="0 0 176 30">{_MARK}{words}</svg>'

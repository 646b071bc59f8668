"""Sign-in: local accounts, or the company's own door (OIDC); the session lives in a cookie of this origin."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from audit import wording
from audit.errors import AuditError, RightError
from audit.screens.parts import desk as desks
from audit.screens.parts.markup import tag
from audit.screens.parts.surface import surface

if TYPE_CHECKING:
    from audit.store import Store
    from audit.store.accounts import Scope

COOKIE = "audit_session"


def signed_in(store: Store) -> Scope | None:
    """The scope of this browser's session, read fresh from the store in every run; None when nobody signed in."""
    import streamlit as st

    from audit.store.accounts import resume, scope_of

    if store.read_only and st.session_state.get("_known"):
        with store.read() as connection:
            return scope_of(connection, st.session_state["_known"])
    token = st.session_state.get("_token") or _cookie()
    if token:
        with store.read() as connection:
            scope = resume(connection, token)
        if scope is not None:
            if "_token" not in st.session_state:
                st.session_state["_token"] = token
            return scope
        st.session_state.pop("_token", None)
    if company_door() and getattr(st.user, "is_logged_in", False):
        return _from_company(store)
    return None


def _from_company(store: Store) -> Scope | None:
    """The scope of whoever the company vouches for, read fresh in every run; None with the reason noted."""
    import streamlit as st

    from audit.store.accounts import address_of, company_scope, role_claims, sign_in_by_company

    claims = st.user.to_dict()
    if _too_old(claims):
        st.session_state["_sign_in_error"] = "expired"
        return None
    address = address_of(claims)
    if address and address == st.session_state.get("_company"):
        with store.read() as connection:
            scope = company_scope(connection, address)
        if scope is not None:
            return scope
    if st.session_state.get("_company_refused") == address:
        st.session_state["_sign_in_error"] = "unknown"
        return None
    try:
        scope = sign_in_by_company(store, claims, role_claims(st.secrets.get("roles")))
    except RightError:
        st.session_state["_company_refused"] = address
        st.session_state["_sign_in_error"] = "unknown"
        return None
    st.session_state["_company"] = address
    return scope


def _too_old(claims: Mapping[str, Any]) -> bool:
    """Whether the company vouched longer ago than a session lasts (its cookie would hold for a month)."""
    from audit.store.accounts import SESSION

    issued = claims.get("iat")
    return isinstance(issued, (int, float)) and time.time() - issued > SESSION.total_seconds()


def _cookie() -> str | None:
    import streamlit as st

    if st.session_state.get("_signed_out"):
        return None
    token = st.context.cookies.get(COOKIE)
    return token if isinstance(token, str) else None


def company_door() -> bool:
    """Whether OIDC is set up in the secrets ([auth] with redirect_uri, cookie_secret, a provider)."""
    import streamlit as st
    from streamlit.errors import StreamlitSecretNotFoundError

    try:
        return "auth" in st.secrets
    except (StreamlitSecretNotFoundError, FileNotFoundError):
        return False


def sign_in_page(store: Store) -> None:
    """The sign-in page: one card, the language switch, the reason when it was refused."""
    import streamlit as st

    from audit.screens.door import _language_switch, brand

    say = wording.translator(desks.language())
    _keep_cookie("")
    _, middle, _ = st.columns([1, 1.1, 1])
    with middle:
        gate = tag(
            "div", tag("h1", say("Conduct Audit")), tag("p", say("Sign in to review calls")), class_="au-gate"
        )
        surface(
            "gate",
            tag(
                "div",
                tag("div", brand(), style="display:inline-block"),
                gate,
                style="text-align:center;padding-top:7vh",
            ),
        )
        with st.form("sign_in", border=True):
            name = st.text_input(say("User name"), autocomplete="username")
            password = st.text_input(say("Password"), type="password", autocomplete="current-password")
            sent = st.form_submit_button(say("Sign in"), type="primary", width="stretch")
        if sent:
            _try(store, name, password)
        _refusal()
        if company_door():
            _company_buttons(say)
        _language_switch()
        if _nobody_yet(store):
            st.info(
                say(
                    "There is no user yet. Start the app with `audit app`: it makes the first administrator and shows the password once."
                )
            )


def _company_buttons(say: wording.Say) -> None:
    """The company's own door; for somebody it vouches for and who has no role here, the way out of it."""
    import streamlit as st

    if not getattr(st.user, "is_logged_in", False):
        st.button(say("Sign in with the company account"), on_click=st.login, width="stretch")
        return
    st.caption(say("At the company you are {name}.", name=str(st.user.get("email") or "–")))
    st.button(say("Leave the company account"), on_click=_leave_company, width="stretch")


def _leave_company() -> None:
    import streamlit as st

    for key in ("_company", "_company_refused", "_sign_in_error"):
        st.session_state.pop(key, None)
    st.logout()


def _nobody_yet(store: Store) -> bool:
    from sqlalchemy import func, select

    from audit.store.tables import users

    with store.read() as connection:
        return not connection.execute(select(func.count()).select_from(users)).scalar_one()


def _try(store: Store, name: str, password: str) -> None:
    import streamlit as st

    from audit.store.accounts import open_session, sign_in

    try:
        scope = sign_in(store, name, password)
    except RightError as error:
        st.session_state["_sign_in_error"] = str(error)
        return
    if store.read_only:
        st.session_state["_known"] = scope.user  # no session can be kept in the store
    else:
        with store.begin() as connection:
            st.session_state["_token"] = open_session(connection, scope)
    st.session_state.pop("_signed_out", None)
    st.rerun()


def _refusal() -> None:
    import streamlit as st

    say = wording.translator(desks.language())
    words = {
        "locked": say("This account is locked for a quarter of an hour after too many wrong passwords."),
        "wrong": say("User name or password is not right."),
        "unknown": say(
            "You are signed in at the company, but nobody has given you a role here. Ask the administrator."
        ),
        "expired": say("Your sign-in at the company is older than ten hours. Sign in again."),
    }
    error = st.session_state.pop("_sign_in_error", None)
    if error is not None:
        st.error(words.get(error, error), icon=":material/lock:")


def change_first(store: Store, scope: Scope) -> None:
    """The page of somebody who must change the password before anything else."""
    import streamlit as st

    from audit.store.accounts import change_password, open_session

    say = wording.translator(desks.language())
    if store.read_only:
        st.error(
            say("The store may only be read, so the password cannot be changed here."), icon=":material/lock:"
        )
        return
    _, middle, _ = st.columns([1, 1.1, 1])
    with middle:
        surface(
            "gate",
            tag(
                "div",
                tag("h1", say("Choose your own password")),
                tag(
                    "p", say("The one you were given works once. At least 10 signs, without your user name.")
                ),
                class_="au-gate",
            ),
        )
        with st.form("change", border=True):
            old = st.text_input(
                say("Password you were given"), type="password", autocomplete="current-password"
            )
            new = st.text_input(say("New password"), type="password", autocomplete="new-password")
            again = st.text_input(say("New password again"), type="password", autocomplete="new-password")
            sent = st.form_submit_button(say("Save and go on"), type="primary", width="stretch")
        if sent and new != again:
            st.error(say("The two new passwords differ."))
        elif sent:
            try:
                fresh = change_password(store, scope.user, old, new)
            except AuditError as error:
                st.error(
                    say("User name or password is not right.")
                    if str(error) in ("wrong", "locked")
                    else say("A password has at least 10 signs, is new and does not hold the user's name.")
                )
                return
            with store.begin() as connection:
                st.session_state["_token"] = open_session(connection, fresh)
            st.rerun()


def keep_session() -> None:
    """Put the session's token into the browser's cookie, so that reloading the page keeps the person signed in."""
    import streamlit as st

    _keep_cookie(st.session_state.get("_token", ""))


def _keep_cookie(token: str) -> None:
    import streamlit as st

    script = """
    export default function ({ data }) {
      const safe = location.protocol === "https:" ? "; Secure" : "";
      document.cookie = data.token
        ? `${data.name}=${data.token}; path=/; SameSite=Strict; Max-Age=36000${safe}`
        : `${data.name}=; path=/; SameSite=Strict; Max-Age=0${safe}`;
    }
    """
    mount = st.components.v2.component("audit_cookie", js=script)
    mount(key="cookie", data={"name": COOKIE, "token": token}, height="content")


def sign_out() -> None:
    """End the session here and in the store."""
    import streamlit as st

    from audit.store.accounts import close_session

    here, token = desks.desk(), st.session_state.get("_token")
    if token and not here.store.read_only:
        with here.store.begin() as connection:
            close_session(connection, here.scope, token)
    company = bool(st.session_state.get("_company"))
    for key in list(st.session_state):
        if key != "language":
            del st.session_state[key]
    st.session_state["_signed_out"] = True
    if company:
        st.logout()

"""Sign-in with the company's account in a real browser, against a provider of the tests' own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from audit.store import Store
from audit.store import tables as t
from audit.store.accounts import Scope, add_user, first_administrator
from scripts.app_browser import CHROMIUM, browser, running_app, settled
from tests.app_seed import seed
from tests.oidc_provider import CLIENT, Provider, provider

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"]),
    pytest.mark.skipif(
        not os.path.exists(CHROMIUM), reason=f"no browser at {CHROMIUM}: install Debian's chromium"
    ),
]

ROLES = """
[roles]
claim = "groups"
agency_claim = "company"

[roles.of]
"compliance" = "officer"
"outside" = "agency"
"""


@pytest.fixture(autouse=True)
def _sockets(socket_enabled: None) -> None:
    """The app, the browser and the provider speak over loopback."""


@pytest.fixture
def store_file(tmp_path: Path) -> Path:
    store = Store.open(f"sqlite:///{tmp_path / 'audit.db'}")
    seed(store)
    with store.begin() as connection:
        first_administrator(connection)
        add_user(connection, Scope("admin", "administrator"), "mei@bank.example", "reviewer", oidc=True)
    store.close()
    return tmp_path / "audit.db"


def secrets_file(folder: Path, company: Provider, more: str = "") -> list[str]:
    """Flags that have the app read an [auth] section for the provider."""
    path = folder / "secrets.toml"
    path.write_text(
        f'[auth]\nredirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"\ncookie_secret = "{"x" * 40}"\n'
        f'client_id = "{CLIENT[0]}"\nclient_secret = "{CLIENT[1]}"\n'
        f'server_metadata_url = "{company.address}/.well-known/openid-configuration"\n{more}',
        "utf-8",
    )
    return ["--secrets.files", str(path)]


def through_the_door(chromium: Any, address: str) -> Any:
    page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(address)
    settled(page)
    page.get_by_role("button", name="Sign in with the company account").click()
    page.wait_for_selector(".au-tile, .au-example, [data-testid=stAlert]", timeout=30000)
    settled(page)
    return page


def actions(store_file: Path) -> list[tuple[str, str]]:
    store = Store.open(f"sqlite:///{store_file}")
    with store.read() as connection:
        rows = [
            (row.actor, row.action) for row in connection.execute(select(t.ledger).order_by(t.ledger.c.seq))
        ]
    store.close()
    return rows


def test_who_was_added_comes_in_and_a_stranger_is_told(store_file: Path, tmp_path: Path) -> None:
    with provider() as company, browser() as chromium:
        more = secrets_file(tmp_path, company)
        with running_app(store_file, None, demo=False, more=more) as address:
            company.claims = {"email": "mei@bank.example", "email_verified": True, "name": "Mei"}
            page = through_the_door(chromium, address)
            assert page.locator(".au-tile").count() > 3
            assert "mei@bank.example" in page.inner_text("[data-testid=stSidebar]")
            assert page.locator("[data-testid=stSidebarNavLink]", has_text="Ledger").count() == 0
            page.reload()
            page.wait_for_selector(".au-tile")
            page.get_by_role("button", name="Sign out").click()
            page.wait_for_selector("input[type=password]")
            company.claims = {"email": "stranger@bank.example", "email_verified": True}
            page = through_the_door(chromium, address)
            text = page.inner_text("body")
            assert "nobody has given you a role here" in text
            assert "stranger@bank.example" in text
            assert page.locator(".au-tile").count() == 0
            assert "松屿服务" not in text
            page.get_by_role("button", name="Leave the company account").click()
            page.wait_for_selector("text=Sign in with the company account")
            assert {"/.well-known/openid-configuration", "/authorize", "/token", "/jwks"} <= set(
                company.asked
            )
    done = actions(store_file)
    assert ("mei@bank.example", "signin.done") in done
    assert ("stranger@bank.example", "signin.failed") in done


def test_the_role_comes_from_the_claims(store_file: Path, tmp_path: Path) -> None:
    with provider() as company, browser() as chromium:
        more = secrets_file(tmp_path, company, ROLES)
        with running_app(store_file, None, demo=False, more=more) as address:
            company.claims = {"email": "lin@bank.example", "groups": ["staff", "compliance"]}
            page = through_the_door(chromium, address)
            assert "Compliance officer" in page.inner_text("[data-testid=stSidebar]")
            company.claims = {"email": "viewer@agency.example", "groups": ["outside"], "company": "墨江信服"}
            page = through_the_door(chromium, address)
            text = page.inner_text("body")
            assert "墨江信服" in text
            assert "松屿服务" not in text
            company.claims = {"email": "mei@bank.example", "groups": ["staff"]}
            page = through_the_door(chromium, address)
            assert "nobody has given you a role here" in page.inner_text("body")
            company.claims = {"email": "old@bank.example", "groups": ["compliance"], "iat": 1}
            page = through_the_door(chromium, address)
            assert "older than ten hours" in page.inner_text("body")
    assert ("company", "user.created") in actions(store_file)

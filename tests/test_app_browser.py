"""Five journeys through the app in Debian's chromium, and what must hold in a real browser."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.store import Store
from audit.store.accounts import Scope, add_user, first_administrator
from scripts.app_browser import CHROMIUM, browser, running_app, settled
from tests.app_seed import seed

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"]),
    pytest.mark.skipif(
        not os.path.exists(CHROMIUM), reason=f"no browser at {CHROMIUM}: install Debian's chromium"
    ),
]


@pytest.fixture(autouse=True)
def _sockets(socket_enabled: None) -> None:
    """The app and the browser speak over loopback."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "recordings").mkdir()
    store = Store.open(f"sqlite:///{tmp_path / 'audit.db'}")
    seed(store, tmp_path / "recordings")
    store.close()
    return tmp_path


@pytest.fixture
def chromium() -> Iterator[Any]:
    with browser() as opened:
        yield opened


def opened(chromium: Any, address: str, width: int = 1440) -> Any:
    page = chromium.new_page(viewport={"width": width, "height": 1000}, accept_downloads=True)
    page.outside = []
    page.faults = []
    page.on(
        "request", lambda request: page.outside.append(request.url) if outside(request.url, address) else None
    )
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.goto(address)
    settled(page)
    return page


def outside(url: str, address: str) -> bool:
    origin = "/".join(address.split("/")[:3])
    return not url.startswith((origin, "blob:", "data:", origin.replace("http", "ws")))


def actions(folder: Path) -> list[tuple[str, str]]:
    from sqlalchemy import select

    from audit.store.tables import ledger

    store = Store.open(f"sqlite:///{folder / 'audit.db'}")
    with store.read() as connection:
        rows = [(row.actor, row.action) for row in connection.execute(select(ledger).order_by(ledger.c.seq))]
    store.close()
    return rows


def press(page: Any, key: str) -> None:
    page.keyboard.press(key)
    page.wait_for_timeout(120)
    settled(page, 150)


def goto(page: Any, name: str) -> None:
    page.locator("[data-testid=stSidebarNavLink]", has_text=name).click()
    settled(page)


def test_first_sign_in(folder: Path, chromium: Any) -> None:
    store = Store.open(f"sqlite:///{folder / 'audit.db'}")
    with store.begin() as connection:
        password = first_administrator(connection)
    store.close()
    with running_app(folder / "audit.db", folder / "recordings", demo=False) as address:
        page = opened(chromium, address)
        assert page.get_by_text("松屿服务").count() == 0
        page.get_by_label("User name").fill("admin")
        page.get_by_role("textbox", name="Password", exact=True).fill(password)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("textbox", name="Password you were given").fill(password)
        page.get_by_role("textbox", name="New password", exact=True).fill("seven small boats")
        page.get_by_role("textbox", name="New password again").fill("seven small boats")
        page.get_by_role("button", name="Save and go on").click()
        page.wait_for_selector(".au-tile")
        settled(page)
        page.reload()
        page.wait_for_selector(".au-tile")
        assert page.locator("[data-testid=stSidebarNavLink]", has_text="Queue").count() == 0
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_selector("input[type=password]")
        page.reload()
        page.wait_for_selector("input[type=password]")
        assert page.faults == []
        page.close()


def test_three_cases_by_keyboard_only(folder: Path, chromium: Any) -> None:
    with running_app(folder / "audit.db", folder / "recordings") as address:
        page = opened(chromium, f"{address}/queue")
        page.wait_for_selector("[data-row]")
        for _ in range(4):
            press(page, "j")
        press(page, "Enter")
        page.wait_for_selector(".pl-card")
        settled(page)
        seen = set()
        for verdict in ("c", "d", "e"):
            seen.add(page.url)
            for _ in range(12):
                if page.locator(".pl-done").count():
                    break
                press(page, verdict)
                if verdict == "d":
                    press(page, "1")
            assert page.locator(".pl-done").count() == 1
            press(page, "j")
            page.wait_for_function(
                "was => location.href !== was", arg=max(seen, key=lambda url: url == page.url)
            )
        assert len(seen) == 3
        press(page, " ")
        page.wait_for_function(
            "document.querySelector('.pl-time') && !document.querySelector('.pl-time').textContent.startsWith('0:00 ')"
        )
        page.wait_for_selector(".pl-spoken")
        press(page, "?")
        assert page.locator(".pl-help").is_visible()
        assert page.faults == []
        assert page.outside == []
        page.close()
    done = [action for _, action in actions(folder)]
    assert {"verdict.confirmed", "verdict.dismissed", "verdict.escalated", "audio.played"} <= set(done)


def test_confirm_and_see_the_overview_change(folder: Path, chromium: Any) -> None:
    with running_app(folder / "audit.db", folder / "recordings") as address:
        page = opened(chromium, address)
        before = _waiting(page)
        page.locator(".au-tile", has_text="Medium").click()
        page.wait_for_selector("[data-row]")
        settled(page)
        page.locator("[data-row] button").first.click()
        page.wait_for_selector(".pl-card")
        settled(page)
        press(page, "c")
        page.wait_for_selector(".pl-done")
        goto(page, "Overview")
        page.wait_for_selector(".au-tile")
        assert _waiting(page) == before - 1
        assert page.faults == []
        page.close()


def _waiting(page: Any) -> int:
    return int(page.locator(".au-tile", has_text="Waiting for a decision").locator(".au-value").inner_text())


def test_dismissing_several_asks_for_a_reason_and_comes_back(folder: Path, chromium: Any) -> None:
    with running_app(folder / "audit.db", folder / "recordings") as address:
        page = opened(chromium, f"{address}/queue")
        page.wait_for_selector("[data-row]")
        before = page.locator(".au-head p").first.inner_text()
        for row in (-1, -2):
            page.locator("[data-pick]").nth(row).check()
        assert page.locator("[data-when-picked] [data-count]").inner_text() == "2"
        page.get_by_role("button", name="Dismiss…").click()
        dialog = page.get_by_role("dialog")
        assert dialog.get_by_role("button", name="Dismiss", exact=True).is_disabled()
        dialog.get_by_role("combobox").click()
        page.get_by_role("option", name="Lawful in this situation").click()
        settled(page)
        dialog.get_by_role("button", name="Dismiss", exact=True).click()
        page.wait_for_function("was => document.querySelector('.au-head p').innerText !== was", arg=before)
        settled(page)
        page.get_by_role("button", name="Undo").click()
        page.wait_for_function("was => document.querySelector('.au-head p').innerText === was", arg=before)
        assert page.faults == []
        page.close()
    done = [action for _, action in actions(folder)]
    assert done.count("cases.dismissed") == 1
    assert done.count("verdict.undone") == done.count("verdict.dismissed") == 2


def test_a_trainer_builds_a_lesson(folder: Path, chromium: Any, tmp_path: Path) -> None:
    with running_app(folder / "audit.db", folder / "recordings") as address:
        page = opened(chromium, address)
        _look_as(page, "Trainer")
        page.wait_for_selector(".au-example")
        assert page.get_by_text("松屿服务").count() == 0
        for at in range(2):
            page.locator(".au-example", has_text="Hear and read").nth(at).get_by_role("button").click()
            page.wait_for_selector("[role=dialog] .au-talk")
            settled(page)
            assert page.locator("[role=dialog] audio").count() == 1
            page.get_by_role("button", name="Add to the lesson").click()
            page.wait_for_selector("[role=dialog]", state="detached")
            settled(page)
        page.get_by_label("Title of the lesson").fill("Threats and how not to make them")
        page.get_by_label("Title of the lesson").press("Enter")
        settled(page)
        page.get_by_role("button", name="Keep lesson").click()
        settled(page)
        page.get_by_role("button", name="Export zip").click()
        with page.expect_download(timeout=60000) as caught:
            page.get_by_role("button", name="Save lesson (zip)").click()
        caught.value.save_as(tmp_path / "lesson.zip")
        assert page.faults == []
        page.close()
    with zipfile.ZipFile(tmp_path / "lesson.zip") as archive:
        names = archive.namelist()
        index = archive.read("index.html").decode()
    assert len([name for name in names if name.endswith(".flac")]) == 2
    assert "http" not in index
    assert not re.search("松屿服务|墨江信服|立禾服务|SY6102|MJ204", index)
    assert ("demo-trainer", "clip.exported") in actions(folder)
    assert ("demo-trainer", "lesson.saved") in actions(folder)


def _look_as(page: Any, role: str) -> None:
    page.locator("[data-testid=stSidebar]").get_by_role("combobox").click()
    page.get_by_role("option", name=role).click()
    settled(page)


def test_an_agency_viewer_sees_nothing_of_others(folder: Path, chromium: Any) -> None:
    store = Store.open(f"sqlite:///{folder / 'audit.db'}")
    with store.begin() as connection:
        first_administrator(connection)
        password = add_user(connection, Scope("admin", "administrator"), "viewer", "agency", "墨江信服")
    store.close()
    others = ("松屿服务", "立禾服务", "Harbour Recovery", "Northgate Credit")
    with running_app(folder / "audit.db", folder / "recordings", demo=False) as address:
        page = opened(chromium, address)
        page.get_by_label("User name").fill("viewer")
        page.get_by_role("textbox", name="Password", exact=True).fill(password)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("textbox", name="Password you were given").fill(password)
        page.get_by_role("textbox", name="New password", exact=True).fill("a lantern in rain")
        page.get_by_role("textbox", name="New password again").fill("a lantern in rain")
        page.get_by_role("button", name="Save and go on").click()
        for name, sign in (("Overview", ".au-tile"), ("Queue", "[data-row]"), ("Agencies", ".au-table")):
            page.wait_for_selector("[data-testid=stSidebarNavLink]")
            goto(page, name)
            page.wait_for_selector(sign)
            text = page.inner_text("body")
            assert not [other for other in others if other in text], name
            assert "墨江信服" in text
        goto(page, "Queue")
        page.locator("[data-row] button").first.click()
        page.wait_for_selector(".pl-card")
        assert page.get_by_role("button", name="Reveal…").count() == 0
        assert page.locator(".pl-acts button").count() == 0
        assert page.faults == []
        page.close()


def test_an_address_without_sign_in_gives_nothing(folder: Path, chromium: Any) -> None:
    with running_app(folder / "audit.db", folder / "recordings", demo=False) as address:
        for path in ("/queue", "/case?id=C9ea9d121890", "/ledger", "/library"):
            page = opened(chromium, address + path)
            page.wait_for_selector("input[type=password]")
            text = page.inner_text("body")
            assert not re.search("松屿服务|公安|verdict|K000", text)
            page.close()
        page = chromium.new_page()
        for path in ("/media/K000.wav", "/app/static/K000.wav", "/recordings/K000.wav"):
            answer = page.request.get(address + path)
            assert answer.status == 404 or "audio" not in answer.headers.get("content-type", "")
        page.close()


def test_sound_never_has_an_address_on_the_server(folder: Path, chromium: Any) -> None:
    with running_app(folder / "audit.db", folder / "recordings") as address:
        page = chromium.new_page()
        sounds: list[str] = []
        page.on(
            "response",
            lambda answer: (
                sounds.append(answer.url)
                if "audio" in answer.headers.get("content-type", "") and not answer.url.startswith("blob:")
                else None
            ),
        )
        page.goto(f"{address}/queue")
        page.wait_for_selector("[data-row]")
        page.locator("[data-row] button").nth(4).click()
        page.wait_for_selector(".pl-wave")
        settled(page)
        press(page, " ")
        page.wait_for_selector(".pl-spoken")
        assert sounds == []
        page.close()


@pytest.mark.parametrize(
    "path", ["", "queue", "sample", "appeals", "library", "agencies", "rulebook", "runs", "ledger"]
)
def test_at_1024_nothing_runs_over_the_side(folder: Path, chromium: Any, path: str) -> None:
    with running_app(folder / "audit.db", folder / "recordings", language="zh") as address:
        page = opened(chromium, f"{address}/{path}", 1024)
        over = page.evaluate(
            "document.querySelector('[data-testid=stMain]').scrollWidth - document.querySelector('[data-testid=stMain]').clientWidth"
        )
        assert over <= 1
        page.close()


CHECKS = """
() => {
  const faults = [];
  const seen = (node) => node.offsetParent !== null || getComputedStyle(node).position === "fixed";
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const colour = (text) => {
    const canvas = (window.__pen = window.__pen || Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true }));
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
  };
  const behind = (node) => {
    let mixed = [255, 255, 255]; const layers = [];
    for (let at = node; at; at = at.parentElement) { const c = colour(getComputedStyle(at).backgroundColor); if (c[3] > 0) layers.push(c); if (c[3] === 1) break; }
    for (const c of layers.reverse()) mixed = mixed.map((v, i) => v * (1 - c[3]) + c[i] * c[3]);
    return mixed;
  };
  const light = (c) => { const f = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }; return 0.2126 * f(c[0]) + 0.7152 * f(c[1]) + 0.0722 * f(c[2]); };
  document.querySelectorAll(".au-root button, .au-root input, .au-root select, .au-root textarea, .au-root [role=slider]").forEach((node) => {
    if (!seen(node)) return;
    const name = node.getAttribute("aria-label") || node.title || node.textContent || node.placeholder || "";
    if (!name.trim()) faults.push("no name: " + node.outerHTML.slice(0, 90));
  });
  document.querySelectorAll(".au-root table").forEach((node) => { if ([...node.querySelectorAll("th")].some((th) => !th.scope)) faults.push("th without scope"); });
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !node.closest(".au-root") || !seen(node) || node.closest("[hidden], .au-hide, :disabled, [aria-hidden=true], svg, option")) continue;
    const style = getComputedStyle(node); const ink = colour(style.color), paper = behind(node);
    const mixed = ink.slice(0, 3).map((v, i) => v * ink[3] + paper[i] * (1 - ink[3]));
    const [a, b] = [light(mixed), light(paper)].sort((x, y) => y - x); const ratio = (a + 0.05) / (b + 0.05);
    const big = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.6 && Number(style.fontWeight) >= 700);
    if (ratio < (big ? 3 : 4.5)) faults.push(`contrast ${ratio.toFixed(2)}: ${walk.currentNode.textContent.trim().slice(0, 30)} <${node.className}>`);
  }
  return [...new Set(faults)];
}
"""


AXE = os.environ.get("AXE_CORE", "")
"""Path of axe.min.js (`npm pack axe-core`); too large to be kept here."""


@pytest.mark.skipif(not AXE, reason="AXE_CORE does not name axe.min.js: `npm pack axe-core` and unpack it")
def test_axe_finds_nothing_serious(folder: Path, chromium: Any) -> None:
    from audit.store import samples

    store = Store.open(f"sqlite:///{folder / 'audit.db'}")
    with store.begin() as connection:
        samples.draw(connection, Scope("wang", "officer"), "2026-W14", 3, "agency", "boat")
    store.close()
    run = "async () => (await axe.run(document)).violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(v => [v.id, v.nodes[0].html.slice(0, 120)])"
    with running_app(folder / "audit.db", folder / "recordings") as address:
        page = chromium.new_page(viewport={"width": 1440, "height": 1000}, bypass_csp=True)
        for path in ("", "queue", "sample", "appeals", "library", "agencies", "rulebook", "runs", "ledger"):
            page.goto(f"{address}/{path}")
            settled(page, 600)
            page.evaluate(Path(AXE).read_text("utf-8"))
            assert page.evaluate(run) == [], path
        page.goto(f"{address}/queue")
        page.wait_for_selector("[data-row]")
        page.locator("[data-row] button").nth(4).click()
        page.wait_for_selector(".pl-card")
        settled(page, 600)
        page.evaluate(Path(AXE).read_text("utf-8"))
        assert page.evaluate(run) == []
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_names_headings_and_contrast(folder: Path, chromium: Any, scheme: str) -> None:
    with running_app(folder / "audit.db", folder / "recordings") as address:
        page = chromium.new_page(viewport={"width": 1440, "height": 1000}, color_scheme=scheme)
        for path in ("", "queue", "sample", "appeals", "library", "agencies", "rulebook", "runs", "ledger"):
            page.goto(f"{address}/{path}")
            settled(page)
            assert page.evaluate(CHECKS) == [], path
        page.goto(f"{address}/queue")
        page.wait_for_selector("[data-row]")
        page.locator("[data-row] button").nth(4).click()
        page.wait_for_selector(".pl-card")
        settled(page, 600)
        assert page.evaluate(CHECKS) == []
        page.close()


def test_downloaded_packs_open_and_prove_themselves(folder: Path, chromium: Any, tmp_path: Path) -> None:
    from audit.evidence import verify_pack

    with running_app(folder / "audit.db", folder / "recordings") as address:
        page = opened(chromium, f"{address}/queue")
        page.locator("[data-row] button").nth(4).click()
        page.wait_for_selector(".pl-card")
        settled(page)
        page.locator("summary", has_text="Evidence pack").click()
        page.get_by_role("button", name="Prepare evidence pack").click()
        with page.expect_download(timeout=60000) as caught:
            page.get_by_role("button", name="Save evidence pack (zip)").click()
        caught.value.save_as(tmp_path / "evidence.zip")
        page.goto(f"{address}/agencies")
        page.wait_for_selector(".au-table")
        settled(page)
        page.locator(".au-table button", has_text="墨江信服").first.click()
        page.get_by_role("button", name="Prepare oversight pack").click()
        with page.expect_download(timeout=60000) as caught:
            page.get_by_role("button", name="Save oversight pack (zip)").click()
        caught.value.save_as(tmp_path / "oversight.zip")
        assert page.faults == []
        page.close()
    assert verify_pack(tmp_path / "evidence.zip")["edition"] == "masked"
    manifest = verify_pack(tmp_path / "oversight.zip")
    assert manifest["agency"] == "墨江信服"
    with zipfile.ZipFile(tmp_path / "oversight.zip") as pack:
        text = pack.read("report.html").decode() + pack.read("findings.csv").decode()
    assert not re.search("松屿服务|立禾服务|Harbour Recovery|SY6102|LH31", text)
    assert {"evidence.exported", "clip.exported"} <= {action for _, action in actions(folder)}


def test_corrected_words_are_judged_at_once_and_taken_back(folder: Path, chromium: Any) -> None:
    with running_app(folder / "audit.db", folder / "recordings") as address:
        page = opened(chromium, f"{address}/queue")
        page.locator("[data-row] button").nth(4).click()
        page.wait_for_selector(".pl-card")
        settled(page)
        page.locator('.pl-turn[data-turn="2"] .pl-who button').last.click()
        box = page.locator(".pl-edit textarea")
        box.fill(box.input_value() + "再不还钱我就找人打断你的腿。")
        page.locator(".pl-edit button").first.click()
        page.wait_for_selector(".pl-corrected .au-link", timeout=60000)
        settled(page)
        assert page.locator(".pl-card", has_text="Threat of violence").count() >= 1
        assert page.locator("summary", has_text="Judged again").count() == 1
        page.locator(".pl-corrected .au-link").click()
        page.wait_for_selector(".pl-corrected", state="detached")
        assert page.locator(".pl-card", has_text="Threat of violence").count() == 0
        assert page.faults == []
        page.close()
    assert [action for _, action in actions(folder)].count("words.corrected") == 2


def test_an_agency_contests_and_the_officer_overturns(folder: Path, chromium: Any) -> None:
    from audit.store import acts
    from audit.store.tables import contacts, findings

    store = Store.open(f"sqlite:///{folder / 'audit.db'}")
    with store.begin() as connection:
        # The demo's agency viewer is of the agency with most cases.
        from audit.store.views import agency_names

        agency = agency_names(connection)[0]
        query = (
            findings.join(contacts, contacts.c.call_id == findings.c.call_id)
            .select()
            .where(contacts.c.agency == agency, contacts.c.week == "2026-W14", findings.c.severity == "high")
            .where(findings.c.origin == "words", findings.c.decision == "breach")
            .with_only_columns(findings.c.finding_id, findings.c.call_id)
        )
        one = connection.execute(query).first()
        acts.decide(connection, Scope("li", "reviewer"), [one.finding_id], "confirmed")
        case_id = views_case(connection, one.call_id)
    store.close()
    with running_app(folder / "audit.db", folder / "recordings") as address:
        page = opened(chromium, address)
        _look_as(page, "Agency viewer")
        goto(page, "Queue")
        page.wait_for_selector("[data-row]")
        page.get_by_role("combobox", name="State").click()
        page.get_by_role("option", name="All", exact=True).click()
        settled(page)
        page.locator(f'[data-value="case?id={case_id}"] button').first.click()
        page.wait_for_selector(".pl-card")
        settled(page)
        page.locator("summary", has_text="Contest a finding").click()
        page.get_by_label("Why it is not right").fill("这是客户的话,电话13800138000可以核实。")
        page.keyboard.press("Control+Enter")
        settled(page)
        page.get_by_role("button", name="Contest", exact=True).click()
        page.wait_for_selector("text=Contested; the lender")
        settled(page)
        _look_as(page, "Compliance officer")
        goto(page, "Appeals")
        page.wait_for_selector(".au-example")
        text = page.inner_text("[data-testid=stMain]")
        assert "这是客户的话" in text
        assert "13800138000" not in text
        page.get_by_role("button", name="Answer…").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Answer to the agency").fill("We heard it again and you are right.")
        page.keyboard.press("Control+Enter")
        settled(page)
        dialog.get_by_role("button", name="Verdict overturned").click()
        page.wait_for_selector("[role=dialog]", state="detached")
        settled(page)
        assert "No appeal waits" in page.inner_text("[data-testid=stMain]")
        assert page.faults == []
        page.close()
    done = actions(folder)
    assert ("demo-agency", "appeal.made") in done
    assert ("demo-officer", "appeal.overturned") in done
    assert ("demo-officer", "verdict.dismissed") in done


def views_case(connection: Any, call_id: str) -> str:
    from sqlalchemy import select

    from audit.store.tables import cases

    return str(connection.execute(select(cases.c.case_id).where(cases.c.call_id == call_id)).scalar_one())

"""The app's pages on a seeded store, in both languages and all roles, without a browser."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from audit.screens.parts.desk import DEMO_VARIABLE
from audit.store import Store
from audit.store.accounts import RIGHTS, Scope
from audit.store.views import QueueFilter, queue
from tests.app_seed import seed

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("overview", "queue", "case", "agencies", "library", "rulebook", "runs", "ledger")
HAN = re.compile("[一-鿿]")


@pytest.fixture(scope="module")
def store_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("app")
    (folder / "recordings").mkdir()
    store = Store.open(f"sqlite:///{folder / 'audit.db'}")
    seed(store, folder / "recordings")
    store.close()
    return folder / "audit.db"


@pytest.fixture
def app(store_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AUDIT_STORE", f"sqlite:///{store_file}")
    monkeypatch.setenv("AUDIT_RECORDINGS", str(store_file.parent / "recordings"))
    monkeypatch.setenv(DEMO_VARIABLE, "1")

    def opened(language: str = "en", role: str = "officer", page: str | None = None, **state: Any) -> AppTest:
        monkeypatch.setenv("AUDIT_LANGUAGE", language)
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        at.session_state["_demo_role"] = role
        at.run()
        for key, value in state.items():
            at.session_state[key] = value
        if page is not None:
            at.switch_page(f"audit/screens/{page}.py").run()
        return at

    return opened


def first_case(store_file: Path, **asked: Any) -> dict[str, Any]:
    store = Store.open(f"sqlite:///{store_file}")
    with store.read() as connection:
        rows, _ = queue(connection, Scope("test", "officer"), QueueFilter(**asked))
    store.close()
    return rows[0]


def surfaces(at: AppTest) -> str:
    """The HTML of all surfaces of the page, and the data of the player."""
    out: list[str] = []

    def walk(block: Any) -> None:
        for child in getattr(block, "children", {}).values():
            proto = getattr(child, "proto", None)
            data = getattr(proto, "json", "") or getattr(getattr(proto, "bidi_component", None), "json", "")
            if data:
                out.append(data)
            walk(child)

    walk(at._tree)
    parsed = [json.loads(one) for one in out if one.startswith("{")]
    return "\n".join(one.get("html") or json.dumps(one, ensure_ascii=False) for one in parsed)


def scene_of(at: AppTest) -> tuple[dict[str, Any], str]:
    """The player's scene and the words it shows, put together (every character is a piece of its own)."""
    scene = next(json.loads(line) for line in surfaces(at).splitlines() if line.startswith('{"call"'))
    return scene, "".join(piece["x"] for turn in scene["turns"] for piece in turn["pieces"])


def text_of(at: AppTest) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", surfaces(at)))


def fine(at: AppTest) -> None:
    assert not at.exception
    assert [error.value for error in at.error] == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_draws(app: Any, store_file: Path, page: str, language: str) -> None:
    at = app(language, page=None if page == "overview" else page, case_id=first_case(store_file)["case_id"])
    fine(at)
    assert len(text_of(at)) > 60


@pytest.mark.parametrize("page", ["overview", "queue", "library", "runs", "ledger"])
def test_an_english_page_holds_no_chinese_but_names_and_quotes(app: Any, page: str) -> None:
    at = app("en", page=None if page == "overview" else page)
    words = re.sub(r"<blockquote.*?</blockquote>", "", surfaces(at))
    words = re.sub("松屿服务|墨江信服|立禾服务|中文|语言", "", html.unescape(re.sub(r"<[^>]+>", " ", words)))
    assert not HAN.findall(words)


@pytest.mark.parametrize("role", sorted(RIGHTS))
def test_a_role_gets_the_pages_of_its_rights(app: Any, role: str) -> None:
    at = app("en", role)
    fine(at)
    pages = set(at.session_state["_pages"])
    assert ("queue" in pages) == ("queue" in RIGHTS[role])
    assert ("ledger" in pages) == ("ledger" in RIGHTS[role])
    assert ("people" in pages) == ("users" in RIGHTS[role])


def test_the_overview_counts_and_opens_lists(app: Any) -> None:
    at = app("en")
    shown = surfaces(at)
    assert "153 contacts" in text_of(at)
    assert "people may be in distress" in text_of(at)
    assert "queue?week=2026-W14&amp;status=flagged&amp;severity=critical" in shown
    assert shown.count("au-breach") >= 5
    assert "au-forbidden" in shown


def test_the_queue_shows_worst_first_and_filters(app: Any) -> None:
    at = app("en", page="queue")
    every = text_of(at)
    assert every.index("Critical") < every.index("High")
    at.selectbox(key="f_agency").select("立禾服务").run()
    fine(at)
    filtered = text_of(at)
    assert "立禾服务" in filtered
    assert "松屿服务" not in filtered


def test_a_filter_that_matches_nothing_says_so(app: Any) -> None:
    at = app("en", page="queue", queue_filter=QueueFilter(status="withdrawn", agency="nobody"))
    fine(at)
    assert "No case matches" in text_of(at)


def test_a_case_is_masked_and_offers_its_sound(app: Any, store_file: Path) -> None:
    case = first_case(store_file, debtor="D1001", week="2026-W14")
    at = app("en", page="case", case_id=case["case_id"])
    fine(at)
    shown = surfaces(at)
    scene, spoken = scene_of(at)
    assert scene["masked"] is True
    assert "赵强" not in spoken
    assert "一三八零零一三八零零零" not in json.dumps(scene, ensure_ascii=False)
    assert {piece["m"] for turn in scene["turns"] for piece in turn["pieces"] if "m" in piece} == {
        "name",
        "phone",
    }
    assert scene["sound"]["peaks"]
    assert "audio/flac" in shown


def test_a_recording_that_was_replaced_is_not_played(app: Any, store_file: Path) -> None:
    case = first_case(store_file, debtor="D1006", week="2026-W14")
    recording = store_file.parent / "recordings" / f"{case['call_id']}.wav"
    kept = recording.read_bytes()
    recording.write_bytes(kept[:-2] + b"xx")
    scene, _ = scene_of(app("en", page="case", case_id=case["case_id"]))
    recording.write_bytes(kept)
    assert scene["sound"] is None
    assert "no longer the file" in scene["noSound"]


def test_a_reveal_shows_names_and_stands_in_the_ledger(app: Any, store_file: Path) -> None:
    from audit.store import acts

    case = first_case(store_file, debtor="D1001", week="2026-W14")
    store = Store.open(f"sqlite:///{store_file}")
    scope = Scope("demo-officer", "officer")
    with store.begin() as connection:
        acts.reveal(connection, scope, case["case_id"], "identity disputed")
    at = app("en", page="case", case_id=case["case_id"])
    fine(at)
    scene, spoken = scene_of(at)
    assert scene["masked"] is False
    assert "赵强" in spoken
    with store.begin() as connection:
        acts.cover(connection, scope, case["case_id"])
    store.close()


def test_an_agency_viewer_sees_nothing_of_others(app: Any, store_file: Path) -> None:
    at = app("en", "agency")
    own = at.session_state["_desk"].scope.agency
    others = {"松屿服务", "墨江信服", "立禾服务", "Harbour Recovery", "Northgate Credit"} - {own}
    for page in (None, "queue", "agencies"):
        at = app("en", "agency", page=page)
        fine(at)
        assert not [name for name in others if name in surfaces(at)], page
    foreign = next(iter(others))
    at = app("en", "agency", page="case", case_id=first_case(store_file, agency=foreign)["case_id"])
    assert "No case is open" in text_of(at)


def test_a_trainer_reads_no_agency(app: Any) -> None:
    at = app("en", "trainer")
    fine(at)
    shown = surfaces(at)
    assert "au-example" in shown
    assert not [
        name for name in ("松屿服务", "墨江信服", "立禾服务", "SY6102", "MJ204", "D1001") if name in shown
    ]


@pytest.mark.parametrize("tab", ["How rules fare", "Rules", "Try words", "Change words", "From verdicts"])
def test_every_tab_of_the_rulebook_draws(app: Any, tab: str) -> None:
    at = app("en", page="rulebook", rulebook_tab=tab)
    fine(at)


def test_people_are_managed_by_an_administrator(app: Any) -> None:
    at = app("en", "administrator", page="people")
    fine(at)
    assert "What each role may do" in text_of(at)
    next(field for field in at.text_input if field.label == "User name").input("reviewer-1")
    next(button for button in at.button if button.label == "Add").click().run()
    fine(at)
    assert "reviewer-1" in text_of(at)
    assert at.success[0].value.startswith("Hand this to reviewer-1")
    assert len(at.code[0].value) >= 16


def test_what_a_call_log_holds_is_never_markup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from audit.models import CallResult, Contact, Finding
    from audit.store.writing import contact_row, finding_row, refresh_cases, write_contact

    evil = '<img src=x onerror="alert(1)">'
    store = Store.open(f"sqlite:///{tmp_path / 'audit.db'}")
    contact = Contact("K1", 2, agency=evil, agent=evil, debtor_id=evil, jurisdiction="CN")
    found = Finding(
        "zh.threat.legal", "threat.legal", "high", "phrase", 0.9, text=evil, citation=evil, reason=evil
    )
    with store.begin() as connection:
        row = contact_row(
            CallResult(contact, "audited"), {"week": "2026-W14", "local_hour": 9, "local_weekday": 1}
        )
        write_contact(connection, row, [], [], [finding_row("K1", replace(found, turn=None), "words", evil)])
        refresh_cases(connection, ["K1"], True)
    store.close()
    monkeypatch.setenv("AUDIT_STORE", f"sqlite:///{tmp_path / 'audit.db'}")
    monkeypatch.setenv(DEMO_VARIABLE, "1")
    monkeypatch.setenv("AUDIT_LANGUAGE", "en")
    for page in (None, "queue", "case", "agencies", "runs", "rulebook"):
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
        at.session_state["case_id"] = first_case(tmp_path / "audit.db")["case_id"]
        at.session_state["agency"] = evil
        if page:
            at.switch_page(f"audit/screens/{page}.py").run()
        fine(at)
        html_only = [line for line in surfaces(at).splitlines() if not line.startswith("{")]
        assert not [line for line in html_only if "<img" in line], page


def test_an_empty_store_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIT_STORE", f"sqlite:///{tmp_path / 'empty.db'}")
    monkeypatch.setenv(DEMO_VARIABLE, "1")
    monkeypatch.setenv("AUDIT_LANGUAGE", "en")
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    fine(at)
    assert "audit run" in text_of(at)


def test_a_store_that_cannot_be_opened_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDIT_STORE", f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}")
    monkeypatch.setenv(DEMO_VARIABLE, "1")
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert not at.exception
    assert len(at.error) == 1


def test_without_sign_in_there_is_only_the_door(store_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIT_STORE", f"sqlite:///{store_file}")
    monkeypatch.setenv(DEMO_VARIABLE, "0")
    monkeypatch.setenv("AUDIT_LANGUAGE", "en")
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    fine(at)
    assert [field.label for field in at.text_input] == ["User name", "Password"]
    assert "_desk" not in at.session_state
    assert "松屿服务" not in surfaces(at)


def test_sign_in_first_change_and_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from audit.store.accounts import first_administrator

    file = tmp_path / "audit.db"
    store = Store.open(f"sqlite:///{file}")
    seed(store)
    with store.begin() as connection:
        password = first_administrator(connection)
        assert first_administrator(connection) is None
    store.close()
    assert password
    monkeypatch.setenv("AUDIT_STORE", f"sqlite:///{file}")
    monkeypatch.setenv(DEMO_VARIABLE, "0")
    monkeypatch.setenv("AUDIT_LANGUAGE", "en")
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    at.text_input[0].input("admin")
    at.text_input[1].input("not the password")
    at.button[0].click().run()
    assert [error.value for error in at.error] == ["User name or password is not right."]
    at.text_input[0].input("admin")
    at.text_input[1].input(password)
    at.button[0].click().run()
    assert next(field.label for field in at.text_input) == "Password you were given"
    for field, value in zip(at.text_input, (password, "a quiet harbour", "a quiet harbour"), strict=True):
        field.input(value)
    at.button[0].click().run()
    fine(at)
    assert at.session_state["_desk"].scope.role == "administrator"
    assert "queue" not in at.session_state["_pages"]
    next(button for button in at.button if button.label == "Sign out").click().run()
    assert [field.label for field in at.text_input] == ["User name", "Password"]

"""The third reader in whole runs and on the command line: receipts, re-runs, open turns, `ask`, `test --ask`, `explain`."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from audit.__main__ import app
from audit.store import Store
from audit.store import tables as t
from tests.chat_server import ChatServer, answer, asked_of, finding, sees, serving, status, text
from tests.test_lexicon import TITLE, pack_of

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
RULE = """
en:
  ask: hints that something bad will happen to the listener
  hit: [Bad things happen to people like you.]
  miss: [Your payment is due on Friday., {customer: Will bad things happen?}]
"""
PHRASE = "en:\n  find: [go to jail]\n  hit: [you will go to jail]\n"
CALLS = {
    "K1": [
        ("agent", "Mr Okafor, bad things happen to people who do not pay."),
        ("customer", "What do you mean?"),
    ],
    "K2": [("agent", "Good morning, how are you today?"), ("customer", "Fine.")],
    "K3": [("agent", "You will go to jail."), ("agent", "Really bad things happen there, you know.")],
}


@pytest.fixture(autouse=True)
def _sockets(socket_enabled: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback only."""
    monkeypatch.delenv("AUDIT_ASKING_KEY", raising=False)


@pytest.fixture
def week(tmp_path: Path) -> Path:
    (tmp_path / "pack").mkdir()
    pack_of(tmp_path / "pack", **{"threat/violence.hint": TITLE + RULE, "threat/legal": TITLE + PHRASE})
    (tmp_path / "talk").mkdir()
    rows = ["call_id,started_at,outcome,agency,transcript"]
    for name, said in CALLS.items():
        turns = [
            {"speaker": who, "text": words, "start": 2.0 * at, "end": 2.0 * at + 1.5}
            for at, (who, words) in enumerate(said)
        ]
        (tmp_path / "talk" / f"{name}.json").write_text(json.dumps({"language": "en", "utterances": turns}))
        rows.append(f"{name},2026-03-31T10:00:00,conversation,north,{name}.json")
    (tmp_path / "calls.csv").write_text("\n".join(rows))
    return tmp_path


def set_up(week: Path, url: str, **values: Any) -> Path:
    values = {"endpoint": url, "model": "tiny", "retries": 0, "timeout_s": 5.0} | values
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
    file = week / "audit.toml"
    file.write_text(
        f'store = "sqlite:///{week}/audit.db"\nsimilar = false\nlexicons = "pack"\ntranscripts = "talk"\n[asking]\n{lines}'
    )
    return file


def audit(week: Path, settings: Path) -> Result:
    options = ["--calls", str(week / "calls.csv"), "--out", str(week / "out"), "--settings", str(settings)]
    return CliRunner().invoke(app, ["run", *options])


def found(week: Path) -> list[dict[str, str]]:
    with (week / "out" / "findings.csv").open(encoding="utf-8-sig") as file:
        return [row for row in csv.DictReader(file) if not row["rule"].startswith(("cn.", "CN."))]


def receipt(week: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((week / "out" / "run.json").read_text("utf-8"))
    return value


def hinting() -> Any:
    return sees("bad things happen", "rule:threat.violence.hint")


def test_a_run_keeps_findings_with_their_receipts(week: Path) -> None:
    with serving(hinting()) as server:
        result = audit(week, set_up(week, server.url))
        assert result.exit_code == 0, result.output
        sent = json.dumps(server.seen)
    rows = {row["call_id"]: row for row in found(week) if row["basis"] == "reader"}
    assert set(rows) == {"K1", "K3"}
    assert (rows["K1"]["decision"], rows["K1"]["status"]) == ("undecided", "open")
    assert rows["K1"]["rule"] == "en.threat.violence.hint"
    assert "[PERSON]" in rows["K1"]["evidence"] and "Okafor" not in rows["K1"]["evidence"] + sent
    told = receipt(week)["third_reader"]
    assert (told["asked"], told["kept"], told["new"], told["left"], told["model"]) == (4, 0, 2, {}, "tiny")
    assert told["endpoint"] == server.url and receipt(week)["versions"]["third_reader"] == told["version"]
    store = Store.open(f"sqlite:///{week}/audit.db", create=False)
    with store.read() as connection:
        details = list(connection.scalars(select(t.findings.c.details).where(t.findings.c.basis == "reader")))
    store.close()
    kept = details[0]["third_reader"]
    assert (kept["says"], kept["asked_as"], kept["tokens"]) == (["rule:threat.violence.hint"], "rule", 100)


def test_it_never_counts_alone(week: Path) -> None:
    """Scorecards count breaches; what only the endpoint saw is none."""
    with serving(hinting()) as server:
        audit(week, set_up(week, server.url))
    assert receipt(week)["findings"]["breach"] == 1
    assert {row["basis"] for row in found(week) if row["decision"] == "breach"} == {"phrase"}


def test_a_second_run_asks_nothing(week: Path) -> None:
    with serving(hinting()) as server:
        settings = set_up(week, server.url)
        audit(week, settings)
        before = (week / "out" / "findings.csv").read_bytes()
        asked = len(server.seen)
        result = audit(week, settings)
        assert "3 unchanged" in result.output and len(server.seen) == asked
    assert (week / "out" / "findings.csv").read_bytes() == before


def test_a_run_without_an_endpoint_is_what_it_was_and_the_answers_are_asked_later(week: Path) -> None:
    with serving(hinting()) as server:
        url = server.url
    result = audit(week, set_up(week, url))
    assert result.exit_code == 0, result.output
    assert "The third reader left turns open: 3 (the endpoint refuses connections)" in result.output
    assert [row["rule"] for row in found(week)] == ["en.threat.legal"]
    assert any("第三审读者未答的话轮" in line for line in receipt(week)["faults"])
    with serving(hinting()) as server:
        result = audit(week, set_up(week, server.url))
        assert "3 judged again, 0 unchanged" in result.output
    assert len([row for row in found(week) if row["basis"] == "reader"]) == 2
    assert receipt(week)["third_reader"]["left"] == {}


def test_what_the_budget_left_open_is_asked_in_the_next_runs(week: Path) -> None:
    with serving(hinting()) as server:
        settings = set_up(week, server.url, most_turns=1)
        for run in range(4):
            result = audit(week, settings)
            assert result.exit_code == 0 and len(server.seen) == run + 1
            assert ("the budget of turns is spent" in result.output) == (run < 3)
        assert "3 unchanged" in audit(week, settings).output
    assert len([row for row in found(week) if row["basis"] == "reader"]) == 2


def test_another_model_judges_again_and_switching_off_takes_its_findings_away(week: Path) -> None:
    with serving(hinting()) as server:
        audit(week, set_up(week, server.url))
        audit(week, set_up(week, server.url, model="larger"))
        assert {body["model"] for body in server.seen} == {"tiny", "larger"}
    settings = week / "audit.toml"
    settings.write_text(settings.read_text().split("[asking]")[0])
    assert "3 judged again" in audit(week, settings).output
    assert [row["basis"] for row in found(week)] == ["phrase"]
    assert "third_reader" not in receipt(week)


def test_a_dry_recheck_asks_nothing(week: Path) -> None:
    with serving(hinting()) as server:
        settings = set_up(week, server.url)
        audit(week, settings)
        asked = len(server.seen)
        rule = week / "pack" / "threat" / "legal.yaml"
        rule.write_text(rule.read_text().replace("go to jail", "go to prison"))
        result = CliRunner().invoke(app, ["recheck", "--settings", str(settings), "--dry-run"])
        assert len(server.seen) == asked
    (line,) = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    assert line["call_id"] == "K3" and line["vanishes"] == ["en.threat.legal"]
    assert (
        "en.threat.legal: +0 −1" in result.output and "1 findings would change in 1 contacts" in result.output
    )


def test_rules_in_plain_words_are_listed(week: Path) -> None:
    output = lexicons("list", "--lexicons", str(week / "pack")).output
    assert [line.split()[0] for line in output.splitlines() if line.endswith("ask:en")] == [
        "threat.violence.hint"
    ]


# the command line


def lexicons(*words: str, settings: Path | None = None) -> Result:
    options = ["--settings", str(settings)] if settings else []
    return CliRunner().invoke(app, ["lexicons", *words, *options], env={"COLUMNS": "200"})


@pytest.mark.parametrize(
    ("seen", "failed", "words"),
    [
        ("ad things happen", 0, ""),
        ("nothing of it", 1, "threat/violence.hint.yaml:5: threat.violence.hint: is not seen: Bad things"),
        ("a", 1, "is seen in a miss: Your payment"),
    ],
)
def test_plain_rules_are_tested_by_their_own_examples(week: Path, seen: str, failed: int, words: str) -> None:
    with serving(sees(seen, "rule:threat.violence.hint")) as server:
        settings = set_up(week, server.url)
        result = lexicons("test", "--ask", "--lexicons", str(week / "pack"), settings=settings)
    assert result.exit_code == failed, result.output
    assert f"ask: 3 examples of rules in plain words, {failed} failed" in result.output
    assert words in result.output


def test_an_example_without_an_answer_is_not_proved(week: Path) -> None:
    with serving(text("no JSON")) as server:
        result = lexicons(
            "test", "--ask", "--lexicons", str(week / "pack"), settings=set_up(week, server.url)
        )
    assert result.exit_code == 1 and "no usable answer" in result.output


def test_without_an_endpoint_the_examples_of_plain_rules_wait(week: Path, tmp_path: Path) -> None:
    assert lexicons("test", "--lexicons", str(week / "pack")).exit_code == 0
    (tmp_path / "off.toml").write_text("")
    result = lexicons("test", "--ask", "--lexicons", str(week / "pack"), settings=tmp_path / "off.toml")
    assert result.exit_code == 2 and "no third reader is set" in result.output


def ask(week: Path, server: ChatServer, *words: str) -> Result:
    return lexicons("ask", *words, "--lexicons", str(week / "pack"), settings=set_up(week, server.url))


def test_one_sentence_can_be_tried(week: Path) -> None:
    with serving(answer(finding("threat.legal", "go to jail"))) as server:
        result = ask(week, server, "Mr Okafor, you will go to jail")
        assert asked_of(server.seen[0])["asked"]["text"] == "[PERSON], you will go to jail"
    assert result.exit_code == 0, result.output
    shown = json.loads(result.stdout[result.stdout.index("{") :])
    assert shown["answer"] == [finding("threat.legal", "go to jail")]
    assert shown["receipt"]["mode"] == "json_schema"
    assert "the model tiny is known to it" in result.output


def test_the_endpoint_alone_can_be_checked(week: Path) -> None:
    with serving(answer()) as server:
        settings = set_up(week, server.url, model="huge")
        result = lexicons("ask", "--lexicons", str(week / "pack"), settings=settings)
        assert result.exit_code == 0 and "huge is not in its list: tiny" in result.output
        assert server.seen == []
    result = lexicons("ask", "--lexicons", str(week / "pack"), settings=settings)
    assert result.exit_code == 2 and "refuses connections" in result.output


def test_a_sentence_without_a_usable_answer_ends_with_one(week: Path) -> None:
    for behaviour, words in ((status(500), "answers 500"), (text("hm"), "no JSON object")):
        with serving(behaviour) as server:
            result = ask(week, server, f"you will go to jail, says {words}")
        assert result.exit_code == 1 and words in result.output


def test_explain_shows_all_readers(week: Path) -> None:
    with serving(answer()) as server:
        settings = set_up(week, server.url)
        words = ("we will have the police arrest you at your house tomorrow morning", "--speaker", "agent")
        result = lexicons("explain", *words, settings=settings)
        assert server.seen == []
    assert "en.threat.legal" in result.output
    assert "second reader: agent: threat.legal" in result.output and "pieces: " in result.output
    assert f"third reader: tiny at {server.url}" in result.output
    settings.write_text("")
    assert "third reader: off" in lexicons("explain", "hello", settings=settings).output

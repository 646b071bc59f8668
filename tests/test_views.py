"""Views and acts: what each role's queries return, filters, order, masking, what must not be heard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from audit.errors import RightError, UsageError
from audit.privacy.locate import GUARD_S
from audit.store import Store, acts, views
from audit.store import tables as t
from audit.store.accounts import RIGHTS, Scope
from audit.store.ledger import verify
from audit.store.views import LibraryFilter, QueueFilter
from audit.store.views.case import DAY_S, bleeps, turn_view
from audit.store.views.library import example
from audit.store.views.queue import save_view
from tests.app_seed import CALLS, seed

OFFICER = Scope("officer", "officer")
SECOND = Scope("second", "officer")
REVIEWER = Scope("reviewer", "reviewer")
AGENCY = Scope("viewer", "agency", "墨江信服")
TRAINER = Scope("trainer", "trainer")
WEEK = "2026-W14"


@pytest.fixture
def store() -> Iterator[Store]:
    opened = Store.open("sqlite://")
    seed(opened)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def still() -> Iterator[Store]:
    """A store nobody writes to."""
    opened = Store.open("sqlite://")
    seed(opened)
    yield opened
    opened.close()


def cases(store: Store, scope: Scope = OFFICER, **asked: Any) -> list[dict[str, Any]]:
    with store.read() as connection:
        return views.queue(connection, scope, QueueFilter(**asked), limit=500)[0]


def ledger(store: Store) -> list[tuple[str, str, str]]:
    with store.read() as connection:
        rows = connection.execute(select(t.ledger).order_by(t.ledger.c.seq))
        return [(row.actor, row.action, row.subject) for row in rows]


# --- overview -------------------------------------------------------------------------------------------


def test_overview_adds_up(still: Store) -> None:
    with still.read() as connection:
        seen = views.overview(connection, OFFICER, WEEK, "2026-W13")
        week_contacts = connection.execute(select(t.contacts).where(t.contacts.c.week == WEEK)).all()
    assert seen.contacts == len(week_contacts) == seen.audited + seen.failed + seen.skipped
    assert seen.heard == seen.conversations == len(CALLS)
    assert sum(count for count, _ in seen.heat.values()) == seen.contacts
    assert sum(seen.flagged.values()) == len(cases(still, week=WEEK, status="flagged"))
    assert sum(seen.before.values()) == len(cases(still, week="2026-W13", status="flagged"))
    assert seen.waiting == len(cases(still, week=WEEK, status="waiting"))
    assert sum(line.contacts for line in seen.agencies) == seen.contacts
    assert all(
        0 <= line.words.low <= (line.words.share or 0) <= line.words.high <= 1 for line in seen.agencies
    )
    assert seen.undated == 2


def test_what_cannot_be_decided_is_listed_with_what_is_missing(still: Store) -> None:
    from audit.store.views.records import undecided

    with still.read() as connection:
        rows = undecided(connection, OFFICER)
    assert [(row["category"], row["contacts"]) for row in rows] == [("contact.hours", 2)]


def test_every_heat_cell_opens_its_list(still: Store) -> None:
    with still.read() as connection:
        seen = views.overview(connection, OFFICER, WEEK)
    for (weekday, hour), (_, bad) in seen.heat.items():
        if bad:
            found = cases(
                still, week=WEEK, weekday=weekday, hour=hour, status="all", category="contact.hours"
            )
            assert len(found) == bad


def test_overview_of_an_agency_is_only_its_own(still: Store) -> None:
    with still.read() as connection:
        mine = views.overview(connection, AGENCY, WEEK)
        everything = views.overview(connection, OFFICER, WEEK)
    own = next(line for line in everything.agencies if line.name == AGENCY.agency)
    assert [line.name for line in mine.agencies] == [AGENCY.agency]
    assert mine.contacts == own.contacts < everything.contacts
    assert {case["agency"] for case in mine.distress} == {AGENCY.agency}


# --- queue ----------------------------------------------------------------------------------------------


def test_worst_first_and_pages_join(still: Store) -> None:
    rows = cases(still, status="all")
    keys = [(row["severity_rank"], -row["worth"], row["case_id"]) for row in rows]
    assert keys == sorted(keys)
    with still.read() as connection:
        pages = [
            views.queue(connection, OFFICER, QueueFilter(status="all"), 7, at)[0] for at in range(0, 35, 7)
        ]
    assert [row["case_id"] for page in pages for row in page] == [row["case_id"] for row in rows]


def test_neighbours_walk_the_whole_queue_both_ways(still: Store) -> None:
    rows = [row["case_id"] for row in cases(still)]
    with still.read() as connection:
        for at, case_id in enumerate(rows):
            before, after = views.neighbours(connection, OFFICER, QueueFilter(), case_id)
            assert before == (rows[at - 1] if at else None)
            assert after == (rows[at + 1] if at + 1 < len(rows) else None)
        assert views.neighbours(connection, OFFICER, QueueFilter(), "C-none") == (None, None)


@pytest.mark.parametrize(
    ("asked", "holds"),
    [
        ({"agency": "松屿服务"}, lambda row: row["agency"] == "松屿服务"),
        ({"agent": "MJ204"}, lambda row: row["agent"] == "MJ204"),
        ({"category": "threat.legal"}, lambda row: "|threat.legal|" in row["categories"]),
        ({"severity": ("critical", "medium")}, lambda row: row["severity"] in ("critical", "medium")),
        ({"language": "en"}, lambda row: row["language"] == "en"),
        ({"place": "US"}, lambda row: row["jurisdiction"] == "US"),
        ({"distress": True}, lambda row: row["distress"]),
        ({"week": "2026-W13"}, lambda row: row["week"] == "2026-W13"),
        ({"debtor": "D1001"}, lambda row: row["debtor_id"] == "D1001"),
        ({"basis": "heard_as"}, lambda row: "impersonation.private" in row["categories"]),
    ],
)
def test_a_filter_keeps_exactly_what_it_says(still: Store, asked: dict[str, Any], holds: Any) -> None:
    every = cases(still, status="all")
    kept = cases(still, status="all", **asked)
    assert kept
    assert all(holds(row) for row in kept)
    if "basis" not in asked:
        assert len(kept) == sum(bool(holds(row)) for row in every)


def test_a_category_name_is_no_pattern(still: Store) -> None:
    assert cases(still, status="all", category="%") == []
    assert cases(still, status="all", category="threat_legal") == []


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*QueueFilter.__dataclass_fields__, "nonsense"]),
        st.one_of(st.none(), st.text(max_size=6), st.booleans(), st.integers(0, 30), st.just("all")),
    )
)
def test_any_saved_view_reads_back(values: dict[str, Any]) -> None:
    chosen = QueueFilter.of(values)
    assert QueueFilter.of(json.loads(json.dumps(chosen.asked()))) == chosen or isinstance(
        chosen.severity, str
    )


def test_saved_views_are_each_persons_own(store: Store) -> None:
    chosen = QueueFilter(status="all", severity=("critical",), agency="松屿服务")
    with store.begin() as connection:
        save_view(connection, OFFICER, "mine", chosen)
        assert views.saved_views(connection, OFFICER) == {"mine": chosen}
        assert views.saved_views(connection, SECOND) == {}


# --- who sees what --------------------------------------------------------------------------------------


def test_an_agency_viewer_gets_no_row_of_others(still: Store) -> None:
    assert {row["agency"] for row in cases(still, AGENCY, status="all")} == {AGENCY.agency}
    assert cases(still, AGENCY, status="all", agency="松屿服务") == []
    foreign = cases(still, status="all", agency="松屿服务")[0]
    with still.read() as connection:
        assert views.case_view(connection, AGENCY, foreign["case_id"]) is None
        assert views.neighbours(connection, AGENCY, QueueFilter(), foreign["case_id"]) == (None, None)
        facets = views.facets(connection, AGENCY)
        strip = views.debtor_strip(connection, AGENCY, "D1001")
    assert facets["agencies"] == [AGENCY.agency]
    assert facets["reviewers"] == []
    assert {row["agency"] for row in strip} == {AGENCY.agency}


def test_an_agency_viewer_does_not_learn_who_decided(store: Store) -> None:
    case = cases(store, agency=AGENCY.agency, week=WEEK)[0]
    with store.begin() as connection:
        seen = views.case_view(connection, OFFICER, case["case_id"])
        assert seen is not None
        ids = [one.finding_id for one in seen.findings if one.counts]
        acts.decide(connection, OFFICER, ids, "confirmed", "internal remark")
        acts.note(connection, OFFICER, case["case_id"], "internal note")
        theirs = views.case_view(connection, AGENCY, case["case_id"])
    assert theirs is not None
    assert {one.verdict for one in theirs.findings if one.counts} == {"confirmed"}
    assert "officer" not in str([(one.actor, one.second_actor, one.note) for one in theirs.findings])
    assert theirs.notes == ()


def test_an_agency_reads_no_calls_of_others_in_the_arithmetic() -> None:
    from audit.store.views.own import own_arithmetic

    counted = [
        {"call_id": "K1", "local": "2026-05-12 09:40:11", "agency": "甲"},
        {"call_id": "K2", "local": "2026-05-12 10:40:11", "agency": "乙"},
    ]
    details = {"kind": "count", "counted": counted, "number": 2, "at_most": 1}
    assert "乙" not in str(own_arithmetic(details, "甲"))
    talk = {"kind": "silence", "conversation": "K2", "conversation_local": "2026-04-01 09:30"}
    assert own_arithmetic(talk, "甲") == talk | {"conversation": "…", "conversation_local": "2026-04-01"}
    assert own_arithmetic(talk, "甲", {"K2"}) == talk
    assert "K2" not in str(
        own_arithmetic({"kind": "refusal", "refusing_call": "K2", "said_local": None}, "甲")
    )
    assert own_arithmetic({"kind": "hours", "allowed": []}, "甲") == {"kind": "hours", "allowed": []}


READS: dict[str, Any] = {
    "overview": lambda c, s: views.overview(c, s, WEEK),
    "queue": lambda c, s: views.queue(c, s, QueueFilter()),
    "agencies": lambda c, s: views.agency_trend(c, s, None),
    "library": lambda c, s: views.library(c, s, LibraryFilter()),
    "lessons": lambda c, s: views.lessons(c, s),
    "rulebook": lambda c, s: views.rule_lines(c, s),
    "runs": lambda c, s: views.run_rows(c, s),
    "ledger": lambda c, s: views.ledger_rows(c, s),
}


@pytest.mark.parametrize("role", sorted(RIGHTS))
@pytest.mark.parametrize("right", sorted(READS))
def test_queries_enforce_rights_themselves(still: Store, role: str, right: str) -> None:
    scope = Scope("x", role, "墨江信服" if role == "agency" else None)
    with still.read() as connection:
        if right in RIGHTS[role]:
            READS[right](connection, scope)
        else:
            with pytest.raises(RightError):
                READS[right](connection, scope)


def test_the_library_names_no_agency_agent_or_debtor(still: Store) -> None:
    with still.read() as connection:
        rows, total = views.library(connection, TRAINER, LibraryFilter("bad"), limit=100)
        good, _ = views.library(connection, TRAINER, LibraryFilter("good", language="zh"), limit=100)
        seen = example(connection, TRAINER, rows[0]["finding_id"])
    assert len(rows) == total > 20
    assert all(row["category"].startswith("good.") and row["language"] == "zh" for row in good)
    assert not {"agency", "agent", "debtor_id", "call_id"} & set(rows[0])
    assert seen is not None
    assert not {"agency", "agent", "debtor_id"} & set(seen)
    assert not [
        row for row in rows if row["category"] == "threat.legal" and row["evidence"] == "坐牢"
    ]  # excused


def test_the_library_shows_masked_words_only(still: Store) -> None:
    with still.read() as connection:
        rows, _ = views.library(connection, TRAINER, LibraryFilter("bad"), limit=100)
        text = str([example(connection, TRAINER, row["finding_id"]) for row in rows]) + str(rows)
    for secret in ("王丽女士", "赵强", "一三八零零一三八零零零", "幸福路十八号", "Okafor"):
        assert secret not in text


# --- masking --------------------------------------------------------------------------------------------


def _words(text: str) -> list[list[Any]]:
    return [[sign, i * 0.2, i * 0.2 + 0.18, 0.9] for i, sign in enumerate(text)]


def test_masked_pieces_hold_nothing_of_the_datum() -> None:
    text = "我叫王丽电话是一三八"
    turn = {
        "turn": 0,
        "speaker": "customer",
        "start_s": 0.0,
        "end_s": 2.0,
        "channel": 1,
        "text": text,
        "words": _words(text),
    }
    seen = turn_view(turn, [(2, 4, "PERSON"), (7, 10, "PHONE")], [], False)
    assert "".join(piece.text for piece in seen.pieces) == "我叫电话是"
    assert [piece.masked for piece in seen.pieces if piece.masked] == ["PERSON", "PHONE"]
    open_ = turn_view(turn, [(2, 4, "PERSON")], [], True)
    assert "".join(piece.text for piece in open_.pieces) == text


@given(
    st.text(st.sampled_from("甲乙丙丁0123 ab"), min_size=1, max_size=24),
    st.lists(st.tuples(st.integers(0, 24), st.integers(1, 6)), max_size=4),
    st.lists(st.tuples(st.integers(0, 24), st.integers(1, 6)), max_size=3),
)
def test_pieces_cover_the_turn_and_leak_nothing(text: str, data: Any, flags: Any) -> None:
    spans = sorted({(min(a, len(text)), min(a + n, len(text)), "PERSON") for a, n in data if a < len(text)})
    findings = [
        {"turn": 0, "start": min(a, len(text)), "end": min(a + n, len(text)), "finding_id": f"f{i}"}
        for i, (a, n) in enumerate(flags)
    ]
    turn = {
        "turn": 0,
        "speaker": "agent",
        "start_s": None,
        "end_s": None,
        "channel": None,
        "text": text,
        "words": [],
    }
    shown = "".join(piece.text for piece in turn_view(turn, spans, findings, True).pieces)
    hidden = "".join(piece.text for piece in turn_view(turn, spans, findings, False).pieces)
    kept = "".join(sign for i, sign in enumerate(text) if not any(a <= i < b for a, b, _ in spans))
    assert shown == text
    assert hidden == kept


def spoken(text: str, words: list[list[Any]], start_s: float | None, end_s: float | None) -> dict[str, Any]:
    return {
        "turn": 0, "speaker": "agent", "text": text, "words": words, "start_s": start_s, "end_s": end_s, "channel": 0,
        "no_speech_probability": None, "mean_log_probability": None,
    }  # fmt: skip


def test_bleeps_cover_the_words_with_a_guard_on_all_channels() -> None:
    text = "我叫王丽啊"
    ((channel, start, end),) = bleeps([spoken(text, _words(text), 0.0, 1.0)], {0: [(2, 4, "PERSON")]})
    assert channel is None
    assert start <= 0.4 - GUARD_S + 1e-9
    assert end >= 0.78 + GUARD_S - 1e-9


@pytest.mark.parametrize(
    ("turn", "least"),
    [
        (spoken("王丽", [], 4.0, 6.0), (4.0, 6.0)),
        (spoken("王丽", [["别", 0.0, 0.1, 1]], 4.0, 6.0), (4.0, 6.0)),
        (spoken("王丽", [], None, None), (0.0, DAY_S)),
    ],
)
def test_bleeps_fail_closed(turn: dict[str, Any], least: tuple[float, float]) -> None:
    found = bleeps([turn], {0: [(0, 2, "PERSON")]})
    assert min(start for _, start, _ in found) <= least[0]
    assert max(end for _, _, end in found) >= least[1]


def test_a_reveal_needs_right_and_reason_and_ends(store: Store) -> None:
    case = cases(store, debtor="D1001", week=WEEK)[0]
    with store.begin() as connection:
        for scope in (AGENCY, TRAINER, Scope("a", "administrator")):
            with pytest.raises(RightError):
                acts.reveal(connection, scope, case["case_id"], "because")
        with pytest.raises(UsageError):
            acts.reveal(connection, OFFICER, case["case_id"], "  ")
        acts.reveal(connection, OFFICER, case["case_id"], "identity disputed")
        mine = views.case_view(connection, OFFICER, case["case_id"])
        other = views.case_view(connection, SECOND, case["case_id"])
        acts.cover(connection, OFFICER, case["case_id"])
        again = views.case_view(connection, OFFICER, case["case_id"])
    assert mine is not None
    assert mine.revealed
    assert mine.bleeps == ()
    assert other is not None
    assert not other.revealed
    assert other.bleeps
    assert again is not None
    assert not again.revealed


# --- acts -----------------------------------------------------------------------------------------------


def test_two_people_close_a_critical_case(store: Store) -> None:
    case = cases(store, severity=("critical",), week=WEEK)[0]
    with store.begin() as connection:
        seen = views.case_view(connection, OFFICER, case["case_id"])
        assert seen is not None
        ids = [one.finding_id for one in seen.findings if one.counts]
        assert acts.decide(connection, OFFICER, ids, "confirmed") == "second_look"
        assert acts.decide(connection, OFFICER, ids, "confirmed") == "second_look"
        assert acts.decide(connection, SECOND, ids, "confirmed") == "confirmed"
        assert acts.undo(connection, OFFICER, ids[:1]) == "open"


def test_a_reviewer_takes_back_only_their_own(store: Store) -> None:
    case = cases(store, severity=("high",), week=WEEK)[0]
    with store.begin() as connection:
        seen = views.case_view(connection, REVIEWER, case["case_id"])
        assert seen is not None
        one = next(finding.finding_id for finding in seen.findings if finding.counts)
        acts.decide(connection, OFFICER, [one], "dismissed")
        with pytest.raises(RightError):
            acts.undo(connection, REVIEWER, [one])
        acts.undo(connection, OFFICER, [one])


def test_bulk_dismissal_needs_a_reason_and_comes_back(store: Store) -> None:
    rows = cases(store, severity=("high",), category="contact.hours", week=WEEK)
    picked = [row["case_id"] for row in rows]
    assert len(picked) > 3
    with store.begin() as connection:
        with pytest.raises(UsageError):
            acts.dismiss_cases(connection, OFFICER, picked, " ")
        with pytest.raises(RightError):
            acts.dismiss_cases(connection, REVIEWER, picked, "lawful")
        done = acts.dismiss_cases(connection, OFFICER, picked, "lawful")
    assert {row["status"] for row in cases(store, status="all") if row["case_id"] in picked} == {"dismissed"}
    with store.begin() as connection:
        acts.undo_many(connection, OFFICER, done)
    assert {row["status"] for row in cases(store, status="all") if row["case_id"] in picked} == {"open"}
    with store.read() as connection:
        verify(connection)


def test_bulk_dismissal_keeps_verdicts_that_stand(store: Store) -> None:
    case = cases(store, severity=("critical",), week=WEEK)[0]
    with store.begin() as connection:
        seen = views.case_view(connection, OFFICER, case["case_id"])
        assert seen is not None
        first = next(one.finding_id for one in seen.findings if one.counts)
        acts.decide(connection, SECOND, [first], "confirmed")
        done = acts.dismiss_cases(connection, OFFICER, [case["case_id"]], "duplicate")
    assert first not in done


def test_assignment_by_role(store: Store) -> None:
    case_id = cases(store)[0]["case_id"]
    with store.begin() as connection:
        acts.assign(connection, OFFICER, [case_id], "reviewer")
        acts.assign(connection, REVIEWER, [case_id], None)
        acts.assign(connection, REVIEWER, [case_id], "reviewer")
        with pytest.raises(RightError):
            acts.assign(connection, REVIEWER, [case_id], "somebody")
        with pytest.raises(RightError):
            acts.assign(connection, AGENCY, [case_id], None)
    assert [row["case_id"] for row in cases(store, assignee="reviewer")] == [case_id]


def test_sound_is_handed_out_only_within_the_scope(store: Store) -> None:
    with store.begin() as connection:
        acts.hear(connection, AGENCY, "K001", True, (0, 10))
        with pytest.raises(RightError):
            acts.hear(connection, AGENCY, "K000", True, (0, 10))
        with pytest.raises(RightError):
            acts.hear(connection, Scope("a", "administrator"), "K001", True, (0, 10))
    assert ledger(store) == [("viewer", "audio.served", "K001")]


def test_notes_stay_out_of_the_ledger(store: Store) -> None:
    case_id = cases(store, debtor="D1001", week=WEEK)[0]["case_id"]
    with store.begin() as connection:
        acts.note(connection, OFFICER, case_id, "she said 赵强 is ill")
        seen = views.case_view(connection, OFFICER, case_id)
        rows = [str(dict(row)) for row in connection.execute(select(t.ledger)).mappings()]
    assert seen is not None
    assert [note["text"] for note in seen.notes] == ["she said 赵强 is ill"]
    assert not [row for row in rows if "赵强" in row]


def test_lessons_are_kept_changed_and_removed(store: Store) -> None:
    with store.begin() as connection:
        clips = [{"finding_id": "f1", "question": "?", "answer": "!"}]
        lesson_id = acts.save_lesson(connection, TRAINER, "Calm words", clips)
        acts.save_lesson(connection, TRAINER, "Calmer words", [*clips, *clips], lesson_id)
        kept = views.lesson(connection, TRAINER, lesson_id)
        with pytest.raises(UsageError):
            acts.save_lesson(connection, TRAINER, " ", clips)
        with pytest.raises(RightError):
            acts.save_lesson(connection, REVIEWER, "no", clips)
        acts.remove_lesson(connection, TRAINER, lesson_id)
        assert views.lessons(connection, TRAINER) == []
    assert kept is not None
    assert (kept["title"], len(kept["clips"])) == ("Calmer words", 2)


def test_precision_follows_verdicts(store: Store) -> None:
    case = cases(store, debtor="D1001", week=WEEK)[0]
    with store.begin() as connection:
        seen = views.case_view(connection, OFFICER, case["case_id"])
        assert seen is not None
        insults = [one.finding_id for one in seen.findings if one.category == "harassment.insult"]
        acts.decide(connection, OFFICER, insults[:1], "confirmed")
        acts.decide(connection, OFFICER, insults[1:2], "dismissed")
        line = next(
            one for one in views.rule_lines(connection, OFFICER) if one["rule"] == "zh.harassment.insult"
        )
    assert (line["right"], line["wrong"]) == (1, 1)
    assert line["precision"].low < 0.5 < line["precision"].high


def test_the_stamp_moves_with_verdicts_and_runs_not_with_reading(store: Store) -> None:
    case = cases(store, severity=("critical",), week=WEEK)[0]
    with store.begin() as connection:
        seen = views.case_view(connection, OFFICER, case["case_id"])
        assert seen is not None
        ids = [one.finding_id for one in seen.findings if one.counts][:1]
        stamps = [views.stamp(connection)]
        acts.played(connection, OFFICER, "K001")
        acts.opened(connection, OFFICER, case["case_id"])
        assert views.stamp(connection) == stamps[0]
        for scope, verdict in ((OFFICER, "confirmed"), (SECOND, "confirmed"), (OFFICER, "dismissed")):
            acts.decide(connection, scope, ids, verdict)  # type: ignore[arg-type]
            stamps.append(views.stamp(connection))
        acts.undo(connection, OFFICER, ids)
        connection.execute(t.runs.update().values(done=t.runs.c.done + 1))
        stamps.append(views.stamp(connection))
    assert len(set(stamps)) == len(stamps)

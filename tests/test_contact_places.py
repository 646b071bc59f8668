"""Places as data: what the shipped files hold, how a lender adds to them, and how faults are told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from audit.contact import Places, calendar_bounds, load_places
from audit.contact.places import CountCheck, HoursCheck, SilenceCheck, intersect
from audit.contact.reading import shipped_directory
from audit.contact.times import parse_windows
from audit.errors import LexiconError
from audit.models import AGENT_CATEGORIES, CONTACT_CATEGORIES

DAY = date(2026, 4, 15)
EIGHT, NINE, HALF_SEVEN = 8 * 3600, 9 * 3600, 7 * 3600 + 1800


@pytest.fixture(scope="module")
def places() -> Places:
    return load_places()


def overlay(folder: Path, text: str, name: str = "contract.yaml") -> Places:
    (folder / name).write_text(text, encoding="utf-8")
    return load_places(folder)


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(LexiconError) as raised:
        overlay(folder, text, "xx.yaml")
    return [f"{Path(fault.path).name}:{fault.line}: {fault.message}" for fault in raised.value.faults]


SOURCE = "sources: {Law: {title: {en: a law, zh: 法}, confidence: text read}}\n"


def test_all_jurisdictions_are_there(places: Places) -> None:
    states = ("US", "US-DC", "US-MA", "US-NYC", "US-WA")
    assert places.ids() == ("AU", "CN", "HK", "ID", "IN", "PH", "SG", "UK", *states)


FIGURES = [
    # id, limit, key, period kind, days
    ("cn.freq.connected", 3, "debtor", "day", 1),
    ("cn.freq.attempts", 6, "number", "day", 1),
    ("us.freq.7in7", 7, "debt", "rolling", 7),
    ("us-ma.freq.home", 2, "debt", "rolling", 7),
    ("us-ma.freq.elsewhere", 2, "debt", "rolling", 30),
    ("us-nyc.freq", 3, "account", "rolling", 7),
    ("us-dc.freq.calls", 4, "account", "rolling", 7),
    ("us-dc.freq.messages", 5, "account", "rolling", 7),
    ("us-wa.freq", 3, "debtor", "rolling", 7),
    ("us-wa.freq.workplace", 1, "debtor", "rolling", 7),
    ("au.freq.week", 3, "account", "rolling", 7),
    ("au.freq.month", 10, "account", "month", 31),
    ("au.freq.visit", 1, "account", "month", 31),
]


@pytest.mark.parametrize(("check_id", "at_most", "key", "kind", "days"), FIGURES)
def test_counts(places: Places, check_id: str, at_most: int, key: str, kind: str, days: int) -> None:
    check = places.check(check_id)
    assert isinstance(check, CountCheck)
    assert (check.at_most, check.key, check.period.kind, check.period.days) == (at_most, key, kind, days)


def test_no_other_counts_are_encoded(places: Places) -> None:
    counts = {c.id for p in places.places for c in p.checks if isinstance(c, CountCheck)}
    assert counts == {figure[0] for figure in FIGURES}


HOURS = [
    ("CN", DAY, [(EIGHT, 22 * 3600)]),
    ("US", DAY, [(EIGHT, 21 * 3600)]),
    ("US-WA", DAY, [(EIGHT, 21 * 3600)]),
    ("US-TX", DAY, [(EIGHT, 21 * 3600)]),
    ("IN", DAY, [(EIGHT, 19 * 3600)]),
    ("AU", DAY, [(HALF_SEVEN, 21 * 3600)]),
    ("AU", date(2026, 4, 18), [(NINE, 21 * 3600)]),
    ("AU", date(2026, 4, 3), []),
    ("AU", date(2026, 4, 25), []),
    ("AU", date(2026, 4, 27), [(HALF_SEVEN, 21 * 3600)]),
    ("ID", DAY, [(EIGHT, 20 * 3600)]),
    ("ID", date(2026, 4, 19), []),
    ("ID", date(2026, 8, 17), []),
    ("UK", DAY, [(0, 86400)]),
    ("SG", DAY, [(0, 86400)]),
    ("CN", date(2025, 2, 27), [(0, 86400)]),
    ("US", date(2021, 11, 29), [(0, 86400)]),
]


@pytest.mark.parametrize(("place", "day", "windows"), HOURS)
def test_permitted_hours(places: Places, place: str, day: date, windows: list[tuple[int, int]]) -> None:
    assert places.hours_on(place, day) == windows


def test_hours_of_a_channel_without_a_rule_are_open(places: Places) -> None:
    assert places.hours_on("CN", DAY, "letter") == [(0, 86400)]
    assert places.hours_on("AU", DAY, "visit") == [(NINE, 21 * 3600)]


def test_calendar_bounds_split_the_day(places: Places) -> None:
    days = calendar_bounds(places, "AU", date(2026, 4, 24), days=3)
    assert [day for day, _, _ in days] == [date(2026, 4, 24), date(2026, 4, 25), date(2026, 4, 26)]
    assert days[0][2] == [(0, HALF_SEVEN), (21 * 3600, 86400)]
    assert days[1][1:] == ([], [(0, 86400)])
    for _, permitted, forbidden in days:
        assert sum(end - start for start, end in permitted + forbidden) == 86400


def test_a_state_keeps_federal_law_and_adds_its_own(places: Places) -> None:
    rules = places.rules("US-MA")
    assert rules is not None
    ids = {check.id for check in rules.checks()}
    assert {"us.freq.7in7", "us.hours", "us-ma.freq.home", "us-ma.hours"} <= ids
    assert rules.zone == "America/New_York"
    assert places.zone("US") is None
    assert places.zone("GB") == "Europe/London"


def test_an_unknown_place_has_no_rules(places: Places) -> None:
    assert places.rules("XX") is None
    assert places.citation("XX", "contact.hours", DAY) == ""
    assert places.hours_on("XX", DAY) == [(0, 86400)]


CITATIONS = [
    ("CN", "contact.hours", DAY, ["GB/T 45251-2025 5.3 (secondary source)", "催收工作指引"]),
    ("CN", "threat.violence", DAY, ["第293条之一", "第50条"]),
    ("CN", "threat.violence", date(2025, 12, 31), ["第42条"]),
    ("CN", "good.hardship_plan", DAY, ["第70条 (unverified)"]),
    ("US", "threat.legal", DAY, ["12 CFR 1006.18(b)(3); 12 CFR 1006.18(c)(1)"]),
    ("US-DC", "threat.visit", DAY, ["D.C. Code 28-3814 (secondary source)"]),
    ("US-TX", "contact.hours", DAY, ["12 CFR 1006.6(b)(1)"]),
    ("UK", "pressure.borrowing", DAY, ["CONC 7.3.10R(3)"]),
    ("IN", "threat.legal", DAY, ["RBI circular 2022-08-12 (secondary source)"]),
    ("AU", "threat.visit", DAY, ["RG 96 p2 s7"]),
    ("HK", "contact.hours", DAY, ["s.43.2(a)iii (secondary source)"]),
    ("ID", "contact.hours", DAY, ["POJK 22/2023 62(2)(f) (secondary source)"]),
]


@pytest.mark.parametrize(("place", "category", "day", "parts"), CITATIONS)
def test_citations(places: Places, place: str, category: str, day: date, parts: list[str]) -> None:
    citation = places.citation(place, category, day)
    assert all(part in citation for part in parts), citation


def test_a_citation_holds_only_what_is_in_force(places: Places) -> None:
    assert "第42条" not in places.citation("CN", "threat.violence", DAY)
    assert "第50条" not in places.citation("CN", "threat.violence", date(2025, 12, 31))
    assert "催收工作指引" not in places.citation("CN", "contact.hours", date(2026, 1, 29))
    assert places.citation("CN", "contact.hours", date(2025, 2, 27)) == ""


def test_every_ground_of_section_seven_is_there(places: Places) -> None:
    asked = set(AGENT_CATEGORIES + CONTACT_CATEGORIES) - {
        "recording_notice.missing",
        # categories that came after the table of grounds
        "impersonation.private",
        "conduct.off_channel",
        "conduct.complaint_obstruction",
        "privacy.number_read_aloud",
        "distress.ignored",
    }
    assert {c for c in asked if not places.citation("CN", c, DAY)} == set()
    assert {c for c in asked if not places.citation("US", c, DAY)} == {"threat.visit", "pressure.borrowing"}
    assert {c for c in asked if not places.citation("SG", c, DAY)} == asked
    for place in places.ids():
        assert places.citation(place, "recording_notice.missing", DAY) == ""


def test_what_must_not_be_encoded_is_not(places: Places) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in shipped_directory().glob("*.yaml"))
    for absent in ("自律公约", "NIFA", "五条红线", "告知式", "2025〕9号"):
        assert absent not in text
    assert {c.period.days for c in _cn_counts(places)} == {1}


def _cn_counts(places: Places) -> list[CountCheck]:
    rules = places.rules("CN")
    assert rules is not None
    return list(rules.counts)


@pytest.mark.parametrize(
    ("place", "years"), [("CN", 5), ("US", 3), ("US-NYC", 3), ("UK", None), ("HK", None), ("IN", None)]
)
def test_retention(places: Places, place: str, years: int | None) -> None:
    assert places.retention_years(place, date(2026, 10, 1)) == years


def test_conflicts_of_sources_are_stated(places: Places) -> None:
    about = {conflict.about for place in places.places for conflict in place.conflicts}
    assert {"cn.party.contact_precond", "us-wa.freq", "au.freq.week", "in.hours"} <= about
    texts = [c.says for p in places.places for c in p.conflicts] + [p.name for p in places.places]
    assert all(text.en and text.zh for text in texts)


def test_unverified_figures_never_make_a_breach(places: Places) -> None:
    for place in places.places:
        for check in place.checks:
            if all(ground.confidence == "unverified" for ground in check.grounds):
                assert check.decision == "undecided", check.id


# -- a lender's own files


CONTRACT = """
extends: CN
name: {en: contract, zh: 合同}
sources: {Contract: {title: {en: c, zh: 合同}, since: 2026-01-01, confidence: text read}}
checks:
  - id: contract.hours
    kind: hours
    allowed: {mon-fri: 09:00-20:00, sat-sun: none}
    grounds: [Contract annex 3]
"""


def test_a_contract_adds_hours_without_code(tmp_path: Path) -> None:
    stricter = overlay(tmp_path, CONTRACT)
    assert stricter.hours_on("CN", DAY) == [(NINE, 20 * 3600)]
    assert stricter.hours_on("CN", date(2026, 4, 18)) == []
    assert stricter.hours_on("CN", date(2025, 12, 31)) == [(EIGHT, 22 * 3600)]
    assert stricter.hours_on("US", DAY) == [(EIGHT, 21 * 3600)]
    assert stricter.hash != load_places().hash


def test_a_pack_folder_with_places_inside_is_read(tmp_path: Path) -> None:
    (tmp_path / "places").mkdir()
    (tmp_path / "places" / "own.yaml").write_text(CONTRACT, encoding="utf-8")
    assert load_places(tmp_path).hours_on("CN", DAY) == [(NINE, 20 * 3600)]


def test_a_place_of_ones_own_may_drop_an_inherited_check(tmp_path: Path) -> None:
    text = "place: CN-X\nextends: CN\nname: {en: x, zh: 某}\ndrops: [cn.hours]\n"
    own = overlay(tmp_path, text, "cn-x.yaml")
    assert own.hours_on("CN-X", DAY) == [(0, 86400)]
    assert own.hours_on("CN", DAY) == [(EIGHT, 22 * 3600)]


def test_an_own_edition_replaces_a_shipped_place(tmp_path: Path) -> None:
    own = overlay(tmp_path, "place: SG\nname: {en: own, zh: 自}\nzone: Asia/Singapore\n", "sg.yaml")
    assert own.duties("SG", DAY) == []


def test_the_shipped_folder_alone_is_the_shipped_places() -> None:
    assert load_places(shipped_directory()) is load_places()
    assert load_places(shipped_directory().parent) is load_places()


# -- faults


def test_an_unknown_key_is_refused_with_line_and_hint(tmp_path: Path) -> None:
    text = "place: XX\nname: {en: x, zh: x}\n" + SOURCE + "checks:\n  - id: xx.hours\n    kind: hours\n"
    text += "    allowd: {every day: 08:00-20:00}\n    grounds: [Law]\n"
    told = faults(tmp_path, text)
    assert "xx.yaml:7: unknown key 'allowd' (did you mean 'allowed'?)" in told


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    text = "place: XX\nextends: YY\nzone: Asia/Shangai\nfoo: 1\n" + SOURCE
    text += "checks:\n  - {id: a, kind: hours, allowed: {mon: 8-9}, grounds: [Nolaw]}\n"
    text += "  - {id: b, kind: count, at_most: -1, per: debter, within: fortnight, outcomes: [x], grounds: [Law]}\n"
    text += "grounds: {threat.legl: [Law]}\n"
    told = "\n".join(faults(tmp_path, text))
    for part in (
        "xx.yaml:2: extends YY, which has no file",
        "'Asia/Shangai' is no IANA time zone",
        "unknown key 'foo'",
        "'8-9' is no span of hours",
        "sun has no hours",
        "'Nolaw' names no instrument",
        "whole number of at least 0",
        "unknown value 'debter' (did you mean 'debtor'?)",
        "'fortnight' is no period",
        "unknown value 'x'",
        "unknown category 'threat.legl' (did you mean 'threat.legal'?)",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("place: XX\nplace: YY\n", "xx.yaml:2: not YAML"),
        ("place: [\n", "not YAML"),
        ("- a\n", "expected a mapping"),
        ("name: {en: a, zh: b}\n", "say `place: …`"),
        ("place: XX\nchecks: [{kind: hourz, id: a, grounds: []}]\n", "did you mean 'hours'"),
        ("place: XX\ndrops: [nope]\n", "xx.yaml:2: drops nope, which no file has"),
        ("place: XX\nsources: {L: {title: {en: a, zh: b}, since: soon, confidence: secondary}}\n", "expected a date"),
        ("place: XX\nsources: {L: {title: {en: a, zh: b}, confidence: sure}}\n", "unknown value 'sure'"),
        ("place: XX\nname: {en: a}\n", "'zh' is missing"),
        ("place: XX\n" + SOURCE + "checks: [{id: cn.hours, kind: party, parties: [contact], grounds: [Law]}]\n", "already"),
        ("place: XX\n" + SOURCE + "checks: [{id: h, kind: hours, allowed: {every day: none, holidays: none}, grounds: [Law]}]\n", "need `country`"),
        ("place: XX\n" + SOURCE + "checks: [{id: h, kind: hours, country: ZZ, allowed: {every day: none}, grounds: [Law]}]\n", "no calendar"),
        ("place: XX\n" + SOURCE + "checks: [{id: h, kind: hours, unless_agreed: 'no', allowed: {every day: none}, grounds: [Law]}]\n", "true or false"),
        ("place: XX\n" + SOURCE + "checks: [{id: c, kind: count, grounds: [Law]}]\n", "'at_most' is missing"),
    ],
)  # fmt: skip
def test_faults(tmp_path: Path, text: str, part: str) -> None:
    assert part in "\n".join(faults(tmp_path, text))


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match="no such folder"):
        load_places(tmp_path / "nowhere")


def test_a_pack_without_places_has_the_shipped_ones(tmp_path: Path) -> None:
    assert load_places(tmp_path / "places") is load_places()
    assert load_places(tmp_path).ids() == load_places().ids()


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "xx.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LexiconError, match="cannot be read"):
        load_places(tmp_path)


# -- hours as written


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("20:00-23:00", ((72000, 82800),)),
        ("8:00-9:30", ((28800, 34200),)),
        ("22:00-01:00", ((0, 3600), (79200, 86400))),
        ("20:00-24:00", ((72000, 86400),)),
        ("22:00-00:00", ((79200, 86400),)),
        ("07:00-08:00, 20:00-21:00", ((25200, 28800), (72000, 75600))),
        ("20\uff1a00\uff5e21\uff1a00", ((72000, 75600),)),
        ("晚上", None),
        ("20:00", None),
        ("20:00-20:00", None),
        ("25:00-26:00", None),
        ("08:61-09:00", None),
        ("", None),
    ],
)
def test_windows(text: str, windows: tuple[tuple[int, int], ...] | None) -> None:
    assert parse_windows(text) == windows


def test_intersection_of_windows() -> None:
    assert intersect([(0, 10), (20, 30)], [(5, 25)]) == [(5, 10), (20, 25)]
    assert intersect([(0, 10)], [(10, 20)]) == []


def test_every_check_and_duty_has_a_ground_and_an_id_of_its_place(places: Places) -> None:
    for place in places.places:
        for item in (*place.checks, *place.duties):
            assert item.grounds, item.id
            assert item.id.startswith(f"{place.id.lower()}."), item.id


def test_kinds_are_read_as_what_they_are(places: Places) -> None:
    assert isinstance(places.check("us.freq.post_talk"), SilenceCheck)
    assert isinstance(places.check("cn.hours"), HoursCheck)
    assert places.look_back_days() >= 31

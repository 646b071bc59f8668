"""lexicons/places/*.yaml -> Places: strict, every fault at once with file and line.

The shipped files are always the base; a lender's directory adds overlays (`extends` without `place`), further
places, or its own edition of a shipped place (same `place`). Shape of a file: docs/contact.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import audit
from audit.contact.entries import SIGNALS
from audit.contact.places import (
    CHANNELS,
    HOLIDAY,
    OUTCOMES,
    PARTIES,
    Check,
    Conflict,
    CountCheck,
    Duty,
    Ground,
    HoursCheck,
    PartyCheck,
    Period,
    Place,
    Places,
    RefusalCheck,
    SilenceCheck,
    Text,
    Window,
)
from audit.contact.times import parse_windows
from audit.contact.yaml_nodes import Node, get, hint, read
from audit.errors import Fault, LexiconError
from audit.models import CATEGORIES, SEVERITIES

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CONFIDENCES = ("text read", "secondary", "unverified")
DECISIONS = ("breach", "undecided")
KEYS = ("debtor", "debt", "account", "number")
Sources = dict[str, Ground]
_PLACE_KEYS = (
    "place", "name", "also", "extends", "zone", "drops", "sources", "conflicts", "checks", "duties", "grounds",
)  # fmt: skip
_CHECK_KEYS = ("id", "kind", "severity", "decision", "grounds", "note")
_KIND_KEYS: dict[str, tuple[str, ...]] = {
    "hours": ("channels", "parties", "allowed", "country", "unless_agreed"),
    "count": (
        "at_most", "per", "within", "or_within", "if_readings_differ", "channels", "outcomes", "doubtful", "parties",
    ),
    "silence": ("days", "per", "channels", "after", "outcomes", "parties", "inbound"),
    "party": ("parties", "allowed", "failed_calls", "failed", "channels"),
    "refusal": ("signals", "said_by", "binds", "parties", "channels", "days"),
}  # fmt: skip
_CATEGORY = {
    "hours": "contact.hours",
    "count": "contact.frequency",
    "silence": "contact.frequency",
    "party": "contact.third_party",
    "refusal": "contact.after_refusal",
}
_SEVERITY = {"hours": "medium", "count": "medium", "silence": "medium", "party": "high", "refusal": "high"}


def load_places(directory: Path | None = None) -> Places:
    """The shipped places, and over them those of `directory` (a pack with places/ inside, or that folder).

    A pack without a places/ folder has the shipped ones. Raises LexiconError with all faults of all files, or
    when there is no such folder. The shipped places alone are read once a process.
    """
    return _load(None if directory is None else Path(directory).resolve())


def shipped_directory() -> Path:
    """Where the shipped place files lie: beside the package in a checkout, inside it when installed."""
    package = Path(audit.__file__).parent
    beside = package.parent / "lexicons" / "places"
    return beside if beside.is_dir() else package / "lexicons" / "places"


def _load(directory: Path | None) -> Places:
    if directory is None or directory in (shipped_directory(), shipped_directory().parent):
        return _shipped()
    own = directory / "places" if (directory / "places").is_dir() else directory
    if not own.is_dir() and own.name == "places" and own.parent.is_dir():
        return _shipped()  # a pack of rules without places of its own
    if not own.is_dir():
        raise LexiconError([Fault(str(directory), 1, "no such folder of places")])
    return _read_folders([shipped_directory(), own])


@lru_cache(maxsize=1)
def _shipped() -> Places:
    return _read_folders([shipped_directory()])


def _read_folders(folders: list[Path]) -> Places:
    faults: list[Fault] = []
    digest = hashlib.sha256()
    places: dict[str, Place] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.yaml")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
            place = _read_place(path, faults)
            if place is not None:
                _admit(place, folder, places, faults)
    _check_links(places, faults)
    if faults:
        raise LexiconError(sorted(faults, key=lambda fault: (fault.path, fault.line)))
    return Places(tuple(places.values()), digest.hexdigest())


def _admit(place: Place, folder: Path, places: dict[str, Place], faults: list[Fault]) -> None:
    before = places.get(place.id)
    if before is not None and Path(before.path).parent == folder:
        faults.append(
            _fault_at(place, place.id, f"place {place.id} stands in {Path(before.path).name} already")
        )
    places[place.id] = place


def _check_links(places: dict[str, Place], faults: list[Fault]) -> None:
    known = sorted(place.id for place in places.values() if not place.overlay)
    ids: dict[str, str] = {}
    for place in places.values():
        if place.extends and place.extends not in known:
            message = f"extends {place.extends}, which has no file; known: {', '.join(known)}"
            faults.append(_fault_at(place, f"extends: {place.extends}", message))
        for check in place.checks:
            if check.id in ids:
                faults.append(
                    _fault_at(place, check.id, f"check {check.id} stands in {ids[check.id]} already")
                )
            ids[check.id] = Path(place.path).name
    for place in places.values():
        for name in sorted(place.drops - ids.keys()):
            faults.append(_fault_at(place, name, f"drops {name}, which no file has"))


def _fault_at(place: Place, text: str, message: str) -> Fault:
    """A fault found only when all files are read: its line is the first that holds `text`."""
    lines = Path(place.path).read_text(encoding="utf-8").splitlines()
    return Fault(place.path, next((n for n, line in enumerate(lines, 1) if text in line), 1), message)


def _read_place(path: Path, faults: list[Fault]) -> Place | None:
    node = read(path, str(path), faults)
    if node is None:
        return None
    entries = node.keys(_PLACE_KEYS)
    extends = get(entries, "extends", Node.text, "") or None
    if "place" not in entries and extends is None:
        node.fault("say `place: …` for a jurisdiction, or `extends: …` alone for an overlay on one")
        return None
    place_id = get(entries, "place", Node.text, f"+{path.stem}")
    sources = get(entries, "sources", _sources, {})
    checks = [_check(n, place_id, sources) for n in get(entries, "checks", _items_or_none, [])]
    return Place(
        id=place_id,
        name=get(entries, "name", _text, Text(place_id)),
        extends=extends,
        overlay="place" not in entries,
        zone=get(entries, "zone", _zone, None),
        also=tuple(get(entries, "also", _texts, [])),
        drops=frozenset(get(entries, "drops", _texts, [])),
        checks=tuple(check for check in checks if check is not None),
        duties=tuple(_duty(n, place_id, sources) for n in get(entries, "duties", _items_or_none, [])),
        conflicts=tuple(_conflict(n) for n in get(entries, "conflicts", _items_or_none, [])),
        grounds=get(entries, "grounds", partial(_category_grounds, sources=sources), ()),
        path=str(path),
    )


def _items_or_none(node: Node) -> list[Node]:
    return [] if node.value is None else node.items()


def _texts(node: Node) -> list[str]:
    return [item.text() for item in node.items()]


def _text(node: Node) -> Text:
    if isinstance(node.value, str):
        return Text(node.text(), "")
    entries = node.keys(("en", "zh"), required=("en", "zh"))
    return Text(get(entries, "en", Node.text, ""), get(entries, "zh", Node.text, ""))


def _zone(node: Node) -> str | None:
    name = node.text()
    if name not in available_timezones():
        node.fault(f"{name!r} is no IANA time zone")
    return name


def _sources(node: Node) -> Sources:
    return {name: _source(entry, name) for name, entry in node.entries()}


def _source(node: Node, name: str) -> Ground:
    entries = node.keys(
        ("cite", "title", "since", "until", "confidence", "covers"), required=("title", "confidence")
    )
    get(entries, "title", _text, Text())
    get(entries, "covers", _text, Text())
    return Ground(
        cite=get(entries, "cite", Node.text, name),
        since=get(entries, "since", Node.date, None),
        until=get(entries, "until", Node.date, None),
        confidence=get(entries, "confidence", lambda n: n.choice(CONFIDENCES), "text read"),
    )


def _grounds(node: Node, sources: Sources) -> tuple[Ground, ...]:
    return tuple(ground for item in node.items() if (ground := _ground(item, sources)) is not None)


def _ground(node: Node, sources: Sources) -> Ground | None:
    """`GB/T 5.3`, or a mapping that says more of one clause than its instrument does."""
    if isinstance(node.value, str):
        return _clause(node, node.text(), sources)
    entries = node.keys(("law", "since", "until", "confidence"), required=("law",))
    base = _clause(entries["law"], entries["law"].text(), sources) if "law" in entries else None
    if base is None:
        return None
    return Ground(
        cite=base.cite,
        since=get(entries, "since", Node.date, base.since),
        until=get(entries, "until", Node.date, base.until),
        confidence=get(entries, "confidence", lambda n: n.choice(CONFIDENCES), base.confidence),
    )


def _clause(node: Node, text: str, sources: Sources) -> Ground | None:
    keys = [key for key in sources if text == key or text.startswith(key + " ")]
    if not keys:
        node.fault(f"{text!r} names no instrument of `sources`; known: {', '.join(sources) or 'none'}")
        return None
    key = max(keys, key=len)
    source = sources[key]
    return Ground(source.cite + text[len(key) :], source.since, source.until, source.confidence)


def _category_grounds(node: Node, sources: Sources) -> tuple[tuple[str, tuple[Ground, ...]], ...]:
    found = []
    for category, entry in node.entries():
        if category not in CATEGORIES:
            entry.fault(f"unknown category {category!r}{hint(category, CATEGORIES)}")
        found.append((category, _grounds(entry, sources)))
    return tuple(found)


def _conflict(node: Node) -> Conflict:
    entries = node.keys(("about", "says", "taken"), required=("about", "says", "taken"))
    return Conflict(
        get(entries, "about", Node.text, ""),
        get(entries, "says", _text, Text()),
        get(entries, "taken", _text, Text()),
    )


def _duty(node: Node, place_id: str, sources: Sources) -> Duty:
    entries = node.keys(
        ("id", "kind", "says", "figure", "unit", "grounds", "years"),
        required=("id", "kind", "says", "grounds"),
    )
    return Duty(
        id=get(entries, "id", Node.text, ""),
        place=place_id,
        kind=get(
            entries,
            "kind",
            lambda n: n.choice(("disclosure", "retention", "agency", "conduct", "contact")),
            "",
        ),
        says=get(entries, "says", _text, Text()),
        figure=get(entries, "figure", Node.text, ""),
        unit=get(entries, "unit", Node.text, ""),
        grounds=get(entries, "grounds", partial(_grounds, sources=sources), ()),
        years=get(entries, "years", lambda n: n.number(1), None),
    )


def _check(node: Node, place_id: str, sources: Sources) -> Check | None:
    """One check; its keys depend on its kind, so an unknown kind leaves nothing else to read."""
    raw = node.value.get("kind") if isinstance(node.value, dict) else None
    kind = raw if raw in _KIND_KEYS else ""
    known = (*_CHECK_KEYS, *(_KIND_KEYS[kind] if kind else (k for ks in _KIND_KEYS.values() for k in ks)))
    entries = node.keys(known, required=("id", "kind", "grounds"))
    if not kind:
        get(entries, "kind", lambda n: n.choice(tuple(_KIND_KEYS)), "")
        return None
    common = {
        "id": get(entries, "id", Node.text, ""),
        "place": place_id,
        "category": _CATEGORY[kind],
        "severity": get(entries, "severity", lambda n: n.choice(SEVERITIES), _SEVERITY[kind]),
        "decision": get(entries, "decision", lambda n: n.choice(DECISIONS), "breach"),
        "grounds": get(entries, "grounds", partial(_grounds, sources=sources), ()),
        "note": get(entries, "note", _text, Text()),
    }
    return _KINDS[kind](node, common, entries)


Common = dict[str, Any]
"""The fields of `Check`."""
Entries = dict[str, Node]
_channels: Callable[[Node], frozenset[str]] = partial(Node.choices, known=CHANNELS)
_outcomes: Callable[[Node], frozenset[str]] = partial(Node.choices, known=OUTCOMES)
_parties: Callable[[Node], frozenset[str]] = partial(Node.choices, known=PARTIES)
_ALL_CHANNELS, _ALL_PARTIES = frozenset(CHANNELS), frozenset(PARTIES)


def _hours(node: Node, common: Common, entries: Entries) -> Check:
    if "allowed" not in entries:
        node.fault("'allowed' is missing")
    country = get(entries, "country", _country, None)
    week = get(entries, "allowed", _week, (None,) * 8)
    if week[HOLIDAY] is not None and country is None:
        node.fault("hours on holidays need `country`, whose national holidays are meant")
    return HoursCheck(
        **common,
        channels=get(entries, "channels", _channels, _ALL_CHANNELS),
        parties=get(entries, "parties", _parties, _ALL_PARTIES),
        week=week,
        country=country,
        unless_agreed=get(entries, "unless_agreed", Node.flag, True),
    )


def _country(node: Node) -> str | None:
    import holidays

    code = node.text()
    if code not in holidays.list_supported_countries():
        node.fault(f"{code!r} has no calendar of national holidays")
        return None
    return code


def _week(node: Node) -> tuple[tuple[Window, ...] | None, ...]:
    """`every day`, `mon-fri`, `sat`, `holidays`: each with windows such as 08:00-22:00, or none."""
    week: list[tuple[Window, ...] | None] = [None] * 8
    for name, entry in node.entries():
        windows = _windows(entry)
        for index in _day_indices(name, entry):
            week[index] = windows
    for name, windows_of_day in zip(DAYS, week, strict=False):
        if windows_of_day is None:
            node.fault(f"{name} has no hours (write `none` where no contact is permitted)")
    return tuple(week)


def _day_indices(name: str, node: Node) -> range | tuple[int, ...]:
    if name == "every day":
        return range(7)
    if name == "holidays":
        return (HOLIDAY,)
    first, _, last = name.partition("-")
    if first in DAYS and (last or first) in DAYS and DAYS.index(first) <= DAYS.index(last or first):
        return range(DAYS.index(first), DAYS.index(last or first) + 1)
    node.fault(
        f"{name!r} names no day; known: every day, holidays, {', '.join(DAYS)} and ranges such as mon-fri"
    )
    return ()


def _windows(node: Node) -> tuple[Window, ...]:
    text = node.text()
    if text == "none":
        return ()
    windows = parse_windows(text)
    if windows is None:
        node.fault(f"{text!r} is no span of hours such as 08:00-22:00")
    return windows or ()


def _period(node: Node) -> Period:
    """`day`, `week`, `month`, or `N days` (consecutive local days, rolling)."""
    text = node.text()
    fixed = {"day": Period("day", 1), "week": Period("week", 7), "month": Period("month", 31)}
    if text in fixed:
        return fixed[text]
    number, _, unit = text.partition(" ")
    if number.isdigit() and int(number) > 0 and unit in ("day", "days"):
        return Period("rolling", int(number))
    node.fault(f"{text!r} is no period; write day, week, month or such as 7 days")
    return fixed["day"]


def _count(node: Node, common: Common, entries: Entries) -> Check:
    for key in ("at_most", "per", "within", "outcomes"):
        if key not in entries:
            node.fault(f"{key!r} is missing")
    return CountCheck(
        **common,
        at_most=get(entries, "at_most", Node.number, 0),
        key=get(entries, "per", lambda n: n.choice(KEYS), "debtor"),
        period=get(entries, "within", _period, Period("day", 1)),
        other_period=get(entries, "or_within", _period, None),
        if_readings_differ=get(entries, "if_readings_differ", lambda n: n.choice(DECISIONS), "breach"),
        channels=get(entries, "channels", _channels, frozenset({"call"})),
        outcomes=get(entries, "outcomes", _outcomes, frozenset()),
        doubtful=get(entries, "doubtful", _outcomes, frozenset()),
        parties=get(entries, "parties", _parties, _ALL_PARTIES),
    )


def _silence(node: Node, common: Common, entries: Entries) -> Check:
    for key in ("days", "per", "outcomes"):
        if key not in entries:
            node.fault(f"{key!r} is missing")
    return SilenceCheck(
        **common,
        days=get(entries, "days", lambda n: n.number(1), 1),
        key=get(entries, "per", lambda n: n.choice(KEYS), "debt"),
        channels=get(entries, "channels", _channels, frozenset({"call"})),
        after=get(entries, "after", _outcomes, frozenset({"conversation"})),
        outcomes=get(entries, "outcomes", _outcomes, frozenset()),
        parties=get(entries, "parties", _parties, frozenset({"debtor"})),
        inbound=get(entries, "inbound", lambda n: n.choice(("ignored", "undecided")), "ignored"),
    )


def _party(node: Node, common: Common, entries: Entries) -> Check:
    if "parties" not in entries:
        node.fault("'parties' is missing")
    return PartyCheck(
        **common,
        parties=get(entries, "parties", _parties, frozenset()),
        allowed=get(entries, "allowed", lambda n: n.choice(("never", "after_loss_of_contact")), "never"),
        failed_calls=get(entries, "failed_calls", lambda n: n.number(1), 3),
        failed=get(entries, "failed", _outcomes, frozenset({"no_answer", "busy", "voicemail"})),
        channels=get(entries, "channels", _channels, _ALL_CHANNELS),
    )


def _refusal(node: Node, common: Common, entries: Entries) -> Check:
    for key in ("signals", "said_by", "binds"):
        if key not in entries:
            node.fault(f"{key!r} is missing")
    return RefusalCheck(
        **common,
        signals=get(entries, "signals", lambda n: n.choices(SIGNALS), frozenset()),
        said_by=get(entries, "said_by", _parties, _ALL_PARTIES),
        binds=get(entries, "binds", lambda n: n.choice(("number", "debtor")), "number"),
        parties=get(entries, "parties", _parties, _ALL_PARTIES),
        channels=get(entries, "channels", _channels, _ALL_CHANNELS),
        days=get(entries, "days", lambda n: n.number(1), None),
    )


_KINDS: dict[str, Callable[[Node, Common, Entries], Check]] = {
    "hours": _hours,
    "count": _count,
    "silence": _silence,
    "party": _party,
    "refusal": _refusal,
}

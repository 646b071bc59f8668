"""The queue: cases by filter, a page at a time, worst first; what can be filtered by; saved views."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, func, insert, literal, or_, select

from audit.store import tables as t
from audit.store.accounts import Scope
from audit.store.review import COUNTS
from audit.store.views.overview import UNDECIDED
from audit.store.views.within import within

STATUS_SETS: dict[str, tuple[str, ...]] = {
    "waiting": UNDECIDED,
    "open": ("open",),
    "second_look": ("second_look",),
    "escalated": ("escalated",),
    "confirmed": ("confirmed",),
    "dismissed": ("dismissed",),
    "withdrawn": ("withdrawn",),
    "flagged": ("open", "second_look", "escalated", "confirmed"),
    "all": (),
}


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What the queue shows; None or empty asks nothing. `status` is a key of STATUS_SETS."""

    status: str = "waiting"
    week: str | None = None
    agency: str | None = None
    agent: str | None = None
    category: str | None = None
    severity: tuple[str, ...] = ()
    place: str | None = None
    language: str | None = None
    basis: str | None = None
    min_confidence: float | None = None
    assignee: str | None = None
    undecided: bool = False
    distress: bool = False
    overdue: bool = False
    weekday: int | None = None
    hour: int | None = None
    debtor: str | None = None

    @classmethod
    def of(cls, values: dict[str, Any]) -> QueueFilter:
        """A filter from plain values (a saved view, a link); unknown keys are left out."""
        known = {field.name for field in fields(cls)}
        mine = {key: value for key, value in values.items() if key in known}
        if isinstance(mine.get("severity"), (list, tuple)):
            mine["severity"] = tuple(mine["severity"])
        return cls(**mine)

    def asked(self) -> dict[str, Any]:
        """The fields that differ from the default."""
        plain = asdict(QueueFilter())
        return {key: value for key, value in asdict(self).items() if value != plain[key]}


def _where(scope: Scope, chosen: QueueFilter) -> list[Any]:
    cases, contacts = t.cases.c, t.contacts.c
    where: list[Any] = [within(scope, t.cases)]
    states = STATUS_SETS.get(chosen.status, UNDECIDED)
    if states:
        where.append(cases.status.in_(states))
    for column, value in (
        (cases.week, chosen.week), (cases.agency, chosen.agency), (cases.agent, chosen.agent),
        (contacts.jurisdiction, chosen.place), (contacts.language, chosen.language),
        (contacts.local_weekday, chosen.weekday), (contacts.local_hour, chosen.hour), (contacts.debtor_id, chosen.debtor),
    ):  # fmt: skip
        if value is not None:
            where.append(column == value)
    if chosen.severity:
        where.append(cases.severity.in_(chosen.severity))
    if chosen.category:
        where.append(cases.categories.contains(f"|{chosen.category}|", autoescape=True))
    if chosen.assignee is not None:
        where.append(cases.assignee == chosen.assignee if chosen.assignee else cases.assignee.is_(None))
    if chosen.distress:
        where.append(cases.distress.is_(True))
    if chosen.overdue:
        where.append(cases.due_at < datetime.now(UTC).isoformat())
    if chosen.basis or chosen.min_confidence is not None or chosen.undecided:
        where.append(_some_finding(chosen))
    return where


def _some_finding(chosen: QueueFilter) -> Any:
    asked = [t.findings.c.call_id == t.cases.c.call_id, COUNTS]
    if chosen.basis:
        asked.append(t.findings.c.basis == chosen.basis)
    if chosen.min_confidence is not None:
        asked.append(t.findings.c.confidence >= chosen.min_confidence)
    if chosen.undecided:
        asked.append(t.findings.c.decision == "undecided")
    return select(literal(1)).where(and_(*asked)).exists()


def _joined(chosen: QueueFilter, query: Select[Any]) -> Select[Any]:
    needs = (chosen.place, chosen.language, chosen.weekday, chosen.hour, chosen.debtor)
    if any(value is not None for value in needs):
        return query.join(t.contacts, t.contacts.c.call_id == t.cases.c.call_id)
    return query


ORDER = (t.cases.c.severity_rank, t.cases.c.worth.desc(), t.cases.c.case_id)


def queue(
    connection: Connection, scope: Scope, chosen: QueueFilter, limit: int = 50, offset: int = 0
) -> tuple[list[dict[str, Any]], int]:
    """One page of cases, worst first, and how many there are in all; needs the right `queue`.

    Each row has the columns of cases and of its contact: started_at, debtor_id, language, jurisdiction,
    duration_s, channel.
    """
    scope.require("queue")
    where = _where(scope, chosen)
    total = connection.execute(
        _joined(chosen, select(func.count()).select_from(t.cases)).where(*where)
    ).scalar_one()
    ids = (
        _joined(chosen, select(t.cases.c.case_id)).where(*where).order_by(*ORDER).limit(limit).offset(offset)
    )
    page = [row.case_id for row in connection.execute(ids)]
    contact = t.contacts.c
    query = (
        select(
            t.cases, contact.started_at, contact.debtor_id, contact.language, contact.jurisdiction,
            contact.duration_s, contact.channel, contact.called_party,
        )
        .join(t.contacts, contact.call_id == t.cases.c.call_id)
        .where(t.cases.c.case_id.in_(page))
        .order_by(*ORDER)
    )  # fmt: skip
    return [dict(row) for row in connection.execute(query).mappings()], int(total)


def neighbours(
    connection: Connection, scope: Scope, chosen: QueueFilter, case_id: str
) -> tuple[str | None, str | None]:
    """The cases before and after one in the queue's order; it need not match the filter itself any more."""
    scope.require("queue")
    columns = (t.cases.c.severity_rank, t.cases.c.worth, t.cases.c.case_id)
    here = connection.execute(
        select(*columns).where(t.cases.c.case_id == case_id, within(scope, t.cases))
    ).one_or_none()
    if here is None:
        return None, None
    rank, worth, name = here
    c = t.cases.c
    after = or_(
        c.severity_rank > rank,
        and_(c.severity_rank == rank, or_(c.worth < worth, and_(c.worth == worth, c.case_id > name))),
    )
    before = or_(
        c.severity_rank < rank,
        and_(c.severity_rank == rank, or_(c.worth > worth, and_(c.worth == worth, c.case_id < name))),
    )
    where = _where(scope, chosen)
    reverse = (c.severity_rank.desc(), c.worth, c.case_id.desc())
    found = []
    for side, order in ((before, reverse), (after, ORDER)):
        query = _joined(chosen, select(c.case_id)).where(*where, side).order_by(*order).limit(1)
        found.append(connection.execute(query).scalar_one_or_none())
    return found[0], found[1]


def facets(connection: Connection, scope: Scope) -> dict[str, list[str]]:
    """What can be chosen: weeks, agencies, agents, places, languages, categories, reviewers; sorted."""
    scope.require("queue")
    here = within(scope, t.cases)
    out: dict[str, list[str]] = {}
    for name, column in (
        ("weeks", t.cases.c.week),
        ("agencies", t.cases.c.agency),
        ("agents", t.cases.c.agent),
    ):
        rows = connection.execute(select(column).where(here, column.is_not(None)).distinct())
        out[name] = sorted(row[0] for row in rows)
    out["weeks"].reverse()
    joined = select(t.contacts.c.jurisdiction, t.contacts.c.language).join(
        t.cases, t.cases.c.call_id == t.contacts.c.call_id
    )
    pairs = connection.execute(joined.where(here).distinct()).all()
    out["places"] = sorted({place for place, _ in pairs})
    out["languages"] = sorted({language for _, language in pairs if language})
    sets = connection.execute(select(t.cases.c.categories).where(here).distinct())
    out["categories"] = sorted({one for row in sets for one in row.categories.split("|") if one})
    names = connection.execute(
        select(t.users.c.name).where(t.users.c.role.in_(("officer", "reviewer"))).order_by(t.users.c.name)
    )
    out["reviewers"] = [row.name for row in names] if scope.role != "agency" else []
    return out


def saved_views(connection: Connection, scope: Scope) -> dict[str, QueueFilter]:
    """The filters a person saved, by name."""
    rows = connection.execute(
        select(t.saved_views).where(t.saved_views.c.user == scope.user).order_by(t.saved_views.c.name)
    )
    return {row.name: QueueFilter.of(row.filters) for row in rows}


def save_view(connection: Connection, scope: Scope, name: str, chosen: QueueFilter) -> None:
    """Keep a filter under a name; the same name replaces it."""
    drop_view(connection, scope, name)
    connection.execute(insert(t.saved_views).values(user=scope.user, name=name[:128], filters=chosen.asked()))


def drop_view(connection: Connection, scope: Scope, name: str) -> None:
    """Forget a saved filter."""
    connection.execute(
        delete(t.saved_views).where(t.saved_views.c.user == scope.user, t.saved_views.c.name == name)
    )


def agency_names(connection: Connection) -> list[str]:
    """The agencies with cases, most cases first; for the demo and for the form of an agency viewer."""
    query = (
        select(t.cases.c.agency).group_by(t.cases.c.agency).order_by(func.count().desc(), t.cases.c.agency)
    )
    return [row.agency for row in connection.execute(query)]

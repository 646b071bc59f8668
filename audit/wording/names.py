"""Names and meanings of the fixed ids of the product: categories, severities, bases, decisions, states, roles.

English stands here as message ids; the other languages stand in the catalogues. An unknown id is shown as it
is, so that a lexicon with a category of its own still reads.
"""

from __future__ import annotations

from audit.wording.catalogue import translator


def mark(message: str) -> str:
    """Marks a message id that is translated later; returns it unchanged."""
    return message


CATEGORY_TITLES: dict[str, str] = {
    "threat.violence": mark("Threat of violence"),
    "threat.legal": mark("False legal threat"),
    "threat.exposure": mark("Threat of exposure"),
    "threat.visit": mark("Intimidating visit"),
    "harassment.insult": mark("Insult"),
    "harassment.repeated_contact": mark("Call bombing"),
    "privacy.third_party_disclosure": mark("Debt told to others"),
    "privacy.intimidation": mark("Private details as pressure"),
    "privacy.number_read_aloud": mark("Full number read aloud"),
    "pressure.third_party_payment": mark("Pressing others to pay"),
    "pressure.borrowing": mark("Pushed to borrow"),
    "impersonation.authority": mark("Posing as authority"),
    "impersonation.private": mark("Private pretext"),
    "misrepresentation.consequence": mark("False consequence"),
    "misrepresentation.promise": mark("False promise"),
    "payment.irregular": mark("Irregular payment"),
    "conduct.off_channel": mark("Moved off the record"),
    "conduct.complaint_obstruction": mark("Complaint obstructed"),
    "distress.ignored": mark("Distress ignored"),
    "customer.distress": mark("Customer in distress"),
    "customer.dispute": mark("Debt disputed"),
    "customer.stop_contact": mark("Asked to stop"),
    "customer.complaint": mark("Complaint announced"),
    "good.hardship_plan": mark("Hardship plan offered"),
    "good.empathy": mark("Empathy shown"),
    "good.rights": mark("Rights explained"),
    "contact.hours": mark("Outside permitted hours"),
    "contact.frequency": mark("Too many contacts"),
    "contact.third_party": mark("Third party contacted"),
    "contact.after_refusal": mark("Contact after refusal"),
    "disclosure.before_verification": mark("Debt told before verification"),
    "identification.missing": mark("No identification"),
    "recording_notice.missing": mark("No recording notice"),
}

CATEGORY_MEANINGS: dict[str, str] = {
    "threat.violence": mark(
        "The collector threatens bodily harm, death or damage to property, or hints at it."
    ),
    "threat.legal": mark("The collector threatens arrest, police, prison or seizure without ground."),
    "threat.exposure": mark(
        "The collector threatens to expose the debt to family, work, neighbours or the public."
    ),
    "threat.visit": mark("The collector announces a visit to home or work that is meant to frighten."),
    "harassment.insult": mark("The collector insults, curses or humiliates the listener."),
    "harassment.repeated_contact": mark("The collector announces or admits calling without end."),
    "privacy.third_party_disclosure": mark("Somebody who does not owe the debt is told about it."),
    "privacy.intimidation": mark(
        "The collector shows private knowledge to frighten: school, address, contacts."
    ),
    "privacy.number_read_aloud": mark("A full identity, card or phone number is read aloud."),
    "pressure.third_party_payment": mark("Family, colleagues or contacts are pressed to pay."),
    "pressure.borrowing": mark(
        "The debtor is urged to borrow elsewhere or to raise money in a degrading way."
    ),
    "impersonation.authority": mark(
        "The collector poses as police, court, lawyer, regulator or head office."
    ),
    "impersonation.private": mark(
        "The collector pretends to be a friend, courier or the like to get through."
    ),
    "misrepresentation.consequence": mark("A consequence is claimed that paying late does not have."),
    "misrepresentation.promise": mark("Something is promised that the collector may not or will not give."),
    "payment.irregular": mark("Payment to a private account, in cash or gift cards, or a fee nobody agreed."),
    "conduct.off_channel": mark("The talk is moved to a line that is not recorded."),
    "conduct.complaint_obstruction": mark("A complaint is discouraged, mocked, punished or bargained away."),
    "distress.ignored": mark("A sign of distress is met with pressure or with no answer."),
    "customer.distress": mark("The customer speaks of self-harm, severe illness, breakdown or bereavement."),
    "customer.dispute": mark("The customer says the debt is wrong, paid or not theirs."),
    "customer.stop_contact": mark("The customer asks to be left alone or names somebody to talk to instead."),
    "customer.complaint": mark("The customer has complained or will complain."),
    "good.hardship_plan": mark("The collector offers an affordable plan without pressure."),
    "good.empathy": mark("The collector acknowledges the difficulty and calms the talk."),
    "good.rights": mark("The collector tells the customer truthfully of rights and of the recording."),
    "contact.hours": mark("The contact lay outside the permitted hours at the debtor's own place."),
    "contact.frequency": mark("More contacts than the place allows, counted over all agencies."),
    "contact.third_party": mark("A person who does not owe the debt was contacted without its precondition."),
    "contact.after_refusal": mark("Contacted again after refusing, asking to stop or naming a lawyer."),
    "disclosure.before_verification": mark("The debt was told before the person on the line was verified."),
    "identification.missing": mark("The collector never said who is calling and for whom."),
    "recording_notice.missing": mark("There was no notice that the call is recorded."),
}

_SEVERITIES = {
    "critical": mark("Critical"),
    "high": mark("High"),
    "medium": mark("Medium"),
    "low": mark("Low"),
    "info": mark("Info"),
}
_SEVERITY_LETTERS = {"critical": "!!", "high": "H", "medium": "M", "low": "L", "info": "i"}
_BASES = {
    "phrase": mark("Phrase"),
    "heard_as": mark("Heard as"),
    "similar": mark("Similar meaning"),
    "reader": mark("Lender's own reader"),
    "log": mark("Call log"),
    "sequence": mark("Order of turns"),
}
_DECISIONS = {"breach": mark("Breach"), "undecided": mark("Cannot decide"), "noted": mark("Noted")}
_STATUSES = {
    "open": mark("Open"),
    "second_look": mark("Needs second look"),
    "escalated": mark("Escalated"),
    "confirmed": mark("Confirmed"),
    "dismissed": mark("Dismissed"),
    "withdrawn": mark("Withdrawn"),
    "audited": mark("Audited"),
    "failed": mark("Failed"),
    "skipped": mark("Not judged"),
    "running": mark("Running"),
    "done": mark("Done"),
    "stopped": mark("Stopped"),
    "died": mark("Died"),
}
_SPEAKERS = {"agent": mark("Collector"), "customer": mark("Customer"), "unknown": mark("Unknown speaker")}
_ROLES = {
    "officer": mark("Compliance officer"),
    "reviewer": mark("Reviewer"),
    "trainer": mark("Trainer"),
    "agency": mark("Agency viewer"),
    "administrator": mark("Administrator"),
}
_CHANNELS = {
    "call": mark("Phone call"),
    "sms": mark("Text message"),
    "letter": mark("Letter"),
    "email": mark("E-mail"),
    "visit": mark("Visit"),
}
_OUTCOMES = {
    "no_answer": mark("No answer"),
    "busy": mark("Busy"),
    "voicemail": mark("Voicemail"),
    "connected": mark("Connected"),
    "conversation": mark("Conversation"),
}
_PARTIES = {
    "debtor": mark("Debtor"),
    "guarantor": mark("Guarantor"),
    "spouse": mark("Spouse"),
    "contact": mark("Contact person"),
    "workplace": mark("Workplace"),
    "stranger": mark("Stranger"),
    "unknown": mark("Unknown person"),
}
_LANGUAGES = {"zh": mark("Mandarin"), "en": mark("English")}
_REASONS = {
    "wrong_sense": mark("Another sense of the words"),
    "denied": mark("Said that it will not happen"),
    "quoted": mark("Quoted or explained, not done"),
    "customer_said": mark("The customer said it"),
    "misheard": mark("Recognised wrongly"),
    "lawful": mark("Lawful in this situation"),
    "duplicate": mark("Already handled elsewhere"),
    "other": mark("Other (see note)"),
}
DISMISSAL_REASONS = tuple(_REASONS)
"""Why a finding is dismissed, in the order they are offered."""


def _name(table: dict[str, str], key: str | None, language: str) -> str:
    return translator(language)(table.get(key or "", key or "–"))


def category_title(category: str | None, language: str) -> str:
    """Short name of a category."""
    return _name(CATEGORY_TITLES, category, language)


def category_meaning(category: str, language: str) -> str:
    """One sentence saying what the category is; empty for an unknown one."""
    return translator(language)(CATEGORY_MEANINGS.get(category, ""))


def severity_title(severity: str | None, language: str) -> str:
    """Name of a severity."""
    return _name(_SEVERITIES, severity, language)


def severity_letter(severity: str | None) -> str:
    """The sign that stands beside a severity's colour, so that colour is never alone."""
    return _SEVERITY_LETTERS.get(severity or "", "·")


def basis_title(basis: str | None, language: str) -> str:
    """How a finding was found."""
    return _name(_BASES, basis, language)


def decision_title(decision: str | None, language: str) -> str:
    """Name of a finding's decision."""
    return _name(_DECISIONS, decision, language)


def status_title(status: str | None, language: str) -> str:
    """Name of the state of a case, a contact or a run."""
    return _name(_STATUSES, status, language)


def verdict_title(verdict: str | None, language: str) -> str:
    """Name of a person's verdict."""
    return _name(_STATUSES, verdict, language)


def speaker_title(speaker: str | None, language: str) -> str:
    """Who spoke."""
    return _name(_SPEAKERS, speaker, language)


def role_title(role: str | None, language: str) -> str:
    """Name of a role."""
    return _name(_ROLES, role, language)


def channel_title(channel: str | None, language: str) -> str:
    """Name of a channel of contact."""
    return _name(_CHANNELS, channel, language)


def outcome_title(outcome: str | None, language: str) -> str:
    """What came of a contact."""
    return _name(_OUTCOMES, outcome, language)


def party_title(party: str | None, language: str) -> str:
    """Who was contacted."""
    return _name(_PARTIES, party, language)


def language_title(code: str | None, language: str) -> str:
    """Name of the language a call was held in."""
    return _name(_LANGUAGES, code, language)


def reason_title(reason: str | None, language: str) -> str:
    """Why a finding was dismissed."""
    return _name(_REASONS, reason, language)

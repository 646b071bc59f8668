"""Short names for what the call log and the recordings disagree on."""

from __future__ import annotations

from audit.wording import Say


def kind_title(kind: str, say: Say) -> str:
    """Name of a kind of discrepancy (audit.contact.reconcile); an unknown kind is shown as it is."""
    titles = {
        "recording_absent": say("Recording missing"),
        "recording_not_named": say("No recording named"),
        "recording_shared": say("One recording for several contacts"),
        "recording_unlogged": say("Recording without a log row"),
        "duplicate": say("Same content twice"),
        "length": say("Length differs"),
        "cut": say("Recording cut short"),
        "silent": say("No speech"),
        "dead_channel": say("Dead channel"),
        "outcome_unanswered": say("Speech though not answered"),
        "outcome_reached": say("Reached, yet no speech"),
        "clock_skew": say("Clocks differ"),
        "clock_outlier": say("Time of recording differs"),
    }
    return titles.get(kind, kind.replace("_", " "))

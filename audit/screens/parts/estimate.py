"""The estimate of an unflagged sample in one sentence, for the sample page and the overview."""

from __future__ import annotations

from audit import wording
from audit.store.samples import Estimate


def estimate_words(estimate: Estimate, language: str) -> str:
    """What a sample says: the share missed with its interval and what that is of all unflagged calls."""
    say = wording.translator(language)
    share = estimate.share
    if share.share is None:
        return say("Nobody has listened yet")
    words = say(
        "{missed} of {heard} heard calls held something: {share} [{low} – {high}], about {count} of {frame} unflagged calls ({fewest}–{most})",
        missed=wording.format_number(share.hits, language),
        heard=wording.format_number(share.of, language),
        share=wording.format_percent(share.share, language),
        low=wording.format_percent(share.low, language),
        high=wording.format_percent(share.high, language),
        count=wording.format_number(round(estimate.missed), language),
        frame=wording.format_number(estimate.frame, language),
        fewest=wording.format_number(round(estimate.low), language),
        most=wording.format_number(round(estimate.high), language),
    )
    return words if estimate.whole else say("So far: {words}", words=words)

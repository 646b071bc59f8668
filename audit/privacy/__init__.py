"""Personal data as it is written and spoken: found, explained, masked in text and placed in audio."""

from __future__ import annotations

from audit.privacy.detector import Detector
from audit.privacy.locate import locate
from audit.privacy.masking import POLICIES, MaskedText, Policy, Pseudonyms, mask, masked

__all__ = ["POLICIES", "Detector", "MaskedText", "Policy", "Pseudonyms", "locate", "mask", "masked"]

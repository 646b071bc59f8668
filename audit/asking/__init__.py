"""The third reader: a chat endpoint of the lender's own, asked about turns the first two leave open. Off by default.

Nothing else depends on it. It sees masked text only, its answers are proposals (`basis: reader`, undecided), kept by
the hash of what was asked, within a budget a run; a silent, slow or wrong endpoint leaves a run as it would be
without one, and the run says so. docs/asking.md.
"""

from __future__ import annotations

from audit.asking.asker import Asker, Reading, open_asker

__all__ = ["Asker", "Reading", "open_asker"]

"""The error tree and the exit statuses: every message says what was wrong, where, and what to do.

AuditError
├── UsageError            the call itself was wrong (exit 2)
│   ├── SettingsError     audit.toml or an option does not hold
│   └── LexiconError      faults of a lexicon pack, all of them, each with file:line
├── InputError            one input is bad; the rest goes on (exit 1)
│   ├── CallLogError      the call log as a whole cannot be read
│   ├── RecordingError    a recording cannot be decoded
│   └── TranscriptError   a ready transcript cannot be read
├── ModelError            no recogniser to be had, or its file is broken (exit 2)
├── StoreError            the store cannot be opened, read or written (exit 2)
├── RightError            the signed-in person may not do this
└── IntegrityError        the ledger or an evidence pack does not verify (exit 1)
"""

from __future__ import annotations

from dataclasses import dataclass

EXIT_OK = 0
EXIT_INPUT = 1
EXIT_USAGE = 2


class AuditError(Exception):
    """Base of all errors this package raises on purpose; `exit_status` is what the command line ends with."""

    exit_status = EXIT_USAGE


class UsageError(AuditError):
    """The call itself was wrong."""


class SettingsError(UsageError):
    """A setting in audit.toml, the environment or an option does not hold."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a lexicon file: where it stands and what to do about it. `line` is 1-based."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class LexiconError(UsageError):
    """All faults of a lexicon pack at once; `faults` keeps file order."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(str(fault) for fault in faults))


class InputError(AuditError):
    """One input is bad; it is named with its reason and the rest goes on."""

    exit_status = EXIT_INPUT


class CallLogError(InputError):
    """The call log as a whole cannot be read; `exit_status` 2, since nothing can be audited without it."""

    exit_status = EXIT_USAGE


class RecordingError(InputError):
    """A recording cannot be decoded; the message is a plain reason without a path of the machine."""


class TranscriptError(InputError):
    """A ready transcript cannot be read; the message names the line."""


class ModelError(AuditError):
    """No recogniser to be had, or its file is broken; the message says what to do."""


class StoreError(AuditError):
    """The store cannot be opened, read or written."""


class RightError(AuditError):
    """The signed-in person lacks the right for this."""


class IntegrityError(AuditError):
    """The ledger or an evidence pack does not verify."""

    exit_status = EXIT_INPUT

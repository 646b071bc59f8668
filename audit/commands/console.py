"""What a person sees on stderr while a command works: a live bar on a terminal, a plain line every 30 s off one."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

PLAIN_EVERY_S = 30.0


def tell(line: str) -> None:
    """One line to stderr."""
    print(line, file=sys.stderr, flush=True)


class ProgressView:
    """Shows (stage, done, total, subject) as it comes, with the time left; use with `with`."""

    def __init__(self, title: str) -> None:
        self.title = title
        self._bar: Any = None
        self._task: Any = None
        self._stage = ""
        self._began = self._last = time.monotonic()

    def __enter__(self) -> ProgressView:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, stage: str, done: int, total: int, subject: str) -> None:
        if self._bar is not None:
            self._show_bar(stage, done, total)
            return
        now = time.monotonic()
        if now - self._last >= PLAIN_EVERY_S or (stage != self._stage and done == 0):
            self._last, self._stage = now, stage
            left = (now - self._began) / done * (total - done) if done else 0.0
            tell(f"{self.title}: {stage} {done}/{total}" + (f", about {left:.0f} s left" if left else ""))

    def _show_bar(self, stage: str, done: int, total: int) -> None:
        if stage != self._stage:
            self._stage = stage
            self._task = self._bar.add_task(stage, total=total)
        self._bar.update(self._task, completed=done, total=total)

"""The command line: how each verb is spelled. What it does stands in audit/commands, imported when called."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from audit.commands.lexicons import app as lexicons_app
from audit.errors import AuditError

app = typer.Typer(
    name="audit",
    help="Conduct audit of outsourced debt collection: hears every call, judges every contact.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
clips_app = typer.Typer(help="Masked example clips for trainers.", no_args_is_help=True)
app.add_typer(lexicons_app, name="lexicons")
app.add_typer(clips_app, name="clips")

StoreOption = Annotated[
    str | None, typer.Option("--store", metavar="URL", help="Store, e.g. sqlite:///audit.db.")
]
SettingsOption = Annotated[
    Path | None, typer.Option("--settings", metavar="FILE", help="Settings; default audit.toml.")
]
LexiconsOption = Annotated[
    Path | None, typer.Option("--lexicons", metavar="DIR", help="Lexicon pack; default the shipped one.")
]
JurisdictionOption = Annotated[
    str | None, typer.Option("--jurisdiction", metavar="ID", help="CN, US, US-MA, UK, IN, AU, …; default CN.")
]
RecordingsOption = Annotated[
    Path | None, typer.Option("--recordings", metavar="DIR", help="Folder of the recordings.")
]
LanguageOption = Annotated[str | None, typer.Option("--language", help="Language of the papers: zh or en.")]
OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder the papers are written to.")]


def _end(work: Callable[[], int]) -> None:
    """Run a verb and end the process with its status; errors of ours become one message, never a traceback."""
    from audit.settings import silence

    silence()
    try:
        signal.signal(signal.SIGTERM, _stop)
        status = work()
    except AuditError as error:
        print(f"audit: {error}", file=sys.stderr)
        status = error.exit_status
    except KeyboardInterrupt as stop:
        print("audit: stopped; what was done is kept, run it again to go on.", file=sys.stderr)
        status = 143 if stop.args else 130
    except BrokenPipeError:
        status = 0
    except Exception as error:  # the boundary of the program: a traceback may quote a call
        print(f"audit: {_unforeseen(error)}", file=sys.stderr)
        status = 2
    raise typer.Exit(status)


def _stop(number: int, _frame: object) -> None:
    """A service manager's stop ends a run as Ctrl+C does: half-written files go, the run is marked as stopped."""
    raise KeyboardInterrupt(number)


def _unforeseen(error: Exception) -> str:
    """Kind and place of a fault of ours, without its text, which may hold words or numbers of a call."""
    import traceback

    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if "audit" in Path(frame.filename).parts
    ]
    last = frames[-1] if frames else None
    place = f" at {Path(last.filename).name}:{last.lineno}" if last else ""
    return (
        f"unforeseen fault ({type(error).__name__}{place}): please report it. What was done is kept; "
        "run it again to go on."
    )


@app.command()
def run(
    calls: Annotated[Path, typer.Option("--calls", metavar="FILE", help="Call log: CSV, XLSX or Parquet.")],
    out: OutOption,
    recordings: RecordingsOption = None,
    transcripts: Annotated[
        Path | None, typer.Option("--transcripts", metavar="DIR", help="Folder of ready transcripts.")
    ] = None,
    store: StoreOption = None,
    model: Annotated[str | None, typer.Option("--model", metavar="NAME|PATH", help="Whisper model.")] = None,
    engine: Annotated[str | None, typer.Option("--engine", help="whisper or faster-whisper.")] = None,
    jurisdiction: JurisdictionOption = None,
    lexicons: LexiconsOption = None,
    language: LanguageOption = None,
    settings: SettingsOption = None,
    allow_download: Annotated[
        bool, typer.Option("--allow-download", help="Let the library fetch a model named by name.")
    ] = False,
    origin: Annotated[
        str, typer.Option("--origin", help="Who starts it, for the list of runs: command, cron or app.")
    ] = "command",
) -> None:
    """Audit every contact of a call log; a second run does only what is new or changed."""
    options = {
        "recordings": recordings,
        "transcripts": transcripts,
        "store": store,
        "model": model,
        "engine": engine,
        "jurisdiction": jurisdiction,
        "lexicons": lexicons,
        "language": language,
        "allow_download": allow_download or None,
    }

    def work() -> int:
        from audit.commands.run import run_audit

        return run_audit(calls, out, settings, options, origin)

    _end(work)


@app.command()
def scan(
    source: Annotated[
        Path, typer.Argument(metavar="INPUT.jsonl", help="One utterance a line; - reads standard input.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", metavar="OUT.jsonl", help="Default: standard output.")
    ] = None,
    jurisdiction: JurisdictionOption = None,
    lexicons: LexiconsOption = None,
    basis: Annotated[
        list[str] | None, typer.Option("--basis", help="Only findings of this basis; may be repeated.")
    ] = None,
    personal_data: Annotated[
        bool, typer.Option("--personal-data/--no-personal-data", help="Find and mask personal data.")
    ] = True,
) -> None:
    """Check utterances without any store."""

    def work() -> int:
        from audit.commands.scan import scan as run_scan

        return run_scan(source, output, lexicons, jurisdiction or "CN", basis or [], personal_data)

    _end(work)


@app.command()
def recheck(
    store: StoreOption = None,
    lexicons: LexiconsOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    settings: SettingsOption = None,
) -> None:
    """Judge stored transcripts with today's lexicons, without transcribing; says what changes."""

    def work() -> int:
        from audit.commands.recheck import recheck as run_recheck

        return run_recheck(settings, {"store": store, "lexicons": lexicons}, dry_run)

    _end(work)


@app.command()
def report(
    out: OutOption,
    store: StoreOption = None,
    week: Annotated[
        str | None, typer.Option("--week", metavar="2026-W14", help="One ISO week; default the newest.")
    ] = None,
    language: LanguageOption = None,
    settings: SettingsOption = None,
) -> None:
    """Write the papers of a week from the store."""

    def work() -> int:
        from audit.commands.report import report_week

        return report_week(settings, {"store": store, "language": language}, week, out)

    _end(work)


@app.command()
def verify(
    pack: Annotated[
        Path | None, typer.Argument(metavar="[PACK]", help="An evidence pack; default the store's ledger.")
    ] = None,
    store: StoreOption = None,
    settings: SettingsOption = None,
) -> None:
    """Prove the ledger of a store, or an evidence pack, whole; needs no network and for a pack no store."""

    def work() -> int:
        from audit.commands.verify import verify as run_verify

        return run_verify(settings, {"store": store}, pack)

    _end(work)


@app.command()
def purge(
    store: StoreOption = None,
    recordings: RecordingsOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Delete; without it only say what would go.")] = False,
    settings: SettingsOption = None,
) -> None:
    """Delete what is past its retention; says first what would go. Legal holds stay."""

    def work() -> int:
        from audit.commands.purge import purge as run_purge

        return run_purge(settings, {"store": store, "recordings": recordings}, yes)

    _end(work)


@app.command()
def demo(
    out: OutOption = Path("demo"),
    language: LanguageOption = None,
) -> None:
    """Audit the shipped sample week: no network, no downloaded model, no server."""

    def work() -> int:
        from audit.commands.demo import demo as run_demo

        return run_demo(out, language)

    _end(work)


@app.command(name="app")
def app_command(
    store: StoreOption = None,
    recordings: RecordingsOption = None,
    demo_mode: Annotated[
        bool, typer.Option("--demo", help="Open the demo's store, signed in as a demo officer.")
    ] = False,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port on this machine.")] = 8501,
    settings: SettingsOption = None,
) -> None:
    """Open the review app."""

    def work() -> int:
        from audit.commands.app import open_app

        return open_app(settings, {"store": store, "recordings": recordings}, demo_mode, port)

    _end(work)


@app.command()
def accuracy(
    reference: Annotated[
        Path, typer.Option("--reference", metavar="DIR", help="Hand-made transcripts with their recordings.")
    ],
    model: Annotated[str | None, typer.Option("--model", metavar="NAME|PATH", help="Whisper model.")] = None,
    engine: Annotated[str | None, typer.Option("--engine", help="whisper or faster-whisper.")] = None,
    recordings: RecordingsOption = None,
    settings: SettingsOption = None,
) -> None:
    """Measure the recogniser on your own transcripts: error rates, roles, numbers, what it does to findings."""

    def work() -> int:
        from audit.commands.accuracy import measure

        return measure(reference, settings, {"model": model, "engine": engine, "recordings": recordings})

    _end(work)


@lexicons_app.command("train")
def lexicons_train(
    lexicons: LexiconsOption = None,
    store: StoreOption = None,
) -> None:
    """Train the second reader from the pack's examples and, with a store, from reviewers' verdicts."""

    def work() -> int:
        from audit.commands.train import train

        return train(lexicons, store)

    _end(work)


@clips_app.command("export")
def clips_export(
    out: OutOption,
    store: StoreOption = None,
    recordings: RecordingsOption = None,
    category: Annotated[str | None, typer.Option("--category", help="A category of the taxonomy.")] = None,
    verdict: Annotated[
        str | None, typer.Option("--verdict", help="confirmed, dismissed or escalated.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most this many clips.")] = 50,
    settings: SettingsOption = None,
) -> None:
    """Export masked clips: sound bleeped, text masked, a receipt for each."""

    def work() -> int:
        from audit.commands.clips import export

        return export(settings, {"store": store, "recordings": recordings}, out, category, verdict, limit)

    _end(work)


def main() -> None:
    """Entry of the `audit` program; a wrong call ends with status 2 (click's own)."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
        sys.stderr.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    app(standalone_mode=True)


if __name__ == "__main__":
    main()

"""`audit lexicons`: list the rules, test a pack by its gates, explain a text, ask the third reader about one."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from audit.errors import AuditError, LexiconError
from audit.lexicon import Pack, load_pack, load_with_faults
from audit.models import Finding, Turn
from audit.rules import Judge

if TYPE_CHECKING:
    from audit.commands.gates import Gates
    from audit.similar.model import Reader

app = typer.Typer(help="The lexicons: list, test, explain, ask.", no_args_is_help=True)
Directory = Annotated[Path | None, typer.Option("--lexicons", help="Another pack than the shipped one.")]
SettingsFile = Annotated[
    Path | None, typer.Option("--settings", metavar="FILE", help="Settings; default audit.toml.")
]
RuleName = Annotated[str | None, typer.Option("--rule", help="Only this rule (or all that begin with it).")]


def open_pack(directory: Path | None) -> Pack:
    """The pack, or exit status 2 with all its faults."""
    try:
        return load_pack(directory)
    except LexiconError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(error.exit_status) from error


def open_for(rule: str | None, directory: Path | None) -> Pack:
    """With one rule in mind, faults of other rules' files are only counted, so that authors do not wait."""
    if rule is None:
        return open_pack(directory)
    pack, faults = load_with_faults(directory)
    own = [fault for fault in faults if concerns(fault.path, rule)]
    for fault in own:
        typer.echo(str(fault), err=True)
    if len(faults) > len(own):
        typer.echo(f"{len(faults) - len(own)} faults in other files", err=True)
    if own:
        raise typer.Exit(2)
    return pack


def concerns(path: str, rule: str) -> bool:
    """Shared lists and excuses concern every rule."""
    return path.startswith("excuses/") or path.removesuffix(".yaml").replace("/", ".").startswith(rule)


@app.command("list")
def list_rules(lexicons: Directory = None, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Every rule with category, severity, status, languages and the number of its examples."""
    pack = open_pack(lexicons)
    rows = [
        {
            "rule": rule.id, "category": rule.category, "severity": rule.severity, "status": rule.status,
            "version": rule.version, "title": rule.title,
            "examples": {lang: len(block.examples) for lang, block in rule.blocks.items()},
            "ask": [lang for lang, block in rule.blocks.items() if block.ask],
        }
        for rule in pack.rules.values()
    ]  # fmt: skip
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        counts = " ".join(f"{lang}:{count}" for lang, count in row["examples"].items())  # type: ignore[attr-defined]
        asked = f" ask:{','.join(row['ask'])}" if row["ask"] else ""  # type: ignore[arg-type]
        typer.echo(f"{row['rule']:<48} {row['severity']:<9} {row['status']:<6} {counts}{asked}")
    typer.echo(f"{len(rows)} rules, pack {pack.name} {pack.version}, hash {pack.hash[:12]}")


@app.command("test")
def run_tests(
    lexicons: Directory = None,
    rule: RuleName = None,
    full: Annotated[
        bool, typer.Option("--full", help="Also gates 3 and 4: what no example meets, and noise.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Name everything: unmet pieces, lost examples, all moves.")
    ] = False,
    quiet: Annotated[
        list[Path] | None,
        typer.Option(help="Ordinary turns, one a line; default quiet/zh.txt and quiet/en.txt of the pack."),
    ] = None,
    update_golden: Annotated[
        bool, typer.Option("--update-golden", help="Keep what moved: write golden.txt anew.")
    ] = False,
    ask: Annotated[
        bool, typer.Option("--ask", help="Also the examples of rules in plain words, by the third reader.")
    ] = False,
    settings: SettingsFile = None,
) -> None:
    """The gates: 1 files hold, 2 every hit hits and no miss does, 5 quiet turns and the golden file; --full also
    3 (every piece of a rule is met by an example) and 4 (noise). Exit status 1 when one fails, 2 for faults."""
    from audit.commands.gates import Gates, quiet_files

    begun = time.perf_counter()
    if rule and update_golden:
        _refuse("--update-golden takes the whole pack, without --rule")
    pack = open_for(rule, lexicons)
    gates = Gates(pack, Judge(pack), rule, show)
    gates.examples()
    if rule is None or full:
        gates.quiet(quiet_files(pack, quiet or []), both=full and rule is None)
    gates.golden(update_golden)
    if full:
        gates.exercise()
        gates.noise()
    if ask:
        _ask_examples(gates, settings)
    chosen = gates.examples_seen or any(concerns(name.replace(".", "/"), rule or "") for name in pack.rules)
    seconds = time.perf_counter() - begun
    state = f"failed: {', '.join(gates.broken)}" if gates.broken else "all gates hold"
    typer.echo(f"{len(pack.rules)} rules, {gates.examples_seen} examples, {state}, {seconds:.1f} s", err=True)
    if gates.broken or not chosen:
        raise typer.Exit(1)


def _ask_examples(gates: Gates, settings: Path | None) -> None:
    """Gate 2 for rules in plain words: their examples go to the endpoint of the settings."""
    from audit.commands.asking import judge_plain_rules, required_asker

    try:
        failures, count = judge_plain_rules(gates.pack, required_asker(gates.pack, settings), gates.rule)
    except AuditError as error:
        _refuse(str(error))
    for failure in failures:
        typer.echo(str(failure))
    typer.echo(f"ask: {count} examples of rules in plain words, {len(failures)} failed")
    if failures:
        gates.broken.append("ask")


def _refuse(message: str) -> NoReturn:
    typer.echo(f"audit: {message}", err=True)
    raise typer.Exit(2)


@app.command()
def ask(
    text: Annotated[
        str | None, typer.Argument(help="A sentence; without one only the endpoint is checked.")
    ] = None,
    lexicons: Directory = None,
    speaker: Annotated[str, typer.Option(help="agent, customer or unknown")] = "agent",
    language: Annotated[str | None, typer.Option(help="zh or en; detected when not given")] = None,
    settings: SettingsFile = None,
) -> None:
    """Check the endpoint of the third reader and show what it says of TEXT (masked before it is sent)."""
    from audit.commands.asking import as_line, ask_text, check, required_asker
    from audit.phrases import detect_language

    try:
        asker = required_asker(open_pack(lexicons), settings)
        check(asker)
        if text is None:
            return
        shown = ask_text(asker, text, language or detect_language(text), speaker)
    except AuditError as error:
        _refuse(str(error))
    typer.echo(as_line(shown))
    if shown["answer"] is None or shown["wrong"]:
        raise typer.Exit(1)


@app.command()
def explain(
    text: str,
    lexicons: Directory = None,
    speaker: Annotated[str, typer.Option(help="agent, customer or unknown")] = "unknown",
    language: Annotated[str | None, typer.Option(help="zh or en; detected when not given")] = None,
    settings: SettingsFile = None,
) -> None:
    """What both readers make of TEXT: which rules, on which words, what excused a hit, how like it is to what."""
    from audit.phrases import detect_language, fold
    from audit.pipeline import with_second_reader
    from audit.similar import load

    pack, faults = load_with_faults(lexicons)
    if faults:
        typer.echo(f"{len(faults)} faults in the pack; run `audit lexicons test`", err=True)
    name = language or detect_language(text)
    folded = fold(text, name)
    words = " ".join(f"({t})" if soft else t for t, soft in zip(folded.tokens, folded.soft, strict=True))
    typer.echo(f"read as {name}: {words}")
    turn = Turn(0, speaker, text)  # type: ignore[arg-type]
    reader = load(None)
    first = Judge(pack).utterance(text, name, turn.speaker)
    findings = with_second_reader(first, reader, [turn], name)
    for finding in findings:
        typer.echo(line_of(finding))
    if not findings:
        typer.echo("nothing found")
    for line in second_lines(reader, turn, name):
        typer.echo(line)
    typer.echo(third_line(settings))


def second_lines(reader: Reader | None, turn: Turn, language: str) -> Iterator[str]:
    """The second reader's best category for each side that may have spoken, against what it must pass."""
    from audit.similar.likeness import likeness

    if reader is None:
        yield "second reader: not trained"
        return
    for likely in likeness(reader, turn, language):
        sign = ">" if likely.passes else "<="
        verdict = "named" if likely.passes else "not named"
        yield (
            f"second reader: {likely.side}: {likely.category} {likely.score:.2f} {sign} {likely.threshold:.2f}, "
            f"{verdict}; pieces: {', '.join(likely.pieces) or 'none'}"
        )


def third_line(settings_file: Path | None) -> str:
    """What the third reader is set to; nothing is asked."""
    from audit.settings import load_settings

    try:
        asking = load_settings(settings_file).asking
    except AuditError as error:
        return f"third reader: {error}"
    if asking.endpoint is None:
        return "third reader: off"
    return f"third reader: {asking.model} at {asking.endpoint}; `audit lexicons ask` tries it"


def line_of(finding: Finding) -> str:
    """One finding for reading."""
    state = f"excused by {finding.excused}" if finding.excused else finding.decision
    place = f"{finding.start}-{finding.end}"
    return f"{finding.rule}  `{finding.text}` at {place}, {finding.basis}, {finding.confidence:.2f}: {state}"


if __name__ == "__main__":
    app()

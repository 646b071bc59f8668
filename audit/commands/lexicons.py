"""`audit lexicons`: list the rules, test a pack by its own examples, explain what a text sets off."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from audit.errors import LexiconError
from audit.lexicon import Pack, load_pack, load_with_faults
from audit.models import Finding
from audit.rules import Judge

NOISE_MISSES_MOST = 0.04
app = typer.Typer(help="The lexicons: list, test, explain.", no_args_is_help=True)
Directory = Annotated[Path | None, typer.Option("--lexicons", help="Another pack than the shipped one.")]
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
        }
        for rule in pack.rules.values()
    ]  # fmt: skip
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        counts = " ".join(f"{lang}:{count}" for lang, count in row["examples"].items())  # type: ignore[attr-defined]
        typer.echo(f"{row['rule']:<48} {row['severity']:<9} {row['status']:<6} {counts}")
    typer.echo(f"{len(rows)} rules, pack {pack.name} {pack.version}, hash {pack.hash[:12]}")


@app.command("test")
def run_tests(
    lexicons: Directory = None,
    rule: RuleName = None,
    full: Annotated[
        bool, typer.Option("--full", help="Also clause coverage, noise and the quiet corpus.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Name every uncovered clause and every example lost to noise.")
    ] = False,
    quiet: Annotated[
        list[Path] | None, typer.Option(help="quiet_zh.txt, quiet_en.txt: ordinary turns, one a line.")
    ] = None,
) -> None:
    """Gates 1 and 2 (files hold, every hit hits, no miss does), with --full 3 to 5. Exit status 1 when one fails."""
    from audit.examples import run_examples

    begun = time.perf_counter()
    pack = open_for(rule, lexicons)
    judge = Judge(pack)
    failures = list(run_examples(pack, judge, rule))
    for failure in failures:
        typer.echo(str(failure))
    chosen = [r for r in pack.rules.values() if rule is None or r.id == rule or r.id.startswith(rule + ".")]
    count = sum(len(block.examples) for r in chosen for block in r.blocks.values())
    broken = bool(failures) or not chosen
    if full:
        broken |= further_gates(pack, judge, rule, quiet or [], show)
    seconds = time.perf_counter() - begun
    typer.echo(f"{len(chosen)} rules, {count} examples, {len(failures)} failed, {seconds:.1f} s", err=True)
    if broken:
        raise typer.Exit(1)


def further_gates(pack: Pack, judge: Judge, rule: str | None, quiet: list[Path], show: bool) -> bool:
    """Gates 3 to 5; True when a budget is exceeded. Coverage is told, not enforced."""
    from audit.examples import run_coverage, run_noise

    uncovered, total = run_coverage(pack, judge, rule)
    typer.echo(f"coverage: {total - len(uncovered)} of {total} clauses are noticed by an example")
    noise = run_noise(pack, judge, rule)
    typer.echo(
        f"noise: {noise.hits_lost:.1%} of hits and {noise.misses_lost:.1%} of misses change at 10 % errors"
    )
    for line in [*uncovered, *noise.failures] if show else []:
        typer.echo(str(line))
    return quiet_gate(judge, quiet) or noise.misses_lost > NOISE_MISSES_MOST


def quiet_gate(judge: Judge, files: list[Path]) -> bool:
    """False alarms on ordinary turns against the budget."""
    from audit.examples.quiet import BUDGET_PER_1000, run_quiet
    from audit.phrases import detect_language

    broken = False
    for path in files:
        text = path.read_text(encoding="utf-8")
        report = run_quiet(judge, text.splitlines(), detect_language(text))
        broken |= report.per_1000 > BUDGET_PER_1000
        typer.echo(
            f"quiet: {path.name}: {len(report.alarms)} alarms on {report.turns} turns, {report.per_1000:.1f} per 1,000"
        )
        for name, times in report.by_rule.most_common(10):
            typer.echo(f"  {name}: {times}")
    return broken


@app.command()
def explain(
    text: str,
    lexicons: Directory = None,
    speaker: Annotated[str, typer.Option(help="agent, customer or unknown")] = "unknown",
    language: Annotated[str | None, typer.Option(help="zh or en; detected when not given")] = None,
) -> None:
    """Which rules TEXT sets off, on which words, and what excused a hit."""
    from audit.phrases import detect_language, fold

    pack, faults = load_with_faults(lexicons)
    if faults:
        typer.echo(f"{len(faults)} faults in the pack; run `audit lexicons test`", err=True)
    name = language or detect_language(text)
    folded = fold(text, name)
    words = " ".join(f"({t})" if soft else t for t, soft in zip(folded.tokens, folded.soft, strict=True))
    typer.echo(f"read as {name}: {words}")
    findings = Judge(pack).utterance(text, name, speaker)  # type: ignore[arg-type]
    for finding in findings:
        typer.echo(line_of(finding))
    if not findings:
        typer.echo("nothing found")


def line_of(finding: Finding) -> str:
    """One finding for reading."""
    state = f"excused by {finding.excused}" if finding.excused else finding.decision
    place = f"{finding.start}-{finding.end}"
    return f"{finding.rule}  `{finding.text}` at {place}, {finding.basis}, {finding.confidence:.2f}: {state}"


if __name__ == "__main__":
    app()

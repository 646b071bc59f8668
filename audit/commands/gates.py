"""The gates of a pack, one after the other, each telling what it found; budgets stand in lexicon.yaml."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import typer

from audit.examples import golden as golden_file
from audit.examples import judge_examples, run_coverage, run_exercise, run_noise, run_quiet
from audit.examples.golden import Corpus
from audit.examples.quiet import QuietReport
from audit.lexicon import Pack
from audit.models import Finding, Turn
from audit.rules import Judge

LANGUAGES = ("zh", "en")


@dataclass(slots=True)
class Gates:
    """Runs gates over a pack, or over one rule of it. `broken` names the gates that did not hold."""

    pack: Pack
    judge: Judge
    rule: str | None = None
    show: bool = False
    broken: list[str] = field(default_factory=list)
    corpus: Corpus = field(default_factory=Corpus)
    examples_seen: int = 0

    def examples(self) -> None:
        """Gate 2: every hit hits, no miss does."""
        failed = 0
        for judged in judge_examples(self.pack, self.judge, self.rule):
            self.examples_seen += 1
            self.corpus.add_example(judged)
            if judged.failure is not None:
                failed += 1
                typer.echo(str(judged.failure))
        self._end("examples", failed == 0, f"examples: {self.examples_seen}, {failed} failed")

    def exercise(self) -> None:
        """Gate 3: what no example meets, against the budget; and, told only, what no example would miss."""
        report = run_exercise(self.pack, self.judge, self.rule)
        for line in report.unmet if self.show else ():
            typer.echo(str(line))
        for language in LANGUAGES:
            told = (
                f"exercise: {language}: {report.by_language[language]} pieces of rules are met by no example"
            )
            self._within("unexercised", language, report.by_language[language], told)
        unnoticed, total = run_coverage(self.pack, self.judge, self.rule)
        typer.echo(
            f"coverage (told): of {total} single changes to rules {total - len(unnoticed)} "
            "change the verdict on an example of the rule's own"
        )

    def noise(self) -> None:
        """Gate 4: the examples as a recogniser might write them."""
        for language in LANGUAGES:
            report = run_noise(self.pack, self.judge, self.rule, only=language)
            for line in report.failures if self.show else ():
                typer.echo(str(line))
            for gate, share, what in (
                ("noise_hits", report.hits_lost, "hits are lost"),
                ("noise_misses", report.misses_lost, "misses become hits"),
            ):
                told = f"noise: {language}: {share:.1%} of {what} when 10 % of the words are misheard"
                self._within(gate, language, share, told)

    def quiet(self, files: list[Path], both: bool) -> None:
        """Gate 5: false alarms on ordinary turns, by the rules and (`both`) with the second reader."""
        from audit.phrases import detect_language

        for path in files:
            text = path.read_text(encoding="utf-8")
            language = detect_language(text)
            report = run_quiet(self.judge, text.splitlines(), language)
            self.corpus.add_quiet(report, language)
            told = (
                f"quiet: {language}: {len(report.alarms)} alarms on {report.turns} turns, {{:.1f}} per 1,000"
            )
            self._within("quiet", language, report.per_1000, told.format(report.per_1000))
            for name, times in report.by_rule.most_common(10) if self.show else ():
                typer.echo(f"  {name}: {times}")
            if both:
                share = with_both(report, language)
                told = f"quiet: {language}: {share:.1f} alarms per 1,000 with the second reader"
                self._within("quiet_both", language, share, told)

    def golden(self, update: bool) -> None:
        """Gate 5: what moved against the golden file; `update` writes it anew."""
        path = golden_file.path_of(self.pack.directory)
        if not path.exists() and not update:
            typer.echo(f"golden: no {path.name} in this pack; --update-golden writes one")
            return
        known = path.exists()
        before = golden_file.load(path.read_text("utf-8")) if known else set()
        found = golden_file.moves(before, self.corpus, self.rule) if known else []
        for line in golden_file.told(found, 1000 if self.show else 5):
            typer.echo(line)
        if update and not self.broken:
            from audit.tables import atomic

            with atomic(path) as out:
                out.write(golden_file.dump(self.corpus))
            typer.echo(f"golden: {path.name} written, {len(self.corpus.rows)} findings")
            return
        told = f"golden: {len(found)} findings moved against {path.name}"
        meant = "; --update-golden keeps them, where they are meant" if found else ""
        # Of one rule alone the file cannot say whether the rest of the pack still holds: told, not failed.
        self._end("golden", not found or self.rule is not None, told + meant)

    def _within(self, gate: str, language: str, value: float, told: str) -> None:
        """Tell a figure and hold it against its budget, if the pack sets one; of one rule alone it is only told."""
        budget = self.pack.gates.get(gate, {}).get(language)
        if budget is None or self.rule is not None:
            typer.echo(told)
            return
        shown = f"{budget:.1%}" if gate.startswith("noise") else f"{budget:g}"
        self._end(gate, value <= budget, f"{told} (budget {shown})")

    def _end(self, gate: str, holds: bool, told: str) -> None:
        if not holds:
            self.broken.append(gate)
        typer.echo(told if holds else f"{told}: FAILED")


def quiet_files(pack: Pack, given: list[Path]) -> list[Path]:
    """The quiet corpora: those given, else `quiet/<language>.txt` of the pack, else in a clone the repository's."""
    if given:
        return given
    beside = pack.directory.resolve().parent / "tests" / "data"
    found = [pack.directory / "quiet" / f"{language}.txt" for language in LANGUAGES]
    if not any(path.exists() for path in found) and pack.name == "conduct":
        found = [beside / f"quiet_{language}.txt" for language in LANGUAGES]
    return [path for path in found if path.exists()]


def with_both(report: QuietReport, language: str) -> float:
    """Alarms per 1,000 quiet turns when the second reader weighs and adds."""
    from audit.pipeline import calls_with_second_reader
    from audit.similar import load

    turns = [(Turn(0, speaker, text),) for speaker, text, _ in report.heard]
    found = [findings for *_, findings in report.heard]
    both = calls_with_second_reader(found, load(None), turns, [language] * len(turns))
    alarms = sum(is_alarm(finding) for findings in both for finding in findings)
    return 1000 * alarms / report.turns if report.turns else 0.0


def is_alarm(finding: Finding) -> bool:
    """Whether a finding on a quiet turn is held against the agent."""
    return finding.excused is None and not finding.category.startswith(("customer.", "good."))

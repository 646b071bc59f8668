"""What a word is per language, folding with exact offsets, the phrase language and its matcher."""

from __future__ import annotations

from audit.phrases.automaton import Lists, Matcher, Span
from audit.phrases.folding import Folded, detect_language, fold
from audit.phrases.grammar import Node, PhraseFault, names_in, parse

__all__ = [
    "Folded",
    "Lists",
    "Matcher",
    "Node",
    "PhraseFault",
    "Span",
    "detect_language",
    "fold",
    "names_in",
    "parse",
]

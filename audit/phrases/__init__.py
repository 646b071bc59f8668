"""What a word is per language, folding with exact offsets, the phrase language and its matcher."""

from __future__ import annotations

from audit.phrases.folding import Folded, detect_language, fold
from audit.phrases.grammar import Node, PhraseError, names_in, parse, renamed
from audit.phrases.matcher import Matcher
from audit.phrases.parts import Lists, Span

__all__ = [
    "Folded",
    "Lists",
    "Matcher",
    "Node",
    "PhraseError",
    "Span",
    "detect_language",
    "fold",
    "names_in",
    "parse",
    "renamed",
]

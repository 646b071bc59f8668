"""Writes out what a pattern without repeats can match, so that an automaton can look for all of it at once."""

from __future__ import annotations


def written_out(pattern: str) -> list[str]:
    """All texts the pattern matches: letters, `(?:a|b)`, `?`, `[ab]` and `\\.`; nothing else is understood.

    Raises:
        ValueError: the pattern holds a repeat or a class with ranges.
    """
    found, rest = _choice(pattern, 0)
    if rest != len(pattern):
        raise ValueError(f"unbalanced at {rest}")
    return sorted(set(found))


def _choice(pattern: str, at: int) -> tuple[list[str], int]:
    """Alternatives up to a closing bracket or the end, and where that stands."""
    found, begun = list[str](), [""]
    while at < len(pattern) and pattern[at] != ")":
        if pattern[at] == "|":
            found, begun, at = found + begun, [""], at + 1
            continue
        piece, at = _piece(pattern, at)
        if pattern[at : at + 1] == "?":
            piece, at = [*piece, ""], at + 1
        begun = [left + right for left in begun for right in piece]
    return found + begun, at


def _piece(pattern: str, at: int) -> tuple[list[str], int]:
    if pattern.startswith("(?:", at):
        inner, end = _choice(pattern, at + 3)
        return inner, end + 1
    if pattern[at] == "[":
        end = pattern.index("]", at)
        signs = pattern[at + 1 : end]
        if "-" in signs.strip("-"):
            raise ValueError(f"a range at {at}")
        return list(signs), end + 1
    if pattern[at] == "\\":
        return [pattern[at + 1]], at + 2
    if pattern[at] in "*+{}.^$(":
        raise ValueError(f"{pattern[at]!r} at {at}")
    return [pattern[at]], at + 1

"""Thousands of texts read at once: which strings of words occur in which sentence, and what they make possible."""

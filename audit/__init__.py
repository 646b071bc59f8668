"""Conduct audit of outsourced debt collection: recordings and a call log in, decided cases out."""

__version__ = "0.1.0"

"""Pieces the pages share: the surface they draw on, the desk of who is at work, filters, charts."""

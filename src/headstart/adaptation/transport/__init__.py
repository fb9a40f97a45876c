"""Optimal transport: carry each source row, with its label, to where the target has room for it."""

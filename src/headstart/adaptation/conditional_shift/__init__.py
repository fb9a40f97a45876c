"""Conditional shift: each class moves in its own way, or some classes are missing on one side."""

"""Summands of a training objective."""

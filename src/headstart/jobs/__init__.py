"""Whole jobs, from data to a proven result."""

"""Datasets: reading, preflight, splitting."""

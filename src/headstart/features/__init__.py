"""Extraction and the store: a frozen value is computed once, ever."""

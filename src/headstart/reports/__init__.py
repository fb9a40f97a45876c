"""What a run found out, for people: an HTML page, a model card, a table for the terminal."""

from __future__ import annotations

from headstart.reports.card import model_card
from headstart.reports.page import render, write
from headstart.reports.table import comparison_table

__all__ = ["comparison_table", "model_card", "render", "write"]

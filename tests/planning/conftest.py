"""Fixtures of this room."""

from __future__ import annotations

import pytest

from headstart.planning.plan import Plan

from .worlds import made_plan


@pytest.fixture
def plan() -> Plan:
    return made_plan()

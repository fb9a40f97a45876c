"""Names to things: one visible table per area, plugins by the same door, nothing imported until asked for."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any

from headstart.errors import MissingExtra, UnknownName


class Registry(Mapping[str, Any]):
    """A table from names to `module:attribute`; entry points `headstart.<kind>` add a plugin's names.

    >>> heads = Registry("head", ridge="headstart.heads.ridge:Ridge")
    >>> list(heads)
    ['ridge']
    """

    def __init__(self, kind: str, **targets: str) -> None:
        self.kind = kind
        self._targets = targets
        self._plugins: dict[str, str] | None = None

    def _table(self) -> dict[str, str]:
        if self._plugins is None:
            group = f"headstart.{self.kind.replace(' ', '_')}"
            self._plugins = {point.name: point.value for point in entry_points(group=group)}
        return {**self._plugins, **self._targets}

    def __getitem__(self, name: str) -> Any:
        table = self._table()
        if name not in table:
            raise UnknownName(self.kind, name, table)
        module, _, attribute = table[name].partition(":")
        return getattr(importlib.import_module(module), attribute)

    def __contains__(self, name: object) -> bool:
        return name in self._table()

    def __iter__(self) -> Iterator[str]:
        return iter(self._table())

    def __len__(self) -> int:
        return len(self._table())


def require(module: str, *, extra: str) -> ModuleType:
    """Import an optional package where it is used; one line says how to get it when it is missing.

    Raises `MissingExtra` when the package is absent, or present and broken (the cause is named).
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as cause:
        package = module.partition(".")[0]
        raise MissingExtra(f"{package} is not installed; run: pip install 'headstart[{extra}]'") from cause
    except (ImportError, OSError, RuntimeError) as cause:
        raise MissingExtra(
            f"{module} is installed but does not import ({cause}); `headstart doctor` says what is wrong"
        ) from cause

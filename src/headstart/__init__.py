"""headstart: transfer learning by measurement: when it helps, which knowledge to move, and how.

>>> import headstart as hs
>>> photos = hs.read("photos/")                  # doctest: +SKIP
>>> result = hs.transfer(photos)                 # doctest: +SKIP
>>> result.model.save("model/")                  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

# Public name -> where it lives. Nothing is imported before it is asked for: `import headstart` needs no torch.
_PUBLIC = {
    "Dataset": "headstart.data.dataset",
    "Store": "headstart.features.store",
    "adapt": "headstart.jobs.adapting",
    "diagnose": "headstart.jobs.diagnosing",
    "errors": "headstart",
    "extract": "headstart.features.extraction",
    "heads": "headstart",
    "load": "headstart.models.folder",
    "open_backbone": "headstart.backbones.opening",
    "plan": "headstart.jobs.planning",
    "preflight": "headstart.data.inspection",
    "rank": "headstart.jobs.ranking",
    "read": "headstart.data.reading",
    "split": "headstart.data.splitting",
    "study": "headstart.jobs.studying",
    "transfer": "headstart.jobs.transferring",
}

__all__ = ["__version__", *sorted(_PUBLIC)]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'headstart' has no attribute '{name}'; public names: {', '.join(__all__)}")
    home = _PUBLIC[name]
    if home == "headstart":
        return importlib.import_module(f"headstart.{name}")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return __all__

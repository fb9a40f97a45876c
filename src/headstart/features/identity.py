"""What made a stored value, as canonical JSON and its digest: change any part and nothing old is found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from headstart.errors import StoreError

FORMAT = 1  # of shards and folders; a store written in another format is left alone and never read


def canonical(extractor: Mapping[str, Any]) -> str:
    """JSON with sorted keys and no blanks, so that equal extractors are equal bytes."""
    try:
        return json.dumps(dict(extractor), sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as cause:
        raise StoreError(
            f"an extractor is described by plain JSON values, got {dict(extractor)!r} ({cause})"
        ) from cause


def extractor_id(extractor: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of the canonical JSON."""
    return hashlib.sha256(canonical(extractor).encode()).hexdigest()


def difference(wanted: Mapping[str, Any], stored: Mapping[str, Any]) -> tuple[str, ...]:
    """The names under which two extractors differ."""
    return tuple(sorted(key for key in {*wanted, *stored} if wanted.get(key) != stored.get(key)))

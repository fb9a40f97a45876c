"""What went wrong with the Hugging Face hub, in one sentence."""

from __future__ import annotations

import os

_CAUSES = {
    "OfflineModeIsEnabled": "offline mode is on and the files are not in the local cache",
    "LocalEntryNotFoundError": "the files are not in the local cache and the hub cannot be reached",
    "GatedRepoError": "its owners ask you to accept terms on its page first, then to log in (hf auth login)",
    "RepositoryNotFoundError": "the hub has no such model, or it is private",
    "RevisionNotFoundError": "the hub has the model but not this revision",
    "EntryNotFoundError": "the hub has the model but a file is missing there",
    "ConnectionError": "the hub cannot be reached",
    "ConnectError": "the hub cannot be reached",
    "Timeout": "the hub did not answer in time",
}


def one_sentence(name: str, cause: BaseException) -> str:
    """Why `name` cannot be had from the hub, and what to do; the chain of causes is searched for what is known."""
    offline = os.environ.get("HF_HUB_OFFLINE", "0").lower() in ("1", "true", "yes", "on")
    remedy = "unset HF_HUB_OFFLINE to download it" if offline else "check the name and the connection"
    return f"cannot get the weights of '{name}': {_reason(cause)}; {remedy}, or name a local file or folder"


def _reason(cause: BaseException) -> str:
    current: BaseException | None = cause
    while current is not None:
        for kind in type(current).__mro__:
            if kind.__name__ in _CAUSES:
                return _CAUSES[kind.__name__]
        current = current.__cause__ or current.__context__
    first = str(cause).strip().splitlines()
    return first[0].rstrip(".") if first else type(cause).__name__

"""REST over several edges of one Region: a drop-in ``http_client`` for the official library, and sessions without it.

::

    from twilio.rest import Client
    from voicedr.runtime.edge import EdgeHttpClient

    client = Client(sid, token, http_client=EdgeHttpClient(region="us1", edges=("ashburn", "umatilla")))

The sessions need the standard library alone. The two HTTP clients need ``twilio``, and are imported when named.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from voicedr.runtime.edge.async_session import AsyncEdgeSession
from voicedr.runtime.edge.circuit import Limits
from voicedr.runtime.edge.events import EdgeEvent, Kind
from voicedr.runtime.edge.failures import EdgeError, MayHaveTakenEffect, NotAnswered, NotDelivered
from voicedr.runtime.edge.metrics import EdgeMetrics
from voicedr.runtime.edge.sync_session import EdgeSession

if TYPE_CHECKING:
    from voicedr.runtime.edge.async_library_client import AsyncEdgeHttpClient
    from voicedr.runtime.edge.library_client import EdgeHttpClient

__all__ = [
    "AsyncEdgeHttpClient",
    "AsyncEdgeSession",
    "EdgeError",
    "EdgeEvent",
    "EdgeHttpClient",
    "EdgeMetrics",
    "EdgeSession",
    "Kind",
    "Limits",
    "MayHaveTakenEffect",
    "NotAnswered",
    "NotDelivered",
]

_WHEN_NAMED = {"AsyncEdgeHttpClient": "async_library_client", "EdgeHttpClient": "library_client"}


def __getattr__(name: str) -> Any:
    """Import what needs ``twilio`` when it is named.

    Raises:
        ImportError: If it is not installed.
    """
    if name not in _WHEN_NAMED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(importlib.import_module(f"{__name__}.{_WHEN_NAMED[name]}"), name)
    except ModuleNotFoundError as exc:
        if exc.name is None or exc.name.partition(".")[0] not in {"twilio", "aiohttp", "requests"}:
            raise
        raise ImportError(
            f"{name} needs the package twilio, which is not installed: pip install twilio. Without it, "
            f"use {name.replace('HttpClient', 'Session')}."
        ) from exc

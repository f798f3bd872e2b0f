"""The official library's client for the active Region, with its key, on several edges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voicedr.runtime.region.current import Current


def client_for(now: Current, account_sid: str, options: Mapping[str, Any]) -> Any:
    """A client. Nothing is connected yet.

    Raises:
        LookupError: If no Region is active, or its credentials are not there.
        ImportError: If ``twilio`` is not installed.
    """
    if now.region is None:
        raise LookupError(f"no Region is active yet, so there is no client ({now.problem or 'no document'})")
    if now.credentials is None:
        raise LookupError(
            f"there are no credentials for {now.region} ({now.problem or 'none were given'}):"
            f" give regions.{now.region}.api_key and api_secret"
        )
    try:
        from twilio.rest import Client  # type: ignore[import-untyped]
    except ImportError as exc:
        raise ImportError("a client needs the package twilio, which is not installed: pip install twilio") from exc
    from voicedr.runtime.edge import EdgeHttpClient

    return Client(
        now.credentials.api_key,
        now.credentials.api_secret,
        account_sid,
        region=now.region,
        http_client=EdgeHttpClient(region=now.region, edges=now.edges, **options),
    )

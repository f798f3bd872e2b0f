"""Alerts by Apprise, to the addresses that the workbook refers to. An address holds secrets and is in no message."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from voicedr.adapters.secrets import SecretError, resolve
from voicedr.ports.alerts import AlertError

ALERT_S_MAX = 20.0
"""Whoever breaks glass waits at most so long for the alerts."""


class AppriseAlerts:
    """Sends to addresses as Apprise takes them (https://github.com/caronc/apprise, read 2026-11-21)."""

    def __init__(self, references: Sequence[str], environ: Mapping[str, str] | None = None) -> None:
        self._references = references
        self._environ = environ

    async def send(self, title: str, text: str) -> int:
        """See the port. Each address is tried, one beside the other."""
        results = await asyncio.gather(
            *(
                asyncio.wait_for(asyncio.to_thread(self._send, one, title, text), ALERT_S_MAX)
                for one in self._references
            ),
            return_exceptions=True,
        )
        failed = [
            f"{reference}: {_why(result)}"
            for reference, result in zip(self._references, results, strict=True)
            if isinstance(result, BaseException)
        ]
        if failed:
            told = len(results) - len(failed)
            raise AlertError(
                f"{told} of {len(results)} addresses took the alert; {'; '.join(failed)}. Tell people by telephone."
            )
        return len(results)

    def _send(self, reference: str, title: str, text: str) -> None:
        try:
            import apprise
        except ImportError as exc:
            raise AlertError("Apprise is not installed: pip install 'voicedr[alerts]'") from exc
        address = resolve(reference) if self._environ is None else resolve(reference, self._environ)
        service: Any = apprise.Apprise()
        if not service.add(address):
            raise AlertError("what is there is no address that Apprise takes")
        if not service.notify(title=title, body=text):
            raise AlertError("it did not take the alert")


def _why(failure: BaseException) -> str:
    if isinstance(failure, TimeoutError):
        return f"no answer in {ALERT_S_MAX:g} s"
    # Only our own messages are repeated: another's may hold the address.
    return str(failure) if isinstance(failure, AlertError | SecretError) else type(failure).__name__

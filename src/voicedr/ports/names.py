"""Host names as this machine's resolver knows them."""

from __future__ import annotations

from typing import Protocol


class NamesFailed(Exception):
    """The name could not be asked for: no answer, or an answer that is none. Nobody knows what it has."""


class Names(Protocol):
    """A resolver."""

    async def addresses(self, host: str) -> tuple[str, ...]:
        """Every IPv4 and IPv6 address of a host, sorted; empty: the name does not exist or has none.

        Raises:
            NamesFailed: If nobody could say.
        """
        ...

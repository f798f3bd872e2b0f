"""Asking for credentials, and knowing which of the nonces that come back are ours (RFC 3261 section 22, RFC 8760)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from voicedr.wire.sip.digest import BadDigest, Challenge, Credentials, read_credentials

NONCE_S = 300.0
"""How long a nonce is good. Assumption."""

NONCES_MAX = 10_000

ALGORITHMS = ("MD5", "SHA-256")
"""What is asked for, one header each. The first is the one that every device knows; most look at no other."""


class Challenges:
    """The nonces that were given and are still good, the oldest first."""

    def __init__(self, mint: Callable[[str], str], now: Callable[[], float]) -> None:
        self._mint = mint
        self._now = now
        self._nonces: dict[str, float] = {}

    def ask(self, realm: str, *, stale: bool = False) -> list[str]:
        """The values of the headers that ask for credentials.

        Args:
            stale: Credentials came, and only their nonce was too old: nobody has to be asked for the password again.
        """
        while len(self._nonces) >= NONCES_MAX:
            del self._nonces[next(iter(self._nonces))]
        nonce = self._mint("")
        self._nonces[nonce] = self._now() + NONCE_S
        return [Challenge(realm, nonce, algorithm, stale=stale).header() for algorithm in ALGORITHMS]

    def read(self, values: Iterable[str]) -> tuple[Credentials | None, bool]:
        """The credentials with a nonce that is still good, and whether there were others only."""
        stale = False
        for value in values:
            try:
                shown = read_credentials(value)
            except BadDigest:
                continue
            if self._nonces.get(shown.nonce, 0.0) >= self._now():
                return shown, False
            stale = True
        return None, stale

"""Host names as this machine's own resolver has them, each within a time limit.

A name that does not exist and a resolver that does not answer are two things: of the first it is known that it has no
address.
"""

from __future__ import annotations

import socket

from voicedr.adapters.reachability import aside
from voicedr.ports.names import NamesFailed

NAME_S_MAX = 4.0
"""As long as an SBC waits before it tries the next address (https://www.twilio.com/docs/sip-trunking)."""

_NOT_THERE = {socket.EAI_NONAME, socket.EAI_NODATA} if hasattr(socket, "EAI_NODATA") else {socket.EAI_NONAME}


class SystemNames:
    """``Names`` by the resolver that this machine is configured with.

    Args:
        within_s: Seconds for one name.
    """

    def __init__(self, within_s: float = NAME_S_MAX) -> None:
        self._within_s = within_s

    async def addresses(self, host: str) -> tuple[str, ...]:
        """See ``Names``."""
        try:
            found = await aside(lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM), self._within_s)
        except TimeoutError as exc:
            raise NamesFailed(f"no resolver said within {self._within_s:g} s where {host[:100]} is") from exc
        except socket.gaierror as exc:
            if exc.errno in _NOT_THERE:
                return ()
            raise NamesFailed(f"the resolver could not say where {host[:100]} is ({exc.strerror})") from exc
        except (OSError, UnicodeError) as exc:
            raise NamesFailed(f"{host[:100]!r} could not be asked for ({exc})") from exc
        return tuple(sorted({str(one[4][0]) for one in found}))

"""How one attempt can end, and what each ending allows.

| ending | delivered? | a read | a write |
| --- | --- | --- | --- |
| answer below 500, not 429 | yes | is the answer | is the answer |
| 429 | yes, not executed | waits, same edge | waits, same edge, if it says 20429 or when to come back |
| 5xx | yes | next edge | is the answer: not repeated |
| no name, refused, no connection in time, TLS failed, proxy did not let through | no | next edge | next edge |
| reset, closed, silence, nonsense after the request was sent | nobody knows | next edge | raises |

429 is a limit of the account, executed nothing and is safe to repeat (https://www.twilio.com/docs/api/errors/20429,
read 2026-11-21); another edge leads to the same account. That a 5xx was not executed is not documented.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from voicedr.runtime.edge.headers import Headers

READS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Safe methods (RFC 9110 section 9.2.1). PUT and DELETE are idempotent there, and yet a second DELETE answers 404 for
what the first one did: they are writes here."""


class Why(StrEnum):
    """Why an attempt has no answer."""

    NO_NAME = "no_name"
    NAME_LATE = "name_late"
    REFUSED = "refused"
    CONNECT_LATE = "connect_late"
    CONNECT_LOST = "connect_lost"
    TLS_NAME_MISMATCH = "tls_name_mismatch"
    TLS_UNTRUSTED = "tls_untrusted"
    TLS_FAILED = "tls_failed"
    PROXY_UNREACHED = "proxy_unreached"
    PROXY_REFUSED = "proxy_refused"
    NO_TURN = "no_turn"
    RESET = "reset"
    CLOSED = "closed"
    READ_LATE = "read_late"
    OVERTAKEN = "overtaken"
    NONSENSE = "nonsense"
    TOO_LARGE = "too_large"


UNDELIVERED = frozenset({
    Why.NO_NAME, Why.NAME_LATE, Why.REFUSED, Why.CONNECT_LATE, Why.CONNECT_LOST, Why.TLS_NAME_MISMATCH,
    Why.TLS_UNTRUSTED, Why.TLS_FAILED, Why.PROXY_UNREACHED, Why.PROXY_REFUSED, Why.NO_TURN,
})  # fmt: skip
"""The request's first byte was not written: no edge can have executed it."""

NOT_THE_EDGE = frozenset({Why.PROXY_UNREACHED, Why.NO_TURN})
"""Says nothing about the edge."""

LATE = frozenset({Why.NAME_LATE, Why.CONNECT_LATE, Why.READ_LATE, Why.NO_TURN})

SAID = {
    Why.NO_NAME: "its name does not resolve",
    Why.NAME_LATE: "its name was not resolved in time",
    Why.REFUSED: "refused the connection",
    Why.CONNECT_LATE: "no connection in time",
    Why.CONNECT_LOST: "the connection was lost before the request was sent",
    Why.TLS_NAME_MISMATCH: "its certificate is for other names, so it is not an edge of this Region",
    Why.TLS_UNTRUSTED: "its certificate is not trusted",
    Why.TLS_FAILED: "TLS failed",
    Why.PROXY_UNREACHED: "the proxy was not reached",
    Why.PROXY_REFUSED: "the proxy did not let it through",
    Why.NO_TURN: "no connection of the pool was free in time",
    Why.RESET: "the connection was reset",
    Why.CLOSED: "the connection was closed without an answer",
    Why.READ_LATE: "no answer in time",
    Why.OVERTAKEN: "another edge answered first",
    Why.NONSENSE: "the answer is not HTTP",
    Why.TOO_LARGE: "the answer is larger than allowed",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Has the attributes that the official library reads of its own response."""

    status_code: int
    headers: Headers
    content: str
    edge: str = ""
    cached: bool = False

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return self.status_code < 400


class Lost(Exception):
    """An attempt had no answer.

    Attributes:
        reused: It was on a connection that had been idle, which the edge may have closed meanwhile.
        detail: What the machine said, without anything of the request.
    """

    def __init__(self, why: Why, detail: str = "", *, reused: bool = False) -> None:
        super().__init__(why.value, detail)
        self.why = why
        self.detail = detail
        self.reused = reused

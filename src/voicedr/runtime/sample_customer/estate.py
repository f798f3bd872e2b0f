"""What Acme Clinics owns: 200 numbers, two trunks and a SIP domain, in four flows.

One list, so that the account, the workbook and the application speak of the same things. All of it is made up: the
numbers lie in the 555 exchange and the hosts end in ``.example``.
"""

from __future__ import annotations

from dataclasses import dataclass


def _block(first: int, count: int) -> tuple[str, ...]:
    return tuple(f"+1415555{line:04d}" for line in range(first, first + count))


SUPPORT_LINE = _block(100, 118)
"""The support line: the flow that is protected best."""

SALES = _block(300, 40)
DISPATCH = _block(400, 30)
"""Dispatch of nurses to patients: the first twenty numbers on ``DISPATCH_TRUNK``, the others on ``YARD_TRUNK``."""

LOBBY = _block(500, 12)
"""Lobby telephones; in-house handsets come in over ``LOBBY_DOMAIN``."""

NUMBERS = (*SUPPORT_LINE, *SALES, *DISPATCH, *LOBBY)

DISPATCH_TRUNK = "acme-dispatch.pstn.twilio.com"
YARD_TRUNK = "acme-yard.pstn.twilio.com"
LOBBY_DOMAIN = "acme-lobby.sip.twilio.com"

CANARY = SUPPORT_LINE[:2]
"""Test lines that nobody outside has been told of."""

LOW_RISK = SUPPORT_LINE[2:18]
PRIORITY = SUPPORT_LINE[18:58]
REST = SUPPORT_LINE[58:]

TEST_CALLER = LOBBY[-1]
"""Our test calls come from here: a number of the account, because verified caller IDs do not exist outside us1
(https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability, read 2026-11-21)."""

SALES_DESK = "+14155559999"
DUTY_DISPATCHER = "+14155559998"
RECEPTION = "+14155559997"
"""Desks on another carrier. They belong to nobody's account here and are only dialled."""


@dataclass(frozen=True, slots=True)
class CustomerUrls:
    """Base URLs of the application's processes, each on an address of its own: ``http://127.0.0.1:9001``.

    Attributes:
        primary: The instance beside us1.
        standby: The instance beside ie1.
        fallback: The one that shares nothing with either.
    """

    primary: str
    standby: str
    fallback: str

    def __post_init__(self) -> None:
        for name in ("primary", "standby", "fallback"):
            object.__setattr__(self, name, getattr(self, name).rstrip("/"))

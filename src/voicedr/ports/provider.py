"""What we need of a provider, one Region at a time, through that Region's own hosts and key.

ProviderError
├── Refused        it cannot happen: the provider said no. Nothing changed
│   └── WrongCredential   the key is wrong, revoked, or of another Region: nobody can tell which
├── Throttled      it did not happen: too many requests at once. Say it again, later and slower
├── Unreachable    it did not happen: the request reached nobody. Nothing changed
├── TooLarge       it is larger than was asked for. Nothing changed
└── Unsettled      nobody knows: delivered, or may have been, and not answered. Look before repeating
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from voicedr.program.readiness.kinds import Kind, Resource, Value
from voicedr.program.readiness.resources import (
    Alert,
    Application,
    CallRecord,
    NumberConfig,
    Routable,
    Route,
    SipDomain,
    Trunk,
)
from voicedr.program.reconciliation.kept import Kept, KeptKind, Media, MediaForm
from voicedr.program.vocabulary import Region


class ProviderError(Exception):
    """What, to which thing, how it stands now, and the next step."""


class Refused(ProviderError):
    """The provider said no. Nothing changed; saying it again says no again.

    Attributes:
        status: The HTTP status.
        code: The provider's error code, or None if it gave none.
        unserved: True if it said that the Region does not have such things at all.
    """

    def __init__(self, message: str, *, status: int, code: int | None, unserved: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.unserved = unserved


class WrongCredential(Refused):
    """401/20003: a wrong secret and another Region's key look the same (https://www.twilio.com/docs/api/errors/20003)."""


class Throttled(ProviderError):
    """429/20429. It was not executed; repeating is safe with any method.

    Attributes:
        retry_after_s: What the answer asked for, or None.
    """

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unreachable(ProviderError):
    """The request reached nobody. Nothing changed."""


class TooLarge(ProviderError):
    """It is there, and larger than the caller takes. Nothing changed; ask for more bytes."""


class Unsettled(ProviderError):
    """Delivered, or may have been, and not answered (or answered 5xx to a write). Read back before repeating."""


class RegionalProvider(Protocol):
    """A provider account as one Region shows it. Every method may raise any ``ProviderError`` but ``Unsettled``,
    which only ``create``, ``update``, ``remove``, ``set_route`` and ``place_call`` raise: a read that was not answered
    changed nothing and is ``Unreachable``.
    """

    @property
    def region(self) -> Region:
        """The Region whose hosts and key are used."""
        ...

    async def check_credential(self) -> None:
        """Ask for something that any standard key may read.

        Raises:
            WrongCredential: If the key is refused in this Region.
        """
        ...

    async def numbers(self) -> Sequence[NumberConfig]:
        """Every number of the account, with this Region's voice configuration. All pages."""
        ...

    async def applications(self) -> Sequence[Application]:
        """Every TwiML App of this Region."""
        ...

    async def trunks(self) -> Sequence[Trunk]:
        """Every trunk of this Region with its origination URIs."""
        ...

    async def sip_domains(self) -> Sequence[SipDomain]:
        """Every SIP domain of this Region."""
        ...

    async def resources(self, kind: Kind, parent_sid: str | None = None) -> Sequence[Resource]:
        """Every resource of a kind, all pages; of a kind with a parent, those of that parent."""
        ...

    async def create(self, kind: Kind, fields: Mapping[str, Value], parent_sid: str | None = None) -> Resource:
        """Make one, and give what the provider answered.

        Args:
            kind: Its kind; one that can be made.
            fields: By the provider's names (``voice_url``).
            parent_sid: What it belongs to.

        Raises:
            Refused, Throttled, Unreachable: Nothing changed.
            Unsettled: It may be there. List the kind before repeating.
        """
        ...

    async def update(
        self, kind: Kind, sid: str, fields: Mapping[str, Value], parent_sid: str | None = None
    ) -> Resource:
        """Set fields of one, and give what the provider answered; None empties a field. Twice is once.

        Raises:
            Refused, Throttled, Unreachable: Nothing changed.
            Unsettled: It may have changed. Read it before repeating.
        """
        ...

    async def remove(self, kind: Kind, sid: str, parent_sid: str | None = None) -> None:
        """Take one off. One that is not there any more is off; twice is once.

        Raises:
            Refused, Throttled, Unreachable: Nothing changed.
            Unsettled: It may be off. List the kind before repeating.
        """
        ...

    async def route(self, subject: Routable) -> Route | None:
        """The stored route; None where none was ever set, which means us1."""
        ...

    async def set_route(self, subject: Routable, region: Region) -> Route:
        """Route a subject's calls to a Region, and give what the provider answered. Twice is once.

        The answer comes before the effect: propagation takes up to five minutes.

        Raises:
            Refused, Throttled, Unreachable: Nothing changed.
            Unsettled: It may have changed. Read the route before repeating.
        """
        ...

    async def place_call(self, *, from_: str, to: str, twiml: str) -> str:
        """Place an outbound call through this Region and give its SID.

        Raises:
            Unsettled: A call may have been placed. Never repeat on a guess: a person's telephone rings.
        """
        ...

    async def calls(
        self, *, to: str | None = None, started_after: datetime | None = None, limit: int = 1000
    ) -> Sequence[CallRecord]:
        """This Region's call log, newest first. ``started_after`` is exact, not by day."""
        ...

    async def alerts(self, *, since: datetime, limit: int = 1000) -> Sequence[Alert]:
        """This Region's errors and warnings, newest first. The provider keeps 30 days."""
        ...

    async def kept(self, kind: KeptKind, *, since: datetime, until: datetime, limit: int = 1000) -> Sequence[Kept]:
        """What this Region keeps of a time, newest first, each whole. Both ends are exact to the second.

        Recordings that were deleted are among them as long as the provider says that they were there.
        """
        ...

    async def media(self, recording_sid: str, *, form: MediaForm, bytes_max: int) -> Media:
        """The sound of one of this Region's recordings, whole.

        Raises:
            TooLarge: If it has more bytes.
        """
        ...

"""One request to one resource, taken apart: what is asked, of which Region, and with which fields."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from voicedr.twin.api.answers import Refused, not_found
from voicedr.twin.api.hosts import Host
from voicedr.twin.calls.orders import Change, Instructions, RecordingChanged
from voicedr.twin.world.model import Call, RegionStore, World
from voicedr.wire.http import Response

QUEUED_S_MAX = 86_400.0
"""A call that would wait longer for its turn is refused."""


@dataclass(frozen=True, slots=True)
class PlaceCall:
    """Ring somebody for a call that was created by REST."""

    region: str
    call_sid: str
    instructions: Instructions


@dataclass(frozen=True, slots=True)
class ModifyCall:
    """Change a live call."""

    region: str
    call_sid: str
    change: Change


@dataclass(frozen=True, slots=True)
class Stir:
    """A conference was changed: whoever is in it looks again."""

    sid: str


Order = PlaceCall | ModifyCall | Stir | RecordingChanged


@dataclass(slots=True)
class Ask:
    """A request after authentication.

    Attributes:
        ids: What stands in the path where its pattern has a name in braces.
        user: The key or account that asks.
        orders: What the shell has to do afterwards.
        queued_s: How long a call that is made now waits for its turn in this Region.
    """

    world: World
    store: RegionStore
    host: Host
    now: float
    method: str
    path: str
    query_text: str
    body: bytes
    user: str
    ids: dict[str, str] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    queued_s: float = 0.0
    _form: dict[str, list[str]] | None = None
    _query: dict[str, list[str]] | None = None

    @property
    def region(self) -> str:
        """The Region that processes it."""
        return self.host.region

    @property
    def form(self) -> dict[str, list[str]]:
        """The fields of the body. Empty values are kept: they clear."""
        if self._form is None:
            try:
                self._form = _fields(self.body.decode())
            except ValueError as exc:
                raise Refused(400, 20001, f"The body is not form fields in UTF-8: {exc}") from exc
        return self._form

    @property
    def query(self) -> dict[str, list[str]]:
        """The fields of the query string."""
        if self._query is None:
            self._query = _fields(self.query_text)
        return self._query

    def given(self, name: str) -> str | None:
        """A field of the body: None if it is not sent, empty if it is to be cleared."""
        values = self.form.get(name)
        return values[-1] if values else None

    def required(self, name: str, code: int = 20001) -> str:
        """A field of the body that has to be there.

        Raises:
            Refused: If it is absent or empty.
        """
        value = self.given(name)
        if not value:
            raise Refused(400, code, f"Missing required parameter {name} in the post body")
        return value

    def whole(self, name: str, otherwise: int, least: int, most: int, code: int = 20001) -> int:
        """A whole number of the body.

        Raises:
            Refused: If it is none, or out of range.
        """
        text = self.given(name)
        if not text:
            return otherwise
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise Refused(400, code, f"{name} is {text!r}; give a whole number from {least} to {most}")
        return int(text)

    def one_of(self, name: str, otherwise: str, known: Sequence[str], code: int = 20001) -> str:
        """A field of the body that is one of some words.

        Raises:
            Refused: If it is another.
        """
        value = self.given(name)
        if not value:
            return otherwise
        if value not in known:
            raise Refused(400, code, f"{name} is {value!r}; give one of {', '.join(known)}")
        return value

    def wanted(self, name: str) -> str | None:
        """A filter of the query, None if it is absent or empty."""
        values = self.query.get(name)
        return (values[-1] or None) if values else None

    def flag(self, name: str, otherwise: bool) -> bool:
        """A true or false field of the body."""
        value = self.given(name)
        return otherwise if value is None else value.lower() == "true"

    def new_call(self, to: str, from_: str, phone_number_sid: str) -> Call:
        """A queued call in this Region's log. Nobody rings yet.

        Raises:
            Refused: If the Region's queue is full. Nothing was logged.
        """
        self.refuse_if_queue_full()
        call = Call(
            sid=self.world.mint("CA"),
            from_=from_,
            to=to,
            direction="outbound-api",
            status="queued",
            created_at=self.now,
            phone_number_sid=phone_number_sid,
        )
        self.store.calls[call.sid] = call
        return call

    def refuse_if_queue_full(self) -> None:
        """Refuse a call that would wait for its turn for more than a day.

        Raises:
            Refused: 22005 (https://www.twilio.com/docs/api/errors/22005). Its HTTP status is not documented: here 400.
        """
        if self.queued_s > QUEUED_S_MAX:
            wait = f"{self.queued_s / 3600:.1f} h"
            raise Refused(400, 22005, f"The call queue of {self.region} is full: a call made now would wait {wait}")

    def not_found(self) -> Refused:
        """This Region holds nothing at this path."""
        return not_found(self.path)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One path of a product and what its methods do.

    Attributes:
        path: The segments after the version (and, in the 2010 API, after the account), e.g. ``Calls/{sid}``.
        methods: By HTTP method.
        version: The version segment; ``Accounts`` for the one path of the 2010 API that stands before an account,
            ``media`` for what it gives without ``.json`` behind it.
        us1_only: Methods that another Region does not allow (405).
        us1_realm: Other Regions refuse the endpoint as a whole.
        token_only: An API key may not use it; the Auth Token may.
    """

    product: str
    version: str
    path: str
    methods: dict[str, Callable[[Ask], Response]]
    us1_only: tuple[str, ...] = ()
    us1_realm: bool = False
    token_only: bool = False


def _fields(text: str) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        fields.setdefault(name, []).append(value)
    return fields

"""One request to one resource, taken apart: what is asked, of which Region, and with which fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from voicedr.twin.api.answers import Refused, not_found
from voicedr.twin.api.hosts import Host
from voicedr.twin.calls.orders import Change, Instructions
from voicedr.twin.world.model import RegionStore, World
from voicedr.wire.http import Response


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


Order = PlaceCall | ModifyCall


@dataclass(slots=True)
class Ask:
    """A request after authentication.

    Attributes:
        ids: What stands in the path where its pattern has a name in braces.
        user: The key or account that asks.
        orders: What the shell has to do afterwards.
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

    def wanted(self, name: str) -> str | None:
        """A filter of the query, None if it is absent or empty."""
        values = self.query.get(name)
        return (values[-1] or None) if values else None

    def flag(self, name: str, otherwise: bool) -> bool:
        """A true or false field of the body."""
        value = self.given(name)
        return otherwise if value is None else value.lower() == "true"

    def not_found(self) -> Refused:
        """This Region holds nothing at this path."""
        return not_found(self.path)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One path of a product and what its methods do.

    Attributes:
        path: The segments after the version (and, in the 2010 API, after the account), e.g. ``Calls/{sid}``.
        methods: By HTTP method.
        version: The version segment.
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

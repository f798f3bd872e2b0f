"""What each Region of a ``FakeAccount`` has, kind by kind, with the provider's rules that a copy trips over.

A Region knows only its own: what names a resource of another Region is refused. Names that have to be the only ones
are. A list is mapped once, and what it is mapped to takes calls from then on. Passwords are never shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from voicedr.ports.provider import Refused
from voicedr.program.readiness.kinds import KINDS, Kind, Resource, Role, Value
from voicedr.program.vocabulary import US1, Region

_PREFIXES = {
    "application": "AP", "ip-acl": "AL", "ip-address": "IP", "credential-list": "CL", "credential": "CR",
    "sip-domain": "SD", "trunk": "TK", "origination-url": "OU", "queue": "QU", "caller-id": "PN", "api-key": "SK",
}  # fmt: skip

_MAY_REPEAT = frozenset({"application", "origination-url", "ip-address", "api-key", "number"})
"""Kinds of which two may have the same name."""

_AUTH_TYPES = {
    "domain-acl": "IP_ACL", "trunk-acl": "IP_ACL",
    "domain-credentials": "CREDENTIAL_LIST", "trunk-credentials": "CREDENTIAL_LIST",
}  # fmt: skip
"""What a mapped list adds to the ``auth_type`` of what it is mapped to."""

_Place = tuple[str | None, str]


class FakeEstate:
    """The resources of every Region, by Region and kind.

    Args:
        new_sid: Gives the next SID with a prefix.
    """

    def __init__(self, new_sid: Callable[[str], str]) -> None:
        self._new_sid = new_sid
        self._held: dict[tuple[Region, str], dict[_Place, Resource]] = {}

    def add(self, region: Region, resource: Resource) -> Resource:
        """Put it there as it is. An empty SID is made; fields that are not told have the provider's default."""
        kind = KINDS[resource.kind]
        sid = resource.sid or self._new_sid(_PREFIXES[kind.id])
        fields = {field.name: _shown(kind, field.name, resource.fields) for field in kind.fields}
        made = Resource(kind.id, sid, resource.parent_sid, fields)
        self._held.setdefault((region, kind.id), {})[resource.parent_sid, sid] = made
        return made

    def one(self, region: Region, kind: str, sid: str, parent_sid: str | None = None) -> Resource | None:
        """One by its SID."""
        return self._held.get((region, kind), {}).get((parent_sid, sid))

    def every(self, region: Region, kind: str, parent_sid: str | None = None) -> list[Resource]:
        """All of a kind; of one parent if it is named."""
        held = self._held.get((region, kind), {}).values()
        return [one for one in held if parent_sid is None or one.parent_sid == parent_sid]

    def listed(self, region: Region, kind: Kind, parent_sid: str | None) -> list[Resource]:
        """The same, as a Region answers.

        Raises:
            Refused: If the Region does not serve the kind, or has no such parent.
        """
        self._allow(region, kind, parent_sid, f"reading the {kind.plural} of {region}")
        return self.every(region, kind.id, parent_sid)

    def create(self, region: Region, kind: Kind, fields: Mapping[str, Value], parent_sid: str | None) -> Resource:
        """Make one.

        Raises:
            Refused: As the provider would. Nothing changed.
        """
        what = f"making one of the {kind.plural} of {region}"
        self._allow(region, kind, parent_sid, what)
        self._check_references(region, kind, fields, what)
        sid = str(fields["sid"]) if kind.makes == "create" else self._new_sid(_PREFIXES[kind.id])
        made = Resource(kind.id, sid, parent_sid, {name: value for name, value in fields.items() if value is not None})
        self._check_name(region, kind, made, what)
        made = self.add(region, made)
        self._settle(region, kind, parent_sid)
        return made

    def update(
        self, region: Region, kind: Kind, sid: str, fields: Mapping[str, Value], parent_sid: str | None
    ) -> Resource:
        """Set fields of one.

        Raises:
            Refused: As the provider would. Nothing changed.
        """
        what = f"setting fields of {sid}, one of the {kind.plural} of {region}"
        self._allow(region, kind, parent_sid, what)
        was = self.one(region, kind.id, sid, parent_sid)
        if was is None:
            raise _refused(what, "it is not there", 404, 20404)
        self._check_references(region, kind, fields, what)
        set_ = dict(fields)
        if set_.get("trunk_sid"):
            set_["voice_application_sid"] = None
        elif set_.get("voice_application_sid"):
            set_["trunk_sid"] = None
        now = msgspec.structs.replace(was, fields={**was.fields, **set_})
        self._check_name(region, kind, now, what)
        return self.add(region, now)

    def remove(self, region: Region, kind: Kind, sid: str, parent_sid: str | None) -> Resource | None:
        """Take one off, and give what it was; None if it was not there.

        Raises:
            Refused: If the Region has no such kind or parent.
        """
        self._allow(region, kind, parent_sid, f"taking {sid} off the {kind.plural} of {region}")
        gone = self._held.get((region, kind.id), {}).pop((parent_sid, sid), None)
        self._settle(region, kind, parent_sid)
        return gone

    def _allow(self, region: Region, kind: Kind, parent_sid: str | None, what: str) -> None:
        if kind.us1_only and region != US1:
            why = f"Endpoint is not supported in realm '{region}'"
            raise Refused(f"{what}: {why}. Nothing changed. Use us1.", status=404, code=20404, unserved=True)
        if kind.parent is not None and (parent_sid is None or self.one(region, kind.parent, parent_sid) is None):
            raise _refused(what, f"{parent_sid} is not there", 404, 20404)

    def _check_references(self, region: Region, kind: Kind, fields: Mapping[str, Value], what: str) -> None:
        for name, value in fields.items():
            field = kind.field(name)
            if field.refers is not None and value and self.one(region, field.refers, str(value)) is None:
                raise _refused(what, f"{field.parameter} {value} is not accessible in {region}", 400, 20001)

    def _check_name(self, region: Region, kind: Kind, made: Resource, what: str) -> None:
        for other in self.every(region, kind.id, made.parent_sid):
            same = other.sid == made.sid
            if (same and kind.makes == "create") or (
                not same and kind.id not in _MAY_REPEAT and other.identity == made.identity != (None,)
            ):
                raise _refused(what, f"{made.name} is taken in {region}", 400, 20001)

    def _settle(self, region: Region, kind: Kind, parent_sid: str | None) -> None:
        if kind.id not in _AUTH_TYPES or kind.parent is None or parent_sid is None:
            return
        parent = self.one(region, kind.parent, parent_sid)
        if parent is None:
            return
        said = [
            told
            for of, told in _AUTH_TYPES.items()
            if KINDS[of].parent == parent.kind and self.every(region, of, parent_sid)
        ]
        self.add(region, msgspec.structs.replace(parent, fields={**parent.fields, "auth_type": ",".join(said)}))


def _shown(kind: Kind, name: str, fields: Mapping[str, Value]) -> Value:
    field = kind.field(name)
    if field.role is Role.SECRET:
        return None
    value = fields.get(name)
    return field.default if value is None or value == "" else value


def _refused(what: str, why: str, status: int, code: int) -> Refused:
    return Refused(f"{what}: {why}. Nothing changed. Check the name.", status=status, code=code)

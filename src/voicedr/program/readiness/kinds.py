"""What an account has in each Region, kind by kind: where it is read, what names it, what refers to what.

One table serves the reading, the regional resource map, the comparison of two Regions and the standby's copy. Nothing
says in which order kinds are made: that follows from what they refer to.

Sources: https://www.twilio.com/docs/usage/api/applications, …/docs/phone-numbers/api/incomingphonenumber-resource,
…/docs/voice/sip/api, …/docs/sip-trunking/api, …/docs/voice/api/dialing-permissions-resources,
…/docs/voice/api/queue-resource, …/docs/voice/api/outgoing-caller-ids, …/docs/iam/api-keys (read 2026-11-21).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

Value = str | int | bool | None
"""A field's value. Empty text and absent are the same to the provider, and None here."""


class Role(StrEnum):
    """What a field is, for whoever compares or copies it."""

    PLAIN = "plain"
    URL = "url"
    """An address of the customer's: may differ from Region to Region by rule."""
    SIP_URI = "sip-uri"
    REFERENCE = "reference"
    """The SID of a resource of the same Region: compared by what it names, never by its letters."""
    SECRET = "secret"  # noqa: S105
    """Never readable: given again by reference when a copy is made."""


class Field(msgspec.Struct, frozen=True):
    """One field of a kind.

    Attributes:
        name: As the provider writes it: ``voice_url``.
        role: What it is.
        refers: For a reference: the kind it names.
        default: What the provider takes where nothing is set; comparing knows it.
        writable: Whether a copy sets it.
        sent_as: How a request names it where that is not its own name in the other spelling.
    """

    name: str
    role: Role = Role.PLAIN
    refers: str | None = None
    default: Value = None
    writable: bool = True
    sent_as: str | None = None

    @property
    def parameter(self) -> str:
        """As a request names it: ``VoiceUrl``."""
        return self.sent_as or "".join(word[:1].upper() + word[1:] for word in self.name.split("_"))


class Kind(msgspec.Struct, frozen=True):
    """One kind of resource.

    Attributes:
        id: ``"sip-domain"``.
        plural: For people: ``"SIP domains"``.
        product: The first label of its host: ``"api"``, ``"trunking"``, ``"voice"``.
        path: Below the account (``api``) or below ``/v1`` (the others); ``{parent}`` is the parent's SID.
        list_key: The name of the list in an answer.
        identity: The fields that name one thing in every Region, within its parent.
        fields: The fields that are compared, identity included.
        parent: The kind that it belongs to, or None.
        key: The field with its own id.
        makes: ``create-update``: made and updated; ``create``: made and taken off, never updated (a mapping);
            ``update``: exists in every Region, only updated (a number); ``none``: only read.
        us1_only: True if other Regions do not have it; there, absence is no drift.
    """

    id: str
    plural: str
    product: Literal["api", "trunking", "voice"]
    path: str
    list_key: str
    identity: tuple[str, ...]
    fields: tuple[Field, ...]
    parent: str | None = None
    key: str = "sid"
    makes: Literal["create-update", "create", "update", "none"] = "create-update"
    us1_only: bool = False

    def field(self, name: str) -> Field:
        """A field by its name.

        Raises:
            KeyError: If the kind has none of that name.
        """
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    @property
    def refers(self) -> frozenset[str]:
        """The kinds that must be there first: its parent's and those that its fields name."""
        named = {field.refers for field in self.fields if field.refers is not None}
        return frozenset(named | ({self.parent} if self.parent is not None else set()))


class Resource(msgspec.Struct, frozen=True):
    """One thing of one Region, as read.

    Attributes:
        kind: The id of its kind.
        sid: Its own id there. A number's is the same in every Region; no other is.
        parent_sid: The SID of what it belongs to, or None.
        fields: By the provider's names; what was not in the answer is None.
    """

    kind: str
    sid: str
    parent_sid: str | None
    fields: dict[str, Value]

    @property
    def identity(self) -> tuple[Value, ...]:
        """What names it in every Region, within its parent; its friendly name where it has nothing else."""
        named = tuple(self.fields.get(name) for name in KINDS[self.kind].identity)
        return named if any(part is not None for part in named) else (self.fields.get("friendly_name"),)

    @property
    def name(self) -> str:
        """The same for people."""
        return " ".join(str(part) for part in self.identity if part is not None) or self.sid


def _plain(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name) for name in names)


def _hook(url: str, method: str | None = None) -> tuple[Field, ...]:
    return (Field(url, Role.URL), Field(method or url.removesuffix("_url") + "_method", default="POST"))


_VOICE = (*_hook("voice_url"), *_hook("voice_fallback_url"))
_STATUS = _hook("status_callback")
_SMS = (*_hook("sms_url"), *_hook("sms_fallback_url"))


def _mapping(id_: str, plural: str, path: str, key: str, parent: str, of: str) -> Kind:
    """A list that is mapped to something: its own SID is the list's."""
    product: Literal["api", "trunking"] = "trunking" if parent == "trunk" else "api"
    sent_as = {"ip-acl": "IpAccessControlListSid", "credential-list": "CredentialListSid"}[of]
    field = Field("sid", Role.REFERENCE, of, sent_as=sent_as)
    return Kind(id_, plural, product, path, key, ("sid",), (field,), parent, makes="create")


_ALL = (
    Kind(
        "application", "TwiML Apps", "api", "Applications.json", "applications", ("friendly_name",),
        (
            Field("friendly_name"), *_VOICE, *_STATUS, Field("voice_caller_id_lookup", default=False), *_SMS,
            Field("sms_status_callback", Role.URL), Field("message_status_callback", Role.URL),
            Field("public_application_connect_enabled", default=False),
        ),
    ),
    Kind(
        "number", "numbers", "api", "IncomingPhoneNumbers.json", "incoming_phone_numbers", ("phone_number",),
        (
            Field("phone_number", writable=False), Field("friendly_name"), *_VOICE, *_STATUS,
            Field("voice_caller_id_lookup", default=False), Field("voice_receive_mode", default="voice"),
            Field("voice_application_sid", Role.REFERENCE, "application"), Field("trunk_sid", Role.REFERENCE, "trunk"),
            *_SMS, Field("sms_application_sid", Role.REFERENCE, "application"),
            Field("emergency_status", writable=False), Field("emergency_address_sid", writable=False),
            Field("bundle_sid", writable=False), Field("address_sid", writable=False),
        ),
        makes="update",
    ),
    Kind("ip-acl", "IP access control lists", "api", "SIP/IpAccessControlLists.json", "ip_access_control_lists",
         ("friendly_name",), _plain("friendly_name")),
    Kind("ip-address", "addresses of access control lists", "api",
         "SIP/IpAccessControlLists/{parent}/IpAddresses.json", "ip_addresses", ("ip_address", "cidr_prefix_length"),
         (*_plain("friendly_name", "ip_address"), Field("cidr_prefix_length", default=32)), "ip-acl"),
    Kind("credential-list", "credential lists", "api", "SIP/CredentialLists.json", "credential_lists",
         ("friendly_name",), _plain("friendly_name")),
    Kind("credential", "SIP credentials", "api", "SIP/CredentialLists/{parent}/Credentials.json", "credentials",
         ("username",), (Field("username"), Field("password", Role.SECRET)), "credential-list"),
    Kind(
        "sip-domain", "SIP domains", "api", "SIP/Domains.json", "domains", ("domain_name",),
        (
            *_plain("domain_name", "friendly_name"), *_VOICE,
            *_hook("voice_status_callback_url"), Field("sip_registration", default=False),
            Field("secure", default=False), Field("emergency_calling_enabled", default=False),
            Field("auth_type", writable=False),
        ),
    ),
    _mapping("domain-acl", "access control lists of SIP domains",
             "SIP/Domains/{parent}/Auth/Calls/IpAccessControlListMappings.json", "contents", "sip-domain", "ip-acl"),
    _mapping("domain-credentials", "credential lists of SIP domains",
             "SIP/Domains/{parent}/Auth/Calls/CredentialListMappings.json", "contents", "sip-domain",
             "credential-list"),
    _mapping("domain-registrations", "credential lists for registration at SIP domains",
             "SIP/Domains/{parent}/Auth/Registrations/CredentialListMappings.json", "contents", "sip-domain",
             "credential-list"),
    Kind(
        "trunk", "trunks", "trunking", "Trunks", "trunks", ("domain_name",),
        (
            *_plain("friendly_name", "domain_name"), *_hook("disaster_recovery_url"),
            Field("transfer_mode", default="disable-all"), Field("transfer_caller_id", default="from-transferee"),
            Field("secure", default=False), Field("cnam_lookup_enabled", default=False),
            Field("symmetric_rtp_enabled", default=False, writable=False), Field("auth_type", writable=False),
        ),
    ),
    Kind("origination-url", "origination URIs", "trunking", "Trunks/{parent}/OriginationUrls", "origination_urls",
         ("sip_url",), (Field("sip_url", Role.SIP_URI), *_plain("friendly_name", "priority", "weight", "enabled")),
         "trunk"),
    _mapping("trunk-acl", "access control lists of trunks", "Trunks/{parent}/IpAccessControlLists",
             "ip_access_control_lists", "trunk", "ip-acl"),
    _mapping("trunk-credentials", "credential lists of trunks", "Trunks/{parent}/CredentialLists", "credential_lists",
             "trunk", "credential-list"),
    Kind("queue", "queues", "api", "Queues.json", "queues", ("friendly_name",),
         (Field("friendly_name"), Field("max_size", default=1000))),
    Kind("caller-id", "verified caller IDs", "api", "OutgoingCallerIds.json", "outgoing_caller_ids",
         ("phone_number",), _plain("phone_number", "friendly_name"), makes="none", us1_only=True),
    Kind("api-key", "API keys", "api", "Keys.json", "keys", ("sid",), _plain("sid", "friendly_name"), makes="none"),
    Kind("dialing-country", "countries with dialing permissions", "voice", "DialingPermissions/Countries", "content",
         ("iso_code",),
         _plain("iso_code", "name", "low_risk_numbers_enabled", "high_risk_special_numbers_enabled",
                "high_risk_tollfraud_numbers_enabled"), key="iso_code", makes="none"),
)  # fmt: skip

KINDS: dict[str, Kind] = {kind.id: kind for kind in _ALL}
"""Every kind by its id."""


def in_order(ids: frozenset[str] | None = None) -> tuple[Kind, ...]:
    """Kinds so that whatever one refers to comes before it; all of them if none is named.

    Raises:
        ValueError: If kinds refer to each other in a circle.
    """
    wanted = dict(sorted((id_, kind) for id_, kind in KINDS.items() if ids is None or id_ in ids))
    ordered: list[Kind] = []
    while wanted:
        free = [kind for kind in wanted.values() if not (kind.refers & wanted.keys()) - {kind.id}]
        if not free:
            raise ValueError(f"these kinds refer to each other in a circle: {', '.join(wanted)}")
        for kind in free:
            ordered.append(kind)
            del wanted[kind.id]
    return tuple(ordered)

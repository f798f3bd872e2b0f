"""What an account holds besides numbers and calls: addresses, regulatory bundles, messaging services, subaccounts."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Address:
    """A postal address (https://www.twilio.com/docs/usage/api/address)."""

    sid: str
    friendly_name: str
    customer_name: str
    street: str
    street_secondary: str
    city: str
    region: str
    postal_code: str
    iso_country: str
    emergency_enabled: bool
    created_at: float
    updated_at: float


@dataclass(slots=True)
class BundleItem:
    """A document, an end user or an address in a bundle."""

    sid: str
    object_sid: str
    created_at: float


@dataclass(slots=True)
class Bundle:
    """Proof of who uses numbers and why (https://www.twilio.com/docs/phone-numbers/regulatory/api/bundles)."""

    sid: str
    friendly_name: str
    email: str
    status: str
    regulation_sid: str
    status_callback: str
    created_at: float
    updated_at: float
    valid_until: float | None = None
    items: dict[str, BundleItem] = field(default_factory=dict)


@dataclass(slots=True)
class MessagingService:
    """Numbers that share their messaging configuration (https://www.twilio.com/docs/messaging/api/service-resource)."""

    sid: str
    friendly_name: str
    created_at: float
    updated_at: float
    inbound_request_url: str = ""
    inbound_method: str = "POST"
    fallback_url: str = ""
    fallback_method: str = "POST"
    status_callback: str = ""
    use_inbound_webhook_on_number: bool = False
    flags: dict[str, bool] = field(default_factory=dict)
    """What is kept and shown and changes nothing here, by its name in an answer."""
    validity_period_s: int = 36_000
    usecase: str = "undeclared"
    numbers: dict[str, float] = field(default_factory=dict)
    """When each number was added, by number SID."""


@dataclass(slots=True)
class Subaccount:
    """An account that belongs to this one. Nothing is in it: the twin serves the parent's resources only."""

    sid: str
    friendly_name: str
    auth_token: str
    status: str
    created_at: float
    updated_at: float


@dataclass(slots=True)
class Holdings:
    """All of it, by id. Addresses, bundles and subaccounts are us1's; messaging services are a Region's own."""

    addresses: dict[str, Address] = field(default_factory=dict)
    bundles: dict[str, Bundle] = field(default_factory=dict)
    messaging_services: dict[str, MessagingService] = field(default_factory=dict)
    subaccounts: dict[str, Subaccount] = field(default_factory=dict)
    friendly_name: str = "Twin"
    """The account's own."""

    def service_of(self, number_sid: str) -> MessagingService | None:
        """The messaging service that has this number, or None."""
        return next((one for one in self.messaging_services.values() if number_sid in one.numbers), None)

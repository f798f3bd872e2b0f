"""What is read of a SIP address that is dialled, and of whoever dials it."""

from __future__ import annotations

import pytest

from voicedr.twin.calls.sip_leg import caller_user, is_sip, of_provider


@pytest.mark.parametrize(
    ("address", "read"),
    [
        ("sip:alice@acme.sip.twilio.com", ("alice", "acme.sip.twilio.com", "")),
        ("SIP:alice@ACME.sip.Dublin.twilio.com:5061;transport=tls?X-a=1", ("alice", "acme.sip.twilio.com", "dublin")),
        ("sip:acme.sip.us1.twilio.com", ("", "acme.sip.twilio.com", "us1")),
        ("sip:alice@acme.pstn.twilio.com", None),
        ("sip:alice@acme.sip.twilio.com.evil.example", None),
        ("sip:alice@a.b.sip.twilio.com", None),
        ("sip:acme.sip.twilio.com@pbx.example", None),
        ("+14155550100", None),
    ],
)
def test_addresses_at_a_sip_domain(address: str, read: tuple[str, str, str] | None) -> None:
    """User, domain and edge are taken apart; what only looks like the provider's is not."""
    assert of_provider(address) == read
    assert is_sip(address) == address.lower().startswith("sip:")


@pytest.mark.parametrize(
    ("from_", "user"),
    [
        ("+14155550100", "+14155550100"),
        ("sip:alice@pbx.example", "alice"),
        ("sip:pbx.example", "anonymous"),
        ("client:jo ann", "jo%20ann"),
        ("a\r\nEvil: 1", "a%0D%0AEvil%3A%201"),
        ("sip:jo%20ann@pbx.example", "jo%20ann"),
    ],
)
def test_who_calls(from_: str, user: str) -> None:
    """The user of From says who calls, and nothing in it can end the header."""
    assert caller_user(from_) == user

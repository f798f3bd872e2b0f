"""Which rule makes which address of which: the longest beginning, a flow's own before all, parameters by themselves."""

from __future__ import annotations

import pytest

from voicedr.program.scope.standby_copy import UrlRule
from voicedr.program.standby.placeholders import Place, mapped, shown

US1, IE1 = Place("us1", "ashburn"), Place("ie1", "dublin")
APP = UrlRule("https://us1.app.example", "https://{region}.app.example")
BOTH = UrlRule("https://{region}.{edge}.app.example", "https://{region}.{edge}.app.example")
VOICE = UrlRule("https://us1.app.example/voice", "https://dr.app.example/v2")
OWN = UrlRule("https://us1.app.example", "https://sales.app.example", flow="sales")
EDGE = UrlRule(";edge={edge}", ";edge={edge}")
SBC = UrlRule("sip:sbc1.acme.example", "sip:sbc-dr.acme.example")


@pytest.mark.parametrize(
    ("address", "rules", "flow", "expected"),
    [
        ("https://other.example/voice", (APP,), None, "https://other.example/voice"),
        ("https://us1.app.example/a?b=1", (APP,), None, "https://ie1.app.example/a?b=1"),
        ("https://us1.app.example", (APP,), None, "https://ie1.app.example"),
        ("https://us1.app.example:8443/a", (APP,), None, "https://ie1.app.example:8443/a"),
        ("https://us1.app.example.net/a", (APP,), None, "https://us1.app.example.net/a"),
        ("https://us1.ashburn.app.example/a", (BOTH,), None, "https://ie1.dublin.app.example/a"),
        ("https://us1.app.example/voice/in", (APP, VOICE), None, "https://dr.app.example/v2/in"),
        ("https://us1.app.example/voices", (APP, VOICE), None, "https://ie1.app.example/voices"),
        ("https://us1.app.example/voice", (VOICE, OWN), "sales", "https://sales.app.example/voice"),
        ("https://us1.app.example/voice", (VOICE, OWN), "support", "https://dr.app.example/v2"),
        ("https://u:p@us1.app.example/a", (APP,), None, "https://u:p@ie1.app.example/a"),
        ("sip:sbc1.acme.example;edge=ashburn", (EDGE,), None, "sip:sbc1.acme.example;edge=dublin"),
        ("sip:sbc1.acme.example;edge=ashburn-ix;transport=tls", (EDGE,), None,
         "sip:sbc1.acme.example;edge=ashburn-ix;transport=tls"),
        ("sip:sbc1.acme.example:5061;transport=tls;edge=ashburn", (EDGE, SBC), None,
         "sip:sbc-dr.acme.example:5061;transport=tls;edge=dublin"),
        ("https://app.example/a;edge=ashburn", (EDGE,), None, "https://app.example/a;edge=ashburn"),
    ],
)  # fmt: skip
def test_an_address_in_the_standby(address: str, rules: tuple[UrlRule, ...], flow: str | None, expected: str) -> None:
    """The address, and the rule is named exactly if one was followed."""
    made = mapped(address, rules, flow, US1, IE1)
    assert made.value == expected
    assert bool(made.rule) is (expected != address)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://user:hunter2@app.example/a", "https://user:(secret)@app.example/a"),
        ("https://user@app.example/a", "https://user@app.example/a"),
        ("https://app.example/a@b", "https://app.example/a@b"),
        ("sip:alice@sbc.example", "sip:alice@sbc.example"),
    ],
)
def test_a_password_in_an_address_is_not_shown(address: str, expected: str) -> None:
    """The rest is."""
    assert shown(address) == expected

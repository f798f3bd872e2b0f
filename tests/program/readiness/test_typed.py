"""The typed values of a reading are what its resources tell; what could not be read is not seen typed either."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.kinds import KINDS, Resource
from voicedr.program.readiness.resources import (
    Application,
    NumberConfig,
    OriginationUrl,
    SipDomain,
    Trunk,
    VoiceHandler,
)
from voicedr.program.readiness.typed import (
    LAST,
    application_of,
    fields_of,
    number_of,
    numbers_seen,
    origination_url_of,
    sip_domain_of,
    trunk_of,
    trunks_seen,
)
from voicedr.program.vocabulary import E164

AT = datetime(2026, 11, 21, tzinfo=UTC)
HANDLER = VoiceHandler("https://a.example/", "GET", "https://b.example/", "POST", "https://c.example/", "GET")
NUMBER = NumberConfig(E164("+14155550100"), "PN1", "Support", HANDLER, "AP1", "TK1")
APPLICATION = Application("AP1", "support", HANDLER)
SBC = OriginationUrl("OU1", "sip:sbc.example", 0, 1, True)
TRUNK = Trunk("TK1", "yard", "yard.pstn.twilio.com", "https://dr.example/", "GET", "IP_ACL", (SBC,))
DOMAIN = SipDomain("SD1", "d.sip.twilio.com", None, HANDLER, "IP_ACL")


def made(kind: str, value: Any, parent_sid: str | None = None) -> Resource:
    """The resource that a typed value tells of."""
    told = fields_of(value)
    assert set(told) <= {field.name for field in KINDS[kind].fields}
    return Resource(kind, value.sid, parent_sid, told)


def test_there_and_back_is_the_same() -> None:
    """Each kind, field by field, by the provider's own names."""
    assert number_of(made("number", NUMBER)) == NUMBER
    assert application_of(made("application", APPLICATION)) == APPLICATION
    assert sip_domain_of(made("sip-domain", DOMAIN)) == DOMAIN
    urls = [made("origination-url", SBC, "TK1"), made("origination-url", SBC, "TK2")]
    assert trunk_of(made("trunk", TRUNK), urls) == TRUNK


def test_what_is_not_told_is_not_set_and_never_on() -> None:
    """Absent is None, a method is POST; an origination URI that nobody called enabled is off and comes last."""
    assert number_of(Resource("number", "PN1", None, {"phone_number": "+1"})).handler == VoiceHandler()
    assert application_of(Resource("application", "AP1", None, {})).friendly_name == ""
    bare = origination_url_of(Resource("origination-url", "OU1", "TK1", {"enabled": "true", "weight": True}))
    assert (bare.enabled, bare.priority, bare.weight) == (False, LAST, 1)
    assert origination_url_of(Resource("origination-url", "OU1", "TK1", {"priority": "7"})).priority == 7


@pytest.mark.parametrize("missing", ["trunks", "origination"])
def test_a_trunk_without_its_origination_uris_is_not_seen(missing: str) -> None:
    """Half a trunk would pass for one that calls nobody."""
    why = Unobserved("refused", refused=True)
    trunks = why if missing == "trunks" else Observed((made("trunk", TRUNK),), AT, "here")
    urls = why if missing == "origination" else Observed((made("origination-url", SBC, "TK1"),), AT, "there")
    seen = trunks_seen(trunks, urls)
    assert isinstance(seen, Unobserved)
    assert seen.refused
    assert "refused" in seen.reason


def test_a_trunk_is_as_old_as_the_older_of_its_two_readings() -> None:
    """Evidence ages by what was read first."""
    late = Observed((made("origination-url", SBC, "TK1"),), AT + timedelta(hours=1), "there")
    seen = trunks_seen(Observed((made("trunk", TRUNK),), AT, "here"), late)
    assert seen == Observed((TRUNK,), AT, "here")
    numbers = numbers_seen(Observed((made("number", NUMBER),), AT, "here"))
    assert numbers == Observed({NUMBER.e164: NUMBER}, AT, "here")

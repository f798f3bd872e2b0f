"""A key that lacks one permission darkens what rests on it, and nothing else; it never makes anything green."""

from __future__ import annotations

from functools import cache

import pytest
from bench.readiness.account import HealthyAccount
from bench.readiness.campaign import outcomes
from bench.readiness.estate import OUT
from bench.readiness.permissions import needed, restrict

from voicedr.program.readiness.check import Outcome
from voicedr.program.readiness.checks import all_checks
from voicedr.program.readiness.findings import CheckResult

SHOWS = {"alerts_are_shown", "call_log_is_shown", "recordings_are_shown", "route_write_works"}
"""What asks whether the standby's key may do something: a refusal is its gap, and not darkness."""

DARKENS: dict[str, tuple[str, ...]] = {
    "monitor/alerts/list": ("no_fallback_failed_lately", "no_webhook_failed_lately"),
    "phone-numbers/incoming-phone-numbers/list": (
        "number_has_handler", "number_answered_alike", "has_fallback", "messages_in_standby", "trunk_has_two_sbcs",
        "webhook_answers_twiml", "number_regulated_alike", "status_callback_in_standby",
    ),
    "phone-numbers/outgoing-caller-ids/list": (),
    "routes/phone-numbers/read": ("route_is_as_expected", "trickle_lives_in_standby", "route_write_works"),
    "routes/phone-numbers/update": ("route_write_works",),
    "routes/sip-domains/read": ("route_is_as_expected",),
    "routes/trunks/read": ("route_is_as_expected",),
    "sip/credential-list-mappings/list": (
        "sip_domain_users_alike", "sip_domain_devices_alike", "sip_domain_takes_registrations",
    ),
    "sip/credential-lists/list": ("sip_domain_users_alike", "trunk_users_alike", "trunk_lets_calls_in"),
    "sip/credentials/list": ("sip_domain_users_alike", "trunk_users_alike", "trunk_lets_calls_in"),
    "sip/domains/list": ("sip_domain_takes_calls", "sip_domain_settings_alike", "sip_domain_users_alike"),
    "sip/ip-access-control-list-mappings/list": ("sip_domain_addresses_alike",),
    "sip/ip-access-control-lists/list": ("sip_domain_addresses_alike", "trunk_addresses_alike"),
    "sip/ip-addresses/list": ("sip_domain_addresses_alike", "trunk_addresses_alike", "trunk_lets_calls_in"),
    "trunking/credential-lists/list": ("trunk_users_alike", "trunk_lets_calls_in"),
    "trunking/ip-access-control-lists/list": ("trunk_addresses_alike", "trunk_lets_calls_in"),
    "trunking/origination-urls/list": ("trunk_has_two_sbcs", "origination_alike", "origination_answers"),
    "trunking/trunks/list": ("trunk_in_standby", "trunk_settings_alike", "trunk_lets_calls_in", "number_has_handler"),
    "voice/applications/list": ("application_in_standby", "application_configured_alike", "number_has_handler"),
    "voice/calls/list": ("call_log_is_shown",),
    "voice/countries/list": ("permissions_alike",),
    "voice/queues/list": ("queue_in_standby",),
    "voice/recordings/list": ("recordings_are_shown",),
    "voice/transcriptions/list": ("recordings_are_shown",),
}  # fmt: skip
"""What each permission is needed for, among others. Verified caller IDs are not asked for where the number is ours."""


@cache
def account() -> HealthyAccount:
    """Made once; every test brings it back."""
    return HealthyAccount(OUT)


def read(region: str = "", without: str = "") -> dict[str, CheckResult]:
    """Every check, with keys that may do what a reading needs, but for one thing in one Region."""
    one = account()
    one.heal()
    for name, allowed in needed(OUT).items():
        restrict(one, name, allowed - ({without} if name == region else set()))
    found = {result.check: result for result in one.read().checks}
    one.heal()
    return found


@cache
def with_all() -> dict[str, CheckResult]:
    """What is said when nothing is missing."""
    return read()


LACKING = [(region, permission) for region, allowed in sorted(needed(OUT).items()) for permission in sorted(allowed)]


def test_keys_with_these_permissions_and_no_others_see_everything() -> None:
    """Restricted keys are enough: every check passes, and the table knows each permission."""
    assert {check: result.outcome for check, result in with_all().items()} == dict.fromkeys(all_checks(), Outcome.PASS)
    assert {permission.removeprefix("/twilio/") for _, permission in LACKING} == set(DARKENS)


@pytest.mark.parametrize(("region", "permission"), LACKING, ids=[f"{r}{p}" for r, p in LACKING])
def test_one_permission_less_is_unknown_and_never_green(region: str, permission: str) -> None:
    """What rests on it is unknown (or, where the permission itself is asked about, a gap); the rest stays as it was."""
    found, before = read(region, permission), with_all()
    changed = {check: result for check, result in found.items() if result != before[check]}
    for check, result in changed.items():
        allowed = {Outcome.UNKNOWN, Outcome.FAIL} if check in SHOWS else {Outcome.UNKNOWN}
        assert result.outcome in allowed, result
        assert result.failed == 0 or check in SHOWS
    expected = set(DARKENS[permission.removeprefix("/twilio/")])
    if region == OUT.primary and permission.endswith("/monitor/alerts/list"):
        assert "alerts_are_shown" not in changed
    assert expected <= changed.keys()


def test_whoever_may_do_nothing_is_told_so() -> None:
    """Keys without any permission: nothing of either Region passes that was read there."""
    one = account()
    one.heal()
    for region in needed(OUT):
        restrict(one, region, ())
    outcome = outcomes(one.read())
    one.heal()
    assert outcome["number_has_handler"] is Outcome.UNKNOWN
    for check in {check for checks in DARKENS.values() for check in checks}:
        assert outcome[check] is not Outcome.PASS, check

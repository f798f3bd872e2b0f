"""People and what is written down; and words that have ended: of everything that rests on somebody's word."""

from __future__ import annotations

from random import Random

from bench.readiness.account import HealthyAccount
from bench.readiness.kind import Kind, Seed

CHAIN = "The decision chain has deputies, contacts, hours and two approvals"
WRITTEN = "Scope, success, residency and the way home are written down"
WORDS = "What no program can read is declared, by somebody, until a day"


def _without_role(role: str) -> Seed:
    def seed(account: HealthyAccount, chance: Random) -> None:
        people = [one for one in account.document["people"] if role in one["roles"]]
        chance.choice(people)["roles"].remove(role)

    return seed


def _no_contact(account: HealthyAccount, chance: Random) -> None:
    del chance.choice(account.document["people"])["contact"]


def _long_ago(account: HealthyAccount, chance: Random) -> None:
    account.said("people-reached")[chance.choice(("ann", "bo", "cy", "di"))] = "2026-06-01"


def _daytime(account: HealthyAccount, chance: Random) -> None:
    role = chance.choice(("biz", "noc", "tel"))
    for one in account.document["people"]:
        if role in one["roles"]:
            one["hours"] = [{"from": "08:00", "to": "18:00", "zone": "Europe/Dublin"}]


def _one_approval(account: HealthyAccount, _chance: Random) -> None:
    account.flow["roles"]["approval"]["approvals"] = 1


def _without(*keys: str) -> Seed:
    def seed(account: HealthyAccount, chance: Random) -> None:
        del account.flow[chance.choice(keys)]

    return seed


def _ended(about: str) -> Seed:
    def seed(account: HealthyAccount, chance: Random) -> None:
        said = next(one for one in account.document["declared"] if one["about"] == about)
        match chance.randrange(3):
            case 0:
                said["until"] = "2026-11-20"
            case 1:
                said["on"], said["until"] = "2026-11-22", "2027-03-31"
            case _:
                account.document["declared"].remove(said)

    return seed


RESTING_ON: dict[str, tuple[str, ...]] = {
    "firewall-export": ("firewall_admits_signalling", "firewall_admits_media"),
    "sbc-config": ("sbc_sends_to_names", "sbc_knows_two_edges"),
    "sbc-places": ("origination_last_group_elsewhere",),
    "device-edges": ("devices_register_with_two_edges",),
    "exchange-locations": ("interconnect_in_two_regions",),
    "application-instances": ("application_is_in_two_places", "application_instance_answers"),
    "dependencies": ("dependency_survives",),
    "host-places": ("fallback_in_other_place", "token_services_are_two"),
    "token-services": (
        "token_services_are_two", "token_service_answers", "token_is_for_standby", "token_is_signed_for_standby",
        "token_begins_now", "token_names_standbys_application", "token_names_standbys_push_credential",
    ),
    "client-edges": ("client_has_two_edges",),
    "client-versions": ("client_knows_regions",),
    "rest-clients": ("rest_client_falls_back",),
    "push-credentials": ("push_credential_in_standby", "token_names_standbys_push_credential"),
    "capacity": ("capacity_alike", "calls_per_second_suffice", "calls_at_once_suffice"),
    "need": ("calls_per_second_suffice", "calls_at_once_suffice"),
    "regional-secrets": ("regional_secrets_declared", "credentials_do_not_end_soon"),
    "dashboards": ("dashboard_shows_standby",),
    "alerts": ("alert_rings_for_standby",),
    "apm": ("apm_sees_standby",),
    "support-tooling": ("support_sees_standby",),
    "analytics": ("analytics_see_standby",),
    "regulatory": ("regulatory_is_settled",),
    "release-process": ("release_keeps_standby",),
    "second-way": ("second_way_is_known",),
    "people-reached": ("people_were_reached",),
    "outbound-caller-ids": ("caller_id_is_owned",),
    "outbound-countries": ("country_is_permitted",),
}  # fmt: skip
"""What is unknown when nobody says it any more. ``balancer``, ``token-ttl`` and ``served-by-hand`` stand beside
something that is seen, so that alone they darken nothing."""


def residency_forbids_standby(account: HealthyAccount, _chance: Random) -> None:
    """The standby is where calls may not be."""
    account.flow["residency"] = [account.way.primary]


def one_may_approve(account: HealthyAccount, chance: Random) -> None:
    """Two approvals are asked for, and one person can give one."""
    _without_role("lead")(account, chance)


NO_WORKBOOK: tuple[Seed, ...] = (residency_forbids_standby, one_may_approve)
"""With these the workbook is refused when it is read, so that no check is asked."""

KINDS = (
    Kind("function-without-deputy", CHAIN, _without_role("tel"), ("function_has_deputy",)),
    Kind("one-approval", CHAIN, _one_approval, ("approvals_can_be_given",)),
    Kind("person-without-contact", CHAIN, _no_contact, ("people_have_contacts",)),
    Kind("person-not-reached-lately", CHAIN, _long_ago, ("people_were_reached",)),
    Kind("nobody-at-night", CHAIN, _daytime, ("hours_cover_the_clock",)),
    Kind("scope-not-written", WRITTEN, _without("must_survive", "can_degrade", "can_wait", "out_of_scope"),
         ("scope_is_written",)),
    Kind("success-not-written", WRITTEN, _without("success"), ("success_is_written",)),
    Kind("failback-not-decided", WRITTEN, _without("failback"), ("failback_is_decided",)),
    *(Kind(f"{about}-not-said", WORDS, _ended(about), dark=checks) for about, checks in RESTING_ON.items()),
)  # fmt: skip

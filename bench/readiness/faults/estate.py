"""Numbers, TwiML Apps, queues, capacity and routes."""

from __future__ import annotations

from random import Random
from typing import Any

from bench.readiness import estate as has
from bench.readiness.account import HealthyAccount
from bench.readiness.faults.trunks import any_region
from bench.readiness.faults.webhooks import configured, same
from bench.readiness.kind import Kind, Seed

NUMBERS = "Every number has a handler in the standby, the same as at home"
APPLICATIONS = "TwiML Apps are in the standby, once, as at home"
QUEUES = "Queues are in the standby, as long as at home"
CAPACITY = "The standby takes what the busy hour needs: calls, countries, caller IDs"
ROUTES = "Routes are where they should be, and can be written from the standby"
TRICKLE = "Some numbers live in the standby all the year"
RTO = "The recovery time objective can be kept"


def _no_handler(account: HealthyAccount, chance: Random) -> None:
    account.fault("number-config-lost", region=any_region(chance), number=chance.choice(has.BY_URL))


def _app(account: HealthyAccount, region: str) -> str:
    return next(iter(account.world.regions[region].applications))


def _dangling(account: HealthyAccount, _chance: Random) -> None:
    account.rest("DELETE", account.way.standby, "api", f"Applications/{_app(account, account.way.standby)}.json")


def _primarys_application(account: HealthyAccount, chance: Random) -> None:
    sid = account.world.numbers[chance.choice(has.BY_APPLICATION)].sid
    configured = account.world.regions[account.way.standby].numbers[sid]
    configured.voice_application_sid = _app(account, account.way.primary)


def _primarys_trunk(account: HealthyAccount, chance: Random) -> None:
    sid = account.world.numbers[chance.choice(has.BY_TRUNK)].sid
    theirs = next(iter(account.world.regions[account.way.primary].trunks))
    account.world.regions[account.way.standby].numbers[sid].trunk_sid = theirs


def _primarys_message_application(account: HealthyAccount, chance: Random) -> None:
    sid = account.world.numbers[chance.choice(has.BY_URL)].sid
    configured = account.world.regions[account.way.standby].numbers[sid]
    configured.sms_application_sid = _app(account, account.way.primary)


def _other_handler(account: HealthyAccount, chance: Random) -> None:
    here = account.way.standby
    account.number(here, chance.choice(has.BY_URL), VoiceApplicationSid=_app(account, here))


def shown(side: str, ending: str, name: str, **changes: object) -> Seed:
    """One number that a Region shows otherwise: what the twin keeps nothing about."""

    def seed(account: HealthyAccount, chance: Random) -> None:
        e164 = chance.choice(has.NUMBERS)

        def rewrite(told: dict[str, Any]) -> None:
            for one in told.get(name, ()):
                if one["phone_number"] == e164:
                    one.update(changes)

        account.shows[getattr(account.way, side), ending] = rewrite

    return seed


def number_shown(side: str, **changes: object) -> Seed:
    """The same, of the list of numbers."""
    return shown(side, "/IncomingPhoneNumbers.json", "incoming_phone_numbers", **changes)


def _another_app(account: HealthyAccount, _chance: Random) -> None:
    url = has.voice_url(account.way.standby)
    account.rest("POST", account.way.standby, "api", "Applications.json", FriendlyName="support", VoiceUrl=url)


def _app_renamed(account: HealthyAccount, _chance: Random) -> None:
    here = account.way.standby
    account.rest("POST", here, "api", f"Applications/{_app(account, here)}.json", FriendlyName="Support (old)")


def _app_drift(account: HealthyAccount, chance: Random) -> None:
    here = account.way.standby
    rows = ({"VoiceMethod": "GET"}, {"VoiceFallbackMethod": "GET"}, {"StatusCallbackMethod": "GET"})
    account.rest("POST", here, "api", f"Applications/{_app(account, here)}.json", **chance.choice(rows))


def _app_without_fallback(account: HealthyAccount, chance: Random) -> None:
    region = any_region(chance)
    account.rest("POST", region, "api", f"Applications/{_app(account, region)}.json", VoiceFallbackUrl="")


def _app_without_callback(account: HealthyAccount, _chance: Random) -> None:
    here = account.way.standby
    account.rest("POST", here, "api", f"Applications/{_app(account, here)}.json", StatusCallback="")


def _number_of_nobody(account: HealthyAccount, _chance: Random) -> None:
    account.flow["entry_points"]["numbers"].append("+14155550177")


def _domain_of_nobody(account: HealthyAccount, _chance: Random) -> None:
    account.flow["entry_points"]["sip_domains"] = ["acme2.sip.twilio.com"]


def _url_for_trunk(account: HealthyAccount, chance: Random) -> None:
    here = account.way.standby
    form = {"TrunkSid": "", "VoiceUrl": has.voice_url(here), "VoiceFallbackUrl": has.fallback_url()}
    account.number(here, chance.choice(has.BY_TRUNK), **form)


def _no_queue(account: HealthyAccount, _chance: Random) -> None:
    account.world.regions[account.way.standby].queues.clear()


def _short_queue(account: HealthyAccount, chance: Random) -> None:
    here = account.way.standby
    sid = next(iter(account.world.regions[here].queues))
    account.rest("POST", here, "api", f"Queues/{sid}.json", MaxSize=chance.choice((10, 49, 100)))


def _need(**more: float) -> Seed:
    def seed(account: HealthyAccount, _chance: Random) -> None:
        account.say("need", account.said("need") | more)

    return seed


def _less(account: HealthyAccount, chance: Random) -> None:
    figures = dict(account.said("capacity")[account.way.standby])
    figures[chance.choice(("calls_per_second", "concurrent_calls", "trunk_calls_per_second"))] = 4
    account.say("capacity", account.said("capacity") | {account.way.standby: figures})
    account.say("need", {"calls_per_second": 1, "concurrent_calls": 3})


def _not_said(account: HealthyAccount, _chance: Random) -> None:
    account.say("capacity", {account.way.primary: account.said("capacity")[account.way.primary]})


def _country(account: HealthyAccount, chance: Random) -> None:
    iso = chance.choice(("US", "IE"))
    wanted = f'[{{"iso_code": "{iso}", "low_risk_numbers_enabled": "false"}}]'
    account.rest("POST", "us1", "voice", "DialingPermissions/BulkCountryUpdates", UpdateRequest=wanted)


def _permissions(account: HealthyAccount, chance: Random) -> None:
    name = chance.choice(("high_risk_special_numbers_enabled", "high_risk_tollfraud_numbers_enabled"))
    iso = chance.choice(("DE", "CU", "IE"))

    def rewrite(told: dict[str, Any]) -> None:
        for one in told["content"]:
            if one["iso_code"] == iso:
                one[name] = True

    account.shows[any_region(chance), "/DialingPermissions/Countries"] = rewrite


def _not_ours(account: HealthyAccount, _chance: Random) -> None:
    account.say("outbound-caller-ids", [has.NUMBERS[0], "+14155559999"])


def _verified_in_us1(account: HealthyAccount, chance: Random) -> None:
    _not_ours(account, chance)
    account.rest("POST", "us1", "api", "OutgoingCallerIds.json", PhoneNumber="+14155559999", FriendlyName="desk")


def _released(account: HealthyAccount, _chance: Random) -> None:
    sid = account.world.numbers[has.TEST_CALLER].sid
    account.rest("DELETE", "us1", "api", f"IncomingPhoneNumbers/{sid}.json")


def _released_in_scope(account: HealthyAccount, chance: Random) -> None:
    sid = account.world.numbers[chance.choice(has.BY_URL[2:])].sid
    account.rest("DELETE", "us1", "api", f"IncomingPhoneNumbers/{sid}.json")


def _moved(account: HealthyAccount, chance: Random) -> None:
    e164 = chance.choice((*has.BY_URL, *has.BY_APPLICATION))
    account.route("PhoneNumbers", e164, account.way.standby)


def _trunk_moved(account: HealthyAccount, chance: Random) -> None:
    kind, name = chance.choice((("Trunks", has.TRUNK), ("SipDomains", has.SIP_DOMAIN)))
    account.route(kind, name, account.way.standby)


def _trickle_home(account: HealthyAccount, _chance: Random) -> None:
    account.route("PhoneNumbers", has.TRICKLE, account.way.primary)


def _no_trickle(account: HealthyAccount, _chance: Random) -> None:
    del account.flow["trickle"]
    account.flow["entry_points"]["numbers"].remove(has.TRICKLE)


def _write_refused(account: HealthyAccount, _chance: Random) -> None:
    account.fault("permission-denied", region=account.way.standby, product="routes")


def _read_only(account: HealthyAccount, _chance: Random) -> None:
    account.fault("api-read-only", region=account.way.standby, product="routes")


def _down(side: str) -> Seed:
    def seed(account: HealthyAccount, chance: Random) -> None:
        mode = chance.choice(("refuse", "black-hole", "503"))
        account.fault("region-down", region=getattr(account.way, side), mode=mode)

    return seed


def _app_without_url(account: HealthyAccount, _chance: Random) -> None:
    here = account.way.standby
    form = {"VoiceUrl": "", "VoiceFallbackUrl": "", "StatusCallback": ""}
    account.rest("POST", here, "api", f"Applications/{_app(account, here)}.json", **form)


def _slow_calls(account: HealthyAccount, chance: Random) -> None:
    if chance.random() < 0.5:
        account.document["account"]["limits"]["calls_per_second"] = 0.02
    else:
        account.flow["rto"] = "15m"
        account.document["account"]["limits"]["propagation_max"] = "10m"


KINDS = (
    Kind("number-not-ours", NUMBERS, _number_of_nobody, ("number_has_handler",),
         besides={"route_is_as_expected": "what is not ours has no route, and so reads us1"}),
    Kind("sip-domain-not-ours", NUMBERS, _domain_of_nobody, ("sip_domain_takes_calls",),
         besides={"route_is_as_expected": "what is not ours has no route, and so reads us1"}),
    Kind("number-by-url-and-not-by-trunk", NUMBERS, _url_for_trunk, ("number_answered_alike",)),
    Kind("application-without-callback", APPLICATIONS, _app_without_callback,
         ("status_callback_in_standby", "application_configured_alike")),
    Kind("number-without-handler", NUMBERS, _no_handler, ("number_has_handler",),
         besides={"messages_in_standby": "the configuration is one record"}),
    Kind("application-deleted", NUMBERS, _dangling,
         ("number_has_handler", "application_in_standby", "number_names_own_region")),
    Kind("number-names-primarys-application", NUMBERS, _primarys_application,
         ("number_names_own_region", "number_has_handler")),
    Kind("number-names-primarys-trunk", NUMBERS, _primarys_trunk, ("number_names_own_region", "number_has_handler")),
    Kind("number-names-primarys-message-application", NUMBERS, _primarys_message_application,
         ("number_names_own_region", "messages_in_standby")),
    Kind("number-answered-otherwise", NUMBERS, _other_handler, ("number_answered_alike",)),
    Kind("number-takes-faxes", NUMBERS, number_shown("standby", voice_receive_mode="fax"),
         ("number_receives_voice",)),
    Kind("number-asks-otherwise", NUMBERS,
         configured(same(VoiceMethod="GET", VoiceCallerIdLookup="true"), standby=True), ("number_asks_alike",)),
    Kind("number-callback-asks-otherwise", NUMBERS,
         configured(same(StatusCallbackMethod="GET"), standby=True), ("number_asks_alike",)),
    Kind("emergency-address-missing", NUMBERS,
         number_shown("primary", emergency_status="Active", emergency_address_sid="AD" + "1" * 32),
         ("number_emergency_alike",)),
    Kind("bundle-missing", NUMBERS, number_shown("standby", bundle_sid=None), ("number_regulated_alike",)),
    Kind("number-released", NUMBERS, _released_in_scope, ("number_has_handler",),
         besides={"route_is_as_expected": "what is not ours has no route, and so reads us1"}),
    Kind("application-without-url", NUMBERS, _app_without_url,
         ("number_has_handler", "application_configured_alike")),
    Kind("application-twice", APPLICATIONS, _another_app, ("application_in_standby",)),
    Kind("application-renamed", APPLICATIONS, _app_renamed, ("application_in_standby",),
         besides={"number_answered_alike": "its numbers are answered by an App of another name"}),
    Kind("application-drift", APPLICATIONS, _app_drift, ("application_configured_alike",)),
    Kind("application-without-fallback", APPLICATIONS, _app_without_fallback,
         ("has_fallback", "application_configured_alike")),
    Kind("queue-missing", QUEUES, _no_queue, ("queue_in_standby",)),
    Kind("queue-of-other-length", QUEUES, _short_queue, ("queue_in_standby",)),
    Kind("calls-per-second-short", CAPACITY, _need(calls_per_second=9), ("calls_per_second_suffice",)),
    Kind("calls-at-once-short", CAPACITY, _need(concurrent_calls=900), ("calls_at_once_suffice",)),
    Kind("capacity-lower", CAPACITY, _less, ("capacity_alike",)),
    Kind("standbys-capacity-not-said", CAPACITY, _not_said,
         dark=("capacity_alike", "calls_per_second_suffice", "calls_at_once_suffice")),
    Kind("country-not-permitted", CAPACITY, _country, ("country_is_permitted",)),
    Kind("permissions-drift", CAPACITY, _permissions, ("permissions_alike",)),
    Kind("caller-id-not-ours", CAPACITY, _not_ours, ("caller_id_is_owned",)),
    Kind("caller-id-verified-in-us1", CAPACITY, _verified_in_us1, ("caller_id_is_owned",), ways=(has.OUT,)),
    Kind("test-caller-released", CAPACITY, _released, ("test_caller_is_owned",)),
    Kind("number-not-home", ROUTES, _moved, ("route_is_as_expected",)),
    Kind("trunk-not-home", ROUTES, _trunk_moved, ("route_is_as_expected",)),
    Kind("route-write-refused", ROUTES, _write_refused, ("route_write_works",)),
    Kind("route-write-not-known", ROUTES, _read_only, dark=("route_write_works",)),
    Kind("standby-down", ROUTES, _down("standby"),
         dark=("standby_credential_accepted", "route_write_works", "number_has_handler", "trunk_in_standby",
               "call_log_is_shown", "sip_domain_takes_calls", "queue_in_standby", "country_is_permitted"),
         besides={"rest_has_a_second_edge": "no name of it answers"}),
    Kind("primary-down", ROUTES, _down("primary"),
         dark=("primary_credential_accepted", "number_answered_alike", "trunk_addresses_alike", "queue_in_standby"),
         besides={"rest_has_a_second_edge": "no name of it answers"}),
    Kind("trickle-at-home", TRICKLE, _trickle_home, ("trickle_lives_in_standby", "route_is_as_expected")),
    Kind("trickle-missing", TRICKLE, _no_trickle, ("trickle_lives_in_standby",)),
    Kind("rto-out-of-reach", RTO, _slow_calls, ("rto_achievable",)),
)  # fmt: skip

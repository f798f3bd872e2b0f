"""SBCs, trunks, SIP domains, and the networks before them."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from bench.readiness import declared
from bench.readiness import estate as has
from bench.readiness.account import AT, HealthyAccount
from bench.readiness.kind import Kind, Seed
from bench.readiness.outside import OPEN_FIREWALL
from voicedr.program.network.published import Kind as RangeKind
from voicedr.program.network.published import published_ranges
from voicedr.twin.world.model import OriginationUrl, SipDomain, Trunk

TERMINATION = "Termination: every address behind the name, at two edges"
ALLOWED = "Allow-lists: signalling and media of every edge"
ORIGINATION = "Origination: SBCs in groups, by priority, in two places"
DR_URL = "Trunks: a disaster-recovery URL that shares nothing with the SBCs"
DEVICES = "Devices register with two edges"
INTERCONNECT = "Interconnect: two exchanges, and a way over the internet"
TRUNKS = "Trunks are in the standby as in the primary"
DOMAINS = "SIP domains are in the standby as in the primary"


def any_region(chance: Random) -> str:
    """One of the two."""
    return chance.choice(tuple(has.EDGES))


def trunk(account: HealthyAccount, region: str) -> Trunk:
    """The trunk there."""
    return next(iter(account.world.regions[region].trunks.values()))


def domain(account: HealthyAccount, region: str) -> SipDomain:
    """The SIP domain there."""
    return next(iter(account.world.regions[region].sip_domains.values()))


def sbc(account: HealthyAccount, region: str, name: str) -> OriginationUrl:
    """The origination URI of an SBC there."""
    return next(one for one in trunk(account, region).origination_urls.values() if name in one.sip_url)


def set_trunk(account: HealthyAccount, region: str, **form: object) -> None:
    """Change the trunk."""
    account.rest("POST", region, "trunking", f"Trunks/{trunk(account, region).sid}", **form)


def set_domain(account: HealthyAccount, region: str, **form: object) -> None:
    """Change the SIP domain."""
    account.rest("POST", region, "api", f"SIP/Domains/{domain(account, region).sid}.json", **form)


def set_sbc(account: HealthyAccount, region: str, name: str, **form: object) -> None:
    """Change an origination URI."""
    path = f"Trunks/{trunk(account, region).sid}/OriginationUrls/{sbc(account, region, name).sid}"
    account.rest("POST", region, "trunking", path, **form)


def _address_silent(account: HealthyAccount, chance: Random) -> None:
    account.beside.dead_sip.add(f"198.51.100.{chance.randrange(16)}")


def _edge_silent(account: HealthyAccount, chance: Random) -> None:
    first = 4 * chance.randrange(4)
    account.beside.dead_sip |= {f"198.51.100.{first + one}" for one in range(4)}


def _few(account: HealthyAccount, chance: Random) -> None:
    edge = chance.choice((*has.EDGES.values(), *has.OTHER_EDGE.values()))
    account.beside.few.add(f"acme.pstn.{edge}.twilio.com")


def _pinned(account: HealthyAccount, chance: Random) -> None:
    address = chance.choice(("54.172.60.1", "54.171.127.193"))
    account.beside.files[declared.SBC] += f"1 sip:{address}:5060 0 0\n".encode()


def _one_edge(account: HealthyAccount, chance: Random) -> None:
    edge = chance.choice(("dublin", "frankfurt"))
    account.beside.files[declared.SBC] = f"1 sip:acme.pstn.{edge}.twilio.com 0 0\n".encode()


def _closed(kind: RangeKind) -> Seed:
    def seed(account: HealthyAccount, chance: Random) -> None:
        ranges = [one for one in published_ranges().chosen(None, interconnect=False) if one.kind is kind]
        out = chance.choice(chance.choice(ranges).prefixes)
        lines = [line for line in OPEN_FIREWALL.splitlines() if not line.startswith(f"{out} ")]
        account.beside.files[declared.FIREWALL] = "\n".join(lines).encode()

    return seed


def _device_edges(account: HealthyAccount, chance: Random) -> None:
    account.say("device-edges", chance.choice((["dublin"], ["dublin", "dublin"], ["dublin", "galway"])))


def _disabled(account: HealthyAccount, chance: Random) -> None:
    set_sbc(account, any_region(chance), chance.choice(has.SBCS), Enabled="false")


def _one_priority(account: HealthyAccount, chance: Random) -> None:
    set_sbc(account, any_region(chance), has.SBCS[1], Priority=10)


def _one_hall(account: HealthyAccount, chance: Random) -> None:
    place = chance.choice(("hall Ashburn", "hall Dublin"))
    account.say("sbc-places", dict.fromkeys(has.SBCS, place))


def _sbc_silent(account: HealthyAccount, chance: Random) -> None:
    account.beside.dead_sip |= set(account.beside.names[chance.choice(has.SBCS)])


def _half_silent(account: HealthyAccount, chance: Random) -> None:
    host = chance.choice(has.SBCS)
    account.beside.names[host] += ("203.0.113.77",)
    account.beside.dead_sip.add("203.0.113.77")


def _nameless(account: HealthyAccount, chance: Random) -> None:
    account.beside.names.pop(chance.choice(has.SBCS))


def _one_machine(account: HealthyAccount, chance: Random) -> None:
    first, second = has.SBCS if chance.random() < 0.5 else has.SBCS[::-1]
    account.beside.names[first] = account.beside.names[second]


def _sbc_certificate(account: HealthyAccount, chance: Random) -> None:
    account.beside.ends[has.SBCS[1]] = AT + timedelta(days=chance.randrange(-3, 20))


def _no_such_edge(account: HealthyAccount, chance: Random) -> None:
    edge = chance.choice(("dublinn", "london", "eu"))
    set_sbc(account, any_region(chance), has.SBCS[1], SipUrl=f"sip:{has.SBCS[1]};transport=tls;edge={edge}")


def _private_only(account: HealthyAccount, chance: Random) -> None:
    edge = chance.choice(("ashburn-ix", "london-ix"))
    set_sbc(account, any_region(chance), has.SBCS[1], SipUrl=f"sip:{has.SBCS[1]};transport=tls;edge={edge}")


def _one_exchange(account: HealthyAccount, chance: Random) -> None:
    rows = ({"ashburn": "North America"}, {"london": "Europe", "frankfurt": "Europe"}, {})
    account.say("exchange-locations", chance.choice(rows))


def _no_recovery(account: HealthyAccount, chance: Random) -> None:
    account.fault("recovery-url-cleared", region=any_region(chance), trunk=has.TRUNK)


def _recovery_on_sbc(account: HealthyAccount, chance: Random) -> None:
    url = f"https://{chance.choice(has.SBCS)}/voice/dispatch{has.leaving('frankfurt', 'umatilla')}"
    set_trunk(account, any_region(chance), DisasterRecoveryUrl=url)


def _recovery_beside_sbc(account: HealthyAccount, chance: Random) -> None:
    account.beside.names[chance.choice(has.SBCS)] = account.beside.names[has.RECOVERY]


def _no_trunk(account: HealthyAccount, _chance: Random) -> None:
    account.world.regions[account.way.standby].trunks.clear()


def _renamed_trunk(account: HealthyAccount, _chance: Random) -> None:
    set_trunk(account, account.way.standby, DomainName="acme-old.pstn.twilio.com")


def _trunk_settings(account: HealthyAccount, chance: Random) -> None:
    rows = ({"Secure": "true"}, {"TransferMode": "enable-all"}, {"CnamLookupEnabled": "true"})
    set_trunk(account, account.way.standby, **chance.choice(rows))


def _unmap(account: HealthyAccount, region: str, kind: str, sid: str) -> None:
    account.rest("DELETE", region, "trunking", f"Trunks/{trunk(account, region).sid}/{kind}/{sid}")


def _no_acl(account: HealthyAccount, _chance: Random) -> None:
    here = account.way.standby
    _unmap(account, here, "IpAccessControlLists", next(iter(trunk(account, here).ip_access_control_lists)))


def _no_users(account: HealthyAccount, _chance: Random) -> None:
    here = account.way.standby
    _unmap(account, here, "CredentialLists", next(iter(trunk(account, here).credential_lists)))


def _nobody(account: HealthyAccount, chance: Random) -> None:
    _no_acl(account, chance)
    _no_users(account, chance)


def _addresses(account: HealthyAccount, region: str, name: str) -> dict[str, object]:
    lists = account.world.regions[region].ip_access_control_lists.values()
    found: dict[str, object] = next(one.addresses for one in lists if one.friendly_name == name)  # type: ignore[assignment]
    return found


def _empty_acl(account: HealthyAccount, _chance: Random) -> None:
    _addresses(account, account.way.standby, "SBCs").clear()


def _acl_drift(account: HealthyAccount, chance: Random) -> None:
    held = _addresses(account, account.way.standby, "SBCs")
    held.pop(chance.choice(sorted(held)))


def _user_more(name: str) -> Seed:
    def seed(account: HealthyAccount, chance: Random) -> None:
        region = any_region(chance)
        lists = account.world.regions[region].credential_lists.values()
        sid = next(one.sid for one in lists if one.friendly_name == name)
        account.rest("POST", region, "api", f"SIP/CredentialLists/{sid}/Credentials.json", Username="late",
                     Password="Correct4Horse99")  # fmt: skip

    return seed


def _weight(account: HealthyAccount, chance: Random) -> None:
    set_sbc(account, any_region(chance), chance.choice(has.SBCS), Weight=chance.randrange(20, 90))


def _one_more(account: HealthyAccount, chance: Random) -> None:
    account.beside.names["sbc3.acme.example"] = ("203.0.113.12",)
    region = any_region(chance)
    account.say("sbc-places", account.said("sbc-places") | {"sbc3.acme.example": "hall Cork"})
    path = f"Trunks/{trunk(account, region).sid}/OriginationUrls"
    account.rest("POST", region, "trunking", path, SipUrl="sip:sbc3.acme.example", Priority=30, Weight=10,
                 Enabled="true", FriendlyName="sbc3")  # fmt: skip


def _no_domain(account: HealthyAccount, _chance: Random) -> None:
    account.fault("sip-domain-missing", region=account.way.standby, domain=has.SIP_DOMAIN)


def _nobody_at_domain(account: HealthyAccount, _chance: Random) -> None:
    found = domain(account, account.way.standby)
    found.ip_access_control_lists.clear()
    found.credential_lists.clear()
    found.auth_type = ""


def _domain_without_url(account: HealthyAccount, _chance: Random) -> None:
    set_domain(account, account.way.standby, VoiceUrl="", VoiceFallbackUrl="", VoiceStatusCallbackUrl="")


def _domain_settings(account: HealthyAccount, chance: Random) -> None:
    rows = ({"SipRegistration": "false"}, {"Secure": "true"})
    set_domain(account, account.way.standby, **chance.choice(rows))


def _no_registrations(account: HealthyAccount, _chance: Random) -> None:
    domain(account, account.way.standby).registration_credential_lists.clear()


def _domain_acl(account: HealthyAccount, _chance: Random) -> None:
    region = account.way.primary
    lists = account.world.regions[region].ip_access_control_lists.values()
    sid = next(one.sid for one in lists if one.friendly_name == "Office")
    account.rest("POST", region, "api", f"SIP/IpAccessControlLists/{sid}/IpAddresses.json", FriendlyName="annex",
                 IpAddress="192.0.2.44")  # fmt: skip


def _domain_fallback(account: HealthyAccount, chance: Random) -> None:
    set_domain(account, any_region(chance), VoiceFallbackUrl="")


def _recovery_asks(account: HealthyAccount, _chance: Random) -> None:
    set_trunk(account, account.way.standby, DisasterRecoveryMethod="GET")


def _domain_asks(account: HealthyAccount, chance: Random) -> None:
    name = chance.choice(("VoiceMethod", "VoiceFallbackMethod"))
    set_domain(account, account.way.standby, **{name: "GET"})


def _domain_callback(account: HealthyAccount, _chance: Random) -> None:
    set_domain(account, account.way.standby, VoiceStatusCallbackUrl="")


def _no_tls(account: HealthyAccount, chance: Random) -> None:
    ranges = [one for one in published_ranges().chosen(None, interconnect=False) if one.transport == "tls"]
    out = {f"{prefix} tcp 5061-5061" for prefix in chance.choice(ranges).prefixes}
    lines = [line for line in OPEN_FIREWALL.splitlines() if line not in out]
    account.beside.files[declared.FIREWALL] = "\n".join(lines).encode()


KINDS = (
    Kind("recovery-url-asks-otherwise", TRUNKS, _recovery_asks, ("trunk_settings_alike",)),
    Kind("termination-address-silent", TERMINATION, _address_silent, ("termination_answers",)),
    Kind("termination-edge-silent", TERMINATION, _edge_silent, ("termination_answers",)),
    Kind("termination-one-address", TERMINATION, _few, ("termination_has_several_addresses",)),
    Kind("sbc-pinned-to-address", TERMINATION, _pinned, ("sbc_sends_to_names",)),
    Kind("sbc-knows-one-edge", TERMINATION, _one_edge, ("sbc_knows_two_edges",)),
    Kind("firewall-without-signalling", ALLOWED, _closed(RangeKind.SIGNALLING), ("firewall_admits_signalling",)),
    Kind("firewall-without-tls", ALLOWED, _no_tls, ("firewall_admits_signalling",)),
    Kind("firewall-without-media", ALLOWED, _closed(RangeKind.MEDIA), ("firewall_admits_media",)),
    Kind("devices-know-one-edge", DEVICES, _device_edges, ("devices_register_with_two_edges",)),
    Kind(
        "origination-disabled", ORIGINATION, _disabled,
        ("trunk_has_two_sbcs", "origination_has_standby_group", "origination_alike"),
        besides={"interconnect_has_way_outside": "the URI that is left may be the private one"},
    ),
    Kind(
        "origination-one-priority", ORIGINATION, _one_priority, ("origination_has_standby_group", "origination_alike")
    ),
    Kind("sbcs-in-one-place", ORIGINATION, _one_hall, ("origination_last_group_elsewhere",)),
    Kind("sbc-silent", ORIGINATION, _sbc_silent, ("origination_answers",)),
    Kind("sbc-half-silent", ORIGINATION, _half_silent, ("origination_addresses_answer",)),
    Kind("sbc-name-gone", ORIGINATION, _nameless, dark=("origination_answers", "origination_hosts_are_distinct")),
    Kind("sbcs-are-one-machine", ORIGINATION, _one_machine, ("origination_hosts_are_distinct",)),
    Kind("sbc-certificate-ends", ORIGINATION, _sbc_certificate, ("origination_certificate_lasts",)),
    Kind("origination-edge-misspelt", ORIGINATION, _no_such_edge, ("origination_edge_exists",)),
    Kind("interconnect-only", INTERCONNECT, _private_only, ("interconnect_has_way_outside",)),
    Kind("interconnect-at-one-exchange", INTERCONNECT, _one_exchange, ("interconnect_in_two_regions",)),
    Kind("recovery-url-cleared", DR_URL, _no_recovery, ("trunk_has_disaster_recovery",)),
    Kind(
        "recovery-url-on-sbc", DR_URL, _recovery_on_sbc,
        ("trunk_has_disaster_recovery", "disaster_recovery_on_other_address"),
        besides={
            "webhook_answers_twiml": "an SBC answers no webhooks",
            "webhook_host_is_public": "the SBC's address is one of a documentation range",
        },
    ),
    Kind(
        "recovery-url-at-sbcs-address", DR_URL, _recovery_beside_sbc, ("disaster_recovery_on_other_address",)
    ),
    Kind("trunk-missing", TRUNKS, _no_trunk, ("trunk_in_standby", "number_has_handler", "number_names_own_region")),
    Kind("trunk-other-domain", TRUNKS, _renamed_trunk, ("trunk_in_standby",),
         besides={"number_answered_alike": "its numbers are answered by a trunk of another name"}),
    Kind("trunk-settings-drift", TRUNKS, _trunk_settings, ("trunk_settings_alike",)),
    Kind("trunk-acl-not-mapped", TRUNKS, _no_acl, ("trunk_addresses_alike",)),
    Kind("trunk-users-not-mapped", TRUNKS, _no_users, ("trunk_users_alike",)),
    Kind(
        "trunk-lets-nobody-in", TRUNKS, _nobody,
        ("trunk_lets_calls_in", "trunk_addresses_alike", "trunk_users_alike"),
    ),
    Kind("trunk-acl-empty", TRUNKS, _empty_acl, ("trunk_lets_calls_in", "trunk_addresses_alike")),
    Kind("trunk-acl-drift", TRUNKS, _acl_drift, ("trunk_addresses_alike",)),
    Kind("trunk-users-drift", TRUNKS, _user_more("Trunk users"), ("trunk_users_alike",)),
    Kind("origination-weight-drift", TRUNKS, _weight, ("origination_alike",)),
    Kind("origination-one-more", TRUNKS, _one_more, ("origination_alike",)),
    Kind("sip-domain-missing", DOMAINS, _no_domain, ("sip_domain_takes_calls",)),
    Kind(
        "sip-domain-lets-nobody-in", DOMAINS, _nobody_at_domain,
        ("sip_domain_takes_calls", "sip_domain_addresses_alike", "sip_domain_users_alike"),
    ),
    Kind("sip-domain-without-url", DOMAINS, _domain_without_url, ("sip_domain_takes_calls",)),
    Kind("sip-domain-settings-drift", DOMAINS, _domain_settings, ("sip_domain_settings_alike",)),
    Kind(
        "sip-domain-without-registrations", DOMAINS, _no_registrations,
        ("sip_domain_takes_registrations", "sip_domain_devices_alike"),
    ),
    Kind("sip-domain-acl-drift", DOMAINS, _domain_acl, ("sip_domain_addresses_alike",)),
    Kind(
        "sip-domain-users-drift", DOMAINS, _user_more("Desks"),
        ("sip_domain_users_alike", "sip_domain_devices_alike"),
    ),
    Kind("sip-domain-asks-otherwise", DOMAINS, _domain_asks, ("sip_domain_settings_alike",)),
    Kind("sip-domain-without-callback", DOMAINS, _domain_callback, ("status_callback_in_standby",)),
    Kind("sip-domain-without-fallback", DOMAINS, _domain_fallback, ("has_fallback",)),
)  # fmt: skip

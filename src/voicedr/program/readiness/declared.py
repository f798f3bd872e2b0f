"""What people say about things that no program can read, with their name, the day, and the day it ends.

It is never mixed with what was observed: a check that rests on somebody's word says so in its evidence.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec

from voicedr.program.readiness.said import Said, Unsaid


class About(StrEnum):
    """What a declaration is about. The value's form is in the comment behind; the workbook's lint holds it to that."""

    FIREWALL_EXPORT = "firewall-export"  # list of files: exports of the firewalls before the SBCs
    SBC_CONFIG = "sbc-config"  # list of files: configurations of the SBCs
    SBC_PLACES = "sbc-places"  # host or address -> place ("aws eu-west-1 a")
    DEVICE_EDGES = "device-edges"  # list of edges that SIP devices register with, first one first
    EXCHANGE_LOCATIONS = "exchange-locations"  # Interconnect: location -> geographic region; {} if not used
    APPLICATION_INSTANCES = "application-instances"  # URL of each instance's health -> place
    BALANCER = "balancer"  # text: what stands before the instances, and why it is not one machine
    DEPENDENCIES = "dependencies"  # name -> {instances: int, places: [..], fails_over: bool}
    HOST_PLACES = "host-places"  # webhook host -> place ("aws eu-west-1")
    # list of URLs, or {url, bearer: reference}, that mint an access token (GET, with identity and region)
    TOKEN_SERVICES = "token-services"  # noqa: S105
    TOKEN_TTL = "token-ttl"  # noqa: S105  seconds that access tokens live
    CLIENT_EDGES = "client-edges"  # Region -> list of edges that Voice SDK clients are given
    CLIENT_VERSIONS = "client-versions"  # {"js": "2.11.0", "ios": "6.5.0", "android": "6.2.0"}; {} if none are used
    REST_CLIENTS = "rest-clients"  # list of files: source of the application's REST clients, looked at for edges
    PUSH_CREDENTIALS = "push-credentials"  # Region -> list of credential SIDs; {} if no mobile client takes calls
    CAPACITY = "capacity"  # Region -> {calls_per_second, concurrent_calls, trunk_calls_per_second}
    NEED = "need"  # {calls_per_second, concurrent_calls}: the flow's busy hour
    # Region -> where the application reads that Region's credentials, or {where, expires: day or never}
    REGIONAL_SECRETS = "regional-secrets"
    DASHBOARDS = "dashboards"  # Region -> list of URLs that show that Region's calls
    ALERTS = "alerts"  # Region -> list of what alarms on that Region's calls, with the channel
    APM = "apm"  # Region -> list of URLs
    SUPPORT_TOOLING = "support-tooling"  # Region -> list
    ANALYTICS = "analytics"  # Region -> list
    REGULATORY = "regulatory"  # text: what the numbers' bundles and addresses say about use from the standby
    RELEASE_PROCESS = "release-process"  # text or URL: the job that runs `voicedr sync --check`
    SECOND_WAY = "second-way"  # text: the way that needs no route write (carrier reroute, SBC reroute)
    PEOPLE_REACHED = "people-reached"  # person id -> date of the last test call that was answered
    OUTBOUND_CALLER_IDS = "outbound-caller-ids"  # list of numbers that the flow shows on outbound calls
    OUTBOUND_COUNTRIES = "outbound-countries"  # list of ISO codes that the flow calls
    SERVED_BY_HAND = "served-by-hand"  # text: a manual arrangement that stands in for something


_UNDECLARED = "nobody has declared {}: write it under declared in the workbook"


def undeclared_in(detail: str) -> About | None:
    """What a conclusion waits for, by the sentence that says so; None if it waits for nobody's word.

    Many checks wait for one declaration: whoever shows them says it once.
    """
    before, after = _UNDECLARED.split("{}")
    _, found, rest = detail.partition(before)
    name, ends, _ = rest.partition(after)
    return next((about for about in About if about.value == name), None) if found and ends else None


class Declaration(msgspec.Struct, frozen=True):
    """One thing that somebody says.

    Attributes:
        about: What it is about.
        value: In the form that ``About`` tells.
        owner: A person's id in the workbook.
        said_on: The day it was said.
        valid_until: The last day on which it counts.
        flows: The flows that it is about; empty: all of them.
        evidence: Where it can be looked up, in words; None if nowhere.
    """

    about: About
    value: Any
    owner: str
    said_on: date
    valid_until: date
    flows: tuple[str, ...] = ()
    evidence: str | None = None


class Declarations(msgspec.Struct, frozen=True):
    """Everything that was said."""

    every: tuple[Declaration, ...] = ()

    def about(self, about: About, flow: str, now: datetime) -> Said[Any] | Unsaid:
        """What counts today for one flow: what was said of that very flow before what was said of all, and of those
        the latest. What has ended does not count."""
        today = now.date()
        found = [one for one in self.every if one.about is about and (not one.flows or flow in one.flows)]
        found.sort(key=lambda one: (bool(one.flows), one.said_on), reverse=True)
        for one in found:
            if one.said_on <= today <= one.valid_until:
                return Said(one.value, one.owner, one.said_on, one.valid_until, one.evidence)
        if found:
            last = found[0]
            when = f"ended on {last.valid_until}" if last.valid_until < today else f"begins on {last.said_on}"
            return Unsaid(f"what {last.owner} declared about {about.value} {when}")
        return Unsaid(_UNDECLARED.format(about.value))


NOTHING_DECLARED = Declarations()
"""Nobody has said anything."""

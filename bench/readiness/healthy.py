"""Accounts that are healthy in another way: other forms of the same words, other habits. Nothing may fail in them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

from bench.readiness import declared
from bench.readiness import estate as has
from bench.readiness.account import AT, HealthyAccount
from bench.readiness.customer import TWIML
from bench.readiness.faults.trunks import trunk
from bench.readiness.faults.webhooks import status
from voicedr.adapters.http.in_process import Handler
from voicedr.ports.clock import Clock
from voicedr.twin.world.model import Alert
from voicedr.usecases.probe_webhooks import FORGED_SIGNATURE
from voicedr.wire.http import Request, Response
from voicedr.wire.signatures import HEADER

Variant = Callable[[HealthyAccount], None]


def _no_clients(account: HealthyAccount) -> None:
    account.say("client-versions", {})
    gone = ("token-services", "token-ttl", "client-edges", "push-credentials")
    account.document["declared"] = [one for one in account.document["declared"] if one["about"] not in gone]


def _calls_nobody(account: HealthyAccount) -> None:
    account.say("outbound-caller-ids", [])
    account.say("outbound-countries", [])


def _exchanges_by_their_edges(account: HealthyAccount) -> None:
    account.say("exchange-locations", {"ashburn-ix": "North America", "frankfurt-ix": "Europe"})


def _secrets_without_end(account: HealthyAccount) -> None:
    account.say("regional-secrets", {region: {"where": f"vault {region}", "expires": "never"} for region in has.EDGES})


def _asked_with_get(account: HealthyAccount) -> None:
    for region in has.EDGES:
        for e164 in has.BY_URL:
            account.number(region, e164, VoiceMethod="GET", VoiceFallbackMethod="GET")


def _other_ports(account: HealthyAccount) -> None:
    host = f"{has.FALLBACK}:8443"
    account.customer.new_hosts.add(host)
    url = f"https://{host}/voice{has.leaving('frankfurt', 'umatilla')}"
    for region in has.EDGES:
        account.number(region, has.BY_URL[0], VoiceFallbackUrl=url)
    account.customer.instead[host] = _signed_only


async def _signed_only(request: Request, _real: Handler, _clock: Clock) -> Response:
    if request.header(HEADER) == FORGED_SIGNATURE:
        return Response(403, (), b"")
    return Response(200, TWIML, b"<Response><Say>Sorry.</Say></Response>")


def _six(account: HealthyAccount) -> None:
    for n, (host, addresses) in enumerate(list(account.beside.names.items()), start=1):
        account.beside.names[host] = (*addresses, f"2606:4700::{n}")


def _disabled_in_both(account: HealthyAccount) -> None:
    account.beside.names["sbc9.acme.example"] = ()
    for region in has.EDGES:
        path = f"Trunks/{trunk(account, region).sid}/OriginationUrls"
        account.rest("POST", region, "trunking", path, SipUrl="sip:sbc9.acme.example", Priority=90, Weight=10,
                     Enabled="false", FriendlyName="sbc9")  # fmt: skip


def _old_alert(account: HealthyAccount) -> None:
    url = f"https://{has.APP['us1']}/voice/support-line"
    account.world.regions["us1"].alerts.append(
        Alert("NO" + "7" * 32, "11200", "error", "CA" + "7" * 32, url, "POST", "", AT.timestamp() - 3 * 86_400)
    )


def _others_alert(account: HealthyAccount) -> None:
    url = "https://shop.acme.example/voice"
    account.world.regions["us1"].alerts.append(
        Alert("NO" + "7" * 32, "11200", "error", "CA" + "7" * 32, url, "POST", "", AT.timestamp() - 60)
    )


def _callback_knows_no_head(account: HealthyAccount) -> None:
    for host in has.APP.values():
        account.customer.instead[f"{host}/status"] = status(405)


def _moved_on_its_own_host(account: HealthyAccount) -> None:
    for host in has.APP.values():
        account.customer.instead[f"{host}/voice/support-line"] = status(307, f"https://{host}/voice/sales")


def _watches(account: HealthyAccount) -> None:
    for index, one in enumerate(account.document["people"]):
        hours = (("08:00", "20:00"), ("20:00", "08:00"))[(index in (1, 2))]
        one["hours"] = [{"from": hours[0], "to": hours[1], "zone": "Europe/Dublin"}]


def _one_spelling(account: HealthyAccount) -> None:
    for region in has.EDGES:
        for number in account.world.regions[region].numbers.values():
            number.voice.voice_url = number.voice.voice_url.replace("acme.example", "ACME.example")


def _more_of_everything(account: HealthyAccount) -> None:
    here = account.way.standby
    account.rest("POST", here, "api", "Queues.json", FriendlyName="spare", MaxSize=5)
    account.rest("POST", here, "api", "Applications.json", FriendlyName="spare")
    account.rest("POST", here, "api", "SIP/CredentialLists.json", FriendlyName="spare")


def _pages_behind_a_login(account: HealthyAccount) -> None:
    account.customer.instead[has.BOARDS] = status(401)


def _certificates_for_a_month(account: HealthyAccount) -> None:
    for host in (*has.APP.values(), has.FALLBACK, has.RECOVERY, has.SBCS[1]):
        account.beside.ends[host] = AT + timedelta(days=30)


def _tokens_as_text(account: HealthyAccount) -> None:
    account.say("token-services", [f"https://{host}/token?app=web" for host in has.TOKENS])
    account.customer.open_tokens = True


def _context_with_more(account: HealthyAccount) -> None:
    told = {"region": account.way.primary, "epoch": 7, "written_at": "2026-11-01T00:00:00Z", "by": "cutover"}
    account.beside.files[declared.CONTEXT] = json.dumps(told).encode()


VARIANTS: tuple[Variant, ...] = (
    _no_clients, _calls_nobody, _exchanges_by_their_edges, _secrets_without_end, _asked_with_get, _other_ports, _six,
    _disabled_in_both, _old_alert, _others_alert, _callback_knows_no_head, _moved_on_its_own_host, _watches,
    _one_spelling, _more_of_everything, _pages_behind_a_login, _certificates_for_a_month, _tokens_as_text,
    _context_with_more,
)  # fmt: skip

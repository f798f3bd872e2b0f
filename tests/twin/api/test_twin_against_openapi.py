"""Every answer of the twin is held to the schema that the provider publishes for it.

The schemas are fetched when the test runs (see ``published_schemas``); without them the tests are skipped.
``pytest -s`` lists the published operations that the twin does not serve.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from asking_the_twin import N0, N1, N2, T0, Client, read, small_world
from published_schemas import Operation, mistakes, operations
from voicedr.twin.api import resources
from voicedr.twin.api.broken import Broken
from voicedr.twin.world.model import (
    Alert,
    Call,
    Conference,
    Message,
    Participant,
    Queue,
    QueueMember,
    Recording,
    WebExchange,
    World,
)

_ID = re.compile(r"\{[^}]*\}")
OTHER = "+16465550123"
ADDRESS = {
    "CustomerName": "Acme", "Street": "1 Main St", "City": "Springfield", "Region": "IL", "PostalCode": "62701",
    "IsoCountry": "US",
}  # fmt: skip


def _sid(prefix: str, number: int = 1) -> str:
    return f"{prefix}{number:032x}"


@dataclass(frozen=True)
class Furnished:
    """A world in which every kind of thing is once, and how its paths are filled in."""

    world: World
    ids: dict[str, str]
    fields: dict[str, dict[str, str]]


def furnished() -> Furnished:
    """A us1 that has one of everything."""
    world = small_world()
    store = world.regions["us1"]
    client = Client(world, "us1")
    trunk, domain = next(iter(store.trunks.values())), next(iter(store.sip_domains.values()))
    for number, status in ((1, "in-progress"), (2, "completed")):
        call = Call(_sid("CA", number), OTHER, N0, "inbound", status, T0 - 3600, T0 - 3600)
        store.calls[call.sid] = call
    call.answered_at, call.ended_at = T0 - 3590, T0 - 3500
    call.exchanges.append(WebExchange(T0, "https://app.example/voice", "POST", "ashburn", 1, 200, "", 0.1))
    room = Conference(_sid("CF"), "standup", T0, T0, status="in-progress")
    room.participants[call.sid] = Participant(call.sid, T0)
    store.conferences[room.sid] = room
    queue = Queue(_sid("QU"), "support", T0, T0, members=[QueueMember(call.sid, T0)])
    store.queues[queue.sid] = queue
    store.queues[_sid("QU", 2)] = Queue(_sid("QU", 2), "empty", T0, T0)
    recording = Recording(
        _sid("RE"), call.sid, "DialVerb", T0, T0, "completed", conference_sid=room.sid, started_at=T0, duration_s=5
    )
    store.recordings[recording.sid] = recording
    alert = Alert(_sid("NO"), "11200", "error", call.sid, "https://x.example/", "POST", "text", T0, "a=b", "h", "b")
    store.alerts.append(alert)
    addresses, users = next(iter(store.ip_access_control_lists)), _post(client, "CredentialLists", "Desks")
    free_addresses, free_users = _post(client, "IpAccessControlLists", "Gate"), _post(client, "CredentialLists", "New")
    address = client.post(
        "api",
        f"A/SIP/IpAccessControlLists/{addresses}/IpAddresses.json",
        {"FriendlyName": "a", "IpAddress": "192.0.2.1"},
    )[1]["sid"]
    credential = client.post(
        "api", f"A/SIP/CredentialLists/{users}/Credentials.json", {"Username": "a", "Password": "Correct4Horse"}
    )[1]["sid"]
    domain.credential_lists[users] = domain.registration_credential_lists[users] = T0
    trunk.credential_lists[users] = domain.ip_access_control_lists[addresses] = T0
    client.post("api", "A/OutgoingCallerIds.json", {"PhoneNumber": OTHER})
    address_sid = client.post("api", "A/Addresses.json", ADDRESS)[1]["sid"]
    world.numbers[N1].address_sid = address_sid
    bundle = client.post(
        "numbers", "v2/RegulatoryCompliance/Bundles", {"FriendlyName": "Proof", "Email": "a@example.com"}
    )[1]["sid"]
    item = client.post(
        "numbers", f"v2/RegulatoryCompliance/Bundles/{bundle}/ItemAssignments", {"ObjectSid": address_sid}
    )[1]["sid"]
    service = client.post("messaging", "v1/Services", {"FriendlyName": "Texts"})[1]["sid"]
    client.post("messaging", f"v1/Services/{service}/PhoneNumbers", {"PhoneNumberSid": world.numbers[N1].sid})
    message = Message(_sid("SM", 1), OTHER, N0, "hello", T0, "us1", "answered")
    store.messages[message.sid] = message
    Client(world, "us1", token=True).post("accounts", "v1/AuthTokens/Secondary")
    for kind, name in (("Trunks", trunk.domain_name), ("SipDomains", domain.domain_name)):
        client.post("routes", f"v2/{kind}/{name}", {"VoiceRegion": "us1"})
    ids = {
        "api/Accounts": world.account_sid,
        "api/Addresses": address_sid,
        "api/Applications": next(iter(store.applications)),
        "api/Calls": call.sid,
        "api/Conferences": room.sid,
        "api/Credentials": credential,
        "api/CredentialListMappings": users,
        "api/CredentialLists": users,
        "api/Domains": domain.sid,
        "api/IncomingPhoneNumbers": world.numbers[N1].sid,
        "api/IpAccessControlListMappings": addresses,
        "api/IpAccessControlLists": addresses,
        "api/IpAddresses": address,
        "api/Keys": next(iter(store.keys)),
        "api/Members": call.sid,
        "api/Messages": message.sid,
        "api/Notifications": alert.sid,
        "api/OutgoingCallerIds": next(iter(store.caller_ids)),
        "api/Participants": call.sid,
        "api/Queues": queue.sid,
        "api/Recordings": recording.sid,
        "api/SigningKeys": next(iter(store.keys)),
        "iam/Keys": next(iter(store.keys)),
        "insights/Voice": call.sid,
        "messaging/PhoneNumbers": world.numbers[N1].sid,
        "messaging/Services": service,
        "monitor/Alerts": alert.sid,
        "monitor/Events": store.audit[-1].sid,
        "numbers/Bundles": bundle,
        "numbers/ItemAssignments": item,
        "routes/PhoneNumbers": N0,
        "routes/SipDomains": domain.domain_name,
        "routes/Trunks": trunk.domain_name,
        "trunking/CredentialLists": users,
        "trunking/IpAccessControlLists": addresses,
        "trunking/OriginationUrls": next(iter(trunk.origination_urls)),
        "trunking/PhoneNumbers": world.numbers[N2].sid,
        "trunking/Trunks": trunk.sid,
        "voice/Countries": "US",
    }
    made = {"FriendlyName": "Made"}
    fields = {
        "api/Addresses": ADDRESS,
        "api/Applications": made,
        "api/Calls": {"To": OTHER, "From": N0, "Twiml": "<Response/>"},
        "api/Calls/{}": {"Status": "completed"},
        "api/Calls/{}/Recordings/{}": {"Status": "paused"},
        "api/Conferences/{}/Recordings/{}": {"Status": "stopped"},
        "api/Conferences/{}/Participants": {"To": OTHER, "From": N0},
        "api/IncomingPhoneNumbers": {"PhoneNumber": "+14155550190"},
        "api/OutgoingCallerIds": {"PhoneNumber": "+16465550124"},
        "api/Queues": made,
        "api/Queues/{}/Members/{}": {"Url": "https://x.example/"},
        "api/SIP/CredentialLists": made,
        "api/SIP/CredentialLists/{}": made,
        "api/SIP/CredentialLists/{}/Credentials": {"Username": "b", "Password": "Correct4Horse"},
        "api/SIP/Domains": {"DomainName": "made.sip.twilio.com"},
        "api/SIP/IpAccessControlLists": made,
        "api/SIP/IpAccessControlLists/{}": made,
        "api/SIP/IpAccessControlLists/{}/IpAddresses": {"FriendlyName": "b", "IpAddress": "192.0.2.2"},
        "iam/Keys": {"AccountSid": world.account_sid},
        "messaging/Services": made,
        "messaging/Services/{}/PhoneNumbers": {"PhoneNumberSid": world.numbers[N2].sid},
        "numbers/RegulatoryCompliance/Bundles": {"FriendlyName": "Made", "Email": "b@example.com"},
        "numbers/RegulatoryCompliance/Bundles/{}/ItemAssignments": {"ObjectSid": address_sid},
        "routes/PhoneNumbers/{}": {"VoiceRegion": "ie1", "voiceRegion": "ie1"},
        "trunking/Trunks/{}/CredentialLists": {"CredentialListSid": free_users},
        "trunking/Trunks/{}/IpAccessControlLists": {"IpAccessControlListSid": free_addresses},
        "trunking/Trunks/{}/OriginationUrls": {
            "Weight": "1", "Priority": "1", "Enabled": "true", "FriendlyName": "b", "SipUrl": "sip:b.example",
        },
        "trunking/Trunks/{}/PhoneNumbers": {"PhoneNumberSid": world.numbers[N0].sid},
        "voice/DialingPermissions/BulkCountryUpdates": {"UpdateRequest": json.dumps([{"iso_code": "DE"}])},
    }  # fmt: skip
    for form in ("", "Auth/Calls/"):
        fields[f"api/SIP/Domains/{{}}/{form}IpAccessControlListMappings"] = {"IpAccessControlListSid": free_addresses}
    for form in ("", "Auth/Calls/", "Auth/Registrations/"):
        fields[f"api/SIP/Domains/{{}}/{form}CredentialListMappings"] = {"CredentialListSid": free_users}
    return Furnished(world, ids, fields)


def _post(client: Client, kind: str, name: str) -> str:
    return str(client.post("api", f"A/SIP/{kind}.json", {"FriendlyName": name})[1]["sid"])


@cache
def _served() -> frozenset[tuple[str, str, str, str]]:
    """Product, version, path with empty braces, method: what the twin's endpoints say of themselves."""
    found = set()
    for module in pkgutil.iter_modules(resources.__path__):
        for endpoint in importlib.import_module(f"{resources.__name__}.{module.name}").endpoints:
            for method in endpoint.methods:
                found.add((endpoint.product, endpoint.version, _ID.sub("{}", endpoint.path), method))
    return frozenset(found)


def _key(operation: Operation) -> tuple[str, str, str, str]:
    """The same four of a published operation."""
    path = _ID.sub("{}", operation.path.strip("/").removesuffix(".json"))
    version, _, rest = path.partition("/")
    if operation.product == "api":
        rest = rest.removeprefix("Accounts").removeprefix("/")
        if rest == "":
            return "api", "Accounts", "", operation.method
        return "api", version, rest.removeprefix("{}").removeprefix("/"), operation.method
    return operation.product, version, rest, operation.method


def _filled(operation: Operation, ids: dict[str, str]) -> str:
    """The path with an id in every brace, by the segment before it."""
    steps = operation.path.strip("/").split("/")
    for index, step in enumerate(steps):
        if step.startswith("{"):
            suffix = ".json" if step.endswith(".json") else ""
            steps[index] = ids[f"{operation.product}/{steps[index - 1]}"] + suffix
    return "/".join(steps)


def test_every_answer_has_the_published_shape() -> None:
    """Names, types, words, ids and dates of every operation that the twin serves are as published."""
    wrong: list[str] = []
    checked = 0
    for operation in operations():
        product, _, path, method = key = _key(operation)
        if key not in _served():
            continue
        place = furnished()
        client = Client(place.world, "us1", token=True)
        fields: Any = place.fields.get(f"{product}/{path}") if method == "POST" else None
        if (product, path, method) == ("iam", "Keys", "GET"):
            fields = {"AccountSid": place.world.account_sid}
        filled = _filled(operation, place.ids)
        if (path, method) == ("Calls/{}/Recordings", "POST"):
            filled = filled.replace(_sid("CA", 2), _sid("CA", 1))
        if method == "POST" and path.endswith("/Recordings/{}"):
            place.world.regions["us1"].recordings[_sid("RE")].status = "in-progress"
        if (path, method) == ("Queues/{}", "DELETE"):
            filled = filled.replace(place.ids["api/Queues"], _sid("QU", 2))
        if (path, method) == ("Calls/{}", "POST"):
            filled = filled.replace(_sid("CA", 2), _sid("CA", 1))
        if method == "DELETE" and path == "Addresses/{}":
            place.world.numbers[N1].address_sid = ""
        if method == "DELETE" and path in ("SIP/IpAccessControlLists/{}", "SIP/CredentialLists/{}"):
            filled = f"{filled.rpartition('/')[0]}/{_unmapped(place.world, filled)}.json"
        status, body = _ask(client, method, product, filled, fields)
        checked += 1
        if str(status) not in operation.responses:
            wrong.append(f"{operation}: answers {status} {body}, published are {', '.join(operation.responses)}")
            continue
        schema = operation.responses[str(status)]
        if schema is None:
            if body is not None:
                wrong.append(f"{operation}: has a body and none is published")
            continue
        wrong += [f"{operation}: {mistake}" for mistake in mistakes(schema, body)]
    assert checked > 100
    assert not wrong, "\n".join(wrong)


def test_the_twin_serves_nothing_that_is_not_published() -> None:
    """Every endpoint of the twin is an operation of the provider's; the rest of them is listed."""
    known = {_key(operation): operation for operation in operations()}
    beta = {key for key in _served() if key[0] == "webhooks"}  # A public beta, and in no file yet.
    assert len(beta) > 10
    sound = {key for key in _served() if key[1] == "media"}  # The files describe JSON only.
    assert _served() - set(known) - beta - sound == set()
    missing = [str(operation) for key, operation in known.items() if key not in _served()]
    print(f"\n{len(known) - len(missing)} of {len(known)} published operations are served. Not served:")  # noqa: T201
    print("\n".join(missing))  # noqa: T201


@pytest.mark.parametrize("region", ["ie1", "au1"])
def test_lists_have_the_published_shape_in_every_region(region: str) -> None:
    """A Region that serves a list serves it in the same shape, empty or not."""
    wrong: list[str] = []
    for operation in operations():
        product, _, path, method = key = _key(operation)
        if method != "GET" or key not in _served() or "{}" in path:
            continue
        place = furnished()
        client = Client(place.world, region, token=True)
        filled = _filled(operation, {"api/Accounts": place.world.account_sid})
        fields = {"AccountSid": place.world.account_sid} if product == "iam" else None
        answer = client.answer("GET", product, filled, fields)
        if isinstance(answer.response, Broken):
            # A product that the Region does not have has no name there.
            assert product in ("messaging", "numbers")
            continue
        status, body = read(answer)
        if status == 404 and body["message"].startswith("Endpoint is not supported in realm"):
            continue
        schema = operation.responses[str(status)]
        wrong += [f"{operation}: {mistake}" for mistake in mistakes(schema, body)]
    assert not wrong, "\n".join(wrong)


def _ask(client: Client, method: str, product: str, path: str, fields: Any) -> tuple[int, Any]:
    if method == "DELETE":
        return client.delete(product, path), None
    return (client.get if method == "GET" else client.post)(product, path, fields)


def _unmapped(world: World, path: str) -> str:
    store = world.regions["us1"]
    lists: Any = store.credential_lists if "CredentialLists" in path else store.ip_access_control_lists
    return str(next(sid for sid, made in lists.items() if made.friendly_name in ("New", "Gate")))

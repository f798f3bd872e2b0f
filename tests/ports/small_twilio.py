"""A small Twilio for the provider adapter's tests: a FakeAccount, spoken in the provider's REST.

Written from the provider's pages, not from the adapter: paths, both ways of paging, field names and the mix of null and
"" as https://www.twilio.com/docs/usage/twilios-response and the resource pages have them (read 2026-11-21).
"""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from voicedr.ports.clock import Clock
from voicedr.program.readiness.kinds import KINDS
from voicedr.program.readiness.resources import Routable, VoiceHandler
from voicedr.program.vocabulary import Region
from voicedr.testing.fake_account import FakeAccount
from voicedr.testing.fake_provider import Fault
from voicedr.wire.http import Failure, Request, Response, no_response

EDGES = {"us1": "ashburn", "ie1": "dublin", "au1": "sydney"}
PAGES_2010 = ["page", "page_size", "start", "end", "uri", "first_page_uri", "previous_page_uri", "next_page_uri"]

Json = dict[str, Any]


def key_of(region: str) -> tuple[str, str]:
    """The one key of a Region and its secret."""
    return f"SK{region}{'0' * 29}", f"secretOf{region}Abcdef0123456789"


class SmallTwilio:
    """Answers requests to ``*.twilio.com`` as the provider would.

    Attributes:
        faults: What goes wrong, by operation.
        requests: Everything that arrived.
        page_size_max: The largest page it gives, whatever is asked for.
    """

    def __init__(self, account: FakeAccount, clock: Clock, page_size_max: int = 10) -> None:
        self.account = account
        self.clock = clock
        self.page_size_max = page_size_max
        self.faults: dict[str, Fault] = {}
        self.requests: list[Request] = []

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        self.requests.append(request)
        await self.clock.sleep(0.08)
        url = urlsplit(request.url)
        labels = (url.hostname or "").split(".")
        if len(labels) != 5 or EDGES.get(labels[2]) != labels[1]:
            raise no_response(Failure.NAME_NOT_FOUND)
        product, region = labels[0], Region(labels[2])
        operation = self.operation(request.method, product, url.path)
        match self.faults.get(operation):
            case Fault.UNREACHABLE:
                raise no_response(Failure.CONNECT_REFUSED)
            case Fault.ANSWER_LOST_BEFORE:
                raise no_response(Failure.RESET)
            case Fault.WRONG_CREDENTIAL:
                return error(401, 20003, "Authenticate")
            case Fault.REFUSED:
                return error(403, 70051, "Authorization Failed")
            case Fault.THROTTLED:
                return error(429, 20429, "Too Many Requests")
            case fault:
                answer = self.answer(request, product, region, operation)
                if fault is Fault.ANSWER_LOST_AFTER:
                    raise no_response(Failure.RESET)
                return answer

    def operation(self, method: str, product: str, path: str) -> str:
        """The name of the port's method that asks for this."""
        if product == "routes":
            return "set_route" if method == "POST" else "route"
        if product == "trunking":
            return "trunks"
        if product == "monitor":
            return "alerts"
        last = path.rsplit("/", 1)[1]
        if last.endswith((".wav", ".mp3")):
            return "media"
        if last in ("Recordings.json", "Transcriptions.json", "Messages.json") or "kept" in self.faults:
            return "kept"
        if last == "Calls.json":
            return "place_call" if method == "POST" else "calls"
        if method == "DELETE":
            return "remove"
        if last == "Queues.json":
            return "create" if method == "POST" else "resources"
        if method == "POST" and "/IncomingPhoneNumbers/" in path:
            return "update"
        if last == "Applications.json" and "check_credential" in self.faults:
            return "check_credential"
        known = {
            "IncomingPhoneNumbers.json": "numbers",
            "Applications.json": "applications",
            "Domains.json": "sip_domains",
        }
        return known[last]

    def answer(self, request: Request, product: str, region: Region, operation: str) -> Response:
        """Answer a request that does not go wrong."""
        scheme, _, token = (request.header("Authorization") or "").partition(" ")
        if scheme != "Basic" or b64decode(token).decode() != ":".join(key_of(region)):
            return error(401, 20003, "Authenticate")
        url = urlsplit(request.url)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        form = parse_qs(request.body.decode(), keep_blank_values=True)
        now = self.clock.now()
        if product == "routes":
            return self.routes(request.method, url.path, form, region)
        if operation == "place_call":
            call = self.account.log_call(
                region, form["From"][0], form["To"][0], status="completed", direction="outbound-api", now=now
            )
            self.account.placed.append(call)
            if self.account.owns(Routable("number", call.to)):
                self.account.place_call(call.from_, call.to, now=now)
            return answer(201, call_json(call))
        if product == "trunking":
            return self.trunking(request, region, query)
        if product == "monitor":
            start = datetime.fromisoformat(query["StartDate"])
            alerts = [alert_json(alert) for alert in self.account.alerts_in(region) if alert.at >= start]
            return self.meta_page(request, "alerts", alerts, query)
        items: list[Json]
        match operation:
            case "numbers":
                items = [number_json(number) for number in self.account.numbers_in(region)]
                return self.page_2010(request, "incoming_phone_numbers", items, query)
            case "resources":
                items = [{"sid": one.sid, **one.fields} for one in self.account.resources_in(region, KINDS["queue"])]
                return self.page_2010(request, "queues", items, query)
            case "create":
                made = self.account.create(region, KINDS["queue"], {"friendly_name": form["FriendlyName"][0]}, None)
                return answer(201, {"sid": made.sid, "average_wait_time": 0, **made.fields})
            case "remove":
                sid = url.path.rsplit("/", 1)[1].removesuffix(".json")
                before = len(self.account.removed)
                self.account.remove(region, KINDS["queue"], sid, None)
                return answer(204, {}) if len(self.account.removed) > before else error(404, 20404, "not found")
            case "update":
                sid = url.path.rsplit("/", 1)[1].removesuffix(".json")
                told = {
                    field.name: form[field.parameter][0] for field in KINDS["number"].fields if field.parameter in form
                }
                now_ = self.account.update(region, KINDS["number"], sid, told, None)
                (number,) = [number for number in self.account.numbers_in(region) if number.sid == now_.sid]
                return answer(200, number_json(number))
            case "applications" | "check_credential":
                items = [
                    {"sid": app.sid, "friendly_name": app.friendly_name, "sms_url": "", **handler_json(app.handler)}
                    for app in self.account.applications_in(region)
                ]
                return self.page_2010(request, "applications", items, query)
            case "media":
                sid, _, suffix = url.path.rsplit("/", 1)[1].partition(".")
                media = self.account.media_in(region, sid)
                if media is None or suffix != "wav":
                    return error(404, 20404, "The requested resource was not found")
                return Response(200, (("Content-Type", "audio/x-wav"),), media)
            case "kept" if not url.path.endswith("/Calls.json"):
                key = url.path.rsplit("/", 1)[1].removesuffix(".json").lower()
                by = {"recordings": "DateCreated", "messages": "DateSent"}.get(key)
                items = [
                    kept_json(one)
                    for one in self.account.kept_in(region, key[:-1])  # type: ignore[arg-type]
                    if by is None or (one.at and query[f"{by}>"] <= f"{one.at:%Y-%m-%d}" < query[f"{by}<"])
                ]
                return self.page_2010(request, key, items, query)
            case "sip_domains":
                items = [sip_domain_json(domain) for domain in self.account.sip_domains_in(region)]
                return self.page_2010(request, "domains", items, query)
            case _:
                day = query.get("StartTime>")
                items = [
                    call_json(call)
                    for call in self.account.calls_in(region)
                    if query.get("To") in (None, call.to)
                    and (day is None or (call.started_at is not None and f"{call.started_at:%Y-%m-%d}" >= day))
                ]
                return self.page_2010(request, "calls", items, query)

    def routes(self, method: str, path: str, form: dict[str, list[str]], region: Region) -> Response:
        """GET and POST ``/v2/PhoneNumbers|Trunks|SipDomains/{name}``."""
        _, version, family, name = path.split("/")
        kinds = {"PhoneNumbers": "number", "Trunks": "trunk", "SipDomains": "sip-domain"}
        fields = {"PhoneNumbers": "phone_number", "Trunks": "sip_trunk_domain", "SipDomains": "sip_domain"}
        if version != "v2" or family not in kinds:
            return error(404, 20404, "The requested resource was not found")
        subject = Routable(kinds[family], unquote(name))  # type: ignore[arg-type]
        if method == "POST":
            to = form.get("VoiceRegion", [""])[0]
            if to not in EDGES:
                return error(400, 20001, "Invalid VoiceRegion")
            if not self.account.owns(subject):
                return error(404, 20404, "The requested resource was not found")
            self.account.write_route(subject, Region(to), via=region, now=self.clock.now())
        route = self.account.stored_route(subject)
        if route is None:
            return error(404, 20404, "The requested resource was not found")
        body = {
            fields[family]: subject.name,
            "url": f"https://routes.{EDGES[region]}.{region}.twilio.com{path}",
            "sid": route.sid,
            "account_sid": self.account.account_sid,
            "friendly_name": "",
            "voice_region": route.region,
            "date_created": "2026-01-01T00:00:00Z",
            "date_updated": "2026-01-01T00:00:00Z",
        }
        return answer(200, body)

    def trunking(self, request: Request, region: Region, query: dict[str, str]) -> Response:
        """Trunks and their origination URLs."""
        parts = urlsplit(request.url).path.strip("/").split("/")
        if len(parts) == 2:
            trunks = [
                {
                    "sid": trunk.sid,
                    "friendly_name": trunk.friendly_name,
                    "domain_name": trunk.domain_name,
                    "disaster_recovery_url": trunk.disaster_recovery_url,
                    "disaster_recovery_method": trunk.disaster_recovery_method if trunk.disaster_recovery_url else None,
                    "auth_type": trunk.auth_type or "",
                    "auth_type_set": [],
                    "links": {},
                }
                for trunk in self.account.trunks_in(region)
            ]
            return self.meta_page(request, "trunks", trunks, query)
        (trunk,) = [trunk for trunk in self.account.trunks_in(region) if trunk.sid == parts[2]]
        urls = [
            {"sid": u.sid, "sip_url": u.sip_url, "priority": u.priority, "weight": u.weight, "enabled": u.enabled}
            for u in trunk.origination_urls
        ]
        return self.meta_page(request, "origination_urls", urls, query)

    def page_2010(self, request: Request, key: str, items: list[Json], query: dict[str, str]) -> Response:
        """A page of the 2010 API: eight paging keys, relative links, and one list."""
        page, size, onward = self.window(items, query)
        path = urlsplit(request.url).path
        body: Json = dict.fromkeys(PAGES_2010)
        body |= {"page": page, "page_size": size, "uri": path, key: items[page * size : (page + 1) * size]}
        body["next_page_uri"] = f"{path}?{urlencode(onward)}" if onward else None
        return answer(200, body)

    def meta_page(self, request: Request, key: str, items: list[Json], query: dict[str, str]) -> Response:
        """A page of a product API: ``meta`` with absolute links, and a list under its key."""
        page, size, onward = self.window(items, query)
        url = urlsplit(request.url)
        link = f"https://{url.netloc}{url.path}?{urlencode(onward)}" if onward else None
        meta = {"key": key, "page": page, "page_size": size, "next_page_url": link}
        return answer(200, {"meta": meta, key: items[page * size : (page + 1) * size]})

    def window(self, items: list[Json], query: dict[str, str]) -> tuple[int, int, Json | None]:
        """The page asked for, its size, and the query of the next one."""
        size = min(int(query.get("PageSize", "50")), self.page_size_max)
        page = int(query.get("Page", "0"))
        if (page + 1) * size >= len(items):
            return page, size, None
        return page, size, {**query, "Page": page + 1, "PageToken": f"PA{page + 1}"}


def answer(status: int, body: Json) -> Response:
    """A JSON answer with the headers that the provider was seen to send."""
    return Response(
        status, (("Content-Type", "application/json"), ("Twilio-Concurrent-Requests", "1")), json.dumps(body).encode()
    )


def error(status: int, code: int, message: str) -> Response:
    """An error as the provider writes it."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    return answer(status, {"code": code, "message": message, "more_info": more, "status": status})


def handler_json(handler: VoiceHandler) -> Json:
    """The six URL fields; absent is "" for some and null for others, as the provider has it."""
    return {
        "voice_url": handler.voice_url or "",
        "voice_method": handler.voice_method,
        "voice_fallback_url": handler.voice_fallback_url,
        "voice_fallback_method": handler.voice_fallback_method,
        "status_callback": handler.status_callback or "",
        "status_callback_method": handler.status_callback_method,
    }


def number_json(number: Any) -> Json:
    """An incoming phone number."""
    return {
        "sid": number.sid,
        "phone_number": number.e164,
        "friendly_name": number.friendly_name or "",
        "voice_application_sid": number.voice_application_sid or "",
        "trunk_sid": number.trunk_sid,
        "capabilities": {"voice": True, "sms": False, "mms": False, "fax": False},
        "status": "in-use",
        **handler_json(number.handler),
    }


def sip_domain_json(domain: Any) -> Json:
    """A SIP domain: its status callback has a name of its own."""
    fields = handler_json(domain.handler)
    callback, method = fields.pop("status_callback"), fields.pop("status_callback_method")
    names = {"sid": domain.sid, "domain_name": domain.domain_name, "friendly_name": domain.friendly_name}
    more = {"voice_status_callback_url": callback, "voice_status_callback_method": method, "secure": False}
    return {**names, "auth_type": domain.auth_type or "", **more, **fields}


def call_json(call: Any) -> Json:
    """A call: dates are RFC 2822, durations are strings."""
    return {
        "sid": call.sid,
        "from": call.from_,
        "to": call.to,
        "status": call.status,
        "direction": call.direction,
        "start_time": format_datetime(call.started_at),
        "end_time": None,
        "duration": str(call.duration_s),
        "parent_call_sid": call.parent_sid,
        "price": None,
        "queue_time": "0",
    }


def kept_json(kept: Any) -> Json:
    """A recording, a transcription or a message."""
    body: Json = {"sid": kept.sid, "status": kept.status, "date_created": format_datetime(kept.at), "price": None}
    match kept.kind:
        case "recording":
            return {**body, "call_sid": kept.call_sid, "source": kept.source, "conference_sid": None}
        case "message":
            sent = {"date_sent": format_datetime(kept.at), "direction": kept.direction, "body": "hello"}
            return {**body, **sent, "from": kept.from_, "to": kept.to}
        case _:
            return {**body, "recording_sid": kept.recording_sid, "transcription_text": "hello"}


def alert_json(alert: Any) -> Json:
    """An alert: dates are ISO 8601, the error code is a string."""
    return {
        "sid": alert.sid,
        "error_code": None if alert.error_code is None else str(alert.error_code),
        "log_level": alert.log_level,
        "resource_sid": alert.resource_sid,
        "request_url": alert.request_url or "",
        "alert_text": alert.text or "",
        "date_generated": f"{alert.at:%Y-%m-%dT%H:%M:%SZ}",
        "date_created": f"{alert.at:%Y-%m-%dT%H:%M:%SZ}",
    }

"""Webhooks, fallbacks, connection overrides, messages and callbacks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from urllib.parse import parse_qs

from bench.readiness import estate as has
from bench.readiness.account import AT, HealthyAccount
from bench.readiness.customer import TWIML, Instead
from bench.readiness.faults.trunks import any_region, set_domain, set_trunk
from bench.readiness.kind import Kind, Seed
from voicedr.adapters.http.in_process import Handler
from voicedr.ports.clock import Clock
from voicedr.twin.world.model import Alert
from voicedr.wire.http import AnswerLost, Failure, NotDelivered, Request, Response

FALLBACKS = "Fallbacks: on another host, at another address, in another place, standing alone"
HIGHLY_AVAILABLE = "The application answers, soon, from more than one machine"
OVERRIDES = "Connection overrides: two edges, in range, within the budget"
PRIMARY_FIRST = "The primary answers first: nothing redirects to the fallback for good"
MESSAGES = "Messages have a fallback, and somewhere to go in the standby"
ENCRYPTED = "Webhooks are encrypted, signed and public"
ONLY_US1 = "Handlers and verbs that only us1 has"
CALLBACKS = "Status callbacks are answered, in the standby too"
ALERTS = "The provider's alerts are looked at"


def voice(where: str, fragment: str) -> str:
    """A voice URL with other overrides."""
    return f"https://{has.APP[where]}/voice/support-line{fragment}"


def configured(
    of: Callable[[HealthyAccount, str, Random], dict[str, object]],
    *,
    standby: bool = False,
    numbers: tuple[str, ...] = has.BY_URL,
) -> Seed:
    """A number is configured otherwise in a Region."""

    def seed(account: HealthyAccount, chance: Random) -> None:
        region = account.way.standby if standby else any_region(chance)
        account.number(region, chance.choice(numbers), **of(account, region, chance))

    return seed


def same(**form: object) -> Callable[[HealthyAccount, str, Random], dict[str, object]]:
    """Whatever the Region is."""
    return lambda _account, _region, _chance: form


def with_fragment(*fragments: str) -> Seed:
    """A voice URL with other overrides."""
    return configured(lambda _a, region, chance: {"VoiceUrl": voice(region, chance.choice(fragments))})


def answering(*places: str, by: Instead) -> Seed:
    """Another answer, at one of these hosts or host and path."""

    def seed(account: HealthyAccount, chance: Random) -> None:
        account.customer.instead[chance.choice(places)] = by

    return seed


def document(text: str, kind: str = "text/xml") -> Instead:
    """Always this body."""

    async def answer(_request: Request, _real: Handler, _clock: Clock) -> Response:
        return Response(200, (("Content-Type", kind),), text.encode())

    return answer


def status(code: int, location: str | None = None) -> Instead:
    """Always this status."""

    async def answer(_request: Request, _real: Handler, _clock: Clock) -> Response:
        return Response(code, (("Location", location),) if location else (), b"")

    return answer


def late(seconds: float) -> Instead:
    """The real answer, so late."""

    async def answer(request: Request, real: Handler, clock: Clock) -> Response:
        await clock.sleep(seconds)
        return await real(request)

    return answer


async def dead(_request: Request, _real: Handler, _clock: Clock) -> Response:
    """Nobody is there."""
    raise NotDelivered(Failure.CONNECT_REFUSED, "nobody listens")


async def for_ever(request: Request, _real: Handler, _clock: Clock) -> Response:
    """A redirect to itself."""
    return Response(302, (("Location", request.url.partition("?")[0]),), b"")


async def stumbles(request: Request, real: Handler, _clock: Clock) -> Response:
    """An error where it is told what failed."""
    if "ErrorCode" in parse_qs(request.body.decode()):
        return Response(500, (), b"unexpected parameter")
    return await real(request)


async def unchecked(_request: Request, _real: Handler, _clock: Clock) -> Response:
    """TwiML for everybody."""
    return Response(200, TWIML, b"<Response><Say>Welcome.</Say><Dial>+14155559999</Dial></Response>")


async def too_large(_request: Request, _real: Handler, _clock: Clock) -> Response:
    """More than the provider takes of a document."""
    return Response(200, TWIML, b"<Response><Say>" + b"x" * 70_000 + b"</Say></Response>")


async def cut(_request: Request, _real: Handler, _clock: Clock) -> Response:
    """The connection ends in the middle."""
    raise AnswerLost(Failure.RESET, "cut in the middle")


APPS = tuple(has.APP.values())
VOICES = tuple(f"{host}/voice/support-line" for host in APPS)
FALLBACK_VOICE = f"{has.FALLBACK}/voice/support-line"


def _same_host(_account: HealthyAccount, region: str, _chance: Random) -> dict[str, object]:
    return {"VoiceFallbackUrl": f"https://{has.APP[region]}/voice/sales{has.leaving('frankfurt', 'umatilla')}"}


def _same_address(account: HealthyAccount, chance: Random) -> None:
    account.beside.names[has.FALLBACK] += account.beside.names[has.APP[any_region(chance)]][:1]


def _same_place(account: HealthyAccount, chance: Random) -> None:
    places = account.said("host-places")
    account.say("host-places", places | {has.FALLBACK: places[has.APP[any_region(chance)]]})


def _points_back(account: HealthyAccount, chance: Random) -> None:
    app = has.APP[any_region(chance)]
    text = f"<Response><Say>One moment.</Say><Redirect>https://{app}/voice/sales</Redirect></Response>"
    account.customer.instead[FALLBACK_VOICE] = document(text)


def _plays_from_primary(account: HealthyAccount, chance: Random) -> None:
    app = has.APP[any_region(chance)]
    account.customer.instead[FALLBACK_VOICE] = document(f"<Response><Play>https://{app}/sorry.mp3</Play></Response>")


def _redirects_home(account: HealthyAccount, chance: Random) -> None:
    app = has.APP[any_region(chance)]
    account.customer.instead[FALLBACK_VOICE] = status(307, f"https://{app}/voice/support-line")


def _gone_for_good(account: HealthyAccount, chance: Random) -> None:
    app = has.APP[any_region(chance)]
    code = chance.choice((301, 308))
    account.customer.instead[f"{app}/voice/support-line"] = status(code, f"https://{FALLBACK_VOICE}")


def _leaves_by_primary(account: HealthyAccount, chance: Random) -> None:
    here, edge = account.way.standby, has.EDGES[account.way.primary]
    fragment = has.leaving(edge, chance.choice(("singapore", "tokyo")))
    account.number(here, chance.choice(has.BY_URL), VoiceUrl=voice(here, fragment))


def _no_overrides_in_us1_edge(account: HealthyAccount, chance: Random) -> None:
    account.number(any_region(chance), chance.choice(has.BY_URL), VoiceUrl=voice(any_region(chance), ""))


def _plain(_account: HealthyAccount, region: str, _chance: Random) -> dict[str, object]:
    url = voice(region, has.leaving(has.EDGES[region], has.OTHER_EDGE[region]))
    return {"VoiceUrl": url.replace("https:", "http:")}


def _unescaped(_account: HealthyAccount, region: str, chance: Random) -> dict[str, object]:
    char = chance.choice("{|^")
    return {"StatusCallback": f"https://{has.APP[region]}/status?who={char}call"}


def _domain_falls_back_on_itself(account: HealthyAccount, chance: Random) -> None:
    region = any_region(chance)
    url = f"https://{has.APP[region]}/voice/sales{has.leaving('frankfurt', 'umatilla')}"
    set_domain(account, region, VoiceFallbackUrl=url)


def _plain_recovery(account: HealthyAccount, chance: Random) -> None:
    url = f"http://{has.RECOVERY}/voice/dispatch{has.leaving('frankfurt', 'umatilla')}"
    set_trunk(account, any_region(chance), DisasterRecoveryUrl=url)


def _no_name(account: HealthyAccount, chance: Random) -> None:
    account.beside.names.pop(chance.choice((*APPS, has.FALLBACK, has.RECOVERY)))


def _unanswered_name(account: HealthyAccount, chance: Random) -> None:
    account.beside.lost_names.add(chance.choice((*APPS, has.FALLBACK)))


def _private(account: HealthyAccount, chance: Random) -> None:
    account.beside.names[chance.choice((*APPS, has.FALLBACK, has.RECOVERY))] += (
        chance.choice(("10.0.0.5", "fd00::5")),
    )


def _certificate_ends(account: HealthyAccount, chance: Random) -> None:
    host = chance.choice((*APPS, has.FALLBACK, has.RECOVERY))
    account.beside.ends[host] = AT + timedelta(days=chance.randrange(-5, 20))


def _certificate_refused(account: HealthyAccount, chance: Random) -> None:
    why = chance.choice(("self-signed certificate", "certificate is for another name"))
    account.beside.refused[chance.choice((*APPS, has.FALLBACK, has.RECOVERY))] = why


def _no_handshake(account: HealthyAccount, chance: Random) -> None:
    account.beside.unreachable.add(chance.choice((*APPS, has.FALLBACK)))


def _one_machine(account: HealthyAccount, chance: Random) -> None:
    host = chance.choice(APPS)
    account.beside.names[host] = account.beside.names[host][:1]
    account.document["declared"] = [one for one in account.document["declared"] if one["about"] != "balancer"]


def _knows_one_region(account: HealthyAccount, chance: Random) -> None:
    account.customer.knows[has.APP[account.way.standby]] = (account.way.primary,)
    if chance.random() < 0.5:
        account.customer.knows[has.FALLBACK] = (account.way.primary,)


def _fallback_knows_standby(account: HealthyAccount, _chance: Random) -> None:
    account.customer.knows[has.FALLBACK] = (account.way.standby,)


def _only_us1(account: HealthyAccount, chance: Random) -> None:
    verbs = ("<Message>Hello</Message>", '<Start><Siprec name="x" connectorName="y"/></Start>',
             '<Connect><VirtualAgent connectorName="x"/></Connect>', "<Connect><Room>x</Room></Connect>")  # fmt: skip
    text = f"<Response><Say>Hi</Say>{chance.choice(verbs)}</Response>"
    account.customer.instead[f"{has.APP[account.way.standby]}/voice/support-line"] = document(text)


def _pays(account: HealthyAccount, _chance: Random) -> None:
    text = "<Response><Pay/></Response>"
    account.customer.instead[f"{has.APP[account.way.standby]}/voice/support-line"] = document(text)


def _hosted_elsewhere(account: HealthyAccount, _chance: Random) -> None:
    there = account.way.primary
    host = has.HOSTED_HOST[there] if there == "ie1" else "late-1234.ashburn.us1.twil.io"
    account.beside.names[host] = ("64.6.66.6",)
    account.customer.new_hosts.add(host)
    account.number(account.way.standby, has.HOSTED, VoiceFallbackUrl=f"https://{host}/voice")


def _both_hosted(account: HealthyAccount, chance: Random) -> None:
    region = any_region(chance)
    host = has.HOSTED_HOST[region].replace("late-1234", "main-9876")
    account.beside.names[host] = ("64.6.67.6",)
    account.customer.new_hosts.add(host)
    account.number(region, has.HOSTED, VoiceUrl=f"https://{host}/voice")


def _message_fallback_at_home(_account: HealthyAccount, region: str, _chance: Random) -> dict[str, object]:
    return {"SmsFallbackUrl": f"https://{has.APP[region]}/messages/late"}


def _alert(account: HealthyAccount, region: str, code: int, url: str) -> None:
    store = account.world.regions[region]
    text = f"Got HTTP 500 response to {url}"
    for age_s in (600.0, 30.0):
        store.alerts.append(
            Alert(account.world.mint("NO"), str(code), "error", "CA" + "7" * 32, url, "POST", text,
                  AT.timestamp() - age_s)
        )  # fmt: skip


def _primary_failed(account: HealthyAccount, chance: Random) -> None:
    region = any_region(chance)
    _alert(account, region, chance.choice((11200, 11205, 12100)), f"https://{has.APP[region]}/voice/support-line")


def _fallback_failed(account: HealthyAccount, chance: Random) -> None:
    _alert(account, any_region(chance), 11200, f"https://{FALLBACK_VOICE}")


def _callback_dead(account: HealthyAccount, chance: Random) -> None:
    how = chance.choice((status(503), dead))
    account.customer.instead[f"{chance.choice(APPS)}/status"] = how


def _late_at(seconds: float) -> Seed:
    return answering(*(f"{host}/voice/support-line" for host in (*APPS, has.FALLBACK)), by=late(seconds))


KINDS = (
    Kind(
        "sip-domain-falls-back-on-itself", FALLBACKS, _domain_falls_back_on_itself,
        ("fallback_on_other_host", "fallback_on_other_address", "fallback_in_other_place"),
    ),
    Kind("recovery-url-plain-http", ENCRYPTED, _plain_recovery, ("webhook_is_encrypted",)),
    Kind("webhook-too-large", HIGHLY_AVAILABLE, answering(*VOICES, by=too_large), ("webhook_answers_twiml",)),
    Kind("webhook-cut-off", HIGHLY_AVAILABLE, answering(*VOICES, by=cut), ("webhook_answers_twiml",)),
    Kind(
        "webhook-wrong-content-type", HIGHLY_AVAILABLE,
        answering(*VOICES, by=document('{"say": "hello"}', "application/json")), ("webhook_answers_twiml",),
        besides={"webhook_refuses_forgeries": "it answers everybody"},
    ),
    Kind(
        "webhook-says-nothing", HIGHLY_AVAILABLE, answering(*VOICES, by=status(204)), ("webhook_answers_twiml",),
        besides={"webhook_refuses_forgeries": "it answers everybody"},
    ),
    Kind("fallback-missing", FALLBACKS, configured(same(VoiceFallbackUrl="")), ("has_fallback",)),
    Kind(
        "fallback-on-primarys-host", FALLBACKS, configured(_same_host),
        ("fallback_on_other_host", "fallback_on_other_address", "fallback_in_other_place"),
    ),
    Kind("fallback-at-primarys-address", FALLBACKS, _same_address, ("fallback_on_other_address",)),
    Kind("fallback-in-primarys-place", FALLBACKS, _same_place, ("fallback_in_other_place",)),
    Kind("fallback-dead", FALLBACKS, answering(has.FALLBACK, by=dead), ("webhook_answers_twiml",)),
    Kind(
        "fallback-says-no-twiml", FALLBACKS,
        answering(FALLBACK_VOICE, by=document("<Response><Say>Sorry</Response>")), ("webhook_answers_twiml",),
        besides={"webhook_refuses_forgeries": "it answers everybody"},
    ),
    Kind(
        "fallback-answers-a-page", FALLBACKS,
        answering(FALLBACK_VOICE, by=document("<html>Sorry", "text/html")), ("webhook_answers_twiml",),
        besides={"webhook_refuses_forgeries": "it answers everybody"},
    ),
    Kind(
        "fallback-stumbles-over-error-code", FALLBACKS, answering(FALLBACK_VOICE, by=stumbles),
        ("fallback_takes_error_parameters", "webhook_answers_twiml"),
    ),
    Kind(
        "fallback-points-back", FALLBACKS, _points_back, ("fallback_stands_alone",),
        besides={"webhook_refuses_forgeries": "it answers everybody"},
    ),
    Kind(
        "fallback-plays-from-primary", FALLBACKS, _plays_from_primary, ("fallback_stands_alone",),
        besides={"webhook_refuses_forgeries": "it answers everybody"},
    ),
    Kind(
        "fallback-redirects-to-primary", FALLBACKS, _redirects_home,
        ("fallback_stands_alone", "webhook_stays_on_its_host"),
    ),
    Kind("recovery-url-dead", FALLBACKS, answering(has.RECOVERY, by=dead), ("webhook_answers_twiml",)),
    Kind("primary-slow", HIGHLY_AVAILABLE, _late_at(9.0), ("webhook_answers_soon",)),
    Kind("webhook-too-slow", HIGHLY_AVAILABLE, _late_at(20.0), ("webhook_answers_twiml",)),
    Kind("primary-dead", HIGHLY_AVAILABLE, answering(*APPS, by=dead), ("webhook_answers_twiml",),
         besides={"status_callback_answers": "it is on the same host"}),
    Kind("primary-answers-500", HIGHLY_AVAILABLE,
         answering(*(f"{host}/voice/support-line" for host in APPS), by=status(500)), ("webhook_answers_twiml",)),
    Kind("webhook-redirects-for-ever", HIGHLY_AVAILABLE,
         answering(*(f"{host}/voice/support-line" for host in (*APPS, has.FALLBACK)), by=for_ever),
         ("webhook_answers_twiml",)),
    Kind("webhook-host-one-machine", HIGHLY_AVAILABLE, _one_machine, dark=("webhook_host_is_not_one_machine",)),
    Kind("primary-redirects-to-fallback-for-good", PRIMARY_FIRST, _gone_for_good, ("webhook_stays_on_its_host",)),
    Kind("override-names-no-edge-there-is", OVERRIDES,
         with_fragment("#e=galway,frankfurt&rc=1", "#e=frankfurt,galway&rc=1"), ("overrides_are_valid",)),
    Kind("override-out-of-range", OVERRIDES,
         with_fragment("#e=frankfurt,tokyo&rc=1&rp=5xx&ct=20000", "#e=frankfurt,tokyo&rc=9&rp=5xx",
                       "#e=frankfurt,tokyo&rc=1&rp=5xx&tt=20000"), ("overrides_are_valid",),
         besides={"overrides_fit_the_budget": "nine retries fit nowhere"}),
    Kind("override-policy-unknown", OVERRIDES, with_fragment("#e=frankfurt,tokyo&rc=1&rp=6xx"),
         ("overrides_are_valid",)),
    Kind("override-over-budget", OVERRIDES,
         with_fragment("#e=frankfurt,tokyo&rc=5&rp=ct,5xx&ct=5000", "#e=frankfurt,tokyo&rc=2&rp=ct,rt,5xx&rt=6000"),
         ("overrides_fit_the_budget",)),
    Kind("override-one-edge", OVERRIDES, with_fragment("#e=frankfurt&rc=1&rp=ct,5xx", "#e=frankfurt,frankfurt&rc=1"),
         ("overrides_name_two_edges",)),
    Kind("override-second-edge-never-tried", OVERRIDES,
         with_fragment("#e=frankfurt,tokyo&rc=0&rp=ct,5xx&ct=3000", "#e=frankfurt,tokyo,dublin&rc=1&rp=5xx"),
         ("overrides_name_two_edges",)),
    Kind("override-leaves-out-5xx", OVERRIDES, with_fragment("#e=frankfurt,tokyo&rc=1&rp=ct&ct=3000"),
         ("overrides_name_two_edges",)),
    Kind("standby-leaves-by-primarys-edge", OVERRIDES, _leaves_by_primary, ("standby_leaves_by_its_own_edge",)),
    Kind("webhook-without-overrides", OVERRIDES, _no_overrides_in_us1_edge, ("overrides_name_two_edges",),
         besides={
             "standby_leaves_by_its_own_edge": "without a word it leaves by ashburn",
         }),
    Kind("webhook-plain-http", ENCRYPTED, configured(_plain), ("webhook_is_encrypted",)),
    Kind("message-url-plain-http", ENCRYPTED,
         configured(same(SmsUrl=f"http://{has.FALLBACK}/texts", SmsFallbackUrl=f"https://{has.RECOVERY}/texts")),
         ("webhook_is_encrypted",)),
    Kind("callback-to-localhost", ENCRYPTED, configured(same(StatusCallback="https://localhost:8443/status")),
         ("webhook_url_is_accepted", "webhook_host_is_public", "status_callback_answers"),
         besides={"webhook_certificate_valid": "nobody is there"}),
    Kind("callback-url-unescaped", ENCRYPTED, configured(_unescaped), ("webhook_url_is_accepted",)),
    Kind("webhook-name-gone", ENCRYPTED, _no_name, ("webhook_host_is_public",)),
    Kind("webhook-name-unanswered", ENCRYPTED, _unanswered_name, dark=("webhook_host_is_public",)),
    Kind("webhook-address-private", ENCRYPTED, _private, ("webhook_host_is_public",)),
    Kind("webhook-certificate-ends", ENCRYPTED, _certificate_ends, ("webhook_certificate_lasts",)),
    Kind("webhook-certificate-refused", ENCRYPTED, _certificate_refused, ("webhook_certificate_valid",)),
    Kind("webhook-certificate-unseen", ENCRYPTED, _no_handshake,
         dark=("webhook_certificate_valid", "webhook_certificate_lasts")),
    Kind("webhook-takes-forgeries", ENCRYPTED,
         answering(*(f"{host}/voice/support-line" for host in (*APPS, has.FALLBACK)), by=unchecked),
         ("webhook_refuses_forgeries",)),
    Kind("standbys-signature-refused", ENCRYPTED, _knows_one_region,
         ("webhook_takes_each_regions_signature", "webhook_answers_twiml")),
    Kind("primarys-signature-refused-by-fallback", ENCRYPTED, _fallback_knows_standby,
         ("webhook_takes_each_regions_signature",)),
    Kind("verb-of-us1-only", ONLY_US1, _only_us1, ("twiml_runs_in_standby",), ways=(has.OUT,),
         besides={"webhook_refuses_forgeries": "it answers everybody"}),
    Kind("verb-nobody-is-sure-of", ONLY_US1, _pays, dark=("twiml_runs_in_standby",), ways=(has.OUT,),
         besides={"webhook_refuses_forgeries": "it answers everybody"}),
    Kind("hosted-in-the-primary", ONLY_US1, _hosted_elsewhere, ("hosted_handler_in_standby",)),
    Kind("hosted-beside-hosted", ONLY_US1, _both_hosted, ("fallback_not_hosted_alike",)),
    Kind("messages-without-fallback", MESSAGES, configured(same(SmsFallbackUrl="")), ("messages_have_fallback",)),
    Kind("messages-fall-back-on-themselves", MESSAGES, configured(_message_fallback_at_home),
         ("messages_have_fallback",)),
    Kind("messages-not-in-standby", MESSAGES, configured(same(SmsUrl="", SmsFallbackUrl=""), standby=True),
         ("messages_in_standby",)),
    Kind("primary-failed-lately", ALERTS, _primary_failed, ("no_webhook_failed_lately",)),
    Kind("fallback-failed-lately", ALERTS, _fallback_failed, ("no_fallback_failed_lately",)),
    Kind("callback-dead", CALLBACKS, _callback_dead, ("status_callback_answers",)),
    Kind("callback-not-in-standby", CALLBACKS, configured(same(StatusCallback=""), standby=True),
         ("status_callback_in_standby",)),
)  # fmt: skip

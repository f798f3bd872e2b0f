"""Which entry points serve one purpose: those that the same thing answers.

    what answers a number at home        its cluster
    a trunk                              that trunk, with its termination domain
    a TwiML App                          the app, by its name
    a URL                                the URL without query and overrides; where one TwiML App has it too, that app
    nobody                               none: it is told and left out

A SIP domain belongs to the cluster of its own handler. If there are more clusters than anybody can look at, those of
one host become one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

import msgspec

from voicedr.program.drafting.seen import Seen
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.resources import Application, Routable, SipDomain, Trunk, VoiceHandler
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.vocabulary import E164, US1, Region

CLUSTERS_MAX = 60
"""More flows than this are one application with a URL for each number."""

_STEPS = {"voice", "twiml", "incoming", "inbound", "call", "calls", "answer", "webhook", "webhooks", "hook", "api"}
"""Words of a path that say nothing about the purpose."""


class Cluster(msgspec.Struct, frozen=True):
    """Entry points that one thing answers.

    Attributes:
        key: What answers them; the same in every run.
        answered_by: The same for people.
        name: A first name for the flow.
    """

    key: str
    answered_by: str
    name: str
    home: Region
    numbers: tuple[E164, ...]
    trunks: tuple[str, ...] = ()
    sip_domains: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """How many entry points it has."""
        return len(self.numbers) + len(self.trunks) + len(self.sip_domains)


class Clusters(msgspec.Struct, frozen=True):
    """All of them, and what is to be said of the rest."""

    every: tuple[Cluster, ...]
    remarks: tuple[str, ...]


class _Member(msgspec.Struct, frozen=True):
    subject: Routable
    key: str
    answered_by: str
    name: str
    home: Region
    place: str = ""
    """Host and path of the URL behind it."""


def clusters(seen: Seen) -> Clusters:
    """Every entry point of the account in the cluster of what answers it where it lives."""
    remarks: list[str] = list(_unread(seen.snapshot))
    members: list[_Member] = []
    unanswered: list[str] = []
    for number in _numbers(seen.snapshot):
        home, remark = seen.home_of(Routable("number", number))
        if remark is not None:
            remarks.append(remark)
        match seen.snapshot.handler_in(home, number):
            case Unobserved(reason):
                remarks.append(f"who answers {number} in {home} could not be read, so it is in no flow: {reason}")
            case Observed(value=None):
                unanswered.append(number)
            case Observed(value=found):
                members.append(_member(Routable("number", number), found, home, seen.snapshot, number))
    members += _domains(seen, remarks)
    if unanswered:
        shown = ", ".join(unanswered[:6]) + (f" and {len(unanswered) - 6} more" if len(unanswered) > 6 else "")
        remarks.append(f"{len(unanswered)} numbers are answered by nobody and are in no flow: {shown}")
    return Clusters(tuple(_gathered(members)), tuple(remarks))


def slug(text: str) -> str:
    """Text as a flow's id: lower-case letters, digits, hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-") or "flow"


def _unread(snapshot: Snapshot) -> Iterable[str]:
    for region, facts in snapshot.regions.items():
        if isinstance(facts.credential, Unobserved):
            yield f"{region} could not be read at all: {facts.credential.reason}"
            continue
        for what in ("numbers", "applications", "trunks", "sip_domains"):
            fact = getattr(facts, what)
            if isinstance(fact, Unobserved):
                yield f"the {what.replace('_', ' ')} of {region} could not be read: {fact.reason}"


def _numbers(snapshot: Snapshot) -> list[E164]:
    found: dict[E164, None] = {}
    for facts in snapshot.regions.values():
        if isinstance(facts.numbers, Observed):
            found |= dict.fromkeys(facts.numbers.value)
    return sorted(found)


def _domains(seen: Seen, remarks: list[str]) -> list[_Member]:
    members: dict[str, _Member] = {}
    for region, facts in seen.snapshot.regions.items():
        for trunk in facts.trunks.value if isinstance(facts.trunks, Observed) else ():
            if trunk.domain_name:
                subject = Routable("trunk", trunk.domain_name)
                _at_home(seen, region, subject, trunk, members, remarks)
        for domain in facts.sip_domains.value if isinstance(facts.sip_domains, Observed) else ():
            _at_home(seen, region, Routable("sip-domain", domain.domain_name), domain, members, remarks)
    return list(members.values())


def _at_home(
    seen: Seen,
    region: Region,
    subject: Routable,
    found: Trunk | SipDomain,
    members: dict[str, _Member],
    remarks: list[str],
) -> None:
    home, remark = seen.home_of(subject)
    if remark is not None and region == home:
        remarks.append(remark)
    if region != home:
        return
    if isinstance(found, SipDomain):
        if not found.handler.voice_url:
            remarks.append(f"SIP domain {found.domain_name} has no voice URL in {home} and is in no flow")
            return
        members[subject.key] = _member(subject, found.handler, home, seen.snapshot, None)
    else:
        members[subject.key] = _member(subject, found, home, seen.snapshot, None)


def _member(
    subject: Routable, found: VoiceHandler | Trunk | None, home: Region, snapshot: Snapshot, number: E164 | None
) -> _Member:
    if isinstance(found, Trunk):
        name = found.friendly_name or found.domain_name or found.sid
        key = f"trunk {found.domain_name or found.friendly_name or found.sid}"
        return _Member(subject, key, f"trunk {name}", name.partition(".")[0], home)
    application = None if number is None else _application(snapshot, home, number)
    if application is not None and application.friendly_name:
        name = application.friendly_name
        place = "".join(_place(application.handler.voice_url or ""))
        return _Member(subject, f"app {name}", f"TwiML App {name}", name, home, place)
    url = (found.voice_url if isinstance(found, VoiceHandler) else None) or ""
    host, path = _place(url)
    words = [word for word in path.split("/") if word and word.lower() not in _STEPS]
    name = words[0] if words else host.partition(".")[0]
    return _Member(subject, f"url {host}{path}", f"https://{host}{path}", name, home, f"{host}{path}")


def _application(snapshot: Snapshot, home: Region, number: E164) -> Application | None:
    config = snapshot.number_in(home, number)
    facts = snapshot.regions.get(home)
    if isinstance(config, Unobserved) or config.value is None or facts is None:
        return None
    if isinstance(facts.applications, Unobserved) or not config.value.voice_application_sid:
        return None
    return facts.applications.value.get(config.value.voice_application_sid)


def _place(url: str) -> tuple[str, str]:
    """Host and path, without password, query and overrides."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").lower(), parts.path.rstrip("/")
    except ValueError:
        return "an unreadable URL", ""


def _with_their_app(members: list[_Member]) -> list[_Member]:
    """Members by a URL that exactly one TwiML App has, as that app's."""
    apps: dict[tuple[Region, str], dict[str, _Member]] = {}
    for one in members:
        if one.key.startswith("app ") and one.place:
            apps.setdefault((one.home, one.place), {})[one.key] = one
    made = []
    for one in members:
        same = apps.get((one.home, one.place), {})
        if one.key.startswith("url ") and len(same) == 1:
            (app,) = same.values()
            one = msgspec.structs.replace(one, key=app.key, answered_by=app.answered_by, name=app.name)
        made.append(one)
    return made


def _gathered(members: list[_Member]) -> list[Cluster]:
    members = _with_their_app(members)
    by_key = _by(members, lambda one: (one.home, one.key))
    if len(by_key) > CLUSTERS_MAX:
        by_key = _by(members, lambda one: (one.home, _host_key(one.key)))
    made = []
    taken: set[str] = set()
    for (home, key), of in sorted(by_key.items(), key=lambda item: (item[0][0] != US1, item[0])):
        subjects = [one.subject for one in of]
        whole_host = key != of[0].key
        name = slug(key.removeprefix("host ") if whole_host else of[0].name)
        made.append(
            Cluster(
                key=key,
                answered_by=f"everything at {key.removeprefix('host ')}" if whole_host else of[0].answered_by,
                name=_untaken(name, taken),
                home=home,
                numbers=tuple(sorted(E164(one.name) for one in subjects if one.kind == "number")),
                trunks=tuple(sorted(one.name for one in subjects if one.kind == "trunk")),
                sip_domains=tuple(sorted(one.name for one in subjects if one.kind == "sip-domain")),
            )
        )
    return made


def _by(
    members: list[_Member], key: Callable[[_Member], tuple[Region, str]]
) -> dict[tuple[Region, str], list[_Member]]:
    found: dict[tuple[Region, str], list[_Member]] = {}
    for one in members:
        found.setdefault(key(one), []).append(one)
    return found


def _host_key(key: str) -> str:
    kind, _, rest = key.partition(" ")
    return f"host {rest.partition('/')[0]}" if kind == "url" else key


def _untaken(name: str, taken: set[str]) -> str:
    free, n = name, 2
    while free in taken:
        free, n = f"{name}-{n}", n + 1
    taken.add(free)
    return free

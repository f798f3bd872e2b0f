"""A draft laid beside any workbook leaves its comments, keeps it valid, and a second time changes no byte.

The input is what people did to a drafted workbook, and behind a line of % what the account has by now: a line each,
``number SPACE what answers it``, ``trunk NAME DOMAIN`` or ``domain DOMAIN URL``.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

from voicedr.program.drafting.clusters import clusters
from voicedr.program.drafting.document import document
from voicedr.program.drafting.merge import merge
from voicedr.program.drafting.proposals import propose
from voicedr.program.drafting.seen import Seen
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.resources import (
    Application,
    NumberConfig,
    Routable,
    Route,
    SipDomain,
    Trunk,
    VoiceHandler,
)
from voicedr.program.readiness.snapshot import RegionFacts, Snapshot
from voicedr.program.scope.problems import WorkbookBroken
from voicedr.program.scope.read import read_workbook
from voicedr.program.scope.workbook import Account, RegionAccess, Workbook
from voicedr.program.vocabulary import E164, IE1, US1

_AT = datetime(2026, 11, 21, tzinfo=UTC)
_NO = Unobserved("403")
_ACCOUNT = Account(
    "AC" + "0" * 32,
    {
        US1: RegionAccess("ashburn", "SK" + "1" * 32, "env:U"),
        IE1: RegionAccess("dublin", "SK" + "2" * 32, "env:I", "env:T"),
    },
)
_CUT = b"\n%%%\n"
_LINES_MAX = 40
_HAS = (
    b"+14155550100 https://app.example/voice/support\n+14155550101 https://app.example/voice/support"
    b"\n+4930123456 app Sales"
)
_DOMAIN = re.compile(r"[a-z0-9][a-z0-9.-]{0,60}")
"""What the provider lets a trunk's or SIP domain's name be made of; it has checked it."""


def _seen(text: str) -> Seen:
    numbers: dict[E164, NumberConfig] = {}
    apps: dict[str, Application] = {}
    trunks: list[Trunk] = []
    domains: list[SipDomain] = []
    routed: list[Routable] = []
    for line in text.split("\n")[:_LINES_MAX]:
        what, _, by = line.partition(" ")
        if re.fullmatch(r"\+[1-9][0-9]{6,14}", what):
            number = E164(what)
            sid = "AP" + by[4:] if by.startswith("app ") else None
            if sid is not None:
                apps[sid] = Application(sid, by[4:], VoiceHandler(voice_url="https://x.example"))
            handler = VoiceHandler() if sid is not None else VoiceHandler(voice_url=by)
            numbers[number] = NumberConfig(number, "PN", None, handler, voice_application_sid=sid)
            routed.append(Routable("number", number))
        elif what == "trunk" and _DOMAIN.fullmatch(by.rpartition(" ")[2]):
            name, _, domain = by.rpartition(" ")
            trunks.append(Trunk(f"TK{len(trunks)}", name, f"{domain}.pstn.twilio.com", None, "POST", "IP_ACL"))
            routed.append(Routable("trunk", f"{domain}.pstn.twilio.com"))
        elif what == "domain" and _DOMAIN.fullmatch(by.partition(" ")[0]):
            domain, _, url = by.partition(" ")
            name = f"{domain}.sip.twilio.com"
            domains.append(SipDomain(f"SD{len(domains)}", name, None, VoiceHandler(voice_url=url), "IP_ACL"))
            routed.append(Routable("sip-domain", name))
    facts = RegionFacts(
        Observed("ok", _AT, "x"),
        Observed(numbers, _AT, "x"),
        Observed(apps, _AT, "x"),
        Observed(tuple(trunks), _AT, "x"),
        Observed(tuple(domains), _AT, "x"),
        _NO,
    )
    routes = {one.key: Observed(Route(one, US1), _AT, "x") for one in routed}
    return Seen(Snapshot(_AT, _ACCOUNT.sid, {US1: facts, IE1: facts}, routes, {}), {US1: _NO})


def _draft(text: str) -> str:
    seen = _seen(text)
    return document(propose(clusters(seen).every, seen, _ACCOUNT), _ACCOUNT)


_BOOK = _draft(_HAS.decode()).encode()
_EDITED = _BOOK.replace(b"people:", b"# ours: keep this\npeople:").replace(
    b"must_survive: []", b"must_survive:\n      - emergencies # all"
)
SEEDS = [
    _EDITED.replace(b"people:\n", b"people:   # who is asked\n").replace(
        b"    cohorts:\n      - ", b"    cohorts:\n    - "
    )
    + _CUT
    + _HAS
    + b"\n+14155550102 https://app.example/voice/support\n+14155550103 app null\n+14155550104 app 911",
    _BOOK + _CUT + _HAS,
    _BOOK + _CUT + _HAS + b"\n+14155550102 https://app.example/voice/support\n+33140000000 https://new.example/x y#z",
    _EDITED
    + _CUT
    + _HAS
    + b"\ntrunk Acme: yard # 1 acme\ndomain acme https://app.example/voice/support\ntrunk null null",
    _EDITED + _CUT + b'+14155550109 app "Sales": #\x1b[2J\n+14155550110 https://[::1\n+14155550111 app yes',
    _CUT + b"domain 1.5 https://a.example\ndomain 0x10 https://a.example/null\ntrunk true on\ntrunk ~ 12",
    _BOOK.replace(b"\n", b"\r\n") + _CUT + b"+14155550102 https://app.example/voice/support",
    _BOOK.rstrip(b"\n")
    + b"\n# the end\n"
    + _CUT
    + b"+14155550102 https://app.example/voice/support\n+4999999999 app New",
]


@lru_cache(maxsize=64)
def _read(text: str) -> Workbook | None:
    try:
        return read_workbook(text, "workbook.yaml")
    except WorkbookBroken:
        return None


def one(data: bytes) -> None:
    """Draft from the account; merge it into the workbook, if that is one; merge it again."""
    book, _, has = data.partition(_CUT)
    try:
        text = book.decode()
    except UnicodeDecodeError:
        text = ""
    if len(text) > 6000:
        return
    account = has.decode("utf-8", "replace")
    seen = _seen(account)
    found = clusters(seen).every
    if found:
        drafted = _draft(account)
        assert read_workbook(drafted, "drafted.yaml").flows, "a draft that is no workbook"
    if _read(text) is None:
        text = _BOOK.decode()
    workbook = _read(text)
    assert workbook is not None
    merged = merge(text, workbook, found, seen)
    if not merged.added:
        assert merged.text == text, "nothing is new, and the file is another"
        return
    again = read_workbook(merged.text, "merged.yaml")
    for comment in _comments(text):
        assert comment in merged.text, f"a comment is lost: {comment!r}"
    before = {subject for flow in workbook.flows for subject in flow.subjects}
    after = {subject for flow in again.flows for subject in flow.subjects}
    assert before <= after
    second = merge(merged.text, again, found, seen)
    assert second.added == ()
    assert second.text == merged.text


def _comments(text: str) -> list[str]:
    """What stands behind a # at the beginning of a line; surely a comment, outside of block scalars."""
    if "|" in text or ">" in text or "'" in text:
        return []
    return [line.strip() for line in text.splitlines() if line.lstrip().startswith("#")] if '"\n' not in text else []

"""Checks of credentials, clocks, token services, tokens and Voice SDK clients."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from one_check import conclude, fails, is_unknown, passes
from readiness_scene import a_flow, an_estate, snapshot
from ready_application import (
    ACCOUNT,
    AT,
    KEY,
    PUSH,
    SECRET,
    TOKENS,
    a_token,
    application_facts,
    declaring,
    resource,
    seen,
    token_text,
)
from ready_web import web_facts
from voicedr.program.readiness.declared import About, Declarations
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.outside.access_token import NoToken, read_access_token
from voicedr.program.readiness.outside.application import Credentials, TokenAnswer, token_key
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.vocabulary import AU1, IE1, US1

NO = Unobserved("nobody looked")
NOW = AT.timestamp()


def with_facts(**changes: Any) -> Snapshot:
    """A snapshot whose facts of the application are changed."""
    return msgspec.structs.replace(snapshot(), application=application_facts(**changes))


def token(**changes: Any) -> Snapshot:
    """The first token service gives another token."""
    return answering(TokenAnswer(200, 0.1, a_token(**changes)))


def answering(answer: TokenAnswer | None) -> Snapshot:
    """The first token service gives another answer; None: it was not asked."""
    fact = NO if answer is None else seen(answer)
    return with_facts(tokens={token_key(IE1, TOKENS[0]): fact})


def at_home(**changes: Any) -> Snapshot:
    """The first token service gives another token for the primary."""
    answer = TokenAnswer(200, 0.1, a_token(region=US1, **changes))
    return with_facts(tokens={token_key(US1, TOKENS[0]): seen(answer)})


def held(had: tuple[str, ...] = ("api_key", "api_secret", "auth_token"), **changes: Any) -> Snapshot:
    """The standby's references stand in another way."""
    missing = dict.fromkeys(("api_key", "api_secret", "auth_token"), "its reference stands for nothing")
    missing = {name: why for name, why in missing.items() if name not in had}
    standing = msgspec.structs.replace(Credentials(had, missing, {}), **changes)
    return with_facts(credentials={IE1: seen(standing)})


CHECKS = (
    "standby_credential_accepted",
    "primary_credential_accepted",
    "credentials_not_shared",
    "auth_tokens_at_hand",
    "regional_secrets_declared",
    "credentials_do_not_end_soon",
    "clock_is_right",
    "token_service_answers",
    "token_services_are_two",
    "token_is_for_standby",
    "token_is_signed_for_standby",
    "token_names_standbys_application",
    "token_names_standbys_push_credential",
    "token_begins_now",
    "token_life_within_rto",
    "client_has_two_edges",
    "client_knows_regions",
    "push_credential_in_standby",
)


@pytest.mark.parametrize("check", CHECKS)
def test_a_region_with_its_own_credentials_passes(check: str) -> None:
    """With keys, services, tokens and clients of the standby every check passes."""
    assert passes(conclude(check))


FAILS = [
    (
        "primary_credential_accepted",
        snapshot(primary={"credential": Unobserved("401", refused=True)}),
        "us1 refused its key",
    ),
    ("credentials_not_shared", held(same_as={US1: ("api_secret",)}), "the same value as in us1: api_secret"),
    ("auth_tokens_at_hand", held(("api_key",), unnamed=("auth_token",)), "the workbook names none"),
    ("clock_is_right", with_facts(clocks={IE1: seen(61.0)}), "61 s ahead"),
    ("clock_is_right", with_facts(clocks={IE1: seen(-3600.0)}), "3600 s behind"),
    ("token_service_answers", answering(TokenAnswer(503, 0.1, problem="answered 503")), "it answered 503"),
    (
        "token_service_answers",
        answering(TokenAnswer(None, 9.9, problem="did not answer: read-timeout")),
        "did not answer",
    ),
    ("token_service_answers", token(has_voice=False), "grants nothing of voice"),
    ("token_is_for_standby", token(region=US1), "asked for a token of ie1, it gives one of us1"),
    ("token_is_signed_for_standby", token(signature="bad"), "did not sign it"),
    ("token_is_signed_for_standby", token(signed_by=US1), "us1's key signed it"),
    ("token_names_standbys_application", token(account_sid="AC" + "9" * 32), "another account"),
    ("token_names_standbys_application", token(application_sid="AP" + "9" * 32), "ie1 has no TwiML App"),
    ("token_names_standbys_push_credential", token(push_credential_sid="CR" + "1" * 32), "nobody declared for ie1"),
    ("token_begins_now", token(ends=None), "it has no end"),
    ("token_begins_now", token(begins=NOW + 90, ends=NOW + 900), "begins 90 s from now"),
    ("token_begins_now", token(ends=NOW - 5), "ended 5 s ago"),
    ("token_begins_now", token(ends=NOW + 86_500), "lives 86500 s"),
    ("token_life_within_rto", at_home(ends=NOW + 901), "901 s, and 900 s were declared"),
]


@pytest.mark.parametrize(("check", "facts", "says"), FAILS, ids=[f"{n}-{row[0]}" for n, row in enumerate(FAILS)])
def test_what_was_seen_to_be_wrong_is_a_gap(check: str, facts: Snapshot, says: str) -> None:
    """Each single fault fails its check and says what it is."""
    assert fails(conclude(check, facts), says)


SECRETS = {"ie1": {"where": "vault voice/ie1", "expires": "2026-12-01"}, "us1": {"where": "vault voice/us1"}}

SAID_WRONG: list[tuple[str, dict[About, Any], str]] = [
    ("regional_secrets_declared", {About.REGIONAL_SECRETS: {"us1": "vault"}}, "no place is named for ie1"),
    ("regional_secrets_declared", {About.REGIONAL_SECRETS: {"us1": "vault", "ie1": "vault"}}, "from one place"),
    ("credentials_do_not_end_soon", {About.REGIONAL_SECRETS: SECRETS}, "ie1's end on 2026-12-01"),
    ("token_services_are_two", {About.TOKEN_SERVICES: [TOKENS[0]]}, "1 host"),
    ("token_services_are_two", {About.TOKEN_SERVICES: [TOKENS[0], TOKENS[0] + "/b"]}, "1 host"),
    ("token_services_are_two", {About.HOST_PLACES: {"tokens.acme.example": "x", "tokens.other.example": "x"}}, "in x"),
    ("token_life_within_rto", {About.TOKEN_TTL: 7200}, "the RTO is 3600 s"),
    ("client_has_two_edges", {About.CLIENT_EDGES: {"ie1": ["roaming"], "us1": ["ashburn", "umatilla"]}}, "1 of two"),
    ("client_has_two_edges", {About.CLIENT_EDGES: {"ie1": ["dublin", "dublin"]}}, "ie1: clients are given 1"),
    ("client_has_two_edges", {About.CLIENT_EDGES: {"ie1": ["dublin", "berlin"]}}, "no edge berlin"),
    ("client_has_two_edges", {About.CLIENT_EDGES: {"ie1": ["dublin", "frankfurt"]}}, "us1: clients are given 0"),
    ("client_knows_regions", {About.CLIENT_VERSIONS: {"js": "2.0.9"}}, "js 2.0.9 does not know Regions: 2.1.0"),
    ("client_knows_regions", {About.CLIENT_VERSIONS: {"ios": "6.3.1"}}, "6.4.0"),
    ("client_knows_regions", {About.CLIENT_VERSIONS: {"android": "6.0.10-beta.2"}}, "6.1.0"),
    ("push_credential_in_standby", {About.PUSH_CREDENTIALS: {"us1": [PUSH]}}, "no push credential is named for ie1"),
    ("push_credential_in_standby", {About.PUSH_CREDENTIALS: {"us1": [PUSH], "ie1": [PUSH]}}, "for both Regions"),
]


@pytest.mark.parametrize(("check", "said", "says"), SAID_WRONG)
def test_what_somebody_said_that_does_not_do_is_a_gap(check: str, said: dict[About, Any], says: str) -> None:
    """Somebody's word can fail a check as well as pass it."""
    assert fails(conclude(check, said=declaring(said)), says)


NOT_SEEN: list[tuple[str, Snapshot]] = [
    ("primary_credential_accepted", snapshot(primary={"credential": NO})),
    ("credentials_not_shared", with_facts(credentials={IE1: NO})),
    ("credentials_not_shared", held(("auth_token",))),
    ("auth_tokens_at_hand", with_facts(credentials={IE1: NO})),
    ("auth_tokens_at_hand", held(("api_key", "api_secret"))),
    ("clock_is_right", with_facts(clocks={IE1: NO})),
    *(
        (check, answering(None))
        for check in CHECKS
        if check.startswith("token_") and "services" not in check and "life" not in check
    ),
    ("token_is_for_standby", answering(TokenAnswer(503, 0.1, problem="answered 503"))),
    ("token_is_signed_for_standby", token(signed_by=None, signature="not checked", issuer="SK" + "9" * 32)),
    ("token_names_standbys_application", snapshot(standby={"estate": {}})),
]


@pytest.mark.parametrize(("check", "facts"), NOT_SEEN, ids=[f"{n}-{row[0]}" for n, row in enumerate(NOT_SEEN)])
def test_what_nobody_saw_is_unknown(check: str, facts: Snapshot) -> None:
    """No key, no token, no answer: nobody knows, and it does not count as a gap."""
    assert is_unknown(conclude(check, facts))


UNSAID: list[tuple[str, Declarations]] = [
    ("regional_secrets_declared", declaring(None, About.REGIONAL_SECRETS)),
    ("credentials_do_not_end_soon", declaring(None, About.REGIONAL_SECRETS)),
    ("credentials_do_not_end_soon", declaring({About.REGIONAL_SECRETS: {"ie1": "vault", "us1": "safe"}})),
    ("token_services_are_two", declaring(None, About.TOKEN_SERVICES)),
    ("token_services_are_two", declaring({About.HOST_PLACES: {"tokens.acme.example": "aws"}})),
    ("token_service_answers", declaring(None, About.TOKEN_SERVICES)),
    ("token_is_for_standby", declaring({About.TOKEN_SERVICES: []})),
    ("token_life_within_rto", declaring(None, About.TOKEN_SERVICES, About.TOKEN_TTL)),
    ("token_names_standbys_push_credential", declaring(None, About.PUSH_CREDENTIALS)),
    ("client_has_two_edges", declaring(None, About.CLIENT_EDGES)),
    ("client_knows_regions", declaring(None, About.CLIENT_VERSIONS)),
    ("client_knows_regions", declaring({About.CLIENT_VERSIONS: {"flutter": "1.0.0"}})),
    ("client_knows_regions", declaring({About.CLIENT_VERSIONS: {"js": "newest"}})),
    ("push_credential_in_standby", declaring(None, About.PUSH_CREDENTIALS)),
]


@pytest.mark.parametrize(("check", "said"), UNSAID, ids=[f"{n}-{row[0]}" for n, row in enumerate(UNSAID)])
def test_what_nobody_said_is_unknown(check: str, said: Declarations) -> None:
    """Where people have to say it and nobody does, nobody knows."""
    assert is_unknown(conclude(check, said=said))


def test_a_flow_without_clients_needs_no_tokens() -> None:
    """Somebody says that there are no Voice SDK clients: what is about them does not apply."""
    none = declaring({About.CLIENT_VERSIONS: {}})
    about_clients = [check for check in CHECKS if check.startswith(("token_", "client_", "push_"))]
    assert all(conclude(check, said=none) == [] for check in about_clients)
    assert conclude("push_credential_in_standby", said=declaring({About.CLIENT_VERSIONS: {"js": "2.11.0"}})) == []


def test_only_the_primarys_tokens_hold_clients_in_the_primary() -> None:
    """A token of the standby that lives for a day holds nobody back; one of the primary holds a client for a day."""
    undeclared = declaring(None, About.TOKEN_TTL)
    assert passes(conclude("token_life_within_rto", token(ends=NOW + 86_400), undeclared))
    assert fails(conclude("token_life_within_rto", at_home(ends=NOW + 86_400), undeclared), "the RTO is 3600 s")
    unseen = with_facts(tokens={token_key(US1, url): NO for url in TOKENS})
    assert is_unknown(conclude("token_life_within_rto", unseen, undeclared))
    assert passes(conclude("token_life_within_rto", unseen))


def test_au1_has_no_push_credentials() -> None:
    """Whatever was declared, a mobile client is not woken from au1."""
    assert fails(conclude("push_credential_in_standby", flow=a_flow(standby=AU1)), "au1")


def test_the_key_of_a_token_may_be_another_one_of_its_region() -> None:
    """A key made for tokens alone is the standby's if the standby lists it, and not if the primary does."""
    other = "SK" + "7" * 32
    facts = token(signed_by=None, signature="not checked", issuer=other)
    for region, holds in ((IE1, True), (US1, False)):
        estate = {kind: seen(found) for kind, found in an_estate().items()}
        estate["api-key"] = seen((resource("api-key", other, friendly_name="tokens"),))
        regions = dict(facts.regions)
        regions[region] = msgspec.structs.replace(regions[region], estate=estate)
        found = conclude("token_is_signed_for_standby", msgspec.structs.replace(facts, regions=regions))
        assert passes(found) if holds else fails(found, "it names a key of us1")


def test_a_token_that_grants_less_is_not_asked_for_more() -> None:
    """A client that may only be called names no TwiML App, and a browser no push credential."""
    facts = with_facts(
        tokens={
            token_key(IE1, url): seen(TokenAnswer(200, 0.1, a_token(application_sid=None, push_credential_sid=None)))
            for url in TOKENS
        }
    )
    assert conclude("token_names_standbys_application", facts) == []
    assert conclude("token_names_standbys_push_credential", facts) == []


def test_credentials_that_never_end_are_said_to() -> None:
    """``never`` is somebody's word, too."""
    said = declaring({About.REGIONAL_SECRETS: {"ie1": {"where": "vault", "expires": "never"}}})
    assert passes(conclude("credentials_do_not_end_soon", said=said))


def test_a_token_is_read_and_its_signature_checked() -> None:
    """Header, claims and grants come out as they were put in; another secret is a bad signature."""
    read = read_access_token(token_text(), {US1: ("SK" + "1" * 32, "x"), IE1: (KEY, SECRET)})
    assert (read.region, read.issuer, read.account_sid, read.signed_by, read.signature) == (
        IE1,
        KEY,
        ACCOUNT,
        IE1,
        "good",
    )
    assert (read.begins, read.ends) == (int(NOW), int(NOW) + 900)
    assert (read.application_sid, read.push_credential_sid) == ("AP" + "1" * 32, PUSH)
    assert read_access_token(token_text(secret="another"), {IE1: (KEY, SECRET)}).signature == "bad"
    assert read_access_token(token_text(), {}).signature == "not checked"
    assert read_access_token(token_text(region=""), {}).region == US1
    bare = read_access_token(token_text(grants={"identity": "x"}, nbf=None, exp="soon"), {})
    assert (bare.has_voice, bare.ends, bare.application_sid) == (False, None, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b",
        "a.b.c.d",
        "bm90.anNvbg.x",
        "e30.e30.x",
        "W10.W10.x",
        "x" * 9000,
        "é.e30.e30",
        token_text().replace("eyJ", "fyJ", 1),
    ],
)
def test_what_is_no_token_is_refused_without_showing_it(text: str) -> None:
    """Broken, foreign or huge text is no token, and no message repeats it."""
    with pytest.raises(NoToken) as refused:
        read_access_token(text, {})
    assert len(text) < 5 or text not in str(refused.value)


def test_no_secret_is_in_what_is_kept() -> None:
    """Neither a token nor a secret can be found in the facts."""
    facts = msgspec.json.encode(application_facts())
    assert SECRET.encode() not in facts
    assert token_text().rpartition(".")[2].encode() not in facts


def test_a_key_that_two_regions_share_tells_nothing_of_a_token() -> None:
    """Whose key signed it is unknown where the workbook gives one key for both Regions."""
    had = Credentials(("api_key", "api_secret", "auth_token"), {}, {US1: ("api_key", "api_secret")})
    for token_there in (a_token(), a_token(signed_by=US1)):
        facts = with_facts(
            credentials={IE1: seen(had)}, tokens={token_key(IE1, TOKENS[0]): seen(TokenAnswer(200, 0.1, token_there))}
        )
        assert is_unknown(conclude("token_is_signed_for_standby", facts), "gives the same key for ie1 and another")


def test_two_token_services_at_one_address_are_one() -> None:
    """Two names are not two machines, if they are seen to lead to the same one."""
    hosts = ("tokens.acme.example", "tokens.other.example")
    for second, holds in ((("192.0.2.1", "192.0.2.2"), False), (("192.0.2.3",), True)):
        addresses = {hosts[0]: seen(("192.0.2.1",)), hosts[1]: seen(second)}
        facts = msgspec.structs.replace(snapshot(), web=web_facts(addresses=addresses))
        found = conclude("token_services_are_two", facts)
        assert passes(found) if holds else fails(found, "are both at 192.0.2.1")

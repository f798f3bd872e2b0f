"""The application, its REST clients, token services, credentials, and what shows that it works."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from bench.readiness import declared
from bench.readiness import estate as has
from bench.readiness.account import HealthyAccount
from bench.readiness.faults.trunks import any_region
from bench.readiness.faults.webhooks import answering, dead, document, late, status
from bench.readiness.kind import Kind, Seed

TWO = "The application has two instances in two places, and all of them work"
CONTEXT = "The application is told which Region is active"
DEPENDENCIES = "What the application needs survives, too"
REST_EDGES = "The REST API is asked under a second name"
TOKENS = "Token services are two, and mint for the standby"
CLIENTS = "Voice SDK clients know Regions and two edges"
SECRETS = "Credentials are each Region's own, accepted, and do not end soon"
SEEN = "People see the standby's calls: dashboards, alerts, APM, support, analytics"
SHOWN = "The provider shows the standby's calls, errors and recordings"

INSTANCES = tuple(f"https://{host}/health" for host in has.INSTANCES)


def saying(about: str, *values: Any) -> Seed:
    """Somebody declares one of these."""

    def seed(account: HealthyAccount, chance: Random) -> None:
        account.say(about, chance.choice(values))

    return seed


def minting(**how: object) -> Seed:
    """One of the token services puts something else into its tokens. A text of a Region: ``standby``, ``primary``."""

    def seed(account: HealthyAccount, chance: Random) -> None:
        regions = {"standby": account.way.standby, "primary": account.way.primary}
        told = {name: regions.get(str(value), value) for name, value in how.items()}
        account.customer.minting.setdefault(chance.choice(has.TOKENS), {}).update(told)

    return seed


def _context(region: str, epoch: int) -> bytes:
    return json.dumps({"region": region, "epoch": epoch}).encode()


def _no_context(account: HealthyAccount, chance: Random) -> None:
    if chance.random() < 0.5:
        del account.beside.files[declared.CONTEXT]
    else:
        account.beside.files[declared.CONTEXT] = b'{"region": "us1", "epo'


def _context_elsewhere(account: HealthyAccount, _chance: Random) -> None:
    account.beside.files[declared.CONTEXT] = _context(account.way.standby, 8)


def _old_instance(account: HealthyAccount, chance: Random) -> None:
    told = json.dumps({"active_region": account.way.standby, "epoch": 7, "instance": "b"})
    account.customer.instead[chance.choice(has.INSTANCES)] = document(told, "application/json")


def _old_epoch(account: HealthyAccount, chance: Random) -> None:
    told = json.dumps({"active_region": account.way.primary, "epoch": chance.choice((1, 6)), "instance": "b"})
    account.customer.instead[chance.choice(has.INSTANCES)] = document(told, "application/json")


def _source(*texts: str) -> Seed:
    def seed(account: HealthyAccount, chance: Random) -> None:
        account.beside.files[declared.SOURCE] = chance.choice(texts).encode()

    return seed


def _no_source(account: HealthyAccount, _chance: Random) -> None:
    del account.beside.files[declared.SOURCE]


def _edges_down(account: HealthyAccount, _chance: Random) -> None:
    for edge in ("umatilla", "sydney"):
        account.fault("edge-down", edge=edge)


def _one_token_host(account: HealthyAccount, _chance: Random) -> None:
    account.say("token-services", [f"https://{has.TOKENS[0]}/token", f"https://{has.TOKENS[0]}/token2"])
    account.customer.instead[f"{has.TOKENS[0]}/none"] = dead


def _one_token_service(account: HealthyAccount, _chance: Random) -> None:
    account.say("token-services", [f"https://{has.TOKENS[0]}/token"])


def _tokens_in_one_place(account: HealthyAccount, _chance: Random) -> None:
    places = account.said("host-places")
    account.say("host-places", places | {has.TOKENS[1]: places[has.TOKENS[0]]})


def _tokens_on_one_machine(account: HealthyAccount, _chance: Random) -> None:
    account.beside.names[has.TOKENS[1]] = account.beside.names[has.TOKENS[0]]


def _long_life(account: HealthyAccount, _chance: Random) -> None:
    account.say("token-ttl", 7200)
    for host in has.TOKENS:
        account.customer.minting.setdefault(host, {})["life_s"] = 7200


def _bearer_wrong(account: HealthyAccount, _chance: Random) -> None:
    account.beside.secrets["BEARER"] = "letmeout"


def _no_push(account: HealthyAccount, chance: Random) -> None:
    mine = declared.PUSH
    primary, standby = account.way.primary, account.way.standby
    rows = ({primary: [mine[primary]]}, {primary: [mine[primary]], standby: [mine[primary]]})
    account.say("push-credentials", chance.choice(rows))


def _clock(account: HealthyAccount, chance: Random) -> None:
    account.clock_off_s = chance.choice((-400.0, 90.0, 600.0))


def _key_revoked(side: str) -> Seed:
    def seed(account: HealthyAccount, _chance: Random) -> None:
        region = getattr(account.way, side)
        account.fault("credential-revoked", region=region, key=account.beside.secrets[f"KEY_{region.upper()}"])

    return seed


def _secret_wrong(account: HealthyAccount, _chance: Random) -> None:
    region = account.way.standby
    account.world.regions[region].keys[account.beside.secrets[f"KEY_{region.upper()}"]].secret = "rotated" * 4


def _primarys_key(account: HealthyAccount, _chance: Random) -> None:
    primary, standby = account.way.primary.upper(), account.way.standby.upper()
    for name in ("KEY", "SECRET"):
        account.beside.secrets[f"{name}_{standby}"] = account.beside.secrets[f"{name}_{primary}"]


def _primarys_token(account: HealthyAccount, _chance: Random) -> None:
    primary, standby = account.way.primary.upper(), account.way.standby.upper()
    account.beside.secrets[f"TOKEN_{standby}"] = account.beside.secrets[f"TOKEN_{primary}"]


def _no_auth_token(account: HealthyAccount, chance: Random) -> None:
    del account.document["account"]["regions"][any_region(chance)]["auth_token"]


def _reference_gone(account: HealthyAccount, chance: Random) -> None:
    del account.beside.secrets[f"TOKEN_{any_region(chance).upper()}"]


def _expiring(account: HealthyAccount, chance: Random) -> None:
    soon = chance.choice(("2026-11-20", "2026-11-30", "2026-12-15"))
    account.said("regional-secrets")[account.way.standby]["expires"] = soon


def _one_vault(account: HealthyAccount, _chance: Random) -> None:
    for entry in account.said("regional-secrets").values():
        entry["where"] = "vault voice"


def _secrets_of_one(account: HealthyAccount, _chance: Random) -> None:
    del account.said("regional-secrets")[account.way.standby]


def _refused(*paths: str) -> Seed:
    def seed(account: HealthyAccount, chance: Random) -> None:
        account.fault("permission-denied", region=account.way.standby, path=chance.choice(paths), reads_too="yes")

    return seed


def _board(about: str) -> Seed:
    def seed(account: HealthyAccount, chance: Random) -> None:
        how = chance.choice((status(404), status(503), dead, late(30.0)))
        account.customer.instead[f"{has.BOARDS}/{account.way.standby}/{about}"] = how

    return seed


def _unnamed(about: str) -> Seed:
    def seed(account: HealthyAccount, _chance: Random) -> None:
        del account.said(about)[account.way.standby]

    return seed


def _shared(about: str) -> Seed:
    def seed(account: HealthyAccount, _chance: Random) -> None:
        account.say(about, {region: [f"https://{has.BOARDS}/all"] for region in has.EDGES})

    return seed


OF_CALLERS = {
    "dashboards": "dashboard_shows_standby",
    "apm": "apm_sees_standby",
    "support-tooling": "support_sees_standby",
    "analytics": "analytics_see_standby",
}
WITHOUT_KEY = {
    "route_write_works": "a key that is refused writes no route",
    "call_log_is_shown": "a key that is refused is shown nothing",
    "alerts_are_shown": "a key that is refused is shown nothing",
    "recordings_are_shown": "a key that is refused is shown nothing",
    "rto_achievable": "a standby that cannot be asked",
}

KINDS = (
    Kind("application-in-one-place", TWO,
         saying("application-instances", {INSTANCES[0]: "aws us-east-1 a"}, dict.fromkeys(INSTANCES, "hall 1")),
         ("application_is_in_two_places",)),
    Kind("instance-dead", TWO, answering(*has.INSTANCES, by=dead),
         ("application_instance_answers", "application_knows_the_region")),
    Kind("instance-sick", TWO, answering(*has.INSTANCES, by=status(503)),
         ("application_instance_answers", "application_knows_the_region")),
    Kind("context-missing", CONTEXT, _no_context, ("application_context_readable", "application_knows_the_region")),
    Kind("context-names-standby", CONTEXT, _context_elsewhere,
         ("application_context_readable", "application_knows_the_region")),
    Kind("instance-works-for-standby", CONTEXT, _old_instance, ("application_knows_the_region",)),
    Kind("instance-has-old-epoch", CONTEXT, _old_epoch, ("application_knows_the_region",)),
    Kind("dependency-single", DEPENDENCIES,
         saying("dependencies", {"redis": {"instances": 1, "places": ["a", "b"]}},
                {"redis": {"instances": 3, "places": ["hall 1"]}}), ("dependency_survives",)),
    Kind("rest-client-without-edge", REST_EDGES,
         _source("from twilio.rest import Client\nclient = Client()\n",
                 'from twilio.rest import Client\nclient = Client(region="ie1")\n',
                 'from twilio.rest import Client\nclient = Client(edge="dublin", region="ie1")\n'),
         ("rest_client_falls_back",)),
    Kind("rest-client-pinned", REST_EDGES,
         _source('import requests\nrequests.get("https://api.twilio.com/2010-04-01/Accounts.json")\n'),
         ("rest_client_falls_back",)),
    Kind("rest-client-unread", REST_EDGES, _no_source, dark=("rest_client_falls_back",)),
    Kind("rest-second-name-unreachable", REST_EDGES, _edges_down, ("rest_has_a_second_edge",)),
    Kind("token-service-single", TOKENS, _one_token_service, ("token_services_are_two",)),
    Kind("token-services-on-one-host", TOKENS, _one_token_host, ("token_services_are_two",)),
    Kind("token-services-in-one-place", TOKENS, _tokens_in_one_place, ("token_services_are_two",)),
    Kind("token-services-are-one-machine", TOKENS, _tokens_on_one_machine, ("token_services_are_two",)),
    Kind("token-service-dead", TOKENS, answering(*has.TOKENS, by=dead), ("token_service_answers",)),
    Kind("token-service-answers-a-page", TOKENS, answering(*has.TOKENS, by=document("<html>", "text/html")),
         ("token_service_answers",)),
    Kind("token-service-refuses", TOKENS, _bearer_wrong, ("token_service_answers",)),
    Kind("token-of-primary", TOKENS, minting(region="primary"),
         ("token_is_for_standby", "token_is_signed_for_standby", "token_names_standbys_application",
          "token_names_standbys_push_credential")),
    Kind("token-wrong-secret", TOKENS, minting(secret="x" * 32), ("token_is_signed_for_standby",)),
    Kind("token-signed-by-primary", TOKENS, minting(key_of="primary"), ("token_is_signed_for_standby",)),
    Kind("token-begins-later", TOKENS, minting(ahead_s=600), ("token_begins_now",)),
    Kind("token-over-already", TOKENS, minting(ahead_s=-1200), ("token_begins_now",)),
    Kind("token-lives-longer-than-declared", TOKENS, minting(life_s=1800), ("token_life_within_rto",)),
    Kind("token-outlives-rto", TOKENS, _long_life, ("token_life_within_rto",)),
    Kind("token-names-primarys-application", TOKENS, minting(application_of="primary"),
         ("token_names_standbys_application",)),
    Kind("token-of-other-account", TOKENS, minting(account="AC" + "9" * 32), ("token_names_standbys_application",)),
    Kind("token-names-primarys-push-credential", TOKENS, minting(push_of="primary"),
         ("token_names_standbys_push_credential",)),
    Kind("clients-know-one-edge", CLIENTS,
         saying("client-edges", {"us1": ["ashburn"], "ie1": ["dublin", "frankfurt"]},
                {"us1": ["ashburn", "umatilla"], "ie1": ["dublin", "galway"]},
                {"us1": ["ashburn", "umatilla"]}), ("client_has_two_edges",)),
    Kind("clients-too-old", CLIENTS,
         saying("client-versions", {"js": "1.14.3", "ios": "6.5.0"}, {"android": "6.0.9", "ios": "6.5.0"}),
         ("client_knows_regions",)),
    Kind("push-credential-missing", CLIENTS, _no_push,
         ("push_credential_in_standby", "token_names_standbys_push_credential")),
    Kind("clock-wrong", TOKENS, _clock, ("clock_is_right",),
         besides={"token_begins_now": "by a clock that is behind, fresh tokens begin later"}),
    Kind("standbys-key-revoked", SECRETS, _key_revoked("standby"), ("standby_credential_accepted",),
         besides=WITHOUT_KEY),
    Kind("primarys-key-revoked", SECRETS, _key_revoked("primary"), ("primary_credential_accepted",)),
    Kind("standbys-secret-rotated", SECRETS, _secret_wrong, ("standby_credential_accepted",), besides=WITHOUT_KEY),
    Kind("standby-has-primarys-key", SECRETS, _primarys_key,
         ("credentials_not_shared", "standby_credential_accepted"),
         besides=WITHOUT_KEY | {"token_is_signed_for_standby": "the token service has the same key"}),
    Kind("standby-has-primarys-auth-token", SECRETS, _primarys_token, ("credentials_not_shared",)),
    Kind("auth-token-not-named", SECRETS, _no_auth_token, ("auth_tokens_at_hand",)),
    Kind("credentials-end-soon", SECRETS, _expiring, ("credentials_do_not_end_soon",)),
    Kind("credentials-in-one-place", SECRETS, _one_vault, ("regional_secrets_declared",)),
    Kind("credentials-of-standby-not-named", SECRETS, _secrets_of_one, ("regional_secrets_declared",),
         dark=("credentials_do_not_end_soon",)),
    Kind("call-log-refused", SHOWN, _refused("*/Calls*.json"), ("call_log_is_shown",)),
    Kind("alerts-refused", SHOWN, _refused("/v1/Alerts*"), ("alerts_are_shown",),
         dark=("no_webhook_failed_lately", "no_fallback_failed_lately")),
    Kind("recordings-refused", SHOWN, _refused("*/Recordings*.json", "*/Transcriptions*.json"),
         ("recordings_are_shown",)),
    *(Kind(f"{about}-down", SEEN, _board(about), (check,)) for about, check in OF_CALLERS.items()),
    *(Kind(f"{about}-not-of-standby", SEEN, _unnamed(about), (check,))
      for about, check in (OF_CALLERS | {"alerts": "alert_rings_for_standby"}).items()),
    *(Kind(f"{about}-shared", SEEN, _shared(about), dark=(check,)) for about, check in OF_CALLERS.items()),
)  # fmt: skip

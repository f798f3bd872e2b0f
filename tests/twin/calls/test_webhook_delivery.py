"""How webhooks are delivered: what the account's settings and its webhooks configuration change, and who signs."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from twilio.request_validator import RequestValidator, get_signature_algorithm

from asking_the_twin import Client, failure
from switchboard_scene import FALLBACK, PRIMARY, SERVES, STATUS, T0, Answer, Scene, call_once, make_world, voice_of
from voicedr.twin.api.handle import handle
from voicedr.twin.world.credentials import accepted
from voicedr.twin.world.model import World
from voicedr.twin.world.settings import BadSetting, change_settings
from voicedr.twin.world.state import as_json, from_json
from voicedr.wire.http import Failure, Request, Response
from voicedr.wire.signatures import HEADER, validate

E500 = Response(500)
KEYED = "X-Twilio-Webhooks-Signature-Settings"


def _ask(world: World, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """One request to the webhooks configuration API with us1's key."""
    key = next(iter(world.regions["us1"].keys.values()))
    login = "Basic " + b64encode(f"{key.sid}:{key.secret}".encode()).decode()
    raw = json.dumps(body).encode() if body is not None else b""
    url = f"https://webhooks.twilio.com/v1/Webhooks/{path}"
    response = handle(world, Request(method, url, (("Authorization", login),), raw), T0).response
    assert isinstance(response, Response)
    return response.status, json.loads(response.body) if response.body else None


def _setting(world: World, **more: Any) -> str:
    status, made = _ask(world, "POST", "Settings", {"auth": {"source": "INLINE"}, **more})
    assert status == 201, made
    return str(made["id"])


def _rule(world: World, setting: str, **match: Any) -> str:
    status, made = _ask(world, "POST", "Rules", {"settings": [{"id": setting}], **match})
    assert status == 201, made
    return str(made["id"])


def _primary(scene: Scene) -> list[Request]:
    return [asked.request for asked in scene.app.asked if asked.url == PRIMARY]


def _call(world: World, answer: Answer, url: str = PRIMARY) -> Scene:
    voice_of(world).voice.voice_url = url
    return call_once({PRIMARY: answer, FALLBACK: SERVES}, world=world)[1]


# Auth Tokens


def test_a_secondary_token_signs_nothing_until_it_is_promoted() -> None:
    """Both let clients in; the primary one signs, and after the promotion that is the new one."""
    world = make_world()
    store, client = world.regions["us1"], Client(world, "us1", token=True)
    first = store.auth_token
    status, made = client.post("accounts", "v1/AuthTokens/Secondary")
    second = made["secondary_auth_token"]
    assert status == 201
    assert accepted(world, store, world.account_sid, first)
    assert accepted(world, store, world.account_sid, second)
    assert not accepted(world, world.regions["ie1"], world.account_sid, second)

    def signers() -> list[bool]:
        request = _primary(_call(world, SERVES))[0]
        signature = request.header(HEADER) or ""
        return [validate(token, signature, request.url, request.form()) for token in (first, second)]

    assert signers() == [True, False]
    status, promoted = client.post("accounts", "v1/AuthTokens/Promote")
    assert (status, promoted["auth_token"]) == (200, second)
    assert signers() == [False, True]
    audited = [(event.kind, event.actor) for event in store.audit]
    assert audited == [("auth-token.created", world.account_sid), ("auth-token.updated", world.account_sid)]
    assert second not in str(store.audit)
    assert not accepted(world, store, world.account_sid, first)


def test_a_secondary_token_can_be_taken_away_and_none_cannot_be_promoted() -> None:
    """Deleted, it lets nobody in; promoting nothing is refused and changes nothing; a key may do none of it."""
    world = make_world()
    store, client = world.regions["ie1"], Client(world, "ie1", token=True)
    before = store.auth_token
    assert client.post("accounts", "v1/AuthTokens/Promote")[0] == 400
    assert client.delete("accounts", "v1/AuthTokens/Secondary") == 404
    secondary = client.post("accounts", "v1/AuthTokens/Secondary")[1]["secondary_auth_token"]
    assert client.delete("accounts", "v1/AuthTokens/Secondary") == 204
    assert not accepted(world, store, world.account_sid, secondary)
    assert not accepted(world, store, world.account_sid, "")
    assert Client(world, "ie1").post("accounts", "v1/AuthTokens/Secondary")[0] == 401
    assert store.auth_token == before


# What the account's settings change


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("http://127.0.0.1:8080/voice", True),
        ("http://localhost/voice", True),
        ("http://app.localhost/voice", True),
        ("https://10.1.2.3/voice", True),
        ("https://192.168.0.9:8443/voice", True),
        ("https://[::1]/voice", True),
        ("https://[fd00::1]/voice", True),
        ("https://169.254.169.254/voice", True),
        ("https://8.8.8.8/voice", False),
        ("https://app.example/voice", False),
        ("https://localhost.example/voice", False),
    ],
)
def test_private_addresses_fail_if_the_account_says_so(url: str, refused: bool) -> None:
    """11205 without a request, and the fallback serves; without the setting every address is asked."""
    for on in (True, False):
        world = make_world()
        change_settings(world.settings, {"private_addresses_refused": on})
        voice_of(world).voice.voice_url = url
        _, scene = call_once({url: SERVES, FALLBACK: SERVES}, world=world)
        expected = on and refused
        assert (scene.app.urls()[0] == FALLBACK) is expected
        assert scene.codes() == (["11205"] if expected else [])
        assert scene.app.asked[0].request.public_only is on


def test_a_redirect_to_a_private_address_fails_too() -> None:
    """Where a redirect leads is looked at as well."""
    world = make_world()
    change_settings(world.settings, {"private_addresses_refused": True})
    scene = _call(world, Response(302, (("Location", "http://127.0.0.1/x"),)))
    assert scene.app.urls()[:2] == [PRIMARY, FALLBACK]
    assert scene.codes() == ["11205"]


@pytest.mark.parametrize("checked", [True, False])
def test_certificates_are_looked_at_unless_the_account_says_not(checked: bool) -> None:
    """Every webhook of the account is sent so, callbacks too."""
    world = make_world()
    change_settings(world.settings, {"webhook_certificates_checked": checked})
    scene = _call(world, SERVES)
    assert {asked.url for asked in scene.app.asked} == {PRIMARY, STATUS}
    assert {asked.request.verified for asked in scene.app.asked} == {checked}


@pytest.mark.parametrize(("fragment", "sni"), [("", True), ("#sni=y", True), ("#sni=n", False), ("#sni=n&rc=3", False)])
def test_sni_can_be_left_out_for_one_url(fragment: str, sni: bool) -> None:
    """sni=n leaves the name out of the handshakes of this URL only."""
    scene = _call(make_world(), E500, PRIMARY + fragment)
    said = {asked.url: asked.request.sni for asked in scene.app.asked}
    assert said == {PRIMARY: sni, FALLBACK: True, STATUS: True}


# The webhooks configuration API


def test_a_rule_wins_over_the_fragment() -> None:
    """The Setting's connection and edges hold; the fragment of the URL, good or bad, is not looked at."""
    world = make_world()
    connection = {"connectTimeout": 1000, "readTimeout": 2000, "retryCount": 2, "retryPolicies": ["5xx"]}
    _rule(
        world,
        _setting(world, connection=connection, edgeZones=["dublin", "tokyo"]),
        matchType="EXACT_MATCH",
        value=PRIMARY,
    )
    for fragment in ("#rc=0&e=sydney&ct=9000", "#e=nowhere", ""):
        scene = _call(world, E500, PRIMARY + fragment)
        (logged,) = scene.logged()[-1:]
        tried = [one.edge for one in logged.exchanges if one.url == PRIMARY]
        assert tried == ["dublin", "tokyo", "dublin"]
        first = next(asked for asked in scene.app.asked if asked.url == PRIMARY)
        assert (first.timeouts.connect_s, first.timeouts.read_s) == (1.0, 2.0)


def test_a_setting_without_connection_leaves_the_fragment() -> None:
    """Authentication or signing alone changes neither retries nor edges."""
    world = make_world()
    _rule(world, _setting(world, friendlyName="signs"), matchType="DEFAULT")
    scene = _call(world, E500, PRIMARY + "#rc=1&rp=5xx&e=sydney")
    assert [one.edge for one in scene.logged()[0].exchanges if one.url == PRIMARY] == ["sydney", "sydney"]


def test_the_first_rule_that_matches_is_the_exact_then_the_longest_prefix_then_the_default() -> None:
    """Each Rule tells itself by its number of retries; a Rule that is gone leaves its URLs to the next."""
    world = make_world()

    def retries(count: int) -> str:
        return _setting(world, connection={"retryCount": count, "retryPolicies": ["5xx"]})

    _rule(world, retries(0), matchType="DEFAULT")
    _rule(world, retries(1), matchType="PREFIX_MATCH", prefix="https://app.example/")
    longer = _rule(world, retries(2), matchType="PREFIX_MATCH", prefix="https://app.example/vo")
    exact = _rule(world, retries(3), matchType="EXACT_MATCH", value=PRIMARY)
    seen = []
    for gone in (None, exact, longer):
        if gone is not None:
            assert _ask(world, "DELETE", f"Rules/{gone}")[0] == 204
        seen.append(len(_primary(_call(world, E500))))
    assert seen == [4, 3, 2]


def test_two_settings_share_the_urls_of_a_rule() -> None:
    """By their percentages, by chance from the seed."""
    world = make_world()
    one, other = (_setting(world, edgeZones=[edge]) for edge in ("dublin", "tokyo"))
    shares = [{"id": one, "percentage": 25}, {"id": other, "percentage": 75}]
    assert _ask(world, "POST", "Rules", {"matchType": "DEFAULT", "settings": shares})[0] == 201
    configuration = world.regions["us1"].webhook_configuration
    edges = [configuration.applied(PRIMARY, world.draw) for _ in range(1000)]
    first = sum(setting is not None and setting.edges == ("dublin",) for setting in edges)
    assert 200 < first < 300


def test_a_shared_key_signs_in_place_of_the_auth_token() -> None:
    """The official library accepts the signature with the key's secret and the algorithm that the header names."""
    world = make_world()
    status, key = _ask(world, "POST", "SharedKeys", {"type": "HMAC", "friendlyName": "webhooks"})
    assert status == 201
    signature = {"sharedKeyId": key["id"], "algorithm": "HMAC_SHA256"}
    _rule(world, _setting(world, signature=signature), matchType="PREFIX_MATCH", prefix="https://app.example/")
    for method in ("POST", "GET"):
        voice_of(world).voice.voice_method = method
        request = _primary(_call(world, SERVES))[0]
        told = request.header(KEYED)
        assert told == f"key={key['id']},algorithm=HMAC_SHA256"
        fields = dict(request.form())
        signed = request.header(HEADER)
        by_key = RequestValidator(key["secret"])
        assert by_key.validate(request.url, fields, signed, get_signature_algorithm(told))
        assert not RequestValidator(world.regions["us1"].auth_token).validate(request.url, fields, signed)
    assert "secret" not in _ask(world, "GET", f"SharedKeys/{key['id']}")[1]
    assert _ask(world, "DELETE", f"SharedKeys/{key['id']}")[0] == 409


@pytest.mark.parametrize("referred", [False, True])
def test_a_setting_logs_in(referred: bool) -> None:
    """Basic credentials of the Setting, or of an AuthProfile, cure a 401; the password is shown nowhere."""
    world = make_world()
    login = {"type": "BASIC", "username": "app", "password": "open-sesame"}
    auth: dict[str, Any] = {"source": "INLINE", **login}
    if referred:
        status, profile = _ask(world, "POST", "AuthProfiles", login)
        assert (status, "open-sesame" in json.dumps(profile)) == (201, False)
        auth = {"source": "REFERENCE", "authProfileId": profile["id"]}
    status, made = _ask(world, "POST", "Settings", {"auth": auth})
    assert (status, "open-sesame" in json.dumps(made)) == (201, False)
    _rule(world, made["id"], matchType="EXACT_MATCH", value=PRIMARY)
    wanted = "Basic " + b64encode(b"app:open-sesame").decode()

    def locked(request: Request, fields: dict[str, str]) -> Any:
        known = request.header("Authorization") == wanted
        return SERVES if known else Response(401, (("WWW-Authenticate", 'Basic realm="app"'),))

    scene = _call(world, locked)
    assert scene.codes() == []
    assert [request.header("Authorization") for request in _primary(scene)] == [None, wanted]


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("Settings", {}, 400, 59000),
        ("Settings", {"auth": {"source": "ELSEWHERE"}}, 400, 59000),
        ("Settings", {"auth": {"source": "INLINE", "type": "OAUTH2"}}, 400, 59000),
        ("Settings", {"auth": {"source": "INLINE", "type": "BASIC"}}, 400, 59000),
        ("Settings", {"auth": {"source": "REFERENCE", "authProfileId": "x"}}, 400, 59000),
        ("Settings", {"auth": {"source": "INLINE"}, "friendlyName": "x" * 256}, 400, 59000),
        ("Settings", {"auth": {"source": "INLINE"}, "connection": {"retryCount": 6}}, 400, 59000),
        ("Settings", {"auth": {"source": "INLINE"}, "edgeZones": ["roaming"]}, 400, 59000),
        ("Settings", {"auth": {"source": "INLINE"}, "signature": {"sharedKeyId": "x"}}, 400, 59000),
        ("Settings", {"auth": {"source": "INLINE"}, "conection": {}}, 400, 59000),
        ("Settings", [], 400, 59000),
        ("Rules", {"matchType": "DEFAULT", "settings": []}, 400, 59000),
        ("Rules", {"matchType": "DEFAULT", "settings": [{"id": "x"}]}, 400, 59000),
        ("Rules", {"matchType": "SUFFIX", "settings": [{"id": "plain"}]}, 400, 59000),
        ("Rules", {"matchType": "EXACT_MATCH", "settings": [{"id": "plain"}]}, 400, 59000),
        ("Rules", {"matchType": "PREFIX_MATCH", "prefix": "https://*", "settings": [{"id": "plain"}]}, 400, 59000),
        ("Rules", {"matchType": "DEFAULT", "settings": [{"id": "plain", "percentage": 99}]}, 400, 59000),
        ("Rules", {"matchType": "DEFAULT", "settings": [{"id": "basic"}]}, 400, 59202),
        ("SharedKeys", {"type": "RSA"}, 400, 59000),
        ("AuthProfiles", {"type": "NONE"}, 400, 59000),
    ],
)
def test_what_is_wrong_is_refused(path: str, body: Any, status: int, code: int) -> None:
    """59000, and 59202 for Basic credentials to every URL. Nothing is made."""
    world = make_world()
    plain = _setting(world)
    basic = _setting(world, auth={"source": "INLINE", "type": "BASIC", "username": "u", "password": "p"})
    text = json.dumps(body).replace('"plain"', f'"{plain}"').replace('"basic"', f'"{basic}"')
    before = as_json(world)
    answered = _ask(world, "POST", path, json.loads(text))
    assert (answered[0], answered[1]["code"]) == (status, code)
    after = json.loads(as_json(world))
    assert (
        after["regions"]["us1"]["webhook_configuration"]
        == json.loads(before)["regions"]["us1"]["webhook_configuration"]
    )


def test_settings_and_rules_are_changed_listed_and_kept() -> None:
    """A PATCH changes what it names; lists have all; a Setting in use stays; a saved world has everything."""
    world = make_world()
    setting = _setting(world, friendlyName="one", connection={"retryCount": 4})
    rule = _rule(world, setting, matchType="EXACT_MATCH", value=PRIMARY)
    assert len(setting) == len("webhooks_setting_") + 26
    assert len(rule) == len("webhooks_rule_") + 26
    changed = _ask(world, "PATCH", f"Settings/{setting}", {"friendlyName": "two"})[1]
    assert (changed["friendlyName"], changed["connection"]["retryCount"]) == ("two", 4)
    assert _ask(world, "PATCH", f"Rules/{rule}", {"value": STATUS})[1]["value"] == STATUS
    audited = [(event.kind, event.resource_sid) for event in world.regions["us1"].audit]
    assert audited == [
        ("webhook-setting.created", setting),
        ("webhook-rule.created", rule),
        ("webhook-setting.updated", setting),
        ("webhook-rule.updated", rule),
    ]
    assert (
        _ask(world, "POST", "Rules", {"matchType": "EXACT_MATCH", "value": STATUS, "settings": [{"id": setting}]})[0]
        == 409
    )
    for path, key, sid in (("Settings", "settings", setting), ("Rules", "rules", rule)):
        listed = _ask(world, "GET", path)[1]
        assert [one["id"] for one in listed[key]] == [sid]
        assert _ask(world, "GET", f"{path}/{sid}")[1] == listed[key][0]
        assert _ask(world, "GET", f"{path}/nothing")[0] == 404
    assert _ask(world, "DELETE", f"Settings/{setting}")[0] == 409
    assert from_json(as_json(world)) == world
    assert _ask(world, "DELETE", f"Rules/{rule}")[0] == 204
    assert _ask(world, "DELETE", f"Settings/{setting}")[0] == 204


def test_the_configuration_is_us1s() -> None:
    """Another Region has no such host, and its webhooks are delivered as their URLs say."""
    world = make_world()
    _rule(world, _setting(world, edgeZones=["tokyo"]), matchType="DEFAULT")
    assert failure(Client(world, "ie1").answer("GET", "webhooks", "v1/Webhooks/Rules")) == Failure.NAME_NOT_FOUND.value
    assert world.regions["ie1"].webhook_configuration.applied(PRIMARY, world.draw) is None


# The debugger webhook

DEBUGGER = "https://ops.example/debugger"


def _told(scene: Scene) -> list[dict[str, str]]:
    return scene.app.fields(DEBUGGER)


def test_every_error_is_told_to_the_debugger_webhook() -> None:
    """One POST an alert, signed, with the alert's id, level and a payload in JSON."""
    world = make_world()
    change_settings(world.settings, {"debugger_webhook": DEBUGGER})
    voice_of(world).voice.voice_url = PRIMARY
    scene = call_once({PRIMARY: E500, FALLBACK: SERVES, DEBUGGER: Response(204)}, world=world)[1]
    (alert,) = world.regions["us1"].alerts
    (told,) = _told(scene)
    assert (told["Sid"], told["AccountSid"], told["Level"]) == (alert.sid, world.account_sid, "Error")
    assert told["PayloadType"] == "application/json"
    payload = json.loads(told["Payload"])
    assert (payload["error_code"], payload["resource_sid"]) == ("11200", alert.resource_sid)
    assert payload["webhook"]["request"]["url"] == PRIMARY
    assert payload["webhook"]["request"]["parameters"]["CallSid"] == alert.resource_sid
    request = next(asked.request for asked in scene.app.asked if asked.url == DEBUGGER)
    signed = request.header(HEADER) or ""
    assert validate(world.regions["us1"].auth_token, signed, request.url, request.form())


@pytest.mark.parametrize("answer", [E500, Failure.CONNECT_REFUSED, Failure.READ_TIMEOUT, Response(302)])
def test_a_debugger_webhook_that_fails_breaks_nothing(answer: Answer) -> None:
    """The call is served as without it, and its failure is no alert that would be told again."""
    world = make_world()
    change_settings(world.settings, {"debugger_webhook": DEBUGGER})
    call, scene = call_once({PRIMARY: E500, FALLBACK: SERVES, DEBUGGER: answer}, world=world)
    plain, _ = call_once({PRIMARY: E500, FALLBACK: SERVES}, world=make_world())
    assert call.outcome == "served"
    assert scene.codes() == ["11200"]
    assert [(one.what, one.at_s) for one in call.heard] == [(one.what, one.at_s) for one in plain.heard]


def test_nobody_is_told_without_a_debugger_webhook() -> None:
    """No URL, no request; and a URL that is none is refused."""
    world = make_world()
    scene = _call(world, E500)
    assert DEBUGGER not in scene.app.urls()
    for wrong in ("ops.example", "ftp://ops.example/", 5, None):
        with pytest.raises(BadSetting, match="http or https"):
            change_settings(world.settings, {"debugger_webhook": wrong})

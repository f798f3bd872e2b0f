"""``voicedr twin token``: what the provider would answer to an access token, without the token in any message."""

from __future__ import annotations

import json

import pytest
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant
from typer.testing import CliRunner

from running_twin import RunningTwin, running_twin
from voicedr.cli.twin import twin_app


def _token(twin: RunningTwin, key_of: str, region: str) -> str:
    told = twin.control("GET", "/_twin/client")
    key = told["credentials"][key_of]
    made = AccessToken(told["account_sid"], key["api_key"], key["api_secret"], identity="jane", region=region)
    made.add_grant(VoiceGrant(incoming_allow=True))
    return str(made.to_jwt())


def test_a_token_is_judged() -> None:
    """0 and where it leads, or 1 with the code and the reason; as JSON, too."""
    with running_twin() as twin:
        good, bad = _token(twin, "ie1", "ie1"), _token(twin, "us1", "ie1")

        def run(token: str, *options: str) -> tuple[int, str]:
            ended = CliRunner().invoke(twin_app, ["token", "--at", twin.told["http"], *options], input=token)
            assert not token or token not in ended.output
            return ended.exit_code, ended.output

        assert run(good) == (0, "accepted: a client with this token is jane in ie1\n")
        code, said = run(bad)
        assert code == 1
        assert said.startswith("20103: its key")
        assert "belongs to us1" in said
        code, said = run(bad, "--json")
        assert (code, json.loads(said)["code"], json.loads(said)["accepted"]) == (1, 20103, False)
        assert run("")[0] == 2


@pytest.mark.parametrize("given", ["a.b.c"])
def test_no_twin_is_wrong_use(given: str) -> None:
    """Nobody answers at the address: 2."""
    ended = CliRunner().invoke(twin_app, ["token", "--at", "http://127.0.0.1:9"], input=given)
    assert ended.exit_code == 2

"""Tokens by the official library, in the smallest app on the same server: ``python -m bench.peers.library_tokens``."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from voicedr.runtime.tokens.serving import serve


async def token(request: Request) -> JSONResponse:
    """A token for whoever is named. Nobody is asked for a secret and nobody is too quick."""
    identity = (await request.json())["identity"]
    made = AccessToken("AC" + "0" * 32, "SK" + "0" * 32, "u" * 32, identity=identity, ttl=900, region="us1")
    made.add_grant(VoiceGrant(incoming_allow=True, outgoing_application_sid="AP" + "0" * 32))
    return JSONResponse({"token": made.to_jwt(), "identity": identity})


if __name__ == "__main__":
    serve(Starlette(routes=[Route("/token", token, methods=["POST"])]), "127.0.0.1", 0)

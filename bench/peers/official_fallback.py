"""What a team writes by hand: Starlette with the official library's signature check and one document. Or without it.

``python -m bench.peers.official_fallback checked|bare TOKEN URL`` writes its port and serves until SIGTERM.
"""

from __future__ import annotations

import json
import socket
import sys
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator

TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response><Say>Please call again.</Say><Hangup/></Response>'


def main(checked: bool, token: str, url: str) -> None:
    """Serve."""
    validator = RequestValidator(token)

    async def bare(request: Request) -> Response:
        await request.body()
        return Response(TWIML, media_type="text/xml")

    async def voice(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        if not validator.validate(url, form, request.headers.get("X-Twilio-Signature", "")):
            return Response(status_code=403)
        return Response(TWIML, media_type="text/xml")

    app = Starlette(routes=[Route("/voice", voice if checked else bare, methods=["POST"])])
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    sys.stdout.write(json.dumps({"port": listening.getsockname()[1]}) + "\n")
    sys.stdout.flush()
    config = uvicorn.Config(app, http="httptools", loop="uvloop", lifespan="off", log_level="error", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main(sys.argv[1] == "checked", sys.argv[2], sys.argv[3])

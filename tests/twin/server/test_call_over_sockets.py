"""A dialled call, a real application, and the log of the Region that took it: everything over sockets."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs

import pytest
from twilio.request_validator import RequestValidator

from running_twin import RunningTwin, running_twin

NUMBER = "+14155550100"


class Application(BaseHTTPRequestHandler):
    """Says which Region's address was asked, and keeps what came."""

    came: ClassVar[list[tuple[str, dict[str, str], str]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        fields = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
        self.came.append((self.path, fields, self.headers["X-Twilio-Signature"]))
        answer = f"<Response><Say>Hello from {self.path[1:]}</Say></Response>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the test looks at what came."""


@pytest.fixture
def application() -> Iterator[str]:
    Application.came.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Application)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def _ring(twin: RunningTwin) -> dict[str, Any]:
    caller = {"hangs_up_after_s": 10}
    call = twin.control("POST", "/_twin/calls?wait=1", {"from": "+16465550123", "to": NUMBER, "caller": caller})
    return dict(call)


def test_a_call_follows_its_number_to_the_standby(application: str, tmp_path: Path) -> None:
    """Before the move us1 takes the call, after it ie1 does: webhook, signature and call log say the same."""
    account = {
        "settings": {"propagation_s": [0.2, 0.2], "words_per_second": 100, "setup_s": 0.01},
        "numbers": [
            {
                "e164": NUMBER,
                "route": "us1",
                "voice": {region: {"voice_url": f"{application}/{region}"} for region in ("us1", "ie1")},
            }
        ],
    }
    file = tmp_path / "account.json"
    file.write_text(json.dumps(account))
    with running_twin("--account", str(file)) as twin:
        before = _ring(twin)
        assert (before["outcome"], before["region"]) == ("served", "us1")
        moved = twin.official(
            f'print(json.dumps(client("ie1").routes.v2.phone_numbers("{NUMBER}").update(voice_region="ie1").voice_region))'
        )
        assert moved == "ie1"
        time.sleep(0.3)
        after = _ring(twin)
        assert (after["outcome"], after["region"]) == ("served", "ie1")
        logs = twin.official(
            'print(json.dumps({r: [[c.sid, c.status, c.direction] for c in client(r).calls.list(to="+14155550100")]'
            ' for r in ("us1", "ie1", "au1")}))'
        )
        assert logs == {
            "us1": [[before["call_sid"], "completed", "inbound"]],
            "ie1": [[after["call_sid"], "completed", "inbound"]],
            "au1": [],
        }
        assert [path for path, _, _ in Application.came] == ["/us1", "/ie1"]
        for path, fields, signature in Application.came:
            token = twin.told["credentials"][path[1:]]["auth_token"]
            assert fields["AccountSid"] == twin.told["account_sid"]
            assert RequestValidator(token).validate(application + path, fields, signature)
        placed = twin.official(
            f'c = client("ie1").calls.create(to="+16465550199", from_="{NUMBER}", url="{application}/ie1")\n'
            "print(json.dumps([c.status, c.sid]))"
        )
        assert placed[0] == "queued"
        deadline = time.monotonic() + 5
        while len(Application.came) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert Application.came[2][1]["CallSid"] == placed[1]

"""One instance: greets without its store, notes callers once, and says so when it cannot."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from asgi_caller import BASE, Came, ask, signed
from voicedr.runtime.sample_customer.region_context import RegionContext
from voicedr.runtime.sample_deployment.app import Settings, create_app
from voicedr.runtime.sample_deployment.call_backs import CallBack, CallBacks, ListFull
from voicedr.runtime.sample_deployment.etcd import Etcd, StoreAway
from voicedr.runtime.sample_deployment.lines import FALLBACK_SAYS, GREETING, LEAVE_A_MESSAGE, NOTED
from voicedr.runtime.webhooks import MemoryStore
from voicedr.wire.twiml import parse

TOKENS = {"us1": "1" * 32, "ie1": "2" * 32}
OVERRIDES = "e=ashburn,umatilla&rc=2"


class Noting(CallBacks):
    """A list in memory, or one that cannot be written."""

    def __init__(self, fails: Exception | None = None) -> None:
        super().__init__(Etcd(["127.0.0.1:1"]))
        self.noted: list[str] = []
        self._fails = fails

    def note(self, call_sid: str, call_back: CallBack) -> int:
        if self._fails is not None:
            raise self._fails
        self.noted.append(call_sid)
        return len(self.noted)


def asked(noting: Noting, *requests: tuple[object, ...]) -> list[Came]:
    """Ask one instance, in turn."""
    app = create_app(Settings("us1-a", TOKENS, BASE, OVERRIDES), noting, MemoryStore(), RegionContext(None))

    async def all_of_them() -> list[Came]:
        return [await ask(app, *request) for request in requests]  # type: ignore[arg-type]

    return asyncio.run(all_of_them())


@pytest.mark.parametrize("region", TOKENS)
def test_either_region_is_answered(region: str) -> None:
    """A webhook that either Region signed is greeted; a stranger's is refused."""
    stranger = signed("3" * 32, f"{BASE}/voice")
    greeted, refused = asked(Noting(), signed(TOKENS[region], f"{BASE}/voice"), stranger)
    assert greeted.status == 200
    assert GREETING in greeted.text
    assert refused.status == 403


def test_every_url_has_the_overrides() -> None:
    """The next step is asked as the first was: the overrides of a number's URL are not those of what follows."""
    greeted, message = asked(
        Noting(), signed(TOKENS["us1"], f"{BASE}/voice"), signed(TOKENS["us1"], f"{BASE}/voice/message")
    )
    escaped = OVERRIDES.replace("&", "&amp;")
    assert greeted.text.count(f"#{escaped}") == 2
    assert message.text.count(f"#{escaped}") == 2


def test_a_retry_is_told_the_same_place() -> None:
    """The same webhook again gets the first answer, and the caller is on the list once."""
    noting = Noting()
    method, url, headers, body = signed(TOKENS["us1"], f"{BASE}/voice/choice", Digits="1")
    again = (method, url, [*headers, ("I-Twilio-Idempotency-Token", "one")], body)
    first, second = asked(noting, again, again)
    assert f"{NOTED} 1 on our list" in first.text
    assert second.text == first.text
    assert len(noting.noted) == 1


@pytest.mark.parametrize("fails", [StoreAway("away"), ListFull("full"), RuntimeError("a bug")])
def test_without_the_list_a_message_is_taken(fails: Exception) -> None:
    """A caller who cannot be noted is asked for a message, whatever the reason is."""
    (came,) = asked(Noting(fails), signed(TOKENS["us1"], f"{BASE}/voice/choice", Digits="1"))
    assert came.status == 200
    assert LEAVE_A_MESSAGE in came.text
    assert "Record" in came.text


@pytest.mark.parametrize("digits", ["", "2"])
def test_another_key_leaves_a_message(digits: str) -> None:
    """Who does not want to be called back is not put on the list."""
    noting = Noting()
    (came,) = asked(noting, signed(TOKENS["us1"], f"{BASE}/voice/choice", Digits=digits))
    assert "Record" in came.text
    assert noting.noted == []


def test_the_health_check_does_not_ask_the_store() -> None:
    """Losing what all instances share must not take all of them out of the balancer."""
    (came,) = asked(Noting(StoreAway("away")), ("GET", f"{BASE}/ready"))
    assert came.status == 200


@pytest.mark.parametrize("path", ["voice", "voice/choice", "voice/message", "voice/thanks"])
def test_every_document_can_be_executed(path: str) -> None:
    """What is answered is TwiML."""
    (came,) = asked(Noting(), signed(TOKENS["us1"], f"{BASE}/{path}", Digits="1"))
    parse(came.body, came.headers["content-type"])
    assert FALLBACK_SAYS not in came.text


def test_callbacks_are_taken() -> None:
    """Status callbacks get 204."""
    status, recorded = asked(
        Noting(), signed(TOKENS["us1"], f"{BASE}/status"), signed(TOKENS["us1"], f"{BASE}/voice/recorded")
    )
    assert (status.status, recorded.status) == (204, 204)


def test_the_active_region_is_shown(tmp_path: Path) -> None:
    """``/ready`` tells which Region the context document names."""
    context = tmp_path / "active.json"
    context.write_text('{"region": "ie1", "epoch": 2}')
    app = create_app(Settings("us1-a", TOKENS, BASE), Noting(), MemoryStore(), RegionContext(context))
    came = asyncio.run(ask(app, "GET", f"{BASE}/ready"))
    assert '"active_region":"ie1"' in came.text

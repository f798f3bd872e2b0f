"""Parts of TwiML that a Region lacks.

https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability
"""

from __future__ import annotations

import pytest

from switchboard_scene import FALLBACK, PRIMARY, call_once, make_world, set_route

_ONLY_US1 = [
    "<Message>hello</Message>",
    "<Sms>hello</Sms>",
    "<Connect><Room>lobby</Room></Connect>",
    "<Connect><VirtualAgent connectorName='x'/></Connect>",
    "<Start><Siprec connectorName='x'/></Start>",
    "<Dial><WhatsApp>+15550001111</WhatsApp></Dial>",
]
_ANYWHERE = [
    "<Pay/>",
    "<Connect><ConversationRelay url='wss://x.example/'/></Connect>",
    "<Start><Transcription/></Start>",
]


@pytest.mark.parametrize("inner", _ONLY_US1)
@pytest.mark.parametrize("region", ["us1", "ie1", "au1"])
def test_only_in_us1(inner: str, region: str) -> None:
    """In us1 it is accepted with a warning; elsewhere it is 13803 and the fallback is asked."""
    world = make_world(regions=("us1", "ie1", "au1"))
    set_route(world, region)
    call, scene = call_once({PRIMARY: f"{inner}<Say>after</Say>", FALLBACK: "<Say>fallback</Say>"}, world=world)
    if region == "us1":
        assert scene.codes(region) == ["12200"]
        assert call.heard[-1].detail == "after"
    else:
        assert scene.codes(region) == ["13803"]
        assert call.heard[-1].detail == "fallback"


@pytest.mark.parametrize("inner", _ANYWHERE)
@pytest.mark.parametrize("region", ["us1", "ie1"])
def test_accepted_everywhere(inner: str, region: str) -> None:
    """What is not acted out is warned of, and the next verb runs."""
    world = make_world()
    set_route(world, region)
    call, scene = call_once({PRIMARY: f"{inner}<Say>after</Say>"}, world=world)
    assert scene.codes(region) == ["12200"]
    assert call.heard[-1].detail == "after"

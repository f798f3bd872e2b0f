"""What a source file does with the REST API, as far as its text shows."""

from __future__ import annotations

import pytest

from voicedr.program.readiness.outside.web import RestSource
from voicedr.program.readiness.rest_source import look


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import requests\nrequests.post('https://api.twilio.com/2010')", RestSource(True, (2,))),
        ("# see api.twilio.com\nx = 1\n", RestSource(False)),
        ("from twilio.rest import Client\nClient(a, b)", RestSource(True)),
        (
            "const c = require('twilio')(a, b, { edge: 'dublin', region: 'ie1' })",
            RestSource(True, (), ("dublin",), True),
        ),
        (
            "const edges = ['ashburn', \"umatilla\"]\nconst c = require('twilio')(a, b, { edge: edges[0] })",
            RestSource(True, (), ("ashburn", "umatilla")),
        ),
        ("curl https://api.sydney.us1.twilio.com/2010", RestSource(True, (), ("sydney",), True)),
        (
            'Twilio.init(a, b); // com.twilio.Twilio\nnew TwilioRestClient.Builder(a,b).region("ie1")',
            RestSource(True, (), (), True),
        ),
        (
            "Client(edge=os.environ['TWILIO_EDGE'])\nfrom twilio.rest import Client",
            RestSource(True, from_environment=True),
        ),
        ("from voicedr.runtime.edge import client", RestSource(True, falls_back=True)),
        ("x" * 5000 + "api.twilio.com", RestSource(False)),
    ],
)
def test_source_is_read_for_what_it_does_with_the_api(text: str, expected: RestSource) -> None:
    """Hosts, edges, Regions and clients are found in any language; comments and minified lines are not."""
    assert look(text) == expected

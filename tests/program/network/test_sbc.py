"""Where an SBC's configuration sends calls to: names and their edges, and addresses that ought not to be there."""

from __future__ import annotations

import pytest

from voicedr.program.network.sbc import BrokenSbcConfig, read_sbc

DISPATCHER = """# ours
1 sip:acme.pstn.dublin.twilio.com 0 0
2 sip:acme.pstn.ie1.twilio.com;transport=tls 0 0 weight=50  # the older name
3 sip:54.171.127.193:5060 0 0
3 sip:10.0.0.20 0 0
"""
KAMAILIO = """#!KAMAILIO
debug=2
modparam("dispatcher", "list_file", "/etc/kamailio/dispatcher.list")
include_file "more.cfg"
request_route {
    /* $du = "sip:54.172.60.3"; */
    if ($si == "54.172.60.1") { $du = "sip:54.172.60.2:5060"; }
    # $rd = "54.65.63.192";
    $ru = "sip:" + $rU + "@acme.pstn.frankfurt.twilio.com";
    $rd = "54.65.63.194";
    $du = $avp(where);
    t_relay_to_udp("54.171.127.195", "5060");
}
"""
ASTERISK = """[voice](!)
type=endpoint
[dublin]
type=aor
contact=sip:acme.pstn.dublin.twilio.com\\;transport=tls ; the first
contact = sip:54.171.127.192:5060
[identify]
type=identify
match=54.244.51.0/30
match=54.65.63.192
[old]
type=peer
host=acme.pstn.sydney.twilio.com
[phone]
type=friend
host=dynamic
#include others.conf
"""
FREESWITCH = """<include>
  <gateway name="a"><param name="proxy" value="acme.pstn.tokyo.twilio.com:5060"/><param name="realm" value="x.example"/></gateway>
  <gateway name="b"><param name="realm" value="acme.pstn.twilio.com"/></gateway>
  <gateway name="c"><param name="proxy" value="$${where}"/></gateway>
  <X-PRE-PROCESS cmd="include" data="more/*.xml"/>
  <action application="bridge" data="{a=b,c=d}sofia/x/$1@54.172.60.0:5060|sofia/x/$1@acme.pstn.umatilla.twilio.com,sofia/gateway/a/1"/>
</include>
"""  # noqa: E501
OPENSIPS = """loadmodule "proto_udp.so"
route {
    rewritehostport("54.252.254.65:5060");
    $du = "sip:acme.sip.sao-paulo.twilio.com";
}
"""


@pytest.mark.parametrize(
    ("text", "form", "edges", "pinned", "unclear"),
    [
        (DISPATCHER, "kamailio-dispatcher", ("dublin",), ("54.171.127.193",), ()),
        (
            KAMAILIO,
            "kamailio",
            ("frankfurt",),
            ("54.172.60.2", "54.65.63.194", "54.171.127.195"),
            ("sbc:3:", "sbc:4:", "sbc:11:"),
        ),
        (ASTERISK, "asterisk", ("dublin", "sydney"), ("54.171.127.192",), ("sbc:17:",)),
        (FREESWITCH, "freeswitch", ("tokyo", "umatilla"), ("54.172.60.0",), ("sbc:4:", "sbc:5:")),
        (OPENSIPS, "opensips", ("sao-paulo",), ("54.252.254.65",), ()),
    ],
    ids=["dispatcher", "kamailio", "asterisk", "freeswitch", "opensips"],
)
def test_what_calls_are_sent_to(
    text: str, form: str, edges: tuple[str, ...], pinned: tuple[str, ...], unclear: tuple[str, ...]
) -> None:
    """Names give edges; a published address is pinned only where calls are sent to it; what is elsewhere is unclear."""
    for written in (text, text.replace("\n", "\r\n"), "\ufeff" + text):
        found = read_sbc(written, "sbc")
        assert found.format == form
        assert found.edges == edges
        assert found.pinned == pinned
        assert tuple(place[: place.index(":", 4) + 1] for place in found.unclear) == unclear


def test_a_name_without_an_edge_and_one_that_nobody_knows() -> None:
    """Neither counts as an edge; the second may be a slip and is told."""
    found = read_sbc("1 sip:acme.pstn.twilio.com\n1 sip:acme.pstn.paris.twilio.com\n1 sip:api.twilio.com\n", "sbc")
    assert found.edges == ()
    assert found.without_edge == ("acme.pstn.twilio.com",)
    assert len(found.unclear) == 2


ENTITY = '<!DOCTYPE include [<!ENTITY x "acme.pstn.dublin.twilio.com">]><include>&x;</include>'
OUTER = '<!DOCTYPE include SYSTEM "file:///etc/passwd"><include/>'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("%PDF-1.7\n", "no configuration that is known"),
        ("\0", "not text"),
        ("{}", "no configuration that is known"),
        ("54.172.60.0/30\n", "no configuration that is known"),
        ("<include><gateway></include>", "not well-formed"),
        (ENTITY, "DOCTYPE"),
        (OUTER, "DOCTYPE"),
        ("<include/>", "neither a gateway nor a bridge"),
        ("<html><gateway/></html>", "none of FreeSWITCH's"),
        ("<include>" * 100, "nested deeper"),
        ("1 sip:acme.pstn.dublin.twilio.com\nhello\n", "sbc:2"),
        ("[a]\ntype=aor\nhello\n", "sbc:3"),
        ("x" * (2 * 1024 * 1024 + 1), "at most"),
    ],
)
def test_what_is_no_configuration(text: str, said: str) -> None:
    """It is refused with what and where, and no entity is ever followed."""
    with pytest.raises(BrokenSbcConfig, match=said):
        read_sbc(text, "sbc")

"""A session border controller's file is read or refused in words, whatever program it is for."""

from __future__ import annotations

from ipaddress import ip_address

from voicedr.program.network.sbc import FORMATS, BrokenSbcConfig, read_sbc, together

SEEDS = [
    b"# ours\n1 sip:acme.pstn.dublin.twilio.com 0 0\n2 sip:acme.pstn.ie1.twilio.com;transport=tls 0 0 weight=50 # old\n"
    b"3 sip:54.171.127.193:5060 0 0\n",
    b'#!KAMAILIO\nmodparam("dispatcher", "list_file", "/etc/d.list")\ninclude_file "more.cfg"\nrequest_route {\n'
    b'  /* $du = "sip:54.172.60.3"; */\n  if ($si == "54.172.60.1") { $du = "sip:54.172.60.2:5060"; }\n'
    b'  $ru = "sip:" + $rU + "@acme.pstn.frankfurt.twilio.com";\n  $du = $avp(where);\n'
    b'  t_relay_to_udp("54.171.127.195", "5060");\n}\n',
    b"[voice](!)\ntype=endpoint\n[dublin]\ntype=aor\ncontact=sip:acme.pstn.dublin.twilio.com\\;transport=tls ; one\n"
    b"contact = sip:54.171.127.192:5060\n[identify]\ntype=identify\nmatch=54.244.51.0/30\n#include others.conf\n",
    b'<include><gateway name="a"><param name="proxy" value="acme.pstn.tokyo.twilio.com:5060"/></gateway>'
    b'<gateway name="c"><param name="proxy" value="$${where}"/></gateway><X-PRE-PROCESS cmd="include" data="m/*.xml"/>'
    b'<action application="bridge" data="{a=b,c=d}sofia/x/$1@54.172.60.0:5060|sofia/x/$1@acme.pstn.umatilla.twilio.com"'
    b"/></include>",
    b'loadmodule "proto_udp.so"\nroute {\n  rewritehostport("54.252.254.65:5060");\n'
    b'  $du = "sip:acme.sip.sao-paulo.twilio.com";\n}\n',
    b"id(int,auto) setid(int) destination(string) socket(string,null) state(int)\n"
    b"1:1:sip\\:acme.pstn.dublin.twilio.com;transport=tls::0\n2:2:sip\\:54.172.60.1::0\n",
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
]


def one(data: bytes) -> None:
    """Read it."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    try:
        config = read_sbc(text, "sbc")
    except BrokenSbcConfig as exc:
        said = str(exc)
        assert said.startswith("sbc:"), said
        assert said.isprintable(), "a message sends something to the terminal"
        return
    assert config.format in FORMATS
    for address in config.pinned:
        ip_address(address.partition("/")[0])
    for word in (*config.names, *config.edges, *config.pinned, *config.without_edge, *config.unclear):
        assert word
        assert word.isprintable(), "a report sends something to the terminal"
    assert together([config])[0].names == config.names

"""Asterisk with PJSIP: ``pjsip.conf`` and the dialplan that goes from edge to edge.

One endpoint and one AOR an edge: PJSIP takes one contact of an AOR, by what OPTIONS said, and does not try another one
when a call to it fails. So the dialplan goes on. The four seconds are ``timer_b``, which a provisional response ends
(RFC 3261 section 17.1.1.2). Asterisk recommends 64 times ``timer_t1`` for it, whose least value is 100 ms: a version
that insists on that waits 6.4 s.
"""

from __future__ import annotations

from voicedr.program.network.sbc_configs.config_file import ConfigFile, heading
from voicedr.program.network.topology import NEXT_ADDRESS_S, PING_S, RING_S, Topology

GOES_ON = "CHANUNAVAIL", "CONGESTION"
"""What ``DIALSTATUS`` is where an edge gave no response, or failed."""


def asterisk(topology: Topology) -> tuple[ConfigFile, ...]:
    """``pjsip.conf`` and ``extensions.conf``."""
    comment = [f"; {line}" for line in heading(topology, loaded=False)]
    return (
        ConfigFile("pjsip.conf", "\n".join([*comment, *_pjsip(topology)]) + "\n"),
        ConfigFile("extensions.conf", "\n".join([*comment, *_dialplan(topology)]) + "\n"),
    )


def _pjsip(topology: Topology) -> list[str]:
    host, port = topology.listen
    lines = [
        "[system]",
        "type=system",
        f"; Without any response for {NEXT_ADDRESS_S} s an edge is given up. It holds for every call of this Asterisk.",
        "timer_t1=100",
        f"timer_b={NEXT_ADDRESS_S * 1000}",
        "",
        "[voice-transport]",
        "type=transport",
        f"protocol={topology.transport}",
        f"bind={host}:{port}",
    ]
    if topology.transport == "tls":
        lines += ["method=tlsv1_2", "cert_file=/etc/asterisk/keys/sbc.crt", "priv_key_file=/etc/asterisk/keys/sbc.key",
                  "ca_list_file=/etc/ssl/certs/ca-certificates.crt", "verify_server=yes"]  # fmt: skip
    if topology.user:
        lines += [
            "",
            "[voice-auth]",
            "type=auth",
            "auth_type=userpass",
            f"username={topology.user}",
            f"; One line, password=…, written at the start from the environment's {topology.password_env}. Keep it",
            "; readable by asterisk alone.",
            "#include voice-password.conf",
        ]
    scheme = "" if topology.transport == "udp" else f"\\;transport={topology.transport}"
    for edge, name in zip(topology.edges, topology.hosts, strict=True):
        lines += [
            "",
            f"[voice-{edge}]",
            "type=aor",
            f"contact=sip:{name}{scheme}",
            f"qualify_frequency={PING_S}",
            f"qualify_timeout={NEXT_ADDRESS_S}",
            "",
            f"[voice-{edge}]",
            "type=endpoint",
            "transport=voice-transport",
            "context=from-voice-provider",
            "disallow=all",
            "allow=ulaw,alaw",
            "direct_media=no",
            f"aors=voice-{edge}",
            f"from_domain={topology.domain}",
            *(["outbound_auth=voice-auth"] if topology.user else []),
            *(["media_encryption=sdes"] if topology.transport == "tls" else []),
        ]
    first = topology.edges[0]
    lines += [
        "",
        "; Calls may come from every edge, not only from those that calls are sent to.",
        "[voice-provider]",
        "type=identify",
        f"endpoint=voice-{first}",
        *(f"match={prefix} ; {edge}" for prefix, edge in topology.prefixes),
    ]
    return lines


def _dialplan(topology: Topology) -> list[str]:
    host, port = topology.inside
    lines = ["[to-voice-provider]"]
    pattern = "_+X."
    for at, edge in enumerate(topology.edges):
        dial = f"Dial(PJSIP/${{EXTEN}}@voice-{edge},{RING_S})"
        lines.append(f"exten => {pattern},1,{dial}" if at == 0 else f" same => n(edge{at}),{dial}")
        if at + 1 < len(topology.edges):
            wanted = "|".join(f'"${{DIALSTATUS}}" = "{one}"' for one in GOES_ON).replace("|", " | ")
            lines.append(f" same => n,GotoIf($[{wanted}]?edge{at + 1}:done)")
    lines += [
        " same => n(done),Hangup()",
        "",
        "[from-voice-provider]",
        f"exten => {pattern},1,Dial(PJSIP/${{EXTEN}}@pbx)",
        " same => n,Hangup()",
        f"; The endpoint pbx is yours: sip:{host}:{port}",
    ]
    return lines

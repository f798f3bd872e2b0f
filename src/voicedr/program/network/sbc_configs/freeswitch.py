"""FreeSWITCH: a profile with a gateway an edge, a dialplan that goes from one to the next, and who may send calls.

``|`` between two dial strings is: the next if the first fails. The four seconds without any response are the profile's
``timer-T1X64``, the length of an INVITE transaction (Timer B of RFC 3261 section 17.1.1.2). ``progress_timeout`` would
be wrong: it also ends calls that the provider has accepted and that do not ring yet.
"""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from voicedr.program.network.sbc_configs.config_file import ConfigFile, heading
from voicedr.program.network.topology import NEXT_ADDRESS_S, PING_S, RING_S, Topology

FAILS_OVER = "RECOVERY_ON_TIMER_EXPIRE,NETWORK_OUT_OF_ORDER,NORMAL_TEMPORARY_FAILURE,GATEWAY_DOWN"
"""Causes on which the next edge is tried. A choice of ours: the provider's pages name no codes."""

NUMBER = r"^(\+[1-9]\d{6,14})$"
PROFILE = "voice_provider"


def freeswitch(topology: Topology) -> tuple[ConfigFile, ...]:
    """Files for ``sip_profiles``, ``dialplan`` and ``autoload_configs``."""
    lines = "\n".join(f"  {escape(line).replace('--', '- -')}" for line in heading(topology, loaded=False))
    comment = f"<!--\n{lines}\n-->"
    return (
        ConfigFile(f"sip_profiles/{PROFILE}.xml", _profile(topology, comment)),
        ConfigFile(f"dialplan/default/00_{PROFILE}.xml", _outwards(topology, comment)),
        ConfigFile(f"dialplan/public/00_{PROFILE}.xml", _inwards(topology, comment)),
        ConfigFile(f"autoload_configs/{PROFILE}_acl.xml", _acl(topology, comment)),
    )


def _profile(topology: Topology, comment: str) -> str:
    host, port = topology.listen
    tls = topology.transport == "tls"
    settings = {
        "context": "public",
        "dialplan": "XML",
        "sip-ip": host,
        "rtp-ip": host,
        "tls" if tls else "sip-port": "true" if tls else str(port),
        "auth-calls": "false",
        "apply-inbound-acl": PROFILE,
        "timer-T1X64": str(NEXT_ADDRESS_S * 1000),
        "inbound-codec-prefs": "PCMU,PCMA",
        "outbound-codec-prefs": "PCMU,PCMA",
    }
    if tls:
        settings |= {"tls-sip-port": str(port), "tls-version": "tlsv1.2", "tls-verify-policy": "out"}
    lines = [comment]
    if topology.user:
        # What the process has in its environment: the password is in no file.
        command = f"voice_password=printenv {topology.password_env}"
        lines.append(f'<X-PRE-PROCESS cmd="exec-set" data={quoteattr(command)}/>')
    lines += [f"<profile name={quoteattr(PROFILE)}>", "  <gateways>"]
    for edge, name in zip(topology.edges, topology.hosts, strict=True):
        lines.append(f"    <gateway name={quoteattr(f'voice-{edge}')}>")
        lines += _params(_gateway(topology, name), "      ")
        lines.append("    </gateway>")
    lines += ["  </gateways>", "  <settings>", *_params(settings, "    "), "  </settings>", "</profile>"]
    if topology.user:  # A preprocessor's line beside a profile needs an element around both.
        lines = [lines[0], "<include>", *lines[1:], "</include>"]
    return "\n".join(lines) + "\n"


def _gateway(topology: Topology, name: str) -> dict[str, str]:
    return {
        "proxy": name,
        "realm": topology.domain,
        "from-domain": topology.domain,
        "username": topology.user or "none",
        "password": "$${voice_password}" if topology.user else "none",
        "register": "false",
        "register-transport": topology.transport,
        "caller-id-in-from": "true",
        "ping": str(PING_S),
        "ping-max": "2",
        "ping-min": "1",
    }


def _params(values: dict[str, str], indent: str) -> list[str]:
    return [f"{indent}<param name={quoteattr(key)} value={quoteattr(value)}/>" for key, value in values.items()]


def _outwards(topology: Topology, comment: str) -> str:
    transport = "" if topology.transport == "udp" else f";transport={topology.transport}"
    legs = "|".join(f"sofia/gateway/voice-{edge}/$1{transport}" for edge in topology.edges)
    actions = (
        ("set", "hangup_after_bridge=true"),
        ("set", f"continue_on_fail={FAILS_OVER}"),
        ("bridge", f"{{originate_timeout={RING_S},ignore_early_media=true}}{legs}"),
    )
    return _extension(comment, "to_voice_provider", actions)


def _inwards(topology: Topology, comment: str) -> str:
    host, port = topology.inside
    return _extension(comment, "from_voice_provider", (("bridge", f"sofia/internal/$1@{host}:{port}"),))


def _extension(comment: str, name: str, actions: tuple[tuple[str, str], ...]) -> str:
    lines = [
        comment,
        "<include>",
        f"  <extension name={quoteattr(name)}>",
        f'    <condition field="destination_number" expression={quoteattr(NUMBER)}>',
        *(f"      <action application={quoteattr(app)} data={quoteattr(data)}/>" for app, data in actions),
        "    </condition>",
        "  </extension>",
        "</include>",
    ]
    return "\n".join(lines) + "\n"


def _acl(topology: Topology, comment: str) -> str:
    lines = [
        comment,
        "<!-- Include it in the network-lists of acl.conf.xml. Every edge may send calls, not only those that calls",
        "     are sent to. -->",
        "<include>",
        f'  <list name="{PROFILE}" default="deny">',
        *(f'    <node type="allow" cidr={quoteattr(prefix)}/> <!-- {edge} -->' for prefix, edge in topology.prefixes),
        "  </list>",
        "</include>",
    ]
    return "\n".join(lines) + "\n"

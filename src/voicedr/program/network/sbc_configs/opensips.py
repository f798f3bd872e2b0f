"""OpenSIPS 3: a dispatcher with one set an edge, the addresses that may send calls, and the routes.

The dispatcher and permissions modules of OpenSIPS read a database; the rows are for its text database (db_text).
"""

from __future__ import annotations

from voicedr.program.network.sbc_configs.config_file import ConfigFile, heading
from voicedr.program.network.topology import NEXT_ADDRESS_S, PING_S, RING_S, Topology

SETTINGS = """{heading}
log_level=2
udp_workers=4
auto_aliases=no
socket={transport}:{host}:{port}
# Each name has all addresses of its edge: the next one after {next_s} s without a response.
dns=no
rev_dns=no
dns_try_ipv6=no
disable_dns_failover=no

loadmodule "proto_udp.so"
{proto}loadmodule "signaling.so"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "maxfwd.so"
loadmodule "sipmsgops.so"
loadmodule "db_text.so"
loadmodule "dispatcher.so"
loadmodule "permissions.so"
{modules}
modparam("tm", "fr_timeout", {next_s})
modparam("tm", "fr_inv_timeout", {ring_s})
modparam("dispatcher", "db_url", "text:///etc/opensips/dbtext")
modparam("dispatcher", "ds_ping_interval", {ping_s})
modparam("dispatcher", "ds_probing_threshhold", 2)
modparam("dispatcher", "ds_probing_mode", 1)
modparam("permissions", "db_url", "text:///etc/opensips/dbtext")
{settings}
"""
ROUTES = """route {{
    if (!mf_process_maxfwd_header(20)) {{ send_reply(483, "Too Many Hops"); exit; }}
    if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
    if (has_totag()) {{
        if (loose_route()) {{ t_relay(); exit; }}
        if (is_method("ACK")) {{ if (t_check_trans()) t_relay(); exit; }}
        send_reply(404, "Not Here");
        exit;
    }}
    t_check_trans();
    if (is_method("OPTIONS")) {{ send_reply(200, "OK"); exit; }}
    if (!is_method("INVITE")) {{ send_reply(405, "Method Not Allowed"); exit; }}
    record_route();
    if (check_source_address(1)) {{ $du = "sip:{inside_host}:{inside_port}"; t_relay(); exit; }}
    if ($si != "{inside_host}") {{ send_reply(403, "Forbidden"); exit; }}
    $avp(set) = 1;
    route(TO_EDGE);
}}

route[TO_EDGE] {{
    if (!ds_select_dst($avp(set), 8)) {{
        if ($avp(set) < {last}) {{ $avp(set) = $avp(set) + 1; route(TO_EDGE); exit; }}
        send_reply(503, "No Edge");
        exit;
    }}
    $rd = $dd;
    $avp(asked) = 0;
    t_on_failure("NEXT_EDGE");
    t_relay();
}}

failure_route[NEXT_EDGE] {{
    if (t_was_cancelled()) exit;
{challenge}    # No response, or a 5xx: the next edge. The provider's pages name no codes; 5xx is a choice of ours.
    if (t_local_replied("all") || t_check_status("5[0-9][0-9]")) {{
        if (t_local_replied("all")) ds_mark_dst("p");
        if ($avp(set) < {last}) {{ $avp(set) = $avp(set) + 1; route(TO_EDGE); }}
        exit;
    }}
}}
"""
CHALLENGE = """    # Once an edge: an answer that was refused is not given again.
    if (t_check_status("401|407") && $avp(asked) != 1) {
        $avp(asked) = 1;
        $avp(user) = "@USER@";
        $avp(password) = $env(@PASSWORD@);
        t_on_failure("NEXT_EDGE");
        if (uac_auth()) { t_relay(); exit; }
    }
"""


def opensips(topology: Topology) -> tuple[ConfigFile, ...]:
    """``opensips.cfg``, and the text databases ``dispatcher`` and ``address``."""
    comment = "\n".join(f"# {line}" for line in heading(topology, loaded=False))
    return (
        ConfigFile("opensips.cfg", _settings(topology, comment) + "\n" + _routes(topology)),
        ConfigFile("dbtext/dispatcher", _dispatcher(topology)),
        ConfigFile("dbtext/address", _addresses(topology)),
    )


def _settings(topology: Topology, comment: str) -> str:
    host, port = topology.listen
    proto = "" if topology.transport == "udp" else f'loadmodule "proto_{topology.transport}.so"\n'
    if topology.transport == "tls":
        proto += 'loadmodule "tls_mgm.so"\n'
    modules = 'loadmodule "uac_auth.so"\nloadmodule "uac.so"' if topology.user else ""
    settings = [
        f'modparam("uac_auth", "auth_{name}_avp", "$avp({avp})")'
        for name, avp in (("username", "user"), ("password", "password"), ("realm", "realm"))
    ]
    return SETTINGS.format(
        heading=comment,
        transport=topology.transport,
        host=host,
        port=port,
        proto=proto,
        modules=modules,
        settings="\n".join(settings) if topology.user else "",
        next_s=NEXT_ADDRESS_S,
        ring_s=RING_S,
        ping_s=PING_S,
    )


def _routes(topology: Topology) -> str:
    host, port = topology.inside
    challenge = CHALLENGE.replace("@USER@", topology.user).replace("@PASSWORD@", topology.password_env)
    return ROUTES.format(
        inside_host=host,
        inside_port=port,
        last=len(topology.edges),
        challenge=challenge if topology.user else "",
    )


def _dispatcher(topology: Topology) -> str:
    transport = "" if topology.transport == "udp" else f";transport={topology.transport}"
    lines = [
        "id(int,auto) setid(int) destination(string) socket(string,null) state(int) probe_mode(int) weight(string)"
        " priority(int) attrs(string) description(string)"
    ]
    # A colon separates fields in a text database and is escaped in one.
    lines += [
        f"{at}:{at}:sip\\:{host}{transport}::0:1:1:0::{edge}"
        for at, (edge, host) in enumerate(zip(topology.edges, topology.hosts, strict=True), 1)
    ]
    return "\n".join(lines) + "\n"


def _addresses(topology: Topology) -> str:
    lines = [
        "id(int,auto) grp(int) ip(string) mask(int) port(int) proto(string) pattern(string,null)"
        " context_info(string,null)"
    ]
    for at, (prefix, edge) in enumerate(topology.prefixes, 1):
        address, _, length = prefix.partition("/")
        lines.append(f"{at}:1:{address}:{length}:0:any::{edge}")
    return "\n".join(lines) + "\n"

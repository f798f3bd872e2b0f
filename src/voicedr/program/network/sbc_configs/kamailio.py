"""Kamailio 5.6: a whole small configuration, the list of its dispatcher, and the addresses that it lets in.

The dispatcher's targets are names; with DNS failover in the core, each name is all addresses of its edge. What was
measured stands behind three choices: a target is left on silence only if nothing at all came from it; it is taken out
after two failures, not one; and mode ``d`` of ``ds_select_routes`` sets the destination.
"""

from __future__ import annotations

from voicedr.program.network.sbc_configs.config_file import ConfigFile, heading
from voicedr.program.network.topology import NEXT_ADDRESS_S, PING_S, RING_S, Topology

FOLDER = "/etc/kamailio"
SETTINGS = """#!KAMAILIO
{heading}
# Paths of Debian. Media goes past this proxy: put rtpengine in if your PBX has a private address.
{definitions}
debug=2
log_stderror=no
children=4
auto_aliases=no
listen={listening}
{tls}
# Each name has all addresses of its edge: the next one after {next_s} s without a response.
dns=no
rev_dns=no
dns_try_ipv6=no
use_dns_cache=yes
use_dns_failover=yes
dns_retr_time=1
dns_retr_no=2

loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "dispatcher.so"
loadmodule "permissions.so"
{modules}
modparam("tm", "fr_timer", {next_ms})
modparam("tm", "fr_inv_timer", {ring_ms})
modparam("dispatcher", "list_file", LIST_FILE)
# Without this flag there is no next destination.
modparam("dispatcher", "flags", 2)
modparam("dispatcher", "xavp_dst", "_dsdst_")
modparam("dispatcher", "ds_probing_mode", 1)
modparam("dispatcher", "ds_ping_interval", {ping_s})
modparam("dispatcher", "ds_probing_threshold", 2)
modparam("dispatcher", "ds_inactive_threshold", 2)
# Names are resolved for each call, not once at the start.
modparam("dispatcher", "ds_dns_mode", 1)
modparam("permissions", "address_file", ADDRESS_FILE)
{settings}
"""
ROUTES = """request_route {{
    if (!mf_process_maxfwd_header("20")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
    if (has_totag()) {{
        if (loose_route()) {{ t_relay(); exit; }}
        if (is_method("ACK")) {{ if (t_check_trans()) t_relay(); exit; }}
        sl_send_reply("404", "Not Here");
        exit;
    }}
    t_check_trans();
    if (is_method("OPTIONS")) {{ sl_send_reply("200", "OK"); exit; }}
    if (!is_method("INVITE")) {{ sl_send_reply("405", "Method Not Allowed"); exit; }}
    record_route();
    if (allow_source_address("1")) {{ route(FROM_PROVIDER); exit; }}
    if ($si == "{inside_host}") {{ route(TO_PROVIDER); exit; }}
    sl_send_reply("403", "Forbidden");
    exit;
}}

# A call for us, from any edge.
route[FROM_PROVIDER] {{
    $du = "sip:{inside_host}:{inside_port}";
    t_relay();
}}

# A call of ours: the first edge, and the others after it.
route[TO_PROVIDER] {{
    if (!ds_select_routes("{rule}", "d")) {{ sl_send_reply("503", "No Edge"); exit; }}
    route(SEND);
}}

# The provider knows whose call it is by the name in the request.
route[SEND] {{
    $rd = $dd;
    $rp = $null;
    $avp(asked) = 0;
    t_on_failure("NEXT_EDGE");
    t_relay();
}}

failure_route[NEXT_EDGE] {{
    if (t_is_canceled()) exit;
{challenge}    # Every address of the name was silent. With a response of any kind it is not: the call is ringing.
    if (t_branch_timeout() && !t_branch_replied()) {{
        ds_mark_dst("p");
        if (ds_next_dst()) route(SEND);
        exit;
    }}
    # The provider's pages do not say on which codes to go on; 5xx is a choice of ours. The edge is not marked for it.
    if (t_check_status("5[0-9][0-9]")) {{
        if (ds_next_dst()) route(SEND);
        exit;
    }}
}}
"""
TLS = f"""# The provider speaks TLS 1.2 or later. The certificate and its key are yours.
[server:default]
method = TLSv1.2+
verify_certificate = no
require_certificate = no
private_key = {FOLDER}/sbc.key
certificate = {FOLDER}/sbc.crt

[client:default]
method = TLSv1.2+
verify_certificate = yes
require_certificate = yes
ca_list = /etc/ssl/certs/ca-certificates.crt
"""
CHALLENGE = """    # Once an edge: an answer that was refused is not given again.
    if (t_check_status("401|407") && $avp(asked) != 1) {
        $avp(asked) = 1;
        $avp(user) = "@USER@";
        $avp(realm) = $null;
        $avp(password) = $env(@PASSWORD@);
        t_on_failure("NEXT_EDGE");
        if (uac_auth()) { t_relay(); exit; }
    }
"""


def kamailio(topology: Topology) -> tuple[ConfigFile, ...]:
    """``kamailio.cfg``, ``dispatcher.list`` and ``address.list``; with TLS ``tls.cfg``."""
    comment = "\n".join(f"# {line}" for line in heading(topology, loaded=True))
    tls = (ConfigFile("tls.cfg", f"{comment}\n{TLS}"),) if topology.transport == "tls" else ()
    return (
        ConfigFile("kamailio.cfg", _settings(topology, comment) + "\n" + _routes(topology)),
        ConfigFile("dispatcher.list", _dispatcher(topology, comment)),
        ConfigFile("address.list", _addresses(topology, comment)),
        *tls,
    )


def _settings(topology: Topology, comment: str) -> str:
    host, port = topology.listen
    tls = topology.transport == "tls"
    modules = ['loadmodule "tls.so"'] if tls else []
    modules += ['loadmodule "uac.so"'] if topology.user else []
    settings = ['modparam("tls", "config", TLS_FILE)'] if tls else []
    if topology.user:
        settings += [
            f'modparam("uac", "auth_{name}_avp", "$avp({avp})")'
            for name, avp in (("username", "user"), ("password", "password"), ("realm", "realm"))
        ]
    files = [("LIST_FILE", "dispatcher.list"), ("ADDRESS_FILE", "address.list")]
    files += [("TLS_FILE", "tls.cfg")] if tls else []
    listening = [f"{topology.transport}:{host}:{port}"]
    # What is inside speaks UDP with the port beside, unless UDP is what is spoken outside as well.
    if topology.transport != "udp":
        listening.append(f"udp:{host}:{5060 if port != 5060 else 5062}")
    return SETTINGS.format(
        heading=comment,
        definitions="\n".join(f'#!define {name} "{FOLDER}/{file}"' for name, file in files),
        listening="\nlisten=".join(listening),
        tls="enable_tls=yes" if tls else "disable_tcp=yes" if topology.transport == "udp" else "",
        next_s=NEXT_ADDRESS_S,
        next_ms=NEXT_ADDRESS_S * 1000,
        ring_ms=RING_S * 1000,
        ping_s=PING_S,
        modules="\n".join(modules),
        settings="\n".join(settings),
    )


def _routes(topology: Topology) -> str:
    host, port = topology.inside
    challenge = CHALLENGE.replace("@USER@", topology.user).replace("@PASSWORD@", topology.password_env)
    return ROUTES.format(
        inside_host=host,
        inside_port=port,
        rule=";".join(f"{at}=4" for at in range(1, len(topology.edges) + 1)),
        challenge=challenge if topology.user else "",
    )


def _dispatcher(topology: Topology, comment: str) -> str:
    lines = ["# setid destination flags priority attributes: one set an edge, in order"]
    transport = "" if topology.transport == "udp" else f";transport={topology.transport}"
    lines += [f"{at} sip:{host}{transport} 0 0" for at, host in enumerate(topology.hosts, 1)]
    return "\n".join([comment, *lines]) + "\n"


def _addresses(topology: Topology, comment: str) -> str:
    lines = ["# group address mask port tag: every edge may send calls, not only those that calls are sent to"]
    for prefix, edge in topology.prefixes:
        address, _, length = prefix.partition("/")
        lines.append(f"1 {address} {length} 0 {edge}")
    return "\n".join([comment, *lines]) + "\n"

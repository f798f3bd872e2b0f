"""The kernel is the judge: which packets it lets in is what the walk says of the same rules' exports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from debian_programs import programs
from voicedr.program.network.boxes import Box, span_of
from voicedr.program.network.firewall import read_firewall
from voicedr.program.network.walk import Arrival, walk

ADDRESSES = tuple(f"54.171.127.{last}" for last in range(192, 196))
PORTS = (5060, 5061, 10_000)

SENDER = """
import json, socket, subprocess, sys
addresses, ports, cases = json.load(sys.stdin)
run = lambda *c: subprocess.run(c, check=True, capture_output=True, text=True, timeout=10).stdout
run("ip", "link", "set", "lo", "up")
for one in (*addresses, "203.0.113.10"):
    run("ip", "addr", "add", one + "/32", "dev", "lo")
ears = {}
for port in ports:
    ears[port] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ears[port].bind(("203.0.113.10", port))
    ears[port].setblocking(False)
found = []
for program, text in cases:
    run("nft", "flush", "ruleset")
    loader = ["nft", "-f", "-"] if program == "nft" else ["iptables-restore"]
    subprocess.run(loader, input=text, text=True, check=True, timeout=10)
    for one in addresses:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
            sending.bind((one, 0))
            for port in ports:
                try:
                    sending.sendto(b"x", ("203.0.113.10", port))
                except OSError:
                    pass
    heard = []
    for port, ear in ears.items():
        while True:
            try:
                heard.append([ear.recvfrom(10)[1][0], port])
            except BlockingIOError:
                break
    exports = [run("nft", "list", "ruleset"), run("nft", "-j", "list", "ruleset")] if program == "nft" else [run("iptables-save")]
    found.append([heard, exports])
print(json.dumps(found))
"""  # noqa: E501


def nft(*rules: str, policy: str = "drop", more: str = "") -> tuple[str, str]:
    """A ruleset for nft."""
    lines = "\n".join(rules)
    return "nft", (
        f"table inet t {{\nset s {{ type ipv4_addr; flags interval; elements = {{ 54.171.127.192/31 }}; }}\n"
        f"chain voice {{ udp dport 5060 accept\n return; }}\nchain over {{ udp dport 5061 drop\n }}\n"
        f"chain input {{ type filter hook input priority 0; policy {policy};\n{lines}\n}}\n}}\n{more}"
    )


def iptables(*rules: str, policy: str = "DROP") -> tuple[str, str]:
    """A ruleset for iptables."""
    lines = "\n".join(rules)
    return (
        "iptables",
        f"*filter\n:INPUT {policy} [0:0]\n:VOICE - [0:0]\n{lines}\n-A VOICE -p udp --dport 5060 -j ACCEPT\nCOMMIT\n",
    )


CASES = (
    nft(),
    nft(policy="accept"),
    nft("ip saddr @s accept"),
    nft("ip saddr != @s udp dport 5060-5061 accept"),
    nft("ip saddr { 54.171.127.193, 54.171.127.195 } drop", "accept"),
    nft("jump voice", "ip saddr 54.171.127.194 accept"),
    nft("goto voice", "accept"),
    nft("goto over", "drop", policy="accept"),
    nft("jump over", "accept"),
    nft("udp dport != 5060 drop", "ip saddr 54.171.127.192/31 reject", "accept"),
    nft("ct state established,related accept", "ct state invalid drop", "ip saddr @s udp dport { 5060, 5061 } accept"),
    nft("ct state vmap { established : accept, related : accept, invalid : drop }", "udp dport 10000 accept"),
    nft("ct state new accept"),
    nft("meta nfproto ipv6 accept", "ip protocol udp ip saddr @s accept"),
    nft("meta l4proto { tcp, udp } th dport 5060 accept", "meta l4proto != udp accept"),
    nft("accept", more="table ip u {\nchain x { type filter hook prerouting priority raw; policy accept;\n"
        "ip saddr 54.171.127.192/31 drop\n}\n}\n"),
    nft("accept", more="table ip6 u {\nchain x { type filter hook input priority 5; policy drop; }\n}\n"),
    iptables(),
    iptables("-A INPUT -s 54.171.127.192/31 -p udp -m multiport --dports 5060,10000 -j ACCEPT"),
    iptables("-A INPUT ! -s 54.171.127.192/31 -j DROP", "-A INPUT -j ACCEPT"),
    iptables("-A INPUT -g VOICE", "-A INPUT -j ACCEPT"),
    iptables("-A INPUT -j VOICE", "-A INPUT -m iprange --src-range 54.171.127.193-54.171.127.194 -j ACCEPT"),
    iptables('-A INPUT -m comment --comment "-j ACCEPT" -p udp --dport 5061 -j REJECT', policy="ACCEPT"),
    iptables("-A INPUT -m conntrack ! --ctstate NEW -j DROP", "-A INPUT -p udp ! --dport 5060 -j ACCEPT"),
)  # fmt: skip


def test_the_kernel_agrees() -> None:
    """Each address and port of each ruleset is let in by the kernel exactly if the walk says so, for every export."""
    if os.geteuid() != 0:
        pytest.skip("a network namespace needs root")
    programs("unshare", "nft", "iptables-restore", "ip")
    done = subprocess.run(
        ["unshare", "--net", sys.executable, "-c", SENDER],
        input=json.dumps([ADDRESSES, PORTS, CASES]), capture_output=True, text=True, timeout=60, check=False,
        cwd=Path("/"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    outcomes = set()
    for (program, text), (heard, exports) in zip(CASES, json.loads(done.stdout), strict=True):
        arrived = {(address, port) for address, port in heard}
        outcomes.add(len(arrived))
        for export in exports:
            firewall = read_firewall(export, "fw")
            boxes = {(a, p): Box(*span_of(a), p, p) for a in ADDRESSES for p in PORTS}
            way = walk(firewall, "udp", boxes.values(), Arrival())
            assert not way.unclear, (program, text, way.unclear)
            assert {key for key, box in boxes.items() if box in way.passed} == arrived, (program, text)
    assert len(outcomes) > 4  # The rulesets are not all alike.

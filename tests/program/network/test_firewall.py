"""Exports of firewalls: each kind is read, order and policy count, and what is not understood is not yes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from voicedr.program.network.coverage import Covered, Standing, coverage
from voicedr.program.network.firewall import BrokenExport, read_firewall
from voicedr.program.network.published import published_ranges

RANGES = published_ranges()
DUBLIN, MEDIA = "54.171.127.192/30", "168.86.128.0/18"


def standing(text: str, kind: str = "signalling", protocol: str = "udp", **options: Any) -> Covered:
    """How dublin's ranges of this kind stand."""
    covered = coverage(read_firewall(text, "fw", **options), RANGES, ["dublin"])
    return next(one for one in covered if one.range.kind == kind and one.range.protocol == protocol)


def nft(*rules: str, policy: str = "drop", more: str = "") -> str:
    """A ruleset as nft lists it."""
    lines = "\n".join(f"\t\t{rule}" for rule in rules)
    return (
        f"table inet filter {{\n{more}\tchain input {{\n\t\ttype filter hook input priority filter; policy {policy};\n"
        f"{lines}\n\t}}\n}}\n"
    )


def iptables(*rules: str, policy: str = "DROP", more: str = "") -> str:
    """What iptables-save writes."""
    lines = "\n".join(rules)
    return f"*filter\n:INPUT {policy} [0:0]\n:FORWARD ACCEPT [0:0]\n{more}{lines}\nCOMMIT\n"


ACCEPT = f"ip saddr {DUBLIN} udp dport 5060 accept"
COVERED, MISSING, UNKNOWN = Standing.COVERED, Standing.MISSING, Standing.UNKNOWN


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ((ACCEPT,), COVERED),
        ((), MISSING),
        (("ip saddr 0.0.0.0/0 udp dport 5060 accept",), COVERED),
        (("udp dport 5060 accept",), COVERED),
        (("ip saddr 54.171.127.192/31 udp dport 5060 accept",), MISSING),
        (("ip saddr 54.171.127.194 drop", ACCEPT), MISSING),
        ((ACCEPT, "ip saddr 54.171.127.194 drop"), COVERED),
        (("ip saddr 54.0.0.0/8 reject", ACCEPT), MISSING),
        (("tcp dport 5060 accept",), MISSING),
        (("ct state established,related accept",), MISSING),
        (("ct state vmap { established : accept, invalid : drop }", ACCEPT), COVERED),
        (("ct state vmap { new : drop }", ACCEPT), UNKNOWN),
        (("ct state invalid drop", ACCEPT), COVERED),
        (("ct state new drop", ACCEPT), MISSING),
        (('iifname "lo" accept',), MISSING),
        (('iifname "lo" drop', ACCEPT), COVERED),
        ((f'iifname "eth0" {ACCEPT}',), UNKNOWN),
        (("ip6 saddr ::/0 udp dport 5060 accept",), MISSING),
        (("meta nfproto ipv6 drop", ACCEPT), COVERED),
        (("icmp type echo-request drop", ACCEPT), COVERED),
        (("ip saddr @trusted udp dport 5060 accept",), UNKNOWN),
        (("ip saddr @trusted drop", ACCEPT), UNKNOWN),
        (("ip saddr @banned drop", ACCEPT), COVERED),
        (("limit rate 10/second udp dport 5060 accept",), UNKNOWN),
        (("udp dport 5060 tproxy to :5080",), UNKNOWN),
        (("meta mark 0x1 drop", ACCEPT), UNKNOWN),
        (("limit rate 1/second drop", "udp dport 5060 drop"), MISSING),
        (("udp dport != 5061 accept",), COVERED),
        (("ip saddr != 10.0.0.0/8 drop", ACCEPT), MISSING),
        (("ip saddr { 54.171.127.192, 54.171.127.193-54.171.127.195 } udp dport { 5060, 5061 } accept",), COVERED),
        (("udp sport 5060 accept",), UNKNOWN),
        (("jump voice",), COVERED),
        (("jump nowhere",), UNKNOWN),
        (("goto voice", "drop"), COVERED),
        (("counter packets 1 bytes 2 log prefix \"x { y\" udp dport 5060 counter accept",), COVERED),
        (("# xt_recent drop", ACCEPT), UNKNOWN),
        ((f"ip saddr {DUBLIN} # match recent accept", ACCEPT), UNKNOWN),
        (("tcp dport 5060 accept # handle 4", f"{ACCEPT} # handle 5"), COVERED),
    ],
)  # fmt: skip
def test_nft_rules_in_order(rules: tuple[str, ...], expected: Standing) -> None:
    """The first rule that matches decides; what may match or not makes it unknown, unless all agree."""
    more = (
        "\tset banned {\n\t\ttype ipv4_addr\n\t\telements = { 192.0.2.1,\n\t\t\t198.51.100.0/24 }\n\t}\n"
        "\tset trusted {\n\t\ttype ipv4_addr\n\t\tflags dynamic,timeout\n\t\telements = { 54.171.127.192 }\n\t}\n"
        "\tchain voice {\n\t\tudp dport 5060 accept\n\t\treturn\n\t}\n"
    )
    assert standing(nft(*rules, more=more)).standing is expected


def test_all_base_chains_must_accept() -> None:
    """An accept in one table does not keep another from dropping; a table of IPv6 does not matter."""
    other = "table ip other {\n\tchain x {\n\t\ttype filter hook input priority 10; policy drop;\n\t}\n}\n"
    assert standing(nft(ACCEPT) + other).standing is MISSING
    assert standing(nft(ACCEPT) + other.replace("table ip ", "table ip6 ")).standing is COVERED
    assert standing(nft(ACCEPT) + other.replace("hook input", "hook output")).standing is COVERED
    early = other.replace("type filter hook input priority 10", "type filter hook prerouting priority raw")
    assert standing(nft(ACCEPT) + early).standing is MISSING


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ((f"-A INPUT -s {DUBLIN} -p udp -m udp --dport 5060 -j ACCEPT",), COVERED),
        ((f"-A INPUT -s {DUBLIN} -p udp -m multiport --dports 5060,5061 -j ACCEPT",), COVERED),
        (("-A INPUT -p udp -m udp --dport 5000:6000 -j ACCEPT",), COVERED),
        (("-A INPUT -m iprange --src-range 54.171.127.0-54.171.128.0 -j ACCEPT",), COVERED),
        (("-A INPUT -p tcp -m tcp --dport 5060 -j ACCEPT",), MISSING),
        (("-A INPUT -s 54.171.127.192/31 -j DROP", "-A INPUT -j ACCEPT"), MISSING),
        (("-A INPUT -j ACCEPT", "-A INPUT -s 54.171.127.192/31 -j DROP"), COVERED),
        (("-A INPUT ! -s 54.171.127.0/24 -j DROP", "-A INPUT -j ACCEPT"), COVERED),
        (("-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT",), MISSING),
        (("-A INPUT -m conntrack --ctstate NEW -j ACCEPT",), COVERED),
        (("-A INPUT -m conntrack ! --ctstate NEW -j DROP", "-A INPUT -j ACCEPT"), COVERED),
        (("-A INPUT -i lo -j ACCEPT",), MISSING),
        (("-A INPUT -i eth0 -j ACCEPT",), UNKNOWN),
        (("-A INPUT -d 203.0.113.10/32 -j ACCEPT",), UNKNOWN),
        (("-A INPUT -m set --match-set voice src -j ACCEPT",), UNKNOWN),
        (("-A INPUT -m recent --name x --rcheck -j DROP", "-A INPUT -j ACCEPT"), UNKNOWN),
        (("-A INPUT -m socket -j DROP", "-A INPUT -j ACCEPT"), UNKNOWN),
        (("-A INPUT -j VOICE",), COVERED),
        (("-A INPUT -j NFQUEUE --queue-num 1", "-A INPUT -j ACCEPT"), UNKNOWN),
        (('-A INPUT -j LOG --log-prefix "-j DROP "', "-A INPUT -j ACCEPT"), COVERED),
        (('-A INPUT -m comment --comment "-j ACCEPT" -j DROP', "-A INPUT -j ACCEPT"), MISSING),
        (('-A INPUT -m comment --comment "-s 10.0.0.0/8" -j DROP', "-A INPUT -j ACCEPT"), MISSING),
        (("-A INPUT -p icmp -j DROP", "-A INPUT -p sctp -j DROP", "-A INPUT -j ACCEPT"), COVERED),
        (("-A INPUT -j REJECT --reject-with icmp-port-unreachable", "-A INPUT -j ACCEPT"), MISSING),
        (("[12:3456] -A INPUT -j ACCEPT",), COVERED),
    ],
)
def test_iptables_rules_in_order(rules: tuple[str, ...], expected: Standing) -> None:
    """The same for iptables-save; a comment is never an option."""
    text = iptables(*rules, "-A VOICE -p udp -j ACCEPT", more=":VOICE - [0:0]\n")
    assert standing(text).standing is expected
    assert standing(text.replace("\n", "\r\n")).standing is expected


def test_iptables_tables_before_filter() -> None:
    """What the raw or mangle table drops never reaches filter; a port that is redirected may be another one then."""
    rules = iptables("-A INPUT -j ACCEPT")
    raw = "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -s 54.0.0.0/8 -j DROP\nCOMMIT\n"
    nat = (
        "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp -m udp --dport 5060 -j REDIRECT --to-ports 5080\nCOMMIT\n"
    )
    assert standing(raw + rules).standing is MISSING
    assert standing(nat + rules).standing is UNKNOWN
    assert standing(nat + rules, "signalling", "tcp").standing is COVERED


def test_behind_the_firewall_the_way_is_forward() -> None:
    """An SBC behind the machine is reached through FORWARD."""
    rules = iptables("-A INPUT -j ACCEPT").replace(":FORWARD ACCEPT", ":FORWARD DROP")
    assert standing(rules).standing is COVERED
    assert standing(rules, hook="forward").standing is MISSING


def test_what_is_missing_is_told_to_the_prefix_and_the_port() -> None:
    """Half of the media ports and a hole in the addresses are named, and no more."""
    found = standing(nft("ip saddr 168.86.150.0/24 drop", f"ip saddr {MEDIA} udp dport 10000-20000 accept"), "media")
    said = {(part.prefixes, part.port_min, part.port_max) for part in found.missing}
    assert (("168.86.150.0/24",), 10_000, 60_000) in said
    assert all(low >= 20_001 or prefixes == ("168.86.150.0/24",) for prefixes, low, _ in said)
    assert found.standing is MISSING


def aws(*permissions: dict[str, Any], groups: int = 1) -> str:
    """What describe-security-groups writes."""
    found = [{"GroupId": f"sg-{at}", "GroupName": f"g{at}", "IpPermissions": []} for at in range(groups)]
    found[0]["IpPermissions"] = list(permissions)
    return json.dumps({"SecurityGroups": found})


def allowed(cidr: str = DUBLIN, protocol: str = "udp", low: int = 5060, high: int = 5060) -> dict[str, Any]:
    """One permission."""
    return {"IpProtocol": protocol, "FromPort": low, "ToPort": high, "IpRanges": [{"CidrIp": cidr}]}


@pytest.mark.parametrize(
    ("text", "only", "expected"),
    [
        (aws(allowed()), (), COVERED),
        (aws(), (), MISSING),
        (aws(allowed(protocol="tcp")), (), MISSING),
        (aws(allowed("0.0.0.0/0", low=0, high=65535)), (), COVERED),
        (aws({"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}), (), COVERED),
        (aws(allowed("54.171.127.192/31"), allowed("54.171.127.194/31")), (), COVERED),
        (aws(allowed() | {"IpRanges": [], "PrefixListIds": [{"PrefixListId": "pl-1"}]}), (), UNKNOWN),
        (aws(allowed() | {"IpRanges": [], "UserIdGroupPairs": [{"GroupId": "sg-9"}]}), (), MISSING),
        (aws(allowed() | {"IpRanges": [], "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}), (), MISSING),
        (aws(allowed(), groups=2), (), UNKNOWN),
        (aws(allowed(), groups=2), ("sg-0",), COVERED),
        (aws(allowed(), groups=2), ("g1",), MISSING),
    ],
)
def test_security_groups(text: str, only: tuple[str, ...], expected: Standing) -> None:
    """They only allow; which of several the SBC has must be said; a prefix list's content is not known."""
    found = standing(text, only=only)
    assert found.standing is expected


def rule(**fields: Any) -> dict[str, Any]:
    """A firewall rule of Google's."""
    made: dict[str, Any] = {
        "name": "r", "network": "https://x/global/networks/default", "priority": 1000, "direction": "INGRESS",
        "sourceRanges": [DUBLIN], "allowed": [{"IPProtocol": "udp", "ports": ["5060"]}],
    }  # fmt: skip
    return made | fields


def denied(**fields: Any) -> dict[str, Any]:
    """One that denies everything."""
    made = rule(name="d", denied=[{"IPProtocol": "all"}], **fields)
    del made["allowed"]
    return made


@pytest.mark.parametrize(
    ("rules", "only", "expected"),
    [
        ([rule()], (), COVERED),
        ([rule(disabled=True), rule(direction="EGRESS")], (), MISSING),
        ([rule(), denied(priority=1001)], (), COVERED),
        ([rule(), denied(priority=1000)], (), MISSING),
        ([rule(), denied(priority=999, sourceRanges=["54.171.127.195/32"])], (), MISSING),
        ([rule(sourceRanges=["0.0.0.0/0"], allowed=[{"IPProtocol": "all"}])], (), COVERED),
        ([rule(sourceRanges=["::/0"])], (), MISSING),
        ([rule(targetTags=["sbc"])], (), UNKNOWN),
        ([rule(targetTags=["sbc"])], ("sbc",), COVERED),
        ([rule(targetTags=["web"])], ("sbc",), MISSING),
        ([rule(), denied(priority=1, targetTags=["web"])], (), UNKNOWN),
        ([rule(), rule(network="other", name="o")], (), UNKNOWN),
        ([rule(), rule(network="other", name="o")], ("default",), COVERED),
        ([rule(sourceRanges=[], sourceTags=["inner"])], (), MISSING),
        ([rule(allowed=[{"IPProtocol": "17", "ports": ["5000-6000"]}])], (), COVERED),
    ],
)
def test_google_rules(rules: list[dict[str, Any]], only: tuple[str, ...], expected: Standing) -> None:
    """The lowest number decides, a deny before an allow; whom a rule is for must be said."""
    assert standing(json.dumps(rules), only=only).standing is expected


def test_a_plain_list() -> None:
    """A prefix with nothing behind it is everything from there; IPv6 is no help; overlapping lines are one."""
    text = f"# ours\n{DUBLIN}\n2001:db8::/32\n{MEDIA} udp 10000-20000\n{MEDIA} udp 15000-60000\n"
    assert standing(text).standing is COVERED
    assert standing(text, "media").standing is COVERED
    assert standing(f"{DUBLIN} tcp 5060-5061\n").standing is MISSING
    assert standing("0.0.0.0/0\n").standing is COVERED
    assert standing("::/0\n").standing is MISSING


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("\ufeff \r\n", "is empty"),
        ("%PDF-1.7\n%âãÏÓ\n1 0 obj", "no export that is known"),
        ("\0\0\0\0", "is not text"),
        ("<firewall/>", "no export that is known"),
        ("{}", "an object with nothing"),
        ("[]", "a list of 0"),
        ('{"SecurityGroupRules": []}', "'SecurityGroupRules'"),
        ('{"SecurityGroups": []}', "no security group"),
        ('{"SecurityGroups": [{"GroupId": "sg-1"}]}', "IpPermissions"),
        ('{"nftables": 1}', "not a list"),
        ('{"nftables": [{"rule": {"family": "ip"}}]}', r"nftables\[0\]"),
        ('{"nftables": []}', "hook input"),
        ('[{"allowed": [], "denied": []}]', "rule 1"),
        ('[{"allowed": [], "priority": "high"}]', "priority"),
        ("[" * 200_000, "whole JSON"),
        ('{"SecurityGroups": [', "whole JSON"),
        ("54.171.127.192/30 sctp 1\n", "fw:1: protocol 'sctp'"),
        ("54.171.127.192/30\nyes please\n", "fw:2"),
        ("54.171.127.192/33\n", "fw:1"),
        ("54.171.127.192/30 udp 70000\n", "not a port"),
        ("# Generated by ip6tables-save v1.8.9\n*filter\n", "IPv6"),
        ("*filter\n:INPUT DROP [0:0]\n-A INPUT -j ACCEPT\n", "cut off"),
        ("*filter\n:INPUT DROP [0:0]\n-A VOICE -j ACCEPT\nCOMMIT\n", "not declared"),
        ("*filter\n:INPUT DROP [0:0]\nhello\nCOMMIT\n", "fw:3"),
        ("*filter\n:INPUT DROP [0:0]\n-A INPUT -m comment --comment \"x -j DROP\nCOMMIT\n", "quotes"),
        ("*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n", "no chain INPUT"),
        ("table inet filter {\n\tchain input {\n", "closing brace"),
        ("table inet filter {\n\tpolka x\n}\n", "fw:2"),
        ("table inet filter {\n}\n", "hook input"),
        ("x" * (16 * 1024 * 1024 + 1), "at most"),
    ],
)  # fmt: skip
def test_what_is_no_export(text: str, said: str) -> None:
    """It is refused, with what and where; nothing is guessed."""
    with pytest.raises(BrokenExport, match=said):
        read_firewall(text, "fw")


def test_a_format_that_was_named_is_held_to() -> None:
    """An export of another kind than was said is refused."""
    with pytest.raises(BrokenExport, match="of the format gcp"):
        read_firewall(aws(), "fw", format="gcp")
    with pytest.raises(BrokenExport, match="no security group sg-7"):
        read_firewall(aws(), "fw", only=("sg-7",))


def test_a_large_ruleset_is_judged_all_the_same() -> None:
    """Twenty thousand rules before the one that lets it in."""
    rules = [f"-A INPUT -s 10.{at // 250}.{at % 250}.0/24 -j DROP" for at in range(20_000)]
    assert standing(iptables(*rules, f"-A INPUT -s {DUBLIN} -j ACCEPT")).standing is COVERED

"""Scripts of Kamailio and OpenSIPS: what their routes send calls to.

Read are texts in quotes, without comments: SIP URIs and names of the provider anywhere, and addresses where a
destination is set. A destination that is put together when it runs, a list in another file or in a database is told as
unclear. An address in a comparison is no destination.
"""

from __future__ import annotations

import re

from voicedr.program.network.sbc_files.found import Found

LISTED = "destinations of"
"""What a place begins with that leads to a list of destinations."""

_TOKEN = re.compile(
    r"(?P<comment>/\*.*?\*/|//[^\n]*|#(?!!)[^\n]*)|(?P<text>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')|(?P<line>\n)|(?P<other>.)",
    re.DOTALL,
)
_SETS = re.compile(r"\$(?:du|ru|rd|nh\(u\)|dd)\s*=(?!=)\s*(?P<value>[^;]*)")
_RELAY = re.compile(
    r"(?:t_relay_to(?:_udp|_tcp|_tls)?|t_relay|forward(?:_udp|_tcp|_tls)?|rewritehost|sethost|seturi|rewritehostport|sethostport)\s*\((?P<value>[^)]*)\)"
)
_ADDRESS = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_OF_ONE_LINE = re.compile(r"\s*(?:#!|loadmodule|modparam|include_file|import_file|[a-z_]+\s*[=:])")
_INCLUDE = re.compile(r"#!(?:include_file|import_file)|\b(?:include_file|import_file)\b")
_LIST = re.compile(
    r'modparam\s*\(\s*["\'](?P<module>dispatcher|drouting|lcr|carrierroute)["\']\s*,\s*["\'](?P<name>list_file|db_url)["\']\s*,'
)


def is_script(text: str) -> str:
    """``kamailio`` or ``opensips`` if a text looks like a script of it; else empty."""
    if re.search(r"^#!(?:KAMAILIO|SER|ALL|MAXCOMPAT)\b", text, re.MULTILINE):
        return "kamailio"
    if not re.search(r"^\s*(?:loadmodule\b|modparam\s*\(|(?:request_)?route\b[^\n]*\{)", text, re.MULTILINE):
        return ""
    if re.search(r"^\s*request_route\s*\{|^\s*loadmodule\s+\"(?:kex|corex|tmx|pv)\.so\"", text, re.MULTILINE):
        return "kamailio"
    return "opensips"


def read_script(text: str, found: Found) -> None:
    """Take every destination of a script."""
    line, code, first = 1, "", 1
    statements: list[tuple[int, str]] = []
    for token in _TOKEN.finditer(text):
        word = token.group()
        if token.lastgroup == "comment":
            line += word.count("\n")
            continue
        if token.lastgroup == "text":
            found.text(word[1:-1], line)
        if not code.strip():
            first = line
        code += " " if word == "\n" else word
        line += word.count("\n")
        if word in (";", "{", "}") or (word == "\n" and _OF_ONE_LINE.match(code)):
            statements.append((first, code))
            code = ""
    statements.append((first, code))
    for at, one in statements:
        _statement(one, at, found)


def _statement(code: str, line: int, found: Found) -> None:
    if _INCLUDE.search(code):
        found.not_followed(line, "another file is included: check that one, too")
    if listed := _LIST.search(code):
        where = "a file" if listed.group("name") == "list_file" else "a database"
        found.not_followed(line, f"{LISTED} {listed.group('module')} are in {where}: check that, too")
    for setting in (*_SETS.finditer(code), *_RELAY.finditer(code)):
        value = setting.group("value")
        for address in _ADDRESS.findall(value):
            found.host(address, line)
        if _computed(value):
            found.not_followed(line, f"the destination {' '.join(value.split())[:60]!r} is only known when it runs")


def _computed(value: str) -> bool:
    """True for a destination whose host is neither a name of the provider nor an address, but a variable."""
    if "$dd" in value or ".twilio.com" in value or _ADDRESS.search(value):
        return False  # $dd is the host of a destination that was chosen, and told, before.
    return "$" in re.sub(r"\$(?:rU|fU|tU|oU|rp|null)\b", "", value)

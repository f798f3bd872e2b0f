"""``nft list ruleset`` as text: the part of nft(8) that firewalls in front of an SBC are written in.

Read are tables, named sets, base and other chains with their policies, and of rules: ``ip saddr``, ``ip daddr``, ``ip
protocol``, ``meta l4proto``, ``meta nfproto``, ``tcp|udp|th dport``, ``ct state``, ``iif`` and ``iifname``, with single
values, prefixes, ranges, ``{ … }``, ``@set`` and ``!=``; ``counter``, ``log``, ``limit``, ``comment``; ``accept``,
``drop``, ``reject``, ``return``, ``jump`` and ``goto``, and ``ct state vmap { … }``. From the first word of a rule that
is none of these on, the rule is unclear. The JSON of ``nft -j list ruleset`` is the better export.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from voicedr.program.network.exports.nft_tables import NftChain, NftRuleset
from voicedr.program.network.rules import BrokenExport

_TOKEN = re.compile(r'"(?:[^"\n])*"|\\\n|#[^\n]*|[{};,\n]|!=|[^\s{};,"#]+|[ \t\r\f\v]+|.', re.DOTALL)
_HANDLE = re.compile(r"# handle \d+\s*")
_HIDDEN = re.compile(r"#\s*(?:xt_|match |target )")
_SKIPPED = ("map", "flowtable", "counter", "quota", "limit", "secmark", "synproxy", "ct")
_PAYLOADS = {
    ("ip", "saddr"), ("ip", "daddr"), ("ip", "protocol"), ("tcp", "dport"), ("udp", "dport"), ("th", "dport"),
}  # fmt: skip
_METAS = frozenset({"l4proto", "nfproto", "protocol", "iifname", "iif"})
_NEVER = frozenset({"ip6", "icmp", "icmpv6"})


class _Token(NamedTuple):
    word: str
    line: int


class _Text:
    """Tokens, and where one is in them."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self.at = 0
        self.tokens: list[_Token] = []
        self.end = _Token("", 1)
        line = 1
        for found in _TOKEN.finditer(text):
            word = found.group()
            if word.startswith("#"):
                # Older versions show what they do not know as a comment in a rule.
                before = self.tokens[-1] if self.tokens else self.end
                within = before.line == line and before.word not in ("\n", ",", "{", "}")
                if (within and not _HANDLE.fullmatch(word)) or _HIDDEN.match(word):
                    self.tokens.append(_Token("#", line))
            elif not word.startswith("\\") and word.strip(" \t\r\f\v"):
                self.tokens.append(_Token(word, line))
            line += word.count("\n")
        self.end = _Token("", line)

    def look(self) -> _Token:
        """The next one; an empty word at the end."""
        return self.tokens[self.at] if self.at < len(self.tokens) else self.end

    def take(self) -> str:
        """The next word, and go on."""
        token = self.look()
        self.at += 1
        return token.word

    def skip_ends(self) -> None:
        """Go past line ends and semicolons."""
        while self.look().word in ("\n", ";"):
            self.at += 1

    def expect(self, word: str) -> None:
        """Take this word.

        Raises:
            BrokenExport: If it is another.
        """
        token = self.look()
        if self.take() != word:
            raise self.broken(token, f"{word!r} was expected")

    def broken(self, token: _Token, why: str) -> BrokenExport:
        """The error for a place."""
        seen = "the end of the file" if not token.word else repr(token.word[:40])
        return BrokenExport(
            f"{self.name}:{token.line}: {why}, not {seen}. Nothing was judged. Export again: nft -j list ruleset"
        )

    def skip_block(self) -> None:
        """Go past everything up to the brace that closes the one that was just taken."""
        depth = 1
        while depth:
            token = self.look()
            if not token.word:
                raise self.broken(token, "a closing brace was expected")
            depth += (token.word == "{") - (token.word == "}")
            self.at += 1

    def statement(self) -> list[_Token]:
        """The tokens up to the end of a line or a semicolon; braces may go over lines."""
        found: list[_Token] = []
        depth = 0
        while True:
            token = self.look()
            if not token.word:
                raise self.broken(token, "a closing brace was expected")
            if depth == 0 and token.word in ("\n", ";", "}"):
                return found
            depth += (token.word == "{") - (token.word == "}")
            if token.word != "\n":
                found.append(token)
            self.at += 1


def read_nft_text(text: str, name: str) -> NftRuleset:
    """The ruleset.

    Raises:
        BrokenExport: With the line from which on it could not be read.
    """
    words = _Text(text, name)
    ruleset = NftRuleset()
    words.skip_ends()
    while words.look().word:
        token = words.look()
        if token.word == "flush" and [t.word for t in words.statement()] == ["flush", "ruleset"]:
            words.skip_ends()
            continue
        if token.word != "table":
            raise words.broken(token, "a table was expected")
        _table(words, ruleset)
        words.skip_ends()
    return ruleset


def _table(words: _Text, ruleset: NftRuleset) -> None:
    words.expect("table")
    family, table = "ip", words.take()
    if words.look().word not in ("{", ""):
        family, table = table, words.take()
    words.expect("{")
    words.skip_ends()
    while words.look().word != "}":
        token = words.look()
        kind = words.take()
        if kind == "chain":
            _chain(words, ruleset, family, table)
        elif kind == "set":
            _set(words, ruleset, family, table)
        elif kind in _SKIPPED:
            _skip_object(words, ruleset, kind, family, table)
        elif kind in ("comment", "flags"):
            words.statement()
        else:
            raise words.broken(token, "a chain or a set was expected")
        words.skip_ends()
    words.expect("}")


def _skip_object(words: _Text, ruleset: NftRuleset, kind: str, family: str, table: str) -> None:
    named = words.take()
    if kind == "map":
        ruleset.sets.setdefault((family, table), {})[named] = None
    while words.look().word not in ("{", ""):
        words.take()
    words.expect("{")
    words.skip_block()


def _set(words: _Text, ruleset: NftRuleset, family: str, table: str) -> None:
    named = words.take()
    words.expect("{")
    elements: list[Any] | None = []
    words.skip_ends()
    while words.look().word != "}":
        said = words.statement()
        match [token.word for token in said]:
            case ["elements", "=", "{", *inner, "}"]:
                if elements is not None:
                    elements = [_value(one) for one in _split(inner)]
            case ["flags", *flags] if {"dynamic", "timeout"} & set(flags):
                elements = None
            case ["timeout", *_] | ["typeof", *_]:
                elements = None if said[0].word == "timeout" else elements
            case _:
                pass  # type, flags interval, size, comment: they do not change what is in it.
        words.skip_ends()
    words.expect("}")
    ruleset.sets.setdefault((family, table), {})[named] = elements


def _split(inner: list[str]) -> list[list[str]]:
    """Elements between commas, each without what stands behind it: a counter, a comment."""
    parts: list[list[str]] = [[]]
    for word in inner:
        if word == ",":
            parts.append([])
        else:
            parts[-1].append(word)
    return [part for part in parts if part]


def _value(words: list[str]) -> Any:
    if len(words) == 1:
        return _word(words[0])
    if words[1] in ("counter", "comment"):
        return _word(words[0])
    return {"unclear": " ".join(words)}


def _word(word: str) -> Any:
    return word.strip('"')


def _chain(words: _Text, ruleset: NftRuleset, family: str, table: str) -> None:
    chain = NftChain(family, table, words.take())
    words.expect("{")
    words.skip_ends()
    while words.look().word != "}":
        line = words.look().line
        said = [token.word for token in words.statement()]
        match said:
            case ["type", kind, "hook", hook, *_]:
                chain.kind, chain.hook = kind, hook
            case ["policy", policy]:
                chain.policy = policy
            case ["comment", *_] | []:
                pass
            case _:
                chain.rules.append((f"line {line}", _expressions(said)))
        words.skip_ends()
    words.expect("}")
    ruleset.chains.append(chain)


def _expressions(said: list[str]) -> list[dict[str, Any]]:
    """A rule's words as libnftables-json(5) has them; from the first that is not known on, one unclear statement."""
    found: list[dict[str, Any]] = []
    at = 0
    while at < len(said):
        one, at_next = _expression(said, at)
        if one is None:
            found.append({"unclear": " ".join(said[at:])})
            break
        found.append(one)
        at = at_next
    return found


def _expression(said: list[str], at: int) -> tuple[dict[str, Any] | None, int]:
    word, following = said[at], said[at + 1] if at + 1 < len(said) else ""
    if word in ("accept", "drop", "return"):
        return {word: None}, at + 1
    if word == "reject":
        return {word: None}, len(said)
    if word in ("jump", "goto") and following:
        return {word: {"target": following}}, at + 2
    if word == "counter":
        return {word: None}, at + 5 if following == "packets" else at + 1
    if word == "comment":
        return {word: following}, at + 2
    if word == "notrack":
        return {word: None}, at + 1
    if word == "limit" and following == "rate":
        return {word: None}, _behind_limit(said, at + 2)
    if word == "log":
        return {word: None}, _behind_log(said, at + 1)
    if word in _NEVER:
        return _match({"payload": {"protocol": word, "field": following}}, "==", []), len(said)
    if (word, following) in _PAYLOADS:
        return _matched(said, at + 2, {"payload": {"protocol": word, "field": following}})
    if word == "meta" and following in _METAS:
        return _matched(said, at + 2, {"meta": {"key": following}})
    if word in ("iif", "iifname"):
        return _matched(said, at + 1, {"meta": {"key": word}})
    if said[at : at + 4] == ["ct", "state", "vmap", "{"] and "}" in said[at:]:
        end = said.index("}", at)
        pairs = [[one[0], {one[-1]: None}] for one in _split(said[at + 4 : end])]
        return {"vmap": {"key": {"ct": {"key": "state"}}, "data": {"set": pairs}}}, end + 1
    if "vmap" in said[at : at + 4]:
        return None, at
    if word == "ct" and following == "state":
        return _matched(said, at + 2, {"ct": {"key": "state"}})
    return None, at


def _behind_log(said: list[str], at: int) -> int:
    """Where the options of a log statement end; each is a word with a value."""
    while at + 1 < len(said) and said[at] in ("prefix", "level", "flags", "group", "snaplen", "queue-threshold"):
        at += 2
    return at


def _behind_limit(said: list[str], at: int) -> int:
    """Where a limit ends: ``limit rate [over] 10/second [burst 5 packets]``; a rate in bytes has a unit of its own."""
    at += 1 if at < len(said) and said[at] == "over" else 0
    at += 1 if at < len(said) and "/" in said[at] else 2
    return at + 3 if at < len(said) and said[at] == "burst" else at


def _match(left: dict[str, Any], op: str, right: Any) -> dict[str, Any]:
    return {"match": {"left": left, "op": op, "right": right}}


def _matched(said: list[str], at: int, left: dict[str, Any]) -> tuple[dict[str, Any] | None, int]:
    """The operator and the right-hand side from a place on; None if there is no value."""
    op = "=="
    if at < len(said) and said[at] in ("!=", "=="):
        op, at = said[at], at + 1
    if at >= len(said):
        return None, at
    if said[at] == "{":
        if "}" not in said[at:]:
            return None, at
        end = said.index("}", at)
        return _match(left, op, [_value(one) for one in _split(said[at + 1 : end])]), end + 1
    values = [_word(said[at])]
    at += 1
    while at + 1 < len(said) and said[at] == ",":  # ct state established,related
        values.append(_word(said[at + 1]))
        at += 2
    return _match(left, op, values), at

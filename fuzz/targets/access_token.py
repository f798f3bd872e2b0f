"""A token from outside is read or is none; its signature is good only if it is the one that the key makes."""

from __future__ import annotations

import base64
import json

from voicedr.program.readiness.outside.access_token import NoToken, read_access_token
from voicedr.program.vocabulary import IE1, US1
from voicedr.runtime.tokens.access_token import Grant, SigningKey, mint

_SID, _SECRET = "SK" + "1" * 32, "hunter2hunter2"
_KEYS = {US1: (_SID, _SECRET), IE1: ("SK" + "2" * 32, _SECRET)}
_WHOLE = mint(
    Grant("AC" + "0" * 32, "ie1", "ana", "AP" + "3" * 32, "CR" + "4" * 32),
    SigningKey(_SID, _SECRET),
    now_s=1_790_000_000,
    life_s=900,
)


def _part(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _token(claims: str, header: str = '{"alg":"HS256"}') -> bytes:
    return f"{_part(header)}.{_part(claims)}.{_part('x' * 32)}".encode()


SEEDS = [
    _WHOLE.encode(),
    _token(f'{{"iss":"{_SID}","exp":1e308,"nbf":-1,"grants":{{"voice":{{}}}}}}'),
    _token('{"exp":' + "9" * 400 + "}"),
    _token('{"exp":' + "9" * 5000 + "}"),
    _token('{"grants":' + "[" * 2000 + "]" * 2000 + "}"),
    _token('{"iss":"\\ud800","sub":7,"grants":[]}', '{"alg":"none"}'),
    json.dumps({"alg": "HS256"}).encode(),
]


def one(data: bytes) -> None:
    """Read it; and read what stands in it, if it is JSON, as the claims of one."""
    text = data.decode("utf-8", "replace")
    tries = [text]
    if len(data) < 2000:
        tries += [_token(text).decode(), _token(text, text).decode()]
    for one_of_them in tries:
        try:
            token = read_access_token(one_of_them, _KEYS)
        except NoToken as exc:
            assert str(exc)
            parts = [part for part in one_of_them.split(".") if len(part) > 20]
            assert not any(part in str(exc) for part in parts), "a letter of the token is in the message"
            continue
        assert token.region
        if token.signature == "good":
            assert one_of_them.rpartition(".")[0] == _WHOLE.rpartition(".")[0], "nobody signed this"
            assert (token.region, token.issuer) == (IE1, _SID)
        for moment in (token.begins, token.ends):
            assert moment is None or moment == moment

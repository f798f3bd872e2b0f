"""The settings of a token service are read, or every mistake in them is said, without a secret and without an end."""

from __future__ import annotations

from voicedr.runtime.tokens.access_token import LIFE_S_MAX, LIFE_S_MIN
from voicedr.runtime.tokens.settings import SettingsBroken, read_settings

_SECRET = "hunter2hunter2"
_GOOD = """\
account: AC00000000000000000000000000000001
region: us1
context: /var/lib/voicedr/support-app.json
life: 900
per_minute: 30.5
callers: [{name: backend, secret: env:CALLER}]
regions:
  us1:
    application: AP00000000000000000000000000000001
    edges: [ashburn]
    keys: [{sid: SK00000000000000000000000000000001, secret: env:US1}]
  ie1:
    edges: [dublin, frankfurt]
    keys: [{sid: SK00000000000000000000000000000002, secret: "file:/run/ie1"}]
"""
SEEDS = [
    _GOOD.encode(),
    _GOOD.replace("env:US1", _SECRET).encode(),
    _GOOD.replace("life: 900", "life: .inf\nlife_away: 2026-11-21").encode(),
    _GOOD.replace("[ashburn]", "&a [*a]").encode(),
    b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    b"[" * 3000,
    b'"\\x1b[2J": 1\n',
    b"!!python/object:os.system x\n",
    b"per_minute: !!float ._\nlife: !!int 0x\naccount: !!timestamp 2026-99-99\n",
]


def one(data: bytes) -> None:
    """Read them."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    try:
        settings = read_settings(text, "tokens.yaml")
    except SettingsBroken as exc:
        assert exc.problems
        for problem in exc.problems:
            assert problem.startswith("tokens.yaml")
            assert problem.isprintable(), f"a message sends something to the terminal: {problem!r}"
            assert f"secret: {_SECRET}" not in problem
        return
    assert LIFE_S_MIN <= settings.life <= LIFE_S_MAX
    assert settings.region in settings.regions
    for caller in settings.callers:
        assert caller.secret.startswith(("env:", "file:"))

"""Every mistake in the settings is told, none of them with a secret."""

from __future__ import annotations

import pytest

from voicedr.runtime.tokens.settings import SettingsBroken, read_settings

GOOD = """
account: AC00000000000000000000000000000001
region: us1
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


def test_good_settings_are_read() -> None:
    """What stands there, with the defaults of what does not."""
    settings = read_settings(GOOD, "t.yaml")
    assert (settings.life, settings.life_away, settings.per_minute) == (900, 300, 30.0)
    assert settings.regions["ie1"].edges == ("dublin", "frankfurt")
    assert settings.regions["ie1"].application is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("region: us1", "region: au1", "region 'au1' is not under regions"),
        ("AC0", "XX0", "account is no SID"),
        ("AP0", "SK0", "regions.us1.application is no SID"),
        ("secret: env:US1", "secret: hunter2hunter2", "is no reference"),
        ("env:CALLER", "hunter2hunter2", "'backend' is no reference"),
        ("SK00000000000000000000000000000002", "SK00000000000000000000000000000001", "stands twice"),
        ("[ashburn]", "[]", "regions.us1.edges is empty"),
        ("region: us1", "region: us1\nlife: 90000", "life is 90000 s"),
        ("region: us1", "region: us1\nlife: long", "Expected `int`"),
        ("region: us1", "region: us1\nper_minute: 0", "per_minute is 0"),
        ("region: us1", "region: us1\nlive: 5", "unknown field `live`"),
        ("callers: [{name: backend, secret: env:CALLER}]", "callers: []", "callers is empty"),
        ("region: us1", "region: [us1", "t.yaml:4:"),
        ("region: us1", "region: us1\nregion: ie1", "t.yaml:4:"),
    ],
)
def test_a_mistake_is_told(old: str, new: str, told: str) -> None:
    """What is wrong and where; never what may be a secret."""
    with pytest.raises(SettingsBroken) as broken:
        read_settings(GOOD.replace(old, new, 1), "t.yaml")
    assert told in str(broken.value)
    assert "hunter2" not in str(broken.value)


@pytest.mark.parametrize(
    "text",
    ["a: &a [x, x]\nb: &b [*a, *a]\n", "a: &a [*a]\n", "[" * 3000, "", "- 1\n", "life: !!int 0x\n", '"\\x1b[2J": 1\n'],
    ids=["aliases", "itself", "deep", "empty", "list", "tag", "escape"],
)
def test_whatever_stands_there_is_told_and_ends(text: str) -> None:
    """Aliases and depth have an end, and no message has a sign that a terminal would obey."""
    with pytest.raises(SettingsBroken) as broken:
        read_settings(text, "t.yaml")
    assert all(problem.startswith("t.yaml") and problem.isprintable() for problem in broken.value.problems)


def test_every_mistake_is_told_at_once() -> None:
    """Two mistakes, two lines."""
    with pytest.raises(SettingsBroken) as broken:
        read_settings(GOOD.replace("AC0", "XX0").replace("[ashburn]", "[]"), "t.yaml")
    assert len(broken.value.problems) == 2

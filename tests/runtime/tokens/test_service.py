"""Who gets a token of which Region, also while files change and Regions move."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicedr.runtime.references import SecretMissing
from voicedr.runtime.tokens.pace import Paces
from voicedr.runtime.tokens.service import Asked, Minted, Refusal, TokenService
from voicedr.runtime.tokens.settings import SettingsBroken
from voicedr.runtime.tokens.sources import LOOK_EVERY_S, Sources

from .test_access_token import parts
from .test_settings import GOOD


@dataclass
class Desk:
    """A service with a clock, secrets and a context that tests change."""

    path: Path
    now_s: float = 1000.0
    region: str | None = None
    epoch: int = 0

    def __post_init__(self) -> None:
        self.secrets = {"env:CALLER": "caller-secret", "env:US1": "a" * 32, "file:/run/ie1": "b" * 32}
        self.path.write_text(GOOD)
        self.sources = Sources(self.path, lambda: self.now_s, self.secret)
        self.service = TokenService(self.sources, lambda: self, lambda: self.now_s, lambda: self.now_s)

    def secret(self, reference: str) -> str:
        try:
            return self.secrets[reference]
        except KeyError:
            raise SecretMissing(f"the secret {reference} is not there") from None

    def ask(
        self, identity: str = "alice", region: str | None = None, bearer: str = "caller-secret"
    ) -> Minted | Refusal:
        return self.service.answer(Asked(identity, region, bearer))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """At home, in us1."""
    return Desk(tmp_path / "tokens.yaml")


def test_the_active_region_is_where_tokens_lead(desk: Desk) -> None:
    """At home until somebody says otherwise; then there, with that Region's key, app, edges and shorter life."""
    at_home = desk.ask()
    assert isinstance(at_home, Minted)
    assert (at_home.region, at_home.edges, at_home.life_s, at_home.epoch) == ("us1", ("ashburn",), 900, 0)
    desk.region, desk.epoch = "ie1", 7
    away = desk.ask()
    assert isinstance(away, Minted)
    assert (away.region, away.edges, away.life_s, away.epoch) == ("ie1", ("dublin", "frankfurt"), 300, 7)
    header, claims = parts(away.token)
    assert (header["twr"], claims["iss"][-1]) == ("ie1", "2")
    assert "outgoing" not in claims["grants"]["voice"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"bearer": ""}, 401),
        ({"bearer": "caller-secre"}, 401),
        ({"region": "au1"}, 400),
        ({"identity": ""}, 400),
        ({"identity": "a b"}, 400),
        ({"identity": "x" * 122}, 400),
    ],
)
def test_what_is_refused(desk: Desk, asked: dict[str, str], status: int) -> None:
    """Strangers, Regions that are none, identities that are none."""
    answer = desk.ask(**asked)
    assert isinstance(answer, Refusal)
    assert answer.status == status


def test_another_region_is_minted_on_request(desk: Desk) -> None:
    """For rehearsals: the standby's tokens can be had while the primary is active."""
    answer = desk.ask(region="ie1")
    assert isinstance(answer, Minted)
    assert answer.region == "ie1"


def test_an_unknown_active_region_mints_nothing(desk: Desk) -> None:
    """The context names a Region that the settings do not have: 503, and not ready."""
    desk.region = "au1"
    answer = desk.ask()
    assert isinstance(answer, Refusal)
    assert answer.status == 503
    region, _, problems = desk.service.stands()
    assert region is None
    assert "au1 is not under regions" in problems[0]


def test_a_key_is_rotated_without_a_gap(desk: Desk) -> None:
    """The new key signs as soon as it stands first; while its secret is missing, the next one does."""
    new = "{sid: SK00000000000000000000000000000009, secret: env:NEW}"
    desk.path.write_text(
        GOOD.replace(
            "keys: [{sid: SK00000000000000000000000000000001",
            f"keys: [{new}, {{sid: SK00000000000000000000000000000001",
        )
    )
    assert _signer(desk) == "1", "looked at every few seconds only"
    desk.now_s += LOOK_EVERY_S
    assert _signer(desk) == "1"
    assert "env:NEW" in desk.service.stands()[2][0]
    desk.secrets["env:NEW"] = "c" * 32
    desk.now_s += LOOK_EVERY_S
    assert _signer(desk) == "9"
    assert desk.service.stands() == ("us1", 0, [])


def test_what_breaks_while_it_runs_changes_nothing(desk: Desk) -> None:
    """A settings file or a secret that is gone: tokens as before, and the problem is told."""
    assert _signer(desk) == "1"
    desk.path.write_text("account: [")
    desk.secrets.clear()
    desk.now_s += LOOK_EVERY_S
    assert _signer(desk) == "1"
    region, _, problems = desk.service.stands()
    assert region == "us1"
    assert any("what was read before holds" in line for line in problems)
    assert any("env:US1" in line for line in problems)


def test_a_broken_file_at_the_start_starts_nothing(tmp_path: Path) -> None:
    """No file, no text, too much of it: said, and no service."""
    for content in (None, b"\xff\xfe", b"# " + b"x" * 300_000):
        path = tmp_path / "broken.yaml"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(SettingsBroken, match=r"broken\.yaml"):
            Sources(path, lambda: 0.0)


def test_an_identity_that_asks_too_often_waits(desk: Desk) -> None:
    """A quarter of a minute's share at once, then one every two seconds; others are not touched."""
    at_once = 0
    while isinstance(answer := desk.ask(), Minted):
        at_once += 1
    assert at_once == 7
    assert (answer.status, answer.wait_s is not None) == (429, True)
    assert isinstance(desk.ask("bob"), Minted)
    desk.now_s += 2.0
    assert isinstance(desk.ask(), Minted)


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.floats(0, 20)), max_size=200))
def test_nobody_goes_faster_than_the_pace(asks: list[tuple[str, float]]) -> None:
    """In any minute, at most the share of a minute and what may come at once; and the memory is bounded."""
    paces, now_s = Paces(12.0, names_max=5), 0.0
    let: dict[str, list[float]] = {}
    for name, wait_s in asks:
        now_s += wait_s
        if paces.wait_s(name, now_s) == 0.0:
            let.setdefault(name, []).append(now_s)
        assert len(paces) <= 6
    one = Paces(12.0)
    times = [at for at in sorted(t for ts in let.values() for t in ts) if one.wait_s("x", at) == 0.0]
    for at in times:
        assert sum(at <= other < at + 60.0 for other in times) <= 12 + 3 + 1


def _signer(desk: Desk) -> str:
    answer = desk.ask(f"id{desk.now_s}")
    assert isinstance(answer, Minted)
    return str(parts(answer.token)[1]["iss"][-1])

"""A bag is opened only if it is whole, signed by somebody who is known here, and in time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bag_scene import KEY, NOW, OTHER_KEY, PEM, VALID, MadeBag, made_bag
from ssh_keys import Laptop, laptop
from voicedr.adapters.machine_key import public_pem
from voicedr.adapters.signatures import SshSignatures
from voicedr.program.bag.contents import CONTENTS, SIGNATURE, VOUCHED, fingerprint
from voicedr.program.bag.contents import KEY as KEY_FILE
from voicedr.program.bag.errors import BagBroken, BagError, BagExpired, BagUntrusted, BagVersion
from voicedr.usecases.check_bag import Known, fingerprint_given


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeBag:
    """One bag for all."""
    return made_bag(tmp_path_factory.mktemp("bag"))


@pytest.fixture(scope="module")
def ana(tmp_path_factory: pytest.TempPathFactory) -> Laptop:
    """Ana's laptop, with a key."""
    return laptop(tmp_path_factory.mktemp("ana") / "home")


def test_a_good_bag_opens_and_says_who_vouches_for_it(made: MadeBag) -> None:
    """By the beginning of the fingerprint that is on paper."""
    bag = made.open()
    assert bag.contents == made.contents
    assert fingerprint(PEM)[:8] in bag.vouched_by
    assert bag.key == fingerprint(PEM)


def test_every_way_of_not_being_that_bag_is_refused_with_its_own_message(made: MadeBag) -> None:
    """Edited, cut, added to, unsigned, of another version, expired, from the future, by an unknown key."""

    def edited(members: dict[str, bytes]) -> None:
        members["workbook/voicedr.yaml"] = b"voicedr: 1 # changed\n"

    def missing(members: dict[str, bytes]) -> None:
        del members["hosts.json"]

    def more(members: dict[str, bytes]) -> None:
        members["plans/other.json"] = b"{}"

    def unsigned(members: dict[str, bytes]) -> None:
        del members[SIGNATURE]

    def other_key(members: dict[str, bytes]) -> None:
        members[KEY_FILE] = public_pem(OTHER_KEY).encode()

    def no_table(members: dict[str, bytes]) -> None:
        del members[CONTENTS]

    late, early = NOW + VALID, NOW - timedelta(minutes=11)
    cases: list[tuple[type[BagError], str, bytes, object]] = [
        (BagBroken, "workbook/voicedr.yaml in it was changed", made.changed(edited), NOW),
        (BagBroken, "hosts.json is missing", made.changed(missing), NOW),
        (BagBroken, "plans/other.json was added", made.changed(more), NOW),
        (BagBroken, "not signed with the key in it", made.changed(unsigned), NOW),
        (BagBroken, "key.pem in it was changed", made.changed(other_key), NOW),
        (BagBroken, "has no contents.json", made.changed(no_table), NOW),
        (BagBroken, "not signed with the key in it", made.with_contents(OTHER_KEY, made_by="me"), NOW),
        (BagBroken, "not a whole ZIP archive", made.body[: len(made.body) // 2], NOW),
        (BagVersion, "version 2, and this release reads version 1", made.with_contents(voicedr_bag=2), NOW),
        (BagExpired, "it expired at 2026-01-31 00:00:00 UTC; its facts are 720 h old", made.body, late),
        (BagExpired, "one of the clocks is wrong", made.body, early),
        (BagExpired, "more than 2160h", made.with_contents(expires_at="2027-01-01T00:00:00Z"), NOW),
    ]  # fmt: skip
    for kind, words, body, now in cases:
        with pytest.raises(kind) as refused:
            made.open(body, now=now)  # type: ignore[arg-type]
        assert words in " ".join(str(refused.value).split()), words
        assert type(refused.value) is kind


def test_a_whole_bag_of_an_unknown_maker_is_refused_with_the_fingerprint_to_compare(made: MadeBag) -> None:
    """It is not enough that it is signed: whoever can edit a bag can sign it."""
    for known in (Known(), Known((fingerprint(public_pem(OTHER_KEY).encode()),))):
        with pytest.raises(BagUntrusted, match="nobody here knows") as refused:
            made.open(known=known)
        assert fingerprint(PEM)[:8] in str(refused.value)
        assert f"--trust {fingerprint(PEM)[:16]}" in str(refused.value)


def test_a_bag_may_be_opened_one_second_before_it_expires(made: MadeBag) -> None:
    """The time box has an exact end."""
    assert made.open(now=NOW + VALID - timedelta(seconds=1)).contents.expires_at == NOW + VALID


def test_a_person_may_vouch_for_it_and_is_believed_by_our_list_and_not_by_the_bags_own(
    ana: Laptop, tmp_path: Path
) -> None:
    """Without our list the machine's key decides; with a list that has another key for her, it is refused."""
    line = f"ana {ana.public}\n"
    made = made_bag(tmp_path, vouch=ana.sign, signers=line.encode())
    (tmp_path / "ours").write_text(line)
    theirs = laptop(tmp_path / "ben")
    (tmp_path / "others").write_text(f"ana {theirs.public}\n")
    bag = made.open(known=Known((), SshSignatures(tmp_path / "ours")))
    assert bag.vouched_by.startswith("ana's key ed25519 SHA256:")
    with pytest.raises(BagUntrusted, match="--signers FILE names a list"):
        made.open(known=Known())
    with pytest.raises(BagUntrusted, match="the signature of ana in it does not hold here"):
        made.open(known=Known((fingerprint(PEM),), SshSignatures(tmp_path / "others")))

    def of_another(members: dict[str, bytes]) -> None:
        text = members[VOUCHED].decode()
        members[VOUCHED] = text.replace(text.split("contents: ")[1][:4], "0000", 1).encode()

    with pytest.raises(BagBroken, match="ana signed another bag"):
        made.open(made.changed(of_another))


def test_equal_input_gives_equal_bytes(tmp_path: Path, made: MadeBag) -> None:
    """On another disk, by the same key, of the same facts."""
    (tmp_path / "again").mkdir()
    assert made_bag(tmp_path / "again").body == made.body
    assert KEY.sign(b"x") == KEY.sign(b"x")


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("0123 4567 89ab cdef", "0123456789abcdef"), ("sha256:0123456789ABCDEF", "0123456789abcdef"),
        ("0123456789abcde", None), ("0123456789abcdeg", None), ("0" * 65, None), ("", None),
    ],
)  # fmt: skip
def test_a_fingerprint_is_taken_as_people_type_it(text: str, digits: str | None) -> None:
    """In groups, in capitals; too short is none."""
    assert fingerprint_given(text) == digits

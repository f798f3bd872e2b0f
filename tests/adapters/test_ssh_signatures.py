"""OpenSSH's own program says whether a signature holds, and whose it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from ssh_keys import Laptop, laptop, ssh_keygen
from voicedr.adapters.signatures import SshSignatures
from voicedr.ports.signatures import SignatureRefused, SignaturesUnusable

STATEMENT = "voicedr approval 1\nplan: 12\n"


class Office(NamedTuple):
    """Two people with laptops, and the list that knows their keys."""

    ruiz: Laptop
    chen: Laptop
    signers: Path
    signatures: SshSignatures


@pytest.fixture(scope="module")
def laptops(tmp_path_factory: pytest.TempPathFactory) -> tuple[Laptop, Laptop]:
    """Keys are made once."""
    homes = tmp_path_factory.mktemp("homes")
    return laptop(homes / "ruiz"), laptop(homes / "chen")


@pytest.fixture
def office(laptops: tuple[Laptop, Laptop], tmp_path: Path) -> Office:
    """The list has both."""
    ruiz, chen = laptops
    signers = tmp_path / "allowed_signers"
    signers.write_text(f"# who may approve\n\nruiz {ruiz.public}\nchen {chen.public}\n")
    return Office(ruiz, chen, signers, SshSignatures(signers))


def test_a_signature_made_on_another_machine_verifies_here(office: Office) -> None:
    """Another home, another key, no network: the text and the signature are all that travels."""
    key = office.signatures.verify(STATEMENT, office.ruiz.sign(STATEMENT), "ruiz")
    assert key.kind == "ed25519"
    assert key.fingerprint.startswith("SHA256:")
    assert str(key) == f"ed25519 {key.fingerprint}"


def test_a_pasted_signature_may_have_other_line_ends(office: Office) -> None:
    """A chat adds blanks and carriage returns to what is pasted; the signature itself is the same."""
    pasted = "\r\n " + office.ruiz.sign(STATEMENT).replace("\n", " \r\n") + "\r\n"
    assert office.signatures.verify(STATEMENT, pasted, "ruiz").kind == "ed25519"


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_every_usual_kind_of_key_signs_and_is_verified(kind: str, tmp_path: Path) -> None:
    """Signed by our adapter this time; the kind is told, and no file is left beside the key."""
    theirs = laptop(tmp_path / "home", kind)
    signers = tmp_path / "allowed_signers"
    signers.write_text(f'ruiz namespaces="voicedr-approval" {theirs.public}\n')
    signatures = SshSignatures(signers)
    signature = signatures.sign(STATEMENT, str(theirs.key))
    assert signatures.verify(STATEMENT, signature, "ruiz").kind == kind
    assert len(list(theirs.key.parent.iterdir())) == 2


REFUSED: dict[str, tuple[Callable[[Office], tuple[str, str, str]], str]] = {
    "one character of the statement changed": (
        lambda office: (STATEMENT.replace("12", "13"), office.ruiz.sign(STATEMENT), "ruiz"),
        "does not fit the statement",
    ),
    "line ends of the statement changed": (
        lambda office: (STATEMENT.replace("\n", "\r\n"), office.ruiz.sign(STATEMENT), "ruiz"),
        "does not fit the statement",
    ),
    "signed for another purpose": (
        lambda office: (STATEMENT, office.ruiz.sign(STATEMENT, "git"), "ruiz"),
        "another purpose",
    ),
    "somebody else's key": (
        lambda office: (STATEMENT, office.chen.sign(STATEMENT), "ruiz"),
        'which is not one that "ruiz" may use',
    ),
    "a person who is not in the list": (
        lambda office: (STATEMENT, office.ruiz.sign(STATEMENT), "patel"),
        '"patel" has no key',
    ),
    "no signature at all": (lambda _: (STATEMENT, "approved!", "ruiz"), "this is no signature"),
    "a public key": (lambda office: (STATEMENT, office.ruiz.public, "ruiz"), "this is no signature"),
    "a signature cut short": (
        lambda office: (STATEMENT, "\n".join(office.ruiz.sign(STATEMENT).splitlines()[:-2]), "ruiz"),
        "this is no signature",
    ),
    "a signature without its middle": (
        lambda office: (STATEMENT, "\n".join(_without_second(office.ruiz.sign(STATEMENT))), "ruiz"),
        "does not fit the statement",
    ),
    "signs that are not Base64": (
        lambda office: (STATEMENT, office.ruiz.sign(STATEMENT).replace("U1NIU0lH", "…"), "ruiz"),
        "not Base64",
    ),
    "far too long": (lambda office: (STATEMENT, office.ruiz.sign(STATEMENT) + "x" * 20_000, "ruiz"), "no signature"),
}


def _without_second(signature: str) -> list[str]:
    lines = signature.splitlines()
    return lines[:1] + lines[2:]


@pytest.mark.parametrize("misuse", REFUSED)
def test_each_misuse_is_refused_in_words(misuse: str, office: Office) -> None:
    """What does not show that this person signed this text is refused, and no key is in the message."""
    make, words = REFUSED[misuse]
    statement, signature, principal = make(office)
    with pytest.raises(SignatureRefused) as refused:
        office.signatures.verify(statement, signature, principal)
    assert words in str(refused.value)
    assert "AAAA" not in str(refused.value)


def test_a_person_taken_out_of_the_list_is_out(office: Office) -> None:
    """The list is read at each look: a signature that held a moment ago does not any more."""
    signature = office.ruiz.sign(STATEMENT)
    assert office.signatures.verify(STATEMENT, signature, "ruiz")
    office.signers.write_text(f"chen {office.chen.public}\n")
    with pytest.raises(SignatureRefused, match=r'"ruiz" has no key in .* \(any more\)'):
        office.signatures.verify(STATEMENT, signature, "ruiz")


def test_a_key_whose_time_is_over_is_refused(office: Office) -> None:
    """``valid-before`` of the list is obeyed."""
    office.signers.write_text(f'ruiz valid-before="20200101Z" {office.ruiz.public}\n')
    with pytest.raises(SignatureRefused, match="its time is over"):
        office.signatures.verify(STATEMENT, office.ruiz.sign(STATEMENT), "ruiz")


LISTS = {
    "a pattern": ("* {ruiz}", "id of one person"),
    "a pattern that excludes": ("!chen,* {ruiz}", "id of one person"),
    "two people on a line": ("ruiz,chen {ruiz}", "id of one person"),
    "one key for two people": ("ruiz {ruiz}\nchen {ruiz}", "line 2: this key is on line 1 already"),
    "an authority": ("ruiz cert-authority {ruiz}", "cert-authority is not taken"),
    "an authority among options": ('ruiz namespaces="voicedr-approval",cert-authority {ruiz}', "cert-authority"),
    "no key": ("ruiz", "no key that can be read"),
    "a public key alone": ("{ruiz}", "no key that can be read"),
}


@pytest.mark.parametrize("mistake", LISTS)
def test_a_list_by_which_one_key_speaks_for_several_is_not_used(mistake: str, office: Office) -> None:
    """Nobody could say whose approval it is, so nothing is verified by it; the line is named."""
    text, words = LISTS[mistake]
    office.signers.write_text(text.format(ruiz=office.ruiz.public))
    with pytest.raises(SignaturesUnusable) as unusable:
        office.signatures.verify(STATEMENT, office.ruiz.sign(STATEMENT), "ruiz")
    assert words in str(unusable.value)
    assert "line" in str(unusable.value)


def test_a_list_that_is_not_there_verifies_nothing(office: Office) -> None:
    """It is named, with the key of the workbook that names it."""
    signature = office.ruiz.sign(STATEMENT)
    office.signers.unlink()
    with pytest.raises(SignaturesUnusable, match=r"No such file.*approvals\.allowed_signers"):
        office.signatures.verify(STATEMENT, signature, "ruiz")


def test_without_openssh_it_is_named_with_the_command_that_gets_it(office: Office) -> None:
    """Neither signed nor checked."""
    nobody = SshSignatures(office.signers, program="ssh-keygen-that-is-not-there")
    with pytest.raises(SignaturesUnusable, match="apt-get install openssh-client"):
        nobody.sign(STATEMENT, str(office.ruiz.key))
    with pytest.raises(SignaturesUnusable, match="apt-get install openssh-client"):
        nobody.verify(STATEMENT, office.ruiz.sign(STATEMENT), "ruiz")


def test_a_key_that_cannot_sign_is_told_without_showing_it(office: Office, tmp_path: Path) -> None:
    """Not there, not a key, open to everybody: which file, and what is wrong with it."""
    assert ssh_keygen()
    with pytest.raises(SignaturesUnusable, match="is not a file"):
        office.signatures.sign(STATEMENT, str(tmp_path / "none"))
    (tmp_path / "junk").write_text("hunter2")
    (tmp_path / "open").write_text(office.ruiz.key.read_text())
    (tmp_path / "open").chmod(0o644)
    for name in ("junk", "open"):
        with pytest.raises(SignaturesUnusable, match=f"{name} did not sign") as unusable:
            office.signatures.sign(STATEMENT, str(tmp_path / name))
        assert "hunter2" not in str(unusable.value)
        assert "OPENSSH" not in str(unusable.value)

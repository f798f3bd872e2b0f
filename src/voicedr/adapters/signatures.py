"""Signatures by OpenSSH: the keys that people have already, checked without a network by ``ssh-keygen -Y``.

The list of signers is OpenSSH's file of allowed signers, one key a line: ``ruiz ssh-ed25519 AAAA…``. It is read anew at
each look, so whoever is taken out of it is out. What would let one key speak for several people is not taken: patterns,
authorities that sign other keys, and the same key twice.

Source: https://man.openbsd.org/ssh-keygen.1 (``-Y sign``, ``-Y verify``, ALLOWED SIGNERS; read 2026-11-21).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from voicedr.ports.signatures import SignatureRefused, SignaturesUnusable, SigningKey

NAMESPACE = "voicedr-approval"
"""A signature made for anything else (a commit, a file) is not an approval."""

VERIFY_S_MAX = 10.0
SIGN_S_MAX = 120.0
"""Somebody may have to type a passphrase, or touch a security key."""

SIGNATURE_BYTES_MAX = 16 * 1024
"""An RSA key of 16384 bits, the longest there is, makes a signature of 6 kB as text."""

SIGNERS_BYTES_MAX = 256 * 1024

_GOOD = re.compile(r'Good "[^"]*" signature .*?with ([A-Za-z0-9-]+) key (SHA256:[A-Za-z0-9+/=]+)')
_KEY_KIND = re.compile(r"(ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+")
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"


class SshSignatures:
    """Signs and verifies with ``ssh-keygen``, by one file of allowed signers.

    ``as_of``: keys are taken as they were valid then, by the file's ``valid-after`` and ``valid-before``; None: now.
    """

    def __init__(self, allowed_signers: Path, *, program: str = "ssh-keygen", as_of: datetime | None = None) -> None:
        self._signers = allowed_signers
        self._program = program
        self._when = [] if as_of is None else ["-O", f"verify-time={as_of.astimezone(UTC):%Y%m%d%H%M%SZ}"]

    def sign(self, statement: str, key: str) -> str:
        """See the port. A passphrase is asked for on the terminal by ``ssh-keygen`` itself."""
        path = Path(key).expanduser()
        if not path.is_file():
            raise SignaturesUnusable(f"the key {key} is not a file. Name the private key: --key ~/.ssh/id_ed25519.")
        with tempfile.TemporaryDirectory(prefix="voicedr-sign-") as folder:
            message = Path(folder) / "statement"
            message.write_bytes(statement.encode())
            arguments = ["-Y", "sign", "-f", str(path.resolve()), "-n", NAMESPACE, str(message)]
            ended = self._run(arguments, None, SIGN_S_MAX)
            made = message.with_name("statement.sig")
            if ended.returncode != 0 or not made.is_file():
                raise SignaturesUnusable(
                    f"the key {key} did not sign: {_words(ended)}. Nothing was approved. Look at the file, its"
                    " permissions (0600) and its passphrase."
                )
            return made.read_text(encoding="ascii")

    def verify(self, statement: str, signature: str, principal: str) -> SigningKey:
        """See the port. First whether the signature fits the text at all, then whose key made it."""
        armor = _armor(signature)
        signers = self._allowed()
        with tempfile.TemporaryDirectory(prefix="voicedr-verify-") as folder:
            file = Path(folder) / "signature"
            file.write_text(armor, encoding="ascii")
            common = ["-n", NAMESPACE, "-s", str(file)]
            fits = self._run(["-Y", "check-novalidate", *common], statement, VERIFY_S_MAX)
            made_by = _GOOD.search(fits.stdout)
            if fits.returncode != 0 or made_by is None:
                raise SignatureRefused(
                    f"the signature does not fit the statement ({_words(fits)}): one of them was changed, or it was"
                    f' made for another statement or for another purpose than "{NAMESPACE}". Sign the statement again.'
                )
            key = SigningKey(made_by[1].lower(), made_by[2])
            # What was read and judged is what is verified against, whatever happens to the file meanwhile.
            judged = Path(folder) / "allowed_signers"
            judged.write_text(signers, encoding="utf-8")
            arguments = ["-Y", "verify", *self._when, "-f", str(judged), "-I", principal, *common]
            theirs = self._run(arguments, statement, VERIFY_S_MAX)
            again = _GOOD.search(theirs.stdout)
            if theirs.returncode != 0 or again is None or again[2] != key.fingerprint:
                raise SignatureRefused(f"it was signed with the key {key}, {self._not_theirs(signers, principal)}")
            return key

    def _not_theirs(self, signers: str, principal: str) -> str:
        if principal not in _principals(signers):
            return (
                f'and "{principal}" has no key in {self._signers} (any more). Who may approve is decided there;'
                " ask whoever keeps that file."
            )
        return (
            f'which is not one that "{principal}" may use now by {self._signers}: it is another\'s, or its time is'
            " over. Sign with the key that is in the file, or ask whoever keeps that file."
        )

    def _allowed(self) -> str:
        try:
            with self._signers.open("rb") as file:
                body = file.read(SIGNERS_BYTES_MAX + 1)
            if len(body) > SIGNERS_BYTES_MAX:
                raise SignaturesUnusable(
                    f"{self._signers} has more than {SIGNERS_BYTES_MAX} bytes, so it is no list of signers. Look at"
                    " approvals.allowed_signers in the workbook."
                )
            text = body.decode()
        except OSError as exc:
            raise SignaturesUnusable(
                f"the list of signers {self._signers} cannot be read ({exc.strerror}), so no signature can be checked."
                " Put it there, or correct approvals.allowed_signers in the workbook."
            ) from exc
        except UnicodeDecodeError as exc:
            raise SignaturesUnusable(f"{self._signers} is not UTF-8 text (byte {exc.start}). Save it as such.") from exc
        _judge(text, self._signers)
        return text

    def _run(self, arguments: list[str], stdin: str | None, seconds: float) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        terminal = stdin is None and sys.stdin is not None and sys.stdin.isatty()
        try:
            return subprocess.run(  # noqa: S603 - no shell; what is run is named here
                [self._program, *arguments],
                input=stdin,
                stdin=None if terminal or stdin is not None else subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=seconds,
                env=kept | {"LC_ALL": "C"},
                check=False,
            )
        except FileNotFoundError as exc:
            raise SignaturesUnusable(
                f"{self._program} is not installed, so approvals can be neither signed nor checked."
                " Install it: apt-get install openssh-client"
            ) from exc
        except subprocess.TimeoutExpired as exc:
            raise SignaturesUnusable(
                f"{self._program} did not end within {seconds:g} s and was stopped. Nothing was approved; try again."
            ) from exc
        except OSError as exc:
            raise SignaturesUnusable(f"{self._program} cannot be run ({exc.strerror}). Look at it.") from exc


_ENVIRONMENT = ("PATH", "HOME", "TERM", "TZ", "SSH_AUTH_SOCK", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "DISPLAY")
"""What ``ssh-keygen`` needs to find an agent and to ask for a passphrase; nothing else of ours is handed on."""


def _armor(signature: str) -> str:
    """The signature as ``ssh-keygen`` writes it: pasting adds blanks and changes the ends of lines."""
    lines = [line.strip() for line in signature[: SIGNATURE_BYTES_MAX + 1].strip().splitlines()]
    if len(signature) > SIGNATURE_BYTES_MAX or len(lines) < 3 or (lines[0], lines[-1]) != (_BEGIN, _END):
        raise SignatureRefused(
            f'this is no signature: it must begin with the line "{_BEGIN}" and end with "{_END}".'
            f" It is what this writes: ssh-keygen -Y sign -n {NAMESPACE} -f KEY FILE"
        )
    if not all(re.fullmatch(r"[A-Za-z0-9+/=]+", line) for line in lines[1:-1]):
        raise SignatureRefused("the signature has characters that are not Base64. Paste it again, whole and unchanged.")
    return "\n".join(lines) + "\n"


def _lines(signers: str) -> list[tuple[int, str]]:
    numbered = [(number, line.strip()) for number, line in enumerate(signers.splitlines(), 1)]
    return [(number, line) for number, line in numbered if line and not line.startswith("#")]


def _principals(signers: str) -> set[str]:
    return {name for _, line in _lines(signers) for name in line.split()[0].strip('"').split(",")}


def _judge(signers: str, path: Path) -> None:
    """Refuse what would let one key speak for several people, or a list nobody can read.

    Raises:
        SignaturesUnusable: With the line.
    """
    seen: dict[str, int] = {}
    for number, line in _lines(signers):
        principals, *words = line.split()
        where = f"{path}, line {number}"
        if not re.fullmatch(r'"?[A-Za-z0-9][A-Za-z0-9._@+-]*"?', principals):
            raise SignaturesUnusable(
                f"{where}: a line begins with the id of one person of the workbook, without patterns and commas, or a"
                " key would speak for several people. Write one line for each person."
            )
        options = [] if words and _KEY_KIND.fullmatch(words[0]) else words[:1]
        kind_and_key = words[len(options) : len(options) + 2]
        if any("cert-authority" in option.lower() for option in options):
            raise SignaturesUnusable(
                f"{where}: cert-authority is not taken, because a key that it signs is not in this file, and so cannot"
                " be taken out of it. Put each person's own key."
            )
        if len(kind_and_key) < 2 or not _KEY_KIND.fullmatch(kind_and_key[0]) or "-cert-" in kind_and_key[0]:
            raise SignaturesUnusable(
                f"{where}: there is no key that can be read. A line is: ID ssh-ed25519 AAAA…, as in the .pub file,"
                ' with options between the two, in one word, if any (valid-before="20270101Z").'
            )
        first = seen.setdefault(kind_and_key[1], number)
        if first != number:
            raise SignaturesUnusable(
                f"{where}: this key is on line {first} already. A key is one person's; take one of the lines out."
            )


def _words(ended: subprocess.CompletedProcess[str]) -> str:
    """What ``ssh-keygen`` said, on one line, without its frames of signs."""
    said = [line.strip() for line in f"{ended.stderr}\n{ended.stdout}".splitlines()]
    told = [
        line.rstrip(".") for line in said if line and not line.startswith(("@", "Signing file", "Could not verify"))
    ]
    words = "; ".join(told) or f"ssh-keygen ended with {ended.returncode}"
    return "".join(character if character.isprintable() else "·" for character in words)[:300]

"""A bag made from the small account of ``scenes.py``, by a machine's key of the test's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scenes import NOW, Scene, account_values, snapshot_of
from voicedr.adapters.machine_key import public_pem, signed_with
from voicedr.program.bag.archive import read_archive, write_archive
from voicedr.program.bag.contents import CONTENTS, SIGNATURE, Contents, fingerprint
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.scope.workbook import Person, Workbook
from voicedr.usecases.check_bag import Bag, Known, open_bag
from voicedr.usecases.make_bag import Maker, Papers, make_bag

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
PEM = public_pem(KEY).encode()
PEOPLE = (Person("ana", "Ana", ("lead",)), Person("ben", "Ben", ("director",), "+14155559001"))
VALID = timedelta(days=30)


@dataclass
class MadeBag:
    """A bag, and what it was made of."""

    workbook: Workbook
    snapshot: Snapshot
    body: bytes
    contents: Contents

    def open(self, body: bytes | None = None, *, known: Known | None = None, now: datetime = NOW) -> Bag:
        """Open these bytes, or the bag's own, as a machine that knows the maker's key."""
        return open_bag(self.body if body is None else body, known or Known((fingerprint(PEM)[:16],)), signed_with, now)

    def changed(self, change: Callable[[dict[str, bytes]], None]) -> bytes:
        """Its bytes with other members, packed as bags are."""
        members = read_archive(self.body)
        change(members)
        return write_archive(members)

    def with_contents(self, key: Ed25519PrivateKey = KEY, **changes: object) -> bytes:
        """Its bytes with another table of contents, signed anew."""

        def change(members: dict[str, bytes]) -> None:
            table = msgspec.json.decode(members[CONTENTS]) | changes
            members[CONTENTS] = msgspec.json.encode(table)
            members[SIGNATURE] = key.sign(members[CONTENTS])

        return self.changed(change)


def made_bag(folder: Path, *, vouch: Callable[[str], str] | None = None, signers: bytes | None = None) -> MadeBag:
    """A bag for a flow of three numbers."""
    scene = Scene(folder, {"canary": 1, "rest": 2})
    scene.journal.close()
    workbook = Workbook(account_values(), PEOPLE, (scene.flow,), "voicedr.yaml")
    snapshot = snapshot_of(scene.account, scene.flow)
    maker = Maker("ana@laptop", "0.1", PEM, KEY.sign, None if vouch is None else "ana", vouch)
    papers = Papers(b"voicedr: 1\n", None if signers is None else ("allowed_signers", signers))
    body, contents = make_bag(
        workbook, workbook.flows, snapshot, papers, {"routes.dublin.ie1.twilio.com": ("192.0.2.7",)}, maker, NOW,
        NOW + VALID,
    )  # fmt: skip
    return MadeBag(workbook, snapshot, body, contents)

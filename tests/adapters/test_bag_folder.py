"""A bag's file and its folder: whole or not at all, and never another bag's."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from voicedr.adapters.bag_folder import FolderUnusable, read_bag, run_folder, write_bag

FILES = {"voicedr.yaml": b"voicedr: 1\n", "keys/allowed_signers": b"ruiz ssh-ed25519 A\n"}
ONE, OTHER = "1" * 64, "2" * 64


def test_a_bag_is_its_owners_and_replaced_in_one_step(tmp_path: Path) -> None:
    """Nothing is left beside it; a place that cannot be written is said, and what was there stays."""
    place = tmp_path / "go.zip"
    write_bag(place, b"one")
    write_bag(place, b"two")
    assert read_bag(place) == b"two"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["go.zip"]
    with pytest.raises(FolderUnusable, match="cannot be written"):
        write_bag(tmp_path / "no" / "go.zip", b"three")
    with pytest.raises(FolderUnusable, match="cannot be read"):
        read_bag(tmp_path / "none.zip")


def test_the_folder_of_a_run_is_made_once_and_kept(tmp_path: Path) -> None:
    """Twice is once; another bag, a file that was changed and a folder of somebody else's are refused."""
    folder = tmp_path / "go.run"
    assert run_folder(folder, ONE, FILES) == folder
    (folder / "journal.db").write_bytes(b"kept")
    run_folder(folder, ONE, FILES)
    assert (folder / "keys" / "allowed_signers").read_bytes() == FILES["keys/allowed_signers"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with pytest.raises(FolderUnusable, match="belongs to another bag"):
        run_folder(folder, OTHER, FILES)
    (folder / "voicedr.yaml").write_bytes(b"voicedr: 1 # edited\n")
    with pytest.raises(FolderUnusable, match="not what the bag holds"):
        run_folder(folder, ONE, FILES)
    with pytest.raises(FolderUnusable, match="is not a bag's folder"):
        run_folder(tmp_path, ONE, FILES)
    assert (folder / "journal.db").read_bytes() == b"kept"


def test_no_file_leads_out_of_the_folder(tmp_path: Path) -> None:
    """Whatever a table of contents may say."""
    for path in ("../out", "/tmp/out", "a/../../out"):
        with pytest.raises(FolderUnusable, match="leads out"):
            run_folder(tmp_path / "go.run", ONE, {path: b"x"})
    assert not (tmp_path / "out").exists()

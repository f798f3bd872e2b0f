"""A twin is made of an account that is only known through its API, by the program, over sockets."""

from __future__ import annotations

from pathlib import Path

import pytest

from real_stage import real_stage
from running_twin import running_twin

pytestmark = pytest.mark.slow


def test_an_account_is_read_and_a_twin_is_made_of_it(tmp_path: Path) -> None:
    """The copy has the account's numbers and routes; the account is as it was; a file that is there is kept."""
    with real_stage(tmp_path) as stage:
        before = stage.twin.control("GET", "/_twin/state")
        done = stage.voicedr("twin", "import", "copy.json")
        assert done.code == 0, done.err
        assert "voicedr twin up --account copy.json" in done.out
        after = stage.twin.control("GET", "/_twin/state")
        assert (after["routes"], after["regions"]) == (before["routes"], before["regions"])
        again = stage.voicedr("twin", "import", "copy.json")
        assert (again.code, "copy.json is there already" in again.err) == (2, True)
        stage.twin.control("POST", "/_twin/faults", {"fault": "api-refused", "region": "ie1"})
        half = stage.voicedr("twin", "import", "half.json")
        assert (half.code, (tmp_path / "half.json").exists()) == (3, False)
        secrets = [has["api_secret"] for has in stage.credentials.values()]
    text = (tmp_path / "copy.json").read_text()
    assert not any(secret in text for secret in secrets)
    with running_twin("--account", "copy.json", cwd=tmp_path) as copy:
        state = copy.control("GET", "/_twin/state")
        assert set(state["numbers"]) == set(before["numbers"])
        for kept in (before, state):
            kept["shown"] = sorted((r["kind"], r["name"], r["changes"][-1]["region"]) for r in kept["routes"])
        assert state["shown"] == before["shown"]
        for region in ("us1", "ie1"):
            names = {
                key: sorted(one["friendly_name"] for one in kept["regions"][region]["applications"].values())
                for key, kept in (("real", before), ("copy", state))
            }
            assert names["copy"] == names["real"]

"""The balancer's configuration is one that HAProxy takes."""

from __future__ import annotations

import subprocess
from pathlib import Path

from debian_programs import programs
from voicedr.runtime.sample_deployment.app import BUDGET_S, OTHERS_S_MAX
from voicedr.runtime.sample_deployment.balancer import ANSWER_S_MAX, haproxy_configuration
from voicedr.runtime.sample_deployment.etcd import ALL_S_MAX


def test_haproxy_takes_it_without_a_warning(tmp_path: Path) -> None:
    """The real program reads it."""
    programs("haproxy")
    file = tmp_path / "us1.cfg"
    file.write_text(haproxy_configuration("127.0.1.1:8080", {"us1-a": "127.0.1.11:80", "us1-b": "127.0.1.12:80"}))
    done = subprocess.run(
        ["haproxy", "-c", "-f", str(file)], capture_output=True, text=True, timeout=20, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr.upper()


def test_the_balancer_waits_longer_than_an_instance_takes() -> None:
    """Otherwise a webhook that waits for the store would be asked again at the other instance, which waits as well."""
    assert ALL_S_MAX < BUDGET_S < ANSWER_S_MAX
    assert OTHERS_S_MAX + ALL_S_MAX < ANSWER_S_MAX

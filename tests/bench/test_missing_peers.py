"""A figure whose peer is not on this machine says so, and is no number that looks measured."""

from __future__ import annotations

import shutil

import pytest
from bench.figures import twin_sip
from bench.peers.prism import NoPrism, prism


def test_without_sipp_the_sip_figure_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """No value, no peer, and the package's name."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    (line,) = twin_sip.measure(True)
    assert (line.value, line.peer) == (0, None)
    assert "sip-tester" in line.note


def test_without_npm_there_is_no_prism(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is for the figure's note."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(NoPrism, match="install nodejs and npm"), prism("routes_v2", 0):
        pass

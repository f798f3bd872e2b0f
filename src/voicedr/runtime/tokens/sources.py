"""Settings and secrets as they stand on disk now, looked at every few seconds, the last good ones kept.

A file that is gone or broken while the service runs changes nothing: tokens are minted as before, and the problem is
told by ``/ready`` and ``/metrics``. So a botched rotation costs nobody a call.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from voicedr.runtime.references import SecretMissing, secret_of
from voicedr.runtime.tokens.settings import SETTINGS_BYTES_MAX, Settings, SettingsBroken, read_settings

LOOK_EVERY_S = 5.0
"""A new key counts on every instance after so long at the latest."""


class Sources:
    """What was read, and what is wrong with what is there now.

    Args:
        path: The settings file.
        monotonic_s: A clock that never goes back.
        secret: Gives the secret of a reference.

    Raises:
        SettingsBroken: If the file cannot be used at the start.
    """

    def __init__(self, path: Path, monotonic_s: Callable[[], float], secret: Callable[[str], str] = secret_of) -> None:
        self._path = path
        self._monotonic_s = monotonic_s
        self._secret = secret
        self._looked_s = monotonic_s()
        self._secrets: dict[str, tuple[float, str]] = {}
        self._problems: dict[str, str] = {}
        self._settings = self._read()

    def settings(self) -> Settings:
        """The last settings that could be used."""
        now_s = self._monotonic_s()
        if now_s - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = now_s
            try:
                self._settings = self._read()
                self._problems.pop("settings", None)
            except SettingsBroken as exc:
                self._problems["settings"] = f"{exc.problems[0]}; what was read before holds"
        return self._settings

    def secret(self, reference: str) -> str:
        """The secret of a reference; the last one that could be had.

        Raises:
            SecretMissing: If it could never be had.
        """
        now_s = self._monotonic_s()
        known = self._secrets.get(reference)
        if known is not None and now_s - known[0] < LOOK_EVERY_S:
            return known[1]
        try:
            value = self._secret(reference)
            self._problems.pop(reference, None)
        except SecretMissing as exc:
            self._problems[reference] = str(exc)
            if known is None:
                raise
            value = known[1]
        self._secrets[reference] = (now_s, value)
        return value

    def problems(self) -> list[str]:
        """What is wrong now, a line each, without secrets."""
        return sorted(self._problems.values())

    def _read(self) -> Settings:
        name = str(self._path)
        try:
            with self._path.open("rb") as file:
                content = file.read(SETTINGS_BYTES_MAX + 1)
            if len(content) > SETTINGS_BYTES_MAX:
                raise SettingsBroken([f"{name}: larger than {SETTINGS_BYTES_MAX} bytes, so it is another file"])
            return read_settings(content.decode(), name)
        except OSError as exc:
            raise SettingsBroken([f"{name}: cannot be read ({exc.strerror}). Name the settings file"]) from exc
        except UnicodeDecodeError as exc:
            raise SettingsBroken([f"{name}: not UTF-8 text (byte {exc.start})"]) from exc

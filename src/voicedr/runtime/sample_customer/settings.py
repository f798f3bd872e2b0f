"""How one process of the sample application is set up. Frozen: a change of Region is not a change of settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

Role = Literal["primary", "standby", "fallback"]

ROLES: tuple[Role, ...] = ("primary", "standby", "fallback")


@dataclass(frozen=True, slots=True)
class Settings:
    """One process.

    Attributes:
        role: ``fallback`` apologises and takes a message; the other two serve the whole application.
        region: The Region this process stands beside. A fallback process stands beside none; say ``"none"``.
        instance: The process's name in ``/health``.
        auth_tokens: The account's auth token by Region. The provider signs a webhook with the token of the Region
            that processes the call, so the one that fits also tells the Region.
        now: Gives the time of day (aware UTC) for ``/stats``. Nothing else here reads a clock.
        context_path: The document that says which Region is active for the support line; None: there is none.
        home_region: The Region of an ordinary day. In any other the application serves its degraded state.
        operator_token: Guards the operator switch; None: the switch refuses everybody.
        public_url: Scheme and host as the provider knows them, where a proxy in front changes either.
    """

    role: Role
    region: str
    instance: str
    auth_tokens: Mapping[str, str] = field(repr=False)
    now: Callable[[], datetime]
    context_path: Path | None = None
    home_region: str = "us1"
    operator_token: str | None = field(default=None, repr=False)
    public_url: str | None = None

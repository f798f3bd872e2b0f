"""HAProxy's configuration for one Region: two instances, looked at twice a second.

An instance that refuses or breaks off is left within the same request, and the other one is asked; so is one that does
not answer in ``ANSWER_S_MAX``. That repeats a POST, which is safe because the application answers a repeated webhook
with what it answered first (``OnceAsgi``), and names every write by its call.
(https://docs.haproxy.org/2.6/configuration.html, ``retry-on``, ``option redispatch``, read 2026-11-22)
"""

from __future__ import annotations

from collections.abc import Mapping

ANSWER_S_MAX = 3.0
"""More than an instance ever takes, less than callers bear."""

LOOK_MS = 500
FALLS = 2
"""Looks in a row that fail, until an instance is left out: about a second."""

HEALTH_PATH = "/balancer"
"""The balancer's own: 200 as long as it has an instance to ask, else 503."""


def haproxy_configuration(listens_at: str, instances: Mapping[str, str]) -> str:
    """The file's text.

    Args:
        listens_at: ``127.0.1.1:8080``.
        instances: Name and ``HOST:PORT`` of each.
    """
    servers = "\n".join(f"    server {name} {address}" for name, address in instances.items())
    return f"""\
global
    maxconn 2000
    nbthread 1
    log stdout format raw local0 notice

defaults
    mode http
    log global
    timeout http-request 5s
    timeout client 20s
    timeout connect 500ms
    timeout queue 2s
    timeout server {ANSWER_S_MAX * 1000:.0f}ms
    timeout check {LOOK_MS}ms
    retries 2
    option redispatch 1
    option http-buffer-request
    retry-on conn-failure empty-response response-timeout

frontend webhooks
    bind {listens_at}
    monitor-uri {HEALTH_PATH}
    acl nobody nbsrv(instances) lt 1
    monitor fail if nobody
    default_backend instances

backend instances
    balance roundrobin
    option httpchk
    http-check send meth GET uri /ready
    http-check expect status 200
    default-server check inter {LOOK_MS}ms fastinter {LOOK_MS // 2}ms downinter {LOOK_MS}ms fall {FALLS} rise 2
{servers}
"""

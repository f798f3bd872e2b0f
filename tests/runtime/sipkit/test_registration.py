"""A device's registration is tried at the twin's edges and at Kamailio's registrar, read back, and taken out again."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kamailio_peer import MODULES, kamailio
from plain_answerers import always, by_connections, by_datagrams
from sip_device import DOMAIN, PASSWORD, USER, Stage, domain_world, on_stage
from sipp_peer import address
from voicedr.runtime.references import SecretMissing, secret_of
from voicedr.runtime.sipkit import Login, Registered, Resolved, Target, Transport, register_at
from voicedr.wire.sip.digest import Challenge

LOGIN = Login(USER, PASSWORD)

REGISTRAR = """#!KAMAILIO
debug=1
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
dns=no
rev_dns=no
listen=udp:{host}:5060
listen=tcp:{host}:5060
mpath="{modules}/"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "auth.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
modparam("auth", "algorithm", "{algorithm}")
modparam("registrar", "max_expires", 1800)
request_route {{
    if (!is_method("REGISTER")) {{ sl_send_reply("200", "OK"); exit; }}
    if (!pv_www_authenticate("{domain}", "{password}", "0")) {{ www_challenge("{domain}", "1"); exit; }}
    save("location");
    exit;
}}
"""


@contextmanager
def registrar(directory: Path, algorithm: str) -> Iterator[str]:
    """A Kamailio that takes registrations with this password until the block is left; its address."""
    program, host = kamailio(), address()
    file = directory / "kamailio.cfg"
    file.write_text(REGISTRAR.format(host=host, modules=MODULES, algorithm=algorithm, domain=DOMAIN, password=PASSWORD))
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, "-f", str(file), "-DD", "-E", "-m", "32", "-M", "8", "-Y", str(directory), "-P",
             str(directory / "pid"), "-w", str(directory)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        time.sleep(0.3)
        assert process.poll() is None, (directory / "log").read_text()[-2000:]
        yield host
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def edge(host: str, port: int = 5060, transport: Transport = "udp", name: str = DOMAIN) -> Resolved:
    """An edge with one address."""
    return Resolved(name, (Target(transport, host, port, name, name),))


def registered(*edges: Resolved, login: Login = LOGIN, **more: object) -> tuple[Registered, ...]:
    """How it went."""
    return asyncio.run(register_at(edges, login, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(("algorithm", "transport"), [("MD5", "udp"), ("SHA-256", "tcp")])
def test_at_kamailios_registrar(tmp_path: Path, algorithm: str, transport: Transport) -> None:
    """Asked for credentials with either digest, it is let in, sees its own contact, and is gone again afterwards."""
    with registrar(tmp_path, algorithm) as host:
        time.sleep(0.5)
        (found,) = registered(edge(host, transport=transport), expires_s=3600)
        assert (found.accepted, found.why, found.algorithm) == (True, "", algorithm)
        assert (found.expires_s, found.seen, found.removed) == (1800, True, True)
        assert len(found.contacts) == 1
        assert found.answer_s is not None
        (again,) = registered(edge(host, transport=transport))
        assert len(again.contacts) == 1, "the first binding is still there"
        (wrong,) = registered(edge(host, transport=transport), login=Login(USER, "nonsense"))
        assert (wrong.accepted, wrong.looked, wrong.removed) == (False, True, None)
        assert "password" in wrong.why
        assert "nonsense" not in repr(wrong) + repr(Login(USER, "nonsense"))


def test_at_two_edges_of_the_twin(tmp_path: Path) -> None:
    """Both edges accept, the twin lists nobody afterwards, and what was granted is what the provider's page says."""
    results: list[Registered] = []
    during: list[int] = []

    async def script(stage: Stage) -> None:
        edges = []
        for name in ("ashburn", "dublin"):
            host, _, port = stage.sip.addresses()[name][0].rpartition(":")
            edges.append(edge(host, int(port), name=f"acme.sip.{name}.twilio.com"))
        task = asyncio.ensure_future(register_at(edges, LOGIN))
        while not task.done():
            during.append(len(stage.sip.registrations()))
            await asyncio.sleep(0.002)
        results.extend(task.result())
        assert stage.sip.registrations() == []
        results.extend(await register_at(edges[:1], LOGIN, expires_s=60))

    on_stage(tmp_path, domain_world(), script)
    assert [(one.name, one.accepted, one.removed, one.expires_s) for one in results[:2]] == [
        ("acme.sip.ashburn.twilio.com", True, True, 600), ("acme.sip.dublin.twilio.com", True, True, 600)
    ]  # fmt: skip
    assert max(during) > 0
    # Less than 600 s is answered 423, and asked for again with what is wanted.
    assert (results[2].accepted, results[2].expires_s) == (True, 600)


def test_the_next_address_of_an_edge() -> None:
    """An address that says nothing is left after its time for the next one; with none left it was not looked at."""

    async def main() -> tuple[Registered, Registered]:
        async with by_datagrams(always()) as silent, by_datagrams(always("200 OK")) as there:
            both = Resolved(
                "e.example", tuple(Target("udp", one.host, one.port, "e.example", "x") for one in (silent, there))
            )
            (found,) = await register_at([both], LOGIN, per_address_s=0.3)
            (dead,) = await register_at([edge(silent.host, silent.port)], LOGIN, per_address_s=0.3)
            assert silent.methods().count("REGISTER") >= 2
            return found, dead

    found, dead = asyncio.run(main())
    assert found.accepted
    assert not dead.accepted
    assert "no answer to REGISTER" in dead.why


def test_a_refusal_is_told() -> None:
    """403 is no, with its reason, and nothing is taken out."""

    async def main() -> tuple[Registered, list[str]]:
        async with by_datagrams(always("403 Forbidden")) as there:
            (found,) = await register_at([edge(there.host, there.port)], LOGIN)
            return found, there.methods()

    found, methods = asyncio.run(main())
    assert (found.accepted, found.looked, found.why) == (False, True, "403 Forbidden")
    assert methods == ["REGISTER"]


def test_nothing_is_said_to_whom_a_certificate_does_not_prove(tmp_path: Path) -> None:
    """Over TLS a stranger's certificate ends it before the first REGISTER."""
    key, file = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9", "-subj", "/CN=x", "-keyout", key,
         "-out", file], capture_output=True, timeout=30, check=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)

    async def main() -> tuple[Registered, list[str]]:
        async with by_connections(always("200 OK"), tls=context) as there:
            (found,) = await register_at([edge(there.host, there.port, "tls")], LOGIN)
            return found, there.heard

    found, heard = asyncio.run(main())
    assert (found.accepted, found.looked, heard) == (False, True, [])
    assert "not trusted" in found.why


def test_an_edge_that_dns_does_not_know() -> None:
    """Nobody could be asked, which is not a refusal."""
    (found,) = registered(Resolved("nowhere.example"))
    assert (found.accepted, found.looked) == (False, False)


def test_challenges_in_a_row_have_an_end() -> None:
    """Somebody who asks for ever is left after the second time."""
    challenge = Challenge("acme", "n", stale=False).header()

    async def main() -> tuple[Registered, int]:
        async with by_datagrams(always(f"401 Unauthorized\r\nWWW-Authenticate: {challenge}")) as there:
            (found,) = await register_at([edge(there.host, there.port)], LOGIN)
            return found, len(there.heard)

    found, asked = asyncio.run(main())
    assert "password" in found.why
    assert asked == 2


@pytest.mark.parametrize(
    ("reference", "said"),
    [("hunter2", "no reference"), ("env:NO_SUCH_NAME_HERE", "no NO_SUCH"), ("file:/no/such/file", "cannot be read"),
     ("env:EMPTY", "empty")],
)  # fmt: skip
def test_a_password_that_cannot_be_had(reference: str, said: str) -> None:
    """The reference is named, and what may be the password itself is not."""
    with pytest.raises(SecretMissing, match=said) as told:
        secret_of(reference, {"EMPTY": " "})
    assert "hunter2" not in str(told.value)
    assert secret_of("env:SET", {"SET": "x\n"}) == "x"

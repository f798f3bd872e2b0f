"""``voicedr fallback``: serve a policy, check it, write it as plain files. Runs alone, beside nothing else of voicedr.

``python -m voicedr.cli.fallback`` is the same program where only the fallback is installed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from voicedr.runtime.fallback.policy import Policy

# The server is imported where it is started: check and export need none.

fallback_app = typer.Typer(
    help="Answer callers while your application does not: an application for fallback URLs.", no_args_is_help=True
)

PORT = 8088
FINDING, WRONG_USE, REFUSED = 1, 2, 4

PolicyFile = Annotated[Path, typer.Argument(metavar="FILE", help="The policy: YAML or JSON.")]


@fallback_app.command()
def serve(
    policy: Annotated[Path, typer.Option("--policy", help="What is answered: YAML or JSON.")],
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = PORT,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    public_url: Annotated[
        str, typer.Option(help="Scheme and host as the provider has them, if a proxy changes either.")
    ] = "",
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(help="A proxy whose X-Forwarded-* count: an address, a network, unix; repeat it."),
    ] = None,
    unsigned: Annotated[
        bool, typer.Option("--unsigned", help="Answer everybody, signed or not. For rehearsals and private networks.")
    ] = False,
) -> None:
    """Answer until SIGTERM or Ctrl-C. Writes one line of JSON for each thing that happens.

    Exit codes: 0 it ended as asked; 2 the policy, a secret or the address cannot be used; 4 there is no Auth Token, and
    --unsigned was not said.
    """
    from voicedr.runtime.fallback.alerting import Alerting, send_by_apprise
    from voicedr.runtime.fallback.app import Settings, Unsafe, create_app
    from voicedr.runtime.fallback.log_lines import LogLines
    from voicedr.runtime.fallback.serving import CannotListen
    from voicedr.runtime.fallback.serving import serve as answer
    from voicedr.runtime.references import SecretMissing, secret_of
    from voicedr.runtime.webhooks import PublicUrl

    read = _read(policy)
    log = LogLines(sys.stdout.buffer)
    try:
        settings = Settings(
            tokens={} if unsigned else {name: secret_of(one) for name, one in read.auth_tokens.items()},
            unsigned=unsigned,
            public=PublicUrl.of(public_url, trusted_proxy or ()),
        )
        alerting = None
        if read.alerts.to:
            for reference in read.alerts.to:
                secret_of(reference)
            alerting = Alerting(
                read.alerts.to,
                read.alerts.window_s,
                send_by_apprise(secret_of),
                failed=lambda reference, why: log.say("alert failed", to=reference, why=why),
            )
        app = create_app(read, settings, log, alerting)
        answer(app, host, port, lambda at, on: log.say("ready", url=_url(at, on), policy=str(policy)))
        log.say("ended")
    except Unsafe as exc:
        _stop(str(exc), REFUSED)
    except ImportError as exc:
        _stop(f"{policy} has alerts, and Apprise is not installed ({exc.name}): pip install 'voicedr[alerts]'")
    except (SecretMissing, CannotListen, ValueError) as exc:
        _stop(str(exc))
    finally:
        log.end()


@fallback_app.command()
def check(
    file: PolicyFile,
    as_json: Annotated[bool, typer.Option("--json", help="One object for machines.")] = False,
) -> None:
    """Find every mistake in a policy, with its line, and routes that nobody reaches.

    Exit codes: 0 nothing found (notes may be said); 1 findings; 2 the policy cannot be used.
    """
    from voicedr.runtime.fallback.findings import findings, notes

    policy = _read(file, as_json=as_json)
    found, said = list(findings(policy)), list(notes(policy))
    if as_json:
        typer.echo(json.dumps({"usable": True, "mistakes": [], "findings": found, "notes": said}))
    else:
        for one in found:
            typer.echo(one)
        for one in said:
            typer.echo(f"note: {one}")
        routes = f"{len(policy.routes)} route{'' if len(policy.routes) == 1 else 's'} and the default"
        typer.echo(f"{file}: {routes}; {len(found)} finding{'' if len(found) == 1 else 's'}.")
    raise typer.Exit(FINDING if found else 0)


@fallback_app.command()
def export(
    file: PolicyFile,
    to: Annotated[Path, typer.Option("--to", help="The folder to write into.")],
) -> None:
    """Write the policy as plain TwiML files, one for each route and language, with an index of what to set where.

    Exit codes: 0 written; 2 the policy or the folder cannot be used.
    """
    from voicedr.runtime.fallback.export import CannotExport, write
    from voicedr.runtime.fallback.export import export as made_of

    made = made_of(_read(file))
    try:
        write(made, to)
    except CannotExport as exc:
        _stop(str(exc))
    documents = sum(name.endswith(".xml") for name in made.files)
    typer.echo(f"{documents} documents are in {to}; {to / 'README.md'} says which URL to set where.")


@fallback_app.command()
def schema() -> None:
    """Print the format of a policy as JSON Schema, for editors."""
    from voicedr.runtime.fallback.shapes import schema as made

    typer.echo(json.dumps(made(), indent=2))


def _read(path: Path, *, as_json: bool = False) -> Policy:
    from voicedr.runtime.fallback.places import TEXT_BYTES_MAX, PolicyBroken
    from voicedr.runtime.fallback.read_policy import read_policy

    try:
        with path.open("rb") as file:
            data = file.read(TEXT_BYTES_MAX + 1)
        return read_policy(data.decode(), str(path))
    except PolicyBroken as broken:
        if as_json:
            mistakes = [{"line": one.line, "column": one.column, "text": one.text} for one in broken.mistakes]
            typer.echo(json.dumps({"usable": False, "mistakes": mistakes, "findings": [], "notes": []}))
            raise typer.Exit(WRONG_USE) from broken
        count = len(broken.mistakes)
        _stop(f"{broken}\n{path}: {count} mistake{'' if count == 1 else 's'}; nothing was done with it.")
    except OSError as exc:
        _stop(f"{path} cannot be read ({exc.strerror}). Check the path and its permissions.")
    except UnicodeDecodeError:
        _stop(f"{path} is no UTF-8 text. Save it as UTF-8.")


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _stop(message: str, code: int = WRONG_USE) -> NoReturn:
    typer.echo(f"voicedr: {message}" if "\n" not in message else message, err=True)
    raise typer.Exit(code)


if __name__ == "__main__":
    fallback_app()

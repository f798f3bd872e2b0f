"""``voicedr tokens``: the token service that customers run beside their own systems."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from voicedr.runtime.tokens import SettingsBroken, create_app
from voicedr.runtime.tokens.serving import CannotListen, serve

tokens_app = typer.Typer(help="Access tokens for Voice SDK clients, in the active Region.", no_args_is_help=True)

SettingsFile = Annotated[Path, typer.Argument(metavar="SETTINGS", help="The service's settings, YAML.")]


@tokens_app.command("serve")
def serve_(
    settings: SettingsFile,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: a free one, which is printed.")] = 8090,
    instance: Annotated[str, typer.Option(help="What /health calls this process.")] = "",
) -> None:
    """Mint tokens until SIGTERM. Exit 0 ended as asked, 2 broken settings or no such address."""
    try:
        serve(create_app(settings, instance=instance), host, port)
    except (SettingsBroken, CannotListen) as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(2) from None


@tokens_app.command()
def check(settings: SettingsFile) -> None:
    """Say every mistake in the settings, and whether each Region's key can be had. Exit 0, or 2."""
    from voicedr.runtime.references import SecretMissing, secret_of
    from voicedr.runtime.tokens.sources import Sources

    try:
        read = Sources(settings, lambda: 0.0).settings()
    except SettingsBroken as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(2) from None
    missing = 0
    for region, of in read.regions.items():
        for key in of.keys:
            try:
                secret_of(key.secret)
            except SecretMissing as exc:
                missing += 1
                typer.echo(f"{region}: key {key.sid}: {exc}", err=True)
    for caller in read.callers:
        try:
            secret_of(caller.secret)
        except SecretMissing as exc:
            missing += 1
            typer.echo(f"caller {caller.name}: {exc}", err=True)
    if missing:
        raise typer.Exit(2)
    typer.echo(
        f"{settings}: {len(read.regions)} Regions, {len(read.callers)} callers. No mistake, every secret is there."
    )


if __name__ == "__main__":
    tokens_app()

"""One instance: ``python -m voicedr.runtime.sample_deployment --help``. ``voicedr sample up`` starts several."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from pathlib import Path

from voicedr.runtime.references import SecretMissing, secret_of
from voicedr.runtime.sample_customer.region_context import RegionContext
from voicedr.runtime.sample_deployment.app import Settings, create_app
from voicedr.runtime.sample_deployment.call_backs import CallBacks
from voicedr.runtime.sample_deployment.etcd import Etcd
from voicedr.runtime.sample_deployment.kept_answers import EtcdAnswers
from voicedr.runtime.tokens.serving import CannotListen, serve


def main() -> int:
    """Serve until SIGTERM; 0, or 2 if what was given cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m voicedr.runtime.sample_deployment", description=__doc__)
    parser.add_argument("--instance", required=True, help="its name")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 is a free one")
    parser.add_argument("--store", required=True, action="append", help="HOST:PORT of a node of etcd; repeat it")
    parser.add_argument("--context", type=Path, required=True, help="the document that says which Region is active")
    parser.add_argument("--auth-tokens", required=True, help="reference to JSON: the auth token by Region")
    parser.add_argument("--public-url", required=True, help="the balancer's address, as the provider has it")
    parser.add_argument("--overrides", default="", help="connection overrides for the URLs in TwiML")
    given = parser.parse_args()
    try:
        tokens = json.loads(secret_of(given.auth_tokens))
        settings = Settings(given.instance, tokens, given.public_url, given.overrides)
        store = Etcd(given.store)
        answers = EtcdAnswers(store, lambda: secrets.token_hex(8))
        app = create_app(settings, CallBacks(store), answers, RegionContext(given.context))
        serve(app, given.host, given.port)
    except (SecretMissing, CannotListen, ValueError) as problem:
        sys.stderr.write(f"sample deployment: {problem}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What a policy does not do as somebody may think: routes that nobody reaches, words that are missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from voicedr.runtime.fallback.deciding import host_of
from voicedr.runtime.fallback.documents import document
from voicedr.runtime.fallback.error_classes import CODES
from voicedr.runtime.fallback.numbers import covers
from voicedr.runtime.fallback.policy import (
    DEFAULT,
    Forward,
    MessageAnswer,
    Policy,
    Queue,
    Resume,
    Route,
    Speech,
    VoiceAnswer,
    Voicemail,
    chain,
)
from voicedr.wire.twiml import parse


def findings(policy: Policy) -> Iterator[str]:
    """One line each, with the file and, where there is one, the line."""
    if not policy.auth_tokens:
        yield f"{policy.path}: there are no auth_tokens, so `serve` starts only with --unsigned"
    for at, route in enumerate(policy.routes):
        for earlier in policy.routes[:at]:
            if _covers(policy, earlier, route):
                yield (
                    f"{policy.path}:{route.line}: route {route.name} is never reached: {earlier.name} (line"
                    f" {earlier.line}) comes first and answers all that it is for. Put the narrower one first."
                )
                break
    for name, line, answers in _chains(policy):
        where = f"{policy.path}:{line}" if line else policy.path
        for answer in answers:
            yield from (f"{where}: route {name}: {one}" for one in _about(policy, answer))


def notes(policy: Policy) -> Iterator[str]:
    """What may be meant, and deserves a thought."""
    if not policy.alerts.to:
        yield f"{policy.path}: alerts.to is empty, so nobody is told that the fallback answers"
    if len(policy.auth_tokens) == 1:
        yield f"{policy.path}: one Auth Token; each Region signs with its own, so give the standby's, too"
    for name, _, answers in _chains(policy):
        for answer in answers:
            for url in _urls(answer):
                if url.startswith("http://"):
                    yield f"{policy.path}: route {name}: {host_of(url)} is asked without TLS"


def languages_of(policy: Policy) -> tuple[str, ...]:
    """Every language that a caller may be spoken to in, the default first."""
    chosen = {*policy.languages.numbers.values(), *policy.languages.countries.values()}
    return (policy.languages.default, *sorted(chosen - {policy.languages.default}))


def _about(policy: Policy, answer: VoiceAnswer | MessageAnswer) -> Iterator[str]:
    for speech in _speeches(answer):
        missing = [one for one in languages_of(policy) if one not in speech.say and one not in speech.play]
        if missing:
            spoken = ", ".join(missing)
            yield f"there are no words in {spoken}; those callers hear {policy.languages.default}"
    made = parse(
        document(answer, policy.languages, policy.languages.default, str, url="https://a.example/"), "text/xml"
    )
    yield from (f"its TwiML is not as the schema has it: {one.message}" for one in made.warnings)


def _speeches(answer: VoiceAnswer | MessageAnswer) -> Iterator[Speech]:
    for name in ("speech", "thanks", "wait"):
        speech = getattr(answer, name, None)
        if isinstance(speech, Speech):
            yield speech


def _urls(answer: VoiceAnswer | MessageAnswer) -> Iterator[str]:
    if isinstance(answer, Voicemail):
        yield from (answer.recording_callback, answer.transcribe_callback)
    if isinstance(answer, Resume):
        yield answer.url
    for speech in _speeches(answer):
        yield from speech.play.values()


def _chains(policy: Policy) -> Iterator[tuple[str, int, tuple[VoiceAnswer | MessageAnswer, ...]]]:
    for route in policy.routes:
        answers = chain(policy, route.answer)
        if _ends_in_default(route.answer):
            # What the default adds is told of under the default.
            answers = answers[: len(answers) - len(chain(policy, policy.default))]
        yield route.name, route.line, answers
    yield DEFAULT, 0, chain(policy, policy.default)
    yield "default_message", 0, (policy.default_message,)


def _ends_in_default(answer: VoiceAnswer | MessageAnswer) -> bool:
    while isinstance(answer, Forward | Queue | Resume):
        if answer.otherwise is None:
            return True
        answer = answer.otherwise
    return False


def _covers(policy: Policy, wide: Route, narrow: Route) -> bool:
    """Whether whatever the narrow route fits, the wide one fits. False where that is not plain."""
    voice = ("call", "trunk")
    if not set(narrow.when.kinds or voice) <= set(wide.when.kinds or voice):
        return False
    if wide.when.flows and not (narrow.when.flows and set(narrow.when.flows) <= set(wide.when.flows)):
        # A flow's numbers say too little: a URL may name the flow as well.
        return False
    return _all(wide.when.called, narrow.when.called, covers) and _all(wide.when.errors, narrow.when.errors, _error)


def _all(wide: Iterable[str], narrow: Iterable[str], within: Callable[[str, str], bool]) -> bool:
    wider, narrower = tuple(wide), tuple(narrow)
    if not wider:
        return True
    return bool(narrower) and all(any(within(one, other) for one in wider) for other in narrower)


def _error(wide: str, narrow: str) -> bool:
    if wide == narrow:
        return True
    if wide.endswith("*"):
        return narrow.removesuffix("*").startswith(wide[:-1]) and narrow.removesuffix("*").isdigit()
    return wide in CODES and narrow.isdigit() and int(narrow) in CODES[wide]

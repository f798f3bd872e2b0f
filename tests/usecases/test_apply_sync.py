"""The standby becomes what the primary is, once, whatever breaks on the way; nothing of anybody else is touched."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

from sync_scene import DOMAIN, ON_APP, ON_TRUNK, ON_URL, PASSWORD, TRUNK, Scene, workbook
from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.adapters.journal.syncs import JournalSyncs
from voicedr.ports.syncs import SyncFenced, SyncHeld, SyncsBroken
from voicedr.program.readiness.kinds import KINDS, Resource
from voicedr.program.scope.standby_copy import Named
from voicedr.program.standby.doing import Do
from voicedr.program.standby.keys import Key
from voicedr.program.standby.plan import Adopt
from voicedr.program.standby.records import SyncEvent, SyncIntended, SyncOpened, SyncSeen, SyncUnsettled
from voicedr.program.standby.render import plan_text
from voicedr.program.vocabulary import IE1, US1
from voicedr.testing.fake_account import Write
from voicedr.testing.fake_provider import Fault
from voicedr.testing.virtual_time import START, VirtualClock, run_virtual
from voicedr.usecases.apply_sync import NotNow
from voicedr.usecases.plan_sync import Planned

Story = Callable[[Scene], Awaitable[None]]


class Killed(BaseException):
    """The process is no more."""


def told(tmp_path: Path, story: Story) -> Scene:
    """Run a story over a furnished primary and an empty standby."""

    async def run(clock: VirtualClock) -> Scene:
        scene = Scene(clock, tmp_path)
        scene.furnish()
        await story(scene)
        return scene

    return run_virtual(run)


def steps(planned: Planned, *does: Do) -> list[str]:
    """The steps that do one of these, by their keys."""
    return [str(step.key) for step in planned.plan.of(*does)]


def events(scene: Scene) -> list[SyncEvent]:
    """Everything that was recorded."""
    return [record.event for one in scene.syncs.runs() for record in scene.syncs.read(one.run)]


def test_an_empty_standby_gets_everything_once(tmp_path: Path) -> None:
    """Everything the flow leads to is made with the standby's addresses and SIDs; the second run changes nothing."""

    async def story(scene: Scene) -> None:
        applied = await scene.apply()
        assert (applied.outcome, applied.problems) == ("done", ())
        again = await scene.plan()
        assert again.plan.matches
        writes = len(scene.account.writes)
        assert (await scene.apply(again)).seen == 0
        assert len(scene.account.writes) == writes

    scene = told(tmp_path, story)
    (app,), (trunk,), (domain,) = (scene.listed(kind) for kind in ("application", "trunk", "sip-domain"))
    assert app.fields["voice_url"] == "https://ie1.app.example/voice"
    assert app.fields["voice_fallback_url"] == "https://fallback.example/voice"
    assert trunk.fields["disaster_recovery_url"] == "https://ie1.app.example/dr"
    assert (trunk.fields["domain_name"], trunk.fields["secure"]) == (TRUNK, True)
    assert (domain.fields["domain_name"], domain.fields["sip_registration"]) == (DOMAIN, True)
    urls = {str(one.fields["sip_url"]): one.fields["priority"] for one in scene.listed("origination-url")}
    assert urls == {"sip:sbc1.acme.example;edge=dublin": 10, "sip:sbc2.acme.example;edge=dublin": 20}
    (acl,), (phones,) = scene.listed("ip-acl"), scene.listed("credential-list")
    for kind, sid in (("domain-acl", acl.sid), ("trunk-acl", acl.sid), ("domain-registrations", phones.sid),
                      ("domain-credentials", phones.sid), ("trunk-credentials", phones.sid)):  # fmt: skip
        assert [one.sid for one in scene.listed(kind)] == [sid], kind
    assert {one.fields["cidr_prefix_length"] for one in scene.listed("ip-address")} == {32, 28}
    numbers = {str(one.fields["phone_number"]): one.fields for one in scene.listed("number")}
    assert numbers[ON_APP]["voice_application_sid"] == app.sid
    assert numbers[ON_TRUNK]["trunk_sid"] == trunk.sid
    assert numbers[ON_URL]["sms_url"] == "https://ie1.app.example/sms"
    assert scene.listed("queue") == []
    assert PASSWORD.encode() not in (tmp_path / "journal.db").read_bytes()


def test_what_is_named_or_contained_is_made_before(tmp_path: Path) -> None:
    """A number is put on a trunk that has its origination URIs; a list is mapped when it is there."""

    async def story(scene: Scene) -> None:
        order = [step.key for step in (await scene.plan()).plan.writes]
        place = {key: at for at, key in enumerate(order)}
        for key in order:
            assert key.parent is None or place[key.parent] < place[key]
        on_trunk = place[Key("number", ON_TRUNK)]
        belongs = [at for key, at in place.items() if key.root == Key("trunk", TRUNK)]
        assert len(belongs) == 5
        assert max(belongs) < on_trunk

    told(tmp_path, story)


def test_killed_at_every_write_the_next_run_goes_on(tmp_path: Path) -> None:
    """Before or after any write has taken effect: the standby ends up the same, and nothing is there twice."""
    clean = told(tmp_path / "clean", lambda scene: _apply(scene))
    count = len(clean.account.writes)
    assert count > 15
    for after in (False, True):
        for n in range(1, count + 1):
            folder = tmp_path / f"{after}-{n}"

            async def story(scene: Scene, n: int = n, after: bool = after) -> None:
                def die(write: Write) -> None:
                    if write.n == n:
                        raise Killed

                setattr(scene.account, "after_write" if after else "before_write", die)
                with pytest.raises(Killed):
                    await scene.apply()
                scene.account.before_write = scene.account.after_write = None
                assert (await scene.apply()).outcome == "done", n
                assert (await scene.plan()).plan.matches, n

            scene = told(folder, story)
            assert _names(scene) == _names(clean), (after, n)


async def _apply(scene: Scene) -> None:
    assert (await scene.apply()).outcome == "done"


def _names(scene: Scene) -> list[tuple[str, str]]:
    kinds = [kind.id for kind in KINDS.values() if not kind.us1_only]
    return sorted(
        (kind, str({k: v for k, v in one.fields.items() if not k.endswith("sid")}))
        for kind in kinds
        for one in scene.listed(kind)
    )


@pytest.mark.parametrize("method", ["create", "update"])
@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST_AFTER, Fault.ANSWER_LOST_BEFORE])
def test_a_lost_answer_is_looked_at_before_anything_is_repeated(tmp_path: Path, method: str, fault: Fault) -> None:
    """What took effect is seen by looking and not done again; what did not is UNSETTLED, and the next run does it."""

    async def story(scene: Scene) -> None:
        scene.standby.fail(method, fault, on={2})
        applied = await scene.apply()
        took = fault is Fault.ANSWER_LOST_AFTER
        assert applied.outcome == ("done" if took else "stopped")
        assert any(isinstance(one, SyncSeen) and one.read_back for one in events(scene)) is took
        assert any(isinstance(one, SyncUnsettled) for one in events(scene)) is not took
        scene.standby.heal()
        assert (await scene.apply()).outcome == "done"
        assert (await scene.plan()).plan.matches

    scene = told(tmp_path, story)
    clean = told(tmp_path / "clean", _apply)
    assert _names(scene) == _names(clean)


def test_made_by_a_run_that_died_it_is_ours_although_the_primary_changed_since(tmp_path: Path) -> None:
    """The intent says what was asked for; a thing that is just that was made by us, and follows the primary."""

    async def story(scene: Scene) -> None:
        def die(write: Write) -> None:
            if write.about == "application":
                raise Killed

        scene.account.after_write = die
        with pytest.raises(Killed):
            await scene.apply()
        scene.account.after_write = None
        (app,) = scene.listed("application", US1)
        changed = app.fields | {"voice_url": "https://us1.app.example/new"}
        scene.account.add_resource(US1, msgspec.structs.replace(app, fields=changed))
        planned = await scene.plan()
        assert 'application "Support"' in steps(planned, Do.UPDATE)
        assert (await scene.apply(planned)).outcome == "done"
        assert [one.fields["voice_url"] for one in scene.listed("application")] == ["https://ie1.app.example/new"]

    told(tmp_path, story)


def test_nothing_of_somebody_elses_is_touched(tmp_path: Path) -> None:
    """Another of the same name, with other fields: a conflict that is left alone, and what needs it waits."""

    async def story(scene: Scene) -> None:
        scene.put("application", region=IE1, friendly_name="Support", voice_url="https://theirs.example/voice")
        acl = scene.put("ip-acl", region=IE1, friendly_name="Office")
        scene.put("ip-address", acl, region=IE1, friendly_name="x", ip_address="198.51.100.9", cidr_prefix_length=32)
        scene.number(ON_URL, region=IE1, voice_url="https://theirs.example/")
        before = {kind: scene.listed(kind) for kind in ("application", "ip-acl", "ip-address")}
        planned = await scene.plan()
        conflicts = steps(planned, Do.CONFLICT)
        assert 'application "Support"' in conflicts
        assert f'number "{ON_URL}"' in conflicts
        assert 'ip-address "203.0.113.1/32" of ip-acl "Office"' in conflicts
        blocked = {step.key.kind: step.why for step in planned.plan.of(Do.BLOCKED)}
        assert "in conflict" in blocked["number"]
        assert "in conflict" in blocked["domain-acl"]
        assert "--adopt ip-acl:Office" in plan_text(planned.plan, planned.digest)
        assert (await scene.apply(planned)).outcome == "done"
        assert {kind: scene.listed(kind) for kind in before} == before
        assert (
            next(one for one in scene.listed("number") if one.fields["phone_number"] == ON_URL).fields["voice_url"]
            == "https://theirs.example/"
        )
        assert len(scene.listed("trunk")) == 1, "what needs none of it goes on"
        again = steps(await scene.plan(), Do.CONFLICT)
        assert 'ip-address "203.0.113.1/32" of ip-acl "Office"' in again, (
            "a list that differs in what is in it is not ours"
        )

    told(tmp_path, story)


def test_what_is_adopted_becomes_as_the_primary_has_it_and_stays_ours(tmp_path: Path) -> None:
    """By name or all at once; afterwards it follows the primary without being asked for."""

    async def story(scene: Scene) -> None:
        scene.put("application", region=IE1, friendly_name="Support", voice_url="https://theirs.example/voice")
        scene.put("ip-acl", region=IE1, friendly_name="Office")
        planned = await scene.plan(adopt=Adopt(frozenset({"application:Support"})))
        assert 'application "Support"' in steps(planned, Do.UPDATE)
        assert 'ip-address "203.0.113.1/32" of ip-acl "Office"' in steps(planned, Do.CONFLICT)
        await scene.apply(planned)
        assert (await scene.apply(adopt=Adopt(all=True))).outcome == "done"
        assert (await scene.plan()).plan.matches
        (acl,) = scene.listed("ip-acl", US1)
        scene.put("ip-address", acl, friendly_name="new", ip_address="192.0.2.7", cidr_prefix_length=32)
        assert steps(await scene.plan(), Do.CREATE) == ['ip-address "192.0.2.7/32" of ip-acl "Office"']

    told(tmp_path, story)


def test_a_standby_made_by_hand_that_is_the_same_passes_and_is_kept_in_step(tmp_path: Path) -> None:
    """Equal with all that belongs to it: nothing is written, and later changes of the primary follow."""

    async def story(scene: Scene) -> None:
        await scene.apply()
        scene.journal.close()
        (tmp_path / "journal.db").unlink()
        scene.journal = SqliteJournal(tmp_path / "other.db")
        scene.syncs = JournalSyncs(scene.journal)
        planned = await scene.plan()
        assert planned.plan.matches
        writes = len(scene.account.writes)
        await scene.apply(planned)
        assert len(scene.account.writes) == writes
        (app,) = scene.listed("application", US1)
        scene.account.add_resource(US1, msgspec.structs.replace(app, fields=app.fields | {"voice_method": "GET"}))
        planned = await scene.plan()
        assert [(step.do, [c.field for c in step.changes]) for step in planned.plan.writes] == [
            (Do.UPDATE, ["voice_method"])
        ]

    told(tmp_path, story)


def test_two_of_one_name_are_a_conflict(tmp_path: Path) -> None:
    """Nobody can tell which; in the primary as in the standby."""

    async def story(scene: Scene) -> None:
        for _ in range(2):
            scene.put("application", region=IE1, friendly_name="Support", voice_url="https://ie1.app.example/voice")
        planned = await scene.plan(adopt=Adopt(all=True))
        (conflict,) = planned.plan.of(Do.CONFLICT)
        assert "ie1 has 2 of this name" in conflict.why
        scene.put("application", friendly_name="Support", voice_url="https://b.example/")
        planned = await scene.plan()
        why = next(step.why for step in planned.plan.of(Do.BLOCKED) if step.key.kind == "application")
        assert "us1 has 2 that would have this name" in why

    told(tmp_path, story)


def test_a_missing_password_blocks_only_what_needs_it(tmp_path: Path) -> None:
    """The credential waits and says how it is given; the number on the application does not care."""

    async def story(scene: Scene) -> None:
        scene.book = workbook(msgspec.structs.replace(scene.book.sync, credentials={}))
        planned = await scene.plan()
        (blocked,) = planned.plan.of(Do.BLOCKED)
        assert blocked.key.kind == "credential"
        assert 'sync.credentials: {"Phones/reception": env:NAME}' in blocked.why
        assert (await scene.apply(planned)).outcome == "done"
        assert len(scene.listed("application")) == 1
        assert scene.listed("credential") == []

    told(tmp_path, story)


def test_what_is_in_our_things_besides_is_taken_off_only_when_asked(tmp_path: Path) -> None:
    """Said each time; taken off with prune; in a list that we only found equal, never."""

    async def story(scene: Scene) -> None:
        await scene.apply()
        (acl,) = scene.listed("ip-acl")
        scene.put("ip-address", acl, region=IE1, friendly_name="x", ip_address="198.51.100.9", cidr_prefix_length=32)
        planned = await scene.plan()
        assert planned.plan.matches
        (left,) = planned.plan.of(Do.LEAVE)
        assert "--prune" in left.why
        await scene.apply()
        assert len(scene.listed("ip-address")) == 3
        pruning = await scene.plan(prune=True)
        assert [step.key.name for step in pruning.plan.of(Do.TAKE_OFF)] == ["198.51.100.9/32"]
        assert (await scene.apply(pruning)).outcome == "done"
        assert len(scene.listed("ip-address")) == 2

    told(tmp_path, story)


def test_what_could_not_be_read_takes_nothing_off_and_is_not_planned(tmp_path: Path) -> None:
    """Addresses that the primary does not show now are no reason to take them off in the standby."""

    async def story(scene: Scene) -> None:
        await scene.apply()
        scene.providers[US1].fail("resources", Fault.UNREACHABLE, about="ip-address")
        planned = await scene.plan(prune=True)
        assert planned.plan.unknown
        assert planned.plan.writes == ()
        assert any("addresses of access control lists of us1" in why for why in planned.plan.unread)
        scene.providers[US1].heal()
        scene.standby.fail("resources", Fault.REFUSED, about="trunk")
        planned = await scene.plan(prune=True)
        assert planned.plan.unknown
        assert planned.plan.writes == ()

    told(tmp_path, story)


def test_a_dead_primary_gives_nothing_to_do(tmp_path: Path) -> None:
    """It is said, nothing is planned, and it is asked once."""

    async def story(scene: Scene) -> None:
        scene.providers[US1].fail("*", Fault.UNREACHABLE)
        planned = await scene.plan(prune=True)
        assert planned.plan.unknown
        assert planned.plan.writes == ()
        assert sum(scene.providers[US1].asked.values()) == 1

    told(tmp_path, story)


def test_a_refusal_stops_only_what_needs_it_and_a_lost_permission_stops_everything(tmp_path: Path) -> None:
    """Then the next run goes on."""

    async def story(scene: Scene) -> None:
        scene.standby.fail("create", Fault.REFUSED, about="application")
        applied = await scene.apply()
        assert applied.outcome == "partly"
        assert any("it needs application" in one for one in applied.problems)
        assert len(scene.listed("trunk")) == 1
        scene.standby.heal()
        scene.standby.fail("create", Fault.WRONG_CREDENTIAL)
        applied = await scene.apply()
        assert applied.outcome == "stopped"
        scene.standby.heal()
        assert (await scene.apply()).outcome == "done"
        assert (await scene.plan()).plan.matches

    told(tmp_path, story)


def test_an_answer_that_is_not_what_was_asked_for_stops_the_run(tmp_path: Path) -> None:
    """It is a finding, and names the field."""

    async def story(scene: Scene) -> None:
        real = scene.account.create

        def other(region: object, kind: object, fields: dict[str, object], parent: object) -> Resource:
            if "voice_url" in fields:
                fields = dict(fields) | {"voice_url": "https://elsewhere.example/"}
            return real(region, kind, fields, parent)  # type: ignore[arg-type]

        scene.account.create = other  # type: ignore[method-assign, assignment]
        applied = await scene.apply()
        assert (applied.outcome, applied.differs) == ("stopped", True)
        assert "voice_url" in applied.problems[0]

    told(tmp_path, story)


def test_what_is_meant_to_differ_is_left_alone(tmp_path: Path) -> None:
    """A field, or a thing: neither changed, nor taken off."""

    async def story(scene: Scene) -> None:
        ignore = (Named("application", "Support", ("voice_method",)), Named("ip-address", "203.0.113.64/28"))
        scene.book = workbook(msgspec.structs.replace(scene.book.sync, ignore=ignore))
        await scene.apply()
        assert len(scene.listed("ip-address")) == 1
        (app,), (acl,) = scene.listed("application"), scene.listed("ip-acl")
        scene.account.add_resource(IE1, msgspec.structs.replace(app, fields=app.fields | {"voice_method": "GET"}))
        scene.put("ip-address", acl, region=IE1, friendly_name="y", ip_address="203.0.113.64", cidr_prefix_length=28)
        planned = await scene.plan(prune=True)
        assert planned.plan.matches
        assert planned.plan.of(Do.LEAVE, Do.TAKE_OFF) == ()

    told(tmp_path, story)


def test_queues_are_copied_where_the_workbook_says_so(tmp_path: Path) -> None:
    """No number leads to one."""

    async def story(scene: Scene) -> None:
        scene.book = workbook(msgspec.structs.replace(scene.book.sync, also=(Named("queue"),)))
        await scene.apply()
        assert [one.fields["max_size"] for one in scene.listed("queue")] == [50]

    told(tmp_path, story)


def test_a_kind_that_the_workbook_says_is_ours_is_changed_without_asking(tmp_path: Path) -> None:
    """Others of somebody else's stay."""

    async def story(scene: Scene) -> None:
        scene.book = workbook(msgspec.structs.replace(scene.book.sync, ours=("application",)))
        scene.put("application", region=IE1, friendly_name="Support", voice_url="https://theirs.example/voice")
        scene.number(ON_URL, region=IE1, voice_url="https://theirs.example/")
        planned = await scene.plan()
        assert 'application "Support"' in steps(planned, Do.UPDATE)
        assert steps(planned, Do.CONFLICT) == [f'number "{ON_URL}"']

    told(tmp_path, story)


def test_what_no_request_can_set_is_named(tmp_path: Path) -> None:
    """The trunk is made without it, and the plan says so."""

    async def story(scene: Scene) -> None:
        (trunk,) = scene.listed("trunk", US1)
        fields = trunk.fields | {"symmetric_rtp_enabled": True}
        scene.account.add_resource(US1, msgspec.structs.replace(trunk, fields=fields))
        planned = await scene.plan()
        assert "symmetric_rtp_enabled is not copied" in plan_text(planned.plan, planned.digest)
        assert (await scene.apply(planned)).outcome == "done"
        assert (await scene.plan()).plan.matches

    told(tmp_path, story)


def test_a_rule_forbids_it_from_the_beginning_or_in_the_middle(tmp_path: Path) -> None:
    """Nothing is written once somebody may need the standby."""

    async def story(scene: Scene) -> None:
        from voicedr.usecases.apply_sync import apply_sync

        planned = await scene.plan()
        said = [None, None, None, "an incident"]

        async def run(words: list[str | None], run: str) -> object:
            return await apply_sync(
                planned, scene.standby, scene.syncs, scene.clock, run=run, by="me", holder="me",
                secret=lambda _: PASSWORD, may_go_on=lambda: words.pop(0) if len(words) > 1 else words[0],
            )  # fmt: skip

        with pytest.raises(NotNow, match="an incident"):
            await run(["an incident"], "a")
        assert scene.account.writes == []
        applied = await run(said, "b")
        assert (applied.outcome, applied.forbidden) == ("stopped", True)  # type: ignore[attr-defined]
        assert 0 < len(scene.account.writes) < len(planned.plan.writes)

    told(tmp_path, story)


def test_one_run_at_a_time_and_its_record_is_a_chain(tmp_path: Path) -> None:
    """A second process is told who has it; one that died is followed; an edit is seen."""

    async def story(scene: Scene) -> None:
        planned = await scene.plan()
        opened = SyncOpened(
            at=START, run="r1", account="AC", primary=US1, standby=IE1, plan_hash=planned.digest, by="me", steps=1
        )
        # Our own process, which is certainly there.
        from voicedr.bootstrap import holder

        scene.syncs.open(opened, holder())
        with pytest.raises(SyncHeld, match="r1"):
            scene.syncs.open(msgspec.structs.replace(opened, run="r2"), "you@elsewhere:1/1/x")
        gone = holder().replace(f":{_pid(holder())}/", ":99999999/")
        scene.syncs.open(msgspec.structs.replace(opened, run="r3"), holder())
        with pytest.raises(SyncFenced):
            scene.syncs.append("r1", gone, [], START)
        assert [one.finished for one in scene.syncs.runs()] == [True, False]
        with pytest.raises(SyncsBroken):
            scene.syncs.read("r9")

    scene = told(tmp_path, story)
    import sqlite3

    with sqlite3.connect(tmp_path / "journal.db") as database:
        database.execute("UPDATE sync_records SET body = replace(body, 'me', 'you') WHERE run = 'r1' AND seq = 1")
    with pytest.raises(SyncsBroken, match="record 1 of r1"):
        scene.syncs.read("r1")


def _pid(holder: str) -> str:
    return holder.rpartition(":")[2].partition("/")[0]


def test_the_intent_is_recorded_before_the_write(tmp_path: Path) -> None:
    """Of every write, whichever comes first."""

    async def story(scene: Scene) -> None:
        seen: list[int] = []

        def look(_write: Write) -> None:
            seen.append(sum(isinstance(one, SyncIntended) for one in events(scene)))

        scene.account.before_write = look
        await scene.apply()
        assert all(intended >= n for n, intended in enumerate(seen, 1))

    told(tmp_path, story)

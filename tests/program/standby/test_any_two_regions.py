"""For any primary and any standby: a plan that is carried out leaves nothing to do, and nothing foreign is touched."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sync_scene import Scene
from voicedr.program.readiness.kinds import Resource
from voicedr.program.standby.closure import references
from voicedr.program.standby.doing import Do
from voicedr.program.standby.keys import Key, named
from voicedr.program.standby.plan import Adopt
from voicedr.program.vocabulary import IE1, US1, Region
from voicedr.testing.virtual_time import VirtualClock, run_virtual

NAMES = st.sampled_from(["a", "b", "c"])
SOME = st.sets(NAMES, max_size=3)
URL = st.sampled_from([None, "https://us1.app.example/v", "https://ie1.app.example/v", "https://other.example/v"])
NUMBERS = ["+14155550100", "+14155550101", "+14155550102"]


def draw_region(scene: Scene, region: Region, draw: st.DrawFn) -> None:
    """Put anything into a Region; references stay within it."""
    apps = [
        scene.put("application", region=region, friendly_name=name, voice_url=draw(URL))
        for name in sorted(draw(SOME)) + (["a"] if draw(st.integers(0, 9)) == 0 else [])
    ]
    lists = [scene.put("ip-acl", region=region, friendly_name=name) for name in sorted(draw(SOME))]
    for acl in lists:
        for last in sorted(draw(st.sets(st.integers(1, 3), max_size=3))):
            scene.put(
                "ip-address", acl, region=region, friendly_name=draw(NAMES), ip_address=f"192.0.2.{last}",
                cidr_prefix_length=32,
            )  # fmt: skip
    trunks = []
    for name in sorted(draw(SOME)):
        trunk = scene.put("trunk", region=region, domain_name=f"{name}.pstn.twilio.com", secure=draw(st.booleans()))
        trunks.append(trunk)
        for host in sorted(draw(SOME)):
            uri = f"sip:{host}.example;edge={'ashburn' if region == US1 else 'dublin'}"
            scene.put("origination-url", trunk, region=region, sip_url=uri, priority=draw(st.integers(1, 2)),
                      weight=1, enabled=True)  # fmt: skip
        for acl in lists:
            if draw(st.booleans()):
                scene.put("trunk-acl", trunk, region=region, sid=acl.sid)
    for e164 in NUMBERS:
        way: Resource | None = draw(st.sampled_from([None, *apps, *trunks]))
        if way is None:
            scene.number(e164, region=region, voice_url=draw(URL))
        else:
            scene.number(e164, region=region, **{
                "voice_application_sid" if way.kind == "application" else "trunk_sid": way.sid
            })  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_carried_out_it_leaves_nothing_to_do(data: st.DataObject) -> None:
    """Without and with taking over; and what each step needs comes before it."""

    async def story(clock: VirtualClock) -> None:
        with tempfile.TemporaryDirectory() as folder:
            scene = Scene(clock, Path(folder))
            draw_region(scene, US1, data.draw)
            draw_region(scene, IE1, data.draw)
            before = {(one.kind, one.parent_sid, one.sid): one for one in everything(scene)}
            planned = await scene.plan(everything=True)
            order = {step.key: at for at, step in enumerate(planned.plan.writes)}
            primary = named(await_estate(scene, US1))
            for key, at in order.items():
                assert key.parent is None or order.get(key.parent, -1) < at
                for resource in primary.by_key.get(key, []):
                    assert all(order.get(need, -1) < at for need in references(primary, resource))
            empty = {one.sid for one in before.values() if one.kind == "number" and not one.fields["voice_url"]}
            assert (await scene.apply(planned)).outcome == "done"
            after = {(one.kind, one.parent_sid, one.sid): one for one in everything(scene)}
            for about, was in before.items():
                ours = was.kind == "number" and was.sid in empty
                assert ours or unsettled(after[about]) == unsettled(was), about
            assert (await scene.plan(everything=True)).plan.writes == ()

            assert (await scene.apply(adopt=Adopt(all=True), everything=True, prune=True)).outcome == "done"
            end = await scene.plan(adopt=Adopt(all=True), everything=True, prune=True)
            assert end.plan.writes == ()
            twice = {step.key for step in end.plan.of(Do.CONFLICT)}
            assert all(len(named(await_estate(scene, IE1)).by_key[key]) > 1 for key in twice)
            if not end.plan.of(Do.CONFLICT, Do.BLOCKED):
                assert end.plan.matches
            scene.journal.close()

    run_virtual(story)


def everything(scene: Scene) -> list[Resource]:
    """What the standby has of what is drawn."""
    return [one for kind in DRAWN for one in scene.listed(kind)]


DRAWN = ("application", "number", "ip-acl", "ip-address", "trunk", "origination-url", "trunk-acl")


def unsettled(resource: Resource) -> dict[str, object]:
    """Its fields, without what follows from what is mapped to it."""
    return {name: value for name, value in resource.fields.items() if name != "auth_type"}


def await_estate(scene: Scene, region: Region) -> dict[str, object]:
    """A Region as it would be read."""
    from voicedr.program.readiness.facts import Observed
    from voicedr.testing.virtual_time import START

    return {kind: Observed(tuple(scene.listed(kind, region)), START, "") for kind in DRAWN}


def test_keys_name_what_they_belong_to() -> None:
    """As people read them."""
    assert str(Key("ip-address", "192.0.2.1/32", Key("ip-acl", "Office"))) == (
        'ip-address "192.0.2.1/32" of ip-acl "Office"'
    )

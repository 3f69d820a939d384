"""The policies in force, and how new ones take their place."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from watchfiles import Change

from fastagi.daemon import reload
from fastagi.daemon.places import Means
from fastagi.daemon.reload import (
    PoliciesInForce,
    load_policies,
    load_what_can,
    policy_files,
    versions,
    watch,
    watch_beside,
)
from fastagi.errors import PolicyError
from fastagi.policy.model import SignInTerms, Unit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from structlog.typing import EventDict

    from fastagi.policy.model import Policy

CASE = """\
[[case]]
name = "London"
call = { from = "101", dial = "902079460000", at = "2026-01-05T10:10:00" }
expect = { verdict = "allow", rule = "at-home" }
"""


def changed(file: Path, before: str, after: str) -> None:
    """Change a file's text."""
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))


# ------------------------------------------------------------------- loading


def test_a_place_is_a_file_or_a_folder_without_its_cases(policy: Path) -> None:
    """In the order of their names."""
    (policy.parent / "office.cases.toml").write_text(CASE)
    (policy.parent / "hotel.toml").touch()
    assert policy_files(policy) == (policy,)
    assert policy_files(policy.parent) == (policy.parent / "hotel.toml", policy)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    """Nothing would ever be allowed."""
    with pytest.raises(PolicyError, match="no policy is in this folder"):
        policy_files(tmp_path)


def test_policies_are_loaded_by_site(policy: Path) -> None:
    """Those of a folder all at once."""
    (policy.parent / "hotel.toml").write_text(policy.read_text().replace('"office"', '"hotel"'))
    assert sorted(load_policies(policy.parent)) == ["hotel", "office"]


def test_problems_of_all_files_are_told_together(policy: Path) -> None:
    """Also that two files are for one site."""
    (policy.parent / "broken.toml").write_text("[site]\n")
    (policy.parent / "twin.toml").write_text(policy.read_text())
    with pytest.raises(PolicyError) as error:
        load_policies(policy.parent)
    files = {problem.file.name for problem in error.value.problems}
    assert files == {"broken.toml", "twin.toml"}
    assert "has a policy already, in `office.toml`" in str(error.value)


def test_a_limit_on_what_is_used_comes_into_force(policy: Path) -> None:
    """With what it gives, and the time in which it is counted."""
    budget = '[[limit]]\nname = "budget"\nper = "site"\nwithin = "24h"\nminutes = 60\n'
    policy.write_text(f"{policy.read_text()}\n{budget}")
    limit = load_policies(policy)["office"].limits[-1]
    assert (limit.budgets, limit.within_s) == (((Unit.SECONDS, 3600),), 86_400)


def test_a_rule_that_asks_for_a_sign_in_comes_into_force(policy: Path) -> None:
    """With the terms of a policy that states none."""
    changed(policy, 'then = "allow"', 'then = "sign-in"')
    assert load_policies(policy)["office"].sign_in == SignInTerms()


def test_replicas_of_a_store_that_has_none_are_refused(policy: Path) -> None:
    """Such a policy would promise what nobody keeps."""
    changed(policy, 'name = "office"', 'name = "office"\nreplicas = 1')
    assert load_policies(policy)["office"].site.replicas == 1
    with pytest.raises(PolicyError, match="an SQLite store has no `replicas`") as error:
        load_policies(policy, Means(has_replicas=False))
    assert (
        error.value.problems[0].line == policy.read_text().splitlines().index("replicas = 1") + 1
    )


@pytest.mark.parametrize(
    ("scope", "key"), [('to = ["reported"]', "numbers"), ('network = ["reported"]', "addresses")]
)
def test_what_nobody_is_asked_for_is_refused(policy: Path, scope: str, key: str) -> None:
    """A rule that never fits would be worse than none; its line is told, and the setting."""
    rule = f'\n[[rule]]\nname = "thieves"\n{scope}\nthen = "deny"\n'
    policy.write_text(policy.read_text() + rule)
    assert load_policies(policy)
    asked = {"numbers": True, "addresses": True, key: False}
    with pytest.raises(PolicyError, match=f"`thieves` speaks of `reported` {key}") as error:
        load_policies(policy, Means(**asked))
    line = policy.read_text().splitlines().index('name = "thieves"')
    assert [each.line for each in error.value.problems] == [line]


def test_cases_beside_a_policy_must_hold(policy: Path) -> None:
    """Those that do, let it come into force; one that fails is told with its line."""
    beside = policy.parent / "office.cases.toml"
    beside.write_text(CASE)
    assert load_policies(policy)
    changed(beside, '"allow"', '"deny"')
    with pytest.raises(PolicyError, match="case `London` fails") as error:
        load_policies(policy)
    assert str(error.value).startswith(f"{beside}:1: ")


def test_sequences_beside_a_policy_must_hold(policy: Path) -> None:
    """As cases must; the line is that of the step that fails."""
    beside = policy.parent / "office.cases.toml"
    step = 'call = { from = "101", dial = "999" }, expect = { rule = "emergency" }'
    text = f'[[sequence]]\nname = "s"\nstart = "2026-01-05T10:00:00"\nstep = [\n{{ {step} }},\n]\n'
    beside.write_text(text)
    assert load_policies(policy)
    beside.write_text(text.replace('"emergency"', '"none"'))
    with pytest.raises(PolicyError) as refused:
        load_policies(policy)
    (problem,) = refused.value.problems
    assert (problem.file, problem.line) == (beside, 5)
    assert "sequence `s` fails: step 1 (at 10:00:00): rule is `emergency`" in problem.what


# ------------------------------------------------------------------- in force


async def test_whoever_is_also_told_is_told_now_and_then(policy: Path) -> None:
    """A store learns what its sites want, also when they change their minds."""
    told: list[dict[str, int]] = []
    policies = PoliciesInForce(policy, load_policies(policy))
    policies.also_tell(
        lambda by_site: told.append(
            {each: policy.site.replicas for each, policy in by_site.items()}
        )
    )
    changed(policy, 'name = "office"', 'name = "office"\nreplicas = 2')
    assert await policies.reload()
    assert told == [{"office": 0}, {"office": 2}]
    changed(policy, "replicas = 2", "replicas = 9")
    assert not await policies.reload()
    assert len(told) == 2


def test_a_policy_is_found_by_its_site(policy: Path) -> None:
    """Of one policy the site need not be named; of several it must."""
    (one,) = load_policies(policy).values()
    alone = PoliciesInForce(policy, {"office": one})
    assert alone.of("") is alone.of("office") is one
    assert alone.of("hotel") is None
    several = PoliciesInForce(policy, {"office": one, "hotel": one})
    assert several.of("") is None
    assert several.of("hotel") is one


async def test_a_changed_policy_comes_into_force(policy: Path, told: list[EventDict]) -> None:
    """And is kept for successors."""
    kept: list[Mapping[str, Policy]] = []
    policies = PoliciesInForce(policy, load_policies(policy), kept.append)
    before = policies.of("")
    changed(policy, "at-home", "home")
    assert await policies.reload()
    now = policies.of("")
    assert now is not None
    assert before is not None
    assert now.rules[0].name == "home"
    assert [versions(each)["office"] for each in kept] == [before.version, now.version]
    assert [line["event"] for line in told] == ["policy-reloaded"]


@pytest.mark.parametrize(("asked", "events"), [(True, ["policy-unchanged"]), (False, [])])
async def test_an_unchanged_policy_stays(
    policy: Path, told: list[EventDict], asked: bool, events: list[str]
) -> None:
    """Who asks for a reload is answered; an editor that saves twice is not."""
    policies = PoliciesInForce(policy, load_policies(policy))
    before = policies.of("")
    assert await policies.reload(asked=asked)
    assert policies.of("") is before
    assert [line["event"] for line in told] == events


async def test_a_broken_policy_changes_nothing_and_is_told_loudly(
    policy: Path, told: list[EventDict]
) -> None:
    """With file and line."""
    policies = PoliciesInForce(policy, load_policies(policy))
    before = policies.of("")
    changed(policy, 'then = "allow"', 'then = "alow"')
    assert not await policies.reload()
    assert policies.of("") is before
    assert [line["event"] for line in told] == ["policy-refused", "policy-in-force-stays"]
    assert all(line["log_level"] == "error" for line in told)
    assert str(told[0]["where"]).startswith(f"{policy}:")


@pytest.mark.parametrize("refused", [True, False])
async def test_a_policy_that_is_mended_is_told(
    policy: Path, told: list[EventDict], refused: bool
) -> None:
    """Once, and also where it is the very one in force: whoever was alarmed is told it is over."""
    policies = PoliciesInForce(policy, load_policies(policy), refused=refused)
    if not refused:
        changed(policy, 'then = "allow"', 'then = "alow"')
        assert not await policies.reload()
        changed(policy, 'then = "alow"', 'then = "allow"')
        told.clear()
    assert await policies.reload()
    assert await policies.reload()
    assert [(each["event"], each["log_level"]) for each in told] == [
        ("policy-valid-again", "info")
    ]


# ------------------------------------------------------------------- several sites


@pytest.fixture
def hotel(policy: Path) -> Path:
    """A second site's policy, beside the first."""
    beside = policy.with_name("hotel.toml")
    beside.write_text(policy.read_text().replace('"office"', '"hotel"'))
    return beside


async def test_a_broken_policy_is_no_other_sites_trouble(
    policy: Path, hotel: Path, told: list[EventDict]
) -> None:
    """The one it was to replace stays, the others change; and it comes in once it is mended."""
    policies = PoliciesInForce(policy.parent, load_policies(policy.parent))
    before = policies.of("hotel")
    changed(hotel, 'then = "allow"', 'then = "alow"')
    changed(policy, "at-home", "home")
    assert not await policies.reload()
    assert policies.of("hotel") is before
    office = policies.of("office")
    assert office is not None
    assert office.rules[0].name == "home"
    events = [each["event"] for each in told]
    assert events == ["policy-refused", "policy-in-force-stays", "policy-reloaded"]
    assert set(told[1]["policies"]) == {"hotel"}
    changed(hotel, 'then = "alow"', 'then = "allow"')
    assert await policies.reload()
    assert told[-1]["event"] == "policy-valid-again"


def test_nobody_takes_anothers_place(policy: Path, hotel: Path) -> None:
    """Whose policy says another's site is refused: that of each stays what it was."""
    policies = PoliciesInForce(policy.parent, load_policies(policy.parent))
    before = {site: policies.of(site) for site in ("office", "hotel")}
    changed(hotel, '"hotel"', '"office"')
    assert not asyncio.run(policies.reload())
    assert {site: policies.of(site) for site in ("office", "hotel")} == before
    early = hotel.rename(hotel.with_name("a-first.toml"))
    loaded = load_what_can(policy.parent, {})
    assert loaded.by_site["office"].source == policy
    assert [each.file for each in loaded.problems] == [early]


def test_a_policy_that_is_taken_away_is_gone(policy: Path, hotel: Path) -> None:
    """Its site's calls are denied; a new one comes beside those that are there."""
    policies = PoliciesInForce(policy.parent, load_policies(policy.parent))
    hotel.unlink()
    policy.with_name("shop.toml").write_text(policy.read_text().replace('"office"', '"shop"'))
    assert asyncio.run(policies.reload())
    assert sorted(policies.sites) == ["office", "shop"]
    for each in policy.parent.glob("*.toml"):
        each.unlink()
    assert not asyncio.run(policies.reload())
    assert sorted(policies.sites) == ["office", "shop"]


# ------------------------------------------------------------------- watching


async def test_every_change_of_a_policy_is_noticed(
    policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once at the beginning, and then at each change of a file that matters."""
    monkeypatch.setattr(reload, "WATCH_MS", 50)
    noticed: asyncio.Queue[Mapping[str, Policy]] = asyncio.Queue()

    async def look() -> None:
        noticed.put_nowait(load_policies(policy))

    watching = asyncio.create_task(watch(policy.parent, look))
    async with asyncio.timeout(20):
        before = versions(await noticed.get())
        changed(policy, "at-home", "home")
        assert versions(await noticed.get()) != before
    watching.cancel()
    await asyncio.wait([watching])


async def test_a_list_that_lies_elsewhere_is_looked_at(
    policy: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Whatever it is called, and once it is no longer being written; one that is gone, too."""
    monkeypatch.setattr(reload, "LOOK_S", 0.01)
    refused = asyncio.Event()
    monkeypatch.setattr(reload, "tell_refused", lambda _: refused.set())
    place = tmp_path_factory.mktemp("elsewhere") / "fraud.lst"
    place.write_text("53\n")
    changed(policy, "[classes]", f'[lists]\nfraud = "{place}"\n[classes]')
    sizes: asyncio.Queue[int] = asyncio.Queue()
    policies = PoliciesInForce(policy, load_policies(policy))
    policies.also_tell(lambda by_site: sizes.put_nowait(len(by_site["office"].lists["fraud"])))
    watching = asyncio.create_task(watch_beside(policies, policies.files_beside()))
    async with asyncio.timeout(20):
        assert await sizes.get() == 1
        place.write_text("53\n39\n")
        assert await sizes.get() == 2
        fresh = place.with_name("new")
        fresh.write_text("53\n39\n44\n")
        fresh.rename(place)
        assert await sizes.get() == 3
        place.unlink()
        await refused.wait()
    assert sizes.empty()
    watching.cancel()
    await asyncio.wait([watching])


async def test_a_quiet_watch_calls_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """But for the first time, when it is established."""
    turns: list[set[tuple[Change, str]]] = [set(), set(), {(Change.added, "a.toml")}, set()]
    left: list[int] = []

    async def scripted(*_: object, **__: object) -> AsyncIterator[set[tuple[Change, str]]]:
        while turns:
            yield turns.pop(0)

    async def look() -> None:
        left.append(len(turns))

    monkeypatch.setattr(reload, "awatch", scripted)
    await watch(tmp_path, look)
    assert left == [3, 1]


def test_what_lies_near_a_policy_is_no_change_of_it() -> None:
    """A database is written at every call."""
    assert reload._is_of_a_policy(Change.modified, "/p/lists/irsf.csv")
    assert not reload._is_of_a_policy(Change.modified, "/p/dialguard.db-wal")


async def test_a_folder_that_cannot_be_watched_is_told(
    tmp_path: Path, told: list[EventDict]
) -> None:
    """SIGHUP remains."""

    async def never() -> None:
        raise AssertionError

    await watch(tmp_path / "nowhere", never)
    assert [line["event"] for line in told] == ["policy-not-watched"]

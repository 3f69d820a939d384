"""The same request sent twice is done once."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

import pytest

from fastagi.console.api import once
from fastagi.console.api.problems import Code, Refused
from fastagi.errors import StoreError
from fastagi.stores.records import Record
from tests.unit.console.api.conftest import HERE, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.call.sign_in import Phone
    from tests.unit.console.api.conftest import Api

OF_101 = "/sites/office/extensions/101/sign-ins"
KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


async def open_ids(api: Api) -> list[str]:
    """Return which sign-ins are open."""
    return [each.id for each in await api.shaky.behind.sign_ins("office", api.clock.now)]


async def test_the_second_has_the_answer_of_the_first(api: Api) -> None:
    """For a day, whatever became of the sign-in; then it is another request."""
    token = await api.token(for_s=3 * 86400) | KEY
    first = await api.open(token, seconds=60)
    for later_s in (0, 61, 86400 - 62):
        api.clock.now += later_s
        again = await api.open(token, seconds=60)
        assert (again.status_code, again.json()) == (201, first.json())
        assert again.headers["Location"] == first.headers["Location"]
        assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert len(api.registrar.asked) == 1
    api.clock.now += 1
    assert (await api.open(token, seconds=60)).json() != first.json()


async def test_no_body_and_an_empty_one_are_the_same(api: Api) -> None:
    """What is asked for counts, not how it is written."""
    token = await api.token() | KEY
    headers = token | {"Content-Type": "application/json"}
    bodies = (b"", b"{}", b' {"seconds" : null}')
    answers = [await api.client.post(OF_101, headers=headers, content=each) for each in bodies]
    assert [each.status_code for each in answers] == [201, 201, 201]
    assert len({each.json()["id"] for each in answers}) == 1


async def test_another_body_is_refused(api: Api) -> None:
    """Whoever uses a key twice has made a mistake, and should hear of it."""
    token = await api.token() | KEY
    await api.open(token, seconds=60)
    assert told(await api.open(token, seconds=61)) == (422, "other-body")


async def test_a_key_is_the_tokens_and_the_extensions(api: Api) -> None:
    """Of another it is another; so nobody reads another's answers."""
    api.registrar.places["102"] = [HERE]
    one, other = await api.token() | KEY, await api.token() | KEY
    answers = [await api.open(one), await api.open(other), await api.open(one, "102")]
    assert [each.status_code for each in answers] == [201, 201, 201]
    assert len({each.json()["id"] for each in answers}) == 3


async def test_of_two_at_one_moment_one_is_done(api: Api) -> None:
    """The other is told to wait, and has the same answer then."""
    token, asked, answer = await api.token() | KEY, asyncio.Event(), asyncio.Event()
    phones = api.registrar.phones

    async def wait(site: str, extension: str) -> Sequence[Phone]:
        asked.set()
        await answer.wait()
        return await phones(site, extension)

    api.registrar.phones = wait  # type: ignore[method-assign]  # for this test
    first = asyncio.create_task(api.open(token))
    await asked.wait()
    refused = await api.open(token)
    assert told(refused) == (409, "in-progress")
    assert refused.headers["Retry-After"] == "1"
    answer.set()
    done = await first
    assert await open_ids(api) == [done.json()["id"]]
    assert (await api.open(token)).json() == done.json()


async def test_of_many_at_one_moment_one_is_done(api: Api) -> None:
    """However they come."""
    token = await api.token() | KEY
    answers = await asyncio.gather(*(api.open(token) for _ in range(20)))
    assert {each.status_code for each in answers} <= {201, 409}
    opened = {each.json()["id"] for each in answers if each.status_code == 201}
    assert opened == set(await open_ids(api))
    assert len(opened) == len(api.registrar.asked) == 1


async def test_what_was_refused_may_be_asked_anew(api: Api) -> None:
    """Nothing was done; and the phone may be there by now."""
    token = await api.token() | KEY
    places = api.registrar.places
    api.registrar.places = {}
    assert told(await api.open(token)) == (409, "phone-not-registered")
    api.registrar.places = places
    assert (await api.open(token)).status_code == 201


async def test_a_request_whose_process_died_may_be_sent_again(api: Api) -> None:
    """After a minute."""
    token = await api.token()
    (kept,) = await api.tokens()
    now = api.clock.now
    claimed = await once.claim(
        api.shaky.behind, kept, "101/sign-ins", KEY["Idempotency-Key"], '{"seconds":null}', now
    )
    assert isinstance(claimed, once.Claim)
    assert told(await api.open(token | KEY)) == (409, "in-progress")
    api.clock.now += once.CLAIMED_S
    assert (await api.open(token | KEY)).status_code == 201
    await once.answer(api.shaky.behind, claimed, "late", now)
    assert (await api.open(token | KEY)).status_code == 201


async def test_a_claim_that_ends_as_it_is_looked_at_is_to_be_tried_again(api: Api) -> None:
    """It was neither ours nor there."""
    await api.token()
    (kept,) = await api.tokens()
    now = api.clock.now

    class Passing:
        async def put_record(self, *_words: object) -> bool:
            return False

        async def record(self, *_words: object) -> Record | None:
            return None

    with pytest.raises(Refused) as refused:
        await once.claim(Passing(), kept, "", "", "", now)  # type: ignore[arg-type]  # a part of it
    assert refused.value.code is Code.IN_PROGRESS


async def test_a_store_that_fails_at_the_end_takes_no_answer_away(api: Api) -> None:
    """What is open is open."""
    token = await api.token() | KEY

    async def fail() -> None:
        if api.shaky.asked.count("put_record") > 2:  # its use, the claim, and then the answer
            raise StoreError("away")

    api.shaky.before["put_record"] = fail
    done = await api.open(token)
    assert done.status_code == 201
    api.shaky.before.clear()
    assert told(await api.open(token)) == (409, "in-progress")


async def test_a_key_is_not_kept_in_the_clear(api: Api) -> None:
    """It may be somebody's name, or an order's."""
    await api.open(await api.token() | KEY)
    (record,) = await api.shaky.behind.records("office", once.KIND, "", 10, api.clock.now)
    assert KEY["Idempotency-Key"] not in record.key + record.text
    assert dataclasses.asdict(record)["until"] == api.clock.now + once.KEPT_S

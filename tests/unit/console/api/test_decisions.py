"""Decisions of the past over the API: those of the token's own site and extensions."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import pytest

from fastagi.console.api.application import make_api
from fastagi.console.api.ports import ApiPorts
from fastagi.console.past_decisions import PastDecisions
from fastagi.tokens import Scope
from tests.unit.console.api.conftest import told
from tests.unit.console.test_past_decisions import put
from tests.unit.console.world import Sites

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.unit.console.api.conftest import Api

PATH = "/sites/office/decisions/4711/explanation"


@pytest.fixture
def decisions(tmp_path: Path) -> Path:
    """Return where the record is."""
    return tmp_path / "decisions.jsonl"


@pytest.fixture
async def client(api: Api, decisions: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The API, with a record."""
    record = PastDecisions(decisions, decisions.parent / "versions", Sites({}))
    app = make_api(ApiPorts(api.gate, api.registrar, record=record))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://web/") as asking:
        yield asking


async def test_a_decision_is_explained(
    api: Api, client: httpx.AsyncClient, decisions: Path
) -> None:
    """With every rule and limit, and their figures; of the number, what the record shows."""
    policy = put(decisions, "then")
    response = await client.get(PATH, headers=await api.token(Scope.READ_DECISIONS))
    assert response.status_code == 200
    answer = response.json()
    assert (answer["verdict"], answer["rule"], answer["agrees"]) == ("deny", "then", True)
    assert (answer["policy"], answer["number"]) == (policy.version, "+44207946xxxx")
    assert answer["summary"] == "denied by rule `then`"
    assert answer["rules"][0]["decides"]
    assert answer["limits"][0]["figures"] == [
        {"what": "calls", "value": None, "threshold": 2, "needs": 1, "unit": ""}
    ]


async def test_what_cannot_be_explained_says_why(
    api: Api, client: httpx.AsyncClient, decisions: Path
) -> None:
    """And what the record has is there."""
    put(decisions, "gone", kept=False)
    answer = (await client.get(PATH, headers=await api.token(Scope.READ_DECISIONS))).json()
    assert (answer["summary"], answer["rules"], answer["agrees"]) == (None, [], None)
    assert "is not kept here" in answer["note"]


async def test_it_is_chosen_by_call_and_moment(
    api: Api, client: httpx.AsyncClient, decisions: Path
) -> None:
    """Four digits come round again."""
    put(decisions, "one", call="1.1")
    put(decisions, "two", call="1.2")
    token = await api.token(Scope.READ_DECISIONS)
    assert (await client.get(PATH, headers=token)).json()["rule"] == "two"
    found = await client.get(f"{PATH}?call=1.1&time=2026-01-05T10", headers=token)
    assert found.json()["rule"] == "one"
    refused = await client.get(f"{PATH}?call=%0a", headers=token)
    assert told(refused) == (422, "bad-parameters")


async def test_another_site_s_is_as_if_it_were_not(
    api: Api, client: httpx.AsyncClient, decisions: Path
) -> None:
    """Nor is one of an extension that the token does not speak for."""
    put(decisions, "theirs", site="branch")
    token = await api.token(Scope.READ_DECISIONS)
    assert told(await client.get(PATH, headers=token)) == (404, "unknown-decision")
    put(decisions, "ours", extension="102")
    own = await api.token(Scope.READ_DECISIONS, extensions=["101"])
    assert told(await client.get(PATH, headers=own)) == (404, "unknown-decision")
    assert (await client.get(PATH, headers=token)).status_code == 200


async def test_it_takes_a_token_with_the_scope(
    api: Api, client: httpx.AsyncClient, decisions: Path
) -> None:
    """Who may read sign-ins may not read decisions."""
    put(decisions, "then")
    assert told(await client.get(PATH)) == (401, "no-token")
    other = await api.token(Scope.READ_SIGN_INS)
    assert told(await client.get(PATH, headers=other)) == (403, "not-granted")


async def test_a_record_that_cannot_be_read_is_told(
    api: Api, client: httpx.AsyncClient, decisions: Path
) -> None:
    """And where the API has none, there is nothing in it."""
    await asyncio.to_thread(decisions.mkdir)
    token = await api.token(Scope.READ_DECISIONS)
    refused = await client.get(PATH, headers=token)
    assert told(refused) == (503, "looking-up")
    assert refused.headers["Retry-After"]
    assert told(await api.client.get(PATH, headers=token)) == (404, "unknown-decision")


async def test_it_takes_its_own_site_s_turn(
    api: Api, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that it keeps no other site waiting."""
    whose: list[str] = []

    async def explain(_: PastDecisions, _reference: str, site: str, *_more: object) -> None:
        whose.append(site)

    monkeypatch.setattr(PastDecisions, "explain", explain)
    token = await api.token(Scope.READ_DECISIONS)
    assert told(await client.get(PATH, headers=token)) == (404, "unknown-decision")
    assert whose == ["office"]

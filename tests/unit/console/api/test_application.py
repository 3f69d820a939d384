"""The API as a whole: what its document says is what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from fastagi import __version__
from fastagi.console.api.application import Mounted
from fastagi.console.api.problems import PREFIX, Code
from tests.unit.console.api.conftest import told

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from tests.unit.console.api.conftest import Api

OF_101 = "/sites/office/extensions/101/sign-ins"


async def document(api: Api) -> dict[str, Any]:
    """Return the OpenAPI document, as it is served."""
    answer = await api.client.get("/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    found: dict[str, Any] = answer.json()
    return found


async def test_it_describes_itself(api: Api) -> None:
    """As OpenAPI 3.1, with every problem where it may come."""
    found = await document(api)
    assert found["openapi"].startswith("3.1")
    assert found["servers"] == [{"url": PREFIX}]
    assert __version__ not in str(found["info"])
    assert found["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"
    operations = [each for path in found["paths"].values() for each in path.values()]
    assert len(operations) == 7
    for each in operations:
        assert {"401", "403", "429", "503"} <= set(each["responses"])
        assert each["security"] == [{"HTTPBearer": []}]
    assert "HTTPValidationError" not in str(found)
    assert await document(api) == found


async def test_no_page_loads_anything_from_elsewhere(api: Api) -> None:
    """FastAPI's own pages of the document would."""
    for path in ("/docs", "/redoc", "/docs/oauth2-redirect", "/"):
        assert told(await api.client.get(path)) == (404, "not-found")


async def test_what_cannot_be_done_here_is_told(api: Api) -> None:
    """With what can."""
    refused = await api.client.put(OF_101, headers=await api.token())
    assert told(refused) == (405, "no-such-method")
    assert refused.headers["Allow"]


async def test_a_slash_too_many_leads_nowhere(api: Api) -> None:
    """Least of all to a host that the client names."""
    answer = await api.client.get(f"{OF_101}/", headers={"Host": "evil.example"})
    assert told(answer) == (404, "not-found")
    assert "Location" not in answer.headers


async def test_a_fault_of_ours_tells_nothing_of_itself(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But the id, by which the log has it."""

    async def broken(*_words: object) -> object:
        raise ZeroDivisionError("a secret")

    token = await api.token()
    monkeypatch.setattr(api.registrar, "phones", broken)
    answer = await api.open(token)
    assert told(answer) == (500, "broken")
    assert answer.json()["detail"] == Code.BROKEN.detail


async def test_it_has_its_place_in_the_web(api: Api) -> None:
    """Whatever is asked of it, it answers; what is not, it does not."""
    asked: list[str] = []

    async def pages(scope: Scope, _receive: Receive, send: Send) -> None:
        asked.append(scope["path"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    transport = httpx.ASGITransport(Mounted(api.app, pages))
    async with httpx.AsyncClient(transport=transport, base_url="http://web") as client:
        assert (await client.get(f"{PREFIX}/openapi.json")).status_code == 200
        for path in ("/sites/a%0Ab/sign-ins", "/", "/nothing"):
            assert told(await client.get(httpx.URL(f"http://web{PREFIX}{path}")))[0] == 404
        for path in ("/", "/api/v1", "/api/v2/sites", "/office/"):
            assert (await client.get(path)).status_code == 204
    assert asked == ["/", "/api/v1", "/api/v2/sites", "/office/"]


@pytest.mark.parametrize(
    "path",
    [
        "/sites/OFFICE/sign-ins",
        f"/sites/{'a' * 65}/sign-ins",
        "/sites/office/extensions/1~1/sign-ins",
        f"{OF_101}/short",
        f"{OF_101}/{'a' * 25}",
    ],
)
async def test_a_name_that_cannot_be_is_not_there(api: Api, path: str) -> None:
    """Whoever asks."""
    for headers in ({}, await api.token()):
        assert told(await api.client.get(path, headers=headers)) == (404, "not-found")

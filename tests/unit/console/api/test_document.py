"""What the API's document says is what it does, whatever is asked: schemathesis tries."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.applications import Starlette

from fastagi import tokens
from fastagi.call.ports import Ports
from fastagi.console.api.application import Mounted, make_api
from fastagi.console.api.ports import ApiPorts
from fastagi.console.api.problems import PREFIX
from fastagi.policy.loading import load_text
from fastagi.second_factor.vault import Vault, new_key
from fastagi.stores.opening import open_store
from fastagi.stores.sign_ins import SignedOff, SignIn, Way
from fastagi.tokens import Scope
from tests.unit.call.conftest import Clock, Log, NoPool, OnePolicy
from tests.unit.console.api.conftest import ELSEWHERE, HERE, POLICY, Registrar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from schemathesis import Case

    from fastagi.stores.store import Store

load_all_checks()

SEEDED = [
    {"site": "office", "extension": f"10{number}", "id": str(number) * 24} for number in range(5)
]


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, dict[str, str]]]:
    """The API over a store with some sign-ins, and a token as a header."""
    folder: Path = tmp_path_factory.mktemp("seeded")
    clock = Clock()
    store = open_store(f"sqlite:///{folder / 'dialguard.db'}")
    secret = asyncio.run(seed(store, clock.now))
    once = {each["extension"]: [HERE] for each in SEEDED}
    registrar = Registrar(once | {"102": [HERE, ELSEWHERE]})
    policies = OnePolicy(load_text(POLICY, folder / "office.toml"))
    gate = Ports(policies, store, Vault([new_key()]), NoPool(), Log(), clock)
    many = 1_000_000
    api = make_api(ApiPorts(gate, registrar, many, many, many, many, 300))
    app = Mounted(api, Starlette())
    schema = schemathesis.openapi.from_asgi(f"{PREFIX}/openapi.json", app)
    yield schema, {"Authorization": f"Bearer {secret}"}
    asyncio.run(store.close())


async def seed(store: Store, now: float) -> str:
    """Put live and ended sign-ins in; return a token."""
    for each in SEEDED:
        sign_in = SignIn(
            site=each["site"],
            extension=each["extension"],
            id=each["id"],
            person="101",
            way=Way.KEYPAD,
            origin=HERE,
            node="pbx",
            since=now,
            until=now + 3600,
            idle_s=0,
            used=now,
        )
        await store.open_sign_in(sign_in, None, 1, now)
    await store.end_sign_ins("office", "103", None, SignedOff.OPERATOR, now)
    return await tokens.add(store, "office", "crm", list(Scope), (), None, now)


SITE = "/sites/{site}"
OF_ONE = f"{SITE}/extensions/{{extension}}/sign-ins"

OPERATIONS = [
    ("POST", OF_ONE, 201),
    ("GET", OF_ONE, 200),
    ("GET", f"{OF_ONE}/{{id}}", 200),
    ("DELETE", f"{OF_ONE}/{{id}}", 204),
    ("GET", f"{SITE}/sign-ins", 200),
    ("POST", f"{SITE}/extensions/{{extension}}/credentials", 403),
    ("GET", f"{SITE}/decisions/{{reference}}/explanation", 404),
]
"""Each with what it answers, among others, where what is asked is well-formed and there. Nobody
has factors that a generator would find: that they are wrong is the best there is."""


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize(("method", "path", "done"), OPERATIONS)
def test_no_answer_is_undocumented_and_none_a_fault(
    seeded: tuple[Any, dict[str, str]],
    method: str,
    path: str,
    done: int,
    mode: GenerationMode,
) -> None:
    """Of what the document allows, and of what it does not; often at a place that is there."""
    schema, token = seeded
    statuses: set[int] = set()

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        case=schema[path][method].as_strategy(generation_mode=mode),
        place=st.sampled_from([{}, {"site": "office"}, *SEEDED]),
    )
    def ask(case: Case[Any], place: dict[str, str]) -> None:
        if mode is GenerationMode.POSITIVE:
            known = {name: place[name] for name in case.path_parameters if name in place}
            case.path_parameters.update(known)
        # 409 and 422 may be the answer to what is well-formed: a phone that is not there.
        response = case.call_and_validate(
            headers=token, excluded_checks=[positive_data_acceptance]
        )
        statuses.add(response.status_code)

    ask()
    if mode is GenerationMode.POSITIVE:
        assert done in statuses
    else:
        assert statuses & {400, 401, 404, 422}

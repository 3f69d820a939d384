"""Why a call of the past was judged as it was, by the reference that its caller heard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.security import HTTPBearer
from pydantic import Field

from fastagi.console.api import shapes
from fastagi.console.api.access import Access
from fastagi.console.api.pace import Pace
from fastagi.console.api.ports import ApiPorts
from fastagi.console.api.problems import Code, Refused, documented
from fastagi.console.api.sign_ins import Site
from fastagi.errors import BusyError
from fastagi.tokens import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.decision_log.past import Past
    from fastagi.policy.explain import Step

REFERENCE: Final = r"^[0-9]{4}$"
CALL: Final = r"^[A-Za-z0-9_.-]{1,150}$"
MOMENT: Final = r"^[0-9]{4}[0-9TZ:.-]{0,20}$"

AGAIN: Final = {"Retry-After": "5"}

Reference = Annotated[
    str, Path(pattern=REFERENCE, description="the four digits that the caller heard")
]
Call = Annotated[
    str, Query(pattern=CALL, description="Asterisk's `uniqueid`, where the digits came round")
]
Moment = Annotated[
    str, Query(pattern=MOMENT, description="how the moment on record begins, in UTC, likewise")
]


class FigureAnswer(shapes.Answer):
    """A value that was held against a threshold; money is text."""

    what: Annotated[str, Field(description="`calls`, `price`, `duration`, a unit or a factor")]
    value: Annotated[int | str | None, Field(description="null: not on record")]
    threshold: int | str
    needs: Annotated[int | str | None, Field(description="what the call takes of it at least")]
    unit: Annotated[str, Field(description="a currency, `s`, or nothing")]


class StepAnswer(shapes.Answer):
    """A rule or a limit, whether the call fitted it, and why."""

    name: str
    fits: bool
    decides: bool
    why: str
    hours: Annotated[list[str], Field(description="of its `when`, what held")]
    figures: list[FigureAnswer]


class ExplanationAnswer(shapes.Answer):
    """A decision as it is on record, and why it fell, by the policy that was in force then."""

    reference: str
    time: Annotated[str, Field(description="in UTC, as it is on record")]
    call: str
    extension: str
    number: Annotated[str, Field(description="as it is on record: its last digits may be masked")]
    country: str
    category: str
    verdict: str
    rule: str
    reason: str
    policy: Annotated[str, Field(description="the version that was in force then")]
    agrees: Annotated[
        bool | None,
        Field(description="whether today's code comes to the same; null: it has no say"),
    ]
    note: Annotated[str | None, Field(description="what has to be known besides")]
    summary: Annotated[str | None, Field(description="null: it cannot be explained; see `note`")]
    class_of_service: str | None
    price: str | None
    rules: list[StepAnswer]
    limits: list[StepAnswer]


def make_router(ports: ApiPorts, access: Access, pace: Pace) -> APIRouter:
    """Return the route."""
    scheme = HTTPBearer(auto_error=False, description="made by `dialguard token add`")
    router = APIRouter(dependencies=[Depends(scheme)])  # for the document; `access` looks at it
    refusals = (
        *(Code.NO_TOKEN, Code.NOT_GRANTED, Code.TOO_MANY, Code.STORE_AWAY, Code.BAD_REQUEST),
        *(Code.NOT_FOUND, Code.UNKNOWN_DECISION, Code.BAD_PARAMETERS, Code.LOOKING_UP),
    )

    @router.get(
        "/sites/{site}/decisions/{reference}/explanation",
        response_model=ExplanationAnswer,
        responses=documented(*refusals),
        operation_id="explain_decision",
        summary="Explain a decision of the past",
    )
    async def explain(
        request: Request, site: Site, reference: Reference, call: Call = "", time: Moment = ""
    ) -> ExplanationAnswer:
        """The newest with this reference, of those the token speaks for; `decisions:read`."""
        token, _ = await access.grant(request, site, Scope.READ_DECISIONS, pace)

        def sees(entry: Mapping[str, object]) -> bool:
            extension = str(entry.get("extension", ""))
            return entry.get("site") == site and token.speaks_for(extension)

        if ports.record is None:
            raise Refused(Code.UNKNOWN_DECISION)
        try:
            past = await ports.record.explain(reference, site, sees, time, call)
        except (BusyError, OSError):
            raise Refused(Code.LOOKING_UP, headers=AGAIN) from None
        if past is None:
            raise Refused(Code.UNKNOWN_DECISION)
        return answer_of(past)

    return router


def answer_of(past: Past) -> ExplanationAnswer:
    """Return what is told of a decision; of its digits, no more than its line shows."""
    entry, explanation = past.entry, past.explanation
    told = {
        name: str(entry.get(name, ""))
        for name in (
            *("reference", "time", "call", "extension", "number", "country", "category"),
            *("verdict", "rule", "reason", "policy"),
        )
    }
    return ExplanationAnswer(
        **told,
        agrees=past.agrees,
        note=past.note or None,
        summary=None if explanation is None else explanation.summary,
        class_of_service=None if explanation is None else explanation.class_name,
        price=None if explanation is None else explanation.price or None,
        rules=[] if explanation is None else [_step(each) for each in explanation.rules],
        limits=[] if explanation is None else [_step(each) for each in explanation.limits],
    )


def _step(step: Step) -> StepAnswer:
    return StepAnswer(
        name=step.name,
        fits=step.fits,
        decides=step.decides,
        why=step.why,
        hours=list(step.hours),
        figures=[FigureAnswer.model_validate(each.as_json()) for each in step.figures],
    )

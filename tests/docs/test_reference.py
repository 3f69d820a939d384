"""The reference names everything that others build on."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from fastagi.call.channel import Argument, Variable
from fastagi.decision_log.record import Record, line
from fastagi.policy.model import Prompt, Reason, Verdict
from fastagi.prompts.catalogue import PROMPTS, REFUSALS
from fastagi.prompts.transcript import transcript
from fastagi.settings.model import (
    AgiSettings,
    AlertSettings,
    AmiSettings,
    BansSettings,
    ConsoleSettings,
    CredentialSettings,
    KeysSettings,
    LogSettings,
    LookoutSettings,
    LookupSettings,
    MetricsSettings,
    OidcSettings,
    PolicySettings,
    StoreSettings,
    Table,
    VersionsSettings,
    WebhookSettings,
)

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = (DOCS / "reference.md").read_text()
CALLERS = (DOCS / "callers.md").read_text()
NIGHT = (DOCS / "three-in-the-morning.md").read_text()

BUILT: dict[str, type[Table]] = {
    "policy": PolicySettings,
    "agi": AgiSettings,
    "store": StoreSettings,
    "keys": KeysSettings,
    "ami": AmiSettings,
    "console": ConsoleSettings,
    "credentials": CredentialSettings,
    "lookups": LookupSettings,
    "lookout": LookoutSettings,
    "console.oidc": OidcSettings,
    "metrics": MetricsSettings,
    "webhook": WebhookSettings,
    "alert": AlertSettings,
    "bans": BansSettings,
    "versions": VersionsSettings,
    "log": LogSettings,
}
NOT_REFUSALS = {
    Reason.ALLOWED,
    Reason.OVERRIDDEN,
    Reason.EMERGENCY,
    Reason.INTERNAL,
    Reason.CHALLENGE,
    Reason.HUNG_UP,
    Reason.BYPASS,
    Reason.SETTLED,
    Reason.SIGNED_IN,
    Reason.SIGNED_OFF,
}


@pytest.mark.parametrize("variable", Variable)
def test_every_channel_variable_is_documented(variable: Variable) -> None:
    """Dialplans build on the variables."""
    assert f"| `{variable}` |" in REFERENCE


@pytest.mark.parametrize("argument", Argument)
def test_every_agi_argument_is_documented(argument: Argument) -> None:
    """Own dialplans may ask the service, too."""
    table = REFERENCE.partition("## AGI arguments")[2].partition("##")[0]
    assert f"`{argument}`" in table


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_documented(reason: Reason) -> None:
    """Dashboards hang on the reasons."""
    assert f"| `{reason}` |" in REFERENCE


def test_every_field_of_the_decision_log_is_documented() -> None:
    """Scripts read the log."""
    record = Record(
        at=0.0,
        site="s",
        call="1",
        extension="101",
        verdict=Verdict.DENY,
        reason=Reason.RULE,
        rule="r",
        reference="0000",
    )
    table = REFERENCE.partition("## The decision log")[2].partition("##")[0]
    assert set(json.loads(line(record, 4))) <= set(re.findall(r"`(\w+)`", table))


def test_every_setting_is_documented_with_nothing_made_up() -> None:
    """The operator finds each key, and no key that does not exist."""
    table = REFERENCE.partition("## Settings")[2].partition("##")[0]
    documented = set(re.findall(r"^\| `([a-z_.]+)` \|", table, re.MULTILINE))
    assert documented == {
        f"{name}.{key}" for name, settings in BUILT.items() for key in settings.model_fields
    } - set(BUILT)


@pytest.mark.parametrize("prompt", [*PROMPTS, *REFUSALS])
def test_what_callers_hear_is_what_the_page_says(prompt: Prompt | Reason) -> None:
    """Every prompt and every refusal stands there with its sounds and words."""
    if prompt is Prompt.REFERENCE:
        assert "`reference`" in CALLERS
        return
    sounds = PROMPTS[prompt] if isinstance(prompt, Prompt) else REFUSALS[prompt]
    row = next(row for row in CALLERS.splitlines() if re.search(rf"^\|.*`{prompt}`.*\|", row))
    for sound in sounds:
        assert f"`{sound}`" in row
        assert transcript(sound) in row


@pytest.mark.parametrize("reason", sorted(set(Reason) - NOT_REFUSALS))
def test_every_refusal_has_its_advice_for_the_night(reason: Reason) -> None:
    """Whoever looks a reference up finds what to do."""
    table = NIGHT.partition("## Nobody can dial")[0]
    assert f"`{reason}`" in table

"""Every prompt and every reason has its sounds."""

from __future__ import annotations

import pytest

from fastagi.policy.model import REACHED, Prompt, Reason
from fastagi.prompts.catalogue import PROMPTS, REFUSALS, refusal_of, sounds_of
from fastagi.prompts.transcript import WORDS

NOT_SPOKEN = {
    Reason.ALLOWED,
    Reason.EMERGENCY,
    Reason.INTERNAL,
    Reason.CHALLENGE,
    Reason.HUNG_UP,
    Reason.BYPASS,
    Reason.OVERRIDDEN,
    Reason.SETTLED,
    Reason.SIGNED_IN,
    Reason.SIGNED_OFF,
}


def test_every_reason_that_refuses_has_a_sound() -> None:
    """No refused caller is left with silence."""
    assert set(REFUSALS) == set(Reason) - NOT_SPOKEN


def test_every_prompt_has_a_sound() -> None:
    """No prompt is silent."""
    assert set(PROMPTS) == set(Prompt)


def test_what_every_sound_says_is_known() -> None:
    """A newcomer without Asterisk can read every prompt."""
    sounds = {sound for several in (*PROMPTS.values(), *REFUSALS.values()) for sound in several}
    assert sounds <= set(WORDS)


@pytest.mark.parametrize("prompt", Prompt)
def test_a_site_may_use_its_own_prompt(prompt: Prompt) -> None:
    """`[prompts]` stands before Asterisk's own sounds."""
    assert sounds_of(prompt, {prompt: "custom/mine"}) == ("custom/mine",)
    assert sounds_of(prompt, {}) == PROMPTS[prompt]


def test_a_refusal_ends_with_its_reference_digit_by_digit() -> None:
    """The caller can write the reference down."""
    assert refusal_of(Reason.LIMIT_REACHED, "4071", {}) == (
        "simul-call-limit-reached",
        "number",
        "digits/4",
        "digits/0",
        "digits/7",
        "digits/1",
    )


@pytest.mark.parametrize("reason", sorted(REACHED))
def test_only_who_takes_too_many_calls_is_told_of_calls(reason: Reason) -> None:
    """Money, minutes and prices are another matter; and of these only a budget comes back."""
    sounds = refusal_of(reason, "1", {})
    assert ("simul-call-limit-reached" in sounds) == (reason is Reason.LIMIT_REACHED)
    assert ("please-try-call-later" in sounds) == (reason is Reason.BUDGET_REACHED)
    assert refusal_of(reason, "", {reason: "custom/no"})[0] == "custom/no"


def test_a_site_may_use_its_own_refusal() -> None:
    """Each reason can have a sound file of the site's own."""
    own: dict[Prompt | Reason, str] = {Reason.RULE: "custom/no", Prompt.REFERENCE: "custom/ref"}
    assert refusal_of(Reason.RULE, "1", own) == ("custom/no", "custom/ref", "digits/1")


def test_a_reason_that_nobody_hears_falls_back() -> None:
    """A reason without a sound of its own is still a refusal."""
    assert refusal_of(Reason.HUNG_UP, "", {})[0] == "feature-not-avail-line"

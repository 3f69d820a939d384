"""Tests for `fastagi.server.deadlines`: the times fit each other and the challenge."""

from __future__ import annotations

from fastagi.call.challenge import KEYING_S, LONGEST_PROMPT_S, SILENCES, WORK_S
from fastagi.policy.model import Challenge
from fastagi.server.deadlines import Deadlines


def test_a_caller_at_the_last_prompt_is_not_cut_off() -> None:
    """A session outlasts one prompt, asked once more after a silence, as long as it can take."""
    prompt_s = LONGEST_PROMPT_S + KEYING_S + Challenge().wait_s + WORK_S
    assert Deadlines().session_s > SILENCES * prompt_s


def test_asterisk_is_given_up_before_its_own_bound_ends_the_question() -> None:
    """The dialplan waits four seconds for what needs no caller."""
    assert Deadlines().command_s < 4
    assert Deadlines().environment_s < 4

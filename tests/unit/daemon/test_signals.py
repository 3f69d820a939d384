"""Signals as bytes on a socket."""

from __future__ import annotations

import os
import signal

import pytest

from fastagi.daemon import signals


def test_signals_are_heard_in_order() -> None:
    """Each is one byte: its number."""
    with signals.heard([signal.SIGHUP, signal.SIGUSR2]) as ear:
        os.kill(os.getpid(), signal.SIGUSR2)
        os.kill(os.getpid(), signal.SIGHUP)
        assert list(ear.recv(64)) == [signal.SIGUSR2, signal.SIGHUP]


def test_nobody_waits_for_a_signal_that_did_not_come() -> None:
    """The selector may wake for nothing."""
    with signals.heard([signal.SIGHUP]) as ear, pytest.raises(BlockingIOError):
        ear.recv(64)


def test_what_was_done_before_is_put_back() -> None:
    """Whoever comes after hears signals as ever."""
    before = signal.getsignal(signal.SIGUSR2)
    with signals.heard([signal.SIGUSR2]):
        assert signal.getsignal(signal.SIGUSR2) is not before
    assert signal.getsignal(signal.SIGUSR2) is before

"""Who an entry says has acted."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from linkage.audit_log.actor import MAX_LENGTH, account_name, acting_as, actor_name, check_name


@pytest.mark.skipif(sys.platform == "win32", reason="accounts are named otherwise on Windows")
def test_the_account_is_that_of_the_process_whatever_the_environment_says(monkeypatch):
    import pwd

    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(variable, "somebody")
    assert account_name() == pwd.getpwuid(os.getuid()).pw_name
    monkeypatch.setattr(os, "getuid", lambda: 2**31 - 7)
    assert account_name() == f"uid {2**31 - 7}"


def test_a_name_holds_inside_its_block_and_in_its_thread():
    assert actor_name() == account_name()
    seen = []
    with acting_as(" Anna "):
        assert actor_name() == "Anna"
        with acting_as(None):
            assert actor_name() == account_name()
        thread = threading.Thread(target=lambda: seen.append(actor_name()))
        thread.start()
        thread.join()
    assert actor_name() == account_name()
    assert seen == [account_name()]


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\x1b[2J", "x" * (MAX_LENGTH + 1), "\ud800"])
def test_a_name_that_no_entry_may_hold(name):
    with pytest.raises(ValueError, match="printed"):
        check_name(name)


def test_names_of_any_language_are_taken():
    assert check_name("Åsa Öberg, 社会局") == "Åsa Öberg, 社会局"

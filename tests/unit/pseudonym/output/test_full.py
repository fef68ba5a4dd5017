"""What counts as a full disk."""

from __future__ import annotations

import errno
import os

import pytest

from pseudonym.output import is_full


@pytest.mark.skipif(os.name == "nt", reason="Windows has its own numbers")
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_known_by_its_number_or_its_words(number):
    assert is_full(OSError(number, "x"))
    assert is_full(RuntimeError(f"IO Error: {os.strerror(number)}"))


def test_other_errors_are_not_a_full_disk():
    assert not is_full(OSError(errno.EACCES, "Permission denied"))
    assert not is_full(RuntimeError("Could not set lock on file"))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_the_real_thing_is_a_full_disk():
    file = os.open("/dev/full", os.O_WRONLY)
    with pytest.raises(OSError, match="space") as caught:
        os.write(file, b"x")
    os.close(file)
    assert is_full(caught.value)

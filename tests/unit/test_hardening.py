"""Production …"""

import secrets

import pytest

from seatadmin.hardening import network_filesystem, weakness_of_key

MOUNTS = """\
overlay / overlay rw 0 0
proc /proc proc rw 0 0
/dev/sda1 /srv ext4 rw 0 0
filer:/x /srv/seats nfs4 rw 0 0
//filer/y /mnt/with\\040blank cifs rw 0 0
me@host:/ /home/me/far fuse.sshfs rw 0 0
/dev/sdb1 /home/me/far/near xfs rw 0 0
filer:/z /mnt/covered nfs rw 0 0
/dev/sdc1 /mnt/covered ext4 rw 0 0
"""


@pytest.mark.parametrize("key", ["", "k" * 31, "k" * 64, "abcabcabc" * 5, "0101" * 16])
def test_refuses_a_key_that_is_short_or_of_little_variety(key: str) -> None:
    assert "SECRET_KEY" in (weakness_of_key(key) or "")


@pytest.mark.parametrize(
    "key",
    [
        "please-CHANGE-ME-please-please-please",
        "django-insecure-8x!v0q4w1n7c2m5z3k6j9h",
        "you-will-never-guess-that-this-is-it",
        "a key for measurements only, never used elsewhere",
    ],
)
def test_refuses_a_key_that_stands_in_examples(key: str) -> None:
    assert "SECRET_KEY" in (weakness_of_key(key) or "")


def test_takes_a_random_key() -> None:
    for _ in range(500):
        assert weakness_of_key(secrets.token_hex(16)) is None
        assert weakness_of_key(secrets.token_urlsafe(24)) is None


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/seats.db", None),
        ("/srv/seats.db", None),
        ("/srv/seats/db/seats.db", "nfs4"),
        ("/srv/seats-of-mine/seats.db", None),
        ("/mnt/with blank/seats.db", "cifs"),
        ("/home/me/far/seats.db", "fuse.sshfs"),
        ("/home/me/far/near/seats.db", None),
        ("/mnt/covered/seats.db", None),
    ],
)
def test_knows_which_paths_lie_on_a_network(path: str, kind: str | None) -> None:
    assert network_filesystem(path, MOUNTS) == kind


def test_takes_a_sandbox_for_local() -> None:
    assert network_filesystem("/srv/seats.db", "none / 9p rw 0 0\n") is None

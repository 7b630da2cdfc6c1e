"""What production refuses to start with: signs that it is not set up for production."""

from pathlib import PurePosixPath

SHORTEST_KEY = 32
FEWEST_CHARACTERS = 8
"""Different characters in a key. One of 32 random hexadecimal digits has about 14."""

KNOWN_KEYS = (
    "changeme",
    "changethis",
    "replaceme",
    "replacethis",
    "insecure",
    "notsecret",
    "placeholder",
    "yoursecret",
    "youwillneverguess",
    "hardtoguess",
    "usedelsewhere",
)
"""Parts of keys that stand in examples, this program's own too: whoever can read knows them."""

NETWORK = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "gfs2", "glusterfs", "gpfs", "lustre"}
    | {"ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "smb2", "smb3", "smbfs", "vboxsf", "virtiofs"}
    | {"ceph-fuse", "davfs2", "gcsfuse", "rclone", "s3fs", "smbnetfs", "sshfs", "vmhgfs-fuse"}
)
"""Kinds of file systems over a network, or shared by machines: SQLite's locks do not hold there."""


def weakness_of_key(key: str) -> str | None:
    """What is wrong with a SECRET_KEY; None when nothing is."""
    if len(key) < SHORTEST_KEY:
        return f"Production needs a SECRET_KEY of {SHORTEST_KEY} characters or more."
    bare = "".join(char for char in key.casefold() if char.isalnum())
    if len(set(key)) < FEWEST_CHARACTERS or any(known in bare for known in KNOWN_KEYS):
        return (
            "Production needs a SECRET_KEY that is secret, and this one can be guessed: make one"
            " with `python -c 'import secrets; print(secrets.token_hex())'`."
        )
    return None


def is_on(switch: object) -> bool:
    """Whether Flask takes FLASK_DEBUG with this value for on."""
    return str(switch or "").lower() not in ("", "0", "false", "no")


def network_filesystem(path: str, mounts: str) -> str | None:
    """The kind of network file system that an absolute `path` lies on; None when it is local.

    `mounts` are the lines of /proc/mounts. Of two that fit, the later one covers the other. The
    root itself is not judged: sandboxes serve theirs by the same means, to themselves alone.
    """
    kind, longest = "", 2
    for line in mounts.splitlines():
        _device, point, found, *_options = line.split(" ")
        folder = PurePosixPath(point.encode().decode("unicode_escape"))
        if PurePosixPath(path).is_relative_to(folder) and len(folder.parts) >= longest:
            kind, longest = found, len(folder.parts)
    return kind if kind.removeprefix("fuse.") in NETWORK else None

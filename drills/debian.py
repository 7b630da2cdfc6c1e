"""What some drills need beyond Python: from Debian's packages, where that is possible."""

import os
import shutil
import subprocess

PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/lib/postgresql/15/bin"
COMMANDS = {
    "patroni": "patroni",
    "etcd-server": "etcd",
    "haproxy": "haproxy",
    "postgresql-15": "pg_ctl",
}


def installed(*packages: str) -> str:
    """Install what is missing. Why not, if it is still missing; else nothing."""
    missing = [name for name in packages if not shutil.which(COMMANDS[name], path=PATH)]
    if not missing:
        return ""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return f"needs {', '.join(missing)}: install it, or run as root on Debian"
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (("update", "-qq"), ("install", "-y", "-qq", "--no-install-recommends", *missing)):
        done = subprocess.run(
            ["apt-get", *words], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            return f"apt-get could not install {', '.join(missing)}: {done.stderr[-200:]}"
    return ""

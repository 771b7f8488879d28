"""Programs that the tests need and pip does not have: installed by apt where root of a Debian may."""

import os
import shutil
import subprocess


def install(package: str, purpose: str) -> None:
    """Install the package of a Debian, quietly; nothing happens elsewhere, and whoever asked looks whether it is there."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print(f"Installing {package} for {purpose}…", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]):
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)

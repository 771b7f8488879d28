"""How the embedded server says that it cannot run."""

from pathlib import Path

from django.db import OperationalError


class ServerRefused(OperationalError):
    """Carries one paragraph for the operator: what is wrong with the embedded server and the way out."""

    def __init__(self, folder: Path, trouble: str, detail: str = "") -> None:
        said = f" PostgreSQL said: {detail.strip()}" if detail.strip() else ""
        super().__init__(
            f"The embedded PostgreSQL (the var/postgresql folder of the portal) does not start: {trouble}.{said} "
            f"The way out: move the folder {folder} away (for example: mv {folder} {folder}.old) and start again with "
            "an empty database, or set DATABASE_URL to a PostgreSQL of your own. The folder was left as it is."
        )

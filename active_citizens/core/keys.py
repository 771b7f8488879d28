"""Secrets: made once for the try-out, and the cipher of the encrypted columns."""

import base64
import hashlib
import os
import secrets
from pathlib import Path


def generated_secret(folder: Path, name: str) -> str:
    """The secret kept in ``folder/name``, made at the first call; two processes starting at once get the same one.

    Only the try-out (DEMO, DEBUG, tests) comes here; elsewhere the settings demand the secret from the environment.
    """
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{name}.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            # A link, unlike a rename, never replaces the secret another process has just made.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def fernet_key(secret: str) -> bytes:
    """The 32-byte url-safe key Fernet wants, derived from a secret of any length."""
    return base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest())

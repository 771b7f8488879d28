"""Django's PostgreSQL backend, with the embedded server started when the first connection is asked for."""

from collections.abc import Iterable
from typing import Any

import psycopg2
from django.conf import settings
from django.db import OperationalError
from django.db.backends.postgresql import base, client

from . import server


class DatabaseClient(client.DatabaseClient):
    """Lets ``manage.py dbshell`` use the server's own psql."""

    @classmethod
    def settings_to_cmd_args_env(cls, settings_dict: dict[str, Any], parameters: Iterable[str]) -> tuple[list[str], dict[str, str] | None]:
        embedded = server.at(settings_dict["DATA_DIR"])
        address = {name.upper(): value for name, value in embedded.address().items()}
        arguments, environment = super().settings_to_cmd_args_env({**settings_dict, **address}, parameters)
        return [embedded.program("psql"), *arguments[1:]], environment


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL at ``DATA_DIR``; nothing starts before a connection is needed."""

    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        """Django's parameters with the address of the running server."""
        params = {**super().get_connection_params(), **server.at(self.settings_dict["DATA_DIR"]).address()}
        if getattr(settings, "TESTING", False):
            # Not fsync=off: the tests may share the server with a demo whose data must survive a power cut.
            params["options"] = f"{params.get('options', '')} -c synchronous_commit=off".strip()
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection, also when the server has just been killed and is on its way back."""
        try:
            return super().get_new_connection(conn_params)
        except (psycopg2.OperationalError, OperationalError):
            server.at(self.settings_dict["DATA_DIR"]).mend()
            return super().get_new_connection(conn_params)

"""A small mail server that does as it is told: refuses, hangs up, or keeps silent at any word."""

import socket
import threading
from typing import Any


class MailServer:
    """``answers`` maps a word of the client ("hello", "MAIL", "RCPT", "DATA", "." ) to what it is told; None hangs up."""

    SILENCE = b""
    USUAL = {"hello": b"220 ready", "DATA": b"354 go on", "QUIT": b"221 bye"}

    def __init__(self) -> None:
        self.answers: dict[str, bytes | None] = {}
        self.texts: list[bytes] = []
        self.connections = 0
        self.has_text = threading.Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def __enter__(self) -> "MailServer":
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_how: Any) -> None:
        self.close()

    def close(self) -> None:
        # shutdown() wakes the waiting accept(), which close() alone does not.
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
        self.socket.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _address = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=[client], daemon=True).start()

    def _talk(self, client: socket.socket) -> None:
        try:
            with client, client.makefile("rb") as lines:
                self._converse(client, lines)
        except OSError:
            return

    def _converse(self, client: socket.socket, lines: Any) -> None:
        if not self._say(client, "hello"):
            return
        for line in lines:
            word = line.decode().split()[0].upper()
            if not self._say(client, word) or word == "QUIT":
                return
            if word == "DATA" and self.answers.get("DATA", b"354").startswith(b"354"):
                self._take_text(lines)
                if not self._say(client, "."):
                    return

    def _take_text(self, lines: Any) -> None:
        text = b""
        for line in lines:
            if line == b".\r\n":
                self.texts.append(text)
                self.has_text.set()
                return
            text += line

    def _say(self, client: socket.socket, word: str) -> bool:
        answer = self.answers.get(word, self.USUAL.get(word, b"250 ok"))
        if answer is None:
            return False
        if answer:
            client.sendall(answer + b"\r\n")
        return True

"""Account mails: sealed rows, the house's own words, links that work."""

import re
from typing import Any

import pytest
from django.test import Client

from participants.domain import messages
from tests.makers import a_user

pytestmark = pytest.mark.django_db
PASSWORD = "nowe-dlugie-haslo-2026"


def the_mail(mailoutbox: list[Any]) -> Any:
    while messages.deliver_due():
        pass
    return mailoutbox[-1]


@pytest.mark.parametrize(
    ("address", "typed"),
    [
        ("/konto/haslo/reset/", {"email": "zofia@example.org"}),
        ("/konto/haslo/reset/", {"email": "nikt@example.org"}),
        ("/konto/kod/", {"email": "zofia@example.org"}),
        ("/konto/kod/", {"email": "nikt@example.org"}),
        ("/konto/rejestracja/", {"email": "zofia@example.org", "name": "Zofia", "password1": PASSWORD}),
        ("/konto/rejestracja/", {"email": "nowa@example.org", "name": "Nowa", "password1": PASSWORD}),
    ],
)
def test_every_account_mail_is_whole_and_says_no_more_than_it_should(
    client: Client, mailoutbox: list[Any], address: str, typed: dict[str, str]
) -> None:
    a_user("zofia@example.org")
    client.post(address, typed)
    mail = the_mail(mailoutbox)
    assert mail.to == [typed["email"]]
    assert mail.subject
    assert "Dzień dobry" in mail.body
    assert not re.search(r"\{|%\(| z !|example\.com", mail.body + mail.alternatives[0][0].split("<body")[1])
    assert mail.extra_headers["Auto-Submitted"] == "auto-generated"


def test_the_mailed_link_sets_a_new_password(client: Client, mailoutbox: list[Any]) -> None:
    user = a_user("zofia@example.org")
    client.post("/konto/haslo/reset/", {"email": user.email})
    path = re.search(r"https?://[^/]+(/konto/haslo/reset/\S+)", the_mail(mailoutbox).body)[1]
    form = client.get(path, follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_the_mailed_link_confirms_a_new_account(client: Client, mailoutbox: list[Any]) -> None:
    client.post("/konto/rejestracja/", {"email": "nowa@example.org", "name": "Nowa Osoba", "password1": PASSWORD})
    path = re.search(r"https?://[^/]+(/konto/email/potwierdz/\S+)", the_mail(mailoutbox).body)[1]
    client.post(path)
    answer = Client().post("/konto/logowanie/", {"login": "nowa@example.org", "password": PASSWORD})
    assert answer.headers["Location"] == "/moje/"


def test_the_mailed_code_signs_in(client: Client, mailoutbox: list[Any]) -> None:
    a_user("zofia@example.org")
    client.post("/konto/kod/", {"email": "zofia@example.org"})
    code = the_mail(mailoutbox).body.split("\n\n")[2].strip()
    assert client.post("/konto/kod/potwierdzenie/", {"code": code}).status_code == 302
    assert client.get("/moje/").status_code == 200

"""A spoken code opens the sign-up to whoever knows the contact, too; who gave none says the name."""

import uuid

import pytest

from tests.makers import a_person, an_event, signed_up

pytestmark = pytest.mark.django_db

ADDRESS = "/moje-zapisy/"


@pytest.fixture
def event():
    return an_event()


def by_code(client, code, contact):
    return client.post(ADDRESS, {"act": "code", "code-code": code, "code-contact": contact, "code-website": "", "code-key": uuid.uuid4()})


@pytest.mark.parametrize("name", ["Maria Żółć", "maria  zolc", "MARIA ŻÓŁĆ"])
def test_whoever_gave_no_contact_opens_the_sign_up_with_code_and_name(client, event, name):
    made = signed_up(event, a_person(name="Maria Żółć", email="", phone=""))
    answer = by_code(client, made.code_shown, name)

    assert answer.status_code == 302
    assert client.get(answer.headers["Location"]).status_code == 200


def test_name_is_no_key_where_there_is_a_phone_and_wrong_ones_are_answered_alike(client, event):
    with_phone = signed_up(event, a_person(name="Maria Żółć", email="", phone="+48600100200"))
    without = signed_up(event, a_person(name="Jan Żółć", email="", phone=""))
    wrong = ("ACDE3467", "Jan Żółć"), (without.code, "Ktoś Inny"), (without.code, "600100200"), (with_phone.code, "Maria Żółć")
    said = {str(by_code(client, *typed).context["code_form"].errors) for typed in wrong}

    assert len(said) == 1

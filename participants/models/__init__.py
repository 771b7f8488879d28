from participants.models.bounces import Bounce
from participants.models.consents import Consent, ConsentText, Notice
from participants.models.log import AccessLog
from participants.models.merges import PersonMerge
from participants.models.messages import Message
from participants.models.organisations import Organisation
from participants.models.people import CHILDREN, MINORS, AgeBand, Gender, Person
from participants.models.users import User

__all__ = [
    "CHILDREN",
    "MINORS",
    "AccessLog",
    "AgeBand",
    "Bounce",
    "Consent",
    "ConsentText",
    "Gender",
    "Message",
    "Notice",
    "Organisation",
    "Person",
    "PersonMerge",
    "User",
]

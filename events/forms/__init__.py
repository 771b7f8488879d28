"""What residents type on the pages of events."""

from events.forms.door import HeadsForm, WalkInForm
from events.forms.lists import EventFilterForm, this_month
from events.forms.own import CodeForm, LinkForm
from events.forms.parties import AddForm, HeadForm
from events.forms.sign_ups import SignUpForm

__all__ = ["AddForm", "CodeForm", "EventFilterForm", "HeadForm", "HeadsForm", "LinkForm", "SignUpForm", "WalkInForm", "this_month"]

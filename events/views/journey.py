"""The resident's own hours and certificates, and the check of a certificate's number."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from active_citizens.core import pdf, throttle
from active_citizens.core.refusal import RuleBroken
from events.domain import certificates, journey
from events.models import Certificate
from participants.models import Person

# Numbers follow one another, so guessing names is what has to be slow.
CHECKS_PER_VISITOR, CHECKS_PER_NUMBER = 60, 10


class CheckForm(forms.Form):
    number = forms.CharField(label=_("Number of the certificate"), max_length=20, help_text=_("For example AS/2026/0007."))
    last_name = forms.CharField(label=_("Last name"), max_length=80)


@never_cache
@login_required
@require_safe
def own_journey(request: HttpRequest) -> HttpResponse:
    """Hours of each module and the certificates; what somebody missed is nobody's business, not even theirs."""
    person = Person.objects.filter(user=request.user.pk).first()
    return render(request, "events/own_journey.html", journey.panel_context(person) if person else {"journeys": []})


@never_cache
@login_required
@require_safe
def own_certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """The own certificate on paper; somebody else's is not found."""
    found = get_object_or_404(Certificate.objects.live().select_related("project", "person"), pk=pk, person__user=request.user.pk)
    return paper(found)


def paper(certificate: Certificate) -> HttpResponse:
    """The PDF, to be kept as a file."""
    return pdf.answer(certificates.as_pdf(certificate), certificates.file_name(certificate), to_keep=True)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check_certificate(request: HttpRequest) -> HttpResponse:
    """Whether a number and a last name belong together: yes or no, and nothing else is told to a stranger."""
    form, valid, status = CheckForm(request.POST or None), None, 200
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            throttle.count_visitor("certificate", request, CHECKS_PER_VISITOR)
            throttle.count("certificate-number", "".join(typed["number"].split()).upper(), CHECKS_PER_NUMBER)
            valid = certificates.is_valid(typed["number"], typed["last_name"])
        except RuleBroken as broken:
            broken.show_in(form)
            status = 429
    return render(request, "events/check_certificate.html", {"form": form, "valid": valid}, status=status)

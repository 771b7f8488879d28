"""Account pages of django-allauth under Polish addresses, the names being allauth's own; and the page of one's consents."""

from allauth.account import views
from django.urls import include, path, re_path

from participants.views import consents

# These stand at the root, beside the account's pages.
consent_patterns = [path("zgody/<str:token>/", consents, name="consents")]

urlpatterns = [
    path("logowanie/", views.login, name="account_login"),
    path("rejestracja/", views.signup, name="account_signup"),
    path("wylogowanie/", views.logout, name="account_logout"),
    path("kod/", views.request_login_code, name="account_request_login_code"),
    path("kod/potwierdzenie/", views.confirm_login_code, name="account_confirm_login_code"),
    path("haslo/", views.password_change, name="account_change_password"),
    path("haslo/ustaw/", views.password_set, name="account_set_password"),
    path("haslo/reset/", views.password_reset, name="account_reset_password"),
    path("haslo/reset/wyslane/", views.password_reset_done, name="account_reset_password_done"),
    # As allauth has it: the first dash parts the account from its key, which holds more of them.
    re_path(r"^haslo/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$", views.password_reset_from_key, name="account_reset_password_from_key"),
    path("haslo/reset/gotowe/", views.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("email/", views.email, name="account_email"),
    path("email/potwierdz/", views.email_verification_sent, name="account_email_verification_sent"),
    path("email/potwierdz/<str:key>/", views.confirm_email, name="account_confirm_email"),
    path("nieaktywne/", views.account_inactive, name="account_inactive"),
    path("ponownie/", views.reauthenticate, name="account_reauthenticate"),
    path("2fa/", include("allauth.mfa.urls")),
]

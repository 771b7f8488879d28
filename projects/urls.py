from django.urls import path

from projects.views import (
    feeds,
    grant_calls,
    ideas,
    network,
    organisations,
    own_initiatives,
    own_promises,
    programme,
    questions,
    subscriptions,
    supports,
)

# Files stand outside the language prefixes.
file_patterns = [
    path("inicjatywy/atom.xml", feeds.initiatives_atom, name="initiatives_atom"),
    path("inicjatywy/<slug:slug>/atom.xml", feeds.initiative_atom, name="initiative_atom"),
]

urlpatterns = [
    path("projekty/", programme.project_list, name="project_list"),
    path("projekty/<slug:slug>/", programme.project_detail, name="project_detail"),
    path("projekt/", programme.project_current, name="project_current"),
    path("projekt/<path:rest>", programme.project_current, name="project_current_page"),
    path("osiedla/", programme.neighbourhood_list, name="neighbourhood_list"),
    path("inicjatywy/", programme.initiative_list, name="initiative_list"),
    path("inicjatywy/zglos/", ideas.propose, name="initiative_propose"),
    path("inicjatywy/<slug:slug>/", programme.initiative_detail, name="initiative_detail"),
    path("inicjatywy/<slug:slug>/poparcie/", supports.support, name="initiative_support"),
    path("organizacje/", organisations.organisation_list, name="organisation_list"),
    path("organizacje/<slug:slug>/", organisations.organisation_detail, name="organisation_detail"),
    path("liderzy/", network.leader_list, name="leader_list"),
    path("liderzy/<slug:key>/napisz/", network.leader_write, name="leader_write"),
    path("liderzy/wyslane/", network.leader_written, name="leader_written"),
    path("moje/liderzy/", network.leader_own, name="leader_own"),
    path("nabory/", grant_calls.grant_call_list, name="grant_call_list"),
    path("nabory/<slug:slug>/", grant_calls.grant_call_detail, name="grant_call_detail"),
    path("inicjatywy/<slug:slug>/pytania/", questions.question_list, name="question_list"),
    path("inicjatywy/<slug:slug>/zapytaj/", questions.ask, name="question_ask"),
    path("inicjatywy/<slug:slug>/obserwuj/", subscriptions.follow, name="initiative_follow"),
    path("biuletyn/", subscriptions.newsletter, name="newsletter"),
    path("biuletyn/wyslane/", subscriptions.newsletter_sent, name="newsletter_sent"),
    path("biuletyn/potwierdz/<str:key>/", subscriptions.newsletter_confirm, name="newsletter_confirm"),
    path("biuletyn/wypisz/<str:key>/", subscriptions.newsletter_end, name="newsletter_end"),
    path("moje/inicjatywy/<str:key>/", own_initiatives.own_initiative, name="own_initiative"),
    path("moje/inicjatywy/<str:key>/wniosek.pdf", own_initiatives.own_application, name="own_application"),
    path("moje/inicjatywy/<str:key>/plan/<str:step>/", own_initiatives.own_plan, name="own_plan"),
    path("moje/inicjatywy/<str:key>/obietnice/<int:pk>/", own_promises.own_promise, name="own_promise"),
    path("moje/inicjatywy/<str:key>/pytania/", questions.own_questions, name="own_questions"),
    path("moje/inicjatywy/<str:key>/pytania/<int:pk>/", questions.own_answer, name="own_answer"),
    path("moje/pytania/<str:key>/", questions.own_question, name="own_question"),
    path("moje/biuletyn/", subscriptions.newsletter_own, name="newsletter_own"),
]

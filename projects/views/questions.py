"""„Zapytaj / Odpowiedź”: asking without an account, everything shown about an initiative, the asker's page, the group's answers."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from active_citizens.core import throttle
from active_citizens.core.refusal import RuleBroken
from projects.current import current_account
from projects.domain import dialogue, takedown
from projects.forms.questions import AnswerForm, QuestionForm, ReplyForm
from projects.models import Answer, Initiative, Question
from projects.views.own_initiatives import by_key

# Questions of one visitor (a library's readers share an address) and of one contact within an hour.
PER_VISITOR, PER_CONTACT = 30, 6
# Replies to one question, and answers of one group, sent within an hour.
PER_KEY = 20
PER_PAGE = 20
TOO_MANY = frozenset({"throttled", "too_many"})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a question in; the answer is the page of the question itself, where its state stands."""
    initiative = get_object_or_404(Initiative.objects.published().select_related("project"), slug=slug)
    if request.method != "POST" and not dialogue.is_open(initiative):
        raise Http404
    user = current_account(request)
    language = translation.get_language() or "pl"
    form, status = QuestionForm(request.POST or None, user=user), 200
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        contact = user.email if user is not None else typed["email"]
        try:
            throttle.count_visitor("question", request, PER_VISITOR)
            if contact:
                throttle.count("question-contact", contact.lower(), PER_CONTACT)
            made = dialogue.ask(initiative, typed["text"], email=typed.get("email", ""), language=language, user=user, key=typed["key"])
            return redirect("own_question", made.key)
        except RuleBroken as broken:
            status = _refuse(form, broken)
    return render(request, "projects/question_ask.html", {"form": form, "initiative": initiative}, status=status)


@require_safe
def question_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything that was asked about the initiative and may be read, the newest first."""
    initiative = get_object_or_404(Initiative.objects.published().select_related("project"), slug=slug)
    asked = initiative.questions.shown().with_shown_answers().order_by("-created_at", "-pk")
    page = Paginator(asked, PER_PAGE).get_page(request.GET.get("page"))
    context = {"initiative": initiative, "page": page, "may_ask": dialogue.is_open(initiative)}
    return render(request, "projects/question_list.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_question(request: HttpRequest, key: str) -> HttpResponse:
    """The page of whoever asked: what became of the question, and one word back; GET shows, POST replies."""
    try:
        question = dialogue.by_key(key)
    except RuleBroken:
        raise Http404 from None
    form, status = ReplyForm(request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        try:
            throttle.count("question-reply", key, PER_KEY)
            dialogue.reply(key, form.cleaned_data["text"])
            return redirect(request.path)
        except RuleBroken as broken:
            status = _refuse(form, broken)
    said = list(question.answers.all())
    context = {
        "question": question, "initiative": question.initiative, "form": form, "may_reply": dialogue.may_reply(question),
        "answers": [each for each in said if each.by != Answer.By.ASKER and each.is_shown],
        "act": takedown.standing(question) if question.taken_down_at else None,
        "reply": next((each for each in said if each.by == Answer.By.ASKER), None),
    }  # fmt: skip
    return render(request, "projects/own_question.html", context, status=status)


@never_cache
@require_safe
def own_questions(request: HttpRequest, key: str) -> HttpResponse:
    """What is asked about the group's initiative, the newest first, with what has been answered."""
    initiative = by_key(key)
    asked = initiative.questions.shown().prefetch_related("answers").order_by("-created_at", "-pk")
    page = Paginator(asked, PER_PAGE).get_page(request.GET.get("page"))
    for question in page.object_list:
        question.seen_by_group = _of_group(question)
    return render(request, "projects/own_questions.html", {"initiative": initiative, "page": page})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_answer(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """The group answers one question; what is refused stays as it was typed."""
    initiative = by_key(key)
    question = get_object_or_404(initiative.questions.shown().prefetch_related("answers"), pk=pk)
    form, status = AnswerForm(request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        try:
            throttle.count("group-answer", key, PER_KEY)
            actor = current_account(request)
            dialogue.answer(question, form.cleaned_data["text"], by=Answer.By.GROUP, actor=actor)
            return redirect("own_questions", key)
        except RuleBroken as broken:
            status = _refuse(form, broken)
    question.seen_by_group = _of_group(question)
    return render(request, "projects/own_answer.html", {"initiative": initiative, "question": question, "form": form}, status=status)


def _of_group(question: Question) -> list[Answer]:
    """What the group sees below a question: what everybody reads, and its own words in whatever state."""
    return [each for each in question.answers.all() if each.is_shown or each.by == Answer.By.GROUP]


def _refuse(form: Any, broken: RuleBroken) -> int:
    """The sentence stands at its field; the status says whether to come back later."""
    broken.show_in(form)
    return 429 if broken.code in TOO_MANY else 409

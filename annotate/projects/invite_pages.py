"""/people/invite: a list of people as CSV, shown with its faults by line, then invited; the links are shown this once."""

from __future__ import annotations

import base64
from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotate.kernel.decisions import require
from annotate.kernel.errors import SluiceError
from annotate.kernel.pages import PageRequest, form_errors, page, render_page
from annotate.people.policies import may_administer
from annotate.people.queries import administered, organisations
from annotate.projects import invite_lists


class InviteListForm(forms.Form):
    """A file, or text that was pasted: the file wins. `organisation` is asked for only when there are several."""

    organisation = forms.TypedChoiceField(label=gettext_lazy("Organisation"), coerce=int)
    file = forms.FileField(label=gettext_lazy("CSV file"), required=False, widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}))
    text = forms.CharField(
        label=gettext_lazy("The list"), required=False, strip=False, max_length=invite_lists.LONGEST,
        widget=forms.Textarea(attrs={"rows": 8, "class": "mono", "spellcheck": "false", "placeholder": "name,email,role,project,team"}),
        help_text=gettext_lazy("The first line names the columns: name, and as you like email, role, project, team."),
    )  # fmt: skip

    def __init__(self, *args: Any, places: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = places  # type: ignore[attr-defined]
        self.fields["organisation"].initial = places[0][0]
        if len(places) == 1:
            self.fields["organisation"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        file = data.get("file")
        if file is not None:
            if file.size > invite_lists.LONGEST * 4:
                self.add_error("file", _("This file is too large for a list of people."))
                return data
            try:
                data["text"] = file.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("file", _("This file is not UTF-8 text: save it as CSV (UTF-8)."))
        elif not data.get("text", "").strip() and "text" not in self.errors:
            self.add_error("text", _("Choose a file or paste the list."))
        return data


@page
def invite_list(request: PageRequest) -> HttpResponse:
    own = administered(request.actor)
    if not own:
        require(may_administer(request.actor, 0))
    places = list(organisations(request.actor).filter(pk__in=own).order_by("name").values_list("pk", "name"))
    form = InviteListForm(request.POST or None, request.FILES or None, places=places)
    context: dict[str, Any] = {"form": form, "several": len(places) > 1}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            if request.POST.get("do"):
                made = invite_lists.invite(given["text"], organisation_id=given["organisation"], by=request.actor)
                return _links(request, made)
            lines = invite_lists.read(given["text"], organisation_id=given["organisation"], by=request.actor)
        except SluiceError as error:
            form_errors(form, error, {"csv": "text"})
        else:
            wrong = sum(bool(line.wrong) for line in lines)
            # What was a file stands in the form as text from here on, to be mended or sent off.
            again = InviteListForm(initial={"text": given["text"], "organisation": given["organisation"]}, places=places)
            context |= {"form": again, "lines": lines, "wrong": wrong, "text": given["text"], "organisation": given["organisation"]}
    return render_page(request, "projects/invite_list.html", context, section="people")


def _links(request: PageRequest, made: list[invite_lists.Invited]) -> HttpResponse:
    base = request.build_absolute_uri("/").rstrip("/")
    # A link to its own content: the secrets are in this page and nowhere on the server.
    content = base64.b64encode(b"\xef\xbb\xbf" + invite_lists.as_csv(made, base).encode()).decode()
    context = {"made": [(one, f"{base}{one.link}") for one in made], "csv": f"data:text/csv;charset=utf-8;base64,{content}"}
    answer = render_page(request, "projects/invited.html", context, section="people")
    answer["Cache-Control"] = "private, no-store"
    return answer


invite_routes = [path("people/invite", invite_list)]

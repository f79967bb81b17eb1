"""One form makes a project: name, files, labels; or an export of another tool, whose labels are read first and shown.

Files stay on the server from the first press on, so that neither an error nor a proposal asks for them again: the form
carries a signed note of where they wait. What is never used is swept away after a day.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.files.storage import default_storage
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _

from annotate.kernel.errors import Denied, SluiceError
from annotate.kernel.pages import PageRequest, form_errors, page, render_page
from annotate.labels.schema import propose
from annotate.people.queries import organisations
from annotate.projects.policies import may_create
from annotate.projects.schema_text import readable
from annotate.projects.schema_words import schema_words
from workflows.collection import services, waiting
from workflows.collection.waiting import Waiting
from workflows.insight.forms import NewProjectForm

Kept = list[tuple[str, str, int]]  # path, where it waits, size


def _signer(request: PageRequest) -> signing.Signer:
    return signing.Signer(salt=f"new-project:{request.actor.person_id}")


def _kept(request: PageRequest) -> Kept:
    """The files of earlier presses of this form that still wait, by its signed note."""
    note = request.POST.get("kept")
    if not note:
        return []
    try:
        rows = _signer(request).unsign_object(note)
    except signing.BadSignature:
        return []
    return [(name, stored, size) for name, stored, size in rows if default_storage.exists(stored)]


def _as_kept(files: list[Waiting]) -> Kept:
    return [(one.path, one.stored, one.size) for one in files]


@contextmanager
def _opened(kept: Kept) -> Iterator[list[tuple[str, Any]]]:
    with ExitStack() as stack:
        yield [(name, stack.enter_context(default_storage.open(stored))) for name, stored, _size in kept]


def _places(request: PageRequest) -> list[tuple[int, str]]:
    """Organisations where the actor may make a project; `Denied` when there is none."""
    rows = organisations(request.actor).filter(pk__in=list(request.actor.organisations)).order_by("name")
    found = [(row.pk, row.name) for row in rows if may_create(request.actor, row.pk)]
    if not found:
        raise Denied(_("Only owners, admins and managers make projects."))
    return found


def _show(request: PageRequest, form: NewProjectForm, kept: Kept, **more: Any) -> HttpResponse:
    context = {
        "form": form,
        "kept": kept,
        "kept_size": sum(size for _name, _stored, size in kept),
        "note": _signer(request).sign_object(kept, compress=True) if kept else "",
        "words": schema_words(),
    }
    return render_page(request, "insight/new.html", context | more, section="home")


@page
def new(request: PageRequest) -> HttpResponse:
    places = _places(request)
    if request.method != "POST":
        return _show(request, NewProjectForm(organisations=places), [])
    kept = _kept(request)
    try:
        kept += _as_kept(waiting.keep([(file.name or "", file) for file in request.FILES.getlist("files")]))
    except SluiceError as error:
        form = NewProjectForm(request.POST, organisations=places)
        form_errors(form, error)
        return _show(request, form, kept)
    form = NewProjectForm(request.POST, organisations=places)
    if not form.is_valid():
        return _show(request, form, kept)
    try:
        if form.cleaned_data["source"] != "files" and form.cleaned_data["schema"] is None:
            return _propose(request, form, kept)
        return _create(request, form, kept)
    except SluiceError as error:
        form_errors(form, error)
        return _show(request, form, kept, problems=error.fields)


def _propose(request: PageRequest, form: NewProjectForm, kept: Kept) -> HttpResponse:
    """Read the export's labels and show them as a schema to edit, beside what was found."""
    with _opened(kept) as files:
        schema, found = services.propose_from_upload(files, form.cleaned_data["source"])
    places = form.fields["organisation"].choices  # type: ignore[attr-defined]
    data = request.POST.copy()
    data["schema"] = readable(schema)
    return _show(request, NewProjectForm(data, organisations=list(places)), kept, found=found)


def _create(request: PageRequest, form: NewProjectForm, kept: Kept) -> HttpResponse:
    given = form.cleaned_data
    common = {"organisation_id": given["organisation"], "by": request.actor}
    with _opened(kept) as files:
        if given["source"] == "files":
            schema = propose([(name, given["kinds"] or ["box"]) for name in given["labels"]])
            project, job = services.quick_project(given["name"], files, schema=schema, **common)
        else:
            role = "approved" if given["approved"] else "annotation"
            project, job = services.start_project_from_export(given["name"], files, given["source"], given["schema"], role=role, **common)
    waiting.drop(stored for _name, stored, _size in kept)
    messages.success(request, _("The project stands; its files are coming in.") if job else _("The project stands. Now put files in."))
    return HttpResponseRedirect(f"/p/{project.pk}")


new_routes = [path("new", new)]

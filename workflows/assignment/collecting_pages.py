"""/collecting: what a collector is to bring in, and how far they are. /batches/{batch}/collectors: who collects for it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _

from annotate.items import collecting
from annotate.items.batches import due
from annotate.items.models import Batch
from annotate.kernel.errors import SluiceError
from annotate.kernel.pages import PageRequest, form_errors, page, render_page
from annotate.people.models import Person
from workflows.assignment import queries


class CollectorsForm(forms.Form):
    """A tick and a target for each collector of the project: `in-<id>`, `target-<id>`."""

    def __init__(self, *args: Any, batch: Batch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = {row.person_id: row.target for row, _came in collecting.standing(batch)}
        self.people = list(collecting.collectors_of(batch.project))
        for person in self.people:
            self.fields[f"in-{person.pk}"] = forms.BooleanField(required=False, initial=person.pk in named)
            self.fields[f"target-{person.pk}"] = forms.IntegerField(required=False, min_value=1, max_value=collecting.MOST, initial=named.get(person.pk))

    def chosen(self) -> dict[Person, int | None]:
        data = self.cleaned_data
        return {person: data[f"target-{person.pk}"] for person in self.people if data[f"in-{person.pk}"]}


@page
def my_collecting(request: PageRequest) -> HttpResponse:
    rows = [(portion, due(portion.batch)) for portion in queries.portions(request.actor)]
    return render_page(request, "assignment/collecting.html", {"rows": rows}, section="collecting")


@page
def collectors(request: PageRequest, batch: int) -> HttpResponse:
    found = queries.managed_batch(request.actor, batch)
    form = CollectorsForm(request.POST if request.method == "POST" else None, batch=found)
    if request.method == "POST" and form.is_valid():
        try:
            collecting.set_collectors(found, form.chosen(), by=request.actor)
        except SluiceError as error:
            form_errors(form, error, {f"collectors.{person.pk}": f"target-{person.pk}" for person in form.people})
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(f"/batches/{batch}/collectors")
    came = {row.person_id: n for row, n in collecting.standing(found)}
    rows = [(person, form[f"in-{person.pk}"], form[f"target-{person.pk}"], came.get(person.pk)) for person in form.people]
    context = {"batch": found, "form": form, "rows": rows}
    return render_page(request, "assignment/collectors.html", context, project=found.project, section="batches")


collecting_routes = [path("collecting", my_collecting), path("batches/<id:batch>/collectors", collectors)]

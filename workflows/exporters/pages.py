"""A version with what it holds and how it is pulled, and one export with its files."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotate.kernel.errors import SluiceError
from annotate.kernel.pages import PageRequest, form_errors, page, posted, render_page
from annotate.kernel.paging import page as keyset
from annotate.projects.policies import may_export
from workflows.exporters import client, formats, links, noted, queries, services
from workflows.exporters.api import file_url
from workflows.exporters.forms import ExportForm
from workflows.releases import policies, told
from workflows.releases import queries as releases
from workflows.releases.forms import TagForm, in_order
from workflows.releases.models import Export, ExportFile, Version
from workflows.releases.shown import frozen_thumbs, label_bars, split_bars, timeline
from workflows.releases.wording import EXCLUDED

SHOWN = 20
FILES = 100
# What an export's notes count, in words.
LEFT_OUT: dict[str, Any] = {
    "box": gettext_lazy("boxes, which the format cannot hold"),
    "polygon": gettext_lazy("polygons, which the format cannot hold"),
    "mask": gettext_lazy("masks, which the format cannot hold"),
    "keypoints": gettext_lazy("skeletons, which the format cannot hold"),
    "polyline": gettext_lazy("lines, which the format cannot hold"),
    "point": gettext_lazy("points, which the format cannot hold"),
    "relation": gettext_lazy("relations, which the format cannot hold"),
}
NOTES: dict[str, Any] = {
    "holes_as_masks": gettext_lazy("polygons with holes, written as pixels; the exact outline and holes stand beside"),
    "polygons_with_holes": gettext_lazy("polygons with holes: the holes stand beside the outline, under “holes”"),
    "turned_boxes_as_polygons": gettext_lazy("turned boxes, written as polygons of their corners"),
    "images_without_size": gettext_lazy("pictures whose size is not known, written as 0 × 0"),
    "pictures_not_stored_here": gettext_lazy("pictures that are references: their bytes are not stored here"),
    "pictures_to_turn_by_exif": gettext_lazy("pictures that must be turned by their EXIF orientation; numbers are for the upright picture"),
    "not_in_coco_polyline": gettext_lazy("lines, which COCO cannot hold"),
    "not_in_coco_point": gettext_lazy("points, which COCO cannot hold"),
    "not_in_coco_relation": gettext_lazy("relations, which COCO cannot hold"),
    "pictures_without_size": gettext_lazy("pictures whose size is not known, left out with their labels"),
    "pictures_without_one_class": gettext_lazy("pictures without one class, left out"),
    "objects_left_out": gettext_lazy("objects: the format holds one class a picture"),
    "turned_boxes_as_bounds": gettext_lazy("turned boxes, written as the upright box around them"),
    "corners_cut_at_the_edge": gettext_lazy("turned boxes whose corners were cut at the picture's edge"),
    "boxes_as_polygons": gettext_lazy("boxes, written as polygons of their corners"),
    "polygon_as_box": gettext_lazy("polygons, written as the box around them"),
    "mask_as_box": gettext_lazy("masks, written as the box around them"),
    "keypoints_as_box": gettext_lazy("skeletons, written as the box around their points"),
    "areas_as_boxes": gettext_lazy("polygons and masks without pixels, written as the box around them only"),
    "holes_left_out": gettext_lazy("holes, which the format cannot hold"),
    "parts_as_objects": gettext_lazy("parts of masks, written as objects of their own"),
    "covered_objects": gettext_lazy("objects that later ones cover wholly, left out"),
    "attributes_left_out": gettext_lazy("objects whose attributes the format cannot hold"),
    "class_lists_left_out": gettext_lazy("lists of a class's pictures, which would be too long"),
    "labels_not_in_the_schema": gettext_lazy("objects whose label the version's schema does not have"),
    "longer_than_the_skeleton": gettext_lazy("skeletons with more points than the schema gives them"),
    **{f"left_out_{kind}": words for kind, words in LEFT_OUT.items()},
} | noted.WORDS


def _row(export: Export) -> dict[str, Any]:
    title = next((one.title for one in formats.available() if one.name == export.format), export.format)
    return {"export": export, "title": title, "state": queries.state_of(export), "size": getattr(export, "size", None)}


def _archive(export: Export, version: Version) -> str:
    return f"{version.dataset.name}-v{version.number}-{export.format}{'-' + export.split if export.split else ''}.zip"


def _exports(request: PageRequest, version: Version) -> dict[str, Any]:
    rows = [_row(each) for each in queries.exports(version).order_by("-pk")[:SHOWN]]
    newest = next((row["export"] for row in rows if row["state"] == "ready"), None)
    return {
        "version": version,
        "exports": rows,
        "making": any(row["state"] == "making" for row in rows),
        "newest": newest,
        "archive": _archive(newest, version) if newest else "",
        "origin": f"{request.scheme}://{request.get_host()}",
    }


def _show(request: PageRequest, version: Version, form: ExportForm, status: int = 200) -> HttpResponse:
    counts = version.counts
    split_labels = counts.get("split_labels") or {}
    context: dict[str, Any] = {
        "version": version,
        "dataset": version.dataset,
        "line": timeline(version.dataset),
        "root": version.root.hex() if version.root else "",
        "counts": counts,
        "splits": split_bars(counts),
        "labels": label_bars(version),
        "split_names": in_order(split_labels),
        "excluded": [(EXCLUDED.get(name, name), n) for name, n in (counts.get("excluded") or {}).items()],
        "leakage": counts.get("leakage") or {},
        "gates": counts.get("gates") or [],
        "thumbs": frozen_thumbs(version),
        "parts": [{"template": template} | part for template, part in told.version_parts_of(version)],
        "form": form if version.state == "frozen" and may_export(request.actor, version.dataset.project) else None,
        "manages": bool(policies.may_cut(request.actor, version.dataset)),
        "tag_form": TagForm() if version.state == "frozen" and policies.may_cut(request.actor, version.dataset) else None,
    }
    return render_page(request, "releases/version.html", context | _exports(request, version), project=version.dataset.project, section="versions", status=status)


@page
def one_version(request: PageRequest, version: int) -> HttpResponse:
    found = releases.get_version(request.actor, version)
    return _show(request, found, ExportForm(found))


@page
def exports_part(request: PageRequest, version: int) -> HttpResponse:
    """The table of exports; it refreshes itself while one is made. A form posted here asks for one more."""
    found = releases.get_version(request.actor, version)
    if request.method != "POST":
        return render(request, "exporters/exports.html", _exports(request, found))
    form = ExportForm(found, request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.export(found, format=data["format"], split=data.get("split", ""), media=data["pictures"] or "reference", by=request.actor)
        except SluiceError as error:
            form_errors(form, error, {"media": "pictures"})
        else:
            messages.success(request, _("The export is being made; you may leave the page."))
            return HttpResponseRedirect(f"/versions/{version}#exports")
    return _show(request, found, form, 400)


@page
def one_export(request: PageRequest, export: int) -> HttpResponse:
    """Every file with its sha256, how to pull it, and what the format could not say."""
    found = queries.get(request.actor, export)
    rows = keyset(ExportFile.objects.filter(export=found), keys=("path",), cursor=request.GET.get("cursor"), limit=FILES, bind=f"export|{found.pk}")
    version = found.version
    notes = found.report.get("notes") or {}
    context: dict[str, Any] = _row(found) | {
        "version": version,
        "root": version.root.hex() if version.root else "",
        "files": [{"file": row, "url": file_url(found.pk, row.path), "sha256": bytes(row.sha256).hex()} for row in rows.rows],
        "next": rows.next,
        "notes": [(NOTES.get(name, name.replace("_", " ")), n) for name, n in notes.items()],
        "origin": f"{request.scheme}://{request.get_host()}",
        "archive": _archive(found, version),
    }
    return render_page(request, "exporters/export.html", context, project=version.dataset.project, section="versions")


@page
@posted("/versions/{version}")
def again(request: PageRequest, version: int) -> HttpResponse:
    """The same export once more, after one that failed."""
    found = releases.get_version(request.actor, version)
    wanted = request.POST.get("export", "")
    before = queries.get(request.actor, int(wanted)) if wanted.isdigit() and len(wanted) < 19 else None
    if before is not None and before.version_id == found.pk:
        services.export(found, format=before.format, split=before.split, media=before.media, by=request.actor)
    return HttpResponseRedirect(f"/versions/{version}#exports")


page_routes = [
    *client.page_routes,
    *links.page_routes,
    path("versions/<id:version>", one_version),
    path("versions/<id:version>/exports", exports_part),
    path("versions/<id:version>/exports/again", again),
    path("exports/<id:export>", one_export),
]

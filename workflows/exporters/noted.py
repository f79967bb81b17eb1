"""What the notes of an export count, in words, for the formats that tools of annotation and of texts read."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

WORDS: dict[str, Any] = {
    "left_out_span": gettext_lazy("spans, which the format cannot hold"),
    "tracks_left_out": gettext_lazy("objects of a track: the format does not say that they are one thing"),
    "keypoints_as_single_points": gettext_lazy("skeletons, written as a box and single points"),
    "relations_without_their_ends": gettext_lazy("relations between objects that the format cannot hold"),
    "objects_in_pictures_without_size": gettext_lazy("objects on pictures whose size is not known: the format needs it"),
    "spans_that_overlap_left_out": gettext_lazy("spans that overlap another: the first is written, then the longer"),
    "spans_widened_to_tokens": gettext_lazy("spans that end inside a word, widened to it"),
    "spans_narrowed_to_tokens": gettext_lazy("spans with blanks at their end, written without these"),
    "spans_parted_by_line_ends": gettext_lazy("spans that go over a line end, written as one for each line"),
    "spans_without_a_token": gettext_lazy("spans of blanks only, left out"),
    "item_values_left_out": gettext_lazy("items whose own values the format cannot hold"),
    "overlapping_only_in_spans": gettext_lazy("spans that overlap another: they stand under “spans”, not under “entities”"),
    "relations_in_annotation_only": gettext_lazy("relations, which stand in the column “annotation” only"),
    "pictures_not_in_the_folder": gettext_lazy("pictures that are not in the folder: readers pass over their rows"),
    "samples_without_picture": gettext_lazy("samples without their picture, which was not asked for"),
}

"""Words of the rules on objects of labels."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from workflows.cleaning.words.words import Words

WORDS: dict[str, Words] = {
    "outside_picture": Words(
        title=_("Outside the picture"),
        help=_("The object reaches out of its picture, where there is nothing to see."),
        score=_("Pixels outside the picture"),
        says=_("%(score).1f px outside the picture"),
        parameters={"threshold": _("More than so many pixels outside")},
    ),
    "no_area": Words(
        title=_("No area"),
        help=_("A box, polygon or mask covers nothing: trainers fail on it, or learn nothing from it."),
        score=_("Area in square pixels"),
        says=_("covers nothing"),
    ),
    "tiny": Words(
        title=_("Tiny object"),
        help=_("The object is so small that it is likely a slip of the hand."),
        score=_("Area in square pixels"),
        says=_("%(score).1f square pixels"),
        parameters={"area": _("Smaller than so many square pixels"), "share": _("Or smaller than this share of the picture, 0 to 1")},
    ),
    "size_outlier": Words(
        title=_("Odd size for its label"),
        help=_("Width, height or area is far from what objects of the same label have elsewhere."),
        score=_("Standard deviations from the label's mean"),
        says=_("%(score).1f standard deviations from the mean of its label"),
        parameters={"threshold": _("More standard deviations than"), "enough": _("Labels with at least so many objects")},
    ),
    "duplicate_objects": Words(
        title=_("Labelled twice"),
        help=_("The object lies on an earlier one of the same label; of each pair the later is caught."),
        score=_("Overlap with an earlier object of the label, 0 to 1"),
        says=_("overlaps an earlier object of its label by %(score).2f"),
        parameters={"threshold": _("Overlap (IoU) from")},
    ),
    "class_conflict": Words(
        title=_("Two labels on one thing"),
        help=_("The object lies on one of another label; at most one of the two is right."),
        score=_("Overlap with an object of another label, 0 to 1"),
        says=_("overlaps an object of another label by %(score).2f"),
        parameters={"threshold": _("Overlap (IoU) from")},
    ),
    "crossing_outline": Words(
        title=_("Outline crosses itself"),
        help=_("Two edges of the polygon cut through each other, so that readers disagree on what is inside."),
        score=_("1 when it crosses itself"),
        says=_("the outline crosses itself"),
    ),
    "few_points": Words(
        title=_("Too few points"),
        help=_("A polygon, line or skeleton has fewer different points than it must have."),
        score=_("Points in different places"),
        says=_("%(score)d points, at least %(least)d are needed"),
        parameters={
            "polygon": _("Points of a polygon, at least"),
            "polyline": _("Points of a line, at least"),
            "keypoints": _("Labelled points of a skeleton, at least"),
        },
    ),
    "misquoted_span": Words(
        title=_("Span does not fit its text"),
        help=_("The quoted words are not those at the span's place, or the span ends inside a character."),
        score=_("1 when the quote differs, 2 when a character is split"),
        says=_("the span does not fit the text"),
        parameters={"characters": _("Also spans that split a character")},
    ),
    "missing_attribute": Words(
        title=_("Required attribute missing"),
        help=_("An attribute that the label requires has no value."),
        score=_("Required attributes without a value"),
        says=_("%(score)d required attributes have no value"),
    ),
    "undefined_label": Words(
        title=_("Undefined label"),
        help=_("The project's schema no longer has the object's label."),
        score=_("1 when the schema lacks the label"),
        says=_("the schema has no such label"),
    ),
    "stray_keypoint": Words(
        title=_("Stray keypoint"),
        help=_("A keypoint lies outside the box of its person or, without a box, far from all other points."),
        score=_("Points that are astray"),
        says=_("%(score)d points are astray"),
        parameters={"threshold": _("More stray points than")},
    ),
    "object_count": Words(
        title=_("Odd number of objects"),
        help=_("The item has far fewer or far more objects than others."),
        score=_("Objects of the item"),
        says=_("%(score)d objects; usual are %(low).0f to %(high).0f"),
        parameters={
            "factor": _("Outside the quartiles by so many times their distance (0: off)"),
            "least": _("Always caught below so many objects"),
            "most": _("Always caught above so many objects (0: no limit)"),
        },
    ),
}

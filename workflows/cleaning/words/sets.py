"""Words of the rules on sets, metadata and predictions."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from workflows.cleaning.words.words import Words

_FIELD, _SPLIT, _BY = _("Field of the metadata"), _("Field that holds the split"), _("Two items are the same by")
_YES = _("1 caught, 0 fine")

WORDS = {
    "condition": Words(
        title=_("Your own condition"),
        help=_("Items of which a condition of the query language is true."),
        score=_YES,
        says=_("the condition is true"),
        parameters={"q": _("Condition")},
    ),
    "missing_meta": Words(
        title=_("Missing metadata"),
        help=_("Items without a value that each should have come with: the field is absent or empty."),
        score=_YES,
        says=_("the field is absent or empty"),
        parameters={"field": _FIELD},
    ),
    "out_of_range": Words(
        title=_("Out of range"),
        help=_("A field that should be a number within bounds holds another number, or none; items without the field are left alone."),
        score=_YES,
        says=_("“%(value)s” is no number from %(least)g to %(most)g"),
        parameters={"field": _FIELD, "least": _("Least"), "most": _("Most")},
    ),
    "not_in_list": Words(
        title=_("Not in the list"),
        help=_("A field holds a value that is none of those you name, such as a slip of the keyboard; items without the field are left alone."),
        score=_YES,
        says=_("“%(value)s” is not in the list"),
        parameters={"field": _FIELD, "names": _("Allowed values")},
    ),
    "not_unique": Words(
        title=_("Not unique"),
        help=_("A field that should tell items apart holds the same value twice; the oldest item keeps it, the others are caught."),
        score=_("Items with the value"),
        says=_("“%(value)s” stands at %(score).0f items"),
        parameters={"field": _FIELD},
    ),
    "late": Words(
        title=_("Outside the time"),
        help=_("Items captured, or arrived, before the first or after the last day of the plan, counted in UTC."),
        score=_("Days outside"),
        says=_("%(score).1f days outside the time"),
        parameters={"time": _("Which time"), "since": _("From"), "until": _("To")},
    ),
    "class_imbalance": Words(
        title=_("Rare label"),
        help=_("Labels so rare beside the others that a model will hardly learn them."),
        score=_("How rare: times fewer than the commonest label, or share of an even share"),
        says=_("%(objects).0f objects, of the commonest label %(largest).0f"),
        parameters={
            "method": _("Compare with"),
            "ratio": _("As many times fewer than the commonest"),
            "share": _("Less than this part of an even share"),
        },
    ),
    "few_samples": Words(
        title=_("Few objects"),
        help=_("Labels with too few objects to learn or measure anything from."),
        score=_("Objects of the label"),
        says=_("%(score).0f objects, fewer than %(threshold).0f"),
        parameters={"threshold": _("Fewer than")},
    ),
    "quota_not_met": Words(
        title=_("Quota not met"),
        help=_("Quotas that the items there are do not fill."),
        score=_("Part of the quota that is there, 1 and more met"),
        says=_("%(have).0f of %(need).0f items"),
        parameters={"share": _("Less than this part of the quota")},
    ),
    "group_leakage": Words(
        title=_("Group in two splits"),
        help=_("Items of one group, such as frames of one drive, that stand in different splits, which makes a test say too much."),
        score=_("Splits that the group stands in"),
        says=_("in “%(split)s”; its group stands in %(score).0f splits"),
        parameters={"field": _SPLIT},
    ),
    "duplicate_leakage": Words(
        title=_("Duplicate in two splits"),
        help=_("The same content in different splits: what was trained on is tested with."),
        score=_("Splits that the content stands in"),
        says=_("in “%(split)s”; the same stands in %(score).0f splits"),
        parameters={"field": _SPLIT, "by": _BY},
    ),
    "conflicting_labels": Words(
        title=_("Same content, different answers"),
        help=_("Items of the same content whose current answers differ: at least one of them is wrong."),
        score=_("Different answers"),
        says=_("%(score).0f different answers to the same content"),
        parameters={"by": _BY},
    ),
    "lead_time": Words(
        title=_("Unusual time"),
        help=_("Answers that took far less or far more time than the person's others: clicked through, or left lying."),
        score=_("Distance from the usual time, in robust standard deviations"),
        says=_("%(seconds).0f s, where %(usual).0f s are usual"),
        parameters={
            "threshold": _("Further from the usual than"),
            "sides": _("Catch answers that are"),
            "enough": _("Compare a person with themselves from this many answers"),
        },
    ),
    "straight_lining": Words(
        title=_("Same answer in a row"),
        help=_("One person gave the same answer over and over, more often than chance explains: nobody looked any more."),
        score=_("Equal answers in a row"),
        says=_("%(score).0f equal answers in a row"),
        parameters={
            "length": _("More equal answers in a row than"),
            "chance": _("Leave alone runs that chance makes more often than"),
            "empty": _("Answers without objects count too"),
        },
    ),
    "wrong_label": Words(
        title=_("Suspected wrong answer"),
        help=_("Answers that a model's probabilities speak against; the model must not have learnt from the same items."),
        score=_("Quality of the answer, 0 wrong to 1 right"),
        says=_("“%(given)s”; the model says “%(suggested)s” (quality %(score).2f)"),
        parameters={"attribute": _("Attribute of the item"), "method": _("Method"), "score": _("Quality by")},
    ),
}

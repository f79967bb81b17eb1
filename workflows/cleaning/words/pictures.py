"""Words of the rules on pictures."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from workflows.cleaning.words.words import Words

WORDS = {
    "dark": Words(
        title=_("Too dark"),
        help=_("Even the brightest parts of the picture are dark."),
        score=_("Brightness of the brightest hundredth, 0 to 1"),
        says=_("brightness %(score).2f, below %(threshold).2f"),
        parameters={"threshold": _("Darker than")},
    ),
    "bright": Words(
        title=_("Too bright"),
        help=_("Even the darkest parts of the picture are bright: it is overexposed, or a blank page."),
        score=_("Brightness of the darkest twentieth, 0 to 1"),
        says=_("brightness %(score).2f, above %(threshold).2f"),
        parameters={"threshold": _("Brighter than")},
    ),
    "blurred": Words(
        title=_("Blurred"),
        help=_("Nothing in the picture has sharp edges, so outlines cannot be drawn well."),
        score=_("Sharpness, 0 to 1"),
        says=_("sharpness %(score).2f, below %(threshold).2f"),
        parameters={"threshold": _("Less sharp than")},
    ),
    "low_information": Words(
        title=_("Little to see"),
        help=_("Most of the picture is one colour, as with a covered lens or an empty scan."),
        score=_("Information, 0 to 1"),
        says=_("information %(score).2f, below %(threshold).2f"),
        parameters={"threshold": _("Less information than")},
    ),
    "low_contrast": Words(
        title=_("Low contrast"),
        help=_("Light and dark lie close together, as in fog or behind a dirty lens."),
        score=_("Contrast, 0 to 1"),
        says=_("contrast %(score).2f, below %(threshold).2f"),
        parameters={"threshold": _("Less contrast than")},
    ),
    "odd_aspect": Words(
        title=_("Odd aspect ratio"),
        help=_("The picture is far longer than wide, or wider than long: a strip, or cut wrongly."),
        score=_("Shorter side divided by the longer, 0 to 1"),
        says=_("aspect ratio %(score).2f, below %(threshold).2f"),
        parameters={"threshold": _("Narrower than")},
    ),
    "odd_size": Words(
        title=_("Odd size"),
        help=_("The picture is far larger or smaller than most of the others."),
        score=_("Nearness to the usual size, 0 to 1"),
        says=_("about %(size).0f pixels a side, far from the usual size"),
        parameters={"threshold": _("Less usual than"), "factor": _("Usual up to so many interquartile ranges")},
    ),
    "too_small": Words(
        title=_("Too small"),
        help=_("The picture has too few pixels to label anything in."),
        score=_("Pixels of the shorter side"),
        says=_("shorter side %(score).0f pixels, below %(threshold).0f"),
        parameters={"pixels": _("Shorter side below, in pixels")},
    ),
    "greyscale": Words(
        title=_("Grey picture"),
        help=_("The picture has no colour, which a model trained on coloured pictures may not expect."),
        score=_("Strongest colour anywhere, 0 grey to 1"),
        says=_("colour %(score).3f, below %(threshold).3f"),
        parameters={"threshold": _("Less colour than")},
    ),
    "rotated": Words(
        title=_("Turned by EXIF"),
        help=_("The file says that it has to be turned or mirrored to be upright. Tools that do not read this put labels in the wrong place."),
        score=_("EXIF orientation"),
        says=_("EXIF orientation %(score).0f"),
    ),
    "wrong_extension": Words(
        title=_("Wrong file extension"),
        help=_("The key ends like another format than the file really has, and some tools will refuse it."),
        score=_("1 when name and format agree, else 0"),
        says=_("the name ends in .%(ending)s, but the file is %(format)s"),
    ),
    "unreadable": Words(
        title=_("Unreadable"),
        help=_("The picture cannot be decoded to its last byte: it is cut off, damaged or no picture at all."),
        score=_("1 when unreadable, else 0"),
        says=_("cannot be read: %(fault)s"),
    ),
    "exact_duplicate": Words(
        title=_("Exact duplicate"),
        help=_("The same picture is there already. The first one is kept; the others would be labelled and paid for twice."),
        score=_("How often the picture is there"),
        says=_("the same picture is there %(score).0f times"),
        parameters={
            "pixels": _("Also equal pixels in different files"),
            "among": _("Compare within"),
        },
    ),
    "near_duplicate": Words(
        title=_("Near duplicate"),
        help=_(
            "The picture looks like another one: resized, compressed again, or taken a moment later. The largest and sharpest of a group is kept. "
            "Exact duplicates are left to their own rule."
        ),
        score=_("Bits of the perceptual hash that differ, of 64"),
        says=_("%(distance)d of 64 bits differ from the picture that is kept"),
        parameters={"bits": _("Fewer bits differ than"), "among": _("Compare within")},
    ),
    "similar_neighbours": Words(
        title=_("Frame like the one before"),
        help=_("Within its group the frame looks like the last one that was kept, so it adds little to learn from."),
        score=_("Bits that differ from the last frame kept, of 64"),
        says=_("%(score).0f of 64 bits differ from the last frame kept"),
        parameters={"bits": _("Fewer bits differ than")},
    ),
}

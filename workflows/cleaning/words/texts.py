"""Words of the rules on texts, and of patterns over what comes with them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from workflows.cleaning.words.words import Words

WORDS: dict[str, Words] = {
    "empty_text": Words(
        title=_("Empty text"),
        help=_("The text says nothing: it has no letter, digit or symbol."),
        score=_("Empty, 0 or 1"),
        says=_("no letter, digit or symbol"),
    ),
    "too_short": Words(
        title=_("Text too short"),
        help=_("The text has too few characters to be judged."),
        score=_("Characters"),
        says=_("%(score)d characters, fewer than %(threshold)d"),
        parameters={"threshold": _("Fewer characters than")},
    ),
    "too_long": Words(
        title=_("Text too long"),
        help=_("The text has more characters than a person reads for one answer."),
        score=_("Characters"),
        says=_("%(score)d characters, more than %(threshold)d"),
        parameters={"threshold": _("More characters than")},
    ),
    "few_words": Words(
        title=_("Few words"),
        help=_("The text has few words. In Chinese and Japanese each character that is not punctuation counts as one."),
        score=_("Words"),
        says=_("%(score)d words, fewer than %(threshold)d"),
        parameters={"threshold": _("Fewer words than")},
    ),
    "odd_words": Words(
        title=_("Odd word length"),
        help=_("Words are too short or too long on the average to be language, as in tables, codes, or words run together. Chinese and Japanese are not judged."),
        score=_("Mean characters of a word"),
        says=_("%(score).1f characters a word on the average"),
        parameters={"least": _("At least"), "most": _("At most")},
    ),
    "symbols": Words(
        title=_("Many symbols"),
        help=_("Much of the text is neither letter, digit, space nor usual punctuation, as in tables, code and drawings of characters."),
        score=_("Share of symbols, 0 to 1"),
        says=_("share of symbols %(score).2f, above %(threshold).2f"),
        parameters={"threshold": _("Share above")},
    ),
    "repetition": Words(
        title=_("Repeats itself"),
        help=_("The text says the same again: stretches of words come back, or a short pattern stands there over and over."),
        score=_("Share of repeated characters, 0 to 1"),
        says=_("share of repeated characters %(score).2f, above %(threshold).2f"),
        parameters={"threshold": _("Share above")},
    ),
    "wrong_language": Words(
        title=_("Wrong language"),
        help=_("The text is in another language than those you want. Texts too short to tell are passed."),
        score=_("Probability of the other language, 0 to 1"),
        says=_("language %(language)s with probability %(score).2f"),
        parameters={"languages": _("Languages you want (en, zh, …)"), "threshold": _("Probability above")},
    ),
    "personal_data": Words(
        title=_("Personal data"),
        help=_("The text holds what leads to a person: an e-mail address, a network address, a phone, card or identity number."),
        score=_("Kinds of personal data"),
        says=_("holds personal data: %(found)s"),
        parameters={
            "email": _("E-mail addresses"),
            "ip": _("IP addresses"),
            "phone": _("Phone numbers"),
            "card": _("Payment cards"),
            "identity": _("Chinese identity numbers"),
        },
    ),
    "broken_encoding": Words(
        title=_("Broken encoding"),
        help=_("Characters show that the text was once read in a wrong encoding, or damaged: replacement and control characters, or Ã© for é."),
        score=_("Characters that show it"),
        says=_("%(score)d signs of a broken encoding, more than %(threshold)d"),
        parameters={"threshold": _("More signs than")},
    ),
    "exact_duplicate_text": Words(
        title=_("Same text"),
        help=_("The text is the same as an earlier one but for case, width, spaces and punctuation. The first is kept."),
        score=_("Earlier texts that are the same"),
        says=_("one of %(copies)d texts that are the same"),
    ),
    "near_duplicate_text": Words(
        title=_("Nearly the same text"),
        help=_("The text shares most of its stretches of five words with another. The longest of a group is kept, of equally long ones the first."),
        score=_("Likeness, 0 to 1"),
        says=_("likeness %(score).2f, above %(threshold).2f"),
        parameters={"threshold": _("Likeness above")},
    ),
    "pattern": Words(
        title=_("Pattern"),
        help=_("A pattern of your own is looked for in the item's key, or in a piece of metadata."),
        score=_("Found, 0 or 1"),
        says=_("the pattern was looked for in “%(value)s”"),
        parameters={"pattern": _("Pattern (RE2)"), "meta": _("Metadata; empty for the key"), "catch": _("Caught is what")},
    ),
}

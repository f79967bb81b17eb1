"""The catalogue: every word of the product is marked, translated, and made without gettext tools."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from django.core.management import CommandError, call_command
from django.utils import timezone, translation

from workflows.server import translations

PLACES = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")
# Words that are the same in every language: names, keys of the keyboard, code.
SAME = {"Sluice", "OpenAPI", "API", "JSON", "CSV", "NDJSON", "YAML", "COCO", "YOLO", "Pascal VOC", "CoNLL", "px", "UTC", "SHA-256", "zip", "tar", "CVAT", "Label Studio", "labelme", "doccano", "Markdown", "Croissant", "CC-BY-4.0", "IoU", "AP", "AP50", "AP75"}


def catalogue() -> Any:
    return translations.read()


def test_every_string_of_the_code_has_a_translation() -> None:
    """When this fails: `manage.py translations --extract`, then fill the empty `msgstr` of the .po."""
    known = catalogue()
    missing = sorted(
        {
            f"{name}: {message if isinstance(message, str) else message[0]!r}"
            for name, message, context in translations.messages()
            if not (found := known.get(message if isinstance(message, str) else message[0], context))
            or found.fuzzy
            or not translations._translated(found.string)
        }
    )
    assert not missing, f"{len(missing)} strings without a translation:\n" + "\n".join(missing)


def test_translations_keep_their_places() -> None:
    """What code fills in must be in the translation too, or the page breaks in that language alone."""
    wrong = []
    for message in catalogue():
        if message.id and translations._translated(message.string):
            source = message.id[-1] if isinstance(message.id, tuple) else message.id
            for text in message.string if isinstance(message.string, tuple) else (message.string,):
                if sorted(set(PLACES.findall(text))) != sorted(set(PLACES.findall(source))):
                    wrong.append(f"{source!r} → {text!r}")
    assert not wrong


def test_translations_can_be_filled_in() -> None:
    """A percent sign that is not doubled cannot, and then a page falls back to English without a word."""
    wrong = []
    for message in catalogue():
        if message.id and "python-format" in message.flags:
            for text in message.string if isinstance(message.string, tuple) else (message.string,):
                try:
                    text % dict.fromkeys(re.findall(r"%\((\w+)\)", text), 1)
                except (ValueError, TypeError, KeyError) as error:
                    wrong.append(f"{text!r}: {error}")
    assert not wrong


def test_translations_are_chinese_and_have_no_english_punctuation_between_characters() -> None:
    odd = [
        message.string
        for message in catalogue()
        if message.id and isinstance(message.string, str) and re.search(r"[一-鿿][,;?!](?=[一-鿿])", message.string)
    ]
    assert not odd


def _visible(text: str) -> list[str]:
    """What of a template a reader sees without it having passed a translate tag."""
    text = re.sub(r"{#.*?#}|{% comment.*?endcomment %}", "", text, flags=re.S)
    text = re.sub(r"{% block \w+_class %}.*?{% endblock %}", " ", text)
    text = re.sub(r"{% blocktrans(?:late)?\b.*?{% endblocktrans(?:late)? %}", " ", text, flags=re.S)
    # Tags first: a `>` or a quotation mark inside one would look like the end of an element.
    text = re.sub(r"{%.*?%}|{{.*?}}", "\x00", text, flags=re.S)
    attributes = re.findall(r'\s(?:title|aria-label|placeholder|alt)="([^"]*)"', text)
    text = re.sub(r"<(code|kbd|script|style|svg|pre)\b.*?</\1>", " ", text, flags=re.S)
    pieces = [*re.split(r"<[^>]*>", text), *attributes]
    words = [word.strip(" \n·.,:()…") for piece in pieces for word in unescape(piece).split("\x00")]
    return [word for word in words if re.search(r"[A-Za-z]{2,}", word)]


def test_templates_say_nothing_outside_translate_tags() -> None:
    said = {}
    for path in translations.sources():
        if path.suffix == ".html":
            found = [word for word in _visible(path.read_text()) if word not in SAME and not word.startswith(("/", "#"))]
            if found:
                said[path.name] = found
    assert not said


def test_the_heuristic_sees_bare_words() -> None:
    assert _visible('<p>{% translate "Good" %} bad {{ x }}</p><a title="worse">{% icon "x" %}</a>') == ["bad", "worse"]


def test_forms_and_messages_are_marked() -> None:
    """Labels and help texts of forms, and messages to people, go through gettext."""
    bare = re.compile(r'(?:label|help_text|empty_label)=f?"|messages\.(?:success|error|warning|info)\(request, f?"')
    said = {
        path.name: hits
        for path in translations.sources()
        if path.name in ("forms.py", "pages.py") or path.stem.endswith("_pages")
        if (hits := bare.findall(path.read_text()))
    }
    assert not said


def test_the_command_reads_and_compiles_on_a_bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """No gettext on the path; the result is what Django reads."""
    monkeypatch.setenv("PATH", str(tmp_path))
    po = tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.po"
    monkeypatch.setattr(translations, "PO", po)
    monkeypatch.setattr(translations, "LOCALES", tmp_path)
    call_command("translations", extract=True, compile=True)
    with po.open("rb") as file:
        made = read_po(file)
    assert len(made) > 500 and made.get("Line") is not None and po.with_suffix(".mo").exists()
    with pytest.raises(CommandError):
        call_command("translations")


def test_reading_again_keeps_translations_and_drops_what_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    po = tmp_path / "django.po"
    monkeypatch.setattr(translations, "PO", po)
    translations.extract_all()
    text = po.read_text()
    po.write_text(text.replace('msgid "Line"\nmsgstr ""', 'msgid "Line"\nmsgstr "流水线"') + '\nmsgid "Nowhere any more"\nmsgstr "无"\n')
    translations.extract_all()
    kept = catalogue()
    assert kept.get("Line").string == "流水线" and kept.get("Nowhere any more") is None
    first = po.read_bytes()
    translations.extract_all()
    assert po.read_bytes() == first


def test_the_words_of_the_product() -> None:
    translations.compile_all()
    with translation.override("zh-hans"):
        for english, chinese in {"Line": "流水线", "Version": "版本", "Slice": "切片", "Queue": "队列", "Batch": "批次"}.items():
            assert translation.gettext(english) == chinese


def test_numbers_and_dates_follow_the_language() -> None:
    from annotate.templatetags.sluice import ago, number

    long_ago = timezone.now() - dt.timedelta(days=400)
    with translation.override("zh-hans"):
        assert "年" in str(ago(long_ago)) and number(12345) == "12,345"
        assert "小时前" in str(ago(timezone.now() - dt.timedelta(hours=3)))
    with translation.override("en"):
        assert "年" not in str(ago(long_ago)) and number(12345) == "12,345"

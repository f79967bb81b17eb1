"""Background work in words, for templates."""

from __future__ import annotations

from django import template

from annotate.jobs.models import Job
from annotate.jobs.words import kind_words, pace, result_words

register = template.Library()


@register.filter
def kind_of(job: Job) -> str:
    return kind_words(job.kind)


@register.filter
def pace_of(job: Job) -> dict[str, str]:
    return pace(job)


@register.filter
def result_of(job: Job) -> str:
    return result_words(job)

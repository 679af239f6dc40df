"""The import report: what a run did, in words a person reads and in files they can keep.

The command line and the web pages say the same things because both say them from here. When a
recipe runs next says engine.report.coming.
"""

from engine.report.causes import Gathered, causes_of, gather, gathered
from engine.report.export import as_csv, as_json
from engine.report.on_version import retried_on, version_number
from engine.report.page import as_html
from engine.report.words import (
    OUTCOME_WORDS,
    STATUS_WORDS,
    balance,
    cause_sentence,
    headline,
    moment,
    previous_run_at,
    sentences,
    took,
)

__all__ = [
    "OUTCOME_WORDS",
    "STATUS_WORDS",
    "Gathered",
    "as_csv",
    "as_html",
    "as_json",
    "balance",
    "cause_sentence",
    "causes_of",
    "gather",
    "gathered",
    "headline",
    "moment",
    "previous_run_at",
    "retried_on",
    "sentences",
    "took",
    "version_number",
]

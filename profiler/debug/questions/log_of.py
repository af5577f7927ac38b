# SPDX-License-Identifier: MIT
"""The kernel's log as a table."""
from . import log as records_of
from .answer import Answer


def log(k):
    answer = Answer("log", [("seconds", "SECONDS"), ("text", "TEXT")], "the log is empty")
    for when, text in records_of.records(k):
        answer.add(seconds=round(when, 6), text=text)
    return answer

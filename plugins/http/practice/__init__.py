"""A made-up API to practise on, with every way of paging and logging in there is."""

from plugins.http.practice.server import PracticeApi

__all__ = ["PracticeApi"]

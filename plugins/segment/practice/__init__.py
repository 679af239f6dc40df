"""A practice copy of Segment: a source that takes events, drops some, and passes them on."""

from plugins.segment.practice.server import PracticeSegment

__all__ = ["PracticeSegment"]

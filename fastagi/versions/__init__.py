"""The policies that were once in force, kept as they were.

    FOLDER/_blobs/ab/ab12….gz       what a file held, under its SHA-256: once, however often kept
    FOLDER/SITE/0123456789ab.json   which files a version is of
    FOLDER/SITE/history.json        from when until when each was in force

    blobs     the contents
    manifest  which contents are a version, and when it was in force
    keeping   a policy into the folder, and what is too old or too much out of it
    reading   a version out of it again, whole or not at all

One gate keeps its own. Where several share a store, each has the versions that it judged by.
"""

from fastagi.versions.keeping import Bounds, keep
from fastagi.versions.manifest import Manifest, Span, histories
from fastagi.versions.reading import contents, load_version, read_manifest

__all__ = [
    "Bounds",
    "Manifest",
    "Span",
    "contents",
    "histories",
    "keep",
    "load_version",
    "read_manifest",
]

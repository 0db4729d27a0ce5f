"""Recorded voices: audio files called by text id and language, played instead of being spoken.

`voice.menu.yue.mp3` is the Cantonese of text voice.menu; `voice.menu.yue-x-slow.mp3` the same, said
slowly. A file beside it, `voice.menu.yue.txt`, holds what is said in it: where the text has other
words by now, the recording is not used.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from alertcast.channels.abilities import Audio
from alertcast.channels.base import ChannelError
from alertcast.core.pieces import Piece, to_record
from alertcast.core.wording import Texts

KINDS = {".mp3": "audio/mpeg", ".wav": "audio/wav", ".aiff": "audio/aiff", ".gsm": "audio/x-gsm"}
"""Files that Twilio plays, and what it is told they are."""

_NAME = re.compile(r"(?P<name>[\w.]+)\.(?P<tag>[a-z]{2,3}(?:-[A-Za-z0-9]+)*)")
_NOT_SAID = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class _Recording:
    audio: Audio
    key: str  # of its address: the digest of what is in it
    words: str | None  # what is said in it, if that was written down


class Recordings:
    """The recordings of one folder, as they were when alertcast started; None: there are none.

    Raises ChannelError if the folder is not there, or two files record the same.
    """

    def __init__(self, folder: Path | None) -> None:
        self._found: dict[tuple[str, str], _Recording] = {}
        if folder is not None and not folder.is_dir():
            raise ChannelError(f"recordings: there is no folder {folder}", retryable=False)
        files = sorted(folder.iterdir()) if folder is not None else []
        for path in (one for one in files if one.suffix.lower() in KINDS):
            named = _NAME.fullmatch(path.stem)
            if named is None:
                raise ChannelError(f"recordings: {path.name}: not TEXT.LANGUAGE", retryable=False)
            if (named["name"], named["tag"]) in self._found:
                raise ChannelError(f"recordings: {path.stem} is there twice", retryable=False)
            self._found[named["name"], named["tag"]] = _read(path)
        self._by_key = {one.key: one.audio for one in self._found.values()}

    def key_of(self, piece: Piece, *, is_slow: bool = False) -> str | None:
        """Return the address of a recording of these very words; None: they must be spoken."""
        if piece.name is None:
            return None
        for tag in (f"{piece.tag}-x-slow",) * is_slow + (piece.tag,):
            found = self._found.get((piece.name, tag))
            if found and (found.words is None or _same(found.words, piece.words)):
                return found.key
        return None

    def audio(self, key: str) -> Audio | None:
        """Return what is at an address, or None."""
        return self._by_key.get(key)

    def missing(self, texts: Texts) -> dict[str, list[str]]:
        """Return for each language that has recordings those that it lacks, or that are stale."""
        tags = {tag.split("-")[0] for _, tag in self._found}
        found: dict[str, list[str]] = {tag: [] for tag in sorted(tags)}
        for piece in to_record(texts):
            if piece.tag in tags and self.key_of(piece) is None:
                found[piece.tag].append(str(piece.name))
        return found


def _read(path: Path) -> _Recording:
    kind = path.suffix.lower()
    beside = path.with_suffix(".txt")
    words = beside.read_text("utf-8") if beside.exists() else None
    key = f"{sha256(path.read_bytes()).hexdigest()[:32]}{kind}"
    return _Recording(Audio(path, KINDS[kind]), key, words)


def _same(said: str, words: str) -> bool:
    return _NOT_SAID.sub("", said) == _NOT_SAID.sub("", words)

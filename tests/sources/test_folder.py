import os

from alertcast.sources.base import Outcome, Source
from alertcast.sources.folder import Folder, FolderSettings
from tests.sources.documents import NOW, cap


def folder(path):
    return Folder("inbox", FolderSettings(path=path))


def test_a_directory_that_is_not_there_is_a_failure_not_silence(tmp_path):
    polled = folder(tmp_path / "none").poll({"a": "b"}, NOW)
    assert polled.outcome is Outcome.FAILED
    assert polled.memory == {"a": "b"}
    assert str(tmp_path) in polled.detail


def test_files_that_are_not_whole_are_left_alone(tmp_path):
    for name in (".hidden.xml", "a.xml.part", "b.tmp", "c.xml~"):
        (tmp_path / name).write_bytes(cap())
    (tmp_path / "sub").mkdir()
    assert folder(tmp_path).poll({}, NOW).outcome is Outcome.NO_DATA
    (tmp_path / "empty.xml").touch()
    polled = folder(tmp_path).poll({}, NOW)
    assert polled.outcome is Outcome.FAILED
    assert "still being written" in polled.detail and not polled.memory


def test_a_file_is_handed_over_once_until_it_changes(tmp_path):
    source = folder(tmp_path)
    assert isinstance(source, Source)
    file = tmp_path / "a.xml"
    file.write_bytes(cap())
    first = source.poll({}, NOW)
    assert first.outcome is Outcome.OK
    assert [(d.raw, d.where) for d in first.documents] == [(cap(), str(file))]
    assert source.poll({}, NOW).documents == first.documents, "nothing was stored: again"
    assert source.poll(first.memory, NOW).outcome is Outcome.UNCHANGED
    os.utime(file, (1, 1))
    touched = source.poll(first.memory, NOW)
    assert touched.outcome is Outcome.UNCHANGED, "touched, but the same content"
    file.write_bytes(cap(identifier="A-2"))
    assert source.poll(touched.memory, NOW).outcome is Outcome.OK


def test_files_come_in_the_order_they_were_written(tmp_path):
    for name, written in (("a", 30), ("b", 10), ("c", 20)):
        (tmp_path / name).write_bytes(name.encode())
        os.utime(tmp_path / name, (written, written))
    documents = folder(tmp_path).poll({}, NOW).documents
    assert [document.raw for document in documents] == [b"b", b"c", b"a"]


def test_a_removed_file_is_forgotten_and_says_nothing(tmp_path):
    (tmp_path / "a.xml").write_bytes(cap())
    memory = folder(tmp_path).poll({}, NOW).memory
    (tmp_path / "a.xml").unlink()
    polled = folder(tmp_path).poll(memory, NOW)
    assert (polled.outcome, polled.documents, dict(polled.memory)) == (Outcome.NO_DATA, (), {})

"""Threads share one heap, so that what one gives back another takes."""

import subprocess
import sys

import pytest

WORK = """
import ctypes, sys, threading
from alertcast.engines import heap

if sys.argv[1] == "shared":
    heap.share_one()
begin = threading.Barrier(6)

def take() -> None:
    begin.wait()
    kept = [bytearray(size) for size in range(1_000, 60_000, 1_000)]
    begin.wait()

threads = [threading.Thread(target=take) for _ in range(6)]
for one in threads:
    one.start()
for one in threads:
    one.join()
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="another C library")
@pytest.mark.parametrize(("heaps", "are_many"), [("shared", False), ("their own", True)])
def test_threads_allocate_from_one_heap(heaps: str, are_many: bool) -> None:
    command = [sys.executable, "-c", WORK, heaps]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = said.count("<heap nr=")
    assert found > 1 if are_many else found == 1

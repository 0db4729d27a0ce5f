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

HOLES = """
import sys
from alertcast.engines import heap

def resident() -> int:
    with open("/proc/self/statm") as told:
        return int(told.read().split()[1])

kept = [bytes(50_000) for _ in range(2_000)]
stay = kept[::8]
full = resident()
del kept
holed = resident()
if sys.argv[1] == "given back":
    heap.give_back()
print(full, holed, resident())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="another C library")
@pytest.mark.parametrize(("heaps", "are_many"), [("shared", False), ("their own", True)])
def test_threads_allocate_from_one_heap(heaps: str, are_many: bool) -> None:
    command = [sys.executable, "-c", WORK, heaps]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = said.count("<heap nr=")
    assert found > 1 if are_many else found == 1


@pytest.mark.skipif(sys.platform != "linux", reason="another C library")
@pytest.mark.parametrize("holes", ["given back", "left"])
def test_what_lies_free_between_what_is_used_is_given_back(holes: str) -> None:
    command = [sys.executable, "-c", HOLES, holes]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    full, holed, after = map(int, said.split())
    assert holed > full * 0.8  # the heap's end is in use: nothing goes back by itself
    assert (after < full * 0.5) == (holes == "given back")

"""Clocks that are wrong: the functions are started with a library that stands before the C library, and reads from a file
how far off their clock is. So it jumps while they run."""

import mmap
import shutil
import struct
import subprocess
from contextlib import contextmanager
from pathlib import Path

from shop import CONSUMERS

# Rust's standard library asks no other function for the time of day.
LIBRARY = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *seconds_off;

__attribute__((constructor)) static void open_clock(void) {
    const char *path = getenv("CLOCK_FILE");
    int file = path ? open(path, O_RDONLY) : -1;
    if (file < 0) abort();
    void *page = mmap(NULL, sizeof *seconds_off, PROT_READ, MAP_SHARED, file, 0);
    if (page == MAP_FAILED) abort();
    seconds_off = page;
    close(file);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(clock, time);
    if (!failed && clock == CLOCK_REALTIME && seconds_off) time->tv_sec += *seconds_off;
    return failed;
}
"""

# From where to where a clock may be off, in seconds. order-add's may not be ahead for as long as an access token lasts.
MINUTES = {function: (-600, 600) for function in [*CONSUMERS, "order-sweep"]} | {"order-add": (-600, 200)}
# Less than this is no matter: the shop bears a minute.
AT_LEAST = 120


class Clocks:
    """A clock for each function, by the file that it is read from."""

    def __init__(self, folder):
        self.files = {}
        for function in MINUTES:
            path = folder / f"{function}.clock"
            path.write_bytes(bytes(8))
            with path.open("r+b") as file:
                self.files[function] = mmap.mmap(file.fileno(), 8)

    def set(self, function, seconds):
        self.files[function][:] = struct.pack("q", seconds)

    def get(self, function):
        return struct.unpack("q", self.files[function][:])[0]

    def jump(self, chance):
        for function, (least, most) in MINUTES.items():
            ranges = [range(least, 1 - AT_LEAST), range(AT_LEAST, most + 1)]
            self.set(function, chance.choice(chance.choice(ranges)))

    def right(self):
        for function in self.files:
            self.set(function, 0)


def compile_library(folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "clock.c").write_text(LIBRARY)
    compiler = shutil.which("cc") or "gcc"
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", "clock.so", "clock.c", "-ldl"], cwd=folder, check=True)
    return folder / "clock.so"


@contextmanager
def wrong_clocks(cloud, folder):
    """The clocks of the functions, which are started anew with them and, in the end, without them."""
    folder = Path(folder).resolve()
    library, clocks = compile_library(folder), Clocks(folder)
    before = {function: cloud.variables(function) for function in MINUTES}
    try:
        for function, variables in before.items():
            file = {"LD_PRELOAD": str(library), "CLOCK_FILE": str(folder / f"{function}.clock")}
            cloud.set_variables(function, variables | file)
        yield clocks
    finally:
        for function, variables in before.items():
            cloud.set_variables(function, variables)

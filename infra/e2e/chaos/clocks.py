"""Wrong clocks. The functions start with a library that is loaded before the C library. It reads from a file by how much
their clock is wrong, so the clock can jump while they run."""

import mmap
import shutil
import struct
import subprocess
from contextlib import contextmanager
from pathlib import Path

from shop import CONSUMERS

# Rust's standard library reads the time of day only with this function.
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

# How wrong a clock may be, in seconds, from least to most. The clock of order-add must not be ahead by the lifetime
# of an access token, or it would refuse every token.
MINUTES = {function: (-600, 600) for function in [*CONSUMERS, "order-sweep"]} | {"order-add": (-600, 200)}
# The least error of a wrong clock, in seconds. The shop tolerates a minute, so a smaller error would test nothing.
AT_LEAST = 120


class Clocks:
    """A clock for each function, with the file that the function reads it from."""

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
    """Restarts the functions with these clocks. At the end it restarts them without."""
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

"""Decides what goes wrong, and when. The same seed gives the same faults for a function's calls, the same kills and clocks."""

import threading
import time
from collections import Counter
from random import Random
from typing import NamedTuple

from role_proxy import environment_of

from chaos import faults, processes
from chaos.faults import Call


class Scenario(NamedTuple):
    """What goes wrong in a run."""

    says: str
    # One in this many calls of a function has one of these faults.
    one_in: int
    faults: list
    # After how many seconds SQS delivers a message again that was not acknowledged.
    visibility: int = 2
    # The seconds between two kills of any process.
    kills_every: float | None = None
    # The seconds between two jumps of the functions' clocks.
    jumps_every: float | None = None


SCENARIOS = {
    "kills": Scenario(
        "every 200 ms a process is killed, and one more in every twentieth call to AWS, before or after it is done",
        one_in=20,
        faults=[faults.killed_before, faults.killed_after],
        kills_every=0.2,
    ),
    "faults": Scenario(
        "every tenth call to AWS is throttled, fails, is reset or hangs, before or after it is done",
        one_in=10,
        faults=[
            faults.throttled,
            faults.failed,
            faults.failed_when_done,
            faults.reset,
            faults.answer_lost,
            faults.comes_late,
            faults.answered_late,
        ],
        # A shorter time is not enough for most batches of ten, so most messages would be delivered five times.
        visibility=6,
    ),
    "clocks": Scenario(
        "the functions' clocks are minutes off and jump, a process is killed every second, and every tenth event is lost",
        one_in=10,
        faults=[faults.lost],
        kills_every=1,
        jumps_every=3,
    ),
}


class Chaos:
    """Decides about every call that a role allows. The proxy asks it while a `with` lasts. It starts switched off."""

    def __init__(self, proxy, scenario, seed, clocks=None):
        self.proxy, self.scenario, self.seed, self.clocks = proxy, scenario, seed, clocks
        self.off, self.threads = threading.Event(), []
        self.off.set()
        self.calls, self.under_way, self.kills, self.jumps = [], 0, 0, 0
        # The processes that have begun to work, by their function. A process that is killed while it starts has done
        # nothing yet, but the stand-in then also ends all other processes of its function. So only these are killed.
        self.working = {}
        self.counts, self.lock = Counter(), threading.Lock()

    def __enter__(self):
        self.proxy.chaos = self
        return self

    def __exit__(self, *_):
        self.stop()
        self.proxy.chaos = None

    def start(self):
        self.off.clear()
        self.every(self.scenario.kills_every, self.kill)
        self.every(self.scenario.jumps_every, self.jump)

    def stop(self):
        self.off.set()
        for thread in self.threads:
            thread.join()
        self.threads = []
        if self.clocks:
            self.clocks.right()

    def is_over(self):
        return self.off.is_set()

    def every(self, seconds, work):
        """Does the work every so many seconds until the chaos is off."""
        if seconds is None:
            return
        chance = Random(f"{self.seed} {work.__name__}")

        def go_on():
            due = time.monotonic()
            while not self.off.wait(max(0, due - time.monotonic())):
                work(chance)
                due += seconds

        self.threads.append(threading.Thread(target=go_on, daemon=True))
        self.threads[-1].start()

    def kill(self, chance):
        with self.lock:
            self.working = {pid: function for pid, function in self.working.items() if self.is_ours(pid)}
            alive = sorted(self.working, key=lambda pid: (self.working[pid], pid))
        if alive and processes.kill(chance.choice(alive)):
            self.kills += 1

    def is_ours(self, pid):
        """Whether the process id still belongs to a function of this cloud."""
        return (environment_of(pid) or {}).get("AWS_ENDPOINT_URL") == self.proxy.url

    def jump(self, chance):
        self.clocks.jump(chance)
        self.jumps += 1

    def __call__(self, request, function, pid, target, body, forward):
        call = Call(function, pid, target, body.decode(), request, forward)
        fault = self.draw(call)
        with self.lock:
            self.calls.append(call)
            self.under_way += 1
            if call.is_work:
                self.working[pid] = function
        try:
            if fault:
                call.fault = fault.__name__.replace("_", " ")
                fault(call)
            else:
                call.answer(*call.forward())
        finally:
            call.end()
            with self.lock:
                self.under_way -= 1

    def draw(self, call):
        """The fault of a call, or `None`. Chance picks one of every so many calls in a row."""
        possible = [fault for fault in self.scenario.faults if faults.applies(fault, call)]
        if self.off.is_set() or not possible or not call.is_work:
            return None
        with self.lock:
            row, place = divmod(self.counts[call.function], self.scenario.one_in)
            self.counts[call.function] += 1
        call.random = Random(f"{self.seed} {call.function} {row}")
        return call.random.choice(possible) if call.random.randrange(self.scenario.one_in) == place else None

"""One run: clients place orders while things go wrong. Then nothing goes wrong any more, and every order must end."""

import threading
import time
import uuid
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial

from chaos import kept, verdict
from chaos.clients import Clients, Wish
from chaos.clocks import wrong_clocks
from chaos.director import SCENARIOS, Chaos
from chaos.figures import of_run
from chaos.steering import dead_letters, quick, sweep, sweep_after, waiting

# After how many seconds an order counts as stalled for the sweep: during the chaos, and after it.
AFTER, AFTER_AT_THE_END = 10, 1
# The seconds between two checks with a sweep, and between two reports of the progress.
LOOKS_EVERY, TELLS_EVERY = 2, 5
# For how many seconds the chaos goes on after the last order was begun, unless all orders have ended before. Few
# processes are left then, so a longer chaos would answer no client. And the most seconds until everything is at rest.
STORM, REST = 30, 240


class Run:
    """A scenario with so many orders on the deployed shop. `say` gets the reports of the progress."""

    def __init__(self, cloud, scenario, orders, clients, seed, say, storm=STORM):
        self.cloud, self.name, self.scenario, self.say, self.storm = cloud, scenario, SCENARIOS[scenario], say, storm
        self.seed, self.id = seed, f"chaos-{uuid.uuid4()}"
        self.wishes = [Wish(self.id, number, seed) for number in range(orders)]
        self.client_count, self.tells_next = clients, 0
        # The rank of each order at the last check, and the orders that went back.
        self.ranks, self.back = {}, []

    def go(self, folder):
        """Runs the scenario. Returns the figures, and everything that is wrong, in full."""
        self.began, self.began_at = time.monotonic(), datetime.now(UTC)
        dead_letters(self.cloud)
        self.told_before = len(self.cloud.sentry.envelopes)
        clocks = wrong_clocks(self.cloud, folder) if self.scenario.jumps_every else nullcontext()
        chaos = partial(Chaos, self.cloud.proxy, self.scenario, self.seed)
        with quick(self.cloud, AFTER, self.scenario.visibility), clocks as clocks, chaos(clocks) as self.chaos:
            self.clients = Clients(self.cloud.url, self.wishes, self.client_count, self.seed)
            self.chaos.start()
            self.clients.start()
            self.until(self.all_ended, self.clients.have_begun_all, self.storm)
            self.chaos.stop()
            sweep_after(self.cloud, AFTER_AT_THE_END)
            self.until(self.at_rest, lambda: True, REST)
        return self.outcome()

    def until(self, over, counts, seconds):
        """Checks and sweeps until `over` is true, or until `counts` has been true for so many seconds."""
        end, sweeping = None, threading.Thread()
        while not over(self.look()):
            end = end or (time.monotonic() + seconds if counts() else None)
            if end and time.monotonic() > end:
                return
            # After the chaos, the sweep pushes only what stands still. An order that is on its way needs no push.
            if not sweeping.is_alive() and not (self.chaos.is_over() and waiting(self.cloud)):
                sweeping = threading.Thread(target=sweep, args=(self.cloud,), daemon=True)
                sweeping.start()
            time.sleep(LOOKS_EVERY)

    def look(self):
        """The present statuses of the orders. Notes the orders that went back since the last check."""
        now = kept.statuses(self.cloud, self.id)
        for id, status in now.items():
            rank = kept.RANKS[status]
            if rank < self.ranks.get(id, 0):
                self.back.append(f"VIOLATION: order [{id}] went back to '{status}'")
            self.ranks[id] = rank
        if time.monotonic() > self.tells_next:
            self.tells_next = time.monotonic() + TELLS_EVERY
            self.tell(now)
        return now.values()

    def tell(self, now):
        answered = sum(bool(wish.answers) for wish in self.wishes)
        asked = sum(len(wish.statuses) for wish in self.wishes)
        ended = sum(status in kept.FINAL for status in now.values())
        faults = sum(call.fault is not None for call in self.chaos.calls)
        phase = "coming to rest" if self.chaos.is_over() else "chaos"
        self.say(
            f"{self.cloud.messaging} {self.name}, {self.seconds()} s, {phase}: {answered} of {len(self.wishes)} orders "
            f"answered ({asked} requests), {ended} at their end, {self.chaos.kills} kills, {faults} faults"
        )

    def all_ended(self, statuses):
        return self.clients.are_done() and kept.FINAL.issuperset(statuses)

    def at_rest(self, statuses):
        return self.all_ended(statuses) and not self.chaos.under_way and not waiting(self.cloud)

    def seconds(self):
        return round(time.monotonic() - self.began)

    def outcome(self):
        now, calls = kept.Kept(kept.scan(self.cloud), self.id), self.chaos.calls
        self.tell({id: now.status(id) for id in now.orders})
        wrong = list(verdict.violations(self.wishes, now, calls))
        told = [line for violation in wrong for line in verdict.told(violation, now, calls)] + self.back
        letters = dead_letters(self.cloud)
        figures = of_run(self, now, letters)
        figures["verdict"] = f"{len(wrong) + len(self.back)} wrong" if told else "all right"
        return figures, told

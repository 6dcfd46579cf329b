"""Careful clients: each request for an order has an Idempotency-Key, and is repeated with it until it is answered."""

import threading
import time
from collections import deque
from random import Random

import requests
from client import GOOD, PASSWORD, Customer, order

BAD = GOOD | {"expYear": 2020}
# How long a client tries to place one order, and the longest pause between two tries, in seconds.
PATIENCE = 90
LONGEST_WAIT = 3


class Wish:
    """An order that a client wants, and all answers that the client got."""

    def __init__(self, run, number, seed):
        chance = Random(f"{seed} order {number}")
        self.run, self.number, self.good = run, number, chance.random() >= 0.2
        # A client that misses an answer repeats the request, and must get the same answer.
        self.misses_an_answer = chance.random() < 0.1
        self.key = f"{run}-{number}"
        self.body = order(GOOD if self.good else BAD, firstname=run, lastname=str(number))
        # A status for each request (`broken` if the connection broke), and the bodies of the answers with 200.
        self.statuses, self.answers = [], []

    @property
    def ids(self):
        return {answer["order_id"] for answer in self.answers}


class Clients:
    """Several clients at once. They place the wishes one after the other."""

    def __init__(self, url, wishes, count, seed):
        self.wishes, self.lock, self.given_up = deque(wishes), threading.Lock(), 0
        self.chance = Random(f"{seed} clients")
        self.customers = [Customer(url) for _ in range(count)]
        self.threads = [threading.Thread(target=self.work, args=(customer,), daemon=True) for customer in self.customers]

    def start(self):
        for thread in self.threads:
            thread.start()

    def have_begun_all(self):
        return not self.wishes

    def are_done(self):
        return not any(thread.is_alive() for thread in self.threads)

    def work(self, customer):
        while wish := self.next():
            if not self.place(customer, wish):
                with self.lock:
                    self.given_up += 1

    def next(self):
        with self.lock:
            return self.wishes.popleft() if self.wishes else None

    def place(self, customer, wish):
        """Repeats the request until there is an answer. Returns whether there was one."""
        end, asked = time.monotonic() + PATIENCE, 0
        while time.monotonic() < end:
            try:
                status = self.ask(customer, wish)
            except requests.RequestException:
                status = "broken"
            wish.statuses.append(status)
            if status == 200 and not (wish.misses_an_answer and len(wish.answers) == 1):
                return True
            if status not in (200, 401, 409, 429, "broken") and status < 500:
                return False  # a repeat would get the same answer
            time.sleep(self.chance.uniform(0, min(0.1 * 2**asked, LONGEST_WAIT)))
            asked += 1
        return bool(wish.answers)

    def ask(self, customer, wish):
        headers = {"idempotency-key": wish.key}
        answer = customer.client.call("post", f"/order/add/{customer.name}", wish.body, customer.token, headers)
        if answer.status_code == 200:
            wish.answers.append(answer.json())
        elif answer.status_code == 401:  # the access token has expired after five minutes
            again = customer.client.call("post", "/login", {"username": customer.name, "password": PASSWORD})
            customer.token = again.json().get("access_token", customer.token)
        return answer.status_code

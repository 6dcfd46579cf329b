//! Sends the queue: a few envelopes at a time, each with its own outcome.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, SystemTime};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::Delivery;
use super::breaker::Permit;
use super::envelope::{Losses, Prepared};
use super::http::{self, Body, Outcome};
use super::queue::{Attempts, Waiting};

/// The number of envelopes on the way at once, so that a batch's errors and transactions do not wait for each other.
const AT_ONCE: usize = 4;
/// The longest time of a copy to Spotlight, and the pause after a failure.
const SPOTLIGHT: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// Envelopes on their way. When this is dropped, those without an outcome go back to the queue.
struct Flight<'a> {
    delivery: &'a Delivery,
    envelopes: Vec<Option<InFlight>>,
}

struct InFlight {
    prepared: Prepared,
    attempts: Attempts,
    /// Losses that the envelope carries. They are given back unless they arrive.
    losses: Losses,
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let delivery = self.delivery;
        let unsent: Vec<Waiting> =
            self.envelopes.drain(..).flatten().filter_map(|f| delivery.unload(f)).collect();
        if delivery.closed.load(Relaxed) {
            // The transport is closed, so nobody would send these any more.
            delivery.in_flight.store(0, Relaxed);
            return delivery.lose(unsent, "network_error");
        }
        let mut state = delivery.state();
        state.queue.put_back(unsent);
        delivery.in_flight.store(0, Relaxed);
    }
}

impl Delivery {
    /// Sends until the queue is empty, the circuit is open, or an attempt fails.
    pub(super) async fn send_queued(&self) {
        loop {
            let permit = self.state().breaker.permit(SystemTime::now());
            let count = match permit {
                _ if self.upstream.is_none() => AT_ONCE,
                Permit::All => AT_ONCE,
                Permit::Probe => 1,
                Permit::Nothing => return,
            };
            if self.state().queue.is_empty() {
                return;
            }
            let mut flight = self.load(count);
            let mut outcomes: FuturesUnordered<_> = flight
                .envelopes
                .iter()
                .enumerate()
                .filter_map(|(i, in_flight)| Some((i, self.body(in_flight.as_ref()?))))
                .map(|(i, body)| async move { (i, self.send(&body).await) })
                .collect();
            let mut failure = None;
            while let Some((i, outcome)) = outcomes.next().await {
                if let Some(in_flight) = flight.envelopes.get_mut(i) {
                    failure = self.finish_request(in_flight, outcome).err().or(failure);
                }
            }
            drop(outcomes);
            drop(flight);
            // Several envelopes that fail together are one failure.
            if let Some(error) = failure {
                self.failed(&error, false);
                return;
            }
        }
    }

    /// Takes envelopes from the queue, without rate-limited items. The first envelope also takes the losses.
    fn load(&self, count: usize) -> Flight<'_> {
        let taken = {
            let mut state = self.state();
            let taken = state.queue.take(count);
            // Under the lock, so that nobody sees an empty queue while nothing counts as in flight.
            self.in_flight.store(taken.len(), Relaxed);
            taken
        };
        let mut flight = Flight { delivery: self, envelopes: Vec::new() };
        for waiting in taken {
            // A bug of this crate in an odd event must not end the function.
            let prepare = AssertUnwindSafe(|| waiting.prepare(&self.sources));
            let Ok(Some((mut prepared, attempts))) = std::panic::catch_unwind(prepare) else {
                self.count(&vec![("default", 1)], "internal_sdk_error");
                continue;
            };
            self.state().queue.add_losses(std::mem::take(&mut prepared.reported));
            let now = SystemTime::now();
            let limited = |category| self.state().limits.is_limited(category, now);
            let (held, items): (Vec<_>, Vec<_>) =
                prepared.items.into_iter().partition(|item| limited(item.category()));
            prepared.items = items;
            held.iter().for_each(|item| self.count(&item.categories, "ratelimit_backoff"));
            if !prepared.items.is_empty() {
                flight.envelopes.push(Some(InFlight { prepared, attempts, losses: Losses::new() }));
            }
        }
        if let Some(Some(first)) = flight.envelopes.first_mut() {
            first.losses = std::mem::take(&mut self.state().queue.losses);
        }
        self.in_flight.store(flight.envelopes.len(), Relaxed);
        flight
    }

    /// Gives the losses and the envelope back to the queue. An envelope that fails again and again while others
    /// arrive is dropped.
    fn unload(&self, in_flight: InFlight) -> Option<Waiting> {
        self.state().queue.add_losses(in_flight.losses);
        let accepted = self.sent.load(Relaxed);
        let attempts = in_flight.attempts.failed(accepted);
        if attempts.is_hopeless(accepted) {
            in_flight.prepared.items.iter().for_each(|item| self.count(&item.categories, "send_error"));
            return None;
        }
        (!in_flight.prepared.items.is_empty()).then_some(Waiting::Prepared(in_flight.prepared, attempts))
    }

    fn body(&self, in_flight: &InFlight) -> Body {
        Body::new(in_flight.prepared.body(Some(&in_flight.losses), &http::rfc3339(SystemTime::now())))
    }

    /// Sends the losses that no envelope carried, when the process ends.
    pub(crate) async fn send_losses(&self, limit: Duration) {
        let Ok(_one_at_a_time) = tokio::time::timeout(limit, self.sending.lock()).await else { return };
        let losses = std::mem::take(&mut self.state().queue.losses);
        if losses.is_empty() {
            return;
        }
        let in_flight = InFlight { prepared: Prepared::empty(), attempts: Attempts::default(), losses };
        let mut flight = Flight { delivery: self, envelopes: vec![Some(in_flight)] };
        let Some(Some(in_flight)) = flight.envelopes.first() else {
            return;
        };
        let body = self.body(in_flight);
        if let Ok(outcome) = tokio::time::timeout(limit, self.send(&body)).await
            && let Some(in_flight) = flight.envelopes.first_mut()
        {
            let _ = self.finish_request(in_flight, outcome);
        }
    }

    async fn send(&self, body: &Body) -> Outcome {
        let upstream = async {
            // With Spotlight alone there is nothing to wait for.
            let Some((url, auth)) = &self.upstream else {
                return Outcome::Answered { status: 200, limits: None, retry_after: None };
            };
            match self.http.post(url, Some(auth), body).await {
                // A connection often goes stale during a freeze.
                Outcome::Broken(_) => self.http.post(url, Some(auth), body).await,
                outcome => outcome,
            }
        };
        if self.spotlight.is_none() {
            return upstream.await;
        }
        futures_util::future::join(upstream, self.copy_to_spotlight(body)).await.0
    }

    async fn copy_to_spotlight(&self, body: &Body) {
        let Some(url) = &self.spotlight else { return };
        let mut rests_until = *self.spotlight_rests();
        rests_until = rests_until.filter(|until| *until > SystemTime::now());
        if rests_until.is_some() {
            return;
        }
        let posted = tokio::time::timeout(SPOTLIGHT.0, self.plain_http.post(url, None, body)).await;
        if !matches!(posted, Ok(Outcome::Answered { .. })) {
            *self.spotlight_rests() = SystemTime::now().checked_add(SPOTLIGHT.1);
        }
    }

    fn spotlight_rests(&self) -> std::sync::MutexGuard<'_, Option<SystemTime>> {
        self.spotlight_rests_until.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Acts on an outcome. Takes the envelope out, unless it must be sent again. `Err` if Sentry cannot be reached.
    fn finish_request(&self, slot: &mut Option<InFlight>, outcome: Outcome) -> Result<(), String> {
        let (status, limits, retry_after) = match outcome {
            Outcome::Answered { status, limits, retry_after } => (status, limits, retry_after),
            Outcome::Broken(error) | Outcome::Failed(error) => return Err(error),
        };
        self.state().limits.update(status, limits.as_deref(), retry_after.as_deref(), SystemTime::now());
        if status >= 500 {
            return Err(format!("answered {status}"));
        }
        self.state().breaker.succeeded();
        let Some(in_flight) = slot.take() else { return Ok(()) };
        if (200..300).contains(&status) {
            self.sent.fetch_add(1, Relaxed);
            return Ok(());
        }
        self.state().queue.add_losses(in_flight.losses);
        let reason = if status == 429 { "ratelimited_by_server" } else { "send_error" };
        in_flight.prepared.items.iter().for_each(|item| self.count(&item.categories, reason));
        Ok(())
    }
}

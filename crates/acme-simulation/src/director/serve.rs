//! The clients' requests: what they send, how they are answered, and when they try again.

use super::{Director, Ended};
use crate::agenda::Due;
use crate::clients::Call;
use crate::fates::Stream;
use crate::invariants::Invariant;
use crate::invocation::{Cause, Done};

impl Director<'_> {
    /// Sends the next request of a client's task, if there is one.
    pub(super) async fn send(&mut self, number: u32, task: usize) -> Ended {
        let client = &mut self.clients[number as usize];
        let wish = &mut client.tasks[task];
        let (call, patience) = (wish.call, wish.patience);
        let Some((attempt, other)) = wish.next() else { return Ok(()) };
        let (path, body) = client.request(call, other);
        let key = client.key(task);
        let work = self.shop.post(&client.token, path, key.as_deref(), body);
        self.stats.requests += 1;
        self.history.note(self.now, Some(number), || {
            let key = key.map_or_else(|| "without a key".to_owned(), |key| format!("with key {key}"));
            let what = if other { "something else " } else { "" };
            format!("{} request {attempt} sends {what}{key}", call.name())
        });
        self.agenda.note(self.now + patience, Due::GiveUp { client: number, task, attempt });
        let (function, stream) = match call {
            Call::OrderAdd => ("order-add", Stream::OrderAdd),
            Call::CartAdd => ("cart-item-add", Stream::CartAdd),
        };
        let fate = self.fates.next(number, stream);
        self.begin(Cause::Request { task, attempt, other }, function, Some(number), fate, work).await
    }

    /// Ends a client's wait for an answer.
    pub(super) fn give_up(&mut self, number: u32, task: usize, attempt: u32) {
        if self.clients[number as usize].tasks[task].close(attempt) {
            let call = self.clients[number as usize].tasks[task].call.name();
            self.history.note(self.now, Some(number), || {
                format!("{call} request {attempt}: the client waits no longer")
            });
            self.pause(number, task);
        }
    }

    /// Handles the end of a function. `done` is `None` if the function died.
    pub(super) fn has_ended(&mut self, cause: Cause, client: Option<u32>, done: Option<Done>) -> Ended {
        match (cause, client) {
            (Cause::Delivery { message, to, .. }, _) => {
                let received = done.and_then(|done| match done {
                    Done::Consumed(received) => Some(received),
                    _ => None,
                });
                self.was_consumed(message, to, client, received)
            }
            (Cause::Request { task, attempt, other }, Some(number)) => {
                let answer = done.and_then(|done| match done {
                    Done::Answered(status, body) => Some((status, body)),
                    _ => None,
                });
                self.was_answered(number, (task, attempt, other), answer)
            }
            _ => {
                if let Some(Done::Swept(swept)) = done {
                    self.stats.pushes += swept.as_ref().map_or(0, |pushed| *pushed as u64);
                    self.history.note(self.now, None, || match swept {
                        Ok(pushed) => format!("the sweep gave {pushed} orders a push"),
                        Err(error) => format!("the sweep failed: {error}"),
                    });
                }
                Ok(())
            }
        }
    }

    /// Handles the answer to a request. `answer` is `None` if the connection broke.
    fn was_answered(
        &mut self,
        number: u32,
        (task, attempt, other): (usize, u32, bool),
        answer: Option<(u16, serde_json::Value)>,
    ) -> Ended {
        let status = answer.as_ref().map(|(status, _)| *status);
        let wish = &mut self.clients[number as usize].tasks[task];
        let (call, waits) = (wish.call.name(), wish.close(attempt));
        self.history.note(self.now, Some(number), || {
            let gone = if waits { "" } else { ", but the client had gone" };
            match status {
                Some(status) => format!("{call} request {attempt} is answered {status}{gone}"),
                None => format!("{call} request {attempt} breaks off{gone}"),
            }
        });
        let broken = |invariant, seen| Err(((invariant, seen), Some(number)));
        match (status, answer) {
            // A fingerprint has two bytes, so one other request in 65,536 has the fingerprint of the one before. It
            // then gets that one's answer.
            (Some(200), Some((_, body))) if other => {
                self.stats.mistaken += 1;
                let told = body["order_id"].as_str();
                let known = &self.clients[number as usize].tasks[task].answered;
                if told.is_some_and(|told| known.iter().all(|known| known != told)) || self.stats.mistaken > 2
                {
                    let seen =
                        format!("client {number} was answered 200 to something else under the same key");
                    return broken(Invariant::OneKeyOneOrder, seen);
                }
            }
            (Some(200), Some((_, body))) if waits => {
                let wish = &mut self.clients[number as usize].tasks[task];
                if wish.call == Call::OrderAdd {
                    let order = body["order_id"].as_str().unwrap_or_default().to_owned();
                    self.world.is_accepted(number, &order).map_err(|broken| (broken, Some(number)))?;
                    wish.answered.push(order);
                    self.stats.accepted += u64::from(wish.answered.len() == 1);
                } else {
                    wish.answered.push(attempt.to_string());
                }
            }
            (None | Some(200 | 409 | 503), _) => {}
            (Some(422), _) if other => {}
            (Some(status), answer) => {
                let body = answer.map(|(_, body)| body.to_string()).unwrap_or_default();
                return broken(
                    Invariant::AnswersAsPromised,
                    format!("a request is answered {status} {body}"),
                );
            }
        }
        if waits {
            self.pause(number, task);
        }
        Ok(())
    }

    /// Plans the client's next request, if there is one.
    fn pause(&mut self, number: u32, task: usize) {
        let mut fate = self.fates.next(number, Stream::Pause);
        if let Some(pause) = self.clients[number as usize].tasks[task].pause(&mut fate) {
            self.agenda.note(self.now + pause, Due::Send { client: number, task });
        }
    }
}

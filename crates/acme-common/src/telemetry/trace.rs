//! The trace of an order. Its messages carry the trace from function to function.

/// The headers that continue a trace: `sentry-trace` and `baggage`. It is empty when Sentry is off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace(pub Vec<(String, String)>);

impl Trace {
    /// The trace of the unit of work that runs now.
    pub fn current() -> Self {
        let headers = sentry_lambda::trace_headers().into_iter();
        Self(headers.map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// Runs `work` in this trace, as a unit of work of the function `name`. The present unit of work is not changed.
    pub async fn run<T>(&self, name: &str, work: impl Future<Output = T>) -> T {
        let headers = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let unit = sentry_lambda::UnitOfWork::new(name, "function.aws").server_name(name);
        unit.trace_headers(headers).run(work).await
    }
}

//! The whole shop in one process: all routes and all consumers of the functions, with a queue in memory and a DynamoDB
//! on SQLite.

pub mod config;
mod database;
mod dead_letters;
mod home_page;
mod keys;
mod log;
mod queue;
mod reporting;
mod shop;
mod start_error;
mod startup_message;

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use acme_aws::Table;
use acme_common::telemetry;
use acme_order::Sweep;
use acme_user::password::Password;
use jiff::Timestamp;
use sentry_lambda::{Mode, Options};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

pub use config::Config;
pub use start_error::StartError;

/// How often the sweep looks for orders that stand still. The schedule on AWS has the same interval.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// How long a stop waits for open requests and messages, and for Sentry.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// The description of the routes that only the local shop has, without those of the domains.
#[cfg(feature = "openapi")]
pub fn description() -> utoipa::openapi::OpenApi {
    use utoipa::OpenApi as _;

    dead_letters::Description::openapi().merge_from(home_page::Description::openapi())
}

/// Runs the shop until SIGINT or SIGTERM, and then waits until open requests and messages end.
///
/// # Errors
/// When the database, the keys or the address are not available.
pub async fn run(config: Config) -> Result<(), Box<dyn Error + Send + Sync>> {
    log::install();
    // This comes before the shop says that it is open, because a reader of that line may stop the shop at once.
    let stop_signal = stop_signal()?;
    let sentry = sentry_lambda::init(Options {
        mode: Mode::Background,
        sources: sentry_lambda::embedded_sources!(),
        ..telemetry::options("acme-local", config.capture_success, None).await
    });
    let done = open(config, stop_signal, sentry.is_enabled()).await;
    if let Err(error) = &done {
        telemetry::capture_error(error.as_ref());
    }
    sentry.close(STOP_LIMIT).await;
    done
}

/// Opens the shop, serves until `stop_signal`, and then waits until open requests and messages end.
async fn open(
    config: Config,
    stop_signal: impl Future<Output = ()> + Send + 'static,
    reports: bool,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    // The process takes the address and the data before it looks for orders that stand still. Otherwise it might push
    // the orders of another process.
    let listener = listen(&config).await?;
    let _lock = database::lock(&config.database)?;
    let table = Arc::new(database::open(&config.database).await?);
    let keys = keys::Keys::of(&config)?;
    seed(&table).await?;

    let queue = queue::Queue::new(table.clone());
    let shop = shop::Shop::new(&config, table, queue.clone(), keys);
    queue.start(shop.consumers());
    let (routes, orders) = (shop.routes(), shop.orders());
    // Pushes every order that was not finished when the last process ended. Zero seconds means all of them.
    sweep(&Sweep::new(orders.clone(), queue.clone(), Duration::ZERO, Timestamp::now)).await;
    tokio::spawn(sweep_periodically(Sweep::new(orders, queue.clone(), config.sweep_after, Timestamp::now)));

    startup_message::print(&config, listener.local_addr()?, reports);
    let (stop, mut stopped) = tokio::sync::watch::channel(false);
    let served = axum::serve(listener, routes).with_graceful_shutdown(async move {
        stop_signal.await;
        tracing::info!("stopping");
        let _ = stop.send(true);
    });
    let served = served.into_future();
    tokio::pin!(served);
    tokio::select! {
        done = &mut served => done?,
        () = async { let _ = stopped.wait_for(|stop| *stop).await; tokio::time::sleep(STOP_LIMIT).await } => {}
    }
    queue.drain(STOP_LIMIT).await;
    Ok(())
}

async fn listen(config: &Config) -> Result<TcpListener, StartError> {
    let address = SocketAddr::new(config.host, config.port);
    TcpListener::bind(address).await.map_err(|error| StartError::listen(address, error))
}

/// Adds missing demo data to the deployed table: the demo catalog and, if `STAFF_PASSWORD` is set, the user `staff`.
/// The environment names the table (`TABLE_NAME`, and `AWS_*` as for a function). On a stand-in for AWS without that
/// password, it adds all demo users.
///
/// # Errors
/// When a variable is missing, or when the table cannot be reached.
/// When a variable is missing or the table cannot be reached.
pub async fn seed_deployment() -> Result<(), Box<dyn Error + Send + Sync>> {
    let given = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let table = given("TABLE_NAME").ok_or(acme_aws::client::Missing("TABLE_NAME"))?;
    let table = acme_aws::Aws::from_env()?.table(table);
    let Some(password) = given("STAFF_PASSWORD") else {
        if given("AWS_ENDPOINT_URL").is_none() {
            return Err(
                "STAFF_PASSWORD: expected a password for the user staff, since the demo people's is public"
                    .into(),
            );
        }
        return seed(&table).await;
    };
    let password = Password::parse(&password).ok_or("STAFF_PASSWORD: expected 8 to 128 characters")?;
    acme_catalog::demo::seed(&table).await?;
    Ok(acme_user::demo::seed_staff(&table, password).await?)
}

async fn seed(table: &Table) -> Result<(), Box<dyn Error + Send + Sync>> {
    acme_catalog::demo::seed(table).await?;
    acme_user::demo::seed(table).await?;
    Ok(())
}

async fn sweep_periodically(sweeper: Sweep) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        sweep(&sweeper).await;
    }
}

/// Sweeps once, under the name of the function that sweeps on AWS. The next sweep finds the orders that this one did
/// not reach.
async fn sweep(sweep: &Sweep) {
    let unit = sentry_lambda::UnitOfWork::new("order-sweep", "function.aws").server_name("order-sweep");
    let swept = async {
        if let Err(error) = sweep.run().await {
            telemetry::capture_error(&error);
            tracing::error!("the sweep did not get through: {}", telemetry::chain(&error));
        }
    };
    unit.run(swept).await;
}

/// Listens to SIGINT (Ctrl-C) and SIGTERM from now on. The future ends at the first of these signals.
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

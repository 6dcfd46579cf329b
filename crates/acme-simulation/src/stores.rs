//! The stores of a run, in two forms: without steps for the director, and step by step for the functions.

use std::error::Error;
use std::sync::Arc;

use acme_cart::{Carts, MemoryCarts};
use acme_catalog::{MemoryProducts, demo};
use acme_common::catalog::PriceList;
use acme_common::idempotency::{IdempotencyKeys, MemoryKeys};
use acme_order::{MemoryOrders, Orders};
use acme_payment::{MemoryPayments, Payments};
use acme_shipment::{MemoryShipments, Shipments};

use crate::config::Store;
use crate::dynamodb;
use crate::faults::Stepwise;

/// All stores of the shop.
#[derive(Clone)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Stores {
    pub orders: Arc<dyn Orders>,
    pub payments: Arc<dyn Payments>,
    pub shipments: Arc<dyn Shipments>,
    pub carts: Arc<dyn Carts>,
    pub prices: Arc<dyn PriceList>,
    pub keys: Arc<dyn IdempotencyKeys>,
    /// Whether each request inside these stores is a step. If so, their calls are not steps.
    pub stepwise_inside: bool,
}

impl Stores {
    /// Makes new stores that hold only the catalog.
    ///
    /// # Errors
    /// When the stores cannot be made.
    pub async fn new(store: Store) -> Result<Self, Box<dyn Error + Send + Sync>> {
        match store {
            Store::Memory => {
                let (products, keys) = (MemoryProducts::default(), MemoryKeys::default());
                demo::seed(&products).await?;
                Ok(Self {
                    orders: Arc::new(MemoryOrders::new(keys.clone())),
                    payments: Arc::<MemoryPayments>::default(),
                    shipments: Arc::<MemoryShipments>::default(),
                    carts: Arc::new(MemoryCarts::new(keys.clone())),
                    prices: Arc::new(products),
                    keys: Arc::new(keys),
                    stepwise_inside: false,
                })
            }
            Store::DynamoDb => {
                let table = Arc::new(dynamodb::table().await?);
                Ok(Self {
                    orders: table.clone(),
                    payments: table.clone(),
                    shipments: table.clone(),
                    carts: table.clone(),
                    prices: table.clone(),
                    keys: table,
                    stepwise_inside: true,
                })
            }
        }
    }

    /// The same stores, with each call as a step.
    #[must_use]
    pub(crate) fn stepwise(&self) -> Self {
        if self.stepwise_inside {
            return self.clone();
        }
        Self {
            orders: Arc::new(Stepwise(self.orders.clone())),
            payments: Arc::new(Stepwise(self.payments.clone())),
            shipments: Arc::new(Stepwise(self.shipments.clone())),
            carts: Arc::new(Stepwise(self.carts.clone())),
            prices: Arc::new(Stepwise(self.prices.clone())),
            keys: Arc::new(Stepwise(self.keys.clone())),
            stepwise_inside: true,
        }
    }
}

//! A shop in which one store lacks a guard.

use std::sync::Arc;

use acme_cart::MemoryCarts;
use acme_catalog::{MemoryProducts, demo};
use acme_common::idempotency::MemoryKeys;
use acme_order::MemoryOrders;
use acme_shipment::MemoryShipments;
use acme_simulation::Stores;

use super::broken::{BrokenCarts, BrokenOrders, BrokenPayments, BrokenShipments, Fault};

/// Makes stores in memory. One of them has the given fault.
pub(crate) fn with(fault: Fault) -> Stores {
    let products = MemoryProducts::default();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(demo::seed(&products)).unwrap();
    let keys = MemoryKeys::default();
    Stores {
        orders: Arc::new(BrokenOrders {
            kept: MemoryOrders::new(keys.clone()),
            fault,
            ..BrokenOrders::default()
        }),
        payments: Arc::new(BrokenPayments { fault, ..BrokenPayments::default() }),
        shipments: Arc::new(BrokenShipments { kept: MemoryShipments::default(), fault }),
        carts: Arc::new(BrokenCarts { kept: MemoryCarts::new(keys.clone()), fault }),
        keys: Arc::new(keys),
        prices: Arc::new(products),
        stepwise_inside: false,
    }
}

//! The reference model: what the shop must show a client at rest, as a pure function of what the client did and was
//! told.
//!
//! The model knows no events, retries or crashes, and none of the shop's code. Some facts cannot be known, such as
//! whether a request without an answer had its effect. The model takes these from the shop, within bounds that it
//! sets.

/// What a client did and what it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Client {
    /// Whether the client's card is good.
    pub(crate) good_card: bool,
    /// The price of the client's order.
    pub(crate) total: String,
    /// The client's orders.
    pub(crate) orders: Effects,
    /// The client's adds to its cart.
    pub(crate) adds: Effects,
    /// The number of pieces in each add.
    pub(crate) quantity: u32,
}

/// The requests of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Effects {
    /// Whether they were sent with one Idempotency-Key.
    pub(crate) keyed: bool,
    /// The number of requests that were sent.
    pub(crate) sent: u32,
    /// What the answers said: ids, possibly repeated.
    pub(crate) told: Vec<String>,
}

/// What the shop shows to a client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    /// The client's orders.
    pub(crate) orders: Vec<Order>,
    /// The number of pieces in the client's cart.
    pub(crate) pieces: u32,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) total: String,
    pub(crate) end: End,
}

/// How an order ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    /// Paid, shipped and delivered. Holds the transaction and the tracking number, which are the same wherever they
    /// are stored.
    Delivered([String; 2]),
    /// Not paid, and so not shipped.
    Declined,
    /// The stored parts of the order contradict each other.
    Muddled(String),
}

impl Effects {
    /// The least and the most effects that these requests may have had.
    fn bounds(&self) -> (u32, u32) {
        let mut told = self.told.clone();
        told.sort();
        told.dedup();
        let told = u32::try_from(told.len()).unwrap_or(u32::MAX);
        if self.keyed { (told.min(1), self.sent.min(1)) } else { (told, self.sent) }
    }
}

/// What the shop must show, given that it shows `shown`. What cannot be known is taken from `shown`.
pub(crate) fn expected(client: &Client, shown: &Shown) -> Shown {
    let order = |shown: &Order| Order {
        id: shown.id.clone(),
        status: if client.good_card { "delivered" } else { "error" }.to_owned(),
        total: client.total.clone(),
        end: match &shown.end {
            End::Delivered(numbers) if client.good_card => End::Delivered(numbers.clone()),
            _ if client.good_card => End::Delivered(Default::default()),
            _ => End::Declined,
        },
    };
    let told = |id: &str| client.orders.told.iter().any(|told| told == id);
    // The orders that the client was told of must be there. There may be more, up to the number that it can have
    // without knowing.
    let (_, most) = client.orders.bounds();
    let mut orders: Vec<Order> = shown.orders.iter().filter(|shown| told(&shown.id)).map(order).collect();
    for id in &client.orders.told {
        if orders.iter().all(|order| order.id != *id) {
            let end = End::Delivered(Default::default());
            orders.push(order(&Order { id: id.clone(), status: String::new(), total: String::new(), end }));
        }
    }
    let unknown = shown.orders.iter().filter(|shown| !told(&shown.id)).map(order);
    let room = usize::try_from(most).unwrap_or(usize::MAX).saturating_sub(orders.len());
    orders.extend(unknown.take(room));
    orders.sort();

    let (least, most) = client.adds.bounds();
    let added = (shown.pieces / client.quantity.max(1)).clamp(least, most);
    Shown { orders, pieces: added * client.quantity }
}

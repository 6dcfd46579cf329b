//! The reference model: what the shop shows of a client at rest, as a pure function of what the client did and was told.
//!
//! It knows nothing of events, retries and crashes, and nothing of the shop's code. What nobody can know, such as whether
//! a request without an answer had its effect, it takes from the shop, within the bounds that it sets.

/// What a client did and was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Client {
    /// Whether its card is good.
    pub(crate) good_card: bool,
    /// What its order costs.
    pub(crate) total: String,
    /// Its orders.
    pub(crate) orders: Effects,
    /// Its adds to its cart.
    pub(crate) adds: Effects,
    /// How many pieces each add is for.
    pub(crate) quantity: u32,
}

/// Requests of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Effects {
    /// Whether they came with one Idempotency-Key.
    pub(crate) keyed: bool,
    /// How many were sent.
    pub(crate) sent: u32,
    /// What the answers told: ids, with repetitions.
    pub(crate) told: Vec<String>,
}

/// What the shop shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    /// The client's orders.
    pub(crate) orders: Vec<Order>,
    /// The pieces in its cart.
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
    /// Paid, shipped and delivered: the transaction and the tracking number, the same wherever they are kept.
    Delivered([String; 2]),
    /// Not paid, and so not shipped.
    Declined,
    /// What is kept of it does not fit together.
    Muddled(String),
}

impl Effects {
    /// How often these may have had an effect, from least to most.
    fn bounds(&self) -> (u32, u32) {
        let mut told = self.told.clone();
        told.sort();
        told.dedup();
        let told = u32::try_from(told.len()).unwrap_or(u32::MAX);
        if self.keyed { (told.min(1), self.sent.min(1)) } else { (told, self.sent) }
    }
}

/// What the shop should show, where it shows `shown`; what was not to be known is taken from there.
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
    // Those that the client was told of are there, and so many more as it may have without knowing.
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

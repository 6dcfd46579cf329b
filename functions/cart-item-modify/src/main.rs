//! `POST /cart/item/modify/{userid}`: sets the quantity of one item.

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::serve(env!("CARGO_PKG_NAME"), async |function| {
        Ok(acme_cart::http::modify_item(function.table()?))
    })
}

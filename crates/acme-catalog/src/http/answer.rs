//! What the catalog's routes answer.

use serde::Serialize;

use crate::product::Product;

/// The catalog.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(super) struct Products {
    /// All products, sorted by name.
    pub(super) data: Vec<Product>,
}

/// A product: its members, and beside them the same product as `data`.
#[derive(Debug, Serialize)]
pub(super) struct ProductAnswer {
    #[serde(flatten)]
    pub(super) product: Product,
    pub(super) data: Product,
    pub(super) status: u16,
}

/// The answer to a new product.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(super) struct ProductCreated<'a> {
    /// A confirmation for people to read.
    #[cfg_attr(feature = "openapi", schema(examples("Product created successfully!")))]
    pub(super) message: &'a str,
    /// The product, with its new id.
    #[serde(rename = "resourceId")]
    pub(super) resource_id: &'a Product,
    /// The status of the answer.
    #[cfg_attr(feature = "openapi", schema(examples(201)))]
    pub(super) status: u16,
}

impl ProductAnswer {
    pub(super) fn of(product: Product) -> Self {
        Self { data: product.clone(), product, status: 200 }
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for ProductAnswer {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use acme_common::openapi::{named, whole};
        use utoipa::ToSchema;
        use utoipa::openapi::{RefOr, Schema};

        // No `allOf`: the product alone would not allow the two members beside it.
        let RefOr::T(Schema::Object(mut product)) = Product::schema() else { return named(&Product::name()) };
        product.description =
            Some("A product: its members, and beside them the same product as `data`.".to_owned());
        product.examples = crate::demo::products()
            .into_iter()
            .take(1)
            .map(Self::of)
            .map(|answer| serde_json::json!(answer))
            .collect();
        for (name, schema) in [("data", named(&Product::name())), ("status", whole().examples([200]).into())]
        {
            product.properties.insert(name.to_owned(), schema);
            product.required.push(name.to_owned());
        }
        Schema::Object(product).into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for ProductAnswer {
    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>) {
        Products::schemas(schemas);
    }
}

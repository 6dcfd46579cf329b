//! The demo catalog: twelve invented products, and drawings of them.

use acme_common::id::ProductId;
use acme_common::money::Money;
use acme_common::store::StoreError;

use crate::product::Product;
use crate::store::Products;

/// The products of the demo catalog. Their ids never change.
pub fn products() -> Vec<Product> {
    ROWS.iter().filter_map(Row::product).collect()
}

/// The SVG text of a picture of the demo catalog. `name` is the last part of its address, such as `kettlebell-1.svg`.
pub fn image(name: &str) -> Option<&'static str> {
    IMAGES.iter().find(|(known, _)| *known == name).map(|(_, svg)| *svg)
}

/// Adds the products of the demo catalog that the store does not have. It does not change the others.
///
/// # Errors
/// When the store fails.
pub async fn seed(store: &dyn Products) -> Result<(), StoreError> {
    for product in products() {
        if store.get(&product.id).await?.is_none() {
            store.add(product, None).await?;
        }
    }
    Ok(())
}

/// A product in the table below. The names of its pictures start with its slug.
struct Row {
    id: &'static str,
    slug: &'static str,
    name: &'static str,
    short: &'static str,
    description: &'static str,
    cents: i64,
    tags: &'static [&'static str],
}

impl Row {
    fn product(&self) -> Option<Product> {
        let image = |n: u8| format!("/static/images/{}-{n}.svg", self.slug);
        Some(Product {
            id: ProductId::parse(self.id)?,
            name: self.name.to_owned(),
            short_description: self.short.to_owned(),
            description: self.description.to_owned(),
            image_url1: image(1),
            image_url2: image(2),
            image_url3: image(3),
            price: Money::from_cents(self.cents),
            tags: self.tags.iter().map(|&tag| tag.to_owned()).collect(),
        })
    }
}

macro_rules! images {
    ($($slug:literal)*) => {
        &[$(
            images!(one $slug "-1.svg"),
            images!(one $slug "-2.svg"),
            images!(one $slug "-3.svg"),
        )*]
    };
    (one $slug:literal $end:literal) => {
        (concat!($slug, $end), include_str!(concat!("../assets/images/", $slug, $end)))
    };
}

/// Names and texts of the pictures, which `assets/draw.py` draws.
const IMAGES: &[(&str, &str)] = images!(
    "dumbbells" "foam-roller" "gym-bag" "gym-ball" "kettlebell" "resistance-bands" "running-shoes" "skipping-rope"
    "stopwatch" "water-bottle" "weight-plate" "yoga-mat"
);

const ROWS: &[Row] = &[
    Row {
        id: "687a90b5-6198-4132-a37a-de090d2ba43e",
        slug: "dumbbells",
        name: "Pair of Dumbbells, 2 × 8 kg",
        short: "Two hexagonal dumbbells that stay where they are put.",
        description: "Rubber over iron, so that the floor survives the last repetition. The grips are \
            knurled finely: firm in the hand, kind to the skin.",
        cents: 5_450,
        tags: &["strength", "home"],
    },
    Row {
        id: "e5cdb0d7-46df-4cce-b529-977a16a2a0cc",
        slug: "foam-roller",
        name: "Foam Roller",
        short: "For the day after.",
        description: "A firm core under foam with a pattern of blocks that finds what hurts and persuades \
            it. Holds 150 kg and its shape.",
        cents: 2_650,
        tags: &["recovery", "stretching"],
    },
    Row {
        id: "4121dc9e-35d8-4b84-9421-f103abd57340",
        slug: "gym-bag",
        name: "Gym Bag, 38 l",
        short: "Room for everything, and a place apart for the shoes.",
        description: "Waxed canvas that shrugs off rain, an aired pocket at the end for what is damp, and \
            handles that meet in the middle.",
        cents: 5_900,
        tags: &["travel"],
    },
    Row {
        id: "61756c62-35f1-42d6-8e89-599bd6cd4b2d",
        slug: "gym-ball",
        name: "Gym Ball, 65 cm",
        short: "A seat, a bench, and a reason to keep your balance.",
        description: "Thick walls that let the air out slowly if they are ever cut, ribs that grip the \
            floor, and a pump in the box.",
        cents: 2_450,
        tags: &["balance", "home", "yoga"],
    },
    Row {
        id: "8145dccf-808b-408e-91ad-f71e9b9f8384",
        slug: "kettlebell",
        name: "Kettlebell, 16 kg",
        short: "Cast in one piece, with a handle wide enough for two hands.",
        description: "Swing it, press it, carry it home. One casting without a seam, a flat foot that does \
            not roll away, and a matt coat that holds chalk.",
        cents: 4_290,
        tags: &["strength", "home"],
    },
    Row {
        id: "42e38971-519a-41f1-a3aa-470425236476",
        slug: "resistance-bands",
        name: "Resistance Bands, Set of 3",
        short: "Light, medium and stubborn.",
        description: "Three loops of layered latex for a warm-up, for a pull-up that needs help, or for a \
            hotel room without a gym. In a bag that fits a pocket.",
        cents: 1_995,
        tags: &["strength", "travel", "stretching"],
    },
    Row {
        id: "51c1dece-77de-4883-bdfe-6bba883f3e0f",
        slug: "running-shoes",
        name: "Running Shoes",
        short: "Light on the road, and on purpose.",
        description: "A woven upper that breathes, a heel that holds, and a sole that gives back some of \
            what you put in. For roads and parks.",
        cents: 9_995,
        tags: &["cardio", "outdoor"],
    },
    Row {
        id: "8000a071-7337-4ae2-be02-d6ad15d8336a",
        slug: "skipping-rope",
        name: "Skipping Rope",
        short: "A fast rope on ball bearings, cut to your length.",
        description: "Three metres of coated cable that turn without twisting. Shorten it with the screw \
            in the handle; no tools, no knots.",
        cents: 1_490,
        tags: &["cardio", "travel"],
    },
    Row {
        id: "38aaa209-21f3-4098-bd0e-6541dd381272",
        slug: "stopwatch",
        name: "Stopwatch",
        short: "Two buttons, no notifications.",
        description: "A dial to be read in the sun and at arm's length, a crown that clicks under a cold \
            thumb, and a spring where others have a battery.",
        cents: 1_725,
        tags: &["cardio", "coaching"],
    },
    Row {
        id: "cb95019d-c703-4929-9b57-ce86ca64d172",
        slug: "water-bottle",
        name: "Water Bottle, 750 ml",
        short: "Cold for a day, tight for good.",
        description: "Double-walled steel that keeps ice until the evening. The mouth is wide enough to \
            clean and the lid has a loop for one finger.",
        cents: 2_200,
        tags: &["outdoor", "travel"],
    },
    Row {
        id: "c9686abe-9afe-4e8a-8a1e-b1c64eea15da",
        slug: "weight-plate",
        name: "Weight Plate, 10 kg",
        short: "Ten kilograms, give or take ten grams.",
        description: "Rubber-coated, with three grips to carry it by and a steel ring that slides on any \
            bar of 50 mm.",
        cents: 3_600,
        tags: &["strength"],
    },
    Row {
        id: "2fe412e7-95b3-4509-9fec-0c8b5d9806b4",
        slug: "yoga-mat",
        name: "Yoga Mat",
        short: "Six millimetres of natural rubber, and no slipping.",
        description: "Grips when it is dry and grips better when it is not. Rolls out flat on the first \
            try and comes with two straps to keep it rolled.",
        cents: 3_875,
        tags: &["yoga", "stretching", "home"],
    },
];

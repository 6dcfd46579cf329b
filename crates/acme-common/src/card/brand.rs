//! Card brands and the prefixes of their numbers (the contract's section 5). The first rule that matches decides.

/// A card brand that the shop knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Brand {
    Elo,
    Cabal,
    Hipercard,
    AmericanExpress,
    Bankcard,
    ChinaUnionPay,
    DinersClubCarteBlanche,
    DinersClubEnroute,
    DinersClubInternational,
    Discover,
    InterPayment,
    InstaPayment,
    Maestro,
    Dankort,
    Mastercard,
    Jcb,
    Aura,
    VisaElectron,
    Visa,
}

/// Prefixes of one brand for numbers of `min` to `max` digits. Each range includes both ends.
struct Rule {
    brand: Brand,
    prefixes: &'static [(u32, u32)],
    min: usize,
    max: usize,
}

const fn any_length(brand: Brand, prefixes: &'static [(u32, u32)]) -> Rule {
    Rule { brand, prefixes, min: 0, max: usize::MAX }
}

const fn one(prefix: u32) -> (u32, u32) {
    (prefix, prefix)
}

/// The rules, in the order in which `brand_of` tries them.
#[rustfmt::skip]
const RULES: &[Rule] = &[
    any_length(Brand::Elo, &[
        one(4011), one(431_274), one(438_935), one(451_416), one(457_393), one(4576), one(457_631), one(457_632),
        one(504_175), one(627_780), one(636_297), one(636_368), one(636_369), (506_699, 506_778), (509_000, 509_999),
        (650_031, 650_051), (650_405, 650_439), (650_485, 650_538), (650_541, 650_598), (650_700, 650_718),
        (650_720, 650_727), (650_901, 650_920), (651_652, 651_679), (655_000, 655_019), one(655_021),
    ]),
    any_length(Brand::Cabal, &[(604_201, 604_219)]),
    any_length(Brand::Hipercard, &[
        one(384_100), one(384_140), one(384_160), one(606_282), one(637_095), one(637_568), one(637_599),
        one(637_609), one(637_612),
    ]),
    any_length(Brand::AmericanExpress, &[one(34), one(37)]),
    any_length(Brand::Bankcard, &[one(5610), (560_221, 560_225)]),
    any_length(Brand::ChinaUnionPay, &[one(62)]),
    Rule { brand: Brand::DinersClubCarteBlanche, prefixes: &[(300, 305)], min: 15, max: 15 },
    any_length(Brand::DinersClubEnroute, &[one(2014), one(2149)]),
    Rule { brand: Brand::DinersClubInternational, prefixes: &[(300, 305), one(309), one(36), one(38), one(39)], min: 0, max: 14 },
    any_length(Brand::Discover, &[one(6011), (644, 649), one(65)]),
    Rule { brand: Brand::InterPayment, prefixes: &[one(636)], min: 16, max: 19 },
    Rule { brand: Brand::InstaPayment, prefixes: &[(637, 639)], min: 16, max: 16 },
    any_length(Brand::Maestro, &[
        one(5018), one(5020), one(5038), one(5612), one(5893), one(6304), one(6759), (6761, 6763), one(6390),
    ]),
    any_length(Brand::Dankort, &[one(5019)]),
    any_length(Brand::Mastercard, &[(51, 55), (2221, 2720)]),
    any_length(Brand::Jcb, &[one(35)]),
    any_length(Brand::Aura, &[one(50)]),
    any_length(Brand::VisaElectron, &[
        one(4026), one(417_500), one(4405), one(4508), one(4844), one(4913), one(4917),
    ]),
    any_length(Brand::Visa, &[one(4)]),
];

impl Brand {
    /// The brand's name as the contract writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Brand::Elo => "Elo",
            Brand::Cabal => "Cabal",
            Brand::Hipercard => "Hipercard",
            Brand::AmericanExpress => "American Express",
            Brand::Bankcard => "Bankcard",
            Brand::ChinaUnionPay => "China UnionPay",
            Brand::DinersClubCarteBlanche => "Diners Club Carte Blanche",
            Brand::DinersClubEnroute => "Diners Club Enroute",
            Brand::DinersClubInternational => "Diners Club International",
            Brand::Discover => "Discover",
            Brand::InterPayment => "InterPayment",
            Brand::InstaPayment => "InstaPayment",
            Brand::Maestro => "Maestro",
            Brand::Dankort => "Dankort",
            Brand::Mastercard => "Mastercard",
            Brand::Jcb => "JCB",
            Brand::Aura => "Aura",
            Brand::VisaElectron => "Visa Electron",
            Brand::Visa => "Visa",
        }
    }

    /// The brand with this name. Case and blanks do not matter, and `amex` counts as American Express.
    pub fn parse(name: &str) -> Option<Self> {
        let bare = |text: &str| -> String {
            text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
        };
        let name = bare(name);
        if name == "amex" {
            return Some(Brand::AmericanExpress);
        }
        RULES.iter().map(|rule| rule.brand).find(|brand| bare(brand.name()) == name)
    }

    /// How many digits the brand's CVV has.
    pub const fn cvv_digits(self) -> usize {
        if matches!(self, Brand::AmericanExpress) { 4 } else { 3 }
    }
}

/// The brand that a card number belongs to, by its prefix. `None` when no brand has the prefix, or the text is not a
/// number.
pub fn brand_of(number: &str) -> Option<Brand> {
    if !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let starts = |&(low, high): &(u32, u32)| {
        let digits = low.ilog10() as usize + 1;
        number.get(..digits).and_then(|p| p.parse().ok()).is_some_and(|p: u32| (low..=high).contains(&p))
    };
    RULES
        .iter()
        .find(|rule| (rule.min..=rule.max).contains(&number.len()) && rule.prefixes.iter().any(starts))
        .map(|rule| rule.brand)
}

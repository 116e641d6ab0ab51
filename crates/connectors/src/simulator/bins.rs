//! Which company issues a card, by its first digits, as the sandbox publishes it (docs/sandbox.md).
//! Longer beginnings come first.

use paypier_domain::promotion::CardCompany;

/// From and to, both included, and how many digits are looked at.
type Range = (u32, u32, usize, CardCompany);

const RANGES: [Range; 15] = [
    (4242, 4242, 4, CardCompany::Kookmin),
    (3528, 3589, 4, CardCompany::Bc),
    (3000, 3059, 4, CardCompany::Hyundai),
    (2221, 2720, 4, CardCompany::Hyundai),
    (9410, 9410, 4, CardCompany::Samsung),
    (9420, 9420, 4, CardCompany::Lotte),
    (9430, 9430, 4, CardCompany::Hana),
    (9440, 9440, 4, CardCompany::Nh),
    (34, 34, 2, CardCompany::Samsung),
    (37, 37, 2, CardCompany::Samsung),
    (36, 36, 2, CardCompany::Hyundai),
    (38, 39, 2, CardCompany::Hyundai),
    (51, 55, 2, CardCompany::Hyundai),
    (94, 94, 2, CardCompany::Shinhan),
    (4, 4, 1, CardCompany::Woori),
];

/// Every other card is one of BC.
pub(super) fn company_of(bin: &str) -> Option<CardCompany> {
    if bin.len() < 4 || !bin.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let start = |digits: usize| bin.get(..digits).and_then(|text| text.parse::<u32>().ok());
    let found = RANGES
        .iter()
        .find(|(from, to, digits, _)| start(*digits).is_some_and(|start| (*from..=*to).contains(&start)));
    Some(found.map_or(CardCompany::Bc, |(.., company)| *company))
}

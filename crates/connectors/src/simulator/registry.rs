//! The sandbox's banks and tax office: what they answer follows from the number that is asked about.
//!
//! | number | answer |
//! |---|---|
//! | account ending in `00` | does not exist |
//! | account ending in `99` | the bank is closed for the moment |
//! | any other account | a holder that follows from the number |
//! | registration number with a wrong check digit | does not exist |
//! | … ending in `9`, in `8` | closed, suspended |

use crate::registry::{
    Bank, BankError, BusinessState, CompanyState, CompanyTaxation, HolderAsk, Standing, TaxOffice,
    TaxOfficeError,
};
use async_trait::async_trait;
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use paypier_domain::settlement::payout::Taxation;

/// How long the provider of tax invoices thinks about a connection, by the clock of the data.
pub const CONNECTING: SignedDuration = SignedDuration::from_mins(1);

/// Where nobody has an account that could be paid to.
const WITHOUT_ACCOUNTS: [&str; 7] =
    ["BANK_OF_KOREA", "KEXIM", "KODIT", "KIBO", "SGI", "KCIS", "MISC_FOREIGN"];

const SURNAMES: [&str; 10] = ["김", "이", "박", "최", "정", "강", "조", "윤", "장", "임"];
const SYLLABLES: [&str; 10] = ["하", "서", "민", "지", "준", "우", "현", "수", "연", "진"];

/// The day on which the sandbox's closed businesses closed, and its suspended ones paused.
const ENDED_ON: Date = date(2024, 1, 31);
const TAXED_SINCE: Date = date(2020, 1, 1);

/// Every bank of the sandbox.
#[derive(Debug, Clone, Copy, Default)]
pub struct SandboxBank;

#[async_trait]
impl Bank for SandboxBank {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    async fn holder(&self, ask: &HolderAsk<'_>) -> Result<String, BankError> {
        if WITHOUT_ACCOUNTS.contains(&ask.bank) {
            return Err(BankError::NotSupported);
        }
        if ask.number.ends_with("99") {
            return Err(BankError::TemporarilyFailed);
        }
        if ask.number.ends_with("00") {
            return Err(BankError::Failed);
        }
        Ok(holder(ask.number))
    }
}

/// The holder of an account: three syllables that follow from its last three digits.
pub fn holder(number: &str) -> String {
    let mut digits = number
        .chars()
        .rev()
        .filter_map(|digit| digit.to_digit(10))
        .map(|digit| usize::try_from(digit).unwrap_or(0));
    let mut next =
        |of: &[&'static str; 10]| digits.next().and_then(|digit| of.get(digit)).copied().unwrap_or("하");
    let given = [next(&SYLLABLES), next(&SYLLABLES)];
    let surname = next(&SURNAMES);
    [surname, given[1], given[0]].concat()
}

/// The sandbox's tax office, and its provider of tax invoices.
#[derive(Debug, Clone, Copy, Default)]
pub struct SandboxTaxOffice;

/// Whether the last of ten digits follows from the others, as Korea's registration numbers have it.
pub fn is_registration_number(number: &str) -> bool {
    const WEIGHTS: [u32; 9] = [1, 3, 7, 1, 3, 7, 1, 3, 5];
    let digits: Vec<u32> = number.chars().filter_map(|digit| digit.to_digit(10)).collect();
    let [rest @ .., eighth, last] = digits.as_slice() else { return false };
    if digits.len() != 10 || number.chars().count() != 10 {
        return false;
    }
    // Ten digits below 10 with weights below 10: nothing here comes near the range's end.
    let sum: u32 =
        rest.iter().chain([eighth]).zip(WEIGHTS).map(|(digit, weight)| digit.saturating_mul(weight)).sum();
    let sum = sum.saturating_add(eighth.saturating_mul(5) / 10);
    (sum.saturating_add(*last)).is_multiple_of(10)
}

fn state(number: &str) -> Option<CompanyState> {
    if !is_registration_number(number) {
        return None;
    }
    let business = match number.as_bytes().last() {
        Some(b'9') => BusinessState::Closed { on: ENDED_ON },
        Some(b'8') => BusinessState::Suspended { on: ENDED_ON },
        _ => BusinessState::Going,
    };
    // The fourth and fifth digits say what kind of business it is.
    let taxation = match number.get(3..5) {
        Some("90" | "91" | "92" | "93" | "94" | "95" | "96" | "97" | "98" | "99") => {
            CompanyTaxation::As(Taxation::TaxFree)
        }
        Some("80") => CompanyTaxation::AssignedIdNumber,
        _ => CompanyTaxation::As(Taxation::Normal),
    };
    Some(CompanyState { taxation, taxed_since: Some(TAXED_SINCE), business })
}

#[async_trait]
impl TaxOffice for SandboxTaxOffice {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    async fn state(&self, registration_number: &str) -> Result<Option<CompanyState>, TaxOfficeError> {
        Ok(state(registration_number))
    }

    async fn connect(&self, _registration_number: &str) -> Result<(), TaxOfficeError> {
        Ok(())
    }

    async fn disconnect(&self, _registration_number: &str) -> Result<(), TaxOfficeError> {
        Ok(())
    }

    async fn standing(
        &self,
        registration_number: &str,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Standing, TaxOfficeError> {
        if now.duration_since(since) < CONNECTING {
            return Ok(Standing::Pending);
        }
        Ok(match state(registration_number) {
            Some(CompanyState { business: BusinessState::Going, .. }) => Standing::Done,
            Some(_) => Standing::Refused { reason: "the business is not going on".into() },
            None => Standing::Refused { reason: "there is no such business".into() },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_number_ends_in_its_check_digit() {
        // Numbers of well-known companies, and the same with one digit changed.
        for (number, is_one) in [
            ("1208147521", true),
            ("2208162517", true),
            ("1248100998", true),
            ("1208147522", false),
            ("1208147511", false),
            ("120814752", false),
            ("12081475211", false),
            ("120-81-47521", false),
            ("", false),
            ("１２０８１４７５２１", false),
        ] {
            assert_eq!(is_registration_number(number), is_one, "{number}");
        }
    }

    #[test]
    fn a_holder_follows_from_the_number_and_differs_by_its_end() {
        assert_eq!(holder("110123456789"), holder("220999956789"));
        assert_ne!(holder("110123456789"), holder("110123456788"));
        assert_eq!(holder("110123456789").chars().count(), 3);
        assert_eq!(holder("").chars().count(), 3);
    }

    #[tokio::test]
    async fn banks_answer_by_the_end_of_the_number() {
        let asked =
            async |bank, number| SandboxBank.holder(&HolderAsk { bank, number, identity: None }).await;
        assert_eq!(asked("KOOKMIN", "110123456700").await, Err(BankError::Failed));
        assert_eq!(asked("KOOKMIN", "110123456799").await, Err(BankError::TemporarilyFailed));
        assert_eq!(asked("KODIT", "110123456799").await, Err(BankError::NotSupported));
        assert_eq!(asked("KOOKMIN", "110123456789").await, Ok(holder("789")));
    }

    #[tokio::test]
    async fn the_tax_office_answers_by_the_last_digit() {
        let going = SandboxTaxOffice.state("1208147521").await.unwrap().unwrap();
        assert_eq!(
            (going.business, going.taxation),
            (BusinessState::Going, CompanyTaxation::As(Taxation::Normal))
        );
        assert_eq!(
            SandboxTaxOffice.state("1248100998").await.unwrap().unwrap().business,
            BusinessState::Suspended { on: ENDED_ON }
        );
        assert_eq!(SandboxTaxOffice.state("1208147522").await.unwrap(), None);
        let since = Timestamp::UNIX_EPOCH;
        let after = |seconds| since + SignedDuration::from_secs(seconds);
        let standing =
            async |number, seconds| SandboxTaxOffice.standing(number, since, after(seconds)).await.unwrap();
        assert_eq!(standing("1208147521", 59).await, Standing::Pending);
        assert_eq!(standing("1208147521", 60).await, Standing::Done);
        assert!(matches!(standing("1248100998", 60).await, Standing::Refused { .. }));
    }
}

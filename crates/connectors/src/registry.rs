//! Who holds an account, and how a business stands: what banks and the tax office answer, through a provider
//! of firm banking and one of tax invoices.
//!
//! Questions move no money and may be asked again. A provider answers for one environment; which one is used
//! is up to the application.

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use paypier_domain::settlement::payout::Taxation;

/// A provider of firm banking.
#[async_trait]
pub trait Bank: Send + Sync + std::fmt::Debug {
    fn name(&self) -> &'static str;

    /// The name of an account's holder, as the bank writes it.
    async fn holder(&self, ask: &HolderAsk<'_>) -> Result<String, BankError>;
}

/// Whose account is asked for.
pub struct HolderAsk<'a> {
    /// The bank's word: `KOOKMIN`.
    pub bank: &'a str,
    /// Digits only.
    pub number: &'a str,
    /// What the bank compares with the holder's, when it is given.
    pub identity: Option<Identity<'a>>,
}

/// By what the bank knows the holder.
pub enum Identity<'a> {
    Birthdate(Date),
    RegistrationNumber(&'a str),
}

/// Says which it is, and not what.
impl std::fmt::Debug for Identity<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Birthdate(_) => "Birthdate(..)",
            Self::RegistrationNumber(_) => "RegistrationNumber(..)",
        })
    }
}

impl std::fmt::Debug for HolderAsk<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HolderAsk({}, ..)", self.bank)
    }
}

/// Why a bank did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BankError {
    #[error("holders of accounts at this bank cannot be looked up")]
    NotSupported,
    #[error("the bank does not know the account, or could not be asked")]
    Failed,
    #[error("the bank is closed for the moment; ask again later")]
    TemporarilyFailed,
}

/// The tax office's register of businesses, and the provider that issues tax invoices with them.
#[async_trait]
pub trait TaxOffice: Send + Sync + std::fmt::Debug {
    fn name(&self) -> &'static str;

    /// How a business stands; `None` when there is no such business.
    async fn state(&self, registration_number: &str) -> Result<Option<CompanyState>, TaxOfficeError>;

    /// Asks for a connection. The provider decides later: see [`TaxOffice::standing`].
    async fn connect(&self, registration_number: &str) -> Result<(), TaxOfficeError>;

    /// Asks for the end of a connection.
    async fn disconnect(&self, registration_number: &str) -> Result<(), TaxOfficeError>;

    /// What has become of a connection, or its end, that was asked for at `since`.
    async fn standing(
        &self,
        registration_number: &str,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Standing, TaxOfficeError>;
}

/// How a business stands with the tax office.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompanyState {
    pub taxation: CompanyTaxation,
    /// Since when it is taxed so.
    pub taxed_since: Option<Date>,
    pub business: BusinessState,
}

/// How a business is taxed; more than partners can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompanyTaxation {
    As(Taxation),
    AssignedIdNumber,
    Special,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BusinessState {
    Going,
    Closed { on: Date },
    Suspended { on: Date },
}

/// What has become of a request to connect or to disconnect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    Pending,
    Done,
    Refused { reason: String },
}

/// The tax office, or the provider, did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the provider did not answer")]
pub struct TaxOfficeError;

//! Everything that can keep a use case of the platform from succeeding, beside what can keep any.

use super::settlement_outcome::SettlementFailure;
use crate::app::failure::Failure;
use paypier_domain::money::Currency;
use paypier_domain::settlement::calculator::InvalidFormulas;
use paypier_domain::settlement::definition::BoundRefusal;
use paypier_domain::settlement::property::UnknownProperty;
use paypier_domain::settlement::verification::VerificationRefusal;
use paypier_domain::settlement::version::VersionKind;

/// Why the platform refuses.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlatformFailure {
    #[error("the settlement platform is switched off on this server")]
    NotEnabled,
    #[error("there is no {} with this id", word(*.0))]
    Missing(VersionKind),
    #[error("no update of this {} is reserved", word(*.0))]
    NothingReserved(VersionKind),
    #[error("another {} has this id; archived ones keep theirs", word(*.0))]
    Exists(VersionKind),
    #[error("this {} is archived; recover it first", word(*.0))]
    Archived(VersionKind),
    #[error("an update of this {} is reserved; take it back first", word(*.0))]
    HasSchedule(VersionKind),
    #[error("an update of this {} is reserved already", word(*.0))]
    ScheduleExists(VersionKind),
    #[error("at least one formula cannot be read")]
    Formulas(Box<InvalidFormulas>),
    #[error("partners have these ids already; archived ones keep theirs")]
    PartnersExist(Vec<String>),
    #[error("these ids are given to more than one of the partners")]
    PartnersTwice(Vec<String>),
    #[error("there are no contracts with these ids")]
    ContractsMissing(Vec<String>),
    #[error("accounts in {0} are not supported")]
    Currency(Currency),
    #[error(transparent)]
    Property(#[from] UnknownProperty),
    #[error("to become a business, a partner needs {0}")]
    InsufficientData(&'static str),
    #[error("accountVerificationId: {0}")]
    AccountVerification(VerificationRefusal),
    #[error("companyVerificationId: {0}")]
    CompanyVerification(VerificationRefusal),
    #[error(transparent)]
    Bound(#[from] BoundRefusal),
    #[error("the partner is connected to the provider of tax invoices; no update of it can be reserved")]
    BoundToNow,
    #[error(
        "these partners are connected to the provider of tax invoices; no update of them can be reserved"
    )]
    PartnersBoundToNow(Vec<String>),
    #[error("updates of these partners are reserved already")]
    SchedulesExist(Vec<String>),
    #[error("no update can be reserved for archived partners")]
    ArchivedPartners,
    #[error("the provider of tax invoices has not yet answered about this partner")]
    PendingConnection,
    #[error("no provider of tax invoices is set up for this environment")]
    NoTaxProvider,
    #[error("only a business can be connected to the provider of tax invoices")]
    NotABusiness,
    #[error("a business that issues no tax invoices cannot be connected to their provider")]
    SimpleTaxation,
    #[error("the partner is {0} and cannot be connected")]
    NotConnectable(&'static str),
    #[error("the partner is not connected ({0})")]
    NotConnected(&'static str),
    #[error("the partner is archived; what is archived is not disconnected")]
    ArchivedNotDisconnected,
    #[error("an update of this partner is reserved; take it back first")]
    ScheduledNotConnected,
    #[error("no partner matches")]
    NoPartners,
    #[error("no partner that matches can be changed so")]
    NoTargets,
    #[error("holders of accounts at this bank cannot be looked up")]
    BankNotSupported,
    #[error("the bank does not know the account, or could not be asked")]
    BankFailed,
    #[error("the bank is closed for the moment; ask again later")]
    BankTemporarilyFailed,
    #[error("there is no business with this registration number")]
    CompanyMissing,
    #[error("the tax office could not be asked")]
    TaxOfficeFailed,
    /// About transfers, settlements and payouts.
    #[error(transparent)]
    Settling(#[from] Box<SettlementFailure>),
}

/// What people call it.
pub const fn word(kind: VersionKind) -> &'static str {
    match kind {
        VersionKind::DiscountSharePolicy => "discount share policy",
        VersionKind::AdditionalFeePolicy => "additional fee policy",
        VersionKind::Contract => "contract",
        VersionKind::Partner => "partner",
    }
}

impl From<PlatformFailure> for Failure {
    fn from(failure: PlatformFailure) -> Self {
        Self::Platform(Box::new(failure))
    }
}

//! Every refusal of the platform: one exhaustive match to the dialect's type and the members it has.

use crate::app::platform::PlatformFailure;
use crate::http::v2::translate::platform::{Kind, formula, graphql_id};
use paypier_domain::settlement::definition::BoundRefusal;
use paypier_domain::settlement::verification::VerificationRefusal;
use paypier_domain::settlement::version::VersionKind;
use paypier_wire::v2::{Error, ErrorType, PlatformError, PlatformErrorDetails as Details, PlatformErrorIds};

/// The answer to a refusal: its type (and with it the status) and its body.
pub(in crate::http::v2) fn problem(failure: &PlatformFailure) -> Error {
    let (kind, details) = said(failure);
    let message = Some(failure.to_string());
    match details {
        Some(details) => Error::Platform(Box::new(PlatformError { kind, message, details })),
        None => Error::new(kind, message),
    }
}

/// One of four, by what it is about: discount share policy, additional fee policy, contract, partner.
const fn of(kind: VersionKind, types: [ErrorType; 4]) -> ErrorType {
    let [discount, fee, contract, partner] = types;
    match kind {
        VersionKind::DiscountSharePolicy => discount,
        VersionKind::AdditionalFeePolicy => fee,
        VersionKind::Contract => contract,
        VersionKind::Partner => partner,
    }
}

fn ids(kind: Kind, ids: &[String]) -> Option<Details> {
    Some(Details::Ids(PlatformErrorIds {
        ids: ids.to_vec(),
        graphql_ids: ids.iter().map(|id| graphql_id(kind, id)).collect(),
    }))
}

fn said(failure: &PlatformFailure) -> (ErrorType, Option<Details>) {
    use ErrorType as E;
    let kind = match failure {
        PlatformFailure::NotEnabled => E::PlatformNotEnabled,
        PlatformFailure::Missing(kind) | PlatformFailure::NothingReserved(kind) => of(
            *kind,
            [
                E::PlatformDiscountSharePolicyNotFound,
                E::PlatformAdditionalFeePolicyNotFound,
                E::PlatformContractNotFound,
                E::PlatformPartnerNotFound,
            ],
        ),
        PlatformFailure::Exists(kind) => of(
            *kind,
            [
                E::PlatformDiscountSharePolicyAlreadyExists,
                E::PlatformAdditionalFeePolicyAlreadyExists,
                E::PlatformContractAlreadyExists,
                E::PlatformPartnerIdAlreadyExists,
            ],
        ),
        PlatformFailure::Archived(kind) => of(
            *kind,
            [
                E::PlatformArchivedDiscountSharePolicy,
                E::PlatformArchivedAdditionalFeePolicy,
                E::PlatformArchivedContract,
                E::PlatformArchivedPartner,
            ],
        ),
        PlatformFailure::HasSchedule(kind) => of(
            *kind,
            [
                E::PlatformCannotArchiveScheduledDiscountSharePolicy,
                E::PlatformCannotArchiveScheduledAdditionalFeePolicy,
                E::PlatformCannotArchiveScheduledContract,
                E::PlatformCannotArchiveScheduledPartner,
            ],
        ),
        PlatformFailure::ScheduleExists(kind) => of(
            *kind,
            [
                E::PlatformDiscountSharePolicyScheduleAlreadyExists,
                E::PlatformAdditionalFeePolicyScheduleAlreadyExists,
                E::PlatformContractScheduleAlreadyExists,
                E::PlatformPartnerScheduleAlreadyExists,
            ],
        ),
        PlatformFailure::Formulas(faults) => {
            let details = Details::Formulas(formula::shown(faults));
            return (E::PlatformInvalidSettlementFormula, Some(details));
        }
        PlatformFailure::PartnersExist(taken) => {
            return (E::PlatformPartnerIdsAlreadyExists, ids(Kind::Partner, taken));
        }
        PlatformFailure::PartnersTwice(twice) => {
            return (E::PlatformPartnerIdsDuplicated, ids(Kind::Partner, twice));
        }
        PlatformFailure::ContractsMissing(missing) => {
            return (E::PlatformContractsNotFound, ids(Kind::Contract, missing));
        }
        PlatformFailure::PartnersBoundToNow(bound) => {
            return (E::PlatformMemberCompanyConnectedPartnersCannotBeScheduled, ids(Kind::Partner, bound));
        }
        PlatformFailure::SchedulesExist(reserved) => {
            return (E::PlatformPartnerSchedulesAlreadyExist, ids(Kind::Partner, reserved));
        }
        PlatformFailure::Currency(_) => E::PlatformCurrencyNotSupported,
        PlatformFailure::Property(_) => E::PlatformUserDefinedPropertyNotFound,
        PlatformFailure::InsufficientData(_) => E::PlatformInsufficientDataToChangePartnerType,
        PlatformFailure::AccountVerification(refusal) => match refusal {
            VerificationRefusal::Unknown => E::PlatformAccountVerificationNotFound,
            VerificationRefusal::Used => E::PlatformAccountVerificationAlreadyUsed,
            VerificationRefusal::Differs => E::PlatformAccountVerificationFailed,
        },
        PlatformFailure::CompanyVerification(refusal) => match refusal {
            VerificationRefusal::Used => E::PlatformCompanyVerificationAlreadyUsed,
            // The dialect has no words for these.
            VerificationRefusal::Unknown | VerificationRefusal::Differs => E::InvalidRequest,
        },
        PlatformFailure::Bound(BoundRefusal::Kind) => {
            E::PlatformMemberCompanyConnectedPartnerTypeUnchangeable
        }
        PlatformFailure::Bound(BoundRefusal::RegistrationNumber) => {
            E::PlatformMemberCompanyConnectedPartnerBrnUnchangeable
        }
        PlatformFailure::BoundToNow => E::PlatformMemberCompanyConnectedPartnerCannotBeScheduled,
        PlatformFailure::ArchivedPartners => E::PlatformArchivedPartnersCannotBeScheduled,
        PlatformFailure::PendingConnection => E::PlatformPartnerPendingNtsOperation,
        PlatformFailure::NoTaxProvider => E::PlatformBtxNotEnabled,
        PlatformFailure::NotABusiness => E::PlatformPartnerTypeIsNotBusiness,
        PlatformFailure::SimpleTaxation => E::PlatformPartnerTaxationTypeIsSimple,
        PlatformFailure::NotConnectable(_) => E::PlatformCounterpartyNotConnectableStatus,
        PlatformFailure::NotConnected(_) => E::PlatformCounterpartyNotConnected,
        PlatformFailure::ArchivedNotDisconnected => E::PlatformArchivedPartnerNtsNotAllowed,
        PlatformFailure::ScheduledNotConnected => E::PlatformPartnerScheduleExists,
        PlatformFailure::NoPartners => E::PlatformPartnerNotFound,
        PlatformFailure::NoTargets => E::PlatformTargetPartnerNotFound,
        PlatformFailure::BankNotSupported => E::PlatformNotSupportedBank,
        PlatformFailure::BankFailed | PlatformFailure::TaxOfficeFailed => E::PlatformExternalApiFailed,
        PlatformFailure::BankTemporarilyFailed => E::PlatformExternalApiTemporarilyFailed,
        PlatformFailure::CompanyMissing => E::PlatformCompanyNotFound,
        PlatformFailure::Settling(failure) => return super::settlement_problem::said(failure),
    };
    (kind, None)
}

/// Whether the refusal is the outcome of the request, and not of the circumstances.
pub(in crate::http::v2) fn is_remembered(failure: &PlatformFailure) -> bool {
    if let PlatformFailure::Settling(failure) = failure {
        return super::settlement_problem::is_remembered(failure);
    }
    !matches!(
        failure,
        PlatformFailure::BankFailed
            | PlatformFailure::BankTemporarilyFailed
            | PlatformFailure::TaxOfficeFailed
            | PlatformFailure::PendingConnection
    )
}

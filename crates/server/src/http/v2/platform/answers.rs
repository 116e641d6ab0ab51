//! How the platform's results are written.

use crate::app::failure::Failure;
use crate::app::platform::PlatformDone;
use crate::http::v2::answers::ok;
use crate::http::v2::translate::platform as to;
use paypier_domain::claim::Answer;
use paypier_domain::settlement::version::{Terms, Version, Versioned};
use paypier_wire::v2;

/// How something will be by its reserved update; as it is when that has taken effect meanwhile.
fn coming<T: Terms>(of: &Versioned<T>) -> Version<T> {
    of.upcoming().unwrap_or_else(|| of.current().clone())
}

/// The answer of an operation. Its name decides where the same result is written in two ways; where one
/// shape serves several operations, the body of one of them stands for all.
///
/// # Errors
/// `Internal`: what was stored cannot be said in this dialect.
pub(in crate::http::v2) fn success(operation: &str, done: &PlatformDone) -> Result<Answer, Failure> {
    match done {
        PlatformDone::Setting(setting) if operation == "updatePlatform" => {
            ok(&v2::UpdatePlatformResponse { platform: to::setting::shown_in_october(setting) })
        }
        PlatformDone::Setting(setting) => {
            ok(&v2::UpdatePlatformSettingResponse { setting: to::setting::shown(setting) })
        }
        PlatformDone::DiscountSharePolicy(policy) => ok(&v2::CreatePlatformDiscountSharePolicyResponse {
            discount_share_policy: to::discount_share_policy::shown(policy, policy.of.current()),
        }),
        PlatformDone::ScheduledDiscountSharePolicy(policy) => {
            ok(&v2::SchedulePlatformDiscountSharePolicyResponse {
                scheduled_discount_share_policy: to::discount_share_policy::shown(
                    policy,
                    &coming(&policy.of),
                ),
            })
        }
        PlatformDone::AdditionalFeePolicy(policy) => ok(&v2::CreatePlatformAdditionalFeePolicyResponse {
            additional_fee_policy: to::additional_fee_policy::shown(policy, policy.of.current()),
        }),
        PlatformDone::ScheduledAdditionalFeePolicy(policy) => {
            ok(&v2::SchedulePlatformAdditionalFeePolicyResponse {
                scheduled_additional_fee_policy: to::additional_fee_policy::shown(
                    policy,
                    &coming(&policy.of),
                ),
            })
        }
        PlatformDone::Contract(contract) => ok(&v2::CreatePlatformContractResponse {
            contract: to::contract::shown(contract, contract.of.current()),
        }),
        PlatformDone::ScheduledContract(contract) => ok(&v2::SchedulePlatformContractResponse {
            scheduled_contract: to::contract::shown(contract, &coming(&contract.of)),
        }),
        PlatformDone::Partner(partner) => {
            ok(&v2::CreatePlatformPartnerResponse { partner: to::partner::current(partner)? })
        }
        PlatformDone::ScheduledPartner(partner) => ok(&v2::SchedulePlatformPartnerResponse {
            scheduled_partner: to::partner::shown(partner, &coming(&partner.definition.of))?,
        }),
        PlatformDone::Partners(partners) => ok(&v2::CreatePlatformPartnersResponse {
            partners: partners.iter().map(to::partner::current).collect::<Result<_, _>>()?,
        }),
        PlatformDone::BulkTask(task) => {
            ok(&v2::ConnectBulkPartnerCounterpartyResponse { bulk_task: to::counterparty::task(task) })
        }
        PlatformDone::Settling(done) => super::settlement_answers::success(done),
    }
}

//! `GET /billing-keys`: what the list is narrowed down by.

use super::payment_filter::{order, platform, words};
use super::range;
use crate::app::caller::Caller;
use crate::app::failure::Failure;
use jiff::Timestamp;
use paypier_domain::id::StoreId;
use paypier_storage::{BillingKeyFilter, BillingKeySearch, BillingKeyTimeField};
use paypier_wire::v2::{self, BillingKeyTextSearchField as Field, PgCompany, PgProvider};

/// The filter in storage's words; `None` when nothing can be found by it.
///
/// # Errors
/// A range that ends before it begins.
pub fn asked(
    caller: &Caller,
    store: Option<StoreId>,
    criteria: v2::GetBillingKeyInfosBody,
    now: Timestamp,
) -> Result<Option<BillingKeyFilter>, Failure> {
    let filter = criteria.filter.unwrap_or_default();
    let sort = criteria.sort.unwrap_or_default();
    let (from, until) = range::asked("filter", filter.from, filter.until, now)?;
    let Some(pg_providers) = providers(filter.pg_providers, filter.pg_companies) else { return Ok(None) };
    if filter.version == Some(v2::PortOneVersion::V1) {
        return Ok(None);
    }
    Ok(Some(BillingKeyFilter {
        merchant: caller.merchant.clone(),
        store,
        environment: None,
        time_field: match filter.time_range_field {
            Some(v2::BillingKeyTimeRangeField::RequestedAt) | None => BillingKeyTimeField::RequestedAt,
            Some(v2::BillingKeyTimeRangeField::IssuedAt) => BillingKeyTimeField::IssuedAt,
            Some(v2::BillingKeyTimeRangeField::DeletedAt) => BillingKeyTimeField::DeletedAt,
            Some(v2::BillingKeyTimeRangeField::StatusTimestamp) => BillingKeyTimeField::StatusTimestamp,
        },
        from,
        until,
        statuses: words(filter.status, v2::BillingKeyStatus::as_str),
        channel_groups: filter.channel_group_ids.unwrap_or_default(),
        customer_id: filter.customer_id,
        platform: filter.platform_type.map(platform),
        pg_providers,
        methods: words(filter.methods, v2::BillingKeyPaymentMethodType::as_str),
        search: filter.text_search.map(|search| (field(search.field), search.value)),
        sort_by: match sort.by {
            Some(v2::BillingKeySortBy::RequestedAt) | None => BillingKeyTimeField::RequestedAt,
            Some(v2::BillingKeySortBy::IssuedAt) => BillingKeyTimeField::IssuedAt,
            Some(v2::BillingKeySortBy::DeletedAt) => BillingKeyTimeField::DeletedAt,
            Some(v2::BillingKeySortBy::StatusTimestamp) => BillingKeyTimeField::StatusTimestamp,
        },
        order: order(sort.order),
    }))
}

const fn field(field: Field) -> BillingKeySearch {
    match field {
        Field::CardBin => BillingKeySearch::CardBin,
        Field::CardNumber => BillingKeySearch::CardNumber,
        Field::PgMerchantId => BillingKeySearch::PgMerchantId,
        Field::CustomerName => BillingKeySearch::CustomerName,
        Field::CustomerEmail => BillingKeySearch::CustomerEmail,
        Field::CustomerPhoneNumber => BillingKeySearch::CustomerPhoneNumber,
        Field::CustomerAddress => BillingKeySearch::CustomerAddress,
        Field::CustomerZipcode => BillingKeySearch::CustomerZipcode,
        Field::UserAgent => BillingKeySearch::UserAgent,
        Field::BillingKey => BillingKeySearch::BillingKey,
        Field::ChannelGroupName => BillingKeySearch::ChannelGroupName,
    }
}

/// The products that both lists allow; empty when neither narrows, `None` when nothing is left.
pub(super) fn providers(
    named: Option<Vec<PgProvider>>,
    companies: Option<Vec<PgCompany>>,
) -> Option<Vec<String>> {
    let named = named.filter(|list| !list.is_empty());
    let companies = companies.filter(|list| !list.is_empty());
    if named.is_none() && companies.is_none() {
        return Some(Vec::new());
    }
    let left: Vec<String> = PgProvider::ALL
        .iter()
        .filter(|provider| named.as_ref().is_none_or(|list| list.contains(provider)))
        .filter(|provider| {
            companies.as_ref().is_none_or(|list| company(**provider).is_some_and(|c| list.contains(&c)))
        })
        .map(|provider| provider.as_str().to_owned())
        .collect();
    if left.is_empty() { None } else { Some(left) }
}

/// Who runs a product; the dialect's list of companies lacks some.
const fn company(provider: PgProvider) -> Option<PgCompany> {
    Some(match provider {
        PgProvider::Html5Inicis
        | PgProvider::Inicis
        | PgProvider::InicisUnified
        | PgProvider::InicisV2
        | PgProvider::InicisJp => PgCompany::Inicis,
        PgProvider::Paypal | PgProvider::PaypalV2 => PgCompany::Paypal,
        PgProvider::Danal | PgProvider::DanalTpay => PgCompany::Danal,
        PgProvider::Nice | PgProvider::NiceV2 => PgCompany::Nice,
        PgProvider::Jtnet => PgCompany::Jtnet,
        PgProvider::Uplus | PgProvider::Tosspayments | PgProvider::TossBrandpay => PgCompany::Tosspayments,
        PgProvider::Naverpay | PgProvider::Naverco => PgCompany::Naverpay,
        PgProvider::Kakao => PgCompany::Kakao,
        PgProvider::Kakaopay => PgCompany::Kakaopay,
        PgProvider::Settle | PgProvider::SettleAcc | PgProvider::SettleFirm | PgProvider::HectoGlobal => {
            PgCompany::Settle
        }
        PgProvider::Kcp
        | PgProvider::KcpBilling
        | PgProvider::KcpQuick
        | PgProvider::KcpDirect
        | PgProvider::KcpV2 => PgCompany::Kcp,
        PgProvider::Mobilians | PgProvider::MobiliansV2 => PgCompany::Mobilians,
        PgProvider::Syrup => PgCompany::Syrup,
        PgProvider::Kicc | PgProvider::KiccV2 => PgCompany::Kicc,
        PgProvider::Eximbay | PgProvider::EximbayV2 => PgCompany::Eximbay,
        PgProvider::Smilepay => PgCompany::Smilepay,
        PgProvider::Payco => PgCompany::Payco,
        PgProvider::Alipay => PgCompany::Alipay,
        PgProvider::Payple => PgCompany::Payple,
        PgProvider::Chai => PgCompany::Chai,
        PgProvider::Bluewalnut => PgCompany::Bluewalnut,
        PgProvider::Smartro | PgProvider::SmartroV2 => PgCompany::Smartro,
        PgProvider::Paymentwall => PgCompany::Paymentwall,
        PgProvider::Daou => PgCompany::Daou,
        PgProvider::Galaxia => PgCompany::Galaxia,
        PgProvider::Tosspay | PgProvider::TosspayV2 => PgCompany::Tosspay,
        PgProvider::Ksnet => PgCompany::Ksnet,
        PgProvider::Welcome => PgCompany::Welcome,
        PgProvider::Kpn => PgCompany::Kpn,
        PgProvider::Hyphen => PgCompany::Hyphen,
        PgProvider::PayletterGlobal => PgCompany::Payletter,
        PgProvider::TripleA => PgCompany::TripleA,
        PgProvider::Innopay => PgCompany::Innopay,
        PgProvider::Pinpay | PgProvider::Stripe | PgProvider::OfGlobal => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::v2::{body, samples};
    use serde_json::{Value, json};

    fn read(criteria: Value) -> Result<Option<BillingKeyFilter>, Failure> {
        asked(&samples::caller(), None, body::read(criteria.to_string().as_bytes())?, samples::at(0))
    }

    #[test]
    fn every_member_narrows() {
        let criteria = json!({
            "sort": {"by": "ISSUED_AT", "order": "ASC"},
            "filter": {
                "timeRangeField": "STATUS_TIMESTAMP", "from": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z",
                "status": ["DELETED"], "channelGroupIds": ["channel-group-test-1"], "customerId": "c-1",
                "platformType": "API", "textSearch": {"field": "BILLING_KEY", "value": "billing-key-"},
                "pgProviders": ["TOSSPAYMENTS", "KCP_V2"], "pgCompanies": ["KCP"], "methods": ["CARD"], "version": "V2",
            },
        });
        insta::assert_debug_snapshot!(read(criteria).unwrap());
    }

    #[test]
    fn companies_stand_for_their_products() {
        let found =
            |filter: Value| read(json!({"filter": filter})).unwrap().map(|filter| filter.pg_providers);
        assert_eq!(found(json!({})), Some(vec![]));
        assert_eq!(found(json!({"pgProviders": [], "pgCompanies": []})), Some(vec![]));
        assert_eq!(found(json!({"pgCompanies": ["NICE"]})), Some(vec!["NICE".into(), "NICE_V2".into()]));
        assert_eq!(found(json!({"pgCompanies": ["NICE"], "pgProviders": ["KCP"]})), None);
        assert_eq!(found(json!({"version": "V1"})), None);
        for company in PgCompany::ALL {
            assert!(providers(None, Some(vec![*company])).is_some(), "{company}");
        }
    }

    #[test]
    fn a_range_turned_around_is_refused() {
        let turned = json!({"filter": {"from": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}});
        assert!(read(turned).is_err());
    }
}

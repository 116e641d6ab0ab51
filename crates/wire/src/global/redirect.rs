//! The way back to the merchant: what is appended to the address, in its order. Everything is there even when it
//! is empty, because clients look for the names; what belongs to the other type of subscription is left out.

use crate::global::Decimal;
use crate::time::Timestamp;

/// Writes a parameter, or leaves it out.
trait Parameter {
    fn written(&self) -> Option<String>;
}

impl Parameter for String {
    fn written(&self) -> Option<String> {
        Some(self.clone())
    }
}

impl Parameter for Decimal {
    fn written(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Parameter for i64 {
    fn written(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Parameter for Timestamp {
    fn written(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl<T: Parameter> Parameter for Option<T> {
    fn written(&self) -> Option<String> {
        self.as_ref().and_then(Parameter::written)
    }
}

macro_rules! redirect {
    ($(#[$about:meta])* pub struct $name:ident { $($(#[$meta:meta])* $parameter:ident: $kind:ty,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name { $($(#[$meta])* pub $parameter: $kind,)* }

        impl $name {
            /// Names and values, in order, not yet escaped.
            #[must_use]
            pub fn parameters(&self) -> Vec<(&'static str, String)> {
                [$((stringify!($parameter), Parameter::written(&self.$parameter)),)*]
                    .into_iter()
                    .filter_map(|(name, value)| Some((name, value?)))
                    .collect()
            }
        }
    };
}

redirect! {
    /// After a payment.
    pub struct PaymentRedirect {
        amount: Decimal,
        currency: String,
        merchant_order_ref: String,
        order_ref: String,
        channel_order_ref: String,
        /// The merchant's own reference of the payment link; empty without one.
        link_order_ref: String,
        message: String,
        status: String,
        status_channel_reason: String,
        status_code: String,
        status_reason: String,
        signature_hash: String,
        buyer_address1: String,
        buyer_address2: String,
        buyer_city: String,
        buyer_country: String,
        buyer_email: String,
        buyer_name: String,
        buyer_phone: String,
        channel_key: String,
        channel_name: String,
        description: String,
        lang: String,
        merchant_brand_name: String,
        merchant_logo: String,
        method_key: String,
        method_name: String,
        payment_source: String,
        support_email: String,
        support_phone: String,
    }
}

redirect! {
    /// After the page of a subscription. References and status are those of the transaction.
    pub struct SubscriptionRedirect {
        /// Of the first deduction. Regular only.
        amount: Option<Decimal>,
        channel_order_ref: String,
        currency: String,
        /// Regular only.
        frequency: Option<i64>,
        /// On demand only.
        initial_amount: Option<Decimal>,
        lang: String,
        /// The merchant's own reference of the subscription.
        link_order_ref: String,
        merchant_brand_name: String,
        merchant_logo: String,
        merchant_order_ref: String,
        message: String,
        /// Regular only.
        next_deduction_date: Option<Timestamp>,
        order_ref: String,
        payment_source: String,
        /// Regular only.
        period: Option<String>,
        /// Regular only.
        recurrance_amount: Option<Decimal>,
        /// Regular only.
        recurrance_count: Option<i64>,
        signature_hash: String,
        status: String,
        status_channel_reason: String,
        status_code: String,
        status_reason: String,
        subscription_order_ref: String,
        subscription_type: String,
        /// Regular only.
        total_additional_cost: Option<Decimal>,
        /// Regular only.
        total_amount: Option<Decimal>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_parameters_are_there_and_those_of_the_other_type_are_not() {
        let names = |parameters: Vec<(&'static str, String)>| {
            parameters.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        let payment = PaymentRedirect { amount: "10.50".parse().unwrap(), ..PaymentRedirect::default() };
        let parameters = payment.parameters();
        assert_eq!(parameters.len(), 30);
        assert_eq!(parameters.first(), Some(&("amount", "10.5".to_owned())));
        assert!(parameters.contains(&("link_order_ref", String::new())));

        let on_demand = SubscriptionRedirect {
            initial_amount: Some(Decimal::ZERO),
            subscription_type: "ONDEMAND".into(),
            ..SubscriptionRedirect::default()
        };
        let names = names(on_demand.parameters());
        assert!(names.contains(&"initial_amount"));
        for regular in ["amount", "frequency", "period", "recurrance_count", "total_amount"] {
            assert!(!names.contains(&regular), "{regular}");
        }
    }
}

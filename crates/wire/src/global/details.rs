//! Who buys what from whom: addresses, the payer, the merchant, the items of an order.

use serde_json::{Map, Value};

use crate::global::body::{answer, choices, request};
use crate::global::{Decimal, Flag, Number, Secret};

choices! {
    /// Where money is real and where it is not.
    pub enum Environment {
        Live = "live",
        Sandbox = "sandbox",
    }
}

choices! {
    /// Who made it. Other words are kept as they are.
    pub enum Source {
        Default = "default",
        Api = "api",
        Checkout = "checkout",
    }
}

request! {
    /// An address, as given.
    pub struct Address {
        city: String,
        country_code: String,
        country_name: String,
        locale: String,
        line_1: String,
        line_2: String,
        postal_code: String,
        state: String,
    }
}

request! {
    /// Who pays, as given.
    pub struct BillingDetails {
        billing_name: String,
        billing_surname: String,
        /// Published samples misspell it.
        billing_surame: String,
        billing_email: String,
        billing_phone: String,
        billing_address: Address,
    }
}

request! {
    /// Who receives, as given.
    pub struct ShippingDetails {
        shipping_name: String,
        shipping_surname: String,
        shipping_email: String,
        shipping_phone: String,
        shipping_address: Address,
    }
}

request! {
    /// One line of an order, as given.
    pub struct OrderItem {
        id: String,
        name: String,
        /// Of one piece.
        price: Number,
        quantity: Number,
        image: String,
        additional_details: Map<String, Value>,
    }
}

request! {
    /// How the page shows the merchant, as given.
    pub struct MerchantDetails {
        name [required]: String,
        logo: String,
        back_url: String,
        promo_code: String,
        /// An amount, not a percentage.
        promo_discount: Number,
        shipping_charges: Number,
        /// Clients send it, and it counts as tax.
        tax_amount: Number,
    }
}

request! {
    /// Whom to notify, as given.
    pub struct CustomerDetails {
        name: String,
        email_address: String,
        phone_number: String,
    }
}

request! {
    /// A note for the merchant, as given.
    pub struct Note {
        key: String,
        value: String,
    }
}

request! {
    /// A method that the page may offer, as given.
    pub struct ChosenPaymentMethod {
        payment_channel: String,
        payment_method: String,
    }
}

request! {
    /// A rate of exchange that the merchant guarantees, as given.
    pub struct MerchantDccRate {
        forex_rate: Number,
        invoice_amount: Number,
        invoice_currency: String,
        payment_currency: String,
        payment_amount: Number,
        show_fx_conversion: Flag,
    }
}

request! {
    /// A stored card, as given.
    pub struct TokenParams {
        token: Secret,
        partial_card_number: String,
        expiry_month: String,
        expiry_year: String,
        kind as "type": String,
        save_card: Flag,
        /// A token of the PSP and not of ours.
        is_channel_token: Flag,
    }
}

answer! {
    /// An address, as read.
    pub struct AddressContent {
        city: String,
        country_code: String,
        country_name: String,
        locale: String,
        line_1: String,
        line_2: String,
        postal_code: String,
        state: String,
        address_ref: String,
    }
}

answer! {
    /// Who pays, as read.
    pub struct BillingContent {
        billing_name: String,
        billing_surname: String,
        billing_email: String,
        billing_phone: String,
        billing_address: AddressContent,
    }
}

answer! {
    /// Who receives, as read.
    pub struct ShippingContent {
        shipping_name: String,
        shipping_surname: String,
        shipping_email: String,
        shipping_phone: String,
        shipping_address: AddressContent,
    }
}

answer! {
    /// One line of an order, as a payment link is read.
    pub struct OrderItemContent {
        id: String,
        name: String,
        price: Decimal,
        quantity: i64,
        image: String,
        marked_price: Decimal,
        discount_amount: Decimal,
        discount_percent: Decimal,
        additional_details: Map<String, Value>,
    }
}

answer! {
    /// One line of an order, as a transaction is read: two members have other names there.
    pub struct OrderLineContent {
        item_id: String,
        product_name: String,
        price: Decimal,
        quantity: i64,
        image: String,
        additional_details: Map<String, Value>,
    }
}

answer! {
    /// How the page shows the merchant, as read.
    pub struct MerchantContent {
        name: String,
        logo: String,
        back_url: String,
        shipping_charges: Decimal,
        promo_code: String,
        promo_discount: Decimal,
        brand_primary_color: String,
        brand_secondary_color: String,
    }
}

answer! {
    /// Whom to notify, as read.
    pub struct CustomerContent {
        name: String,
        email_address: String,
        phone_number: String,
    }
}

answer! {
    /// A note for the merchant, as read.
    pub struct NoteContent {
        key: String,
        value: String,
    }
}

answer! {
    /// A method that the page may offer, as read.
    pub struct ChosenPaymentMethodContent {
        payment_channel: String,
        payment_method: String,
    }
}

answer! {
    /// A rate of exchange that the merchant guarantees, as read.
    pub struct DccRateContent {
        forex_rate: Decimal,
        invoice_amount: Decimal,
        invoice_currency: String,
        payment_currency: String,
        payment_amount: Decimal,
        show_fx_conversion: bool,
    }
}

//! Product lines.

use super::invalid;
use crate::app::failure::Failure;
use paypier_domain::customer::Product;
use paypier_wire::v2;

/// # Errors
/// A negative price or quantity.
pub fn asked(products: Option<Vec<v2::PaymentProduct>>) -> Result<Vec<Product>, Failure> {
    let one = |(index, product): (usize, v2::PaymentProduct)| {
        if product.amount < 0 || product.quantity < 0 {
            return Err(invalid(
                &format!("products[{index}]"),
                "must have an amount and a quantity that are not negative",
            ));
        }
        Ok(Product {
            id: product.id,
            name: product.name,
            tag: product.tag,
            code: product.code,
            amount: product.amount,
            quantity: product.quantity,
            link: product.link,
        })
    };
    products.unwrap_or_default().into_iter().enumerate().map(one).collect()
}

pub fn shown(product: &Product) -> v2::PaymentProduct {
    v2::PaymentProduct {
        id: product.id.clone(),
        name: product.name.clone(),
        tag: product.tag.clone(),
        code: product.code.clone(),
        amount: product.amount,
        quantity: product.quantity,
        link: product.link.clone(),
    }
}

//! The Content-Security-Policy of a page: this style, these colours, this script and nothing else.

use super::inventory;
use super::model::{CheckoutPage, Setting, Step};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The seller's colours as a style of their own, named by its digest like everything else.
pub fn colours(page: &CheckoutPage) -> Option<String> {
    let colours = page.brand.colours?;
    let on = if colours.primary.is_dark() { "#fff" } else { "#13202a" };
    Some(format!(
        ":root{{--brand:{0};--brand-hover:{1};--brand-light:{2};--on-brand:{on};--deep:{0}}}\
         @media(prefers-color-scheme:dark){{:root{{--brand-light:color-mix(in srgb,{0} 34%,#131c23)}}}}",
        colours.primary, colours.primary_hover, colours.primary_light
    ))
}

pub fn policy(page: &CheckoutPage) -> String {
    let mut styles = digest(inventory::STYLE);
    if let Some(colours) = colours(page) {
        styles = format!("{styles} {}", digest(&colours));
    }
    let image = page.order.as_ref().and_then(|order| order.image.as_deref()).and_then(source);
    let images = image.map_or_else(|| "data:".to_owned(), |image| format!("data: {image}"));
    // A form's answer may be the redirect back to the shop, which browsers count as the form's target.
    let mut forms = vec!["'self'".to_owned()];
    for address in page.redirect_url.iter().chain(&page.leads_to) {
        forms.extend(source(address).filter(|source| !forms.contains(source)));
    }
    let forms = forms.join(" ");
    let ancestors = match (page.setting, &page.talk) {
        (Setting::Framed, Some(talk)) => source(&talk.origin),
        (Setting::Framed | Setting::Popup | Setting::Whole, _) => None,
    };
    format!(
        "default-src 'none'; style-src {styles}; script-src {}; img-src {images}; base-uri 'none'; form-action {forms}; frame-ancestors {}",
        digest(inventory::SCRIPT),
        ancestors.as_deref().unwrap_or("'none'")
    )
}

pub fn digest(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

/// An address as a policy names it: its origin, or its scheme where it has none (an app).
pub fn source(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once(':')?;
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    if !is_scheme {
        return None;
    }
    if !matches!(scheme, "http" | "https") {
        return Some(format!("{scheme}:"));
    }
    let host = rest.strip_prefix("//")?.split(['/', '?', '#']).next()?;
    // Whatever could end the directive or the header is no host.
    let is_host =
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
    is_host.then(|| format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_named_by_its_origin_or_its_scheme() {
        for (address, named) in [
            ("https://shop.example/a?b#c", Some("https://shop.example")),
            ("http://127.0.0.1:3000", Some("http://127.0.0.1:3000")),
            ("http://[::1]:3000/", Some("http://[::1]:3000")),
            ("myapp://done", Some("myapp:")),
            ("https://a.example; script-src *", None),
            ("https://user@shop.example/", None),
            ("https://", None),
            ("no address", None),
            ("'self': x", None),
        ] {
            assert_eq!(source(address).as_deref(), named, "{address}");
        }
    }
}

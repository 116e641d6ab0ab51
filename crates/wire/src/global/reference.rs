//! References that we make: KSUIDs and what is made of them. Time and randomness are handed in.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use svix_ksuid::KsuidLike;

/// The second that KSUIDs count from, in Unix time.
const EPOCH: i64 = 1_400_000_000;
/// Random bytes of a KSUID.
pub const RANDOM_BYTES: usize = 16;

/// 27 characters that sort by the second they were made in: the reference of a payment, a link, a plan or a
/// subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ksuid([u8; 20]);

/// The text is no KSUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAKsuid;

impl fmt::Display for NotAKsuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a KSUID of 27 characters")
    }
}

impl std::error::Error for NotAKsuid {}

impl Ksuid {
    /// Made at this instant. Instants outside of what a KSUID can hold (2014 to 2150) give the nearest it can.
    #[must_use]
    pub fn new(at: Timestamp, random: [u8; RANDOM_BYTES]) -> Self {
        let seconds = at.as_second().saturating_sub(EPOCH).clamp(0, i64::from(u32::MAX));
        let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
        let mut bytes = [0; 20];
        let (time, payload) = bytes.split_at_mut(4);
        time.copy_from_slice(&seconds.to_be_bytes());
        payload.copy_from_slice(&random);
        Self(bytes)
    }

    /// The second it was made in.
    #[must_use]
    pub fn made_at(self) -> Timestamp {
        let seconds = self.0.first_chunk().map_or(0, |time| u32::from_be_bytes(*time));
        Timestamp::from_second(EPOCH.saturating_add(i64::from(seconds))).unwrap_or_default()
    }

    /// `…_1`: the reference of an attempt that the hosted page makes, counted from one.
    #[must_use]
    pub fn attempt(self, number: u32) -> String {
        format!("{self}_{number}")
    }

    /// `…_ciUQP`: the reference of a recurring deduction of the subscription with this reference.
    #[must_use]
    pub fn deduction(self, random: [u8; 5]) -> String {
        format!("{self}_{}", letters(&random))
    }

    /// `Route_…`: the reference of a stored route.
    #[must_use]
    pub fn route(self) -> String {
        format!("Route_{self}")
    }
}

impl fmt::Display for Ksuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&svix_ksuid::Ksuid::from_bytes(self.0).to_base62())
    }
}

impl FromStr for Ksuid {
    type Err = NotAKsuid;

    fn from_str(text: &str) -> Result<Self, NotAKsuid> {
        if text.len() != 27 || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(NotAKsuid);
        }
        // 27 digits of base 62 hold more than 20 bytes; what does not come back as it was is no KSUID.
        let ksuid = svix_ksuid::Ksuid::from_base62(text).map_err(|_| NotAKsuid)?;
        if ksuid.to_base62() != text {
            return Err(NotAKsuid);
        }
        Ok(Self(*ksuid.bytes()))
    }
}

/// One ASCII letter a byte.
fn letters(random: &[u8]) -> String {
    const LETTERS: &[u8; 52] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let letter = |byte: &u8| LETTERS.get(usize::from(*byte).wrapping_rem(52)).copied();
    random.iter().filter_map(letter).map(char::from).collect()
}

/// A client key: 16 letters of both cases. It is public.
#[must_use]
pub fn client_key(random: [u8; 16]) -> String {
    letters(&random)
}

/// A secret: 64 hexadecimal digits, used as text and never decoded.
#[must_use]
pub fn secret(random: [u8; 32]) -> String {
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The reference of a refund: 22 characters without those that are mistaken for each other.
#[must_use]
pub fn refund(random: [u8; 16]) -> String {
    const DIGITS: &[u8; 57] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut left = u128::from_be_bytes(random);
    let mut text = Vec::with_capacity(22);
    for _ in 0..22 {
        let digit = usize::try_from(left.wrapping_rem(57)).unwrap_or(0);
        text.push(char::from(DIGITS.get(digit).copied().unwrap_or(b'2')));
        left = left.wrapping_div(57);
    }
    text.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_published_references_are_ksuids_of_their_time() {
        for (text, second) in [
            // The link of the sample webhook, which was sent twelve seconds later.
            ("2mbbDODqt4ZojDHa14IaiYwM4AM", "2024-09-26T10:55:02Z"),
            // From the KSUID project.
            ("0ujtsYcgvSTl8PAuAdqWYSMnLOv", "2017-10-10T04:00:47Z"),
        ] {
            let ksuid: Ksuid = text.parse().unwrap();
            assert_eq!(ksuid.to_string(), text);
            assert_eq!(ksuid.made_at().to_string(), second, "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "27TcJzyjL1y0eNVLEUa8pA8qAs",
            "27TcJzyjL1y0eNVLEUa8pA8qAsJJ",
            "zzzzzzzzzzzzzzzzzzzzzzzzzzz",
            "27TcJzyjL1y0eNVLEUa8pA8qAs-",
        ] {
            assert_eq!(text.parse::<Ksuid>(), Err(NotAKsuid), "{text}");
        }
    }

    #[test]
    fn what_is_made_looks_like_the_samples() {
        let ksuid: Ksuid = "2Vij79pz49Xs9a7IQqFnySO37xI".parse().unwrap();
        assert_eq!(ksuid.attempt(1), "2Vij79pz49Xs9a7IQqFnySO37xI_1");
        assert_eq!(ksuid.deduction([0, 25, 26, 51, 52]), "2Vij79pz49Xs9a7IQqFnySO37xI_AZazA");
        assert_eq!(ksuid.route(), "Route_2Vij79pz49Xs9a7IQqFnySO37xI");
        assert_eq!(client_key([7; 16]), "HHHHHHHHHHHHHHHH");
        assert_eq!(secret([0xab; 32]), "ab".repeat(32));
        assert_eq!(refund([0; 16]), "2222222222222222222222");
        assert_eq!(refund([255; 16]).len(), 22);
    }

    /// The last second but one that a KSUID can hold.
    const LAST_BUT_ONE: i64 = EPOCH + 4_294_967_294;

    proptest! {
        #[test]
        fn a_ksuid_comes_back_and_sorts_by_its_second(second in EPOCH..=LAST_BUT_ONE, random: [u8; 16], other: [u8; 16]) {
            let at = Timestamp::from_second(second).unwrap();
            let ksuid = Ksuid::new(at, random);
            prop_assert_eq!(ksuid.made_at(), at);
            prop_assert_eq!(ksuid.to_string().parse(), Ok(ksuid));
            let later = Ksuid::new(Timestamp::from_second(second.saturating_add(1)).unwrap(), other);
            prop_assert!(ksuid.to_string() < later.to_string());
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9A-Za-z]{27}|.{0,30}") {
            if let Ok(ksuid) = text.parse::<Ksuid>() {
                prop_assert_eq!(ksuid.to_string(), text);
            }
        }
    }
}

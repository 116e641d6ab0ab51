//! Which generation of the dialect made something.

use crate::words::words;

words! {
    /// A generation of the dialect.
    pub enum PortOneVersion {
        V1 = "V1",
        V2 = "V2",
    }
}

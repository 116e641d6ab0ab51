//! Promotions with their budgets as they stand.

use crate::row::{Row, text};
use crate::shape::amount;
use crate::shape::promotion as shape;
use crate::{ReadError, Storage};
use paypier_domain::channel::Environment;
use paypier_domain::id::{PromotionId, StoreId};
use paypier_domain::money::Amount;
use paypier_domain::promotion::{Budget, Promotion};

texts! {
    PROMOTION = "SELECT store_id, promotion_id, environment, created_at, terms, total_budget, reserved, spent, \
        unfunded, unrecovered, body FROM promotions WHERE promotion_id = ?1";
    PROMOTIONS_OF = "SELECT store_id, promotion_id, environment, created_at, terms, total_budget, reserved, spent, \
        unfunded, unrecovered, body FROM promotions WHERE store_id = ?1 ORDER BY created_at, promotion_id";
}

impl Storage {
    /// A promotion of any store; whoever asks looks at whose it is.
    pub async fn promotion(&self, id: &PromotionId) -> Result<Option<Promotion>, ReadError> {
        self.one("promotions", PROMOTION, vec![text(id.as_str())], promotion).await
    }

    /// The store's promotions, by creation time.
    pub async fn promotions_of(&self, store: &StoreId) -> Result<Vec<Promotion>, ReadError> {
        self.all("promotions", PROMOTIONS_OF, vec![text(store.as_str())], promotion).await
    }
}

fn promotion(mut row: Row) -> Result<Promotion, ReadError> {
    let store = StoreId::known(row.text("store_id")?);
    let id = PromotionId::known(row.text("promotion_id")?);
    let environment = row.word("environment", Environment::parse)?;
    let created_at = row.at("created_at")?;
    let terms = row.count("terms")?;
    let mut money = |column: &'static str| -> Result<Amount, ReadError> {
        let units = row.int(column)?;
        amount(units, column).map_err(|wrong| row.broken(column, wrong.0))
    };
    let total_budget = money("total_budget")?;
    let budget = Budget {
        reserved: money("reserved")?,
        spent: money("spent")?,
        unfunded: money("unfunded")?,
        unrecovered: money("unrecovered")?,
    };
    let columns = shape::Columns { id, store, environment, created_at, terms, total_budget, budget };
    let shape: shape::Promotion<'static> = row.document("body")?;
    shape.read(columns).map_err(|wrong| row.broken("body", wrong.0))
}

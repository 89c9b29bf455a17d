//! Bringing pictures, files and regions in.

use super::jobs::{Stop, Work};
use crate::model::AppError;
use serde_json::Value;

/// Does what an import is about.
pub async fn run(work: &mut Work) -> Result<Value, Stop> {
    Err(AppError::invalid(format!("job {} cannot be read", work.id)).into())
}

//! All that a query finds, however much it is.
//!
//! The ids are read at once, in one state of the database and within the time limit, and wait in a temporary file until the
//! client takes them. So no transaction lasts as long as a slow client, and whatever can go wrong with a query does so before
//! the answer begins.

use super::plan::{Plan, Purpose};
use super::{SearchError, order, pictures, understand};
use crate::model::{Ordering, PageRequest, Viewer};
use crate::server::store::schema::Pictures;
use crate::server::store::{Db, StoreError};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

/// So many bytes of ids are kept in memory; more go into a file.
const IN_MEMORY: usize = 256 * 1024;

/// The ids of all pictures that a query finds, in order.
pub struct FoundIds {
    file: BufReader<tempfile::SpooledTempFile>,
    total: i64,
}

impl FoundIds {
    /// How many there were in the beginning.
    pub fn total(&self) -> i64 {
        self.total
    }

    /// The next ids, at most `most`; none at the end.
    pub fn next_some(&mut self, most: usize) -> io::Result<Vec<i64>> {
        let mut ids = Vec::with_capacity(most);
        while ids.len() < most && !self.file.fill_buf()?.is_empty() {
            let mut bytes = [0; 8];
            self.file.read_exact(&mut bytes)?;
            ids.push(i64::from_le_bytes(bytes));
        }
        Ok(ids)
    }
}

fn failed(error: io::Error) -> StoreError {
    StoreError::Database(sqlx::Error::Io(error))
}

/// Finds all pictures that a query's text asks for, as far as `viewer` may see them. `seed` matters to [`Ordering::Random`]
/// only.
pub async fn find_all(
    db: &Db,
    viewer: &Viewer,
    text: &str,
    ordering: Ordering,
    seed: i64,
) -> Result<FoundIds, SearchError> {
    let (mut source, query, names) = understand(db, viewer, text).await?;
    let everything = PageRequest { offset: 0, limit: i64::MAX };
    let plan = Plan::make(&mut source, &query, &names, Purpose::Page(ordering, everything)).await?;
    let mut statement = pictures(viewer, &query, &names, &plan);
    statement.column((Pictures::Table, Pictures::Id));
    order::apply(&mut statement, &plan, ordering, seed);
    let mut file = BufWriter::new(tempfile::SpooledTempFile::new(IN_MEMORY));
    let mut total = 0;
    let take = |(id,): (i64,)| {
        total += 1;
        file.write_all(&id.to_le_bytes()).map_err(failed)
    };
    source.each(&statement, take).await?;
    source.close().await?;
    let mut file = file.into_inner().map_err(|error| failed(error.into_error()))?;
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    Ok(FoundIds { file: BufReader::new(file), total })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_in_order_whether_or_not_they_fit_into_memory() {
        for (number, memory) in [(0_i64, IN_MEMORY), (10, IN_MEMORY), (10_000, 1000)] {
            let mut file = tempfile::SpooledTempFile::new(memory);
            for id in 0..number {
                file.write_all(&(id - 5).to_le_bytes()).unwrap();
            }
            file.seek(SeekFrom::Start(0)).unwrap();
            let mut found = FoundIds { file: BufReader::new(file), total: number };
            let mut all = Vec::new();
            loop {
                let some = found.next_some(7).unwrap();
                if some.is_empty() {
                    break;
                }
                all.extend(some);
            }
            assert_eq!(all, (0..number).map(|id| id - 5).collect::<Vec<_>>());
        }
    }
}

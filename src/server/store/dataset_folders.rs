//! What is in a folder of the newest commit of a dataset.

use super::dataset_files::{FileRow, begins_with, of, rows};
use super::datasets::head_in;
use super::db::{Db, Result, Source, escape_like};
use super::schema::DatasetFiles;
use crate::model::{Folder, PageRequest};
use sea_query::{Expr, ExprTrait, Func, LikeExpr, Order, Query};

/// A part of what is in a folder.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// The commit; none while there is none.
    pub commit: Option<String>,
    /// How many folders and files there are.
    pub total: i64,
    /// The folders of this part.
    pub folders: Vec<Folder>,
    /// The files of this part.
    pub files: Vec<FileRow>,
}

/// What is in a folder, which is empty or ends with `/`: folders by name, then files by path. Whoever calls has made sure that the
/// viewer may see the dataset, of which all files may have to be counted: so the time is bounded.
pub async fn list(db: &Db, dataset: i64, folder: &str, page: PageRequest) -> Result<Contents> {
    let mut source = db.bounded().await?;
    let commit = head_in(&mut source, dataset).await?;
    let sizes = Query::select()
        .column(of(DatasetFiles::Folder))
        .expr(Func::count(Expr::col(of(DatasetFiles::Path))))
        .expr(Func::cast_as(Func::sum(Expr::col(of(DatasetFiles::Size))), "BIGINT"))
        .from(DatasetFiles::Table)
        .and_where(Expr::col(of(DatasetFiles::Dataset)).eq(dataset))
        .cond_where(begins_with(DatasetFiles::Folder, folder))
        .group_by_col(of(DatasetFiles::Folder))
        .order_by(of(DatasetFiles::Folder), Order::Asc)
        .to_owned();
    let (own, folders) = children(folder, source.all::<(String, i64, i64)>(&sizes).await?);
    let among = folders.len() as i64;
    let folders: Vec<Folder> = folders.into_iter().skip(page.offset as usize).take(page.limit as usize).collect();
    let left = page.limit - folders.len() as i64;
    let mut files = Vec::new();
    if left > 0 && own > 0 {
        let mut inside = rows(dataset);
        inside
            .and_where(Expr::col(of(DatasetFiles::Folder)).eq(folder))
            .offset(u64::try_from(page.offset - among).unwrap_or(0))
            .limit(left as u64);
        files = source.all(&inside).await?;
    }
    source.close().await?;
    Ok(Contents { commit, total: among + own, folders, files })
}

/// The files in a folder and below whose paths contain this text from there on, whatever the case of its letters from A to Z. The
/// time is bounded, since all of them may have to be looked at.
pub async fn find(db: &Db, dataset: i64, folder: &str, text: &str, page: PageRequest) -> Result<Contents> {
    let mut source = db.bounded().await?;
    let commit = head_in(&mut source, dataset).await?;
    let lower = |text: &str| escape_like(&text.to_ascii_lowercase());
    let pattern = LikeExpr::new(format!("{}%{}%", lower(folder), lower(text))).escape('\\');
    let fits = Expr::expr(Func::lower(Expr::col(of(DatasetFiles::Path)))).like(pattern);
    let mut found = rows(dataset);
    found.cond_where(begins_with(DatasetFiles::Path, folder)).and_where(fits);
    let total = Query::select().expr(Expr::cust("count(*)")).from_subquery(found.clone(), "found").to_owned();
    let total = source.optional::<(i64,)>(&total).await?.map_or(0, |(total,)| total);
    found.offset(page.offset as u64).limit(page.limit as u64);
    let files = source.all(&found).await?;
    source.close().await?;
    Ok(Contents { commit, total, folders: Vec::new(), files })
}

/// How many files are in the folder itself, and the folders in it with all that is below them. The folders come by their paths.
fn children(folder: &str, sizes: Vec<(String, i64, i64)>) -> (i64, Vec<Folder>) {
    let (mut own, mut children) = (0, Vec::<Folder>::new());
    for (path, files, size) in sizes {
        let below = path.strip_prefix(folder).unwrap_or_default();
        let Some((name, _)) = below.split_once('/') else {
            own = files;
            continue;
        };
        match children.last_mut().filter(|last| last.name == name) {
            Some(last) => {
                last.files = last.files.map(|before| before + files);
                last.size = last.size.map(|before| before + size);
            }
            None => children.push(Folder { name: name.to_owned(), files: Some(files), size: Some(size) }),
        }
    }
    // In the order of names. That of paths is another one: `a-b/` comes before `a/`.
    children.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    (own, children)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_counts_for_the_folder() {
        let sizes = [("x/", 2, 20), ("x/a-b/", 1, 5), ("x/a/", 1, 1), ("x/a/b/", 3, 3), ("x/c/d/e/", 1, 7)];
        let sizes = sizes.map(|(path, files, size)| (path.to_owned(), files, size)).to_vec();
        let (own, folders) = children("x/", sizes);
        let told: Vec<_> = folders.iter().map(|folder| (folder.name.as_str(), folder.files, folder.size)).collect();
        assert_eq!(own, 2);
        assert_eq!(told, [("a", Some(4), Some(4)), ("a-b", Some(1), Some(5)), ("c", Some(1), Some(7))]);
        assert_eq!(children("", vec![(String::new(), 4, 4)]).0, 4);
    }
}

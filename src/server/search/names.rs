//! The names in a query: whether they exist, and which ids they have in the database.

use crate::model::Viewer;
use crate::model::dataset::full_name;
use crate::model::text::fold;
use crate::query::rules::NameField;
use crate::query::{KnownNames, MAX_NAMES_WITH_SUGGESTIONS, ParsedQuery, Query, References, Rule, Vocabulary};
use crate::server::store::db::{Result, VALUES_PER_LIST, escape_like};
use crate::server::store::objects::ids_by_name;
use crate::server::store::schema::{
    Datasets, Galleries, Licences, Namespaces, Natures, ObjectClosure, Objects, Pictures, Users,
};
use crate::server::store::{Row, Source, access};
use sea_query::{
    Condition, Expr, ExprTrait, Func, IntoColumnRef, IntoIden, LikeExpr, Query as Select, SelectStatement,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// So many names are compared with the unknown ones.
const CANDIDATES: u64 = 20_000;
/// So many objects are named in a statement in place of those that they descend from.
const DESCENDANTS: usize = 8_000;

/// Ids of the objects, users, datasets and pictures that a query names.
#[derive(Debug, Default)]
pub(super) struct Names {
    objects: HashMap<String, i64>,
    users: HashMap<String, i64>,
    datasets: HashMap<String, i64>,
    /// Those of the pictures that the viewer may see: what others were copied to must not tell of them.
    pictures: BTreeSet<i64>,
    /// Of objects, where they were looked up: everything more specific, and the object itself.
    descendants: HashMap<i64, Vec<i64>>,
}

impl Names {
    /// Looks up what the query names: only that, however many names the site has. What the viewer may not see does not exist.
    pub async fn look_up(
        source: &mut impl Source,
        viewer: &Viewer,
        parsed: &ParsedQuery,
    ) -> Result<(Self, KnownNames)> {
        let references = parsed.references();
        let mut names = Self::default();
        let mut known = KnownNames::default();
        for (vocabulary, wanted) in &references.names {
            match vocabulary {
                Vocabulary::Objects => {
                    // Saved queries outlive the names of objects.
                    names.objects = ids_by_name(source, wanted.iter().map(String::as_str)).await?;
                    known.add(*vocabulary, names.objects.keys());
                }
                Vocabulary::Users => {
                    names.users = ids(source, Users::Table, Users::Username, Users::Id, wanted).await?;
                    known.add(*vocabulary, names.users.keys());
                }
                Vocabulary::Datasets => {
                    names.datasets = datasets(source, viewer, wanted).await?;
                    known.add(*vocabulary, names.datasets.keys());
                }
                // Both lists are short.
                Vocabulary::Natures => known.add(*vocabulary, column(source, Natures::Table, Natures::Id).await?),
                Vocabulary::Licences => known.add(*vocabulary, column(source, Licences::Table, Licences::Id).await?),
            }
        }
        known.galleries = galleries(source, &references).await?;
        names.pictures = pictures(source, viewer, &references.pictures).await?;
        suggest(source, viewer, &references, &mut known).await?;
        Ok((names, known))
    }

    /// Ids of the objects with these names.
    pub fn objects(&self, names: &[String]) -> Vec<i64> {
        unique(names.iter().filter_map(|name| self.objects.get(name).copied()))
    }

    /// Looks up what is more specific than the objects of the rules `has`, where that is not too much to be named. PostgreSQL
    /// knows how often each object is shown, but not how often those are that a subquery will find.
    pub async fn list_descendants(&mut self, source: &mut impl Source, query: &Query) -> Result<()> {
        let rules = query.want.iter().chain(&query.exclude).filter_map(|rule| match rule {
            Rule::Names(NameField::Object, names) => Some(self.objects(names)),
            _ => None,
        });
        let rules: Vec<Vec<i64>> = rules.collect();
        let ancestors = unique(rules.iter().flatten().copied());
        if ancestors.is_empty() || ancestors.len() > DESCENDANTS {
            return Ok(());
        }
        let statement = Select::select()
            .columns([ObjectClosure::Ancestor, ObjectClosure::Descendant])
            .from(ObjectClosure::Table)
            .and_where(Expr::col(ObjectClosure::Ancestor).is_in(ancestors))
            .limit(DESCENDANTS as u64 + 1)
            .to_owned();
        let found = source.all::<(i64, i64)>(&statement).await?;
        if found.len() > DESCENDANTS {
            return Ok(());
        }
        for (ancestor, descendant) in found {
            self.descendants.entry(ancestor).or_default().push(descendant);
        }
        // Each rule names its own again.
        let named = rules.iter().flatten().filter_map(|ancestor| self.descendants.get(ancestor)).map(Vec::len);
        if named.sum::<usize>() > DESCENDANTS {
            self.descendants.clear();
        }
        Ok(())
    }

    /// These objects and everything more specific, as far as it was looked up.
    pub fn with_descendants(&self, objects: &[i64]) -> Option<Vec<i64>> {
        let lists = objects.iter().map(|object| self.descendants.get(object)).collect::<Option<Vec<_>>>()?;
        Some(unique(lists.into_iter().flatten().copied())).filter(|all| !all.is_empty())
    }

    /// Ids of the datasets with these names.
    pub fn datasets(&self, names: &[String]) -> Vec<i64> {
        unique(names.iter().filter_map(|name| self.datasets.get(name).copied()))
    }

    /// Those of these pictures that the viewer may see.
    pub fn pictures(&self, ids: &[i64]) -> Vec<i64> {
        ids.iter().copied().filter(|id| self.pictures.contains(id)).collect()
    }

    /// Ids of the users with these names.
    pub fn users(&self, names: &[String]) -> Vec<i64> {
        unique(names.iter().filter_map(|name| self.users.get(name).copied()))
    }
}

/// Each value once: lists in a query may repeat themselves, and databases limit the number of parameters.
pub(super) fn unique<T: Ord>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    values.into_iter().collect::<BTreeSet<T>>().into_iter().collect()
}

async fn ids<T: IntoIden, C: IntoColumnRef + IntoIden + Copy>(
    source: &mut impl Source,
    table: T,
    name: C,
    id: C,
    wanted: &BTreeSet<String>,
) -> Result<HashMap<String, i64>> {
    let table = table.into_iden();
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    let mut found = HashMap::with_capacity(wanted.len());
    for part in wanted.chunks(VALUES_PER_LIST) {
        let statement = Select::select()
            .column(name)
            .column(id)
            .from(table.clone())
            .and_where(Expr::col(name).is_in(part.iter().copied()))
            .to_owned();
        found.extend(source.all::<(String, i64)>(&statement).await?);
    }
    Ok(found)
}

async fn values<T>(source: &mut impl Source, statement: &SelectStatement) -> Result<Vec<T>>
where
    (T,): Row,
{
    Ok(source.all::<(T,)>(statement).await?.into_iter().map(|(value,)| value).collect())
}

async fn column(source: &mut impl Source, table: impl IntoIden, column: impl IntoColumnRef) -> Result<Vec<String>> {
    values(source, Select::select().column(column).from(table.into_iden())).await
}

/// Name of the namespace, name, number.
type NamedDataset = (String, String, i64);

/// The datasets that the viewer may see.
fn dataset_names(viewer: &Viewer) -> SelectStatement {
    Select::select()
        .column((Namespaces::Table, Namespaces::Name))
        .columns([(Datasets::Table, Datasets::Name), (Datasets::Table, Datasets::Id)])
        .from(Datasets::Table)
        .inner_join(
            Namespaces::Table,
            Expr::col((Namespaces::Table, Namespaces::Id)).equals((Datasets::Table, Datasets::Namespace)),
        )
        .cond_where(access::visible_datasets(viewer))
        .to_owned()
}

/// The numbers of those of the datasets that the viewer may see.
async fn datasets(
    source: &mut impl Source,
    viewer: &Viewer,
    wanted: &BTreeSet<String>,
) -> Result<HashMap<String, i64>> {
    let mut found = HashMap::with_capacity(wanted.len());
    let pairs: Vec<(&str, &str)> = wanted.iter().filter_map(|name| name.split_once('/')).collect();
    for part in pairs.chunks(VALUES_PER_LIST) {
        let statement = dataset_names(viewer)
            .and_where(
                Expr::col((Namespaces::Table, Namespaces::Name)).is_in(part.iter().map(|(namespace, _)| *namespace)),
            )
            .and_where(Expr::col((Datasets::Table, Datasets::Name)).is_in(part.iter().map(|(_, name)| *name)))
            .to_owned();
        let rows = source.all::<NamedDataset>(&statement).await?.into_iter();
        found.extend(rows.map(|(namespace, name, id)| (full_name(&namespace, &name), id)));
    }
    // Each part of a name may have been found with that of another one.
    found.retain(|name, _| wanted.contains(name));
    Ok(found)
}

/// Those of the pictures that the viewer may see.
async fn pictures(source: &mut impl Source, viewer: &Viewer, wanted: &BTreeSet<i64>) -> Result<BTreeSet<i64>> {
    let wanted: Vec<i64> = wanted.iter().copied().collect();
    let mut found = BTreeSet::new();
    for part in wanted.chunks(VALUES_PER_LIST) {
        let statement = Select::select()
            .column(Pictures::Id)
            .from(Pictures::Table)
            .and_where(Expr::col(Pictures::Id).is_in(part.iter().copied()))
            .cond_where(access::visible(viewer))
            .to_owned();
        found.extend(values::<i64>(source, &statement).await?);
    }
    Ok(found)
}

/// Those of the galleries that exist, and the newest one, so that there is something to suggest.
async fn galleries(source: &mut impl Source, references: &References) -> Result<BTreeSet<i64>> {
    let wanted: Vec<i64> = references.galleries.iter().copied().collect();
    let mut found = BTreeSet::new();
    for part in wanted.chunks(VALUES_PER_LIST) {
        let statement = Select::select()
            .column(Galleries::Id)
            .from(Galleries::Table)
            .and_where(Expr::col(Galleries::Id).is_in(part.iter().copied()))
            .to_owned();
        found.extend(values::<i64>(source, &statement).await?);
    }
    if found.len() < wanted.len() {
        let newest = Select::select().expr(Func::max(Expr::col(Galleries::Id))).from(Galleries::Table).to_owned();
        found.extend(values::<Option<i64>>(source, &newest).await?.into_iter().flatten());
    }
    Ok(found)
}

/// Adds names that are near to those that do not exist.
async fn suggest(
    source: &mut impl Source,
    viewer: &Viewer,
    references: &References,
    known: &mut KnownNames,
) -> Result<()> {
    let missing: BTreeMap<Vocabulary, BTreeSet<String>> = known.missing(references);
    for (vocabulary, names) in missing {
        let found = match vocabulary {
            Vocabulary::Objects => near(source, Objects::Table, Objects::Name, Objects::NameFolded, &names).await?,
            Vocabulary::Users => near(source, Users::Table, Users::Username, Users::Username, &names).await?,
            Vocabulary::Datasets => {
                let near = dataset_names(viewer).limit(CANDIDATES).to_owned();
                source.all::<NamedDataset>(&near).await?.into_iter().map(|row| full_name(&row.0, &row.1)).collect()
            }
            // All of them are known already.
            Vocabulary::Natures | Vocabulary::Licences => continue,
        };
        known.suggestions.insert(vocabulary, found);
    }
    Ok(())
}

/// Names that are about as long as one of the unknown ones, or begin like it. The exact comparison is made afterwards.
async fn near<C: IntoColumnRef + IntoIden + Copy>(
    source: &mut impl Source,
    table: impl IntoIden,
    name: C,
    folded: C,
    unknown: &BTreeSet<String>,
) -> Result<Vec<String>> {
    let mut similar = Condition::any();
    for text in unknown.iter().map(|text| fold(text)).take(MAX_NAMES_WITH_SUGGESTIONS) {
        let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
        let length_of = Expr::expr(Func::cust("LENGTH").arg(Expr::col(folded)));
        similar = similar.add(length_of.between(length.saturating_sub(3), length.saturating_add(3)));
        similar = similar.add(Expr::col(folded).like(LikeExpr::new(format!("{}%", escape_like(&text))).escape('\\')));
    }
    let statement = Select::select()
        .column(name)
        .from(table.into_iden())
        .cond_where(similar)
        .order_by(name, sea_query::Order::Asc)
        .limit(CANDIDATES)
        .to_owned();
    values(source, &statement).await
}

//! What an address or a command line says of an export.

use super::{Planned, Selection, Wanted, plan};
use crate::model::export::Purpose;
use crate::model::project::WorkState;
use crate::model::{AppError, ExportFormat, ExportImages, ExportOptions, Viewer};
use crate::server::state::AppState;
use axum::extract::Query;
use serde::Deserialize;

/// So many pictures can be named one by one.
const MAX_NAMED: usize = 2_000;

/// What is to be exported, and how.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportParameters {
    format: Option<String>,
    query: Option<String>,
    gallery: Option<String>,
    dataset: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    project: Option<String>,
    states: Option<String>,
    pictures: Option<String>,
    images: Option<String>,
    split: Option<String>,
    seed: Option<String>,
    level: Option<String>,
    min_size: Option<String>,
    archive: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    excluded: Option<String>,
}

fn list<T: std::str::FromStr>(field: &str, text: &str, what: &str) -> Result<Vec<T>, AppError> {
    let items = text.split(',').map(|item| item.trim().parse().ok()).collect::<Option<Vec<T>>>();
    items.ok_or_else(|| AppError::field(field, format!("must be {what}, separated by commas")))
}

fn number<T: std::str::FromStr>(field: &str, text: &str) -> Result<T, AppError> {
    text.trim().parse().map_err(|_| AppError::field(field, "must be a number, and not less than 0"))
}

impl ExportParameters {
    /// Reads what stands behind the `?` of an address.
    pub fn read(address: &str) -> Result<Self, AppError> {
        let wrong = |what: String| AppError::field("address", format!("cannot be read: {what}"));
        let uri = format!("/?{address}")
            .parse()
            .map_err(|_| wrong("it is too long or has a character that none has".to_owned()))?;
        let Query(parameters) = Query::try_from_uri(&uri).map_err(|rejection| wrong(rejection.body_text()))?;
        Ok(parameters)
    }

    /// Exactly one thing can be exported.
    fn selection(&self) -> Result<Selection, AppError> {
        let mut selections = Vec::new();
        selections.extend(self.query.clone().map(Selection::Query));
        let id =
            |field: &str, text: &Option<String>| text.as_deref().map(|text| number::<i64>(field, text)).transpose();
        selections.extend(id("gallery", &self.gallery)?.map(Selection::Gallery));
        selections.extend(self.dataset.clone().map(|name| {
            let reference = self.reference.clone().filter(|reference| !reference.is_empty());
            Selection::Dataset { name, reference }
        }));
        if let Some(id) = id("project", &self.project)? {
            let states = self.states.as_deref().filter(|states| !states.is_empty());
            let states = states.map(|states| list::<WorkState>("states", states, "states of the work"));
            selections.push(Selection::Project { id, states: states.transpose()?.unwrap_or_default() });
        }
        if let Some(pictures) = &self.pictures {
            let mut ids: Vec<i64> = list("pictures", pictures, "numbers of pictures")?;
            ids.sort_unstable();
            ids.dedup();
            if ids.len() > MAX_NAMED {
                return Err(AppError::field("pictures", format!("must be at most {MAX_NAMED}; take a query for more")));
            }
            selections.push(Selection::Pictures(ids));
        }
        let only = |field: &str, of: &str| AppError::field(field, format!("goes with {of} only"));
        if self.reference.is_some() && self.dataset.is_none() {
            return Err(only("ref", "dataset"));
        }
        if self.states.is_some() && self.project.is_none() {
            return Err(only("states", "project"));
        }
        match <[Selection; 1]>::try_from(selections) {
            Ok([selection]) => Ok(selection),
            Err(_) => {
                let message = "or exactly one of gallery, dataset, project and pictures must say what to export";
                Err(AppError::field("query", message))
            }
        }
    }

    /// The form.
    pub fn format(&self) -> Result<ExportFormat, AppError> {
        self.format.as_deref().unwrap_or_default().parse()
    }

    fn options(&self) -> Result<ExportOptions, AppError> {
        let format = self.format()?;
        // A form sends what was not filled in as an empty text.
        let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let small = |field: &str, text: &Option<String>| said(text).map(|text| number::<u32>(field, &text)).transpose();
        let (level, min_size) = (small("level", &self.level)?, small("min_size", &self.min_size)?);
        let seed = said(&self.seed).map(|text| number::<u64>("seed", &text)).transpose()?.unwrap_or_default();
        let split = said(&self.split).map(|text| text.parse()).transpose()?;
        let images: ExportImages = self.images.as_deref().map(str::parse).transpose()?.unwrap_or_default();
        let leave_out = match self.excluded.as_deref().unwrap_or_default() {
            "" | "refuse" => false,
            "leave-out" => true,
            _ => return Err(AppError::field("excluded", "must be refuse or leave-out")),
        };
        let purpose = said(&self.purpose).map(|words| Purpose::read(&words, leave_out)).transpose()?;
        Ok(ExportOptions { format, images, split, seed, level, min_size, purpose })
    }

    /// Plans the export, or finds out what would be in it.
    pub async fn plan(&self, state: &AppState, viewer: &Viewer, is_preview: bool) -> Result<Planned, AppError> {
        let archive = self.archive.as_deref().filter(|word| !word.is_empty()).map(str::parse).transpose();
        let archive = archive.map_err(|_| AppError::field("archive", "must be zip or tar"))?;
        let (options, selection) = (self.options()?, self.selection()?);
        plan(state, viewer, &Wanted { selection: &selection, options, archive, is_preview }).await
    }
}

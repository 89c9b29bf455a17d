//! The one integration binary: the store on both databases, the API over HTTP.

mod api;
mod dataset_access;
mod search;
mod search_insights;
mod search_limits;
mod search_onlookers;
mod search_outlines;
mod search_worlds;
mod store_accounts;
mod store_administration;
mod store_closing;
mod store_dataset_files;
mod store_datasets;
mod store_editor_settings;
mod store_flow;
mod store_galleries;
mod store_objects;
mod store_pictures;
mod store_random;
mod store_reference;
mod store_region_delta;
mod store_region_limits;
mod store_regions;
mod store_saved_queries;
mod store_taxonomy;
mod support;

//! Motifs: the things that scenes are made of. Each draws itself at a place and says what it is.

pub(super) mod animals;
pub(super) mod buildings;
pub(super) mod kitchen;
pub(super) mod land;
pub(super) mod sky;
pub(super) mod vehicles;

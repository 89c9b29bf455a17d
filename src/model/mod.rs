//! What the words mean: plain serde types and their validation.
//!
//! Nothing here reads a clock, a file or a network; every type compiles for the browser and the server alike. Start with
//! [`region`], the heart of the platform, then [`picture`].

pub mod account;
pub mod administration;
pub mod annotation_format;
pub mod attribution;
pub mod batch;
pub mod dataset;
pub mod date;
pub mod download;
pub mod editor_settings;
pub mod error;
pub mod exif;
pub mod export;
pub mod field;
pub mod folder;
pub mod gallery;
pub mod history;
pub mod import;
pub mod insights;
pub mod job;
pub mod licence;
pub mod licence_group;
pub mod limits;
pub mod mark;
pub mod nature;
pub mod object;
pub mod page;
pub mod picture;
pub mod placing;
pub mod project;
pub mod queue;
pub mod region;
pub mod region_delta;
pub mod saved_query;
pub mod search;
pub mod site_place;
pub mod storage_site;
pub mod text;
pub mod upload;
pub mod user;
pub mod version;

pub use account::{
    AccountOverview, ApiToken, Contribution, Holdings, PicturesFate, SessionInfo, TokenScope, UserDetail,
};
pub use administration::{
    AccountChange, AuditAction, AuditEntry, Member, MemberFilter, MemberKind, MemberOrder, ResetLink,
};
pub use annotation_format::AnnotationFormat;
pub use dataset::{
    Dataset, DatasetCard, DatasetChange, DatasetDetail, DatasetFilter, DatasetNumbers, DatasetOrder, Membership,
    Namespace, NamespaceFilter, NewDataset, Role, Visibility,
};
pub use download::{ArchiveKind, ListFormat};
pub use editor_settings::{EditorSettings, EditorSettingsChange};
pub use error::{AppError, FieldError, QueryError};
pub use exif::Exif;
pub use export::{ExportFormat, ExportImages, ExportOptions, ExportPreview, Split, TableFormat};
pub use field::FieldValue;
pub use folder::{FileState, Folder, FolderList};
pub use gallery::{Gallery, GalleryName, GallerySummary, Slide};
pub use insights::{Breakdown, Dimension, Insights, Plot, RuleEffect, RuleText, Slice, Statistics};
pub use job::{Job, JobError};
pub use licence::{Counted, Licence, LicenceChange, LicenceSummary};
pub use mark::{Mark, MarkEnd, MarkState, Marks, NewMark};
pub use nature::Nature;
pub use object::{
    ImportFault, ImportReport, NewParent, Object, ObjectChange, ObjectDetail, ObjectSummary, Sample, TaxonomyFormat,
};
pub use page::{Beside, Ordering, Page, PageRequest, Part, Rest};
pub use picture::{Outline, Picture, PictureCard, PictureChange, PictureDetail, PictureSurroundings, RatingSummary};
pub use project::{
    Assignment, NewProject, NewWorkState, PictureWork, Progress, Project, ProjectChange, ProjectDetail, ProjectFilter,
    ProjectMember, ProjectMembership, ProjectPicture, ProjectRole, Work, WorkCounts, WorkFilter, WorkState,
};
pub use queue::{BegunRow, Only, Queue, QueueEntry};
pub use region::{Annotations, Kind, Point, Rect, Region, RevisionSummary, Shape};
pub use region_delta::{Delta, DeltaAnswer, DeltaChange, SoundDelta};
pub use saved_query::{SavedQuery, SavedQueryChange};
pub use site_place::{SiteKind, SitePlace};
pub use storage_site::{
    DatasetSite, GrantedRight, NewStorageSite, SiteAccess, SiteCredentials, SiteGrant, SiteTest, SiteTestStep,
    StorageSite, StorageSiteChange, StorageSiteFilter,
};
pub use upload::Upload;
pub use user::{Account, Challenge, SiteState, UserProfile, Viewer};
pub use version::{
    Commit, CommitDetail, Committed, Comparison, DatasetFile, Differences, Fate, FileChange, FileDifference, FileList,
    VersionTag,
};

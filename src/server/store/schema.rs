//! Names of tables and columns, so that the compiler finds a mistyped one. What they mean is said in `migrations/`.

use sea_query::Iden;

/// Declares one enum per table: its first variant is the table, the others are the columns.
macro_rules! tables {
    ($($table:ident { $($column:ident),+ $(,)? })+) => {
        $(
            #[allow(dead_code, clippy::enum_variant_names)]
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Iden)]
            pub(crate) enum $table { Table, $($column),+ }
        )+
    };
}

tables! {
    Users { Id, Username, PasswordHash, Admin, Joined, SuspendedAt, ClosedAt, Attribution }
    RetiredUsernames { NameHash }
    Namespaces { Id, Name, UserId, Visibility, CreatedAt }
    NamespaceMembers { Namespace, UserId, Role }
    Datasets { Id, Namespace, Name, Description, DescriptionFolded, Visibility, CreatedAt, Head, StorageSite }
    DatasetMembers { Dataset, UserId, Role }
    DatasetTags { Dataset, Tag }
    DatasetBlobs { Dataset, Md5, Blob, Width, Height }
    DatasetFiles { Dataset, Path, Folder, Md5, Size, Picture }
    StorageSites {
        Id, Name, Description, DescriptionFolded, Kind, Place, Base, Credentials, Revision, Visibility, CreatedAt,
    }
    StorageSiteGrants { Site, Namespace, Access }
    BlobSites { Blob, Site, Object }
    Uploads { Id, Dataset, UserId, Path, Size, Md5, TouchedAt, Metadata }
    Jobs {
        Id, Kind, Title, Owner, State, Task, Checkpoint, Result, Failure, Done, Total, Errors, Cancelled, Worker, LeasedUntil, Tries,
        CreatedAt, BeganAt, BeganWith, EndedAt,
    }
    JobErrors { Job, Number, Place, Message }
    Sessions { IdHash, Data, ExpiresAt, UserId, StartedAt, SeenAt, Client }
    OneTimeLinks { TokenHash, Purpose, UserId, ExpiresAt }
    ApiTokens { Id, UserId, Name, TokenHash, Scope, CreatedAt, ExpiresAt, LastUsedAt }
    EditorSettings { UserId, Field, Value }
    AuditLog { Id, At, Actor, Action, Subject, Details }
    UsedChallenges { Nonce, ExpiresAt }
    Settings { Name, Value }
    Locks { Name }
    Natures { Id, Description, Position }
    Licences { Id, Title, Description, InfoUrl, LegaleseUrl, Free, Pinned, LogoUrl, Position }
    Objects { Id, Name, NameFolded, Description, Author, CreatedAt }
    FormerNames { Name, Object }
    ObjectParents { Child, Parent }
    ObjectClosure { Ancestor, Descendant }
    Blobs { Hash, Sha256, Md5, Size, MediaType, Extension, CreatedAt, Exif, Here, Crc32 }
    Pictures {
        Id, Blob, Title, Description, Author, OriginUrl, CreatedAt, Width, Height, MediaType, Nature, Replaces, ReplacedBy,
        CopiedFrom, Revision, RegionCount, RatingSum, RatingCount, TitleFolded, DescriptionFolded, OriginKey, OriginStart,
        MetadataRevision, KeepPlace, RegionBytes, Dataset, Attribution,
    }
    PictureLicences { Picture, Licence }
    PictureFields { Picture, Key, Name, Kind, Value, Folded, Start, Number }
    Regions { Id, Picture, Position, Kind, Shape, X, Y, W, H, Object, Author, Since, CreatedAt, UpdatedAt }
    PastRegions { Picture, Region, Since, Until, Position, Kind, Shape, Object, Author }
    PictureRevisions { Picture, Revision, Author, CreatedAt, Added, Changed, Removed }
    PictureTexts { Rowid, Rank, Picture, TitleFolded, DescriptionFolded }
    PictureObjects { Object, Picture, Count }
    AppliedDeltas { Picture, Id, Author, BodyHash, Revision, Regions, CreatedAt }
    PictureMarks { Id, Picture, Author, State, Comment, CreatedAt, EndedAt, EndedBy }
    Projects {
        Id, Dataset, Name, NameFolded, Description, Instructions, CommitId, Tag, Missing, Author, CreatedAt,
    }
    ProjectObjects { Project, Object }
    ProjectMembers { Project, UserId, Role }
    ProjectPictures { Project, Picture, Position, Turn, Annotator, State, Comment, ChangedBy, ChangedAt }
    ProjectSteps { Id, Project, Picture, Author, Annotator, FromState, ToState, Comment, CreatedAt }
    Ratings { Picture, UserId, Rating, CreatedAt }
    Galleries { Id, Title, TitleFolded, Description, Owner, CreatedAt, Cover }
    GalleryPictures { Gallery, Picture, AddedAt, Position }
    GalleryUsers { Gallery, UserId }
    SavedQueries { Id, Owner, Title, Query, Ordering, CreatedAt, UpdatedAt, Public }
}

use super::*;
use async_trait::async_trait;
use futures::stream;
use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::SystemTime;

fn store() -> (tempfile::TempDir, BlobStore) {
    let dir = tempfile::tempdir().unwrap();
    let store = BlobStore::open(dir.path()).unwrap();
    (dir, store)
}

/// Every file under a folder.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

async fn read(store: &BlobStore, hash: &str) -> Vec<u8> {
    let chunks: Vec<Bytes> = store.stream(hash, None, 0..u64::MAX).await.unwrap().try_collect().await.unwrap();
    chunks.concat()
}

#[tokio::test]
async fn hashes_are_those_of_the_standards() {
    let (_dir, store) = store();
    let staged = store.stage_bytes("abc").await.unwrap();
    assert_eq!(staged.hash, "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85");
    assert_eq!(staged.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(staged.md5, "900150983cd24fb0d6963f7d28e17f72");
    assert_eq!(staged.size, 3);
}

#[tokio::test]
async fn what_was_committed_can_be_read() {
    let (dir, store) = store();
    // More than one group, in chunks that do not fit groups evenly.
    let chunks: Vec<_> = (0..40).map(|i| Ok::<_, io::Error>(Bytes::from(vec![i as u8; 50_001]))).collect();
    let whole: Vec<u8> = chunks.iter().flat_map(|chunk| chunk.as_ref().unwrap().to_vec()).collect();
    let staged = store.stage(stream::iter(chunks), 10_000_000).await.unwrap();
    assert_eq!((staged.size, &staged.hash), (whole.len() as u64, &blake3::hash(&whole).to_hex().to_string()));
    assert!(!store.exists(&staged.hash).await.unwrap());

    let hash = staged.hash.clone();
    store.commit(staged).await.unwrap();
    assert!(store.exists(&hash).await.unwrap());
    assert_eq!(read(&store, &hash).await, whole);
    assert_eq!(files(dir.path()), [dir.path().join(&hash[..2]).join(&hash[2..4]).join(&hash)]);
}

#[tokio::test]
async fn a_dropped_staged_blob_leaves_nothing() {
    let (dir, store) = store();
    let staged = store.stage_bytes("draft").await.unwrap();
    assert_eq!(files(dir.path()).len(), 1);
    drop(staged);
    assert!(files(dir.path()).is_empty());
}

#[tokio::test]
async fn the_limit_holds_while_streaming() {
    let (dir, store) = store();
    // An endless stream: only a limit that is enforced on the way lets this test end.
    let endless = stream::repeat_with(|| Ok::<_, io::Error>(Bytes::from(vec![0; 100_000])));
    let error = store.stage(endless, 1_500_000).await.unwrap_err();
    assert_eq!(error.to_string(), "the file is larger than the limit of 1 MB");
    assert!(files(dir.path()).is_empty());
    assert!(store.stage(stream::iter([Ok::<_, io::Error>(Bytes::from_static(b"1234"))]), 4).await.is_ok());
}

#[tokio::test]
async fn a_broken_stream_is_the_senders_fault_and_leaves_nothing() {
    let (dir, store) = store();
    let broken = stream::iter([Ok(Bytes::from_static(b"half")), Err("connection reset")]);
    let error = store.stage(broken, 100).await.unwrap_err();
    assert!(matches!(error, BlobError::Interrupted(_)), "{error}");
    assert!(matches!(AppError::from(error), AppError::Invalid { .. }));
    assert!(files(dir.path()).is_empty());
}

#[tokio::test]
async fn the_same_bytes_are_stored_once_and_never_overwritten() {
    let (dir, store) = store();
    let mut tasks = Vec::new();
    for _ in 0..16 {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            let staged = store.stage_bytes("the same bytes").await.unwrap();
            let hash = staged.hash.clone();
            store.commit(staged).await.unwrap();
            hash
        }));
    }
    let mut hashes = Vec::new();
    for task in tasks {
        hashes.push(task.await.unwrap());
    }
    hashes.dedup();
    assert_eq!(hashes.len(), 1);
    let [only] = files(dir.path()).try_into().unwrap();
    let before = inode(&only);
    let again = store.stage_bytes("the same bytes").await.unwrap();
    store.commit(again).await.unwrap();
    assert_eq!(inode(&only), before, "the file was replaced");
}

#[cfg(unix)]
fn inode(path: &Path) -> u64 {
    std::os::unix::fs::MetadataExt::ino(&fs::metadata(path).unwrap())
}

#[tokio::test]
async fn leftovers_of_a_crash_go_after_a_day() {
    let (dir, store) = store();
    let old = dir.path().join("incoming/upload-old");
    let young = dir.path().join("incoming/upload-young");
    let two_days_ago = SystemTime::now() - 2 * LEFTOVER_AGE;
    File::create(&old).unwrap().set_modified(two_days_ago).unwrap();
    File::create(&young).unwrap();
    drop(store);
    let store = BlobStore::open(dir.path()).unwrap();
    assert_eq!(files(dir.path()), [young]);
    // Bytes that were being kept during the crash can be kept again.
    let staged = store.stage_bytes("again").await.unwrap();
    store.commit(staged).await.unwrap();
}

#[tokio::test]
async fn only_hashes_are_names() {
    let (dir, store) = store();
    fs::write(dir.path().join("secret"), "x").unwrap();
    let capital = "A".repeat(64);
    for name in ["", "secret", "../secret", "/etc/passwd", "ab", capital.as_str(), "ä".repeat(32).as_str()] {
        assert!(matches!(store.local(name, &[]).await, Err(BlobError::NotFound(_))), "{name}");
        assert!(!store.exists(name).await.unwrap(), "{name}");
    }
}

#[tokio::test]
async fn the_probe_tells_whether_the_store_can_be_written() {
    let (dir, store) = store();
    store.probe().await.unwrap();
    assert!(files(dir.path()).is_empty());
    fs::remove_dir_all(dir.path()).unwrap();
    assert!(store.probe().await.is_err());
}

/// Makes a blob as old as a day.
fn age(dir: &Path, hash: &str) {
    let path = dir.join(&hash[..2]).join(&hash[2..4]).join(hash);
    let yesterday = SystemTime::now() - Duration::from_secs(24 * 60 * 60);
    File::open(path).unwrap().set_modified(yesterday).unwrap();
}

#[tokio::test]
async fn what_is_kept_again_is_new_and_not_removed() {
    let (dir, store) = store();
    let hour = Duration::from_secs(60 * 60);
    let hash = store.stage_bytes("abc").await.unwrap().hash.clone();
    store.commit(store.stage_bytes("abc").await.unwrap()).await.unwrap();
    assert!(store.older_than(hour).await.unwrap().is_empty());
    assert!(!store.remove_unused(&hash, hour).await.unwrap());
    age(dir.path(), &hash);
    assert_eq!(store.older_than(hour).await.unwrap(), [hash.as_str()]);
    store.commit(store.stage_bytes("abc").await.unwrap()).await.unwrap();
    assert!(!store.remove_unused(&hash, hour).await.unwrap());
    assert_eq!(read(&store, &hash).await, b"abc");
    age(dir.path(), &hash);
    assert!(store.remove_unused(&hash, hour).await.unwrap());
    assert!(!store.exists(&hash).await.unwrap() && !store.remove_unused(&hash, hour).await.unwrap());
    assert_eq!(files(dir.path()), Vec::<PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keeping_and_removing_at_once_loses_nothing() {
    let (dir, store) = store();
    let hour = Duration::from_secs(60 * 60);
    let hash = store.stage_bytes("abc").await.unwrap().hash.clone();
    for _ in 0..200 {
        store.commit(store.stage_bytes("abc").await.unwrap()).await.unwrap();
        age(dir.path(), &hash);
        let staged = store.stage_bytes("abc").await.unwrap();
        let (kept, removed) = tokio::join!(store.commit(staged), store.remove_unused(&hash, hour));
        kept.unwrap();
        removed.unwrap();
        assert!(store.exists(&hash).await.unwrap());
    }
}

#[tokio::test]
async fn a_part_of_a_blob_is_what_was_asked_for() {
    let (_dir, store) = store();
    let staged = store.stage_bytes("0123456789").await.unwrap();
    let hash = staged.hash.clone();
    store.commit(staged).await.unwrap();
    for (range, expected) in [(0..4, "0123"), (4..7, "456"), (9..10, "9"), (5..5, ""), (8..u64::MAX, "89")] {
        let chunks: Vec<Bytes> = store.stream(&hash, None, range.clone()).await.unwrap().try_collect().await.unwrap();
        assert_eq!(chunks.concat(), expected.as_bytes(), "{range:?}");
    }
}

/// What a site does of which something is wanted.
#[derive(Clone, Copy, Debug)]
enum Does {
    Give(&'static str),
    Fail(SiteFailure),
    BreakOff(SiteFailure),
    Hang,
}

/// Some sites, by their numbers, and which of them were asked.
#[derive(Debug)]
struct There {
    sites: Vec<(i64, Does)>,
    asked: Mutex<Vec<i64>>,
}

#[async_trait]
impl Elsewhere for There {
    async fn sites(&self, _: &str) -> Result<Sites, BlobError> {
        let sites = self.sites.iter().map(|(site, _)| *site).collect();
        Ok(Sites { sites, within: Duration::from_millis(200) })
    }

    async fn stream(
        &self,
        _: &str,
        site: i64,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, BlobError>>, BlobError> {
        self.asked.lock().unwrap().push(site);
        let does = self.sites.iter().find(|(number, _)| *number == site).map(|(_, does)| *does);
        match does.unwrap_or(Does::Fail(SiteFailure::Lost)) {
            Does::Give(text) => {
                let end = range.end.min(text.len() as u64) as usize;
                Ok(stream::once(async move { Ok(Bytes::from(&text[range.start as usize..end])) }).boxed())
            }
            Does::Fail(failure) => Err(failure.into()),
            Does::BreakOff(failure) => Ok(stream::iter([Ok(Bytes::from_static(b"a")), Err(failure.into())]).boxed()),
            Does::Hang => Ok(stream::pending().boxed()),
        }
    }
}

fn there(sites: &[(i64, Does)]) -> (tempfile::TempDir, BlobStore, Arc<There>) {
    let (dir, store) = store();
    let there = Arc::new(There { sites: sites.to_vec(), asked: Mutex::default() });
    (dir, store.with_elsewhere(there.clone()), there)
}

/// The bytes, or what is wrong with their site; and which sites were asked.
async fn streamed(sites: &[(i64, Does)], site: Option<i64>) -> (Result<Vec<u8>, SiteFailure>, Vec<i64>) {
    let (dir, store, there) = there(sites);
    let hash = blake3::hash(b"abc").to_hex().to_string();
    let bytes = match store.stream(&hash, site, 0..3).await {
        Ok(chunks) => Ok(chunks.try_collect::<Vec<Bytes>>().await.unwrap().concat()),
        Err(BlobError::Site(failure)) => Err(failure),
        Err(error) => panic!("{error}"),
    };
    assert!(files(dir.path()).is_empty());
    let asked = there.asked.lock().unwrap().clone();
    (bytes, asked)
}

/// The same of a file that is fetched.
async fn fetched(sites: &[(i64, Does)], wanted: &[i64]) -> (Result<Vec<u8>, SiteFailure>, Vec<i64>) {
    let (dir, store, there) = there(sites);
    let hash = blake3::hash(b"abc").to_hex().to_string();
    let bytes = match store.local(&hash, wanted).await {
        Ok(local) => Ok(fs::read(local.path()).unwrap()),
        Err(BlobError::Site(failure)) => Err(failure),
        Err(error) => panic!("{error}"),
    };
    assert!(files(dir.path()).is_empty());
    let asked = there.asked.lock().unwrap().clone();
    (bytes, asked)
}

#[tokio::test]
async fn what_is_elsewhere_is_fetched_for_as_long_as_it_is_needed() {
    let (dir, store, _) = there(&[(1, Does::Give("abc"))]);
    let hash = blake3::hash(b"abc").to_hex().to_string();
    assert!(!store.exists(&hash).await.unwrap());
    let local = store.local(&hash, &[1]).await.unwrap();
    assert_eq!((fs::read(local.path()).unwrap(), local.size()), (b"abc".to_vec(), 3));
    drop(local);
    assert!(files(dir.path()).is_empty());
    // A part of what has to be looked at as a whole is that part.
    let part: Vec<Bytes> = store.stream(&hash, None, 1..2).await.unwrap().try_collect().await.unwrap();
    assert_eq!(part.concat(), b"b");
    let copy = store.copy(&hash, &[]).await.unwrap();
    assert_eq!(copy.hash, hash);
    store.commit(copy).await.unwrap();
    assert_eq!(store.copy(&hash, &[]).await.unwrap().hash, hash);
}

#[tokio::test]
async fn a_dataset_s_own_site_is_read_and_no_other_one() {
    let (abc, evil) = (Does::Give("abc"), Does::Give("abd"));
    assert_eq!(streamed(&[(3, evil), (7, abc)], Some(7)).await, (Ok(b"abc".to_vec()), vec![7]));
    // Nobody else learns that it is wanted while it is only down.
    for failure in [SiteFailure::Down, SiteFailure::Refused] {
        let sites = [(3, abc), (7, Does::Fail(failure))];
        assert_eq!(streamed(&sites, Some(7)).await, (Err(failure), vec![7]));
        assert_eq!(fetched(&sites, &[7]).await, (Err(failure), vec![7]));
    }
    // It answers for itself alone: who knows only the hash gets what has it.
    let (_dir, store, _) = there(&[(3, evil), (7, abc)]);
    let hash = blake3::hash(b"abc").to_hex().to_string();
    let part: Vec<Bytes> = store.stream_checked(&hash, &[3, 7], 1..3).await.unwrap().try_collect().await.unwrap();
    assert_eq!(part.concat(), b"bc");
}

#[tokio::test]
async fn others_are_believed_only_as_far_as_the_hash_goes() {
    let (abc, evil, lost) = (Does::Give("abc"), Does::Give("abd"), Does::Fail(SiteFailure::Lost));
    for sites in [[(3, evil), (7, lost)], [(3, lost), (7, lost)], [(3, evil), (7, evil)]] {
        assert_eq!(fetched(&sites, &[7]).await, (Err(SiteFailure::Lost), vec![7, 3]));
        assert_eq!(streamed(&sites[..1], Some(7)).await.0, Err(SiteFailure::Lost));
    }
    for wrong in [evil, lost, Does::BreakOff(SiteFailure::Lost)] {
        assert_eq!(fetched(&[(3, abc), (7, wrong)], &[7]).await, (Ok(b"abc".to_vec()), vec![7, 3]), "{wrong:?}");
    }
    assert_eq!(streamed(&[(3, abc), (7, lost)], Some(7)).await.0, Ok(b"abc".to_vec()));
    assert_eq!(fetched(&[(3, evil), (7, abc)], &[]).await, (Ok(b"abc".to_vec()), vec![3, 7]));
}

#[tokio::test]
async fn what_may_pass_counts_more_than_what_is_lost() {
    let (down, lost) = (Does::Fail(SiteFailure::Down), Does::Fail(SiteFailure::Lost));
    for sites in [[(3, lost), (7, down)], [(3, down), (7, lost)], [(3, down), (7, Does::Fail(SiteFailure::Refused))]] {
        assert_eq!(fetched(&sites, &[3, 7]).await, (Err(SiteFailure::Down), vec![3, 7]), "{sites:?}");
        assert_eq!(fetched(&sites, &[]).await, (Err(SiteFailure::Down), vec![3, 7]), "{sites:?}");
    }
    for slow in [Does::Hang, Does::BreakOff(SiteFailure::Down)] {
        assert_eq!(fetched(&[(7, slow)], &[7]).await.0, Err(SiteFailure::Down), "{slow:?}");
    }
}

use super::*;
use std::os::unix::fs::symlink;
use tempfile::TempDir;

/// A site whose folder is `root/shelf`, and whose objects are in `root/shelf/base`.
fn site(root: &TempDir) -> FolderSite {
    let real = root.path().canonicalize().unwrap();
    for folder in ["root/shelf/base", "data"] {
        std::fs::create_dir_all(real.join(folder)).unwrap();
    }
    let allowed = Allowed::new(&[real.join("root")], &[], &real.join("data"));
    let folder = real.join("root/shelf");
    FolderSite::new("shelf", folder.to_str().unwrap(), "base", allowed, Duration::from_millis(500))
}

async fn put(site: &FolderSite, object: &str, bytes: &[u8]) -> Result<(), SiteFailure> {
    let staged = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(staged.path(), bytes).unwrap();
    site.put(object, staged.path(), bytes.len() as u64).await
}

fn names(objects: Vec<Object>) -> Vec<String> {
    let mut names: Vec<String> = objects.into_iter().map(|object| object.name).collect();
    names.sort();
    names
}

#[tokio::test]
async fn what_is_brought_is_read_listed_and_removed() {
    let root = tempfile::tempdir().unwrap();
    let site = site(&root);
    let large = vec![7; PART as usize + 5];
    put(&site, "aa/bb/large", &large).await.unwrap();
    put(&site, "aa/bb/small", b"0123456789").await.unwrap();
    put(&site, "aa/cc/empty", b"").await.unwrap();
    site.put_small("test", Bytes::from_static(b"test")).await.unwrap();
    // Names are used once.
    assert!(put(&site, "aa/bb/small", b"another").await.is_err());
    assert_eq!(site.read("aa/bb/large", PART - 1..PART + 5).await.unwrap(), vec![7; 6]);
    assert_eq!(site.size("aa/bb/large").await.unwrap(), Some(PART + 5));
    assert_eq!(site.size("aa/bb/none").await.unwrap(), None);
    for (object, range) in [("aa/bb/none", 0..1), ("none/bb/none", 0..1), ("aa/cc/empty", 0..1), ("aa/bb", 0..1)] {
        assert_eq!(site.read(object, range).await, Err(SiteFailure::Lost), "{object}");
    }
    let found = site.list().await.unwrap();
    assert!(found.iter().all(|object| object.modified.elapsed().unwrap_or_default() < Duration::from_secs(60)));
    assert_eq!(names(found), ["aa/bb/large", "aa/bb/small", "aa/cc/empty", "test"]);
    assert_eq!(site.read("aa/bb/small", 2..5).await.unwrap(), b"234".as_slice());
    for object in ["aa/bb/large", "aa/bb/large", "no/such/object"] {
        site.delete(object).await.unwrap();
    }
    assert_eq!(names(site.list().await.unwrap()), ["aa/bb/small", "aa/cc/empty", "test"]);
    for wrong in ["", "..", "../out", "aa/../../out", "/etc/passwd", "aa//bb"] {
        assert!(site.delete(wrong).await.is_err() && site.size(wrong).await.is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn no_link_leads_out_for_reading_writing_listing_or_deleting() {
    let root = tempfile::tempdir().unwrap();
    let site = site(&root);
    let (home, out) = (root.path().join("root/shelf/base"), root.path().join("out"));
    std::fs::create_dir_all(out.join("bb")).unwrap();
    std::fs::write(out.join("bb/secret"), "secret").unwrap();
    symlink(&out, home.join("aa")).unwrap();
    std::fs::create_dir_all(home.join("cc/dd")).unwrap();
    symlink(out.join("bb/secret"), home.join("cc/dd/link")).unwrap();
    symlink(out.join("bb"), home.join("cc/ee")).unwrap();
    for object in ["aa/bb/secret", "cc/dd/link", "cc/ee/secret"] {
        assert_eq!(site.read(object, 0..6).await, Err(SiteFailure::Lost), "{object}");
        assert_eq!(site.size(object).await.unwrap(), None, "{object}");
        site.delete(object).await.unwrap();
    }
    for object in ["aa/bb/new", "aa/new/new", "cc/ee/new"] {
        assert_eq!(put(&site, object, b"new").await, Err(SiteFailure::Refused), "{object}");
    }
    assert_eq!(names(site.list().await.unwrap()), [""; 0]);
    assert_eq!(std::fs::read(out.join("bb/secret")).unwrap(), b"secret");
    assert_eq!(std::fs::read_dir(out.join("bb")).unwrap().count(), 1);
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 1);
    // What is no file is no object: nobody waits at a pipe.
    std::os::unix::net::UnixListener::bind(home.join("cc/dd/socket")).unwrap();
    assert!(site.read("cc/dd/socket", 0..1).await.is_err());
}

#[tokio::test]
async fn a_home_that_is_a_link_or_gone_is_down() {
    let root = tempfile::tempdir().unwrap();
    let site = site(&root);
    put(&site, "aa/bb/file", b"file").await.unwrap();
    let (home, away) = (root.path().join("root/shelf/base"), root.path().join("away"));
    std::fs::rename(&home, &away).unwrap();
    let is_down = async || {
        assert_eq!(site.read("aa/bb/file", 0..4).await, Err(SiteFailure::Down));
        assert_eq!(site.size("aa/bb/file").await, Err(SiteFailure::Down));
        assert_eq!(site.list().await, Err(SiteFailure::Down));
        assert_eq!(site.delete("aa/bb/file").await, Err(SiteFailure::Down));
        assert_eq!(put(&site, "aa/bb/new", b"new").await, Err(SiteFailure::Down));
    };
    is_down().await;
    symlink(&away, &home).unwrap();
    is_down().await;
    std::fs::remove_file(&home).unwrap();
    std::fs::rename(&away, &home).unwrap();
    assert_eq!(site.read("aa/bb/file", 0..4).await.unwrap(), b"file".as_slice());
    // The folder above is no link either.
    let (shelf, other) = (root.path().join("root/shelf"), root.path().join("root/other"));
    std::fs::rename(&shelf, &other).unwrap();
    symlink(&other, &shelf).unwrap();
    is_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_hangs_keeps_a_few_threads_only() {
    let root = tempfile::tempdir().unwrap();
    let site = Arc::new(site(&root));
    put(&site, "aa/bb/file", b"file").await.unwrap();
    let (hang, hung) = std::sync::mpsc::channel::<()>();
    let hung = Arc::new(std::sync::Mutex::new(hung));
    let begun = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let mut waiting = Vec::new();
    for _ in 0..3 * TURNS {
        let (site, hung, begun) = (site.clone(), hung.clone(), begun.clone());
        waiting.push(tokio::spawn(async move {
            let work = move |_: &Home| {
                begun.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                let _ = hung.lock().unwrap().recv();
                Ok(())
            };
            site.within("hanging", of_reading, work).await
        }));
    }
    for task in waiting {
        assert_eq!(task.await.unwrap(), Err(SiteFailure::Down));
    }
    assert_eq!(begun.load(std::sync::atomic::Ordering::SeqCst), TURNS);
    assert_eq!(site.size("aa/bb/file").await, Err(SiteFailure::Down));
    // When it answers again, everything goes on.
    drop(hang);
    while site.turns.available_permits() < TURNS {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(site.size("aa/bb/file").await, Ok(Some(4)));
}

//! Files that we put down for a partner.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use cartage::upstream::address::Address;
use cartage::upstream::attempt::Attempt;
use cartage::upstream::attempt::Trouble;
use cartage::upstream::file_name::NameTemplate;
use cartage::upstream::parcel::Parcel;

use crate::Letter;
use crate::carrier;
use crate::interchange;
use crate::patient;
use crate::submission;

/// A folder that goes with the test.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("cartage-{}-{name}", std::process::id()));
        // What a run that was broken off left behind.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Names of all files with their contents, hidden ones too, in order.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files: Vec<_> = fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                let name = entry.file_name().into_string().unwrap();
                (name, fs::read(entry.path()).unwrap())
            })
            .collect();
        files.sort();
        files
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn place(folder: &Path, name: &str, parcel: &Parcel) -> Attempt {
    let address = Address::Folder {
        path: folder.to_owned(),
        name: NameTemplate::parse(name).unwrap(),
    };
    carrier(patient()).carry(&address, parcel).await
}

fn named(id: &str, text: &[u8]) -> Parcel {
    let mut parcel = interchange(text);
    id.clone_into(&mut parcel.id);
    parcel
}

#[tokio::test]
async fn a_repeat_ends_at_the_same_file() {
    let scratch = Scratch::new("repeat");
    for _ in 0..3 {
        let attempt = place(&scratch.0, "{message}-{control}.edi", &interchange(b"ISA*1~")).await;
        assert_eq!(attempt, Attempt::Placed);
    }
    assert_eq!(
        scratch.files(),
        [("275-000000042.edi".to_owned(), b"ISA*1~".to_vec())]
    );
}

#[tokio::test]
async fn two_messages_of_one_name_are_two_files() {
    let scratch = Scratch::new("two");
    for _ in 0..2 {
        for (id, text) in [("x1/0", b"ISA*1~"), ("x2/0", b"ISA*2~")] {
            assert_eq!(
                place(&scratch.0, "{message}.edi", &named(id, text)).await,
                Attempt::Placed
            );
        }
    }
    let files = scratch.files();
    let expected = [("275-x2-0.edi", b"ISA*2~"), ("275.edi", b"ISA*1~")];
    assert_eq!(
        files,
        expected.map(|(name, text)| (name.to_owned(), text.to_vec()))
    );
    // The receiver takes the first away: a repeat of the second still makes no second file of it.
    fs::remove_file(scratch.0.join("275.edi")).unwrap();
    place(&scratch.0, "{message}.edi", &named("x2/0", b"ISA*2~")).await;
    assert_eq!(scratch.files().len(), 1);
}

#[tokio::test]
async fn messages_that_come_together_do_not_take_each_others_name() {
    let scratch = Scratch::new("together");
    let address = Address::Folder {
        path: scratch.0.clone(),
        name: NameTemplate::parse("{message}.edi").unwrap(),
    };
    let carrier = std::sync::Arc::new(carrier(patient()));
    let mut placing = tokio::task::JoinSet::new();
    for number in 0..16 {
        let (carrier, address) = (std::sync::Arc::clone(&carrier), address.clone());
        placing.spawn(async move {
            let parcel = named(&format!("x{number}/0"), format!("ISA*{number}~").as_bytes());
            carrier.carry(&address, &parcel).await
        });
    }
    while let Some(placed) = placing.join_next().await {
        assert_eq!(placed.unwrap(), Attempt::Placed);
    }
    let mut texts: Vec<_> = scratch.files().into_iter().map(|(_, text)| text).collect();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), 16);
}

#[tokio::test]
async fn what_cannot_be_read_whole_is_not_shown() {
    let scratch = Scratch::new("unreadable");
    let mut parcel = interchange(b"");
    parcel.content = Box::new(Letter {
        length: 20,
        ..Letter::of(b"ISA*1~")
    });
    let attempt = place(&scratch.0, "{message}.edi", &parcel).await;
    assert_eq!(attempt, Attempt::failed(Trouble::Unreadable));
    assert!(scratch.files().is_empty());
    // What a process that died left is replaced.
    fs::write(scratch.0.join(".275-x1a-0.edi.tmp"), b"ISA").unwrap();
    assert_eq!(
        place(&scratch.0, "{message}.edi", &interchange(b"ISA*1~")).await,
        Attempt::Placed
    );
    assert_eq!(scratch.files(), [("275.edi".to_owned(), b"ISA*1~".to_vec())]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_in_the_folder_leads_nowhere() {
    use std::os::unix::fs::PermissionsExt as _;

    let scratch = Scratch::new("link");
    let outside = Scratch::new("outside");
    let target = outside.0.join("precious");
    fs::write(&target, b"precious").unwrap();
    std::os::unix::fs::symlink(&target, scratch.0.join(".275-x1a-0.edi.tmp")).unwrap();
    std::os::unix::fs::symlink(&target, scratch.0.join("275.edi")).unwrap();
    assert_eq!(
        place(&scratch.0, "{message}.edi", &interchange(b"ISA*1~")).await,
        Attempt::Placed
    );
    assert_eq!(fs::read(&target).unwrap(), b"precious");
    let placed = scratch.0.join("275-x1a-0.edi");
    assert_eq!(fs::read(&placed).unwrap(), b"ISA*1~");
    let mode = fs::metadata(&placed).unwrap().permissions().mode();
    assert_eq!(mode & 0o007, 0, "others may not read it");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_told() {
    let scratch = Scratch::new("gone");
    let nowhere = scratch.0.join("nowhere");
    let attempt = place(&nowhere, "{message}.edi", &interchange(b"ISA*1~")).await;
    assert_eq!(attempt, Attempt::failed(Trouble::Folder));
    assert_eq!(
        place(&scratch.0, "{message}.edi", &submission()).await,
        Attempt::failed(Trouble::Unsuited)
    );
}

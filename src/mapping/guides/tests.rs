use super::*;

#[test]
fn every_file_that_the_program_carries_loads() {
    let guides = Guides::embedded()
        .map_err(|error| error.to_string())
        .expect("all files are sound");
    assert_eq!(guides.set().guides().len(), EMBEDDED.len() - 2);
    assert_eq!(guides.guide_for("275", "006020X314").len(), 1);
    assert_eq!(guides.guide_for("278", "005010X217").len(), 2);
    assert!(guides.guide_for("275", "005010X222A1").is_empty());
}

#[test]
fn every_file_of_the_folder_is_carried() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings/guides");
    let mut names: Vec<String> = read_folder(&folder)
        .expect("the folder can be read")
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    names.sort();
    let carried: Vec<&str> = EMBEDDED.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, carried);
}

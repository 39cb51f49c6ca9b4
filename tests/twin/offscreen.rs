//! Pictures without display, and what the program says where it cannot draw.

use std::path::Path;
use std::process::{Command, Output};

use crate::desktop::{output_folder, program};
use crate::picture::Picture;

/// A command that sees no display.
fn blind() -> Command {
    let mut command = program();
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").args(["--language", "en"]);
    command
}

fn render(output: &Path, arguments: &[&str]) -> Output {
    let _ = std::fs::remove_file(output);
    let path = output.to_str().expect("a plain path");
    blind()
        .args(["render", "--size", "800x500", "--output", path])
        .args(arguments)
        .output()
        .expect("the program starts")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn render_draws_the_same_self_explaining_picture_twice() {
    let paths = ["render-1.png", "render-2.png"].map(|name| output_folder().join(name));
    for path in &paths {
        let output = render(path, &["--colour-by", "pressure"]);
        assert!(output.status.success(), "{}", said(&output));
    }
    let [first, second] = paths.map(|path| Picture::read(&path));
    assert_eq!((first.width, first.height), (800, 500));
    assert!(first.distinct_colours(first.whole()) > 2000, "the picture is not blank");
    // The legend's colour bar runs through its ramp: a row of it has many colours, the row below the card few.
    let ramp = (350..480).map(|y| first.distinct_colours([520, y, 265, 1])).max().unwrap_or(0);
    assert!(ramp > 60, "no colour bar in the lower right corner: {ramp} colours in a row");
    let differing = first.differing(&second, first.whole(), 2);
    assert!(differing < 800 * 500 / 1000, "two runs differ in {differing} pixels");
}

#[test]
fn views_quantities_and_themes_are_different_pictures() {
    let path = |name: &str| output_folder().join(name);
    let draw = |name: &str, arguments: &[&str]| {
        let path = path(name);
        let output = render(&path, arguments);
        assert!(output.status.success(), "{name}: {}", said(&output));
        Picture::read(&path)
    };
    let source = draw("render-source.png", &["--view", "source"]);
    let top = draw("render-top-dark.png", &["--view", "top", "--dark", "--colour-by", "velocity"]);
    assert!(source.differing(&top, source.whole(), 10) > 100_000);
}

#[test]
fn an_unknown_view_names_the_known_ones() {
    let output = render(&output_folder().join("never.png"), &["--view", "no-such-place"]);
    assert_eq!(output.status.code(), Some(1));
    let said = said(&output);
    assert!(said.contains("no-such-place") && said.contains("overview"), "{said}");
}

#[test]
fn without_display_the_program_says_so_and_names_render() {
    let output = blind().output().expect("the program starts");
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let said = said(&output);
    assert!(said.contains("hypocaust render") && !said.contains("panicked"), "{said}");
}

#[test]
fn a_display_that_does_not_answer_is_named() {
    let output = blind().env("DISPLAY", ":49151").output().expect("the program starts");
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains(":49151") && !said(&output).contains("panicked"), "{}", said(&output));
}

#[test]
fn without_graphics_adapter_the_package_of_a_software_one_is_named() {
    let path = output_folder().join("never.png");
    let nowhere = output_folder().join("no-driver.json");
    let output = blind()
        .args(["render", "--output", path.to_str().expect("a plain path")])
        .env("VK_DRIVER_FILES", &nowhere)
        .env("VK_ICD_FILENAMES", &nowhere)
        .output()
        .expect("the program starts");
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let said = said(&output);
    assert!(said.contains("mesa-vulkan-drivers") && !said.contains("panicked"), "{said}");
}

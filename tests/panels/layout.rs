//! Nothing is cut and nothing runs over anything else, at the sizes people have.

use hypocaust::network::ElementKind;
use hypocaust::session::{Command, Panel};
use hypocaust::text::Language;

use crate::desk::{Desk, element, texts};

#[test]
fn the_picture_keeps_most_of_the_window() {
    for (width, height) in [(1280.0, 720.0), (1920.0, 1080.0)] {
        for language in Language::ALL {
            let mut harness = Desk::new(language).open(width, height);
            harness.run_ok();
            let central = harness.state().layout.unwrap().central;
            assert!(central.width() >= 0.45 * width && central.height() >= 0.4 * height, "{width}×{height}: {central}");
        }
    }
}

#[test]
fn no_text_leaves_the_window_or_its_panel() {
    for (width, height) in [(1280.0, 720.0), (1920.0, 1080.0)] {
        for language in Language::ALL {
            for (kind, id) in [(ElementKind::Valve, "V1"), (ElementKind::Source, "H1"), (ElementKind::Consumer, "C1")] {
                let mut desk = Desk::new(language);
                desk.ask(Command::Select(element(kind, id)));
                let mut harness = desk.open(width, height);
                harness.run_ok();
                for (text, rect, clip) in texts(&harness) {
                    // Lists are cut at their lower edge and scroll; a text cut on its side could never be read.
                    assert!(
                        rect.left() >= clip.left() - 1.5 && rect.right() <= clip.right() + 1.5,
                        "{width}×{height} {language:?} {id}: '{text}' at {rect} is cut by {clip}"
                    );
                }
            }
        }
    }
}

#[test]
fn texts_of_bars_do_not_overlap() {
    for language in Language::ALL {
        let mut harness = Desk::new(language).open(1280.0, 720.0);
        harness.run_ok();
        let all = texts(&harness);
        for (i, (a, first, _)) in all.iter().enumerate() {
            for (b, second, _) in &all[i + 1..] {
                let both = first.shrink(1.0).intersect(second.shrink(1.0));
                assert!(!both.is_positive(), "{language:?}: '{a}' and '{b}' overlap at {both}");
            }
        }
    }
}

#[test]
fn every_panel_opens_in_both_languages_and_sizes() {
    for (width, height) in [(1280.0, 720.0), (1920.0, 1080.0)] {
        for language in Language::ALL {
            for panel in Panel::ALL {
                let mut desk = Desk::new(language);
                desk.ask(Command::ShowPanel(panel));
                let mut harness = desk.open(width, height);
                harness.run_ok();
                let screen = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(width, height));
                for (text, rect, _) in texts(&harness) {
                    let sideways = rect.left() >= -1.0 && rect.right() <= screen.right() + 1.0;
                    assert!(sideways, "{panel:?} {language:?}: '{text}' at {rect} leaves the window");
                }
            }
        }
    }
}

//! Random clicks, drags and keys: nothing panics, nothing is lost, and undo leads back to the start.

use egui::{Event, Key, Modifiers, PointerButton, pos2};
use hypocaust::network::ElementKind;
use hypocaust::session::{Command, apply};
use hypocaust::text::Language;

use crate::desk::{Desk, element, network};

/// Numbers that are the same on every machine (Knuth's MMIX generator).
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % count
    }
}

const KEYS: [Key; 16] = [
    Key::Escape,
    Key::Enter,
    Key::Tab,
    Key::ArrowDown,
    Key::ArrowUp,
    Key::Backspace,
    Key::Num1,
    Key::Num5,
    Key::F2,
    Key::F3,
    Key::F4,
    Key::F6,
    Key::W,
    Key::Z,
    Key::P,
    Key::O,
];

#[test]
fn random_events_break_nothing_and_undo_leads_back() {
    for seed in 1..=3 {
        let mut dice = Dice(seed);
        let mut desk = Desk::new(if seed % 2 == 0 { Language::Chinese } else { Language::English });
        let kinds = [(ElementKind::Valve, "V1"), (ElementKind::Pump, "U1"), (ElementKind::Source, "H1")];
        let (kind, id) = kinds[dice.below(3) as usize];
        desk.ask(Command::Select(element(kind, id)));
        let mut harness = desk.open(1280.0, 720.0);
        for _ in 0..300 {
            let at = pos2(dice.below(1280) as f32, dice.below(720) as f32);
            let button = |pressed| Event::PointerButton {
                pos: at,
                button: PointerButton::Primary,
                pressed,
                modifiers: Modifiers::NONE,
            };
            match dice.below(10) {
                0..=4 => {
                    harness.event(Event::PointerMoved(at));
                    harness.event(button(true));
                    if dice.below(2) == 0 {
                        harness.event(Event::PointerMoved(pos2(at.x + dice.below(200) as f32 - 100.0, at.y)));
                    }
                    harness.event(button(false));
                }
                5 | 6 => {
                    let modifiers = if dice.below(3) == 0 { Modifiers::COMMAND } else { Modifiers::NONE };
                    harness.key_press_modifiers(modifiers, KEYS[dice.below(16) as usize]);
                }
                7 => harness.event(Event::Text(["7", "阀", "s0", "-1e9", "."][dice.below(5) as usize].to_owned())),
                _ => harness.event(Event::PointerMoved(at)),
            }
            harness.step();
            let layout = harness.state().layout.unwrap();
            assert!(layout.central.is_positive(), "seed {seed}: no room is left for the picture: {}", layout.central);
        }
        let asked = harness.state().log.len();
        assert!(asked > 20, "seed {seed}: the events asked for {asked} things only");
        let session = &mut harness.state_mut().session;
        apply(session, Command::CommitDrag);
        while session.document().history().can_undo() {
            apply(session, Command::Undo);
        }
        assert!(session.network().same_as(&network()), "seed {seed}: undo of everything is not the start");
    }
}

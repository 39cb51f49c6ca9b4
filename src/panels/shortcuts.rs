//! Keys to commands.

use egui::{Context, Event, Key};

use crate::session::{Command, Panel, Session, Shortcut};

/// Pushes the commands whose keys were pressed. While a text is being typed only keys with Ctrl and function keys count,
/// and those that edit text stay with the text.
pub fn read(ctx: &Context, session: &Session, commands: &mut Vec<Command>) {
    let typing = ctx.text_edit_focused();
    let dialog = Panel::ALL.iter().any(|panel| panel.is_dialog() && session.shows(*panel));
    let mut palette = Command::palette();
    // Keys with Shift first: Ctrl+Z also matches while Shift is held.
    palette.sort_by_key(|command| command.shortcut().is_none_or(|shortcut| !shortcut.shift));
    for command in palette {
        let Some(shortcut) = command.shortcut() else { continue };
        let closes = dialog && command == Command::ClearSelection;
        let function = shortcut.key.len() > 1 && shortcut.key.starts_with('F');
        if typing && !closes && (!(shortcut.ctrl || function) || matches!(command, Command::Undo | Command::Redo)) {
            continue;
        }
        if dialog && !closes && !shortcut.ctrl && !function {
            continue;
        }
        // Space and arrows belong to whatever has the focus.
        let of_widgets = matches!(shortcut.key, "Space" | "Left" | "Right" | "Home" | "End") && !shortcut.ctrl;
        if of_widgets && matches!(command, Command::Time(_)) && ctx.memory(|memory| memory.focused().is_some()) {
            continue;
        }
        if pressed(ctx, shortcut) {
            commands.push(command);
        }
    }
    // The other customary keys for two of them.
    for (ctrl, shift, key, command) in [
        (true, true, "P", Command::ShowPanel(Panel::Palette)),
        (true, false, "K", Command::ShowPanel(Panel::Palette)),
        (true, false, "Y", Command::Redo),
    ] {
        if !(typing && command == Command::Redo) && pressed(ctx, Shortcut { ctrl, shift, key }) {
            commands.push(command);
        }
    }
}

/// Whether the key went down with exactly these modifiers; takes the event, so that no widget acts on it as well.
fn pressed(ctx: &Context, shortcut: Shortcut) -> bool {
    let Some(wanted) = Key::from_name(shortcut.key) else { return false };
    ctx.input_mut(|input| {
        let before = input.events.len();
        input.events.retain(|event| {
            !matches!(event, Event::Key { key, pressed: true, modifiers, .. }
                if *key == wanted
                    && modifiers.command == shortcut.ctrl
                    && modifiers.shift == shortcut.shift
                    && !modifiers.alt)
        });
        input.events.len() != before
    })
}

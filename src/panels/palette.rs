//! The command palette: type a few letters, press Enter. Finds commands and elements.

use egui::{Id, Key, ScrollArea, TextEdit, Ui};

use super::look::Look;
use super::widgets::list_row;
use crate::session::{Command, Panel, search};

/// Elements offered besides the commands.
const ELEMENTS: usize = 12;

struct Entry {
    text: String,
    side: String,
    run: Vec<Command>,
}

pub fn draw(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    ui.set_width(520.0);
    let id = Id::new("palette");
    let (mut words, mut at) = ui.data(|data| data.get_temp::<(String, usize)>(id)).unwrap_or_default();
    let field = TextEdit::singleline(&mut words).hint_text(look.t("palette-hint")).desired_width(f32::INFINITY);
    let response = ui.add(field);
    response.request_focus();
    if response.changed() {
        at = 0;
    }
    let entries = entries(look, &words);
    let (down, up, enter) = ui.input(|input| {
        (input.key_pressed(Key::ArrowDown), input.key_pressed(Key::ArrowUp), input.key_pressed(Key::Enter))
    });
    let last = entries.len().saturating_sub(1);
    at = if down {
        at + 1
    } else if up {
        at.saturating_sub(1)
    } else {
        at
    }
    .min(last);
    let mut chosen = enter.then_some(at);
    ui.add_space(4.0);
    if entries.is_empty() {
        ui.label(look.t("search-nothing"));
    }
    ScrollArea::vertical().max_height(360.0).auto_shrink([false, true]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        for (i, entry) in entries.iter().enumerate() {
            let row = list_row(ui, &entry.text, &entry.side, i == at);
            if i == at && (down || up) {
                row.scroll_to_me(None);
            }
            if row.clicked() {
                chosen = Some(i);
            }
        }
    });
    if let Some(entry) = chosen.and_then(|i| entries.into_iter().nth(i)) {
        commands.push(Command::ClosePanel(Panel::Palette));
        commands.extend(entry.run);
        ui.data_mut(|data| data.remove::<(String, usize)>(id));
        return;
    }
    ui.data_mut(|data| data.insert_temp(id, (words, at)));
}

fn entries(look: &Look, words: &str) -> Vec<Entry> {
    let wanted: Vec<String> = words.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let mut entries: Vec<Entry> = Command::palette()
        .into_iter()
        .filter(|command| *command != Command::ShowPanel(Panel::Palette))
        .map(|command| Entry {
            text: command.text(look.language),
            side: command.shortcut().map_or_else(String::new, |shortcut| shortcut.text()),
            run: vec![command],
        })
        .filter(|entry| {
            // Every word somewhere in the text, the explanation or the stable id, so that both languages find it.
            let text = entry.run.first().map_or_else(String::new, |command| {
                format!("{} {} {}", entry.text, command.tip(look.language), command.id()).to_lowercase()
            });
            wanted.iter().all(|word| text.contains(word.as_str()))
        })
        .collect();
    for hit in search(look.session.network(), words, ELEMENTS) {
        entries.push(Entry {
            text: look.element(&hit.element),
            side: hit.name,
            run: vec![Command::Select(hit.element.clone()), Command::FlyTo(hit.element)],
        });
    }
    entries
}
